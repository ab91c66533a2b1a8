"""The run of a server: its socket, its signals, and uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import HANDLED_SIGNALS, ServerState

from envoy.server.advertising import Advertising
from envoy.server.app import create_app
from envoy.server.channel import Channel
from envoy.server.connections.tls_connection import TLSConnection
from envoy.server.console import Console
from envoy.server.control import Control, take_orders
from envoy.server.http_protocol import ClientCertificateProtocol
from envoy.server.notifier import Notifier
from envoy.server.recorder import Recorder
from envoy.server.settings import ServerSettings
from envoy.server.sockets import listen_at
from envoy.server.tls import server_context
from envoy.tls.context import client_context
from envoy.utility import ManualClock, Settings, Utility


def serve(
    *,
    certificate: str | Path,
    key: str | Path,
    ca: str | Path,
    host: str = "127.0.0.1",
    port: int = 0,
    database: str | Path = ":memory:",
    utility_settings: Settings | None = None,
    settings: ServerSettings | None = None,
    control: bool = False,
    channel: Path | None = None,
    console: bool = False,
    advertise: bool = False,
    manual_clock: bool = False,
) -> None:
    """Run the server until SIGINT or SIGTERM.

    The first line on stdout comes once connections are accepted: ``Listening on https://127.0.0.1:8443/dcap (profile
    csip-aus-1.2)``.

    Args:
        certificate: PEM file with the server's certificate, and its chain after it if there is one.
        key: PEM file with its private key, not encrypted.
        ca: PEM file with the certificates that the clients' chains may end in.
        host: Name or address to listen on.
        port: TCP port; 0 for any that is free.
        database: SQLite file that keeps the resources, made if there is none; ``:memory:`` forgets them at the end.
        utility_settings: What can be set on the utility; None for the usual.
        settings: What can be set on the server around it; None for the usual.
        control: Take orders from standard input, see ``envoy.server.control``, and stop when it ends.
        channel: Take orders also on a port that this file leads to, see ``envoy.server.channel``.
        console: Have a page to operate it by, see ``envoy.server.console``; a line on stderr says where.
        advertise: Let clients of the local network find it by DNS-SD (extra ``discover``).
        manual_clock: The clock of the utility stands still until an order puts it forward.

    Raises:
        EnvoyError: A file is missing or not what it should be.
        OperationError: The port cannot be had, or there is no network with multicast.
    """
    clock = ManualClock(time.time()) if manual_clock else time.time
    with Utility(utility_settings, database, now=clock) as utility:
        serve_utility(
            utility,
            certificate=certificate,
            key=key,
            ca=ca,
            host=host,
            port=port,
            settings=settings,
            control=control,
            channel=channel,
            console=console,
            advertise=advertise,
        )


def serve_utility(
    utility: Utility,
    *,
    certificate: str | Path,
    key: str | Path,
    ca: str | Path,
    host: str = "127.0.0.1",
    port: int = 0,
    settings: ServerSettings | None = None,
    control: bool = False,
    channel: Path | None = None,
    console: bool = False,
    advertise: bool = False,
    watch: Callable[[], bool] = lambda: False,
) -> None:
    """Serve a utility until SIGINT or SIGTERM, or until it is enough.

    Args:
        utility: The utility. The caller closes it.
        certificate: As for ``serve``, and so are those up to ``advertise``.
        key: As above.
        ca: As above.
        host: As above.
        port: As above.
        settings: As above.
        control: As above.
        channel: As above.
        console: As above.
        advertise: As above.
        watch: Called some times a second; the server stops when it returns True.

    Raises:
        EnvoyError: A file is missing or not what it should be.
        OperationError: The port cannot be had, or there is no network with multicast.
    """
    settings = settings or ServerSettings()
    faults, recorder = settings.new_faults(), Recorder() if control or channel else None
    log = utility.log = _log if settings.log_requests else None
    context = server_context(certificate=certificate, key=key, ca=ca, tls12_only=settings.tls12_only)
    with listen_at(host, port) as listener, _signals_end_quietly():
        config = configure(create_app(utility, faults=faults, recorder=recorder), context, settings, log)
        shown = f"[{host}]" if ":" in host else host
        url = f"https://{shown}:{listener.getsockname()[1]}/dcap"
        notifier = Notifier(utility, client_context(cert=certificate, key=key, ca=ca))
        server = _Server(config, notifier, f"Listening on {url} (profile {utility.profile.name})", watch)
        if recorder is not None:
            orders = Control(utility, faults, recorder)
            server.control = orders if control else None
            server.channel = Channel(orders, channel) if channel else None
        server.console = Console(utility) if console else None
        server.advertising = Advertising(utility, certificate, *listener.getsockname()[:2]) if advertise else None
        server.run([listener])


def configure(
    app: ASGIApp,
    context: ssl.SSLContext,
    settings: ServerSettings | None = None,
    log: Callable[[str], None] | None = None,
) -> uvicorn.Config:
    """Return how uvicorn runs an application with mutual TLS.

    Args:
        app: The application.
        context: The server's side of TLS.
        settings: Deadlines, and how many connections there may be; None for the usual.
        log: Called with a line for each connection that is refused, fails or is given up; None for nobody.
    """
    limits = settings or ServerSettings()

    def connect(*, server_state: ServerState, **options: Any) -> TLSConnection:
        def make_http() -> ClientCertificateProtocol:
            return ClientCertificateProtocol(limits, server_state=server_state, **options)

        connections = cast("set[TLSConnection]", server_state.connections)
        return TLSConnection(context, limits, connections, make_http, log)

    return uvicorn.Config(
        app,
        # uvicorn calls it as it would the class of a protocol. It knows nothing of TLS then.
        http=cast("type[asyncio.Protocol]", connect),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        # Longer than clients keep idle connections, so that it is not the server that closes under a request.
        timeout_keep_alive=60,
        timeout_graceful_shutdown=5,
    )


def _log(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, notifier: Notifier, announcement: str, watch: Callable[[], bool]
    ) -> None:
        super().__init__(config)
        self._notifier = notifier
        self._announcement = announcement
        self._watch = watch
        self.control: Control | None = None
        self.channel: Channel | None = None
        self.console: Console | None = None
        self.advertising: Advertising | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_ExceptionHandler())
        await super().startup(sockets)
        if self.channel is not None:
            await self.channel.open()
        if self.console is not None:
            await self.console.open()
            # Not on stdout, which belongs to whoever gives orders on stdin.
            _log(f"Console at {self.console.url}")
        if self.advertising is not None:
            await self.advertising.open()
        print(self._announcement, flush=True)
        if self.control is not None:
            take_orders(self.control, then=self._stop)

    async def on_tick(self, counter: int) -> bool:
        self._notifier.send_due()
        if self.advertising is not None:
            self.advertising.refresh()
        return await super().on_tick(counter) or self._watch()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.advertising is not None:
            await self.advertising.close()
        if self.console is not None:
            await self.console.close()
        await super().shutdown(sockets)
        await self._notifier.close()
        if self.channel is not None:
            await self.channel.close()

    def _stop(self) -> None:
        self.should_exit = True


class _ExceptionHandler:
    """The handler of what asyncio complains of: briefly where the machine is to blame and not the program.

    With no file left to be opened, asyncio has a traceback for each of the thousands of times it tries to accept, and
    one more where the server has been stopped before it tries again, a second later.
    """

    def __init__(self) -> None:
        self._warned = False

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if self._warned and "_start_serving" in context["message"]:
            return
        if not (isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE)):
            loop.default_exception_handler(context)
        elif not self._warned:
            self._warned = True
            print(
                "Warning: too many connections, some wait. Let the server open more files (ulimit -n), or its clients "
                "fewer connections.",
                file=sys.stderr,
                flush=True,
            )


@contextlib.contextmanager
def _signals_end_quietly() -> Iterator[None]:
    """Ignore the signal that uvicorn raises once more after it has shut down because of it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, lambda *_: None) for number in HANDLED_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
