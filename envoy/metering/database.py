"""The SQLite file of a spool: opening it, its transactions, and who may post from it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from envoy.errors import SpoolError, SpoolFullError

_APPLICATION = 0x656E7370
"""Mark in the head of the file: "ensp"."""

_VERSION = 2

_MEMORY = ":memory:"

_TABLES = """
CREATE TABLE mirror (
    mrid BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    document BLOB NOT NULL,
    server TEXT NOT NULL DEFAULT '',
    href TEXT NOT NULL DEFAULT '',
    post_rate INTEGER,
    last_post INTEGER,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER
);
CREATE TABLE channel (
    mirror BLOB NOT NULL,
    mrid BLOB NOT NULL,
    name TEXT NOT NULL,
    document BLOB NOT NULL,
    described INTEGER NOT NULL DEFAULT 1,
    declared INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (mirror, mrid)
);
CREATE TABLE reading (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    mirror BLOB NOT NULL,
    channel BLOB NOT NULL,
    start INTEGER NOT NULL,
    duration INTEGER NOT NULL,
    value INTEGER NOT NULL,
    quality INTEGER,
    state INTEGER NOT NULL DEFAULT 0,
    batch INTEGER,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX reading_in_order ON reading (state, id);
CREATE INDEX reading_of_mirror ON reading (mirror, id) WHERE state = 0;
CREATE INDEX reading_in_batch ON reading (mirror, batch) WHERE batch IS NOT NULL;
CREATE INDEX reading_to_post ON reading (mirror, channel) WHERE state = 0;
CREATE INDEX reading_by_time ON reading (mirror, channel, start, duration, id);
CREATE TABLE total (name TEXT PRIMARY KEY, number INTEGER NOT NULL);
"""

_BUSY = 120.0
"""Seconds to wait for another program that is writing: milliseconds, or half a minute for a million readings."""


class Database:
    """An SQLite file that survives the end of its program at any moment, and that several programs may use at once.

    Args:
        file: Its path, made if there is none; ``:memory:`` keeps everything in memory.

    Raises:
        SpoolError: The file cannot be opened, or is something else.
    """

    def __init__(self, file: str | Path) -> None:
        self.file = str(file)
        self._lock = threading.RLock()
        self._depth = 0
        with self._told():
            # The lock lets threads take turns, which is what sqlite3 asks of those who share a connection.
            self._db = sqlite3.connect(self.file, timeout=_BUSY, isolation_level=None, check_same_thread=False)
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        # Another program may be making the tables, which come with the marks: so the marks are read after them.
        tables = self.value("SELECT count(*) FROM sqlite_master")
        application = self.value("PRAGMA application_id")
        version = self.value("PRAGMA user_version")
        if tables and (application, version) != (_APPLICATION, _VERSION):
            raise SpoolError(
                "is an SQLite file, but no spool of this version of envoy-client",
                where=self.file,
                remedy="Name another file; one that does not exist is made. If it is a spool of another version, post "
                "what it holds with that version.",
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        # What was taken is on the disk, even if the power fails.
        self._db.execute("PRAGMA synchronous = FULL")
        with self.transaction():
            # Another program may have made the tables since.
            if not self.value("SELECT count(*) FROM sqlite_master"):
                for statement in _TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
                self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is done inside happen as a whole, or not at all if an exception leaves it. It may be nested."""
        with self._lock, self._told():
            if self._depth:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def execute(self, statement: str, *parameters: Any) -> int:
        """Run a statement and return how many rows it changed."""
        with self._lock, self._told():
            return self._db.execute(statement, parameters).rowcount

    def insert(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Run a statement for each row."""
        with self._lock, self._told():
            self._db.executemany(statement, rows)

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._lock, self._told():
            return self._db.execute(statement, parameters).fetchall()

    def value(self, statement: str, *parameters: Any) -> Any:
        """Return the first column of the first row of a query; None if there is no row."""
        rows = self.rows(statement, *parameters)
        return rows[0][0] if rows else None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the right to post from this spool, which one program has at a time and loses when it ends in any way.

        Raises:
            SpoolError: Another has it.
        """
        if self.file == _MEMORY:
            yield
            return
        # SQLite locks files on every system, and the system takes the lock from a program that has died. The spool's
        # own file cannot be locked for that long: readings come in meanwhile.
        with self._told(), closing(sqlite3.connect(f"{self.file}-posting", timeout=0, isolation_level=None)) as lock:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if not _is(error, sqlite3.SQLITE_BUSY):
                    raise
                raise SpoolError(
                    "another program is posting from this spool",
                    where=self.file,
                    remedy="It posts what is in the spool, in order. Wait until it is done.",
                ) from None
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if _is(error, sqlite3.SQLITE_FULL):
                raise SpoolFullError(
                    "the disk is full", where=self.file, remedy="Make room. What was in the spool is still there."
                ) from error
            if _is(error, sqlite3.SQLITE_BUSY):
                raise SpoolError(
                    f"another program has been writing to this spool for {_BUSY:.0f} seconds",
                    where=self.file,
                    remedy="Wait until it is done, and run this again.",
                ) from error
            raise SpoolError(
                f"cannot be used as a spool: {error}",
                where=self.file,
                remedy="Name a file in a folder that exists and that you may write to, on a disk of this machine.",
            ) from error


def _is(error: sqlite3.Error, code: int) -> bool:
    """Whether an error has a code, or one of those that tell more of it in their upper bits."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == code
