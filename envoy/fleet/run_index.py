"""The index of a run: the rows of the fleet and the EndDevices that the server has, by LFDI.

It is in a temporary file, so that a fleet of any size takes the same memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from envoy._sqlite import TEMPORARY, Database, Format
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import Profile

_FORMAT = Format(
    noun="temporary database",
    tables="""
        PRAGMA cache_size = -8000;
        CREATE TABLE row (lfdi BLOB PRIMARY KEY, place BLOB NOT NULL, nmi BLOB, digest BLOB NOT NULL) WITHOUT ROWID;
        CREATE UNIQUE INDEX row_by_nmi ON row (nmi) WHERE nmi IS NOT NULL;
        CREATE TABLE device (lfdi BLOB PRIMARY KEY, href TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID
    """,
    full_remedy="Make room in the folder of temporary files, or name another in TMPDIR, and run it again.",
)


class Index(Database):
    """The rows and the EndDevices of one run. Any method may raise an EnvoyError: the disk is full.

    Args:
        profile: Decides which LFDIs are the same.
    """

    def __init__(self, profile: Profile) -> None:
        self._key = IDENTITY_DIALECTS[profile.dialect].lfdi_key
        super().__init__(TEMPORARY, _FORMAT)

    def add_row(self, lfdi: bytes, nmi: str | None, place: str, digest: bytes) -> str:
        """Add a row; return why it cannot be added, empty if it can. NMIs that differ in case alone are the same."""
        values = {"lfdi": self._key(lfdi), "nmi": None if nmi is None else _octets(nmi.casefold())}
        row = (*values.values(), _octets(place), digest)
        if not self.execute("INSERT OR IGNORE INTO row (lfdi, nmi, place, digest) VALUES (?, ?, ?, ?)", *row):
            for name, value in values.items():
                if first := self.value(f"SELECT place FROM row WHERE {name} = ?", value):  # noqa: S608
                    return f"{name}: is the same as in {first.decode(errors='surrogatepass')}."
        return ""

    def digest_of(self, lfdi: bytes) -> bytes | None:
        """Return the digest of a row as it was added; None if there is no such row."""
        found: bytes | None = self.value("SELECT digest FROM row WHERE lfdi = ?", self._key(lfdi))
        return found

    def forget_devices(self) -> None:
        """Forget the EndDevices, before the list is read again."""
        self.execute("DELETE FROM device")
        self.execute("DELETE FROM seen")

    def add_device(self, lfdi: bytes, href: str) -> bool:
        """Add an EndDevice; return whether its LFDI is new. The first of an LFDI counts."""
        return bool(self.execute("INSERT OR IGNORE INTO device VALUES (?, ?)", self._key(lfdi), href))

    def href_of(self, lfdi: bytes) -> str:
        """Return the href of the EndDevice of an LFDI, empty if there is none."""
        return str(self.value("SELECT href FROM device WHERE lfdi = ?", self._key(lfdi)) or "")

    def extra_devices(self) -> Iterator[tuple[bytes, str]]:
        """Give LFDI and href of the EndDevices that no row describes."""
        select = "SELECT device.lfdi, href FROM device LEFT JOIN row ON device.lfdi = row.lfdi WHERE row.lfdi IS NULL"
        for lfdi, href in self.iterate(select):
            yield bytes(lfdi), str(href)

    # The keys of what came in the pages of the list, as ``envoy.protocol.paging.Seen`` has it.

    def __contains__(self, key: object) -> bool:
        return bool(self.value("SELECT 1 FROM seen WHERE key = ?", key))

    def add(self, key: str | bytes) -> None:
        self.execute("INSERT OR IGNORE INTO seen VALUES (?)", key)


def _octets(text: str) -> bytes:
    """Return a text as it can be stored: JSON and the names of files may have surrogates, which SQLite refuses."""
    return text.encode(errors="surrogatepass")
