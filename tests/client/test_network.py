"""What the client says where the network gives no response, or none that can be used."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from contextlib import suppress

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import Client, TransportError
from envoy.documents import MAX_SIZE
from envoy.tls.pki import Pki
from tests.support.clients import GET, POST, credentials, no_response
from tests.support.messages import message
from tests.support.ports import find_port
from tests.support.scripted import Handler, Serve, cut, hang_up, reset, tls


def test_a_server_that_does_not_run(snapshot: SnapshotAssertion) -> None:
    port = find_port()
    with (
        Client(f"https://127.0.0.1:{port}", retries=0) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example"])
def test_a_host_that_cannot_exist(host: str, snapshot: SnapshotAssertion) -> None:
    with Client(f"https://{host}/dcap", retries=0) as client, pytest.raises(TransportError) as caught:
        client.send(GET)
    assert message(caught.value) == snapshot
    assert not caught.value.maybe_received


def test_a_server_that_does_not_answer_in_time(serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(lambda handler: time.sleep(0.4))
    with (
        Client(server.url, timeout=0.1) as client,
        no_response(POST, snapshot, maybe_received=True),
    ):
        client.send(POST)


@pytest.mark.parametrize("linger", [bytes(8), b"\1".ljust(8, b"\0")], ids=["closed", "reset"])
def test_a_server_that_breaks_the_handshake_off(linger: bytes, snapshot: SnapshotAssertion) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"

        def hang_up() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with (
            Client(f"https://{host}", retries=0) as client,
            no_response(POST, snapshot, maybe_received=False),
        ):
            client.send(POST)
        thread.join()


def test_a_server_that_lets_us_connect_and_then_says_nothing(snapshot: SnapshotAssertion) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with (
            Client(f"https://{host}", timeout=0.1, retries=0) as client,
            no_response(POST, snapshot, maybe_received=False),
        ):
            client.send(POST)


def test_a_connection_that_is_closed_before_any_answer(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(hang_up)
    with (
        Client(server.url) as client,
        no_response(POST, snapshot, maybe_received=True),
    ):
        client.send(POST)
    server = serve(hang_up, tls(pki))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_response(POST, snapshot, maybe_received=True),
    ):
        client.send(POST)


def test_a_connection_that_is_closed_in_the_middle_of_a_body(
    pki: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(cut, tls(pki))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_response(POST, snapshot, maybe_received=True),
    ):
        client.send(POST)


def test_a_connection_that_is_reset(serve: Serve, snapshot: SnapshotAssertion) -> None:
    with Client(serve(reset).url) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert message(caught.value) == snapshot
    assert caught.value.maybe_received


def test_an_answer_that_is_no_http(serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n"))
    with Client(server.url) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert message(caught.value) == snapshot
    assert caught.value.maybe_received


@pytest.mark.parametrize("announced", [True, False])
def test_an_endless_answer_is_given_up(announced: bool, serve: Serve, snapshot: SnapshotAssertion) -> None:
    written = 0

    def endless(handler: Handler) -> None:
        nonlocal written
        handler.send_response(200)
        if announced:
            handler.send_header("Content-Length", str(10**12))
        else:
            handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        with suppress(OSError):
            while True:
                part = b"x" * 65536
                handler.wfile.write(part if announced else b"10000\r\n" + part + b"\r\n")
                written += len(part)

    with (
        Client(serve(endless).url) as client,
        no_response(POST, snapshot, maybe_received=True),
    ):
        client.send(POST)
    assert written < 20 * MAX_SIZE


def test_an_answer_that_grows_on_unpacking_is_given_up(serve: Serve) -> None:
    packed = gzip.compress(bytes(2 * MAX_SIZE))
    server = serve(lambda handler: handler.reply(200, packed, Content_Encoding="gzip"))
    with Client(server.url) as client, pytest.raises(TransportError):
        client.send(GET)


def test_an_answer_that_cannot_be_unpacked(serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(200, b"not gzip", Content_Encoding="gzip"))
    with Client(server.url) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert isinstance(caught.value.__cause__, httpx.DecodingError)
    assert caught.value.maybe_received


def test_a_proxy_that_refuses(serve: Serve, monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> None:
    proxy = serve(lambda handler: handler.reply(403))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with (
        Client("https://utility.example") as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)
