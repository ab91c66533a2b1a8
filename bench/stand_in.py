"""A stand-in for a utility server that costs next to nothing: it answers from a table, after a fixed latency.

``python -m bench.stand_in SECONDS`` runs it and prints its URL. It speaks plain HTTP, since envoy-client 0.1 and the
present one are to be measured beside each other, and not what encrypts for them.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import subprocess
import sys
from types import TracebackType
from typing import Self

from envoy import dumps, loads
from sep2 import (
    DER,
    DERCapabilityLink,
    DERList,
    DERListLink,
    DERSettingsLink,
    DERStatusLink,
    DeviceCapability,
    DeviceInformationLink,
    EndDevice,
    EndDeviceList,
    EndDeviceListLink,
    Link,
    Time,
    TimeLink,
)

LATENCY = 0.02
"""Seconds from a request to its answer."""

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_NAMESPACE = b"urn:ieee:std:2030.5:ns"


class Table:
    """What the server has, by path."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._kept: dict[str, bytes] = {}
        self._fixed = {
            "/dcap": dumps(
                DeviceCapability(
                    href="/dcap",
                    time_link=TimeLink(href="/tm"),
                    end_device_list_link=EndDeviceListLink(href="/edev", all=0),
                )
            ),
            "/tm": dumps(Time(current_time=0, dst_end_time=0, dst_offset=0, dst_start_time=0, quality=7, tz_offset=0)),
            "/edev": dumps(EndDeviceList(href="/edev", all=0, results=0)),
        }

    def answer(self, method: str, path: str, body: bytes) -> bytes:
        """Do what a request asks for, and return the response."""
        if method == "POST":
            number = next(self._numbers)
            location = f"{path}/{number}"
            self._kept[location] = body
            return _response("201 Created", f"Location: {location}\r\n")
        if method == "PUT":
            self._kept[path] = body
            return _response("204 No Content")
        content = self._fixed.get(path) or self._listed(path) or self._kept.get(path)
        if content is None:
            return _response("404 Not Found")
        if path.count("/") == 2 and _NAMESPACE in content:
            content = _linked(path, content)
        return _response("200 OK", "Content-Type: application/sep+xml\r\n", content)

    def _listed(self, path: str) -> bytes | None:
        if not path.endswith("/der"):
            return None
        der = f"{path}/1"
        links = {
            "der_capability_link": DERCapabilityLink(href=f"{der}/dercap"),
            "der_settings_link": DERSettingsLink(href=f"{der}/derg"),
            "der_status_link": DERStatusLink(href=f"{der}/ders"),
        }
        return dumps(DERList(href=path, all=1, results=1, der=[DER(href=der, **links)]))


def _linked(path: str, content: bytes) -> bytes:
    """Return an EndDevice as it was posted, with the links of a server."""
    device = loads(content, EndDevice)
    device.href = path
    device.connection_point_link = Link(href=f"{path}/cp")
    device.device_information_link = DeviceInformationLink(href=f"{path}/di")
    device.der_list_link = DERListLink(href=f"{path}/der", all=1)
    return dumps(device, validate=False)


def _response(status: str, headers: str = "", content: bytes = b"") -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(content)}\r\n\r\n".encode() + content


class _Connection(asyncio.Protocol):
    def __init__(self, table: Table, latency: float) -> None:
        self._table = table
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
        answer = self._table.answer(method.decode(), target.decode().partition("?")[0], rest[:length])
        if self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, answer)
        else:
            self._transport.write(answer)


async def _serve(latency: float) -> None:
    table = Table()
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(table, latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


class StandIn:
    """The stand-in as a process of its own, inside a ``with``."""

    def __init__(self, latency: float = 0.0) -> None:
        self._latency = latency

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.stand_in", str(self._latency)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()


if __name__ == "__main__":
    asyncio.run(_serve(float(sys.argv[1])))
