"""Clients that mean ill, are slow or broken: the server refuses them, goes on serving others, and ends in time."""

from __future__ import annotations

import asyncio
import errno
import gzip
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from envoy.server.run import _ExceptionHandler
from envoy.server.settings import ServerSettings
from envoy.testing import UtilityServer
from envoy.testing.process import ServerProcess
from envoy.tls.context import client_context
from envoy.tls.pki import Pki, create_pki
from envoy.utility import Utility
from tests.support.fleets import until
from tests.support.serving import connect, context_of, files_of, plain_connection, running
from tests.support.utilities import Client, new_lfdi

HOST = b"Host: localhost\r\n"
TIME = b"GET /tm HTTP/1.1\r\n" + HOST
PUT = b"PUT /edev/1/cp HTTP/1.1\r\n" + HOST + b"Content-Type: application/sep+xml\r\n"
CLOSE = b"Connection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[UtilityServer]:
    with UtilityServer() as server:
        yield server
        assert "Traceback" not in server.log


def received_from(connection: ssl.SSLSocket, sent: bytes) -> bytes:
    """Send something, and return what comes until the server ends the connection, in order or not."""
    received = b""
    try:
        connection.sendall(sent)
        while chunk := connection.recv(1 << 16):
            received += chunk
    except TimeoutError:
        raise
    except OSError:
        # Reset, or closed while this side was still sending: what it is depends on who was faster.
        pass
    return received


@pytest.fixture
def connection(server: UtilityServer) -> Iterator[ssl.SSLSocket]:
    """A connection to the server, which serves others after the test as before."""
    files = server.client_files()
    with connect(server.url, client_context(cert=files.cert, key=files.key, ca=files.ca)) as connection:
        yield connection
        with server.client(retries=0) as client:
            client.time()


@pytest.mark.parametrize(
    "sent",
    [
        TIME + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n",
        TIME + b"".join(b"X-%d: y\r\n" % number for number in range(50_000)) + b"\r\n",
        b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /tm HTTP/1.1\r\n\r\n",
        b"\x00\xff\xfe rubbish\r\n\r\n",
        b"GET /tm\xff HTTP/1.1\r\n" + HOST + b"\r\n",
        PUT + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc",
        PUT + b"Content-Length: -5\r\n\r\n",
        PUT + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        PUT + b"Content-Length: 99999999999999999999999\r\n\r\n",
        PUT + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        PUT + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 5000,
        PUT + CLOSE,
    ],
    ids=[
        "giant header",
        "many headers",
        "giant path",
        "no host",
        "no HTTP",
        "path in no encoding",
        "chunk without a length",
        "negative length",
        "two lengths",
        "giant length",
        "length and chunks",
        "countless chunks",
        "no body",
    ],
)
def test_a_request_that_is_none_is_refused(connection: ssl.SSLSocket, sent: bytes) -> None:
    received = received_from(connection, sent)
    # What is refused before it is read to its end may break the connection before the refusal arrives.
    assert received.startswith(b"HTTP/1.1 400 Bad Request\r\n") or (received == b"" and len(sent) > 200_000)


def test_requests_that_come_at_once_are_answered_in_their_order(connection: ssl.SSLSocket) -> None:
    received = received_from(connection, TIME + b"\r\n" + PUT + b"Content-Length: 3\r\n\r\n<a>" + TIME + CLOSE)
    assert [part.partition(b" ")[0] for part in received.split(b"HTTP/1.1 ")[1:]] == [b"200", b"400", b"200"]


def test_a_client_that_asks_and_never_reads_keeps_nobody_waiting(connection: ssl.SSLSocket) -> None:
    connection.settimeout(0.5)
    with suppress(TimeoutError):
        while True:
            connection.sendall((TIME + b"\r\n") * 1000)


def test_clients_that_are_stuck_keep_the_server_neither_from_serving_nor_from_ending(pki: Pki) -> None:
    with ServerProcess(**files_of(pki), options=["--fail", "GET /dcap delay=3600"]) as process, ExitStack() as stack:
        stack.enter_context(plain_connection(process.url))
        for sent in (b"GET /tm HT", PUT + b"Content-Length: 500\r\n\r\n<Conn", TIME.replace(b"tm", b"dcap") + b"\r\n"):
            stack.enter_context(connect(process.url, context_of(pki))).sendall(sent)
        with connect(process.url, context_of(pki)) as other:
            assert b"</Time>" in received_from(other, TIME + CLOSE)
        process.stop()
    assert process._process.returncode == 0
    assert "Traceback" not in process.log


def test_a_client_that_does_not_close_its_side_does_not_keep_the_server_from_ending(pki: Pki) -> None:
    with (
        ServerProcess(**files_of(pki), options=["--quiet"]) as process,
        connect(process.url, context_of(pki)) as idle,
    ):
        idle.sendall(TIME + CLOSE)
        assert idle.recv(1 << 16)
        process.stop()
    assert process.log == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit of open files")
def test_too_many_connections_wait_and_the_log_says_why(pki: Pki) -> None:
    program = (
        "import resource, sys; from envoy.cli import main\n"
        "import envoy.server.run\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60)); sys.argv[0] = 'envoy'; main()"
    )
    command = [sys.executable, "-c", program, "serve", "--quiet", "--port", "0", "--cert", str(pki.server.certificate)]
    command += ["--key", str(pki.server.key), "--ca", str(pki.ca.certificate)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process,
        ExitStack() as whatever_happens,
    ):
        whatever_happens.callback(process.kill)
        assert process.stdout is not None and process.stderr is not None
        url = process.stdout.readline().split()[2]
        with ExitStack() as stack:
            for _ in range(80):
                stack.enter_context(plain_connection(url))
            assert process.stderr.readline().startswith("Warning: too many connections, some wait. Let the server")
        with connect(url, context_of(pki)) as other:
            assert b"</Time>" in received_from(other, TIME + CLOSE)
        process.terminate()
        assert process.stderr.read() == ""
        assert process.wait() == 0


def test_a_server_that_stops_before_it_accepts_again_does_not_complain_of_that(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    accept = {"message": "socket.accept() out of system resource", "exception": OSError(errno.EMFILE, "too many")}
    again = {"message": "Exception in callback X._start_serving()", "exception": ValueError("Invalid file descriptor")}
    with asyncio.Runner() as runner:
        handle = _ExceptionHandler()
        for context in (accept, again, accept):
            handle(runner.get_loop(), context)
        assert caplog.messages == [] and capsys.readouterr().err.count("too many connections") == 1
        _ExceptionHandler()(runner.get_loop(), again)
    assert len(caplog.messages) == 1


# Clients that are slow. Each test has a deadline of its own that is short, and waits for what comes after it.


def slow_server(pki: Pki, stack: ExitStack, log: list[str], **settings: Any) -> str:
    utility = stack.enter_context(Utility())
    return stack.enter_context(running(pki, utility, settings=ServerSettings(**settings), log=log.append))


TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\n"


@pytest.mark.parametrize(
    ("sent", "late", "received", "reason"),
    [
        (b"", "head", b"", "no whole head"),
        (b"GET /tm HT", "head", TOO_LATE, "no whole head"),
        (TIME + b"\r\n" + b"GET /tm HT", "head", b"HTTP/1.1 200 OK\r\n", "no whole head"),
        (PUT + b"Content-Length: 500\r\n\r\n<Conn", "body", TOO_LATE, "no whole body"),
        (PUT + b"Transfer-Encoding: chunked\r\n\r\n5\r\n<Conn\r\n", "body", TOO_LATE, "no whole body"),
    ],
    ids=["nothing", "half a head", "half a second head", "half a body", "half a chunked body"],
)
def test_what_does_not_come_in_time_is_not_waited_for(
    pki: Pki, sent: bytes, late: str, received: bytes, reason: str
) -> None:
    log: list[str] = []
    with ExitStack() as stack:
        url = slow_server(pki, stack, log, **{f"{late}_timeout": 0.2})
        connection = stack.enter_context(connect(url, context_of(pki)))
        host, port = connection.getsockname()
        found = received_from(connection, sent)
        assert found.startswith(received) and found.count(b"408") == (sent != b"")
    assert [line.startswith(f"{host}:{port} given up, {reason} of a request") for line in log] == [True]


def test_an_octet_now_and_then_makes_no_deadline_longer(pki: Pki) -> None:
    log: list[str] = []
    with ExitStack() as stack:
        url = slow_server(pki, stack, log, head_timeout=0.3)
        connection = stack.enter_context(connect(url, context_of(pki)))
        connection.settimeout(0.02)
        connection.sendall(b"GET /tm?")
        received = None
        with suppress(ConnectionError):
            while received is None:
                connection.sendall(b"a")
                with suppress(TimeoutError):
                    received = connection.recv(1000)
        assert not received or received.startswith(TOO_LATE)
    assert len(log) == 1 and "no whole head" in log[0]


def test_a_handshake_that_does_not_come_is_not_waited_for(pki: Pki) -> None:
    log: list[str] = []
    with ExitStack() as stack:
        url = slow_server(pki, stack, log, handshake_timeout=0.2)
        for sent in (b"", b"\x16\x03\x01\x02\x00\x01"):
            plain = stack.enter_context(plain_connection(url))
            plain.sendall(sent)
            assert plain.recv(100) == b""
    assert [line.partition(" ")[2] for line in log] == ["given up, no TLS handshake within 0.2 s"] * 2


def test_a_handshake_that_fails_is_in_the_log_with_the_reason(pki: Pki, tmp_path: Path) -> None:
    log: list[str] = []
    strangers = create_pki(tmp_path, devices=["device"])
    with ExitStack() as stack:
        url = slow_server(pki, stack, log)
        with plain_connection(url) as plain:
            plain.sendall(TIME + b"\r\n")
            plain.recv(100)
        device, stranger = pki.devices["device"], strangers.devices["device"]
        for options in (
            {"ca": pki.ca.certificate},
            {"cert": stranger.certificate, "key": stranger.key, "ca": pki.ca.certificate},
            {"cert": device.certificate, "key": device.key, "ca": strangers.ca.certificate},
        ):
            with suppress(OSError), connect(url, client_context(**options)) as connection:
                connection.recv(100)
        until(lambda: len(log) == 4)
    said = [line.partition(" ")[2] for line in log]
    assert said[:2] == [
        "TLS failed, the client speaks HTTP without TLS",
        "TLS failed, the client sent no certificate",
    ]
    assert said[2].startswith("TLS failed, the client's certificate is not trusted: ")
    assert said[3].startswith("TLS failed, the client refuses (")


def test_a_response_that_is_never_read_is_given_up(pki: Pki) -> None:
    log: list[str] = []
    with ExitStack() as stack:
        utility = stack.enter_context(Utility())
        client = Client(utility, pki.devices["device"].lfdi)
        for _ in range(50):
            client.register(new_lfdi())
        url = stack.enter_context(running(pki, utility, settings=ServerSettings(body_timeout=0.2), log=log.append))
        connection = stack.enter_context(connect(url, context_of(pki)))
        with suppress(OSError):
            while True:
                connection.sendall(TIME.replace(b"/tm", b"/edev?l=50") + b"\r\n")
    assert len(log) == 1 and "the client has read nothing" in log[0]


def test_no_more_connections_than_allowed_and_idle_ones_give_way(pki: Pki) -> None:
    log: list[str] = []
    with ExitStack() as stack:
        url = slow_server(pki, stack, log, max_connections=2)
        oldest, older = (stack.enter_context(connect(url, context_of(pki))) for _ in range(2))
        for connection in (oldest, older):
            connection.sendall(TIME + b"\r\n")
            received = b""
            while b"</Time>" not in received:
                received += connection.recv(1 << 16)
        newest = stack.enter_context(connect(url, context_of(pki)))
        newest.sendall(PUT + b"Content-Length: 500\r\n\r\n<Conn")
        assert received_from(oldest, b"") == b""
        older.sendall(PUT + b"Content-Length: 500\r\nExpect: 100-continue\r\n\r\n")
        assert older.recv(1 << 16).startswith(b"HTTP/1.1 100")
        until(lambda: refused(url))
    assert log and {line.partition(" ")[2] for line in log} == {"refused, there are 2 connections"}


def refused(url: str) -> bool:
    """Return whether a server ends a further connection at once."""
    with plain_connection(url) as plain, suppress(ConnectionError):
        plain.settimeout(0.2)
        try:
            return plain.recv(1) == b""
        except TimeoutError:
            return False
    return True


@pytest.mark.parametrize(("encoding", "status"), [(b"gzip", b"415"), (b"x-gzip", b"415"), (b"identity", b"400")])
def test_a_body_that_is_packed_is_refused(connection: ssl.SSLSocket, encoding: bytes, status: bytes) -> None:
    body = gzip.compress(b"<ConnectionPoint xmlns='https://csipaus.org/ns'/>")
    head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n" % (encoding, len(body))
    received = received_from(connection, PUT + head + CLOSE + body)
    assert received.startswith(b"HTTP/1.1 " + status)
    assert (b"accept-encoding: identity" in received) == (status == b"415")


def test_a_large_body_is_decoded_beside_the_requests_of_others(pki: Pki) -> None:
    threads: list[str] = []
    others_went_on = threading.Event()

    class Watched(Utility):
        def decode(self, content: bytes | None) -> Any:
            threads.append(threading.current_thread().name)
            # Goes on once another client has had its response.
            assert content is None or len(content) < 1 << 14 or others_went_on.wait(60)
            return super().decode(content)

    large = b"<ConnectionPoint xmlns='https://csipaus.org/ns'>" + b" " * (1 << 15)
    with ExitStack() as stack:
        url = stack.enter_context(running(pki, stack.enter_context(Watched())))
        slow, other = (stack.enter_context(connect(url, context_of(pki))) for _ in range(2))
        slow.sendall(PUT + b"Content-Length: %d\r\n" % len(large) + CLOSE + large)
        until(lambda: bool(threads))
        assert b"</Time>" in received_from(other, TIME + CLOSE)
        others_went_on.set()
        assert received_from(slow, b"").startswith(b"HTTP/1.1 400")
    assert len(threads) == 1 and threads[0].startswith("decoder")
