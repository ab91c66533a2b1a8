"""TLS settings of both sides, and explanations of TLS failures (IEEE 2030.5-2018, 6.4 to 6.11)."""

from __future__ import annotations

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from envoy.errors import EnvoyError
from envoy.tls.certificate_policy import enforce_policy

MANDATORY_CIPHER = "ECDHE-ECDSA-AES128-CCM8"
"""The cipher suite that each side has to have, in TLS 1.2."""

CIPHERS = (
    MANDATORY_CIPHER,
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
"""Offered for TLS 1.2, the mandatory suite first; the rest are of equal strength or better."""


def set_ciphers(context: ssl.SSLContext) -> None:
    """Offer the mandatory cipher suite where the TLS library has it, and suites of equal strength.

    OpenSSL 3 has ECDHE-ECDSA-AES128-CCM8 at security level 0 only, for its tag of 64 bits. At that level it accepts
    weak certificates too, so ``envoy.tls.certificate_policy`` refuses them.
    """
    enforce_policy(context)
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
        cert: PEM file with the client's certificate, and its chain if there is one.
        key: PEM file with the private key; None if it is in ``cert``.
        ca: PEM file with the certificates that the server's chain may end in; None for those of the system.
        check_hostname: Whether the server's certificate must name the host. Device certificates in the field often name
            none; the chain is verified either way.

    Raises:
        EnvoyError: A file is missing or cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = check_hostname
    set_ciphers(context)
    if ca is None:
        context.load_default_certs()
    load_files(context, cert=cert, key=key, ca=ca)
    return context


def load_files(
    context: ssl.SSLContext, *, cert: str | Path | None, key: str | Path | None, ca: str | Path | None
) -> None:
    """Load one side's certificate with its key, and the CA that the other side's chain may end in.

    Raises:
        EnvoyError: A file is missing or cannot be used; the message names it.
    """
    for path, what in ((cert, "certificate"), (key, "key"), (ca, "CA certificate")):
        if path is not None and not Path(path).is_file():
            raise EnvoyError(f"no such {what} file", where=str(path), remedy="envoy pki DIR makes a set for testing.")
    if ca is not None:
        try:
            context.load_verify_locations(cafile=ca)
        except OSError as error:
            raise _unusable(ca, "CERTIFICATE", error) from None
    if cert is not None:
        try:
            _load_credential(context, Path(cert), Path(key or cert))
        except (OSError, ValueError) as error:
            raise _bad_credential(cert, key, error) from None
    elif key is not None:
        raise EnvoyError("a key without a certificate", where=str(key), remedy="Give cert= as well.")


def _load_credential(context: ssl.SSLContext, cert: Path, key: Path) -> None:
    """Load a certificate and its key. In a bundle, the certificate of the key need not be the first."""
    try:
        context.load_cert_chain(cert, key, password=_no_password)
    except ssl.SSLError as error:
        if error.reason != "KEY_VALUES_MISMATCH":
            raise
        # deferred: a bundle in another order is rare
        from cryptography.hazmat.primitives.serialization import Encoding

        from envoy.tls.credential import order_chain

        chain = order_chain(cert.read_bytes(), key.read_bytes())
        if not chain:
            raise
        with TemporaryDirectory() as folder:
            ordered = Path(folder, "chain.pem")
            ordered.write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in chain))
            context.load_cert_chain(ordered, key, password=_no_password)


def _no_password() -> str:
    # Without this, OpenSSL would prompt on the terminal.
    raise ValueError("the key is encrypted")


def _bad_credential(cert: str | Path, key: str | Path | None, error: Exception) -> EnvoyError:
    from cryptography import x509

    if isinstance(error, ssl.SSLError) and error.reason == "KEY_VALUES_MISMATCH":
        return EnvoyError(
            "the key does not belong to the certificate",
            where=f"{cert} and {key}" if key else str(cert),
            remedy="Give the key that the certificate was requested with.",
        )
    if "encrypted" in str(error):
        return EnvoyError(
            "the key is encrypted",
            where=str(key or cert),
            remedy="Decrypt it into a file that nobody else can read: openssl pkey -in KEY -out PLAIN_KEY",
        )
    try:
        # OpenSSL does not say which of the two it is about.
        x509.load_pem_x509_certificates(Path(cert).read_bytes())
    except (OSError, ValueError):
        return _unusable(cert, "CERTIFICATE", error)
    found = _unusable(key or cert, "PRIVATE KEY", error)
    if key is None:
        found = EnvoyError(found.what, where=found.where, remedy="Give the file that the key is in: key=.")
    return found


def _unusable(path: str | Path, label: str, error: Exception) -> EnvoyError:
    """Return the error for a file that should have held a certificate or a key in PEM."""
    name = label.lower()
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError):
        return EnvoyError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="Run as the user whose file it is."
        )
    content = Path(path).read_bytes()
    if b"-----BEGIN PKCS7-----" in content or b"-----BEGIN CMS-----" in content:
        remedy = "openssl pkcs7 -print_certs -in FILE makes PEM of it."
        return EnvoyError("holds PKCS#7, a bundle of certificates", where=str(path), remedy=remedy)
    if f"{label}-----".encode() in content:
        return EnvoyError(f"holds a {name} that cannot be used: {error}", where=str(path), remedy="It may be damaged.")
    convert = "x509" if label == "CERTIFICATE" else "pkey"
    return EnvoyError(
        f"does not hold a {name} in PEM",
        where=str(path),
        remedy=f"PEM has a line -----BEGIN {label}-----. A binary file (DER) becomes PEM with openssl {convert} "
        "-inform DER -in FILE, one with a password (.p12, .pfx) with openssl pkcs12 -nodes -in FILE.",
    )


class TLSFailure(NamedTuple):
    """Why TLS failed.

    Attributes:
        what: What went wrong.
        remedy: What to do.
        refused: Whether one side refused the other, so that no request was processed, even if TLS 1.3 let one be sent.
    """

    what: str
    remedy: str
    refused: bool = True


def explain(error: BaseException) -> TLSFailure | None:
    """Explain a TLS failure; return None if TLS did not fail.

    Args:
        error: An error of an HTTP library; its causes are searched.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _distrust(cause)
        # That TLS waits is not a failure, but it stays in the context of what comes next on asyncio.
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, ssl.SSLWantReadError | ssl.SSLWantWriteError):
            # One that Python raises itself, without OpenSSL, has no reason, but a line of its source in its text.
            text = _END if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError) else str(cause)
            return _alert((getattr(cause, "reason", None) or text).lower().replace("_", " "))
        cause = cause.__cause__ or cause.__context__
    return None


OTHER_HOST = "the server's certificate is for another host"


def _distrust(error: ssl.SSLCertVerificationError) -> TLSFailure:
    message = error.verify_message or str(error)
    if "ostname" in message or "IP address" in message:
        return TLSFailure(
            f"{OTHER_HOST}: {message}",
            "Check the URL. If the server's certificate names no host, turn the check off: check_hostname=False; "
            "the chain is still verified.",
        )
    if "expired" in message or "not yet valid" in message:
        return TLSFailure(
            f"the server's certificate is not valid now: {message}",
            "Check the clock of this machine. If it is right, the utility has to renew the certificate.",
        )
    if "too weak" in message:
        return TLSFailure(
            f"the server's certificate is {message}",
            "Nothing was sent. The utility has to have stronger certificates issued.",
        )
    return TLSFailure(
        f"the server's certificate is not trusted: {message}",
        "Give the CA that signed it with ca=. If you did, this may not be the server you mean.",
    )


NO_TLS = "the server does not speak TLS there"

_ALERTS = (
    (
        ("unknown ca", "bad certificate", "certificate unknown", "unsupported certificate", "decrypt error"),
        "the server does not trust our certificate",
        "Use a certificate that the utility's CA signed, with its chain in the file: cert=.",
    ),
    (
        ("certificate expired", "certificate revoked", "access denied"),
        "the server refuses our certificate",
        "Ask the utility for a new one.",
    ),
    (
        ("certificate required",),
        "the server wants a client certificate",
        "Give the one that the utility's CA signed: cert=.",
    ),
    (
        ("handshake failure",),
        "the server refused the handshake",
        "It wants a client certificate (cert=), or shares no cipher suite with us.",
    ),
    (
        ("protocol version", "unsupported protocol"),
        "the server does not support TLS 1.2 or 1.3",
        "IEEE 2030.5 requires TLS 1.2: report it to the utility.",
    ),
    (
        ("wrong version number", "http request", "record layer failure", "packet length too long"),
        NO_TLS,
        "Check the port, or use http:// if that is intended.",
    ),
)
"""The words of OpenSSL, with their meaning and remedy."""


BROKEN_OFF = "A server may do that if it does not accept our certificate: use one that the utility's CA signed."
"""Remedy for a server that ends the handshake without an alert, as those of asyncio do."""


_END = "unexpected eof"


def _alert(reason: str) -> TLSFailure:
    for reasons, what, remedy in _ALERTS:
        if any(known in reason for known in reasons):
            return TLSFailure(f"{what} ({reason})", remedy)
    if "eof" in reason:
        return TLSFailure(f"the server ended the handshake ({reason})", BROKEN_OFF, refused=False)
    return TLSFailure(f"TLS failed ({reason})", "openssl s_client -connect HOST:PORT shows the details.", refused=False)
