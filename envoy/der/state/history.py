"""The history in a state file: what held and why, what became of events and responses, and when there was contact.

It is only read, also while a process follows. Times are those of the clock of that process, in seconds since 1970.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envoy._sqlite import Database
from envoy.der.abilities import Abilities
from envoy.der.events import Program
from envoy.der.in_force import Origin
from envoy.der.modes import MODES, Value, load_values
from envoy.der.policies import Edition, Policy, Responses, Superseded
from envoy.der.record import Record, State
from envoy.der.schedule import Schedule
from envoy.der.state.schedule_rows import read_rows
from envoy.der.state.state_file import HOLD, STATE_FILE
from envoy.der.state.state_format import STATE_FORMAT
from envoy.errors import StateError


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in which a mode had, has or will have one value.

    Attributes:
        mode: Name of the mode.
        value: The value.
        origin: Where it comes from.
        mrid: The mRID of the event; empty if it does not come from one.
        program: The mRID of the program; empty for a failsafe.
        since: From when it holds.
        until: The first second in which it does not; None if that is not known.
        reasons: Why it holds and other values do not, a sentence each.
        expected: It is yet to come, if nothing else is read until then.
    """

    mode: str
    value: Value
    origin: Origin
    mrid: str = ""
    program: str = ""
    since: int
    until: int | None = None
    reasons: tuple[str, ...] = ()
    expected: bool = False

    @property
    def text(self) -> str:
        """The value with its unit."""
        return MODES[self.mode].format(self.value)

    def holds(self, time: int) -> bool:
        """Return whether it holds at a time."""
        return self.since <= time and (self.until is None or time < self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedResponse:
    """A response to an event.

    Attributes:
        mrid: The mRID of the event.
        status: What happened.
        created: When, in server time, as it is in the message.
        recorded: When it came to be owed.
        done: When it was no longer owed; None if it still is.
        outcome: What became of it: ``HTTP 201`` and the like, with ``again`` behind it if the server may have it twice,
            or ``found`` if it was on the server; empty if it was withdrawn, or that is not known.
    """

    mrid: str
    status: int
    created: int
    recorded: int
    done: int | None
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvent:
    """An event.

    Attributes:
        record: What was decided for it.
        steps: The states that it was in, with the times from which.
        responses: The responses to it, in their order.
        start: Its effective start; the specified one if it never came to that.
        end: The first second after its effective end, in the same way.
    """

    record: Record
    steps: Sequence[tuple[int, State]]
    responses: Sequence[RecordedResponse]
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time without contact.

    Attributes:
        side: ``server`` or ``device``.
        since: When it was noticed.
        until: When it was over; None if it is not.
        reason: Why.
    """

    side: str
    since: int
    until: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A process that followed.

    Attributes:
        started: When it started.
        seen: When it was last seen to run, from its records.
        stopped: When it stopped; None if it was killed, or runs.
    """

    started: int
    seen: int
    stopped: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a state file has.

    Attributes:
        lfdi: LFDI of the EndDevice, in upper-case hexadecimal.
        server: Origin of the server.
        followed: A process follows now.
        schedule: The schedule as it was recorded last; None if none was.
        held: What held, and what holds, whose end is not known; by the time.
        events: The events, by their effective starts.
        gaps: Times without contact.
        runs: The processes that followed.
    """

    lfdi: str
    server: str
    followed: bool
    schedule: Schedule | None
    held: Sequence[Span]
    events: Sequence[RecordedEvent]
    gaps: Sequence[Gap]
    runs: Sequence[Run]


def read_history(folder: str | Path) -> History:
    """Read the state file of a folder. Nothing is written.

    Raises:
        StateError: There is none, or it cannot be used.
    """
    file = Path(folder) / STATE_FILE
    if not file.is_file():
        remedy = "Give the folder that a process follows with."
        raise StateError("there is no state file", where=str(file), remedy=remedy)
    with Database(file, STATE_FORMAT, read_only=True) as db, db.transaction("DEFERRED"):
        db.verify()
        facts = {name: json.loads(text) for name, text in db.rows("SELECT name, document FROM fact")}
        schedule = _load_schedule(db, facts) if "now" in facts else None
        held = db.rows("SELECT mode, document, reasons, time, until FROM held ORDER BY time, id")
        gaps = db.rows("SELECT side, time, until, reason FROM gap ORDER BY time, id")
        runs = db.rows("SELECT time, alive, stopped FROM run ORDER BY id")
        return History(
            # A process that was killed at its very first start has left nothing.
            lfdi=facts.get("lfdi", ""),
            server=facts.get("server", ""),
            followed=db.is_held(HOLD),
            schedule=schedule,
            held=[_load_span(*row) for row in held],
            events=_read_events(db, schedule),
            gaps=[Gap(side=side, since=since, until=until, reason=reason) for side, since, until, reason in gaps],
            runs=[Run(started=started, seen=seen, stopped=stopped) for started, seen, stopped in runs],
        )


def _load_schedule(db: Database, facts: Mapping[str, Any]) -> Schedule:
    return load_schedule(read_rows(db).to_plain(), facts)


def load_schedule(plain: Mapping[str, Any], choices: Mapping[str, Any]) -> Schedule:
    """Return a schedule as it was.

    Args:
        plain: What ``Schedule.dump`` wrote.
        choices: What it was given besides what its server says, as it was kept; empty if that is not known.
    """
    if not choices:
        return Schedule.load(plain)
    abilities, policy = choices["abilities"], choices["policy"]
    return Schedule.load(
        plain,
        Abilities(frozenset(abilities["modes"]), abilities["device_category"]),
        Policy(Edition(policy["edition"]), Responses(policy["responses"]), Superseded(policy["superseded"])),
        failsafe=load_values(choices["failsafe"]),
    )


def _load_span(mode: str, document: str, reasons: str, since: int, until: int | None) -> Span:
    plain = json.loads(document)
    return Span(
        mode=mode,
        value=MODES[mode].load(plain["value"]),
        origin=Origin(plain["origin"]),
        mrid=plain["mrid"],
        program=plain["program"],
        since=since,
        until=until,
        reasons=tuple(json.loads(reasons)),
    )


def _read_events(db: Database, schedule: Schedule | None) -> list[RecordedEvent]:
    programs = {mrid: json.loads(text) for mrid, text in db.rows("SELECT mrid, document FROM program")}
    steps: dict[int, list[tuple[int, State]]] = defaultdict(list)
    for event, time, state in db.rows("SELECT event, time, state FROM step ORDER BY id"):
        steps[event].append((time, State(state)))
    responses = _read_responses(db)
    intervals = schedule.intervals if schedule else {}
    events = []
    for number, document in db.rows("SELECT id, document FROM event ORDER BY id"):
        plain = json.loads(document)
        # A program that is long forgotten has left only its name.
        program = programs.get(plain["program"]) or Program(mrid=plain["program"], primacy=255).dump()
        record = Record.load({**plain, "program": program})
        start, end = intervals.get(record.key) or find_interval(record)
        events.append(
            RecordedEvent(
                record=record,
                steps=steps[number],
                responses=responses[record.event.mrid],
                start=start,
                end=end,
            )
        )
    return sorted(events, key=lambda event: (event.start, event.record.key))


def find_interval(record: Record) -> tuple[int, int]:
    """Return the effective start and end of an event, as far as they were decided; else those that are specified."""
    start = record.specified_start + (record.shift or 0)
    end = record.specified_end + (record.shift or 0) if record.shift is None or record.ended is None else record.ended
    return start, max(start, end)


def _read_responses(db: Database) -> dict[str, list[RecordedResponse]]:
    responses: dict[str, list[RecordedResponse]] = defaultdict(list)
    for document, recorded, done, outcome in db.rows("SELECT document, time, done, outcome FROM response ORDER BY id"):
        plain = json.loads(document)
        responses[plain["mrid"]].append(
            RecordedResponse(
                mrid=plain["mrid"],
                status=plain["status"],
                created=plain["created"],
                recorded=recorded,
                done=done,
                outcome=outcome,
            )
        )
    return responses
