"""Where the server keeps its resources: one SQLite table, in a file or in memory.

A resource is a typed object at a path, and belongs to one owner: the LFDI of the certificate that made it. Everything
here that takes an owner behaves as if other owners' resources did not exist, so that no handler can forget to. Members
of a list have a position in it, and may have a key that is unique in the list whoever owns the member.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envoy.documents import dumps, loads
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile

_VERSION = 1

_TABLES = """
CREATE TABLE resource (
    path TEXT PRIMARY KEY,
    owner BLOB NOT NULL,
    list TEXT,
    position INTEGER,
    key TEXT,
    document BLOB NOT NULL
);
CREATE UNIQUE INDEX resource_by_key ON resource (list, key);
CREATE INDEX resource_by_list ON resource (owner, list, position);
CREATE TABLE counter (list TEXT PRIMARY KEY, last INTEGER NOT NULL);
CREATE TABLE about (profile TEXT NOT NULL);
"""


class Store:
    """The resources of a server.

    Args:
        database: Path of the SQLite file, made if there is none; ``:memory:`` keeps everything in memory.
        profile: The profile that documents are kept in. A file is bound to the profile it was made with.

    Raises:
        EnvoyError: The file cannot be opened, is not a database of this server, or has another profile.
        ProfileError: There is no such profile.
    """

    def __init__(self, database: str | Path = ":memory:", profile: str | Profile = DEFAULT_PROFILE) -> None:
        self.profile = get_profile(profile)
        self._lock = threading.RLock()
        try:
            # The lock lets threads take turns, which is what sqlite3 asks of those who share a connection.
            self._db = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise _unusable(database, error) from None
        try:
            self._prepare(database)
        except sqlite3.Error as error:
            self.close()
            raise _unusable(database, error) from None
        except EnvoyError:
            self.close()
            raise

    def _prepare(self, database: str | Path) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        with self.transaction():
            version = self._value("PRAGMA user_version")
            if version == 0 and not self._value("SELECT count(*) FROM sqlite_master"):
                for statement in _TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute("INSERT INTO about VALUES (?)", (self.profile.name,))
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise EnvoyError(
                    "the database was not made by this version of envoy serve",
                    where=str(database),
                    remedy="Name a file that does not exist yet.",
                )
        made_with = self._value("SELECT profile FROM about")
        if made_with != self.profile.name:
            raise EnvoyError(
                f"the database holds resources of the profile {made_with}, not {self.profile.name}",
                where=str(database),
                remedy=f"Use the profile {made_with}, or name a file that does not exist yet.",
            )

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make what is done inside happen as a whole, or not at all if an exception leaves it."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def get(self, owner: bytes, path: str) -> Any:
        """Return the object at a path, None if this owner has none there."""
        document = self._value("SELECT document FROM resource WHERE path = ? AND owner = ?", path, owner)
        return None if document is None else self._loads(document)

    def exists(self, owner: bytes, path: str) -> bool:
        """Return whether this owner has something at a path."""
        return bool(self._value("SELECT 1 FROM resource WHERE path = ? AND owner = ?", path, owner))

    def put(self, owner: bytes, path: str, obj: Any) -> bool:
        """Write an object to a path that is this owner's or nobody's; return whether it is new there."""
        document = self._dumps(obj)
        if self.exists(owner, path):
            self._db.execute("UPDATE resource SET document = ? WHERE path = ?", (document, path))
            return False
        self._db.execute("INSERT INTO resource (path, owner, document) VALUES (?, ?, ?)", (path, owner, document))
        return True

    def add(self, owner: bytes, to: str, obj: Any, *, key: str | None = None, first: bool = False) -> str:
        """Add an object to a list and return its path, which no other object has had or will have.

        Args:
            owner: Whose it is.
            to: Path of the list.
            obj: The object.
            key: What nothing else in the list may have, whoever owns it.
            first: It goes before everything else in the list.
        """
        number = (self._value("SELECT last FROM counter WHERE list = ?", to) or 0) + 1
        self._db.execute("REPLACE INTO counter VALUES (?, ?)", (to, number))
        path = f"{to}/{number}"
        self._db.execute(
            "INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?)",
            (path, owner, to, 0 if first else number, key, self._dumps(obj)),
        )
        return path

    def find(self, in_list: str, key: str) -> tuple[str, bytes] | None:
        """Return the path and the owner of the object that has this key in a list, whoever owns it."""
        row = self._db.execute("SELECT path, owner FROM resource WHERE list = ? AND key = ?", (in_list, key)).fetchone()
        return row and (row[0], row[1])

    def document(self, path: str) -> bytes | None:
        """Return the document at a path, whoever owns it, None if there is none."""
        document: bytes | None = self._value("SELECT document FROM resource WHERE path = ?", path)
        return document

    def documents(self, of_list: str) -> list[tuple[str, bytes]]:
        """Return the paths and documents of a whole list, whoever owns them, in the order they came."""
        rows = self._db.execute("SELECT path, document FROM resource WHERE list = ? ORDER BY rowid", (of_list,))
        return rows.fetchall()

    def page(self, owner: bytes, of_list: str, start: int, limit: int) -> list[tuple[str, Any]]:
        """Return the paths and objects of one page of this owner's part of a list, in order."""
        rows = self._db.execute(
            "SELECT path, document FROM resource WHERE owner = ? AND list = ? ORDER BY position LIMIT ? OFFSET ?",
            (owner, of_list, limit, start),
        ).fetchall()
        return [(path, self._loads(document)) for path, document in rows]

    def count(self, owner: bytes, of_list: str) -> int:
        """Return how many objects this owner has in a list."""
        return int(self._value("SELECT count(*) FROM resource WHERE owner = ? AND list = ?", owner, of_list))

    def delete(self, owner: bytes, path: str) -> bool:
        """Remove what this owner has at a path and everything below; return whether there was anything."""
        if not self.exists(owner, path):
            return False
        self._db.execute("DELETE FROM resource WHERE path = ?", (path,))
        self._db.execute("DELETE FROM resource WHERE path > ? AND path < ?", _below(path))
        self._db.execute("DELETE FROM counter WHERE list > ? AND list < ?", _below(path))
        return True

    def clear(self) -> None:
        """Remove everything, whoever owns it, and count from 1 again."""
        self._db.execute("DELETE FROM resource")
        self._db.execute("DELETE FROM counter")

    def hand_over(self, path: str, to: bytes) -> None:
        """Make what is at a path, and everything below, another owner's, as the first in that one's list."""
        self._db.execute("UPDATE resource SET owner = ?, position = 0 WHERE path = ?", (to, path))
        self._db.execute("UPDATE resource SET owner = ? WHERE path > ? AND path < ?", (to, *_below(path)))

    def _value(self, statement: str, *parameters: Any) -> Any:
        row = self._db.execute(statement, parameters).fetchone()
        return row[0] if row else None

    def _dumps(self, obj: Any) -> bytes:
        return dumps(obj, profile=self.profile, validate=False)

    def _loads(self, document: bytes) -> Any:
        return loads(document, profile=self.profile, max_size=None)


def _below(path: str) -> tuple[str, str]:
    # "0" follows "/" in ASCII, so this range holds just the paths that begin with path/.
    return f"{path}/", f"{path}0"


def _unusable(database: str | Path, error: sqlite3.Error) -> EnvoyError:
    return EnvoyError(
        f"cannot be used as the server's database: {error}",
        where=str(database),
        remedy="Name a file in a folder that exists and that you may write to, or leave it out to keep all in memory.",
    )
