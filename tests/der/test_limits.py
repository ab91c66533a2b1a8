"""Effective limits of a device, its ramps, and the instructions of demand response."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.der.demand_response import find_instruction, to_operational_mode
from envoy.der.limits import Limit, Rating, combine_limits
from envoy.der.ramp import Ramp
from envoy.der.schedule import Schedule
from envoy.registration.site import Site, SiteDER
from sep2 import ActivePower, DERCapability, DERControlType, DERSettings, DERType, DERUnitRefType, OperationalModeStatus
from tests.support.schedules import make_event, make_program, make_values

RATING = Rating(
    max_w=Decimal(5000),
    max_charge_w=Decimal(4000),
    max_discharge_w=Decimal(3000),
    max_var=Decimal(2000),
    export_w=Decimal(4500),
    import_w=Decimal(10_000),
    grad_w=27,
)
POWERS = st.integers(0, 20_000)


def watts(limit: Limit | None) -> tuple[int, str] | None:
    return None if limit is None else (int(limit.watts), limit.by)


def combine(**values: Any) -> Any:
    return combine_limits(make_values(values), RATING)


def test_without_controls_the_device_and_its_agreement_limit() -> None:
    limits = combine()
    assert watts(limits.export_w) == (4500, "connection agreement")
    assert watts(limits.import_w) == (10_000, "connection agreement")
    assert watts(limits.generation_w) == (5000, "device")
    assert watts(limits.load_w) == (4000, "device")
    assert limits.running and limits.target_w is limits.storage_w is limits.target_var is None


def test_a_device_of_which_nothing_more_is_known_has_its_power_alone() -> None:
    limits = combine_limits({}, Rating(max_w=Decimal(5000)))
    assert watts(limits.export_w) == watts(limits.generation_w) == (5000, "device")
    assert limits.import_w is limits.load_w is None


def test_a_limit_above_capability_limits_nothing() -> None:
    limits = combine(EL=999_999, GL=999_999, LL=999_999, IL=999_999)
    assert replace(limits, values={}) == combine()


@given(POWERS, POWERS, st.integers(0, 10_000))
def test_the_tightest_limit_of_generation_holds(limit: int, export: int, share: int) -> None:
    limits = combine(GL=limit, EL=export, ML=share)
    assert limits.generation_w.watts == min(Decimal(limit), RATING.max_w * share / 10_000, RATING.max_w)
    assert limits.export_w.watts == min(Decimal(export), Decimal(4500))


@given(POWERS, POWERS, st.integers(0, 10_000), POWERS, POWERS, st.integers(0, 10_000))
def test_law_the_modes_of_2023_limit_as_those_of_csip_aus_do(
    limit: int, inject: int, share: int, load: int, absorb: int, percent: int
) -> None:
    limits = combine(GL=limit, MI=inject, ML=share, LL=load, MA=absorb, PA=percent)
    assert limits.generation_w.watts == min(limit, inject, Decimal(5000) * share / 10_000, 5000)
    assert limits.load_w.watts == min(load, absorb, Decimal(4000) * percent / 10_000, 4000)
    alone = combine(MI=inject, MA=absorb)
    assert watts(alone.generation_w) == ((inject, "opModMaxLimWInject") if inject < 5000 else (5000, "device"))
    assert watts(alone.load_w) == ((absorb, "opModMaxLimWAbsorb") if absorb < 4000 else (4000, "device"))
    assert watts(combine(MI=inject, CO=False).generation_w) == (0, "opModConnect")


def test_a_share_of_a_charge_that_is_not_known_limits_nothing() -> None:
    assert combine_limits(make_values({"PA": 5000}), Rating(max_w=Decimal(5000))).load_w is None


@pytest.mark.parametrize(("values", "by"), [({"CO": False}, "opModConnect"), ({"EN": False}, "opModEnergize")])
def test_disconnecting_goes_before_every_power(values: dict[str, bool], by: str) -> None:
    limits = combine(**values, GL=0, ST=1000, EL=2000)
    assert not limits.running
    assert watts(limits.generation_w) == watts(limits.load_w) == (0, by)
    assert limits.storage_w == 0
    # At reconnection the limit is there.
    assert watts(limits.export_w) == (2000, "opModExpLimW")
    assert replace(combine(CO=True, EN=True), values={}) == combine()


@pytest.mark.parametrize(("target", "kept"), [(2000, 2000), (9000, 2500), (-9000, -1500), (0, 0)])
def test_a_target_stays_within_the_limits(target: int, kept: int) -> None:
    limits = combine(ST=target, GL=2500, LL=1500)
    assert limits.storage_w == kept
    assert (
        combine_limits({"opModTargetW": Decimal(target)} | make_values({"GL": 2500, "LL": 1500}), RATING).target_w
        == kept
    )


@pytest.mark.parametrize(("percent", "target"), [(10_000, 3000), (-5000, -2000), (0, 0), (-1, Decimal("-0.4"))])
def test_a_fixed_power_is_a_share_of_discharge_or_charge(percent: int, target: int) -> None:
    assert combine_limits({"opModFixedW": percent}, RATING).target_w == target


def test_a_share_of_what_is_not_known_is_of_the_power_or_nothing() -> None:
    rating = Rating(max_w=Decimal(5000))
    assert combine_limits({"opModFixedW": 5000}, rating).target_w == 2500
    assert combine_limits({"opModFixedW": -5000}, rating).target_w == 0


def test_of_several_reactive_powers_the_least_prevails() -> None:
    def target(kind: DERUnitRefType, share: int) -> Decimal | None:
        fixed = (("ref_type", int(kind)), ("value", share))
        return combine_limits({"opModTargetVar": Decimal(-600), "opModFixedVar": fixed}, RATING).target_var

    assert target(DERUnitRefType.PERCENT_SET_MAX_VAR, 2500) == 500
    assert target(DERUnitRefType.PERCENT_SET_MAX_W, 2500) == -600
    assert target(DERUnitRefType.PERCENT_STAT_VAR_AVAIL, 1) == -600


def test_limits_come_from_what_a_schedule_has_in_force() -> None:
    schedule = Schedule()
    generation, export = make_event("A1", 0, 100, GL=2500), make_event("B1", 0, 100, EL=1000, ML=8000)
    schedule.update(0, [make_program("A", 1, generation), make_program("B", 2, export)])
    limits = combine_limits(schedule.in_force(), RATING)
    assert watts(limits.generation_w) == (2500, "opModGenLimW") and watts(limits.export_w) == (1000, "opModExpLimW")


def test_a_rating_is_read_of_what_the_device_reports() -> None:
    capability = DERCapability(
        modes_supported=DERControlType(0),
        rtg_max_w=ActivePower.of(6000),
        rtg_max_charge_rate_w=ActivePower.of(40_000),
        type=DERType(4),
    )
    settings = DERSettings(set_grad_w=27, set_max_w=ActivePower.of(500.5), updated_time=0)
    rating = Rating.from_models(capability, settings)
    assert (rating.max_w, rating.max_charge_w, rating.grad_w) == (Decimal("500.5"), 40_000, 27)
    assert Rating.from_models(capability).max_w == 6000


# Ramps


def test_a_ramp_of_a_control_takes_its_time_up_or_down() -> None:
    ramp = Ramp.from_setting(Decimal(5000), Decimal(2000), 100, ramp_tms=6000, rating=RATING)
    assert [ramp.get_power(time) for time in (50, 100, 130, 160, 500)] == [5000, 5000, 3500, 2000, 2000]


def test_without_a_ramp_of_its_own_a_control_ramps_at_the_rate_of_the_settings() -> None:
    # 0.27 % of 5000 W in each second.
    ramp = Ramp.from_setting(Decimal(0), Decimal(1350), 0, ramp_tms=None, rating=RATING)
    assert ramp.end == 100 and ramp.get_power(50) == 675


@pytest.mark.parametrize("ramp_tms", [None, 0])
def test_a_device_without_a_ramp_steps(ramp_tms: int | None) -> None:
    rating = Rating(max_w=Decimal(5000))
    ramp = Ramp.from_setting(Decimal(0), Decimal(1350), 7, ramp_tms=ramp_tms, rating=rating)
    assert ramp.get_power(7) == 1350


@given(st.integers(0, 5000), st.integers(0, 5000), st.integers(0, 10_000), st.floats(0, 200))
def test_a_ramp_stays_between_its_ends(before: int, after: int, ramp_tms: int, time: float) -> None:
    ramp = Ramp.from_setting(Decimal(before), Decimal(after), 0, ramp_tms=ramp_tms, rating=RATING)
    assert min(before, after) <= ramp.get_power(time) <= max(before, after)


# Demand response


@pytest.mark.parametrize(
    ("values", "instruction"),
    [
        ({"opModConnect": False}, 0),
        ({"opModFixedW": -1}, 1),
        ({"opModFixedW": -5000}, 2),
        ({"opModFixedW": -7500}, 3),
        ({"opModFixedW": -10_000}, 4),
        ({"opModFixedW": 0}, 5),
        ({"opModFixedW": 5000}, 6),
        ({"opModFixedW": 7500}, 7),
        ({"opModFixedW": 10_000}, 8),
        ({"opModConnect": False, "opModFixedW": 0}, 0),
        ({"opModConnect": True}, None),
        ({"opModFixedW": 1}, None),
        ({}, None),
    ],
)
def test_controls_stand_for_operational_instructions(values: dict[str, Any], instruction: int | None) -> None:
    assert find_instruction(values) == instruction
    expected = OperationalModeStatus.OPERATIONAL_MODE if instruction is None else 100 + instruction
    assert to_operational_mode(instruction) == expected


def test_limits_have_the_ramp_of_what_sets_them() -> None:
    slow = make_event("A1", 0, 100, GL=2500, ramp_tms=6000)
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, slow, default={"EL": 1000, "ST": 700})])
    limits = combine_limits(schedule.in_force(), RATING, {"setGradW": 100})
    assert (limits.generation_w.ramp_tms, limits.export_w.ramp_tms, limits.target_ramp_tms) == (6000, None, None)
    assert limits.values == {setting.mode: setting.value for setting in schedule.in_force()}
    assert limits.settings == {"setGradW": 100}


def test_the_rating_of_a_site_is_that_of_its_ders_together() -> None:
    solar = SiteDER(
        capability=DERCapability(
            modes_supported=DERControlType(0), rtg_max_w=ActivePower.of(6000), type=DERType.PHOTOVOLTAIC_SYSTEM
        ),
        settings=DERSettings(set_grad_w=100, set_max_w=ActivePower.of(5000), updated_time=0),
    )
    battery = SiteDER(
        capability=DERCapability(
            modes_supported=DERControlType(0),
            rtg_max_w=ActivePower.of(4000),
            rtg_max_charge_rate_w=ActivePower.of(3000),
            rtg_max_discharge_rate_w=ActivePower.of(3500),
            type=DERType.OTHER_STORAGE_SYSTEM,
        ),
        settings=DERSettings(set_grad_w=27, set_max_w=ActivePower.of(4000), updated_time=0),
    )
    assert Rating.from_site(Site(lfdi=bytes(20), ders=[solar, battery])) == Rating(
        max_w=Decimal(9000), max_charge_w=Decimal(3000), max_discharge_w=Decimal(8500), grad_w=27
    )
    assert Rating.from_site(Site(lfdi=bytes(20))) == Rating(max_w=Decimal(0))
