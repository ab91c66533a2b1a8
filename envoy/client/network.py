"""The network below httpcore: limits of time for whole exchanges, and no octets behind a response.

httpcore limits the time of each read. A server that sends an octet now and then, or one ``100 Continue`` after the
other, never exceeds that, so each read is also limited by what is left of the time for the exchange.
"""

from __future__ import annotations

import importlib
import math
import ssl
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore
import httpx

from envoy.client.response_end import ResponseEnd
from envoy.urls import proxies

KEEP_IDLE = 5.0
"""Seconds that an idle connection is used again, as httpx has it: servers end theirs a little later."""

_PIECE = 65536
"""Octets that are written at a time, so that a server that reads slowly is given up as well."""

_deadline: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit the time that all reading and writing in this thread takes.

    Raises:
        TimeoutError: It took longer.
    """
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


class Transport(httpx.BaseTransport):
    """Sends requests over connections of httpcore, as httpx's own transport does, on this network.

    Args:
        context: The TLS settings.
        count: Connections at a time.

    Raises:
        ImportError: SOCKS is not installed, and a proxy of the environment speaks it.
        ValueError: A proxy that the environment names cannot be used.
    """

    def __init__(self, context: ssl.SSLContext, count: int) -> None:
        self._direct = _make_pool(context, count, None)
        self._proxied = {scheme: _make_pool(context, count, proxy) for scheme, proxy in proxies().items()}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        with errors_of_httpx():
            response = self._pool_for(url).handle_request(
                httpcore.Request(
                    method=request.method,
                    url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                    headers=request.headers.raw,
                    content=request.stream,
                    extensions=request.extensions,
                )
            )
        return httpx.Response(
            response.status, headers=response.headers, stream=_Body(response), extensions=response.extensions
        )

    def _pool_for(self, url: httpx.URL) -> httpcore.ConnectionPool:
        proxied = self._proxied.get(url.scheme) or self._proxied.get("all")
        return self._direct if proxied is None or urllib.request.proxy_bypass(url.host) else proxied

    def close(self) -> None:
        for pool in (self._direct, *self._proxied.values()):
            pool.close()


def _make_pool(context: ssl.SSLContext, count: int, proxy: str | None) -> httpcore.ConnectionPool:
    options: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": count,
        "max_keepalive_connections": count,
        "keepalive_expiry": KEEP_IDLE,
        "network_backend": _Backend(),
    }
    if proxy is None:
        return httpcore.ConnectionPool(**options)
    named = httpx.Proxy(proxy)
    socks = named.url.scheme.startswith("socks")
    if socks:
        importlib.import_module("socksio")
    kind = httpcore.SOCKSProxy if socks else httpcore.HTTPProxy
    return kind(str(named.url), proxy_auth=named.raw_auth, **options)


class _Body(httpx.SyncByteStream):
    def __init__(self, response: httpcore.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        with errors_of_httpx():
            yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()


class _Backend(httpcore.SyncBackend):
    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *others: Any, **options: Any) -> Any:
        return _Stream(super().connect_tcp(host, port, _remaining(timeout), *others, **options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._end = ResponseEnd()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        while not (part := self._end.take()):
            with _timeouts_of_exchange():
                received = self._stream.read(max_bytes, _remaining(timeout))
            if not received:
                break
            self._end.unread += received
        return part

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._end.expect()
        for start in range(0, len(buffer), _PIECE):
            with _timeouts_of_exchange():
                self._stream.write(buffer[start : start + _PIECE], _remaining(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _remaining(timeout)))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        # httpcore closes an idle connection that has something to read, and so does not use it again.
        return (info == "is_readable" and bool(self._end.unread)) or self._stream.get_extra_info(info)


def _remaining(timeout: float | None) -> float | None:
    """Return the seconds that the next step may take: a timeout of httpcore, or what is left of the exchange."""
    left = max(_deadline.get() - time.monotonic(), 0.001)
    return timeout if math.isinf(left) else left if timeout is None else min(left, timeout)


@contextmanager
def _timeouts_of_exchange() -> Iterator[None]:
    """Raise a TimeoutError where the whole exchange took too long, and not one step of it."""
    try:
        yield
    except (httpcore.ReadTimeout, httpcore.WriteTimeout):
        if time.monotonic() < _deadline.get():
            raise
        raise TimeoutError from None
    if time.monotonic() >= _deadline.get():
        raise TimeoutError


@contextmanager
def errors_of_httpx() -> Iterator[None]:
    """Raise the errors of httpcore as those of httpx, which have the same names."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "httpcore":
            raise
        raise getattr(httpx, type(error).__name__)(str(error)) from error
