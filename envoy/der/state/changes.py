"""What is written when a schedule has changed: statements that turn the rows of one time into those of another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from envoy.der.follow.news import (
    ContactLost,
    ContactRegained,
    DeviceLost,
    DeviceRegained,
    News,
    ResponseSent,
    Silenced,
)
from envoy.der.responses import DueResponse
from envoy.der.state.schedule_rows import EventKey, EventRow, ScheduleRows, encode

Key = TypeVar("Key")
Row = TypeVar("Row")

REPEATED = " again"
"""Ends the outcome of a response that the server may have twice."""

Statement = tuple[Any, ...]
"""An SQL statement, and what to put in it."""


def list_changes(old: ScheduleRows, new: ScheduleRows) -> Iterator[Statement]:
    """Yield what to write; nothing if only time has passed.

    Args:
        old: The rows that are there.
        new: The rows that are to be there.
    """
    for mrid, (place, document) in _find_changed(old.programs, new.programs):
        yield "INSERT OR REPLACE INTO program (mrid, place, document) VALUES (?, ?, ?)", mrid, place, document
    for mrid in old.programs.keys() - new.programs.keys():
        yield "UPDATE program SET place = NULL, known = 0 WHERE mrid = ?", mrid
    for table, before, now in (("draw", old.draws, new.draws), ("given", old.given, new.given)):
        for mrid, plain in _find_changed(before, now):
            yield f"INSERT OR REPLACE INTO {table} VALUES (?, ?, NULL)", mrid, encode(plain)  # noqa: S608
        for mrid in before.keys() - now.keys():
            yield f"DELETE FROM {table} WHERE mrid = ?", mrid  # noqa: S608
    yield from _change_events(old.events, new.events, new.now)
    # What is gone comes first: another may be the same from now on.
    for key in old.owed.keys() - new.owed.keys():
        yield "UPDATE response SET owed = 0, done = ? WHERE document = ? AND owed", new.now, old.owed[key]
    for key, document in _find_changed(old.owed, new.owed):
        if key in old.owed:
            change = "UPDATE response SET document = ?, time = ? WHERE document = ? AND owed"
            yield change, document, new.now, old.owed[key]
        else:
            yield "INSERT INTO response (document, time) VALUES (?, ?)", document, new.now
    yield from _change_held(old, new)


def list_news(news: News) -> Iterator[Statement]:
    """Yield what to write of the news of a follower that its schedule does not show."""
    time = int(news.time)
    match news:
        case ContactLost() | DeviceLost() | Silenced():
            side = "device" if isinstance(news, DeviceLost) else "server"
            unless = "WHERE NOT EXISTS (SELECT * FROM gap WHERE side = ? AND until IS NULL)"
            insert = f"INSERT INTO gap (side, time, reason) SELECT ?, ?, ? {unless}"
            yield insert, side, time, news.reason, side
        case ContactRegained() | DeviceRegained():
            side = "device" if isinstance(news, DeviceRegained) else "server"
            yield "UPDATE gap SET until = ? WHERE side = ? AND until IS NULL", time, side
        case ResponseSent(repeated=True):
            where = "id = (SELECT max(id) FROM response WHERE document = ?)"
            document = _encode_response(news.response)
            yield f"UPDATE response SET outcome = outcome || ? WHERE {where}", REPEATED, document  # noqa: S608


def note_response(response: DueResponse, outcome: str) -> Statement:
    """Return what to write of a response that is no longer owed: what became of it."""
    return "UPDATE response SET outcome = ? WHERE document = ? AND outcome = ''", outcome, _encode_response(response)


def _encode_response(response: DueResponse) -> str:
    return encode(response.dump())


def _change_events(old: Mapping[EventKey, EventRow], new: Mapping[EventKey, EventRow], now: int) -> Iterator[Statement]:
    gone = old.keys() - new.keys()
    for key, (seen, state, ended, document) in _find_changed(old, new):
        before = old.get(key)
        if before is None:
            moved = next((other for other in gone if other[0] == key[0] and old[other].seen == seen), None)
            if moved is not None:
                gone.discard(moved)
                before = old[moved]
                yield "DELETE FROM event WHERE mrid = ? AND href = ? AND NOT known", *key
                yield "UPDATE event SET href = ? WHERE mrid = ? AND href = ?", key[1], *moved
        yield (
            "INSERT INTO event (mrid, href, time, document) VALUES (?, ?, ?, ?) ON CONFLICT (mrid, href) "
            "DO UPDATE SET time = excluded.time, document = excluded.document, known = 1",
            *key,
            seen,
            document,
        )
        if before is None or before.state != state:
            step = "INSERT INTO step (event, time, state) SELECT id, ?, ? FROM event WHERE mrid = ? AND href = ?"
            yield step, now if ended is None else ended, state, *key
    for key in gone:
        yield "UPDATE event SET known = 0 WHERE mrid = ? AND href = ?", *key


def _change_held(old: ScheduleRows, new: ScheduleRows) -> Iterator[Statement]:
    for mode in dict.fromkeys([*old.held, *new.held]):
        before, now = old.held.get(mode), new.held.get(mode)
        if before and now and before[0] == now[0]:
            # What no longer is a reason is not worth a write: it was one while this held.
            if not set(json.loads(now[1])) <= set(json.loads(before[1])):
                yield "UPDATE held SET reasons = ? WHERE mode = ? AND until IS NULL", now[1], mode
            continue
        if before:
            yield "UPDATE held SET until = ? WHERE mode = ? AND until IS NULL", new.now, mode
        if now:
            yield "INSERT INTO held (mode, document, reasons, time) VALUES (?, ?, ?, ?)", mode, *now, new.now


def _find_changed(old: Mapping[Key, Row], new: Mapping[Key, Row]) -> list[tuple[Key, Row]]:
    return [(key, row) for key, row in new.items() if old.get(key) != row]
