"""The expiry of the certificates that a client needs: its own, those that signed it, and the CA of the server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from envoy.errors import EnvoyError
from envoy.tls.check import CertificateFacts
from envoy.tls.credential import order_chain

DAYS = (30, 14, 7, 1)
"""Days before the expiry of a certificate on which it is warned of."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a certificate expires.

    Attributes:
        what: Which certificate it is, for a sentence.
        ends: When it expires.
    """

    what: str
    ends: datetime


def read_own(cert: Path, key: Path | None = None) -> list[CertificateFacts]:
    """Return the facts of a client's certificate, and of those that signed it as far as they are in the file.

    Args:
        cert: PEM file of the certificate.
        key: PEM file of its private key; None if it is in ``cert``.

    Raises:
        EnvoyError: A file cannot be read, or the key is that of no certificate in it.
    """
    try:
        chain = order_chain(cert.read_bytes(), (key or cert).read_bytes())
    except (OSError, ValueError) as error:
        raise _unreadable(cert, error) from None
    if not chain:
        raise EnvoyError(
            "has no certificate of the key",
            where=str(cert),
            remedy=f"Give the key that it was requested with, in PEM and not encrypted: {key or 'key='}.",
        )
    return [CertificateFacts.from_certificate(each) for each in chain]


def find_expiries(cert: Path | None, key: Path | None = None, ca: Path | None = None) -> list[Expiry]:
    """Return when the certificates expire that a client needs, the client's own first.

    Args:
        cert: PEM file of the client's certificate; None if it has none.
        key: PEM file of its private key; None if it is in ``cert``.
        ca: PEM file of the CA of the server; None for those of the system, which are not looked at.

    Raises:
        EnvoyError: A file cannot be read.
    """
    found = []
    if cert is not None:
        own, *signers = read_own(cert, key)
        found.append(Expiry("our certificate", own.ends))
        found += [Expiry(f"the certificate that signed ours, {each.subject}", each.ends) for each in signers]
    if ca is not None:
        try:
            certificates = x509.load_pem_x509_certificates(ca.read_bytes())
        except (OSError, ValueError) as error:
            raise _unreadable(ca, error) from None
        facts = map(CertificateFacts.from_certificate, certificates)
        # A bundle may have one that has long been replaced by another of the same name.
        latest: dict[str, datetime] = {}
        for each in facts:
            latest[each.subject] = max(each.ends, latest.get(each.subject, each.ends))
        found += [Expiry(f"the CA of the server, {subject}", ends) for subject, ends in latest.items()]
    return found


class ExpiryWatch:
    """Warns of certificates that expire, each once for each of DAYS that it comes to, and daily from the last.

    Args:
        expiries: When they expire.
    """

    def __init__(self, expiries: list[Expiry]) -> None:
        self.expiries = expiries
        self._warned: dict[str, int] = {}

    def look(self, now: datetime) -> list[str]:
        """Return the warnings that are due.

        Args:
            now: The time.
        """
        warnings = []
        for each in self.expiries:
            stage = _find_stage(each.ends, now)
            if stage is not None and stage < self._warned.get(each.what, DAYS[0] + 1):
                self._warned[each.what] = stage
                warnings.append(describe_expiry(each, now))
        return warnings


def describe_expiry(expiry: Expiry, now: datetime) -> str:
    """Return a sentence that says when a certificate expires, or that it has expired."""
    ends = f"{expiry.ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if expiry.ends <= now:
        return f"{expiry.what} expired on {ends}"
    days = (expiry.ends - now).days
    left = "in less than a day" if days == 0 else f"in {days} day{'s' * (days > 1)}"
    return f"{expiry.what} expires {left}, on {ends}"


def _find_stage(ends: datetime, now: datetime) -> int | None:
    """Return how far the expiry has come: one of DAYS, 0 or less for each day after it; None if it is far away."""
    left = (ends - now).total_seconds() / 86_400
    if left <= 0:
        return int(left)
    return min((days for days in DAYS if left <= days), default=None)


def _unreadable(file: Path, error: OSError | ValueError) -> EnvoyError:
    reason = error.strerror if isinstance(error, OSError) else "it has no certificate in PEM"
    return EnvoyError(f"cannot be read: {reason}", where=str(file), remedy="Give a PEM file that you may read.")
