"""uvicorn's HTTP over one TLS connection: who the client is, deadlines, and how to break it off."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import sys
from typing import Any, Literal

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from envoy.server.connections.http_framing import RequestFraming
from envoy.server.connections.room import Standing
from envoy.server.connections.tls_connection import TLSConnection
from envoy.server.settings import ServerSettings

End = Literal["close", "eof", "reset"]

_MOST_HEAD = 1 << 16

_TOO_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class ClientCertificateProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with two extensions of ASGI in the scope of each request.

    ``tls`` has the client's certificate, as ASGI defines it; ``envoy.connection`` can break the connection off.

    Args:
        settings: The deadlines of the head and of the body of a request. Each is for the whole of it, so that nobody
            can make it longer by sending an octet now and then.
        options: As for ``H11Protocol``.

    Attributes:
        idle_since: Time of the event loop since which it waits for a request; None if it does not.
    """

    transport: TLSConnection

    def __init__(self, settings: ServerSettings, **options: Any) -> None:
        super().__init__(**options)
        self.conn = RequestFraming(_MOST_HEAD)
        self._settings = settings
        self._awaited = ""
        self._deadline: asyncio.TimerHandle | None = None
        self.idle_since: float | None = None

    @property
    def standing(self) -> Standing:
        """What the connection is worth: nothing that a client asks for is lost for another one."""
        if self.cycle is not None and not self.cycle.response_complete:
            return Standing.BUSY
        return Standing.BEGINNING if self.cycle is None or self.idle_since is None else Standing.WAITING

    def connection_made(self, transport: TLSConnection) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # uvicorn has the connection already, by its TLS.
        self.connections.discard(self)
        certificate = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        extensions = {
            "tls": {"client_cert_chain": [ssl.DER_cert_to_PEM_cert(certificate)]},
            "envoy.connection": {"break_off": self.break_off},
        }
        app = self.app

        async def with_extensions(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {}).update(extensions)
            try:
                await app(scope, receive, send)
            except asyncio.CancelledError:
                # The server stops, and has waited long enough for the rest of this request or the end of a delay.
                self.break_off("eof", b"")

        self.app = with_extensions
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._await("")
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Set a deadline for what the client has to send next: the head of a request, or the rest of its body."""
        theirs = self.conn.their_state
        between = theirs is h11.IDLE and not self.conn.trailing_data[0]
        # A first request has to come; uvicorn closes what stays idle after that.
        if theirs is h11.SEND_BODY:
            self._await("body")
        else:
            self._await("head" if theirs is h11.IDLE and not (between and self.cycle) else "")
        if not between:
            self.idle_since = None
        elif self.idle_since is None:
            self.idle_since = self.loop.time()

    def _await(self, what: str) -> None:
        if what == self._awaited:
            return
        self._awaited = what
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if what and not self.transport.is_closing():
            within = self._settings.head_timeout if what == "head" else self._settings.body_timeout
            self._deadline = self.loop.call_later(within, self._refuse, f"no whole {what} of a request in {within:g} s")

    def _refuse(self, why: str) -> None:
        """End the connection of a client that is too slow; one that has begun with a request gets a 408."""
        self.transport.report(f"given up, {why}")
        begun = self.cycle is not None and not self.cycle.response_complete
        if self.idle_since is None and not (begun and self.cycle.response_started):
            self.transport.write(_TOO_LATE)
        if begun:
            # What waits for the rest of the body need not wait for the end of the connection too.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    def break_off(self, end: End, rest: bytes) -> None:
        """End the connection in the middle of a response, as the extension ``envoy.connection`` has it.

        Args:
            end: In order, with TLS closed; with the end of the stream and not a word of TLS, as if this process had
                died; or with a TCP reset.
            rest: Octets to send before, if it ends in order.
        """
        gone = self.transport.is_closing()
        # Otherwise uvicorn would miss the rest of the response, and log that as an error of the application.
        self.cycle.disconnected = True
        if gone:
            return
        if end == "close":
            self.transport.write(rest)
            self.transport.close()
            return
        if end == "reset":
            # To linger for 0 s is to reset; Windows has shorts where others have ints.
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.transport.abort()

    def shutdown(self) -> None:
        """Close the connection; an idle one at once, since its client may never close its side of TLS."""
        # One that is closing already must not be closed again: asyncio would take that for leave to forget about it.
        if not self.transport.is_closing():
            super().shutdown()
        if self.transport.is_closing():
            self.transport.abort()
