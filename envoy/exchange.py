"""One request and its response, free of any transport, and what may go wrong between them.

A protocol run is a generator that yields a ``Request`` and is sent the ``Response``, as in httpx's ``Auth.auth_flow``.
Whoever drives it (a client, the dry run, a test) does the input and output.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from envoy import xml
from envoy.errors import DecodeError, DocumentError, ResponseError
from envoy.profiles import Profile
from sep2 import Error

T = TypeVar("T")

PAGE_SIZE = 50
"""Items asked for at a time. A server may give fewer (IEEE 2030.5-2018, 4.7)."""

_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)

_REASONS = {
    0: "invalid request format",
    1: "invalid request values",
    2: "resource limit reached",
    3: "conditional subscription not supported",
    4: "too many requests",
}

_REMEDIES = {
    400: "The server could not accept the message: compare it with what the server documents (envoy examples).",
    401: "The server does not know this certificate or token: ask the utility whether it is enrolled.",
    403: "The server knows you and refuses this: ask the utility whether devices are registered out of band.",
    404: "The server has nothing there: the link may be stale, or the device belongs to another certificate.",
    405: "The server does not take this method there.",
    406: "The server cannot answer in this media type: try another --profile.",
    409: "The server holds a conflicting resource.",
    413: "The server finds the message too large: send less at a time.",
    415: "The server does not take this media type: try another --profile.",
    429: "The server asks to slow down: try again later.",
    500: "The server failed: try again later; what was done so far will be found and not repeated.",
    503: "The server is not available: try again later; what was done so far will be found and not repeated.",
}


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


Flow = Generator[Request, Response, T]


class Conversation:
    """Typed exchanges in one profile, and the faults noticed in what was received.

    Attributes:
        profile: How messages look on the wire.
        faults: What the server sent that does not fit, in the order it came.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
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

    def items(
        self, step: str, href: str, cls: type[Any], attribute: str, until: Callable[[Any], bool] = lambda item: False
    ) -> Flow[list[Any]]:
        """GET the items of a list, page by page (IEEE 2030.5-2018, 4.5 to 4.7).

        Args:
            step: Name of the registration step.
            href: The list's href.
            cls: Class of the list.
            attribute: Name of the attribute that holds its items.
            until: Stop at the first item for which this is true; that item is the last of the result.
        """
        found: list[Any] = []
        while True:
            mark = "&" if "?" in href else "?"
            page: Any = yield from self.get(step, f"{href}{mark}s={len(found)}&l={PAGE_SIZE}", cls)
            received = getattr(page, attribute)
            for item in received:
                found.append(item)
                if until(item):
                    return found
            total = getattr(page, "all", None)
            if not received or (total is not None and len(found) >= total):
                return found

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        """Return the typed body of a response, tolerantly; what does not fit is added to ``faults``.

        Raises:
            ResponseError: It is not a document of that class.
        """
        try:
            return xml.loads(response.content, cls, profile=self.profile, on_fault=lambda e: self._note(request, e))
        except DocumentError as error:
            raise ResponseError(
                f"the body of the {response.status} is no {cls.__name__}: {error.what}",
                status=response.status,
                where=str(request),
                remedy=error.remedy or _REMEDIES.get(404, ""),
            ) from error

    def _note(self, request: Request, error: DecodeError) -> None:
        self.faults.append(f"{request}: {error.where}: {error.what}")


def error_of(request: Request, response: Response) -> ResponseError:
    """Return the error that a response stands for: its status, what its body says, and what to do."""
    code, retry, said = _body_says(response)
    allowed = response.headers.get("allow")
    if response.status == 405 and allowed:
        said = f"{said}; allowed: {allowed}" if said else f"allowed: {allowed}"
    retry_after = response.headers.get("retry-after")
    if retry_after:
        said = f"{said}; retry after {retry_after}" if said else f"retry after {retry_after}"
    status = response.status
    # An unknown code means the same as the first of its class.
    remedy = _REMEDIES.get(status) or _REMEDIES.get(status // 100 * 100, "")
    return ResponseError(
        f"the server answered {status}" + (f" ({said})" if said else ""),
        status=status,
        where=str(request),
        remedy=remedy,
        reason_code=code,
        max_retry_duration=retry,
    )


def _body_says(response: Response) -> tuple[int | None, int | None, str]:
    """Return reasonCode, maxRetryDuration and a readable excerpt of an error's body, whatever format it has."""
    content = response.content.strip()
    if not content:
        return None, None, ""
    try:
        error = xml.loads(content, Error, on_fault=lambda _: None)
    except DocumentError:
        return None, None, _excerpt(content)
    code = None if error.reason_code is None else int(error.reason_code)
    said = f"Error reasonCode {code}, {_REASONS.get(code, 'reserved')}" if code is not None else "Error"
    if error.max_retry_duration is not None:
        said += f", retry within {error.max_retry_duration} s"
    return code, error.max_retry_duration, said


def _excerpt(content: bytes) -> str:
    text = content[:20_000].decode("utf-8", "replace")
    try:
        decoded = json.loads(content)
    except ValueError:
        text = _TAGS.sub(" ", text)
    else:
        text = decoded if isinstance(decoded, str) else json.dumps(decoded)
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:197]}..."
