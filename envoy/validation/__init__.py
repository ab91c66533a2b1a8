"""Validation of one document: findings, each with a code, a place and a remedy."""
