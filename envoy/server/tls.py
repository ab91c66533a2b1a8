"""The server's side of TLS: its certificate, and which clients it lets in (6.4 to 6.11)."""

from __future__ import annotations

import ssl
from pathlib import Path

from envoy.tls.context import load_files, set_ciphers


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
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_RENEGOTIATION
    context.verify_mode = ssl.CERT_REQUIRED
    set_ciphers(context)
    load_files(context, cert=certificate, key=key, ca=ca)
    return context
