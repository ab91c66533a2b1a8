"""The text of values that other schemas have and the standard has not: decimals, floats, dates, times and base64.

Python's types are narrower here and wider there than those of XSD. What does not fit is a ValueError on either side,
never another value.
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
from typing import Any

_ZONE = r"(Z|[+-][0-9]{2}:[0-9]{2})?"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"

_DATE = re.compile(_DAY)
_TIME = re.compile(_CLOCK + _ZONE)
_DATE_TIME = re.compile(f"{_DAY}T{_CLOCK}{_ZONE}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(_DECIMAL.pattern + r"(?:[eE][+-]?[0-9]+)?")

_SPECIAL_FLOATS = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}
_LONGEST = 1000
"""Characters of the longest number that is read."""


@dataclass(frozen=True, slots=True)
class Lexical:
    """How values of one Python type look in XML.

    Attributes:
        kind: The Python type.
        parse: From the text to the value; raises ValueError.
        form: From the value to the text, which needs no escaping; raises ValueError.
        expected: What the text looks like, for an error message.
    """

    kind: type
    parse: Callable[[str], Any]
    form: Callable[[Any], str]
    expected: str


def _decimal(text: str) -> Decimal:
    return Decimal(_matched(_DECIMAL, text, "it has more than digits and a point"))


def _decimal_text(value: Decimal | int) -> str:
    value = Decimal(value)
    if not value.is_finite() or abs(value.adjusted()) > _LONGEST:
        raise ValueError(f"{value} cannot be written as a decimal number")
    return format(value, "f")


def _float(text: str) -> float:
    stripped = text.strip()
    if stripped in _SPECIAL_FLOATS:
        return _SPECIAL_FLOATS[stripped]
    return float(_matched(_FLOAT, text, "it is written in another way"))


def _float_text(value: float) -> str:
    if math.isfinite(value):
        return repr(float(value)).removesuffix(".0")
    return "NaN" if math.isnan(value) else "INF" if value > 0 else "-INF"


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(
        _matched(_DATE, text, "it has to be in the years 1 to 9999, and without a time zone")
    )


def _date_text(value: datetime.date) -> str:
    if isinstance(value, datetime.datetime):
        raise ValueError("is a datetime, expected a date")
    return value.isoformat()


def _time(text: str) -> datetime.time:
    return datetime.time.fromisoformat(
        _matched(_TIME, text, "it has to be in hours, minutes and seconds, with six decimals at most")
    )


def _date_time(text: str) -> datetime.datetime:
    reason = "it has to be in the years 1 to 9999, in seconds with six decimals at most"
    return datetime.datetime.fromisoformat(_matched(_DATE_TIME, text, reason))


def _moment_text(value: datetime.time | datetime.datetime) -> str:
    text = value.isoformat()
    if not (_TIME if isinstance(value, datetime.time) else _DATE_TIME).fullmatch(text):
        raise ValueError(f"the time zone of {text} is not a whole number of minutes")
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _matched(pattern: re.Pattern[str], text: str, reason: str) -> str:
    stripped = text.strip()
    if len(stripped) > _LONGEST or not pattern.fullmatch(stripped):
        raise ValueError(reason)
    return stripped


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(str(error).lower()) from None


LEXICAL: dict[type, Lexical] = {
    lexical.kind: lexical
    for lexical in (
        Lexical(Decimal, _decimal, _decimal_text, "a decimal number"),
        Lexical(float, _float, _float_text, "a number"),
        Lexical(datetime.datetime, _date_time, _moment_text, "a date and time, 2030-01-31T13:45:00Z"),
        Lexical(datetime.date, _date, _date_text, "a date, 2030-01-31"),
        Lexical(datetime.time, _time, _moment_text, "a time of day, 13:45:00"),
    )
}
"""By the Python type of the value."""

BASE64 = Lexical(bytes, _base64, lambda value: base64.b64encode(bytes(value)).decode(), "base64")
