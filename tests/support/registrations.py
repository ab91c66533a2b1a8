"""What tests of registrations share: sites, what one sends, and a server in a few lines that can be bent."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from envoy import Outcome, Site, SiteDER
from envoy.documents import dumps, loads
from envoy.errors import TransportError
from envoy.identity import site_lfdi
from envoy.protocol.flow import Request, Response
from envoy.protocol.paging import PAGE_SIZE
from envoy.protocol.results import Registration, RegistrationError
from envoy.registration.register import register
from sep2 import (
    DER,
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
    DeviceInformationLink,
    EndDevice,
    EndDeviceList,
    EndDeviceListLink,
    Link,
    RegistrationLink,
    Time,
    TimeLink,
    TimeQuality,
)
from sep2 import Registration as RegistrationResource
from tests.conftest import ROOT

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


def drive(flow: Any, answer: Callable[[Request], Response]) -> Any:
    """Answer what a run asks for, and return what it returns."""
    try:
        request = next(flow)
        while True:
            request = flow.send(answer(request))
    except StopIteration as stop:
        return stop.value
