"""Messages: copied, pickled, and short in a log."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import Any

import pytest

import sep2
from envoy import dumps, loads
from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Bitmap
from envoy.bindings.fields import fields_of
from sep2 import (
    ActivePower,
    DERCapability,
    DERControl,
    DERControlBase,
    DERControlList,
    DERControlType,
    DERListLink,
    DERType,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    Registration,
)

LFDI = bytes.fromhex("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5")

CLASSES = [getattr(sep2, name) for name in sorted({*sep2.__all__} - {"ELEMENTS", "TYPES"})]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]


def test_messages_are_copied_and_pickled() -> None:
    capability = DERCapability(
        modes_supported=DERControlType(0x8000_0001), rtg_max_w=ActivePower.of(40_000), type=DERType(99)
    )
    assert copy.deepcopy(capability) == capability
    assert copy.copy(capability).rtg_max_w is capability.rtg_max_w
    assert pickle.loads(pickle.dumps(capability)) == capability  # noqa: S301


def test_messages_are_equal_that_are_of_one_class_and_say_the_same() -> None:
    first, same, other = (EndDevice(sfdi=sfdi, changed_time=0) for sfdi in (1, 1, 2))
    assert first == same and first != other
    assert first != sep2.SelfDevice(sfdi=1) and first != 1
    assert ActivePower.of(1) != sep2.ReactivePower.of(1)
    # How a message was written is not what it says.
    assert first == dataclasses.replace(first, schema_ver="2.2")
    assert EndDevice.__hash__ is None


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
        (DOEControlType(0x81), "81"),
        (DERControlType(0x1F), "0000001F"),
        (DOEControlType(0), "00"),
    ],
)
def test_flags_are_shown_by_name_while_they_are_few_and_known(flags: Bitmap, text: str) -> None:
    holder = DERCapability(modes_supported=flags, rtg_max_w=ActivePower.of(0), type=DERType(83))  # type: ignore[arg-type]
    assert repr(holder).startswith(f"DERCapability(modes_supported={text}, ")


@pytest.mark.parametrize("cls", DATACLASSES, ids=lambda cls: cls.__name__)
def test_every_message_can_be_shown_even_while_it_is_being_read(cls: type) -> None:
    assert issubclass(cls, ComplexType)
    assert repr(object.__new__(cls)).startswith(f"{cls.__name__}(")
    empty = cls(**{field.name: None for field in fields_of(cls) if field.required})
    assert repr(empty).count("=None") == sum(field.required for field in fields_of(cls))


def test_reading_gives_messages_that_are_shown_like_those_that_were_written() -> None:
    device = EndDevice(lfdi=LFDI, sfdi=167261211391, changed_time=0, der_list_link=DERListLink(href="/edev/2/der"))
    assert repr(loads(dumps(device), EndDevice)) == repr(device)
