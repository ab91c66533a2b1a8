"""Clients of one utility server, on httpx."""
