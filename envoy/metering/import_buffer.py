"""Readings that have been checked and are not in a spool yet, in a file of their own: there may be millions of them."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from envoy.errors import SpoolError
from envoy.metering.mirror import Mirror
from envoy.metering.reading import Entry

_TABLE = """
CREATE TABLE entry (
    line INTEGER,
    mirror INTEGER,
    channel BLOB,
    start INTEGER,
    duration INTEGER,
    value INTEGER,
    quality INTEGER,
    UNIQUE (mirror, channel, start, duration)
)
"""


class Checked:
    """Readings of several mirrors, each channel and time once, in the order in which they were added.

    They are in a file that nobody else sees, and of which little is in memory. It ends with ``close``, with the context
    that this manages, or when nobody has this any more.

    Args:
        mirrors: Whose readings they are.
    """

    def __init__(self, mirrors: Sequence[Mirror]) -> None:
        self.mirrors = tuple(mirrors)
        self._numbers = {mirror.mrid: number for number, mirror in enumerate(self.mirrors)}
        # A path that is empty stands for a temporary file, which SQLite makes when there is much to keep.
        self._db = sqlite3.connect("", isolation_level=None)
        weakref.finalize(self, self._db.close)
        self._db.execute(_TABLE)
        self._db.execute("BEGIN")

    def add(self, mirror: Mirror, entry: Entry, line: int) -> int | None:
        """Add a reading, unless there is one of the same channel and time: return the line of that, otherwise None.

        Raises:
            SpoolError: There is no room on the disk for temporary files.
        """
        key = (self._numbers[mirror.mrid], entry.channel, entry.start, entry.duration)
        with _told():
            added = self._db.execute(
                "INSERT OR IGNORE INTO entry VALUES (?, ?, ?, ?, ?, ?, ?)", (line, *key, entry.value, entry.quality)
            )
            if added.rowcount:
                return None
            found = self._db.execute(
                "SELECT line FROM entry WHERE mirror = ? AND channel = ? AND start = ? AND duration = ?", key
            )
            first: int = found.fetchone()[0]
        return first

    def parts(self) -> Iterator[tuple[Mirror, Iterator[Entry]]]:
        """Give the mirrors that have readings, each with its own."""
        for number, mirror in enumerate(self.mirrors):
            if self._db.execute("SELECT 1 FROM entry WHERE mirror = ? LIMIT 1", (number,)).fetchone():
                yield mirror, self._entries(number)

    def _entries(self, number: int) -> Iterator[Entry]:
        for row in self._db.execute(
            "SELECT channel, start, duration, value, quality FROM entry WHERE mirror = ? ORDER BY rowid", (number,)
        ):
            yield Entry(*row)

    def __len__(self) -> int:
        count: int = self._db.execute("SELECT count(*) FROM entry").fetchone()[0]
        return count

    def close(self) -> None:
        """Throw the readings away."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise SpoolError(
            f"there is no room to check readings: {error}",
            remedy="Make room on the disk for temporary files; the environment variable SQLITE_TMPDIR names another.",
        ) from error
