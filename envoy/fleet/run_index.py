"""The index of a run: the rows of the fleet and the EndDevices that the server has, by LFDI and SFDI.

It is in a temporary file, so that a fleet of any size takes the same memory.
"""

from __future__ import annotations

from collections.abc import Iterator

from envoy._sqlite import TEMPORARY, Database, Format
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import Profile
from envoy.protocol.end_devices import ListedDevice

_FORMAT = Format(
    noun="temporary database",
    tables="""
        PRAGMA cache_size = -8000;
        CREATE TABLE row (
            lfdi BLOB PRIMARY KEY, sfdi INTEGER NOT NULL, place BLOB NOT NULL, nmi BLOB, digest BLOB NOT NULL
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX row_by_sfdi ON row (sfdi);
        CREATE UNIQUE INDEX row_by_nmi ON row (nmi) WHERE nmi IS NOT NULL;
        CREATE TABLE device (lfdi BLOB, sfdi INTEGER, href TEXT NOT NULL);
        CREATE UNIQUE INDEX device_by_lfdi ON device (lfdi) WHERE lfdi IS NOT NULL;
        CREATE UNIQUE INDEX device_by_sfdi ON device (sfdi) WHERE lfdi IS NULL;
        CREATE INDEX device_by_any_sfdi ON device (sfdi);
        CREATE TABLE seen (key BLOB PRIMARY KEY) WITHOUT ROWID
    """,
    full_remedy="Make room in the folder of temporary files, or name another in TMPDIR, and run it again.",
)

_WHY_SAME = {
    "sfdi": " LFDIs that share their first nine hex digits have the same SFDI, and a server has one EndDevice for each."
}


class Index(Database):
    """The rows and the EndDevices of one run. Any method may raise an EnvoyError: the disk is full.

    Args:
        profile: Decides which LFDIs are the same, and which SFDI belongs to one.
    """

    def __init__(self, profile: Profile) -> None:
        dialect = IDENTITY_DIALECTS[profile.dialect]
        self._key, self._sfdi = dialect.lfdi_key, dialect.sfdi_of_lfdi
        super().__init__(TEMPORARY, _FORMAT)

    def add_row(self, lfdi: bytes, nmi: str | None, place: str, digest: bytes) -> str:
        """Add a row; return why it cannot be added, empty if it can. NMIs that differ in case alone are the same."""
        values = {
            "lfdi": self._key(lfdi),
            "sfdi": self._sfdi(lfdi),
            "nmi": None if nmi is None else _octets(nmi.casefold()),
        }
        row = (*values.values(), _octets(place), digest)
        if not self.execute("INSERT OR IGNORE INTO row (lfdi, sfdi, nmi, place, digest) VALUES (?, ?, ?, ?, ?)", *row):
            for name, value in values.items():
                if first := self.value(f"SELECT place FROM row WHERE {name} = ?", value):  # noqa: S608
                    return f"{name}: is the same as in {first.decode(errors='surrogatepass')}.{_WHY_SAME.get(name, '')}"
        return ""

    def digest_of(self, lfdi: bytes) -> bytes | None:
        """Return the digest of a row as it was added; None if there is no such row."""
        found: bytes | None = self.value("SELECT digest FROM row WHERE lfdi = ?", self._key(lfdi))
        return found

    def forget_devices(self) -> None:
        """Forget the EndDevices, before the list is read again."""
        self.execute("DELETE FROM device")
        self.execute("DELETE FROM seen")

    def add_device(self, lfdi: bytes | None, sfdi: int | None, href: str) -> str | None:
        """Add an EndDevice, which has an LFDI or an SFDI. The first of an LFDI, or without one of an SFDI, counts.

        Returns:
            None; or the href of the first if there is one already.
        """
        key = self._key(lfdi) if lfdi else None
        if self.execute("INSERT OR IGNORE INTO device VALUES (?, ?, ?)", key, sfdi, href):
            return None
        first = self.rows("SELECT href FROM device WHERE lfdi IS ? AND (lfdi IS NOT NULL OR sfdi IS ?)", key, sfdi)
        return str(first[0][0])

    def find(self, lfdi: bytes) -> ListedDevice | None:
        """Return the EndDevice of an LFDI: the one with it, else one with its SFDI, without an LFDI if there is one."""
        sfdi = self._sfdi(lfdi)
        found = self.rows("SELECT href, lfdi FROM device WHERE lfdi = ?", self._key(lfdi)) or (
            self.rows("SELECT href, lfdi FROM device WHERE sfdi = ? ORDER BY lfdi IS NOT NULL LIMIT 1", sfdi)
            if sfdi
            else []
        )
        return ListedDevice(*found[0]) if found else None

    def extra_devices(self, own: bytes | None) -> Iterator[tuple[bytes, str]]:
        """Give LFDI and href of the EndDevices that no row describes.

        Args:
            own: LFDI of the client's own, which is left out; None for none.
        """
        select = """
            SELECT lfdi, href FROM device WHERE CASE WHEN lfdi IS NULL
            THEN sfdi IS NOT ? AND sfdi NOT IN (SELECT sfdi FROM row)
            ELSE lfdi IS NOT ? AND lfdi NOT IN (SELECT lfdi FROM row) END
        """
        for lfdi, href in self.iterate(select, self._sfdi(own) if own else None, self._key(own) if own else None):
            yield bytes(lfdi or b""), str(href)

    # The keys of what came in the pages of the list, as ``envoy.protocol.paging.Seen`` has it.

    def __contains__(self, key: object) -> bool:
        return bool(self.value("SELECT 1 FROM seen WHERE key = ?", key))

    def add(self, key: str | bytes) -> None:
        self.execute("INSERT OR IGNORE INTO seen VALUES (?)", key)


def _octets(text: str) -> bytes:
    """Return a text as it can be stored: JSON and the names of files may have surrogates, which SQLite refuses."""
    return text.encode(errors="surrogatepass")
