"""The test CA, proved by real TLS handshakes over loopback, by openssl, and by what it leaves in its folder."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import stat
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from syrupy.assertion import SnapshotAssertion

from envoy.errors import EnvoyError
from envoy.identity import format_lfdi, lfdi_of_certificate
from envoy.tls.credential import Credential
from envoy.tls.pki import Authority, CredentialFiles, Pki, create_pki
from tests.support.messages import message

TIMEOUT = 5
REFUSALS = ("CERTIFICATE_VERIFY_FAILED", "PEER_DID_NOT_RETURN_A_CERTIFICATE")


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return create_pki(tmp_path / "pki")


def context(protocol: int, own: CredentialFiles, trusted: Path, ciphers: str = "") -> ssl.SSLContext:
    made = ssl.SSLContext(protocol)
    made.verify_mode = ssl.CERT_REQUIRED
    made.verify_flags |= ssl.VERIFY_X509_STRICT  # the default of Python 3.13 and later
    made.load_verify_locations(trusted)
    made.load_cert_chain(own.certificate, own.key)
    if ciphers:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
        made.set_ciphers(ciphers)
    return made


def talk(server: ssl.SSLContext, client: ssl.SSLContext, hostname: str = "localhost") -> tuple[bytes, str]:
    """Connect over 127.0.0.1; return the certificate that the server saw and the cipher, or raise why one refused."""
    seen: list[bytes] = []
    errors: list[OSError] = []

    def serve() -> None:
        try:
            with listener.accept()[0] as plain:
                plain.settimeout(TIMEOUT)
                with server.wrap_socket(plain, server_side=True) as connection:
                    seen.append(connection.getpeercert(binary_form=True) or b"")
                    connection.sendall(b"welcome")
        except OSError as error:
            errors.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIMEOUT)
        thread = threading.Thread(target=serve)
        thread.start()
        cipher = ""
        try:
            with (
                socket.create_connection(listener.getsockname(), timeout=TIMEOUT) as plain,
                client.wrap_socket(plain, server_hostname=hostname) as connection,
            ):
                cipher = (connection.cipher() or ("",))[0]
                # In TLS 1.3 the server's verdict on the client arrives with the first data.
                if connection.recv(7) != b"welcome":
                    raise ConnectionError("the server ended the connection")
        except OSError as error:
            errors.append(error)
        thread.join(TIMEOUT)
    if errors:
        # The side that refused knows why; the other has an alert at best.
        raise next((error for error in errors if getattr(error, "reason", "") in REFUSALS), errors[0])
    return seen[0], cipher


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# Mutual TLS.


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("hostname", ["localhost", "127.0.0.1", "::1"])
def test_server_and_device_accept_each_other(pki: Pki, version: ssl.TLSVersion, hostname: str) -> None:
    server = context(ssl.PROTOCOL_TLS_SERVER, pki.server, pki.ca.certificate)
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki.devices["aggregator"], pki.ca.certificate)
    client.minimum_version = client.maximum_version = version
    certificate, _ = talk(server, client, hostname)
    assert lfdi_of_certificate(certificate) == pki.devices["aggregator"].lfdi


def test_the_mandatory_cipher_works(pki: Pki) -> None:
    ciphers = "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"
    try:
        server = context(ssl.PROTOCOL_TLS_SERVER, pki.server, pki.ca.certificate, ciphers)
    except ssl.SSLError:
        pytest.skip(f"{ssl.OPENSSL_VERSION} has no ECDHE-ECDSA-AES128-CCM8")
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki.devices["aggregator"], pki.ca.certificate, ciphers)
    certificate, cipher = talk(server, client)
    assert cipher == "ECDHE-ECDSA-AES128-CCM8"
    assert lfdi_of_certificate(certificate) == pki.devices["aggregator"].lfdi


def test_a_device_of_another_ca_is_refused(pki: Pki, tmp_path: Path) -> None:
    other = create_pki(tmp_path / "other")
    server = context(ssl.PROTOCOL_TLS_SERVER, pki.server, pki.ca.certificate)
    client = context(ssl.PROTOCOL_TLS_CLIENT, other.devices["aggregator"], pki.ca.certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        talk(server, client)


def test_a_client_without_a_certificate_is_refused(pki: Pki) -> None:
    server = context(ssl.PROTOCOL_TLS_SERVER, pki.server, pki.ca.certificate)
    client = ssl.create_default_context(cafile=pki.ca.certificate)
    with pytest.raises(ssl.SSLError, match=r"(?i)did not return a certificate"):
        talk(server, client)


def test_a_server_of_another_ca_is_refused(pki: Pki, tmp_path: Path) -> None:
    other = create_pki(tmp_path / "other")
    server = context(ssl.PROTOCOL_TLS_SERVER, other.server, pki.ca.certificate)
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki.devices["aggregator"], pki.ca.certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate verify failed"):
        talk(server, client)


@pytest.mark.parametrize("hostname", ["utility.example", "127.0.0.2"])
def test_a_server_under_another_name_is_refused(pki: Pki, hostname: str) -> None:
    server = context(ssl.PROTOCOL_TLS_SERVER, pki.server, pki.ca.certificate)
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki.devices["aggregator"], pki.ca.certificate)
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        talk(server, client, hostname)


def test_a_device_cannot_pose_as_the_server(pki: Pki) -> None:
    server = context(ssl.PROTOCOL_TLS_SERVER, pki.devices["aggregator"], pki.ca.certificate)
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki.devices["aggregator"], pki.ca.certificate)
    client.check_hostname = False
    with pytest.raises(ssl.SSLCertVerificationError, match=r"(?i)purpose"):
        talk(server, client)


# What is in the certificates.


def test_openssl_verifies_the_chains(pki: Pki) -> None:
    openssl = shutil.which("openssl")
    if not openssl:
        pytest.skip("no openssl command")
    verify = [openssl, "verify", "-x509_strict", "-CAfile", str(pki.ca.certificate)]
    for purpose, files in (("sslserver", pki.server), ("sslclient", pki.devices["aggregator"])):
        done = subprocess.run([*verify, "-purpose", purpose, str(files.certificate)], check=False, capture_output=True)
        assert done.returncode == 0, done.stderr


def test_certificates_are_p256_with_ecdsa_and_sha256() -> None:
    authority = Authority.create()
    for credential in (authority.credential, authority.issue_server(["localhost"]), authority.issue_device("a")):
        assert isinstance(credential.key.curve, ec.SECP256R1)
        assert isinstance(credential.certificate.signature_hash_algorithm, SHA256)
        assert credential.certificate.public_key() == credential.key.public_key()
        assert credential.lfdi == lfdi_of_certificate(credential.certificate)


def test_certificates_are_valid_from_an_hour_ago_for_years() -> None:
    authority = Authority.create()
    now = datetime.now(UTC)
    for certificate, days in ((authority.certificate, 3652), (authority.issue_device("a").certificate, 730)):
        assert abs(now - timedelta(hours=1) - certificate.not_valid_before_utc) < timedelta(minutes=1)
        assert abs(now + timedelta(days=days) - certificate.not_valid_after_utc) < timedelta(minutes=1)


def test_a_certificate_does_not_outlive_its_ca() -> None:
    made = Authority.create()
    end = datetime.now(UTC) + timedelta(days=3)
    builder = x509.CertificateBuilder(
        issuer_name=made.certificate.subject,
        subject_name=made.certificate.subject,
        public_key=made.credential.key.public_key(),
        serial_number=1,
        not_valid_before=made.certificate.not_valid_before_utc,
        not_valid_after=end,
    )
    authority = Authority(Credential(builder.sign(made.credential.key, SHA256()), made.credential.key))
    assert authority.issue_device("a").certificate.not_valid_after_utc == authority.certificate.not_valid_after_utc


def test_a_ca_certificate_may_sign_certificates_but_no_other_ca() -> None:
    certificate = Authority.create("My CA").certificate
    assert certificate.subject.rfc4514_string() == "CN=My CA"
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical and constraints.value == x509.BasicConstraints(ca=True, path_length=0)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    assert usage.critical and usage.value.key_cert_sign and not usage.value.digital_signature


def test_a_server_certificate_names_its_hosts() -> None:
    hosts = ["Utility.Example", "*.utility.example", "192.0.2.7", "2001:db8::1", "fe80::1%eth0", "3com.example", "a_b"]
    extensions = Authority.create().issue_server(hosts).certificate.extensions
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    dns_names = ["utility.example", "*.utility.example", "3com.example", "a_b"]
    assert names.get_values_for_type(x509.DNSName) == dns_names
    assert names.get_values_for_type(x509.IPAddress) == [ip_address(x) for x in ("192.0.2.7", "2001:db8::1", "fe80::1")]
    purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def test_a_device_certificate_has_no_dns_name() -> None:
    certificate = Authority.create().issue_device("Site 1, Müller").certificate
    assert certificate.subject.rfc4514_string() == "CN=Site 1\\, Müller"
    purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(purposes) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)


@pytest.mark.parametrize(
    "host",
    ["", "https://localhost", "localhost:8443", "[::1]", "192.0.2.256", "a.example.", "-a.example", "bücher.example"],
)
def test_a_host_that_is_neither_name_nor_address_is_refused(host: str) -> None:
    with pytest.raises(EnvoyError) as caught:
        Authority.create().issue_server([host])
    assert repr(host) in caught.value.what and caught.value.remedy


def test_a_server_needs_a_host(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        Authority.create().issue_server([])
    assert message(caught.value) == snapshot


@pytest.mark.parametrize("name", ["", "x" * 65])
def test_a_common_name_has_a_limited_length(name: str) -> None:
    for function in (Authority.create, Authority.create().issue_device):
        with pytest.raises(EnvoyError) as caught:
            function(name)
        assert repr(name) in caught.value.what and caught.value.remedy


# The folder.


def test_a_folder_gets_a_ca_a_server_and_the_devices(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "pki"
    pki = create_pki(folder, devices=["aggregator", "site-1.a_B"])
    stems = ["aggregator", "ca", "server", "site-1.a_B"]
    assert sorted(contents(folder)) == sorted(f"{stem}.{suffix}" for stem in stems for suffix in ("key", "pem"))
    for stem, files in {"ca": pki.ca, "server": pki.server, **pki.devices}.items():
        assert files.state == "created"
        assert (files.certificate, files.key) == (folder / f"{stem}.pem", folder / f"{stem}.key")
        assert files.lfdi == lfdi_of_certificate(files.certificate.read_bytes())
    assert len({format_lfdi(files.lfdi) for files in pki.devices.values()}) == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_can_read_a_key(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        pki = create_pki(tmp_path)
    finally:
        os.umask(before)
    for files in (pki.ca, pki.server, *pki.devices.values()):
        assert stat.S_IMODE(files.key.stat().st_mode) == 0o600


def test_keys_are_unencrypted_pkcs8(pki: Pki) -> None:
    data = pki.server.key.read_bytes()
    assert data.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert isinstance(load_pem_private_key(data, password=None), ec.EllipticCurvePrivateKey)


def test_doing_it_again_changes_nothing(tmp_path: Path) -> None:
    first = create_pki(tmp_path)
    before = contents(tmp_path)
    second = create_pki(tmp_path)
    assert contents(tmp_path) == before
    assert {files.state for files in (second.ca, second.server, *second.devices.values())} == {"kept"}
    assert second.devices["aggregator"].lfdi == first.devices["aggregator"].lfdi


def test_a_device_can_be_added_and_the_others_stay_as_they_are(tmp_path: Path) -> None:
    create_pki(tmp_path)
    before = contents(tmp_path)
    added = create_pki(tmp_path, devices=["site-1", "aggregator"])
    after = contents(tmp_path)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {"site-1.pem", "site-1.key"}
    assert {name: files.state for name, files in added.devices.items()} == {"site-1": "created", "aggregator": "kept"}


def test_a_new_host_reissues_the_server_certificate_for_the_same_key(tmp_path: Path) -> None:
    create_pki(tmp_path)
    before = contents(tmp_path)
    pki = create_pki(tmp_path, hosts=["utility.example", "127.0.0.1"])
    after = contents(tmp_path)
    assert [name for name in before if before[name] != after[name]] == ["server.pem"]
    assert pki.server.state == "reissued"
    assert pki.server.lfdi == lfdi_of_certificate(after["server.pem"])
    server = context(ssl.PROTOCOL_TLS_SERVER, pki.server, pki.ca.certificate)
    client = context(ssl.PROTOCOL_TLS_CLIENT, pki.devices["aggregator"], pki.ca.certificate)
    for hostname in ("utility.example", "localhost"):
        talk(server, client, hostname)
    assert create_pki(tmp_path).server.state == "kept"


def test_an_authority_survives_being_saved_and_loaded(tmp_path: Path) -> None:
    made = Authority.create()
    assert made.save(tmp_path) == (tmp_path / "ca.pem", tmp_path / "ca.key")
    loaded = Authority.load(tmp_path)
    assert loaded.certificate == made.certificate
    loaded.issue_device("a").certificate.verify_directly_issued_by(made.certificate)


def test_saving_never_overwrites(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    authority = Authority.create()
    for left in ("a.pem", "a.key"):
        (tmp_path / left).write_text("mine")
        with pytest.raises(EnvoyError) as caught:
            authority.issue_device("a").save(tmp_path, "a")
        assert message(caught.value) == snapshot
        assert contents(tmp_path) == {left: b"mine"}
        (tmp_path / left).unlink()


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../a", "a/b", "a\\b", ".hidden", "-rf", "a b", "a\n", "ä", "x" * 65, "ca", "CA", "Server"]
)
def test_a_device_name_must_be_a_safe_file_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(EnvoyError) as caught:
        create_pki(tmp_path / "pki", devices=["aggregator", name])
    assert repr(name) in caught.value.what and caught.value.remedy
    assert not (tmp_path / "pki").exists()


def test_a_bad_host_leaves_no_files(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        create_pki(tmp_path / "pki", hosts=["localhost:8443"])
    assert message(caught.value) == snapshot
    assert not (tmp_path / "pki").exists()


# Folders that cannot be used.


@pytest.mark.parametrize(
    ("lost", "left"), [("ca.key", "ca.pem"), ("ca.pem", "ca.key"), ("aggregator.key", "aggregator.pem")]
)
def test_half_a_credential_is_an_error_that_says_which_half(
    pki: Pki, lost: str, left: str, snapshot: SnapshotAssertion
) -> None:
    folder = pki.ca.certificate.parent
    (folder / lost).unlink()
    before = contents(folder)
    with pytest.raises(EnvoyError) as caught:
        create_pki(folder, devices=["aggregator"])
    assert message(caught.value) == snapshot
    assert caught.value.where == str(folder / lost)
    assert contents(folder) == before


def test_loading_from_a_folder_without_a_ca_says_how_to_make_one(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        Authority.load(tmp_path)
    assert message(caught.value) == snapshot
    assert f"`envoy pki {tmp_path}`" in caught.value.remedy


def test_a_file_is_not_a_folder(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(EnvoyError) as caught:
        create_pki(file)
    assert message(caught.value) == snapshot
    with pytest.raises(EnvoyError) as caught:
        create_pki(file / "pki")
    assert message(caught.value) == snapshot
    assert file.read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("mode", [0o000, 0o500])
def test_a_folder_without_permission_is_an_error(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "closed"
    folder.mkdir(mode=mode)
    try:
        with pytest.raises(EnvoyError) as caught:
            create_pki(folder)
        assert isinstance(caught.value.__cause__, PermissionError)
        assert str(folder) in caught.value.where
    finally:
        folder.chmod(0o700)


def test_a_device_of_another_ca_in_the_folder_is_an_error(
    pki: Pki, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    other = create_pki(tmp_path / "other", devices=["stranger"]).devices["stranger"]
    folder = pki.ca.certificate.parent
    for path in (other.certificate, other.key):
        shutil.copy(path, folder)
    with pytest.raises(EnvoyError) as caught:
        create_pki(folder, devices=["stranger"])
    assert message(caught.value) == snapshot


def test_a_key_of_another_certificate_is_an_error(pki: Pki, snapshot: SnapshotAssertion) -> None:
    shutil.copy(pki.server.key, pki.ca.key)
    with pytest.raises(EnvoyError) as caught:
        create_pki(pki.ca.key.parent)
    assert message(caught.value) == snapshot


def test_a_ca_that_is_none_is_an_error(pki: Pki, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    device, folder = pki.devices["aggregator"], tmp_path / "wrong"
    folder.mkdir()
    shutil.copy(device.certificate, folder / "ca.pem")
    shutil.copy(device.key, folder / "ca.key")
    with pytest.raises(EnvoyError) as caught:
        create_pki(folder)
    assert message(caught.value) == snapshot


def test_files_of_another_kind_are_named(pki: Pki, snapshot: SnapshotAssertion) -> None:
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    secret = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")
    )
    for path, data in [
        (pki.ca.key, b""),
        (pki.ca.key, secret),
        (pki.ca.key, rsa_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())),
        (pki.ca.certificate, b""),
    ]:
        path.write_bytes(data)
        with pytest.raises(EnvoyError) as caught:
            Authority.load(path.parent)
        # The end is OpenSSL's own.
        assert caught.value.what.partition(":")[0] == snapshot
        assert caught.value.where == str(path) and caught.value.remedy
