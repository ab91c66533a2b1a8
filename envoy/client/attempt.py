"""Attempts to send one request to one URL: what both clients do alike around their input and output."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from envoy._text import printable
from envoy.client.content_encoding import KNOWN, Unpacking
from envoy.codec.parser import MAX_SIZE
from envoy.errors import TransportError
from envoy.protocol.flow import Request, Response

_LOG = logging.getLogger("envoy.client")

_NO_RESPONSE = Response(0)


class ResponseHead(Protocol):
    """What is used of an ``httpx.Response`` before its body."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def extensions(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt to send a request, and its response. Each retry is an exchange of its own.

    Attributes:
        request: The request.
        response: Its response; the status is 0 if there is none.
        url: The URL that it was sent to.
        seconds: How long it took.
        tls: Protocol and cipher suite of the connection; empty without TLS or a connection.
        attempt: Number of the attempt to send this request to this URL, from 1.
        error: Why there is no response; None if there is one.
        again: Whether the request is going to be retried.
    """

    request: Request
    response: Response
    url: str
    seconds: float
    tls: str
    attempt: int = 1
    error: TransportError | None = None
    again: bool = False


@dataclass(slots=True)
class Attempt:
    """The attempts to send one request to one URL, one after the other.

    A client calls ``start``, ``check``, ``receive`` for each part of the body, ``finish``, and ``response``.

    Attributes:
        request: The request.
        url: The URL to send it to.
        headers: Its headers.
        time_limit: Seconds that one attempt may take in all.
        on_exchange: Called with each exchange.
        to_path: Makes a Location on the server a path.
    """

    request: Request
    url: httpx.URL
    headers: Mapping[str, str]
    time_limit: float
    on_exchange: Callable[[Exchange], None] | None
    to_path: Callable[[str], str]
    _started: float = field(default=0.0, init=False)
    _tls: str = field(default="", init=False)
    _content: bytearray = field(default_factory=bytearray, init=False)
    _unpacking: Unpacking | None = field(default=None, init=False)

    @property
    def method(self) -> str:
        """The method of the request."""
        return self.request.method

    @property
    def parts(self) -> dict[str, Any]:
        """The request as httpx takes it."""
        return {"method": self.method, "url": self.url, "content": self.request.content, "headers": self.headers}

    def start(self) -> None:
        """Start an attempt."""
        self._started = time.perf_counter()
        self._tls = ""
        self._content = bytearray()
        self._unpacking = None

    def check(self, head: ResponseHead, *, unpacked: bool) -> None:
        """Note the TLS of the connection, which is gone once the server has closed it after the body.

        Args:
            head: The head of the response.
            unpacked: Whether the body is already unpacked, whatever its encoding.

        Raises:
            TransportError: The body is compressed in a way that was not offered, or more than once: unpacking a few
                octets of that could take all memory.
        """
        stream = head.extensions.get("network_stream")
        tls = stream.get_extra_info("ssl_object") if stream is not None else None
        cipher = tls.cipher() if tls is not None else None
        self._tls = f"{tls.version()} {cipher[0]}" if tls is not None and cipher else ""
        encoding = head.headers.get("content-encoding", "").strip().lower()
        packed = [each for part in encoding.split(",") if (each := part.strip()) not in ("", "identity")]
        if len(packed) > 1 or not set(packed) <= KNOWN:
            raise TransportError(
                f"the response has the Content-Encoding {encoding[:100]!r}, which was not offered",
                where=str(self.request),
                remedy="This is an error of the server, or of a proxy between: report it to the utility.",
                maybe_received=True,
            )
        if packed and not unpacked:
            self._unpacking = Unpacking(*packed)

    def receive(self, chunk: bytes) -> None:
        """Take a part of the body.

        Raises:
            TransportError: The body is too large.
            httpx.DecodingError: It is not packed as it should be.
            TimeoutError: The attempt takes too long.
        """
        room = MAX_SIZE + 1 - len(self._content)
        self._content += chunk if self._unpacking is None else self._unpacking.unpack(chunk, room)
        if len(self._content) > MAX_SIZE:
            raise TransportError(
                f"the response is larger than {MAX_SIZE} octets, the rest was not read",
                where=str(self.request),
                remedy="This is not a message of the protocol: check the URL.",
                maybe_received=True,
            )
        if time.perf_counter() - self._started > self.time_limit:
            raise TimeoutError

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            httpx.DecodingError: It is not.
        """
        if self._unpacking is not None:
            self._unpacking.finish()

    def response(self, head: ResponseHead) -> Response:
        """Return the response, once its body was received."""
        headers = dict(head.headers)
        if "location" in headers:
            headers["location"] = self.to_path(headers["location"])
        return Response(head.status_code, headers, bytes(self._content))

    def report(self, outcome: Response | TransportError, attempt: int, again: bool) -> None:
        """Report what the attempt came to.

        Args:
            outcome: The response, or why there is none.
            attempt: Its number, from 1.
            again: Whether there is going to be another.
        """
        if _LOG.isEnabledFor(logging.DEBUG):
            what = printable(outcome.what) if isinstance(outcome, TransportError) else outcome.status
            _LOG.debug("%s  %s", printable(str(self.request)), what)
        if self.on_exchange is None:
            return
        response, error = (_NO_RESPONSE, outcome) if isinstance(outcome, TransportError) else (outcome, None)
        seconds = time.perf_counter() - self._started
        self.on_exchange(Exchange(self.request, response, str(self.url), seconds, self._tls, attempt, error, again))
