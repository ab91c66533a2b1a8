"""The rows of a schedule: its plain data, taken apart so that a change of one event is a change of one row.

Numbers that a server chooses may be beyond the integers of SQLite, so everything of it stands in JSON.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from envoy._sqlite import Database
from envoy.der.in_force import Setting
from envoy.der.modes import MODES
from envoy.der.record import Record
from envoy.der.schedule import Schedule

EventKey = tuple[str, str]
"""What tells an event apart: its mRID and its href."""

ResponseKey = tuple[str, int, int]

_ENCODER = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


class EventRow(NamedTuple):
    """The row of an event.

    Attributes:
        seen: When it was first seen.
        state: How far it has come.
        ended: When it came to rest; None before.
        document: All that is known of it.
    """

    seen: int
    state: str
    ended: int | None
    document: str


@dataclass(slots=True)
class ScheduleRows:
    """The rows of a schedule.

    Attributes:
        now: The time up to which it is decided.
        programs: The place in the order of programs, None for one that is no longer assigned, and the document of
            each, by mRID.
        read: Programs were ever read.
        settings: The document of what defaults have set besides modes.
        events: The events, by mRID and href.
        records: What the documents of the events were made of, in the same way.
        draws: What was drawn, by mRID.
        given: The statuses that were given, and whether "started" is held, by mRID.
        owed: The documents of the responses that are owed, in their order, by mRID, status and a number, for an event
            that the schedule had forgotten and that came again.
        held: The document of what holds, and that of its reasons, by mode.
    """

    now: int = 0
    programs: dict[str, tuple[int | None, str]] = field(default_factory=dict)
    read: bool = False
    settings: str = "{}"
    events: dict[EventKey, EventRow] = field(default_factory=dict)
    records: dict[EventKey, tuple[Any, ...]] = field(default_factory=dict)
    draws: dict[str, dict[str, int]] = field(default_factory=dict)
    given: dict[str, dict[str, Any]] = field(default_factory=dict)
    owed: dict[ResponseKey, str] = field(default_factory=dict)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def from_schedule(cls, schedule: Schedule, before: ScheduleRows | None = None) -> ScheduleRows:
        """Return the rows of a schedule as it is.

        Args:
            schedule: The schedule.
            before: Its rows some time ago. There may be thousands of events, of which few have changed since.
        """
        before = before or cls()
        # In this order: what is in force may have to be drawn.
        in_force = schedule.in_force()
        plain = schedule.dump(events=False)
        responses, held = plain["responses"], frozenset(plain["responses"]["held"])
        # All events of a program have it as it was last read, which is how the list of programs has it as well.
        records = schedule.records
        programs = {record.program.mrid: record.program for record in records}
        rows = cls(
            now=plain["now"],
            programs={mrid: (None, encode(program.dump())) for mrid, program in programs.items()},
            read=plain["programs"] is not None,
            settings=encode(plain["settings"]),
            draws=plain["drawn"],
            given={mrid: {"statuses": statuses, "held": mrid in held} for mrid, statuses in responses["given"].items()},
            owed=_key_responses(responses["owed"]),
            held={setting.mode: (encode(_dump_setting(setting)), encode(setting.reasons)) for setting in in_force},
        )
        rows.programs |= {
            program["mrid"]: (place, encode(program)) for place, program in enumerate(plain["programs"] or ())
        }
        for record in records:
            made_of = rows.records[record.key] = _list_parts(record)
            if before.records.get(record.key) == made_of:
                rows.events[record.key] = before.events[record.key]
            else:
                document = encode({**record.dump(), "program": record.program.mrid})
                rows.events[record.key] = EventRow(record.seen, str(record.state), record.ended, document)
        return rows

    def to_plain(self) -> dict[str, Any]:
        """Return what ``Schedule.load`` takes."""
        programs = {mrid: json.loads(document) for mrid, (_, document) in self.programs.items()}
        assigned = {place: mrid for mrid, (place, _) in self.programs.items() if place is not None}
        records = _decode(event.document for event in self.events.values())
        return {
            "now": self.now,
            "programs": [programs[assigned[place]] for place in sorted(assigned)] if self.read else None,
            "settings": json.loads(self.settings),
            "records": [{**record, "program": programs[record["program"]]} for record in records],
            "drawn": self.draws,
            "responses": {
                "given": {mrid: log["statuses"] for mrid, log in self.given.items()},
                "owed": _decode(self.owed.values()),
                "held": sorted(mrid for mrid, log in self.given.items() if log["held"]),
            },
        }


def encode(plain: Any) -> str:
    """Return plain data as JSON, the same for the same data."""
    return _ENCODER.encode(plain)


def read_rows(db: Database) -> ScheduleRows:
    """Return the rows of a schedule that a database has."""
    facts = dict(db.rows("SELECT name, document FROM fact"))
    events = db.rows("SELECT mrid, href, time, document FROM event WHERE known ORDER BY id")
    return ScheduleRows(
        now=json.loads(facts.get("now", "0")),
        programs={
            mrid: (place, text)
            for mrid, place, text in db.rows("SELECT mrid, place, document FROM program WHERE known")
        },
        read=json.loads(facts.get("read", "false")),
        settings=facts.get("settings", "{}"),
        events={(mrid, href): EventRow(time, *_read_progress(text), text) for mrid, href, time, text in events},
        draws={mrid: json.loads(text) for mrid, text in db.rows("SELECT mrid, document FROM draw")},
        given={mrid: json.loads(text) for mrid, text in db.rows("SELECT mrid, document FROM given")},
        owed=_key_responses(
            json.loads(text) for (text,) in db.rows("SELECT document FROM response WHERE owed ORDER BY id")
        ),
        held={
            mode: (text, why)
            for mode, text, why in db.rows("SELECT mode, document, reasons FROM held WHERE until IS NULL")
        },
    )


def _key_responses(owed: Iterable[Mapping[str, Any]]) -> dict[ResponseKey, str]:
    keyed: dict[ResponseKey, str] = {}
    count: Counter[tuple[str, int]] = Counter()
    for due in owed:
        of = due["mrid"], due["status"]
        keyed[(*of, count[of])] = encode(due)
        count[of] += 1
    return keyed


def _read_progress(document: str) -> tuple[str, int | None]:
    record = json.loads(document)
    return record["state"], record["ended"]


_get_parts = attrgetter(*(name for name in Record.__slots__ if name not in ("program", "lost")))


def _list_parts(record: Record) -> tuple[Any, ...]:
    """Return all that is known of an event, to be compared: its program stands elsewhere, and what it lost may grow."""
    return (*_get_parts(record), record.program.mrid, tuple(record.lost.items()))


def _dump_setting(setting: Setting) -> dict[str, Any]:
    return {
        "value": MODES[setting.mode].dump(setting.value),
        "origin": str(setting.origin),
        "mrid": setting.mrid,
        "program": setting.program,
    }


def _decode(documents: Iterable[str]) -> list[Any]:
    return [json.loads(document) for document in documents]
