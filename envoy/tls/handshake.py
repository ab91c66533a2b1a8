"""A TLS handshake with a server whose messages are recorded, for the diagnosis of one that fails.

Python shows nothing of a handshake that fails. TLS 1.2 sends most of it in the clear (RFC 5246, 7.4): the cipher suite
in ServerHello, the server's certificate, and whether it asks for ours. So the received bytes are parsed a second time
here. In TLS 1.3 only ServerHello is in the clear, but there the handshake succeeds for the client before the server has
verified its certificate.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TypeVar

import httpx

from envoy.errors import TransportError
from envoy.tls.context import BROKEN_OFF, TLSFailure, explain
from envoy.tls.refusal import Refusal, explain_refusal
from envoy.urls import DEFAULT_PORTS, origin, proxy_of

T = TypeVar("T")

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])\b")
_CHUNK = 16384

_HANDSHAKE_RECORD = 22
_SESSION_ID = 34
_SERVER_HELLO, _CERTIFICATE, _CERTIFICATE_REQUEST = 2, 11, 13


@dataclass(slots=True)
class Handshake:
    """The result of one connection.

    Attributes:
        negotiated: Protocol and cipher suite; empty if the handshake did not get that far.
        certificate: The server's certificate in DER; empty if it was not received.
        asked: Whether the server asked for our certificate; None if unknown, as in TLS 1.3.
        status: HTTP status of the response to a GET; 0 if there is none.
        refusal: Why the response refuses us for want of a certificate; None if it does not.
        failure: Why it failed; None if it succeeded.
        distrust: Whether it failed because we do not trust the server's certificate.
    """

    negotiated: str = ""
    certificate: bytes = b""
    asked: bool | None = None
    status: int = 0
    refusal: Refusal | None = None
    failure: TLSFailure | None = None
    distrust: bool = False

    @property
    def trusted(self) -> bool | None:
        """Whether we trust the server's certificate; None if it was not received."""
        return False if self.distrust else True if self.certificate else None


def try_handshake(url: httpx.URL, context: ssl.SSLContext, timeout: float, *, get: bool = False) -> Handshake:
    """Connect, make a handshake, and send a GET if asked to: in TLS 1.3 a server refuses our certificate only then.

    A proxy that the environment names is asked for a tunnel.

    Args:
        url: The server, and the path to GET.
        context: Our side of TLS.
        timeout: Seconds to wait for the connection, and then for all that the server sends.
        get: Whether to send the GET.

    Raises:
        TransportError: The server, or the proxy on the way to it, cannot be reached.
    """
    proxy = proxy_of(url)
    connection = _connect(url, timeout) if proxy is None else _connect_through(proxy, url, timeout)
    found = Handshake()
    with connection:
        line = _RecordedTLS(connection, context, url.host, time.monotonic() + timeout)
        try:
            line.run(line.tls.do_handshake)
            cipher = line.tls.cipher()
            found.negotiated = f"{line.tls.version()} {cipher[0] if cipher else ''}"
            found.certificate = line.tls.getpeercert(binary_form=True) or b""
            if get:
                found.status, body = _get(line, url)
                found.refusal = explain_refusal(found.status, body)
        except OSError as error:
            what = f"the connection broke: {error.strerror or error}"
            found.failure = explain(error) or TLSFailure(what, BROKEN_OFF, refused=False)
            found.distrust = isinstance(error, ssl.SSLCertVerificationError)
    _parse_clear_text(bytes(line.received), context, found)
    return found


def _connect(url: httpx.URL, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((url.host, url.port or DEFAULT_PORTS["https"]), timeout)
    except OSError as error:
        raise TransportError(
            f"cannot connect to {url.netloc.decode()}: {error.strerror or error}",
            where=str(url),
            remedy="Check that the server runs, its host and port, and the firewall between.",
        ) from error


def _connect_through(proxy: str, url: httpx.URL, timeout: float) -> socket.socket:
    """Return a connection through the tunnel of a proxy (CONNECT, RFC 9110, 9.3.6)."""

    def fail(what: str) -> TransportError:
        # Its user and password are not shown.
        name = origin(named.url)
        remedy = "HTTPS_PROXY and ALL_PROXY in the environment name it, NO_PROXY the hosts to reach without one."
        return TransportError(f"the proxy {name} {what}", where=str(url), remedy=remedy)

    try:
        named = httpx.Proxy(proxy)
    except (ValueError, httpx.InvalidURL) as error:
        remedy = "HTTPS_PROXY and ALL_PROXY name it."
        raise TransportError(f"the proxy of the environment cannot be used: {error}", remedy=remedy) from None
    if named.url.scheme != "http":
        raise fail("is not one of HTTP, through which alone TLS is checked")
    target = f"{url.host}:{url.port or DEFAULT_PORTS['https']}"
    head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if named.raw_auth is not None:
        head.append(f"Proxy-Authorization: Basic {b64encode(b':'.join(named.raw_auth)).decode()}")
    with ExitStack() as opened:
        try:
            address = (named.url.host, named.url.port or DEFAULT_PORTS["http"])
            connection = opened.enter_context(socket.create_connection(address, timeout))
            connection.sendall("\r\n".join([*head, "", ""]).encode())
            response, deadline = b"", time.monotonic() + timeout
            # One octet at a time, so that none of what the server sends is taken.
            while not response.endswith(b"\r\n\r\n"):
                octet = connection.recv(1) if len(response) < _CHUNK and time.monotonic() < deadline else b""
                if not octet:
                    raise ConnectionError("it ended without a response")
                response += octet
        except OSError as error:
            raise fail(f"cannot be used: {error.strerror or error}") from error
        match = _STATUS.match(response)
        if match is None or match[1][:1] != b"2":
            raise fail(f"does not connect us to {target}: {response.splitlines()[0].decode('latin-1')}")
        opened.pop_all()
    return connection


class _RecordedTLS:
    """TLS on a socket, with a record of the bytes received, until a time on the monotonic clock."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext, host: str, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.received = bytearray()

    def run(self, step: Callable[[], T]) -> T:
        """Run a step of TLS, with as much sending and receiving as it takes."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._send()
                # A server that sends an octet now and then is given up as well.
                left = self._deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError("timed out") from None
                self._connection.settimeout(left)
                data = self._connection.recv(_CHUNK)
                self.received += data
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            finally:
                self._send()

    def _send(self) -> None:
        if self._outgoing.pending:
            # A server that has closed the connection may have sent an alert, which is still to be read.
            with suppress(ConnectionError):
                self._connection.sendall(self._outgoing.read())


def _get(line: _RecordedTLS, url: httpx.URL) -> tuple[int, str]:
    """GET the path of a URL; return the status, and of an error what else came."""
    path, host = url.raw_path.decode(), url.netloc.decode()
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nConnection: close\r\n\r\n".encode()
    line.run(lambda: line.tls.write(request))
    response = b""
    while b"\n" not in response and len(response) < _CHUNK:
        part = line.run(lambda: line.tls.read(_CHUNK))
        if not part:
            raise ConnectionError("the server closed it without a response")
        response += part
    match = _STATUS.match(response)
    if match is None:
        raise ConnectionError("the response is not HTTP")
    status = int(match[1])
    if status >= 400:
        # The page says why. It may end with the connection, in whatever way.
        with suppress(OSError):
            while len(response) < _CHUNK and (part := line.run(lambda: line.tls.read(_CHUNK))):
                response += part
    return status, response.decode("latin-1")


def _parse_clear_text(received: bytes, context: ssl.SSLContext, found: Handshake) -> None:
    """Fill in what the server sent in the clear."""
    for kind, body in _messages(received):
        if kind == _SERVER_HELLO and not found.negotiated and len(body) > _SESSION_ID:
            # Version, 32 random octets, the length of a session id and that, and the suite.
            after = _SESSION_ID + 1 + body[_SESSION_ID]
            suite = int.from_bytes(body[after : after + 2])
            names = (cipher["name"] for cipher in context.get_ciphers() if cipher["id"] & 0xFFFF == suite)
            found.negotiated = f"TLSv1.2 {next(names, '')}".rstrip()
        elif kind == _CERTIFICATE:
            # A length for all certificates, then one for the first, each of three octets.
            found.certificate = found.certificate or body[6 : 6 + int.from_bytes(body[3:6])]
            found.asked = found.asked or False
        elif kind == _CERTIFICATE_REQUEST:
            found.asked = True


def _messages(received: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each handshake message that came before encryption."""
    clear = bytearray()
    while received[:1] == bytes([_HANDSHAKE_RECORD]):
        length = int.from_bytes(received[3:5])
        clear += received[5 : 5 + length]
        received = received[5 + length :]
    while len(clear) >= 4 and len(clear) >= (end := 4 + int.from_bytes(clear[1:4])):
        yield clear[0], bytes(clear[4:end])
        del clear[:end]
