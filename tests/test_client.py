"""The client on real sockets: what it sends, what it makes of what comes back, and what it says where nothing does."""

from __future__ import annotations

import gzip
import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import ROOT, StartServer
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import NameOID
from scripted import Handler, Serve, cut, hang_up, ok, reset, serving, tls

from envoy import AsyncClient, Client, RegistrationError, Site, TransportError, __version__
from envoy.base import MAX_REDIRECTS
from envoy.client import Exchange
from envoy.errors import EnvoyError, ProfileError
from envoy.exchange import Flow, Request
from envoy.pki import Authority, Credential, Pki, create_pki
from envoy.profiles import PROFILES
from envoy.xml import MAX_SIZE

GET = Request("test", "GET", "/dcap")
POST = Request("test", "POST", "/edev", b"<EndDevice/>")
PUT = Request("test", "PUT", "/edev/1/cp", b"<ConnectionPoint/>")
AGAIN = "Run it again: what was done will be found and not repeated."


@pytest.fixture
def serve() -> Iterator[Serve]:
    with serving() as start:
        yield start


def credentials(pki: Pki, name: str = "device") -> dict[str, Any]:
    return {"cert": pki.devices[name].certificate, "key": pki.devices[name].key, "ca": pki.ca.certificate}


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """Certificates of a CA that nobody else trusts."""
    return create_pki(tmp_path_factory.mktemp("strangers"), devices=("device",))


@contextmanager
def no_answer(request: Request, *, what: str, remedy: str, maybe_received: bool) -> Iterator[None]:
    with pytest.raises(TransportError) as caught:
        yield
    error = caught.value
    assert error.where == str(request)
    # OpenSSL's own words, in brackets at the end, differ between its versions.
    assert re.sub(r" \([a-z0-9 ]+\)$", "", error.what) == what
    assert error.remedy == remedy
    assert error.maybe_received is maybe_received
    assert str(error) == f"{request}: {error.what}\n  {remedy}"


# What is sent


@pytest.mark.parametrize("profile", PROFILES)
def test_a_request_has_the_headers_of_its_profile_and_a_length(profile: str, serve: Serve) -> None:
    server = serve(ok)
    with Client(server.url, profile=profile) as client:
        client.send(GET)
        client.send(POST)
    (_, _, get, nothing), (_, _, post, body) = server.received
    assert get["Accept"] == post["Accept"] == PROFILES[profile].content_type
    assert post["Content-Type"] == PROFILES[profile].content_type
    assert "Content-Type" not in get
    assert post["Content-Length"] == str(len(body)) == str(len(b"<EndDevice/>"))
    assert "Transfer-Encoding" not in post
    assert get["User-Agent"] == f"envoy-client/{__version__}"
    assert nothing == b""


def test_further_headers_are_sent_with_every_request(serve: Serve) -> None:
    server = serve(ok)
    with Client(server.url, headers={"X-Token": "secret", "User-Agent": "mine"}) as client:
        client.send(GET)
        client.send(PUT)
    assert [(headers["X-Token"], headers["User-Agent"]) for _, _, headers, _ in server.received] == [
        ("secret", "mine")
    ] * 2


@pytest.mark.parametrize("headers", [{"X": "a\nb"}, {"X": "\u00e9"}, {"X Y": "a"}, {"": "a"}, {"X\u2028": "a"}])
def test_a_header_that_cannot_be_sent_is_refused_at_once(headers: dict[str, str]) -> None:
    with pytest.raises(EnvoyError) as caught:
        Client("http://127.0.0.1", headers=headers)
    assert caught.value.what == f"the header {next(iter(headers))!r} cannot be sent"
    assert caught.value.remedy == "Headers are printable ASCII on one line."


def test_a_header_that_http_does_not_have_is_found_out_before_it_is_sent(serve: Serve) -> None:
    server = serve(ok)
    with (
        Client(server.url, headers={"X:Y": "a"}) as client,
        no_answer(
            POST,
            what="the request cannot be sent: Illegal header name b'X:Y'",
            remedy="Check the headers that are added to it.",
            maybe_received=False,
        ),
    ):
        client.send(POST)
    assert server.received == []


def test_authentication_of_httpx_is_used(serve: Serve) -> None:
    server = serve(ok)
    with Client(server.url, auth=httpx.BasicAuth("user", "pass")) as client:
        client.send(GET)
    assert server.received[0][2]["Authorization"] == "Basic dXNlcjpwYXNz"


def test_a_transport_of_httpx_takes_the_place_of_the_network() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=str(request.url).encode()))
    with Client("https://server.example/api/dcap", transport=transport) as client:
        assert client.send(GET).content == b"https://server.example/dcap"


# What comes back


def test_an_answer_comes_back_whatever_its_status(serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(418, b"teapot", X_Kind="pot"))
    with Client(server.url) as client:
        response = client.send(GET)
    assert (response.status, response.content, response.headers["x-kind"]) == (418, b"teapot", "pot")
    assert not response.ok


def test_each_exchange_is_told_of_with_the_tls_of_its_connection(pki: Pki, start_server: StartServer) -> None:
    told: list[Exchange] = []
    url = start_server()
    with Client(url, **credentials(pki), on_exchange=told.append) as client:
        response = client.send(GET)
    (exchange,) = told
    assert exchange.request is GET
    assert exchange.response is response
    assert exchange.url == f"{url}/dcap"
    assert 0 < exchange.seconds < 10
    assert exchange.tls == "TLSv1.2 ECDHE-ECDSA-AES128-CCM8"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_tls_of_a_connection_is_known_even_if_the_server_closes_it(
    version: ssl.TLSVersion, pki: Pki, serve: Serve
) -> None:
    told: list[Exchange] = []
    server = serve(lambda handler: handler.reply(200, b"", Connection="close"), tls(pki, version))
    with Client(server.url, **credentials(pki), on_exchange=told.append) as client:
        client.send(GET)
        client.send(GET)
    assert [exchange.tls.split()[0] for exchange in told] == [version.name.replace("_", ".")] * 2


def test_an_exchange_without_tls_says_so(serve: Serve) -> None:
    told: list[Exchange] = []
    with Client(serve(ok).url, on_exchange=told.append) as client:
        client.send(GET)
    assert [exchange.tls for exchange in told] == [""]


def test_a_location_on_the_server_is_a_path_and_one_elsewhere_is_not(serve: Serve) -> None:
    locations = {
        "{url}/edev/3?x=1": "/edev/3?x=1",
        "/edev/3": "/edev/3",
        # Not this server, though they begin as it does.
        "{url}0/edev/3": "{url}0/edev/3",
        "{url}.evil.example/edev/3": "{url}.evil.example/edev/3",
        "http://[": "http://[",
    }
    given = iter(locations)
    server = serve(lambda handler: handler.reply(201, Location=next(given).format(url=handler.server.url)))
    with Client(server.url) as client:
        for expected in locations.values():
            assert client.send(POST).location == expected.format(url=server.url)


# Links and redirects


def test_links_may_be_absolute_or_relative_to_the_root(serve: Serve) -> None:
    server = serve(ok)
    with Client(f"{server.url}/api/dcap") as client:
        for href in ("/edev?s=0&l=50", f"{server.url}/edev/1", "edev/2", f"{server.url.upper()}/edev/3", "/a b"):
            assert client.send(Request("test", "GET", href)).ok
    assert server.requests == ["GET /edev?s=0&l=50", "GET /edev/1", "GET /edev/2", "GET /edev/3", "GET /a%20b"]


def test_a_default_port_goes_without_saying() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200))
    with Client("HTTPS://Server.Example:443", transport=transport) as client:
        for host in ("server.example", "server.example:443", "SERVER.EXAMPLE"):
            assert client.send(Request("test", "GET", f"https://{host}/tm")).ok
        assert client.base == "https://server.example"


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("request_", [GET, POST, PUT], ids=lambda request: request.method)
def test_a_redirect_keeps_method_and_body(status: int, request_: Request, serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        handler.reply(200, b"here") if handler.path == "/new/place" else handler.reply(status, Location="/new/place")

    told: list[Exchange] = []
    server = serve(answer)
    with Client(server.url, on_exchange=told.append, headers={"X-Token": "t"}) as client:
        assert client.send(request_).content == b"here"
    (method, _, headers, body) = server.received[1]
    assert (method, body) == (request_.method, request_.content or b"")
    assert headers["X-Token"] == "t"
    assert [(exchange.response.status, exchange.url) for exchange in told] == [
        (status, f"{server.url}{request_.href}"),
        (200, f"{server.url}/new/place"),
    ]


def test_see_other_is_followed_for_a_get_and_is_the_answer_to_all_else(serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        handler.reply(200) if handler.path == "/new" else handler.reply(303, Location="/new")

    server = serve(answer)
    with Client(server.url) as client:
        assert client.send(GET).status == 200
        assert client.send(POST).status == 303
    assert server.requests == ["GET /dcap", "GET /new", "POST /edev"]


def test_a_redirect_is_relative_to_where_it_was_found(serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        handler.reply(200) if handler.path == "/api/new" else handler.reply(302, Location="new")

    server = serve(answer)
    with Client(server.url) as client:
        client.send(Request("test", "GET", "/api/old"))
    assert server.requests == ["GET /api/old", "GET /api/new"]


def test_a_redirect_to_nowhere_is_the_answer(serve: Serve) -> None:
    with Client(serve(lambda handler: handler.reply(302)).url) as client:
        assert client.send(GET).status == 302


def test_a_server_that_redirects_in_a_circle_is_left(serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(302, Location="/b" if handler.path == "/a" else "/a"))
    with (
        Client(server.url) as client,
        no_answer(
            GET,
            what=f"more than 5 redirects, the last to {server.url}/b",
            remedy="The server redirects in a circle: report it to the utility.",
            maybe_received=False,
        ),
    ):
        client.send(GET)
    assert len(server.received) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("how", ["link", "redirect"])
def test_another_host_gets_nothing_unless_that_is_allowed(how: str, serve: Serve) -> None:
    other = serve(ok)
    server = serve(lambda handler: handler.reply(302, Location=f"{other.url}/x"))
    request = Request("test", "POST", "/edev" if how == "redirect" else f"{other.url}/x", b"body")
    with (
        Client(server.url) as client,
        no_answer(
            request,
            what=f"the server sends us to another host, {other.url}, which was not followed",
            remedy="If that host is to get our certificate and headers too: allow_other_hosts=True "
            "(--allow-other-hosts).",
            maybe_received=False,
        ),
    ):
        client.send(request)
    assert other.received == []
    with Client(server.url, allow_other_hosts=True) as client:
        assert client.send(request).content == b"fine"
    assert [(method, body) for method, _, _, body in other.received] == [("POST", b"body")]


@pytest.mark.parametrize("href", ["//evil.example/x", "https://127.0.0.1/x", "http://127.0.0.1.evil.example/x"])
def test_a_link_elsewhere_is_not_followed(href: str, serve: Serve) -> None:
    with Client(serve(ok).url) as client, pytest.raises(TransportError, match="sends us to another host"):
        client.send(Request("test", "GET", href))


@pytest.mark.parametrize(
    "href",
    ["ftp://127.0.0.1/x", "javascript:alert(1)", "file:///etc/passwd", "http://h:port/", "/edev\0", "/" + "x" * 70_000],
)
def test_a_link_that_leads_nowhere_is_told(href: str, serve: Serve) -> None:
    with Client(serve(ok).url, allow_other_hosts=True) as client, pytest.raises(TransportError) as caught:
        client.send(Request("test", "GET", href))
    assert caught.value.what == f"the server sends us to {href[:200]!r}, which cannot be followed"
    assert len(str(caught.value)) < 600
    assert caught.value.remedy == "This is a fault of the server: report it to the utility."
    assert not caught.value.maybe_received


# No answer: the network


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_server_that_does_not_run() -> None:
    port = free_port()
    with (
        Client(f"https://127.0.0.1:{port}", retries=0) as client,
        no_answer(
            POST,
            what=f"cannot connect to 127.0.0.1:{port}: Connection refused",
            remedy="Check that the server runs, its host and port.",
            maybe_received=False,
        ),
    ):
        client.send(POST)


@pytest.mark.parametrize("host", ["a..b", f"{'a' * 64}.example"])
def test_a_host_that_cannot_exist(host: str) -> None:
    with Client(f"https://{host}/dcap", retries=0) as client, pytest.raises(TransportError) as caught:
        client.send(GET)
    assert caught.value.what.startswith(f"cannot connect to {host}: ")
    assert caught.value.remedy == "Check that the server runs, its host and port."
    assert not caught.value.maybe_received


def test_a_server_that_does_not_answer_in_time(serve: Serve) -> None:
    server = serve(lambda handler: time.sleep(0.4))
    with (
        Client(server.url, timeout=0.1) as client,
        no_answer(
            POST,
            what=f"no answer from {server.host} in time",
            remedy=f"{AGAIN} A longer timeout= (--timeout) may help.",
            maybe_received=True,
        ),
    ):
        client.send(POST)


@pytest.mark.parametrize(
    ("linger", "what"),
    [
        (b"\0\0\0\0\0\0\0\0", "the server broke TLS off"),
        (b"\1\0\0\0\0\0\0\0", "cannot connect to {host}: Connection reset by peer"),
    ],
)
def test_a_server_that_breaks_the_handshake_off(linger: bytes, what: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"

        def hang_up() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        thread = threading.Thread(target=hang_up)
        thread.start()
        with (
            Client(f"https://{host}", retries=0) as client,
            no_answer(
                POST,
                what=what.format(host=host),
                remedy="A server that does not take our certificate may do that: use one that the utility's CA signed.",
                maybe_received=False,
            ),
        ):
            client.send(POST)
        thread.join()


def test_a_server_that_lets_us_connect_and_then_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        with (
            Client(f"https://{host}", timeout=0.1, retries=0) as client,
            no_answer(
                POST,
                what=f"{host} did not answer in time",
                remedy="Check the host, the port and the firewall between.",
                maybe_received=False,
            ),
        ):
            client.send(POST)


def test_a_connection_that_is_closed_before_any_answer(pki: Pki, serve: Serve) -> None:
    server = serve(hang_up)
    with (
        Client(server.url) as client,
        no_answer(
            POST,
            what=f"the connection to {server.host} broke: Server disconnected without sending a response.",
            remedy=f"{AGAIN} If the server speaks TLS there, use https://.",
            maybe_received=True,
        ),
    ):
        client.send(POST)
    server = serve(hang_up, tls(pki))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_answer(
            POST,
            what=f"the connection to {server.host} broke: Server disconnected without sending a response.",
            remedy=AGAIN,
            maybe_received=True,
        ),
    ):
        client.send(POST)


def test_a_connection_that_is_closed_in_the_middle_of_a_body(pki: Pki, serve: Serve) -> None:
    server = serve(cut, tls(pki))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_answer(
            POST,
            what=f"the connection to {server.host} broke: peer closed connection without sending complete message body "
            "(received 10 bytes, expected 100)",
            remedy=AGAIN,
            maybe_received=True,
        ),
    ):
        client.send(POST)


def test_a_connection_that_is_reset(serve: Serve) -> None:
    with Client(serve(reset).url) as client, pytest.raises(TransportError, match="Connection reset by peer") as caught:
        client.send(POST)
    assert caught.value.maybe_received


def test_an_answer_that_is_no_http(serve: Serve) -> None:
    server = serve(lambda handler: handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n"))
    with Client(server.url) as client, pytest.raises(TransportError, match="illegal status line") as caught:
        client.send(POST)
    assert caught.value.remedy.endswith("If the server speaks TLS there, use https://.")
    assert caught.value.maybe_received


@pytest.mark.parametrize("announced", [True, False])
def test_an_endless_answer_is_given_up(announced: bool, serve: Serve) -> None:
    written = 0

    def endless(handler: Handler) -> None:
        nonlocal written
        handler.send_response(200)
        if announced:
            handler.send_header("Content-Length", str(10**12))
        else:
            handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        with suppress(OSError):
            while True:
                part = b"x" * 65536
                handler.wfile.write(part if announced else b"10000\r\n" + part + b"\r\n")
                written += len(part)

    with (
        Client(serve(endless).url) as client,
        no_answer(
            POST,
            what=f"the answer is larger than {MAX_SIZE} octets, the rest was not read",
            remedy="This is no message of the protocol: check the URL.",
            maybe_received=True,
        ),
    ):
        client.send(POST)
    assert written < 20 * MAX_SIZE


def test_an_answer_that_grows_on_unpacking_is_given_up(serve: Serve) -> None:
    packed = gzip.compress(bytes(2 * MAX_SIZE))
    server = serve(lambda handler: handler.reply(200, packed, Content_Encoding="gzip"))
    with Client(server.url) as client, pytest.raises(TransportError, match="the answer is larger than"):
        client.send(GET)


def test_an_answer_that_cannot_be_unpacked(serve: Serve) -> None:
    server = serve(lambda handler: handler.reply(200, b"not gzip", Content_Encoding="gzip"))
    with Client(server.url) as client, pytest.raises(TransportError) as caught:
        client.send(POST)
    assert caught.value.what.startswith(f"the answer of {server.host} is garbled: ")
    assert caught.value.remedy == "Look for a proxy between that compresses it wrongly."
    assert caught.value.maybe_received


def test_a_proxy_that_refuses(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda handler: handler.reply(403))
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with (
        Client("https://utility.example") as client,
        no_answer(
            POST,
            what="the proxy does not connect us to utility.example: 403 Forbidden",
            remedy="HTTPS_PROXY and HTTP_PROXY in the environment name the proxy, NO_PROXY the hosts to reach without "
            "it.",
            maybe_received=False,
        ),
    ):
        client.send(POST)


# No answer: TLS


NOT_TRUSTED = "Use a certificate that the utility's CA signed, with its chain in the file: cert= (--cert)."
VERSIONS = pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])


@VERSIONS
def test_a_certificate_that_the_server_does_not_trust(
    version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve
) -> None:
    server = serve(ok, tls(pki, version))
    with (
        Client(server.url, **{**credentials(strangers), "ca": pki.ca.certificate}) as client,
        no_answer(
            POST,
            what="the server does not trust our certificate",
            remedy=NOT_TRUSTED,
            maybe_received=False,
        ),
    ):
        client.send(POST)
    assert server.received == []


@pytest.mark.parametrize(
    ("version", "what", "remedy"),
    [
        (
            ssl.TLSVersion.TLSv1_2,
            "the server refused the handshake",
            "It wants a client certificate (cert=, --cert), or shares no cipher suite with us.",
        ),
        (
            ssl.TLSVersion.TLSv1_3,
            "the server wants a client certificate",
            "Give the one that the utility's CA signed: cert= (--cert).",
        ),
    ],
)
def test_no_certificate_where_the_server_wants_one(
    version: ssl.TLSVersion, what: str, remedy: str, pki: Pki, serve: Serve
) -> None:
    server = serve(ok, tls(pki, version))
    with (
        Client(server.url, ca=pki.ca.certificate) as client,
        no_answer(POST, what=what, remedy=remedy, maybe_received=False),
    ):
        client.send(POST)


def test_the_real_server_refuses_strangers(pki: Pki, strangers: Pki, start_server: StartServer) -> None:
    site = Site.load(ROOT / "examples" / "site.toml")
    with Client(start_server(), **{**credentials(strangers), "ca": pki.ca.certificate}, retries=0) as client:
        with pytest.raises(RegistrationError) as caught:
            client.register(site)
        assert caught.value.where == "device-capability, GET /dcap"
        # Not every version of asyncio sends the alert that says why.
        assert caught.value.what.startswith(
            ("the server broke TLS off (", "the server does not trust our certificate (")
        )
        assert "that the utility's CA signed" in caught.value.remedy
        assert caught.value.registration.steps == []


@VERSIONS
def test_a_server_of_another_ca(version: ssl.TLSVersion, pki: Pki, strangers: Pki, serve: Serve) -> None:
    server = serve(ok, tls(strangers, version))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_answer(
            POST,
            what="the server's certificate is not trusted: self-signed certificate in certificate chain",
            remedy="Give the CA that signed it with ca= (--ca). If you did, this may not be the server you mean.",
            maybe_received=False,
        ),
    ):
        client.send(POST)


def test_a_server_that_no_ca_of_this_system_knows(pki: Pki, serve: Serve) -> None:
    server = serve(ok, tls(pki, clients=False))
    with Client(server.url) as client, pytest.raises(TransportError, match="certificate is not trusted"):
        client.send(POST)


def test_a_server_certificate_for_another_host(pki: Pki, serve: Serve, tmp_path: Path) -> None:
    files = Authority.load(pki.ca.certificate.parent).issue_server(["utility.example"]).save(tmp_path, "server")
    server = serve(ok, tls(pki, files=files))
    with (
        Client(server.url, **credentials(pki)) as client,
        no_answer(
            POST,
            what="the server's certificate is for another host: IP address mismatch, certificate is not valid for "
            "'127.0.0.1'.",
            remedy="Check the URL. If the server's certificate names no host, turn the check off: check_hostname=False "
            "(--no-check-hostname); the chain is still verified.",
            maybe_received=False,
        ),
    ):
        client.send(POST)
    with (
        Client(f"https://localhost:{server.server_port}", **credentials(pki)) as client,
        pytest.raises(TransportError, match="is for another host: Hostname mismatch"),
    ):
        client.send(POST)
    with Client(server.url, **credentials(pki), check_hostname=False) as client:
        assert client.send(POST).ok


def test_without_the_check_of_the_host_the_chain_is_still_verified(pki: Pki, strangers: Pki, serve: Serve) -> None:
    server = serve(ok, tls(strangers))
    with (
        Client(server.url, **credentials(pki), check_hostname=False) as client,
        pytest.raises(TransportError, match="certificate is not trusted"),
    ):
        client.send(POST)


@pytest.mark.parametrize(
    ("begins", "ends", "reason"), [(-9, -1, "certificate has expired"), (1, 9, "certificate is not yet valid")]
)
def test_a_server_certificate_for_another_time(
    begins: int, ends: int, reason: str, pki: Pki, serve: Serve, tmp_path: Path
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
        no_answer(
            POST,
            what=f"the server's certificate is not valid now: {reason}",
            remedy="Check the clock of this machine. If it is right, the utility has to renew the certificate.",
            maybe_received=False,
        ),
    ):
        client.send(POST)


def test_a_port_that_speaks_http_without_tls(serve: Serve) -> None:
    with (
        Client(serve(ok).url.replace("http://", "https://")) as client,
        no_answer(
            POST,
            what="the server does not speak TLS there",
            remedy="Check the port, or use http:// if it is meant.",
            maybe_received=False,
        ),
    ):
        client.send(POST)


def test_a_port_that_speaks_tls_where_http_was_meant(pki: Pki, serve: Serve) -> None:
    server = serve(ok, tls(pki))
    with (
        Client(server.url.replace("https://", "http://")) as client,
        pytest.raises(TransportError, match=r"If the server speaks TLS there, use https://\.$"),
    ):
        client.send(POST)


def test_a_server_that_shares_no_cipher_suite_with_us(pki: Pki, serve: Serve) -> None:
    context = tls(pki, ssl.TLSVersion.TLSv1_2, clients=False)
    context.set_ciphers("ECDHE-ECDSA-AES256-SHA384")
    with (
        Client(serve(ok, context).url, **credentials(pki)) as client,
        pytest.raises(TransportError, match="or shares no cipher suite with us") as caught,
    ):
        client.send(POST)
    assert caught.value.what.startswith("the server refused the handshake (")


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


def test_files_that_are_missing(pki: Pki, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    for option, name in (("cert", "certificate"), ("key", "key"), ("ca", "CA certificate")):
        error = refused(**{**credentials(pki), option: missing})
        assert (error.where, error.what) == (str(missing), f"no such {name} file")
    assert refused(ca=tmp_path).what == "no such CA certificate file"


def test_a_key_without_a_certificate(pki: Pki) -> None:
    error = refused(key=pki.devices["device"].key)
    assert (error.where, error.what) == (str(pki.devices["device"].key), "a key without a certificate")
    assert error.remedy == "Give cert= (--cert) as well."


def test_a_key_of_another_certificate(pki: Pki) -> None:
    cert, key = pki.devices["device"].certificate, pki.devices["rival"].key
    error = refused(cert=cert, key=key)
    assert (error.where, error.what) == (f"{cert} and {key}", "the key does not belong to the certificate")
    assert error.remedy == "Give the key that the certificate was requested with."


def test_an_encrypted_key(pki: Pki, encrypted: Path) -> None:
    cert = pki.devices["device"].certificate
    error = refused(cert=cert, key=encrypted)
    assert (error.where, error.what) == (str(encrypted), "the key is encrypted")
    assert "openssl pkey -in KEY -out PLAIN_KEY" in error.remedy
    both = encrypted.with_name("both.pem")
    both.write_bytes(cert.read_bytes() + encrypted.read_bytes())
    assert refused(cert=both).where == str(both)


def test_a_key_in_the_file_of_the_certificate(pki: Pki, serve: Serve, tmp_path: Path) -> None:
    files = pki.devices["device"]
    both = tmp_path / "both.pem"
    both.write_bytes(files.certificate.read_bytes() + files.key.read_bytes())
    with Client(serve(ok, tls(pki)).url, cert=str(both), ca=str(pki.ca.certificate)) as client:
        assert client.send(GET).ok


def test_a_certificate_whose_key_is_elsewhere(pki: Pki) -> None:
    cert = pki.devices["device"].certificate
    error = refused(cert=cert)
    assert (error.where, error.what) == (str(cert), "holds no private key in PEM")
    assert error.remedy == "Give the file that the key is in: key= (--key)."


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x30\x82\x01\x00", "not PEM \u00e4".encode()])
def test_files_that_are_no_pem(content: bytes, pki: Pki, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage"
    garbage.write_bytes(content)
    files = pki.devices["device"]
    error = refused(cert=garbage, key=files.key)
    assert (error.where, error.what) == (str(garbage), "holds no certificate in PEM")
    assert "openssl x509 -inform DER -in FILE" in error.remedy
    error = refused(cert=files.certificate, key=garbage)
    assert (error.where, error.what) == (str(garbage), "holds no private key in PEM")
    assert "openssl pkey -inform DER -in FILE" in error.remedy
    error = refused(ca=garbage)
    assert (error.where, error.what) == (str(garbage), "holds no certificate in PEM")


def test_files_in_the_place_of_one_another(pki: Pki) -> None:
    files = pki.devices["device"]
    assert refused(cert=files.key, key=files.certificate).what == "holds no certificate in PEM"
    assert refused(cert=files.certificate, key=files.certificate).what == "holds no private key in PEM"
    assert refused(ca=files.key).what == "holds no certificate in PEM"


def test_files_that_are_damaged(pki: Pki, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    files = pki.devices["device"]
    for option, path, name in (
        ("cert", files.certificate, "certificate"),
        ("key", files.key, "private key"),
        ("ca", pki.ca.certificate, "certificate"),
    ):
        lines = path.read_text().splitlines()
        damaged.write_text("\n".join([lines[0], *lines[2:]]))
        error = refused(**{**credentials(pki), option: damaged})
        assert error.where == str(damaged)
        assert error.what.startswith(f"holds a {name} that cannot be used: ")
        assert error.remedy == "It may be damaged."


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_files_that_may_not_be_read(pki: Pki, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(mode=0)
    for option in ("cert", "key", "ca"):
        error = refused(**{**credentials(pki), option: secret})
        assert (error.where, error.what) == (str(secret), "cannot be read: Permission denied")


# The client itself


def test_a_client_that_is_closed_says_so(serve: Serve) -> None:
    with Client(serve(ok).url) as client:
        pass
    with pytest.raises(EnvoyError) as caught:
        client.send(GET)
    assert str(caught.value) == "GET /dcap: the client is closed\n  Make a new one."
    with pytest.raises(EnvoyError, match="GET /dcap: the client is closed"):
        client.register(Site.load(ROOT / "examples" / "site.toml"))
    client.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "utility.example",
        "utility.example:8443",
        "ftp://utility.example",
        "https://",
        "https:///dcap",
        "https://utility.example:port",
        "https://utility.example:0",
        "https://utility.example:65536",
        "https://utility.example/\n",
        " https://utility.example",
    ],
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(EnvoyError) as caught:
        Client(url)
    assert caught.value.what.startswith(f"{url!r} is not the URL of a server")
    assert caught.value.remedy == "Write it as https://host:port, or as the URL of DeviceCapability."


def test_a_password_in_the_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(EnvoyError) as caught:
        Client("https://user:secret@utility.example")
    assert caught.value.what == "the URL of the server has a user name or password in it"
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "entry"),
    [
        ("https://h", None),
        ("https://h/", None),
        ("https://h//", None),
        ("https://h:8443/dcap", "/dcap"),
        ("https://h/api/dcap/", "/api/dcap/"),
        ("https://h/dcap?tenant=7#top", "/dcap?tenant=7"),
        ("https://[::1]:8443/x", "/x"),
    ],
)
def test_a_path_in_the_url_is_that_of_device_capability(url: str, entry: str | None) -> None:
    with Client(url) as client:
        assert client.entry == entry


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("name", ["timeout", "connect_timeout", "exchange_timeout", "max_connections"])
@pytest.mark.parametrize("value", [0, -1, float("nan")])
def test_a_number_that_lets_nothing_through_is_refused(kind: type, name: str, value: float) -> None:
    with pytest.raises(EnvoyError, match=f"^{name} is {value}\n  Give a number above 0"):
        kind("http://127.0.0.1", **{name: value})


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ProfileError, match=r"unknown profile 'csip-aus-1\.4'"):
        Client("https://utility.example", profile="csip-aus-1.4")


def test_a_protocol_run_of_ones_own_can_be_driven(serve: Serve) -> None:
    def flow() -> Flow[list[str]]:
        seen = []
        for href in ("/one", "ftp://elsewhere/", "/two"):
            try:
                response = yield Request("test", "GET", href)
            except TransportError as error:
                seen.append(error.what)
            else:
                seen.append(response.content.decode())
        return seen

    with Client(serve(lambda handler: handler.reply(200, handler.path.encode())).url) as client:
        assert client.run(flow()) == [
            "/one",
            "the server sends us to 'ftp://elsewhere/', which cannot be followed",
            "/two",
        ]


def test_a_client_can_be_used_by_several_threads(serve: Serve) -> None:
    with Client(serve(lambda handler: handler.reply(200, handler.path.encode())).url) as client:

        def ask(number: int) -> bytes:
            return client.send(Request("test", "GET", f"/{number}")).content

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, range(50))) == [f"/{number}".encode() for number in range(50)]
