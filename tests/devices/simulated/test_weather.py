"""Weather and load depend on the seed and the time alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.devices.simulated.weather import Load, Weather, get_noise

SUMMER = datetime(2026, 1, 15, tzinfo=UTC).timestamp()
WINTER = datetime(2026, 7, 15, tzinfo=UTC).timestamp()
TIMES = st.floats(0, 4e9)


def get_day(weather: Weather, midnight: float) -> list[float]:
    """Return the sun at each hour of a day, by the clock of the sun."""
    return [weather.get_sun(midnight + (hour - weather.longitude / 15) * 3600) for hour in range(24)]


def test_the_sun_shines_by_day_and_longer_in_summer() -> None:
    summer, winter = get_day(Weather(), SUMMER), get_day(Weather(), WINTER)
    assert summer[0] == summer[3] == summer[22] == winter[6] == winter[18] == 0
    assert summer[6] > 0 and winter[12] > 0
    north = get_day(Weather(latitude=33.9), WINTER)
    assert north[6] > 0


@given(seed=st.integers(0, 9), time=TIMES)
def test_the_sun_is_a_share_and_below_that_of_a_clear_sky(seed: int, time: float) -> None:
    weather = Weather(seed=seed)
    assert 0 <= weather.get_sun(time) <= 1
    assert weather.get_sun(time) == Weather(seed=seed).get_sun(time)
    assert Weather(seed=seed, share=0.25).get_sun(time) == 0.25


@given(seed=st.integers(0, 9), time=TIMES)
def test_the_load_is_bounded_and_depends_on_the_time_alone(seed: int, time: float) -> None:
    load = Load(seed=seed, average_w=500.0)
    assert 0 < load.get_watts(time) <= load.most_w
    assert load.get_watts(time) == Load(seed=seed, average_w=500.0).get_watts(time)
    assert Load(average_w=500.0, steady=True).get_watts(time) == 500.0


def test_the_load_is_about_what_it_is_said_to_be_on_average() -> None:
    load = Load(average_w=1000.0)
    hours = [load.get_watts(SUMMER + 600 * step) for step in range(6 * 24 * 14)]
    assert sum(hours) / len(hours) == pytest.approx(1000, rel=0.25)


def test_seeds_differ() -> None:
    noon = SUMMER + 2 * 3600
    assert len({Weather(seed=seed).get_sun(noon) for seed in range(8)}) > 1
    assert len({Load(seed=seed).get_watts(noon) for seed in range(8)}) == 8


@given(time=st.floats(-1e9, 4e9), octaves=st.integers(1, 7))
def test_noise_wanders_by_little_in_a_short_while(time: float, octaves: int) -> None:
    now, later = (get_noise("x", time + step, longest=3600, octaves=octaves) for step in (0.0, 1.0))
    assert 0 <= now <= 1
    # Each octave changes by at most one and a half of its height in its length, and is as steep as the first.
    assert abs(later - now) <= octaves * 1.5 / 3600 + 1e-9
