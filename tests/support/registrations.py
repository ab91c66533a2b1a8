"""What tests of registrations share: sites, what one sends, and a utility whose responses can be bent."""

from __future__ import annotations

import dataclasses
import re
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from envoy import Outcome, Site, SiteDER, utility
from envoy.documents import dumps, loads
from envoy.errors import TransportError
from envoy.identity import site_lfdi
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.protocol.links import is_list
from envoy.protocol.paging import Pages
from envoy.protocol.results import Registration, RegistrationError
from envoy.protocol.session import Session
from envoy.registration.dry_run import dry_run
from envoy.registration.register import register
from envoy.utility import Settings
from sep2 import (
    DER,
    ConnectionPoint,
    DERAvailability,
    DERCapability,
    DERList,
    DERType,
    DeviceInformation,
    EndDevice,
    EndDeviceList,
    Link,
)
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
    "GET /edev/N/fsa",
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
    "GET /edev/N/fsa",
    "GET /edev/N/cp",
    "GET /edev/N/di",
    "GET /edev/N/der",
    "GET /edev/N/der/1/dercap",
    "GET /edev/N/der/2/dercap",
    "GET /edev/N/der/1/derg",
    "GET /edev/N/der/1/ders",
    "GET /edev/N/der/2/dera",
)
"""The requests of a registration that finds everything in place."""

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

CLIENT = bytes(range(20))
"""LFDI of the client, whose own EndDevice is the first in the list."""


class Utility:
    """The utility as it is, of whose responses a test may replace or change some.

    Attributes:
        sent: The requests, without their queries.
        statuses: The statuses of the responses that were not replaced.
    """

    def __init__(self, profile: str = "csip-aus-1.2", **options: Any) -> None:
        self.profile = profile
        self.core = utility.Utility(
            Settings(profile, **{"pin": PIN, "pre_registered": True, **options}), now=lambda: 1003
        )
        weakref.finalize(self, self.core.close)
        self.connect(CLIENT)
        self._instead: dict[str, list[Answer]] = {}
        self._changes: dict[str, Callable[[Any], object]] = {}
        self._broken, self._break_after = "", False
        self.sent: list[str] = []
        self.statuses: list[int] = []

    def connect(self, client: bytes) -> None:
        """Let the requests from now on be those of a client."""
        self._send = self.core.connect(client)

    def answers(self, request: str, *answers: Answer) -> None:
        """Respond to a request so, one response at a time and the last of them for ever; None is the usual response."""
        self._instead[request] = list(answers)

    def bend(self, path: str, change: Callable[[Any], object]) -> None:
        """Change the object that each GET of a path gives."""
        self._changes[path] = change

    def run(self, site: Site, **options: Any) -> Registration:
        """Drive the registration of a site, as a client would."""
        registration: Registration = drive(register(site, self.profile, now=lambda: 1000.9, **options), self.answer)
        return registration

    def answer(self, request: Request) -> Response:
        line = f"{request.method} {request.href.partition('?')[0]}"
        self.sent.append(line)
        if self._broken == nameless(line):
            self._broken = ""
            if self._break_after:
                self.usual(request)
            raise LOST
        queue = self._instead.get(line, [None])
        answer = queue.pop(0) if len(queue) > 1 else queue[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return self.usual(request) if answer is None else answer

    def break_at(self, request: str, *, after: bool) -> None:
        """Lose the next of some requests, as in FIRST, or its response."""
        self._broken, self._break_after = request, after

    def usual(self, request: Request) -> Response:
        response = self._send(request)
        self.statuses.append(response.status)
        change = self._changes.get(request.href.partition("?")[0])
        if change is None or request.method != "GET":
            return response
        found = loads(response.content, profile=self.profile)
        change(found)
        return document(found, self.profile)

    def stored(self, path: str) -> Any:
        """Return the object that the utility has at a path."""
        return self.core.store.get(CLIENT, path)

    def add_device(self, device: EndDevice) -> str:
        """Add an EndDevice and return where it is."""
        return self.usual(Request("", "POST", "/edev", dumps(device, profile=self.profile))).location

    def add_der(self, capability: DERCapability) -> None:
        """Add a DER of the first site."""
        href = self.usual(Request("", "POST", f"{SITE}/der", dumps(DER()))).location
        self.usual(Request("", "PUT", f"{href}/dercap", dumps(capability)))

    @property
    def devices(self) -> list[EndDevice]:
        """The EndDevices of sites."""
        return [device for _, device in self.core.store.page(CLIENT, "/edev", 1, 1000)]

    @property
    def ders(self) -> list[DER]:
        """The DERs of the first site."""
        return [der for _, der in self.core.store.page(CLIENT, f"{SITE}/der", 0, 1000)]

    @property
    def writes(self) -> list[str]:
        return [request for request in self.sent if not request.startswith("GET")]


SITE = "/edev/2"
"""Where the EndDevice of the first site is."""


def document(obj: Any, profile: str = "csip-aus-1.2") -> Response:
    """Return the response that has an object, valid or not."""
    return Response(200, content=dumps(obj, profile=profile, validate=False))


def nameless(request: object) -> str:
    """Return a request, as text or not, without the number of the EndDevice and without which page it asks for."""
    return re.sub(r"/edev/\d+", "/edev/N", str(request)).partition("?")[0]


def read(send: Callable[[Request], Response], href: str, cls: type, profile: str = "csip-aus-1.2") -> Any:
    """Return what is at an href; of a list, its items."""
    session = Session(get_profile(profile), strict=True)
    return drive(Pages(session, "", href, cls).read_all() if is_list(cls) else session.get("", href, cls), send)


def assert_registered(send: Callable[[Request], Response], site: Site, profile: str = "csip-aus-1.2") -> None:
    """Check that the site has one EndDevice, its DERs and no more, and that all of them are as it describes."""
    (device,) = (x for x in read(send, "/edev", EndDeviceList, profile) if x.lfdi == site.lfdi)
    assert device.device_category == site.device_category
    href = device.href
    if profile != "ieee-2018" and site.nmi is not None:
        assert read(send, f"{href}/cp", ConnectionPoint, profile).connection_point_id == site.nmi
    if site.device_information is not None:
        expected = dataclasses.replace(site.device_information, lfdi=site.lfdi, href=f"{href}/di")
        assert read(send, f"{href}/di", DeviceInformation, profile) == expected
    ders = read(send, f"{href}/der", DERList, profile)
    assert len(ders) == len(site.ders)
    by_type = {read(send, der.der_capability_link.href, DERCapability, profile).type: der for der in ders}
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
                found = read(send, str(link.href), type(message), profile)
                times = {name: getattr(found, name) for name in _TIMES if hasattr(found, name)}
                assert found == dataclasses.replace(message, href=found.href, **times)
                assert all(time >= 1000 for time in times.values()), "the time of sending"


_TIMES = ("updated_time", "reading_time")


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
    """Return a utility that has the EndDevice of a site already, with nothing written to it."""
    server = Utility(**options)
    server.add_device(as_end_device(site))
    return server


def xml(text: str) -> Response:
    """Return a response in IEEE 2030.5, written by hand: ``<Time>...`` without the namespace."""
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


def dry_requests(site: Site, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None) -> list[Request]:
    """Return the requests of the dry run of a registration."""
    return [exchange.request for exchange in dry_run(site, profile, entry=entry)]
