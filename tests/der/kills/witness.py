"""The witness of kills: an uninterrupted schedule to which happens what happened to that of a process.

After a kill the state on disk is that of the schedule after the last thing that was done, or before it; and not before
anything that was applied or sent.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envoy._sqlite import Database
from envoy.der.events import Event, Program
from envoy.der.modes import dump_values
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.der.state.schedule_rows import encode, read_rows
from envoy.der.state.state_format import STATE_FORMAT
from sep2 import ResponseStatus


class Witness:
    """An uninterrupted schedule.

    Attributes:
        schedule: It.
        owed: The responses that were owed: when they were created, by mRID and status.
        applied: How often it was compared what was applied.
        undone: How often the last thing that was done was not on disk yet.
        errors: What is not as it should be.
    """

    def __init__(self) -> None:
        self._drawn: dict[str, dict[str, int]] = {}
        drawn = self._drawn
        # What a process drew and did not record is drawn again, and nothing came of it. A method would be copied, with
        # this witness, where the schedule is.
        self.schedule = Schedule(draw=lambda mrid, chance, bound: drawn.get(mrid, {}).get(str(chance), 0))
        self.schedule.awaits_device = True
        self.owed: dict[tuple[str, int], int] = {}
        self.applied = 0
        self.undone = 0
        self.errors: list[str] = []

    def look(self, log: Path, state: Path) -> None:
        """Go through the log of a process that was killed, and compare the state that it left.

        Args:
            log: Its log.
            state: Its state file.
        """
        plain = read_plain(state)
        for mrid, numbers in plain["drawn"].items():
            known = self._drawn.setdefault(mrid, {})
            if any(known.get(chance, number) != number for chance, number in numbers.items()):
                self.errors.append(f"{mrid} was drawn again: {known}, {numbers}")
            known |= numbers
        left = normalize(plain)
        last, last_owed = (self.schedule, dict(self.owed)) if self._matches(left) else (None, {})
        durable = True
        steps = [json.loads(line) for line in _read_lines(log)]
        for step, *values in steps:
            if step == "applied":
                durable = last is self.schedule
                self.applied += 1
                if values[0] != (expected := self._in_force()):
                    self.errors.append(f"applied {values[0]} instead of {expected}")
            elif step != "loaded" and self._repeat(step, *values):
                self.owed |= {(due.mrid, int(due.status)): due.created for due in self.schedule.owed}
                if self._matches(left):
                    last, last_owed, durable = self.schedule, dict(self.owed), True
        if last is None or not durable:
            self.errors.append(f"the state is not that of any moment since what was applied, after {steps[-3:]}")
            return
        self.undone += last is not self.schedule
        self.schedule, self.owed = last, last_owed

    def _matches(self, left: Mapping[str, Any]) -> bool:
        return normalize(self.schedule.dump()) == left

    def _in_force(self) -> dict[str, Any]:
        return dump_values({setting.mode: setting.value for setting in self.schedule.in_force()})

    def _repeat(self, step: str, *values: Any) -> bool:
        """Do what was done, and return whether that may have changed anything, with a schedule of its own."""
        if step == "advance":
            upcoming = self.schedule.next_change()
            if upcoming is None or upcoming > values[0]:
                self.schedule.advance(*values)
                return False
        self.schedule = copy.deepcopy(self.schedule)
        match step:
            case "update":
                now, programs, complete = values
                self.schedule.update(now, [_load_program(program) for program in programs], complete=complete)
            case "acknowledge":
                mrid, status = values
                self.schedule.acknowledge(DueResponse(mrid, ResponseStatus(status), 0, ""))
            case "advance" | "resume" | "confirm":
                getattr(self.schedule, step)(*values)
            case _:
                raise AssertionError(step)
        return True


def read_plain(state: Path) -> dict[str, Any]:
    """Return the plain data of the schedule in a state file."""
    with Database(state, STATE_FORMAT, read_only=True) as db:
        db.verify()
        return read_rows(db).to_plain()


def normalize(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data without the time, and in an order that is always the same."""
    records = {encode([each["event"]["mrid"], each["event"]["href"]]): each for each in plain["records"]}
    return {**plain, "now": 0, "records": records}


def _load_program(plain: Mapping[str, Any]) -> Program:
    program = Program.load({name: value for name, value in plain.items() if name != "events"})
    return Program(
        **{name: getattr(program, name) for name in program.__slots__ if name != "events"},
        events=tuple(Event.load(event) for event in plain["events"]),
    )


def _read_lines(log: Path) -> list[bytes]:
    """Return the whole lines of a log."""
    return log.read_bytes().split(b"\n")[:-1] if log.exists() else []
