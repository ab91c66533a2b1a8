"""The console of a server in a process of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from envoy.testing import UtilityServer
from tests.support.fleets import until


@dataclass(frozen=True)
class ConsoleUrl:
    """Where a console is.

    Attributes:
        page: URL of its page, with the token.
        origin: The same without path and token.
        token: The token.
    """

    page: str
    origin: str
    token: str


def console_of(server: UtilityServer) -> ConsoleUrl:
    """Return what a server that was started with ``--console`` has printed."""
    pattern = re.compile(r"^Console at ((http://127\.0\.0\.1:\d+)/#(\S+))\n", re.MULTILINE)
    # The thread that reads what the server prints may be behind.
    until(lambda: pattern.search(server.log) is not None)
    found = pattern.search(server.log)
    assert found is not None
    return ConsoleUrl(*found.groups())


def console_client(console: ConsoleUrl) -> httpx.Client:
    headers = {"authorization": f"Bearer {console.token}"}
    return httpx.Client(base_url=console.origin, headers=headers, timeout=60, trust_env=False)
