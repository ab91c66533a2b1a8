"""Clients that mean ill, are slow or broken: the server refuses them, goes on serving others, and ends in time."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from envoy.testing import UtilityServer
from envoy.testing.process import ServerProcess
from envoy.tls.context import client_context
from envoy.tls.pki import Pki
from tests.support.serving import connect, context_of, files_of, plain_connection

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
    with ServerProcess(**files_of(pki)) as process, connect(process.url, context_of(pki)) as idle:
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
    command = [sys.executable, "-c", program, "serve", "--port", "0", "--cert", str(pki.server.certificate)]
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
