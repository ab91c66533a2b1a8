"""Errors of values of the wrong Python type, and what to write instead: every field of a message has the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from string import hexdigits
from typing import Any, NamedTuple

from envoy._text import join_words, shorten, show_value
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, fields_of
from envoy.bindings.lexical import BOOLEANS, make_parser
from envoy.bindings.quantities import Quantity
from envoy.bindings.tables import find_members, same_name
from envoy.bindings.times import to_time
from envoy.bindings.value_errors import diagnose_field
from envoy.errors import EnvoyError, QuantityError

_LONGEST = 80
"""Characters of a value that a sentence shows."""


class TypeDiagnosis(NamedTuple):
    """What is wrong with the type of a value, and what to write instead; empty if that is not known."""

    reason: str
    remedy: str


def diagnose_type(value: Any, field: Field) -> TypeDiagnosis | None:
    """Return what is wrong with the Python type of the value of a field, None if it is right.

    A plain number may stand in a field of codes or of decimal numbers.

    Args:
        value: What the field has; of a list, one of its items.
        field: The field.
    """
    kind = field.type
    number = issubclass(kind, (int, float, Decimal)) and kind is not bool
    fits = isinstance(value, (int, kind) if number else kind)
    if fits and not (isinstance(value, bool) and kind is not bool):
        return None
    return TypeDiagnosis(f"is {show_value(value)}, expected {kind.__name__}", _remedy(value, field))


def diagnose_list(value: Any, field: Field) -> TypeDiagnosis | None:
    """Return what is wrong with the Python type of the value of a field that is a list, None if it is one."""
    if isinstance(value, (list, tuple)):
        return None
    remedy = "Put it in a list: [...]." if diagnose_type(value, field) is None else ""
    return TypeDiagnosis(f"is {show_value(value)}, expected a list of {field.type.__name__}", remedy)


def _remedy(value: Any, field: Field) -> str:
    kind = field.type
    if isinstance(value, type):
        return f"Make an object of it: {value.__name__}(...)." if issubclass(value, kind) else ""
    if isinstance(value, (list, tuple)) and not issubclass(kind, Bitmap):
        return "Give the value itself, without the list." if len(value) == 1 else ""
    for base, suggest in _SUGGESTIONS.items():
        if issubclass(kind, base):
            found = suggest(value, field)
            break
    else:
        found = _object(value, field) if dataclasses.is_dataclass(kind) else ""
    return found if not found or found[-1] in ".?" else f"Write {found}."


def _quantity(value: Any, field: Field) -> str:
    kind: type[Quantity] = field.type
    try:
        made = kind.of(float(value) if isinstance(value, Quantity) else value)
    except QuantityError as error:
        return error.remedy
    except (ValueError, OverflowError):
        return ""
    return repr(made)


def _bitmap(value: Any, field: Field) -> str:
    kind: type[Bitmap] = field.type
    if isinstance(value, str) and len(value) == 2 * field.octets and not set(value) - set(hexdigits):
        return f"{kind.__name__}(0x{value.upper()})"
    words = value.replace("|", " ").replace(",", " ").split() if isinstance(value, str) else value
    if not isinstance(words, (list, tuple, set, frozenset)):
        return _member(value, field)
    if words and all(isinstance(word, str) for word in words):
        near = [find_members(word, kind) for word in words]
        if all(near):
            names = " | ".join(f"{kind.__name__}.{first}" for first, *_ in near)
            return names if all(map(same_name, words, (first for first, *_ in near))) else f"Did you mean {names}?"
    if words and all(isinstance(word, kind) for word in words):
        return "Join them by | instead of listing them."
    return _members(kind)


def _member(value: Any, field: Field) -> str:
    kind: Any = field.type
    if isinstance(value, str):
        digits = value.strip()
        if digits.isascii() and digits.isdecimal() and len(digits) <= 5:  # a code of the standard has at most 16 bits
            value = int(digits)
        elif near := find_members(digits, kind):
            names = [f"{kind.__name__}.{name}" for name in near]
            return names[0] if same_name(digits, near[0]) else f"Did you mean {join_words(names, 'or')}?"
    number = _whole(value)
    named = next((name for name, member in kind.__members__.items() if member == number), "")
    if named or number is None:
        return f"{kind.__name__}.{named}" if named else _members(kind)
    try:
        kind(number)  # a reserved code, or a bit
    except ValueError:
        return _members(kind)
    return f"{kind.__name__}({number})"


def _members(kind: Any) -> str:
    names = join_words(kind.__members__, "or")
    return f"Write a member of {kind.__name__}: {names}." if names else ""


def _whole(value: Any) -> int | None:
    """Return the whole number that a number is, None if it is not one of at most 64 bits."""
    if not isinstance(value, (int, float, Decimal)) or isinstance(value, bool):
        return None
    number: Any = value
    try:
        return int(number) if abs(number) < 1 << 64 and number == int(number) else None
    except (ArithmeticError, ValueError):
        return None  # not a number at all


def _boolean(value: Any, field: Field) -> str:
    text = str(value).strip().lower()
    return str(BOOLEANS[text]) if text in BOOLEANS else "True or False"


def _integer(value: Any, field: Field) -> str:
    if isinstance(value, datetime):
        return _seconds(value)
    if isinstance(value, (date, time)):
        return "Give the seconds since 1970: envoy.bindings.times.to_time(...) of a datetime with a time zone."
    if isinstance(value, timedelta):
        return f"Give its seconds: {round(value.total_seconds())}."
    if isinstance(value, Quantity):
        return f"Give the number alone, {float(value):.15g}."
    if isinstance(value, str):
        try:
            return str(int(value)) if len(value) <= _LONGEST else ""
        except ValueError:
            pass
        try:
            return _seconds(datetime.fromisoformat(value))
        except ValueError:
            return "a whole number, without quotes and without a unit"
    if isinstance(value, bool):
        return str(int(value))
    number = _whole(value)
    return "a whole number" if number is None else str(number)


def _seconds(moment: datetime) -> str:
    try:
        seconds = to_time(moment)
    except EnvoyError as error:
        return f"Give the seconds since 1970: to_time(moment), once it has a time zone. {error.remedy}"
    return f"Give the seconds since 1970: {seconds}, which envoy.bindings.times.to_time(moment) returns."


def _octets(value: Any, field: Field) -> str:
    if isinstance(value, str):
        try:
            make_parser(field)(value)
        except ValueError as error:
            found = diagnose_field(value, field, error)
            return f"Give octets: bytes.fromhex(...). As hex digits {found.reason}. {found.remedy}".strip()
        return f"bytes.fromhex({value.strip()!r})"
    if isinstance(value, (bytearray, memoryview)):
        return "Give octets that do not change: bytes(...)."
    if isinstance(digits := getattr(value, "hex", None), str):  # a UUID
        return f"bytes.fromhex({digits!r})"
    if isinstance(value, int) and not isinstance(value, bool) and field.octets and 0 <= value < 1 << 8 * field.octets:
        return f"Give octets, here in hex digits: bytes.fromhex('{value:0{2 * field.octets}X}')."
    return ""


def _string(value: Any, field: Field) -> str:
    if isinstance(value, bytes):
        try:
            return repr(value.decode())
        except UnicodeDecodeError:
            return ""
    return repr(str(value)) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else ""


def _object(value: Any, field: Field) -> str:
    kind: type = field.type
    names = {inner.name: inner for inner in fields_of(kind)}
    if isinstance(value, dict):
        known = [f"{name}=..." for name in value if name in names]
        return f"{kind.__name__}({', '.join(known) or '...'})" if len(known) == len(value) else ""
    required = [inner for inner in names.values() if inner.required]
    if isinstance(value, str) and "href" in names and all(inner.name == "href" for inner in required):
        return f"{kind.__name__}(href={shorten(value, _LONGEST)!r})"
    if len(required) == 1 and diagnose_type(value, required[0]) is None:
        return f"{kind.__name__}({required[0].name}={shorten(repr(value), _LONGEST)})"
    return ""


_SUGGESTIONS: dict[type, Callable[[Any, Field], str]] = {
    Quantity: _quantity,
    Bitmap: _bitmap,
    Code: _member,
    bool: _boolean,
    int: _integer,
    bytes: _octets,
    str: _string,
}
"""What says what to write, by the type of the field; the first that fits."""
