"""A certificate authority for tests, with server and device certificates on P-256 (IEEE 2030.5-2018, 6.4 to 6.11).

Its keys are stored unencrypted beside the certificates. It is for demos and tests; certificates for the field come from
the CA that the utility names.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Literal, Self, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from envoy.errors import EnvoyError
from envoy.tls.credential import Credential, credential_paths, file_errors

_E = TypeVar("_E", bound=x509.ExtensionType)

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Names by which a server on the same machine is reached."""

_CA_STEM = "ca"
_SERVER_STEM = "server"
_CA_LIFETIME = timedelta(days=3652)
_LEAF_LIFETIME = timedelta(days=730)
_CLOCK_SKEW = timedelta(hours=1)

_DEVICE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
# A last label of digits alone is a mistyped IP address.
_DNS_NAME = re.compile(rf"(\*\.)?({_LABEL}\.)*(?![0-9]+\Z){_LABEL}")


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority for tests: P-256 keys, ECDSA-SHA256 signatures."""

    credential: Credential

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate that peers have to trust."""
        return self.credential.certificate

    @classmethod
    def create(cls, name: str = "envoy test CA") -> Self:
        """Create an authority with a new key, valid for 10 years.

        Raises:
            EnvoyError: The name is empty or longer than 64 octets.
        """
        return cls(_sign(name, _new_key(), None))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load ``ca.pem`` and ``ca.key`` of a folder.

        Raises:
            EnvoyError: One of them is missing or unreadable, they do not belong together, or it is not a CA.
        """
        credential = Credential.load(folder, _CA_STEM)
        constraints = _extension(credential.certificate, x509.BasicConstraints)
        if not constraints or not constraints.ca:
            raise EnvoyError(
                "not the certificate of a CA",
                where=str(credential_paths(folder, _CA_STEM)[0]),
                remedy="In an empty folder, `envoy pki` makes a CA.",
            )
        return cls(credential)

    def save(self, folder: Path) -> tuple[Path, Path]:
        """Write ``ca.pem`` and ``ca.key``, as Credential.save() does.

        Raises:
            EnvoyError: One of the files exists, or the folder cannot be written.
        """
        return self.credential.save(folder, _CA_STEM)

    def issue_server(self, hosts: Sequence[str], *, key: ec.EllipticCurvePrivateKey | None = None) -> Credential:
        """Issue a server certificate, valid for 2 years.

        Args:
            hosts: DNS names and IP addresses by which clients reach the server, at least one.
            key: Key of the server; None for a new one.

        Raises:
            EnvoyError: There is no host, or one is neither a DNS name nor an IP address.
        """
        names = x509.SubjectAlternativeName(_general_names(hosts))
        # A utility is also the client of those that it notifies.
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        return _sign("envoy test server", key or _new_key(), self.credential, purpose, names)

    def issue_device(self, name: str) -> Credential:
        """Issue a device certificate, valid for 2 years. It has no DNS name, like those in the field.

        Args:
            name: Common name, for people to distinguish devices; the protocol knows a device by its LFDI.

        Raises:
            EnvoyError: The name is empty or longer than 64 octets.
        """
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return _sign(name, _new_key(), self.credential, purpose)


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    """The files of a certificate and its key.

    Attributes:
        certificate: PEM file of the certificate.
        key: PEM file of the private key.
        lfdi: LFDI of the certificate, 20 octets.
        state: ``created`` now, ``kept`` as it was, or ``reissued`` for the same key.
    """

    certificate: Path
    key: Path
    lfdi: bytes
    state: Literal["created", "kept", "reissued"]


@dataclass(frozen=True, slots=True)
class Pki:
    """A folder of certificates that ``create_pki`` created or found.

    Attributes:
        ca: The CA, whose certificate clients and server trust.
        server: The server.
        devices: The devices asked for, by name.
    """

    ca: CredentialFiles
    server: CredentialFiles
    devices: dict[str, CredentialFiles]


def create_pki(folder: Path, *, devices: Sequence[str] = ("aggregator",), hosts: Sequence[str] = LOCAL_HOSTS) -> Pki:
    """Create a folder with a test CA, a server and devices, or add what it lacks.

    No key is ever overwritten, and no device changes its LFDI. A server certificate that lacks one of the hosts is
    issued again for the same key, with its own hosts and the new ones.

    Args:
        folder: Holds ``ca.pem``, ``server.pem``, ``{device}.pem`` and a ``.key`` for each; created if necessary.
        devices: Names of devices, each also the name of its files.
        hosts: DNS names and IP addresses by which clients reach the server, at least one.

    Raises:
        EnvoyError: A name or host cannot be used, the folder cannot be written, or what is in it is incomplete or of
            another CA.
    """
    for name in devices:
        _check_device_name(name)
    wanted = _general_names(hosts)
    ca = _obtain(folder, _CA_STEM, lambda: Authority.create().credential)
    authority = Authority.load(folder)
    server = _obtain(folder, _SERVER_STEM, partial(authority.issue_server, hosts), authority)
    made = {name: _obtain(folder, name, partial(authority.issue_device, name), authority) for name in devices}
    return Pki(ca=ca, server=_cover(wanted, server, authority), devices=made)


def _obtain(
    folder: Path, stem: str, issue: Callable[[], Credential], authority: Authority | None = None
) -> CredentialFiles:
    """Load the credential in the folder, or save a new one there."""
    paths = credential_paths(folder, stem)
    with file_errors(folder):
        found = any(path.exists() for path in paths)
    if not found:
        credential = issue()
        credential.save(folder, stem)
        return CredentialFiles(*paths, lfdi=credential.lfdi, state="created")
    credential = Credential.load(folder, stem)
    if authority:
        try:
            credential.certificate.verify_directly_issued_by(authority.certificate)
        except (ValueError, TypeError, InvalidSignature):
            raise EnvoyError(
                f"was not issued by the CA in {_CA_STEM}.pem",
                where=str(paths[0]),
                remedy="Move it and its key away, or start in another folder.",
            ) from None
    return CredentialFiles(*paths, lfdi=credential.lfdi, state="kept")


def _cover(wanted: list[x509.GeneralName], server: CredentialFiles, authority: Authority) -> CredentialFiles:
    """Issue a server certificate again if it lacks one of the wanted names."""
    credential = Credential.load(server.certificate.parent, _SERVER_STEM)
    covered = list(_extension(credential.certificate, x509.SubjectAlternativeName) or ())
    missing = [name for name in wanted if name not in covered]
    if not missing:
        return server
    hosts = [str(name.value) for name in covered + missing]
    credential = authority.issue_server(hosts, key=credential.key)
    with file_errors(server.certificate.parent):
        server.certificate.write_bytes(credential.certificate.public_bytes(Encoding.PEM))
    return replace(server, lfdi=credential.lfdi, state="reissued")


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _sign(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: Credential | None, *extensions: x509.ExtensionType
) -> Credential:
    """Issue a certificate; without an issuer, that of a CA."""
    subject = _subject(name)
    issuer_key = issuer.key if issuer else key
    now = datetime.now(UTC)
    # A certificate cannot be used after its issuer has expired.
    end = min(now + _LEAF_LIFETIME, issuer.certificate.not_valid_after_utc) if issuer else now + _CA_LIFETIME
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None if issuer else 0), critical=True)
        .add_extension(_key_usage(ca=not issuer), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return Credential(builder.sign(issuer_key, SHA256()), key)


def _key_usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _extension(certificate: x509.Certificate, kind: type[_E]) -> _E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _subject(name: str) -> x509.Name:
    try:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    except ValueError:
        raise EnvoyError(f"{name!r} cannot be a common name", remedy="It needs 1 to 64 octets in UTF-8.") from None


def _general_names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    if not hosts:
        raise EnvoyError("a server certificate needs a host", remedy="Give the name by which clients reach the server.")
    return [_general_name(host) for host in dict.fromkeys(hosts)]


def _general_name(host: str) -> x509.GeneralName:
    with suppress(ValueError):
        # A zone, as in fe80::1%eth0, has a meaning on one machine only; certificates do not carry it.
        return x509.IPAddress(ipaddress.ip_address(host.partition("%")[0]))
    if not _DNS_NAME.fullmatch(host):
        raise EnvoyError(
            f"{host!r} is neither a DNS name nor an IP address",
            remedy="Write it without scheme, port and brackets; letters beyond a-z in their xn-- form.",
        )
    return x509.DNSName(host.lower())


def _check_device_name(name: str) -> None:
    if not _DEVICE_NAME.fullmatch(name):
        raise EnvoyError(
            f"{name!r} cannot be the name of a device",
            remedy="Its files are named after it: use 1 to 64 of a-z, A-Z, 0-9, dot, hyphen and underscore, with a "
            "letter or digit first.",
        )
    if name.lower() in (_CA_STEM, _SERVER_STEM):
        raise EnvoyError(f"{name!r} cannot be the name of a device", remedy="The CA and the server have that name.")
