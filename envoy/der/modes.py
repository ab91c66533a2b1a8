"""The modes of a DERControlBase: their names, their values as plain data, and the bits that announce them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeAlias, cast

from envoy.bindings.fields import fields_of
from sep2 import (
    ActivePower,
    DERControlBase,
    DERControlType,
    DERControlType2,
    DERCurveLink,
    DERCurveType,
    DOEControlType,
    ReactivePower,
    UnsignedActivePower,
    UnsignedReactivePower,
    VoltageRMS,
    VPPControlType,
)

_UNITS: dict[type, str] = {
    ActivePower: "W",
    UnsignedActivePower: "W",
    ReactivePower: "var",
    UnsignedReactivePower: "var",
    VoltageRMS: "V",
}
"""The units of the quantities that modes are set to."""

Flag: TypeAlias = DERControlType | DERControlType2 | DOEControlType | VPPControlType
"""A bit that announces a mode."""

Value: TypeAlias = bool | int | Decimal | str | tuple[tuple[str, int], ...]
"""What a mode is set to.

A flag; a number in hundredths of a percent; W, var or V as a Decimal; the href of a curve; or the fields of a
structure, such as the displacement and the excitation of a power factor.
"""

Values: TypeAlias = Mapping[str, Value]
"""What each mode is set to, by the name of its element."""

_RAMP = "ramp_tms"
"""The one element of DERControlBase that is not a mode."""


@dataclass(frozen=True, slots=True)
class Mode:
    """One mode of a DERControlBase.

    Attributes:
        name: Name of its element, such as ``opModExpLimW``.
        field: Name of its field of ``sep2.DERControlBase``.
        type: The class that the bindings have for its value.
        flag: The bit of modesSupported, modesSupported2, doeModesSupported or vppModesSupported that announces it.
        lowest: The least number that it can be set to, None if the schema says it.
        highest: The greatest, in the same way.
    """

    name: str
    field: str
    type: type
    flag: Flag
    lowest: int | None = None
    highest: int | None = None

    @property
    def curve_type(self) -> DERCurveType | None:
        """The type of the curve that the mode links, None for a mode without a curve."""
        return DERCurveType[self.flag.name or ""] if self.type is DERCurveLink else None

    @property
    def unit(self) -> str:
        """The unit of its value, empty if it has none."""
        return "hundredths of a percent" if self.type is int else _UNITS.get(self.type, "")

    def read(self, model: Any) -> Value | None:
        """Return a value of the bindings as plain data; None if a part of it was left out as unreadable."""
        if self.type is DERCurveLink:
            return str(model.href or "")
        if self.type in (bool, int):
            return cast(Value, model)
        fields = [field for field in fields_of(self.type) if not field.attribute]
        parts = {field.name: getattr(model, field.name) for field in fields}
        if any(parts[field.name] is None for field in fields if field.required):
            return None
        if self.type in _UNITS:
            return Decimal(parts["value"]).scaleb(int(parts["multiplier"]))
        return tuple((name, round(float(part))) for name, part in parts.items() if part is not None)

    def is_off(self, base: DERControlBase) -> bool:
        """Return whether a DERControlBase switches it off, so that its value does not count."""
        model = getattr(base, self.field)
        return model is not None and bool(getattr(base, f"{self.field}_disabled", getattr(model, "disabled", False)))

    def dump(self, value: Value) -> bool | int | str | list[list[str | int]]:
        """Return a value as JSON has it."""
        if isinstance(value, Decimal):
            return str(value)
        return [list(pair) for pair in value] if isinstance(value, tuple) else value

    def load(self, plain: Any) -> Value:
        """Return the value that ``dump`` wrote."""
        if self.type in _UNITS:
            return Decimal(plain)
        return tuple((name, number) for name, number in plain) if isinstance(plain, list) else cast(Value, plain)

    def format(self, value: Value) -> str:
        """Return a value with its unit, for a sentence."""
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, tuple):
            return ", ".join(f"{name} {number}" for name, number in value)
        number = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        return f"{number} {self.unit}".rstrip()


_BOUNDS: dict[str, tuple[int | None, int | None]] = {
    "opModFixedW": (-10_000, 10_000),
    "opModMaxLimW": (0, 10_000),
    "opModMaxLimPctVAAbsorb": (0, 10_000),
    "opModMaxLimPctVAInject": (0, 10_000),
    "opModMaxLimPctWAbsorb": (0, 10_000),
    "opModExpLimW": (0, None),
    "opModImpLimW": (0, None),
    "opModGenLimW": (0, None),
    "opModLoadLimW": (0, None),
}
"""What the numbers of some modes cannot go beyond: a percentage, or a limit that has no sign."""


def _flag_of(field: str) -> Flag:
    """Return the bit that announces a mode: it has the name of the mode's element."""
    name = field.upper()
    lists: tuple[type[Flag], ...] = (DERControlType, DERControlType2, DOEControlType, VPPControlType)
    return next(flags for flags in lists if name in flags.__members__)[name]


MODES: Mapping[str, Mode] = MappingProxyType(
    {
        field.local: Mode(field.local, field.name, field.type, _flag_of(field.name), *_BOUNDS.get(field.local, ()))
        for field in fields_of(DERControlBase)
        if field.name != _RAMP
    }
)
"""All modes by their names, in the order of the schema."""


def read_values(base: DERControlBase | None) -> tuple[dict[str, Value], bool]:
    """Return what a DERControlBase sets its modes to, and whether all of it could be read.

    Args:
        base: The DERControlBase; None if it was left out as unreadable.
    """
    if base is None:
        return {}, False
    present = {
        mode: model
        for mode in MODES.values()
        if (model := getattr(base, mode.field)) is not None and not mode.is_off(base)
    }
    read = {mode.name: mode.read(model) for mode, model in present.items()}
    values = {name: value for name, value in read.items() if value is not None}
    return values, len(values) == len(read)


def read_off(base: DERControlBase | None) -> frozenset[str]:
    """Return the names of the modes that a DERControlBase switches off: they are ``disabled``, since 2023.

    Args:
        base: The DERControlBase; None if it was left out as unreadable.
    """
    return frozenset(mode.name for mode in MODES.values() if base is not None and mode.is_off(base))


def dump_values(values: Values) -> dict[str, Any]:
    """Return values as JSON has them."""
    return {name: MODES[name].dump(value) for name, value in values.items()}


def load_values(plain: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values that ``dump_values`` wrote."""
    return {name: MODES[name].load(value) for name, value in plain.items()}


def keep_within_bounds(values: Values) -> dict[str, Value]:
    """Return values with each number that is beyond what it can be at that bound.

    A default that asks for less than nothing is to be held at nothing: without it, nothing would limit the device.
    """
    return {name: _keep_within_bounds(MODES[name], value) for name, value in values.items()}


def _keep_within_bounds(mode: Mode, value: Value) -> Value:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return value
    if mode.lowest is not None and value < mode.lowest:
        return type(value)(mode.lowest)
    return type(value)(mode.highest) if mode.highest is not None and value > mode.highest else value


def find_invalid(values: Values) -> str:
    """Return the name of the first mode whose number is beyond what it can be; empty if there is none."""
    for name, value in values.items():
        mode = MODES[name]
        if isinstance(value, int | Decimal) and (
            (mode.lowest is not None and value < mode.lowest) or (mode.highest is not None and value > mode.highest)
        ):
            return name
    return ""
