"""Messages in a notebook: a table that is well-formed, escaped, short, and says what the numbers are."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from lxml import etree

import sep2
from envoy.bindings.fields import DIGITS, fields_of
from envoy.bindings.meanings import explain_value, meanings_of
from sep2 import (
    ActivePower,
    AlarmStatus,
    DERCapability,
    DERControlType,
    DERProgram,
    DERSettings,
    DERType,
    EndDevice,
    EndDeviceList,
    PowerFactorWithExcitation,
    PrimacyType,
)

CLASSES = [getattr(sep2, name) for name in sorted({*sep2.__all__} - {"ELEMENTS", "TYPES"})]
DATACLASSES = [cls for cls in CLASSES if dataclasses.is_dataclass(cls)]


def cells(message: Any) -> dict[str, str]:
    """Return the text of each cell of a table, by the name beside it."""
    root = etree.fromstring(message._repr_html_())
    return {row.findtext("th"): "".join(row.find("td").itertext()) for row in root.iterfind("tr")}


def test_numbers_are_shown_with_what_they_say() -> None:
    capability = DERCapability(
        modes_supported=DERControlType.OP_MOD_MAX_LIM_W | DERControlType.OP_MOD_FIXED_W,
        rtg_max_w=ActivePower.of(40_000),
        type=DERType.PHOTOVOLTAIC_SYSTEM,
    )
    assert cells(capability) == {
        "modes_supported": f"{capability.modes_supported:08X} OP_MOD_FIXED_W, OP_MOD_MAX_LIM_W",
        "rtg_max_w": "40000 W",
        "type": "4 PHOTOVOLTAIC_SYSTEM",
    }
    settings = DERSettings(updated_time=1_767_225_600, set_grad_w=28, set_max_w=ActivePower.of(0.5))
    assert cells(settings) == {
        "set_grad_w": "28 0.28 %/s",
        "set_max_w": "0.5 W",
        "updated_time": "1767225600 2026-01-01 00:00:00 UTC",
    }


@pytest.mark.parametrize(
    ("cls", "name", "value", "says"),
    [
        (DERCapability, "type", DERType(99), "reserved"),
        (DERCapability, "modes_supported", DERControlType(0), "none"),
        (EndDevice, "changed_time", 0, ""),
        (EndDevice, "changed_time", 2**70, ""),
        (EndDevice, "post_rate", 300, "300 s"),
        (EndDevice, "sfdi", 10018, "000000010018"),
        (EndDevice, "enabled", True, ""),
        (DERSettings, "set_max_w", ActivePower(multiplier=99, value=1), ""),  # type: ignore[arg-type]
        (sep2.DERControlBase, "op_mod_fixed_pf_inject_w", PowerFactorWithExcitation.of(0.9, excitation=True), None),
        (sep2.DERStatus, "alarm_status", AlarmStatus(0x8000_0001), "DER_FAULT_OVER_CURRENT, reserved bits 80000000"),
    ],
)
def test_value_is_explained_where_there_is_something_to_say(cls: type, name: str, value: Any, says: str | None) -> None:
    field = next(field for field in fields_of(cls) if field.name == name)
    assert explain_value(cls, field, value) == (says if says is not None else "0.9, excitation=True")


def test_text_is_escaped_and_cut_off() -> None:
    message = DERProgram(mrid=b"1", primacy=PrimacyType(1), description='<script>"&\x1b' + "x" * 1000)
    html = message._repr_html_()
    assert "<script>" not in html and "\x1b" not in html
    assert len(cells(message)["description"]) == 500


def test_of_a_long_list_the_first_are_shown() -> None:
    devices = [EndDevice(sfdi=number, changed_time=0) for number in range(1000)]
    html = EndDeviceList(all=1000, results=1000, end_device=devices)._repr_html_()
    assert "<summary>1,000</summary>" in html and "... 980 more" in html
    assert html.count("<caption") == 21


def test_an_object_under_construction_is_a_table_all_the_same() -> None:
    for cls in DATACLASSES:
        assert etree.fromstring(cls.__new__(cls)._repr_html_()).tag == "table", cls


def test_units_are_those_of_numbers_that_need_nothing_else() -> None:
    units = {
        explain_value(cls, field, 100).rpartition(" ")[2]
        for cls in DATACLASSES
        for field in fields_of(cls)
        if field.type is int and field.name not in DIGITS
    }
    assert units == {"", "s", "byte", "%/s", "Hz", "%", "degC", "Mbit/s", "bit/s"}


def test_every_field_of_a_class_has_a_meaning() -> None:
    missing = [
        f"{cls.__name__}.{field.name}"
        for cls in DATACLASSES
        for field in fields_of(cls)
        if field.name not in meanings_of(cls)
    ]
    assert missing == []
