"""Retries over real sockets, by both clients alike; which requests are retried is tested without sockets."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from envoy import AsyncClient, Client, TransportError
from envoy.client.client import Exchange
from envoy.documents import MAX_SIZE
from envoy.errors import EnvoyError
from envoy.protocol.flow import Request, Response
from envoy.tls.pki import Pki
from tests.support.clients import credentials
from tests.support.scripted import Answer, Handler, Serve, cut, hang_up, ok, reset, serving, tls

GET = Request("test", "GET", "/dcap")
PUT = Request("test", "PUT", "/edev/1/cp", b"<ConnectionPoint/>")
POST = Request("test", "POST", "/edev", b"<EndDevice/>")

QUICK: dict[str, Any] = {"max_wait": 0.01, "timeout": 0.2}
"""Options that make a client wait next to nothing."""

Ask = Callable[..., Response]


def ask_sync(url: str, request: Request, **options: Any) -> Response:
    with Client(url, **{**QUICK, **options}) as client:
        return client.send(request)


def ask_async(url: str, request: Request, **options: Any) -> Response:
    async def ask() -> Response:
        async with AsyncClient(url, **{**QUICK, **options}) as client:
            return await client.send(request)

    return asyncio.run(ask())


@pytest.fixture(params=[ask_sync, ask_async], ids=["Client", "AsyncClient"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Send one request with a new client of either kind, and return what it returns."""
    chosen: Ask = request.param
    return chosen


@pytest.fixture(autouse=True)
def no_system_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Spare each new client the reading of a few hundred CA certificates that no test here needs."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))


def late(handler: Handler) -> None:
    time.sleep(0.3)


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.reply(code, **headers)


def first(*answers: Answer) -> Answer:
    """Respond so, one after the other, and with success from then on."""
    left = itertools.chain(answers, itertools.repeat(ok))
    return lambda handler: next(left)(handler)


REFUSED = {"503": status(503), "429": status(429), "503, at once": status(503, Retry_After="0")}
GATEWAY = {"502": status(502), "504": status(504)}
LOST = {"no answer": hang_up, "half an answer": cut, "a reset": reset, "an answer too late": late}


@pytest.mark.parametrize("trouble", [*REFUSED, *GATEWAY, *LOST])
def test_what_may_be_done_twice_is_sent_again_as_it_was(trouble: str, ask: Ask, serve: Serve) -> None:
    bad = {**REFUSED, **GATEWAY, **LOST}[trouble]
    server = serve(first(bad, bad))
    assert ask(server.url, PUT).content == b"fine"
    assert server.requests == [str(PUT)] * 3
    assert {body for _, _, _, body in server.received} == {PUT.content}


@pytest.mark.parametrize("trouble", LOST)
def test_a_post_whose_response_is_lost_is_not_sent_again(trouble: str, ask: Ask, serve: Serve) -> None:
    server = serve(first(LOST[trouble]))
    with pytest.raises(TransportError) as caught:
        ask(server.url, POST)
    assert caught.value.maybe_received
    assert server.requests == ["POST /edev"]


def test_a_post_that_did_not_reach_the_server_is_sent_again(ask: Ask) -> None:
    with serving() as start:
        url = start(ok).url
    exchanges: list[Exchange] = []
    with pytest.raises(TransportError) as caught:
        ask(url, POST, on_exchange=exchanges.append, retries=2)
    assert not caught.value.maybe_received
    assert [(each.attempt, each.response.status, each.again) for each in exchanges] == [
        (1, 0, True),
        (2, 0, True),
        (3, 0, False),
    ]
    assert exchanges[-1].error is caught.value


def test_a_server_that_refuses_our_certificate_is_not_asked_again(ask: Ask, pki: Pki, serve: Serve) -> None:
    exchanges: list[Exchange] = []
    server = serve(ok, tls(pki, ssl.TLSVersion.TLSv1_2))
    for options in ({"ca": pki.ca.certificate}, {}):
        with pytest.raises(TransportError) as caught:
            ask(server.url, GET, **options, on_exchange=exchanges.append, timeout=60)
        assert not caught.value.transient
    assert [exchange.attempt for exchange in exchanges] == [1, 1]


@pytest.mark.parametrize("content", [gzip.compress(bytes(2 * MAX_SIZE)), b"not gzip"], ids=["too large", "garbled"])
def test_a_response_that_is_not_a_message_is_not_asked_for_again(content: bytes, ask: Ask, serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(200, content, Content_Encoding="gzip"))
    with pytest.raises(TransportError) as caught:
        ask(server.url, GET)
    assert caught.value.maybe_received
    assert server.requests == ["GET /dcap"]


def test_a_redirect_that_is_not_followed_is_not_asked_for_again(ask: Ask, serve: Serve) -> None:
    server = serve(status(302, Location="https://elsewhere.example/"))
    with pytest.raises(TransportError):
        ask(server.url, GET)
    assert server.requests == ["GET /dcap"]


def test_after_the_last_retry_the_response_is_what_it_is(ask: Ask, serve: Serve) -> None:
    exchanges: list[Exchange] = []
    server = serve(status(503, Retry_After="0"))
    assert ask(server.url, GET, retries=1, on_exchange=exchanges.append).status == 503
    assert [(each.attempt, each.response.status, each.again) for each in exchanges] == [(1, 503, True), (2, 503, False)]


def test_after_the_last_retry_the_error_is_that_of_the_last_attempt(ask: Ask, serve: Serve) -> None:
    server = serve(first(cut, hang_up, reset, reset))
    with pytest.raises(TransportError) as caught:
        ask(server.url, PUT)
    assert isinstance(caught.value.__cause__, httpx.ReadError | httpx.WriteError)
    assert caught.value.where == "PUT /edev/1/cp"
    assert len(server.received) == 4


def test_a_retry_follows_its_own_redirect(ask: Ask, serve: Serve) -> None:
    moved = status(307, Location="/new")
    server = serve(first(moved, status(503), hang_up))
    assert ask(server.url, PUT).content == b"fine"
    assert server.requests == ["PUT /edev/1/cp", "PUT /new", "PUT /new", "PUT /new"]


def test_retries_are_reported_as_they_happen(ask: Ask, serve: Serve) -> None:
    exchanges: list[Exchange] = []
    server = serve(first(status(503), hang_up))
    ask(server.url, GET, on_exchange=exchanges.append)
    assert [(each.attempt, each.response.status, each.error is None) for each in exchanges] == [
        (1, 503, True),
        (2, 0, False),
        (3, 200, True),
    ]


def test_a_server_that_asks_for_a_longer_wait_than_is_allowed_is_left_alone(ask: Ask, serve: Serve) -> None:
    server = serve(status(503, Retry_After="3600"))
    assert ask(server.url, GET, max_wait=60).status == 503
    assert server.requests == ["GET /dcap"]


def test_a_date_that_is_past_means_at_once(ask: Ask, serve: Serve) -> None:
    server = serve(first(status(429, Retry_After="Fri, 07 Nov 2025 23:59:59 GMT")))
    assert ask(server.url, POST).ok


@pytest.mark.parametrize("options", [{"retries": -1}, {"max_wait": -1.0}, {"max_wait": float("nan")}])
def test_negative_retries_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(EnvoyError):
        Client("http://127.0.0.1", **options)


BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
DRIPS = {
    "body": (BODY, b"x"),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "status line": (b"HTTP/1.1 200 ", b"x"),
    "header": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "1xx": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize(("part", "secure"), [*((part, False) for part in DRIPS), ("headers", True)])
def test_a_response_that_drips_is_given_up_in_the_end(
    part: str, secure: bool, ask: Ask, pki: Pki, serve: Serve
) -> None:
    ended = threading.Event()
    begin, drop = DRIPS[part]

    def drip(handler: Handler) -> None:
        handler.wfile.write(begin)
        with suppress(OSError):
            while not ended.wait(0.01):
                handler.wfile.write(drop)

    server = serve(drip, tls(pki) if secure else None)
    options = credentials(pki) if secure else {}
    try:
        for request, attempts in ((POST, 1), (GET, 2)):
            with pytest.raises(TransportError) as caught:
                ask(server.url, request, exchange_timeout=0.2, timeout=10, retries=1, **options)
            assert isinstance(caught.value.__cause__, TimeoutError)
            assert caught.value.maybe_received
            assert server.requests.count(str(request)) == attempts
    finally:
        ended.set()
