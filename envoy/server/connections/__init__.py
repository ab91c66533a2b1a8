"""Connections of clients to our servers: TLS, room for a further one, and what is taken for a request."""
