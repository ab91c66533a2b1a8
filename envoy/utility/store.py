"""The store of a utility: its resources in one table of SQLite, in a file or in memory.

A resource is a typed object at a path, and belongs to one owner: the LFDI of the certificate that made it. Everything
here that takes an owner behaves as if other owners' resources did not exist, so that no handler can forget to. Members
of a list have a position in it, and may have a key that is unique in the list whoever owns the member.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from envoy._sqlite import MEMORY, Database, Format
from envoy.documents import dumps, loads
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile

_FORMAT = Format(
    noun="database of a utility",
    tables="""
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
        CREATE TABLE about (profile TEXT NOT NULL)
    """,
    synchronous="NORMAL",
    foreign_remedy="Name a file that does not exist yet.",
    remedy="Name a file in a folder that exists and that you may write to, or leave it out to keep all in memory.",
)


class Store(Database):
    """The resources of a utility. Every method may raise an EnvoyError about the file.

    Args:
        database: Path of the SQLite file, made if there is none; ``:memory:`` keeps everything in memory.
        profile: The profile that documents are kept in. A file is bound to the profile it was made with.

    Raises:
        EnvoyError: The file cannot be opened, is not a database of a utility, or has another profile.
        ProfileError: There is no such profile.
    """

    def __init__(self, database: str | Path = MEMORY, profile: str | Profile = DEFAULT_PROFILE) -> None:
        self.profile = get_profile(profile)
        super().__init__(database, _FORMAT)
        with self.transaction():
            made_with = self.value("SELECT profile FROM about")
            if made_with is None:
                made_with = self.profile.name
                self.execute("INSERT INTO about VALUES (?)", made_with)
        if made_with != self.profile.name:
            self.close()
            raise self.error(
                f"the database holds resources of the profile {made_with}, not {self.profile.name}",
                remedy=f"Use the profile {made_with}, or name a file that does not exist yet.",
            )

    def get(self, owner: bytes, path: str) -> Any:
        """Return the object at a path, None if this owner has none there."""
        document = self.value("SELECT document FROM resource WHERE path = ? AND owner = ?", path, owner)
        return None if document is None else self._loads(document)

    def exists(self, owner: bytes, path: str) -> bool:
        """Return whether this owner has something at a path."""
        return bool(self.value("SELECT 1 FROM resource WHERE path = ? AND owner = ?", path, owner))

    def put(self, owner: bytes, path: str, obj: Any) -> bool:
        """Write an object to a path that is this owner's or nobody's; return whether it is new there."""
        document = self._dumps(obj)
        if self.execute("UPDATE resource SET document = ? WHERE path = ? AND owner = ?", document, path, owner):
            return False
        self.execute("INSERT INTO resource (path, owner, document) VALUES (?, ?, ?)", path, owner, document)
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
        number = (self.value("SELECT last FROM counter WHERE list = ?", to) or 0) + 1
        self.execute("REPLACE INTO counter VALUES (?, ?)", to, number)
        path = f"{to}/{number}"
        row = (path, owner, to, 0 if first else number, key, self._dumps(obj))
        self.execute("INSERT INTO resource VALUES (?, ?, ?, ?, ?, ?)", *row)
        return path

    def find(self, in_list: str, key: str) -> tuple[str, bytes] | None:
        """Return the path and the owner of the object that has this key in a list, whoever owns it."""
        found = self.rows("SELECT path, owner FROM resource WHERE list = ? AND key = ?", in_list, key)
        return (found[0][0], found[0][1]) if found else None

    def document(self, path: str) -> bytes | None:
        """Return the document at a path, whoever owns it, None if there is none."""
        document: bytes | None = self.value("SELECT document FROM resource WHERE path = ?", path)
        return document

    def documents(self, of_list: str) -> list[tuple[str, bytes]]:
        """Return the paths and documents of a whole list, whoever owns them, in the order they came."""
        rows = self.rows("SELECT path, document FROM resource WHERE list = ? ORDER BY rowid", of_list)
        return [(path, document) for path, document in rows]

    def page(self, owner: bytes, of_list: str, start: int, limit: int) -> list[tuple[str, Any]]:
        """Return the paths and objects of one page of this owner's part of a list, in order."""
        select = "SELECT path, document FROM resource WHERE owner = ? AND list = ? ORDER BY position LIMIT ? OFFSET ?"
        rows = self.rows(select, owner, of_list, limit, start)
        return [(path, self._loads(document)) for path, document in rows]

    def count(self, owner: bytes, of_list: str) -> int:
        """Return how many objects this owner has in a list."""
        return int(self.value("SELECT count(*) FROM resource WHERE owner = ? AND list = ?", owner, of_list))

    def delete(self, owner: bytes, path: str) -> bool:
        """Remove what this owner has at a path and everything below; return whether there was anything."""
        if not self.execute("DELETE FROM resource WHERE path = ? AND owner = ?", path, owner):
            return False
        self.execute("DELETE FROM resource WHERE path > ? AND path < ?", *_below(path))
        self.execute("DELETE FROM counter WHERE list > ? AND list < ?", *_below(path))
        return True

    def clear(self) -> None:
        """Remove everything, whoever owns it, and count from 1 again."""
        self.execute("DELETE FROM resource")
        self.execute("DELETE FROM counter")

    def hand_over(self, path: str, to: bytes) -> None:
        """Make what is at a path, and everything below, another owner's, as the first in that one's list."""
        self.execute("UPDATE resource SET owner = ?, position = 0 WHERE path = ?", to, path)
        self.execute("UPDATE resource SET owner = ? WHERE path > ? AND path < ?", to, *_below(path))

    def _dumps(self, obj: Any) -> bytes:
        return dumps(obj, profile=self.profile, validate=False)

    def _loads(self, document: bytes) -> Any:
        return loads(document, profile=self.profile, max_size=None)


def _below(path: str) -> tuple[str, str]:
    # "0" follows "/" in ASCII, so this range holds just the paths that begin with path/.
    return f"{path}/", f"{path}0"
