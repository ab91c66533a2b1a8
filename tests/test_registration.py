"""A registration: against the real server over mutual TLS, and by hand for what that server never answers."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from conftest import ROOT, StartServer
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy import Client, Outcome, Site, SiteDER, demo, legacy
from envoy.errors import (
    EncodeError,
    EnvoyError,
    IdentityError,
    RegistrationError,
    ResponseError,
    TransportError,
    ValidationError,
)
from envoy.exchange import PAGE_SIZE, Conversation, Request, Response
from envoy.identity import site_lfdi
from envoy.paging import MAX_PAGES
from envoy.pki import Pki
from envoy.profiles import get_profile
from envoy.registration import register
from envoy.results import Registration
from envoy.tls import client_context
from envoy.xml import dumps, loads
from sep2 import (
    DER,
    ActivePower,
    ConnectionPoint,
    DERAvailability,
    DERAvailabilityLink,
    DERCapability,
    DERCapabilityLink,
    DERList,
    DERListLink,
    DERSettingsLink,
    DERStatusLink,
    DERType,
    DeviceCapability,
    DeviceInformation,
    DeviceInformationLink,
    EndDevice,
    EndDeviceList,
    EndDeviceListLink,
    Error,
    ErrorReasonCode,
    Link,
    RegistrationLink,
    Time,
    TimeLink,
    TimeQuality,
)
from sep2 import Registration as RegistrationResource
from sep2.types import PowerOfTenMultiplierType

PROFILES = {"ieee-2018": "site-ieee-2018.toml", "csip-aus-1.2": "site.toml", "csip-aus-1.3": "site.toml"}
PIN = 111115

READ, CREATED, WRITTEN, FOUND, SKIPPED, *_ = Outcome

FIRST = (
    "GET /dcap",
    "GET /tm",
    "GET /edev",
    "POST /edev",
    "GET /edev/N",
    "GET /edev/N/rg",
    "PUT /edev/N/cp",
    "GET /edev/N/cp",
    "PUT /edev/N/di",
    "GET /edev/N/der",
    "PUT /edev/N/der/1/dercap",
    "GET /edev/N/der/1/dercap",
    "PUT /edev/N/der/1/derg",
    "GET /edev/N/der/1/derg",
    "PUT /edev/N/der/1/ders",
    "POST /edev/N/der",
    "GET /edev/N/der/2",
    "PUT /edev/N/der/2/dercap",
    "GET /edev/N/der/2/dercap",
    "PUT /edev/N/der/2/dera",
)
"""The requests of the first registration of ``new_site()`` with the real server."""

AGAIN = (
    "GET /dcap",
    "GET /tm",
    "GET /edev",
    "GET /edev/N/rg",
    "GET /edev/N/cp",
    "GET /edev/N/di",
    "GET /edev/N/der",
    "GET /edev/N/der/1/dercap",
    "GET /edev/N/der/2/dercap",
    "GET /edev/N/der/1/derg",
    "GET /edev/N/der/1/ders",
    "GET /edev/N/der/2/dera",
)
"""The requests of a registration that finds everything as it should be."""

_sites = 0


def new_site(profile: str = "csip-aus-1.2", **changes: Any) -> Site:
    """Return a site that no test has used before. In CSIP-AUS it has a PIN, two DERs, and every message."""
    global _sites
    _sites += 1
    site = Site.load(ROOT / "examples" / PROFILES[profile], profile=profile)
    site = dataclasses.replace(site, lfdi=site_lfdi(_sites, pen=32473), pin=PIN)
    if profile != "ieee-2018":
        hybrid = site.ders[0]
        generator = dataclasses.replace(hybrid.capability, type=DERType.RECIPROCATING_ENGINE)
        availability = DERAvailability(reading_time=0, availability_duration=3600)
        site.ders.append(SiteDER(capability=generator, availability=availability))
    return dataclasses.replace(site, **changes)


def outcomes(registration: Registration) -> list[tuple[str, Outcome]]:
    return [(step.step, step.outcome) for step in registration.steps]


# Against the real server


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
        assert first.faults == []
        assert first.lfdi == site.lfdi
        assert first.clock_offset in (-1, 0, 1)
        assert_registered(client, site)
        before = documents(client, first.href)
        client.sent.clear()
        second = client.register(site)
        assert {request.split()[0] for request in client.sent} == {"GET"}
        assert not second.changed
        assert second.faults == []
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
        assert client.register(site).faults == []
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
    assert registration.faults == []


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
        assert registration.faults == []


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
    assert registration.faults == [f"{href}: EndDevice has another post_rate than the site; it was left as it is"]


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


# By hand: a server that can be bent

Answer = Response | Exception | Callable[[Request], "Response | Exception"] | None


class Utility:
    """A server in a few lines, whose objects a test may change, and whose answers it may replace."""

    def __init__(self, profile: str = "csip-aus-1.2", ready_ders: int = 1) -> None:
        self.profile = profile
        self.page_limit = PAGE_SIZE
        self.ready_ders = ready_ders
        self.devices: list[EndDevice] = []
        self.ders: list[DER] = []
        self.capability = DeviceCapability(
            href="/dcap", time_link=TimeLink(href="/tm"), end_device_list_link=EndDeviceListLink(href="/edev", all=0)
        )
        self.objects: dict[str, Any] = {
            "/tm": Time(
                current_time=1003, dst_end_time=0, dst_offset=0, dst_start_time=0, quality=TimeQuality(4), tz_offset=0
            ),
            "/edev/1/rg": RegistrationResource(date_time_registered=0, pin=PIN),
        }
        self.instead: dict[str, list[Answer]] = {}
        self.sent: list[str] = []

    def answers(self, request: str, *answers: Answer) -> None:
        """Answer a request so, one answer at a time and the last of them for ever; None is the usual answer."""
        self.instead[request] = list(answers)

    def run(self, site: Site, **options: Any) -> Registration:
        """Drive the registration of a site, as a client would."""
        flow = register(site, self.profile, now=lambda: 1000.9, **options)
        try:
            request = next(flow)
            while True:
                answer = self.answer(request)
                request = flow.throw(answer) if isinstance(answer, Exception) else flow.send(answer)
        except StopIteration as stop:
            registration: Registration = stop.value
            return registration

    def answer(self, request: Request) -> Response | Exception:
        line = f"{request.method} {request.href.partition('?')[0]}"
        self.sent.append(line)
        queue = self.instead.get(line, [None])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if callable(answer):
            return answer(request)
        return self.usual(request) if answer is None else answer

    def usual(self, request: Request) -> Response:
        path, _, query = request.href.partition("?")
        path = path.removeprefix("https://server.example")
        if request.method == "GET":
            found = self.found(path, parse_qs(query))
            return (
                Response(404)
                if found is None
                else Response(200, content=dumps(found, profile=self.profile, validate=False))
            )
        body = loads(request.content or b"")
        if request.method == "POST":
            return Response(201, {"location": self.add_device(body) if path == "/edev" else self.add_der()})
        self.objects[path] = body
        return Response(204)

    def found(self, path: str, query: dict[str, list[str]]) -> Any:
        start = int(query.get("s", ["0"])[0])
        stop = start + min(int(query.get("l", ["1"])[0]), self.page_limit)
        if path == "/dcap":
            return self.capability
        if path == "/edev":
            page = self.devices[start:stop]
            return EndDeviceList(all=len(self.devices), results=len(page), end_device=page)
        if path == "/edev/1/der":
            ders = self.ders[start:stop]
            return DERList(all=len(self.ders), results=len(ders), der=ders)
        listed = {member.href: member for member in (*self.devices, *self.ders)}
        return listed.get(path) or self.objects.get(path)

    def add_device(self, device: EndDevice) -> str:
        device.href = href = "/edev/1"
        device.der_list_link = DERListLink(href=f"{href}/der", all=0)
        device.device_information_link = DeviceInformationLink(href=f"{href}/di")
        device.registration_link = RegistrationLink(href=f"{href}/rg")
        device.connection_point_link = None if self.profile == "ieee-2018" else Link(href=f"{href}/cp")
        self.devices.append(device)
        for _ in range(self.ready_ders):
            self.add_der()
        return href

    def add_der(self, capability: DERCapability | None = None) -> str:
        href = f"/edev/1/der/{len(self.ders) + 1}"
        self.ders.append(
            DER(
                href=href,
                der_availability_link=DERAvailabilityLink(href=f"{href}/dera"),
                der_capability_link=DERCapabilityLink(href=f"{href}/dercap"),
                der_settings_link=DERSettingsLink(href=f"{href}/derg"),
                der_status_link=DERStatusLink(href=f"{href}/ders"),
            )
        )
        if capability is not None:
            self.objects[f"{href}/dercap"] = capability
        return href

    @property
    def writes(self) -> list[str]:
        return [request for request in self.sent if not request.startswith("GET")]


def as_end_device(site: Site) -> EndDevice:
    """Return the EndDevice that a site is registered as, without an address and links."""
    return EndDevice(
        lfdi=site.lfdi,
        sfdi=site.short_identifier,
        changed_time=0,
        device_category=site.device_category,
        enabled=site.enabled,
        post_rate=site.post_rate,
    )


def knowing(site: Site, **options: Any) -> Utility:
    """Return a server that has the EndDevice of a site already, with nothing written to it."""
    server = Utility(**options)
    server.add_device(as_end_device(site))
    return server


def xml(text: str) -> Response:
    """Return an answer in IEEE 2030.5, written by hand: ``<Time>...`` without the namespace."""
    return Response(200, content=re.sub(r"^<(\w+)", r'<\1 xmlns="urn:ieee:std:2030.5:ns"', text).encode())


def step_of(registration: Registration, name: str) -> tuple[Outcome, str]:
    """Return outcome and detail of the one step of a name."""
    (step,) = (step for step in registration.steps if step.step == name)
    return step.outcome, step.detail


def fails(server: Utility, site: Site, *, at: str, **options: Any) -> RegistrationError:
    """Return the error that a registration ends with, and check that it says where, and what to do."""
    with pytest.raises(RegistrationError) as caught:
        server.run(site, **options)
    assert caught.value.where == at
    assert caught.value.step == at.partition(",")[0]
    assert caught.value.remedy
    return caught.value


LOST = TransportError("the connection broke", where="POST", maybe_received=True)
NOT_SENT = TransportError("cannot connect", where="POST")


def test_the_server_of_these_tests_is_like_the_real_one() -> None:
    site, server = new_site(), Utility()
    first = server.run(site)
    assert [request.replace("/edev/1", "/edev/N") for request in server.sent] == list(FIRST)
    server.sent.clear()
    second = server.run(site)
    assert [request.replace("/edev/1", "/edev/N") for request in server.sent] == list(AGAIN)
    assert first.faults == second.faults == []
    assert first.clock_offset == 3
    assert step_of(first, "time") == (READ, "server clock +3 s")


# Before the first request


def test_a_site_that_cannot_be_expressed_is_refused_before_anything_is_sent() -> None:
    site = new_site()
    capability = site.ders[0].capability
    without_modes = dataclasses.replace(capability, doe_modes_supported=None)
    cases: list[tuple[type[EnvoyError], Site, str]] = [
        (IdentityError, dataclasses.replace(site, pin=111111), "csip-aus-1.2"),
        (IdentityError, dataclasses.replace(site, sfdi=1), "csip-aus-1.2"),
        (ValidationError, dataclasses.replace(site, nmi="6" * 33), "csip-aus-1.2"),
        (ValidationError, dataclasses.replace(site, ders=[SiteDER(capability=without_modes)]), "csip-aus-1.2"),
        (EncodeError, site, "ieee-2018"),
    ]
    for error, invalid, profile in cases:
        with pytest.raises(error):
            next(register(invalid, profile))


def test_a_site_is_sent_unjudged_where_that_is_asked_for() -> None:
    server = Utility()
    server.run(new_site(nmi="6" * 33), validate=False)
    assert server.objects["/edev/1/cp"].connection_point_id == "6" * 33


# DeviceCapability and Time


@pytest.mark.parametrize("status", [400, 403, 404, 405, 204])
def test_a_server_without_the_well_known_path_is_read_at_the_usual_one(status: int) -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(status))
    registration = server.run(new_site())
    assert server.sent[:2] == ["GET /.well-known/csipaus", "GET /dcap"]
    assert bool(registration.faults) == (status in (400, 403))


def test_a_page_for_people_at_the_well_known_path_is_reported_and_passed_over() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(200, content=b"<html><p>Welcome!</html>"))
    (fault,) = server.run(new_site()).faults
    assert fault.startswith("GET /.well-known/csipaus: the body of the 200 is no DeviceCapability: ")
    assert fault.endswith(" (Welcome!); /dcap was read instead")


def test_the_well_known_path_tells_where_device_capability_is() -> None:
    server = Utility("csip-aus-1.3")
    server.capability.href = "/api/dcap"
    server.answers("GET /.well-known/csipaus", Response(200, content=dumps(server.capability, profile="csip-aus-1.3")))
    registration = server.run(new_site())
    assert "GET /dcap" not in server.sent
    assert registration.steps[0].href == "/api/dcap"


def test_a_server_that_fails_at_the_well_known_path_is_not_passed_over() -> None:
    server = Utility("csip-aus-1.3")
    server.answers("GET /.well-known/csipaus", Response(503))
    fails(server, new_site(), at="device-capability, GET /.well-known/csipaus")


def test_a_path_that_the_user_gives_is_the_one_that_is_read() -> None:
    server = Utility("csip-aus-1.3")
    server.objects["/api/v2/dcap"] = server.capability
    registration = server.run(new_site(), entry="/api/v2/dcap")
    assert server.sent[:2] == ["GET /api/v2/dcap", "GET /tm"]
    assert registration.steps[0].href == "/api/v2/dcap"


def test_where_there_is_no_device_capability_the_path_has_to_be_asked_for() -> None:
    server = Utility()
    server.answers("GET /dcap", Response(404))
    error = fails(server, new_site(), at="device-capability, GET /dcap")
    assert error.what == "the server answered 404"
    assert error.remedy == (
        "The server has no DeviceCapability there: ask the utility for its path, and give it in the URL of the server."
    )
    assert error.registration.steps == []


def test_a_server_without_end_devices_is_an_error() -> None:
    server = Utility()
    server.capability.end_device_list_link = None
    error = fails(server, new_site(), at="end-device, DeviceCapability at /dcap")
    assert error.what == "the server offers no EndDeviceListLink"
    assert error.remedy == "This certificate may have no access to end devices: ask the utility."


def test_a_time_that_cannot_be_read_is_reported_and_nothing_more() -> None:
    server = Utility()
    server.answers("GET /tm", xml("<Time><currentTime>noon</currentTime></Time>"))
    registration = server.run(new_site())
    assert registration.clock_offset is None
    assert step_of(registration, "time") == (READ, "the server does not tell its time")
    assert any("Time/currentTime" in fault and "'noon'" in fault for fault in registration.faults)


# EndDevice


def test_a_409_for_a_device_that_the_list_has_by_now_means_that_it_is_there() -> None:
    site = new_site()
    server = knowing(site)
    server.answers("GET /edev", xml('<EndDeviceList all="0" results="0"/>'), None)
    server.answers("POST /edev", Response(409))
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert registration.href == "/edev/1"
    assert registration.faults == []


def test_a_device_that_was_created_without_a_location_is_looked_for() -> None:
    site, server = new_site(), Utility()
    server.answers("POST /edev", lambda request: Response(server.usual(request).status))
    registration = server.run(site)
    assert registration.href == "/edev/1"
    assert step_of(registration, "end-device") == (CREATED, "the answer had no Location; it was found")


def test_a_device_that_was_created_without_a_location_and_is_nowhere_is_an_error() -> None:
    server = Utility()
    server.answers("POST /edev", Response(201))
    error = fails(server, new_site(), at="end-device, POST /edev")
    assert error.what == "the server answered 201 without a Location, and nothing new is in the list"
    assert error.remedy == "This is a fault of the server: report it to the utility."


def test_an_absolute_location_is_followed_as_it_is() -> None:
    server = Utility()

    def absolute(request: Request) -> Response:
        return Response(201, {"location": "https://server.example" + server.usual(request).location})

    server.answers("POST /edev", absolute)
    server.answers("POST /edev/1/der", absolute)
    registration = server.run(new_site())
    assert "GET https://server.example/edev/1" in server.sent
    assert registration.href == "https://server.example/edev/1"
    assert len(server.ders) == 2


def test_a_post_whose_answer_is_lost_is_looked_for_before_it_is_sent_again() -> None:
    site, server = new_site(), Utility()

    def lose(request: Request) -> TransportError:
        server.usual(request)
        return LOST

    server.answers("POST /edev", lose)
    server.answers("POST /edev/1/der", lose)
    registration = server.run(site)
    assert (len(server.devices), len(server.ders)) == (1, 2)
    assert server.writes.count("POST /edev") == server.writes.count("POST /edev/1/der") == 1
    assert step_of(registration, "end-device") == (CREATED, "the answer was lost; it was found in the list")
    assert not server.run(site).changed


def test_a_post_that_may_not_have_arrived_is_sent_again_only_once() -> None:
    site, server = new_site(), Utility()
    server.answers("POST /edev", LOST)
    with pytest.raises(RegistrationError) as caught:
        server.run(site)
    assert server.sent[2:] == ["GET /edev", "POST /edev", "GET /edev", "POST /edev"]
    assert isinstance(caught.value.__cause__, TransportError)
    server.answers("POST /edev", LOST, None)
    server.run(site)
    assert len(server.devices) == 1


def test_a_post_that_was_certainly_not_sent_is_an_error_at_once() -> None:
    server = Utility()
    server.answers("POST /edev", NOT_SENT)
    with pytest.raises(RegistrationError, match="cannot connect"):
        server.run(new_site())
    assert server.sent[-2:] == ["GET /edev", "POST /edev"]


def test_a_device_that_arrives_late_is_not_made_twice() -> None:
    site, server = new_site(), Utility()

    def late(request: Request) -> Response:
        server.usual(request)
        return Response(409)

    server.answers("POST /edev", LOST, late)
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert len(server.devices) == 1


def test_an_end_device_without_an_address_is_an_error() -> None:
    site = new_site()
    server = knowing(site)
    server.devices[0].href = None
    error = fails(server, site, at="end-device, GET /edev")
    assert error.what == "the EndDevice in the list has no href, so its links cannot be followed"


def test_what_was_created_is_told_even_if_it_cannot_be_read() -> None:
    server = Utility()
    server.answers("GET /edev/1", Response(500))
    error = fails(server, new_site(), at="end-device, GET /edev/1")
    assert error.registration.href == "/edev/1"
    assert outcomes(error.registration)[-1] == ("end-device", CREATED)


@pytest.mark.parametrize(
    ("step", "field", "name"),
    [
        ("connection-point", "connection_point_link", "ConnectionPointLink"),
        ("device-information", "device_information_link", "DeviceInformationLink"),
        ("der", "der_list_link", "DERListLink"),
        ("registration", "registration_link", "RegistrationLink"),
    ],
)
@pytest.mark.parametrize("how", ["absent", "without href"])
def test_a_step_without_a_link_is_skipped_and_the_others_are_done(step: str, field: str, name: str, how: str) -> None:
    site = new_site()
    server = knowing(site)
    setattr(server.devices[0], field, None)
    if how == "without href":
        document = dumps(EndDeviceList(all=1, results=1, end_device=server.devices), profile=server.profile).decode()
        namespace = ' xmlns="https://csipaus.org/ns"' if step == "connection-point" else ""
        server.answers(
            "GET /edev", Response(200, content=document.replace("<lFDI>", f"<{name}{namespace}/><lFDI>").encode())
        )
    registration = server.run(site)
    assert step_of(registration, step) == (SKIPPED, f"the server offers no {name}")
    others = {"connection-point", "device-information", "der-capability"} - {step}
    if step == "der":
        others.remove("der-capability")
    assert others <= {name for name, outcome in outcomes(registration) if outcome == WRITTEN}
    expected = (
        {"the PIN could not be compared: the server offers no RegistrationLink"} if step == "registration" else ()
    )
    assert {fault for fault in registration.faults if "href is missing" not in fault} == set(expected)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("der_capability_link", "DERCapabilityLink"),
        ("der_settings_link", "DERSettingsLink"),
        ("der_status_link", "DERStatusLink"),
        ("der_availability_link", "DERAvailabilityLink"),
    ],
)
def test_a_der_without_a_link_keeps_the_others(field: str, name: str) -> None:
    site = new_site()
    site.ders = [dataclasses.replace(site.ders[0], availability=site.ders[1].availability)]
    server = knowing(site)
    setattr(server.ders[0], field, None)
    registration = server.run(site)
    assert [step.detail for step in registration.steps if step.outcome == SKIPPED] == [f"the server offers no {name}"]
    assert len([request for request in server.writes if "/der/1/" in request]) == 3


def test_a_server_without_time_is_used_all_the_same() -> None:
    server = Utility()
    server.capability.time_link = None
    registration = server.run(new_site())
    assert step_of(registration, "time") == (SKIPPED, "the server offers no TimeLink")
    assert registration.clock_offset is None


def test_a_registration_without_a_pin_does_not_match() -> None:
    server = Utility()
    server.answers("GET /edev/1/rg", xml("<Registration><dateTimeRegistered>0</dateTimeRegistered></Registration>"))
    error = fails(server, new_site(), at="registration, GET /edev/1/rg")
    assert error.what == "the server's PIN is none, the site's PIN is 111115"


def test_a_connection_point_that_the_profile_does_not_have_is_reported() -> None:
    registration = Utility("ieee-2018").run(new_site("ieee-2018", nmi="6001234567"))
    assert step_of(registration, "connection-point") == (
        SKIPPED,
        "the profile ieee-2018 has none; the NMI was not sent",
    )


# What is written, and what the server makes of it


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_put_may_be_answered_with_any_success(status: int) -> None:
    server = Utility()
    server.answers("PUT /edev/1/cp", lambda request: Response(status, content=server.usual(request).content))
    assert step_of(server.run(new_site()), "connection-point")[0] == WRITTEN


def test_a_server_that_drops_extension_elements_in_silence_is_found_out() -> None:
    site, server = new_site(), Utility()

    def drop(request: Request) -> Response:
        server.usual(request)
        server.objects["/edev/1/der/1/dercap"].doe_modes_supported = None
        return Response(204)

    server.answers("PUT /edev/1/der/1/dercap", drop)
    registration = server.run(site)
    fault = "PUT /edev/1/der/1/dercap: the server answered 204 but did not keep doe_modes_supported"
    assert registration.faults == [fault]


def test_what_cannot_be_read_back_is_reported() -> None:
    server = Utility()
    server.answers("GET /edev/1/cp", Response(405))
    registration = server.run(new_site())
    assert registration.faults == ["PUT /edev/1/cp: the server answered 204, but it cannot be read back"]
    assert step_of(registration, "connection-point")[0] == WRITTEN


def test_an_amount_in_another_scale_is_the_same_amount() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.objects["/edev/1/der/1/dercap"].rtg_max_w = ActivePower(value=1, multiplier=PowerOfTenMultiplierType(4))
    assert not server.run(site).changed
    server.objects["/edev/1/der/1/dercap"].rtg_max_w = ActivePower(value=1, multiplier=PowerOfTenMultiplierType(3))
    assert server.run(site).changed


def test_an_amount_that_cannot_be_read_is_written_again() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    document = dumps(server.objects["/edev/1/der/1/dercap"]).replace(b"<value>10000</value>", b"<value>lots</value>")
    server.answers("GET /edev/1/der/1/dercap", Response(200, content=document), None)
    server.sent.clear()
    registration = server.run(site)
    assert server.writes == ["PUT /edev/1/der/1/dercap"]
    assert all("'lots'" in fault for fault in registration.faults)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_that_takes_no_device_information_gets_the_rest(status: int) -> None:
    server = Utility()
    server.answers("PUT /edev/1/di", Response(status))
    registration = server.run(new_site())
    assert step_of(registration, "device-information") == (SKIPPED, "the server takes none")
    assert registration.faults == [f"PUT /edev/1/di: the server answered {status}; DeviceInformation was not written"]
    assert outcomes(registration)[-1] == ("der-availability", WRITTEN)


# The DERs


@pytest.mark.parametrize("status", [403, 405])
def test_a_fixed_list_of_ders_takes_what_it_has_place_for(status: int) -> None:
    site = new_site()
    stranger = dataclasses.replace(site.ders[0].capability, type=DERType.FUEL_CELL)
    server = knowing(site, ready_ders=0)
    server.add_der(stranger)
    server.add_der(site.ders[0].capability)
    server.answers("POST /edev/1/der", Response(status))
    registration = server.run(site)
    # The second DER of the site takes the place of the stranger.
    assert [(step.href, step.detail) for step in registration.steps if step.step == "der"] == [
        ("/edev/1/der/2", ""),
        ("/edev/1/der/1", f"the DER list is fixed ({status})"),
    ]
    assert server.objects["/edev/1/der/1/dercap"].type == site.ders[1].capability.type
    assert registration.faults == []
    assert not server.run(site).changed


def test_a_fixed_list_of_ders_without_a_place_is_an_error_that_says_so() -> None:
    server = Utility()
    server.answers("POST /edev/1/der", Response(405, {"allow": "GET, HEAD"}))
    error = fails(server, new_site(), at="der, POST /edev/1/der")
    assert error.what == (
        "the server answered 405 (allowed: GET, HEAD): the server's DER list is fixed and has no place for another DER"
    )
    assert error.remedy == "Describe the site with fewer [[der]], such as one COMBINED_PV_AND_STORAGE."
    assert outcomes(error.registration)[-1] == ("der-status", WRITTEN)


def test_a_der_that_cannot_be_added_for_another_reason_is_an_error() -> None:
    server = Utility()
    server.answers("POST /edev/1/der", Response(500))
    assert fails(server, new_site(), at="der, POST /edev/1/der").what == "the server answered 500"


def test_a_der_that_was_added_without_a_location_is_looked_for() -> None:
    server = Utility(ready_ders=0)
    server.answers("POST /edev/1/der", lambda request: Response(server.usual(request).status))
    registration = server.run(new_site())
    added = [step for step in registration.steps if step.step == "der"]
    assert [step.href for step in added] == ["/edev/1/der/1", "/edev/1/der/2"]
    assert {step.detail for step in added} == {"the answer had no Location; it was found"}


def test_a_ready_der_may_say_that_it_has_no_type_yet() -> None:
    site = new_site()
    server = knowing(site, ready_ders=0)
    for _ in site.ders:
        server.add_der(dataclasses.replace(site.ders[0].capability, type=DERType.NOT_APPLICABLE))
    server.run(site)
    assert not [request for request in server.writes if request.startswith("POST")]


def test_ders_that_the_list_has_in_another_order_are_told_apart() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    server.ders.reverse()
    assert not server.run(site).changed


def test_a_der_that_the_site_does_not_have_is_left_and_reported() -> None:
    site, server = new_site(), Utility()
    server.run(site)
    registration = server.run(dataclasses.replace(site, ders=site.ders[:1]))
    assert not registration.changed
    assert registration.faults == ["/edev/1/der/2: the site has no such DER; it was left as it is"]


# Lists


def drive(flow: Any, answer: Callable[[Request], Response]) -> Any:
    try:
        request = next(flow)
        while True:
            request = flow.send(answer(request))
    except StopIteration as stop:
        return stop.value


class ListServer:
    """A list whose state may differ at each request, and whose server has its own idea of paging."""

    def __init__(
        self,
        *states: str,
        limit: int = PAGE_SIZE,
        total: Callable[[str], int | None] = len,
        skip: Callable[[int], int] = lambda start: start,
    ) -> None:
        self.states = list(states)
        self.limit = limit
        self.total = total
        self.skip = skip
        self.starts: list[int] = []

    def read(self) -> tuple[str, list[str]]:
        """Return the names of the items that a client gets, and the faults that it notes."""
        conversation = Conversation(get_profile("csip-aus-1.2"))
        items = drive(conversation.items("test", "/edev", EndDeviceList, "end_device"), self.answer)
        return "".join(item.href for item in items), conversation.faults

    def answer(self, request: Request) -> Response:
        assert len(self.starts) < 20, "the client does not stop"
        query = parse_qs(urlsplit(request.href).query)
        start = int(query["s"][0])
        state = self.states[min(len(self.starts), len(self.states) - 1)]
        self.starts.append(start)
        begin = self.skip(start)
        page = state[begin : begin + min(self.limit, int(query["l"][0]))]
        total = self.total(state)
        items = "".join(
            f'<EndDevice href="{name}"><changedTime>0</changedTime><sFDI>0</sFDI></EndDevice>' for name in page
        )
        known = "" if total is None else f' all="{total}"'
        return xml(f'<EndDeviceList{known} results="{len(page)}">{items}</EndDeviceList>')


def test_a_list_is_read_to_its_end_page_by_page() -> None:
    assert ListServer("abcde").read() == ("abcde", [])
    short = ListServer("abcde", limit=2)
    assert short.read() == ("abcde", [])
    assert short.starts == [0, 2, 4]
    assert ListServer("").read() == ("", [])


def test_a_list_that_is_exactly_read_is_not_asked_again() -> None:
    server = ListServer("abcd", limit=2)
    assert server.read() == ("abcd", [])
    assert server.starts == [0, 2]


def test_a_list_may_shrink_and_grow_between_two_pages() -> None:
    assert ListServer("abcd", "ab", limit=2).read() == ("ab", [])
    assert ListServer("abcd", "abc", limit=2).read() == ("abc", [])
    assert ListServer("abc", "abcde", limit=2).read() == ("abcde", [])
    # What is added in front moves an item to the next page, where it comes again.
    assert ListServer("abc", "xabc", limit=2).read() == ("abc", [])
    assert ListServer("abc", "xabc", limit=1).read() == ("abc", [])


def test_a_page_that_is_empty_ends_a_list_that_promised_more() -> None:
    server = ListServer("abc", total=lambda state: 10)
    assert server.read() == ("abc", [])
    assert server.starts == [0, 3]


def test_a_list_that_promises_less_than_it_has_is_read_to_its_end_and_reported() -> None:
    expected = ("abc", ["GET /edev: EndDeviceList has more items than its all=0 says; it was read on"])
    assert ListServer("abc", limit=2, total=lambda state: 0).read() == expected


def test_a_list_that_does_not_say_how_long_it_is_is_read_to_its_end() -> None:
    read, faults = ListServer("abc", limit=2, total=lambda state: None).read()
    assert read == "abc"
    assert {fault.rpartition(": ")[2] for fault in faults} == {"the required attribute all is missing"}


@pytest.mark.parametrize("total", [4_000_000_000, 3, 0, None])
def test_a_list_that_always_gives_its_first_page_comes_to_an_end(total: int | None) -> None:
    server = ListServer("ab", total=lambda state: total, skip=lambda start: 0)
    read, faults = server.read()
    assert read == "ab"
    assert len(server.starts) <= 3
    assert faults[-1] == "GET /edev: EndDeviceList repeats itself; only its first 2 items were seen"


def test_a_registration_with_a_list_that_never_ends_stops_and_says_why() -> None:
    asked = 0

    def answer(request: Request) -> Response:
        nonlocal asked
        if not request.href.startswith("/edev"):
            return xml('<DeviceCapability><EndDeviceListLink href="/edev" all="4294967295"/></DeviceCapability>')
        asked += 1
        device = f'<EndDevice href="/edev/{asked}"><changedTime>0</changedTime><sFDI>0</sFDI></EndDevice>'
        return xml(f'<EndDeviceList all="4294967295" results="1">{device}</EndDeviceList>')

    with pytest.raises(RegistrationError) as caught:
        drive(register(new_site()), answer)

    assert asked == MAX_PAGES
    assert caught.value.step == "end-device"
    assert caught.value.what == f"EndDeviceList does not end: after {asked} pages and {asked} items there are more"


def test_items_without_an_address_come_to_an_end_too() -> None:
    body = "<EndDevice><changedTime>0</changedTime><sFDI>7</sFDI></EndDevice>"
    conversation = Conversation(get_profile("csip-aus-1.2"))
    flow = conversation.items("test", "/edev", EndDeviceList, "end_device")
    items = drive(flow, lambda _: xml(f'<EndDeviceList all="9" results="1">{body}</EndDeviceList>'))
    assert len(items) == 1


def test_a_list_whose_href_has_a_query_keeps_it() -> None:
    conversation = Conversation(get_profile("csip-aus-1.2"))
    flow = conversation.items("test", "/edev?site=7", EndDeviceList, "end_device")
    assert next(flow).href == f"/edev?site=7&s=0&l={PAGE_SIZE}"


# Faulty documents


def test_a_fault_in_another_device_does_not_hinder_a_registration() -> None:
    site = new_site()
    server = knowing(site)
    document = dumps(EndDeviceList(all=2, results=2, end_device=server.devices)).decode()
    neighbour = '<EndDevice href="/edev/0"><lFDI>0xNOTHEX</lFDI><changedTime>0</changedTime></EndDevice>'
    document = document.replace("<EndDevice ", f"{neighbour}<EndDevice ", 1)
    server.answers("GET /edev", Response(200, content=document.encode()))
    registration = server.run(site)
    assert outcomes(registration)[2] == ("end-device", FOUND)
    assert outcomes(registration)[-1] == ("der-availability", WRITTEN)
    bad, missing = registration.faults
    where = r"GET /edev\?s=0&l=50: EndDeviceList/EndDevice\[1\]"
    assert re.fullmatch(rf"{where}/lFDI \(line 1\): '0xNOTHEX' is not .*", bad)
    assert re.fullmatch(rf"{where} \(line 1\): the required element sFDI is missing", missing)


def test_a_fault_that_is_read_twice_is_told_once() -> None:
    site, server = new_site(), Utility()
    page = '<EndDeviceList all="1" results="1"><EndDevice href="/edev/0"><sFDI>0</sFDI></EndDevice></EndDeviceList>'
    server.answers("GET /edev", xml(page))
    server.answers("POST /edev", Response(409))
    assert len(fails(server, site, at="end-device, POST /edev").registration.faults) == 1


@pytest.mark.parametrize(
    ("content", "what", "hint"),
    [
        (b"", "the document is empty", ""),
        (b"   ", "the document is empty", ""),
        (b"OK", "not well-formed XML: ", " (OK)"),
        (b'{"detail": "logged out"}', "not well-formed XML: ", ' ({"detail": "logged out"})'),
        (b"<html><title>Sign in</title><body>Proxy &amp; Co</html>", "not well-formed XML: ", " (Sign in Proxy & Co)"),
        (b'<Time xmlns="urn:ieee:std:2030.5:ns"/>', "the document is Time, expected DeviceCapability", ""),
    ],
)
def test_a_body_that_is_no_message_is_told_as_what_it_is(content: bytes, what: str, hint: str) -> None:
    server = Utility()
    server.answers("GET /dcap", Response(200, content=content))
    error = fails(server, new_site(), at="device-capability, GET /dcap")
    assert error.what.startswith(f"the body of the 200 is no DeviceCapability: {what}")
    assert error.what.endswith(hint)
    assert error.remedy.endswith(
        "Check the URL: what answers there may not be a utility server, or speaks another --profile."
    )


# Errors of the server


def refused(status: int, content: bytes = b"", **headers: str) -> RegistrationError:
    """Return the error for an answer to PUT DeviceInformation."""
    server = Utility()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    server.answers("PUT /edev/1/di", Response(status, named, content))
    return fails(server, new_site(), at="device-information, PUT /edev/1/di")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "the server answered 400"),
        (b" \r\n", "the server answered 400"),
        (
            dumps(Error(reason_code=ErrorReasonCode(1))),
            "the server answered 400 (Error reasonCode 1, invalid request values)",
        ),
        (
            dumps(Error(reason_code=ErrorReasonCode(4), max_retry_duration=90)),
            "the server answered 400 (Error reasonCode 4, too many requests, retry within 90 s)",
        ),
        (dumps(Error(reason_code=ErrorReasonCode(9))), "the server answered 400 (Error reasonCode 9, reserved)"),
        (
            b'<Error xmlns="urn:ieee:std:2030.5:ns"><reasonCode>x</reasonCode></Error>',
            "the server answered 400 (Error without a reasonCode)",
        ),
        (b'{"detail": "bad lFDI \xc3\xa4"}', 'the server answered 400 ({"detail": "bad lFDI \u00e4"})'),
        (b'"just text"', "the server answered 400 (just text)"),
        (b"[" * 100_000, f"the server answered 400 ({'[' * 197}...)"),
        (
            b"<!DOCTYPE html><html><style>p {}</style><script>x < 1</script><h1>Bad&nbsp;Request</h1>\n<p>nginx</p>",
            "the server answered 400 (Bad Request nginx)",
        ),
        (b"<fault>no such thing</fault>", "the server answered 400 (<fault>no such thing</fault>)"),
        (b"red \x1b[31malert\x07 \xff", "the server answered 400 (red [31malert \ufffd)"),
        (b"long " * 100, f"the server answered 400 ({('long ' * 100)[:197]}...)"),
    ],
)
def test_an_error_says_what_its_body_says_whatever_format_it_has(content: bytes, what: str) -> None:
    error = refused(400, content)
    assert error.what == what
    assert error.remedy.startswith("The server could not accept the message")
    assert str(error) == f"{error.where}: {what}\n  {error.remedy}"


def test_an_error_keeps_what_a_program_can_use() -> None:
    error = refused(503, dumps(Error(reason_code=ErrorReasonCode(2), max_retry_duration=600))).__cause__
    assert isinstance(error, ResponseError)
    assert (error.status, error.reason_code, error.max_retry_duration) == (503, 2, 600)


def test_an_error_says_when_to_try_again() -> None:
    assert refused(503, retry_after="120").what == "the server answered 503 (retry after 120 s)"
    date = "Fri, 07 Nov 2025 23:59:59 GMT"
    assert (
        refused(429, b"slow down", retry_after=date).what == f"the server answered 429 (slow down; retry after {date})"
    )


@pytest.mark.parametrize(("status", "known"), [(418, 400), (422, 400), (599, 500), (502, 500), (304, 300), (302, 300)])
def test_an_unknown_status_means_the_same_as_the_first_of_its_class(status: int, known: int) -> None:
    assert refused(status).what == f"the server answered {status}"
    assert refused(status).remedy == refused(known).remedy


@pytest.mark.parametrize("status", [400, 401, 403, 406, 409, 413, 415, 429, 500, 503])
def test_each_status_of_the_standard_has_its_own_remedy(status: int) -> None:
    others = {refused(other).remedy for other in (400, 401, 403, 406, 409, 413, 415, 429, 500, 503) if other != status}
    assert refused(status).remedy not in others


# Whatever comes


BODIES = (
    b"",
    b"<",
    b"<html>",
    b"{}",
    b"\xff\0",
    b'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns"><EndDevice/></EndDeviceList>',
    b'<DERList xmlns="urn:ieee:std:2030.5:ns" all="7"><DER href="http://["/><DER href=""/></DERList>',
    b'<DERList xmlns="urn:ieee:std:2030.5:ns"><DER href="/der/7"><DERCapabilityLink/></DER></DERList>',
    b'<DERCapability xmlns="urn:ieee:std:2030.5:ns"><rtgMaxW/><type>4</type></DERCapability>',
    b'<DeviceCapability xmlns="urn:ieee:std:2030.5:ns"><EndDeviceListLink href="/edev"/></DeviceCapability>',
)
STATUSES = (200, 201, 204, 302, 400, 403, 404, 405, 409, 500, 503)
LOCATIONS: tuple[dict[str, str], ...] = ({}, {"location": ""}, {"location": "/edev/1"}, {"location": "http://["})

any_answer = st.one_of(
    st.sampled_from([LOST, NOT_SENT]),
    st.builds(Response, st.sampled_from(STATUSES), st.sampled_from(LOCATIONS), st.sampled_from(BODIES)),
)


@settings(deadline=None, max_examples=200)
@given(answers=st.dictionaries(st.integers(0, 30), any_answer, max_size=6), known=st.booleans())
def test_whatever_a_server_answers_a_registration_ends_with_a_result_or_its_own_error(
    answers: dict[int, Response | Exception], known: bool
) -> None:
    site = new_site()
    server = knowing(site) if known else Utility()
    usual = server.usual

    def answer(request: Request) -> Response | Exception:
        assert len(server.sent) < 200, "the registration does not end"
        server.sent.append(str(request))
        return answers.get(len(server.sent) - 1) or usual(request)

    server.answer = answer  # type: ignore[method-assign]
    with suppress(RegistrationError):
        assert server.run(site).lfdi == site.lfdi
    assert len({device.lfdi for device in server.devices}) == len(server.devices)


# The dialect of envoy-client 0.1


class OldUtility:
    """A server of that time: fixed paths, and documents as they were sent."""

    def __init__(self) -> None:
        self.devices = b""
        self.documents: dict[str, bytes] = {}
        self.sent: list[str] = []

    def answer(self, request: Request) -> Response:
        path = urlsplit(request.href).path
        self.sent.append(f"{request.method} {path}")
        content = (request.content or b"").partition(b"?>")[2].strip()
        if request.method == "POST" and path == "/edev":
            self.devices = content.replace(b"<EndDevice>", b'<EndDevice href="/edev/3">')
            return Response(201, {"location": "/edev/3"})
        if request.method == "POST":
            self.documents["/edev/3/der"] = b'<DERList><DER href="/edev/3/der/5"/></DERList>'
            return Response(201, {"location": "/edev/3/der/5"})
        if request.method == "PUT":
            self.documents[path] = content
            return Response(200)
        if path == "/edev":
            return Response(200, content=b"<EndDeviceList>" + self.devices + b"</EndDeviceList>")
        return Response(200, content=self.documents[path]) if path in self.documents else Response(404)


def test_the_old_dialect_is_registered_in_its_own_order_and_found_again() -> None:
    site = Site.load(ROOT / "examples" / "seed-site.toml", profile="envoy-0.1")
    assert isinstance(site.lfdi, legacy.LegacyLFDI) and site.lfdi[0] == 0, "an LFDI with leading zeros"
    server = OldUtility()
    first = drive(register(site, "envoy-0.1"), server.answer)
    assert server.sent == [
        "GET /edev",
        "POST /edev",
        "PUT /edev/3/di",
        "POST /edev/3/der",
        "PUT /edev/3/der/5/dercap",
        "PUT /edev/3/cp",
    ]
    server.sent.clear()
    second = drive(register(site, "envoy-0.1"), server.answer)
    assert {request.split()[0] for request in server.sent} == {"GET"}
    assert (first.href, second.href) == ("/edev/3", "/edev/3")
    assert not second.changed
    assert first.faults == second.faults == []


def test_the_old_dialect_writes_what_the_server_does_not_let_it_read() -> None:
    site = Site.load(ROOT / "examples" / "seed-site.toml", profile="envoy-0.1")
    server = OldUtility()
    drive(register(site, "envoy-0.1"), server.answer)
    for path in ("/edev/3/di", "/edev/3/der/5/dercap", "/edev/3/cp"):
        del server.documents[path]
    server.sent.clear()
    drive(register(site, "envoy-0.1"), server.answer)
    assert [request for request in server.sent if not request.startswith("GET")] == [
        "PUT /edev/3/di",
        "PUT /edev/3/der/5/dercap",
        "PUT /edev/3/cp",
    ]
