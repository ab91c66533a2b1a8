"""Quantities: a whole number and a power of ten, real value = value x 10^multiplier. Several function sets share them.

Generated from schema/sep/quantities.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code
from envoy.bindings.quantities import (
    Int32Quantity,
    Int48Quantity,
    PowerFactorQuantity,
    Quantity,
    UInt48Quantity,
    UnsignedQuantity,
)

from sep2.types import (
    PowerOfTenMultiplierType,
    UomType,
)


class DERUnitRefType(Code):
    """The quantity a percentage in DER settings, curves and set points refers to."""

    NOT_APPLICABLE = 0
    """No reference."""
    PERCENT_SET_MAX_W = 1
    """Percent of setMaxW, the maximum active power."""
    PERCENT_SET_MAX_VAR = 2
    """Percent of setMaxVar, the maximum reactive power."""
    PERCENT_STAT_VAR_AVAIL = 3
    """Percent of statVarAvail, the reactive power available now."""
    PERCENT_SET_EFFECTIVE_V = 4
    """Percent of the effective voltage setting."""
    PERCENT_SET_MAX_CHARGE_RATE_W = 5
    """Percent of setMaxChargeRateW, the maximum charge rate."""
    PERCENT_SET_MAX_DISCHARGE_RATE_W = 6
    """Percent of setMaxDischargeRateW, the maximum discharge rate."""
    PERCENT_STAT_W_AVAIL = 7
    """Percent of statWAvail, the active power available now."""
    SET_MAX_VA = 8
    """Percent of setMaxVA."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActivePower(Quantity):
    """
    Active (real) power in watts.

    The value is Int16, so larger powers need a multiplier: 40 kW is value 4000, multiplier 1. Unit: W.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Power in W before scaling, with sign.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AmpereHour(UnsignedQuantity):
    """
    Electric charge in ampere-hours, used for battery capacity.

    Unit: Ah.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Charge in Ah before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ApparentPower(UnsignedQuantity):
    """
    Apparent power in volt-amperes, never negative.

    Unit: VA.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Apparent power in VA before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CurrentRMS(UnsignedQuantity):
    """
    Effective (RMS) electric current in amperes.

    Unit: A.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Current in A before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FixedPointType(Quantity):
    """
    Signed decimal number as value x 10^multiplier.

    Its unit, if any, is that of the element that uses it.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Signed number before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FixedVar(ComplexType):
    """
    Reactive power set point as a percentage of a reference quantity that it names itself.

    Attributes:
        ref_type: The quantity that the percentage is taken of.
        value: Share of the reference, with sign; positive injects reactive power.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    ref_type: DERUnitRefType = field(
        metadata={
            "name": "refType",
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PowerFactor(PowerFactorQuantity):
    """
    Displacement power factor (cosine of the angle between voltage and current), from 0 to 1 after scaling.

    Says nothing about leading or lagging.

    Attributes:
        displacement: Power factor before scaling: 95 with multiplier -2 is 0.95.
        multiplier: Power of ten that scales the displacement.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    displacement: int = field(
        metadata={
            "type": "Element",
        }
    )
    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PowerFactorWithExcitation(PowerFactorQuantity):
    """
    Displacement power factor together with the direction of the reactive power.

    Attributes:
        displacement: Power factor before scaling: 95 with multiplier -2 is 0.95.
        excitation: Direction of the reactive power: true is under-excited (taken up), false is over-excited (fed
            in).
        multiplier: Power of ten that scales the displacement.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    displacement: int = field(
        metadata={
            "type": "Element",
        }
    )
    excitation: bool = field(
        metadata={
            "type": "Element",
        }
    )
    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReactivePower(Quantity):
    """
    Reactive power in var; the element that uses it says what the sign means.

    Unit: var.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Reactive power in var before scaling, with sign.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReactiveSusceptance(UnsignedQuantity):
    """
    Reactive susceptance in siemens: how much reactive current flows per volt.

    Unit: S.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Susceptance in S before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RealEnergy(UInt48Quantity):
    """
    Active energy in watt-hours, not negative, with a wide (48 bit) value.

    Unit: Wh.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Energy in Wh before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
            "max_inclusive": 281474976710655,
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SignedRealEnergy(Int48Quantity):
    """
    Active energy in watt-hours with a sign, with a wide (48 bit) value.

    Unit: Wh.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Energy in Wh before scaling, with sign.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
            "min_inclusive": -140737488355328,
            "max_inclusive": 140737488355328,
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UnitValueType(Int32Quantity):
    """
    Value that carries its own unit.

    Attributes:
        multiplier: Power of ten that scales the value.
        unit: Unit of the scaled value.
        value: Number before scaling, with sign.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    unit: UomType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UnsignedActivePower(UnsignedQuantity):
    """
    Active power in watts that is never negative.

    Unit: W.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: The number, to be multiplied by ten to the multiplier.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UnsignedFixedPointType(UnsignedQuantity):
    """
    Decimal number not below zero as value x 10^multiplier.

    Its unit, if any, is that of the element that uses it.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Number before scaling, not below zero.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UnsignedReactivePower(UnsignedQuantity):
    """
    Reactive power in var that is never negative.

    Unit: var.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: The number, to be multiplied by ten to the multiplier.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class VoltageRMS(UnsignedQuantity):
    """
    Effective (RMS) voltage in volts.

    Unit: V.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Voltage in V before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class WattHour(UnsignedQuantity):
    """
    Active energy in watt-hours; value is UInt16, so use the multiplier for larger amounts.

    Unit: Wh.

    Attributes:
        multiplier: Power of ten that scales the value.
        value: Energy in Wh before scaling.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )
