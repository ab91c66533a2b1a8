"""One TLS connection of a client: deadlines, a bound on how many there are, and a reason for each that fails.

asyncio has TLS of its own, but keeps 256 KiB for each connection and reports nothing of a handshake that fails. Here
``ssl.SSLObject`` does the work, between two buffers of a few kilobytes.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from envoy.server.connections.room import Standing, choose_to_end, find_origin
from envoy.server.settings import ServerSettings

_PIECE = 1 << 14
"""Octets that are decrypted at a time, as many as a record of TLS has at most; the buffers stay as small."""

_LINGER = 5.0
"""Seconds in which the client may read the rest of a connection that ends, and close its side of it."""

_REASONS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the client sent no certificate",
    "NO_SHARED_CIPHER": "the client has no cipher suite of the server's",
    "UNSUPPORTED_PROTOCOL": "the client has no version of TLS of the server's",
    "HTTP_REQUEST": "the client speaks HTTP without TLS",
    "WRONG_VERSION_NUMBER": "the client does not speak TLS",
}


class HttpProtocol(Protocol):
    """HTTP over a connection, as asyncio calls it; and what it is about.

    Attributes:
        idle_since: Time of the event loop since which it waits for a request; None while there is one.
    """

    idle_since: float | None

    @property
    def standing(self) -> Standing: ...

    def connection_made(self, transport: TLSConnection) -> None: ...
    def data_received(self, data: bytes) -> None: ...
    def pause_writing(self) -> None: ...
    def resume_writing(self) -> None: ...
    def connection_lost(self, exc: Exception | None) -> None: ...
    def shutdown(self) -> None: ...


class TLSConnection(asyncio.Transport, asyncio.Protocol):
    """A connection: the protocol of a TCP transport below it, and the transport of HTTP above it.

    Args:
        context: The server's side of TLS.
        settings: The deadlines, and how many connections there may be.
        others: All connections of the server, those that uvicorn ends when it stops. This one is among them from its
            beginning to its end.
        make_http: Makes the HTTP above, once there is a handshake.
        log: Called with a line for a connection that is refused, fails or is given up; None for nobody.

    Attributes:
        origin: Where it comes from, as far as room is shared.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        settings: ServerSettings,
        others: set[TLSConnection],
        make_http: Callable[[], HttpProtocol],
        log: Callable[[str], None] | None,
    ) -> None:
        super().__init__()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._settings = settings
        self._others = others
        self._make_http = make_http
        self._log = log
        self._loop = asyncio.get_running_loop()
        self.origin = ""
        self._since = 0.0
        self._http: HttpProtocol | None = None
        self._paused = self._closing = self._flushing = False
        self._deadline: asyncio.TimerHandle | None = None
        self._unsent = 0

    # The protocol of TCP

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._tcp = transport
        self.origin = find_origin((transport.get_extra_info("peername") or ("?",))[0])
        self._since = self._loop.time()
        # What is sent in parts would wait for the client to acknowledge the first, 40 ms; asyncio prevents that only
        # on sockets that it has opened itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self._others) >= self._settings.max_connections and not self._make_room():
            self.report(f"refused, there are {len(self._others)} connections")
            self.abort()
            return
        self._others.add(self)
        within = self._settings.handshake_timeout
        self._deadline = self._loop.call_later(within, self.give_up, f"no TLS handshake within {within:g} s")

    def _make_room(self) -> bool:
        """End other connections, that are worth less than this one; return whether there was one."""
        found = choose_to_end(self._others, self.origin, self._loop.time())
        for each in found:
            # It counts no more, though asyncio says so later.
            self._others.discard(each)
            each.abort()
        return bool(found)

    @property
    def standing(self) -> Standing:
        """What it is worth when there is no room for another connection."""
        if self._closing:
            return Standing.ENDING
        if self._http is None:
            return Standing.BEGINNING
        # The client has the rest of a response to read.
        return Standing.BUSY if self._tcp.get_write_buffer_size() else self._http.standing

    @property
    def since(self) -> float:
        """Time of the event loop since which it ends, or waits for a request, or else is there."""
        idle_since = None if self._http is None or self._closing else self._http.idle_since
        return self._since if idle_since is None else idle_since

    def data_received(self, data: bytes) -> None:
        octets = memoryview(data)
        for start in range(0, len(octets), _PIECE):
            if self._closing:
                return
            self._incoming.write(octets[start : start + _PIECE])
            self._advance()

    def eof_received(self) -> None:
        """End it: who has closed this side of TCP without closing TLS has died, or pretends it."""
        if not self._closing:
            self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self._others.discard(self)
        self._cancel_deadline()
        if self._http is not None:
            self._http.connection_lost(exc)
        # HTTP refers to this, and this to HTTP. The 100 kB of TLS are not to wait for the garbage collector, which
        # does not see them.
        del self._tls, self._incoming, self._outgoing

    def pause_writing(self) -> None:
        self._watch_writing(self._settings.body_timeout)
        if self._http is not None:
            self._http.pause_writing()

    def resume_writing(self) -> None:
        if not self._closing:
            self._cancel_deadline()
        if self._http is not None:
            self._http.resume_writing()

    def _watch_writing(self, seconds: float) -> None:
        """Give a client up that takes nothing of what waits for it in these seconds, however often they begin."""
        self._cancel_deadline()
        self._unsent = self._tcp.get_write_buffer_size()
        self._deadline = self._loop.call_later(seconds, self._expect_less, seconds)

    def _expect_less(self, seconds: float) -> None:
        if 0 < self._tcp.get_write_buffer_size() < self._unsent:
            self._watch_writing(seconds)
            return
        if not self._closing:
            self.report(f"given up, the client has read nothing for {seconds:g} s")
        self.abort()

    # TLS

    def _advance(self) -> None:
        """Go on with what has come: the handshake, or what HTTP is waiting for."""
        if self._closing:
            return
        try:
            if self._http is None:
                self._tls.do_handshake()
                self._begin()
            while not (self._paused or self._closing):
                data = self._tls.read(_PIECE)
                if not data:
                    self.close()
                    return
                assert self._http is not None
                self._http.data_received(data)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._fail(error)
            return
        self._flush()

    def _begin(self) -> None:
        self._cancel_deadline()
        self._http = self._make_http()
        self._http.connection_made(self)

    def _fail(self, error: ssl.SSLError) -> None:
        if self._http is not None:
            self.abort()
            return
        reason = error.reason or str(error)
        what = _REASONS.get(reason, reason.lower().replace("_", " "))
        if isinstance(error, ssl.SSLCertVerificationError):
            what = f"the client's certificate is not trusted: {error.verify_message}"
        elif "ALERT" in reason:
            what = f"the client refuses ({what})"
        self.report(f"TLS failed, {what}")
        # With the alert that says so.
        self._end()

    def _flush(self) -> None:
        self._flushing = False
        # asyncio warns of each write to a connection that has broken, which it reports only afterwards.
        if not self._tcp.is_closing() and (data := self._outgoing.read()):
            self._tcp.write(data)

    def _end(self) -> None:
        """Send what is left, and wait a while for the client to read it and to close its side."""
        self._closing = True
        self._since = self._loop.time()
        self._flush()
        with suppress(OSError, RuntimeError):
            # Closing at once would reset the connection if more has come meanwhile, and what was sent would be lost.
            self._tcp.write_eof()
        # Also if HTTP had paused it: how the client ends has to be seen.
        self._tcp.resume_reading()
        self._watch_writing(_LINGER)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def report(self, what: str) -> None:
        """Write a line about the connection to the log."""
        if self._log is not None:
            host, port = (self._tcp.get_extra_info("peername") or ("?", 0))[:2]
            self._log(f"{host}:{port} {what}")

    def give_up(self, why: str) -> None:
        """End the connection at once, and say why in the log."""
        self.report(f"given up, {why}")
        self.abort()

    def shutdown(self) -> None:
        """End it because the server stops, as uvicorn calls it."""
        if self._http is None:
            self.abort()
        else:
            self._http.shutdown()

    # The transport of HTTP

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "ssl_object":
            return self._tls
        return self._tls.context if name == "sslcontext" else self._tcp.get_extra_info(name, default)

    def write(self, data: Any) -> None:
        if data and not self._closing:
            self._tls.write(data)
            # Head and body of a response are written one after the other, and sent together.
            if not self._flushing:
                self._flushing = True
                self._loop.call_soon(self._flush)

    def close(self) -> None:
        if not self._closing:
            with suppress(ssl.SSLError):
                # It says that the client has not closed its side yet.
                self._tls.unwrap()
            self._end()

    def abort(self) -> None:
        self._closing = True
        self._tcp.abort()

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self._paused = True
        self._tcp.pause_reading()

    def resume_reading(self) -> None:
        if self._paused and not self._closing:
            self._paused = False
            self._tcp.resume_reading()
            # There may be something that was received and not decrypted.
            self._loop.call_soon(self._advance)

    def get_write_buffer_size(self) -> int:
        return self._tcp.get_write_buffer_size()
