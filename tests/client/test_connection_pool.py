"""The connections of the asynchronous client: how many, which is taken, and what goes over them."""

from __future__ import annotations

import asyncio
import gzip
import threading
import zlib
from collections import Counter
from typing import Any

import httpx
import pytest

from envoy import AsyncClient, Client
from envoy.errors import TransportError
from envoy.protocol.flow import Request, Response
from tests.support.scripted import Handler, Scripted, Serve

GET = Request("access", "GET", "/one")
PUT = Request("access", "PUT", "/two", b"<a/>")


class Connections:
    """Responds, and remembers which connection each request came over."""

    def __init__(self) -> None:
        self.of_requests: list[Any] = []

    def __call__(self, handler: Handler) -> None:
        self.of_requests.append(handler.client_address)
        handler.reply(200, handler.path.encode())


def send(server: Scripted, *requests: Request, **options: Any) -> list[Response]:
    async def main() -> list[Response]:
        async with AsyncClient(server.url, retries=0, **options) as client:
            return await asyncio.gather(*(client.send(request) for request in requests))

    return asyncio.run(main())


def test_no_more_connections_are_opened_than_allowed_and_all_are_used_again(serve: Serve) -> None:
    answer = Connections()
    requests = [Request("access", "GET", f"/{number}") for number in range(30)]
    responses = send(serve(answer), *requests, max_connections=3)
    assert [response.content.decode() for response in responses] == [request.href for request in requests]
    assert 1 <= len(Counter(answer.of_requests)) <= 3


def test_requests_one_after_the_other_share_a_connection(serve: Serve) -> None:
    answer = Connections()
    server = serve(answer)

    async def main() -> None:
        async with AsyncClient(server.url) as client:
            for _ in range(5):
                await client.send(GET)

    asyncio.run(main())
    assert len(set(answer.of_requests)) == 1


def test_a_connection_that_the_server_closed_is_not_used_again(serve: Serve) -> None:
    answer = Connections()

    def answer_and_close(handler: Handler) -> None:
        answer(handler)
        handler.close_connection = True

    server = serve(answer_and_close)

    async def main() -> None:
        async with AsyncClient(server.url, retries=0) as client:
            for _ in range(3):
                assert (await client.send(PUT)).ok
                await asyncio.sleep(0.05)

    asyncio.run(main())
    assert len(set(answer.of_requests)) == 3


def test_a_request_has_the_headers_of_the_profile_and_those_that_were_added(serve: Serve) -> None:
    server = serve(Connections())
    send(server, GET, headers={"X-Token": "t", "user-agent": "mine", "Accept": "text/html"}, profile="csip-aus-1.3")
    send(server, PUT)
    (_, _, get, _), (_, _, put, body) = server.received
    assert (
        get["X-Token"] == "t" and get["user-agent"] == "mine" and "User-Agent" not in get and get["Host"] == server.host
    )
    assert get["Accept"] == "application/sep+xml; csipaus=1.3" and "Content-Length" not in get
    assert put["Content-Type"] == "application/sep+xml" and put["User-Agent"].startswith("envoy-client/")
    assert (put["Content-Length"], body) == ("4", b"<a/>")


def test_an_answer_that_is_packed_is_unpacked(serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(200, gzip.compress(b"<a/>" * 1000), Content_Encoding="gzip"))
    assert send(server, GET)[0].content == b"<a/>" * 1000
    assert "gzip" in server.received[0][2]["Accept-Encoding"]


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "gzip,deflate"])
def test_an_answer_that_is_packed_as_was_not_offered_is_refused_before_it_is_unpacked(
    kind: type, encoding: str, serve: Serve
) -> None:
    packed = gzip.compress(gzip.compress(bytes(50_000_000)))
    server = serve(lambda handler: handler.reply(200, packed, Content_Encoding=encoding))
    with pytest.raises(TransportError) as caught:
        send(server, PUT) if kind is AsyncClient else Client(server.url, retries=0).send(PUT)
    assert caught.value.maybe_received
    assert server.received[0][2]["Accept-Encoding"] == "gzip, deflate"


NOT_WHOLE = {
    "gzip, a checksum cut": ("gzip", gzip.compress(b"<a/>" * 100)[:-1]),
    "x-gzip, no checksum": ("x-gzip", gzip.compress(b"<a/>" * 100)[:-8]),
    "deflate, a checksum cut": ("deflate", zlib.compress(b"<a/>" * 100)[:-1]),
    "gzip, more": ("gzip", gzip.compress(b"<a/>") + b"x"),
    "gzip, the second of two cut": ("gzip", (gzip.compress(b"<a/>") * 2)[:-1]),
    "deflate, more": ("deflate", zlib.compress(b"") + b"x"),
    "gzip, one octet": ("gzip", b"\x1f"),
    "not gzip": ("gzip", b"x"),
    "not deflate": ("deflate", b"\x78\x9c\xff"),
}


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("name", NOT_WHOLE)
def test_an_answer_that_is_not_packed_as_a_whole_is_an_error(kind: type, name: str, serve: Serve) -> None:
    encoding, body = NOT_WHOLE[name]
    server = serve(lambda handler: handler.reply(200, body, Content_Encoding=encoding))
    with Client(server.url, retries=0) as client, pytest.raises(TransportError) as caught:
        send(server, PUT) if kind is AsyncClient else client.send(PUT)
    assert caught.value.maybe_received and isinstance(caught.value.__cause__, httpx.DecodingError)


def test_a_transport_that_has_unpacked_the_answer_is_believed() -> None:
    packed = gzip.compress(b"<a/>")

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=packed)

    async def ask() -> bytes:
        async with AsyncClient("http://utility", transport=httpx.MockTransport(answer)) as client:
            return (await client.send(GET)).content

    with Client("http://utility", transport=httpx.MockTransport(answer)) as client:
        assert client.send(GET).content == asyncio.run(ask()) == b"<a/>"


def test_an_answer_in_deflate_and_one_that_says_that_it_is_not_packed_are_read(serve: Serve) -> None:
    for encoding, packed in (
        ("deflate", zlib.compress(b"<a/>")),
        ("identity", b"<a/>"),
        ("deflate", zlib.compress(b"<a/>", wbits=-zlib.MAX_WBITS)),
        ("x-gzip", gzip.compress(b"<a/>")),
        ("gzip", b""),
        ("GZIP", gzip.compress(b"<a/>")),
        ("gzip, identity", gzip.compress(b"<a/>")),
        ("gzip,", gzip.compress(b"<a/>")),
        ("gzip", gzip.compress(b"<a") + gzip.compress(b"") + gzip.compress(b"/>")),
    ):
        server = serve(lambda handler, body=packed, name=encoding: handler.reply(200, body, Content_Encoding=name))
        assert send(server, GET)[0].content == (b"<a/>" if packed else b"")
        with Client(server.url) as client:
            assert client.send(GET).content == (b"<a/>" if packed else b"")


def test_a_request_that_is_given_up_leaves_the_others_their_connections(serve: Serve) -> None:
    release = threading.Event()
    answer = Connections()

    def slow(handler: Handler) -> None:
        if handler.path == "/two":
            release.wait(60)
        answer(handler)

    server = serve(slow)

    async def main() -> None:
        async with AsyncClient(server.url, retries=0, max_connections=1) as client:
            given_up = asyncio.create_task(client.send(PUT))
            while not server.received:
                await asyncio.sleep(0.01)
            given_up.cancel()
            await asyncio.wait([given_up])
            assert (await client.send(GET)).content == b"/one"

    try:
        asyncio.run(main())
    finally:
        release.set()
