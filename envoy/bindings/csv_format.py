"""Form of a CSV file that a person or a spreadsheet writes: what separates its columns, and how numbers look.

CSV has commas between columns and points in numbers. Spreadsheets of many countries write semicolons between columns,
and commas in numbers. A number such as 5.000 is five thousand there, so nothing is guessed: a file has one form.
"""

from __future__ import annotations

import re

from envoy.errors import EnvoyError

AUTO = "auto"
"""Stands for what the first line of a file shows."""

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""What may separate columns, and what several of them are called."""

_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_QUOTED = re.compile(r'"[^"]*"')
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(\.[0-9]{3})+")


class CsvFormat:
    """The form of one CSV file.

    Args:
        delimiter: What separates the columns: a comma, a semicolon, a tab or a vertical bar, or one of the words
            ``comma``, ``semicolon`` and ``tab``; ``auto`` for what the first line shows.

    Attributes:
        delimiter: The character; empty until it is found.
        decimal: What stands before the decimals: a point or a comma; empty until a number shows it.

    Raises:
        EnvoyError: There is no such delimiter.
    """

    def __init__(self, delimiter: str = ",") -> None:
        self.delimiter = "" if delimiter == AUTO else _WORDS.get(delimiter, delimiter)
        if delimiter != AUTO and self.delimiter not in DELIMITERS:
            raise EnvoyError(
                f"{delimiter!r} does not separate columns",
                remedy="Give auto, comma, semicolon or tab, or the character itself.",
            )
        self.decimal = "." if self.delimiter == "," else ""

    def find(self, line: str) -> str:
        """Return what separates the columns of a file with this first line; what is known already stays."""
        if not self.delimiter:
            plain = _QUOTED.sub("", line)
            self.delimiter = max(DELIMITERS, key=plain.count)
            self.decimal = "." if self.delimiter == "," else ""
        return self.delimiter

    def number(self, text: str) -> str:
        """Return the text of a number with a decimal point; text that is not a number stays as it is.

        Raises:
            ValueError: It may be another number: it has a comma where those before had points, the other way round, or
                a point before three digits, which may be thousands.
        """
        if self.delimiter == ",":
            return text
        comma = bool(_DECIMAL_COMMA.fullmatch(text))
        if not comma and "." not in text:
            return text
        mark, other = (",", "point") if comma else (".", "comma")
        if self.decimal not in ("", mark):
            raise ValueError(f"{text!r} is another number where decimals stand behind a {other}, as they do before it")
        if not comma and not self.decimal and _THOUSANDS.fullmatch(text):
            raise ValueError(f"{text!r} may be a number of thousands: write it without the point, or with all decimals")
        self.decimal = mark
        return text.replace(",", ".") if comma else text

    def describe(self) -> str:
        """Return what is unusual about the file in a sentence, empty if nothing is."""
        if self.delimiter in ("", ","):
            return ""
        comma = ", and commas stand before decimals" if self.decimal == "," else ""
        return f"columns are separated by {DELIMITERS[self.delimiter]}{comma}"


def describe_cells(found: int, header: int, delimiter: str) -> tuple[str, str]:
    """Return what is wrong with a row of another number of cells than the header, and what to do."""
    what = f"has {found} cells, the first line has {header}"
    if found > header:
        mark = {",": "comma", "\t": "tab"}.get(delimiter, f"{delimiter!r}")
        decimals = ", and a number has a point before its decimals" if delimiter == "," else ""
        return what, f'A cell with a {mark} in it needs quotes: "a{delimiter} b"{decimals}.'
    missing = header - found
    cells = "a cell is" if missing == 1 else f"{missing} cells are"
    return what, f"{cells} missing: write each, empty ones too, or see whether the line was cut off.".capitalize()
