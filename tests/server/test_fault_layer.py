"""What ``envoy serve`` does wrong on purpose, as it is seen at the socket, and what the clients make of it."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy import Client, EnvoyError, Site, dumps, loads, validate
from envoy.identity import sfdi_of_lfdi, site_lfdi
from envoy.server.faults import (
    MISCHIEF,
    Action,
    Chance,
    Delay,
    Drop,
    ErrorResponse,
    Fault,
    Faults,
    Garbage,
    Truncate,
    parse_action,
    parse_fault,
)
from envoy.server.settings import ServerSettings
from envoy.testing import UtilityServer
from envoy.testing.process import ServerProcess
from envoy.tls.context import client_context
from envoy.tls.pki import Pki
from sep2 import EndDevice, Error
from tests.conftest import ROOT

LFDI = site_lfdi(7, 32473)
DEVICE = dumps(EndDevice(lfdi=LFDI, sfdi=sfdi_of_lfdi(LFDI), changed_time=0))


@pytest.fixture(scope="module")
def running() -> Iterator[UtilityServer]:
    with UtilityServer() as server:
        yield server
        assert server.log == ""


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
    plain = socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=60)
    context = client_context(cert=files.cert, key=files.key, ca=files.ca)
    return context.wrap_socket(plain, server_hostname="127.0.0.1", suppress_ragged_eofs=False)


def send(connection: ssl.SSLSocket, method: str, href: str, body: bytes = b"") -> None:
    headers = [f"{method} {href} HTTP/1.1", "Host: localhost"]
    if body:
        headers += ["Content-Type: application/sep+xml", f"Content-Length: {len(body)}"]
    connection.sendall("\r\n".join([*headers, "", ""]).encode() + body)


def receive(connection: ssl.SSLSocket) -> Received:
    """Read an answer, or as much of it as comes until the server ends the connection."""
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
        assert until(lambda: server.requests != [])
    assert until(lambda: registered(server))
    assert server.faults_happened == {"delay=0.2": 1}


def test_a_delayed_request_does_not_reach_into_the_time_after_a_reset(server: UtilityServer) -> None:
    # Long enough for the reset to come before its end on the slowest of machines.
    server.delay_next(3)
    with connect(server) as connection:
        send(connection, "POST", "/edev", DEVICE)
        assert until(lambda: server.requests != [])
        server.reset()
        with pytest.raises((ConnectionResetError, ssl.SSLEOFError)):
            connection.recv(1)
    assert server.requests == []
    assert server.devices() == []


def test_all_requests_wait_while_the_server_is_slow(server: UtilityServer) -> None:
    server.slow_down(4)
    with server.client(timeout=1, retries=0) as client:
        for _ in range(2):
            with pytest.raises(EnvoyError, match=r"no answer from .* in time"):
                client.time()
    server.slow_down(0)
    with server.client() as client:
        client.time()


def test_a_connection_lives_on_after_what_does_not_break_it(server: UtilityServer) -> None:
    with connect(server) as connection:
        server.fail_next(500)
        server.garble_next()
        server.delay_next(0.01)
        for status in (500, 200, 200, 200):
            send(connection, "GET", "/tm")
            assert receive(connection).status == status


def until(done: Callable[[], bool]) -> bool:
    """Wait until something is so, but not for ever."""
    end = time.monotonic() + 60
    while not done() and time.monotonic() < end:
        time.sleep(0.01)
    return done()


# Which requests


def test_faults_happen_in_their_order_each_to_one_request_that_matches(server: UtilityServer) -> None:
    server.fail_next(500, method="GET", path="/ed*")
    server.fail_next(502)
    server.fail_next(504, path="/tm", count=2)
    statuses = [exchange(server, "GET", path).status for path in ("/tm", "/edev", "/tm", "/tm", "/tm", "/edev")]
    assert statuses == [502, 500, 504, 504, 200, 200]
    assert server.faults_happened == {"500": 1, "502": 1, "504": 2}


def test_a_fault_without_a_count_lasts_until_the_reset(server: UtilityServer) -> None:
    server.fail_next(500, count=None)
    assert {exchange(server, "GET", "/tm").status for _ in range(5)} == {500}
    server.reset()
    assert exchange(server, "GET", "/tm").status == 200


def test_the_query_is_no_part_of_the_path_that_is_matched(server: UtilityServer) -> None:
    server.fail_next(500, path="/edev")
    assert exchange(server, "GET", "/edev?s=0&l=1").status == 500
    assert [(seen.href, seen.path) for seen in server.requests] == [("/edev?s=0&l=1", "/edev")]


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (lambda server: server.fail_next(200), "'200' is nothing that can be done"),
        (lambda server: server.fail_next(503, retry_after=-1), "'503,retry-after=-1' is nothing"),
        (lambda server: server.redirect_next("/é"), "is nothing that can be done"),
        (lambda server: server.delay_next(float("nan")), "'delay=nan' is nothing"),
        (lambda server: server.fail_next(path="edev"), "paths begin with /"),
        (lambda server: server.fail_next(method="PATCH"), "PATCH is not one of the methods"),
        (lambda server: server.fail_next(count=0), "0 is not a number of requests"),
        (lambda server: server.disturb(1.5), r"1.5 is not a share of the requests"),
        (lambda server: server.disturb(0.5, actions=[]), "there is nothing to happen"),
        (lambda server: server.disturb(0.5, actions=["explode"]), "'explode' is nothing"),
        (lambda server: server.slow_down(-1), "a latency of -1 s cannot be"),
    ],
)
def test_an_order_that_cannot_be_followed_is_refused(
    server: UtilityServer, order: Callable[[UtilityServer], None], why: str
) -> None:
    with pytest.raises(EnvoyError, match=why) as caught:
        order(server)
    assert caught.value.remedy
    assert exchange(server, "GET", "/tm").status == 200


@pytest.mark.parametrize(
    "option", [["--disturb", "2"], ["--disturb", "-0.1"], ["--latency", "-1"], ["--fail", "GET * vanish"]]
)
def test_options_that_cannot_be_are_told(option: list[str]) -> None:
    with pytest.raises(EnvoyError, match="the server did not start: ") as caught:
        UtilityServer(options=option).start()
    assert "Traceback" not in str(caught.value)


# At random

ACTIONS = st.one_of(
    st.builds(ErrorResponse, st.integers(300, 599), st.none() | st.integers(0, 1 << 40)),
    st.builds(
        ErrorResponse, st.integers(300, 399), location=st.sampled_from(["", "/dcap", "https://other.example/a?b=c"])
    ),
    st.builds(Delay, st.floats(0, 1e9)),
    st.builds(Drop, st.booleans(), st.sampled_from(["reset", "eof"])),
    st.just(Truncate()),
    st.just(Garbage()),
)


@given(ACTIONS)
def test_an_action_is_read_as_it_is_written(action: Action) -> None:
    assert parse_action(str(action)) == action
    assert parse_fault(f"POST /edev* {action} 3") == Fault("POST", "/edev*", action, 3)
    assert parse_fault(f"POST /edev* {action} *") == Fault("POST", "/edev*", action, None)


HREFS = st.lists(st.sampled_from(["/dcap", "/tm", "/edev", "/edev/2"]), max_size=30)


@given(HREFS, st.randoms(use_true_random=False), st.integers())
def test_the_same_seed_picks_the_same_requests_in_whatever_order_they_come(
    hrefs: list[str], random: Any, seed: int
) -> None:
    def picked(order: list[str]) -> Counter[tuple[str, Action | None]]:
        faults = Faults(chance=Chance(0.5, seed))
        return Counter((href, faults.next_for("GET", href, href)) for href in order)

    shuffled = random.sample(hrefs, len(hrefs))
    assert picked(hrefs) == picked(shuffled)


@given(HREFS, st.integers())
def test_a_share_of_0_is_none_and_of_1_is_all(hrefs: list[str], seed: int) -> None:
    for rate in (0, 1):
        faults = Faults(chance=Chance(rate, seed))
        for href in hrefs:
            assert (faults.next_for("GET", href, href) is not None) == bool(rate)
        assert faults.happened.total() == rate * len(hrefs)


def test_a_share_is_a_share_and_each_kind_has_its_own() -> None:
    faults = Faults(chance=Chance(0.05, 1))
    for number in range(20_000):
        faults.next_for("GET", "/edev", f"/edev?s={number}")
    assert 900 < faults.happened.total() < 1100
    assert faults.happened.keys() == {str(action) for action in MISCHIEF}
    assert min(faults.happened.values()) > 150


def test_after_a_reset_everything_happens_again() -> None:
    faults = ServerSettings(faults=(parse_fault("GET /tm 500"),), disturb=0.5, latency=2).new_faults()
    first = [faults.next_for("GET", "/tm", "/tm") for _ in range(20)]
    faults.slow_down(0)
    faults.chance = Chance()
    faults.reset()
    assert faults.latency == 2
    assert [faults.next_for("GET", "/tm", "/tm") for _ in range(20)] == first
    assert first[0] == ErrorResponse(500)


# What a client makes of it


@pytest.fixture(scope="module")
def client(running: UtilityServer) -> Iterator[Client]:
    with running.client(max_wait=0) as client:
        yield client


SITE = Site.load(ROOT / "examples" / "site.toml")
REQUESTS = (
    "GET /dcap",
    "GET /edev",
    "POST /edev",
    "GET /edev/2",
    "PUT /edev/2/cp",
    "GET /edev/2/cp",
    "PUT /edev/2/der/1/dercap",
)
PASSING = (
    "drop-before",
    "drop-before,eof",
    "drop-after",
    "drop-after,eof",
    "truncate",
    "503,retry-after=0",
    "delay=0.0",
)


@pytest.mark.parametrize("action", [*PASSING, "500", "404", "garbage", "302,location=/tm", "307,location=/edev/9"])
def test_a_registration_that_is_disturbed_gets_through_or_tells_and_gets_through_the_next_time(
    server: UtilityServer, client: Client, action: str
) -> None:
    for disturbed in REQUESTS:
        server.reset()
        server._order(action, *disturbed.split(), 1)
        told = disturbed
        try:
            client.register(SITE)
        except EnvoyError as error:
            told = str(error)
        assert told == disturbed or (disturbed in told and action not in PASSING)
        assert server.faults_happened == {action: 1}, disturbed
        client.register(SITE)
        assert [device.lfdi for device in server.devices()].count(SITE.lfdi) == 1
        assert server.stored("/edev/2/cp").connection_point_id == SITE.nmi
        assert server.stored("/edev/2/der/1/dercap") == SITE.ders[0].capability


def test_many_sites_get_through_in_two_runs_while_every_third_request_is_disturbed(server: UtilityServer) -> None:
    server.disturb(0.3, seed=1, actions=PASSING)
    sites = [dataclasses.replace(SITE, lfdi=site_lfdi(number, 32473)) for number in range(1, 9)]

    async def run() -> list[BaseException]:
        async with server.async_client(max_wait=0.01, retries=10) as client:
            done = await asyncio.gather(*(client.register(site) for site in sites), return_exceptions=True)
        return [error for error in done if isinstance(error, BaseException)]

    failed = asyncio.run(run())
    assert all(isinstance(error, EnvoyError) for error in failed)
    assert len(failed) < len(sites) / 2
    assert server.faults_happened.keys() == set(PASSING)
    server.disturb(0)
    assert asyncio.run(run()) == []
    lfdis = [device.lfdi for device in server.devices()]
    assert len(lfdis) == len(set(lfdis)) == 9
    assert {site.lfdi for site in sites} < set(lfdis)


# The process


def test_the_log_has_a_line_for_each_fault_and_no_traceback(pki: Pki) -> None:
    options = ["--log", "--fail", "GET /tm 503", "--fail", "GET /dcap drop-after", "--fail", "* /edev truncate"]
    files = {"certificate": pki.server.certificate, "key": pki.server.key, "ca": pki.ca.certificate}
    with ServerProcess(**files, options=options) as process:
        device = pki.devices["device"]
        with Client(process.url, cert=device.certificate, key=device.key, ca=pki.ca.certificate, max_wait=0.01) as c:
            c.time()
            list(c.end_devices())
    assert process.log.splitlines() == [
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


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "not a line of JSON"),
        ("{", "not a line of JSON"),
        ("[]", "is no order"),
        ('{"order": "dance"}', "is no order"),
        ('{"order": "fault", "method": "GET"}', "is no order"),
        ('{"order": "fault", "method": "GET", "path": "/tm", "action": "500", "count": "one"}', "is no order"),
        ('{"order": "latency", "seconds": "long"}', "is no order"),
    ],
)
def test_a_line_that_is_no_order_is_told_and_the_next_is_followed(server: UtilityServer, line: str, why: str) -> None:
    process = server._process
    process._orders.write(line + "\n")
    process._orders.flush()
    assert why in json.loads(process._answers.readline())["error"]["what"]
    assert process.ask("happened") == {"happened": {}}


def test_the_server_stops_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from envoy.testing import UtilityServer\n"
        "server = UtilityServer(folder=Path(sys.argv[1])).start(); print(server.url, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    port = int(parent.stdout.readline().rpartition(":")[2])
    assert is_open(port)
    parent.kill()
    parent.communicate()
    assert until(lambda: not is_open(port))


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
