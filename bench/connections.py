"""Memory of idle TLS connections: what clients that say nothing cost ``envoy serve``."""

from __future__ import annotations

import re
import resource
import ssl
from contextlib import ExitStack
from pathlib import Path
from socket import create_connection
from urllib.parse import urlsplit

from envoy.testing import UtilityServer
from envoy.tls.context import client_context

COUNT = 1_000
"""Connections that are open at a time."""

_FIRST = 20
"""Connections that are opened before, and pay for what all share."""

_TIME = b"GET /tm HTTP/1.1\r\nHost: localhost\r\n\r\n"


def octets_per_connection(count: int = COUNT) -> dict[str, float]:
    """Return the octets that the server takes for each idle connection, by what its client has done before.

    Only Linux says how much memory another process has.
    """
    # The server inherits it.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return {"a handshake": _measure(count, ask=False), "a handshake and a GET": _measure(count, ask=True)}


def _measure(count: int, *, ask: bool) -> float:
    with UtilityServer(options=["--max-connections", str(count + _FIRST)]) as server, ExitStack() as stack:
        files = server.client_files()
        context = client_context(cert=files.cert, key=files.key, ca=files.ca)
        for _ in range(_FIRST):
            _open(server.url, context, stack, ask=True)
        before = memory_of(server.pid)
        for _ in range(count):
            _open(server.url, context, stack, ask=ask)
        return (memory_of(server.pid) - before) / count


def _open(url: str, context: ssl.SSLContext, stack: ExitStack, *, ask: bool) -> None:
    address = urlsplit(url)
    plain = create_connection((address.hostname, address.port))
    connection = stack.enter_context(context.wrap_socket(plain, server_hostname=address.hostname))
    if ask:
        connection.sendall(_TIME)
        received = b""
        while b"</Time>" not in received:
            received += connection.recv(1 << 16)


def memory_of(pid: int) -> int:
    """Return the octets of memory that belong to a process alone."""
    report = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(int(number) for number in re.findall(r"^Private_\w+: +(\d+) kB", report, re.MULTILINE))
