"""The sockets that servers listen on."""

from __future__ import annotations

import socket

from envoy.errors import OperationError


def listen_at(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: Name or address of this machine; empty for all of them.
        port: TCP port; 0 for any that is free.

    Raises:
        OperationError: The port cannot be had.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family)
    except (OSError, OverflowError) as error:
        raise OperationError(
            f"cannot listen: {error}",
            where=f"{host}:{port}",
            remedy="Choose another port, or 0 for any that is free, and an address of this machine.",
        ) from None
