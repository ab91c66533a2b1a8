"""What holds for each mode, and the reasons: the event that won, the events that lost, or the default."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache

from envoy.der.abilities import Abilities
from envoy.der.events import Program
from envoy.der.modes import MODES, Value, Values
from envoy.der.record import RUNNING, Record, State
from envoy.der.timing import Interval

_CONTESTING = RUNNING | {State.SUPERSEDED}


class Origin(StrEnum):
    """Where a value comes from."""

    EVENT = "event"
    """An event that won the mode."""
    DEFAULT = "default"
    """The default of a program, as no event sets the mode."""
    FAILSAFE = "failsafe"
    """The device's own failsafe, as nothing is known of a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What holds for one mode.

    Attributes:
        mode: Name of the mode, such as ``opModExpLimW``.
        value: What it is set to.
        origin: Where that comes from.
        mrid: The mRID of the event; empty if it does not come from one.
        program: The mRID of the program; empty for a failsafe.
        ramp_tms: Time to reach the value, in hundredths of a second; None for the ramp rate of the device's settings.
        until: When the event ends, in the schedule's clock; None for what holds until something else is read.
        reasons: Why it holds and other values do not, a sentence each.
    """

    mode: str
    value: Value
    origin: Origin
    mrid: str = ""
    program: str = ""
    ramp_tms: int | None = None
    until: int | None = field(default=None, compare=False)
    reasons: tuple[str, ...] = field(default=(), compare=False)

    def explain(self) -> str:
        """Return the value and its reasons as text."""
        return " ".join([f"{self.mode} is {MODES[self.mode].format(self.value)}.", *self.reasons])


def resolve_modes(
    winners: Mapping[str, Record],
    intervals: Mapping[tuple[str, str], Interval],
    records: Collection[Record],
    programs: Sequence[Program] | None,
    *,
    abilities: Abilities,
    failsafe: Values,
    now: int,
) -> Iterator[Setting]:
    """Yield what holds for each mode that is controlled.

    Args:
        winners: The events that the modes go to.
        intervals: The effective intervals of all events that are scheduled or run.
        records: All events.
        programs: The programs, the best first; None if nothing was ever read.
        abilities: What the device is able to follow.
        failsafe: What holds if nothing was ever read.
        now: The time, in the schedule's clock.
    """
    defaults = _choose_defaults(programs or (), abilities)
    for mode in MODES:
        if winner := winners.get(mode):
            if mode not in winner.event.off:
                yield _of_event(mode, winner, intervals[winner.key][1], records, now)
        elif (offers := defaults.get(mode)) and (best := offers[0].default) and mode in best.off:
            continue
        elif offers:
            yield _of_default(mode, offers, records, now)
        elif programs is None and mode in failsafe:
            reasons = ("Nothing was read of a server yet, so the device's own failsafe holds.",)
            yield Setting(mode=mode, value=failsafe[mode], origin=Origin.FAILSAFE, reasons=reasons)


def _choose_defaults(programs: Sequence[Program], abilities: Abilities) -> dict[str, list[Program]]:
    """Return the programs whose defaults set each mode, the best first."""
    offers: dict[str, list[Program]] = {}
    for program in programs:
        if (default := program.default) is None:
            continue
        for mode in abilities.choose_modes(default.values, program.curves, default.off):
            offers.setdefault(mode, []).append(program)
    return offers


def _of_event(mode: str, winner: Record, end: int, records: Collection[Record], now: int) -> Setting:
    until = _format_time(end + winner.program.offset)
    reasons = [f"{_name(winner)} sets it until {until}."]
    if winner.state is State.STOPPING:
        reasons = [f"{_name(winner)} was cancelled and holds it until its random delay ends at {until}."]
    reasons += [f"{_name(loser)} lost it: {_compare(loser, winner)}." for loser in _losers(mode, records, now, winner)]
    return Setting(
        mode=mode,
        value=winner.event.values[mode],
        origin=Origin.EVENT,
        mrid=winner.event.mrid,
        program=winner.program.mrid,
        ramp_tms=winner.event.ramp_tms,
        until=end,
        reasons=tuple(reasons),
    )


def _of_default(mode: str, offers: Sequence[Program], records: Collection[Record], now: int) -> Setting:
    best, *others = offers
    assert best.default is not None
    reasons = [f"No event sets it, so the default of program {best.mrid} (primacy {best.primacy}) holds."]
    for program in others:
        assert program.default is not None
        off = mode in program.default.off
        value = "off" if off else MODES[mode].format(program.default.values[mode])
        reasons.append(f"The default of program {program.mrid} (primacy {program.primacy}), {value}, comes after it.")
    reasons += [
        f"{_name(loser)} lost it to event {loser.lost[mode]}, which has ended; it does not get it back."
        for loser in _losers(mode, records, now)
    ]
    return Setting(
        mode=mode,
        value=best.default.values[mode],
        origin=Origin.DEFAULT,
        program=best.mrid,
        ramp_tms=best.default.ramp_tms,
        reasons=tuple(reasons),
    )


def _losers(mode: str, records: Collection[Record], now: int, winner: Record | None = None) -> list[Record]:
    """Return the events of this time that lost a mode, to one event or to any."""
    losers = [
        record
        for record in records
        if mode in record.lost
        and record.state in _CONTESTING
        and record.specified_end > now
        and (winner is None or winner.event.mrid == record.lost[mode])
    ]
    return sorted(losers, key=lambda record: record.key)


def _name(record: Record) -> str:
    return f"Event {record.event.mrid} of program {record.program.mrid} (primacy {record.program.primacy})"


def _compare(loser: Record, winner: Record) -> str:
    if loser.state is State.STOPPING:
        return "it was cancelled"
    if loser.program.primacy != winner.program.primacy:
        return f"primacy {winner.program.primacy} goes before {loser.program.primacy}"
    if loser.creation_time != winner.creation_time:
        return "it was made earlier"
    return "it was made at the same time and has the smaller mRID"


@lru_cache
def _format_time(time: int) -> str:
    try:
        return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"second {time}"
