"""Typed reading of JSON that people write: every error names the key and what to write instead.

Numbers are read as they stand there, as a Decimal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from envoy._text import quote
from envoy.errors import DeviceError

T = TypeVar("T")

_LARGEST = Decimal(10**12)
_LARGEST_WHOLE = 2**53
_DECIMALS = 12
"""Digits behind the point that are read; the rest is rounded away."""

_KINDS = {"true or false": bool, "text": str, "a list": list, "an object": dict, "a number": Decimal}


def decode(text: str | bytes) -> Any:
    """Return the value that a JSON text stands for.

    Raises:
        DeviceError: It is not JSON in UTF-8, or has a key twice.
    """
    remedy = "Write one JSON object in one line, in UTF-8, with each key once."
    try:
        plain = text.decode() if isinstance(text, bytes) else text
        return json.loads(
            plain, parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_join_pairs
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        shown = text.decode(errors="replace") if isinstance(text, bytes) else text
        raise DeviceError(f"{quote(shown)} is not JSON: {error}", remedy=remedy) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")


def _join_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    joined = dict(pairs)
    if len(joined) < len(pairs):
        raise ValueError("a key is there twice")
    return joined


class Keys:
    """The keys of an object. What nobody asks for, in it and in what is nested, is unknown.

    Args:
        value: The object.
        where: Its place, with a full stop behind it; empty for the whole text.
    """

    def __init__(self, value: Any, where: str = "") -> None:
        self._values = dict(expect(value, dict, where))
        self._where = where
        self._nested: list[Keys] = []

    @property
    def unknown(self) -> tuple[str, ...]:
        """The keys that were not asked for."""
        own = (f"{self._where}{key}" for key in self._values)
        return (*own, *(key for keys in self._nested for key in keys.unknown))

    def take(self, key: str, read: Callable[[Any, str], T]) -> T:
        """Return the value of a key that has to be there."""
        if key not in self._values:
            raise DeviceError("is missing", where=f"{self._where}{key}", remedy="Write it; the form needs it.")
        return read(self._values.pop(key), f"{self._where}{key}")

    def find(self, key: str, read: Callable[[Any, str], T]) -> T | None:
        """Return the value of a key; None if it is null, or not there."""
        value = self._values.pop(key, None)
        return None if value is None else read(value, f"{self._where}{key}")

    def find_within(self, key: str, read: Callable[[Keys], T]) -> T | None:
        """Return what is read of the object that a key has; None if it is null, or not there."""
        keys = self.find(key, self.nest)
        return None if keys is None else read(keys)

    def open(self, key: str) -> Keys:
        """Return the object that a key has, empty if it is null, or not there."""
        return self.find(key, self.nest) or self.nest({}, key)

    def each(self, read: Callable[[Any, str], T], among: Iterable[str] | None = None) -> Iterable[tuple[str, T]]:
        """Yield each key with its value, of those that there may be and that are not null."""
        for key in [*self._values] if among is None else [key for key in among if key in self._values]:
            value = self._values.pop(key)
            if value is not None:
                yield key, read(value, f"{self._where}{key}")

    def nest(self, value: Any, where: str) -> Keys:
        """Return the keys of an object within this one."""
        keys = Keys(value, f"{where}.")
        self._nested.append(keys)
        return keys


def expect(value: Any, kind: type[T], where: str) -> T:
    """Return a value that has to be of a kind.

    Raises:
        DeviceError: It is of another.
    """
    if isinstance(value, kind):
        return value
    named = next(name for name, each in _KINDS.items() if each is kind)
    raise DeviceError(f"{show(value)} is not {named}", where=where.rstrip("."), remedy=f"Write {named}.")


def show(value: Any) -> str:
    """Return a value of JSON as a sentence quotes it."""
    return quote(json.dumps(value, default=str))


def read_flag(value: Any, where: str) -> bool:
    """Return ``true`` or ``false``."""
    return expect(value, bool, where)


def read_number(value: Any, where: str) -> Decimal:
    """Return a number that something can be measured in."""
    number = expect(value, Decimal, where)
    if not -_LARGEST <= number <= _LARGEST:
        raise DeviceError("is too large", where=where, remedy=f"Write a number of at most {_LARGEST}, in plain units.")
    exponent = number.as_tuple().exponent
    return round(number, _DECIMALS) if isinstance(exponent, int) and exponent < -_DECIMALS else number


def read_whole(value: Any, where: str) -> int:
    """Return a whole number."""
    number = expect(value, Decimal, where)
    if not -_LARGEST_WHOLE <= number <= _LARGEST_WHOLE or number != int(number):
        raise DeviceError("is not a whole number", where=where, remedy="Write a whole number, as it was given.")
    return int(number)
