"""The journal of a fleet: the sites that are done, so that the next run skips them.

It only saves time. The server is asked which devices exist, whatever the journal says, and a site counts as done only
for the same server, profile and description.
"""

from __future__ import annotations

from pathlib import Path

from envoy._sqlite import Database, Format
from envoy.errors import EnvoyError, JournalError
from envoy.profiles import Profile

_REFUSED = "CREATE TABLE refused (lfdi BLOB PRIMARY KEY, digest BLOB NOT NULL, href TEXT NOT NULL) WITHOUT ROWID"

_FORMAT = Format(
    noun="journal",
    application=0x454E564A,
    tables="CREATE TABLE about (server TEXT NOT NULL, profile TEXT NOT NULL);"
    "CREATE TABLE done (lfdi BLOB PRIMARY KEY, digest BLOB NOT NULL, href TEXT NOT NULL) WITHOUT ROWID;" + _REFUSED,
    version=2,
    upgrades={1: _REFUSED},
    # Only a power cut may damage it, which is noticed.
    synchronous="OFF",
    exclusive=True,
    timeout=0,
    error=JournalError,
    foreign_remedy="Delete it: it only saves time, and nothing is registered twice without it. Or name another "
    "file for the journal.",
    full_remedy="Make room, or name another file for the journal, and run it again: sites that are done are skipped.",
)


class Journal(Database):
    """The sites of a fleet that are done. One run has it at a time.

    Args:
        path: An SQLite file, made if there is none.
        server: URL of the server, with the path of DeviceCapability if that is not the usual one.
        profile: How the messages look.

    Raises:
        JournalError: The file is damaged, is something else, belongs to another server or profile, or another run has
            it. Nothing in it is used then.
    """

    def __init__(self, path: str | Path, server: str, profile: Profile) -> None:
        super().__init__(path, _FORMAT)
        try:
            self._check(server, profile.name)
        except EnvoyError:
            self.close()
            raise

    def _check(self, server: str, profile: str) -> None:
        if (damage := str(self.value("PRAGMA quick_check"))) != "ok":
            raise self.error(f"is damaged: {damage.splitlines()[-1]}", remedy=_FORMAT.foreign_remedy)
        new = "INSERT INTO about SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM about) AND NOT EXISTS (SELECT 1 FROM done)"
        self.execute(new, server, profile)
        about = self.rows("SELECT server, profile FROM about")
        if about != [(server, profile)]:
            of = f"is of {about[0][0]} in the profile {about[0][1]}" if about else "is incomplete"
            raise self.error(f"{of}, not of {server} in {profile}", remedy=_FORMAT.foreign_remedy)

    def done(self, lfdi: bytes, digest: bytes) -> str:
        """Return the href of a site that is done in this description, empty if it is not."""
        return str(self.value("SELECT href FROM done WHERE lfdi = ? AND digest = ?", bytes(lfdi), digest) or "")

    def add(self, lfdi: bytes, digest: bytes, href: str) -> None:
        """Note that a site is done.

        Raises:
            JournalError: It cannot be written, for instance because the disk is full.
        """
        self.execute("REPLACE INTO done VALUES (?, ?, ?)", bytes(lfdi), digest, href)

    def refused(self, lfdi: bytes, digest: bytes) -> str:
        """Return the href of an EndDevice that the server has refused to change to this description, or nothing."""
        return str(self.value("SELECT href FROM refused WHERE lfdi = ? AND digest = ?", bytes(lfdi), digest) or "")

    def add_refused(self, lfdi: bytes, digest: bytes, href: str) -> None:
        """Note that the server refuses to change the EndDevice of a site, so that it is not asked at each run.

        Raises:
            JournalError: It cannot be written.
        """
        self.execute("REPLACE INTO refused VALUES (?, ?, ?)", bytes(lfdi), digest, href)

    def remove(self, lfdi: bytes) -> None:
        """Note that a site is not done.

        Raises:
            JournalError: It cannot be written.
        """
        self.execute("DELETE FROM done WHERE lfdi = ?", bytes(lfdi))
