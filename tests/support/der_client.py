"""A small DER client under a virtual clock, which follows controls well enough to pass procedures.

It is not the client of this package: what it does is written out here, so that a test can have it do something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from envoy.documents import dumps, loads
from envoy.identity import sfdi_of_lfdi
from envoy.profiles import Profile
from envoy.protocol.flow import Response
from envoy.utility import Utility
from envoy.utility.notifications import Delivery
from sep2 import (
    ActivePower,
    AlarmStatus,
    ApparentPower,
    ConnectionPoint,
    ConnectStatus,
    ConnectStatusType,
    DataQualifierType,
    DefaultDERControl,
    DERCapability,
    DERControl,
    DERControlList,
    DERControlResponse,
    DERControlType,
    DERList,
    DERProgramList,
    DERSettings,
    DERStatus,
    DERType,
    DeviceCapability,
    DeviceCategoryType,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    FunctionSetAssignmentsList,
    KindType,
    MirrorMeterReading,
    MirrorReadingSet,
    MirrorUsagePoint,
    MirrorUsagePointList,
    OperationalModeStatus,
    OperationalModeStatusType,
    PowerFactor,
    PowerOfTenMultiplierType,
    PriceResponse,
    RateComponentList,
    ReactivePower,
    Reading,
    ReadingType,
    Registration,
    ResponseStatus,
    RoleFlagsType,
    ServiceKind,
    Subscription,
    SubscriptionEncoding,
    TariffProfileList,
    TimeTariffIntervalList,
    UomType,
    UsagePointStatus,
    VPPControlType,
    WattHour,
)
from sep2.resource import DateTimeInterval

SEP = "application/sep+xml"
PEN = 28547
MAX_W = 5000
DRED = {-1: 101, -5000: 102, -7500: 103, -10000: 104, 0: 105, 5000: 106, 7500: 107, 10000: 108}
"""The operationalModeStatus of each demand response instruction, by opModFixedW."""


def mrid(number: int) -> bytes:
    return number.to_bytes(12) + bytes.fromhex(f"{PEN:08d}")


def make_capability(profile: Profile) -> DERCapability:
    """Return what a device of the procedures is able to do."""
    return DERCapability(
        modes_supported=DERControlType(0x8C),
        rtg_max_w=ActivePower.of(MAX_W),
        rtg_max_va=ApparentPower.of(MAX_W),
        rtg_max_var=ReactivePower.of(2500),
        rtg_max_var_neg=ReactivePower.of(-2500),
        rtg_max_charge_rate_w=ActivePower.of(MAX_W),
        rtg_max_discharge_rate_w=ActivePower.of(MAX_W),
        rtg_max_wh=WattHour.of(10_000),
        rtg_min_pf_over_excited=PowerFactor.of(0.8),
        rtg_min_pf_under_excited=PowerFactor.of(0.8),
        type=DERType(83),
        doe_modes_supported=DOEControlType(15),
        vpp_modes_supported=VPPControlType(1) if profile.csip_aus_1_3 else None,
    )


def make_settings(profile: Profile, gradient: int, now: int) -> DERSettings:
    """Return what is set of it."""
    return DERSettings(
        set_grad_w=gradient,
        modes_enabled=DERControlType(0x8C),
        set_max_w=ActivePower.of(MAX_W),
        set_max_va=ApparentPower.of(MAX_W),
        set_max_var=ReactivePower.of(2500),
        set_max_var_neg=ReactivePower.of(-2500),
        set_max_charge_rate_w=ActivePower.of(MAX_W),
        set_max_discharge_rate_w=ActivePower.of(MAX_W),
        set_max_wh=WattHour.of(10_000),
        set_min_wh=WattHour.of(500) if profile.csip_aus_1_3 else None,
        set_min_pf_over_excited=PowerFactor.of(0.8),
        set_min_pf_under_excited=PowerFactor.of(0.8),
        doe_modes_enabled=DOEControlType(15),
        vpp_modes_enabled=VPPControlType(1) if profile.csip_aus_1_3 else None,
        updated_time=now,
    )


class GoneError(Exception):
    """The client stops for good."""


@dataclass
class Event:
    """A control that the client knows."""

    control: DERControl
    primacy: int
    program: str
    site: str
    modes: set[str]
    state: str = "scheduled"

    @property
    def start(self) -> int:
        return self.control.interval.start

    @property
    def end(self) -> int:
        return self.start + self.control.interval.duration

    @property
    def rank(self) -> tuple[int, int, bytes]:
        return -self.primacy, self.control.creation_time, self.control.mrid


@dataclass
class Site:
    """A device of the client."""

    lfdi: bytes
    href: str = ""
    assignments: dict[str, list[str]] = field(default_factory=dict)
    tariffs: list[str] = field(default_factory=list)
    connected: bool = True
    running: bool = True
    gradient: int = 27


class DERClient:
    """A client that registers its sites, polls, follows controls, and posts readings.

    Args:
        rehearsal: The utility.
        clock: The clock.
        lfdi: LFDI of its certificate, and of its site if it has no others.
        sites: LFDIs of its sites; None for the one of the certificate.
        pin: The PIN that it expects.
    """

    def __init__(
        self,
        rehearsal: Utility,
        clock: Callable[[], float],
        *,
        lfdi: bytes,
        sites: list[bytes] | None = None,
        pin: int | None = None,
    ) -> None:
        self.utility = rehearsal
        self.clock = clock
        self.lfdi = lfdi
        self.sites = [Site(each) for each in sites or [lfdi]]
        self.pin = pin
        self.profile = rehearsal.profile
        self.media_type = self.profile.content_type
        self.entry = "/dcap"
        self.due: dict[str, float] = {"discover": clock()}
        self.rates: dict[str, int] = {}
        self.events: dict[tuple[str, bytes], Event] = {}
        self.defaults: dict[tuple[str, str], tuple[int, DefaultDERControl]] = {}
        self.mirrors: dict[str, int] = {}
        self.hrefs: dict[int, str] = {}
        self.prices: dict[bytes, str] = {}
        self.tariffs: dict[str, Any] = {}
        self.rates_known: set[str] = set()
        self.backoff: dict[str, float] = {}
        self.subscribed: set[str] = set()
        self.silent = False
        self.posts_readings = True
        self.site_watts = self.device_watts = 1000

    # HTTP

    def request(self, method: str, href: str, body: Any = None) -> Response:
        content = None if body is None else dumps(body, profile=self.profile)
        headers = {"accept": self.media_type, "content-type": self.media_type}
        response = self.utility.respond(method, href, client=self.lfdi, headers=headers, content=content)
        if response.status == 429:
            self.backoff[href.partition("?")[0]] = self.clock() + int(response.headers.get("retry-after", 70))
        return response

    def get(self, href: str, cls: type[Any]) -> Any:
        """Return what is at a place, None if there is an error."""
        if self.clock() <= self.backoff.get(href.partition("?")[0], -1):
            return None
        response = self.request("GET", href)
        return loads(response.content, cls, profile=self.profile) if response.status == 200 else None

    def get_list(self, href: str, cls: type[Any]) -> Any:
        return self.get(f"{href}?l=255", cls)

    # The clock

    @property
    def next_due(self) -> float:
        return min([*self.due.values(), *self._event_times()], default=float("inf"))

    def _event_times(self) -> Iterator[float]:
        now = self.clock()
        for event in self.events.values():
            if event.state == "scheduled":
                yield max(event.start, now)
            elif event.state == "active":
                yield max(event.end, now)

    def act(self) -> None:
        """Do what is due."""
        if self.silent:
            self.due.clear()
            return
        now = self.clock()
        try:
            for name in [name for name, due in self.due.items() if due <= now]:
                rate = getattr(self, f"_{name}")()
                self.due[name] = now + (rate or 60)
                if rate is None:
                    del self.due[name]
            self.follow()
        except GoneError:
            self.silent = True
            self.due.clear()

    # Subscriptions

    def _subscriptions(self) -> int | None:
        """Subscribe to all that there is, once it has been read."""
        site = self.sites[0]
        programs = [program for hrefs in site.assignments.values() for program in hrefs]
        resources = ["/edev", f"{site.href}/fsa", *site.assignments]
        resources += [f"{program}/{name}" for program in programs for name in ("derc", "dderc")]
        own = next(each.href for each in self.get_list("/edev", EndDeviceList).end_device if each.lfdi == self.lfdi)
        for resource in resources:
            if resource not in self.subscribed:
                self.subscribed.add(resource)
                subscription = Subscription(
                    subscribed_resource=resource,
                    encoding=SubscriptionEncoding(0),
                    level="+S1",
                    limit=100,
                    notification_uri=f"https://127.0.0.1:8000/{len(self.subscribed)}",
                )
                self.request("POST", f"{own}/sub", subscription)
        return 30

    def notify(self, delivery: Delivery) -> int:
        """Take a notification: read again what it may be about, and return the status of the response."""
        for name in ("assignments", "programs"):
            if name in self.due:
                self.due[name] = self.clock()
        return 204

    # Discovery and registration

    def _discover(self) -> int | None:
        """Register the sites and start polling; try again later if that fails."""
        if self.profile.csip_aus_1_3:
            self.entry = self._find_entry()
        capability = self.get(self.entry, DeviceCapability)
        if capability is None:
            return 30
        self.request("GET", "/tm")
        for site in self.sites:
            self._register(site)
        now = self.clock()
        polls = ["capability", "devices", "assignments", "programs", "ders", "mirrors", "readings"]
        if self.profile.csip_aus_1_3:
            polls += ["tariff_profiles", "prices"]
        self.due.update(dict.fromkeys(polls, now))
        return None

    def _find_entry(self) -> str:
        response = self.request("GET", "/.well-known/csipaus")
        if response.status != 200:
            return "/dcap"
        versions = json.loads(response.content)["supportedSchemaVersions"]
        entry: str = versions["https://csipaus.org/ns/v1.3"]["dcap"][0]
        return entry

    def _find(self, site: Site) -> bool:
        devices = self.get_list("/edev", EndDeviceList)
        found = [each.href for each in devices.end_device if each.lfdi == site.lfdi]
        site.href = found[0] if found else ""
        return bool(found)

    def _register(self, site: Site) -> None:
        if not self._find(site):
            device = EndDevice(
                lfdi=site.lfdi,
                sfdi=sfdi_of_lfdi(site.lfdi),
                changed_time=int(self.clock()),
                device_category=DeviceCategoryType(1 << 18),
            )
            site.href = self.request("POST", "/edev", device).location
        registration = self.get(f"{site.href}/rg", Registration)
        if self.pin is not None and registration is not None and registration.pin != self.pin:
            raise GoneError
        self.request("PUT", f"{site.href}/cp", ConnectionPoint(connection_point_id="6001234567"))
        self.get_list(f"{site.href}/der", DERList)
        self.request("PUT", f"{site.href}/der/1/dercap", make_capability(self.profile))
        self.put_settings(site)
        self.put_status(site)

    def put_settings(self, site: Site) -> None:
        self.request("PUT", f"{site.href}/der/1/derg", self.make_settings(site))

    def make_settings(self, site: Site) -> DERSettings:
        return make_settings(self.profile, site.gradient, int(self.clock()))

    def put_status(self, site: Site) -> None:
        self.request("PUT", f"{site.href}/der/1/ders", self.make_status(site))

    def make_status(self, site: Site) -> DERStatus:
        now = int(self.clock())
        in_force = self.in_force(site)
        connected = site.connected and in_force.get("op_mod_connect") is not False
        energized = site.running and in_force.get("op_mod_energize") is not False
        bits = (1 if connected else 0) | (2 if connected else 0) | (4 if connected and energized else 0)
        mode = 2 if connected and energized else 1
        if in_force.get("op_mod_connect") is False:
            mode = 100
        elif "op_mod_fixed_w" in in_force:
            mode = DRED[in_force["op_mod_fixed_w"]]
        return DERStatus(
            reading_time=now,
            alarm_status=AlarmStatus(0),
            gen_connect_status=ConnectStatusType(date_time=now, value=ConnectStatus(bits)),
            operational_mode_status=OperationalModeStatusType(date_time=now, value=OperationalModeStatus(mode)),
        )

    # Polls; each returns its rate

    def _capability(self) -> int:
        return self._rate("dcap", self.get(self.entry, DeviceCapability))

    def _devices(self) -> int:
        return self._rate("edev", self.get_list("/edev", EndDeviceList))

    def _rate(self, name: str, found: Any) -> int:
        if found is not None and found.poll_rate is not None:
            self.rates[name] = found.poll_rate
        return self.rates.get(name, 60)

    def _assignments(self) -> int:
        found = None
        for site in self.sites:
            found = self.get_list(f"{site.href}/fsa", FunctionSetAssignmentsList)
            if found is not None:
                hrefs = [each.der_program_list_link.href for each in found.function_set_assignments]
                links = [each.tariff_profile_list_link for each in found.function_set_assignments]
                site.tariffs = [link.href for link in links if link]
                for gone in site.assignments.keys() - set(hrefs):
                    for program in site.assignments.pop(gone):
                        self._forget(site, program)
                for href in hrefs:
                    site.assignments.setdefault(href, [])
        return self._rate("fsa", found)

    def _forget(self, site: Site, program: str) -> None:
        self.events = {key: each for key, each in self.events.items() if each.program != program}
        self.defaults.pop((site.href, program), None)

    def _programs(self) -> int:
        found = None
        for site in self.sites:
            for href in site.assignments:
                found = self.get_list(href, DERProgramList)
                if found is None:
                    continue
                programs = found.der_program
                for gone in set(site.assignments[href]) - {each.href for each in programs}:
                    self._forget(site, gone)
                site.assignments[href] = [each.href for each in programs]
                for program in programs:
                    self._read_program(site, program)
        return self._rate("derp", found)

    def _read_program(self, site: Site, program: Any) -> None:
        primacy = int(program.primacy)
        default = self.get(program.default_der_control_link.href, DefaultDERControl)
        if default is not None:
            self.defaults[site.href, program.href] = primacy, default
        self.read_controls(site, program.href, primacy)

    def read_controls(self, site: Site, program: str, primacy: int) -> None:
        controls = self.get_list(f"{program}/derc", DERControlList)
        for control in controls.der_control if controls else ():
            self.learn(site, program, primacy, control)

    def _ders(self) -> int:
        found = None
        for site in self.sites:
            found = self.get_list(f"{site.href}/der", DERList)
            self.put_status(site)
            self.put_settings(site)
        return self._rate("der", found)

    def _mirrors(self) -> int:
        found = self.get_list("/mup", MirrorUsagePointList)
        for mirror in found.mirror_usage_point if found else ():
            if mirror.post_rate:
                self.mirrors[mirror.href] = mirror.post_rate
        return self._rate("mup", found)

    # Prices

    def _tariff_profiles(self) -> int:
        found = None
        for href in dict.fromkeys(href for site in self.sites for href in site.tariffs):
            found = self.get_list(href, TariffProfileList)
            for tariff in found.tariff_profile if found else ():
                self.tariffs[tariff.href] = tariff
                self.read_rates(tariff)
        if found is None:
            return 60
        self.due.setdefault("prices", self.clock())
        return self._rate("tp", found)

    def read_rates(self, tariff: Any) -> None:
        self.get_list(tariff.rate_component_list_link.href, RateComponentList)

    def _prices(self) -> int:
        found = None
        for tariff in self.tariffs.values():
            link = tariff.combined_time_tariff_interval_list_link
            found = self.get_list(link.href, TimeTariffIntervalList)
            for price in found.time_tariff_interval if found else ():
                self._learn_price(price)
        return 10 if found is None else self._rate("tti", found)

    def _learn_price(self, price: Any) -> None:
        cancelled = int(price.event_status.current_status) == 2
        if price.mrid not in self.prices:
            self.prices[price.mrid] = "known"
            self.respond_to_price(price, 1)
        if cancelled and self.prices[price.mrid] == "known":
            self.prices[price.mrid] = "cancelled"
            self.respond_to_price(price, 6)

    def respond_to_price(self, price: Any, status: int) -> None:
        response = PriceResponse(
            created_date_time=int(self.clock()),
            end_device_lfdi=self.sites[0].lfdi,
            status=ResponseStatus(status),
            subject=price.mrid,
        )
        self.request("POST", price.reply_to, response)

    # Readings

    def _readings(self) -> int:
        now = int(self.clock())
        if not self.posts_readings:
            return 60
        kinds = [
            (1, 0x03, UomType(38), 2, 37, self.site_watts),
            (2, 0x03, UomType(63), 2, 37, 0),
            (3, 0x03, UomType(29), 2, 37, 230),
            (4, 0x49, UomType(38), 2, 37, self.device_watts),
            (5, 0x49, UomType(63), 2, 37, 0),
            (6, 0x49, UomType(72), 0, 12, 4000),
        ]
        for index, site in enumerate(self.sites):
            for number, role, uom, qualifier, kind, value in kinds:
                self._post_reading(site, index * 10 + number, role, uom, qualifier, kind, value, now)
        return min(self.mirrors.values(), default=60)

    def make_mirror(self, site: Site, number: int, role: int) -> MirrorUsagePoint:
        return MirrorUsagePoint(
            mrid=mrid(number),
            role_flags=RoleFlagsType(role),
            service_category_kind=ServiceKind(0),
            status=UsagePointStatus(1),
            device_lfdi=site.lfdi,
        )

    def make_period(self, now: int, rate: int) -> DateTimeInterval:
        return DateTimeInterval(duration=rate, start=(now - rate) // 60 * 60)

    def _post_reading(
        self, site: Site, number: int, role: int, uom: UomType, qualifier: int, kind: int, value: int, now: int
    ) -> None:
        rate = min(self.mirrors.values(), default=60)
        href = self.hrefs.get(number)
        if href is None:
            response = self.request("POST", "/mup", self.make_mirror(site, number, role))
            if response.status not in (201, 204):
                return
            href = self.hrefs[number] = response.location
        reading_type = ReadingType(
            uom=uom,
            kind=KindType(kind),
            data_qualifier=DataQualifierType(qualifier),
            power_of_ten_multiplier=PowerOfTenMultiplierType(0),
        )
        period = self.make_period(now, rate)
        part = MirrorReadingSet(
            mrid=mrid(1000 + number * 100_000 + period.start % 100_000),
            time_period=period,
            reading=[Reading(value=value)],
        )
        reading = MirrorMeterReading(mrid=mrid(100 + number), reading_type=reading_type, mirror_reading_set=[part])
        self.request("POST", href, reading)

    # Controls

    def learn(self, site: Site, program: str, primacy: int, control: DERControl) -> None:
        """Take note of a control, and of what the utility says of it."""
        key = site.href, control.mrid
        event = self.events.get(key)
        if event is None:
            if control.interval.start + control.interval.duration <= self.clock():
                return
            base = control.der_control_base
            modes = {name for name, value in _modes(base).items() if value is not None}
            event = self.events[key] = Event(control, primacy, program, site.href, modes)
            self.respond(event, 1)
        status = int(control.event_status.current_status)
        if event.state in ("scheduled", "active") and status in (2, 3, 4):
            event.state = "done"
            self.respond(event, 7 if status == 4 else 6)

    def respond(self, event: Event, status: int) -> None:
        """Send a response to a control."""
        site = next(each for each in self.sites if each.href == event.site)
        response = DERControlResponse(
            created_date_time=int(self.clock()),
            end_device_lfdi=site.lfdi,
            status=ResponseStatus(status),
            subject=event.control.mrid,
        )
        assert event.control.reply_to is not None
        self.request("POST", event.control.reply_to, response)

    def follow(self) -> None:
        """Start and end controls, and report what has changed."""
        now = self.clock()
        for site in self.sites:
            before = self.in_force(site)
            for event in self._events(site):
                if event.state == "active" and event.end <= now:
                    event.state = "done"
                    self.respond(event, 3)
            candidates = [
                each for each in self._events(site) if each.state in ("scheduled", "active") and each.start <= now
            ]
            for event in sorted(candidates, key=lambda each: each.rank):
                better = [each.modes for each in candidates if each.rank > event.rank]
                event.modes = event.modes - self.lost(event, better)
                if not event.modes:
                    event.state = "done"
                    self.respond(event, 7)
            for event in candidates:
                if event.state == "scheduled":
                    event.state = "active"
                    self.respond(event, 2)
            if site.href and self.in_force(site) != before:
                with suppress(KeyError):
                    self.put_status(site)
            self._follow_gradient(site)

    def lost(self, event: Event, better: list[set[str]]) -> set[str]:
        """Return the modes of a control that better ones have."""
        return set().union(*better)

    def _follow_gradient(self, site: Site) -> None:
        found = [each for (href, _), each in self.defaults.items() if href == site.href and each[1].set_grad_w]
        if found:
            gradient = min(found, key=lambda each: each[0])[1].set_grad_w
            if gradient is not None and gradient != site.gradient:
                site.gradient = gradient
                self.put_settings(site)

    def in_force(self, site: Site) -> dict[str, Any]:
        """Return the value of each mode that a control of the site has in force."""
        found: dict[str, Any] = {}
        for event in self._events(site):
            if event.state == "active":
                values = _modes(event.control.der_control_base)
                found.update({name: values[name] for name in event.modes})
        return found

    def _events(self, site: Site) -> list[Event]:
        return [each for each in self.events.values() if each.site == site.href]


def _modes(base: Any) -> dict[str, Any]:
    names = [name for name in type(base).__dataclass_fields__ if name.startswith("op_mod_")]
    return {name: getattr(base, name) for name in names}
