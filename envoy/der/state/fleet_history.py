"""The history of one site in the state file of a fleet. It is only read, also while a process follows."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from envoy._sqlite import Database
from envoy.der.in_force import Origin
from envoy.der.modes import MODES
from envoy.der.record import Record, State
from envoy.der.schedule import Schedule
from envoy.der.state.fleet_format import FLEET_FORMAT
from envoy.der.state.fleet_state import FLEET_FILE
from envoy.der.state.history import (
    Gap,
    History,
    RecordedEvent,
    RecordedResponse,
    Span,
    find_interval,
    load_schedule,
)
from envoy.der.state.state_file import HOLD
from envoy.errors import StateError

_SHARED = 0
"""Number of the site that stands for what all share."""

_SHOWN = 3
"""Sites that an error names."""


class _Entry(NamedTuple):
    """An entry of the history.

    Attributes:
        shared: It is about all sites.
        time: When it was made.
        plain: What it says.
    """

    shared: bool
    time: int
    plain: dict[str, Any]


def is_fleet_state(folder: str | Path) -> bool:
    """Whether a folder has the state of a fleet."""
    return (Path(folder) / FLEET_FILE).is_file()


def read_fleet_history(folder: str | Path, site: str) -> History:
    """Read what the state of a fleet has of one site. Nothing is written.

    Args:
        folder: The folder of the state.
        site: The LFDI of the site in hexadecimal, or how it begins if no other one begins so.

    Raises:
        StateError: There is no such state or site, or it cannot be used.
    """
    file = Path(folder) / FLEET_FILE
    if not file.is_file():
        remedy = "Give the folder that a process follows a fleet with."
        raise StateError("there is no state of a fleet", where=str(file), remedy=remedy)
    with Database(file, FLEET_FORMAT, read_only=True) as db, db.transaction("DEFERRED"):
        db.verify()
        lfdi, number, document, kept = _find_site(db, site)
        facts = {name: json.loads(text) for name, text in db.rows("SELECT name, document FROM fact")}
        records = [text for (text,) in db.rows("SELECT document FROM event WHERE site = ? ORDER BY rowid", number)]
        schedule = None
        if document:
            plain = {**json.loads(document), "records": [json.loads(text) for text in records]}
            choices = facts.get("choices", {}).get(json.loads(kept).get("choices"), {})
            schedule = load_schedule(plain, {name: json.loads(text) for name, text in choices.items()})
        rows = db.rows("SELECT site, time, document FROM history WHERE site IN (?, ?) ORDER BY id", number, _SHARED)
        entries = [_Entry(of == _SHARED, time, json.loads(text)) for of, time, text in rows]
        return History(
            lfdi=lfdi,
            server=facts.get("server", ""),
            followed=db.is_held(HOLD),
            schedule=schedule,
            held=list(_list_spans(entries)),
            events=_list_events(entries, schedule),
            gaps=list(_list_gaps(entries)),
            runs=[],
        )


def _find_site(db: Database, site: str) -> tuple[str, int, str, str]:
    columns, wanted = "SELECT lfdi, rowid, document, kept FROM site", site.strip().upper()
    found = db.rows(f"{columns} WHERE substr(lfdi, 1, ?) = ?", len(wanted), wanted)
    if wanted and len(found) == 1:
        lfdi, number, document, kept = found[0]
        return lfdi, number, document, kept
    listed = found or db.rows(f"{columns} ORDER BY rowid LIMIT ?", _SHOWN + 1)
    names = ", ".join(lfdi for lfdi, *_ in listed[:_SHOWN]) + (", ..." if len(listed) > _SHOWN else "")
    what = f"{len(found):,} sites begin with {site!r}" if found else f"there is no site {site!r}"
    remedy = f"Name a site by its LFDI. There are {names}." if names else "It has no sites yet."
    raise StateError(what, where=db.file, remedy=remedy)


def _list_spans(entries: Iterable[_Entry]) -> Iterable[Span]:
    """Yield what held, and what holds, whose end is not known."""
    since: dict[tuple[str, str, str, str, str], int] = {}
    for entry in entries:
        if "held" not in entry.plain:
            continue
        held = {(mode, json.dumps(value), *rest) for mode, value, *rest in entry.plain["held"]}
        for key in [key for key in since if key not in held]:
            yield _make_span(key, since.pop(key), entry.time)
        for key in held:
            since.setdefault(key, entry.time)
    for key, time in since.items():
        yield _make_span(key, time, None)


def _make_span(key: tuple[str, str, str, str, str], since: int, until: int | None) -> Span:
    mode, value, origin, mrid, program = key
    return Span(
        mode=mode,
        value=MODES[mode].load(json.loads(value)),
        origin=Origin(origin),
        mrid=mrid,
        program=program,
        since=since,
        until=until,
    )


def _list_events(entries: Sequence[_Entry], schedule: Schedule | None) -> list[RecordedEvent]:
    """Return the events that the schedule still knows, by their starts."""
    steps: dict[tuple[str, str], list[tuple[int, State]]] = defaultdict(list)
    responses: dict[str, list[RecordedResponse]] = defaultdict(list)
    for entry in entries:
        for mrid, href, state, _ in entry.plain.get("events", ()):
            known = steps[mrid, href]
            if not known or known[-1][1] != State(state):
                known.append((entry.time, State(state)))
        for mrid, status, created, done, outcome in entry.plain.get("sent", ()):
            response = RecordedResponse(
                mrid=mrid, status=status, created=created, recorded=created, done=done, outcome=outcome
            )
            responses[mrid].append(response)
    if schedule is None:
        return []
    for due in schedule.owed:
        response = RecordedResponse(
            mrid=due.mrid, status=int(due.status), created=due.created, recorded=due.created, done=None, outcome=""
        )
        responses[due.mrid].append(response)
    events = [_make_event(record, schedule, steps, responses) for record in schedule.records]
    return sorted(events, key=lambda event: (event.start, event.record.key))


def _make_event(
    record: Record,
    schedule: Schedule,
    steps: dict[tuple[str, str], list[tuple[int, State]]],
    responses: dict[str, list[RecordedResponse]],
) -> RecordedEvent:
    start, end = schedule.intervals.get(record.key) or find_interval(record)
    return RecordedEvent(
        record=record, steps=steps[record.key], responses=responses[record.event.mrid], start=start, end=end
    )


def _list_gaps(entries: Iterable[_Entry]) -> Iterable[Gap]:
    """Yield the times without contact, of the site and of all sites."""
    lost: dict[tuple[bool, str], tuple[int, str]] = {}
    for shared, time, plain in entries:
        if "lost" in plain:
            lost.setdefault((shared, plain["lost"]), (time, plain["reason"]))
        elif "regained" in plain and (begun := lost.pop((shared, plain["regained"]), None)) is not None:
            yield Gap(side=plain["regained"], since=begun[0], until=time, reason=begun[1])
    for (_, side), (since, reason) in lost.items():
        yield Gap(side=side, since=since, until=None, reason=reason)
