"""Readings from CSV and to CSV."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.bindings.csv_format import CsvFormat
from envoy.errors import ReadingsError
from envoy.metering import (
    Channel,
    Mirror,
    Sample,
    Spool,
    csip_aus_der,
    csip_aus_site,
)
from envoy.metering.channel import LARGEST_VALUE
from envoy.metering.csv_export import export_csv
from envoy.metering.csv_import import read_csv
from envoy.metering.mirror_file import load_mirror
from envoy.metering.reading import Entry, decode_entry
from sep2 import (
    ReadingQualityFlags,
)
from tests.conftest import ROOT

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EXAMPLE = ROOT / "examples" / "mirror.toml"
READINGS = ROOT / "examples" / "readings.csv"


def rows(text: str, *mirrors: Mirror) -> list[tuple[str, Sample]]:
    found = read_csv(io.StringIO(text, newline=""), mirrors or (MIRROR,))
    return [
        (mirror.name, decode_entry(entry, next(each for each in mirror.channels if each.mrid == entry.channel)))
        for mirror, entry in found
    ]


def errors_of(text: str, *mirrors: Mirror) -> list[str]:
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
    found = errors_of(
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


def test_a_header_that_cannot_be_is_refused(snapshot: SnapshotAssertion) -> None:
    headers = (
        "",
        "time;voltage",
        "voltage",
        "time,voltage,voltage",
        "time,voltag",
        "time",
        "time,voltage,value",
        "time,channel,value,voltage",
    )
    found = [errors_of(f"{header}\n2026-01-31T12:00:00Z,1\n" if header else "") for header in headers]
    assert all(error.startswith("line 1: ") for errors in found for error in errors)
    assert "\n".join(error for errors in found for error in errors) == snapshot


def test_text_that_is_not_csv_is_reported_beside_the_other_errors() -> None:
    found = errors_of('time,voltage\nnever,1\n2026-01-31T12:00:00Z,"1\n')
    assert [error.partition(":")[0] for error in found] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("text", "line"), [("time,voltage\n2026-01-31T12:00:00Z,1\n2026-01-31T12:05:00Z,1 \xb0C\n", 3), ("time,\xb0C\n", 1)]
)
def test_text_that_is_not_utf_8_is_reported_with_its_line(text: str, line: int) -> None:
    lines = io.TextIOWrapper(io.BytesIO(text.encode("latin-1")), encoding="utf-8", errors="surrogateescape", newline="")
    with pytest.raises(ReadingsError) as caught:
        list(read_csv(lines, [MIRROR]))
    (error,) = caught.value.errors
    assert error.startswith(f"line {line}: is not UTF-8")


@pytest.mark.unmeasured
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
    assert peak(4_000) < 2 * peak(500)


def test_a_channel_of_several_mirrors_needs_the_mirror() -> None:
    (error,) = errors_of("time,voltage\n", MIRROR, csip_aus_der(LFDI, 32473))
    assert error.startswith("line 1: several mirrors have a channel 'voltage'")


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


def test_readings_of_a_logger_with_semicolons_and_decimal_commas() -> None:
    text = "time;active-power;voltage\n2026-01-31T12:00:00Z;1834;239,8\n2026-01-31T12:05:00Z;12;\n"
    form = CsvFormat("auto")
    found = list(read_csv(io.StringIO(text, newline=""), [MIRROR], form=form))
    read = [decode_entry(entry, next(x for x in mirror.channels if x.mrid == entry.channel)) for mirror, entry in found]
    assert [float(sample.value) for sample in read] == [1834.0, 239.8, 12.0]
    assert form.describe() == "columns are separated by semicolons, and commas stand before decimals"
    with pytest.raises(ReadingsError) as caught:
        list(read_csv(io.StringIO(text, newline=""), [MIRROR]))
    assert caught.value.errors == ["line 1: the columns are not separated by commas: delimiter='auto' reads it"]


def test_a_reading_that_may_be_thousands_is_an_error_of_its_line() -> None:
    text = "time;active-power\n2026-01-31T12:00:00Z;5.000\n"
    with pytest.raises(ReadingsError) as caught:
        list(read_csv(io.StringIO(text), [MIRROR], form=CsvFormat(";")))
    assert caught.value.errors[0].startswith("line 2: active-power: '5.000' may be a number of thousands")
