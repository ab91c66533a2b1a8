"""The server in a thread of this process, over real mutual TLS, and ways to reach it or one in a process."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn

from envoy.server.app import create_app
from envoy.server.run import configure
from envoy.server.settings import ServerSettings
from envoy.server.tls import server_context
from envoy.tls.context import client_context
from envoy.tls.pki import Pki
from envoy.utility import Utility


@contextmanager
def running(
    pki: Pki,
    utility: Utility,
    *,
    tls12_only: bool = True,
    settings: ServerSettings | None = None,
    log: Callable[[str], None] | None = None,
) -> Iterator[str]:
    """Serve a utility; give the URL, without a path."""
    files = pki.server
    context = server_context(certificate=files.certificate, key=files.key, ca=pki.ca.certificate, tls12_only=tls12_only)
    server = uvicorn.Server(configure(create_app(utility), context, settings, log))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def context_of(pki: Pki, name: str = "device") -> ssl.SSLContext:
    """Return the TLS settings of one of the clients of the test CA."""
    device = pki.devices[name]
    return client_context(cert=device.certificate, key=device.key, ca=pki.ca.certificate)


def http_client(pki: Pki, url: str, name: str = "device") -> httpx.Client:
    return httpx.Client(base_url=url, verify=context_of(pki, name), timeout=60, trust_env=False)


def plain_connection(url: str) -> socket.socket:
    """Connect to a server at a URL, with or without a path, without TLS."""
    address = httpx.URL(url)
    return socket.create_connection((address.host, address.port), timeout=60)


def connect(url: str, context: ssl.SSLContext, *, suppress_ragged_eofs: bool = True) -> ssl.SSLSocket:
    return context.wrap_socket(
        plain_connection(url), server_hostname=httpx.URL(url).host, suppress_ragged_eofs=suppress_ragged_eofs
    )


def files_of(pki: Pki) -> dict[str, Path]:
    """Return the files that a server needs, by the names that ``serve`` and ``ServerProcess`` have for them."""
    return {"certificate": pki.server.certificate, "key": pki.server.key, "ca": pki.ca.certificate}
