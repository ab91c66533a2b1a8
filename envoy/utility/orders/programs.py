"""Orders about programs, controls and curves."""

from __future__ import annotations

from typing import Any

from envoy.bindings.times import format_mrid
from envoy.errors import EnvoyError
from envoy.identity import format_lfdi
from envoy.utility.orders.order import Desk, order
from envoy.utility.orders.values import LARGEST, Identity, build, check_number, split_modes, to_readable
from envoy.utility.programs import CURVE_MODES, StoredControl, StoredProgram
from sep2 import (
    DefaultDERControl,
    DERControl,
    DERControlBase,
    DERCurve,
    EventCurrentStatus,
    EventStatus,
    ResponseRequired,
)
from sep2.resource import DateTimeInterval

_MOST_RANDOMIZED = 3600
"""Seconds; the schema says so in words alone."""

_RESPONSES = ResponseRequired.MESSAGE_RECEIVED | ResponseRequired.SPECIFIC_RESPONSE


@order("program")
def make_program(
    desk: Desk, *, name: str, primacy: int | None = None, fsa: int | None = None, sites: list[Any] | str | None = None
) -> dict[str, Any]:
    """Make a program, or change the one of that name."""
    if not name.strip() or not name.isprintable():
        raise EnvoyError(f"the name of the program is {name!r}", remedy="Give it one that can be printed.")
    check_number("primacy", primacy, 0, 255)
    check_number("fsa", fsa, 1, 1_000_000)
    number = desk.programs.put_program(name, primacy, fsa, desk.sites(sites), for_all=sites == "all")
    return {"program": number, "mrid": format_mrid(desk.programs.program(number).mrid)}


@order("remove-program")
def remove_program(desk: Desk, *, program: int) -> None:
    """Remove a program."""
    desk.programs.remove_program(program)


@order("default")
def set_default(desk: Desk, *, program: int, values: dict[str, Any]) -> None:
    """Replace the default control of a program."""
    desk.programs.program(program)
    modes, rest = split_modes(values)
    mrid = desk.programs.default_of(program).mrid
    base = build(DERControlBase, modes)
    default = build(DefaultDERControl, rest, mrid=mrid, der_control_base=base)
    desk.check(default)
    _check_curves(desk, program, base)
    desk.programs.set_default(program, default)


@order("control")
def make_control(
    desk: Desk,
    *,
    program: int | list[Any],
    duration: int,
    start: int | None = None,
    sites: list[Any] | str | None = None,
    values: dict[str, Any],
) -> dict[str, Any]:
    """Make a control in a program, or the same in several."""
    programs = [program] if isinstance(program, int) else program
    for number in programs:
        check_number("program", number, 1, LARGEST)
        desk.programs.program(number)
    now = desk.now()
    start = now if start is None else start
    check_number("duration", duration, 0, LARGEST)
    check_number("start", start, 0, LARGEST)
    modes, rest = split_modes(values)
    identity = build(Identity, {name: rest.pop(name) for name in ("mrid", "creation_time") if name in rest})
    control = build(
        DERControl,
        {"response_required": int(_RESPONSES), **rest},
        mrid=identity.mrid or desk.programs.new_mrid(),
        creation_time=now if identity.creation_time is None else identity.creation_time,
        event_status=EventStatus(
            current_status=EventCurrentStatus.SCHEDULED, date_time=now, potentially_superseded=False
        ),
        interval=DateTimeInterval(duration=duration, start=start),
        href=None,
        reply_to=None,
        der_control_base=build(DERControlBase, modes),
    )
    desk.check(control)
    for name in ("randomize_start", "randomize_duration"):
        check_number(name, getattr(control, name), -_MOST_RANDOMIZED, _MOST_RANDOMIZED)
    for number in programs:
        _check_curves(desk, number, control.der_control_base)
    for_sites = None if sites == "all" else desk.sites(sites)
    numbers = desk.programs.add_controls(programs, control, for_sites, now)
    return {"control": numbers[0] if isinstance(program, int) else numbers, "mrid": format_mrid(control.mrid)}


@order("cancel")
def cancel_control(desk: Desk, *, control: int, randomized: bool | None = None) -> None:
    """Cancel a control."""
    desk.programs.cancel(control, desk.now(), randomized=randomized)


@order("curve")
def make_curve(desk: Desk, *, program: int, values: dict[str, Any]) -> dict[str, Any]:
    """Make a curve."""
    desk.programs.program(program)
    curve = build(DERCurve, values, mrid=desk.programs.new_mrid(), creation_time=desk.now())
    desk.check(curve)
    return {"curve": desk.programs.add_curve(program, curve)}


@order("programs")
def list_programs(desk: Desk, *, site: str | None = None, since: int | None = None) -> dict[str, Any]:
    """Return the programs with their controls, as a site sees them or all; those that are over only since a time."""
    check_number("since", since, 0, LARGEST)
    since = desk.now() if since is None else min(since, desk.now())
    if site is None:
        return {"programs": [_describe(desk, each, None, since) for each in desk.programs.programs()]}
    lfdi = desk.site(site)
    return {"programs": [_describe(desk, each, lfdi, since) for each in desk.programs.programs_of(lfdi)]}


@order("describe-control")
def show_control(desk: Desk, *, control: int) -> dict[str, Any]:
    """Return a control, over or not."""
    return _describe_control(desk, desk.programs.control(control), desk.now())


@order("remove-assignment")
def remove_assignment(desk: Desk, *, fsa: int, sites: list[Any], reachable: bool = False) -> None:
    """Take a function set assignment away from sites."""
    desk.programs.remove_assignment(fsa, desk.sites(sites) or (), reachable=reachable)


@order("restore-assignment")
def restore_assignment(desk: Desk, *, fsa: int, sites: list[Any]) -> None:
    """Give a function set assignment back to sites."""
    desk.programs.restore_assignment(fsa, desk.sites(sites) or ())


def _check_curves(desk: Desk, program: int, base: DERControlBase) -> None:
    links = {name: link.href for name in CURVE_MODES if (link := getattr(base, name)) is not None}
    known = {str(number) for number, _ in desk.programs.curves(program)} if links else set()
    for name, href in links.items():
        if href not in known:
            raise EnvoyError(
                f"{name} leads to the curve {href}, which the program {program} does not have",
                remedy="Make the curve first, in the same program, and give its number.",
            )


def _describe(desk: Desk, program: StoredProgram, lfdi: bytes | None, since: int) -> dict[str, Any]:
    if lfdi is None:
        controls = desk.programs.all_controls(program.number, since)
    else:
        controls = desk.programs.controls_of(lfdi, program.number, since)
    default = desk.programs.default_of(program.number)
    return {
        "program": program.number,
        "name": program.name,
        "mrid": format_mrid(program.mrid),
        "primacy": program.primacy,
        "fsa": program.fsa,
        "sites": "all" if program.for_all else _names(desk, "program", program.number),
        "default": {**to_readable(default.der_control_base), **to_readable(default, ("mrid", "der_control_base"))},
        "controls": [_describe_control(desk, control, desk.now()) for control in controls],
    }


def _describe_control(desk: Desk, control: StoredControl, now: int) -> dict[str, Any]:
    document = desk.programs.control_document(control.number)
    return {
        "control": control.number,
        "mrid": format_mrid(control.mrid),
        "status": int(control.status(now).current_status),
        "start": control.start,
        "duration": control.stop - control.start,
        "creation_time": control.creation,
        "randomize_start": document.randomize_start or 0,
        "randomize_duration": document.randomize_duration or 0,
        "sites": "all" if control.for_all else _names(desk, "control", control.number),
        "modes": to_readable(document.der_control_base),
    }


def _names(desk: Desk, kind: str, number: int) -> list[str]:
    return [format_lfdi(lfdi) for lfdi in desk.programs.sites_of(kind, number)]
