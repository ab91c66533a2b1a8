"""One request on its way to one URL: what the synchronous and the asynchronous client do alike around their I/O."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from envoy.client.retries import Retries, TryAgain
from envoy.client.transport_errors import transport_error
from envoy.codec.parser import MAX_SIZE
from envoy.errors import TransportError
from envoy.protocol.flow import Request, Response

FAILURES = (httpx.HTTPError, TimeoutError, TransportError, UnicodeError)
"""What sending may raise."""


class Answer(Protocol):
    """What is used of an ``httpx.Response``."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def extensions(self) -> Mapping[str, Any]: ...


ENCODINGS = ("gzip", "deflate")
"""Content encodings that are offered in ``Accept-Encoding``; neither makes much more than a thousand octets of one."""

NO_RESPONSE = Response(0)
"""Stands for the answer that did not come."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request that was sent, and what came of it. A request that is repeated makes one exchange each time.

    Attributes:
        request: What was sent.
        response: What came back; its status is 0 if nothing did.
        url: Where it was sent.
        seconds: How long it took.
        tls: Protocol and cipher suite of the connection, empty if it has no TLS or there was none.
        attempt: How often this request has been sent to this URL, from 1.
        error: Why there is no answer; None if there is one.
        again: Whether the request is going to be repeated.
    """

    request: Request
    response: Response
    url: str
    seconds: float
    tls: str
    attempt: int = 1
    error: TransportError | None = None
    again: bool = False


class Sending:
    """The attempts to send one request to one URL.

    A client calls ``begin``, ``receive`` for what comes, and ``answered``; or ``failed`` in place of what is left.

    Args:
        request: The request.
        url: Where to.
        retries: Which attempts are repeated.
        time_limit: Seconds that one attempt may take in all.
        tell: Told of each attempt.
        local: Makes a Location on the server a path.
    """

    def __init__(
        self,
        request: Request,
        url: httpx.URL,
        *,
        retries: Retries,
        time_limit: float,
        tell: Callable[[Exchange], None] | None,
        local: Callable[[str], str],
    ) -> None:
        self.request = request
        self.url = url
        self._retries = retries
        self._time_limit = time_limit
        self._tell = tell
        self._local = local
        self._attempt = 0
        self._started = 0.0
        self._tls = ""
        self._content = bytearray()

    def begin(self) -> None:
        """Start an attempt."""
        self._attempt += 1
        self._started = time.perf_counter()
        self._tls = ""
        self._content = bytearray()

    def connected(self, answer: Answer) -> None:
        """Note the TLS of the connection, which is gone once the server has closed it after the body.

        Raises:
            TransportError: The body is packed in another way than those that were offered, or more than once: unpacking
                a few octets of that could take all memory.
        """
        stream = answer.extensions.get("network_stream")
        tls = stream.get_extra_info("ssl_object") if stream is not None else None
        cipher = tls.cipher() if tls is not None else None
        self._tls = f"{tls.version()} {cipher[0]}" if tls is not None and cipher else ""
        encoding = answer.headers.get("content-encoding", "").strip().lower()
        packed = [each for part in encoding.split(",") if (each := part.strip()) not in ("", "identity")]
        if len(packed) > 1 or not set(packed) <= {*ENCODINGS}:
            raise TransportError(
                f"the answer has the Content-Encoding {encoding[:100]!r}, which was not asked for",
                where=str(self.request),
                remedy="This is a fault of the server, or of a proxy between: report it to the utility.",
                maybe_received=True,
            )

    def receive(self, chunk: bytes) -> None:
        """Take a part of the body.

        Raises:
            TransportError: The answer is too large.
            TimeoutError: The attempt takes too long.
        """
        self._content += chunk
        if len(self._content) > MAX_SIZE:
            raise TransportError(
                f"the answer is larger than {MAX_SIZE} octets, the rest was not read",
                where=str(self.request),
                remedy="This is no message of the protocol: check the URL.",
                maybe_received=True,
            )
        if time.perf_counter() - self._started > self._time_limit:
            raise TimeoutError

    def answered(self, answer: Answer) -> Response:
        """Return the response.

        Raises:
            TryAgain: It says that the server is busy, and the request is to be repeated.
        """
        headers = dict(answer.headers)
        if "location" in headers:
            headers["location"] = self._local(headers["location"])
        response = Response(answer.status_code, headers, bytes(self._content))
        again = self._again(response)
        self._told(response, None, again)
        if again is not None:
            raise again
        return response

    def failed(self, error: Exception) -> Exception:
        """Return what to raise in place of an error: a TransportError, or TryAgain if the request is to be repeated."""
        failure = error if isinstance(error, TransportError) else transport_error(self.request, self.url, error)
        again = self._again(failure)
        self._told(NO_RESPONSE, failure, again)
        return again or failure

    def _again(self, outcome: Response | TransportError) -> TryAgain | None:
        return self._retries.judge(self.request, outcome) if self._attempt <= self._retries.count else None

    def _told(self, response: Response, error: TransportError | None, again: TryAgain | None) -> None:
        if self._tell is not None:
            seconds = time.perf_counter() - self._started
            url, attempt = str(self.url), self._attempt
            self._tell(Exchange(self.request, response, url, seconds, self._tls, attempt, error, again is not None))
