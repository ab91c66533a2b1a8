"""A registration against the real server over mutual TLS."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from envoy import Client, Site, SiteDER
from envoy.documents import loads
from envoy.errors import EnvoyError, ResponseError
from envoy.protocol.flow import Request
from envoy.protocol.results import Registration, RegistrationError
from envoy.testing import demo
from envoy.tls.context import client_context
from envoy.tls.pki import Pki
from sep2 import (
    ActivePower,
    ConnectionPoint,
    DERCapability,
    DERList,
    DeviceInformation,
    EndDeviceList,
    Link,
)
from tests.conftest import StartServer
from tests.support.registrations import (
    AGAIN,
    CREATED,
    FIRST,
    FOUND,
    PROFILES,
    READ,
    SKIPPED,
    WRITTEN,
    new_site,
    outcomes,
)


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[str]:
    """One server for all tests of this module that only look at their own site."""
    command = [sys.executable, "-m", "envoy", "serve", "--port", "0", "--cert", str(pki.server.certificate)]
    command += ["--key", str(pki.server.key), "--ca", str(pki.ca.certificate)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[2].removesuffix("/dcap")
        finally:
            process.terminate()


class Aggregator(Client):
    """A client that keeps what it sent."""

    def __init__(self, pki: Pki, url: str, name: str = "aggregator", **options: Any) -> None:
        self.sent: list[str] = []
        files = pki.devices[name]
        options = {"cert": files.certificate, "key": files.key, "ca": pki.ca.certificate, "retries": 0, **options}
        super().__init__(url, on_exchange=lambda exchange: self.sent.append(nameless(exchange.request)), **options)

    def read(self, href: str, cls: type) -> Any:
        response = self.send(Request("test", "GET", href))
        assert response.status == 200, response
        return loads(response.content, cls)

    def list_of(self, href: str, cls: type, attribute: str) -> list[Any]:
        items: list[Any] = []
        while page := getattr(self.read(f"{href}?s={len(items)}&l=50", cls), attribute):
            items += page
        return items


def nameless(request: object) -> str:
    """Return a request, as text or not, without the number of the EndDevice and without which page it asks for."""
    return re.sub(r"/edev/\d+", "/edev/N", str(request)).partition("?")[0]


def documents(client: Client, href: str) -> dict[str, bytes]:
    """Return everything that the server has for an EndDevice, byte for byte."""
    below = ["", "/rg", "/cp", "/di", "/der?l=50"]
    below += [f"/der/{n}{x}" for n in (1, 2, 3) for x in ("", "/dercap", "/derg", "/ders", "/dera")]
    answers = {path: client.send(Request("test", "GET", f"{href}{path}")) for path in below}
    return {path: answer.content for path, answer in answers.items() if answer.status == 200}


def assert_registered(client: Aggregator, site: Site) -> None:
    """Check that the site has one EndDevice, its DERs and no more, and that all of them are as it describes."""
    devices = [x for x in client.list_of("/edev", EndDeviceList, "end_device") if x.lfdi == site.lfdi]
    assert len(devices) == 1
    assert devices[0].device_category == site.device_category
    href = devices[0].href
    if client.profile.name != "ieee-2018" and site.nmi is not None:
        assert client.read(f"{href}/cp", ConnectionPoint).connection_point_id == site.nmi
    if site.device_information is not None:
        expected = dataclasses.replace(site.device_information, lfdi=site.lfdi, href=f"{href}/di")
        assert client.read(f"{href}/di", DeviceInformation) == expected
    ders = client.list_of(f"{href}/der", DERList, "der")
    assert len(ders) == len(site.ders)
    by_type = {client.read(der.der_capability_link.href, DERCapability).type: der for der in ders}
    for wanted in site.ders:
        der = by_type[wanted.capability.type]
        described: tuple[tuple[Link, Any], ...] = (
            (der.der_capability_link, wanted.capability),
            (der.der_settings_link, wanted.settings),
            (der.der_status_link, wanted.status),
            (der.der_availability_link, wanted.availability),
        )
        for link, message in described:
            if message is not None:
                assert_as_described(message, client.read(link.href, type(message)))


def assert_as_described(expected: Any, found: Any) -> None:
    times = {name: getattr(found, name) for name in ("updated_time", "reading_time") if hasattr(found, name)}
    assert found == dataclasses.replace(expected, href=found.href, **times)
    assert all(time > 1_700_000_000 for time in times.values())


@pytest.mark.parametrize("profile", PROFILES)
def test_the_first_registration_writes_everything_and_the_second_changes_nothing(
    profile: str, pki: Pki, start_server: StartServer
) -> None:
    site = new_site(profile)
    with Aggregator(pki, start_server("--profile", profile), profile=profile) as client:
        first = client.register(site)
        assert first.changed
        assert first.findings == []
        assert first.lfdi == site.lfdi
        assert first.clock_offset in (-1, 0, 1)
        assert_registered(client, site)
        before = documents(client, first.href)
        client.sent.clear()
        second = client.register(site)
        assert {request.split()[0] for request in client.sent} == {"GET"}
        assert not second.changed
        assert second.findings == []
        assert second.href == first.href
        assert documents(client, second.href) == before


def test_what_a_registration_sends_and_says(pki: Pki, server: str) -> None:
    site = new_site()
    with Aggregator(pki, server) as client:
        first = client.register(site)
        assert client.sent == list(FIRST)
        client.sent.clear()
        second = client.register(site)
        assert client.sent == list(AGAIN)
    assert outcomes(first) == [
        ("device-capability", READ),
        ("time", READ),
        ("end-device", CREATED),
        ("registration", READ),
        ("connection-point", WRITTEN),
        ("device-information", WRITTEN),
        ("der", FOUND),
        ("der-capability", WRITTEN),
        ("der-settings", WRITTEN),
        ("der-status", WRITTEN),
        ("der", CREATED),
        ("der-capability", WRITTEN),
        ("der-availability", WRITTEN),
    ]
    assert {outcome for _, outcome in outcomes(second)} == {READ, FOUND}
    assert [step for step, _ in outcomes(second)] == [step for step, _ in outcomes(first)]
    assert str(first.steps[0]) == "device-capability  read           /dcap"
    assert [step.detail for step in first.steps if step.step == "registration"] == ["the PIN matches"]


def test_a_site_is_found_by_lfdi_on_a_later_page(pki: Pki, start_server: StartServer) -> None:
    site = new_site()
    with Aggregator(pki, start_server("--page-limit", "1")) as client:
        for _ in range(3):
            client.register(new_site(ders=[]))
        first = client.register(site)
        client.register(new_site(ders=[]))
        client.sent.clear()
        second = client.register(site)
        # The aggregator's own EndDevice comes first, then three others.
        assert first.href == second.href == "/edev/5"
        assert client.sent.count("GET /edev") == 5
        assert not second.changed
        assert_registered(client, site)


def test_a_registration_that_fails_at_every_request_in_turn_gets_through_in_the_end(
    pki: Pki, start_server: StartServer
) -> None:
    refused = list(dict.fromkeys((*FIRST, *AGAIN)))
    rules = [option for x in refused for option in ("--fail", f"{x.replace('/N', '/[0-9]')} 500")]
    site = new_site()
    failed: list[str] = []
    with Aggregator(pki, start_server(*rules)) as client:
        for _ in refused:
            client.sent.clear()
            with pytest.raises(RegistrationError) as caught:
                client.register(site)
            error = caught.value
            step, _, request = error.where.partition(", ")
            assert error.step == step
            assert error.what == "the server answered 500 (Error reasonCode 2, resource limit reached)"
            assert "try again later" in error.remedy
            assert isinstance(error.__cause__, ResponseError) and error.__cause__.status == 500
            failed.append(nameless(request))
            assert client.sent[-1] == failed[-1]
            done = error.registration
            assert done.lfdi == site.lfdi
            assert done.href == ("/edev/2" if "end-device" in dict(outcomes(done)) else "")
            # What was written before is told, even if it is reading it back that failed.
            assert done.changed == any(not x.startswith("GET") for x in client.sent[:-1])
        assert sorted(failed) == sorted(refused)
        assert client.register(site).findings == []
        assert_registered(client, site)
        assert not client.register(site).changed


class Breaking(httpx.HTTPTransport):
    """The network, on which one request breaks: before it is sent, or after the server has answered it."""

    def __init__(self, pki: Pki, request: str, when: str) -> None:
        files = pki.devices["aggregator"]
        super().__init__(
            verify=client_context(cert=files.certificate, key=files.key, ca=pki.ca.certificate),
        )
        self.request: str | None = request
        self.when = when

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if nameless(f"{request.method} {request.url.path}") != self.request:
            return super().handle_request(request)
        self.request = None
        if self.when == "after":
            super().handle_request(request).close()
        raise httpx.ReadError("broken on purpose")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("request_", FIRST)
def test_where_an_answer_is_lost_nothing_is_made_twice(request_: str, when: str, pki: Pki, server: str) -> None:
    site = new_site()
    with Aggregator(pki, server, transport=Breaking(pki, request_, when)) as client:
        if request_.startswith("POST"):
            # Whether it was made is found out by looking.
            registration = client.register(site)
            told = [step.detail for step in registration.steps if "the answer was lost" in step.detail]
            assert len(told) == (when == "after")
        else:
            with pytest.raises(RegistrationError, match="broken on purpose") as caught:
                client.register(site)
            assert nameless(caught.value.where.partition(", ")[2]) == request_
            assert caught.value.remedy == "Run it again: what was done will be found and not repeated."
            client.register(site)
        assert_registered(client, site)
        assert not client.register(site).changed


def test_a_wrong_pin_stops_before_anything_more_is_written(pki: Pki, start_server: StartServer) -> None:
    with Aggregator(pki, start_server("--pin", "123455")) as client:
        with pytest.raises(RegistrationError) as caught:
            client.register(new_site())
        error = caught.value
        assert error.what == "the server's PIN is 123455, the site's PIN is 111115"
        assert error.where == "registration, GET /edev/2/rg"
        assert error.remedy == "Check the PIN with the utility. If it is right, this is not the server to use."
        assert outcomes(error.registration)[-1] == ("end-device", CREATED)
        assert [x for x in client.sent if not x.startswith("GET")] == ["POST /edev"]
        assert not {"/cp", "/di", "/der/1/dercap"} & documents(client, "/edev/2").keys()


def test_a_site_without_a_pin_takes_any(pki: Pki, server: str) -> None:
    with Aggregator(pki, server) as client:
        registration = client.register(new_site(pin=None))
    step = next(step for step in registration.steps if step.step == "registration")
    assert (step.outcome, step.detail) == (SKIPPED, "the site has no PIN to compare")
    assert registration.findings == []


def test_a_server_that_registers_out_of_band_refuses_an_unknown_site(pki: Pki, start_server: StartServer) -> None:
    with Aggregator(pki, start_server("--no-in-band")) as client:
        with pytest.raises(RegistrationError) as caught:
            client.register(new_site())
        assert caught.value.where == "end-device, POST /edev"
        assert "the server answered 403" in caught.value.what
        assert "out of band" in caught.value.remedy
        assert not caught.value.registration.changed
        # What is there to be found is used.
        own = client.register(new_site(lfdi=pki.devices["aggregator"].lfdi))
        assert outcomes(own)[2] == ("end-device", FOUND)


def test_a_site_that_another_aggregator_has_registered_is_not_taken_over(pki: Pki, server: str) -> None:
    site = new_site()
    with Aggregator(pki, server, "rival") as rival, Aggregator(pki, server) as client:
        rival.register(site)
        with pytest.raises(RegistrationError) as caught:
            client.register(site)
        error = caught.value
        assert error.where == "end-device, POST /edev"
        assert error.what.startswith("the server answered 409 (")
        assert f"the LFDI {site.lfdi.hex().upper()} is taken, and not by a device that this" in error.what
        assert error.remedy == "Another aggregator may have registered the site: ask the utility."
        assert not rival.register(site).changed


def test_an_aggregator_finds_its_own_end_device(pki: Pki, server: str) -> None:
    site = Site(lfdi=pki.devices["device"].lfdi)
    with Aggregator(pki, server, "device") as client:
        registration = client.register(site)
        assert client.sent == ["GET /dcap", "GET /tm", "GET /edev"]
        assert outcomes(registration)[2] == ("end-device", FOUND)
        assert not registration.changed
        assert registration.findings == []


def test_only_what_changed_in_the_site_is_written(pki: Pki, server: str) -> None:
    site = new_site()
    with Aggregator(pki, server) as client:
        client.register(site)
        site.ders[1].capability = dataclasses.replace(site.ders[1].capability, rtg_max_w=ActivePower.of(9900))
        client.sent.clear()
        registration = client.register(site)
        assert [x for x in client.sent if not x.startswith("GET")] == ["PUT /edev/N/der/2/dercap"]
        assert [x for x in outcomes(registration) if x[1] == WRITTEN] == [("der-capability", WRITTEN)]
        assert_registered(client, site)
        assert not client.register(site).changed


def test_the_order_of_the_ders_in_the_site_means_nothing(pki: Pki, server: str) -> None:
    site = new_site()
    with Aggregator(pki, server) as client:
        client.register(site)
        site.ders.reverse()
        assert not client.register(site).changed


def test_two_ders_of_one_type_are_told_apart_by_their_ratings(pki: Pki, server: str) -> None:
    site = new_site()
    small, large = (dataclasses.replace(site.ders[0].capability, rtg_max_w=ActivePower.of(w)) for w in (3000, 8000))
    site.ders = [SiteDER(capability=small), SiteDER(capability=large)]
    with Aggregator(pki, server) as client:
        client.register(site)
        site.ders.reverse()
        assert not client.register(site).changed


def test_an_end_device_that_differs_from_the_site_is_left_as_it_is_and_reported(pki: Pki, server: str) -> None:
    site = new_site()
    with Aggregator(pki, server) as client:
        href = client.register(site).href
        registration = client.register(dataclasses.replace(site, post_rate=7))
    assert not registration.changed
    assert registration.findings == [f"{href}: EndDevice has another post_rate than the site; it was left as it is"]


@pytest.mark.parametrize("profile", PROFILES)
def test_the_demo_registers_twice_and_says_that_all_went_well(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.run(profile)
    printed = capsys.readouterr().out
    assert "TLSv1.2 ECDHE-ECDSA-AES128-CCM8, both sides authenticated" in printed
    assert re.search(r"POST /edev -> /edev/2 +201 +\d+\.\d ms", printed)
    assert "Nothing changed: /edev/2 was there" in printed
    assert f"messages judged by the {profile} schema: all valid" in printed
    assert printed.endswith("The server is stopped. All went as it should.\n")


class Moving(Client):
    """A client whose site has another meter each time."""

    moves = 0

    def register(self, site: Site) -> Registration:
        self.moves += 1
        return super().register(dataclasses.replace(site, nmi=f"600123456{self.moves}"))


def test_the_demo_does_not_say_that_all_went_well_if_the_second_time_changed_something(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "Client", Moving)
    assert not demo.run("csip-aus-1.2")
    printed = capsys.readouterr().out
    assert "\nIt wrote again: /edev/2/cp\n" in printed
    assert printed.endswith("\nThe server is stopped.\n")


def test_the_demo_says_why_its_server_did_not_start() -> None:
    with pytest.raises(EnvoyError, match=r"the server did not start: .*does not speak envoy-0\.1"):
        demo.run("envoy-0.1")
