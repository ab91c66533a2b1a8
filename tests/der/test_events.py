"""Programs, events and defaults as plain data: what they are made of, and what is left of garbled messages."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from envoy.bindings.fields import fields_of
from envoy.der.abilities import Abilities
from envoy.der.events import Default, Event, Program
from envoy.der.modes import MODES, dump_values, load_values
from envoy.der.schedule import Schedule
from envoy.documents import dumps, loads
from sep2 import (
    ActivePower,
    DateTimeInterval,
    DefaultDERControl,
    DERCapability,
    DERControl,
    DERControlBase,
    DERControlList,
    DERControlType,
    DERControlType2,
    DERCurveLink,
    DERProgram,
    DERSettings,
    DERType,
    DERUnitRefType,
    DeviceCategoryType,
    DOEControlType,
    EventCurrentStatus,
    EventStatus,
    FixedVar,
    FreqDroopType,
    PowerFactorWithExcitation,
    PowerOfTenMultiplierType,
    PrimacyType,
    ReactivePower,
    ResponseRequired,
    VPPControlType,
)

BASE = DERControlBase(
    op_mod_connect=True,
    op_mod_fixed_pf_inject_w=PowerFactorWithExcitation(
        displacement=950, excitation=True, multiplier=PowerOfTenMultiplierType(-3)
    ),
    op_mod_fixed_var=FixedVar(ref_type=DERUnitRefType.PERCENT_SET_MAX_VAR, value=-2500),
    op_mod_fixed_w=-5000,
    op_mod_freq_droop=FreqDroopType(dbof=36, dbuf=36, kof=50, kuf=50, open_loop_tms=500),
    op_mod_volt_var=DERCurveLink(href="/dc/1"),
    op_mod_target_var=ReactivePower.of(-300),
    op_mod_exp_lim_w=ActivePower(value=4000, multiplier=PowerOfTenMultiplierType(1)),
    ramp_tms=6000,
)
VALUES = {
    "opModConnect": True,
    "opModFixedPFInjectW": (("displacement", 950), ("excitation", 1), ("multiplier", -3)),
    "opModFixedVar": (("ref_type", 2), ("value", -2500)),
    "opModFixedW": -5000,
    "opModFreqDroop": (("dbof", 36), ("dbuf", 36), ("kof", 50), ("kuf", 50), ("open_loop_tms", 500)),
    "opModVoltVar": "/dc/1",
    "opModTargetVar": Decimal(-300),
    "opModExpLimW": Decimal(40_000),
}


def make_control(**others: Any) -> DERControl:
    fields: dict[str, Any] = {
        "href": "/derc/1",
        "mrid": bytes(15) + b"\xa1",
        "creation_time": 7,
        "event_status": EventStatus(
            current_status=EventCurrentStatus.ACTIVE, date_time=0, potentially_superseded=False
        ),
        "interval": DateTimeInterval(start=100, duration=300),
        "der_control_base": BASE,
        "response_required": ResponseRequired(3),
        "reply_to": "/rsp",
        "randomize_start": 60,
        "randomize_duration": -20,
    }
    return DERControl(**fields | others)


def test_every_mode_of_the_schema_has_a_bit_and_its_curve_a_type() -> None:
    assert {mode.field for mode in MODES.values()} == {field.name for field in fields_of(DERControlBase)} - {"ramp_tms"}
    curves = {mode.name: mode.curve_type for mode in MODES.values() if mode.curve_type is not None}
    assert len(set(curves.values())) == len(curves) == 15
    assert MODES["opModStorageTargetW"].flag == VPPControlType.OP_MOD_STORAGE_TARGET_W


def test_an_event_has_what_its_control_says() -> None:
    event = Event.from_model(make_control(device_category=DeviceCategoryType(1 << 18)))
    assert event == Event(
        mrid="0" * 30 + "A1",
        href="/derc/1",
        creation_time=7,
        start=100,
        duration=300,
        randomize_start=60,
        randomize_duration=-20,
        status=1,
        values=VALUES,
        ramp_tms=6000,
        response_required=3,
        reply_to="/rsp",
        device_category=1 << 18,
    )
    assert event.valid and event.end == 400


def test_plain_data_come_back_as_they_were() -> None:
    event = Event.from_model(make_control())
    assert Event.load(json.loads(json.dumps(event.dump()))) == event
    assert load_values(json.loads(json.dumps(dump_values(VALUES)))) == VALUES
    program = Program(mrid="A", primacy=3, offset=-7, default=Default(values=VALUES, settings={"setGradW": 27}))
    assert Program.load(json.loads(json.dumps(program.dump()))) == program


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("opModConnect", "true"),
        ("opModExpLimW", "40000 W"),
        ("opModTargetVar", "-300 var"),
        ("opModFixedW", "-5000 hundredths of a percent"),
        ("opModVoltVar", "/dc/1"),
        ("opModFixedVar", "ref_type 2, value -2500"),
    ],
)
def test_a_value_is_shown_with_its_unit(mode: str, text: str) -> None:
    assert MODES[mode].format(VALUES[mode]) == text


@pytest.mark.parametrize(
    ("mode", "value"), [("opModExpLimW", Decimal(-1)), ("opModMaxLimW", 10_001), ("opModFixedW", -10_001)]
)
def test_a_value_beyond_its_bounds_makes_an_event_invalid(mode: str, value: Any) -> None:
    event = Event.from_model(make_control())
    assert not Event(mrid="A1", start=0, duration=1, values={**event.values, mode: value}).valid


def test_more_randomness_than_the_standard_has_is_not_drawn() -> None:
    event = Event.from_model(make_control(randomize_start=100_000, randomize_duration=-100_000))
    assert (event.randomize_start, event.randomize_duration) == (3600, -3600)


def test_a_default_has_its_settings_beside_its_modes() -> None:
    model = DefaultDERControl(mrid=bytes(16), der_control_base=BASE, set_grad_w=27, set_es_delay=0)
    assert Default.from_model(model) == Default(
        values=VALUES, ramp_tms=6000, settings={"setESDelay": 0, "setGradW": 27}
    )


BODY = dumps(DERControlList(href="/derc", all=2, results=2, der_control=[make_control(), make_control(href="/derc/2")]))
ELEMENTS = len(list(etree.fromstring(BODY)[0].iter()))
"""How many elements a control has, itself included."""


@pytest.mark.unmeasured
@pytest.mark.parametrize("garble", ["remove", "empty", "letters", "huge", "negative"])
@pytest.mark.parametrize("number", range(ELEMENTS))
def test_a_garbled_control_stops_nothing(number: int, garble: str) -> None:
    tree = etree.fromstring(BODY)
    element = list(tree[0].iter())[number]
    if garble == "remove":
        element.getparent().remove(element)
    else:
        texts = {"empty": "", "letters": "abc", "huge": "9" * 25, "negative": "-1"}
        etree.strip_elements(element, "*")
        element.text = texts[garble]
    notes: list[object] = []
    read = loads(etree.tostring(tree), DERControlList, on_error=notes.append)
    model = DERProgram(mrid=bytes(16), primacy=PrimacyType(1))
    program = Program.from_models(model, controls=read.der_control)
    schedule = Schedule()
    for now in (0, 90, 300, 5000):
        schedule.update(now, [program])
        schedule.explain()
    assert Schedule.load(json.loads(json.dumps(schedule.dump()))).dump() == schedule.dump()
    assert schedule.next_change() is None or schedule.next_change() > 5000


def test_what_cannot_be_read_is_rejected_as_invalid() -> None:
    control = make_control()
    control.interval = None  # type: ignore[assignment]
    schedule = Schedule()
    schedule.update(0, [Program.from_models(DERProgram(mrid=bytes(16), primacy=PrimacyType(1)), controls=[control])])
    assert [int(due.status) for due in schedule.owed] == [1, 253]


def test_a_program_without_mrid_or_primacy_comes_last_under_its_href() -> None:
    model = DERProgram(href="/derp/1", mrid=bytes(16), primacy=PrimacyType(1))
    model.mrid = model.primacy = None  # type: ignore[assignment]
    program = Program.from_models(model)
    assert (program.mrid, program.primacy) == ("/derp/1", 255)


def test_an_ability_is_what_is_supported_and_enabled() -> None:
    capability = DERCapability(
        modes_supported=DERControlType.OP_MOD_CONNECT | DERControlType.OP_MOD_FIXED_W,
        doe_modes_supported=DOEControlType(3),
        rtg_max_w=ActivePower.of(5000),
        type=DERType(4),
    )
    settings = DERSettings(
        modes_enabled=DERControlType.OP_MOD_CONNECT, set_grad_w=27, set_max_w=ActivePower.of(5000), updated_time=0
    )
    limits = {"opModExpLimW", "opModImpLimW"}
    assert Abilities.from_models(capability).modes == {"opModConnect", "opModFixedW", *limits}
    abilities = Abilities.from_models(capability, settings, DeviceCategoryType(6))
    assert abilities == Abilities(frozenset({"opModConnect", *limits}), 6, frozenset({"opModFixedW"}))
    assert abilities.fits(None) and abilities.fits(2) and not abilities.fits(8)


def test_an_ability_of_2023_is_in_a_bitmap_of_its_own() -> None:
    capability = DERCapability(
        modes_supported=DERControlType.OP_MOD_DELTA_W,
        modes_supported_2=DERControlType2.OP_MOD_TARGET_V | DERControlType2.OP_MOD_MAX_LIM_W_INJECT,
        rtg_max_w=ActivePower.of(5000),
        type=DERType(4),
    )
    settings = DERSettings(
        modes_enabled_2=DERControlType2.OP_MOD_TARGET_V, set_grad_w=27, set_max_w=ActivePower.of(5000), updated_time=0
    )
    abilities = Abilities.from_models(capability, settings)
    assert abilities.modes == {"opModDeltaW", "opModTargetV"}
    assert abilities.switched_off == {"opModMaxLimWInject"}
    device = Abilities(frozenset({"opModTargetV"}))
    assert abilities.within(device) == replace(device, switched_off=abilities.switched_off)


def test_a_mode_that_is_disabled_has_no_value_and_is_switched_off() -> None:
    base = DERControlBase(
        op_mod_connect=True,
        op_mod_fixed_w=-5000,
        op_mod_fixed_w_disabled=True,
        op_mod_max_lim_w=5000,
        op_mod_max_lim_w_disabled=False,
        op_mod_volt_var=DERCurveLink(href="/dc/1", disabled=True),
        op_mod_volt_watt=DERCurveLink(href="/dc/2"),
    )
    default = Default.from_model(DefaultDERControl(mrid=bytes(16), der_control_base=base))
    assert default.values == {"opModConnect": True, "opModMaxLimW": 5000, "opModVoltWatt": "/dc/2"}
    assert default.off == {"opModFixedW", "opModVoltVar"}
    event = Event(mrid="A1", start=0, duration=1, values=default.values, off=default.off)
    for part in (event, default, replace(event, off=frozenset()), replace(default, off=frozenset())):
        plain = part.dump()
        assert ("off" in plain) is bool(part.off)
        assert type(part).load(json.loads(json.dumps(plain))) == part
    assert not event.equals(replace(event, off=frozenset()))
