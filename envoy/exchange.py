"""One request and its response, free of any transport, and what may go wrong between them.

A protocol run is a generator that yields a ``Request`` and is sent the ``Response``, as in httpx's ``Auth.auth_flow``.
Whoever drives it (a client, the dry run, a test) does the input and output.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from envoy import xml
from envoy.errors import DocumentError, ResponseError
from envoy.profiles import Profile
from sep2 import Error, Link, Resource

T = TypeVar("T")

PAGE_SIZE = 50
"""Items asked for at a time. A server may give fewer (IEEE 2030.5-2018, 4.7)."""

_HTML_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)

_REASONS = {
    0: "invalid request format",
    1: "invalid request values",
    2: "resource limit reached",
    3: "conditional subscription not supported",
    4: "too many requests",
}

_NO_DOCUMENT = "Check the URL: what answers there may not be a utility server, or speaks another --profile."

_REMEDIES = {
    300: "The server leads elsewhere, in a way that cannot be followed: check the URL, or report it to the utility.",
    400: "The server could not accept the message: compare it with what the server documents (envoy examples).",
    401: "The server does not know this certificate or token: ask the utility whether it is enrolled.",
    403: "The server knows you and refuses this: ask the utility whether devices are registered out of band.",
    404: "The server has nothing there: the link may be stale, or the device belongs to another certificate.",
    405: "The server offers no such thing there: report it to the utility.",
    406: "The server cannot answer in this media type: try another --profile.",
    409: "The server holds something that contradicts it: ask the utility what it has for this device.",
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


def target(link: Link | Resource | None) -> str:
    """Return where a link leads or a resource is; empty if there is none, or a faulty server left its href out."""
    return (link.href or "") if link is not None else ""


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

        The list may change between two pages: an item that comes again is not returned again.

        Args:
            step: Name of the registration step.
            href: The list's href.
            cls: Class of the list.
            attribute: Name of the attribute that holds its items.
            until: Stop at the first item for which this is true; that item is the last of the result.
        """
        found: list[Any] = []
        seen: set[str] = set()
        received = pages_without_news = 0
        mark = "&" if "?" in href else "?"
        while True:
            page: Any = yield from self.get(step, f"{href}{mark}s={received}&l={PAGE_SIZE}", cls)
            items, total = getattr(page, attribute), page.all
            if not items:
                return found
            received += len(items)
            before = len(found)
            for item in items:
                # An item without an href, which a faulty server may send, is known by what it says.
                key = item.href or repr(item)
                if key in seen:
                    continue
                seen.add(key)
                found.append(item)
                if until(item):
                    return found
            if received == total:
                return found
            if total is not None and received > total:
                self.fault(f"GET {href}: {cls.__name__} has more items than its all={total} says; it was read on")
            pages_without_news = 0 if len(found) > before else pages_without_news + 1
            if pages_without_news == 2:
                # One such page comes of an item that was added in front. A server that ignores ``s`` would never end.
                self.fault(f"GET {href}: {cls.__name__} repeats itself; only its first {len(found)} items were seen")
                return found

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        """Return the typed body of a response, tolerantly; what does not fit is added to ``faults``.

        Raises:
            ResponseError: It is not a document of that class.
        """
        try:
            return xml.loads(
                response.content,
                cls,
                profile=self.profile,
                on_fault=lambda error: self.fault(f"{request}: {error.where}: {error.what}"),
            )
        except DocumentError as error:
            body = response.content.strip()
            # XML with another root element is told by its name; of anything else, see what it is.
            said = f" ({_excerpt(body)})" if body and (_is_html(body) or not body.startswith(b"<")) else ""
            raise ResponseError(
                f"the body of the {response.status} is no {cls.__name__}: {error.what}{said}",
                status=response.status,
                where=str(request),
                remedy=" ".join(filter(None, (error.remedy, _NO_DOCUMENT))),
            ) from error

    def fault(self, text: str) -> None:
        """Note a fault; what is read twice is noted once."""
        if text not in self.faults:
            self.faults.append(text)


def error_of(request: Request, response: Response) -> ResponseError:
    """Return the error that a response stands for: its status, what its body says, and what to do."""
    status = response.status
    code, retry, body = _body_says(response.content)
    said = [body] if body else []
    if status == 405 and response.headers.get("allow"):
        said.append(f"allowed: {response.headers['allow']}")
    after = response.headers.get("retry-after", "")
    if after:
        said.append(f"retry after {after}" + (" s" if after.isdecimal() else ""))
    return ResponseError(
        f"the server answered {status}" + (f" ({'; '.join(said)})" if said else ""),
        status=status,
        where=str(request),
        # An unknown code means the same as the first of its class.
        remedy=_REMEDIES.get(status) or _REMEDIES.get(status // 100 * 100, ""),
        reason_code=code,
        max_retry_duration=retry,
    )


def _body_says(content: bytes) -> tuple[int | None, int | None, str]:
    """Return reasonCode, maxRetryDuration and a readable excerpt of an error's body, whatever format it has."""
    if not content.strip():
        return None, None, ""
    try:
        error = xml.loads(content, Error, on_fault=lambda _: None)
    except DocumentError:
        return None, None, _excerpt(content)
    code = None if error.reason_code is None else int(error.reason_code)
    said = "Error without a reasonCode"
    if code is not None:
        said = f"Error reasonCode {code}, {_REASONS.get(code, 'reserved')}"
    if error.max_retry_duration is not None:
        said += f", retry within {error.max_retry_duration} s"
    return code, error.max_retry_duration, said


def _is_html(content: bytes) -> bool:
    return re.search(rb"<(!doctype )?html", content[:1000], re.IGNORECASE) is not None


def _excerpt(content: bytes) -> str:
    """Return the beginning of a body as one line that is safe to print."""
    text = content[:20_000].decode("utf-8", "replace")
    if _is_html(content):
        text = html.unescape(_HTML_TAGS.sub(" ", text))
    else:
        with contextlib.suppress(ValueError, RecursionError):
            decoded = json.loads(content)
            text = decoded if isinstance(decoded, str) else json.dumps(decoded, ensure_ascii=False)
    # What a terminal would take as a command is not printed.
    text = " ".join("".join(x if x.isprintable() else " " for x in text).split())
    return text if len(text) <= 200 else f"{text[:197]}..."
