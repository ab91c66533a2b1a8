"""Rescue of a damaged spool: what is as it was written is copied into a new one."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from envoy._sqlite import Database, checksum
from envoy.errors import SpoolError
from envoy.metering.spool_format import SPOOL_FORMAT

_WINDOW = 10_000
"""Rows that are read at a time from a table that cannot be read from one end to the other."""

_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""Errors of a damaged file; the second is that of a message of SQLite which repeats octets that are not text."""

_STEP = 32
"""Rows to the next try where one cannot be read: fewer than a page holds, so that no page in between is missed."""

_MOST = 10_000_000
"""Rows, from the first on, that are looked for at most, since the numbers themselves may be damaged."""

_UNDESCRIBED = (
    "The description of its mirror or channel was damaged. Give the mirror file again, then envoy spool retry."
)

_SET_ASIDE = f"""
    UPDATE reading SET state = 2, batch = NULL, reason = '{_UNDESCRIBED}' WHERE state = 0 AND NOT (
        EXISTS (SELECT 1 FROM mirror WHERE mrid = reading.mirror)
        AND EXISTS (SELECT 1 FROM channel WHERE channel.mirror = reading.mirror AND channel.mrid = reading.channel)
    )
"""  # noqa: S608

_TABLES = {
    "mirror": ("mrid", "name", "document", "server", "href", "post_rate", "last_post", "failures", "failing_since"),
    "channel": ("mirror", "mrid", "name", "document", "described", "declared"),
    "reading": ("mirror", "channel", "start", "duration", "value", "quality", "state", "batch", "reason"),
}


@dataclass(frozen=True, slots=True)
class Rescued:
    """What became of a damaged spool.

    Attributes:
        readings: Readings that were copied, those that are only remembered included.
        mirrors: Mirrors whose descriptions were copied.
        damaged: Rows of any kind that were found and are not as they were written. What cannot be found is not counted.
        undescribed: Readings that were copied and set aside, since the description of their mirror or channel was not.
    """

    readings: int
    mirrors: int
    damaged: int
    undescribed: int


def rescue_spool(file: str | Path, into: str | Path) -> Rescued:
    """Copy what is not damaged in a spool into a new one. The damaged one is left as it is.

    Args:
        file: The damaged spool.
        into: The new one, which must not exist yet.

    Raises:
        SpoolError: There is something at the new place, or the old file is not a spool of this version.
    """
    file, into = Path(file), Path(into)
    if into.exists():
        raise SpoolError("already exists", where=str(into), remedy="Name a file that does not exist yet.")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "spool"
        try:
            shutil.copyfile(file, copy)
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{file}-wal", f"{copy}-wal")
        except OSError as error:
            raise SpoolError(f"cannot be copied: {error.strerror}", where=str(file)) from None
        sealed = not _upgrade(copy)
        if not _is_readable(copy):
            _mend_first_page(copy)
        if not _is_readable(copy):
            raise SpoolError(
                "is not a spool of this version of envoy-client, or its tables cannot be found", where=str(file)
            )
        with Database(into, SPOOL_FORMAT) as new, new.transaction():
            return _copy(copy, new, sealed=sealed)


def _connect(file: Path) -> closing[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    # A flipped bit may leave something else than UTF-8, which the checksum of the row finds.
    connection.text_factory = lambda octets: octets.decode(errors="surrogateescape")
    return closing(connection)


def _upgrade(file: Path) -> bool:
    """Give the tables of an earlier version their columns for checksums; return whether it was of one."""
    with _connect(file) as old, suppress(*_UNREADABLE):
        version = old.execute("PRAGMA user_version").fetchone()[0]
        if version in SPOOL_FORMAT.upgrades:
            old.executescript(SPOOL_FORMAT.upgrades[version])
            return True
    return False


def _is_readable(file: Path) -> bool:
    """Return whether the tables of a spool can be found in a file, which has nothing to do with what is in them."""
    with _connect(file) as old, suppress(*_UNREADABLE):
        for table, columns in _TABLES.items():
            old.execute(f"SELECT {', '.join(columns)}, checksum FROM {table} LIMIT 0")  # noqa: S608
        return True
    return False


def _mend_first_page(file: Path) -> None:
    """Replace the page that says what the file is and where its tables are: it is the same in every spool."""
    fresh = file.with_name("fresh")
    Database(fresh, SPOOL_FORMAT).close()
    page = bytearray(fresh.read_bytes()[:4096])
    # How many pages there are is taken from the size of the file if these two differ.
    page[24:28], page[92:96] = bytes([0, 0, 0, 2]), bytes([0, 0, 0, 1])
    with file.open("r+b") as octets:
        octets.write(page)


def _copy(file: Path, new: Database, *, sealed: bool) -> Rescued:
    """Copy the rows whose checksums are right, and those without one unless all have been given one."""
    kept = dict.fromkeys(_TABLES, 0)
    damaged = 0
    with _connect(file) as old:
        for table, columns in _TABLES.items():
            names = ", ".join(columns)
            insert = f"INSERT OR IGNORE INTO {table} (rowid, {names}) VALUES (?{', ?' * len(columns)})"  # noqa: S608
            good: set[int] = set()
            bad: set[int] = set()
            for number, *values, found in _rows(old, table, names):
                if found == checksum(*values) or (found is None and not sealed):
                    good.add(number)
                    kept[table] += new.execute(insert, number, *values)
                else:
                    bad.add(number)
            damaged += len(bad - good)
        with suppress(*_UNREADABLE):
            for name, count in old.execute("SELECT name, number FROM total").fetchall():
                new.execute("REPLACE INTO total VALUES (?, ?)", name, count)
    undescribed = new.execute(_SET_ASIDE)
    return Rescued(kept["reading"], kept["mirror"], damaged, undescribed)


def _rows(old: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[int, ...]]:
    """Give the rows of a table with number and checksum, as many as can be read, perhaps some of them twice."""
    select = f"SELECT rowid, {columns}, checksum FROM {table} NOT INDEXED"  # noqa: S608
    try:
        yield from old.execute(select)
        return
    except _UNREADABLE:
        # Behind the page that cannot be read there are others.
        position, last = _range(old, table)

    def read(first: int, size: int) -> list[tuple[int, ...]] | None:
        try:
            return old.execute(f"{select} WHERE rowid BETWEEN ? AND ?", (first, first + size - 1)).fetchall()
        except _UNREADABLE:
            return None

    size = _WINDOW
    while position <= last:
        rows = read(position, size)
        if rows is not None:
            yield from rows
            position += size
            size = min(2 * size, _WINDOW)
        elif size > 1:
            size //= 2
        else:
            beyond = position + _STEP
            if read(beyond, 1) is not None:
                # The page that cannot be read ends somewhere in between.
                for between in range(position + 1, beyond):
                    yield from read(between, 1) or ()
            position = beyond


def _range(old: sqlite3.Connection, table: str) -> tuple[int, int]:
    """Return the numbers of the first and last row to look for, which are never far apart: either may be damaged."""
    low, high = (_edge(old, f"SELECT {edge}(rowid) FROM {table}") for edge in ("min", "max"))  # noqa: S608
    if low is None:
        low = 0 if high is None else max(0, high - _MOST)
    return low, low + _MOST if high is None else min(high, low + _MOST)


def _edge(old: sqlite3.Connection, select: str) -> int | None:
    try:
        return int(old.execute(select).fetchone()[0] or 0)
    except _UNREADABLE:
        return None
