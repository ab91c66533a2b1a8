"""Fleet file: many sites in CSV, in JSON Lines, or in a folder of site files, read one at a time."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from envoy._text import quote
from envoy.bindings.csv_format import CsvFormat
from envoy.bindings.toml import read_toml
from envoy.errors import IdentityError, SiteError
from envoy.fleet.csv_columns import Header
from envoy.fleet.shard import Shard
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.registration.site import Site

SUFFIXES = (".csv", ".jsonl", ".ndjson")
"""Endings of the file names of fleets."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_REMEDY = "A fleet is a .csv or .jsonl file, or a folder of site files (.toml)."

_Entry = tuple[str, Callable[[], Mapping[str, Any]]]
"""A site before it is read: its file and line, and what reads it, or raises a SiteError."""


@dataclass(frozen=True, slots=True)
class Row:
    """One site of a fleet, as plain values.

    Attributes:
        number: Which of the fleet it is, from 1.
        where: Its file and line.
        table: What a site file would have; None if the row cannot be read.
        problem: Why not.
    """

    number: int
    where: str
    table: Mapping[str, Any] | None
    problem: SiteError | None = None

    def site(self, profile: str | Profile = DEFAULT_PROFILE, *, suggest: bool = True) -> Site:
        """Return the site.

        Args:
            profile: Decides how the LFDI is written.
            suggest: Whether errors suggest what may be meant, which takes time.

        Raises:
            SiteError: The row has errors; all of them are reported.
        """
        if self.table is None:
            what, remedy = ("cannot be read", "") if self.problem is None else (self.problem.what, self.problem.remedy)
            raise SiteError(what, where=self.where, remedy=remedy)
        return Site.from_table(self.table, profile=profile, where=self.where, suggest=suggest)

    @property
    def digest(self) -> bytes:
        """A digest of what the row says, by which a change of it is noticed."""
        text = json.dumps(self.table, sort_keys=True, default=str)
        return hashlib.blake2b(text.encode(), digest_size=16).digest()


def is_fleet(path: str | Path) -> bool:
    """Whether a path is that of a fleet, and not of a single site."""
    return Path(path).suffix.lower() in SUFFIXES or Path(path).is_dir()


class Fleet:
    """A fleet, which can be read any number of times.

    Args:
        path: A CSV file with a header, a file of JSON Lines, or a folder of TOML files, those in its folders included.
        profile: Decides how LFDIs are written, and how the messages of the sites will look.
        delimiter: What separates the columns of CSV; ``auto`` for what the first line shows. Where it is not a comma,
            numbers may have commas before their decimals.
        shard: The part of the sites to read; None for all. A row without an LFDI that can be read is in every shard, so
            that each finds the error.

    Attributes:
        format: The form of the CSV file, as far as it has been read.
        shard: The part of the sites that is read; None for all.

    Raises:
        SiteError: There is no such file, or its name ends in something else.
        ProfileError: There is no such profile.
        EnvoyError: There is no such delimiter.
    """

    def __init__(
        self,
        path: str | Path,
        profile: str | Profile = DEFAULT_PROFILE,
        *,
        delimiter: str = ",",
        shard: Shard | None = None,
    ) -> None:
        self.path = Path(path)
        self.shard = shard
        # One for all readings of the file: what an early row shows holds for those that are read alone later.
        self.format = CsvFormat(delimiter)
        self.profile = get_profile(profile)
        if not is_fleet(self.path):
            raise SiteError("is not a fleet", where=str(path), remedy=_REMEDY)
        if not self.path.exists():
            raise SiteError("there is no such file", where=str(path), remedy=_REMEDY)

    def rows(self, only: Container[int] | None = None) -> Iterator[Row]:
        """Read the rows, each when it is asked for. One that cannot be read is a Row with a problem.

        Args:
            only: Numbers of the rows to read; None for all.

        Raises:
            SiteError: The file cannot be read, or its header is wrong.
        """
        for number, (where, read) in enumerate(self._entries(), start=1):
            if only is not None and number not in only:
                continue
            try:
                row = Row(number, where, read())
            except SiteError as error:
                row = Row(number, where, None, error)
            if self.shard is None or self._is_in(self.shard, row):
                yield row

    def _is_in(self, shard: Shard, row: Row) -> bool:
        text = (row.table or {}).get("lfdi")
        dialect = IDENTITY_DIALECTS[self.profile.dialect]
        try:
            return not isinstance(text, str) or bytes(dialect.lfdi_key(dialect.parse_lfdi(text))) in shard
        except IdentityError:
            return True

    def _entries(self) -> Iterator[_Entry]:
        try:
            if self.path.is_dir():
                yield from _folder(self.path)
                return
            with self.path.open("rb") as file:
                lines = _Lines(str(self.path), file)
                if self.path.suffix.lower() != ".csv":
                    yield from _json_lines(str(self.path), lines)
                    return
                self.format.find(next((line for line in lines if line.strip()), ""))
                file.seek(0)
                yield from _csv(str(self.path), lines, self.format)
        except OSError as error:
            raise SiteError(f"cannot be read: {error.strerror}", where=str(self.path), remedy=_REMEDY) from None


class _Lines:
    """The lines of a file as text; those that are not UTF-8 are remembered."""

    def __init__(self, name: str, file: BinaryIO) -> None:
        self._name = name
        self._file = file
        self.number = 0
        self.garbled = 0

    def __iter__(self) -> Iterator[str]:
        for number, raw in enumerate(self._file, start=1):
            self.number = number
            if number == 1 and raw.startswith(_UTF_16):
                raise SiteError("is UTF-16", where=self._name, remedy="Save it as UTF-8.")
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError:
                self.garbled = number
                yield raw.decode("utf-8", "replace")


def _csv(name: str, lines: _Lines, form: CsvFormat) -> Iterator[_Entry]:
    lines.number = lines.garbled = 0
    reader = csv.reader(lines, strict=True, delimiter=form.delimiter)
    header: Header | None = None
    ended = False
    while not ended:
        first = lines.number + 1
        problem = None
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            problem = _not_csv(error)
            ended = "field limit" in str(error)
        if lines.garbled >= first:
            problem = _not_utf_8()
        if not problem and not any(cell.strip() for cell in cells):
            continue
        where = f"{name}:{first}"
        if header is None:
            try:
                header = Header(cells, form) if problem is None else _raise(problem)
            except SiteError as error:
                raise SiteError(error.what, where=where, remedy=error.remedy) from None
        else:
            yield where, partial(_raise, problem) if problem else partial(header.table, cells)
    if header is None:
        raise SiteError("is empty", where=name, remedy="envoy register --columns lists the columns of its first line.")


def _not_utf_8() -> SiteError:
    return SiteError("is not UTF-8", remedy="Save the file as UTF-8.")


def _not_csv(error: csv.Error) -> SiteError:
    if "new-line" in str(error):
        return SiteError("has a line that ends in CR alone", remedy="Save the file with lines that end in LF or CR LF.")
    if "field limit" in str(error):
        return SiteError(
            "opens a quote that is not closed: a cell would be longer than any can be; the rows after it were not read",
            remedy='Close the quote before the next comma. Inside quotes, one is written "".',
        )
    return SiteError(
        f"is not CSV: {error}", remedy='A quote is closed before the next comma, and written "" inside quotes.'
    )


def _raise(error: SiteError) -> NoReturn:
    raise error


def _json_lines(name: str, lines: _Lines) -> Iterator[_Entry]:
    for line in lines:
        if line.strip():
            garbled = lines.garbled == lines.number
            yield f"{name}:{lines.number}", partial(_raise, _not_utf_8()) if garbled else partial(_json, line)


def _json(line: str) -> dict[str, Any]:
    try:
        table = json.loads(line, object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        what = f"is not JSON: {error}"
    else:
        if isinstance(table, dict):
            return table
        what = "is not a JSON object"
    raise SiteError(what, remedy="Each line is one object with the keys of a site file.")


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        (twin, _), *_ = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"{quote(twin)} is there twice")
    return table


def _folder(folder: Path) -> Iterator[_Entry]:
    def fail(error: OSError) -> None:
        raise SiteError(f"cannot be read: {error.strerror}", where=str(error.filename), remedy="Run as its owner.")

    empty = True
    for place, folders, files in os.walk(folder, onerror=fail):
        folders.sort()
        for name in sorted(files):
            if name.lower().endswith(".toml"):
                path = Path(place, name)
                empty = False
                yield str(path), partial(read_toml, path, "site", SiteError)
    if empty:
        raise SiteError("has no site files", where=str(folder), remedy=_REMEDY)
