"""Place of the fields that are attributes of an element beside them: one for all of an object, as hardly any are set.

Each would have a slot of its own in every object otherwise, which for a DERControlBase is a third of its memory.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar

T = TypeVar("T")

PLACE = "_beside"
"""Name of the slot: the values by the names of the fields; None if there are none."""


def fold_beside(cls: type[T]) -> type[T]:
    """Return a generated class that keeps such fields in one slot; to whoever uses them they are fields as others."""
    names = {item.name for item in dataclasses.fields(cls) if "of" in item.metadata}  # type: ignore[arg-type]
    slots: tuple[str, ...] = cls.__dict__["__slots__"]
    # That a class has slots can be said only when it is made.
    members = {name: value for name, value in cls.__dict__.items() if name not in slots}
    members["__slots__"] = (*(name for name in slots if name not in names), PLACE)
    members |= {name: _Beside(name) for name in names}
    folded: type[T] = type(cls.__name__, cls.__bases__, members)
    return folded


class _Beside:
    """One field in that slot. The values are never changed in place, as a copy of an object has the same ones."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, obj: Any, owner: type | None = None) -> Any:
        if obj is None:
            return self
        values = obj._beside
        return None if values is None else values.get(self._name)

    def __set__(self, obj: Any, value: Any) -> None:
        others = {name: other for name, other in (getattr(obj, PLACE, None) or {}).items() if name != self._name}
        if value is not None:
            others[self._name] = value
        obj._beside = others or None
