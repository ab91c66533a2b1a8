"""Limits that are shared out amount to those of all devices together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.der.limits import Limit, Limits, Rating, combine_limits
from envoy.der.modes import MODES
from envoy.devices.sharing import Sharer, share_limits

ALL = frozenset(MODES)
SOLAR = Rating(max_w=Decimal(6000), max_var=Decimal(3000))
HYBRID = Rating(max_w=Decimal(4000), max_charge_w=Decimal(3000), max_discharge_w=Decimal(4000), max_var=Decimal(1000))
CHARGER = Rating(max_w=Decimal(0), max_charge_w=Decimal(7000))

RATINGS = st.builds(
    Rating,
    max_w=st.integers(0, 10_000).map(Decimal),
    max_charge_w=st.none() | st.integers(0, 10_000).map(Decimal),
    max_discharge_w=st.none() | st.integers(0, 10_000).map(Decimal),
)
WATTS = st.integers(0, 30_000).map(Decimal)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "opModExpLimW": WATTS,
        "opModImpLimW": WATTS,
        "opModGenLimW": WATTS,
        "opModLoadLimW": WATTS,
        "opModMaxLimW": st.integers(0, 10_000),
        "opModTargetW": st.integers(-30_000, 30_000).map(Decimal),
        "opModStorageTargetW": st.integers(-30_000, 30_000).map(Decimal),
    },
)


def share(values: dict[str, Any], *sharers: Sharer) -> list[Limits]:
    return share_limits(combine_limits(values, Rating.sum([each.rating for each in sharers])), sharers)


def watts(limit: Limit | None) -> int | None:
    return None if limit is None else round(limit.watts)


@given(ratings=st.lists(RATINGS, min_size=1, max_size=4), values=VALUES)
def test_shares_never_amount_to_more_than_the_limit(ratings: list[Rating], values: dict[str, Any]) -> None:
    limits = combine_limits(values, Rating.sum(ratings))
    shares = share_limits(limits, [Sharer(rating, ALL) for rating in ratings])
    for name in ("export_w", "import_w", "generation_w", "load_w"):
        whole = getattr(limits, name)
        parts = [getattr(each, name) for each in shares]
        if whole is not None and None not in parts:
            assert sum(part.watts for part in parts) <= whole.watts + Decimal("0.01")
    for name in ("target_w", "storage_w"):
        parts = [getattr(each, name) for each in shares if getattr(each, name) is not None]
        if parts:
            assert abs(sum(parts) - getattr(limits, name)) < Decimal("0.01")
    for each, rating in zip(shares, ratings, strict=True):
        assert each.generation_w.watts <= rating.max_w


def test_limits_are_shared_by_rating() -> None:
    values = {"opModExpLimW": Decimal(5000), "opModGenLimW": Decimal(2000), "opModMaxLimW": 5000}
    solar, hybrid = share(values, Sharer(SOLAR, ALL), Sharer(HYBRID, ALL))
    assert (watts(solar.export_w), watts(hybrid.export_w)) == (3000, 2000)
    assert (watts(solar.generation_w), watts(hybrid.generation_w)) == (1200, 800)
    assert (solar.generation_w.by, hybrid.generation_w.by) == ("opModGenLimW", "opModGenLimW")
    assert solar.values == {"opModExpLimW": 3000, "opModGenLimW": 1200, "opModMaxLimW": 5000}


def test_what_is_taken_in_is_shared_by_what_a_device_takes_in() -> None:
    values = {"opModImpLimW": Decimal(5000), "opModLoadLimW": Decimal(1000)}
    solar, hybrid, charger = share(values, *(Sharer(each, ALL) for each in (SOLAR, HYBRID, CHARGER)))
    assert [watts(each.import_w) for each in (solar, hybrid, charger)] == [0, 1500, 3500]
    assert [watts(each.load_w) for each in (solar, hybrid, charger)] == [0, 300, 700]


@pytest.mark.parametrize(
    ("values", "targets"),
    [
        ({"opModTargetW": Decimal(5000)}, (3000, 2000)),
        ({"opModTargetW": Decimal(-1000)}, (None, -1000)),
        ({"opModFixedW": 5000}, (3000, 2000)),
    ],
)
def test_a_target_is_shared_by_what_can_meet_it(values: dict[str, Any], targets: tuple[int | None, ...]) -> None:
    shares = share(values, Sharer(SOLAR, ALL), Sharer(HYBRID, ALL))
    assert tuple(None if each.target_w is None else round(each.target_w) for each in shares) == targets


def test_a_target_of_storage_is_for_those_that_have_some() -> None:
    solar, hybrid = share({"opModStorageTargetW": Decimal(2000)}, Sharer(SOLAR, ALL), Sharer(HYBRID, ALL))
    assert (solar.storage_w, hybrid.storage_w) == (None, 2000)


def test_reactive_power_is_shared_by_what_there_is_of_it() -> None:
    solar, hybrid = share({"opModTargetVar": Decimal(-2000)}, Sharer(SOLAR, ALL), Sharer(HYBRID, ALL))
    assert (solar.target_var, hybrid.target_var) == (-1500, -500)


def test_one_that_does_not_take_a_mode_leaves_the_whole_limit_to_the_others() -> None:
    values = {"opModExpLimW": Decimal(5000), "opModGenLimW": Decimal(2000)}
    solar, hybrid = share(values, Sharer(SOLAR, ALL - {"opModGenLimW"}), Sharer(HYBRID, ALL))
    assert (solar.generation_w, watts(hybrid.generation_w)) == (Limit(Decimal(6000), "device"), 2000)
    assert "opModGenLimW" not in solar.values and hybrid.values["opModGenLimW"] == 2000
    assert (watts(solar.export_w), watts(hybrid.export_w)) == (3000, 2000)


def test_all_are_disconnected_together() -> None:
    for each in share({"opModConnect": False}, Sharer(SOLAR, ALL), Sharer(HYBRID, frozenset())):
        assert not each.connected
