"""Tests of an inverter as a device: limits, the meter, status, readings and its last limit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from pymodbus.constants import ExcCodes

from envoy.der.in_force import Origin, Setting
from envoy.der.limits import Rating, combine_limits
from envoy.errors import DeviceError, DeviceRefusal
from sep2 import AlarmStatus, InverterStatus
from tests.devices.sunspec.conftest import RATING, Site
from tests.support.sunspec import COMMON, INVERTER, METER, METERING, NEW, OLD, Plant

GENERATIONS = pytest.mark.parametrize("models", [NEW, OLD], ids=["models 70x", "models 12x"])


@GENERATIONS
def test_a_limit_of_the_generation_caps_the_inverter(open_site: Callable[..., Site], models) -> None:
    site = open_site(Plant(models))
    site.apply(opModGenLimW=Decimal(5000))
    site.run(2)
    assert site.plant.output == site.plant.cap == 5000
    site.apply()
    site.run(2)
    assert site.plant.output == 9000


@GENERATIONS
def test_the_tighter_of_the_limits_of_export_and_generation_holds(open_site: Callable[..., Site], models) -> None:
    """GEN-02: with an export limit beside it, what is generated stays below its own limit."""
    site = open_site(Plant(models, load=2000))
    site.apply(opModGenLimW=Decimal(5000), opModExpLimW=Decimal(1000))
    assert site.run(6)[-1] == 1000
    site.plant.load = 6000
    site.run(6)
    assert site.plant.output == 5000


@GENERATIONS
def test_readings_have_the_signs_of_the_site_and_of_the_inverter(open_site: Callable[..., Site], models) -> None:
    site = open_site(Plant(models, sun=3000, load=500))
    readings = site.device.readings()
    assert readings.der["active-power"] == 3000
    assert readings.site == {
        "active-power": -2500,
        "reactive-power": 100,
        "voltage": Decimal("230.6"),
        "frequency": Decimal("50.02"),
    }
    assert 230 < readings.der["voltage"] < 231 and 50 <= readings.der["frequency"] < Decimal("50.1")


def test_a_meter_that_counts_export_as_positive_is_inverted(open_site: Callable[..., Site]) -> None:
    site = open_site(Plant(sun=3000, load=500), invert_meter=True)
    assert site.device.readings().site["active-power"] == 2500


@GENERATIONS
@pytest.mark.parametrize("mode", ["opModConnect", "opModEnergize"])
def test_a_device_that_is_to_stop_leaves_the_grid_until_it_may_come_back(
    open_site: Callable[..., Site], models, mode: str
) -> None:
    """ALL-26: the bits of the status follow."""
    site = open_site(Plant(models))
    site.apply(**{mode: False})
    site.run(1)
    status = site.device.status()
    assert (site.plant.connected, site.plant.output) == (False, 0)
    assert (status.connected, status.operating, status.inverter) == (False, False, InverterStatus.OFF)
    site.apply(**{mode: True})
    site.run(2)
    assert site.device.status().operating and site.plant.output == 9000


@GENERATIONS
def test_abilities_are_what_the_models_have_points_for(open_site: Callable[..., Site], models) -> None:
    modes = open_site(Plant(models)).device.abilities().modes
    assert {"opModGenLimW", "opModExpLimW", "opModMaxLimW", "opModConnect", "opModEnergize", "opModFixedW"} <= modes
    assert not {"opModImpLimW", "opModLoadLimW", "opModStorageTargetW", "opModVoltVar"} & modes


@GENERATIONS
def test_a_limit_is_renewed_before_its_timer_runs_out(open_site: Callable[..., Site], models) -> None:
    site = open_site(Plant(models), reversion=30)
    site.apply(opModGenLimW=Decimal(5000))
    site.run(200)
    assert site.plant.output == 5000
    site.plant.tick(31)  # the process has died
    assert site.plant.output == 9000


@GENERATIONS
def test_a_device_that_is_closed_leaves_the_inverter_with_its_limits(open_site: Callable[..., Site], models) -> None:
    site = open_site(Plant(models, load=2000), reversion=30)
    site.apply(opModExpLimW=Decimal(1000))
    site.run(5)
    assert site.plant.output == 3000
    site.device.close()
    site.plant.tick(100)
    assert site.plant.output == 1000, "nothing looks at the load any more"


def test_without_a_meter_an_export_limit_caps_what_is_generated(
    open_site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    site = open_site(Plant(meter=None))
    site.apply(opModExpLimW=Decimal(1000))
    site.run(30)
    assert site.plant.output == 1000 and site.device.readings().site == {}
    notices = [record for record in caplog.records if "no meter" in record.message]
    assert len(notices) == 1 and notices[0].levelname == "WARNING"
    assert f"unit {INVERTER}" in notices[0].message


@GENERATIONS
def test_a_ramp_takes_its_time_in_small_steps(open_site: Callable[..., Site], models) -> None:
    site = open_site(Plant(models, meter=None), Rating(max_w=Decimal(10_000), grad_w=100))
    site.apply(opModGenLimW=Decimal(8000))
    site.run(2)
    assert site.plant.output == 8000
    site.apply(opModGenLimW=Decimal(5000))
    outputs = [(site.pass_time(1), site.plant.output)[1] for _ in range(32)]
    assert outputs[10] == pytest.approx(7000, abs=100) and outputs[-1] == 5000
    assert outputs == sorted(outputs, reverse=True)


def test_a_control_has_its_own_ramp(open_site: Callable[..., Site]) -> None:
    site = open_site(Plant(meter=None))
    site.apply()
    site.run(2)
    setting = Setting(mode="opModGenLimW", value=Decimal(4000), origin=Origin.EVENT, ramp_tms=6000)
    site.device.apply(combine_limits([setting], RATING))
    site.run(31)
    assert site.plant.output == pytest.approx(6500, abs=100)
    site.run(31)
    assert site.plant.output == 4000


def test_a_lower_limit_comes_down_from_where_the_power_is(open_site: Callable[..., Site]) -> None:
    site = open_site(Plant(), Rating(max_w=Decimal(10_000), grad_w=100))
    site.apply()
    assert site.run(2)[-1] == 7000
    site.apply(opModExpLimW=Decimal(5000))
    exports = site.run(25)
    assert exports[10] == pytest.approx(6000, abs=300) and exports[-1] == 5000
    # Back up it goes from the limit before.
    site.apply(opModExpLimW=Decimal(9000))
    assert site.run(11)[-1] == pytest.approx(6000, abs=300)


def test_a_lower_limit_comes_down_from_the_limit_before_if_nothing_can_be_measured(
    open_site: Callable[..., Site],
) -> None:
    site = open_site(Plant(), Rating(max_w=Decimal(10_000), grad_w=100), timeout=0.2)
    site.apply()
    site.run(2)
    site.plant.silent = True
    with pytest.raises(DeviceError):
        site.apply(opModExpLimW=Decimal(5000))
    site.plant.silent = False
    assert site.run(25)[-1] == 7000
    assert site.run(40)[-1] == 5000


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ({"opModTargetVar": Decimal(1500)}, {"VarSetEna": 1, "VarSetMod": 4, "VarSet": 1500}),
        ({"opModTargetVar": Decimal(-1500)}, {"VarSetEna": 1, "VarSet": -1500}),
        ({"opModFixedVar": (("ref_type", 3), ("value", 2500))}, {"VarSetEna": 1, "VarSetMod": 2, "VarSetPct": 250}),
        ({"opModFixedVar": (("ref_type", 2), ("value", 2500))}, {"VarSetEna": 1, "VarSetMod": 1, "VarSetPct": 250}),
        (
            {"opModFixedPFInjectW": (("displacement", 95), ("excitation", 1), ("multiplier", -2))},
            {"PFWInjEna": 1, "PFWInj.PF": 950, "PFWInj.Ext": 1},
        ),
    ],
)
def test_reactive_power_is_set_and_let_go(open_site: Callable[..., Site], values, points: dict[str, int]) -> None:
    site = open_site()
    site.apply(**values)
    registers = site.plant.inverter
    assert {name: registers.get(704, name) for name in points} == points
    site.apply()
    assert registers.get(704, next(iter(points))) == 0


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ({"opModTargetVar": Decimal(1500)}, {"VArPct_Ena": 1, "VArPct_Mod": 1, "VArWMaxPct": 15}),
        (
            {"opModFixedPFInjectW": (("displacement", 95), ("excitation", 1), ("multiplier", -2))},
            {"OutPFSet_Ena": 1, "OutPFSet": -950},
        ),
        (
            {"opModFixedPFInjectW": (("displacement", 95), ("excitation", 0), ("multiplier", -2))},
            {"OutPFSet_Ena": 1, "OutPFSet": 950},
        ),
    ],
)
def test_reactive_power_is_set_by_old_models_too(
    open_site: Callable[..., Site], values, points: dict[str, int]
) -> None:
    site = open_site(Plant(OLD))
    site.apply(**values)
    assert {name: site.plant.inverter.get(123, name) for name in points} == points
    site.apply()
    assert site.plant.inverter.get(123, next(iter(points))) == 0


def test_a_percentage_that_an_inverter_has_no_point_for_is_refused(open_site: Callable[..., Site]) -> None:
    site = open_site(Plant(OLD))
    with pytest.raises(DeviceRefusal) as error:
        site.apply(opModFixedVar=(("ref_type", 3), ("value", 2500)), opModGenLimW=Decimal(5000))
    assert error.value.modes == {"opModFixedVar"}
    assert site.plant.cap == 5000, "what is refused keeps nothing else from being followed"


def test_fixed_power_of_panels_is_the_most_that_they_put_out(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.apply(opModFixedW=3000)
    site.run(2)
    assert site.plant.output == 3000


def test_a_write_that_changes_nothing_is_a_failure(open_site: Callable[..., Site]) -> None:
    site = open_site()
    site.plant.inverter.stuck = {"WMaxLimPct"}
    with pytest.raises(DeviceError) as error:
        site.apply(opModGenLimW=Decimal(5000))
    assert not isinstance(error.value, DeviceRefusal)
    assert site.device.status().failed


def test_an_inverter_that_rounds_to_whole_percents_is_taken_at_its_word(open_site: Callable[..., Site]) -> None:
    site = open_site()
    inverter = site.plant.inverter
    inverter.on_write = lambda names: inverter.set(704, "WMaxLimPct", inverter.get(704, "WMaxLimPct") // 10 * 10)
    site.apply(opModGenLimW=Decimal(5370))
    assert site.plant.cap == 5300


def test_points_that_are_not_implemented_are_left_out(
    open_site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    plant = Plant()
    for number, name in (
        (704, "WMaxLimPctRvrtTms"), (704, "VarSet"), (704, "PFWInjEna"), (703, "ES"), (702, "WMaxRtg"),
        (701, "Var"), (701, "Hz"), (701, "LNV"), (701, "ConnSt"), (701, "InvSt"), (701, "Alrm"),
    ):  # fmt: skip
        plant.inverter.set(number, name, None)
    site = open_site(plant)
    modes = site.device.abilities().modes
    assert "opModGenLimW" in modes and "opModEnergize" in modes
    assert not {"opModConnect", "opModTargetVar", "opModFixedPFInjectW"} & modes
    site.apply(opModGenLimW=Decimal(5000))
    assert plant.cap == 5000
    assert site.device.readings().der == {"active-power": 9000}
    status = site.device.status()
    assert (status.connected, status.operating) == (True, True)
    assert [record for record in caplog.records if "no timer" in record.message]


def test_an_inverter_that_cannot_leave_the_grid_gives_nothing(open_site: Callable[..., Site]) -> None:
    plant = Plant()
    plant.inverter.set(703, "ES", None)
    site = open_site(plant)
    site.apply(opModEnergize=False)
    site.run(1)
    status = site.device.status()
    assert (plant.output, status.connected, status.operating) == (0, True, False)


def test_an_inverter_that_does_not_say_its_maximum_cannot_be_controlled(open_site: Callable[..., Site]) -> None:
    plant = Plant()
    plant.inverter.set(702, "WMax", None)
    plant.inverter.set(702, "WMaxRtg", None)
    with pytest.raises(DeviceError, match="maximum active power"):
        open_site(plant).apply(opModGenLimW=Decimal(5000))


@pytest.mark.parametrize(
    ("bit", "alarm"),
    [
        (0, AlarmStatus(0)),
        (3, AlarmStatus.DER_FAULT_LOW_POWER_INPUT),
        (6, AlarmStatus.DER_FAULT_EMERGENCY_LOCAL),
        (8, AlarmStatus.DER_FAULT_OVER_FREQUENCY),
        (9, AlarmStatus.DER_FAULT_UNDER_FREQUENCY),
        (10, AlarmStatus.DER_FAULT_OVER_VOLTAGE),
        (11, AlarmStatus.DER_FAULT_UNDER_VOLTAGE),
    ],
)
def test_alarms_of_both_generations_are_those_of_the_standard(
    open_site: Callable[..., Site], bit: int, alarm: AlarmStatus
) -> None:
    for models, number, name in ((NEW, 701, "Alrm"), (OLD, 103, "Evt1")):
        site = open_site(Plant(models))
        with site.plant.lock:
            site.plant.inverter.set(number, name, 1 << bit)
        assert site.device.status().alarms == alarm


@pytest.mark.parametrize("place", range(8))
def test_states_of_both_generations_are_those_of_the_standard(open_site: Callable[..., Site], place: int) -> None:
    for models, number, name, first in ((NEW, 701, "InvSt", 0), (OLD, 103, "St", 1)):
        site = open_site(Plant(models))
        with site.plant.lock:
            site.plant.inverter.set(number, name, place + first)
        status = site.device.status()
        assert status.inverter == place + 1
        assert status.failed is (status.inverter is InverterStatus.FAULT)
        assert status.operating is (place in (3, 4))


def test_a_meter_that_is_gone_leaves_the_limit_of_the_export_to_the_inverter(
    open_site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    site = open_site(Plant(load=2000))
    site.apply(opModExpLimW=Decimal(1000))
    site.run(5)
    meter = site.plant.units[METER]
    meter.failing = ExcCodes.DEVICE_FAILURE
    site.run(4)
    assert site.plant.output == 3000, "one response may get lost"
    site.run(10)
    assert site.plant.output == 1000 and site.device.readings().site == {}
    assert not site.device.status().failed
    meter.failing = None
    assert len([record for record in caplog.records if "meter is gone" in record.message]) == 1
    site.run(20)
    assert site.plant.output == 3000


def test_what_was_found_is_described(open_site: Callable[..., Site]) -> None:
    site = open_site(Plant(), Rating(max_w=Decimal(12_000)))
    text = "\n".join(site.device.describe())
    for part in (
        "Maker Model",
        "1.2.3",
        "S1",
        "701",
        "704",
        "10000 W",
        "12000 W",
        "exports 7000 W",
        "opModExpLimW",
        "60 s",
    ):
        assert part in text


def test_what_it_reverts_to_is_described(open_site: Callable[..., Site]) -> None:
    site = open_site()
    assert "to no limit" in site.device.describe()[-1]
    with site.plant.lock:
        site.plant.inverter.set(704, "WMaxLimPctEnaRvrt", 1)
        site.plant.inverter.set(704, "WMaxLimPctRvrt", 150)
    assert "15 %" in site.device.describe()[-1]
    assert "never" in open_site(Plant(OLD), reversion=0).device.describe()[-1]


def test_a_rating_beyond_that_of_the_inverter_is_noticed_once(
    open_site: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    site = open_site(Plant(), Rating(max_w=Decimal(12_000)))
    site.apply()
    site.run(30)
    assert len([record for record in caplog.records if "12000 W" in record.message]) == 1


def test_the_meter_of_the_inverters_own_unit_is_found(open_site: Callable[..., Site]) -> None:
    plant = Plant([*NEW, (203, METERING)], meter=None)
    plant.inverter.set(203, "W", -4000)
    site = open_site(plant)
    assert site.device.readings().site["active-power"] == -4000
    assert site.device.readings().der["active-power"] == 9000


def test_readings_have_phases_currents_and_energies_where_the_models_have_them(open_site: Callable[..., Site]) -> None:
    measured = {"VL1": 2301, "VL2": 2302, "VL3": 2303, "A": 125, "A_SF": -1, "TotWhInj": 123_456, "TotWh_SF": 1}
    battery = (713, {"SoC": 50, "WHRtg": 1000, "Pct_SF": 0, "WH_SF": 1})
    models = [(number, values | measured if number == 701 else values) for number, values in NEW]
    readings = open_site(Plant([*models, battery])).device.readings().der
    assert [readings[f"voltage-{phase}"] for phase in "abc"] == [Decimal("230.1"), Decimal("230.2"), Decimal("230.3")]
    assert readings["current"] == Decimal("12.5")
    assert (readings["energy"], readings["stored-energy"]) == (1_234_560, 5000)


def test_models_with_floats_say_the_same(open_site: Callable[..., Site]) -> None:
    inverter = {"A": 12.5, "PhVphA": 230.1, "W": 0, "Hz": 50.01, "VAr": -120.5, "St": 4, "StVnd": 307, "Evt1": 0}
    models = [(number, values) for number, values in OLD if number != 103]
    site = open_site(Plant([*models, (113, inverter)], [(1, COMMON), (213, {"W": 0, "PhV": 231.4, "Hz": 49.98})]))
    readings = site.device.readings()
    assert readings.der == {
        "active-power": 9000,
        "reactive-power": Decimal("-120.5"),
        "current": Decimal("12.5"),
        "voltage": Decimal("230.1"),
        "voltage-a": Decimal("230.1"),
        "frequency": Decimal("50.01"),
    }
    assert readings.site == {"active-power": -7000, "voltage": Decimal("231.4"), "frequency": Decimal("49.98")}
    assert site.device.status().manufacturer == "307"


def test_a_unit_that_is_something_else_is_an_error(open_site: Callable[..., Site]) -> None:
    with pytest.raises(DeviceError, match="unit of the inverter"):
        open_site(Plant(), unit=METER, meter_unit=METER).device.readings()
    site = open_site(Plant(), meter_unit=INVERTER)
    assert site.device.readings().site == {}
    assert "meter_unit" in "\n".join(site.device.describe())


def test_old_models_without_settings_have_the_rating_of_the_nameplate(open_site: Callable[..., Site]) -> None:
    models = [(number, values) for number, values in OLD if number not in (121, 122)]
    site = open_site(Plant(models, sun=4000))
    assert "10000 W" in "\n".join(site.device.describe())
    status = site.device.status()
    assert (status.connected, status.available_w) == (True, None)
    assert open_site(Plant(OLD)).device.status().available_w == 9000


def test_an_inverter_that_acknowledges_a_limit_and_does_not_keep_to_it_has_failed(
    open_site: Callable[..., Site],
) -> None:
    site = open_site(Plant(meter=None, lag=0.0))
    site.apply(opModGenLimW=Decimal(5000))
    site.run(30)
    assert not site.device.status().failed
    with pytest.raises(DeviceError, match="does not come down"):
        site.run(5)
    assert site.device.status().failed
    site.plant.lag = 0.01  # a ramp of its own, which takes some minutes
    with pytest.raises(DeviceError):
        site.run(1)
    site.plant.lag = 0.02
    for _ in range(2):
        site.plant.tick()
    site.run(100)
    assert not site.device.status().failed


def test_an_inverter_without_a_timer_is_not_written_to_again_and_again(open_site: Callable[..., Site]) -> None:
    plant = Plant(meter=None)
    plant.inverter.set(704, "WMaxLimPctRvrtTms", None)
    site = open_site(plant)
    site.apply(opModGenLimW=Decimal(5000))
    site.run(100)
    assert plant.inverter.writes.count(("WMaxLimPctEna", "WMaxLimPct")) == 1
    plant.inverter.set(704, "WMaxLimPctEna", 0)  # it was switched off and on again
    site.run(21)
    assert plant.cap == 5000


@GENERATIONS
def test_power_comes_back_by_a_ramp_from_what_a_former_run_has_left(open_site: Callable[..., Site], models) -> None:
    site = open_site(Plant(models, meter=None), Rating(max_w=Decimal(10_000), grad_w=100))
    site.apply(opModGenLimW=Decimal(5000))
    site.run(2)
    site.device.close()
    site.reopen()
    site.apply()
    assert site.plant.cap == 5000
    site.run(21)
    assert site.plant.output == pytest.approx(7000, abs=100)
    site.run(30)
    assert site.plant.output == 9000


def test_an_inverter_without_controls_can_be_read(open_site: Callable[..., Site]) -> None:
    models = [(number, values) for number, values in NEW if number not in (703, 704)]
    plant = Plant([*models, (704, {})])
    site = open_site(plant)
    assert site.device.abilities().modes == frozenset()
    site.apply()
    site.run(3)
    site.device.close()
    assert plant.inverter.writes == []
