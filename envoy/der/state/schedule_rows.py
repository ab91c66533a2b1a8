"""The rows of a schedule: its plain data, taken apart so that a change of one event is a change of one row.

Numbers that a server chooses may be beyond the integers of SQLite, so everything of it stands in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from envoy._sqlite import Database
from envoy.der.in_force import Setting
from envoy.der.modes import MODES
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule

EventKey = tuple[str, str]
"""What tells an event apart: its mRID and its href."""


@dataclass(slots=True)
class ScheduleRows:
    """The rows of a schedule.

    Attributes:
        now: The time up to which it is decided.
        programs: The place in the order of programs, None for one that is no longer assigned, and the document of
            each, by mRID.
        read: Programs were ever read.
        events: When each event was first seen, its state and its document, by what tells it apart.
        draws: The document of what was drawn, by mRID.
        given: The document of the statuses that were given, by mRID.
        owed: The documents of the responses that are owed, in their order.
        held: The document of what holds, and that of its reasons, by mode.
    """

    now: int = 0
    programs: dict[str, tuple[int | None, str]] = field(default_factory=dict)
    read: bool = False
    events: dict[EventKey, tuple[int, str, str]] = field(default_factory=dict)
    draws: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    owed: list[str] = field(default_factory=list)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def from_schedule(cls, schedule: Schedule) -> ScheduleRows:
        """Return the rows of a schedule as it is."""
        # In this order: what is in force may have to be drawn.
        in_force = schedule.in_force()
        plain = schedule.dump()
        # All events of a program have it as it was last read, which is how the list of programs has it as well.
        programs: dict[str, tuple[int | None, str]] = {
            record["program"]["mrid"]: (None, encode(record["program"])) for record in plain["records"]
        }
        programs |= {program["mrid"]: (place, encode(program)) for place, program in enumerate(plain["programs"] or ())}
        return cls(
            now=plain["now"],
            programs=programs,
            read=plain["programs"] is not None,
            events={
                (record["event"]["mrid"], record["event"]["href"]): (
                    record["seen"],
                    record["state"],
                    encode({**record, "program": record["program"]["mrid"]}),
                )
                for record in plain["records"]
            },
            draws={mrid: encode(numbers) for mrid, numbers in plain["drawn"].items()},
            given={mrid: encode(statuses) for mrid, statuses in plain["responses"]["given"].items()},
            owed=[encode(due) for due in plain["responses"]["owed"]],
            held={setting.mode: (encode(_dump_setting(setting)), encode(setting.reasons)) for setting in in_force},
        )

    def to_plain(self) -> dict[str, Any]:
        """Return what ``Schedule.load`` takes."""
        programs = {mrid: json.loads(document) for mrid, (_, document) in self.programs.items()}
        assigned = {place: mrid for mrid, (place, _) in self.programs.items() if place is not None}
        records = _decode(document for _, _, document in self.events.values())
        return {
            "now": self.now,
            "programs": [programs[assigned[place]] for place in sorted(assigned)] if self.read else None,
            "records": [{**record, "program": programs[record["program"]]} for record in records],
            "drawn": {mrid: json.loads(document) for mrid, document in self.draws.items()},
            "responses": {
                "given": {mrid: json.loads(document) for mrid, document in self.given.items()},
                "owed": _decode(self.owed),
            },
        }


def encode(plain: Any) -> str:
    """Return plain data as JSON, the same for the same data."""
    return json.dumps(plain, separators=(",", ":"), sort_keys=True)


def encode_response(response: DueResponse) -> str:
    """Return the document of a response that is owed."""
    return encode({**asdict(response), "status": int(response.status)})


def read_rows(db: Database) -> ScheduleRows:
    """Return the rows of a schedule that a database has."""
    facts = dict(db.rows("SELECT name, document FROM fact"))
    events = db.rows("SELECT mrid, href, time, document FROM event WHERE known ORDER BY id")
    return ScheduleRows(
        now=json.loads(facts.get("now", "0")),
        programs={mrid: (place, text) for mrid, place, text in db.rows("SELECT mrid, place, document FROM program")},
        read=json.loads(facts.get("read", "false")),
        events={(mrid, href): (time, json.loads(text)["state"], text) for mrid, href, time, text in events},
        draws=dict(db.rows("SELECT mrid, document FROM draw")),
        given=dict(db.rows("SELECT mrid, document FROM given")),
        owed=[document for (document,) in db.rows("SELECT document FROM response WHERE owed ORDER BY id")],
        held={
            mode: (text, why)
            for mode, text, why in db.rows("SELECT mode, document, reasons FROM held WHERE until IS NULL")
        },
    )


def _dump_setting(setting: Setting) -> dict[str, Any]:
    return {
        "value": MODES[setting.mode].dump(setting.value),
        "origin": str(setting.origin),
        "mrid": setting.mrid,
        "program": setting.program,
    }


def _decode(documents: Iterable[str]) -> list[Any]:
    return [json.loads(document) for document in documents]
