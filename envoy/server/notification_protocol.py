"""HTTP of the listener for notifications over one connection: POST to known paths, within bounds, and a 2xx at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import h11

from envoy.server.connections.http_framing import RequestFraming, TooManyPiecesError
from envoy.server.connections.room import Standing
from envoy.server.connections.tls_connection import TLSConnection
from envoy.server.settings import ServerSettings

MOST_OCTETS = 1 << 20
"""Octets of a notification that are read at most. One that is longer is taken all the same: nothing in it is needed."""

_MOST_HEAD = 1 << 14
_IDLE_SECONDS = 60.0

Take = Callable[[str, dict[str, str], bytes], None]
"""Takes a notification: its path, its headers by names in lower case, and its body."""


class NotificationProtocol:
    """HTTP/1.1 of one connection, as asyncio calls it.

    Args:
        settings: The deadlines of the head and of the body of a request, each for the whole of it.
        accepts: Returns whether notifications come to a path; 404 for the others.
        owns: Returns whether a path is one of those that were given out. What comes to another one is taken without its
            body, so that nobody who has not been given one keeps a connection.
        take: Takes a notification, before it is responded to. It neither blocks nor raises.

    Attributes:
        idle_since: Time of the event loop since which it waits for a request; None if it does not.
    """

    def __init__(
        self, settings: ServerSettings, accepts: Callable[[str], bool], owns: Callable[[str], bool], take: Take
    ) -> None:
        self._settings = settings
        self._accepts = accepts
        self._owns = owns
        self._take = take
        self._loop = asyncio.get_running_loop()
        self._http = RequestFraming(_MOST_HEAD)
        self._deadline: asyncio.TimerHandle | None = None
        self._path = ""
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._served = self._busy = False
        self.idle_since: float | None = None

    @property
    def standing(self) -> Standing:
        """What the connection is worth: the body of a notification that is expected is waited for."""
        if self._busy:
            return Standing.BUSY
        return Standing.WAITING if self._served and self.idle_since is not None else Standing.BEGINNING

    def connection_made(self, transport: TLSConnection) -> None:
        self._transport = transport
        self.idle_since = self._loop.time()
        self._expect("head", self._settings.head_timeout)

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        try:
            while not self._transport.is_closing() and self._handle(self._http.next_event()):
                pass
        except TooManyPiecesError:
            if self._busy:
                # As for one that is too long: nothing in it is needed.
                self._finish(close=True)
            else:
                self._respond(431, close=True)
        except h11.RemoteProtocolError as error:
            self._respond(error.error_status_hint, close=True)

    def pause_writing(self) -> None:
        """Take no more requests of a client that does not read the responses."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()

    def shutdown(self) -> None:
        self._transport.abort()

    def _handle(self, event: Any) -> bool:
        """Do what follows from an event; return whether there may be another one."""
        if event is h11.NEED_DATA:
            if self._http.their_state is h11.IDLE and self._http.trailing_data[0] and self.idle_since is not None:
                # The head of another request has begun.
                self.idle_since = None
                self._expect("head", self._settings.head_timeout)
            return False
        if event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
            self._transport.close()
            return False
        if isinstance(event, h11.Request):
            return self._begin(event)
        if isinstance(event, h11.Data):
            self._body += event.data
            if len(self._body) > MOST_OCTETS:
                self._finish(close=True)
                return False
        elif isinstance(event, h11.EndOfMessage):
            self._finish(close=False)
        return True

    def _begin(self, request: h11.Request) -> bool:
        self.idle_since = None
        self._path = _find_path(request.target.decode("ascii", "replace"))
        self._headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        self._body.clear()
        if not self._accepts(self._path):
            self._respond(404, close=True)
            return False
        if request.method != b"POST":
            self._respond(405, close=True, allow="POST")
            return False
        length = self._headers.get("content-length", "0")
        if not self._owns(self._path) or len(length) > 9 or int(length) > MOST_OCTETS:
            self._finish(close=True)
            return False
        if self._http.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[]))
        self._busy = True
        self._expect("body", self._settings.body_timeout)
        return True

    def _finish(self, *, close: bool) -> None:
        self._take(self._path, self._headers, bytes(self._body[:MOST_OCTETS]))
        self._respond(204, close=close)

    def _respond(self, status: int, *, close: bool, allow: str = "") -> None:
        self._cancel()
        self._busy, self._served = False, True
        headers = [("content-length", "0")] if status != 204 else []
        headers += [("allow", allow)] if allow else []
        headers += [("connection", "close")] if close else []
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._send(h11.Response(status_code=status, headers=headers))
            self._send(h11.EndOfMessage())
        if close or self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            self._transport.close()
            return
        self._http.start_next_cycle()
        self.idle_since = self._loop.time()
        self._expect("", _IDLE_SECONDS)

    def _send(self, event: Any) -> None:
        self._transport.write(self._http.send(event) or b"")

    def _expect(self, what: str, seconds: float) -> None:
        """Give the client these seconds for the whole of what it has to send next; nothing for another request."""
        self._cancel()
        self._deadline = self._loop.call_later(seconds, self._end, what, seconds)

    def _end(self, what: str, seconds: float) -> None:
        if what:
            self._transport.report(f"given up, no whole {what} of a request in {seconds:g} s")
            self._respond(408, close=True)
        else:
            self._transport.close()

    def _cancel(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _find_path(target: str) -> str:
    """Return the path of the target of a request; empty if it is none."""
    try:
        return urlsplit(target).path
    except ValueError:
        return ""
