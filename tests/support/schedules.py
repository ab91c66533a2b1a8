"""Schedules of tests: short names for programs and events, and a follower that applies and responds at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from envoy.der.events import Default, Event, Program
from envoy.der.modes import Value
from envoy.der.schedule import Schedule

MODES = {
    "EL": "opModExpLimW",
    "GL": "opModGenLimW",
    "IL": "opModImpLimW",
    "LL": "opModLoadLimW",
    "CO": "opModConnect",
    "EN": "opModEnergize",
    "DR": "opModFreqDroop",
    "ML": "opModMaxLimW",
    "ST": "opModStorageTargetW",
    "VV": "opModVoltVar",
    "MI": "opModMaxLimWInject",
    "MA": "opModMaxLimWAbsorb",
    "PA": "opModMaxLimPctWAbsorb",
}
SHORT = {mode: short for short, mode in MODES.items()}
_WATTS = ("EL", "GL", "IL", "LL", "ST", "MI", "MA")


def make_values(values: Mapping[str, Any]) -> dict[str, Value]:
    """Return values by their whole names; limits become W."""
    return {MODES[short]: Decimal(value) if short in _WATTS else value for short, value in values.items()}


def make_event(mrid: str, start: int, end: int, creation: int = 0, **others: Any) -> Event:
    """Return an event that wants every response. Keywords in capitals are modes, the rest are fields."""
    values = {name: others.pop(name) for name in list(others) if name in MODES}
    fields: dict[str, Any] = {"href": f"/derc/{mrid}", "response_required": 3, "reply_to": "/rsp", **others}
    return Event(
        mrid=mrid, start=start, duration=end - start, creation_time=creation, values=make_values(values), **fields
    )


def make_program(
    mrid: str, primacy: int, *events: Event, default: Mapping[str, Any] | None = None, **others: Any
) -> Program:
    """Return a program."""
    values = None if default is None else Default(values=make_values(default))
    return Program(mrid=mrid, href=f"/derp/{mrid}", primacy=primacy, default=values, events=events, **others)


class Follower:
    """What a device does with a schedule: it applies what holds, and sends what is due, at each change.

    Attributes:
        applied: Each value of each mode with the time from which it held, None for a mode that is not controlled.
        sent: The responses: mRID, status and the time of the event.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.applied: dict[str, list[tuple[int, Value | None]]] = {}
        self.sent: list[tuple[str, int, int]] = []

    def update(self, now: int, programs: Iterable[Program]) -> None:
        """Follow until a time, and read the server then."""
        self.follow(now - 1)
        self.schedule.update(now, programs)
        self._apply()

    def follow(self, until: int) -> None:
        """Follow until a time."""
        while (time := self.schedule.next_change()) is not None and time <= until:
            self.schedule.advance(time)
            self._apply()
        self.schedule.advance(until)
        self._apply()

    def restart(self, now: int) -> None:
        """Lose everything that is not plain data, and come back later."""
        schedule = self.schedule
        self.schedule = Schedule.load(schedule.dump(), schedule.abilities, schedule.policy)
        self.schedule.resume(now)
        self._apply()

    def _apply(self) -> None:
        now = {SHORT[setting.mode]: setting.value for setting in self.schedule.in_force()}
        for mode in now.keys() | self.applied.keys():
            history = self.applied.setdefault(mode, [])
            value = now.get(mode)
            if not history or history[-1][1] != value:
                history.append((self.schedule.now, value))
        for due in self.schedule.owed:
            self.sent.append((due.mrid, int(due.status), due.created))
            self.schedule.acknowledge(due)
