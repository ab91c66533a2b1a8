"""The utility over plain HTTP, in a process of its own, which responds after a fixed latency.

``python -m bench.stand_in SECONDS PROFILE`` runs it and prints its URL. It speaks plain HTTP, since envoy-client 0.1
and its successor are to be measured beside each other, and not what encrypts for them.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import subprocess
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Self

from envoy.profiles import DEFAULT_PROFILE
from envoy.protocol.flow import Response
from envoy.utility import Utility

LATENCY = 0.02
"""Seconds from a request to its response."""

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CLIENT = bytes(20)

Respond = Callable[[str, str, bytes], Response]


def _utility() -> Respond:
    utility = Utility()
    headers = {"content-type": utility.profile.content_type}
    return lambda method, href, body: utility.respond(method, href, client=_CLIENT, headers=headers, content=body)


def _envoy_0_1() -> Respond:
    """Return what responds to the five requests of envoy-client 0.1, which only writes."""
    numbers = itertools.count(1)

    def respond(method: str, href: str, body: bytes) -> Response:
        return Response(201, {"Location": f"{href}/{next(numbers)}"}) if method == "POST" else Response(204)

    return respond


def _octets(response: Response) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(response.content)}", "", ""]).encode() + response.content


class _Connection(asyncio.Protocol):
    def __init__(self, respond: Respond, latency: float) -> None:
        self._respond = respond
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, rest = self._received.partition(b"\r\n\r\n")
        length = int(found[1]) if (found := _LENGTH.search(head)) else 0
        if not mark or len(rest) < length:
            return
        self._received = rest[length:]
        method, target, _ = head.split(b" ", 2)
        octets = _octets(self._respond(method.decode(), target.decode(), rest[:length]))
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, octets)
        else:
            self._transport.write(octets)


async def _serve(latency: float, profile: str) -> None:
    respond = _utility() if profile == DEFAULT_PROFILE else _envoy_0_1()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(respond, latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


class StandIn:
    """The stand-in as a process of its own, inside a ``with``."""

    def __init__(self, latency: float = 0.0, profile: str = DEFAULT_PROFILE) -> None:
        self._latency = latency
        self._profile = profile

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.stand_in", str(self._latency), self._profile]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1]), sys.argv[2]))
