"""The programs of a device as they are read: function set assignments, and the lists below each program."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from envoy.der.events import SETTINGS, Default, Event, Program, identify_program, read_curves, read_events
from envoy.der.follow.server_time import ServerTime
from envoy.der.modes import MODES, find_invalid, read_values
from envoy.documents import dumps
from envoy.errors import EnvoyError, LinkError, ResponseError
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import DefaultDERControl, DERControlBase, DERControlList, DERCurveList, DERProgram, DERProgramList

_STEP = "follow"


@dataclass(slots=True)
class Assignment:
    """A list of programs, and the time by which they run.

    Attributes:
        href: Where the list is.
        time: The time of its server.
        programs: The programs by their mRIDs; None as long as the list was not read.
        tried: It was tried to read the list.
    """

    href: str
    time: ServerTime
    programs: dict[str, Program] | None = None
    tried: bool = False

    @property
    def ready(self) -> bool:
        """Whether the programs and their time are known."""
        return self.programs is not None and self.time.offset is not None

    def list_programs(self) -> list[Program]:
        """Return the programs, with the offset of their time."""
        offset = self.time.offset or 0
        return [replace(program, offset=offset) for program in (self.programs or {}).values()]


def read_programs(session: Session, assignment: Assignment) -> Flow[int | None]:
    """Read a list of programs, with the controls, default and curves of each; return its ``pollRate``.

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
    for model in models:
        mrid = identify_program(model)
        programs[mrid] = yield from _read_program(session, model, known.get(mrid))
    assignment.programs = programs
    rate: int | None = pages.last.poll_rate
    return rate


def _read_program(session: Session, model: DERProgram, known: Program | None) -> Flow[Program]:
    program = Program.from_models(model, complete=False)
    if known is not None:
        program = replace(program, events=known.events, default=known.default, curves=known.curves)
    if href := get_href(model.der_control_list_link):
        try:
            controls = yield from Pages(session, _STEP, href, DERControlList).read_all()
        except (ResponseError, LinkError) as error:
            session.note(f"{error.where}: {error.what}")
        else:
            program = replace(program, events=read_events(controls), complete=True)
    if href := get_href(model.default_der_control_link):
        try:
            default: DefaultDERControl | None = yield from session.find(_STEP, href, DefaultDERControl)
        except (ResponseError, LinkError) as error:
            session.note(f"{error.where}: {error.what}")
        else:
            program = replace(program, default=None if default is None else _read_default(session, href, default))
    else:
        program = replace(program, default=None)
    href = get_href(model.der_curve_list_link)
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


def _read_default(session: Session, href: str, model: DefaultDERControl) -> Default:
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
