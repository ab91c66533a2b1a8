"""The state of a registration while it runs, and how its steps create and write resources."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import fields
from typing import Any, TypeVar

import sep2
from envoy.errors import ResponseError, TransportError
from envoy.profiles import Profile
from envoy.protocol import quirks
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.discovery import DEFAULT_ENTRY
from envoy.protocol.edition import Edition
from envoy.protocol.end_devices import (
    DeviceIdentity,
    ListedDevice,
    ServerFacts,
    find_end_device,
    require_href,
    undecided_error,
)
from envoy.protocol.flow import Flow, Request, Response, get_href
from envoy.protocol.results import Outcome, Registration, StepResult
from envoy.protocol.session import Session
from envoy.registration.description import describe
from envoy.registration.messages import Messages
from envoy.registration.site import Site

T = TypeVar("T")

_UNREAD: Any = object()
"""Stands for the state of a resource that is still to be read."""


class RegistrationRun(Session):
    """The state of one registration while it runs.

    With ``writes=False`` nothing is written: what would be is recorded as missing or different. With ``tolerant=True``
    a resource that the server refuses is recorded as such, and the others are written all the same.

    Attributes:
        fresh: The EndDevice was created just now, with nothing in it.
        fixed: The server has refused before to change the EndDevice to what the site describes.
        step: The step under way.
    """

    def __init__(
        self,
        site: Site,
        profile: Profile,
        messages: Messages,
        entry: str | None,
        now: Callable[[], float],
        *,
        known: ServerFacts | None,
        update: bool,
        writes: bool,
        tolerant: bool,
    ) -> None:
        super().__init__(profile)
        self.site = site
        self.messages = messages
        self.entry = entry
        self.now = now
        self.known = known
        self.update = update
        self.writes = writes
        self.tolerant = tolerant
        self.result = Registration(lfdi=site.lfdi, findings=self.findings)
        self.dialect = PROTOCOL_DIALECTS[profile.dialect]
        self.identity = DeviceIdentity(messages.end_device.lfdi or site.lfdi, profile)
        self.capability = (
            known.capability
            if known
            else self.dialect.resource(DEFAULT_ENTRY, sep2.DeviceCapability) or sep2.DeviceCapability()
        )
        self.device: sep2.EndDevice = sep2.EndDevice(sfdi=0, changed_time=0)
        self.edition = Edition(profile)
        self.fresh = False
        self.fixed = False
        self.step = ""

    def read(self, request: Request, response: Response, cls: type[T]) -> T:
        if response.ok:
            self.edition.observe(response.content)
        return super().read(request, response, cls)

    def record(self, step: str, outcome: Outcome, href: str = "", detail: str = "") -> None:
        self.result.steps.append(StepResult(step, outcome, href, detail))

    def resource(self, step: str, href: str, cls: type[Any]) -> Flow[Any]:
        """Return a resource for its links: those that the dialect knows, or what GET gives."""
        found = self.dialect.resource(href, cls)
        if found is None:
            found = yield from self.get(step, href, cls)
            found.href = href
        return found

    def find_device(self, href: str) -> Flow[sep2.EndDevice | None]:
        """Look for the EndDevice of the site in the list, or in what is known of the list; None if it is not there."""
        if self.known is None:
            return (yield from find_end_device(self, href, self.site.lfdi))
        listed = self.known.find(self.site.lfdi)
        if listed is None:
            if self.known.undecided:
                raise undecided_error(self.known.undecided, href)
            return None
        place = require_href(listed, href).href
        if listed.lfdi is not None and not self.identity.same_lfdi(listed.lfdi, self.site.lfdi):
            raise self.identity.conflict(listed)
        self.fixed = listed.fixed
        device: sep2.EndDevice = yield from self.resource("end-device", place, sep2.EndDevice)
        if not self.dialect.linked or self.identity.is_of(device) is not False:
            return device
        if listed.lfdi is None:
            raise self.identity.conflict(ListedDevice(place, device.lfdi))
        raise ResponseError(
            "another EndDevice is there than when the list was read",
            status=200,
            where=f"GET {place}",
            remedy="Somebody else registers devices at the same time: run it again.",
        )

    def post(self, request: Request, look: Callable[[], Flow[str]] | None) -> Flow[tuple[Response, str]]:
        """POST a member of a list; a 2xx that is returned has a Location. The text says so if it had to be found.

        Where the response is lost or has no Location, the member may be there all the same, and posting it again would
        make two. ``look`` returns its href then, or an empty text if it is not there; None if nobody can look now.
        """
        self.edition.check()
        try:
            response = yield request
        except TransportError as error:
            if not error.maybe_received or look is None:
                raise
            location = yield from look()
            if location:
                return Response(201, {"location": location}), "the response was lost; it was found in the list"
            response = yield request
        if response.ok and not response.location:
            location = (yield from look()) if look else ""
            if not location:
                raise ResponseError(
                    f"the server responded with {response.status} without a Location, and nothing new is in the list",
                    status=response.status,
                    where=str(request),
                    remedy="This is an error of the server: report it to the utility.",
                )
            return Response(response.status, {"location": location}), quirks.LOCATION_MISSING
        return response, ""

    def put(self, step: str, link: sep2.Link | None, wanted: Any, cls: type[Any], current: Any = _UNREAD) -> Flow[None]:
        """Bring one resource to the state wanted; None wants nothing. ``current`` is its state if that is known."""
        try:
            yield from self._put(step, link, wanted, cls, current)
        except ResponseError as error:
            if not self.tolerant:
                raise
            self.record(step, Outcome.REFUSED, get_href(link), error.what)

    def _put(self, step: str, link: sep2.Link | None, wanted: Any, cls: type[Any], current: Any) -> Flow[None]:
        if wanted is None:
            return
        href = get_href(link)
        if not href:
            self.record(step, Outcome.SKIPPED, detail=quirks.LINK_ABSENT.format(f"{cls.__name__}Link"))
            return
        if current is _UNREAD:
            current = None if self.fresh else (yield from self.find(step, href, type(wanted)))
        if current is not None and not self.differences(wanted, current):
            self.record(step, Outcome.FOUND, href)
            return
        if not self.writes and current is None:
            self.record(step, Outcome.MISSING, href)
            return
        if not self.writes:
            self.record(step, Outcome.DIFFERENT, href, self.contrast(wanted, current))
            return
        self.edition.check()
        request = Request(step, "PUT", href, self.messages.content(wanted))
        response = yield from self.send(request)
        self.record(step, Outcome.WRITTEN, href)
        # What was wrong with what is no longer there, such as the empty resources of a new EndDevice.
        self.findings[:] = [finding for finding in self.findings if not finding.startswith(f"GET {href}: ")]
        elements = self.messages.extension_of(wanted)
        if elements:
            yield from self._read_back(request, response, wanted, (type(wanted), *elements))

    def _read_back(self, request: Request, response: Response, wanted: Any, kind: Hashable) -> Flow[None]:
        """See what the server kept: it drops an extension element that it does not know in silence.

        Of a fleet, the first few messages of a kind are enough to see that.
        """
        if self.known is not None and self.known.kept[kind] >= quirks.EXTENSION_DROPPED:
            return
        kept = yield from self.find(request.step, request.href, type(wanted))
        if kept is None:
            self.note(f"{request}: the server responded with {response.status}, but it cannot be read back")
        elif lost := self.differences(wanted, kept):
            self.note(f"{request}: the server responded with {response.status} but did not keep {', '.join(lost)}")
        elif self.known is not None:
            self.known.kept[kind] += 1

    def contrast(self, wanted: Any, current: Any) -> str:
        """Return in words what ``differences`` finds."""
        return "; ".join(
            f"{name} is {describe(getattr(current, name))}, the site has {describe(getattr(wanted, name))}"
            for name in self.differences(wanted, current)
        )

    def differences(self, wanted: Any, current: Any) -> list[str]:
        """Return the names of the fields of a message that a resource does not have as wanted.

        Fields that the message leaves out, and those that servers replace, do not count.
        """
        return [
            item.name
            for item in fields(wanted)
            if item.name not in quirks.FIELDS_REPLACED
            and getattr(wanted, item.name) not in (None, [], item.default)
            and not self._same(item.name, getattr(wanted, item.name), getattr(current, item.name))
        ]

    def _same(self, name: str, wanted: Any, current: Any) -> bool:
        if name == "lfdi":
            # Servers may leave it out.
            return not current or self.identity.same_lfdi(current, wanted)
        kind = quirks.QUANTITY_RESCALED
        if isinstance(wanted, kind) and isinstance(current, kind) and wanted != current:
            return None not in (current.value, current.multiplier) and float(wanted) == float(current)
        return bool(wanted == current)
