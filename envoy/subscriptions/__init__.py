"""Subscriptions of a client, and the notifications that it gets, without input or output (IEEE 2030.5-2018, 8.6)."""
