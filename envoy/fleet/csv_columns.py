"""Columns of a fleet file in CSV: the keys of a site file with dots between.

There is one column for each field of the typed models that a site may have. Reading and documentation both come from
the models, so neither can know more than the other.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from envoy.bindings.csv_format import DELIMITERS, CsvFormat, describe_cells
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, fields_of
from envoy.bindings.meanings import meanings_of
from envoy.bindings.quantities import UNITS, Quantity
from envoy.bindings.tables import MOST_SUGGESTIONS, join_errors
from envoy.errors import SiteError
from envoy.registration.site import Site
from sep2 import Link

MAX_DERS = 9
"""Most DERs that the columns of a row can describe; a TOML or JSON Lines file has no such limit."""

_NUMBERED = re.compile(r"der\[([1-9])\]\.")
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]+")
"""A long number as spreadsheets show it, and write it to CSV: its digits are lost."""

_LFDI = "Long form device identifier, which no other row may have; 0x and hex digits in the profile envoy-0.1."
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its name in the header, such as ``der.capability.rtg_max_w``.
        field: The field of a typed model that it fills.
        meaning: What it says.
        required: Whether each row must fill it, or must do so once it fills another column of the same object.
    """

    name: str
    field: Field
    meaning: str

    @property
    def required(self) -> bool:
        return self.field.required and self.field.name not in ("updated_time", "reading_time")

    @property
    def form(self) -> str:
        """What a cell holds, in words."""
        kind = self.field.type
        if self.name == "lfdi":
            return "40 hex digits"
        if issubclass(kind, Quantity):
            return f"number, {UNITS[kind.__name__]}" if kind.__name__ in UNITS else "number"
        if issubclass(kind, Bitmap):
            return f"names of {kind.__name__}, spaces between"
        if issubclass(kind, Code):
            return f"name of {kind.__name__}"
        if issubclass(kind, int) and self.name.endswith(("_time", "_date")):
            return "time: 2026-01-31T12:00:00Z, or seconds since 1970"
        return {bool: "true or false", int: "whole number", bytes: "hex digits"}.get(kind, "text")

    @property
    def is_text(self) -> bool:
        """Whether it holds text or hex digits, which are not a number even where they are all decimal."""
        return self.field.type in (str, bytes)

    def value(self, cell: str, form: CsvFormat) -> Any:
        """Return what a site file would have for a cell. What cannot be read stays text, for the site to refuse.

        Args:
            cell: The text of the cell.
            form: How numbers look.

        Raises:
            ValueError: It is not certain which number it is.
        """
        kind = self.field.type
        if issubclass(kind, Bitmap):
            return [int(word) if word.isdecimal() else word for word in cell.replace("|", " ").split()]
        if kind is bool:
            return _WORDS.get(cell.lower(), cell)
        if issubclass(kind, int):
            with suppress(ValueError):
                return int(cell)
        if issubclass(kind, Quantity):
            cell = form.number(cell)
            for number in (int, float):
                with suppress(ValueError):
                    return number(cell)
        return cell


@cache
def columns() -> dict[str, Column]:
    """Return all columns by name, those of the first DER as ``der.``, in the order of the models."""
    return {column.name: column for column in _columns_of(Site, "")}


def _columns_of(cls: type, prefix: str) -> Iterator[Column]:
    meanings = meanings_of(cls)
    for field in fields_of(cls):
        # The parts of a DER have no columns: a row would be endless.
        if field.name in ("href", "subscribable", "components") or f"{prefix}{field.name}" == "device_information.lfdi":
            continue
        kind = field.type
        if not dataclasses.is_dataclass(kind) or issubclass(kind, Quantity):
            name = f"{prefix}{field.name}"
            yield Column(name, field, _LFDI if name == "lfdi" else meanings.get(field.name, ""))
        elif not issubclass(kind, Link):
            # The key of the DERs in a site file is that of one of them.
            yield from _columns_of(kind, f"{prefix}{'der' if field.many else field.name}.")


class Header:
    """The first line of a fleet file: which cell of a row goes where.

    Args:
        names: The cells of the first line.
        form: What separates the columns, and how numbers look; None for commas and points.

    Raises:
        SiteError: A column is unknown or there twice, or there is no column lfdi; all errors are reported.
    """

    def __init__(self, names: Sequence[str], form: CsvFormat | None = None) -> None:
        self._format = form = form or CsvFormat()
        self.names = [name.strip() for name in names]
        self._places = []
        errors: list[str] = []
        if len(self.names) == 1 and (other := re.search("[,;\t|]", self.names[0])):
            raise SiteError(
                f"columns are separated by {DELIMITERS[other[0]]} here, not by {DELIMITERS[form.delimiter]}",
                remedy="delimiter='auto' reads it as it is. Or save it as comma separated CSV in UTF-8.",
            )
        for number, name in enumerate(self.names, start=1):
            der = _NUMBERED.match(name)
            column = columns().get(_NUMBERED.sub("der.", name, count=1))
            if column is None:
                errors.append(_unknown(number, name, suggest=len(errors) < MOST_SUGGESTIONS))
            elif self._plain(name) in map(self._plain, self.names[: number - 1]):
                errors.append(f"column {number}: {name} is there twice")
            else:
                self._places.append((tuple(column.name.split(".")), int(der[1]) - 1 if der else 0, column))
        if "lfdi" not in self.names:
            errors.append("there is no column lfdi")
        if errors:
            raise SiteError(join_errors(errors), remedy="envoy register --columns lists the columns.")

    @staticmethod
    def _plain(name: str) -> str:
        return name.replace("der[1].", "der.")

    def table(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return a row as a site file would have it; an empty cell is a key that is left out.

        Raises:
            SiteError: The row has more or fewer cells than the header, or digits that a spreadsheet has lost.
        """
        if len(cells) != len(self.names):
            what, remedy = describe_cells(len(cells), len(self.names), self._format.delimiter)
            raise SiteError(what, remedy=remedy)
        table: dict[str, Any] = {}
        for (path, der, column), cell in zip(self._places, cells, strict=True):
            text = cell.strip()
            if not text:
                continue
            if column.is_text and _ROUNDED.fullmatch(text):
                raise SiteError(
                    f"{column.name}: {text!r} is what a spreadsheet makes of a long number, its digits are lost",
                    remedy="Format the column as text there, fill it in again from where it came, and save it as CSV.",
                )
            place = table
            if path[0] == "der":
                ders = table.setdefault("der", [])
                ders += [{} for _ in range(der + 1 - len(ders))]
                place, path = ders[der], path[1:]
            for key in path[:-1]:
                place = place.setdefault(key, {})
            try:
                place[path[-1]] = column.value(text, self._format)
            except ValueError as error:
                raise SiteError(f"{column.name}: {error}") from None
        return table


def _unknown(number: int, name: str, *, suggest: bool) -> str:
    if not name:
        return f"column {number} has no name"
    if not suggest:
        return f"column {number}: {name!r} is unknown."
    plain = _NUMBERED.sub("der.", name, count=1)
    letters = re.sub(r"[^a-z0-9]", "", plain.lower())
    known = columns()
    # The name of a field alone, or as the standard spells it, is enough to see what is meant.
    same = [x for x in known if letters in (re.sub(r"[._]", "", x), re.sub(r"_", "", x.rpartition(".")[2]))]
    near = same[:2] or difflib.get_close_matches(plain, known, n=2, cutoff=0.6)
    return f"column {number}: {name!r} is unknown." + (f" Did you mean {' or '.join(near)}?" if near else "")
