"""The offset of a server's time, which is held as long as it differs by what a whole second can hide."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from envoy.der.follow.server_time import ServerTime


@given(st.floats(-1000, 1000), st.floats(0, 10_000), st.floats(0, 2))
def test_an_offset_is_right_to_a_second_and_half_the_round_trip(ahead: float, now: float, trip: float) -> None:
    time = ServerTime()
    # The server looks at its clock half-way.
    time.measure(now, now + trip, int(now + trip / 2 + ahead + 10_000) - 10_000)
    assert time.offset is not None
    assert abs(time.offset - ahead) <= 1 + 1e-6


def test_an_offset_is_held_until_it_differs_by_more_than_a_second() -> None:
    time = ServerTime()
    offsets = []
    for current in (1005, 1006, 1004, 1007, 1006, 1005, 900):
        time.measure(1000, 1000, current)
        offsets.append(time.offset)
    assert offsets == [5, 5, 5, 7, 7, 5, -100]


def test_an_assumption_gives_way_to_nothing_that_was_read() -> None:
    time = ServerTime()
    time.assume()
    assert time.offset == 0
    time.measure(1000, 1000, 1050)
    time.assume()
    assert time.offset == 50
