"""SQLite databases: open or make one, recognise it by its marks, run statements, translate errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

from envoy._data import open_private
from envoy.errors import EnvoyError

T = TypeVar("T")

MEMORY = ":memory:"
"""Stands for the path of a database in memory."""

TEMPORARY = ""
"""Stands for the path of a database in a temporary file, which SQLite removes."""

_PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """What a database holds, how safely it is written, and what its errors say.

    Attributes:
        noun: What it is, without an article, such as ``spool``.
        tables: The SQL statements that make one, separated by semicolons.
        version: Mark of the tables in the head of the file (``user_version``).
        application: Mark of the format in the head of the file (``application_id``); 0 for none.
        synchronous: OFF: changes survive the end of the program; FULL: power cuts too; NORMAL: so do all but the last.
        exclusive: One program has it, from opening to closing.
        timeout: Seconds to wait for another program that is writing.
        error: Class of the errors.
        full_error: Class of the error for a full disk; that of the others if None.
        remedy: What to do about a file that cannot be used.
        foreign_remedy: What to do about a file that is something else, of another version, or damaged.
        full_remedy: What to do about a full disk.
    """

    noun: str
    tables: str
    version: int = 1
    application: int = 0
    synchronous: Literal["OFF", "NORMAL", "FULL"] = "OFF"
    exclusive: bool = False
    timeout: float = 5.0
    error: type[EnvoyError] = EnvoyError
    full_error: type[EnvoyError] | None = None
    remedy: str = "Name a file in a folder that exists and that you may write to, on a disk of this machine."
    foreign_remedy: str = "Name another file; one that does not exist is made."
    full_remedy: str = "Make room, and run this again."


class Closing:
    """What a ``with`` statement closes at its end."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Database(Closing):
    """A database that survives the end of its program at any moment, and that several threads may share.

    A file of something else is refused and left as it is. Every method may raise an error of the format's class.

    Args:
        file: Its path, made if there is none; ``MEMORY`` or ``TEMPORARY`` for one that ends with this object.
        format: What it holds.

    Attributes:
        file: Its path.
    """

    def __init__(self, file: str | Path, format: Format) -> None:  # noqa: A002
        self.file = str(file)
        self._format = format
        self._lock = threading.RLock()
        # The lock lets threads take turns, which is what sqlite3 asks of those who share a connection.
        options: dict[str, Any] = {"timeout": format.timeout, "isolation_level": None, "check_same_thread": False}
        self._db = self._connect(self.file, **options)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        if self._format.exclusive:
            self.execute("PRAGMA locking_mode = EXCLUSIVE")
        # Before anything is written: a database of something else stays as it is.
        with self.transaction("DEFERRED"):
            self._is_made()
        self.execute(f"PRAGMA journal_mode = {'WAL' if self.file else 'OFF'}")
        self.execute(f"PRAGMA synchronous = {self._format.synchronous}")
        with self.transaction():
            # Another program may have made the tables since.
            if not self._is_made():
                for statement in self._format.tables.split(";"):
                    self.execute(statement)
                self.execute(f"PRAGMA application_id = {self._format.application}")
                self.execute(f"PRAGMA user_version = {self._format.version}")

    def _is_made(self) -> bool:
        """Return whether the database is of this format, and not empty; raise an error if it is something else."""
        marks = (self.value("PRAGMA application_id"), self.value("PRAGMA user_version"))
        if marks == (self._format.application, self._format.version):
            return True
        if marks != (0, 0) or self.value("SELECT count(*) FROM sqlite_master"):
            raise self.error(
                f"is not a {self._format.noun} of this version of envoy-client", remedy=self._format.foreign_remedy
            )
        return False

    def close(self) -> None:
        """Close the database. It may be closed twice."""
        self._db.close()

    @contextmanager
    def transaction(self, kind: Literal["DEFERRED", "IMMEDIATE"] = "IMMEDIATE") -> Iterator[None]:
        """Make what is done inside happen as a whole, or not at all if an exception leaves it. It may be nested."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self.execute(f"BEGIN {kind}")
            try:
                yield
                self.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self.execute("ROLLBACK")
                raise

    def execute(self, statement: str, *parameters: Any) -> int:
        """Run a statement and return how many rows it changed."""
        return self._run(lambda: self._db.execute(statement, parameters).rowcount)

    def insert(self, statement: str, *parameters: Any) -> int:
        """Run a statement that inserts a row and return the number of the row."""
        return self._run(lambda: self._db.execute(statement, parameters).lastrowid) or 0

    def execute_many(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Run a statement for each row of parameters."""
        self._run(lambda: self._db.executemany(statement, rows))

    def rows(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._run(lambda: self._db.execute(statement, parameters).fetchall())

    def iterate(self, statement: str, *parameters: Any) -> Iterator[tuple[Any, ...]]:
        """Give the rows of a query that may have more of them than memory holds."""
        cursor = self._run(lambda: self._db.execute(statement, parameters))
        while page := self._run(lambda: cursor.fetchmany(_PAGE)):
            yield from page

    def value(self, statement: str, *parameters: Any) -> Any:
        """Return the first column of the first row of a query; None if there is no row."""
        row = self._run(lambda: self._db.execute(statement, parameters).fetchone())
        return row[0] if row else None

    def error(self, what: str, *, remedy: str) -> EnvoyError:
        """Return an error about this database."""
        return self._format.error(what, where=self.file, remedy=remedy)

    @contextmanager
    def hold(self, suffix: str, busy: str) -> Iterator[None]:
        """Hold a right that one program has at a time, and loses when it ends in any way.

        Args:
            suffix: What to append to the name of the database for the file that is locked meanwhile.
            busy: What to say if another program has it.
        """
        if self.file in (MEMORY, TEMPORARY):
            yield
            return
        # SQLite locks files on every system, and the system takes the lock from a program that has died.
        with closing(self._connect(f"{self.file}{suffix}", timeout=0, isolation_level=None)) as lock:
            self._run(lambda: lock.execute("BEGIN EXCLUSIVE"), busy)
            yield

    def _connect(self, file: str, **options: Any) -> sqlite3.Connection:
        """Open a file; one that is made is private, and so are the files that SQLite puts beside it."""
        # Of what cannot be made, SQLite says why. One that exists is not opened here: closing it again would release
        # the locks that this process has on it.
        if file not in (MEMORY, TEMPORARY):
            with suppress(OSError), open(file, "xb", opener=open_private):
                pass
        connection: sqlite3.Connection = self._run(lambda: sqlite3.connect(file, **options))
        return connection

    def _run(self, call: Callable[[], T], busy: str = "") -> T:
        with self._lock:
            try:
                return call()
            except sqlite3.Error as error:
                raise self._translate(error, busy) from error

    def _translate(self, error: sqlite3.Error, busy: str) -> EnvoyError:
        form = self._format
        # The upper bits of a code only say more of the same.
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_FULL:
                full = form.full_error or form.error
                return full("the disk is full", where=self.file, remedy=form.full_remedy)
            case sqlite3.SQLITE_BUSY:
                what = busy or f"another program is using this {form.noun}"
                return self.error(what, remedy="Wait until it is done, and run this again.")
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                return self.error(f"is damaged, or is not a {form.noun}: {error}", remedy=form.foreign_remedy)
        return self.error(f"cannot be used as a {form.noun}: {error}", remedy=form.remedy)
