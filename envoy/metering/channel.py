"""Channel: one quantity that is measured, which the server sees as one MirrorMeterReading."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Protocol

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
            QuantityError: It is not a finite number, or too large for an Int48.
        """
        try:
            exact = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
            number = int(exact.scaleb(-self.multiplier, _PLENTY).to_integral_value(ROUND_HALF_EVEN))
        except (InvalidOperation, ValueError, OverflowError):
            raise QuantityError(
                f"{value} is not a number", where=self.name, remedy="Give the value in the unit of the channel."
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


class Measure(Protocol):
    """A function that makes a channel for one kind of quantity."""

    def __call__(
        self,
        name: str = ...,
        *,
        interval: int | None = ...,
        qualifier: DataQualifierType = ...,
        accumulation: AccumulationBehaviourType | None = ...,
        phase: PhaseCode | None = ...,
        direction: FlowDirectionType | None = ...,
        multiplier: int = ...,
    ) -> Channel: ...


def _measure(
    usual: str,
    what: str,
    uom: UomType,
    *,
    kind: KindType = KindType.POWER,
    usual_qualifier: DataQualifierType = DataQualifierType.AVERAGE,
    usual_accumulation: AccumulationBehaviourType | None = None,
    usual_phase: PhaseCode | None = None,
    usual_direction: FlowDirectionType | None = None,
    usual_multiplier: int = 0,
) -> Measure:
    def measure(
        name: str = usual,
        *,
        interval: int | None = 300,
        qualifier: DataQualifierType = usual_qualifier,
        accumulation: AccumulationBehaviourType | None = usual_accumulation,
        phase: PhaseCode | None = usual_phase,
        direction: FlowDirectionType | None = usual_direction,
        multiplier: int = usual_multiplier,
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

    measure.__name__ = measure.__qualname__ = usual.replace("-", "_")
    measure.__doc__ = f"""Return a channel for {what}.

    Args:
        name: What readings call it.
        interval: Seconds that one reading covers; None if each says so itself.
        qualifier: Average, maximum or minimum of the interval; NORMAL for values of a moment.
        accumulation: DELTA_DATA for the energy of each interval, SUMMATION for a register that only grows.
        phase: The phase; None for all together.
        direction: FORWARD for import being positive, REVERSE for export; None where there is no direction.
        multiplier: Power of ten of the numbers on the wire.
    """
    return measure


_FORWARD = FlowDirectionType.FORWARD
active_power = _measure("active-power", "real power in W", UomType.WATT, usual_direction=_FORWARD)
reactive_power = _measure("reactive-power", "reactive power in var", UomType.VAR, usual_direction=_FORWARD)
voltage = _measure("voltage", "a voltage in V", UomType.VOLT, usual_phase=PhaseCode.PHASE_AN, usual_multiplier=-1)
current = _measure("current", "a current in A", UomType.AMPERE, usual_phase=PhaseCode.PHASE_A, usual_multiplier=-2)
frequency = _measure("frequency", "the frequency in Hz", UomType.HERTZ, usual_multiplier=-3)
energy = _measure(
    "energy",
    "energy in Wh",
    UomType.WATT_HOUR,
    kind=KindType.ENERGY,
    usual_qualifier=DataQualifierType.NORMAL,
    usual_accumulation=AccumulationBehaviourType.DELTA_DATA,
    usual_direction=_FORWARD,
)
stored_energy = _measure(
    "stored-energy",
    "the energy that a storage has left in Wh",
    UomType.WATT_HOUR,
    kind=KindType.ENERGY,
    usual_qualifier=DataQualifierType.NOT_APPLICABLE,
)

MEASURES: dict[str, Measure] = {
    "active-power": active_power,
    "reactive-power": reactive_power,
    "voltage": voltage,
    "current": current,
    "frequency": frequency,
    "energy": energy,
    "stored-energy": stored_energy,
}
"""The common channels, by the name that a mirror file has for them."""
