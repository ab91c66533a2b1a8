"""Samples become readings of full minutes; gaps give none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.der.report.averages import Averages, find_value
from envoy.metering import Channel, Mirror, active_power, current, energy, frequency, stored_energy, voltage
from sep2 import AccumulationBehaviourType, DataQualifierType, PhaseCode

ZERO = 1_795_000_200
"""A time on a full minute, and on a multiple of five."""


def make(*channels: Channel) -> Averages:
    return Averages(Mirror(lfdi=bytes(20), pen=1, channels=channels))


def power(qualifier: DataQualifierType = DataQualifierType.AVERAGE, interval: int | None = None) -> Channel:
    return active_power(qualifier=qualifier, interval=interval)


def feed(averages: Averages, *samples: tuple[float, float], name: str = "active-power") -> None:
    for time, value in samples:
        averages.add(ZERO + time, {name: Decimal(str(value))})


def every(step: float, begin: float, end: float, value: float = 1.0) -> list[tuple[float, float]]:
    return [(begin + number * step, value) for number in range(int((end - begin) / step))]


def close(averages: Averages, now: float, period: int = 60) -> list[tuple[float, int | None, float]]:
    found = averages.close(ZERO + now, period)
    return [(each.start.timestamp() - ZERO, each.duration, float(each.value)) for each in found]


def test_the_tests_begin_where_a_period_does() -> None:
    assert ZERO % 300 == 0


def test_an_average_is_of_a_full_minute() -> None:
    averages = make(power())
    feed(averages, (0, 100), (30, 200), (59.9, 300), (60, 1000))
    assert close(averages, 59.9) == []
    assert close(averages, 60) == [(0, 60, 200)]
    assert close(averages, 60) == []
    assert close(averages, 120) == [(60, 60, 1000)]


def test_a_minute_weighs_the_same_however_often_it_was_measured_in() -> None:
    averages = make(power())
    feed(averages, *every(5, 0, 60, 100), (70, 400), *every(5, 120, 300, 0))
    assert close(averages, 300, 300) == [(0, 300, 100)]


def test_periods_begin_on_their_multiples_and_the_first_is_shorter() -> None:
    averages = make(power())
    begin = 300 - ZERO % 300
    feed(averages, *every(5, begin - 130, begin + 600))
    assert close(averages, begin + 600, 300) == [(begin - 120, 120, 1), (begin, 300, 1), (begin + 300, 300, 1)]


@pytest.mark.parametrize(("before", "after"), [(300, 60), (60, 300)])
def test_a_period_that_changes_loses_and_doubles_nothing(before: int, after: int) -> None:
    averages = make(power())
    begin = 300 - ZERO % 300
    feed(averages, *every(5, begin, begin + 500))
    found = close(averages, begin + 420, before) + close(averages, begin + 500, after)
    feed(averages, *every(5, begin + 500, begin + 900))
    found += close(averages, begin + 900, after)
    minutes = [start + 60 * number for start, duration, _ in found for number in range((duration or 0) // 60)]
    assert minutes == [begin + 60 * number for number in range(15)]


def test_a_minute_that_began_before_the_measuring_is_a_gap() -> None:
    averages = make(power())
    feed(averages, *every(5, 45, 120, 7))
    assert close(averages, 120) == [(60, 60, 7)]


def test_a_gap_divides_a_period() -> None:
    averages = make(power())
    begin = 300 - ZERO % 300
    feed(averages, *every(5, begin, begin + 120, 10), *every(5, begin + 225, begin + 300, 30))
    # The fourth minute was measured in from its 45th second on alone.
    assert close(averages, begin + 300, 300) == [(begin, 120, 10), (begin + 240, 60, 30)]


def test_samples_that_come_seldom_are_enough() -> None:
    averages = make(power())
    feed(averages, *every(60, 20, 440), *every(60, 440, 700))
    # The last ones come after the half of a minute, but without a gap.
    found = [start for now in range(60, 720, 60) for start, _, _ in close(averages, now)]
    assert found == [0, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600]


@pytest.mark.parametrize(
    ("qualifier", "value"),
    [(DataQualifierType.AVERAGE, 2), (DataQualifierType.MAXIMUM, 6), (DataQualifierType.MINIMUM, -3)],
)
def test_extremes(qualifier: DataQualifierType, value: float) -> None:
    averages = make(power(qualifier))
    feed(averages, (0, 1), (20, 6), (40, -3), (50, 4))
    assert close(averages, 60) == [(0, 60, value)]


def test_no_reading_of_what_cannot_be_worked_out() -> None:
    averages = make(power(DataQualifierType.STANDARD_DEVIATION_SAMPLE))
    feed(averages, *every(5, 0, 60))
    assert close(averages, 60) == []


def test_a_value_of_a_moment_is_the_last_of_the_period() -> None:
    averages = make(stored_energy(interval=None))
    feed(averages, (0, 4000), (55, 4100), (61, 4200), name="stored-energy")
    assert close(averages, 60) == [(60, 0, 4100)]


def test_the_energy_of_an_interval_is_what_a_register_has_gained() -> None:
    averages = make(energy())
    feed(averages, (0, 10), (55, 20), (115, 35), (175, 36), (245, 50), (295, 52), (355, 60), name="energy")
    # Of the first there is nothing to compare with, nor after a gap.
    assert close(averages, 360) == [(60, 60, 15), (120, 60, 1), (300, 60, 8)]


def test_what_a_register_has_counted_is_a_value_of_a_moment() -> None:
    averages = make(energy(accumulation=AccumulationBehaviourType.SUMMATION))
    feed(averages, (0, 10), (55, 20), name="energy")
    assert close(averages, 60) == [(60, 0, 20)]


def test_a_shorter_interval_of_the_channel_counts() -> None:
    averages = make(power(interval=60), voltage(interval=300))
    begin = 300 - ZERO % 300
    feed(averages, *every(5, begin, begin + 300))
    feed(averages, *every(5, begin, begin + 300), name="voltage")
    assert [duration for _, duration, _ in close(averages, begin + 300, 300)] == [60] * 5 + [300]


def test_a_clock_that_is_set_back_gives_no_minute_twice() -> None:
    averages = make(power())
    feed(averages, *every(5, 0, 120))
    assert len(close(averages, 120)) == 2
    feed(averages, *every(5, 30, 180))
    assert [start for start, _, _ in close(averages, 180)] == [120]


def test_a_clock_that_was_far_ahead_counts_as_it_is_now() -> None:
    averages = make(power())
    feed(averages, *every(5, 90_000, 90_070))
    assert close(averages, 90_060) == [(90_000, 60, 1)]
    feed(averages, *every(5, 0, 120, 3))
    assert close(averages, 120) == [(0, 60, 3), (60, 60, 3)]


def test_what_is_kept_is_bounded() -> None:
    averages = make(power())
    feed(averages, *every(60, 0, 60 * 2000))
    assert len(averages._series[0]._minutes) == 1440


@pytest.mark.parametrize(
    ("channel", "values", "value"),
    [
        (active_power(), {"active-power": 1}, 1),
        (active_power("mine"), {"active-power": 1, "mine": 2}, 2),
        (active_power("mine"), {"active-power": 1}, 1),
        (voltage(), {"voltage": 1}, 1),
        (voltage("v2", phase=PhaseCode.PHASE_BN), {"voltage": 1, "voltage-b": 2}, 2),
        (voltage("v2", phase=PhaseCode.PHASE_BN), {"voltage": 1}, None),
        (voltage(), {"voltage-a": 3}, 3),
        (current(phase=PhaseCode.PHASE_C), {"current-c": 3}, 3),
        (frequency(), {"frequency": 50}, 50),
        (energy("imported"), {"energy": 5, "stored-energy": 6}, 5),
        (stored_energy("left"), {"energy": 5, "stored-energy": 6}, 6),
        (active_power(), {"active-power": "NaN"}, None),
        (active_power(), {}, None),
    ],
)
def test_channels_are_found_by_what_they_measure(channel: Channel, values: dict[str, Any], value: float) -> None:
    assert find_value(channel, {name: Decimal(each) for name, each in values.items()}) == value


@given(
    st.lists(st.tuples(st.integers(0, 3600), st.integers(-1000, 1000)), max_size=80),
    st.lists(st.tuples(st.integers(0, 3700), st.sampled_from([60, 120, 300, 900])), max_size=8),
)
def test_readings_never_overlap_and_stay_within_what_was_measured(
    samples: list[tuple[float, int]], closings: list[tuple[int, int]]
) -> None:
    averages = make(power())
    left, found = sorted(samples), []
    for now, period in [*sorted(closings), (8000, 900)]:
        feed(averages, *[each for each in left if each[0] <= now])
        left = [each for each in left if each[0] > now]
        found += close(averages, now, period)
    ends = [start + (duration or 0) for start, duration, _ in found]
    assert all((start + ZERO) % 60 == 0 and duration and duration % 60 == 0 for start, duration, _ in found)
    assert all(end <= start for end, (start, _, _) in zip(ends, found[1:], strict=False))
    for start, duration, value in found:
        inside = [number for time, number in samples if start <= time < start + (duration or 0)]
        assert min(inside) <= value <= max(inside)
