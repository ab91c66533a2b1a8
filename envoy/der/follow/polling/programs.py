"""The programs of a device as they are read: function set assignments, and the lists below each program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from envoy.der.events import SETTINGS, Default, Event, Program, identify_program, read_curves, read_events
from envoy.der.follow.polling.server_time import ServerTime
from envoy.der.modes import MODES, find_invalid, read_values
from envoy.documents import dumps
from envoy.errors import EnvoyError, LinkError, ResponseError
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from envoy.subscriptions.subscription import is_subscribable
from sep2 import DefaultDERControl, DERControlBase, DERControlList, DERCurveList, DERProgram, DERProgramList

_STEP = "follow"


@dataclass(slots=True)
class ProgramPart:
    """A resource below a program that is read with it: its list of controls, or its default.

    Attributes:
        program: The mRID of the program.
        curves: Where the curves of the program are; empty for nowhere.
        is_default: It is the default.
        subscribable: The server accepts subscriptions of it.
    """

    program: str
    curves: str
    is_default: bool
    subscribable: bool = False


@dataclass(slots=True)
class Assignment:
    """A list of programs, and the time by which they run.

    Attributes:
        href: Where the list is.
        time: The time of its server.
        programs: The programs by their mRIDs; None as long as the list was not read.
        parts: What was read below the programs, by href.
        tried: It was tried to read the list.
    """

    href: str
    time: ServerTime
    programs: dict[str, Program] | None = None
    parts: dict[str, ProgramPart] = field(default_factory=dict)
    tried: bool = False

    @property
    def ready(self) -> bool:
        """Whether the programs and their time are known."""
        return self.programs is not None and self.time.offset is not None

    def list_programs(self) -> list[Program]:
        """Return the programs, with the offset of their time."""
        offset = self.time.offset or 0
        return [replace(program, offset=offset) for program in (self.programs or {}).values()]


def read_programs(session: Session, assignment: Assignment) -> Flow[DERProgramList]:
    """Read a list of programs, with the controls, default and curves of each; return its last page.

    What the server does not show stays as it was. A program that is no longer in the list is forgotten.

    Raises:
        ResponseError: The list itself cannot be read.
        TransportError: The server was not reached; what was not read until then stays as it was.
    """
    pages = Pages(session, _STEP, assignment.href, DERProgramList)
    models: list[DERProgram] = yield from pages.read_all()
    known = assignment.programs or {}
    listed = {identify_program(model) for model in models}
    programs = {mrid: program for mrid, program in known.items() if mrid in listed}
    if assignment.programs is not None:
        assignment.programs = programs
    parts: dict[str, ProgramPart] = {}
    for model in models:
        mrid = identify_program(model)
        programs[mrid] = yield from _read_program(session, model, known.get(mrid), assignment.parts, parts)
    assignment.programs, assignment.parts = programs, parts
    page: DERProgramList = pages.last
    return page


def read_part(session: Session, assignment: Assignment, href: str) -> Flow[None]:
    """Read the controls or the default of a program again, if they are still among what was read.

    Raises:
        ResponseError: They cannot be read; all stays as it was.
        TransportError: The server was not reached; all stays as it was.
    """
    part, programs = assignment.parts.get(href), assignment.programs
    program = None if part is None or programs is None else programs.get(part.program)
    if part is None or programs is None or program is None:
        return
    if part.is_default:
        program = yield from _read_default(session, program, href, part)
    else:
        program = yield from _read_controls(session, replace(program, complete=False), href, part)
        program = yield from _read_curves(session, program, part.curves)
    programs[program.mrid] = program


def _read_program(
    session: Session,
    model: DERProgram,
    known: Program | None,
    before: Mapping[str, ProgramPart],
    parts: dict[str, ProgramPart],
) -> Flow[Program]:
    program = Program.from_models(model, complete=False)
    if known is not None:
        program = replace(program, events=known.events, default=known.default, curves=known.curves)
    curves = get_href(model.der_curve_list_link)

    def note_part(href: str, is_default: bool) -> ProgramPart:
        old = before.get(href)
        parts[href] = part = ProgramPart(program.mrid, curves, is_default, old is not None and old.subscribable)
        return part

    if href := get_href(model.der_control_list_link):
        try:
            program = yield from _read_controls(session, program, href, note_part(href, False))
        except (ResponseError, LinkError) as error:
            session.note(f"{error.where}: {error.what}")
    if href := get_href(model.default_der_control_link):
        try:
            program = yield from _read_default(session, program, href, note_part(href, True))
        except (ResponseError, LinkError) as error:
            session.note(f"{error.where}: {error.what}")
    else:
        program = replace(program, default=None)
    return (yield from _read_curves(session, program, curves))


def _read_controls(session: Session, program: Program, href: str, part: ProgramPart) -> Flow[Program]:
    pages = Pages(session, _STEP, href, DERControlList)
    controls = yield from pages.read_all()
    part.subscribable = is_subscribable(pages.last)
    return replace(program, events=read_events(controls), complete=True)


def _read_default(session: Session, program: Program, href: str, part: ProgramPart) -> Flow[Program]:
    default: DefaultDERControl | None = yield from session.find(_STEP, href, DefaultDERControl)
    part.subscribable = is_subscribable(default)
    return replace(program, default=None if default is None else _make_default(session, href, default))


def _read_curves(session: Session, program: Program, href: str) -> Flow[Program]:
    if href and _find_curves(program.events) - program.curves.keys():
        try:
            curves = yield from Pages(session, _STEP, href, DERCurveList).read_all()
        except (ResponseError, LinkError) as error:
            session.note(f"{error.where}: {error.what}")
            # An event is not rejected for a curve that may be there: it waits until the curves are read.
            ready = tuple(event for event in program.events if _find_curves([event]) <= program.curves.keys())
            program = replace(program, events=ready, complete=False)
        else:
            program = replace(program, curves=read_curves(curves))
    return program


def _make_default(session: Session, href: str, model: DefaultDERControl) -> Default:
    """Return a default without settings that no device can be set to: they could not be reported either."""
    default = Default.from_model(model)
    if mode := find_invalid(read_values(model.der_control_base)[0]):
        session.note(f"GET {href}: the default sets {mode} beyond what it can be; it is held at that bound")
    settings = {}
    for element, value in default.settings.items():
        parts: dict[str, Any] = {SETTINGS[element]: value}
        bare = DefaultDERControl(mrid=bytes(16), der_control_base=DERControlBase(), **parts)
        try:
            dumps(bare, profile=session.profile)
        except EnvoyError as error:
            session.note(f"GET {href}: the default sets {element} to {value}, which is left out: {error.what}")
        else:
            settings[element] = value
    return replace(default, settings=settings)


def _find_curves(events: Iterable[Event]) -> set[str]:
    """Return the hrefs of the curves that events link."""
    return {
        str(value) for event in events for mode, value in event.values.items() if MODES[mode].curve_type is not None
    }
