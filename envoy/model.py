"""What generated classes inherit: code lists open for reserved values, and quantities that read as numbers."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact, InvalidOperation
from enum import KEEP, IntEnum, IntFlag
from typing import Any, ClassVar, Self

from envoy.errors import QuantityError

_COMBINATIONS = 4096
"""Combinations of bits that a bitmap class keeps as members; others are made anew each time."""

_EXACT = Context(prec=5, traps=[Inexact, InvalidOperation])
"""Arithmetic that refuses to round. A value of 16 bits has five digits."""


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


class Quantity:
    """A quantity of the standard, ``value`` x 10 ^ ``multiplier``, with a signed 16-bit value."""

    __slots__ = ()

    _smallest: ClassVar[int] = -0x8000
    _largest: ClassVar[int] = 0x7FFF

    value: int
    multiplier: Any

    @classmethod
    def of(cls, amount: float | Decimal) -> Self:
        """Return the quantity of an amount in the unit of the type (W, var, VA, V, A, Wh, Ah).

        The multiplier is the one nearest to 0 that holds the amount exactly: 5000 W is 5000 x 10^0, 40000 W is
        4000 x 10^1, 230.5 V is 2305 x 10^-1.

        Raises:
            QuantityError: No multiplier from -9 to 9 holds the amount exactly.
        """
        from sep2.types import PowerOfTenMultiplierType

        try:
            text = str(amount)
        except ValueError:
            text = "a number of thousands of digits"
        for multiplier in sorted(range(-9, 10), key=lambda power: (abs(power), -power)):
            try:
                scaled = Decimal(text).quantize(Decimal((0, (1,), multiplier)), context=_EXACT)
                value = int(scaled.scaleb(-multiplier, context=_EXACT))
            except (Inexact, InvalidOperation, ValueError):
                continue
            if cls._smallest <= value <= cls._largest:
                return cls(value=value, multiplier=PowerOfTenMultiplierType(multiplier))  # type: ignore[call-arg]
        raise QuantityError(
            f"{text} does not fit in {cls.__name__}",
            remedy=f"Its value is a whole number from {cls._smallest} to {cls._largest}, scaled by a power of ten "
            "from -9 to 9: give fewer significant digits.",
        )

    def __float__(self) -> float:
        return float(f"{self.value}e{int(self.multiplier)}")


class UnsignedQuantity(Quantity):
    """A quantity whose value is an unsigned 16-bit number."""

    __slots__ = ()

    _smallest = 0
    _largest = 0xFFFF
