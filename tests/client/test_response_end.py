"""Of what a connection reads, no octet is taken that stands behind the response."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envoy import AsyncClient, Client
from envoy.client.response_end import ResponseEnd
from envoy.protocol.flow import Request
from envoy.tls.pki import Pki
from tests.support.clients import credentials
from tests.support.scripted import raw_server, tls

BODIES = st.binary(max_size=30)


def chunked(parts: list[bytes]) -> bytes:
    chunks = b"".join(b"%x;x=y\r\n%b\r\n" % (len(part), part) for part in parts if part)
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n" + chunks + b"0\r\nX-End: 1\r\n\r\n"


RESPONSES = (
    BODIES.map(lambda body: b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    | BODIES.map(lambda body: b"HTTP/1.1 404 No\ncontent-length:%d \nX: y\n\n%b" % (len(body), body))
    | st.lists(BODIES, max_size=3).map(chunked)
    | st.sampled_from([b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"])
)
INFORMATIONAL = st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" * 2])


@given(INFORMATIONAL, RESPONSES, st.binary(max_size=60), st.lists(st.integers(1, 40)))
@example(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", [])
def test_what_stands_behind_a_response_is_not_taken(
    first: bytes, response: bytes, behind: bytes, cuts: list[int]
) -> None:
    received, end, parser = first + response + behind, ResponseEnd(), h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    parser.send(h11.EndOfMessage())
    taken, position = b"", 0
    while True:
        event = parser.next_event()
        if isinstance(event, h11.EndOfMessage):
            break
        if event is not h11.NEED_DATA:
            continue
        # As a connection does: the parser asks, and octets are received where none are left.
        while not (part := end.take()):
            cut = cuts.pop() if cuts else 1000
            assert position < len(received)
            end.unread += received[position : position + cut]
            position += cut
        taken += part
        parser.receive_data(part)
    assert taken == first + response
    assert bytes(end.unread) + received[position:] == behind


@given(st.lists(st.binary(min_size=1)))
def test_what_is_not_http_is_taken_as_it_is(parts: list[bytes]) -> None:
    end, taken = ResponseEnd(), b""
    for part in parts:
        end.unread += part
        while found := end.take():
            taken += found
    assert b"".join(parts).startswith(taken)


OWN = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nown"
STRAY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray"


@pytest.mark.skipif(not hasattr(socket, "TCP_CORK"), reason="the octets may come in two packets, at any time")
@pytest.mark.parametrize("parts", [[OWN + STRAY], [OWN, STRAY]], ids=["one record", "two records"])
@pytest.mark.parametrize("secure", [True, False], ids=["TLS", "no TLS"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_octets_behind_a_response_are_not_the_next_one(kind: type, secure: bool, parts: list[bytes], pki: Pki) -> None:
    seen: set[socket.socket] = set()

    def respond(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)
        for part in [OWN] if connection in seen else parts:
            connection.sendall(part)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 0)
        seen.add(connection)

    with raw_server(respond, tls(pki) if secure else None) as url:
        assert ask(kind, url, **(credentials(pki) if secure else {})) == [b"own"] * 4
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("kind", "variable"), [(Client, "HTTP_PROXY"), (Client, "NO_PROXY"), (AsyncClient, "NO_PROXY")]
)
def test_neither_are_they_behind_a_proxy_or_where_one_is_not_to_be_used(
    kind: type, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable.lower(), raising=False)
    with raw_server(lambda connection: connection.sendall(OWN + STRAY)) as url:
        monkeypatch.setenv(variable, url if variable == "HTTP_PROXY" else "elsewhere")
        server = "http://utility.example" if variable == "HTTP_PROXY" else url
        assert ask(kind, server) == [b"own"] * 4


def ask(kind: type, url: str, **options: Any) -> list[bytes]:
    """Send some requests, one after the other; return what the responses hold."""
    requests = [Request("test", "POST", f"/{number}", b"<a/>") for number in range(4)]

    async def wait() -> list[bytes]:
        async with AsyncClient(url, **options) as client:
            return [(await client.send(request)).content for request in requests]

    if kind is AsyncClient:
        return asyncio.run(wait())
    with Client(url, **options) as client:
        return [client.send(request).content for request in requests]
