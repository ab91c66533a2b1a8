"""Sessions: typed requests of a flow in one profile, with the findings in their responses."""

from __future__ import annotations

from typing import TypeVar

from envoy import documents
from envoy._text import printable, shorten
from envoy.errors import LONGEST_LINE, DecodeError, DocumentError, ResponseError
from envoy.profiles import Profile
from envoy.protocol import quirks
from envoy.protocol.error_response import describe_body, read_error
from envoy.protocol.flow import Flow, Request, Response

T = TypeVar("T")

_STRICT = "Report it to the utility. With on_error= the client reports what does not fit and continues."

_NO_DOCUMENT = "Check the URL: this may not be a utility server, or it may speak another profile."


class Session:
    """Typed requests in one profile, with the findings in their responses.

    Args:
        profile: How messages look on the wire.
        strict: Raise a ResponseError if something does not fit, instead of leaving it out and noting it.

    Attributes:
        profile: How messages look on the wire.
        findings: Descriptions of what the server sent that does not fit, in order.
    """

    def __init__(self, profile: Profile, *, strict: bool = False) -> None:
        self.profile = profile
        self._strict = strict
        self.findings: list[str] = []
        self._noted: set[str] = set()

    def get(self, step: str, href: str, cls: type[T]) -> Flow[T]:
        """GET a resource.

        Raises:
            ResponseError: The status is not 2xx, or the body is not such a resource.
        """
        request = Request(step, "GET", href)
        return self.read(request, (yield request), cls)

    def find(self, step: str, href: str, cls: type[T]) -> Flow[T | None]:
        """GET a resource that may not be there, or not be readable: None then (quirk ``absent-resource``)."""
        request = Request(step, "GET", href)
        response = yield request
        if response.status in quirks.ABSENT_RESOURCE or (response.ok and not response.content.strip()):
            return None
        return self.read(request, response, cls)

    def send(self, request: Request) -> Flow[Response]:
        """Send a request, and return a response whose status is 2xx.

        Raises:
            ResponseError: The status is not 2xx.
        """
        response = yield request
        if not response.ok:
            raise read_error(request, response)
        return response

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        """Return the typed body of a response. Values that do not fit are left out and noted.

        Raises:
            ResponseError: The status is not 2xx, or it is not a document of that class.
        """
        if not response.ok:
            raise read_error(request, response)
        try:
            return documents.loads(
                response.content,
                cls,
                media_type=response.headers.get("content-type"),
                profile=self.profile,
                on_error=None if self._strict else lambda error: self.note(f"{request}: {error.where}: {error.what}"),
            )
        except DecodeError as error:
            raise ResponseError(
                f"{error.where}: {error.what}", status=response.status, where=str(request), remedy=_STRICT
            ) from error
        except DocumentError as error:
            said = f" ({body})" if (body := describe_body(response.content)) else ""
            raise ResponseError(
                f"the body of the {response.status} is not a {cls.__name__}: {error.what}{said}",
                status=response.status,
                where=str(request),
                remedy=error.remedy or _NO_DOCUMENT,
            ) from error

    def note(self, text: str) -> None:
        """Note a finding, as text that is short and safe to print; one that comes twice is noted once."""
        text = shorten(printable(text), LONGEST_LINE)
        # A set, since a hostile document has thousands.
        if text not in self._noted:
            self._noted.add(text)
            self.findings.append(text)

    def report_incomplete(self, error: ResponseError) -> None:
        """Report that a list is not whole, so that nobody creates again what it does not show.

        Raises:
            ResponseError: The error, unless it is reported in another way.
        """
        raise error
