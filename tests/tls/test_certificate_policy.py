"""Weak certificates are refused on both sides, although the mandatory cipher suite needs OpenSSL's level 0."""

from __future__ import annotations

import contextlib
import datetime
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from syrupy.assertion import SnapshotAssertion

from envoy.client.client import Client
from envoy.errors import TransportError
from envoy.protocol.flow import Request
from envoy.protocol.results import RegistrationError
from envoy.registration.site import Site
from envoy.tls.certificate_policy import find_weakness
from envoy.tls.pki import Pki
from tests.support.messages import message

NOW = datetime.datetime.now(datetime.UTC)


def small() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 1024)  # noqa: S505 - weak on purpose


def good() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def private(key: Any) -> bytes:
    plain = serialization.NoEncryption()
    encoded: bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    return encoded


def issue(name: str, key: Any, issuer: x509.Name, signer: Any, *, ca: bool) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - datetime.timedelta(hours=1))
        .not_valid_after(NOW + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if not ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return builder.sign(signer, hashes.SHA256())


class Chain:
    """A root, perhaps an intermediate, and a leaf, in files."""

    def __init__(self, folder: Path, leaf: Any, intermediate: Any = None) -> None:
        root = good()
        self.ca = folder / "root.pem"
        self.cert = folder / "leaf.pem"
        self.key = folder / "leaf.key"
        top = issue("root", root, named("root"), root, ca=True)
        chain = [issue("leaf", leaf, named("middle" if intermediate else "root"), intermediate or root, ca=False)]
        if intermediate:
            chain.append(issue("middle", intermediate, named("root"), root, ca=True))
        self.ca.write_bytes(top.public_bytes(serialization.Encoding.PEM))
        self.cert.write_bytes(b"".join(item.public_bytes(serialization.Encoding.PEM) for item in chain))
        self.key.write_bytes(private(leaf))


CHAINS = {
    "small key": lambda folder: Chain(folder, small()),
    "small key of the intermediate": lambda folder: Chain(folder, good(), small()),
}


def serve_once(context: ssl.SSLContext, seen: list[bytes]) -> tuple[int, threading.Thread]:
    """Take one connection; keep what arrives after the handshake. Return the port, and the thread that does it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with contextlib.suppress(OSError), listener, listener.accept()[0] as plain:
            plain.settimeout(60)
            with context.wrap_socket(plain, server_side=True) as tls:
                seen.append(tls.recv(1000))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return int(listener.getsockname()[1]), thread


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLS 1.2", "TLS 1.3"])
@pytest.mark.parametrize("kind", CHAINS)
def test_a_server_with_a_weak_chain_gets_nothing(
    kind: str, version: ssl.TLSVersion, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    chain = CHAINS[kind](tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(chain.cert, chain.key)
    seen: list[bytes] = []
    port, thread = serve_once(context, seen)
    with Client(f"https://localhost:{port}", ca=chain.ca) as client, pytest.raises(RegistrationError) as refused:
        client.register(Site(lfdi=bytes(19) + b"\x01"))
    assert message(refused.value) == snapshot
    thread.join(60)
    assert not any(seen)


def test_our_server_refuses_a_client_with_a_weak_certificate(
    pki: Pki, start_server: Callable[..., str], tmp_path: Path
) -> None:
    ca = x509.load_pem_x509_certificate(pki.ca.certificate.read_bytes())
    signer = serialization.load_pem_private_key(pki.ca.key.read_bytes(), None)
    answers: dict[str, object] = {}
    for name, key in (("weak", small()), ("strong", good())):
        device = issue(name, key, ca.subject, signer, ca=False)
        (tmp_path / f"{name}.pem").write_bytes(device.public_bytes(serialization.Encoding.PEM))
        (tmp_path / f"{name}.key").write_bytes(private(key))
    url = start_server()
    for name in ("weak", "strong"):
        with Client(url, cert=tmp_path / f"{name}.pem", key=tmp_path / f"{name}.key", ca=pki.ca.certificate) as client:
            try:
                answers[name] = client.send(Request("test", "GET", "/dcap")).status
            except TransportError as error:
                answers[name] = error
    assert answers["strong"] == 200
    assert isinstance(answers["weak"], TransportError)


def test_certificates_of_the_test_ca_are_strong_enough(pki: Pki) -> None:
    for files in (pki.ca, pki.server, *pki.devices.values()):
        certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
        assert find_weakness([certificate.public_bytes(serialization.Encoding.DER)]) == ""


def test_a_certificate_whose_strength_cannot_be_determined_is_too_weak() -> None:
    key = good()
    der = issue("root", key, named("root"), key, ca=True).public_bytes(serialization.Encoding.DER)
    p_256, another = bytes.fromhex("06082a8648ce3d030107"), bytes.fromhex("06082a8648ce3d030106")
    assert find_weakness([der]) == ""
    for unknown in (der.replace(p_256, another), der[:-1]):
        assert find_weakness([unknown]).startswith("too weak: ")
