"""One request and its response, free of any transport, and what may go wrong between them.

A protocol run is a generator that yields a ``Request`` and is sent the ``Response``, as in httpx's ``Auth.auth_flow``.
Whoever drives it (a client, the dry run, a test) does the input and output.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from envoy import xml
from envoy.answers import error_of as error_of
from envoy.answers import excerpt, is_html
from envoy.errors import DecodeError, DocumentError, ResponseError, TransportError
from envoy.paging import PAGE_SIZE as PAGE_SIZE
from envoy.paging import Pages
from envoy.printable import printable
from envoy.profiles import Profile
from sep2 import Link, Resource

T = TypeVar("T")
Question = TypeVar("Question")
Reply = TypeVar("Reply")

_STRICT = "Report it to the utility. With on_fault= the client goes on, and tells of what does not fit."

_NO_DOCUMENT = "Check the URL: what answers there may not be a utility server, or speaks another --profile."


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


def headers_of(request: Request, profile: Profile) -> dict[str, str]:
    """Return the headers that a request has for its profile's sake (IEEE 2030.5-2018, 5.6)."""
    headers = {"Accept": profile.content_type}
    if request.content is not None:
        headers["Content-Type"] = profile.content_type
    return headers


def target(link: Link | Resource | None) -> str:
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


class Conversation:
    """Typed exchanges in one profile, and the faults noticed in what was received.

    Args:
        profile: How messages look on the wire.
        strict: Raise where something does not fit, rather than leave it out and note it.

    Attributes:
        profile: How messages look on the wire.
        faults: What the server sent that does not fit, in the order it came.
    """

    def __init__(self, profile: Profile, *, strict: bool = False) -> None:
        self.profile = profile
        self._strict = strict
        self.faults: list[str] = []

    def get(self, step: str, href: str, cls: type[T]) -> Flow[T]:
        """GET a resource.

        Raises:
            ResponseError: The status is not 2xx, or the body is not such a resource.
        """
        request = Request(step, "GET", href)
        response = yield request
        if not response.ok:
            raise error_of(request, response)
        return self.read(request, response, cls)

    def find(self, step: str, href: str, cls: type[T]) -> Flow[T | None]:
        """GET a resource that may not be there (404 or an empty 2xx) or not be readable (405): None then."""
        request = Request(step, "GET", href)
        response = yield request
        if response.status in (404, 405) or (response.ok and not response.content.strip()):
            return None
        if not response.ok:
            raise error_of(request, response)
        return self.read(request, response, cls)

    def items(self, step: str, href: str, cls: type[Any], attribute: str) -> Flow[list[Any]]:
        """GET the items of a list, page by page (IEEE 2030.5-2018, 4.5 to 4.7).

        The list may change between two pages: an item that comes again is not returned again.

        Args:
            step: Name of the registration step.
            href: The list's href.
            cls: Class of the list.
            attribute: Name of the attribute that holds its items.

        Raises:
            ResponseError: A status is not 2xx, a body is not such a list, or the list does not end.
        """
        pages = Pages(self, step, href, cls, attribute)
        found: list[Any] = []
        while page := (yield from pages.next()):
            found += page
        return found

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        """Return the typed body of a response. What does not fit is left out and added to ``faults``.

        Raises:
            ResponseError: It is not a document of that class.
        """
        try:
            return xml.loads(
                response.content,
                cls,
                profile=self.profile,
                on_fault=None if self._strict else lambda error: self.fault(f"{request}: {error.where}: {error.what}"),
            )
        except DecodeError as error:
            raise ResponseError(
                f"{error.where}: {error.what}", status=response.status, where=str(request), remedy=_STRICT
            ) from error
        except DocumentError as error:
            body = response.content.strip()
            # XML with another root element is told by its name; of anything else, see what it is.
            said = f" ({excerpt(body)})" if body and (is_html(body) or not body.startswith(b"<")) else ""
            raise ResponseError(
                f"the body of the {response.status} is no {cls.__name__}: {error.what}{said}",
                status=response.status,
                where=str(request),
                remedy=" ".join(filter(None, (error.remedy, _NO_DOCUMENT))),
            ) from error

    def fault(self, text: str, *, incomplete: bool = False) -> None:
        """Note a fault, as text that is safe to print; what is read twice is noted once.

        Raises:
            ResponseError: What was read is incomplete, and this conversation is strict.
        """
        text = printable(text)
        if incomplete and self._strict:
            raise ResponseError(text, status=200, remedy=_STRICT)
        if text not in self.faults:
            self.faults.append(text)
