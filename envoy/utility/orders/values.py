"""The values of orders: from JSON to typed messages, and back to what people read."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from envoy.bindings.fields import fields_of
from envoy.bindings.tables import Builder
from envoy.errors import EnvoyError
from sep2 import DERControlBase

T = TypeVar("T")

LARGEST = 1 << 40
"""Times beyond it, in the year 36812, are not taken, nor numbers of seconds."""


@dataclasses.dataclass(kw_only=True)
class Identity:
    """The fields of a DERControl that are made unless they are given."""

    mrid: bytes = dataclasses.field(default=b"", metadata={"type": "Element", "max_length": 16, "format": "base16"})
    creation_time: int | None = dataclasses.field(default=None, metadata={"type": "Element"})


_MODES = frozenset(field.name for field in fields_of(DERControlBase))


def split_modes(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values that are those of a DERControlBase, and the rest."""
    modes = {name: value for name, value in values.items() if name in _MODES}
    return modes, {name: value for name, value in values.items() if name not in _MODES}


def build(cls: type[T], values: Mapping[str, Any], **given: Any) -> T:
    """Return an object of the values of an order, and of others that an order may not give.

    Raises:
        EnvoyError: A value is not what it should be.
    """
    builder = Builder()
    model: type = cls
    if forbidden := sorted(given.keys() & values.keys()):
        raise EnvoyError(f"{forbidden[0]} is not for an order to say", remedy="Leave it out.")
    fields = builder.fields(model, values, "", extra=_MODES)
    if builder.errors:
        raise EnvoyError("\n".join(builder.errors))
    missing = [each.name for each in fields_of(model) if each.required and each.name not in {*fields, *given}]
    if missing:
        raise EnvoyError(f"{missing[0]} is missing", remedy=f"A {model.__name__} needs {', '.join(missing)}.")
    return cls(**fields, **given)


def check_number(name: str, value: Any, least: int, most: int, kind: type[int | float] = int) -> None:
    """Check that a number is within bounds, and whole unless it may be a ``float``; None is not checked.

    Raises:
        EnvoyError: It is not.
    """
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, (int, kind)) or not least <= value <= most:
        number = "whole number" if kind is int else "number"
        raise EnvoyError(f"{name} is {value!r}", remedy=f"It is a {number} from {least} to {most}.")


def to_readable(message: Any, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the fields that are set, quantities as numbers, for people to read."""
    found = {}
    cls: type = type(message)
    for field in fields_of(cls):
        value = getattr(message, field.name)
        if field.name not in without and value is not None and value != field.default and not field.attribute:
            found[field.name] = _readable(value)
    return found


def _readable(value: Any) -> Any:
    if isinstance(value, (bool, int, str)):
        return value
    if hasattr(value, "__float__"):
        amount = float(value)
        return int(amount) if amount.is_integer() else amount
    return repr(value)
