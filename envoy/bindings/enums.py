"""Open code lists and bitmaps, the bases of the generated enumerations."""

from __future__ import annotations

from enum import KEEP, IntEnum, IntFlag
from typing import Any, ClassVar, Self

_COMBINATIONS = 4096
"""Combinations of bits that a bitmap class keeps as members; others are made again each time."""


class Code(IntEnum):
    """A code list of the standard. A reserved value becomes an unnamed member, so that it survives a round trip.

    With ``octets`` the values travel as hexBinary of that width, without it as decimal numbers.
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

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        # Python before 3.11.4 looks for a member by its name, and a reserved value is none of those.
        return type(self), (self._value_,)

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
