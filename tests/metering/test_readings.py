"""What readings are: channels, mirrors and their mRIDs, values on the wire, TOML and CSV files."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy import documents
from envoy.errors import EnvoyError, QuantityError, ReadingsError
from envoy.metering import (
    DEVICE,
    Channel,
    Mirror,
    Sample,
    Spool,
    active_power,
    csip_aus_der,
    csip_aus_site,
    voltage,
)
from envoy.metering.channel import LARGEST_VALUE, MEASURES
from envoy.metering.csv_export import export_csv
from envoy.metering.csv_import import read_csv
from envoy.metering.dry_run import dry_run
from envoy.metering.messages import readings_message
from envoy.metering.mirror_file import load_mirror
from envoy.metering.reading import Entry, decode_entry, encode_sample, encode_samples
from sep2 import (
    DataQualifierType,
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorUsagePoint,
    PowerOfTenMultiplierType,
    Reading,
    ReadingQualityFlags,
    ReadingType,
    UomType,
)
from tests.conftest import ROOT

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EXAMPLE = ROOT / "examples" / "mirror.toml"
READINGS = ROOT / "examples" / "readings.csv"

multipliers = st.integers(-9, 9)


def with_multiplier(multiplier: int) -> Channel:
    return Channel(
        name="c",
        reading_type=ReadingType(uom=UomType.WATT, power_of_ten_multiplier=PowerOfTenMultiplierType(multiplier)),
    )


# Values


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
    with pytest.raises(EnvoyError, match="no time zone"):
        encode_sample(Sample("voltage", NOON.replace(tzinfo=None), 1), MIRROR)


# Mirrors


def test_mrids_end_in_the_pen_and_stay_the_same_in_every_version() -> None:
    assert MIRROR.mrid.hex() == "6ff7164e37f2be94c9fe0e9100032473"
    assert MIRROR.channel("voltage").mrid.hex() == "07b32d2ef9e7b6a97076aba100032473"
    in_hex = Mirror(lfdi=LFDI, pen=32473, channels=(voltage(),), pen_form="hex")
    assert in_hex.mrid.endswith((32473).to_bytes(4))


def test_each_mirror_and_channel_has_an_mrid_of_its_own() -> None:
    mirrors = [csip_aus_site(LFDI, 1, phases=3), csip_aus_der(LFDI, 1, phases=3), csip_aus_site(bytes(20), 1)]
    mrids = [mirror.mrid for mirror in mirrors] + [each.mrid for mirror in mirrors for each in mirror.channels]
    assert len(set(mrids)) == len(mrids)


@pytest.mark.parametrize(
    "other",
    [active_power(multiplier=1), active_power(interval=60), active_power(qualifier=DataQualifierType.MAXIMUM)],
)
def test_a_channel_whose_numbers_mean_something_else_is_another_series(other: Channel) -> None:
    before = Mirror(lfdi=LFDI, pen=1, channels=(active_power(),))
    after = Mirror(lfdi=LFDI, pen=1, channels=(other,))
    assert before.mrid == after.mrid
    assert before.channels[0].mrid != after.channels[0].mrid


def test_every_common_channel_makes_a_valid_mirror() -> None:
    mirror = Mirror(lfdi=LFDI, pen=1, channels=tuple(make() for make in MEASURES.values()), role_flags=DEVICE)
    document = documents.dumps(mirror.usage_point(), profile="csip-aus-1.3", validate=True)
    assert documents.loads(document, MirrorUsagePoint) == mirror.usage_point()


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"channels": ()}, "there are none"),
        ({"channels": (voltage(), voltage())}, "there are 2 of that name"),
        ({"channels": (voltage("time"),)}, "the name of another column"),
        ({"channels": (voltage(" v,"),)}, "printable text without commas"),
        ({"lfdi": bytes(3)}, "has 3 octets"),
        ({"pen": 123_456_789}, "no Private Enterprise Number"),
        ({"pen_form": "octal"}, "expected decimal or hex"),
        ({"description": "x" * 33}, "description"),
        ({"mrid": bytes(17)}, "34 hex digits"),
        ({"channels": (Channel(name="a", reading_type=ReadingType(), mrid=b"1"),) * 2}, "there are 2"),
    ],
)
def test_what_makes_no_mirror_is_told(wrong: dict[str, object], expected: str) -> None:
    arguments: dict[str, object] = {"lfdi": LFDI, "pen": 1, "channels": (voltage(),), **wrong}
    with pytest.raises(ReadingsError, match=expected):
        Mirror(**arguments)  # type: ignore[arg-type]


def test_the_example_is_a_mirror_with_what_its_file_says() -> None:
    mirror = load_mirror(EXAMPLE)
    assert mirror.mrid == MIRROR.mrid
    assert [channel.name for channel in mirror.channels] == [
        "active-power",
        "reactive-power",
        "voltage",
        "frequency",
        "imported",
    ]
    assert mirror.channel("voltage") == MIRROR.channel("voltage")
    assert mirror.channel("frequency").interval == 0
    assert mirror.post_rate == 300


def test_all_faults_of_a_mirror_file_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mirror.toml"
    file.write_text(
        "lfdi = '0x12'\npen = 'x'\nrole_flags = ['IS_MIROR']\nroleflags = 1\n"
        "[[channel]]\nmeasures = 'volts'\n[[channel]]\nname = 'a'\n[[channel]]\nname = 'b'\nuom = 'WAT'\n"
    )
    with pytest.raises(ReadingsError) as caught:
        load_mirror(file)
    text = str(caught.value)
    assert len(caught.value.errors) == 7
    for expected in (
        "Leave out the 0x",
        "pen:",
        "IS_MIRROR",
        "Did you mean role_flags",
        "none of active",
        "uom",
        "WATT",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read"),
        (b"\xff", "not UTF-8"),
        (b"a = ", "not TOML"),
        (b"channel = 1", r"write one \[\[channel"),
    ],
)
def test_a_file_that_is_no_mirror_file_is_told(tmp_path: Path, content: bytes | None, expected: str) -> None:
    file = tmp_path / "mirror.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ReadingsError, match=expected):
        load_mirror(file)


# Messages


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
        message = readings_message(entries(chosen), channels_of(MIRROR), now=now)
        assert isinstance(message, MirrorMeterReading)
        return message.mirror_reading_set[0].mrid

    assert mrid(one, 0) == mrid(one, 99)
    assert (mrid(one, 0) == mrid(two, 0)) == (sorted(one, key=lambda t: t[0]) == sorted(two, key=lambda t: t[0]))


def test_a_set_covers_its_readings_in_the_order_of_time() -> None:
    message = readings_message(entries([(600, 300), (0, 300)]), channels_of(MIRROR), now=0)
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
    message = readings_message(given_entries, channels_of(mirror), now=0)
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


# CSV


def rows(text: str, *mirrors: Mirror) -> list[tuple[str, Sample]]:
    found = read_csv(io.StringIO(text, newline=""), mirrors or (MIRROR,))
    return [
        (mirror.name, decode_entry(entry, next(each for each in mirror.channels if each.mrid == entry.channel)))
        for mirror, entry in found
    ]


def faults(text: str, *mirrors: Mirror) -> list[str]:
    with pytest.raises(ReadingsError) as caught:
        rows(text, *mirrors)
    return caught.value.errors


def test_the_example_is_read() -> None:
    found = rows(READINGS.read_text(), load_mirror(EXAMPLE))
    assert len(found) == 19
    assert found[0][1] == Sample(
        "active-power",
        datetime(2026, 1, 31, 2, tzinfo=UTC),
        Decimal(-1834),
        300,
        quality=ReadingQualityFlags.VALID,
    )


def test_wide_and_long_say_the_same() -> None:
    wide = rows("time,voltage,active-power\n2026-01-31T12:00:00Z,240,\n2026-01-31T12:05:00Z,241,5\n")
    long = rows(
        "channel,value,time\nvoltage,240,2026-01-31T12:00:00Z\n"
        "voltage,241,2026-01-31T12:05:00Z\nactive-power,5,2026-01-31T12:05:00+00:00\n"
    )
    assert wide == long and len(wide) == 3


def test_a_column_says_the_duration_the_quality_or_the_mirror() -> None:
    der = csip_aus_der(LFDI, 32473)
    text = (
        "time,mirror,channel,value,duration,quality,reason\n2026-01-31T12:00:00Z,der,voltage,1,60,VALID|DERIVED,why\n"
    )
    ((name, sample),) = rows(text, MIRROR, der)
    assert (name, sample.duration, sample.quality) == (
        "der",
        60,
        ReadingQualityFlags.VALID | ReadingQualityFlags.DERIVED,
    )
    assert rows(text.replace(",der,", f",{der.mrid.hex().upper()},"), MIRROR, der) == [(name, sample)]


def test_all_bad_rows_are_reported_with_their_lines(snapshot: SnapshotAssertion) -> None:
    found = faults(
        "time,channel,value,duration,quality\n"
        "2026-01-31T12:00:00,voltage,1,,\n"
        "yesterday,volt,x,,\n"
        "2026-01-31T12:00:00Z,voltage,1,-1,VALID\n"
        "2026-01-31T12:00:00Z,voltage,1,,GOOD\n"
        "\n"
        "2026-01-31T12:00:00Z,voltage\n"
        "2026-01-31T12:00:00Z,voltage,1,,\n"
        "2026-01-31T22:00:00+10:00,voltage,2,,\n"
        "2026-01-31T12:05:00Z,voltage,1e99,,\n"
        "2026-01-31T12:10:00Z,voltage,,,\n"
        '2026-01-31T12:15:00Z,voltage,"240,1",,\n'
        "0001-01-01T00:00:00+10:00,voltage,1,,\n"
    )
    assert [error.partition(":")[0] for error in found] == [f"line {n}" for n in (2, 3, 3, 4, 5, 7, 9, 10, 11, 12, 13)]
    assert "\n".join(found) == snapshot


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "there is nothing"),
        ("time;voltage", "not separated by commas"),
        ("voltage", "no column time"),
        ("time,voltage,voltage", "2 columns 'voltage'"),
        ("time,voltag", "Did you mean voltage?"),
        ("time", "no column for a channel"),
        ("time,voltage,value", "'value' is not known"),
        ("time,channel,value,voltage", "'voltage' is not known"),
    ],
)
def test_a_header_that_cannot_be_is_told(header: str, expected: str) -> None:
    found = faults(f"{header}\n2026-01-31T12:00:00Z,1\n" if header else "")
    assert expected in "; ".join(found) and all(fault.startswith("line 1: ") for fault in found)


def test_text_that_is_no_csv_is_told_beside_the_other_faults() -> None:
    found = faults('time,voltage\nnever,1\n2026-01-31T12:00:00Z,"1\n')
    assert found[0].startswith("line 2: time 'never'")
    assert found[1].startswith("line 3: not CSV: ")


@pytest.mark.parametrize(
    ("text", "line"), [("time,voltage\n2026-01-31T12:00:00Z,1\n2026-01-31T12:05:00Z,1 \xb0C\n", 3), ("time,\xb0C\n", 1)]
)
def test_text_that_is_not_utf_8_is_told_with_its_line(text: str, line: int) -> None:
    lines = io.TextIOWrapper(io.BytesIO(text.encode("latin-1")), encoding="utf-8", errors="surrogateescape", newline="")
    with pytest.raises(ReadingsError) as caught:
        list(read_csv(lines, [MIRROR]))
    assert caught.value.errors == [f"line {line}: is not UTF-8: save the file as UTF-8"]


def test_many_rows_take_no_more_memory_than_few() -> None:
    def lines(count: int) -> Iterator[str]:
        yield "time,voltage\n"
        for number in range(count):
            yield f"{(NOON + timedelta(seconds=number)).isoformat()},{number % 250}\n"

    def peak(count: int) -> int:
        tracemalloc.start()
        with Spool(":memory:") as spool:
            assert spool.put_entries(read_csv(lines(count), [MIRROR])).new == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(10_000) < 2 * peak(1_000)


def test_a_channel_of_several_mirrors_has_to_be_told_apart() -> None:
    (fault,) = faults("time,voltage\n", MIRROR, csip_aus_der(LFDI, 32473))
    assert "several mirrors have a channel 'voltage'" in fault


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2**33),
            st.sampled_from(MIRROR.channels),
            st.integers(-LARGEST_VALUE, LARGEST_VALUE),
            st.none() | st.integers(0, 0xFFFF),
        ),
        unique_by=lambda item: (item[0], item[1].name),
        max_size=20,
    )
)
def test_what_a_spool_exports_can_be_read_again(kept: list[tuple[int, Channel, int, int | None]]) -> None:
    wanted = [Entry(channel.mrid, start, 300, value, flags) for start, channel, value, flags in kept]
    by_mrid = {channel.mrid: channel for channel in MIRROR.channels}
    out = io.StringIO()
    with Spool(":memory:") as spool:
        spool.put(MIRROR, [decode_entry(entry, by_mrid[entry.channel]) for entry in wanted])
        assert export_csv(spool, out, waiting=True) == len(wanted)
    read = read_csv(io.StringIO(out.getvalue(), newline=""), [MIRROR])
    assert [entry for _, entry in read] == wanted


def test_readings_need_neither_http_nor_a_command_line() -> None:
    code = (
        "import sys, envoy.metering; print([m for m in ('httpx', 'typer', 'rich', 'cryptography') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
