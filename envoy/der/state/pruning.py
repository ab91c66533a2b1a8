"""Pruning of a state file: what the history no longer keeps, a little at a time."""

from __future__ import annotations

from envoy._sqlite import Database

KEPT_SECONDS = 400 * 86_400
"""How long the history is kept."""

MOST_ROWS = 20_000
"""Rows that each table of the history has at most, besides what is still needed: about 30 MB in all."""

PRUNE_SECONDS = 3600
"""Seconds between two times at which it is pruned."""

_BATCH = 1000

_OVER = {
    "event": "NOT known",
    "step": "event NOT IN (SELECT id FROM event WHERE known)",
    "response": "NOT owed",
    "held": "until IS NOT NULL",
    "run": "id < (SELECT max(id) FROM run)",
    "gap": "until IS NOT NULL",
}
"""Which rows of each table of the history are over."""


def prune(db: Database, now: int, *, kept: int = KEPT_SECONDS, most: int = MOST_ROWS) -> None:
    """Delete the oldest rows of the history that are over, at most a thousand of each table.

    Args:
        db: The database.
        now: The time.
        kept: Seconds for which the history is kept.
        most: Rows that each table has at most.
    """
    for table, over in _OVER.items():
        db.execute(
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {over} AND (time < ? OR "  # noqa: S608
            f"id <= (SELECT max(id) FROM {table}) - ?) ORDER BY id LIMIT {_BATCH})",
            now - kept,
            most,
        )
    # There are few of them, and events that are over name theirs.
    db.execute("DELETE FROM program WHERE NOT known AND rowid <= (SELECT max(rowid) FROM program) - ?", _BATCH)
