"""The steps of a registration: the requests of each, and what the answers mean.

A step without a link is skipped and reported. What exists is read and compared, and written only where it differs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from envoy import identity, legacy
from envoy.ders import register_ders
from envoy.errors import ResponseError, TransportError
from envoy.exchange import Conversation, Flow, Request, error_of
from envoy.messages import Messages
from envoy.profiles import Profile
from envoy.results import Outcome, Registration, StepResult
from envoy.site import Site
from sep2 import (
    ConnectionPoint,
    DeviceCapability,
    DeviceInformation,
    EndDevice,
    EndDeviceList,
    Link,
    Time,
)
from sep2 import Registration as RegistrationResource

WELL_KNOWN = "/.well-known/csipaus"
"""Where a CSIP-AUS 1.3 server may tell the path of its DeviceCapability."""

DEFAULT_ENTRY = "/dcap"

_SERVER_SETS = frozenset({"href", "changed_time", "updated_time", "reading_time"})
"""Fields that a server replaces, so that a difference in them means nothing."""


class Run(Conversation):
    """The state of one registration while it runs."""

    def __init__(
        self, site: Site, profile: Profile, messages: Messages, entry: str | None, now: Callable[[], float]
    ) -> None:
        super().__init__(profile)
        self.site = site
        self.messages = messages
        self.entry = entry
        self.now = now
        self.result = Registration(lfdi=site.lfdi, faults=self.faults)
        self.capability: DeviceCapability = legacy.resource(DEFAULT_ENTRY, DeviceCapability)
        self.device: EndDevice = EndDevice(sfdi=0, changed_time=0)
        self.fresh = False

    def note(self, step: str, outcome: Outcome, href: str = "", detail: str = "") -> None:
        self.result.steps.append(StepResult(step, outcome, href, detail))

    def resource(self, step: str, href: str, cls: type[Any]) -> Flow[Any]:
        """GET a resource for its links; the old dialect has paths instead."""
        if self.profile.legacy:
            return legacy.resource(href, cls)
        found = yield from self.get(step, href, cls)
        found.href = href
        return found

    def device_capability(self) -> Flow[None]:
        step = "device-capability"
        if self.entry is None and self.profile.name == "csip-aus-1.3":
            found = yield from self.find(step, WELL_KNOWN, DeviceCapability)
            if found is not None:
                self.capability = found
                self.note(step, Outcome.READ, found.href or WELL_KNOWN)
                return
        href = self.entry or DEFAULT_ENTRY
        self.capability = yield from self.get(step, href, DeviceCapability)
        self.note(step, Outcome.READ, href)

    def time(self) -> Flow[None]:
        step, link = "time", self.capability.time_link
        if link is None:
            self.note(step, Outcome.SKIPPED, detail="the server offers no TimeLink")
            return
        answer = yield from self.get(step, link.href, Time)
        if answer.current_time is not None:
            self.result.clock_offset = answer.current_time - int(self.now())
        self.note(step, Outcome.READ, link.href, f"server clock {self.result.clock_offset or 0:+d} s")

    def end_device(self) -> Flow[None]:
        link = self.capability.end_device_list_link
        if link is None:
            raise ResponseError(
                "the server offers no EndDeviceListLink",
                status=200,
                where=f"DeviceCapability at {self.entry or DEFAULT_ENTRY}",
                remedy="This certificate may have no access to end devices: ask the utility.",
            )
        found = yield from self._look_up(link.href)
        if found is None:
            yield from self._create(link.href)
        else:
            self._use(found, Outcome.FOUND)
        self.result.href = self.device.href or ""
        for name in () if self.fresh else differences(self.messages.end_device, self.device):
            self.faults.append(f"{self.result.href}: EndDevice has another {name} than the site; it was left as it is")

    def _look_up(self, href: str) -> Flow[EndDevice | None]:
        def same(device: EndDevice) -> bool:
            if self.profile.legacy:
                return legacy.same_lfdi(device.lfdi, self.site.lfdi)
            return device.lfdi == self.site.lfdi

        devices = yield from self.items("end-device", href, EndDeviceList, "end_device", until=same)
        return devices[-1] if devices and same(devices[-1]) else None

    def _use(self, device: EndDevice, outcome: Outcome, detail: str = "") -> None:
        if not device.href:
            raise ResponseError(
                "the EndDevice in the list has no href, so its links cannot be followed",
                status=200,
                where="EndDeviceList",
                remedy="This is a fault of the server: report it to the utility.",
            )
        if self.profile.legacy:
            device = legacy.resource(device.href, EndDevice)
        self.device = device
        self.note("end-device", outcome, device.href or "", detail)

    def _create(self, href: str) -> Flow[None]:
        request = Request("end-device", "POST", href, self.messages.content(self.messages.end_device))
        try:
            response = yield request
        except TransportError as error:
            if not error.maybe_received:
                raise
            # The server may have created it and only the answer was lost: look before posting again.
            found = yield from self._look_up(href)
            if found is not None:
                self.fresh = True
                self._use(found, Outcome.CREATED, "the answer was lost, the device was found")
                return
            response = yield request
        location = response.location
        if response.ok and location:
            self.fresh = True
            self.device = yield from self.resource("end-device", location, EndDevice)
            self.note("end-device", Outcome.CREATED, location)
        elif response.ok or response.status == 409:
            found = yield from self._look_up(href)
            if found is None:
                raise self._not_found(request, error_of(request, response))
            self._use(found, Outcome.FOUND if response.status == 409 else Outcome.CREATED)
        else:
            raise error_of(request, response)

    def _not_found(self, request: Request, error: ResponseError) -> ResponseError:
        if error.status == 409:
            lfdi = self.site.lfdi.hex().upper()
            what = f"{error.what}: the LFDI {lfdi} is taken, and not by a device that this certificate may see"
            remedy = "Another aggregator may have registered the site: ask the utility."
        else:
            what = f"{error.what} without a Location, and the device is not in the list"
            remedy = "This is a fault of the server: report it to the utility."
        return ResponseError(what, status=error.status, where=str(request), remedy=remedy)

    def registration(self) -> Flow[None]:
        step, link = "registration", self.device.registration_link
        if self.site.pin is None:
            self.note(step, Outcome.SKIPPED, detail="the site has no PIN to compare")
            return
        if link is None:
            self.note(step, Outcome.SKIPPED, detail="the server offers no RegistrationLink")
            self.faults.append("the PIN could not be compared: the server offers no RegistrationLink")
            return
        answer = yield from self.get(step, link.href, RegistrationResource)
        if answer.pin != self.site.pin:
            raise ResponseError(
                f"the server's PIN is not the site's PIN {identity.format_pin(self.site.pin)}",
                status=200,
                where=f"GET {link.href}",
                remedy="Do not use this server: it may not be the utility's. Check the PIN with the utility.",
            )
        self.note(step, Outcome.READ, link.href, "the PIN matches")

    def connection_point(self) -> Flow[None]:
        if self.messages.connection_point is not None:
            yield from self.put(
                "connection-point", self.device.connection_point_link, self.messages.connection_point, ConnectionPoint
            )

    def device_information(self) -> Flow[None]:
        if self.messages.device_information is not None:
            yield from self.put(
                "device-information",
                self.device.device_information_link,
                self.messages.device_information,
                DeviceInformation,
            )

    def put(self, step: str, link: Link | None, wanted: Any, cls: type[Any], current: Any = None) -> Flow[None]:
        """Bring one resource to the state wanted; None wants nothing. ``current`` is its state if that is known."""
        if wanted is None:
            return
        if link is None:
            self.note(step, Outcome.SKIPPED, detail=f"the server offers no {cls.__name__}Link")
            return
        if not self.fresh and current is None:
            current = yield from self.find(step, link.href, cls)
        if current is not None and not differences(wanted, current):
            self.note(step, Outcome.FOUND, link.href)
            return
        request = Request(step, "PUT", link.href, self.messages.content(wanted))
        response = yield request
        if not response.ok:
            raise error_of(request, response)
        if self.messages.has_extension(wanted):
            # A server drops an extension element that it does not know in silence, so see what it kept.
            kept = yield from self.find(step, link.href, cls)
            lost = differences(wanted, kept) if kept is not None else ["all of it"]
            if lost:
                self.faults.append(
                    f"{request}: the server answered {response.status} but did not keep {', '.join(lost)}"
                )
        self.note(step, Outcome.WRITTEN, link.href)


def differences(wanted: Any, current: Any) -> list[str]:
    """Return the names of the fields of a message that a resource does not have as wanted.

    Fields that the message leaves out, and times that a server replaces, do not count.
    """
    return [
        item.name
        for item in fields(wanted)
        if item.name not in _SERVER_SETS
        and getattr(wanted, item.name) not in (None, item.default)
        and getattr(wanted, item.name) != getattr(current, item.name)
    ]


STEPS: dict[str, Callable[[Run], Flow[None]]] = {
    "device-capability": Run.device_capability,
    "time": Run.time,
    "end-device": Run.end_device,
    "registration": Run.registration,
    "connection-point": Run.connection_point,
    "device-information": Run.device_information,
    "der": register_ders,
}
