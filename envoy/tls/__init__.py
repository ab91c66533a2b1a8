"""Mutual TLS, certificates and keys."""
