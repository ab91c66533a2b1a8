"""Diagnosis of the TLS of a server and of the certificates of both sides.

One handshake does not show everything, as it ends at the first error. So several are made, each for one
question: whether the server's chain is trusted, whether it accepts our certificate, whether its own names the host, and
what it does without one of ours.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple, Self

import httpx
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from envoy.errors import EnvoyError
from envoy.identity import lfdi_of_certificate
from envoy.tls.context import MANDATORY_CIPHER, OTHER_HOST, TLSFailure, client_context
from envoy.tls.credential import order_chain
from envoy.tls.handshake import Handshake, try_handshake
from envoy.tls.refusal import Refusal
from envoy.urls import origin, proxy_of, server_url

_WANTED = TLSFailure("the server wants a client certificate", "Give the one that the utility's CA signed: cert=.")

_P256 = "EC secp256r1"
"""The key that IEEE 2030.5 requires."""

SOON = timedelta(days=30)
"""A certificate that expires within this time is reported."""


class TLSFinding(NamedTuple):
    """An error, or a warning of one.

    Attributes:
        what: What is wrong, or soon will be.
        remedy: What to do.
        serious: Whether a client cannot use the server; otherwise it is a warning.
    """

    what: str
    remedy: str
    serious: bool = True


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """The facts of a certificate that matter here.

    Attributes:
        subject: Its subject; may be empty.
        issuer: Who signed it.
        names: Its DNS names and IP addresses; none if they cannot be read.
        begins: The time from which it is valid.
        ends: The time at which it expires.
        lfdi: Its LFDI.
        key: Its public key, such as ``EC secp256r1`` or ``RSA 2048``.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    lfdi: bytes
    key: str = _P256

    @classmethod
    def read(cls, der: bytes) -> Self | None:
        """Return the facts of a certificate in DER; None if it cannot be read."""
        try:
            return cls.from_certificate(x509.load_der_x509_certificate(der))
        except ValueError:
            return None

    @classmethod
    def from_certificate(cls, certificate: x509.Certificate) -> Self:
        """Return the facts of a certificate."""
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
            names = x509.SubjectAlternativeName([])
        return cls(
            subject=certificate.subject.rfc4514_string(),
            issuer=certificate.issuer.rfc4514_string(),
            names=tuple(str(name.value) for name in names if isinstance(name, x509.DNSName | x509.IPAddress)),
            begins=certificate.not_valid_before_utc,
            ends=certificate.not_valid_after_utc,
            lfdi=lfdi_of_certificate(certificate),
            key=_describe_key(certificate),
        )


@dataclass(slots=True)
class TLSReport:
    """The result of a check.

    Attributes:
        host: Host and port.
        proxy: The proxy that the way to it goes through, without user and password; empty if it needs none.
        negotiated: Protocol and cipher suite; empty if the handshake did not get that far.
        server: The server's certificate; None if it was not received or cannot be read.
        trusted: Whether its chain ends in a CA that we trust; None if unknown.
        named: Whether it names the host; None if unknown.
        asked: Whether the server asked for our certificate; None if unknown, as in TLS 1.3.
        demanded: Whether it refuses a client that has none.
        accepted: Whether it accepts our certificate; None if we have none.
        status: HTTP status of its response to a GET; 0 if there is none.
        own: Our certificate, if any.
        findings: What is wrong.
    """

    host: str
    proxy: str = ""
    negotiated: str = ""
    server: CertificateFacts | None = None
    trusted: bool | None = None
    named: bool | None = None
    asked: bool | None = None
    demanded: bool = False
    accepted: bool | None = None
    status: int = 0
    own: CertificateFacts | None = None
    findings: list[TLSFinding] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether a client can use the server."""
        return not any(finding.serious for finding in self.findings)

    def note(self, failure: TLSFailure | Refusal | None) -> None:
        """Add the failure of a handshake, or of the request after it, if it failed."""
        if failure is not None:
            self.findings.append(TLSFinding(failure.what, failure.remedy))


def check_tls(
    url: str,
    *,
    cert: str | Path | None = None,
    key: str | Path | None = None,
    ca: str | Path | None = None,
    check_hostname: bool = True,
    timeout: float = 10.0,
) -> TLSReport:
    """Connect to a server and check the TLS and the certificates of both sides.

    Args:
        url: The server, or its DeviceCapability.
        cert: PEM file with our certificate.
        key: PEM file with its private key; None if it is in ``cert``.
        ca: PEM file with the CA of the server; None for those of the system.
        check_hostname: Whether the server's certificate has to name the host; otherwise it is not wrong if it does not.
        timeout: Seconds to wait for each connection and response.

    Raises:
        EnvoyError: The URL has no TLS, or a file cannot be used.
        TransportError: The server cannot be reached.
    """
    server = server_url(url)
    if server.scheme != "https":
        raise EnvoyError("there is no TLS without https://", where=url, remedy="Write it as https://host:port.")
    ours = client_context(cert=cert, key=key, ca=ca, check_hostname=False)
    trusted = try_handshake(server, ours, timeout)
    ours.verify_mode = ssl.CERT_NONE
    seen = try_handshake(server, ours, timeout, get=True)
    bare = seen if cert is None else try_handshake(server, _unverified_context(), timeout, get=True)
    report = TLSReport(
        host=server.netloc.decode(),
        proxy="" if (proxy := proxy_of(server)) is None else origin(httpx.URL(proxy)),
        negotiated=seen.negotiated,
        trusted=trusted.trusted,
        asked=seen.asked,
        demanded=_is_demanded(bare),
        status=seen.status,
    )
    if trusted.distrust:
        report.note(trusted.failure)
    if seen.certificate:
        report.server = CertificateFacts.read(seen.certificate)
    if report.server is not None:
        named = try_handshake(server, _pinned_context(seen.certificate), timeout)
        report.named = not (named.distrust and named.failure and named.failure.what.startswith(OTHER_HOST))
        if check_hostname and not report.named:
            report.note(named.failure)
    if cert is None:
        report.note(_WANTED if report.demanded else seen.failure or seen.refusal)
    else:
        chain = order_chain(Path(cert).read_bytes(), Path(key or cert).read_bytes())
        report.own = CertificateFacts.from_certificate(chain[0])
        report.accepted = seen.failure is None and seen.refusal is None
        report.note(seen.failure or seen.refusal)
        report.findings += _check_key("our certificate", report.own)
    if report.server is not None and report.good:
        report.findings += _check_key("the server's certificate", report.server) or _check_suite(server, seen, timeout)
    if report.own is not None:
        report.findings += _check_validity("our certificate", report.own, "Ask the utility for a new one.")
    if report.server is not None and not trusted.distrust:
        report.findings += _check_validity("the server's certificate", report.server, "Ask the utility to renew it.")
    return report


def _is_demanded(bare: Handshake) -> bool:
    """Whether a server ended a connection, or refused a request, because we had no certificate."""
    if bare.refusal is not None:
        return bare.refusal.demands
    if bare.failure is None or not bare.certificate:
        return False
    return bare.failure.refused if bare.asked is None else bare.asked


def _unverified_context() -> ssl.SSLContext:
    """Return TLS settings without a certificate of ours that accept any certificate."""
    context = client_context(ca=None, check_hostname=False)
    context.verify_mode = ssl.CERT_NONE
    return context


def _pinned_context(certificate: bytes) -> ssl.SSLContext:
    """Return TLS settings that accept this certificate, whoever signed it, if it names the host."""
    context = client_context(check_hostname=True, ca=None)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=certificate)
    return context


def _describe_key(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "of a kind that cannot be examined"
    match key:
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}"
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
    return type(key).__name__.removesuffix("PublicKey")


def _check_key(whose: str, certificate: CertificateFacts) -> list[TLSFinding]:
    if certificate.key == _P256:
        return []
    what = f"{whose} has another key than IEEE 2030.5 requires: {certificate.key}, not {_P256}"
    return [TLSFinding(what, "Devices that do as the standard says may refuse it: ask the utility.", serious=False)]


def _check_suite(server: httpx.URL, seen: Handshake, timeout: float) -> list[TLSFinding]:
    """Look whether a server has the mandatory cipher suite, if we have it ourselves."""
    context = _unverified_context()
    if MANDATORY_CIPHER in seen.negotiated or MANDATORY_CIPHER not in {x["name"] for x in context.get_ciphers()}:
        return []
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{MANDATORY_CIPHER}:@SECLEVEL=0")
    # Without our certificate the handshake may fail later, but then the server has chosen the suite.
    if try_handshake(server, context, timeout).negotiated:
        return []
    return [
        TLSFinding(
            f"the server does not have the mandatory cipher suite of IEEE 2030.5, {MANDATORY_CIPHER} in TLS 1.2",
            "Devices that have no other cannot connect: report it to the utility.",
            serious=False,
        )
    ]


def _check_validity(whose: str, certificate: CertificateFacts, remedy: str) -> list[TLSFinding]:
    now = datetime.now(UTC)
    if now < certificate.begins:
        return [TLSFinding(f"{whose} is not valid before {certificate.begins:%Y-%m-%d %H:%M} UTC", remedy)]
    if certificate.ends <= now:
        return [TLSFinding(f"{whose} has expired on {certificate.ends:%Y-%m-%d}", remedy)]
    left = certificate.ends - now
    return [TLSFinding(f"{whose} expires in {left.days} days", remedy, serious=False)] if left < SOON else []
