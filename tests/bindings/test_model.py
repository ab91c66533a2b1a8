"""Code lists stay open, messages are short in a log, quantities are numbers and are made from numbers."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sep2
from envoy import dumps, loads
from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Bitmap
from envoy.bindings.fields import fields_of
from envoy.bindings.quantities import Quantity
from envoy.errors import QuantityError
from sep2 import (
    AccountingUnit,
    ActivePower,
    ApparentPower,
    CurrencyCode,
    DERCapability,
    DERControl,
    DERControlBase,
    DERControlList,
    DERControlType,
    DERListLink,
    DERType,
    DeviceCategoryType,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    FileType,
    FixedPointType,
    PowerFactor,
    PowerFactorWithExcitation,
    PowerOfTenMultiplierType,
    ReactivePower,
    RealEnergy,
    Registration,
    SignedRealEnergy,
    Temperature,
    TemperatureSubject,
    UnitValueType,
    UomType,
    VoltageRMS,
    WattHour,
)

LFDI = bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5")

CLASSES = [getattr(sep2, name) for name in sorted({*sep2.__all__} - {"ELEMENTS", "TYPES"})]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]
QUANTITIES = [cls for cls in DATACLASSES if issubclass(cls, Quantity)]


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
        (ActivePower, True),
        (ActivePower, None),
        (ActivePower, "5 kW"),
        (ActivePower, ""),
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


def test_what_such_a_quantity_lacks_is_told() -> None:
    with pytest.raises(QuantityError, match=r"0\.95 alone is not a PowerFactorWithExcitation") as caught:
        PowerFactorWithExcitation.of(0.95)
    assert caught.value.remedy == "Say the rest as well: PowerFactorWithExcitation.of(0.95, excitation=...)."


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


def test_message_shows_what_is_set_and_not_as_by_default() -> None:
    device = EndDevice(lfdi=LFDI, sfdi=167261211391, changed_time=1_700_000_000)
    assert repr(device) == (
        "EndDevice(lfdi=3E4F45AB31EDFE5B67E343E5E4562E31984E23E5, sfdi=167261211391, changed_time=1700000000)"
    )
    assert str(device) == repr(device)


def test_numbers_that_have_leading_zeros_show_them() -> None:
    assert "sfdi=000000010018" in repr(EndDevice(sfdi=10018, changed_time=0))
    assert "pin=001230" in repr(Registration(date_time_registered=0, pin=1230))


def test_messages_inside_a_message_are_shown_to_some_depth() -> None:
    limit = DERControlBase(op_mod_imp_lim_w=ActivePower.of(1500))
    control = DERControl(mrid=b"\xab", creation_time=1, event_status=None, interval=None, der_control_base=limit)  # type: ignore[arg-type]
    shown = (
        "DERControl(mrid=AB, creation_time=1, event_status=None, interval=None, "
        "der_control_base=DERControlBase(op_mod_imp_lim_w=ActivePower.of(1500)))"
    )
    assert repr(control) == shown
    assert repr(DERControlList(all=1, results=1, der_control=[control])) == (
        f"DERControlList(all=1, results=1, der_control=[{shown}])"
    )
    for _ in range(9):
        control = DERControl(mrid=b"", creation_time=1, event_status=control, interval=None, der_control_base=limit)  # type: ignore[arg-type]
    assert len(repr(control)) < 600
    assert "event_status=DERControl(...)" in repr(control)


def test_long_lists_and_texts_are_cut_short() -> None:
    devices = [EndDevice(href=f"/edev/{number}", sfdi=number, changed_time=0) for number in range(50)]
    text = repr(EndDeviceList(all=50, results=50, end_device=devices))
    assert text.endswith("EndDevice(href='/edev/2', sfdi=000000000002, changed_time=0), ... 47 more])")
    assert len(text) < 300
    assert repr(DERListLink(href="/" + 1000 * "a")) == f"DERListLink(href='/{59 * 'a'}'...)"
    assert repr(EndDevice(lfdi=bytes(1000), sfdi=0, changed_time=0)).startswith(f"EndDevice(lfdi={40 * '0'}..., ")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DERType.COMBINED_PV_AND_STORAGE, "type=COMBINED_PV_AND_STORAGE"),
        (DERType(99), "type=99"),
        (None, "type=None"),
    ],
    ids=str,
)
def test_code_is_shown_by_its_name_or_as_the_reserved_number_that_it_is(kind: Any, text: str) -> None:
    capability = DERCapability(modes_supported=DERControlType(0), rtg_max_w=ActivePower.of(0), type=kind)
    assert repr(capability) == f"DERCapability(modes_supported=00000000, rtg_max_w=ActivePower.of(0), {text})"


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (DERControlType.CHARGE_MODE, "CHARGE_MODE"),
        (DERControlType.OP_MOD_MAX_LIM_W | DERControlType.CHARGE_MODE, "CHARGE_MODE|OP_MOD_MAX_LIM_W"),
        (DERControlType(0x8000_0001), "80000001"),
        (DERControlType(0x1F), "0000001F"),
        (DOEControlType(0), "00"),
    ],
)
def test_flags_are_shown_by_name_while_they_are_few_and_known(flags: Bitmap, text: str) -> None:
    holder = DERCapability(modes_supported=flags, rtg_max_w=ActivePower.of(0), type=DERType(83))  # type: ignore[arg-type]
    assert repr(holder).startswith(f"DERCapability(modes_supported={text}, ")


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


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__name__)
def test_every_message_can_be_shown_even_while_it_is_being_read(cls: type) -> None:
    assert issubclass(cls, ComplexType)
    assert repr(object.__new__(cls)).startswith(f"{cls.__name__}(")
    empty = cls(**{field.name: None for field in fields_of(cls) if field.required})
    assert repr(empty).count("=None") == sum(field.required for field in fields_of(cls))


def test_reading_gives_messages_that_are_shown_like_those_that_were_written() -> None:
    device = EndDevice(lfdi=LFDI, sfdi=167261211391, changed_time=0, der_list_link=DERListLink(href="/edev/2/der"))
    assert repr(loads(dumps(device), EndDevice)) == repr(device)
