"""Laws of the simulated physics: limits hold after their ramps, ramps keep to their rate, energy is accounted for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.der.limits import Limits, Rating, combine_limits
from envoy.devices.simulated.dispatch import Use
from envoy.devices.simulated.parts import Parts
from envoy.devices.simulated.plant import EFFICIENCY, Plant
from envoy.devices.simulated.weather import Load, Weather

MAX_W, CHARGE_W = 5000, 3000
RATE = 0.0027 * MAX_W
"""W per second."""
RATING = Rating(
    max_w=Decimal(MAX_W),
    max_charge_w=Decimal(CHARGE_W),
    max_discharge_w=Decimal(4000),
    max_var=Decimal(2000),
    grad_w=27,
)
LITTLE = 1e-3

WATTS = st.integers(0, 2 * MAX_W).map(Decimal)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "opModExpLimW": WATTS,
        "opModImpLimW": WATTS,
        "opModGenLimW": WATTS,
        "opModLoadLimW": WATTS,
        "opModMaxLimW": st.integers(0, 10_000),
        "opModFixedW": st.integers(-10_000, 10_000),
        "opModStorageTargetW": st.integers(-MAX_W, MAX_W).map(Decimal),
    },
)
USES = st.sampled_from(Use)
SHARES = st.floats(0, 1)


def make_plant(
    *,
    sun: Any = 1.0,
    load: Any = 0.0,
    capacity_wh: float = 1e6,
    battery: bool = True,
    rating: Rating = RATING,
    soft_grad_w: int = 0,
    **options: Any,
) -> Plant:
    stores: dict[str, float] = (
        {"charge_w": CHARGE_W, "discharge_w": 4000.0, "capacity_wh": capacity_wh} if battery else {}
    )
    return Plant(
        Parts(rating=rating, solar_w=MAX_W, soft_grad_w=soft_grad_w, **stores),
        sun=sun if callable(sun) else lambda _: sun,
        load=load if callable(load) else lambda _: load,
        most_load_w=10_000.0,
        **options,
    )


def make_limits(rating: Rating = RATING, settings: Any = None, **values: Any) -> Limits:
    return combine_limits(values, rating, settings)


@given(
    stories=st.lists(VALUES, min_size=1, max_size=4),
    seed=st.integers(0, 99),
    use=USES,
    charge=SHARES,
    looks=st.lists(st.floats(0, 3600), min_size=1, max_size=10),
)
def test_limits_hold_once_their_ramps_are_over(
    stories: list[dict[str, Any]], seed: int, use: Use, charge: float, looks: list[float]
) -> None:
    begin = 1_768_435_200.0
    load = Load(seed=seed, average_w=2000.0)
    plant = make_plant(
        sun=Weather(seed=seed).get_sun, load=load.get_watts, capacity_wh=9000, use=use, charge=charge, time=begin
    )
    for number, values in enumerate(stories):
        plant.keep_to(make_limits(**values), begin + 30 * number)
    limits = make_limits(**stories[-1])
    # The widest ramp goes from all that the household and the battery take to nothing.
    settled = begin + 30 * len(stories) + (load.most_w + CHARGE_W + MAX_W) / RATE
    for look in sorted(looks):
        time = settled + look
        power = plant.measure(time)
        assert power.site_w == pytest.approx(power.load_w - power.solar_w - power.battery_w)
        assert 0 <= power.solar_w <= MAX_W + LITTLE and -CHARGE_W <= power.battery_w <= 4000
        assert power.output_w <= float(limits.generation_w.watts) + LITTLE
        assert limits.export_w is not None and -power.site_w <= float(limits.export_w.watts) + LITTLE
        assert limits.load_w is not None
        assert -power.output_w <= float(limits.load_w.watts) + LITTLE
        # Nothing makes panels and battery give more than there is, or more than they may.
        empty = plant.stored_wh * 3600 < 4000 + LITTLE
        gives_all = power.spare_w < LITTLE and (empty or power.battery_w >= 4000 - LITTLE)
        capped = power.output_w >= float(limits.generation_w.watts) - LITTLE
        if limits.import_w is not None and not gives_all and not capped:
            assert power.site_w <= float(limits.import_w.watts) + LITTLE


@given(
    stories=st.lists(st.tuples(VALUES, st.integers(1, 90)), min_size=1, max_size=4),
    sun=SHARES,
    load=st.floats(0, 4000),
    use=USES,
)
def test_what_flows_never_changes_faster_than_the_ramp_rate(
    stories: list[tuple[dict[str, Any], int]], sun: float, load: float, use: Use
) -> None:
    plant = make_plant(sun=sun, load=load, use=use)
    time, before = 0, plant.measure(0).output_w
    for values, seconds in stories:
        plant.keep_to(make_limits(**values), time)
        for _ in range(seconds):
            time += 1
            now = plant.measure(time).output_w
            assert abs(now - before) <= RATE + LITTLE
            before = now


@given(sun=SHARES, load=st.floats(0, 4000), use=USES, charge=SHARES, hours=st.floats(0.01, 5), steps=st.integers(1, 50))
def test_energy_is_accounted_for(sun: float, load: float, use: Use, charge: float, hours: float, steps: int) -> None:
    plant = make_plant(sun=sun, load=load, capacity_wh=9000, use=use, charge=charge)
    first = plant.stored_wh
    power = plant.measure(0)
    end = hours * 3600
    for step in range(1, steps + 1):
        plant.advance(end * step / steps)
    flow = power.battery_w if power.battery_w > 0 else power.battery_w * EFFICIENCY
    expected = min(max(first - flow * hours, 0.0), 9000.0)
    assert plant.stored_wh == pytest.approx(expected, abs=15)
    assert 0 <= plant.stored_wh <= 9000


@given(seed=st.integers(0, 99), use=USES, values=VALUES, looks=st.lists(st.floats(0, 1800), max_size=10))
def test_it_is_the_same_however_often_it_is_looked_at(
    seed: int, use: Use, values: dict[str, Any], looks: list[float]
) -> None:
    begin = 1_768_435_200.0
    often, once = (
        make_plant(
            sun=Weather(seed=seed).get_sun, load=Load(seed=seed).get_watts, capacity_wh=9000, use=use, time=begin
        )
        for _ in range(2)
    )
    for plant in (often, once):
        plant.keep_to(make_limits(**values), begin)
    for look in sorted(looks):
        often.measure(begin + look)
    assert often.measure(begin + 1800).output_w == pytest.approx(once.measure(begin + 1800).output_w, abs=60)
    assert often.stored_wh == pytest.approx(once.stored_wh, abs=30)


def test_an_export_limit_is_reached_by_the_rate_of_the_settings_from_where_the_power_is() -> None:
    plant = make_plant(sun=0.6, battery=False)
    plant.keep_to(make_limits(opModExpLimW=Decimal(1500)), 100)
    assert [round(-plant.measure(time).site_w) for time in (100, 150, 200, 250)] == [3000, 2325, 1650, 1500]


def test_the_rate_that_a_default_sets_goes_before() -> None:
    plant = make_plant(battery=False)
    plant.keep_to(make_limits(opModExpLimW=Decimal(0), settings={"setGradW": 600}), 0)
    assert [round(-plant.measure(time).site_w) for time in (0, 10, 20)] == [5000, 2000, 0]


def test_a_household_is_covered_before_export_is_counted() -> None:
    plant = make_plant(load=1200.0, battery=False)
    plant.keep_to(make_limits(opModExpLimW=Decimal(0), settings={"setGradW": 600}), 0)
    power = plant.measure(60)
    assert (round(power.output_w), round(power.site_w), round(power.spare_w)) == (1200, 0, 3800)


def test_surplus_goes_into_the_battery_before_panels_are_throttled() -> None:
    plant = make_plant(load=1000.0)
    plant.keep_to(make_limits(opModExpLimW=Decimal(0)), 0)
    power = plant.measure(3600)
    assert (round(power.solar_w), round(power.battery_w), round(power.site_w)) == (4000, -3000, 0)


def test_import_is_held_by_charging_less() -> None:
    plant = make_plant(sun=0.0, load=500.0, use=Use.CHARGE)
    assert round(plant.measure(0).site_w) == 3500
    plant.keep_to(make_limits(opModImpLimW=Decimal(2000)), 0)
    power = plant.measure(600)
    assert (round(power.site_w), round(power.battery_w)) == (2000, -1500)


def test_a_load_limit_leaves_the_household_out() -> None:
    plant = make_plant(sun=0.0, load=500.0, use=Use.CHARGE)
    plant.keep_to(make_limits(opModLoadLimW=Decimal(1000)), 0)
    power = plant.measure(600)
    assert (round(power.site_w), round(power.battery_w)) == (1500, -1000)


@pytest.mark.parametrize(("fixed", "output"), [(5000, 2000), (10_000, 4000), (0, 0), (-5000, -1500), (-10_000, -3000)])
def test_a_fixed_power_is_put_out_or_taken_in(fixed: int, output: int) -> None:
    plant = make_plant(sun=0.5, load=700.0)
    plant.keep_to(make_limits(opModFixedW=fixed), 0)
    assert round(plant.measure(900).output_w) == output


@pytest.mark.parametrize(("target", "export", "battery"), [(4000, 10_000, 4000), (4000, 2000, 2000), (-3000, 0, -3000)])
def test_storage_follows_its_target_within_the_export_limit(target: int, export: int, battery: int) -> None:
    plant = make_plant(sun=0.0, use=Use.HOLD)
    plant.keep_to(make_limits(opModStorageTargetW=Decimal(target), opModExpLimW=Decimal(export)), 0)
    assert round(plant.measure(900).battery_w) == battery


def test_panels_are_throttled_for_a_storage_target() -> None:
    plant = make_plant(sun=1.0, use=Use.SELF)
    plant.keep_to(make_limits(opModStorageTargetW=Decimal(3000), opModExpLimW=Decimal(4000)), 0)
    power = plant.measure(900)
    assert (round(power.battery_w), round(power.solar_w)) == (3000, 1000)


@pytest.mark.parametrize("mode", ["opModConnect", "opModEnergize"])
def test_it_stops_at_once_and_returns_after_a_minute_by_the_soft_ramp(mode: str) -> None:
    plant = make_plant(battery=False, soft_grad_w=100)
    plant.keep_to(make_limits(**{mode: False}), 100)
    assert plant.measure(100).output_w == 0 and plant.measure(100).site_w == 0
    assert not plant.is_running(100)
    plant.keep_to(make_limits(), 200)
    assert [round(plant.measure(time).output_w) for time in (200, 259, 260, 270, 310, 361)] == [
        0,
        0,
        0,
        500,
        2500,
        5000,
    ]
    assert [plant.is_starting(time) for time in (259, 270, 361)] == [False, True, False]


def test_the_soft_ramp_of_a_default_goes_before_that_of_the_device() -> None:
    plant = make_plant(battery=False, soft_grad_w=100)
    plant.enable(False, 0)
    plant.keep_to(make_limits(settings={"setSoftGradW": 10, "setGradW": 50}), 10)
    plant.enable(True, 10)
    assert round(plant.measure(80).output_w) == 50


def test_without_a_soft_ramp_it_returns_by_the_usual_one() -> None:
    plant = make_plant(battery=False)
    plant.enable(False, 0)
    plant.enable(True, 0)
    assert round(plant.measure(160).output_w) == round(100 * RATE)


def test_a_control_that_says_how_long_its_ramp_takes_is_reached_just_then() -> None:
    plant = make_plant(battery=False)
    limits = make_limits(opModExpLimW=Decimal(1000))
    assert limits.export_w is not None
    plant.keep_to(replace(limits, export_w=replace(limits.export_w, ramp_tms=6000)), 0)
    assert [round(-plant.measure(time).site_w) for time in (0, 30, 60, 61)] == [5000, 3000, 1000, 1000]


@pytest.mark.parametrize(
    ("values", "var"),
    [
        ({"opModTargetVar": Decimal(-800)}, -800),
        ({"opModTargetVar": Decimal(9000)}, 2000),
        ({"opModFixedPFInjectW": (("displacement", 98), ("excitation", 1), ("multiplier", -2))}, -1015),
        ({"opModFixedPFInjectW": (("displacement", 98), ("excitation", 0), ("multiplier", -2))}, 1015),
        ({"opModFixedPFInjectW": (("displacement", 100), ("excitation", 0), ("multiplier", -2))}, 0),
        ({"opModFixedPFAbsorbW": (("displacement", 98), ("excitation", 0), ("multiplier", -2))}, 0),
        ({}, 0),
    ],
)
def test_reactive_power_follows_a_target_or_a_power_factor(values: dict[str, Any], var: int) -> None:
    plant = make_plant(battery=False)
    assert plant.measure(0).var == 0
    plant.keep_to(make_limits(**values), 0)
    assert round(plant.measure(900).var) == var


def test_a_reserve_is_never_used() -> None:
    plant = make_plant(sun=0.0, load=4000.0, capacity_wh=1000.0, charge=0.5)
    plant.advance(3600 * 5)
    assert plant.stored_wh == pytest.approx(0, abs=1) and plant.measure(3600 * 5).battery_w < 50


def test_a_clock_that_is_put_back_lets_nothing_flow() -> None:
    plant = make_plant(load=2000.0, sun=0.0, capacity_wh=9000.0)
    plant.advance(1800)
    before = plant.stored_wh
    plant.advance(0)
    assert plant.stored_wh == before
    plant.advance(1800)
    assert plant.stored_wh == pytest.approx(before - 1000)
