"""The offset of a server's time: each Time says it to a second, and several say it better."""

from __future__ import annotations

from math import floor

from hypothesis import given
from hypothesis import strategies as st

from envoy.der.follow.polling.server_time import ServerTime


def test_a_time_that_could_not_be_written_is_none() -> None:
    time = ServerTime()
    assert not time.measure(0, 0, (1 << 63) - 1)
    assert time.offset is None
    assert time.measure(0, 0, 5) and time.offset == 5


TRIPS = st.floats(0, 0.5)


@given(st.floats(-1000, 1000), st.floats(0, 10_000), st.floats(0, 2))
def test_an_offset_is_right_to_a_second_and_half_the_round_trip(ahead: float, now: float, trip: float) -> None:
    time = ServerTime()
    # The server looks at its clock half-way.
    time.measure(now, now + trip, floor(now + trip / 2 + ahead))
    assert time.offset is not None
    assert abs(time.offset - ahead) <= 1 + trip / 2 + 1e-6


@given(
    st.floats(-1000, 1000),
    st.floats(-9e-5, 9e-5),
    st.lists(st.tuples(st.floats(10, 900), TRIPS, st.floats(0, 1)), min_size=1, max_size=60),
)
def test_clocks_that_drift_apart_are_never_more_than_a_second_and_the_round_trip_off(
    ahead: float, drift: float, reads: list[tuple[float, float, float]]
) -> None:
    time, now = ServerTime(), 0.0
    for pause, trip, share in reads:
        now += pause
        looked = now + trip * share
        time.measure(now, now + trip, floor(looked + ahead + drift * looked))
        now += trip
        assert time.offset is not None
        assert abs(time.offset - (ahead + drift * now)) <= 1 + 0.5 + 0.1


def test_an_offset_is_known_to_half_a_second_when_time_was_read_in_many_parts_of_a_second() -> None:
    time = ServerTime()
    for second in range(0, 6000, 60):
        now = second + second / 600 % 1
        time.measure(now, now + 0.02, floor(now + 0.01 + 7.7))
    assert time.offset == 8


def test_an_offset_is_held_when_a_single_time_differs_a_little_and_given_up_when_the_clock_was_set() -> None:
    time = ServerTime()
    offsets = []
    for current in (1005, 1006, 1004, 1007, 1006, 1005, 1005, 900):
        time.measure(1000, 1000, current)
        offsets.append(time.offset)
    assert offsets == [5, 5, 5, 7, 7, 7, 5, -100]


def test_an_assumption_gives_way_to_nothing_that_was_read() -> None:
    time = ServerTime()
    time.assume()
    assert time.offset == 0
    time.measure(1000, 1000, 1050)
    time.assume()
    assert time.offset == 50
