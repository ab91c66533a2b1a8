"""The listener for notifications: a small HTTPS server in a thread of its own, which takes nothing else.

It is an attack surface: it bounds what comes in size, number and time, knows no path that it has not given out, and
gives what it takes to nobody who believes it.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self, get_args

from envoy.errors import EnvoyError, OperationError
from envoy.server.connections.tls_connection import TLSConnection
from envoy.server.notification_protocol import NotificationProtocol
from envoy.server.settings import ServerSettings
from envoy.server.sockets import listen_at
from envoy.subscriptions.listener import NotificationReceiver
from envoy.subscriptions.notification_paths import check_public_url
from envoy.tls.context import load_files, set_ciphers

Clients = Literal["off", "warn", "enforce"]

LIMITS = ServerSettings(max_connections=500, handshake_timeout=10.0, head_timeout=10.0, body_timeout=20.0)
"""How many connections there may be, and how long each part of one may take."""

_LOG = logging.getLogger("envoy.server.listener")

_WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104  # they are recognized, not listened on

_BACKLOG = 500
"""Connections that may wait to be accepted: of those that find no room, TCP sends the first packet again after 1 s."""

_AT_ONCE = 20
"""Connections that are accepted before others end for them: each has a file, of which a process may open few."""

_MOST_PEERS = 1000
_START_SECONDS = 30.0


class NotificationListener:
    """Listens for the notifications of subscriptions: give it to ``Client.follow``.

    Use it as a context manager, or call ``close``. Several clients may use one.

    Args:
        listen: Where: ``HOST:PORT``, such as ``192.0.2.10:8444`` or ``[::]:8444``; port 0 is any that is free.
        public_url: The URL by which the utility reaches it, perhaps through a proxy: ``https://der.example.com:8444``.
            None for the host and port above.
        cert: PEM file of the server's certificate that the utility is shown, with its chain.
        key: PEM file of its private key; None if it is in ``cert``.
        ca: PEM file of the CA that the client's certificate of the utility is signed by; None for those of the system.
        clients: What is done about the client's certificate of the utility: ``off`` does not ask for one; ``warn`` asks
            for one and reports where it is missing or not trusted; ``enforce`` takes nothing without one.
        limits: How many connections there may be, and how long each part of one may take.

    Attributes:
        port: The port that it listens on.

    Raises:
        EnvoyError: An argument is not what it should be, or a file cannot be used.
        OperationError: It cannot listen there.
    """

    def __init__(
        self,
        listen: str,
        *,
        public_url: str | None = None,
        cert: str | Path,
        key: str | Path | None = None,
        ca: str | Path | None = None,
        clients: Clients = "warn",
        limits: ServerSettings = LIMITS,
    ) -> None:
        if clients not in get_args(Clients):
            raise EnvoyError(f"clients is {clients!r}", remedy=f"Give one of {', '.join(get_args(Clients))}.")
        host, port = parse_address(listen)
        if public_url is None and host in _WILDCARDS:
            raise EnvoyError(
                f"{listen} does not say by which name the utility reaches this machine",
                remedy="Give public_url= as well: https://der.example.com:8444.",
            )
        public_url = None if public_url is None else check_public_url(public_url)
        self._files: dict[str, Any] = {"cert": cert, "key": key, "ca": ca}
        self._clients = clients
        self._limits = limits
        self._context = self._make_context()
        self._receivers: tuple[NotificationReceiver, ...] = ()
        self._connections: set[TLSConnection] = set()
        self._peers: set[str] = set()
        self._closed = False
        self._socket = listen_at(host, port)
        self.port: int = self._socket.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self._public_url = public_url or f"https://{shown}:{self.port}"
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notifications", daemon=True)

    @property
    def public_url(self) -> str:
        """The URL by which the utility reaches it."""
        return self._public_url

    def connect(self, receiver: NotificationReceiver) -> None:
        """Give notifications to a receiver from now on; it is listening when this returns.

        Raises:
            EnvoyError: It is closed.
            OperationError: It cannot listen.
        """
        if self._closed:
            raise EnvoyError("the listener is closed", where=self.public_url, remedy="Make a new one.")
        self._receivers = (*self._receivers, receiver)
        if not self._ready.is_set():
            self._thread.start()
            if not self._ready.wait(_START_SECONDS):
                raise OperationError("cannot listen: its thread does not begin", where=self.public_url)

    def disconnect(self, receiver: NotificationReceiver) -> None:
        """Do not give it any more."""
        self._receivers = tuple(each for each in self._receivers if each is not receiver)

    def reload_certificates(self) -> None:
        """Read the files of the certificate, the key and the CA again, for connections from now on.

        Raises:
            EnvoyError: One cannot be used; all stays as it was.
        """
        self._context = self._make_context()

    def close(self) -> None:
        """Stop listening. It may be closed twice."""
        self._closed = True
        if self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # The thread

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        # Such as that no file is left to be opened: it goes on when there is one again.
        self._loop.set_exception_handler(lambda _, context: _LOG.warning("%s", context.get("message")))
        server = await self._loop.create_server(self._connect, sock=self._socket, backlog=_AT_ONCE)
        self._socket.listen(_BACKLOG)
        self._ready.set()
        await self._stop.wait()
        server.close()
        for connection in tuple(self._connections):
            connection.abort()

    def _connect(self) -> TLSConnection:
        connection: _Connection

        def make_http() -> NotificationProtocol:
            return NotificationProtocol(
                self._limits, self._accepts, self._owns, lambda *parts: self._take(connection, *parts)
            )

        connection = _Connection(self._context, self._limits, self._connections, make_http, _LOG.info)
        connection.on_distrust = self._note_distrust
        return connection

    def _accepts(self, path: str) -> bool:
        return any(receiver.accepts(path) for receiver in self._receivers)

    def _owns(self, path: str) -> bool:
        return any(receiver.owns(path) for receiver in self._receivers)

    def _take(self, connection: TLSConnection, path: str, headers: dict[str, str], content: bytes) -> None:
        tls = connection.get_extra_info("ssl_object")
        # Who has presented one that is not trusted may have been somebody else, and nobody was asked since.
        if tls.context.verify_mode is ssl.CERT_OPTIONAL and tls.getpeercert() is None:
            self._report_peer(connection, "sends notifications without a client certificate")
        try:
            if not any(receiver.notify(path, headers, content) for receiver in self._receivers):
                self._report_peer(connection, "sends notifications for a subscription of an earlier run")
        except Exception:  # what one receiver does must not end the others
            _LOG.exception("a notification was not taken")

    def _note_distrust(self, connection: TLSConnection, error: ssl.SSLCertVerificationError) -> None:
        why = f"presents a client certificate that is not trusted: {error.verify_message}"
        if self._clients == "warn":
            # TLS cannot take a certificate that it does not trust, so the next time it does not ask for one.
            self._context = self._make_context(ask=False)
            why += "; none is asked for any more"
        self._report_peer(connection, why)

    def _report_peer(self, connection: TLSConnection, what: str) -> None:
        host = (connection.get_extra_info("peername") or ("?",))[0]
        if (line := f"{host} {what}") not in self._peers and len(self._peers) < _MOST_PEERS:
            self._peers.add(line)
            self._report(line)

    def _report(self, finding: str) -> None:
        _LOG.warning("%s", finding)
        for receiver in self._receivers[:1]:
            receiver.report(finding)

    def _make_context(self, *, ask: bool = True) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
        modes = {"off": ssl.CERT_NONE, "warn": ssl.CERT_OPTIONAL, "enforce": ssl.CERT_REQUIRED}
        context.verify_mode = modes[self._clients] if ask else ssl.CERT_NONE
        set_ciphers(context)
        load_files(context, **self._files)
        if self._files["ca"] is None:
            context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        return context


class _Connection(TLSConnection):
    """A connection that says whose certificate is not trusted."""

    on_distrust: Callable[[TLSConnection, ssl.SSLCertVerificationError], None]

    def _fail(self, error: ssl.SSLError) -> None:
        if isinstance(error, ssl.SSLCertVerificationError):
            self.on_distrust(self, error)
        super()._fail(error)


def parse_address(text: str) -> tuple[str, int]:
    """Return the host and the port of ``HOST:PORT``.

    Raises:
        EnvoyError: It is not that.
    """
    host, mark, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    fits = bool(mark) and port.isascii() and port.isdecimal() and int(port) <= 0xFFFF
    if not fits or (":" in host and not bracketed):
        raise EnvoyError(f"{text!r} is not HOST:PORT", remedy="Write it as 192.0.2.10:8444 or [2001:db8::10]:8444.")
    return host.strip("[]"), int(port)
