"""The client's side of TLS: mutual authentication, and why it failed, in words (IEEE 2030.5-2018, 6.4 to 6.11)."""

from __future__ import annotations

import ssl
from pathlib import Path

from envoy.errors import EnvoyError

CIPHERS = (
    "ECDHE-ECDSA-AES128-CCM8",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
"""Offered for TLS 1.2, the mandatory suite first; the rest are of equal strength or better."""


def set_ciphers(context: ssl.SSLContext) -> None:
    """Offer the mandatory cipher suite where the TLS library has it, and suites of equal strength.

    OpenSSL 3 has ECDHE-ECDSA-AES128-CCM8 at security level 0 alone, for its tag of 64 bits. The level also governs key
    sizes, so it is lowered only together with this list, in which every suite is strong.
    """
    for suites in (":".join((*CIPHERS, "@SECLEVEL=0")), ":".join(CIPHERS[1:])):
        try:
            context.set_ciphers(suites)
        except ssl.SSLError:
            continue
        return
    raise EnvoyError(
        f"{ssl.OPENSSL_VERSION} offers none of the cipher suites of IEEE 2030.5",
        remedy="Use a Python that is built with OpenSSL 1.1.1 or newer.",
    )


def client_context(
    *,
    cert: str | Path | None = None,
    key: str | Path | None = None,
    ca: str | Path | None = None,
    check_hostname: bool = True,
) -> ssl.SSLContext:
    """Return the TLS settings of a client.

    Args:
        cert: PEM file with the client's certificate, and its chain after it if there is one.
        key: PEM file with the private key; None if it is in ``cert``.
        ca: PEM file with the certificates that the server's chain may end in; None for those of the system.
        check_hostname: Whether the server's certificate must name the host. Device certificates in the field often name
            none; the chain is verified either way.

    Raises:
        EnvoyError: A file is missing or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = check_hostname
    set_ciphers(context)
    for path, what in ((cert, "certificate"), (key, "key"), (ca, "CA certificate")):
        if path is not None and not Path(path).is_file():
            raise EnvoyError(f"no such {what} file", where=str(path), remedy="envoy pki DIR makes a set for testing.")
    if ca is None:
        context.load_default_certs()
    else:
        try:
            context.load_verify_locations(cafile=ca)
        except (ssl.SSLError, OSError) as error:
            raise EnvoyError(f"holds no PEM certificate: {error}", where=str(ca)) from None
    if cert is not None:
        try:
            context.load_cert_chain(cert, key, password=_no_password)
        except (ssl.SSLError, OSError, ValueError) as error:
            raise _bad_credential(cert, key, error) from None
    elif key is not None:
        raise EnvoyError("a key without a certificate", where=str(key), remedy="Give cert= (--cert) as well.")
    return context


def _no_password() -> str:
    # Without this OpenSSL would ask on the terminal.
    raise ValueError("the key is encrypted")


def _bad_credential(cert: str | Path, key: str | Path | None, error: Exception) -> EnvoyError:
    where = f"{cert} and {key}" if key else str(cert)
    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return EnvoyError("the key does not belong to the certificate", where=where)
    if "encrypted" in str(error):
        return EnvoyError(
            "the key is encrypted", where=str(key or cert), remedy="Decrypt it: openssl pkey -in KEY -out PLAIN_KEY"
        )
    return EnvoyError(
        f"not a PEM certificate with its private key: {error}",
        where=where,
        remedy="" if key else "If the key is in a file of its own, give key= (--key).",
    )


def explain(error: BaseException) -> tuple[str, str] | None:
    """Return what went wrong in a TLS failure and what to do; None if TLS did not fail.

    Args:
        error: What an HTTP library raised; its causes are searched.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _distrust(cause)
        if isinstance(cause, ssl.SSLError):
            return _alert(cause)
        cause = cause.__cause__ or cause.__context__
    # httpx keeps only the text of an alert that arrives after the handshake, as in TLS 1.3.
    text = str(error).lower()
    if "alert" in text:
        return _alert_text(text, str(error))
    return None


def _distrust(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    message = error.verify_message or str(error)
    if "ostname" in message or "IP address" in message:
        return (
            f"the server's certificate is for another host: {message}",
            "Check the URL. If the server's certificate names no host, turn the check off: check_hostname=False "
            "(--no-check-hostname); the chain is still verified.",
        )
    if "expired" in message or "not yet valid" in message:
        return (f"the server's certificate is not valid now: {message}", "Check the clock of both sides.")
    return (
        f"the server's certificate is not trusted: {message}",
        "Give the CA that signed it with ca= (--ca). If you did, this may not be the server you mean.",
    )


def _alert(error: ssl.SSLError) -> tuple[str, str]:
    return _alert_text((error.reason or str(error)).lower().replace("_", " "), error.reason or str(error))


def _alert_text(text: str, original: str) -> tuple[str, str]:
    if "unknown ca" in text or "bad certificate" in text or "certificate unknown" in text or "decrypt error" in text:
        return (
            f"the server does not trust our certificate ({original})",
            "Use a certificate that the utility's CA signed, with its chain in the file: cert= (--cert).",
        )
    if "certificate required" in text or "handshake failure" in text:
        return (
            f"the server refused the handshake ({original})",
            "It wants a client certificate (cert=, --cert), or shares no cipher suite with us.",
        )
    if "certificate expired" in text or "certificate revoked" in text:
        return (f"the server refuses our certificate ({original})", "Ask the utility for a new one.")
    if "wrong version number" in text or "http request" in text:
        return (f"the server does not speak TLS there ({original})", "Check the port, or use http:// if it is meant.")
    return (f"TLS failed ({original})", "openssl s_client -connect HOST:PORT shows the details.")
