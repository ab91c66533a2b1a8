"""Tests of storage: targets, limits of charging and of the import, and its charge, by models 704, 702 and 124."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from envoy.der.limits import Rating
from sep2 import StorageModeStatus
from tests.devices.sunspec.conftest import Site
from tests.support.sunspec import COMMON, CONTROLS, NEW_STORAGE, OLD, OLD_NAMEPLATE, OLD_STORAGE, Plant

RATING = Rating(max_w=Decimal(10_000), max_charge_w=Decimal(5000), max_discharge_w=Decimal(5000))
OLD_WITH_STORAGE = [
    *((number, values) for number, values in OLD if number != 120),
    (
        120,
        OLD_NAMEPLATE
        | {"DERTyp": 82, "MaxChaRte": 5000, "MaxDisChaRte": 5000, "MaxChaRte_SF": 0, "MaxDisChaRte_SF": 0},
    ),
    (124, OLD_STORAGE),
]
BOTH = pytest.mark.parametrize("models", [NEW_STORAGE, OLD_WITH_STORAGE], ids=["704", "124"])


@pytest.fixture
def open_storage(open_site: Callable[..., Site]) -> Callable[..., Site]:
    """Make a site with storage that charges with 4000 W by itself, and a load of 1000 W."""

    def make(models=NEW_STORAGE, *, sun: float = -4000, load: float = 1000, **options) -> Site:
        return open_site(Plant(models, sun=sun, load=load), RATING, **options)

    return make


@BOTH
@pytest.mark.parametrize("watts", [3000, 0, -2500])
def test_storage_follows_a_target_until_there_is_none(open_storage: Callable[..., Site], models, watts: int) -> None:
    site = open_storage(models)
    site.apply(opModStorageTargetW=Decimal(watts))
    site.run(2)
    assert site.plant.output == watts
    site.apply()
    site.run(2)
    assert site.plant.output == -4000


@BOTH
def test_a_target_ends_when_nothing_renews_it(open_storage: Callable[..., Site], models) -> None:
    site = open_storage(models, reversion=30)
    site.apply(opModStorageTargetW=Decimal(3000))
    site.run(100)
    assert site.plant.output == 3000
    site.plant.tick(32)
    assert site.plant.output == -4000


@BOTH
def test_a_load_limit_limits_what_it_charges_with(open_storage: Callable[..., Site], models) -> None:
    site = open_storage(models)
    site.apply(opModLoadLimW=Decimal(1500))
    site.run(2)
    assert site.plant.output == -1500
    site.apply(opModLoadLimW=Decimal(0))
    site.run(2)
    assert site.plant.output == 0
    site.apply()
    site.run(2)
    assert site.plant.output == -4000


def test_a_setting_is_written_only_when_it_changes(open_storage: Callable[..., Site]) -> None:
    """It may be kept in a memory that wears out."""
    site = open_storage()
    site.apply(opModLoadLimW=Decimal(1500))
    site.run(120)
    assert site.plant.inverter.writes.count(("WChaRteMax",)) == 1


def test_an_import_limit_holds_storage_back_and_has_it_help_the_load(open_storage: Callable[..., Site]) -> None:
    site = open_storage()
    site.apply(opModImpLimW=Decimal(3000))
    site.run(4)
    assert site.plant.output == -2000
    site.plant.load = 4500
    site.run(4)
    assert site.plant.output == 1500
    site.plant.load = -2000  # panels elsewhere on the site
    site.run(4)
    assert site.plant.output == -4000


def test_a_target_stays_within_the_limits_of_the_site(open_storage: Callable[..., Site]) -> None:
    site = open_storage()
    limits = {"opModImpLimW": Decimal(3000), "opModExpLimW": Decimal(500)}
    site.apply(**limits, opModStorageTargetW=Decimal(5000))
    site.run(4)
    assert site.plant.output == 1500
    site.apply(**limits, opModStorageTargetW=Decimal(-5000))
    site.run(4)
    assert site.plant.output == -2000


def test_storage_takes_in_what_the_site_may_not_export(open_storage: Callable[..., Site]) -> None:
    site = open_storage(sun=0, load=-2500)
    site.apply(opModExpLimW=Decimal(1000))
    site.run(4)
    assert site.plant.output == -1500


def test_what_a_former_run_has_set_is_ended(open_storage: Callable[..., Site]) -> None:
    site = open_storage(reversion=0)
    site.apply(opModStorageTargetW=Decimal(3000))
    site.device.close()
    site.reopen()
    site.apply()
    site.run(2)
    assert site.plant.output == -4000


@pytest.mark.parametrize(
    ("models", "metered", "import_limit"),
    [(NEW_STORAGE, True, True), (NEW_STORAGE, False, False), (OLD_WITH_STORAGE, True, False)],
)
def test_an_import_limit_needs_a_meter_and_a_power_that_can_be_set(
    open_site: Callable[..., Site], models, metered: bool, import_limit: bool
) -> None:
    plant = Plant(models) if metered else Plant(models, meter=None)
    modes = open_site(plant, RATING).device.abilities().modes
    assert ("opModImpLimW" in modes) is import_limit
    assert {"opModStorageTargetW", "opModLoadLimW"} <= modes


def test_the_charge_of_storage_is_reported(open_storage: Callable[..., Site]) -> None:
    assert open_storage().device.status().state_of_charge == Decimal("62.5")
    old = open_storage(OLD_WITH_STORAGE).device.status()
    assert (old.state_of_charge, old.storage) == (Decimal("56.0"), StorageModeStatus.STORAGE_CHARGING)


def test_a_battery_model_says_charge_and_activity(open_storage: Callable[..., Site]) -> None:
    battery = (802, {"SoC": 47, "SoC_SF": 0, "ChaSt": 3})
    models = [(1, COMMON), *(each for each in NEW_STORAGE if each[0] not in (1, 713)), battery]
    status = open_storage(models).device.status()
    assert (status.state_of_charge, status.storage) == (47, StorageModeStatus.STORAGE_DISCHARGING)


def test_a_target_is_written_in_percent_where_watts_are_missing(open_storage: Callable[..., Site]) -> None:
    controls = {key: value for key, value in CONTROLS.items() if key not in ("WSet", "WSet_SF")}
    models = [
        (number, controls | {"WSetPct": 0, "WSetPct_SF": -1} if number == 704 else values)
        for number, values in NEW_STORAGE
    ]
    site = open_storage(models)
    site.apply(opModStorageTargetW=Decimal(-2500))
    registers = site.plant.inverter
    assert [registers.get(704, name) for name in ("WSetEna", "WSetMod", "WSetPct")] == [1, 0, -250]


def test_storage_has_a_power_factor_of_its_own_while_it_charges(open_storage: Callable[..., Site]) -> None:
    site = open_storage()
    factor = (("displacement", 9), ("excitation", 0), ("multiplier", -1))
    assert "opModFixedPFAbsorbW" in site.device.abilities().modes
    site.apply(opModFixedPFAbsorbW=factor)
    registers = site.plant.inverter
    assert [registers.get(704, name) for name in ("PFWAbsEna", "PFWAbs.PF", "PFWAbs.Ext")] == [1, 900, 0]
    assert registers.get(704, "PFWInjEna") == 0
    site.apply()
    assert registers.get(704, "PFWAbsEna") == 0


def test_storage_is_described(open_storage: Callable[..., Site]) -> None:
    assert "5000 W" in "\n".join(open_storage().device.describe())
