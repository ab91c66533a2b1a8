"""Connections for many requests at a time, as a transport of httpx.

httpx's own pool looks through all its connections and all waiting requests several times for each request, which at 50
connections takes longer than everything else together. Here each request takes the connection that was given back last.
The connections themselves are those that httpx uses, of httpcore.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from functools import partial

import httpcore
import httpx

_KEEP_IDLE = 5.0
"""Seconds that an idle connection is used again, as httpx has it: servers end theirs a little later."""


class Lanes(httpx.AsyncBaseTransport):
    """A transport with so many connections at a time.

    Args:
        context: The TLS settings.
        count: Connections in use at a time; further requests wait for one.
    """

    def __init__(self, context: ssl.SSLContext, count: int) -> None:
        self._context = context
        self._free = asyncio.Semaphore(count)
        self._idle: defaultdict[str, list[httpcore.AsyncHTTPConnection]] = defaultdict(list)
        self._left: list[httpcore.AsyncHTTPConnection] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        await self._free.acquire()
        idle = self._idle[str(url.origin)]
        connection: httpcore.AsyncHTTPConnection | None = None
        try:
            connection = await self._connection(url.origin, idle)
            with _errors_of_httpx():
                answer = await connection.handle_async_request(
                    httpcore.Request(
                        request.method,
                        url,
                        headers=request.headers.raw,
                        content=request.stream,
                        extensions=request.extensions,
                    )
                )
        except BaseException:
            self.give_back(connection, idle)
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, partial(self.give_back, connection, idle)),
            extensions=answer.extensions,
        )

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
        return httpcore.AsyncHTTPConnection(origin, self._context, keepalive_expiry=_KEEP_IDLE)

    def give_back(
        self, connection: httpcore.AsyncHTTPConnection | None, idle: list[httpcore.AsyncHTTPConnection]
    ) -> None:
        """Take a connection back after its request; None if there was none to be had."""
        self._free.release()
        if connection is None or connection.is_closed():
            return
        if connection.is_idle():
            idle.append(connection)
        else:
            # It was left in the middle of something, and closing it takes a turn of the loop.
            self._left.append(connection)

    async def aclose(self) -> None:
        for connections in (self._left, *self._idle.values()):
            while connections:
                await connections.pop().aclose()


class _Body(httpx.AsyncByteStream):
    """The body of an answer, which gives its connection back when it is closed."""

    def __init__(self, answer: httpcore.Response, give_back: Callable[[], None]) -> None:
        self._answer = answer
        self._give_back: Callable[[], None] | None = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx():
            async for chunk in self._answer.aiter_stream():
                yield chunk

    async def aclose(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back is None:
            return
        try:
            await self._answer.aclose()
        finally:
            give_back()


@contextmanager
def _errors_of_httpx() -> Iterator[None]:
    """Raise the errors of httpcore as those of httpx, which have the same names."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "httpcore":
            raise
        raise getattr(httpx, type(error).__name__)(str(error)) from error
