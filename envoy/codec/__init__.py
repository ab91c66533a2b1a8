"""Octets to objects and back."""
