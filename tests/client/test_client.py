"""The client on real sockets: what it sends, what it makes of what comes back, and where it goes."""

from __future__ import annotations

import ssl
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from syrupy.assertion import SnapshotAssertion

from envoy import AsyncClient, Client, Site, TransportError, __version__
from envoy.client.base import MAX_REDIRECTS
from envoy.client.client import Exchange
from envoy.errors import EnvoyError, ProfileError
from envoy.profiles import PROFILES
from envoy.protocol.flow import Flow, Request
from envoy.tls.pki import Pki
from tests.conftest import ROOT, StartServer
from tests.support.clients import GET, POST, PUT, credentials, no_response
from tests.support.messages import message
from tests.support.scripted import Handler, Serve, hang_up, ok, tls

# What is sent


@pytest.mark.parametrize("profile", PROFILES)
def test_a_request_has_the_headers_of_its_profile_and_a_length(profile: str, serve: Serve) -> None:
    server = serve(ok)
    with Client(server.url, profile=profile) as client:
        client.send(GET)
        client.send(POST)
    (_, _, get, nothing), (_, _, post, body) = server.received
    assert get["Accept"] == post["Accept"] == PROFILES[profile].content_type
    # The server has not shown that it speaks a later edition.
    assert post["Content-Type"] == (PROFILES[profile].for_2018 or PROFILES[profile]).content_type
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
    assert repr(next(iter(headers))) in caught.value.what and caught.value.remedy


def test_a_header_that_http_does_not_have_is_found_out_before_it_is_sent(
    serve: Serve, snapshot: SnapshotAssertion
) -> None:
    server = serve(ok)
    with (
        Client(server.url, headers={"X:Y": "a"}) as client,
        no_response(POST, snapshot, maybe_received=False),
    ):
        client.send(POST)
    assert server.received == []


def test_each_request_is_in_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(ok)
    with caplog.at_level("DEBUG", "envoy.client"), Client(server.url) as client:
        client.send(GET)
    assert [record.getMessage() for record in caplog.records if record.name == "envoy.client"] == ["GET /dcap  200"]


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


@pytest.mark.parametrize("location", ["hTtp:> {%", "http://[::1/"])
def test_a_redirect_to_a_garbled_url_is_an_error_of_the_server(location: str) -> None:
    # httpx raises InvalidURL for the first, which is none of its HTTPErrors, and one of these for the other.
    transport = httpx.MockTransport(lambda _: httpx.Response(302, headers={"location": location}))
    with Client("https://h", transport=transport) as client, pytest.raises(TransportError) as caught:
        client.send(GET)
    assert caught.value.maybe_received and not caught.value.transient


def test_a_server_that_redirects_in_a_circle_is_left(serve: Serve, snapshot: SnapshotAssertion) -> None:
    server = serve(lambda handler: handler.reply(302, Location="/b" if handler.path == "/a" else "/a"))
    with (
        Client(server.url) as client,
        no_response(GET, snapshot, maybe_received=False),
    ):
        client.send(GET)
    assert len(server.received) == MAX_REDIRECTS + 1


@pytest.mark.parametrize("how", ["link", "redirect"])
def test_another_host_gets_nothing_unless_that_is_allowed(how: str, serve: Serve, snapshot: SnapshotAssertion) -> None:
    other = serve(ok)
    server = serve(lambda handler: handler.reply(302, Location=f"{other.url}/x"))
    request = Request("test", "POST", "/edev" if how == "redirect" else f"{other.url}/x", b"body")
    with (
        Client(server.url) as client,
        no_response(request, snapshot, maybe_received=False),
    ):
        client.send(request)
    assert other.received == []
    with Client(server.url, allow_other_hosts=True) as client:
        assert client.send(request).content == b"fine"
    assert [(method, body) for method, _, _, body in other.received] == [("POST", b"body")]


@pytest.mark.parametrize("href", ["//evil.example/x", "https://127.0.0.1/x", "http://127.0.0.1.evil.example/x"])
def test_a_link_elsewhere_is_not_followed(href: str, serve: Serve, snapshot: SnapshotAssertion) -> None:
    with Client(serve(ok).url) as client, pytest.raises(TransportError) as caught:
        client.send(Request("test", "GET", href))
    assert message(caught.value) == snapshot


@pytest.mark.parametrize("how", ["link", "redirect", "Location"])
def test_a_server_behind_a_proxy_that_ends_tls_is_reached_with_tls_again(how: str, pki: Pki, serve: Serve) -> None:
    def answer(handler: Handler) -> None:
        created, moved = f"http://{handler.headers['Host']}/edev/3", "http://127.0.0.1/edev/3"
        match handler.path:
            case "/edev":
                handler.reply(201, Location=created)
            case "/old":
                handler.reply(302, Location=moved)
            case _:
                handler.reply(200, handler.path.encode())

    server = serve(answer, tls(pki))
    link = {"link": "http://127.0.0.1:8080/edev/3", "redirect": "/old"}
    with Client(server.url, **credentials(pki)) as client:
        href = client.send(POST).location if how == "Location" else link[how]
        assert client.send(Request("test", "GET", href)).content == b"/edev/3"
    assert how != "Location" or href == "/edev/3"


def test_no_link_leads_from_tls_to_a_host_without_it(pki: Pki, serve: Serve, snapshot: SnapshotAssertion) -> None:
    other = serve(ok)
    href = f"http://localhost:{other.server_port}/x"
    with (
        Client(serve(ok, tls(pki)).url, **credentials(pki), allow_other_hosts=True) as client,
        pytest.raises(TransportError) as caught,
    ):
        client.send(Request("test", "GET", href))
    assert message(caught.value) == snapshot
    assert other.received == []


@pytest.mark.parametrize("href", ["/" + "x" * 100_000, f"//{'x' * 60}.example/{'y' * 60_000}", "/\x1b" * 9000])
def test_a_long_href_is_reported_in_short(href: str, serve: Serve) -> None:
    with Client(serve(hang_up).url, retries=0) as client, pytest.raises(TransportError) as caught:
        client.send(Request("test", "GET", href))
    assert len(str(caught.value)) < 1500


@pytest.mark.parametrize(
    "href",
    ["ftp://127.0.0.1/x", "javascript:alert(1)", "file:///etc/passwd", "http://h:port/", "/edev\0", "/" + "x" * 70_000],
)
def test_a_link_that_leads_nowhere_is_told(href: str, serve: Serve, snapshot: SnapshotAssertion) -> None:
    with Client(serve(ok).url, allow_other_hosts=True) as client, pytest.raises(TransportError) as caught:
        client.send(Request("test", "GET", href))
    assert message(caught.value) == snapshot
    assert len(str(caught.value)) < 600
    assert not caught.value.maybe_received


# The client itself


def test_a_client_that_is_closed_says_so(serve: Serve, snapshot: SnapshotAssertion) -> None:
    with Client(serve(ok).url) as client:
        pass
    with pytest.raises(EnvoyError) as caught:
        client.send(GET)
    assert message(caught.value) == snapshot
    with pytest.raises(EnvoyError) as caught:
        client.register(Site.load(ROOT / "examples" / "site.toml"))
    assert message(caught.value) == snapshot
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
    assert repr(url) in caught.value.what and caught.value.remedy


def test_a_url_without_a_scheme_is_refused(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        Client("utility.example")
    assert message(caught.value) == snapshot


def test_a_password_in_the_url_is_refused_and_not_repeated(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        Client("https://user:secret@utility.example")
    assert message(caught.value) == snapshot
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
@pytest.mark.parametrize("value", [0, -1, float("nan"), None, "5"])
def test_a_number_that_lets_nothing_through_is_refused(kind: type, name: str, value: object) -> None:
    with pytest.raises(EnvoyError) as caught:
        kind("http://127.0.0.1", **{name: value})
    assert name in caught.value.what and caught.value.remedy


def test_an_unknown_profile_is_refused(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(ProfileError) as caught:
        Client("https://utility.example", profile="csip-aus-1.4")
    assert message(caught.value) == snapshot


def test_a_protocol_run_of_ones_own_can_be_driven(serve: Serve) -> None:
    def flow() -> Flow[list[str]]:
        seen = []
        for href in ("/one", "ftp://elsewhere/", "/two"):
            try:
                response = yield Request("test", "GET", href)
            except TransportError:
                seen.append("an error")
            else:
                seen.append(response.content.decode())
        return seen

    with Client(serve(lambda handler: handler.reply(200, handler.path.encode())).url) as client:
        assert client.run(flow()) == ["/one", "an error", "/two"]


def test_a_client_can_be_used_by_several_threads(serve: Serve) -> None:
    with Client(serve(lambda handler: handler.reply(200, handler.path.encode())).url) as client:

        def ask(number: int) -> bytes:
            return client.send(Request("test", "GET", f"/{number}")).content

        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(ask, range(50))) == [f"/{number}".encode() for number in range(50)]
