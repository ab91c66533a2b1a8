"""Credentials: a certificate with its private key, as two files in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from envoy._data import open_private
from envoy.errors import EnvoyError
from envoy.identity import certificate_of_key, lfdi_of_certificate


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def lfdi(self) -> bytes:
        """The LFDI of the certificate, 20 octets (IEEE 2030.5-2018, 6.3)."""
        return lfdi_of_certificate(self.certificate)

    @classmethod
    def load(cls, folder: Path, stem: str) -> Self:
        """Load ``{stem}.pem`` and ``{stem}.key`` of a folder.

        Raises:
            EnvoyError: One of them is missing or unreadable, or they do not belong together.
        """
        certificate_path, key_path = credential_paths(folder, stem)
        with file_errors(folder):
            for path, other in ((certificate_path, key_path), (key_path, certificate_path)):
                if not path.exists():
                    both = f"`envoy pki {folder}` makes both."
                    remedy = f"Put it back, or move {other.name} away: {both}" if other.exists() else both
                    raise EnvoyError("there is no such file", where=str(path), remedy=remedy)
            certificate_pem, key_pem = certificate_path.read_bytes(), key_path.read_bytes()
        try:
            certificate = x509.load_pem_x509_certificate(certificate_pem)
        except ValueError as error:
            raise EnvoyError(
                f"not a PEM certificate: {error}",
                where=str(certificate_path),
                remedy="Put the certificate back, or move this file and its key away.",
            ) from None
        try:
            key = load_pem_private_key(key_pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise EnvoyError(
                f"not an unencrypted PEM key: {error}",
                where=str(key_path),
                remedy=f"`openssl pkey -in {key_path.name}` writes an encrypted key without its password.",
            ) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise EnvoyError("not an elliptic curve key", where=str(key_path), remedy="IEEE 2030.5 uses P-256 keys.")
        if key.public_key() != certificate.public_key():
            raise EnvoyError(
                f"this is not the key of {certificate_path.name}",
                where=str(key_path),
                remedy="Put the right one of the two back, or move both away.",
            )
        return cls(certificate, key)

    def save(self, folder: Path, stem: str) -> tuple[Path, Path]:
        """Write ``{stem}.pem`` and ``{stem}.key`` (PKCS#8, not encrypted, mode 0600); create the folder if necessary.

        Returns:
            The paths of the certificate and of the key.

        Raises:
            EnvoyError: One of the files exists, or the folder cannot be written.
        """
        certificate_path, key_path = credential_paths(folder, stem)
        with file_errors(folder):
            if folder.exists() and not folder.is_dir():
                raise EnvoyError("is not a folder", where=str(folder), remedy="Choose another name for the folder.")
            folder.mkdir(parents=True, exist_ok=True)
            for path in (certificate_path, key_path):
                if path.exists():
                    raise EnvoyError("exists and is never overwritten", where=str(path), remedy="Use another name.")
            with open(key_path, "xb", opener=open_private) as file:
                file.write(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            certificate_path.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        return certificate_path, key_path


def order_chain(bundle: bytes, key: bytes) -> list[x509.Certificate]:
    """Return the certificate of a key in a bundle, and those that signed it, in the order that TLS has.

    Args:
        bundle: Certificates in PEM, in any order.
        key: The key in PEM.

    Returns:
        The chain; nothing if none of them belongs to the key, or the key cannot be read.

    Raises:
        ValueError: A certificate cannot be read.
    """
    others = x509.load_pem_x509_certificates(bundle)
    own = certificate_of_key(others, key)
    chain = [] if own is None else [own]
    while chain:
        others = [each for each in others if each != chain[-1]]
        signer = next((each for each in others if each.subject == chain[-1].issuer), None)
        if signer is None:
            break
        chain.append(signer)
    return chain


def credential_paths(folder: Path, stem: str) -> tuple[Path, Path]:
    """Return the paths of a certificate and of its key."""
    return folder / f"{stem}.pem", folder / f"{stem}.key"


@contextmanager
def file_errors(folder: Path) -> Iterator[None]:
    """Raise an EnvoyError for a file or folder that cannot be read or written."""
    try:
        yield
    except OSError as error:
        raise EnvoyError(
            f"cannot be used: {error.strerror}",
            where=str(error.filename or folder),
            remedy="Choose a folder that you may read and write.",
        ) from error
