"""Servers on real sockets that do as a test says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from envoy.protocol.flow import Request, Response
from envoy.tls.context import set_ciphers
from envoy.tls.pki import Pki


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the server's ``answer`` and keeps what it was."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Scripted

    def handle_any(self) -> None:
        self.content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.received.append((self.command, self.path, dict(self.headers), self.content))
        self.server.answer(self)

    do_HEAD = do_GET = do_PUT = do_POST = do_DELETE = do_CONNECT = handle_any  # noqa: N815

    def reply(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


Answer = Callable[[Handler], None]


class Scripted(ThreadingHTTPServer):
    """A server in a thread of this process."""

    block_on_close = True

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.received: list[tuple[str, str, dict[str, str], bytes]] = []
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.server_port}"
        self.host = f"127.0.0.1:{self.server_port}"
        self.context = context
        self._open: set[socket.socket] = set()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.settimeout(60)
        if self.context is not None:
            connection = self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        self._open.add(connection)
        return connection, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        # In the thread of the connection: a client that is slow to begin holds up no other.
        if self.context is not None:
            request.do_handshake()
        super().finish_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close it, and end the connections that clients have left open."""
        for connection in list(self._open):
            with suppress(OSError):
                # Not by the method of TLS, which takes from the thread of the connection what it uses.
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
        super().server_close()

    def handle_error(self, request: Any, address: Any) -> None:
        # A client that goes away in the middle is what many of these tests are about.
        pass

    @property
    def requests(self) -> list[str]:
        return [f"{method} {path}" for method, path, _, _ in self.received]


Serve = Callable[..., Scripted]


@contextmanager
def serving() -> Iterator[Serve]:
    """Give a function that starts a server which responds as a function says, over TLS if a context is given."""
    started: list[Scripted] = []

    def start(answer: Answer, context: ssl.SSLContext | None = None) -> Scripted:
        server = Scripted(answer, context)
        started.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


@contextmanager
def raw_server(respond: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve connections by a function that has the socket, once for each request."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError), wrap(connection) as stream:
            while stream.recv(65536):
                respond(stream)

    def wrap(connection: socket.socket) -> socket.socket:
        return connection if context is None else context.wrap_socket(connection, server_side=True)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield f"http{'s' if context else ''}://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()


def respond_with(send: Callable[[Request], Response]) -> Answer:
    """Return what responds as a utility in this process does (``Utility.connect``)."""

    def answer(handler: Handler) -> None:
        response = send(Request("", handler.command, handler.path, handler.content or None))
        handler.reply(response.status, response.content, **response.headers)

    return answer


def ok(handler: Handler) -> None:
    handler.reply(200, b"fine")


def tls(
    pki: Pki,
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
    *,
    clients: bool = True,
    files: tuple[Path, Path] | None = None,
) -> ssl.SSLContext:
    """Return the TLS settings of a server that speaks one version, and may demand client certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    set_ciphers(context)
    context.load_cert_chain(*(files or (pki.server.certificate, pki.server.key)))
    context.load_verify_locations(pki.ca.certificate)
    context.verify_mode = ssl.CERT_REQUIRED if clients else ssl.CERT_NONE
    return context


def hang_up(handler: Handler) -> None:
    """Send nothing and close the connection."""
    handler.close_connection = True


def cut(handler: Handler) -> None:
    """Respond with a body that ends before it should."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"<EndDevice")
    handler.close_connection = True


def reset(handler: Handler) -> None:
    """Reset the connection."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    handler.connection.close()
    handler.close_connection = True
