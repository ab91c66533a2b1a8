"""The listener for notifications over TLS: what it takes, and what it refuses or cuts off."""

from __future__ import annotations

import gc
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import EnvoyError, NotificationListener, OperationError
from envoy.server.connections import room
from envoy.server.connections.http_framing import MOST_PIECES
from envoy.server.notification_listener import LIMITS, parse_address
from envoy.server.notification_protocol import MOST_OCTETS
from envoy.server.settings import ServerSettings
from envoy.tls.context import client_context
from envoy.tls.pki import Pki, create_pki
from tests.support.fleets import until
from tests.support.serving import connect, context_of

HOST = b"Host: localhost\r\n"
KNOWN = b"POST /notify/known HTTP/1.1\r\n" + HOST
CLOSE = b"Connection: close\r\n"


class Receiver:
    """Takes what comes to one path."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Mapping[str, str], bytes]] = []
        self.findings: list[str] = []
        self.mine = True
        self.broken = False

    def accepts(self, path: str) -> bool:
        return path == "/notify/known"

    def owns(self, path: str) -> bool:
        return self.mine and self.accepts(path)

    def notify(self, path: str, headers: Mapping[str, str], content: bytes) -> bool:
        self.taken.append((path, headers, content))
        if self.broken:
            raise RuntimeError("broken")
        return self.mine

    def report(self, finding: str) -> None:
        self.findings.append(finding)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


Listen = Callable[..., NotificationListener]


@pytest.fixture
def listen(pki: Pki, receiver: Receiver) -> Iterator[Listen]:
    with ExitStack() as opened:

        def start(**options: Any) -> NotificationListener:
            files = {"cert": pki.server.certificate, "key": pki.server.key, "ca": pki.ca.certificate}
            listener = opened.enter_context(NotificationListener("127.0.0.1:0", **{**files, **options}))
            listener.connect(receiver)
            return listener

        yield start


def exchange(listener: NotificationListener, context: ssl.SSLContext, *sent: bytes) -> bytes:
    """Send something over one connection, and return what comes until the listener ends it."""
    received = b""
    with suppress(OSError), connect(f"https://127.0.0.1:{listener.port}", context) as connection:
        for each in sent:
            connection.sendall(each)
        while chunk := connection.recv(1 << 16):
            received += chunk
    return received


def statuses(received: bytes) -> list[int]:
    return [int(found) for found in re.findall(rb"HTTP/1.1 (\d+)", received)]


def anonymous(pki: Pki) -> ssl.SSLContext:
    return client_context(ca=pki.ca.certificate)


def test_notifications_are_taken_at_once_and_in_one_connection(listen: Listen, pki: Pki, receiver: Receiver) -> None:
    sent = KNOWN + b"X-Envoy-Notification-Id: 7\r\nContent-Length: 3\r\n\r\nabc"
    chunked = KNOWN + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n"
    assert statuses(exchange(listen(), context_of(pki), sent, sent, chunked)) == [204, 204, 204]
    assert [content for _, _, content in receiver.taken] == [b"abc", b"abc", b"de"]
    assert receiver.taken[0][1]["x-envoy-notification-id"] == "7"
    assert receiver.findings == []


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST /notify/other HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc", 404),
        (b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"GET /notify/known HTTP/1.1\r\n" + HOST + b"\r\n", 405),
        (b"POST //[/notify/known HTTP/1.1\r\n" + HOST + b"Content-Length: 3\r\n\r\nabc", 404),
        (b"rubbish\r\n\r\n", 400),
        (KNOWN + b"Content-Length: -5\r\n\r\n", 400),
        (KNOWN + b"X: " + b"a" * 100_000 + b"\r\n\r\n", 431),
        (KNOWN + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc", 400),
    ],
)
def test_what_is_not_a_notification_is_refused(
    listen: Listen, pki: Pki, receiver: Receiver, sent: bytes, status: int
) -> None:
    assert statuses(exchange(listen(), context_of(pki), sent)) == [status]
    assert receiver.taken == []


@pytest.mark.parametrize(
    "sent",
    [
        KNOWN + b"Content-Length: %d\r\n\r\n" % (MOST_OCTETS + 1),
        KNOWN + b"Content-Length: %d\r\n\r\n" % 10**18,
        KNOWN + b"Transfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"a" * (1 << 16) + b"\r\n",
    ],
    ids=["long", "endless", "chunked"],
)
def test_a_notification_that_is_too_long_is_cut_off_and_taken_all_the_same(
    listen: Listen, pki: Pki, receiver: Receiver, sent: bytes
) -> None:
    piece = b"10000\r\n" + b"a" * (1 << 16) + b"\r\n"
    more = [piece] * (MOST_OCTETS // (1 << 16)) if b"chunked" in sent else []
    assert statuses(exchange(listen(), context_of(pki), sent, *more)) in ([204], [])
    until(lambda: bool(receiver.taken))
    ((_, _, content),) = receiver.taken
    assert len(content) <= MOST_OCTETS


@pytest.mark.parametrize("sent", [b"", b"POST /not", KNOWN, KNOWN + b"Content-Length: 5\r\n\r\nabc"])
def test_who_is_too_slow_is_cut_off(listen: Listen, pki: Pki, receiver: Receiver, sent: bytes) -> None:
    quick = ServerSettings(head_timeout=0.2, body_timeout=0.2)
    listener = listen(limits=quick)
    assert statuses(exchange(listener, context_of(pki), sent)) == [408]
    assert receiver.taken == []
    exchange(listener, context_of(pki), KNOWN + CLOSE + b"\r\n")
    assert len(receiver.taken) == 1


def test_there_are_no_more_connections_than_allowed(
    listen: Listen, pki: Pki, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "GRACE", 0.0)
    listener = listen(limits=ServerSettings(max_connections=3))
    url = f"https://127.0.0.1:{listener.port}"
    with ExitStack() as opened:
        for _ in range(10):
            # An idle one gives way to the next.
            opened.enter_context(connect(url, context_of(pki)))
        assert statuses(exchange(listener, context_of(pki), KNOWN + CLOSE + b"\r\n")) == [204]
    assert LIMITS.max_connections <= 500


def test_nobody_keeps_others_out_by_connections_that_say_nothing(listen: Listen, pki: Pki, receiver: Receiver) -> None:
    """From another address, 127.0.0.2, a notification gets in, and so does a burst from the same one before."""
    listener = listen(limits=ServerSettings(max_connections=10))
    beginnings = (b"", b"POST /not", KNOWN.replace(b"known", b"unknown"))
    with ExitStack() as opened:
        for number in range(20):
            plain = opened.enter_context(socket.create_connection(("127.0.0.1", listener.port)))
            if number < 6:
                with suppress(OSError):
                    tls = anonymous(pki).wrap_socket(plain, server_hostname="localhost")
                    opened.enter_context(tls).sendall(beginnings[number % 3])
        other = opened.enter_context(
            socket.create_connection(("127.0.0.1", listener.port), source_address=("127.0.0.2", 0))
        )
        tls = opened.enter_context(context_of(pki).wrap_socket(other, server_hostname="localhost"))
        tls.sendall(KNOWN + CLOSE + b"\r\n")
        assert statuses(tls.recv(1 << 16)) == [204]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (KNOWN + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (KNOWN.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    ],
)
def test_a_request_whose_end_is_in_doubt_is_refused(
    listen: Listen, pki: Pki, receiver: Receiver, sent: bytes, status: int
) -> None:
    assert statuses(exchange(listen(), context_of(pki), sent)) == [status]
    assert receiver.taken == []


def test_a_notification_in_countless_chunks_is_cut_off_and_taken_all_the_same(
    listen: Listen, pki: Pki, receiver: Receiver
) -> None:
    sent = KNOWN + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * (2 * MOST_PIECES)
    assert statuses(exchange(listen(), context_of(pki), sent)) == [204]
    ((_, _, content),) = receiver.taken
    assert 0 < len(content) <= MOST_PIECES


def test_the_body_of_what_belongs_to_an_earlier_run_is_not_waited_for(
    listen: Listen, pki: Pki, receiver: Receiver
) -> None:
    receiver.mine = False
    assert statuses(exchange(listen(), context_of(pki), KNOWN + b"Content-Length: 9\r\n\r\n")) == [204]
    assert [content for _, _, content in receiver.taken] == [b""]


def test_a_connection_that_has_ended_takes_no_memory(listen: Listen, pki: Pki, receiver: Receiver) -> None:
    def count() -> int:
        return sum(isinstance(each, ssl.SSLObject) for each in gc.get_objects())

    listener, context = listen(), anonymous(pki)
    gc.collect()
    gc.disable()
    try:
        before = count()
        for sent in (b"", KNOWN + CLOSE + b"\r\n", b"GET / HTTP/1.1\r\n" + HOST + b"\r\n", b"rubbish\r\n\r\n"):
            with connect(f"https://127.0.0.1:{listener.port}", context) as connection:
                connection.sendall(sent)
        until(lambda: not listener._connections and count() <= before)
    finally:
        gc.enable()


def test_a_receiver_that_fails_ends_nothing(listen: Listen, pki: Pki, receiver: Receiver) -> None:
    receiver.broken = True
    listener = listen()
    for _ in range(2):
        assert statuses(exchange(listener, context_of(pki), KNOWN + CLOSE + b"\r\n")) == [204]
    assert len(receiver.taken) == 2


def test_what_belongs_to_an_earlier_run_is_taken_and_reported(
    listen: Listen, pki: Pki, receiver: Receiver, snapshot: SnapshotAssertion
) -> None:
    receiver.mine = False
    assert statuses(exchange(listen(), context_of(pki), KNOWN + CLOSE + b"\r\n")) == [204]
    until(lambda: bool(receiver.findings))
    assert receiver.findings == snapshot


# The client's certificate of the utility


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return create_pki(tmp_path_factory.mktemp("foreign"), devices=["utility"])


def foreign_context(foreign: Pki, pki: Pki) -> ssl.SSLContext:
    device = foreign.devices["utility"]
    return client_context(cert=device.certificate, key=device.key, ca=pki.ca.certificate)


@pytest.mark.parametrize(
    ("clients", "without", "other", "again"),
    [("off", [204], [204], [204]), ("warn", [204], [], [204]), ("enforce", [], [], [])],
)
def test_the_clients_certificate_is_not_asked_for_or_missed_or_demanded(
    listen: Listen,
    pki: Pki,
    foreign: Pki,
    receiver: Receiver,
    clients: str,
    without: list[int],
    other: list[int],
    again: list[int],
    snapshot: SnapshotAssertion,
) -> None:
    listener, sent = listen(clients=clients), KNOWN + CLOSE + b"\r\n"
    assert statuses(exchange(listener, context_of(pki), sent)) == [204]
    assert statuses(exchange(listener, anonymous(pki), sent)) == without
    assert statuses(exchange(listener, foreign_context(foreign, pki), sent)) == other
    # What TLS cannot take is not asked for again, unless it is demanded.
    assert statuses(exchange(listener, foreign_context(foreign, pki), sent)) == again
    assert [finding.partition(" ")[2] for finding in receiver.findings] == snapshot


def test_who_was_not_asked_for_a_certificate_is_not_reported(
    listen: Listen, pki: Pki, foreign: Pki, receiver: Receiver
) -> None:
    """Anybody may present one that is not trusted, after which nobody is asked."""
    listener, sent = listen(clients="warn"), KNOWN + CLOSE + b"\r\n"
    exchange(listener, foreign_context(foreign, pki), sent)
    until(lambda: bool(receiver.findings))
    assert statuses(exchange(listener, context_of(pki), sent)) == [204]
    assert len(receiver.taken) == len(receiver.findings) == 1


def test_certificates_are_read_again(listen: Listen, pki: Pki, tmp_path: Path, receiver: Receiver) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    cert.write_bytes(pki.server.certificate.read_bytes())
    key.write_bytes(pki.server.key.read_bytes())
    listener = listen(cert=cert, key=key)
    other = create_pki(tmp_path / "other", devices=()).server
    cert.write_bytes(other.certificate.read_bytes())
    with pytest.raises(EnvoyError):
        listener.reload_certificates()
    assert statuses(exchange(listener, context_of(pki), KNOWN + CLOSE + b"\r\n")) == [204]
    key.write_bytes(other.key.read_bytes())
    listener.reload_certificates()
    assert exchange(listener, context_of(pki), KNOWN + CLOSE + b"\r\n") == b""


# What is wrong about it


def test_the_public_url_is_that_of_the_address_if_there_is_no_other(pki: Pki) -> None:
    files = {"cert": pki.server.certificate, "key": pki.server.key}
    with NotificationListener("127.0.0.1:0", **files) as listener:
        assert listener.public_url == f"https://127.0.0.1:{listener.port}"
        with pytest.raises(OperationError) as raised:
            NotificationListener(f"127.0.0.1:{listener.port}", **files)
        assert raised.value.where == f"127.0.0.1:{listener.port}"
        listener.close()
    with NotificationListener("127.0.0.1:0", public_url="https://der.example/x/", **files) as listener:
        assert listener.public_url == "https://der.example/x"


@pytest.mark.parametrize(
    "options",
    [
        {"listen": "8444"},
        {"listen": "::1:8444"},
        {"listen": "localhost:99999"},
        {"listen": "0.0.0.0:0"},
        {"public_url": "http://der.example"},
        {"public_url": "https://user@der.example"},
        {"public_url": "https://der.example/?x"},
        {"public_url": "der.example:8444"},
        {"clients": "maybe"},
    ],
    ids=str,
)
def test_wrong_options_are_refused_with_a_remedy(
    pki: Pki, options: dict[str, Any], snapshot: SnapshotAssertion
) -> None:
    with pytest.raises(EnvoyError) as raised:
        NotificationListener(
            **{"listen": "127.0.0.1:0", "cert": pki.server.certificate, "key": pki.server.key, **options}
        )
    assert str(raised.value) == snapshot


def test_one_that_is_closed_does_not_listen_again(listen: Listen, receiver: Receiver) -> None:
    listener = listen()
    listener.close()
    with pytest.raises(EnvoyError) as raised:
        listener.connect(receiver)
    assert raised.value.where == listener.public_url


def test_addresses() -> None:
    assert parse_address("[::1]:8444") == ("::1", 8444)
    assert parse_address(":8444") == ("", 8444)
    assert parse_address("der.example:0") == ("der.example", 0)
