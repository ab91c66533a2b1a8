"""A pool of connections that replaces httpx's client and pool, at a third of their CPU time.

httpx's pool looks through all its connections and all waiting requests several times for each request, which at 50
connections takes longer than everything else together. Here each request takes the connection that was returned last.
The connections are those that httpx uses, of httpcore, and errors are httpx's. Missing is what this package does
not use, or does itself: redirects, cookies, and authentication other than by certificate or header.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpcore
import httpx

from envoy.client.network import KEEP_IDLE, errors_of_httpx
from envoy.client.response_end import ResponseEnd


class ConnectionPool:
    """Sends requests over a limited number of connections.

    Args:
        context: The TLS settings.
        headers: Headers of every request.
        timeout: Seconds to wait, for a connection and for each part of a response.
        count: Connections in use at a time; further requests wait for one.
    """

    def __init__(self, context: ssl.SSLContext, headers: Mapping[str, str], timeout: httpx.Timeout, count: int) -> None:
        self.is_closed = False
        self._context = context
        common = httpx.Headers({"Connection": "keep-alive"})
        common.update(headers)
        self._headers = [(name, value) for name, value in common.raw if name.lower() not in _OURS]
        self._extensions = {"timeout": timeout.as_dict()}
        self._backend = _Backend()
        self._free = asyncio.Semaphore(count)
        self._idle: defaultdict[bytes, list[httpcore.AsyncHTTPConnection]] = defaultdict(list)
        self._left: list[httpcore.AsyncHTTPConnection] = []

    @asynccontextmanager
    async def stream(
        self, method: str, url: httpx.URL, content: bytes | None, headers: Mapping[str, str]
    ) -> AsyncIterator[_Response]:
        """Send a request and yield its response, the body of which is still to be read.

        Raises:
            httpx.TransportError: There is no response.
        """
        place = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        own = [(name.encode(), value.encode()) for name, value in headers.items()]
        if content is not None:
            own.append((b"Content-Length", b"%d" % len(content)))
        request = httpcore.Request(
            method,
            place,
            headers=[(b"Host", url.netloc), *self._headers, *own],
            content=content,
            extensions=self._extensions,
        )
        async with self._free:
            idle = self._idle[url.raw_scheme + url.netloc]
            connection = await self._connection(place.origin, idle)
            try:
                with errors_of_httpx():
                    response = await connection.handle_async_request(request)
                    try:
                        yield _Response(response)
                    finally:
                        await response.aclose()
            finally:
                if connection.is_idle():
                    idle.append(connection)
                elif not connection.is_closed():
                    # It was left in the middle of an exchange, and closing it takes a turn of the event loop.
                    self._left.append(connection)

    async def _connection(
        self, origin: httpcore.Origin, idle: list[httpcore.AsyncHTTPConnection]
    ) -> httpcore.AsyncHTTPConnection:
        while self._left:
            await self._left.pop().aclose()
        while idle:
            connection = idle.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return httpcore.AsyncHTTPConnection(
            origin, self._context, keepalive_expiry=KEEP_IDLE, network_backend=self._backend
        )

    async def aclose(self) -> None:
        """Close the connections."""
        self.is_closed = True
        for connections in (self._left, *self._idle.values()):
            while connections:
                await connections.pop().aclose()


_OURS = frozenset({b"host", b"accept", b"content-type", b"content-length"})
"""Headers that each request has of its own."""


class _Response:
    """A response of httpcore, with what is used of an httpx.Response."""

    is_stream_consumed = False
    content = b""

    def __init__(self, response: httpcore.Response) -> None:
        self.status_code = response.status
        self.extensions = response.extensions
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value
        self._response = response

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        """Yield the body as it comes."""
        async for chunk in self._response.aiter_stream():
            yield chunk


class _Backend(httpcore.AnyIOBackend):
    """The network, in which what is written at once goes out at once: a request is one packet and not two."""

    async def connect_tcp(self, *arguments: Any, **options: Any) -> httpcore.AsyncNetworkStream:
        return _Stream(await super().connect_tcp(*arguments, **options))


class _Stream(httpcore.AsyncNetworkStream):
    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        # It is needed for each response, and anyio takes long to look it up.
        self._tls = stream.get_extra_info("ssl_object")
        self._unsent: list[bytes] = []
        self._end = ResponseEnd()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._end.expect()
        if buffer:
            self._unsent.append(buffer)
            self._timeout = timeout

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            unsent = b"".join(self._unsent)
            self._unsent.clear()
            await self._stream.write(unsent, self._timeout)
        while not (part := self._end.take()):
            received = await self._stream.read(max_bytes, timeout)
            if not received:
                break
            self._end.unread += received
        return part

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    async def aclose(self) -> None:
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable" and (self._end.unread or self._has_decrypted()):
            return True
        return self._tls if info == "ssl_object" else self._stream.get_extra_info(info)

    def _has_decrypted(self) -> bool:
        """Whether TLS has octets behind the response, or its end, that no socket shows any more."""
        if self._tls is None:
            return False
        try:
            self._tls.read(1)
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            pass
        return True
