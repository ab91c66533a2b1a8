"""Quantities: made from amounts, read as numbers, shown as the amount."""

from __future__ import annotations

import dataclasses
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sep2
from envoy import dumps, loads
from envoy.bindings.fields import fields_of
from envoy.bindings.quantities import Quantity
from envoy.errors import QuantityError
from sep2 import (
    AccountingUnit,
    ActivePower,
    ApparentPower,
    CurrencyCode,
    FixedPointType,
    PowerFactor,
    PowerFactorWithExcitation,
    PowerOfTenMultiplierType,
    ReactivePower,
    RealEnergy,
    SignedRealEnergy,
    Temperature,
    TemperatureSubject,
    UnitValueType,
    UomType,
    VoltageRMS,
    WattHour,
)

CLASSES = [getattr(sep2, name) for name in sorted({*sep2.__all__} - {"ELEMENTS", "TYPES"})]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]
QUANTITIES = [cls for cls in DATACLASSES if issubclass(cls, Quantity)]


@pytest.mark.parametrize(
    ("kind", "amount", "value", "multiplier"),
    [
        (ActivePower, 0, 0, 0),
        (ActivePower, 5000, 5000, 0),
        (ActivePower, 32_767, 32_767, 0),
        (ActivePower, 40_000, 4000, 1),
        (ActivePower, 327_670, 32_767, 1),
        (ActivePower, -32_768, -32_768, 0),
        (ActivePower, -40_000, -4000, 1),
        (ActivePower, 1_500_000, 15_000, 2),
        (ActivePower, 1e13, 10_000, 9),
        (ActivePower, 2500.5, 25_005, -1),
        (ActivePower, 0.1, 1, -1),
        (ActivePower, 1e-9, 1, -9),
        (ApparentPower, 40_000, 40_000, 0),
        (ApparentPower, 65_535, 65_535, 0),
        (ApparentPower, 65_540, 6554, 1),
        (FixedPointType, Decimal("-0.95"), -95, -2),
        (ReactivePower, Decimal("1200.0"), 1200, 0),
        (ReactivePower, Decimal("1.2E+3"), 1200, 0),
        (VoltageRMS, 230.5, 2305, -1),
        (WattHour, 13_500, 13_500, 0),
        (WattHour, -0.0, 0, 0),
        (RealEnergy, 281_474_976_710_655, 281_474_976_710_655, 0),
        (RealEnergy, 1e15, 100_000_000_000_000, 1),
        (SignedRealEnergy, -140_737_488_355_328, -140_737_488_355_328, 0),
        (SignedRealEnergy, Decimal("-0.000000001"), -1, -9),
    ],
)
def test_quantity_of_an_amount_has_the_multiplier_nearest_to_zero(
    kind: type[Quantity], amount: float, value: int, multiplier: int
) -> None:
    quantity = kind.of(amount)
    assert (quantity.value, quantity.multiplier) == (value, multiplier)
    assert isinstance(quantity.multiplier, PowerOfTenMultiplierType)
    assert float(quantity) == float(amount)


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (ActivePower, 32_769),
        (ActivePower, 123_456),
        (ActivePower, 0.123456),
        (ActivePower, 1e-10),
        (ActivePower, 1e15),
        (ActivePower, float("nan")),
        (ActivePower, float("inf")),
        (ActivePower, float("-inf")),
        (ActivePower, Decimal("sNaN")),
        (ActivePower, Decimal("1.00000000000000000000000000000000001")),
        (ActivePower, Decimal("1E+1000000000")),
        (ActivePower, Decimal("1E-1000000000")),
        pytest.param(ActivePower, 10**5000, id="of-5000-digits"),
        (ActivePower, Fraction(1, 3)),
        (WattHour, -1),
        (WattHour, 65_537),
        (RealEnergy, -1),
        (RealEnergy, 281_474_976_710_656_1),
        (SignedRealEnergy, 0.123456789012345678),
        (PowerFactor, -0.95),
        (PowerFactor, 1.001),
        (PowerFactor, 95),
    ],
)
def test_amount_that_does_not_fit_is_refused(kind: type[Quantity], amount: Any) -> None:
    with pytest.raises(QuantityError, match=kind.__name__) as caught:
        kind.of(amount)
    assert "a whole number from" in caught.value.remedy
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("kind", "amount", "remedy"),
    [
        (ActivePower, "5 kW", "ActivePower.of takes a number of W: ActivePower.of(5000)."),
        (ActivePower, "-1.5MW", "ActivePower.of takes a number of W: ActivePower.of(-1500000)."),
        (ActivePower, "5 kVA", "ActivePower.of takes a number of W: ActivePower.of(...)."),
        (ActivePower, "5,5 kW", "ActivePower.of takes a number of W: ActivePower.of(...)."),
        (WattHour, "13.5 kwh", "WattHour.of takes a number of Wh: WattHour.of(13500)."),
        (PowerFactor, "high", "PowerFactor.of takes a number: PowerFactor.of(...)."),
        (ActivePower, "", "ActivePower.of takes a number of W: ActivePower.of(...)."),
        (ActivePower, True, "ActivePower.of takes a number of W: ActivePower.of(...)."),
        (ActivePower, None, "ActivePower.of takes a number of W: ActivePower.of(...)."),
        (ActivePower, [5000], "ActivePower.of takes a number of W: ActivePower.of(...)."),
    ],
)
def test_what_is_not_a_number_gets_the_number_that_was_meant(kind: type[Quantity], amount: Any, remedy: str) -> None:
    with pytest.raises(QuantityError) as caught:
        kind.of(amount)
    assert caught.value.remedy == remedy


@given(st.one_of(st.integers(), st.floats(), st.decimals(), st.integers(-40_000, 70_000).map(lambda n: n / 1000)))
def test_quantity_is_exactly_the_amount_or_refused(amount: Any) -> None:
    for kind in (ActivePower, WattHour):
        try:
            quantity = kind.of(amount)
        except QuantityError:
            continue
        assert float(quantity) == float(amount)
        assert Decimal(quantity.value).scaleb(int(quantity.multiplier)) == Decimal(str(amount))


def test_power_factor_has_a_displacement() -> None:
    power_factor = PowerFactor.of(0.95)
    assert (power_factor.displacement, power_factor.value, power_factor.multiplier) == (95, 95, -2)
    assert float(power_factor) == 0.95
    assert float(PowerFactor.of(1)) == 1.0


def test_advice_for_a_power_factor_in_percent_is_to_write_it_as_a_fraction() -> None:
    with pytest.raises(QuantityError) as caught:
        PowerFactor.of(95)
    assert caught.value.remedy.endswith("give a number from 0 to 1, 0.95 for 95 %.")


@pytest.mark.parametrize(
    ("quantity", "amount"),
    [
        (PowerFactorWithExcitation.of(0.95, excitation=True), 0.95),
        (UnitValueType.of(2_147_483_647, unit=UomType(38)), 2_147_483_647.0),
        (Temperature.of(-3.5, subject=TemperatureSubject(1)), -3.5),
        (AccountingUnit.of(Decimal("19.99"), monetary_unit=CurrencyCode(36), energy_unit=RealEnergy.of(1000)), 19.99),
    ],
    ids=lambda value: type(value).__name__,
)
def test_quantity_that_says_more_than_a_number_takes_the_rest_by_name(quantity: Any, amount: float) -> None:
    assert float(quantity) == amount
    assert loads(dumps(quantity), type(quantity)) == quantity


def test_the_error_names_the_fields_that_such_a_quantity_lacks(snapshot: Any) -> None:
    with pytest.raises(QuantityError) as caught:
        PowerFactorWithExcitation.of(0.95)
    assert str(caught.value) == snapshot


def test_every_type_with_a_multiplier_of_its_own_is_a_quantity() -> None:
    assert {cls for cls in DATACLASSES if "multiplier" in {field.name for field in fields_of(cls)}} == {*QUANTITIES}
    for cls in QUANTITIES:
        assert {cls._number, "multiplier"} <= {field.name for field in fields_of(cls) if field.required}


@given(st.integers(-0x8000, 0x7FFF), st.integers(-9, 9))
def test_every_quantity_is_made_from_its_own_number(value: int, multiplier: int) -> None:
    power = ActivePower(value=value, multiplier=PowerOfTenMultiplierType(multiplier))
    assert float(ActivePower.of(float(power))) == float(power) == float(f"{value}e{multiplier}")


@given(st.integers(-0x8000_0000_0000, 0x8000_0000_0000), st.integers(-9, 9))
def test_energy_of_48_bits_is_made_from_its_own_number_too(value: int, multiplier: int) -> None:
    energy = SignedRealEnergy(value=value, multiplier=PowerOfTenMultiplierType(multiplier))
    again = SignedRealEnergy.of(float(energy))
    assert Decimal(again.value).scaleb(int(again.multiplier)) == Decimal(value).scaleb(multiplier)


def test_quantity_does_not_depend_on_the_decimal_context_of_the_caller() -> None:
    with localcontext() as context:
        context.prec = 2
        assert ActivePower.of(12_345).value == 12_345
        assert float(ApparentPower.of(65_535)) == 65_535.0


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (ActivePower.of(40_000), "ActivePower.of(40000)"),
        (VoltageRMS.of(230.5), "VoltageRMS.of(230.5)"),
        (ActivePower.of(1e-9), "ActivePower.of(0.000000001)"),
        (ActivePower.of(1e13), "ActivePower.of(10000000000000)"),
        (PowerFactor.of(0.95), "PowerFactor.of(0.95)"),
        (
            PowerFactorWithExcitation.of(0.95, excitation=False),
            "PowerFactorWithExcitation.of(0.95, excitation=False)",
        ),
        (ActivePower(value=4, multiplier=PowerOfTenMultiplierType(4)), "ActivePower(multiplier=4, value=4)"),
        (ActivePower(value=4, multiplier=PowerOfTenMultiplierType(3)), "ActivePower(multiplier=KILO, value=4)"),
        (
            PowerFactor(displacement=95, multiplier=PowerOfTenMultiplierType(0)),
            "PowerFactor(displacement=95, multiplier=NONE)",
        ),
        (
            ActivePower(value=70_000, multiplier=PowerOfTenMultiplierType(0)),
            "ActivePower(multiplier=NONE, value=70000)",
        ),
        (ActivePower(value=1, multiplier=PowerOfTenMultiplierType(100)), "ActivePower(multiplier=100, value=1)"),
        (ActivePower(value=None, multiplier=None), "ActivePower(multiplier=None, value=None)"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_quantity_is_shown_as_the_amount_it_is_made_of_if_that_makes_the_same(quantity: Quantity, text: str) -> None:
    assert repr(quantity) == text


@given(st.integers(-0x8000, 0x7FFF), st.integers(-9, 9), st.integers(-0x8000, 0x7FFF), st.integers(-9, 9))
def test_quantities_that_differ_look_different(value: int, multiplier: int, other: int, its_multiplier: int) -> None:
    one = ActivePower(value=value, multiplier=PowerOfTenMultiplierType(multiplier))
    two = ActivePower(value=other, multiplier=PowerOfTenMultiplierType(its_multiplier))
    assert (repr(one) == repr(two)) == (one == two)


@given(
    st.sampled_from([cls for cls in QUANTITIES if len(fields_of(cls)) == 2]),
    st.integers(0, 20_000),
    st.integers(-9, -5),
)
def test_amount_shown_makes_the_quantity_again(cls: type[Quantity], value: int, multiplier: int) -> None:
    quantity = cls.of(Decimal(value).scaleb(multiplier))
    assert eval(repr(quantity), {cls.__name__: cls}) == quantity  # noqa: S307
