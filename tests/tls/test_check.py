"""``envoy tls-check`` against servers that each have something else wrong with them."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtensionOID, NameOID
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from envoy.cli import app
from envoy.errors import EnvoyError, TransportError
from envoy.tls.check import CertificateFacts, TLSReport, check_tls
from envoy.tls.credential import Credential
from envoy.tls.pki import Authority, Pki, create_pki
from tests.support.messages import message
from tests.support.ports import find_port
from tests.support.scripted import Answer, Handler, Scripted, Serve, ok, tls

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
VERSIONS = pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3], ids=["1.2", "1.3"])


SUITE = "mandatory cipher suite"


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates of a CA that nobody else trusts."""
    return create_pki(tmp_path_factory.mktemp("strangers"), devices=("device",))


def credentials(pki: Pki) -> dict[str, Path]:
    return {"cert": pki.devices["device"].certificate, "key": pki.devices["device"].key, "ca": pki.ca.certificate}


def issue(pki: Pki, folder: Path, *, begins: float, ends: float, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """Return a certificate of the CA that is valid between two times, in days from now."""
    authority = Authority.load(pki.ca.certificate.parent)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=authority.certificate.subject,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "short-lived")]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime.now(UTC) + timedelta(days=begins),
        not_valid_after=datetime.now(UTC) + timedelta(days=ends),
    ).add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
    return Credential(builder.sign(authority.credential.key, SHA256()), key).save(folder, "short-lived")


def issue_for(pki: Pki, folder: Path, name: str, key: Any) -> tuple[Path, Path]:
    """Return a certificate of the CA for any kind of key."""
    authority = Authority.load(pki.ca.certificate.parent)
    builder = x509.CertificateBuilder(
        issuer_name=authority.certificate.subject,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=datetime.now(UTC) - timedelta(days=1),
        not_valid_after=datetime.now(UTC) + timedelta(days=90),
    ).add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(builder.sign(authority.credential.key, SHA256()).public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate, private


def wrong(report: TLSReport) -> list[str]:
    """Return what is wrong, without OpenSSL's own words in brackets at the end, which differ between its versions.

    Servers that speak TLS 1.3 alone do not have the mandatory cipher suite, which is left out.
    """
    texts = [re.sub(r" \([a-z0-9 ]+\)$", "", fault.what) for fault in report.findings]
    return [text for text in texts if SUITE not in text]


# Nothing wrong


@VERSIONS
def test_a_server_and_a_client_that_take_each_other(version: ssl.TLSVersion, pki: Pki, serve: Serve) -> None:
    server = serve(ok, tls(pki, version))
    report = check_tls(f"{server.url}/dcap", **credentials(pki))
    assert report.good and wrong(report) == []
    assert len(report.findings) == (version is TLS_1_3)
    assert report.host == server.host
    assert report.negotiated.split()[0] == version.name.replace("_", ".")
    assert report.negotiated.split()[1].startswith(("ECDHE-ECDSA-AES", "TLS_"))
    assert report.server is not None and report.own is not None
    assert report.server.subject == "CN=envoy test server"
    assert "127.0.0.1" in report.server.names
    assert report.own.lfdi == pki.devices["device"].lfdi
    assert report.trusted is report.named is report.demanded is report.accepted is True
    assert report.asked is (True if version is TLS_1_2 else None)
    assert report.status == 200
    assert set(server.requests) == {"GET /dcap"}


@VERSIONS
def test_a_server_that_wants_no_certificate(version: ssl.TLSVersion, pki: Pki, serve: Serve) -> None:
    server = serve(ok, tls(pki, version, clients=False))
    report = check_tls(server.url, ca=pki.ca.certificate)
    assert report.good
    assert (report.asked, report.demanded) == (False if version is TLS_1_2 else None, False)
    assert report.own is report.accepted is None
    assert check_tls(server.url, **credentials(pki)).accepted is True


def test_of_a_bundle_that_begins_with_the_ca_our_certificate_is_that_of_the_key(
    pki: Pki, serve: Serve, tmp_path: Path
) -> None:
    files, bundle = pki.devices["device"], tmp_path / "bundle.pem"
    bundle.write_bytes(pki.ca.certificate.read_bytes() + files.certificate.read_bytes())
    server = serve(ok, tls(pki, TLS_1_2))
    report = check_tls(server.url, cert=bundle, key=files.key, ca=pki.ca.certificate)
    assert report.accepted and report.own is not None and report.own.lfdi == files.lfdi


def test_a_server_that_asks_and_does_not_demand(pki: Pki, serve: Serve) -> None:
    context = tls(pki, TLS_1_2)
    context.verify_mode = ssl.CERT_OPTIONAL
    report = check_tls(serve(ok, context).url, ca=pki.ca.certificate)
    assert report.good
    assert (report.asked, report.demanded) == (True, False)


# Our certificate


@VERSIONS
def test_a_server_that_does_not_take_our_certificate(
    version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok, tls(pki, version))
    report = check_tls(server.url, **{**credentials(strangers), "ca": pki.ca.certificate})
    assert not report.good
    assert wrong(report) == snapshot
    assert report.server is not None and report.server.subject == "CN=envoy test server"
    assert report.trusted is report.named is report.demanded is True
    assert report.accepted is False
    assert server.received == []


@VERSIONS
def test_a_server_that_demands_a_certificate_and_gets_none(
    version: ssl.TLSVersion, pki: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    report = check_tls(serve(ok, tls(pki, version)).url, ca=pki.ca.certificate)
    assert wrong(report) == snapshot
    assert report.negotiated.startswith(f"TLSv1.{version.name[-1]} ")
    assert report.server is not None
    assert report.trusted is report.named is report.demanded is True


def test_a_certificate_whose_names_cannot_be_read_has_none() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "odd")])
    x400_address = x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, b"\x30\x02\xa3\x00")
    certificate = x509.CertificateBuilder(
        issuer_name=subject,
        subject_name=subject,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=datetime.now(UTC),
        not_valid_after=datetime.now(UTC) + timedelta(days=1),
    ).add_extension(x400_address, critical=False)
    facts = CertificateFacts.read(certificate.sign(key, SHA256()).public_bytes(Encoding.DER))
    assert facts is not None and (facts.subject, facts.names) == ("CN=odd", ())


@VERSIONS
@pytest.mark.parametrize(
    ("begins", "ends", "good"), [(-9, -1, False), (1, 9, False), (-1, 9.5, True)], ids=["expired", "early", "soon"]
)
def test_our_certificate_is_of_another_time(
    begins: float,
    ends: float,
    good: bool,
    version: ssl.TLSVersion,
    pki: Pki,
    serve: Serve,
    tmp_path: Path,
    snapshot: SnapshotAssertion,
) -> None:
    cert, key = issue(pki, tmp_path, begins=begins, ends=ends)
    report = check_tls(serve(ok, tls(pki, version)).url, cert=cert, key=key, ca=pki.ca.certificate)
    assert re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", "DATE", str(report.findings[-1])) == snapshot
    assert report.good is report.accepted is good


@pytest.mark.parametrize("ours", [True, False], ids=["certificate", "none"])
@pytest.mark.parametrize("text", ["No required SSL certificate was sent", "The SSL certificate error"])
def test_a_proxy_that_refuses_our_certificate_in_http(
    text: str, ours: bool, pki: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    page = f"<html><head><title>400 {text}</title></head></html>".encode()
    server = serve(lambda handler: handler.reply(400, page), tls(pki, TLS_1_2, clients=False))
    report = check_tls(f"{server.url}/api/dcap", **(credentials(pki) if ours else {"ca": pki.ca.certificate}))
    assert not report.good and report.status == 400
    assert report.accepted is (False if ours else None)
    assert report.demanded is text.startswith("No")
    assert wrong(report) == snapshot
    assert set(server.requests) == {"GET /api/dcap"}


def test_a_server_without_the_mandatory_suite(pki: Pki, serve: Serve) -> None:
    context = tls(pki, TLS_1_2)
    context.set_ciphers("ECDHE-ECDSA-AES128-GCM-SHA256")
    report = check_tls(serve(ok, context).url, **credentials(pki))
    assert report.good
    assert [(SUITE in finding.what, finding.serious) for finding in report.findings] == [(True, False)]


def test_keys_that_are_not_of_the_curve_of_the_standard(
    pki: Pki, serve: Serve, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    files = [
        issue_for(pki, tmp_path, "server", generate(65537, 2048)),
        issue_for(pki, tmp_path, "device", ec.generate_private_key(ec.SECP384R1())),
    ]
    server = serve(ok, tls(pki, TLS_1_2, files=files[0]))
    cert, key = files[1]
    report = check_tls(server.url, cert=cert, key=key, ca=pki.ca.certificate)
    assert report.good
    assert report.findings == snapshot


# The server's certificate


@VERSIONS
def test_a_server_of_another_ca(
    version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve, snapshot: SnapshotAssertion
) -> None:
    report = check_tls(serve(ok, tls(strangers, version, clients=False)).url, ca=pki.ca.certificate)
    assert wrong(report) == snapshot
    assert (report.trusted, report.named) == (False, True)
    assert report.server is not None and report.server.issuer == "CN=envoy test CA"


@VERSIONS
def test_all_that_is_wrong_with_a_certificate_is_said_at_once(
    version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    files = issue(strangers, tmp_path, begins=-9, ends=-1, address="192.0.2.1")
    report = check_tls(serve(ok, tls(strangers, version, files=files)).url, ca=pki.ca.certificate)
    # TLS 1.2 and 1.3 find the same.
    assert wrong(report)[1:] == snapshot
    assert not report.good
    assert report.server is not None and report.server.names == ("192.0.2.1",)
    assert (report.trusted, report.named) == (False, False)


def test_that_a_certificate_does_not_name_the_host_may_be_no_finding(pki: Pki, serve: Serve, tmp_path: Path) -> None:
    ours, files = pki.devices["aggregator"], issue(pki, tmp_path, begins=-9, ends=90, address="192.0.2.1")
    url = serve(ok, tls(pki, ssl.TLSVersion.TLSv1_3, files=files)).url
    for check_hostname in (True, False):
        report = check_tls(
            url, cert=ours.certificate, key=ours.key, ca=pki.ca.certificate, check_hostname=check_hostname
        )
        assert (report.named, report.good) == (False, not check_hostname)


@pytest.mark.parametrize(
    ("begins", "ends", "good"), [(-9, -1, False), (1, 9, False), (-1, 9.5, True)], ids=["expired", "early", "soon"]
)
def test_a_server_certificate_of_another_time(
    begins: float, ends: float, good: bool, pki: Pki, serve: Serve, tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    files = issue(pki, tmp_path, begins=begins, ends=ends)
    report = check_tls(serve(ok, tls(pki, files=files)).url, **credentials(pki))
    assert wrong(report) == snapshot
    assert report.good is good
    assert (report.trusted, report.named) == (good, True)


# The server


def test_a_server_that_shares_no_cipher_suite_with_us(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    context = tls(pki, TLS_1_2)
    context.set_ciphers("ECDHE-ECDSA-AES256-SHA384")
    report = check_tls(serve(ok, context).url, ca=pki.ca.certificate)
    assert wrong(report) == snapshot
    assert (report.negotiated, report.server, report.trusted, report.demanded) == ("", None, None, False)


def test_a_port_without_tls(serve: Serve, snapshot: SnapshotAssertion) -> None:
    report = check_tls(serve(ok).url.replace("http:", "https:"))
    assert wrong(report) == snapshot


def test_a_port_that_speaks_no_http(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(lambda handler: handler.wfile.write(b"220 mail.example\n"), tls(pki, clients=False))
    report = check_tls(server.url, ca=pki.ca.certificate)
    assert wrong(report) == snapshot


HELLO = bytes.fromhex("160303002a 02000026 0303") + bytes(32) + bytes.fromhex("00 c0ae 00")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x16",
        b"\x16\x03\x03\xff\xff\x02",
        b"\x16\x03\x03\x00\x04\x02\x00\x00\x00",
        b"\x16\x03\x03\x00\x05\x0b\x00\x00\x01\x00",
        HELLO,
        HELLO + b"\x16\x03\x03\x00\x0f\x0b\x00\x00\x0b\x00\x00\x08\x00\x00\x05nonce",
    ],
)
def test_a_server_that_talks_rubbish(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(10_000)
                    connection.sendall(answer)

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            report = check_tls(f"https://127.0.0.1:{listener.getsockname()[1]}")
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert not report.good
    assert report.server is None
    assert len(report.findings) == 1


def test_a_server_that_drips_is_given_up(pki: Pki, serve: Serve) -> None:
    ended = threading.Event()

    def drip(handler: Handler) -> None:
        with suppress(OSError):
            while not ended.wait(0.01):
                handler.wfile.write(b"x")

    try:
        report = check_tls(serve(drip, tls(pki)).url, **credentials(pki), timeout=0.3)
    finally:
        ended.set()
    assert not report.good and report.status == 0


def test_a_server_that_is_not_there_or_has_no_tls(snapshot: SnapshotAssertion) -> None:
    port = find_port()
    with pytest.raises(TransportError) as caught:
        check_tls(f"https://127.0.0.1:{port}")
    assert message(caught.value) == snapshot
    with pytest.raises(EnvoyError) as caught:
        check_tls(f"http://127.0.0.1:{port}")
    assert message(caught.value) == snapshot


# The command


def command(*arguments: Any) -> tuple[int, str, str]:
    """Run the command; return its exit status and what it prints."""
    result = CliRunner().invoke(app, ["tls-check", *map(str, arguments)])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_prints_what_it_found(pki: Pki, serve: Serve) -> None:
    server = serve(ok, tls(pki, TLS_1_2))
    options = [text for name, path in credentials(pki).items() for text in (f"--{name}", path)]
    status, printed, _ = command(server.url, *options)
    assert status == 0
    lfdi = pki.devices["device"].lfdi.hex().upper()
    expected = rf"""server       {server.host}
negotiated   TLSv1\.2 ECDHE-ECDSA-AES\S+
certificate  CN=envoy test server
             signed by CN=envoy test CA
             for localhost, 127\.0\.0\.1, ::1
             valid \S+ to \S+ \(\d+ days left\)
             LFDI [0-9A-F]{{40}}
trusted      yes
names host   yes
ours         CN=device
             signed by CN=envoy test CA
             for no host
             valid \S+ to \S+ \(\d+ days left\)
             LFDI {lfdi}
             demanded, accepted \(HTTP 200\)
Nothing is wrong\.
"""
    assert re.fullmatch(expected, printed), printed


@pytest.mark.parametrize("where", ["option", "variable"])
def test_the_command_takes_the_server_as_other_commands_do(
    pki: Pki, serve: Serve, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(ok, tls(pki, TLS_1_2))
    if where == "variable":
        monkeypatch.setenv("ENVOY_SERVER", server.url)
    named = ["--server", server.url] if where == "option" else []
    status, printed, _ = command(*named, "--ca", pki.ca.certificate)
    assert (status, printed.partition("\n")[0]) == (1, f"server       {server.host}")


def test_the_command_needs_a_server() -> None:
    status, printed, error = command()
    assert (status, printed) == (2, "")
    assert "--server" in error


def test_the_command_says_what_is_wrong_and_what_to_do(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    status, printed, _ = command(serve(ok, tls(pki, TLS_1_2)).url, "--ca", pki.ca.certificate)
    assert status == 1
    assert "\nours         none, demanded\n" in printed
    assert printed.partition("wrong: ")[2] == snapshot


def test_the_command_could_not_look(tmp_path: Path) -> None:
    status, printed, error = command("https://127.0.0.1:1", "--ca", tmp_path / "missing.pem")
    assert (status, printed) == (2, "")
    assert str(tmp_path / "missing.pem") in error
    status, _, error = command("https://127.0.0.1:1")
    assert status == 2
    assert error.startswith("Error: https://127.0.0.1:1: ")


# Through a proxy


def tunnel(handler: Handler) -> None:
    """Do what a proxy does that is asked for a tunnel."""
    host, port = handler.path.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 5) as there:
        handler.send_response(200)
        handler.end_headers()

        def pass_on(one: socket.socket, other: socket.socket) -> None:
            with suppress(OSError):
                while part := one.recv(65536):
                    other.sendall(part)
            with suppress(OSError):
                other.shutdown(socket.SHUT_WR)

        back = threading.Thread(target=pass_on, args=(there, handler.connection))
        back.start()
        pass_on(handler.connection, there)
        back.join()
    handler.close_connection = True


@pytest.fixture
def proxy(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Scripted:
    """A proxy that the environment names, which takes the user ``me`` with the password ``secret``."""
    server = serve(tunnel)
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:secret@{server.host}")
    return server


def test_every_handshake_goes_through_the_proxy_of_the_environment(pki: Pki, serve: Serve, proxy: Scripted) -> None:
    server = serve(ok, tls(pki, TLS_1_2))
    report = check_tls(server.url, **credentials(pki))
    assert report.good and report.accepted
    assert report.proxy == proxy.url
    assert set(proxy.requests) == {f"CONNECT {server.host}"}
    assert {headers["Proxy-Authorization"] for _, _, headers, _ in proxy.received} == {"Basic bWU6c2VjcmV0"}


def test_a_host_is_reached_without_the_proxy_if_the_environment_says_so(
    pki: Pki, serve: Serve, proxy: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert check_tls(serve(ok, tls(pki, TLS_1_2)).url, **credentials(pki)).proxy == ""
    assert proxy.received == []


@pytest.mark.parametrize(
    "answer", [lambda handler: handler.reply(407), lambda handler: handler.wfile.write(b"no\r\n\r\n")]
)
def test_a_proxy_that_makes_no_tunnel_is_what_cannot_be_reached(
    pki: Pki, serve: Serve, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    proxy = serve(answer)
    monkeypatch.setenv("HTTPS_PROXY", proxy.host)
    with pytest.raises(TransportError, match="proxy") as caught:
        check_tls("https://utility.example", **credentials(pki))
    assert proxy.url in caught.value.what and "NO_PROXY" in caught.value.remedy


@pytest.mark.parametrize("named", ["socks5://127.0.0.1:9", "http://127.0.0.1:9", "ftp://127.0.0.1:9", "http://["])
def test_a_proxy_that_cannot_be_used_is_named(pki: Pki, monkeypatch: pytest.MonkeyPatch, named: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", named)
    with pytest.raises(TransportError, match="proxy"):
        check_tls("https://utility.example", **credentials(pki))
