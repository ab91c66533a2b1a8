"""Ports on which something is to listen later, or again, or never."""

from __future__ import annotations

import contextlib
import random
import socket
import time

# Systems give ports above these to whoever wants any, which may be before the one that this is for comes to it.
_PORTS = range(20_000, 32_000)


def find_port() -> int:
    """Return a port of loopback that is free, and that no system gives away by itself."""
    while True:
        port = random.choice(_PORTS)  # noqa: S311 - nothing secret
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def wait_for_port(port: int) -> None:
    """Wait until something listens."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on {port}")
