"""The quantities of the standard: numbers with a power of ten beside them, made from amounts and read as floats."""

from __future__ import annotations

import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from numbers import Number
from typing import TYPE_CHECKING, Any, ClassVar, Self

from envoy._text import quote, shorten
from envoy.bindings.base import ComplexType
from envoy.bindings.fields import fields_of
from envoy.errors import QuantityError

_EXACT = Context(prec=15, traps=[Inexact, InvalidOperation])
"""Arithmetic that refuses to round. A value of 48 bits has 15 digits."""

_MULTIPLIERS = sorted(range(-9, 10), key=lambda power: (abs(power), -power))
"""Powers of ten that a quantity may have, the nearest to 0 first."""


UNITS = {
    "ActivePower": "W",
    "ReactivePower": "var",
    "ApparentPower": "VA",
    "WattHour": "Wh",
    "RealEnergy": "Wh",
    "SignedRealEnergy": "Wh",
    "AmpereHour": "Ah",
    "CurrentRMS": "A",
    "VoltageRMS": "V",
}
"""The unit of the amount, by the name of the quantity."""

_AMOUNT = re.compile(r"([+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?)\s*([kMG]?)([A-Za-z]*)")
_PREFIXES = {"": 0, "k": 3, "M": 6, "G": 9}


def _read_amount(text: str, unit: str) -> Decimal | None:
    """Return the number of a text such as ``5 kW`` in the unit of a quantity, None if that is not what it says."""
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found[3].lower() not in ("", unit.lower()):
        return None
    return Decimal(found[1]).scaleb(_PREFIXES[found[2]])


class Quantity(ComplexType):
    """A quantity of the standard: ``value`` x 10 ^ ``multiplier``, where the value is an Int16."""

    __slots__ = ()

    _number: ClassVar[str] = "value"
    _smallest: ClassVar[int] = -0x8000
    _largest: ClassVar[int] = 0x7FFF
    _advice: ClassVar[str] = "give fewer significant digits"

    if TYPE_CHECKING:

        @property
        def value(self) -> int: ...

        @property
        def multiplier(self) -> Any: ...

    @classmethod
    def of(cls, amount: float | Decimal, **fields: Any) -> Self:
        """Return the quantity of an amount in the unit of the type (W, var, VA, V, A, Wh, Ah).

        The multiplier is the one nearest to 0 that holds the amount exactly: 5000 W is 5000 x 10^0, 40000 W is
        4000 x 10^1, 230.5 V is 2305 x 10^-1. ``float(quantity)`` gives the amount back.

        Args:
            amount: The amount.
            fields: What else the type has, such as ``excitation`` of PowerFactorWithExcitation.

        Raises:
            QuantityError: It is not a number, no multiplier from -9 to 9 holds the amount exactly, or a field that the
                type requires is missing.
        """
        try:
            text = str(amount)
        except ValueError:
            text = "a number of thousands of digits"
        scaled = cls._scale(text)
        if scaled is None:
            if isinstance(amount, bool) or not isinstance(amount, Number):
                raise cls._refuse(amount)
            raise QuantityError(
                f"{text} does not fit in {cls.__name__}",
                remedy=f"Its {cls._number} is a whole number from {cls._smallest} to {cls._largest}, scaled by a power "
                f"of ten from -9 to 9: {cls._advice}.",
            )
        generated: type = cls  # mypy takes type[Self] for not hashable
        known = {field.name: field for field in fields_of(generated)}
        values = {cls._number: scaled[0], "multiplier": known["multiplier"].type(scaled[1]), **fields}
        if missing := [f"{name}=..." for name, field in known.items() if field.required and name not in values]:
            raise QuantityError(
                f"{text} alone is not a {cls.__name__}",
                remedy=f"Give the rest as well: {cls.__name__}.of({text}, {', '.join(missing)}).",
            )
        return cls(**values)

    @classmethod
    def _refuse(cls, amount: Any) -> QuantityError:
        """Return the error of an amount that is not a number, with the number that was meant if a text says it."""
        unit = UNITS.get(cls.__name__, "")
        takes = f"{cls.__name__}.of takes a number" + (f" of {unit}" if unit else "")
        what = f"{quote(amount)} is text" if isinstance(amount, str) else f"{shorten(repr(amount), 60)} is not a number"
        meant = _read_amount(amount, unit) if isinstance(amount, str) else None
        return QuantityError(what, remedy=f"{takes}: {cls.__name__}.of({'...' if meant is None else f'{meant:f}'}).")

    @classmethod
    def _scale(cls, text: str) -> tuple[int, int] | None:
        """Return the number and the multiplier that ``of`` chooses for an amount."""
        for multiplier in _MULTIPLIERS:
            try:
                scaled = Decimal(text).quantize(Decimal((0, (1,), multiplier)), context=_EXACT)
                number = int(scaled.scaleb(-multiplier, context=_EXACT))
            except (Inexact, InvalidOperation, ValueError):
                continue
            if cls._smallest <= number <= cls._largest:
                return number, multiplier
        return None

    def explain(self) -> str:
        """Return the amount with its unit, such as ``5000 W``, and what else it has; empty if it is not complete."""
        value, multiplier = getattr(self, "value", None), getattr(self, "multiplier", None)
        if not isinstance(value, int) or not isinstance(multiplier, int) or abs(multiplier) > 9:
            return ""
        amount = f"{Decimal(f'{value:d}e{multiplier:d}'):f} {UNITS.get(type(self).__name__, '')}".rstrip()
        return ", ".join([amount, *self._format_fields(0, leave_out=(self._number, "multiplier"))])

    def __float__(self) -> float:
        return float(f"{self.value}e{int(self.multiplier)}")

    def _format(self, levels: int) -> str:
        value, multiplier = getattr(self, "value", None), getattr(self, "multiplier", None)
        if isinstance(value, int) and isinstance(multiplier, int) and abs(multiplier) <= 9:
            amount = f"{Decimal(f'{value:d}e{multiplier:d}'):f}"
            # The same amount with another multiplier is another object, and has to look like one.
            if self._scale(amount) == (value, multiplier):
                others = self._format_fields(levels, leave_out=(self._number, "multiplier"))
                return f"{type(self).__name__}.of({', '.join([amount, *others])})"
        return super()._format(max(levels, 0))


class UnsignedQuantity(Quantity):
    """A quantity whose value is a UInt16."""

    __slots__ = ()

    _smallest = 0
    _largest = 0xFFFF


class Int32Quantity(Quantity):
    """A quantity whose value is an Int32."""

    __slots__ = ()

    _smallest = -0x8000_0000
    _largest = 0x7FFF_FFFF


class Int48Quantity(Quantity):
    """A quantity whose value is an Int48, which goes up to 2^47 in the standard's schema."""

    __slots__ = ()

    _smallest = -0x8000_0000_0000
    _largest = 0x8000_0000_0000


class UInt48Quantity(Quantity):
    """A quantity whose value is a UInt48."""

    __slots__ = ()

    _smallest = 0
    _largest = 0xFFFF_FFFF_FFFF


class PowerFactorQuantity(UnsignedQuantity):
    """A power factor: its value, a UInt16, is called ``displacement``, and the amount is from 0 to 1."""

    __slots__ = ()

    _number = "displacement"
    _advice = "give a number from 0 to 1, 0.95 for 95 %"

    displacement: int

    @property
    def value(self) -> int:
        """The displacement."""
        return self.displacement

    @classmethod
    def _scale(cls, text: str) -> tuple[int, int] | None:
        scaled = super()._scale(text)
        return scaled if scaled and Decimal(text) <= 1 else None
