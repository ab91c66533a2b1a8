"""The policy that refuses weak certificates, which OpenSSL accepts at the security level that the protocol needs.

The mandatory cipher suite exists in OpenSSL 3 at security level 0 only, and that level also accepts certificates with
small keys and broken signatures. So every certificate of a verified chain is checked once more, when the handshake
ends and before anything is sent.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import Any

MIN_KEY_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}
"""Bits of the smallest key that is accepted, by kind: 112 bits of strength, as OpenSSL's own level 2 demands."""

_BROKEN_HASHES = frozenset({"md5", "sha1"})


def enforce_policy(context: ssl.SSLContext) -> None:
    """Make the connections of a context refuse a weak certificate of the peer with SSLCertVerificationError."""
    context.sslsocket_class = _CheckedSocket
    context.sslobject_class = _CheckedObject


def find_weakness(chain: Iterable[bytes]) -> str:
    """Return what is too weak in a chain of DER certificates; empty if nothing is."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

    kinds: dict[str, Any] = {"RSA": rsa.RSAPublicKey, "DSA": dsa.DSAPublicKey, "EC": ec.EllipticCurvePublicKey}
    for der in chain:
        try:
            certificate = x509.load_der_x509_certificate(der)
            name = certificate.subject.rfc4514_string() or f"serial number {certificate.serial_number:x}"
            key: Any = certificate.public_key()
            used = certificate.signature_hash_algorithm
        except (ValueError, UnsupportedAlgorithm) as error:
            # OpenSSL knows more curves and takes more than the standard has.
            return f"too weak: its strength cannot be determined: {error}"
        for kind, key_class in kinds.items():
            if isinstance(key, key_class) and key.key_size < MIN_KEY_BITS[kind]:
                least = MIN_KEY_BITS[kind]
                return f"too weak: the {kind} key of {name} has {key.key_size} bits, at least {least} are needed"
        # The signature of a root is not checked: a root is trusted because it was chosen.
        if certificate.issuer != certificate.subject and used is not None and used.name in _BROKEN_HASHES:
            return f"too weak: {name} is signed with {used.name.upper()}"
    return ""


def _check(tls: Any) -> None:
    weakness = find_weakness(_chain(tls))
    if weakness:
        error = ssl.SSLCertVerificationError(weakness)
        error.verify_message = weakness
        raise error


def _chain(tls: Any) -> list[bytes]:
    """Return the verified chain of the peer, its certificate first; empty if it has none."""
    if hasattr(tls, "get_verified_chain"):
        chain: list[bytes] = tls.get_verified_chain()
    else:
        # Python has had this since 3.10, but under a public name only since 3.13.
        chain = [item.public_bytes(ssl._ssl.ENCODING_DER) for item in tls._sslobj.get_verified_chain() or ()]  # type: ignore[attr-defined]
    leaf = tls.getpeercert(binary_form=True)
    return chain or ([leaf] if leaf else [])


class _CheckedSocket(ssl.SSLSocket):
    def do_handshake(self, block: bool = False) -> None:
        super().do_handshake(block)
        _check(self)


class _CheckedObject(ssl.SSLObject):
    def do_handshake(self) -> None:
        super().do_handshake()
        _check(self)
