"""What the client says where TLS gives no response, and of files that are not certificates."""

from __future__ import annotations

import os
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.x509.oid import NameOID
from syrupy.assertion import SnapshotAssertion

from envoy import Client, RegistrationError, Site, TransportError
from envoy.client.client import Exchange
from envoy.errors import EnvoyError
from envoy.tls.credential import Credential
from envoy.tls.pki import Authority, Pki, create_pki
from tests.conftest import ROOT, StartServer
from tests.support.clients import GET, POST, credentials, no_response
from tests.support.messages import message
from tests.support.scripted import Handler, Serve, hang_up, ok, raw_server, tls


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates of a CA that nobody else trusts."""
    return create_pki(tmp_path_factory.mktemp("strangers"), devices=("device",))


# No response: TLS


NOT_TRUSTED = "Use a certificate that the utility's CA signed, with its chain in the file: cert= (--cert)."
VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])


@VERSIONS
def test_a_certificate_that_the_server_does_not_trust(
    version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok, tls(pki, version))
    with (
        Client(server.url, **{**credentials(strangers), "ca": pki.ca.certificate}) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)
    assert server.received == []


@VERSIONS
def test_no_certificate_where_the_server_wants_one(
    version: ssl.TLSVersion, pki: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok, tls(pki, version))
    with (
        Client(server.url, ca=pki.ca.certificate) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)


def test_no_certificate_where_the_server_breaks_the_handshake_off_is_said_at_once(
    pki: Pki, snapshot: SnapshotAssertion
) -> None:
    exchanges: list[Exchange] = []
    with raw_server(lambda connection: connection.close()) as url:
        https = url.replace("http", "https")
        with Client(https, on_exchange=exchanges.append) as client, pytest.raises(TransportError) as caught:
            client.send(POST)
        assert message(caught.value).partition("\n")[2] == snapshot
        assert len(exchanges) == 1 and not caught.value.maybe_received
        again = Client(https, **credentials(pki), retries=1, max_wait=0, on_exchange=exchanges.append)
        with again as client, pytest.raises(TransportError):
            client.send(POST)
    assert len(exchanges) == 3


def test_a_server_that_leaves_without_a_response_may_want_a_certificate(pki: Pki, serve: Serve) -> None:
    url = serve(hang_up, tls(pki, clients=False)).url
    for options, words in (({"ca": pki.ca.certificate}, "no certificate"), (credentials(pki), "Run it again")):
        with Client(url, **options) as client, pytest.raises(TransportError) as caught:
            client.send(POST)
        assert words in caught.value.remedy and caught.value.maybe_received


def test_clear_text_after_a_post_is_not_a_refusal(pki: Pki, serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        assert isinstance(handler.connection, ssl.SSLSocket)
        with socket.socket(fileno=handler.connection.detach()) as plain:
            plain.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")
        handler.close_connection = True

    with Client(serve(answer, tls(pki)).url, **credentials(pki)) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert caught.value.maybe_received and not caught.value.transient


def test_the_real_server_refuses_strangers(
    pki: Pki, strangers: Pki, start_server: StartServer, snapshot: SnapshotAssertion
) -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    with Client(start_server(), **{**credentials(strangers), "ca": pki.ca.certificate}, retries=0) as client:
        with pytest.raises(RegistrationError) as caught:
            client.register(site)
        assert message(caught.value) == snapshot
        assert caught.value.where == "device-capability, GET /dcap"
        assert "that the utility's CA signed" in caught.value.remedy
        assert caught.value.registration.steps == []


@VERSIONS
def test_a_server_of_another_ca(
    version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok, tls(strangers, version))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)


def test_a_server_that_no_ca_of_this_system_knows(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(ok, tls(pki, clients=False))
    with Client(server.url) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert message(caught.value) == snapshot


def test_a_server_certificate_for_another_host(
    pki: Pki, serve: Serve, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    files = Authority.load(pki.ca.certificate.parent).issue_server(["utility.example"]).save(tmp_path, "server")
    server = serve(ok, tls(pki, files=files))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)
    with (
        Client(f"https://localhost:{server.server_port}", **credentials(pki)) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.send(POST)
    assert message(caught.value) == snapshot
    with Client(server.url, **credentials(pki), check_hostname=False) as client:
        assert client.send(POST).ok


def test_without_the_check_of_the_host_the_chain_is_still_verified(
    pki: Pki, strangers: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok, tls(strangers))
    with (
        Client(server.url, **credentials(pki), check_hostname=False) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.send(POST)
    assert message(caught.value) == snapshot


@pytest.mark.parametrize(
    ("begins", "ends", "reason"), [(-9, -1, "certificate has expired"), (1, 9, "certificate is not yet valid")]
)
def test_a_server_certificate_for_another_time(
    begins: int, ends: int, reason: str, pki: Pki, serve: Serve, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    authority = Authority.load(pki.ca.certificate.parent)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=authority.certificate.subject,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime.now(UTC) + timedelta(days=begins),
        not_valid_after=datetime.now(UTC) + timedelta(days=ends),
    ).add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    files = Credential(builder.sign(authority.credential.key, SHA256()), key).save(tmp_path, "server")
    with (
        Client(serve(ok, tls(pki, files=files)).url, **credentials(pki)) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)


def test_a_port_that_speaks_http_without_tls(serve: Serve, snapshot: SnapshotAssertion) -> None:
    with (
        Client(serve(ok).url.replace("http://", "https://")) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)


def test_a_port_that_speaks_tls_where_http_was_meant(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(ok, tls(pki))
    with (
        Client(server.url.replace("https://", "http://")) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.send(POST)
    # The server sends an alert, which is not HTTP, or ends the connection; which of these is seen first is chance.
    what, _, remedy = str(caught.value).partition("\n")
    assert what.startswith(f"{POST}: the connection to ")
    assert remedy == snapshot


def test_a_server_that_shares_no_cipher_suite_with_us(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    context = tls(pki, ssl.TLSVersion.TLSv1_2, clients=False)
    context.set_ciphers("ECDHE-ECDSA-AES256-SHA384")
    with (
        Client(serve(ok, context).url, **credentials(pki)) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.send(POST)
    assert message(caught.value) == snapshot


def test_a_server_that_closes_without_ending_tls_may_have_got_the_request(pki: Pki, serve: Serve) -> None:
    def vanish(handler: Handler) -> None:
        assert isinstance(handler.connection, ssl.SSLSocket)
        socket.socket(fileno=handler.connection.detach()).close()
        handler.close_connection = True

    with Client(serve(vanish, tls(pki)).url, **credentials(pki)) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert caught.value.maybe_received


# The files


@pytest.fixture
def encrypted(pki: Pki, tmp_path: Path) -> Path:
    """The key of a device, with a password."""
    key = Credential.load(pki.ca.certificate.parent, "device").key
    path = tmp_path / "encrypted.key"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")))
    return path


def refused(**options: Any) -> EnvoyError:
    """Return the error that a client is refused with because of its files."""
    with pytest.raises(EnvoyError) as caught:
        Client("https://127.0.0.1", **options)
    assert caught.value.where
    assert caught.value.remedy
    assert "_ssl.c" not in caught.value.what or "cannot be used" in caught.value.what
    return caught.value


def test_files_that_are_missing(pki: Pki, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    missing = tmp_path / "missing.pem"
    for option in ("cert", "key", "ca"):
        error = refused(**{**credentials(pki), option: missing})
        assert error.where == str(missing)
        assert message(error) == snapshot
    assert refused(ca=tmp_path).where == str(tmp_path)


def test_a_key_without_a_certificate(pki: Pki, snapshot: SnapshotAssertion) -> None:
    error = refused(key=pki.devices["device"].key)
    assert error.where == str(pki.devices["device"].key)
    assert message(error) == snapshot


def test_a_key_of_another_certificate(pki: Pki, snapshot: SnapshotAssertion) -> None:
    cert, key = pki.devices["device"].certificate, pki.devices["rival"].key
    error = refused(cert=cert, key=key)
    assert error.where == f"{cert} and {key}"
    assert message(error) == snapshot


def test_an_encrypted_key(pki: Pki, encrypted: Path, snapshot: SnapshotAssertion) -> None:
    cert = pki.devices["device"].certificate
    error = refused(cert=cert, key=encrypted)
    assert error.where == str(encrypted)
    assert message(error) == snapshot
    both = encrypted.with_name("both.pem")
    both.write_bytes(cert.read_bytes() + encrypted.read_bytes())
    assert refused(cert=both).where == str(both)


def test_a_key_in_the_file_of_the_certificate(pki: Pki, serve: Serve, tmp_path: Path) -> None:
    files = pki.devices["device"]
    both = tmp_path / "both.pem"
    both.write_bytes(files.certificate.read_bytes() + files.key.read_bytes())
    with Client(serve(ok, tls(pki)).url, cert=str(both), ca=str(pki.ca.certificate)) as client:
        assert client.send(GET).ok


def test_a_certificate_whose_key_is_elsewhere(pki: Pki, snapshot: SnapshotAssertion) -> None:
    cert = pki.devices["device"].certificate
    error = refused(cert=cert)
    assert error.where == str(cert)
    assert message(error) == snapshot


def test_a_bundle_of_pkcs_7_is_called_that(pki: Pki, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.p7b"
    files = pki.devices["device"]
    certificates = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    bundle.write_bytes(serialize_certificates(certificates, Encoding.PEM))
    for options in ({"cert": bundle, "key": files.key}, {"ca": bundle}):
        assert "PKCS#7" in refused(**options).what


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x30\x82\x01\x00", "not PEM \u00e4".encode()])
def test_files_that_are_no_pem(content: bytes, pki: Pki, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(content)
    files = pki.devices["device"]
    for options in (
        {"cert": garbage, "key": files.key},
        {"cert": files.certificate, "key": garbage},
        {"ca": garbage},
    ):
        assert refused(**options).where == str(garbage)


def test_files_in_the_place_of_one_another(pki: Pki, snapshot: SnapshotAssertion) -> None:
    files = pki.devices["device"]
    for options in (
        {"cert": files.key, "key": files.certificate},
        {"cert": files.certificate, "key": files.certificate},
        {"ca": files.key},
    ):
        assert message(refused(**options)) == snapshot


def test_files_that_are_damaged(pki: Pki, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    damaged = tmp_path / "damaged"
    files = pki.devices["device"]
    for option, path in (("cert", files.certificate), ("key", files.key), ("ca", pki.ca.certificate)):
        lines = path.read_text().splitlines()
        damaged.write_text("\n".join([lines[0], *lines[2:]]))
        error = refused(**{**credentials(pki), option: damaged})
        assert error.where == str(damaged)
        # The end is OpenSSL's own.
        assert message(error).partition(" that cannot be used: ")[0] == snapshot


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(pki: Pki, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0)
    for option in ("cert", "key", "ca"):
        error = refused(**{**credentials(pki), option: secret})
        assert error.where == str(secret)
