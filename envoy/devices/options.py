"""The options of devices: values by the keys that a kind of device documents.

A kind describes its options as a dataclass, each field with ``option``; the values come as text, from a command line or
a file::

    @dataclass(frozen=True, slots=True, kw_only=True)
    class MeterOptions:
        host: str = option("where it listens")
        unit: int = option("its Modbus address", 1, least=1, most=247)

    options = read_options(MeterOptions, "meter", {"host": "10.0.0.7"})
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from envoy._text import suggest
from envoy.errors import DeviceError

T = TypeVar("T")

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def option(
    what: str, default: Any = dataclasses.MISSING, *, least: float | None = None, most: float | None = None
) -> Any:
    """Return the field of an option.

    Args:
        what: What it says, without a full stop and with the unit of a number.
        default: Its value if it is left out; without one it has to be given.
        least: The least number that it may be.
        most: The greatest.
    """
    return dataclasses.field(default=default, metadata={"what": what, "least": least, "most": most})


def read_options(cls: type[T], kind: str, given: Mapping[str, str]) -> T:
    """Return the options of a device.

    Args:
        cls: The dataclass that describes them. Its fields are text, numbers, ``bool``, ``Path``, members of an
            enumeration by their values, or None where nothing is said. It may raise a ``ValueError`` about them all.
        kind: The kind of device, for errors.
        given: The values as text, by key.

    Raises:
        DeviceError: Some are wrong, unknown or missing; all of them are reported.
    """
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    errors: list[str] = []
    for key, text in given.items():
        if key not in fields:
            errors.append(f"{key}: unknown key.{suggest(key, fields)}")
            continue
        try:
            values[key] = _read(fields[key], _plain_type(hints[key]), text)
        except ValueError as error:
            errors.append(f"{key}: {error}")
    errors += [
        f"{name}: is missing; it says {field.metadata['what']}."
        for name, field in fields.items()
        if name not in given and field.default is dataclasses.MISSING
    ]
    if not errors:
        try:
            return cls(**values)
        except ValueError as error:
            errors.append(str(error))
    keys = ", ".join(fields) or "none"
    raise DeviceError("; ".join(errors), where=f"device {kind}", remedy=f"Its keys are: {keys}.")


def describe_options(cls: type) -> Iterator[tuple[str, str]]:
    """Yield the key of each option, and what it says with its default."""
    for field in dataclasses.fields(cls):
        default = field.default
        if default is dataclasses.MISSING:
            tail = "; needed"
        elif default is None:
            tail = ""
        else:
            shown = default.value if isinstance(default, Enum) else default
            tail = f"; {str(shown).lower() if isinstance(shown, bool) else shown} by default"
        yield field.name, f"{field.metadata['what']}{tail}"


def _plain_type(hint: Any) -> Any:
    """Return the type that a value has if it is not None."""
    if get_origin(hint) in (Union, types.UnionType):
        return next(each for each in get_args(hint) if each is not type(None))
    return hint


def _read(field: dataclasses.Field[Any], kind: Any, text: str) -> Any:
    if kind is bool:
        if text.lower() not in _WORDS:
            raise ValueError(f"{text!r} is neither true nor false.")
        return _WORDS[text.lower()]
    if issubclass(kind, Enum):
        try:
            return kind(text)
        except ValueError:
            names = [str(member.value) for member in kind]
            raise ValueError(f"{text!r} is not one of {', '.join(names)}.{suggest(text, names)}") from None
    if issubclass(kind, int | float | Decimal):
        return _check_range(_read_number(kind, text), field)
    if not text:
        raise ValueError(f"is empty; it says {field.metadata['what']}.")
    return Path(text) if kind is Path else text


def _read_number(kind: Callable[[str], Any], text: str) -> Any:
    try:
        number = kind(text)
        finite = number - number == 0
    except (ValueError, InvalidOperation):
        finite = False
    if not finite:
        raise ValueError(f"{text!r} is not a {'whole ' if kind is int else ''}number.")
    return number


def _check_range(number: Any, field: dataclasses.Field[Any]) -> Any:
    least, most = field.metadata["least"], field.metadata["most"]
    if least is not None and number < least:
        raise ValueError(f"{number} is less than {least}.")
    if most is not None and number > most:
        raise ValueError(f"{number} is more than {most}.")
    return number
