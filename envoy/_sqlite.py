"""SQLite databases: open or make one, recognise it by its marks, run statements, notice damage, translate errors."""

from __future__ import annotations

import os
import platform
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from zlib import crc32

from envoy._data import open_private
from envoy.errors import EnvoyError

T = TypeVar("T")

MEMORY = ":memory:"
"""Stands for the path of a database in memory."""

TEMPORARY = ""
"""Stands for the path of a database in a temporary file, which SQLite removes."""

_PAGE = 1000

_DAMAGED = "damaged row"

_HOLDER = "-by"
"""Ends the name of the file in which stands who holds a right."""

_LONGEST_HOLDER = 400

_WAIT = "Wait until it is done, and run this again."


def checksum(*values: Any) -> int:
    """Return the checksum of the values of a row, the same on every machine and in every version of Python."""
    return crc32(ascii(values).encode())


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """What a database holds, how safely it is written, and what its errors say.

    Attributes:
        noun: What it is, without an article, such as ``spool``.
        tables: The SQL statements that make one, separated by semicolons.
        version: Mark of the tables in the head of the file (``user_version``).
        upgrades: The statements that make one of an earlier version one of the next, by the earlier version.
        checked: Tables whose rows have a checksum each, in a column ``checksum`` of their own, the last one.
        application: Mark of the format in the head of the file (``application_id``); 0 for none.
        synchronous: OFF: changes survive the end of the program; FULL: power cuts too; NORMAL: so do all but the last.
        exclusive: One program has it, from opening to closing.
        timeout: Seconds to wait for another program that is writing.
        error: Class of the errors.
        full_error: Class of the error for a full disk; that of the others if None.
        remedy: What to do about a file that cannot be used.
        foreign_remedy: What to do about a file that is something else, or of another version.
        damaged_remedy: What to do about a file that is damaged; as for a foreign one if empty.
        full_remedy: What to do about a full disk.
    """

    noun: str
    tables: str
    version: int = 1
    upgrades: Mapping[int, str] = field(default_factory=dict)
    checked: tuple[str, ...] = ()
    application: int = 0
    synchronous: Literal["OFF", "NORMAL", "FULL"] = "OFF"
    exclusive: bool = False
    timeout: float = 5.0
    error: type[EnvoyError] = EnvoyError
    full_error: type[EnvoyError] | None = None
    remedy: str = "Name a file in a folder that exists and that you may write to, on a disk of this machine."
    foreign_remedy: str = "Name another file; one that does not exist is made."
    damaged_remedy: str = ""
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
        read_only: Only read it, also while another program writes it. It has to be there, and of this version.

    Attributes:
        file: Its path.
    """

    def __init__(self, file: str | Path, format: Format, *, read_only: bool = False) -> None:  # noqa: A002
        self.file = str(file)
        self._format = format
        self._lock = threading.RLock()
        # The lock lets threads take turns, which is what sqlite3 asks of those who share a connection.
        options: dict[str, Any] = {"timeout": format.timeout, "isolation_level": None, "check_same_thread": False}
        self._db = self._connect(_read_only_uri(self.file) if read_only else self.file, uri=read_only, **options)
        try:
            self._db.create_function("checksum", -1, checksum, deterministic=True)
            if read_only:
                with self.transaction("DEFERRED"):
                    if not self._is_made():
                        raise self._foreign()
                return
            self._prepare()
            for table in format.checked:
                self._seal(table)
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
            while not self._is_made():
                version = self.value("PRAGMA user_version")
                statements = self._format.upgrades[version] if version else self._format.tables
                for statement in statements.split(";"):
                    self.execute(statement)
                for table in self._format.checked:
                    # Those of an earlier version have none.
                    intact = f"checksum({', '.join(self._columns(table))})"
                    self.execute(f"UPDATE {table} SET checksum = {intact} WHERE checksum IS NULL")  # noqa: S608
                self.execute(f"PRAGMA application_id = {self._format.application}")
                self.execute(f"PRAGMA user_version = {version + 1 if version else self._format.version}")

    def _is_made(self) -> bool:
        """Return whether the database is of this format and version; raise an error if it is something else.

        It is not if it is empty, or of an earlier version that can be upgraded.
        """
        form = self._format
        marks = (self.value("PRAGMA application_id"), self.value("PRAGMA user_version"))
        if marks == (form.application, form.version):
            return True
        upgradable = marks[0] == form.application and marks[1] in form.upgrades
        if not upgradable and (marks != (0, 0) or self.value("SELECT count(*) FROM sqlite_master") or self._is_stub()):
            raise self._foreign()
        return False

    def _is_stub(self) -> bool:
        """Return whether the file has a single octet, which SQLite takes for none."""
        return self.file not in (MEMORY, TEMPORARY) and Path(self.file).stat().st_size == 1

    def _foreign(self) -> EnvoyError:
        form = self._format
        return self.error(f"is not a {form.noun} of this version of envoy-client", remedy=form.foreign_remedy)

    def _columns(self, table: str) -> list[str]:
        """Return the columns of a checked table that its checksum is of: all but the number of the row."""
        about = self.rows(f"PRAGMA table_info({table})")
        return [name for _, name, kind, _, _, key in about if name != "checksum" and not (kind == "INTEGER" and key)]

    def _seal(self, table: str) -> None:
        """Let this connection give each row that it writes a checksum, and change none whose checksum is wrong."""
        columns = self._columns(table)
        of = {row: f"checksum({', '.join(f'{row}.{name}' for name in columns)})" for row in ("OLD", "NEW")}
        changes = f"UPDATE OF {', '.join(columns)}"
        write = f"UPDATE {table} SET checksum = {of['NEW']} WHERE rowid = NEW.rowid"  # noqa: S608
        for name, when, what in (
            (
                "expected",
                f"BEFORE {changes} ON main.{table}",
                f"SELECT RAISE(ABORT, '{_DAMAGED}') WHERE OLD.checksum IS NOT {of['OLD']}",
            ),
            ("inserted", f"AFTER INSERT ON main.{table}", write),
            ("updated", f"AFTER {changes} ON main.{table}", write),
        ):
            self.execute(f"CREATE TEMP TRIGGER {table}_{name} {when} BEGIN {what}; END")

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

    def intact(self, table: str) -> str:
        """Return the SQL condition that a row of a checked table is as it was written."""
        return f"{table}.checksum IS checksum({', '.join(f'{table}.{name}' for name in self._columns(table))})"

    def verify(self) -> None:
        """Check that the file holds together, and each row of the checked tables by its checksum.

        Raises:
            EnvoyError: It does not; the error names a table and rows.
        """
        with self.transaction("DEFERRED"):
            if (damage := str(self.value("PRAGMA integrity_check(1)"))) != "ok":
                raise self.damage(damage.splitlines()[-1])
            for table in self._format.checked:
                select = f"SELECT rowid FROM {table} WHERE NOT ({self.intact(table)}) LIMIT 6"  # noqa: S608
                if rows := [str(number) for (number,) in self.rows(select)]:
                    more = " and more" if len(rows) > 5 else ""
                    raise self.damage(f"checksum of {table} {', '.join(rows[:5])}{more}")

    def damage(self, detail: str) -> EnvoyError:
        """Return the error for a file in which something is not what was written."""
        form = self._format
        return self.error(f"is damaged ({detail})", remedy=form.damaged_remedy or form.foreign_remedy)

    def error(self, what: str, *, remedy: str) -> EnvoyError:
        """Return an error about this database."""
        return self._format.error(what, where=self.file, remedy=remedy)

    @contextmanager
    def hold(self, suffix: str, busy: str, remedy: str = _WAIT) -> Iterator[None]:
        """Hold a right that one program has at a time, and loses when it ends in any way.

        Args:
            suffix: What to append to the name of the database for the file that is locked meanwhile. In another one
                beside it stands who has it.
            busy: What to say if another program has it, before who that is.
            remedy: What to do then.
        """
        if self.file in (MEMORY, TEMPORARY):
            yield
            return
        # SQLite locks files on every system, and the system takes the lock from a program that has died.
        lock_file = f"{self.file}{suffix}"
        # Who opens it may not be the thread that closes it.
        with closing(self._connect(lock_file, timeout=0, isolation_level=None, check_same_thread=False)) as lock:
            holder = Path(f"{lock_file}{_HOLDER}")
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                raise self._translate(error, f"{busy}{_read_holder(holder)}", remedy) from error
            # What has no room for it can be held all the same.
            with suppress(OSError), open(holder, "w", encoding="utf-8", opener=open_private) as file:
                file.write(f"process {os.getpid()} on {platform.node()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
            try:
                yield
            finally:
                with suppress(OSError):
                    holder.unlink()

    def is_held(self, suffix: str) -> bool:
        """Return whether a program has the right that ``hold`` gives; nothing is written for that."""
        lock = Path(f"{self.file}{suffix}").absolute()
        try:
            with closing(sqlite3.connect(f"{lock.as_uri()}?mode=ro", uri=True, timeout=0)) as db:
                db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            # There may not be such a file yet.
            return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
        return False

    def _connect(self, file: str, **options: Any) -> sqlite3.Connection:
        """Open a file; one that is made is private, and so are the files that SQLite puts beside it."""
        # Of what cannot be made, SQLite says why. One that exists is not opened here: closing it again would release
        # the locks that this process has on it.
        if file not in (MEMORY, TEMPORARY) and not options.get("uri"):
            with suppress(OSError), open(file, "xb", opener=open_private):
                pass
        connection: sqlite3.Connection = self._run(lambda: sqlite3.connect(file, **options))
        return connection

    def _run(self, call: Callable[[], T], busy: str = "", remedy: str = _WAIT) -> T:
        with self._lock:
            try:
                return call()
            except UnicodeDecodeError as error:
                # SQLite reports what it cannot read of the tables' names with the octets of that.
                raise self.damage("description of its tables") from error
            except sqlite3.Error as error:
                raise self._translate(error, busy, remedy) from error

    def _translate(self, error: sqlite3.Error, busy: str, remedy: str) -> EnvoyError:
        form = self._format
        # The upper bits of a code only say more of the same.
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_FULL:
                full = form.full_error or form.error
                return full("the disk is full", where=self.file, remedy=form.full_remedy)
            case sqlite3.SQLITE_BUSY:
                what = busy or f"another program is using this {form.noun}"
                return self.error(what, remedy=remedy)
            case sqlite3.SQLITE_NOTADB:
                damaged = f" If it is damaged: {form.damaged_remedy}" if form.damaged_remedy else ""
                remedy = f"{form.foreign_remedy}{damaged}"
                return self.error(f"is damaged, or is not a {form.noun}: {error}", remedy=remedy)
            case sqlite3.SQLITE_CORRUPT:
                return self.damage(str(error))
            case sqlite3.SQLITE_CONSTRAINT if str(error) == _DAMAGED:
                return self.damage("checksum of a row")
        # A flipped bit may leave text that is not UTF-8.
        if "user-defined function" in str(error) or "decode to UTF-8" in str(error):
            return self.damage("text of a row")
        return self.error(f"cannot be used as a {form.noun}: {error}", remedy=form.remedy)


def _read_holder(file: Path) -> str:
    """Return who holds a right, as the end of a sentence; nothing if that cannot be read."""
    with suppress(OSError, ValueError):
        return f" ({file.read_text(encoding='utf-8')[:_LONGEST_HOLDER]})"
    return ""


def _read_only_uri(file: str) -> str:
    """Return the URI by which SQLite only reads a file."""
    path = Path(file).absolute()
    # SQLite has a log beside a file that is being written. Without one the file stays as it is, and SQLite need not put
    # anything beside it, which it may not be able to.
    fixed = not Path(f"{path}-wal").exists()
    return f"{path.as_uri()}?mode=ro{'&immutable=1' if fixed else ''}"
