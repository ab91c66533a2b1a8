"""The text of simple values in XML: parse it, format it, and describe it in error messages.

Python's types are narrower here and wider there than those of XSD. A value that does not fit raises ValueError on
either side, and never becomes another value.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field

_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"

_DATE = re.compile(_DAY)
_TIME = re.compile(_CLOCK + _ZONE)
_DATE_TIME = re.compile(f"{_DAY}T{_CLOCK}{_ZONE}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(_DECIMAL.pattern + r"(?:[eE][+-]?[0-9]+)?")

_SPECIAL_FLOATS = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DIGITS = re.compile(r"[0-9]+\Z")
# The characters that XML does not have. To compile those that it has takes ten times as long.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

WHITE_SPACE = " \t\n\r"
"""Other characters that Python takes for white space are text in XML."""

_SPACES = re.compile("[ \t\n\r]+")
_BREAK = re.compile("[\t\n\r]")

_LONGEST = 1000
"""Characters of the longest number that is read."""


@dataclass(frozen=True, slots=True)
class Lexical:
    """The form of one kind of values in XML.

    Attributes:
        parse: From the text to the value; raises ValueError.
        format: From the value to the text, escaped for use in XML; raises ValueError.
        expected: What the text looks like, for an error message.
    """

    parse: Callable[[str], Any]
    format: Callable[[Any], str]
    expected: str


def make_parser(field: Field) -> Callable[[str], Any]:
    """Return the function that turns the text of a simple value into its Python value; it raises ValueError."""
    parse = _lexical(field).parse
    if field.words:
        return lambda text: [parse(word) for word in collapse(text or field.empty).split(" ") if word]
    if field.empty:
        return lambda text: parse(text or field.empty)
    return parse


def make_formatter(field: Field) -> Callable[[Any], str]:
    """Return the function that turns a Python value into the text of a simple value; it raises ValueError.

    Text is escaped for use in XML. Bitmaps and codes in hexBinary are written at full width, bytes as they are. Of a
    list of words, it takes one.
    """
    return _lexical(field).format


def describe_value(field: Field) -> str:
    """Return what a value of this field looks like, for an error message."""
    return _lexical(field).expected


def _lexical(field: Field) -> Lexical:
    kind, octets = field.type, field.octets
    if field.base64:
        return _BASE64
    if kind in LEXICAL:
        return LEXICAL[kind]
    limit = f", at most {2 * octets}" if octets else ""
    hexadecimal = f"hexBinary, an even number of hex digits{limit}"
    if kind is bytes:
        return Lexical(lambda text: _unhex(text, octets), lambda value: bytes(value).hex().upper(), hexadecimal)
    if issubclass(kind, (Code, Bitmap)):
        if not octets:
            return Lexical(lambda text: kind(_integer(text)), _integer_text, "a whole number")
        return Lexical(
            lambda text: kind(int.from_bytes(_unhex(text, octets))),
            lambda value: int(value).to_bytes(octets).hex().upper(),
            hexadecimal,
        )
    form = _escape_word if field.words else escape_attribute if field.attribute else escape
    if kind is str and field.white_space != "preserve":
        normalize = NORMALIZERS[field.white_space]
        return Lexical(normalize, lambda value: form(_normalized(value, normalize)), "text")
    if kind is str:
        return Lexical(str, form, "text")
    if issubclass(kind, StrEnum):
        return Lexical(
            lambda text: kind(text if text in kind._value2member_map_ else collapse(text)),
            form,
            f"one of {', '.join(kind)}",
        )
    raise TypeError(f"{field.name}: no XML form is known for {kind.__name__}")


def _decimal(text: str) -> Decimal:
    return Decimal(_matched(_DECIMAL, text, "it has more than digits and a point"))


def _decimal_text(value: Decimal | int) -> str:
    value = Decimal(value)
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST:
        raise ValueError(f"{value} cannot be written as a decimal number")
    return format(value, "f")


def _float(text: str) -> float:
    if (special := _SPECIAL_FLOATS.get(text.strip(WHITE_SPACE))) is not None:
        return special
    return float(_matched(_FLOAT, text, "it is written in another way"))


def _float_text(value: float) -> str:
    if math.isfinite(value):
        return repr(float(value)).removesuffix(".0")
    return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"


def _date(text: str) -> datetime.date:
    reason = "it has to be in the years 1 to 9999, and without a time zone"
    return datetime.date.fromisoformat(_matched(_DATE, text, reason))


def _date_text(value: datetime.date) -> str:
    if isinstance(value, datetime.datetime):
        raise ValueError("is a datetime, expected a date")
    return value.isoformat()


def _time(text: str) -> datetime.time:
    reason = "it has to be in hours, minutes and seconds, with six decimals at most"
    return datetime.time.fromisoformat(_matched(_TIME, text, reason))


def _date_time(text: str) -> datetime.datetime:
    reason = "it has to be in the years 1 to 9999, in seconds with six decimals at most"
    return datetime.datetime.fromisoformat(_matched(_DATE_TIME, text, reason))


def _moment_text(value: datetime.time | datetime.datetime) -> str:
    text = value.isoformat()
    if not (_TIME if isinstance(value, datetime.time) else _DATE_TIME).fullmatch(text):
        raise ValueError(f"the time zone of {text} is not a whole number of minutes")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _matched(pattern: re.Pattern[str], text: str, reason: str) -> str:
    stripped = text.strip(WHITE_SPACE)
    if len(stripped) > _LONGEST or not pattern.fullmatch(stripped):
        raise ValueError(reason)
    return stripped


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError as error:
        raise ValueError(str(error).lower()) from None


def _unhex(text: str, octets: int) -> bytes:
    try:
        value = binascii.unhexlify(text.strip(WHITE_SPACE))
    except ValueError as error:
        raise ValueError(str(error).lower()) from None
    if octets and len(value) > octets:
        raise ValueError(f"{len(value)} octets, at most {octets} allowed")
    return value


def _integer(text: str) -> int:
    stripped = text.strip(WHITE_SPACE)
    # int() alone would also take digits of other scripts, underscores and numbers of a megabyte.
    if not _INTEGER.match(stripped) or len(stripped) > 40:
        raise ValueError("not a whole number")
    return int(stripped)


def _integer_text(value: int) -> str:
    return str(int(value))


def _boolean(text: str) -> bool:
    if (value := BOOLEANS.get(text.strip(WHITE_SPACE))) is None:
        raise ValueError("neither true nor false")
    return value


def _normalized(value: Any, normalize: Callable[[str], str]) -> str:
    text = str(value)
    if normalize(text) != text:
        raise ValueError(f"{text[:60]!r} has white space that a reader would change")
    return text


def collapse(text: str) -> str:
    """Return a text without white space around it, and with one space for each that is in it (XSD 2, 4.3.6)."""
    return " ".join(_SPACES.split(text.strip(WHITE_SPACE)))


def replace(text: str) -> str:
    """Return a text with a space for each tab and each end of a line (XSD 2, 4.3.6)."""
    return _BREAK.sub(" ", text)


NORMALIZERS = {"collapse": collapse, "replace": replace}
"""What XSD does with the white space of a text, by the value of the facet whiteSpace."""


def escape(value: Any) -> str:
    """Return a text as it stands in an element; raises ValueError if XML cannot hold it."""
    text = str(value)
    bad = _NOT_XML.search(text)
    if bad:
        raise ValueError(f"character U+{ord(bad[0]):04X} cannot be in an XML document")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _escape_word(value: Any) -> str:
    text = str(value)
    if not text or " " in text or collapse(text) != text:
        raise ValueError(f"{text!r} is not one word of a list")
    return escape_attribute(text)


def escape_attribute(value: Any) -> str:
    """Return a text as it stands in an attribute; raises ValueError if XML cannot hold it."""
    # A parser turns line breaks and tabs in an attribute into spaces unless they are written as references.
    return escape(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


LEXICAL: dict[type, Lexical] = {
    bool: Lexical(_boolean, lambda value: "true" if value else "false", "true or false"),
    int: Lexical(_integer, _integer_text, "a whole number"),
    float: Lexical(_float, _float_text, "a number"),
    Decimal: Lexical(_decimal, _decimal_text, "a decimal number"),
    datetime.datetime: Lexical(_date_time, _moment_text, "a date and time, 2030-01-31T13:45:00Z"),
    datetime.date: Lexical(_date, _date_text, "a date, 2030-01-31"),
    datetime.time: Lexical(_time, _moment_text, "a time of day, 13:45:00"),
}
"""By the Python type of the value, for types that have one form in all fields."""

_BASE64 = Lexical(_base64, lambda value: base64.b64encode(bytes(value)).decode(), "base64")
