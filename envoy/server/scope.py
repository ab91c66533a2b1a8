"""The scope of an ASGI request: its href, and the LFDI of its client."""

from __future__ import annotations

import ssl
from functools import lru_cache

from starlette.types import Scope

from envoy.identity import lfdi_of_certificate


def href_of(scope: Scope) -> str:
    """Return path and query of a request, as they were sent."""
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return (path + b"?" + query if query else path).decode("latin-1")


def client_lfdi(scope: Scope) -> bytes:
    """Return the LFDI of the client's certificate; empty if whatever runs the application passed none on."""
    chain = scope.get("extensions", {}).get("tls", {}).get("client_cert_chain", ())
    return _lfdi(chain[0]) if chain else b""


@lru_cache(maxsize=1024)
def _lfdi(certificate: str) -> bytes:
    return lfdi_of_certificate(ssl.PEM_cert_to_DER_cert(certificate))
