"""The part of ``envoy follow --check`` that looks at the server: by GETs alone, so that nothing is changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from envoy import identity
from envoy._text import join_words
from envoy.bindings.fields import fields_of
from envoy.cli.connection_options import PlainConnection
from envoy.cli.follow.checks import CheckResult, Level, Report
from envoy.der.events import Program
from envoy.der.follow.polling.programs import Assignment, read_programs
from envoy.der.follow.polling.server_time import ServerTime
from envoy.errors import EnvoyError, ResponseError
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.end_devices import find_end_device
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from envoy.tls.check import check_tls
from sep2 import DeviceCapability, EndDevice, FunctionSetAssignments, FunctionSetAssignmentsList, Registration, Time

if TYPE_CHECKING:
    from envoy.client.client import Client
    from envoy.registration.site import Site

R = TypeVar("R")

_STEP = "check"

MOST_OFFSET = 60
"""Seconds between the clocks from which on that is worth a look."""


@dataclass(slots=True)
class Survey:
    """What a server has for a site.

    Attributes:
        capability: Its DeviceCapability.
        time: Its Time; None if it has none, or it cannot be read.
        offset: Seconds that its clock is ahead of ours; None if that is not known.
        device: The EndDevice of the site; None if there is none yet.
        pin: The PIN of its Registration; None if it has none.
        assignments: How many function set assignments the EndDevice has.
        programs: The programs that are assigned.
        notes: What is odd about it.
    """

    capability: DeviceCapability
    time: Time | None = None
    offset: int | None = None
    device: EndDevice | None = None
    pin: int | None = None
    assignments: int = 0
    programs: list[Program] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def survey_server(session: Session, site: Site, entry: str | None, now: Callable[[], float]) -> Flow[Survey]:
    """Read what a server has for a site.

    Args:
        session: Reads resources.
        site: The site.
        entry: Path of DeviceCapability; None for the usual one.
        now: The clock.

    Raises:
        EnvoyError: What is needed cannot be read.
    """
    capability = yield from discover(session, entry, _STEP)
    survey = Survey(capability)
    if href := get_href(capability.time_link):
        survey.time = yield from _find(session, survey, href, Time)
        if survey.time is not None and survey.time.current_time is not None:
            survey.offset = survey.time.current_time - round(now())
    survey.device = yield from find_end_device(session, end_device_list(capability), site.lfdi, _STEP)
    if survey.device is None:
        return survey
    if href := get_href(survey.device.registration_link):
        registration = yield from _find(session, survey, href, Registration)
        survey.pin = None if registration is None else registration.pin
    if href := get_href(survey.device.function_set_assignments_list_link):
        found: list[FunctionSetAssignments] = yield from Pages(
            session, _STEP, href, FunctionSetAssignmentsList
        ).read_all()
        survey.assignments = len(found)
        time = ServerTime()
        time.assume()
        for programs in {get_href(each.der_program_list_link) for each in found} - {""}:
            assignment = Assignment(programs, time)
            yield from read_programs(session, assignment)
            survey.programs += assignment.list_programs()
    survey.notes += session.findings
    return survey


def _find(session: Session, survey: Survey, href: str, cls: type[R]) -> Flow[R | None]:
    try:
        return (yield from session.get(_STEP, href, cls))
    except ResponseError as error:
        survey.notes.append(f"{error.where}: {error.what}")
        return None


def check_handshake(url: str, connection: PlainConnection) -> Iterator[CheckResult]:
    """Yield whether TLS with the server works.

    Args:
        url: The server.
        connection: How it is connected to.
    """
    report = Report("server")
    try:
        found = check_tls(
            url,
            cert=connection.cert,
            key=connection.key,
            ca=connection.ca,
            check_hostname=connection.check_hostname,
        )
    except EnvoyError as error:
        yield report.error(error)
        return
    if found.good:
        yield report.ok(f"{found.host}: {found.negotiated}, both certificates are accepted")
    for finding in found.findings:
        level = Level.ERROR if finding.serious else Level.WARNING
        yield CheckResult("server", level, finding.what, finding.remedy)


def check_server(client: Client, site: Site, now: Callable[[], float], *, mirrors: int = 0) -> Iterator[CheckResult]:
    """Yield what a server has for a site, and what is missing.

    Args:
        client: A client of it.
        site: The site.
        now: The clock.
        mirrors: How many mirrors readings are to be posted to.
    """
    report = Report("server")
    session = Session(client.profile)
    try:
        survey = client.run(survey_server(session, site, client.entry, now))
    except EnvoyError as error:
        yield report.error(error)
        return
    links = [each.local.removesuffix("Link") for each in fields_of(DeviceCapability) if _is_link(survey, each.name)]
    yield report.ok(f"DeviceCapability at {survey.capability.href} offers {join_words(sorted(links), 'and')}")
    yield from _check_edition(client)
    yield from _check_time(survey)
    if mirrors and survey.capability.mirror_usage_point_list_link is None:
        remedy = "Ask the utility where readings go, or leave --mirror out."
        yield report.warning("it offers no MirrorUsagePointList, so readings cannot be posted", remedy)
    yield from _check_device(survey, site)
    for note in survey.notes:
        yield report.warning(note, "Report it to the utility.")


def _is_link(survey: Survey, name: str) -> bool:
    return name.endswith("_link") and getattr(survey.capability, name) is not None


def _check_edition(client: Client) -> Iterator[CheckResult]:
    """Yield whether the server has shown that it speaks the edition of the profile, if that is of a later one."""
    if client.profile.for_2018 is None:
        return
    report, edition = Report("server"), client.profile.edition
    if client.speaks_edition:
        yield report.ok(f"it speaks IEEE 2030.5-{edition}")
    else:
        yield report.warning(
            f"nothing that it has sent shows that it speaks IEEE 2030.5-{edition}: no level, and no schemaVer",
            "It is written to as one of 2018. If it is one, take the profile ieee-2018: with this one, a control that "
            "it no longer lists is cancelled.",
        )


def _check_time(survey: Survey) -> Iterator[CheckResult]:
    report = Report("server")
    if survey.offset is None:
        yield report.warning(
            "it does not say what time it is", "Events run by this machine's clock then: keep it right."
        )
        return
    quality = "" if survey.time is None or survey.time.quality is None else f", quality {int(survey.time.quality)}"
    text = f"its clock is {survey.offset:+d} s from ours{quality}"
    if abs(survey.offset) > MOST_OFFSET:
        yield report.warning(text, "Events run by the server's time. Check the clock of this machine all the same.")
    else:
        yield report.ok(text)


def _check_device(survey: Survey, site: Site) -> Iterator[CheckResult]:
    report = Report("server")
    if survey.device is None:
        yield report.ok("the site is not registered yet; that is done at the start")
        return
    yield report.ok(f"the site is registered: {get_href(survey.device)}")
    if site.pin is not None and survey.pin is not None and survey.pin != site.pin:
        what = f"its PIN is {identity.format_pin(survey.pin)}, that of the site {identity.format_pin(site.pin)}"
        remedy = "Nothing is sent with a wrong PIN: check it with the utility."
        yield report.error(EnvoyError(what, remedy=remedy))
    events = [event for program in survey.programs for event in program.events]
    counts = (survey.assignments, "function set assignments"), (len(survey.programs), "programs")
    text = ", ".join(f"{count} {what}" for count, what in (*counts, (len(events), "controls")))
    if not survey.programs:
        yield report.warning(f"no programs are assigned ({text})", "They may be assigned later; else ask the utility.")
    else:
        yield report.ok(text)
    silent = [event.mrid for event in events if event.response_required and not event.reply_to]
    if silent:
        remedy = "Report it to the utility."
        yield report.warning(f"controls want responses and do not say where to: {join_words(silent, 'and')}", remedy)
