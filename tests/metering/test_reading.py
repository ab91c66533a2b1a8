"""Readings: values on the wire, durations and time zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy import documents
from envoy.errors import EnvoyError, QuantityError
from envoy.metering import (
    Channel,
    Sample,
    csip_aus_site,
)
from envoy.metering.channel import LARGEST_VALUE
from envoy.metering.reading import Entry, decode_entry, encode_sample
from sep2 import (
    PowerOfTenMultiplierType,
    Reading,
    ReadingType,
    UomType,
)

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


multipliers = st.integers(-9, 9)


def with_multiplier(multiplier: int) -> Channel:
    return Channel(
        name="c",
        reading_type=ReadingType(uom=UomType.WATT, power_of_ten_multiplier=PowerOfTenMultiplierType(multiplier)),
    )


@given(multipliers, st.integers(-LARGEST_VALUE, LARGEST_VALUE))
def test_a_number_on_the_wire_is_a_value_that_is_the_same_number(multiplier: int, number: int) -> None:
    channel = with_multiplier(multiplier)
    assert channel.encode(channel.decode(number)) == number


@given(multipliers, st.decimals(-(10**5), 10**5, allow_nan=False, places=6))
def test_a_value_is_posted_to_the_nearest_number(multiplier: int, value: Decimal) -> None:
    channel = with_multiplier(multiplier)
    assert abs(channel.decode(channel.encode(value)) - value) * 2 <= Decimal(1).scaleb(multiplier)


@given(st.floats(-1e9, 1e9))
def test_a_float_is_what_it_shows(value: float) -> None:
    assert with_multiplier(-3).encode(value) == with_multiplier(-3).encode(Decimal(repr(value)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("sNaN"), 1e300, LARGEST_VALUE + 1])
def test_a_value_that_does_not_fit_is_refused(value: float) -> None:
    with pytest.raises(QuantityError):
        with_multiplier(0).encode(value)


@given(
    st.integers(-(2**35), 2**35),
    st.integers(0, 2**32 - 1),
    st.integers(-LARGEST_VALUE, LARGEST_VALUE),
    st.none() | st.integers(0, 0xFFFF),
)
def test_a_reading_is_a_sample_that_is_the_same_reading(start: int, duration: int, value: int, flags: int) -> None:
    channel = MIRROR.channel("voltage")
    entry = Entry(channel.mrid, start, duration, value, flags)
    assert encode_sample(decode_entry(entry, channel), MIRROR) == entry
    reading = documents.loads(documents.dumps(entry.reading(7)), Reading)
    assert reading.time_period is not None
    assert (reading.time_period.start, reading.time_period.duration, reading.value, reading.quality_flags) == (
        start,
        duration,
        value,
        flags,
    )


def test_a_sample_covers_the_interval_of_its_channel_unless_it_says_otherwise() -> None:
    assert encode_sample(Sample("voltage", NOON, 240), MIRROR).duration == 300
    assert encode_sample(Sample("voltage", NOON, 240, 60), MIRROR).duration == 60


def test_the_zone_of_a_sample_counts() -> None:
    brisbane = NOON.astimezone(timezone(timedelta(hours=10)))
    assert encode_sample(Sample("voltage", brisbane, 1), MIRROR) == encode_sample(Sample("voltage", NOON, 1), MIRROR)
    with pytest.raises(EnvoyError):
        encode_sample(Sample("voltage", NOON.replace(tzinfo=None), 1), MIRROR)
