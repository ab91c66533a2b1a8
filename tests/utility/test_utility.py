"""The rules that hold for every resource: who asks, with which body, and what a refusal says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from envoy.documents import dumps
from envoy.errors import EnvoyError, IdentityError
from envoy.protocol.flow import Request, Response, drive
from envoy.registration.register import register
from envoy.registration.site import Site
from envoy.utility import Settings, Utility
from envoy.utility.router import Route
from envoy.utility.utility import ROUTES
from sep2 import ConnectionPoint, EndDeviceList, Registration
from tests.support.utilities import SEP, Client, end_device, new_lfdi, reason_of


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="none"),
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="JSON"),
        pytest.param(b"<EndDevice", id="broken"),
        pytest.param(b"<EndDevice/>", id="no namespace"),
        pytest.param(b'<EndDevice xmlns="urn:ieee:std:2030.5:ns"/>', id="incomplete"),
        pytest.param(b'<DER xmlns="urn:ieee:std:2030.5:ns"/>', id="another message"),
        pytest.param(b'<!DOCTYPE x [<!ENTITY a "b">]><EndDevice xmlns="urn:ieee:std:2030.5:ns"/>', id="DOCTYPE"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
    ],
)
def test_a_body_that_is_not_the_message_expected_has_a_bad_format(client: Client, body: bytes | None) -> None:
    response = client.request("POST", "/edev", body)
    assert (response.status, reason_of(response)) == (400, 0)


def test_an_extension_of_another_edition_has_a_bad_format(client: Client) -> None:
    path = client.register(new_lfdi())
    content = dumps(ConnectionPoint(connection_point_id="6001234567"), profile="csip-aus-1.3")
    response = client.request("PUT", f"{path}/cp", content)
    assert (response.status, reason_of(response)) == (400, 0)


def test_a_body_is_at_most_as_long_as_the_settings_say(strict_utility: Utility) -> None:
    client = Client(strict_utility)
    response = client.request("POST", "/edev", b" " * 5001)
    assert (response.status, reason_of(response)) == (413, 2)
    assert client.request("POST", "/edev", dumps(end_device(new_lfdi())) + b" " * 4000).status == 201


def test_a_request_that_its_head_is_reason_to_refuse_is_refused_without_its_body(client: Client) -> None:
    def refused(method: str, href: str, **headers: str) -> int | None:
        given = {"content-type": SEP, **{name.replace("_", "-"): value for name, value in headers.items()}}
        response = client.utility.refuse(method, href, client=client.lfdi, headers=given)
        return None if response is None else response.status

    assert refused("POST", "/edev") is None
    assert refused("POST", "/edev", content_length="100") is None
    assert refused("POST", "/edev", content_length="1000000000") == 413
    assert refused("POST", "/edev", content_type="text/xml") == 415
    assert refused("POST", "/edev", accept="text/xml") == 406
    assert refused("POST", "/nothing") == 404
    assert refused("PUT", "/edev") == 405


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_has_no_certificate_sees_nothing(utility: Utility, method: str) -> None:
    assert utility.respond(method, "/edev", client=b"", headers={"content-type": SEP}).status == 403


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/nothing",
        "/edev/",
        "/edev/999",
        "/edev/01",
        "/edev/x/der",
        "/edev/999/di",
        "/edev/1%0A",
        "/mup/9",
        "//edev",
        "/edev/https://server.example/edev",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_an_href_may_be_absolute_and_may_be_quoted(client: Client) -> None:
    for href in ("https://server.example:8443/dcap", "http://[::1]/dcap?x=https://a/b", "/d%63ap"):
        assert client.get(href).status == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/dcap", "GET, HEAD"),
        ("DELETE", "/edev", "GET, HEAD, POST"),
        ("PATCH", "/edev/1", "DELETE, GET, HEAD, PUT"),
        ("PUT", "/edev/1/rg", "GET, HEAD"),
        ("PUT", "/edev/1/der/1", "DELETE, GET, HEAD"),
        ("OPTIONS", "/mup/1", "DELETE, GET, HEAD, POST"),
    ],
)
def test_other_methods_are_refused_with_those_there_are(client: Client, method: str, path: str, allow: str) -> None:
    response = client.request(method, path)
    assert (response.status, response.headers["allow"]) == (405, allow)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.pattern)
def test_a_route_names_its_messages_if_and_only_if_it_takes_any(route: Route) -> None:
    assert bool(route.accepts) == bool({"PUT", "POST"} & {*route.methods})


def test_the_log_has_a_line_for_each_request() -> None:
    log: list[str] = []
    with Utility(log=log.append) as utility:
        client = Client(utility)
        lfdi = new_lfdi()
        client.register(lfdi)
        client.send("POST", "/edev", end_device(lfdi))
        client.get("/nothing%0Ahere")
    created, *refused = log
    assert created == "POST /edev 201"
    assert [line.split()[:3] for line in refused] == [["POST", "/edev", "409"], ["GET", "/nothing%0Ahere", "404"]]
    assert lfdi.hex().upper() in refused[0]


def test_the_clock_is_the_one_that_was_given(client: Client) -> None:
    path = client.register(new_lfdi())
    assert client.load(f"{path}/rg", Registration).date_time_registered == 1_700_000_000


def test_a_protocol_run_talks_to_it_without_a_socket(any_utility: Utility) -> None:
    site = Site(lfdi=new_lfdi())
    requests: list[Request] = []
    send = any_utility.connect(new_lfdi())

    def respond(request: Request) -> Response:
        requests.append(request)
        return send(request)

    profile = any_utility.profile
    first = drive(register(site, profile), respond)
    second = drive(register(site, profile), send)
    assert (first.changed, second.changed) == (True, False)
    assert first.href == second.href == "/edev/2"
    assert [request.method for request in requests].count("POST") == 1


# Files and settings


def test_a_file_outlives_the_utility(tmp_path: Path) -> None:
    database = tmp_path / "utility.db"
    lfdi = new_lfdi()
    with Utility(database=database) as utility:
        client = Client(utility)
        path = client.register(lfdi)
        client.send("PUT", f"{path}/cp", ConnectionPoint(connection_point_id="6001234567"))
    with Utility(Settings(in_band=False, pin=123455), database) as utility:
        again = Client(utility, client.lfdi)
        devices = again.load("/edev", EndDeviceList, l=10)
        assert [device.lfdi for device in devices.end_device] == [client.lfdi, lfdi]
        assert again.load(f"{path}/cp", ConnectionPoint).connection_point_id == "6001234567"
        assert again.load(f"{path}/rg", Registration).pin == 123455
        assert again.send("POST", "/edev", end_device(new_lfdi())).status == 403


def test_a_file_has_one_profile(tmp_path: Path) -> None:
    database = tmp_path / "utility.db"
    with closing(Utility(database=database)):
        pass
    with pytest.raises(EnvoyError) as caught:
        Utility(Settings("csip-aus-1.3"), database)
    assert caught.value.where == str(database)
    assert "csip-aus-1.2" in caught.value.remedy


def test_a_pin_needs_its_check_digit() -> None:
    with pytest.raises(IdentityError):
        Settings(pin=111111)
