"""Tests of an inverter as a device: limits, the meter, status, readings and its last limit."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from sep2 import InverterStatus
from tests.devices.sunspec.conftest import Site
from tests.support.sunspec import INVERTER, NEW, OLD, Plant

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
