"""Commands about certificates: the identities in them, test certificates, and the TLS of a server."""
