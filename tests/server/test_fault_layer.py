"""What ``envoy serve`` does wrong on purpose, as it is seen at the socket, and what the clients make of it."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import socket
import ssl
from collections.abc import Iterator

import pytest

from envoy import EnvoyError, Site, dumps, loads, validate
from envoy.identity import sfdi_of_lfdi, site_lfdi
from envoy.testing import UtilityServer
from envoy.tls.context import client_context
from envoy.tls.pki import Pki
from sep2 import EndDevice, Error
from tests.conftest import ROOT
from tests.support import serving
from tests.support.fleets import until

LFDI = site_lfdi(7, 32473)
DEVICE = dumps(EndDevice(lfdi=LFDI, sfdi=sfdi_of_lfdi(LFDI), changed_time=0))


@pytest.fixture(scope="module")
def running() -> Iterator[UtilityServer]:
    with UtilityServer() as server:
        yield server
        assert "Traceback" not in server.log


@pytest.fixture
def server(running: UtilityServer) -> UtilityServer:
    running.reset()
    return running


@dataclasses.dataclass
class Received:
    """What came back on a connection."""

    octets: bytes

    @property
    def head(self) -> bytes:
        return self.octets.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.octets.partition(b"\r\n\r\n")[2]

    @property
    def status(self) -> int:
        return int(self.head.split()[1])

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode().split("\r\n")[1:]
        return {name: value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def whole(self) -> bool:
        return b"\r\n\r\n" in self.octets and len(self.body) >= int(self.headers.get("content-length", 0))


def connect(server: UtilityServer) -> ssl.SSLSocket:
    """Connect; an end of the stream that TLS does not announce raises."""
    files = server.client_files()
    context = client_context(cert=files.cert, key=files.key, ca=files.ca)
    return serving.connect(server.url, context, suppress_ragged_eofs=False)


def send(connection: ssl.SSLSocket, method: str, href: str, body: bytes = b"") -> None:
    headers = [f"{method} {href} HTTP/1.1", "Host: localhost"]
    if body:
        headers += ["Content-Type: application/sep+xml", f"Content-Length: {len(body)}"]
    connection.sendall("\r\n".join([*headers, "", ""]).encode() + body)


def receive(connection: ssl.SSLSocket) -> Received:
    """Read a response, or as much of it as comes until the server ends the connection."""
    received = Received(b"")
    while not received.whole and (chunk := connection.recv(1 << 16)):
        received.octets += chunk
    return received


def exchange(server: UtilityServer, method: str, href: str, body: bytes = b"") -> Received:
    with connect(server) as connection:
        send(connection, method, href, body)
        return receive(connection)


def registered(server: UtilityServer) -> bool:
    return any(device.lfdi == LFDI for device in server.devices())


# One after the other, at the socket


@pytest.mark.parametrize("reset", [True, False])
@pytest.mark.parametrize("after", [True, False])
def test_a_dropped_connection_brings_no_answer(server: UtilityServer, after: bool, reset: bool) -> None:
    server.drop_next(after=after, reset=reset, method="POST")
    # Beside TLS, which takes a reset for an end of the stream with some versions of OpenSSL.
    with connect(server) as connection, socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.settimeout(60)
        send(connection, "POST", "/edev", DEVICE)
        if reset:
            with pytest.raises(ConnectionResetError):
                wire.recv(1)
        else:
            assert wire.recv(1) == b""
    assert registered(server) == after
    assert [(seen.status, seen.body) for seen in server.requests] == [(None, DEVICE)]


def test_a_truncated_body_is_shorter_than_announced_and_ends_in_order(server: UtilityServer) -> None:
    whole = exchange(server, "GET", "/dcap")
    server.truncate_next()
    cut = exchange(server, "GET", "/dcap")
    assert cut.headers["content-length"] == whole.headers["content-length"]
    assert 0 < len(cut.body) < len(whole.body) and whole.body.startswith(cut.body)


def test_where_there_is_no_body_the_head_is_truncated(server: UtilityServer) -> None:
    server.truncate_next()
    assert exchange(server, "POST", "/edev", DEVICE) == Received(b"HTTP/1.1 201 ")
    assert registered(server)


def test_a_garbled_body_is_whole_and_no_xml(server: UtilityServer) -> None:
    server.garble_next(count=2)
    for got in (exchange(server, "GET", "/dcap"), exchange(server, "POST", "/edev", DEVICE)):
        assert got.headers["content-length"] == str(len(got.body))
        assert [finding.code for finding in validate(got.body)] == ["not-xml"]
    assert registered(server)


def test_a_garbled_204_becomes_a_200_since_a_204_has_no_body(server: UtilityServer) -> None:
    exchange(server, "POST", "/edev", DEVICE)
    server.garble_next()
    assert exchange(server, "DELETE", "/edev/2").status == 200
    assert not registered(server)


def test_a_refusal_has_an_error_body_and_says_when_to_come_back(server: UtilityServer) -> None:
    server.fail_next(503, retry_after=7)
    got = exchange(server, "POST", "/edev", DEVICE)
    assert got.status == 503
    assert got.headers["retry-after"] == "7"
    assert validate(got.body) == []
    assert loads(got.body, Error).max_retry_duration == 7
    assert not registered(server)


def test_a_refusal_need_not_say_when_to_come_back(server: UtilityServer) -> None:
    server.fail_next(400)
    got = exchange(server, "GET", "/dcap")
    assert "retry-after" not in got.headers
    assert loads(got.body, Error).max_retry_duration is None


def test_a_redirect_has_a_location_and_no_body(server: UtilityServer) -> None:
    server.redirect_next("/elsewhere?a=b", status=301)
    got = exchange(server, "GET", "/dcap")
    assert got.status == 301
    assert (got.headers["location"], got.body) == ("/elsewhere?a=b", b"")


def test_a_delayed_request_is_processed_though_its_client_has_gone(server: UtilityServer) -> None:
    server.delay_next(0.2)
    with connect(server) as connection:
        send(connection, "POST", "/edev", DEVICE)
        until(lambda: server.requests != [])
    until(lambda: registered(server))
    assert server.faults_happened == {"delay=0.2": 1}


def test_a_delayed_request_does_not_reach_into_the_time_after_a_reset(server: UtilityServer) -> None:
    server.delay_next(3600)
    with connect(server) as connection:
        send(connection, "POST", "/edev", DEVICE)
        until(lambda: server.requests != [])
        server.reset()
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
            connection.recv(1)
    assert server.requests == []
    assert server.devices() == []


def test_all_requests_wait_while_the_server_is_slow(server: UtilityServer) -> None:
    server.slow_down(3600)
    with connect(server) as first, connect(server) as second:
        for connection in (first, second):
            send(connection, "GET", "/tm")
        until(lambda: len(server.requests) == 2)
        assert [seen.status for seen in server.requests] == [None, None]
        server.slow_down(0)
        assert exchange(server, "GET", "/tm").status == 200
        server.reset()


def test_a_connection_lives_on_after_what_does_not_break_it(server: UtilityServer) -> None:
    with connect(server) as connection:
        server.fail_next(500)
        server.garble_next()
        server.delay_next(0.01)
        for status in (500, 200, 200, 200):
            send(connection, "GET", "/tm")
            assert receive(connection).status == status


# What a client makes of it


SITE = Site.load(ROOT / "examples" / "site.toml")
REQUESTS = ("GET /dcap", "GET /edev", "POST /edev", "PUT /edev/2/cp", "GET /edev/2/cp")
TRANSIENT = (
    "drop-before",
    "drop-before,eof",
    "drop-after",
    "drop-after,eof",
    "truncate",
    "503,retry-after=0",
    "delay=0.0",
)


@pytest.mark.unmeasured
@pytest.mark.parametrize("action", [*TRANSIENT, "500", "404", "garbage", "302,location=/tm", "307,location=/edev/9"])
def test_a_registration_that_is_disturbed_gets_through_or_fails_there_and_gets_through_the_next_time(
    server: UtilityServer, action: str
) -> None:
    with server.client(max_wait=0) as client:
        for disturbed in REQUESTS:
            server.reset()
            server._order(action, *disturbed.split(), 1)
            where = disturbed
            try:
                client.register(SITE)
            except EnvoyError as error:
                where = error.where
            assert where == disturbed or (disturbed in where and action not in TRANSIENT)
            assert server.faults_happened == {action: 1}, disturbed
            client.register(SITE)
            assert [device.lfdi for device in server.devices()].count(SITE.lfdi) == 1
            assert server.stored("/edev/2/cp").connection_point_id == SITE.nmi
            assert server.stored("/edev/2/der/1/dercap") == SITE.ders[0].capability


@pytest.mark.unmeasured
def test_many_sites_get_through_in_two_runs_while_every_third_request_is_disturbed(server: UtilityServer) -> None:
    server.disturb(0.3, seed=1, actions=TRANSIENT)
    sites = [dataclasses.replace(SITE, lfdi=site_lfdi(number, 32473)) for number in range(1, 9)]

    async def run() -> list[BaseException]:
        async with server.async_client(max_wait=0.01, retries=10) as client:
            done = await asyncio.gather(*(client.register(site) for site in sites), return_exceptions=True)
        return [error for error in done if isinstance(error, BaseException)]

    failed = asyncio.run(run())
    assert all(isinstance(error, EnvoyError) for error in failed)
    assert len(failed) < len(sites) / 2
    assert server.faults_happened.keys() == set(TRANSIENT)
    server.disturb(0)
    assert asyncio.run(run()) == []
    lfdis = [device.lfdi for device in server.devices()]
    assert len(lfdis) == len(set(lfdis)) == 9
    assert {site.lfdi for site in sites} < set(lfdis)


# The process


def test_the_log_has_a_line_for_each_fault_and_no_traceback(pki: Pki) -> None:
    options = ["--fail", "GET /tm 503", "--fail", "GET /dcap drop-after", "--fail", "* /edev truncate"]
    with UtilityServer(options=options, folder=pki.ca.certificate.parent) as server:
        with server.client(max_wait=0.01) as client:
            client.time()
            list(client.end_devices())
        until(lambda: server.log.count("\n") == 9)
        log = server.log.splitlines()
    assert log == [
        "GET /dcap drop-after on purpose",
        "GET /dcap 200",
        "GET /dcap 200",
        "GET /tm 503 refused on purpose",
        "GET /tm 200",
        "GET /dcap 200",
        "GET /edev truncate on purpose",
        "GET /edev 200",
        "GET /edev 200",
    ]
