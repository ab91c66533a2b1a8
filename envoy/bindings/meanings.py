"""Meaning of the fields and values of messages: what the docstrings say, units, names of codes, moments of times."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import DIGITS, Field

_ENTRY = re.compile(r"^(\w+): (.*(?:\n[ \t]+.*)*)", re.MULTILINE)
_UNIT = re.compile(r"\bUnit: (?:(0\.\d+) )?([A-Za-z%]\S*?)\.(?=\s|$)")
"""A unit in a word, perhaps with a factor. Others, such as that of a ReadingType, stand elsewhere in the message."""

_MOMENT = re.compile(r"(^|_)(time|date|start|valid_until)(_|$)")

_EARLIEST = 10**8
"""Seconds since 1970 of the earliest moment that is shown as one: smaller numbers are durations, or stand for none."""


@cache
def meanings_of(cls: type) -> dict[str, str]:
    """Return what the docstrings of a class and of what it extends say about its fields."""
    meanings: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        _, _, entries = inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")
        for name, text in _ENTRY.findall(inspect.cleandoc(entries)):
            meanings[name] = re.sub(r"(\w-)?\s*\n\s+", lambda x: x[1] or " ", text)
    return meanings


def explain_value(cls: type, field: Field, value: Any) -> str:
    """Return what a value says beyond its digits; empty if that is nothing.

    It is the names of codes and flags, the amount of a quantity with its unit, a number with its unit or with its
    leading zeros, or the moment of a time in seconds.

    Args:
        cls: The generated class that has the field.
        field: The field.
        value: Its value; of a list, one of its items.
    """
    if isinstance(value, Bitmap):
        return _explain_flags(value)
    if isinstance(value, Code):
        return value.name if value.name in type(value).__members__ else "reserved"
    if field.complex:
        return str(value.explain()) if hasattr(value, "explain") else ""
    if isinstance(value, int) and not isinstance(value, bool):
        if digits := DIGITS.get(field.name):
            return f"{value:0{digits}}"
        if _MOMENT.search(field.name) and value >= _EARLIEST:
            return _explain_moment(value)
        if unit := _UNIT.search(meanings_of(cls).get(field.name, "")):
            return f"{(Decimal(value) * Decimal(unit[1] or 1)).normalize():f} {unit[2]}"
    return ""


def _explain_flags(value: Bitmap) -> str:
    flags = [flag for flag in type(value) if flag in value]
    rest = value.value & ~sum(flags)
    names = [str(flag.name) for flag in flags]
    return ", ".join([*names, f"reserved bits {rest:X}"] if rest else names) or "none"


def _explain_moment(seconds: int) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return ""
