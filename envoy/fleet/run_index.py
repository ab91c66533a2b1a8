"""What one run has to look up: the rows of the fleet, and the EndDevices that the server has.

It is a SQLite database in a temporary file, so that a fleet of any size takes the same memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Self

from envoy.errors import EnvoyError
from envoy.profiles import Profile

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE row (lfdi BLOB PRIMARY KEY, place BLOB NOT NULL, nmi BLOB, digest BLOB NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX row_by_nmi ON row (nmi) WHERE nmi IS NOT NULL;
CREATE TABLE device (lfdi BLOB PRIMARY KEY, href TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class Index:
    """The rows and the EndDevices of one run, by LFDI. Any method may raise an EnvoyError: there is no more room.

    Args:
        profile: Decides which LFDIs are the same: in the old dialect they are numbers.
    """

    def __init__(self, profile: Profile) -> None:
        self._legacy = profile.legacy
        # An empty name is a temporary file that SQLite itself removes; a thread of the caller's may use it.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(_TABLES)

    def add_row(self, lfdi: bytes, nmi: str | None, place: str, digest: bytes) -> str:
        """Add a row; return why it cannot be, empty if it can. NMIs that differ in case alone are the same."""
        values = {"lfdi": self._key(lfdi), "nmi": None if nmi is None else _octets(nmi.casefold())}
        try:
            self._execute(
                "INSERT INTO row (lfdi, nmi, place, digest) VALUES (?, ?, ?, ?)",
                (*values.values(), _octets(place), digest),
            )
        except sqlite3.IntegrityError:
            for name, value in values.items():
                found = self._execute(f"SELECT place FROM row WHERE {name} = ?", (value,)).fetchone()  # noqa: S608
                if found:
                    return f"{name}: is the same as in {bytes(found[0]).decode(errors='surrogatepass')}."
        return ""

    def digest_of(self, lfdi: bytes) -> bytes | None:
        """Return the digest of a row as it was added; None if there is no such row."""
        found = self._execute("SELECT digest FROM row WHERE lfdi = ?", (self._key(lfdi),)).fetchone()
        return found and bytes(found[0])

    def forget_devices(self) -> None:
        """Forget the EndDevices, before the list is read again."""
        self._execute("DELETE FROM device")
        self._execute("DELETE FROM seen")

    def add_device(self, lfdi: bytes, href: str) -> bool:
        """Add an EndDevice; return whether its LFDI is new. The first of an LFDI counts."""
        before = self._db.total_changes
        self._execute("INSERT OR IGNORE INTO device VALUES (?, ?)", (self._key(lfdi), href))
        return self._db.total_changes > before

    def href_of(self, lfdi: bytes) -> str:
        """Return the href of the EndDevice of an LFDI, empty if there is none."""
        found = self._execute("SELECT href FROM device WHERE lfdi = ?", (self._key(lfdi),)).fetchone()
        return str(found[0]) if found else ""

    def extra_devices(self) -> Iterator[tuple[bytes, str]]:
        """Return LFDI and href of the EndDevices that no row describes."""
        yield from self._execute(
            "SELECT device.lfdi, href FROM device LEFT JOIN row ON device.lfdi = row.lfdi WHERE row.lfdi IS NULL"
        )

    # The keys of what came in the pages of the list, as ``envoy.protocol.paging.Seen`` has it.

    def __contains__(self, key: object) -> bool:
        return self._execute("SELECT 1 FROM seen WHERE key = ?", (key,)).fetchone() is not None

    def add(self, key: str | bytes) -> None:
        self._execute("INSERT OR IGNORE INTO seen VALUES (?)", (key,))

    def __len__(self) -> int:
        return int(self._execute("SELECT count(*) FROM seen").fetchone()[0])

    def __bool__(self) -> bool:
        return True

    def close(self) -> None:
        """Remove the database."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            raise EnvoyError(
                f"the temporary database of the run cannot be written: {error}",
                remedy="Make room in the folder of temporary files, or name another in TMPDIR, and run it again.",
            ) from None

    def _key(self, lfdi: bytes) -> bytes:
        return bytes(lfdi).lstrip(b"\0") if self._legacy else bytes(lfdi)


def _octets(text: str) -> bytes:
    """Return a text as it can be stored: JSON and the names of files may have surrogates, which SQLite refuses."""
    return text.encode(errors="surrogatepass")
