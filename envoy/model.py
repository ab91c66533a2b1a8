"""What generated classes inherit: code lists open for reserved values, and quantities that read as numbers."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from enum import KEEP, IntEnum, IntFlag
from typing import Any, ClassVar, Self

from envoy.errors import QuantityError


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
            exact = Decimal(str(amount))
        except InvalidOperation:
            exact = Decimal("NaN")
        for multiplier in sorted(range(-9, 10), key=lambda power: (abs(power), -power)):
            value = exact.scaleb(-multiplier) if exact.is_finite() else exact
            if value.is_finite() and value == value.to_integral_value() and cls._smallest <= value <= cls._largest:
                return cls(value=int(value), multiplier=PowerOfTenMultiplierType(multiplier))  # type: ignore[call-arg]
        raise QuantityError(
            f"{amount} does not fit in {cls.__name__}",
            remedy=f"Its value is a whole number from {cls._smallest} to {cls._largest}, scaled by a power of ten "
            "from -9 to 9: give fewer significant digits.",
        )

    def __float__(self) -> float:
        return float(Decimal(self.value).scaleb(int(self.multiplier)))


class UnsignedQuantity(Quantity):
    """A quantity whose value is an unsigned 16-bit number."""

    __slots__ = ()

    _smallest = 0
    _largest = 0xFFFF
