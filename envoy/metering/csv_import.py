"""Import of readings from CSV.

Each row is checked, and all errors are reported at once, each with its line.

There are two forms. Wide, one column for each channel, where an empty cell means no reading::

    time,active-power,voltage
    2026-01-31T12:00:00+10:00,1834,239.8

Long, one row for each reading::

    time,channel,value,quality
    2026-01-31T12:00:00+10:00,active-power,1834,VALID

Both may have the columns ``duration`` (seconds; otherwise the interval of the channel) and ``quality`` (names of
ReadingQualityFlags with ``|`` between, or their number). The long form may have ``mirror``, the name or mRID of the
mirror, where channels of several mirrors have the same name, and ``reason``, which is skipped: so what a spool exports
can be read again.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from typing import Any

from envoy._sqlite import TEMPORARY, Database, Format
from envoy._text import shorten
from envoy.bindings.csv_format import DELIMITERS, CsvFormat, describe_cells
from envoy.errors import EnvoyError, ReadingsError, SpoolError
from envoy.metering.mirror import RESERVED_NAMES, Mirror
from envoy.metering.reading import Entry, Sample, encode_sample
from sep2 import ReadingQualityFlags

_SHOWN = 1000
"""Errors that the text of an exception has; it has all of them as ``errors``."""

_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\Z")

_SURROGATE = re.compile("[\ud800-\udfff]")
"""Octets that are not UTF-8 were read as lone surrogates, which cannot be written."""

_NO_TEXT = "is not UTF-8: save the file as UTF-8"

_LINES = Format(
    noun="temporary database",
    tables="CREATE TABLE reading (mirror, channel, start, duration, line, "
    "PRIMARY KEY (mirror, channel, start, duration)) WITHOUT ROWID",
    error=SpoolError,
    full_remedy="Make room for temporary files; the environment variable SQLITE_TMPDIR names another folder for them.",
)
"""The line of each reading: a file may have more of them than memory holds."""


def read_csv(
    lines: Iterable[str], mirrors: Sequence[Mirror], *, where: str = "readings", form: CsvFormat | None = None
) -> Iterator[tuple[Mirror, Entry]]:
    """Give the readings of a CSV text, each channel and time once, up to the first row with an error.

    All rows are checked all the same, and what came before counts only if no error is raised at the end: a spool that
    is given what this gives takes all or nothing.

    Args:
        lines: The text line by line, as a file gives it that was opened with ``newline=""``, and with
            ``errors="surrogateescape"`` so that what is not UTF-8 has a line as well.
        mirrors: The mirrors whose channels the text may name.
        where: What to call the text in an error.
        form: What separates the columns, and how numbers look; None for commas and points.

    Raises:
        ReadingsError: Rows have errors; all of them are reported, each with its line. The text is not CSV.
        SpoolError: There is no room on the disk for temporary files.
    """
    errors: list[str] = []
    try:
        for entry in _read(lines, mirrors, errors, form or CsvFormat()):
            if not errors:
                yield entry
    except ReadingsError as error:
        errors += [f"{error.where or 'line 1'}: {each}" for each in error.errors]
    if errors:
        shown = errors[:_SHOWN] + ([f"and {len(errors) - _SHOWN} more"] if len(errors) > _SHOWN else [])
        count = f"{len(errors)} errors" if len(errors) > 1 else "an error"
        raise ReadingsError(
            "\n  ".join([count, *shown]), errors=errors, where=where, remedy="Nothing of it was taken. Correct it."
        )


def _read(
    lines: Iterable[str], mirrors: Sequence[Mirror], errors: list[str], form: CsvFormat
) -> Iterator[tuple[Mirror, Entry]]:
    rows = _rows(lines, form)
    table = Table(next(rows, (1, []))[1], mirrors, form)
    numbers = {mirror.mrid: number for number, mirror in enumerate(mirrors)}
    insert = "INSERT OR IGNORE INTO reading VALUES (?, ?, ?, ?, ?)"
    select = "SELECT line FROM reading WHERE mirror = ? AND channel = ? AND start = ? AND duration = ?"
    with Database(TEMPORARY, _LINES) as seen, seen.transaction():
        for line, cells in rows:
            try:
                found = table.row(cells)
            except ReadingsError as error:
                errors += [f"line {line}: {each}" for each in error.errors]
                continue
            for mirror, entry in found:
                key = (numbers[mirror.mrid], entry.channel, entry.start, entry.duration)
                if seen.execute(insert, *key, line):
                    yield mirror, entry
                else:
                    name = next(channel.name for channel in mirror.channels if channel.mrid == entry.channel)
                    errors.append(f"line {line}: {name} at that time is in line {seen.value(select, *key)} already")


def _rows(lines: Iterable[str], form: CsvFormat) -> Iterator[tuple[int, list[str]]]:
    text = iter(lines)
    first = list(islice(text, 1))
    reader = csv.reader(chain(first, text), strict=True, delimiter=form.find("".join(first)))
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ReadingsError(f"not CSV: {error}", where=f"line {reader.line_num}") from None
        if cells is None:
            return
        if cells:
            yield reader.line_num, [cell.strip() for cell in cells]


class Table:
    """The columns of a CSV text, and what a row of it says.

    Args:
        header: The cells of the first row.
        mirrors: The mirrors whose channels it may name.
        form: What separates the columns, and how numbers look.

    Raises:
        ReadingsError: The header has errors; all of them are reported.
    """

    def __init__(self, header: Sequence[str], mirrors: Sequence[Mirror], form: CsvFormat) -> None:
        self._format = form
        self._header = list(header)
        self._mirrors = mirrors
        self._long = {"channel", "value"} <= set(header)
        errors = list(self._header_errors())
        if errors:
            raise ReadingsError("; ".join(errors), errors=errors)

    def _header_errors(self) -> Iterator[str]:
        names = self._header
        if _SURROGATE.search("".join(names)):
            yield _NO_TEXT
            return
        if len(names) < 2 and any(mark in name for name in names for mark in ",;\t|"):
            yield f"the columns are not separated by {DELIMITERS[self._format.delimiter]}: delimiter='auto' reads it"
            return
        if not names:
            yield "there is nothing; the first line names the columns, such as time,active-power"
            return
        if "time" not in names:
            yield "there is no column time"
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                yield f"there are {names.count(name)} columns {name!r}"
        allowed = {"time", "duration", "quality"} | ({"channel", "value", "mirror", "reason"} if self._long else set())
        channels = [name for name in names if name not in allowed]
        for name in channels:
            try:
                if self._long or name in RESERVED_NAMES:
                    raise ReadingsError(f"a column {name!r} is not known beside the others")
                self._mirror_of(name, "")
            except ReadingsError as error:
                yield error.what
        if not self._long and not channels and "time" in names:
            yield "there is no column for a channel"

    def row(self, cells: Sequence[str]) -> list[tuple[Mirror, Entry]]:
        """Return the readings of a row.

        Raises:
            ReadingsError: It has errors; all of them are reported.
        """
        if len(cells) != len(self._header):
            what, remedy = describe_cells(len(cells), len(self._header), self._format.delimiter)
            raise ReadingsError(f"{what}. {remedy}")
        if _SURROGATE.search("".join(cells)):
            raise ReadingsError(_NO_TEXT)
        by_name = dict(zip(self._header, cells, strict=True))
        errors: list[str] = []
        values: dict[str, str] = (
            {by_name["channel"]: by_name["value"]}
            if self._long
            else {name: cell for name, cell in by_name.items() if name not in RESERVED_NAMES and cell}
        )
        said: dict[str, Any] = {}
        for column, parse in _PARSERS.items():
            try:
                said[column] = parse(by_name.get(column, ""))
            except ReadingsError as error:
                errors.append(error.what)
        start, duration, quality = map(said.get, _PARSERS)
        found: list[tuple[Mirror, Entry]] = []
        for name, cell in values.items():
            try:
                mirror = self._mirror_of(name, by_name.get("mirror", "") if self._long else "")
                value = _number(cell, self._format)
                if start is not None:
                    found.append((mirror, encode_sample(Sample(name, start, value, duration, quality), mirror)))
                else:
                    mirror.channel(name).encode(value)
            except EnvoyError as error:
                errors.append(f"{name}: {error.what}" if name else "there is no channel")
        if errors:
            raise ReadingsError("; ".join(errors), errors=errors)
        return found

    def _mirror_of(self, channel: str, name: str) -> Mirror:
        chosen = [mirror for mirror in self._mirrors if not name or name in (mirror.name, mirror.mrid.hex().upper())]
        if not chosen:
            raise ReadingsError(f"no mirror {name!r} was given")
        found = [mirror for mirror in chosen if any(each.name == channel for each in mirror.channels)]
        if not found:
            known = [each.name for mirror in chosen for each in mirror.channels]
            near = difflib.get_close_matches(channel, known, n=2, cutoff=0.6)
            guess = f" Did you mean {' or '.join(near)}?" if near else f" There are {', '.join(known)}."
            raise ReadingsError(f"no channel {channel!r}.{guess}")
        if len(found) > 1:
            raise ReadingsError(f"several mirrors have a channel {channel!r}; say which in a column mirror")
        return found[0]


def parse_time(text: str) -> datetime:
    """Return the moment that a text stands for: ISO 8601 with a zone, such as 2026-01-31T12:00:00+10:00.

    Raises:
        ReadingsError: It is not a time, or has no zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ReadingsError(f"time {shorten(text, 40)!r} is not ISO 8601, such as 2026-01-31T12:00:00+10:00") from None
    if moment.tzinfo is None:
        raise ReadingsError(f"time {text!r} has no zone: add Z if it is UTC, or an offset such as +10:00")
    return moment


def _duration(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise ReadingsError(f"duration {text[:40]!r} is not a whole number of seconds")
    return int(text)


def _quality(text: str) -> ReadingQualityFlags | None:
    if not text:
        return None
    if text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 0xFFFF:
        return ReadingQualityFlags(int(text))
    flags = ReadingQualityFlags(0)
    for word in text.split("|"):
        name = word.strip()
        if name not in ReadingQualityFlags.__members__:
            known = ", ".join(ReadingQualityFlags.__members__)
            raise ReadingsError(f"quality {name[:40]!r} is not one of {known}")
        flags |= ReadingQualityFlags[name]
    return flags


_PARSERS: dict[str, Callable[[str], Any]] = {"time": parse_time, "duration": _duration, "quality": _quality}
"""What reads the cells of the columns that all readings of a row share."""


def _number(text: str, form: CsvFormat) -> Decimal:
    try:
        if _NUMBER.match(plain := form.number(text)):
            return Decimal(plain)
    except InvalidOperation:
        pass
    except ValueError as error:
        raise ReadingsError(str(error)) from None
    hint = ": write a point, no comma" if "," in text else ""
    raise ReadingsError(f"value {shorten(text, 40)!r} is not a number{hint}" if text else "there is no value")
