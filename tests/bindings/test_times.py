"""Times as datetimes with a zone, and mRIDs as 32 hex digits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.bindings.times import format_mrid, to_datetime, to_time
from envoy.errors import EnvoyError, IdentityError

FIRST, LAST = -62_135_596_800, 253_402_300_799
"""The first and the last second that a datetime can hold: of year 1 and of year 9999."""

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (1_700_000_000, "2023-11-14T22:13:20+00:00"),
        (-1, "1969-12-31T23:59:59+00:00"),
        (4_102_444_800, "2100-01-01T00:00:00+00:00"),
        (FIRST, "0001-01-01T00:00:00+00:00"),
        (LAST, "9999-12-31T23:59:59+00:00"),
    ],
)
def test_time_is_a_moment_in_utc(time: int, text: str) -> None:
    moment = to_datetime(time)
    assert moment.isoformat() == text
    assert moment.tzinfo is UTC
    assert to_time(moment) == time


def test_moment_of_another_zone_is_the_same_time() -> None:
    brisbane = timezone(timedelta(hours=10))
    assert to_time(datetime(2023, 11, 15, 8, 13, 20, tzinfo=brisbane)) == 1_700_000_000
    assert to_datetime(1_700_000_000).astimezone(brisbane).hour == 8


@pytest.mark.parametrize(("microsecond", "time"), [(0, 1_700_000_000), (1, 1_700_000_000), (999_999, 1_700_000_000)])
def test_fraction_of_a_second_is_dropped(microsecond: int, time: int) -> None:
    assert to_time(datetime(2023, 11, 14, 22, 13, 20, microsecond, tzinfo=UTC)) == time


@given(st.integers(FIRST, LAST))
def test_every_time_comes_back(time: int) -> None:
    assert to_time(to_datetime(time)) == time


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=ZONES))
def test_every_moment_comes_back_within_a_second(moment: datetime) -> None:
    assert timedelta(0) <= moment - to_datetime(to_time(moment)) < timedelta(seconds=1)


def test_time_may_be_any_integer_type() -> None:
    assert to_datetime(IntEnum("Start", {"EPOCH": 0}).EPOCH) == datetime(1970, 1, 1, tzinfo=UTC)


def test_naive_datetime_is_refused_with_what_to_write_instead(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        to_time(datetime(2026, 1, 31, 12))
    assert str(caught.value) == snapshot


def test_time_beyond_the_calendar_is_refused(snapshot: SnapshotAssertion) -> None:
    messages = set()
    for time in (FIRST - 1, LAST + 1, 1_700_000_000_000, 2**63 - 1, -(2**63), 2**80):
        with pytest.raises(EnvoyError) as caught:
            to_datetime(time)
        messages.add(str(caught.value).replace(str(time), "<time>"))
    assert messages == snapshot


@pytest.mark.parametrize(
    ("mrid", "text"),
    [
        (bytes.fromhex("0FB7000000000000000000010000007E"), "0FB7000000000000000000010000007E"),
        (bytes.fromhex("ab12"), "0000000000000000000000000000AB12"),
        (bytes(16), "00000000000000000000000000000000"),
        (b"", "00000000000000000000000000000000"),
    ],
)
def test_mrid_has_32_upper_case_hex_digits(mrid: bytes, text: str) -> None:
    assert format_mrid(mrid) == text


@given(st.binary(min_size=16, max_size=16))
def test_every_whole_mrid_can_be_read_back(mrid: bytes) -> None:
    assert bytes.fromhex(format_mrid(mrid)) == mrid


def test_mrid_that_is_too_long_is_refused(snapshot: SnapshotAssertion) -> None:
    with pytest.raises(IdentityError) as caught:
        format_mrid(bytes(20))
    assert str(caught.value) == snapshot
