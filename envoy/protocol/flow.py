"""Flows: protocol runs as generators of requests and waits, free of any transport and clock.

A flow yields a ``Request`` and is sent the ``Response``, as in httpx's ``Auth.auth_flow``; or it yields a ``Wait``, and
what it is sent then means nothing. Whoever drives it (a client, a dry run, a test with a virtual clock) does the input
and output and the waiting. If a request has no response, the driver throws a TransportError into the flow.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sep2
from envoy._text import shorten
from envoy.errors import TransportError
from envoy.profiles import Profile

T = TypeVar("T")
Sendable = TypeVar("Sendable")
Reply = TypeVar("Reply")


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send.

    Attributes:
        step: Name of the registration step that sends it.
        method: GET, PUT, POST or DELETE.
        href: Its target, relative to the server's root or absolute.
        content: The body, None for a request without one.
    """

    step: str
    method: str
    href: str
    content: bytes | None = None

    def __str__(self) -> str:
        # A server chooses the href, and may choose a very long one.
        return f"{self.method} {shorten(self.href, 300)}"


@dataclass(frozen=True, slots=True)
class Response:
    """The response to a request.

    Attributes:
        status: HTTP status code.
        headers: Headers by lower-case name.
        content: The body.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether the status is of the 2xx class."""
        return 200 <= self.status < 300

    @property
    def location(self) -> str:
        """The Location header, empty if there is none."""
        return self.headers.get("location", "")


@dataclass(frozen=True, slots=True)
class Wait:
    """A pause before the flow goes on. Whoever drives the flow may cut it short.

    Attributes:
        seconds: The longest pause.
    """

    seconds: float


def get_headers(request: Request, profile: Profile) -> dict[str, str]:
    """Return the headers of a request in a profile (IEEE 2030.5-2018, 5.6)."""
    headers = {"Accept": profile.content_type}
    if request.content is not None:
        headers["Content-Type"] = profile.content_type
    return headers


def get_href(link: sep2.Link | sep2.Resource | None) -> str:
    """Return the href of a link or resource; empty if there is none, or if a server omitted it."""
    return (link.href or "") if link is not None else ""


Flow = Generator[Request | Wait, Response, T]
"""A protocol run that returns a result."""


def drive(
    flow: Generator[Sendable | Wait, Reply, T],
    send: Callable[[Sendable], Reply],
    wait: Callable[[float], object] = lambda _: None,
) -> T:
    """Run a flow until it returns, and return its result.

    Args:
        flow: The flow.
        send: Sends a request and returns its response. A TransportError that it raises is thrown into the flow.
        wait: Waits some seconds, or less. Without it, the flow does not wait.
    """
    try:
        wanted = next(flow)
        while True:
            try:
                reply: Any = wait(wanted.seconds) if isinstance(wanted, Wait) else send(wanted)
            except TransportError as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(reply)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        # An interrupt while sending ends the flow as well, which releases what it holds.
        flow.close()


async def drive_async(
    flow: Generator[Sendable | Wait, Reply, T],
    send: Callable[[Sendable], Awaitable[Reply]],
    wait: Callable[[float], Awaitable[object]],
) -> T:
    """Do as ``drive`` does, with functions that are awaited."""
    try:
        wanted = next(flow)
        while True:
            try:
                reply: Any = await (wait(wanted.seconds) if isinstance(wanted, Wait) else send(wanted))
            except TransportError as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(reply)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        # An interrupt while sending ends the flow as well, which releases what it holds.
        flow.close()
