"""Code lists and bitmaps: open, typed, of bounded memory."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from sep2 import (
    DERControlType,
    DERType,
    DeviceCategoryType,
    DOEControlType,
    FileType,
    PowerOfTenMultiplierType,
    UomType,
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
    with pytest.raises(ValueError, match="DERType"):
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
