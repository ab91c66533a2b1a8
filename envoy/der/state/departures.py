"""Departures of sites from a fleet: since when one is not followed any more, and when what was known of it goes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import inf

from envoy._sqlite import Database
from envoy.der.state.schedule_rows import encode

LEFT = "left"
"""Since when a site is not followed any more, among what is kept of it."""

LEFT_SECONDS = 90 * 86_400
"""How long what was known of a site that is not followed any more is kept, unless it owes something."""

ABSENT_SECONDS = 3600
"""Seconds after the opening of a state by which a site that has not been loaded is not followed any more."""


def note_absent(db: Database, numbers: Iterable[int], now: float) -> None:
    """Note of sites that they have left, inside of a transaction; those that had left before have done so since then.

    Args:
        db: The state of the fleet.
        numbers: The numbers of the sites.
        now: The time, in seconds since 1970.
    """
    for number in numbers:
        document = db.value("SELECT kept FROM site WHERE rowid = ?", number)
        kept = {} if document is None else json.loads(document)
        if document is not None and LEFT not in kept:
            db.execute("UPDATE site SET kept = ? WHERE rowid = ?", encode({**kept, LEFT: int(now)}), number)


def forget_left(db: Database, before: float) -> None:
    """Delete what is known, with its history, of sites that left before a time and owe nothing.

    Args:
        db: The state of the fleet.
        before: The time, in seconds since 1970.
    """
    rows = db.rows("SELECT rowid, document, kept FROM site WHERE kept LIKE ?", f'%"{LEFT}":%')
    gone = [
        (number,)
        for number, document, kept in rows
        if json.loads(kept).get(LEFT, inf) < before and not (document and json.loads(document)["responses"]["owed"])
    ]
    if gone:
        with db.transaction():
            db.execute_many("DELETE FROM event WHERE site = ?", gone)
            db.execute_many("DELETE FROM history WHERE site = ?", gone)
            db.execute_many("DELETE FROM site WHERE rowid = ?", gone)
