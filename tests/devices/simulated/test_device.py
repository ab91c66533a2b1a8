"""The simulated DER as a device: what it is able to follow, how it says it is, what it measures, and its faults."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from envoy import Site
from envoy.der.limits import Limits, Rating, combine_limits
from envoy.devices import open_device
from envoy.devices.simulated import Faults, SimulatedDER, SimulatedOptions, Use
from envoy.errors import DeviceError, DeviceRefusal
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus
from tests.support.clock import VirtualClock

CAPABILITY = {
    "type": "COMBINED_PV_AND_STORAGE",
    "modes_supported": ["OP_MOD_CONNECT", "OP_MOD_ENERGIZE", "OP_MOD_FIXED_W", "OP_MOD_VOLT_VAR"],
    "doe_modes_supported": ["OP_MOD_EXP_LIM_W", "OP_MOD_IMP_LIM_W"],
    "rtg_max_w": 5000,
    "rtg_max_charge_rate_w": 3000,
    "rtg_max_discharge_rate_w": 4000,
    "rtg_max_var": 2000,
    "rtg_max_wh": 10_000,
}


def make_site(**capability: Any) -> Site:
    given = {key: value for key, value in {**CAPABILITY, **capability}.items() if value is not None}
    der = {"capability": given, "settings": {"set_grad_w": 100, "set_max_w": given["rtg_max_w"]}}
    return Site.from_table({"lfdi": "0" * 40, "device_category": ["COMBINED_PV_AND_STORAGE"], "der": [der]})


def make_der(clock: VirtualClock | None = None, site: Site | None = None, **options: Any) -> SimulatedDER:
    usual = {"sun": 1.0, "load_w": 500.0, "steady": True, "battery": Use.HOLD}
    clock = clock or VirtualClock(1_700_000_000)
    return SimulatedDER(site or make_site(), SimulatedOptions(**{**usual, **options}), clock=clock, pause=clock.wait)


def make_limits(**values: Any) -> Limits:
    return combine_limits(values, Rating.from_site(make_site()))


def test_it_is_able_to_follow_what_its_site_has_and_it_can() -> None:
    abilities = make_der().abilities()
    assert abilities.modes == {"opModConnect", "opModEnergize", "opModFixedW", "opModExpLimW", "opModImpLimW"}
    assert abilities.device_category == 1 << 23


def test_it_is_opened_with_options_as_text() -> None:
    device = open_device("simulated", {"sun": "0.5", "load_w": "0", "steady": "true", "battery": "hold"}, make_site())
    readings = device.readings()
    assert readings.site["active-power"] == -2500 and readings.der["active-power"] == 2500
    device.close()


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"seeds": "1"}, "seeds"),
        ({"refuse": "opModFixdW"}, "mean opModFixedW"),
        ({"sun": "2"}, "sun"),
        ({"battery": "selfish"}, "battery"),
        ({"charge": "x"}, "charge"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, str], key: str) -> None:
    with pytest.raises(DeviceError, match=key) as caught:
        open_device("simulated", options, make_site())
    assert caught.value.where == "device simulated"


def test_a_site_without_a_der_cannot_be_simulated() -> None:
    with pytest.raises(DeviceError) as caught:
        open_device("simulated", {}, Site(lfdi=bytes(20)))
    assert "[[der]]" in caught.value.remedy


def test_a_charger_that_puts_nothing_out_is_a_der() -> None:
    clock = VirtualClock(1_700_000_000)
    site = make_site(type="EVSE", **{**NO_STORAGE, "rtg_max_w": 0, "rtg_max_charge_rate_w": 7000})
    der = make_der(clock, site, battery=Use.CHARGE)
    assert der.measure().output_w == -7000
    der.apply(combine_limits({"opModImpLimW": Decimal(2000)}, Rating.from_site(site)))
    clock.wait(300)
    assert (der.measure().site_w, der.status().storage) == (2000, StorageModeStatus.STORAGE_CHARGING)


def test_what_is_measured_has_the_signs_of_a_meter_and_of_an_inverter() -> None:
    readings = make_der().readings()
    assert (readings.site["active-power"], readings.der["active-power"]) == (-4500, 5000)
    assert readings.der["stored-energy"] == 5000
    assert 220 < readings.site["voltage"] < 250 and 49.8 < readings.site["frequency"] < 50.2
    assert "stored-energy" not in make_der(site=make_site(type="PHOTOVOLTAIC_SYSTEM", **NO_STORAGE)).readings().der


NO_STORAGE = dict.fromkeys(["rtg_max_charge_rate_w", "rtg_max_discharge_rate_w", "rtg_max_wh"])


def test_a_der_without_storage_says_nothing_of_it() -> None:
    status = make_der(site=make_site(type="PHOTOVOLTAIC_SYSTEM", **NO_STORAGE)).status()
    assert status.storage is None and status.state_of_charge is None
    assert status.available_w == 5000


@pytest.mark.parametrize(
    ("kind", "output"),
    [("PHOTOVOLTAIC_SYSTEM", 5000), ("OTHER_STORAGE_SYSTEM", 4000), ("EVSE", 4000), ("COMBINED_PV_AND_STORAGE", 5000)],
)
def test_what_a_der_is_made_of_depends_on_its_type(kind: str, output: int) -> None:
    der = make_der(site=make_site(type=kind), battery=Use.DISCHARGE)
    assert der.measure().output_w == output


def test_storage_without_ratings_of_its_own_has_those_of_its_power() -> None:
    der = make_der(site=make_site(type="OTHER_STORAGE_SYSTEM", **NO_STORAGE), battery=Use.CHARGE)
    assert der.measure().battery_w == -5000
    assert der.readings().der["stored-energy"] == 5000


@pytest.mark.parametrize(
    ("use", "mode"),
    [
        (Use.CHARGE, StorageModeStatus.STORAGE_CHARGING),
        (Use.DISCHARGE, StorageModeStatus.STORAGE_DISCHARGING),
        (Use.HOLD, StorageModeStatus.STORAGE_HOLDING),
    ],
)
def test_it_says_what_its_storage_does_and_holds(use: Use, mode: StorageModeStatus) -> None:
    status = make_der(battery=use, sun=0.0, charge=25.0).status()
    assert status.storage == mode
    assert status.state_of_charge == 25


@pytest.mark.parametrize(
    ("values", "bits"),
    [
        ({}, (True, True, True)),
        ({"opModConnect": False}, (False, False, False)),
        ({"opModEnergize": False}, (True, True, False)),
        ({"opModFixedW": 0}, (True, True, True)),
    ],
)
def test_it_says_whether_it_is_connected_and_operating(values: dict[str, Any], bits: tuple[bool, ...]) -> None:
    der = make_der()
    der.apply(make_limits(**values))
    status = der.status()
    assert (status.connected, status.available, status.operating) == bits


def test_it_says_what_its_inverter_does() -> None:
    clock = VirtualClock(1_700_000_000)
    der = make_der(clock)
    seen = [der.status().inverter]
    der.apply(make_limits(opModExpLimW=Decimal(0)))
    clock.wait(300)
    seen.append(der.status().inverter)
    for values, seconds in (({"opModConnect": False}, 5), ({"opModEnergize": False}, 5), ({}, 30), ({}, 40), ({}, 300)):
        der.apply(make_limits(**values))
        clock.wait(seconds)
        seen.append(der.status().inverter)
    assert seen == [
        InverterStatus.TRACKING_MPPT,
        InverterStatus.FORCED_POWER_REDUCTION,
        InverterStatus.OFF,
        InverterStatus.STANDBY,
        InverterStatus.STANDBY,
        InverterStatus.STARTING_UP,
        InverterStatus.TRACKING_MPPT,
    ]
    assert make_der(sun=0.0).status().inverter == InverterStatus.STANDBY


def test_it_can_be_switched_by_hand() -> None:
    clock = VirtualClock(1_700_000_000)
    der = make_der(clock)
    der.switch(connected=False)
    assert not der.status().connected and der.measure().output_w == 0
    der.switch(connected=True, enabled=False)
    assert der.status().connected and not der.status().operating
    der.switch(enabled=True)
    clock.wait(200)
    assert der.status().operating and der.measure().output_w == 5000
    der.switch(load_w=2000.0)
    assert der.readings().site["active-power"] == -3000


def test_alarms_are_said_as_a_test_sets_them() -> None:
    der = make_der()
    assert der.status().alarms == AlarmStatus(0)
    der.alarms = AlarmStatus.DER_FAULT_OVER_VOLTAGE
    assert der.status().alarms == AlarmStatus.DER_FAULT_OVER_VOLTAGE


def test_it_refuses_modes_as_an_injected_fault() -> None:
    der = make_der(refuse="opModFixedW opModConnect")
    with pytest.raises(DeviceRefusal) as caught:
        der.apply(make_limits(opModFixedW=0, opModExpLimW=Decimal(0)))
    assert set(caught.value.modes) == {"opModFixedW"}
    assert der.measure().output_w == 5000
    der.apply(make_limits(opModExpLimW=Decimal(0)))


def test_it_is_gone_as_an_injected_fault() -> None:
    der = make_der()
    der.faults = Faults(gone=True)
    for call in (der.abilities, der.status, der.readings, lambda: der.apply(make_limits())):
        with pytest.raises(DeviceError):
            call()
    der.faults = Faults()
    assert der.status().operating


def test_it_is_slow_as_an_injected_fault() -> None:
    clock = VirtualClock(1_700_000_000)
    make_der(clock, delay_s=7.0).status()
    assert clock.waits == [7.0]
