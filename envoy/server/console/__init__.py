"""The console: a page on a port of the loopback interface, to operate the utility by hand."""

from envoy.server.console.console import Console

__all__ = ["Console"]
