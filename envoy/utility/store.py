"""The store of a utility: one database of SQLite, in a file or in memory.

What clients write is in one table. A resource is a typed object at a path, and belongs to one owner: the LFDI of the
certificate that made it. Everything here that takes an owner behaves as if other owners' resources did not exist, so
that no handler can forget to. Members of a list have a position in it, and may have a key that is unique in the list
whoever owns the member.

What the operator of the utility orders is in the other tables, once, for however many sites
(``envoy.utility.programs``, ``envoy.utility.function_sets.responses``).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from envoy._sqlite import MEMORY, Database, Format
from envoy.documents import dumps, loads
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.utility.changes import Changes

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
        CREATE TABLE about (profile TEXT NOT NULL);
        CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE fsa (number INTEGER PRIMARY KEY, mrid BLOB NOT NULL);
        CREATE TABLE fsa_removed (lfdi BLOB, fsa INTEGER, reachable INTEGER NOT NULL, PRIMARY KEY (lfdi, fsa))
            WITHOUT ROWID;
        CREATE TABLE program (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            fsa INTEGER NOT NULL,
            name TEXT NOT NULL UNIQUE,
            mrid BLOB NOT NULL,
            primacy INTEGER NOT NULL,
            for_all INTEGER NOT NULL,
            version INTEGER NOT NULL,
            default_document BLOB NOT NULL
        );
        CREATE INDEX program_for_all ON program (number) WHERE for_all;
        CREATE TABLE program_site (lfdi BLOB, program INTEGER, PRIMARY KEY (lfdi, program)) WITHOUT ROWID;
        CREATE INDEX site_by_program ON program_site (program);
        CREATE TABLE control (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            program INTEGER NOT NULL,
            mrid BLOB NOT NULL,
            creation INTEGER NOT NULL,
            start INTEGER NOT NULL,
            stop INTEGER NOT NULL,
            earliest INTEGER NOT NULL,
            latest INTEGER NOT NULL,
            for_all INTEGER NOT NULL,
            modes TEXT NOT NULL,
            cancelled INTEGER,
            randomized INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE INDEX control_by_program ON control (program, for_all, latest);
        CREATE INDEX control_by_mrid ON control (mrid);
        CREATE INDEX control_by_end ON control (latest);
        CREATE TABLE control_site (
            lfdi BLOB, program INTEGER, control INTEGER, PRIMARY KEY (lfdi, program, control)
        ) WITHOUT ROWID;
        CREATE INDEX site_by_control ON control_site (control);
        CREATE TABLE supersession (loser INTEGER, winner INTEGER, at INTEGER NOT NULL, PRIMARY KEY (loser, winner))
            WITHOUT ROWID;
        CREATE INDEX supersession_by_winner ON supersession (winner);
        CREATE TABLE curve (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            program INTEGER NOT NULL,
            mrid BLOB NOT NULL,
            creation INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE INDEX curve_by_program ON curve (program);
        CREATE TABLE response (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            control INTEGER NOT NULL,
            lfdi BLOB NOT NULL,
            status INTEGER NOT NULL,
            created INTEGER,
            arrived INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE TABLE tariff (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            fsa INTEGER NOT NULL,
            name TEXT NOT NULL,
            mrid BLOB NOT NULL,
            primacy INTEGER NOT NULL,
            multiplier INTEGER NOT NULL
        );
        CREATE TABLE rate (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            tariff INTEGER NOT NULL,
            mrid BLOB NOT NULL,
            role_flags INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE INDEX rate_by_tariff ON rate (tariff);
        CREATE TABLE price (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            rate INTEGER NOT NULL,
            mrid BLOB NOT NULL,
            creation INTEGER NOT NULL,
            start INTEGER NOT NULL,
            stop INTEGER NOT NULL,
            cancelled INTEGER,
            blocks TEXT NOT NULL
        );
        CREATE INDEX price_by_rate ON price (rate, stop);
        CREATE TABLE price_response (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            price INTEGER NOT NULL,
            lfdi BLOB NOT NULL,
            status INTEGER NOT NULL,
            created INTEGER,
            arrived INTEGER NOT NULL,
            document BLOB NOT NULL
        );
        CREATE INDEX price_response_by_site ON price_response (lfdi, created);
        CREATE INDEX response_by_site ON response (lfdi, created);
        CREATE INDEX response_by_control ON response (control);
        CREATE TABLE subscription (
            path TEXT PRIMARY KEY,
            owner BLOB NOT NULL,
            resource TEXT NOT NULL,
            end_device TEXT NOT NULL,
            template TEXT NOT NULL
        );
        CREATE INDEX subscription_by_template ON subscription (template, end_device);
        CREATE TABLE notification (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            identifier TEXT NOT NULL,
            subscription TEXT NOT NULL,
            cause TEXT NOT NULL,
            uri TEXT,
            content_type TEXT,
            content BLOB,
            tries INTEGER NOT NULL,
            due REAL NOT NULL
        );
        CREATE INDEX notification_by_time ON notification (due);
        CREATE INDEX notification_by_subscription ON notification (subscription)
    """,
    version=3,
    synchronous="NORMAL",
    foreign_remedy="Name a file that does not exist yet.",
    remedy="Name a file in a folder that exists and that you may write to, or leave it out to keep all in memory.",
)

_TABLES = (
    *("resource", "counter", "setting", "fsa", "fsa_removed", "program", "program_site", "control", "control_site"),
    *("supersession", "curve", "response", "tariff", "rate", "price", "price_response", "subscription"),
    *("notification", "sqlite_sequence"),
)
_LARGEST = (1 << 63) - 1


class Store(Database):
    """The resources of a utility. Every method may raise an EnvoyError about the file.

    Args:
        database: Path of the SQLite file, made if there is none; ``:memory:`` keeps everything in memory.
        profile: The profile that documents are kept in. A file is bound to the profile it was made with.

    Attributes:
        profile: As above.
        changes: What has changed in this transaction.

    Raises:
        EnvoyError: The file cannot be opened, is not a database of a utility, or has another profile.
        ProfileError: There is no such profile.
    """

    def __init__(self, database: str | Path = MEMORY, profile: str | Profile = DEFAULT_PROFILE) -> None:
        self.profile = get_profile(profile)
        self.changes = Changes()
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
        document = self.own_document(owner, path)
        return None if document is None else self.loads(document)

    def own_document(self, owner: bytes, path: str) -> bytes | None:
        """Return the document at a path, None if this owner has none there."""
        document: bytes | None = self.value("SELECT document FROM resource WHERE path = ? AND owner = ?", path, owner)
        return document

    def exists(self, owner: bytes, path: str) -> bool:
        """Return whether this owner has something at a path."""
        return bool(self.value("SELECT 1 FROM resource WHERE path = ? AND owner = ?", path, owner))

    def put(self, owner: bytes, path: str, obj: Any) -> bool:
        """Write an object to a path that is this owner's or nobody's; return whether it is new there."""
        return self.put_document(owner, path, self.dumps(obj))

    def put_document(self, owner: bytes, path: str, document: bytes) -> bool:
        """Write a document to a path that is this owner's or nobody's; return whether it is new there."""
        if self.execute("UPDATE resource SET document = ? WHERE path = ? AND owner = ?", document, path, owner):
            return False
        self.execute("INSERT INTO resource (path, owner, document) VALUES (?, ?, ?)", path, owner, document)
        return True

    def add(self, owner: bytes, to: str, obj: Any, *, key: str | None = None, position: int | None = None) -> str:
        """Add an object to a list and return its path, which no other object has had or will have.

        Args:
            owner: Whose it is.
            to: Path of the list.
            obj: The object.
            key: What nothing else in the list may have, whoever owns it.
            position: Where in the list it goes; None for the end of a list that is in the order they came.
        """
        number = (self.value("SELECT last FROM counter WHERE list = ?", to) or 0) + 1
        self.execute("REPLACE INTO counter VALUES (?, ?)", to, number)
        path = f"{to}/{number}"
        row = (path, owner, to, number if position is None else position, key, self.dumps(obj))
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

    def key(self, owner: bytes, path: str) -> str | None:
        """Return the key of what this owner has at a path; None if it has nothing there, or it has no key."""
        key: str | None = self.value("SELECT key FROM resource WHERE path = ? AND owner = ?", path, owner)
        return key

    def page(
        self, owner: bytes, of_list: str, start: int, limit: int, before: int | None = None
    ) -> list[tuple[str, Any]]:
        """Return the paths and objects of one page of this owner's part of a list, in order.

        Args:
            owner: Whose they are.
            of_list: Path of the list.
            start: How many to leave out.
            limit: How many at most.
            before: Leave out those with this position and higher ones too; None for none.
        """
        select = (
            "SELECT path, document FROM resource WHERE owner = ? AND list = ? AND position < ? "
            "ORDER BY position, rowid LIMIT ? OFFSET ?"
        )
        rows = self.rows(select, owner, of_list, _LARGEST if before is None else before, limit, start)
        return [(path, self.loads(document)) for path, document in rows]

    def count(self, owner: bytes, of_list: str, before: int | None = None) -> int:
        """Return how many objects this owner has in a list, in all its pages; for ``before`` see ``page``."""
        count = "SELECT count(*) FROM resource WHERE owner = ? AND list = ? AND position < ?"
        return int(self.value(count, owner, of_list, _LARGEST if before is None else before))

    def delete(self, owner: bytes, path: str) -> bool:
        """Remove what this owner has at a path and everything below; return whether there was anything."""
        if not self.execute("DELETE FROM resource WHERE path = ? AND owner = ?", path, owner):
            return False
        self.execute("DELETE FROM resource WHERE path > ? AND path < ?", *_below(path))
        self.execute("DELETE FROM counter WHERE list > ? AND list < ?", *_below(path))
        return True

    def setting(self, name: str) -> Any:
        """Return what was set while the utility ran, None if nothing was."""
        text = self.value("SELECT value FROM setting WHERE name = ?", name)
        return None if text is None else json.loads(text)

    def set(self, name: str, value: Any) -> None:
        """Keep something that was set, which JSON can express."""
        self.execute("REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def clear(self) -> None:
        """Remove everything, whoever owns it, and count from 1 again."""
        for table in _TABLES:
            self.execute(f"DELETE FROM {table}")  # noqa: S608  # names of our own

    def hand_over(self, path: str, to: bytes) -> None:
        """Make what is at a path, and everything below, another owner's, as the first in that one's list."""
        self.execute("UPDATE resource SET owner = ?, position = 0 WHERE path = ?", to, path)
        self.execute("UPDATE resource SET owner = ? WHERE path > ? AND path < ?", to, *_below(path))

    def dumps(self, obj: Any) -> bytes:
        """Return an object as it is kept."""
        return dumps(obj, profile=self.profile, validate=False)

    def loads(self, document: bytes) -> Any:
        """Return what was kept as an object."""
        return loads(document, profile=self.profile, max_size=None)


def _below(path: str) -> tuple[str, str]:
    # "0" follows "/" in ASCII, so this range holds just the paths that begin with path/.
    return f"{path}/", f"{path}0"
