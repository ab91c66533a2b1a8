"""Roster of a fleet that is followed: its sites by their keys, read again when the file has changed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envoy.errors import SiteError
from envoy.fleet.fleet_file import Fleet, Row
from envoy.fleet.shard import Shard
from envoy.profiles import DEFAULT_PROFILE, Profile
from envoy.registration.site import Site, SiteDER

_Signature = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A site of a roster.

    Attributes:
        site: The site.
        where: Its file and line.
        digest: A digest of what the file says of it.
    """

    site: Site
    where: str
    digest: bytes


@dataclass(slots=True)
class Roster:
    """The sites that a fleet had when it was read.

    Attributes:
        sites: The sites by their keys: the LFDI as upper-case hexadecimal.
        errors: What is wrong with rows that are left out.
    """

    sites: dict[str, Entry] = field(default_factory=dict)
    errors: list[SiteError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RosterChanges:
    """What one roster has that another had not.

    Attributes:
        added: Keys of the sites that have come.
        removed: Keys of those that have gone.
        changed: Keys of those of which the file says something else.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]

    @classmethod
    def between(cls, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> RosterChanges:
        """Return what has changed from one roster to another."""
        return cls(
            added=tuple(key for key in after if key not in before),
            removed=tuple(key for key in before if key not in after),
            changed=tuple(key for key in after if key in before and after[key].digest != before[key].digest),
        )

    def __bool__(self) -> bool:
        """Return whether anything has changed."""
        return bool(self.added or self.removed or self.changed)


class RosterFile:
    """The file of a roster, which may change.

    Args:
        path: A fleet: a CSV file, a file of JSON Lines, or a folder of site files.
        profile: Decides how LFDIs are written.
        delimiter: What separates the columns of CSV.
        shard: The part of the sites to read; None for all.

    Attributes:
        path: Where it is.

    Raises:
        SiteError: There is no such fleet.
    """

    def __init__(
        self,
        path: str | Path,
        profile: str | Profile = DEFAULT_PROFILE,
        *,
        delimiter: str = ",",
        shard: Shard | None = None,
    ) -> None:
        self.path = Fleet(path, profile, delimiter=delimiter).path
        self._profile = profile
        self._delimiter = delimiter
        self._shard = shard
        self._read = self._seen = self._sign()
        self._known: dict[bytes, Entry] = {}
        self._ders: dict[str, list[SiteDER]] = {}

    def look(self) -> bool:
        """Return whether it has changed since it was read, and not since the last look: it may be being written."""
        now = self._sign()
        settled, self._seen = now == self._seen, now
        return settled and now != self._read

    def read(self) -> Roster:
        """Read the sites. Rows that have not changed are those that were read before.

        Raises:
            SiteError: The file cannot be read, its header is wrong, or it has no rows.
        """
        self._read = self._sign()
        self._ders.clear()
        roster, known, rows = Roster(), dict[bytes, Entry](), 0
        for row in self._open(self._shard).rows():
            rows += 1
            try:
                digest = row.digest
                entry = known[digest] = self._known.get(digest) or Entry(self._read_site(row), row.where, digest)
                self._add(roster, entry, row)
            except SiteError as error:
                roster.errors.append(error)
        # A shard may have none; a file that has none at all is half written, or another one.
        if not rows and (self._shard is None or not any(True for _ in self._open(None).rows())):
            raise SiteError("has no sites", where=str(self.path), remedy="Write a row for each site.")
        self._known = known
        return roster

    def _open(self, shard: Shard | None) -> Fleet:
        return Fleet(self.path, self._profile, delimiter=self._delimiter, shard=shard)

    def _add(self, roster: Roster, entry: Entry, row: Row) -> None:
        key = entry.site.lfdi.hex().upper()
        if (twin := roster.sites.get(key)) is not None:
            remedy = "Each site has an LFDI of its own: correct one of the rows, or delete it."
            raise SiteError(f"has the LFDI of {twin.where}", where=row.where, remedy=remedy)
        roster.sites[key] = entry

    def _read_site(self, row: Row) -> Site:
        """Return the site of a row. Sites with equal DERs share them, since most of a fleet are alike."""
        if row.table is None or not row.table.get("der"):
            return row.site(self._profile, suggest=False)
        text = json.dumps(row.table["der"], sort_keys=True, default=str)
        if (ders := self._ders.get(text)) is None:
            site = row.site(self._profile, suggest=False)
            self._ders[text] = site.ders
            return site
        plain = {key: value for key, value in row.table.items() if key != "der"}
        site = Row(row.number, row.where, plain).site(self._profile, suggest=False)
        site.ders = ders
        return site

    def _sign(self) -> _Signature:
        """Return what changes when the file does; empty if it cannot be looked at."""
        try:
            files = sorted(self.path.rglob("*.toml")) if self.path.is_dir() else [self.path]
            return tuple(_sign(file) for file in files)
        except OSError:
            return ()


def _sign(file: Path) -> tuple[str, int, int, int]:
    found = os.stat(file)
    return str(file), found.st_mtime_ns, found.st_size, found.st_ino
