"""A channel: one quantity that is measured, which the server sees as one MirrorMeterReading."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from envoy.errors import QuantityError
from sep2 import (
    AccumulationBehaviourType,
    CommodityType,
    DataQualifierType,
    FlowDirectionType,
    KindType,
    PhaseCode,
    PowerOfTenMultiplierType,
    ReadingType,
    UomType,
)

LARGEST_VALUE = 1 << 47
"""Largest amount of a Reading's value, an Int48, either way."""

_PLENTY = Context(prec=400, rounding=ROUND_HALF_EVEN)
"""Arithmetic with enough digits for any float; the range is checked afterwards."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """One quantity that is measured.

    Attributes:
        name: What readings and CSV files call it.
        reading_type: What the numbers mean.
        description: For people who look at the server, 32 characters at most; the name if None.
        mrid: Its mRID, 16 octets; empty to have the mirror make one of LFDI, name and ReadingType.
    """

    name: str
    reading_type: ReadingType
    description: str | None = None
    mrid: bytes = b""

    @property
    def multiplier(self) -> int:
        """Power of ten of the values on the wire: -1 means that they count tenths of the unit."""
        return int(self.reading_type.power_of_ten_multiplier or 0)

    @property
    def interval(self) -> int:
        """Seconds that a reading covers unless it says otherwise; 0 for values of a moment."""
        return self.reading_type.interval_length or 0

    def encode(self, value: float | Decimal) -> int:
        """Return the number that stands for a value on the wire, to the nearest that the multiplier can express.

        Args:
            value: The value in the unit of the channel. Half way between two numbers it becomes the even one.

        Raises:
            QuantityError: It is no finite number, or too large for an Int48.
        """
        try:
            exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
            number = int(exact.scaleb(-self.multiplier, _PLENTY).to_integral_value(ROUND_HALF_EVEN))
        except (InvalidOperation, ValueError, OverflowError):
            raise QuantityError(
                f"{value} is no number", where=self.name, remedy="Give the value in the unit of the channel."
            ) from None
        if abs(number) > LARGEST_VALUE:
            raise QuantityError(
                f"{value} is too large",
                where=self.name,
                remedy=f"At most {self.decode(LARGEST_VALUE):f} fits with its power_of_ten_multiplier "
                f"{self.multiplier}; a larger one makes room.",
            )
        return number

    def decode(self, number: int) -> Decimal:
        """Return the value in the unit of the channel that a number on the wire stands for."""
        return Decimal(number).scaleb(self.multiplier, _PLENTY)


def digest(*parts: bytes) -> bytes:
    """Return 12 octets, the part of an mRID before the PEN, that are the same for the same parts on every machine."""
    # Lengths in front, so that no two ways to cut the same octets into parts agree.
    return hashlib.sha256(b"".join(len(part).to_bytes(4) + part for part in parts)).digest()[:12]


def active_power(
    name: str = "active-power",
    *,
    interval: int = 300,
    qualifier: DataQualifierType = DataQualifierType.AVERAGE,
    phase: PhaseCode | None = None,
    direction: FlowDirectionType = FlowDirectionType.FORWARD,
    multiplier: int = 0,
) -> Channel:
    """Return a channel for real power in W: positive in the given direction, which is import by default.

    Args:
        name: What readings call it.
        interval: Seconds that one reading covers.
        qualifier: Average, maximum or minimum of the interval; NORMAL for values of a moment.
        phase: The phase; None for all together.
        direction: FORWARD for import being positive, REVERSE for export.
        multiplier: Power of ten of the numbers on the wire.
    """
    return _channel(name, UomType.WATT, KindType.POWER, interval, qualifier, phase, direction, multiplier)


def reactive_power(
    name: str = "reactive-power",
    *,
    interval: int = 300,
    qualifier: DataQualifierType = DataQualifierType.AVERAGE,
    phase: PhaseCode | None = None,
    direction: FlowDirectionType = FlowDirectionType.FORWARD,
    multiplier: int = 0,
) -> Channel:
    """Return a channel for reactive power in var; the arguments are those of ``active_power``."""
    return _channel(name, UomType.VAR, KindType.POWER, interval, qualifier, phase, direction, multiplier)


def voltage(
    name: str = "voltage",
    *,
    interval: int = 300,
    qualifier: DataQualifierType = DataQualifierType.AVERAGE,
    phase: PhaseCode | None = PhaseCode.PHASE_AN,
    multiplier: int = -1,
) -> Channel:
    """Return a channel for a voltage in V, to a tenth by default; the arguments are those of ``active_power``."""
    return _channel(name, UomType.VOLT, KindType.POWER, interval, qualifier, phase, None, multiplier)


def current(
    name: str = "current",
    *,
    interval: int = 300,
    qualifier: DataQualifierType = DataQualifierType.AVERAGE,
    phase: PhaseCode | None = PhaseCode.PHASE_A,
    multiplier: int = -2,
) -> Channel:
    """Return a channel for a current in A, to a hundredth by default; the arguments are those of ``active_power``."""
    return _channel(name, UomType.AMPERE, KindType.POWER, interval, qualifier, phase, None, multiplier)


def frequency(
    name: str = "frequency",
    *,
    interval: int = 300,
    qualifier: DataQualifierType = DataQualifierType.AVERAGE,
    multiplier: int = -3,
) -> Channel:
    """Return a channel for the frequency in Hz, to a thousandth by default."""
    return _channel(name, UomType.HERTZ, KindType.POWER, interval, qualifier, None, None, multiplier)


def energy(
    name: str = "energy",
    *,
    interval: int = 300,
    accumulation: AccumulationBehaviourType = AccumulationBehaviourType.DELTA_DATA,
    direction: FlowDirectionType = FlowDirectionType.FORWARD,
    multiplier: int = 0,
) -> Channel:
    """Return a channel for energy in Wh.

    Args:
        name: What readings call it.
        interval: Seconds that one reading covers.
        accumulation: DELTA_DATA for the energy of each interval, SUMMATION for a register that only grows.
        direction: FORWARD for import, REVERSE for export.
        multiplier: Power of ten of the numbers on the wire.
    """
    qualifier = DataQualifierType.NORMAL
    uom, kind = UomType.WATT_HOUR, KindType.ENERGY
    return _channel(name, uom, kind, interval, qualifier, None, direction, multiplier, accumulation)


MEASURES: dict[str, Callable[[], Channel]] = {
    "active-power": active_power,
    "reactive-power": reactive_power,
    "voltage": voltage,
    "current": current,
    "frequency": frequency,
    "energy": energy,
}
"""The common channels, by the name that a mirror file has for them."""


def _channel(
    name: str,
    uom: UomType,
    kind: KindType,
    interval: int,
    qualifier: DataQualifierType,
    phase: PhaseCode | None,
    direction: FlowDirectionType | None,
    multiplier: int,
    accumulation: AccumulationBehaviourType | None = None,
) -> Channel:
    if accumulation is None and qualifier == DataQualifierType.NORMAL:
        accumulation = AccumulationBehaviourType.INSTANTANEOUS
    reading_type = ReadingType(
        accumulation_behaviour=accumulation,
        commodity=CommodityType.ELECTRICITY_SECONDARY_METERED,
        data_qualifier=qualifier,
        flow_direction=direction,
        interval_length=interval,
        kind=kind,
        phase=phase,
        power_of_ten_multiplier=PowerOfTenMultiplierType(multiplier),
        uom=uom,
    )
    return Channel(name=name, reading_type=reading_type)
