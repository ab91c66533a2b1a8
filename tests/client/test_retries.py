"""What is sent again and what is not, on real sockets, by the synchronous and the asynchronous client alike."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy import AsyncClient, Client, TransportError
from envoy.client.client import Exchange
from envoy.client.retries import FIRST_WAIT, Retries, TryAgain, retry_after
from envoy.documents import MAX_SIZE
from envoy.errors import EnvoyError
from envoy.protocol.flow import Request, Response
from envoy.tls.pki import Pki
from tests.support.scripted import Answer, Handler, Serve, cut, hang_up, ok, reset, serving, tls

GET = Request("test", "GET", "/dcap")
PUT = Request("test", "PUT", "/edev/1/cp", b"<ConnectionPoint/>")
POST = Request("test", "POST", "/edev", b"<EndDevice/>")
DELETE = Request("test", "DELETE", "/edev/1")

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


@pytest.fixture
def serve() -> Iterator[Serve]:
    with serving() as start:
        yield start


def late(handler: Handler) -> None:
    time.sleep(0.3)


def status(code: int, **headers: str) -> Answer:
    return lambda handler: handler.reply(code, **headers)


def first(*answers: Answer) -> Answer:
    """Answer so, one after the other, and with success from then on."""
    left = itertools.chain(answers, itertools.repeat(ok))
    return lambda handler: next(left)(handler)


REFUSED = {"503": status(503), "429": status(429), "503, at once": status(503, Retry_After="0")}
GATEWAY = {"502": status(502), "504": status(504)}
LOST = {"no answer": hang_up, "half an answer": cut, "a reset": reset, "an answer too late": late}


# What is repeated


@pytest.mark.parametrize("trouble", [*REFUSED, *GATEWAY, *LOST])
@pytest.mark.parametrize("request_", [GET, PUT, DELETE], ids=lambda request: request.method)
def test_what_may_be_done_twice_is_sent_again(request_: Request, trouble: str, ask: Ask, serve: Serve) -> None:
    bad = {**REFUSED, **GATEWAY, **LOST}[trouble]
    server = serve(first(bad, bad))
    assert ask(server.url, request_).content == b"fine"
    assert server.requests == [str(request_)] * 3
    assert {body for _, _, _, body in server.received} == {request_.content or b""}


@pytest.mark.parametrize("trouble", REFUSED)
def test_a_post_that_was_refused_as_the_server_is_busy_is_sent_again(trouble: str, ask: Ask, serve: Serve) -> None:
    server = serve(first(REFUSED[trouble], REFUSED[trouble]))
    assert ask(server.url, POST).content == b"fine"
    assert server.requests == ["POST /edev"] * 3


@pytest.mark.parametrize("trouble", LOST)
def test_a_post_whose_answer_is_lost_is_not_sent_again(trouble: str, ask: Ask, serve: Serve) -> None:
    server = serve(first(LOST[trouble]))
    with pytest.raises(TransportError) as caught:
        ask(server.url, POST)
    assert caught.value.maybe_received
    assert server.requests == ["POST /edev"]


@pytest.mark.parametrize("trouble", GATEWAY)
def test_a_post_that_a_gateway_lost_is_not_sent_again(trouble: str, ask: Ask, serve: Serve) -> None:
    server = serve(first(GATEWAY[trouble]))
    assert ask(server.url, POST).status == int(trouble)
    assert server.requests == ["POST /edev"]


@pytest.mark.parametrize("request_", [GET, PUT, POST, DELETE], ids=lambda request: request.method)
def test_what_did_not_reach_the_server_is_sent_again(request_: Request, ask: Ask) -> None:
    with serving() as start:
        url = start(ok).url
    told: list[Exchange] = []
    with pytest.raises(TransportError, match="Connection refused") as caught:
        ask(url, request_, on_exchange=told.append, retries=2)
    assert not caught.value.maybe_received
    assert [(exchange.attempt, exchange.response.status) for exchange in told] == [(1, 0), (2, 0), (3, 0)]
    assert told[-1].error is caught.value


# What is not


@pytest.mark.parametrize("code", [204, 303, 400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 418, 500, 501])
@pytest.mark.parametrize("request_", [PUT, POST], ids=lambda request: request.method)
def test_any_other_answer_is_the_answer(request_: Request, code: int, ask: Ask, serve: Serve) -> None:
    server = serve(status(code))
    assert ask(server.url, request_).status == code
    assert server.requests == [str(request_)]


def test_a_server_that_does_not_take_our_certificate_is_not_asked_again(ask: Ask, pki: Pki, serve: Serve) -> None:
    told: list[Exchange] = []
    server = serve(ok, tls(pki, ssl.TLSVersion.TLSv1_2))
    with pytest.raises(TransportError, match="the server refused the handshake"):
        ask(server.url, GET, ca=pki.ca.certificate, on_exchange=told.append, timeout=5)
    assert [exchange.attempt for exchange in told] == [1]
    with pytest.raises(TransportError, match="certificate is not trusted"):
        ask(server.url, GET, on_exchange=told.append, timeout=5)
    assert [exchange.attempt for exchange in told] == [1, 1]


def test_an_answer_that_is_no_message_is_not_asked_for_again(ask: Ask, serve: Serve) -> None:
    for content, what in ((gzip.compress(bytes(2 * MAX_SIZE)), "larger than"), (b"not gzip", "is garbled")):
        server = serve(lambda handler, content=content: handler.reply(200, content, Content_Encoding="gzip"))
        with pytest.raises(TransportError, match=what):
            ask(server.url, GET)
        assert server.requests == ["GET /dcap"]


def test_a_redirect_that_is_not_followed_is_not_asked_for_again(ask: Ask, serve: Serve) -> None:
    server = serve(status(302, Location="https://elsewhere.example/"))
    with pytest.raises(TransportError, match="another host"):
        ask(server.url, GET)
    assert server.requests == ["GET /dcap"]


# How often, and when not at all


def test_after_the_last_repetition_the_answer_is_what_it_is(ask: Ask, serve: Serve) -> None:
    told: list[Exchange] = []
    server = serve(status(503, Retry_After="0"))
    assert ask(server.url, GET, retries=2, on_exchange=told.append).status == 503
    assert [(exchange.attempt, exchange.response.status) for exchange in told] == [(1, 503), (2, 503), (3, 503)]


def test_after_the_last_repetition_the_error_says_what_the_last_one_was(ask: Ask, serve: Serve) -> None:
    server = serve(first(cut, hang_up, late, reset))
    with pytest.raises(TransportError, match="reset by peer") as caught:
        ask(server.url, PUT)
    assert caught.value.where == "PUT /edev/1/cp"
    assert len(server.received) == 4


@pytest.mark.parametrize("trouble", [*REFUSED, *GATEWAY, *LOST])
def test_repetitions_can_be_turned_off(trouble: str, ask: Ask, serve: Serve) -> None:
    server = serve(first({**REFUSED, **GATEWAY, **LOST}[trouble]))
    if trouble in LOST:
        with pytest.raises(TransportError):
            ask(server.url, GET, retries=0)
    else:
        assert ask(server.url, GET, retries=0).status in (429, 502, 503, 504)
    assert server.requests == ["GET /dcap"]


def test_a_repetition_follows_its_own_redirect(ask: Ask, serve: Serve) -> None:
    moved = status(307, Location="/new")
    server = serve(first(moved, status(503), hang_up))
    assert ask(server.url, PUT).content == b"fine"
    assert server.requests == ["PUT /edev/1/cp", "PUT /new", "PUT /new", "PUT /new"]


def test_repetitions_are_told_of_as_they_happen(ask: Ask, serve: Serve) -> None:
    told: list[Exchange] = []
    server = serve(first(status(503), hang_up))
    ask(server.url, GET, on_exchange=told.append)
    assert [(exchange.attempt, exchange.response.status) for exchange in told] == [(1, 503), (2, 0), (3, 200)]
    assert [str(exchange.error or "") for exchange in told] == [
        "",
        f"GET /dcap: the connection to {server.host} broke: Server disconnected without sending a response.\n"
        "  Run it again: what was done will be found and not repeated. If the server speaks TLS there, use https://.",
        "",
    ]


@pytest.mark.parametrize("options", [{"retries": -1}, {"max_wait": -1.0}, {"max_wait": float("nan")}])
def test_negative_repetitions_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(EnvoyError, match="retries and max_wait cannot be negative"):
        Client("http://127.0.0.1", **options)


# Time


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_server_that_asks_for_a_longer_wait_than_is_allowed_is_left_alone(form: str, ask: Ask, serve: Serve) -> None:
    hour = datetime.now(UTC) + timedelta(hours=1)
    server = serve(status(503, Retry_After="3600" if form == "seconds" else format_datetime(hour, usegmt=True)))
    assert ask(server.url, GET, max_wait=60).status == 503
    assert server.requests == ["GET /dcap"]


def test_a_date_that_is_past_means_at_once(ask: Ask, serve: Serve) -> None:
    server = serve(first(status(429, Retry_After="Fri, 07 Nov 2025 23:59:59 GMT")))
    assert ask(server.url, POST).ok


def test_an_answer_that_drips_is_given_up_in_the_end(ask: Ask, serve: Serve) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        with suppress(OSError):
            for _ in range(1000):
                handler.wfile.write(b"x")
                time.sleep(0.01)

    server = serve(drip)
    with pytest.raises(TransportError) as caught:
        ask(server.url, POST, exchange_timeout=0.1)
    assert caught.value.what == f"no answer from {server.host} in time"
    assert caught.value.maybe_received
    assert server.requests == ["POST /edev"]
    with pytest.raises(TransportError, match="in time"):
        ask(server.url, GET, exchange_timeout=0.1, retries=1)
    assert server.requests == ["POST /edev", "GET /dcap", "GET /dcap"]


NOW = datetime(2025, 11, 7, 23, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("Fri, 07 Nov 2025 23:59:59 GMT", 29),
        ("Friday, 07-Nov-25 23:59:59 GMT", 29),
        ("Fri Nov  7 23:59:59 2025", 29),
        ("Fri, 07 Nov 2025 23:59:00 GMT", 0),
        ("Sat, 08 Nov 2025 00:00:00 -0000", 30),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("Fri, 99 Nov 2025 23:59:59 GMT", None),
    ],
)
def test_a_wait_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(Response(503, {"retry-after": text}), NOW) == seconds


@given(st.text())
def test_whatever_a_server_writes_there_is_a_wait_or_none(text: str) -> None:
    wait = retry_after(Response(503, {"retry-after": text}), NOW)
    assert wait is None or wait >= 0


def test_the_wait_that_a_server_asks_for_is_kept_and_spread() -> None:
    again = Retries(3, 60).judge(GET, Response(503, {"retry-after": "7"}))
    assert again is not None and again.wait == 7
    waits = {Retries(3, 60).wait_for(again) for _ in range(50)}
    assert all(7 <= wait <= 7 + FIRST_WAIT for wait in waits)
    assert len(waits) > 1


def test_without_a_wish_of_the_server_the_wait_is_the_usual_one() -> None:
    assert Retries(3, 60).wait_for(TryAgain(Response(503))) is True
    assert Retries(3, 60).wait_for(ValueError()) is False
