"""The message that carries readings, and the dry run that shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from envoy import documents
from envoy.metering import (
    Channel,
    Mirror,
    Sample,
    csip_aus_site,
    voltage,
)
from envoy.metering.dry_run import dry_run
from envoy.metering.messages import build_message
from envoy.metering.reading import Entry, encode_samples
from sep2 import (
    MirrorMeterReading,
    MirrorMeterReadingList,
    ReadingType,
    UomType,
)

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def entries(times: list[tuple[int, int]], channel: str = "voltage") -> list[Entry]:
    mrid = MIRROR.channel(channel).mrid
    return [Entry(mrid, start, duration, 1) for start, duration in times]


def channels_of(mirror: Mirror) -> dict[bytes, MirrorMeterReading]:
    return {each.mrid: each for each in mirror.usage_point().mirror_meter_reading}


times = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**4)), min_size=1, max_size=9, unique=True)


@given(times, times)
def test_the_mrid_of_a_set_tells_its_times_and_nothing_else(
    one: list[tuple[int, int]], two: list[tuple[int, int]]
) -> None:
    def mrid(chosen: list[tuple[int, int]], now: int) -> bytes:
        message = build_message(entries(chosen), channels_of(MIRROR), now=now)
        assert isinstance(message, MirrorMeterReading)
        return message.mirror_reading_set[0].mrid

    assert mrid(one, 0) == mrid(one, 99)
    assert (mrid(one, 0) == mrid(two, 0)) == (sorted(one, key=lambda t: t[0]) == sorted(two, key=lambda t: t[0]))


def test_a_set_covers_its_readings_in_the_order_of_time() -> None:
    message = build_message(entries([(600, 300), (0, 300)]), channels_of(MIRROR), now=0)
    assert isinstance(message, MirrorMeterReading)
    (found,) = message.mirror_reading_set
    assert (found.time_period.start, found.time_period.duration) == (0, 900)
    assert [(each.time_period.start, each.local_id) for each in found.reading if each.time_period] == [
        (0, b"\0\0"),
        (600, b"\0\1"),
    ]


def test_several_channels_are_a_list_and_a_set_keeps_to_max_number_of_intervals() -> None:
    limited = Channel(name="few", reading_type=ReadingType(uom=UomType.WATT, max_number_of_intervals=2))
    mirror = Mirror(lfdi=LFDI, pen=1, channels=(limited, voltage()))
    few, volts = (channel.mrid for channel in mirror.channels)
    given_entries = [Entry(few, n, 1, n) for n in range(5)] + [Entry(volts, 0, 1, 1)]
    message = build_message(given_entries, channels_of(mirror), now=0)
    assert isinstance(message, MirrorMeterReadingList)
    assert [len(each.reading) for each in message.mirror_meter_reading[0].mirror_reading_set] == [2, 2, 1]
    documents.dumps(message, validate=True)


def test_a_dry_run_shows_what_is_sent_in_every_profile() -> None:
    for profile in ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3"):
        samples = [Sample("voltage", NOON + n * timedelta(minutes=5), 240) for n in range(3)]
        requests = dry_run([(MIRROR, entry) for entry in encode_samples(samples, MIRROR)], profile, batch_size=2)
        posts = [str(request) for request in requests if request.method == "POST"]
        assert posts == ["POST /mup", "POST /mup/1", "POST /mup/1"]
        for request in requests:
            if request.content is not None:
                documents.loads(request.content, profile=profile, validate=True)
