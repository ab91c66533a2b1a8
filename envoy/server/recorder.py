"""The records of a server: each request with what came of it, for a test to look at."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from envoy.server.scope import client_lfdi, href_of

KEPT = 10_000
"""Requests that are kept, the latest ones."""

KEPT_OCTETS = 1 << 26
"""Octets of hrefs and bodies that are kept at most; if there are more, the oldest requests go, down to half of it."""


@dataclass(slots=True)
class Seen:
    """One request.

    Attributes:
        method: HTTP method.
        href: Path, and query if there is one.
        client: LFDI of the client's certificate; empty if there was none.
        fault: What was done to it on purpose, as ``parse_action`` reads it; empty for nothing.
        status: HTTP status of what was sent back; None as long as nothing is.
        body: The body, as far as the server read it.
    """

    method: str
    href: str
    client: bytes
    fault: str = ""
    status: int | None = None
    body: bytearray = field(default_factory=bytearray)


class Recorder(deque[Seen]):
    """The requests of a server, in the order they came."""

    def __init__(self) -> None:
        super().__init__(maxlen=KEPT)
        self._octets = 0

    def begin(self, scope: Scope) -> Seen:
        """Add a request that has just come."""
        seen = Seen(scope["method"], href_of(scope), client_lfdi(scope))
        self.append(seen)
        self._count(len(seen.href))
        return seen

    def watch(self, seen: Seen, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Return the two channels of an ASGI application, with an ear on both."""

        async def receiving() -> Message:
            message = await receive()
            self._take(seen, message.get("body", b""))
            return message

        async def sending(message: Message) -> None:
            # Noted before it goes out, so that whoever has the response finds it here.
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        return receiving, sending

    def _take(self, seen: Seen, part: bytes) -> None:
        seen.body += part
        self._count(len(part))

    def _count(self, octets: int) -> None:
        self._octets += octets
        if self._octets > KEPT_OCTETS:
            # Some are gone since they were counted.
            self._octets = sum(map(_size_of, self))
            while self._octets > KEPT_OCTETS // 2:
                self._octets -= _size_of(self.popleft())


def _size_of(seen: Seen) -> int:
    return len(seen.href) + len(seen.body)
