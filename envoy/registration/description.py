"""Description of a value of a message in words that a person compares."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Flag
from typing import Any

from envoy._text import quote
from envoy.bindings.enums import Code
from envoy.bindings.quantities import Quantity


def describe(value: Any) -> str:
    """Return a value as a site file has it, without the classes of Python: ``PHOTOVOLTAIC_SYSTEM``, ``5000``."""
    if value is None:
        return "absent"
    if isinstance(value, Flag):
        return " ".join(flag.name or str(flag.value) for flag in value) or "none"
    if isinstance(value, Code):
        return value.name
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex().upper()
    if isinstance(value, Quantity) and None not in (value.value, value.multiplier):
        return f"{Decimal(value.value).scaleb(int(value.multiplier)):f}"
    if is_dataclass(value):
        inside = ((item.name, getattr(value, item.name)) for item in fields(value))
        return " ".join(f"{name} {describe(item)}" for name, item in inside if item is not None)
    if isinstance(value, list):
        return ", ".join(map(describe, value)) or "none"
    return quote(value) if isinstance(value, str) else str(value)
