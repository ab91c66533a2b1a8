"""envoy.model: code lists and bitmaps stay open, quantities read as numbers and are made from numbers exactly."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.errors import QuantityError
from envoy.model import Quantity
from sep2 import (
    ActivePower,
    ApparentPower,
    DERCapability,
    DERControlType,
    DERType,
    DeviceCategoryType,
    DOEControlType,
    FileType,
    FixedPointType,
    PowerOfTenMultiplierType,
    ReactivePower,
    UomType,
    VoltageRMS,
    WattHour,
)


def test_code_is_a_number_with_a_name() -> None:
    assert DERType(83) is DERType.COMBINED_PV_AND_STORAGE
    assert DERType.COMBINED_PV_AND_STORAGE == 83
    assert PowerOfTenMultiplierType(-3).name == "MILLI"


def test_reserved_code_is_one_member_with_a_name_that_says_so() -> None:
    reserved = DERType(99)
    assert reserved == 99
    assert reserved.name == "RESERVED_99"
    assert reserved is DERType(99)
    assert isinstance(reserved, DERType)
    assert repr(reserved) == "<DERType.RESERVED_99: 99>"
    assert PowerOfTenMultiplierType(-5).name == "RESERVED_MINUS_5"


def test_reserved_codes_are_no_members_of_the_list_and_of_no_other_list() -> None:
    before = list(UomType)
    assert UomType(200).name == "RESERVED_200"
    assert list(UomType) == before
    assert type(FileType(200)) is FileType


@pytest.mark.parametrize("value", [-0x80, -1, 0, 1, 0xFF, 0xFFFF])
def test_any_number_of_a_code_type_is_taken(value: int) -> None:
    assert DERType(value) == value


@pytest.mark.parametrize("value", [-0x81, 0x10000, 1 << 64, "83", 8.5, None, b"\x53"])
def test_what_cannot_be_a_code_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid DERType"):
        DERType(value)


@pytest.mark.parametrize("bits", [0, 1, 0b1010, 0x8000_0000, 0xFFFF_FFFF])
def test_bitmap_keeps_reserved_bits(bits: int) -> None:
    value = DERControlType(bits)
    assert value == bits
    assert isinstance(value, DERControlType)


def test_bitmap_is_used_with_operators() -> None:
    modes = DOEControlType.OP_MOD_EXP_LIM_W | DOEControlType.OP_MOD_IMP_LIM_W
    assert modes == 0b11
    assert DOEControlType.OP_MOD_EXP_LIM_W in modes
    assert DOEControlType.OP_MOD_GEN_LIM_W not in modes
    assert modes & ~DOEControlType.OP_MOD_EXP_LIM_W == DOEControlType.OP_MOD_IMP_LIM_W
    assert list(modes | DOEControlType(0x80))[:2] == [DOEControlType.OP_MOD_EXP_LIM_W, DOEControlType.OP_MOD_IMP_LIM_W]


@pytest.mark.parametrize("value", ["1", 1.5, None, b"\x01"])
def test_what_cannot_be_a_bitmap_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        DERControlType(value)


def test_many_combinations_of_bits_do_not_fill_the_memory() -> None:
    named = list(DeviceCategoryType)
    values = [DeviceCategoryType(number * 7919) for number in range(1, 10_000)]
    assert [int(value) for value in values] == [number * 7919 for number in range(1, 10_000)]
    assert len(DeviceCategoryType._value2member_map_) < 5_000
    assert all(DeviceCategoryType(value.value) is value for value in named)
    assert ~DeviceCategoryType(1 << 30 | 1) & DeviceCategoryType(3) == DeviceCategoryType(2)


@pytest.mark.parametrize(
    "value",
    [
        DERType.FUEL_CELL,
        DERType(99),
        PowerOfTenMultiplierType(-5),
        DERControlType.CHARGE_MODE,
        DERControlType(0x8000_0003),
    ],
    ids=repr,
)
def test_codes_and_bitmaps_are_copied_and_pickled(value: Any) -> None:
    for twin in (copy.copy(value), copy.deepcopy(value), *(pickle.loads(pickle.dumps(value, p)) for p in range(2, 6))):  # noqa: S301
        assert twin == value
        assert type(twin) is type(value)


def test_messages_are_copied_and_pickled() -> None:
    capability = DERCapability(
        modes_supported=DERControlType(0x8000_0001), rtg_max_w=ActivePower.of(40_000), type=DERType(99)
    )
    assert copy.deepcopy(capability) == capability
    assert copy.copy(capability).rtg_max_w is capability.rtg_max_w
    assert pickle.loads(pickle.dumps(capability)) == capability  # noqa: S301


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
        (ActivePower, True),
        (ActivePower, None),
        (ActivePower, "5 kW"),
        (ActivePower, ""),
        (ActivePower, Fraction(1, 3)),
        (WattHour, -1),
        (WattHour, 65_537),
    ],
)
def test_amount_that_does_not_fit_is_refused(kind: type[Quantity], amount: Any) -> None:
    with pytest.raises(QuantityError, match=f"does not fit in {kind.__name__}") as caught:
        kind.of(amount)
    assert "a whole number from" in caught.value.remedy
    assert isinstance(caught.value, ValueError)


@given(st.one_of(st.integers(), st.floats(), st.decimals(), st.integers(-40_000, 70_000).map(lambda n: n / 1000)))
def test_quantity_is_exactly_the_amount_or_refused(amount: Any) -> None:
    for kind in (ActivePower, WattHour):
        try:
            quantity = kind.of(amount)
        except QuantityError:
            continue
        assert float(quantity) == float(amount)
        assert Decimal(quantity.value).scaleb(int(quantity.multiplier)) == Decimal(str(amount))


@given(st.integers(-0x8000, 0x7FFF), st.integers(-9, 9))
def test_every_quantity_is_made_from_its_own_number(value: int, multiplier: int) -> None:
    power = ActivePower(value=value, multiplier=PowerOfTenMultiplierType(multiplier))
    assert float(ActivePower.of(float(power))) == float(power) == float(f"{value}e{multiplier}")


def test_quantity_does_not_depend_on_the_decimal_context_of_the_caller() -> None:
    with localcontext() as context:
        context.prec = 2
        assert ActivePower.of(12_345).value == 12_345
        assert float(ApparentPower.of(65_535)) == 65_535.0
