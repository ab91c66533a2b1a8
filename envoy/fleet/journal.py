"""The journal of a fleet: which sites are done, so that the next run need not ask for what this one knows.

It only saves time. The server is asked which devices exist, whatever the journal says, and a site counts as done only
for the same server, profile and description.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from envoy.errors import JournalError
from envoy.profiles import Profile

_VERSION = 1
_APPLICATION = 0x454E564A
"""Marks the file as ours, in the place that SQLite has for it."""

_TABLES = (
    "CREATE TABLE about (server TEXT NOT NULL, profile TEXT NOT NULL)",
    "CREATE TABLE done (lfdi BLOB PRIMARY KEY, digest BLOB NOT NULL, href TEXT NOT NULL) WITHOUT ROWID",
)

_COMMIT_EVERY = 0.5
"""Seconds of work that a kill may cost."""

_GO_ON = "Make room, or name another with --journal, and run it again: what was done will be found and not repeated."

_DELETE = "Delete it: it only saves time, and nothing is registered twice without it. Or name another with --journal."


class Journal:
    """The sites of a fleet that are done.

    One run has it at a time: a second one is told so.

    Args:
        path: A SQLite file, made if there is none.
        server: URL of the server, with the path of DeviceCapability if that is not the usual one.
        profile: How the messages look.

    Raises:
        JournalError: The file is damaged, is something else, belongs to another server or profile, or another run has
            it. Nothing in it is used then.
    """

    def __init__(self, path: str | Path, server: str, profile: Profile) -> None:
        self._path = Path(path)
        self._commit_at = 0.0
        self._closed = False
        try:
            self._db = sqlite3.connect(self._path, isolation_level=None, timeout=0, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._error(f"cannot be opened: {error}", "Name a file in a folder that you may write to.") from None
        try:
            self._prepare(server, profile)
        except sqlite3.OperationalError as error:
            self._db.close()
            if "locked" in str(error):
                raise self._error("another run is using it", "Wait for its end, or end it.") from None
            raise self._error(f"cannot be used: {error}", "Name a file in a folder that you may write to.") from None
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise self._error(f"is damaged, or is no journal: {error}", _DELETE) from None
        except JournalError:
            self._db.close()
            raise

    def _prepare(self, server: str, profile: Profile) -> None:
        # A kill loses nothing that was committed; only a power cut may damage it, which is noticed.
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("BEGIN IMMEDIATE")
        if self._value("PRAGMA application_id") == 0 and not self._value("SELECT count(*) FROM sqlite_master"):
            for statement in _TABLES:
                self._db.execute(statement)
            self._db.execute("INSERT INTO about VALUES (?, ?)", (server, profile.name))
            self._db.execute(f"PRAGMA application_id = {_APPLICATION}")
            self._db.execute(f"PRAGMA user_version = {_VERSION}")
        if self._value("PRAGMA application_id") != _APPLICATION or self._value("PRAGMA user_version") != _VERSION:
            raise self._error("was not made by this version of envoy register", _DELETE)
        if (damage := str(self._value("PRAGMA quick_check"))) != "ok":
            raise self._error(f"is damaged: {damage.splitlines()[-1]}", _DELETE)
        about = self._db.execute("SELECT server, profile FROM about").fetchone()
        if about != (server, profile.name):
            what = (
                f"is of {about[0]} in the profile {about[1]}, not of {server} in {profile.name}"
                if about
                else "is empty"
            )
            raise self._error(what, "Name another with --journal, or delete this one: it only saves time.")
        self._db.execute("COMMIT")

    def done(self, lfdi: bytes, digest: bytes) -> str:
        """Return the href of a site that is done in this description, empty if it is not."""
        with self._telling():
            found = self._db.execute(
                "SELECT href FROM done WHERE lfdi = ? AND digest = ?", (bytes(lfdi), digest)
            ).fetchone()
        return str(found[0]) if found else ""

    def add(self, lfdi: bytes, digest: bytes, href: str) -> None:
        """Note that a site is done.

        Raises:
            JournalError: It cannot be written, for instance because the disk is full.
        """
        now = time.monotonic()
        with self._telling():
            if not self._db.in_transaction:
                self._db.execute("BEGIN")
                self._commit_at = now + _COMMIT_EVERY
            self._db.execute("REPLACE INTO done VALUES (?, ?, ?)", (bytes(lfdi), digest, href))
            if now >= self._commit_at:
                self._db.execute("COMMIT")

    def remove(self, lfdi: bytes) -> None:
        """Note that a site is not done.

        Raises:
            JournalError: It cannot be written.
        """
        with self._telling():
            self._db.execute("DELETE FROM done WHERE lfdi = ?", (bytes(lfdi),))

    def close(self) -> None:
        """Write what is left, and close the file. It may be closed twice.

        Raises:
            JournalError: It cannot be written.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._db.in_transaction:
                with self._telling():
                    self._db.execute("COMMIT")
        finally:
            self._db.close()

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            # What was told is not told again when it is closed.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise self._error(f"cannot be written: {error}", _GO_ON) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _value(self, statement: str) -> str | int:
        row = self._db.execute(statement).fetchone()
        found: str | int = row[0] if row else 0
        return found

    def _error(self, what: str, remedy: str) -> JournalError:
        return JournalError(what, where=str(self._path), remedy=remedy)
