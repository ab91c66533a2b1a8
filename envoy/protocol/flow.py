"""One request and its response, free of any transport, and what may go wrong between them.

A protocol run is a generator that yields a ``Request`` and is sent the ``Response``, as in httpx's ``Auth.auth_flow``.
Whoever drives it (a client, the dry run, a test) does the input and output.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from envoy.errors import TransportError
from envoy.profiles import Profile
from sep2 import Link, Resource

T = TypeVar("T")
Question = TypeVar("Question")
Reply = TypeVar("Reply")


@dataclass(frozen=True, slots=True)
class Request:
    """A request to be sent.

    Attributes:
        step: Name of the registration step that it belongs to.
        method: GET, PUT, POST or DELETE.
        href: Where to, relative to the server's root or absolute.
        content: The body, None for a request without one.
    """

    step: str
    method: str
    href: str
    content: bytes | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.href}"


@dataclass(frozen=True, slots=True)
class Response:
    """A response that came back.

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


def get_headers(request: Request, profile: Profile) -> dict[str, str]:
    """Return the headers that a request has for its profile's sake (IEEE 2030.5-2018, 5.6)."""
    headers = {"Accept": profile.content_type}
    if request.content is not None:
        headers["Content-Type"] = profile.content_type
    return headers


def get_href(link: Link | Resource | None) -> str:
    """Return where a link leads or a resource is; empty if there is none, or a faulty server left its href out."""
    return (link.href or "") if link is not None else ""


Flow = Generator[Request, Response, T]
"""A protocol run: it yields requests, is sent their responses, and returns a result."""


def drive(flow: Generator[Question, Reply, T], answer: Callable[[Question], Reply]) -> T:
    """Answer what a run asks for until it returns. A TransportError in place of an answer is thrown into it."""
    try:
        question = next(flow)
        while True:
            try:
                reply = answer(question)
            except TransportError as error:
                question = flow.throw(error)
            else:
                question = flow.send(reply)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        # Whoever is interrupted while answering ends the run as well, with what it holds.
        flow.close()


async def drive_async(flow: Generator[Question, Reply, T], answer: Callable[[Question], Awaitable[Reply]]) -> T:
    """Do as ``drive`` does, with answers that have to be awaited."""
    try:
        question = next(flow)
        while True:
            try:
                reply = await answer(question)
            except TransportError as error:
                question = flow.throw(error)
            else:
                question = flow.send(reply)
    except StopIteration as stop:
        result: T = stop.value
        return result
    finally:
        # Whoever is interrupted while answering ends the run as well, with what it holds.
        flow.close()
