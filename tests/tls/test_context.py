"""The client's side of TLS, against OpenSSL on the other end of a pipe in memory."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from syrupy.assertion import SnapshotAssertion

from envoy.errors import EnvoyError
from envoy.server.tls import server_context as tls_of_server
from envoy.tls.context import CIPHERS, client_context, explain, set_ciphers
from envoy.tls.credential import Credential
from envoy.tls.pki import Authority, Pki, create_pki
from tests.support.messages import message

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def server_context(pki: Pki, version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> ssl.SSLContext:
    """Return a server that takes what the client prefers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers(ciphers)
    context.load_cert_chain(pki.server.certificate, pki.server.key)
    context.load_verify_locations(pki.ca.certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def device_context(pki: Pki, ca: Path | None = None) -> ssl.SSLContext:
    files = pki.devices["device"]
    return client_context(cert=files.certificate, key=files.key, ca=ca or pki.ca.certificate)


def connect(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLObject:
    """Return the client's end of a connection, over which the server has said hello; raise what the client would."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    theirs = server.wrap_bio(to_server, to_client, server_side=True)

    def talk() -> Iterator[bytes]:
        yield from _until_done(ours.do_handshake)
        while True:
            with suppress(ssl.SSLWantReadError):
                yield ours.read(5)
                return
            yield b""

    def listen() -> Iterator[bytes]:
        # What the server makes of the client reaches it as an alert.
        with suppress(ssl.SSLError):
            yield from _until_done(theirs.do_handshake)
            theirs.write(b"hello")
        while True:
            yield b""

    server_side = listen()
    for heard in talk():
        if heard:
            assert heard == b"hello"
            return ours
        next(server_side)
    raise AssertionError("the connection ended in silence")


def _until_done(step: object) -> Iterator[bytes]:
    assert callable(step)
    while True:
        try:
            step()
        except ssl.SSLWantReadError:
            yield b""
        else:
            return


def names(context: ssl.SSLContext) -> list[str]:
    return [cipher["name"] for cipher in context.get_ciphers()]


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates of a CA that nobody else trusts."""
    return create_pki(tmp_path_factory.mktemp("strangers"), devices=("device",))


# What is offered


def test_the_mandatory_suite_is_offered_first_and_taken(pki: Pki) -> None:
    context = device_context(pki)
    assert [name for name in names(context) if not name.startswith("TLS_")] == list(CIPHERS)
    connection = connect(context, server_context(pki, TLS_1_2))
    assert connection.version() == "TLSv1.2"
    assert (connection.cipher() or ("",))[0] == "ECDHE-ECDSA-AES128-CCM8"


def test_a_suite_of_equal_strength_is_taken_where_the_server_lacks_the_mandatory_one(pki: Pki) -> None:
    connection = connect(device_context(pki), server_context(pki, TLS_1_2, "ECDHE+AESGCM"))
    assert (connection.cipher() or ("",))[0] == "ECDHE-ECDSA-AES128-GCM-SHA256"


def test_no_weak_suite_is_offered(pki: Pki) -> None:
    for cipher in device_context(pki).get_ciphers():
        assert cipher["aead"], cipher["name"]
        assert cipher["strength_bits"] >= 128
        assert cipher["protocol"] == "TLSv1.3" or cipher["kea"] == "kx-ecdhe"
        assert cipher["auth"] != "auth-null"


def test_tls_1_3_is_spoken_where_the_server_does(pki: Pki) -> None:
    assert connect(device_context(pki), server_context(pki, TLS_1_3)).version() == "TLSv1.3"


@pytest.mark.parametrize("order", ["ca own", "own ca", "other ca own"])
@pytest.mark.parametrize("apart", [True, False], ids=["key apart", "key in it"])
def test_of_a_bundle_in_any_order_the_certificate_of_the_key_is_shown(
    order: str, apart: bool, pki: Pki, tmp_path: Path
) -> None:
    files = pki.devices["device"]
    pem = {"ca": pki.ca.certificate, "own": files.certificate, "other": pki.devices["rival"].certificate}
    bundle = tmp_path / "bundle.pem"
    parts = [pem[name].read_bytes() for name in order.split()]
    bundle.write_bytes(b"".join(parts if apart else [*parts, files.key.read_bytes()]))
    key = files.key if apart else None
    server = server_context(pki, TLS_1_2)
    connect(client_context(cert=bundle, key=key, ca=pki.ca.certificate), server)
    bundle.write_bytes(pki.ca.certificate.read_bytes() + pki.server.certificate.read_bytes())
    theirs = tls_of_server(certificate=bundle, key=pki.server.key, ca=pki.ca.certificate, tls12_only=True)
    shown = connect(device_context(pki), theirs).getpeercert(binary_form=True)
    assert shown == ssl.PEM_cert_to_DER_cert(pki.server.certificate.read_text())


class Limited(ssl.SSLContext):
    """TLS settings on a library that lacks some suites."""

    lacks = "CCM8"

    def set_ciphers(self, cipherlist: str, /) -> None:
        if self.lacks in cipherlist:
            raise ssl.SSLError("no cipher can be selected")
        super().set_ciphers(cipherlist)


def test_a_library_without_the_mandatory_suite_offers_the_others() -> None:
    context = Limited(ssl.PROTOCOL_TLS_CLIENT)
    set_ciphers(context)
    assert [name for name in names(context) if not name.startswith("TLS_")] == list(CIPHERS[1:])


def test_a_library_without_any_of_them_is_an_error() -> None:
    context = Limited(ssl.PROTOCOL_TLS_CLIENT)
    context.lacks = "ECDHE"
    with pytest.raises(EnvoyError) as caught:
        set_ciphers(context)
    assert ssl.OPENSSL_VERSION in caught.value.what and caught.value.remedy


@pytest.mark.parametrize("check_hostname", [True, False])
def test_the_chain_is_verified_whether_or_not_the_host_is(check_hostname: bool, pki: Pki) -> None:
    context = client_context(ca=pki.ca.certificate, check_hostname=check_hostname)
    assert context.check_hostname is check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.cert_store_stats()["x509_ca"] == 1


def test_without_a_ca_those_of_the_system_are_trusted() -> None:
    trusted = client_context().cert_store_stats()
    system = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    system.load_default_certs()
    assert trusted == system.cert_store_stats()


# Why it failed


def failure(client: ssl.SSLContext, server: ssl.SSLContext) -> ssl.SSLError:
    with pytest.raises(ssl.SSLError) as caught:
        connect(client, server)
    return caught.value


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_1_1_is_refused(pki: Pki, snapshot: SnapshotAssertion) -> None:
    context = device_context(pki)
    assert context.minimum_version is TLS_1_2
    found = explain(failure(context, server_context(pki, ssl.TLSVersion.TLSv1_1)))
    assert found is not None
    assert message(found.what) == snapshot
    assert found.refused


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3], ids=["1.2", "1.3"])
def test_what_the_server_says_of_our_certificate(version: ssl.TLSVersion, pki: Pki, strangers: Pki) -> None:
    server = server_context(pki, version)
    untrusted = explain(failure(device_context(strangers, pki.ca.certificate), server))
    none = explain(failure(client_context(ca=pki.ca.certificate), server))
    assert untrusted is not None and none is not None and untrusted.what != none.what
    assert untrusted.refused and none.refused
    assert "cert=" in untrusted.remedy and "cert=" in none.remedy


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3], ids=["1.2", "1.3"])
def test_our_certificate_has_expired(
    version: ssl.TLSVersion, pki: Pki, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    authority = Authority.load(pki.ca.certificate.parent)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=authority.certificate.subject,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old device")]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime.now(UTC) - timedelta(days=9),
        not_valid_after=datetime.now(UTC) - timedelta(days=1),
    )
    files = Credential(builder.sign(authority.credential.key, SHA256()), key).save(tmp_path, "old")
    client = client_context(cert=files[0], key=files[1], ca=pki.ca.certificate)
    found = explain(failure(client, server_context(pki, version)))
    assert found is not None
    assert message(found.what) == snapshot
    assert found.refused


def test_the_causes_of_what_an_http_library_raises_are_searched(pki: Pki, strangers: Pki) -> None:
    reason = failure(client_context(ca=strangers.ca.certificate), server_context(pki, TLS_1_3))
    direct = explain(reason)
    assert direct is not None and direct.refused
    wrapped = httpx.ConnectError(str(reason))
    wrapped.__cause__ = reason
    assert explain(wrapped) == direct


def test_what_is_no_failure_of_tls_is_not_explained() -> None:
    assert explain(httpx.ConnectError("[Errno 111] Connection refused")) is None
    assert explain(TimeoutError()) is None


def test_a_failure_that_nobody_knows_is_told_as_it_is() -> None:
    found = explain(ssl.SSLError(1, "something new"))
    assert found is not None
    assert "something new" in found.what
    assert not found.refused
