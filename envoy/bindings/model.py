"""What generated classes inherit: open code lists, messages that a log can show, quantities that read as numbers.

codegen.py tells xsdata which class inherits from what. A module of bindings imports nothing else of this package.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import KEEP, IntEnum, IntFlag
from typing import TYPE_CHECKING, Any, ClassVar, Self

from envoy.errors import QuantityError

_COMBINATIONS = 4096
"""Combinations of bits that a bitmap class keeps as members; others are made anew each time."""

_EXACT = Context(prec=15, traps=[Inexact, InvalidOperation])
"""Arithmetic that refuses to round. A value of 48 bits has 15 digits."""

_MULTIPLIERS = sorted(range(-9, 10), key=lambda power: (abs(power), -power))
"""Powers of ten that a quantity may have, the nearest to 0 first."""

# How much a repr shows: levels of objects in objects, items of a list, flags by name, characters of a text, octets.
_LEVELS, _ITEMS, _FLAGS, _CHARACTERS, _OCTETS = 2, 3, 4, 60, 20

_DIGITS = {"sfdi": 12, "pin": 6}
"""Digits of the numbers that are shown with leading zeros (6.3), by field."""


class Code(IntEnum):
    """A code list of the standard. A reserved value becomes an unnamed member, so that it survives a round trip.

    With ``octets`` the values travel as hexBinary of so many octets, without it as decimal numbers.
    """

    _octets_: ClassVar[int]

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        # No code list of the standard is wider than 16 bits, so what a peer sends cannot fill the memory.
        if not isinstance(value, int) or not -0x80 <= value <= 0xFFFF:
            return None
        member = int.__new__(cls, value)
        member._name_ = f"RESERVED_{value}" if value >= 0 else f"RESERVED_MINUS_{-value}"
        member._value_ = value
        return cls._value2member_map_.setdefault(value, member)  # type: ignore[return-value]

    def __init_subclass__(cls, octets: int = 0, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._octets_ = octets


class Bitmap(IntFlag, boundary=KEEP):
    """A bitmap of the standard: hexBinary of ``octets`` octets, bit 0 rightmost. Reserved bits are kept."""

    _octets_: ClassVar[int]

    @classmethod
    def _missing_(cls, value: object) -> Any:
        member = super()._missing_(value)
        # Flag remembers every combination for ever; what a peer sends must not fill the memory.
        if len(cls._value2member_map_) > _COMBINATIONS and member._name_ not in cls._member_map_:
            cls._value2member_map_.pop(member._value_, None)
        return member

    def __init_subclass__(cls, octets: int = 0, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._octets_ = octets


class ComplexType:
    """What every generated class with fields inherits: a ``repr`` that a log can show.

    It has the fields that are set and are not what the schema has as default, codes and flags by their names, hexBinary
    as hex digits, SFDIs with 12 digits, and no more than a few items of a list.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return self._shown(_LEVELS)

    def _shown(self, levels: int) -> str:
        return f"{type(self).__name__}({', '.join(self._shown_fields(levels)) if levels >= 0 else '...'})"

    def _shown_fields(self, levels: int, leave_out: tuple[str, ...] = ()) -> Iterator[str]:
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            # A reader fills objects field by field, and a debugger may look before it is done.
            value = getattr(self, field.name, field.default)
            is_default = not value if field.default_factory is not dataclasses.MISSING else value == field.default
            if not is_default and value is not dataclasses.MISSING and field.name not in leave_out:
                yield f"{field.name}={_shown_value(value, levels - 1, _DIGITS.get(field.name, 0))}"


def _shown_value(value: Any, levels: int, digits: int = 0) -> str:
    if isinstance(value, ComplexType):
        return value._shown(levels)
    if isinstance(value, list):
        items = [_shown_value(item, levels) for item in value[:_ITEMS]]
        more = [f"... {len(value) - _ITEMS} more"] if len(value) > _ITEMS else []
        return f"[{', '.join(items + more)}]"
    if isinstance(value, Bitmap):
        return _shown_flags(value)
    if isinstance(value, Code):
        return value.name if value.name in type(value).__members__ else str(value.value)
    if isinstance(value, bytes):
        return (value[:_OCTETS].hex().upper() or "b''") + ("..." if len(value) > _OCTETS else "")
    if isinstance(value, str) and len(value) > _CHARACTERS:
        return f"{value[:_CHARACTERS]!r}..."
    return f"{value:0{digits}}" if digits and isinstance(value, int) else repr(value)


def _shown_flags(value: Bitmap) -> str:
    flags = [flag for flag in type(value) if flag in value]
    if 0 < len(flags) <= _FLAGS and sum(flags) == value:
        return "|".join(str(flag.name) for flag in flags)
    return f"{value.value:0{2 * value._octets_}X}"


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
            QuantityError: No multiplier from -9 to 9 holds the amount exactly, or a field that the type requires is
                missing.
        """
        from envoy.bindings.fields import fields_of

        try:
            text = str(amount)
        except ValueError:
            text = "a number of thousands of digits"
        scaled = cls._scale(text)
        if scaled is None:
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
                f"{text} alone is no {cls.__name__}",
                remedy=f"Say the rest as well: {cls.__name__}.of({text}, {', '.join(missing)}).",
            )
        return cls(**values)

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

    def __float__(self) -> float:
        return float(f"{self.value}e{int(self.multiplier)}")

    def _shown(self, levels: int) -> str:
        value, multiplier = getattr(self, "value", None), getattr(self, "multiplier", None)
        if isinstance(value, int) and isinstance(multiplier, int) and abs(multiplier) <= 9:
            amount = f"{Decimal(f'{value:d}e{multiplier:d}'):f}"
            # The same amount with another multiplier is another object, and has to look like one.
            if self._scale(amount) == (value, multiplier):
                others = self._shown_fields(levels, leave_out=(self._number, "multiplier"))
                return f"{type(self).__name__}.of({', '.join([amount, *others])})"
        return super()._shown(max(levels, 0))


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
