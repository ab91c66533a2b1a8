"""The registration of one site."""
