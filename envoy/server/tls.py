"""The server's side of TLS: client certificates are demanded, and handed on to the application (6.4 to 6.11)."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import sys
from pathlib import Path
from typing import Literal

from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from envoy.tls.context import load_files, set_ciphers

End = Literal["close", "eof", "reset"]


def server_context(*, certificate: str | Path, key: str | Path, ca: str | Path, tls12_only: bool) -> ssl.SSLContext:
    """Return the TLS settings of a server that demands client certificates.

    Args:
        certificate: PEM file with the server's certificate, and its chain after it if there is one.
        key: PEM file with its private key, not encrypted.
        ca: PEM file with the certificates that the clients' chains may end in.
        tls12_only: Speak TLS 1.2 alone, where the mandatory cipher suite is; otherwise TLS 1.3 as well.

    Raises:
        EnvoyError: A file is missing or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls12_only:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.verify_mode = ssl.CERT_REQUIRED
    set_ciphers(context)
    load_files(context, cert=certificate, key=key, ca=ca)
    return context


class ClientCertificateProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with two extensions of ASGI in the scope of each request.

    ``tls`` has the client's certificate, as ASGI defines it; ``envoy.connection`` can break the connection off.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # Head and body of a response are written one after the other. The second would wait for the client to
        # acknowledge the first, 40 ms, and asyncio prevents that only on sockets that it has opened itself.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
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
