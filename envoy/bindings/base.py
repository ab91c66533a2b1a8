"""The base of all generated classes with fields: equality, and a representation short enough for a log."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import cache
from operator import attrgetter
from typing import Any

from envoy.bindings.beside import PLACE
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import DIGITS

# How much a repr shows: levels of objects in objects, items of a list, flags by name, characters of a text, octets.
_LEVELS, _ITEMS, _FLAGS, _CHARACTERS, _OCTETS = 2, 3, 4, 60, 20


class ComplexType:
    """What every generated class with fields inherits: equality, and a ``repr`` that a log can show.

    Equality is that of dataclasses: of the same class, with equal fields. Dataclasses would compile a method for each
    class, which is a quarter of the time that it takes to import them.

    The ``repr`` has the fields that are set and are not what the schema has as default, codes and flags by their names,
    hexBinary as hex digits, SFDIs with 12 digits, and at most a few items of a list.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        # A dataclass with slots is made from another class, which Python before 3.11.4 keeps by this descriptor of it:
        # xsdata would find that one for an ``xsi:type``.
        if "__slots__" in cls.__dict__ and "__weakref__" in cls.__dict__:
            type.__delattr__(cls, "__weakref__")

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        cls: type = self.__class__
        values = _values_of(cls)
        return bool(values(self) == values(other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return self._format(_LEVELS)

    def _repr_html_(self) -> str:
        """Return a table, which notebooks show instead of the repr."""
        from envoy.bindings.markup import render  # deferred: few programs are notebooks

        return render(self)

    def _format(self, levels: int) -> str:
        return f"{type(self).__name__}({', '.join(self._format_fields(levels)) if levels >= 0 else '...'})"

    def _format_fields(self, levels: int, leave_out: tuple[str, ...] = ()) -> Iterator[str]:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            # A reader fills objects field by field, and a debugger may look before it is done.
            value = getattr(self, field.name, field.default)
            is_default = not value if field.default_factory is not dataclasses.MISSING else value == field.default
            if not is_default and value is not dataclasses.MISSING and field.name not in leave_out:
                yield f"{field.name}={_format_value(value, levels - 1, DIGITS.get(field.name, 0))}"


@cache
def _values_of(cls: type) -> Callable[[object], object]:
    """Return the function that returns all that is compared of an object of a class."""
    names = [field.name for field in dataclasses.fields(cls) if field.compare and "of" not in field.metadata]
    # The class is what is compared of a class without fields.
    return attrgetter("__class__", *names, *([PLACE] if hasattr(cls, PLACE) else []))


def _format_value(value: Any, levels: int, digits: int = 0) -> str:
    if isinstance(value, ComplexType):
        return value._format(levels)
    if isinstance(value, list):
        items = [_format_value(item, levels) for item in value[:_ITEMS]]
        more = [f"... {len(value) - _ITEMS} more"] if len(value) > _ITEMS else []
        return f"[{', '.join(items + more)}]"
    if isinstance(value, Bitmap):
        return _format_flags(value)
    if isinstance(value, Code):
        return value.name if value.name in type(value).__members__ else str(value.value)
    if isinstance(value, bytes):
        return (value[:_OCTETS].hex().upper() or "b''") + ("..." if len(value) > _OCTETS else "")
    if isinstance(value, str) and len(value) > _CHARACTERS:
        return f"{value[:_CHARACTERS]!r}..."
    return f"{value:0{digits}}" if digits and isinstance(value, int) else repr(value)


def _format_flags(value: Bitmap) -> str:
    flags = [flag for flag in type(value) if flag in value]
    if 0 < len(flags) <= _FLAGS and sum(flags) == value:
        return "|".join(str(flag.name) for flag in flags)
    return f"{value.value:0{2 * value._octets_}X}"
