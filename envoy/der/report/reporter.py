"""The reporter: what a follower writes of its DERs and when, besides responses and readings.

DERStatus when it begins, at each change, and at the rate that the server asks for; DERSettings when a default changes
them; DERAvailability where there is a place for it; alarms as LogEvents. Capability and settings are written by the
registration, which compares them with what the server has: ``prepare_site`` gives it the settings in force.

All times are those of the device's clock, and go out in the server's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from envoy.der.demand_response import find_instruction
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.duties import Duty
from envoy.der.follow.news import News, Reported
from envoy.der.follow.polling.polls import choose_rate
from envoy.der.modes import Values
from envoy.der.report.alarm_log import AlarmLog
from envoy.der.report.settings import (
    describe_availability,
    follows_instructions,
    has_storage,
    merge_settings,
    prepare_site,
)
from envoy.der.report.status import StatusRecord, describe_status
from envoy.documents import dumps
from envoy.errors import EnvoyError, ResponseError, TransportError
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, get_href
from envoy.protocol.retry import grow_pause
from envoy.protocol.session import Session
from envoy.registration.site import Site, SiteDER, SiteDERComponent
from sep2 import DER, DERComponent, DERSettings, EndDevice

STEP = "report"

FIRST_PAUSE = 10
"""Seconds after which a report is sent again that the server failed to take; they double each time."""

LONGEST_PAUSE = 300

NEVER = float("inf")

_BUSY = frozenset({408, 425, 429})


@dataclass(slots=True)
class _Report:
    """A resource that is written again and again.

    Attributes:
        resource: Name of its class.
        href: Where it is.
        build: Returns it as it is now; None if there is nothing to say.
        due: When it is written next.
        repeated: It is written again at the rate that the server asks for.
        failures: How often the server has failed to take it since it last did.
    """

    resource: str
    href: str
    build: Callable[[], Any]
    due: float = 0.0
    repeated: bool = True
    failures: int = 0


class Reporter(Duty):
    """Reports how the DERs of a site are, while it is followed.

    Args:
        session: Writes the messages, and keeps what is odd.
        site: The site. One device stands for all its DERs and their parts, and each has its status.
        clock: Returns the time in seconds since 1970.
        get_offset: Returns the seconds that the server's time is ahead of the clock.
        saved: What ``dump`` returned before a restart.
        save: Called with what ``dump`` returns after each change of it. It may raise an ``EnvoyError``.
        publish: Called with news.
    """

    def __init__(
        self,
        session: Session,
        site: Site,
        *,
        clock: Callable[[], float],
        get_offset: Callable[[], float] = lambda: 0,
        saved: Mapping[str, Any] | None = None,
        save: Callable[[dict[str, Any]], None] = lambda _: None,
        publish: Callable[[News], None] = lambda _: None,
    ) -> None:
        saved = saved or {}
        self._session = session
        self._site = site
        self._clock = clock
        self._get_offset = get_offset
        self._save_as = save
        self._publish = publish
        self._record = StatusRecord(saved.get("status"))
        self._log = AlarmLog(saved.get("log"))
        self._status: DeviceStatus | None = None
        self._reached = False
        self._ordered: Mapping[str, int] = {}
        self._instructed = follows_instructions(site)
        self._instruction: int | None = None
        self._reports: list[_Report] = []
        self._written: dict[str, DERSettings] = {}
        self._log_href = ""
        self._log_due = 0.0
        self._log_failures = 0
        self._post_rate: int | None = None
        self._poll_rate: int | None = None
        self._unsaved = False

    # What it takes over

    def note_status(self, status: DeviceStatus, values: Values) -> None:
        """Take over how the device is.

        Args:
            status: How it is.
            values: The modes in force.
        """
        now = self._clock()
        self._status = status = _leave_out_unknown(status)
        self._reached = self._reached or not status.failed
        # Of a device that was not reached yet nothing is known: its alarms may be on as before a restart.
        owed = self._log.note(status.alarms, now) if self._reached else False
        parts = describe_status(status, values, demand_response=self._instructed)
        changed = self._record.update(parts, now)
        self._note_instruction(values)
        if changed or owed:
            self._save()
        if changed:
            for report in self._list("DERStatus", "DERAvailability"):
                report.due, report.failures = now, 0

    def _note_instruction(self, values: Values) -> None:
        """Have the settings written while an instruction of demand response is followed: certification looks for it."""
        instruction = find_instruction(values) if self._instructed else None
        if instruction is not None and instruction != self._instruction:
            for report in self._list("DERSettings"):
                report.due, report.failures = self._clock(), 0
        self._instruction = instruction

    def note_settings(self, ordered: Mapping[str, int]) -> None:
        """Take over what the defaults in force set besides modes, such as ``setGradW``."""
        if ordered == self._ordered:
            return
        self._ordered = dict(ordered)
        for report in self._list("DERSettings"):
            report.due, report.failures = self._clock(), 0

    def note_ders(self, ders: Sequence[DER | DERComponent], ordered: Mapping[str, int]) -> None:
        """Take over where the DERs are, once the site is registered.

        Args:
            ders: Those of the server, in the order of the site (``Registration.ders``), then the parts of them.
            ordered: What the defaults had set when the site was prepared for it.
        """
        self._written = {
            get_href(place.der_settings_link): merge_settings(der.settings, ordered)
            for place, der in self._pair(ders)
            if der.settings is not None
        }
        self._reports = [report for place, der in self._pair(ders) for report in self._build_reports(place, der)]

    def note_end_device(self, device: EndDevice) -> None:
        """Take over what the EndDevice says: how often to post, and where its log is."""
        self._post_rate = device.post_rate
        href = get_href(device.log_event_list_link)
        if href != self._log_href:
            self._log_href, self._log_due, self._log_failures = href, 0.0, 0
        self._reschedule()

    def note_rate(self, poll_rate: int | None) -> None:
        """Take over the ``pollRate`` of the list of DERs."""
        self._poll_rate = poll_rate
        self._reschedule()

    def note_contact(self) -> None:
        """Note that contact was regained: what the server failed to take is sent again at once."""
        now = self._clock()
        for report in self._reports:
            if report.failures:
                report.due, report.failures = now, 0
        if self._log_failures:
            self._log_due, self._log_failures = now, 0

    def prepare_site(self) -> Site:
        """Return the site to register: with the settings in force, and without what is reported here."""
        return prepare_site(self._site, self._ordered)

    # What it sends

    @property
    def rate(self) -> int:
        """Seconds between two reports of a status that has not changed."""
        return choose_rate(self._post_rate or self._poll_rate or None)

    @property
    def due(self) -> float:
        """When there is something to send; infinite if there is nothing."""
        times = [report.due for report in self._reports]
        if self._log_href and self._log.owed:
            times.append(self._log_due)
        return min(times, default=NEVER)

    def send(self) -> Flow[None]:
        """Send what is due. What the server does not take is sent again later."""
        if self._unsaved:
            self._save()
        try:
            if self._log_href and self._log.owed and self._log_due <= self._clock():
                yield from self._send_log()
            self._pull_status_along()
            for report in [report for report in self._reports if report.due <= self._clock()]:
                yield from self._send(report)
        except TransportError as error:
            self._session.note(f"{error.where}: {error.what}")
            for report in self._reports:
                if report.due <= self._clock():
                    self._pause(report)

    def _pull_status_along(self) -> None:
        """Have the status with an instruction go before the settings that are due: procedures look for it first."""
        now = self._clock()
        if self._instruction is not None and any(report.due <= now for report in self._list("DERSettings")):
            for report in self._list("DERStatus"):
                report.due = min(report.due, now)

    def dump(self) -> dict[str, Any]:
        """Return what it has to know after a restart, as plain data."""
        return {"status": self._record.dump(), "log": self._log.dump()}

    def _send(self, report: _Report) -> Flow[None]:
        began = self._clock()
        again = began + self.rate if report.repeated or self._instruction is not None else NEVER
        report.due = again
        message = report.build()
        if message is None:
            return
        try:
            content = dumps(message, profile=self._session.profile)
        except EnvoyError as error:
            # Whatever a device says of itself: it is followed.
            self._session.note(f"{report.resource} was not sent: {error.where}: {error.what}")
            return
        report.due = NEVER
        request = Request(STEP, "PUT", report.href, content)
        try:
            response = yield request
        except TransportError:
            report.due = began
            raise
        if response.status >= 500 or response.status in _BUSY:
            self._pause(report)
        elif report.due == NEVER:
            # Else it has changed meanwhile, and is due again.
            report.due = again
        if response.ok:
            report.failures = 0
            if isinstance(message, DERSettings):
                self._written[report.href] = message
            self._publish(Reported(time=self._clock(), resource=report.resource, href=report.href))
        else:
            refusal = read_error(request, response)
            self._session.note(f"{refusal.where}: {refusal.what}")

    def _pause(self, report: _Report) -> None:
        report.due = self._clock() + grow_pause(report.failures, FIRST_PAUSE, LONGEST_PAUSE)
        report.failures += 1

    def _send_log(self) -> Flow[None]:
        try:
            done = yield from self._log.send(self._session, self._log_href, self._get_offset(), self._save)
        except (ResponseError, TransportError) as error:
            self._log_due = self._clock() + grow_pause(self._log_failures, FIRST_PAUSE, LONGEST_PAUSE)
            self._log_failures += 1
            if isinstance(error, TransportError):
                raise
            self._session.note(f"{error.where}: {error.what}")
            return
        self._log_failures = 0
        for code, refusal in done:
            if refusal:
                self._session.note(f"the server refuses the LogEvent {code.name}: {refusal}")
            else:
                self._publish(Reported(time=self._clock(), resource="LogEvent", href=self._log_href, detail=code.name))

    def _build_reports(self, place: DER | DERComponent, der: SiteDER | SiteDERComponent) -> Iterator[_Report]:
        storage = has_storage(der.capability) or [der] == self._site.ders
        if href := get_href(place.der_status_link):
            yield _Report("DERStatus", href, lambda: self._build_status(storage))
        settings, settings_href = der.settings, get_href(place.der_settings_link)
        if settings is not None and settings_href:
            yield _Report(
                "DERSettings", settings_href, lambda: self._build_settings(settings, settings_href), repeated=False
            )
        if href := get_href(place.der_availability_link):
            yield _Report("DERAvailability", href, lambda: self._build_availability(der))

    def _build_status(self, storage: bool) -> Any:
        if self._status is None:
            return None
        later = self._session.profile.edition >= "2023"
        return self._record.to_model(self._clock(), self._get_offset(), storage=storage, later=later)

    def _build_settings(self, settings: DERSettings, href: str) -> DERSettings | None:
        wanted = merge_settings(settings, self._ordered, int(self._clock() + self._get_offset()))
        known = self._written.get(href)
        if self._instruction is None and known is not None and merge_settings(known, {}, wanted.updated_time) == wanted:
            return None
        return wanted

    def _build_availability(self, der: SiteDER | SiteDERComponent) -> Any:
        if self._status is None:
            return None
        return describe_availability(der, self._status, int(self._clock() + self._get_offset()))

    def _pair(
        self, ders: Sequence[DER | DERComponent]
    ) -> Iterator[tuple[DER | DERComponent, SiteDER | SiteDERComponent]]:
        described: list[SiteDER | SiteDERComponent] = [*self._site.ders]
        described += [component for der in self._site.ders for component in der.components]
        return zip(ders, described, strict=False)

    def _list(self, *resources: str) -> Iterator[_Report]:
        return (report for report in self._reports if report.resource in resources)

    def _reschedule(self) -> None:
        """Send sooner what would come too late for a rate that has become faster."""
        latest = self._clock() + self.rate
        for report in self._reports:
            if report.repeated:
                report.due = min(report.due, latest)

    def _save(self) -> None:
        """Have what is to be known after a restart kept; if that fails, it is tried again with the next report."""
        try:
            self._save_as(self.dump())
        except EnvoyError as error:
            if not self._unsaved:
                self._session.note(f"{error.where}: {error.what}; what was reported is not known after a restart")
            self._unsaved = True
        else:
            self._unsaved = False


def _leave_out_unknown(status: DeviceStatus) -> DeviceStatus:
    """Return a status without numbers that are none, as programs give them for what they do not know."""
    names = ("state_of_charge", "available_w", "available_var")
    amounts: dict[str, Decimal | None] = {name: getattr(status, name) for name in names}
    unknown: dict[str, Any] = {
        name: None for name, amount in amounts.items() if amount is not None and not amount.is_finite()
    }
    return replace(status, **unknown) if unknown else status
