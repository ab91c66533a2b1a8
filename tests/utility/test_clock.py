"""The clock of a utility: time zones and daylight saving, its offset and quality, and putting it forward."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.errors import EnvoyError
from envoy.utility import ManualClock, Settings, Utility
from envoy.utility.clock import find_zone, make_time
from sep2 import DERControlList, Time
from tests.support.utilities import Client, message_of, new_lfdi


def moment(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp())  # type: ignore[misc, arg-type]


SUMMER_2025 = (moment(2025, 10, 4, 16), moment(2026, 4, 4, 16))
SUMMER_2026 = (moment(2026, 10, 3, 16), moment(2027, 4, 3, 16))


@pytest.mark.parametrize(
    ("now", "saving", "is_on"),
    [
        (moment(2026, 1, 15), SUMMER_2025, True),
        (SUMMER_2025[0] - 1, SUMMER_2025, False),
        (SUMMER_2025[0], SUMMER_2025, True),
        (SUMMER_2025[1] - 1, SUMMER_2025, True),
        (SUMMER_2025[1], SUMMER_2026, False),
        (moment(2026, 7, 1), SUMMER_2026, False),
    ],
)
def test_daylight_saving_is_the_one_that_is_on_or_the_next(now: int, saving: tuple[int, int], is_on: bool) -> None:
    time = make_time(now, find_zone("Australia/Sydney"))
    assert (time.dst_start_time, time.dst_end_time, time.dst_offset, time.tz_offset) == (*saving, 3600, 36_000)
    assert time.local_time == now + 36_000 + 3600 * is_on


def test_a_zone_without_daylight_saving_has_none() -> None:
    time = make_time(1_700_000_000, find_zone("Australia/Brisbane"))
    assert (time.dst_start_time, time.dst_end_time, time.dst_offset, time.tz_offset) == (0, 0, 0, 36_000)
    assert time.local_time == 1_700_036_000


@given(st.integers(0, 4_000_000_000), st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]))
def test_local_time_is_that_of_the_zone(now: int, name: str) -> None:
    zone = find_zone(name)
    time = make_time(now, zone)
    here = datetime.fromtimestamp(now, zone)
    assert time.local_time == int(here.replace(tzinfo=UTC).timestamp())
    is_on = time.dst_start_time <= now < time.dst_end_time
    assert time.local_time == now + time.tz_offset + time.dst_offset * is_on


def test_a_zone_that_does_not_exist_is_named() -> None:
    for name in ("Australia/Nowhere", "../etc/passwd", "\0"):
        with pytest.raises(EnvoyError, match="there is no time zone"):
            Settings(time_zone=name)


def test_quality_offset_and_zone_change_while_it_runs() -> None:
    with Utility(Settings(time_quality=4, time_offset=5), now=ManualClock(1000)) as utility:
        client = Client(utility)

        def seen() -> list[Any]:
            time = client.load("/tm", Time)
            return [time.current_time, time.quality, time.tz_offset]

        assert seen() == [1005, 4, 0]
        utility.set_time(quality=7)
        utility.set_time(offset=-10, zone="Australia/Brisbane")
        assert seen() == [990, 7, 36_000]
        assert utility.now() == 990
        utility.set_time(zone="")
        assert seen() == [990, 7, 0]
        for values in ({"quality": 2}, {"zone": "Nowhere"}, {"offset": "1"}):
            with pytest.raises(EnvoyError):
                utility.set_time(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("offset", [-(1 << 40), 251_602_300_799, 1 << 40])
def test_a_zone_is_known_at_all_times(offset: int) -> None:
    with Utility(now=ManualClock(1_700_000_000)) as utility:
        utility.set_time(offset=offset, zone="Australia/Sydney")
        assert Client(utility).load("/tm", Time).tz_offset in (36000, 36292)  # its local mean time of long ago


def test_events_follow_the_offset() -> None:
    with Utility(now=ManualClock(1_700_000_000)) as utility:
        client = Client(utility)
        href = client.register(new_lfdi())
        utility.program("export").control(start=1_700_000_050, duration=60, op_mod_connect=False)
        for offset, active in ((0, 0), (50, 1), (49, 0)):
            utility.set_time(offset=offset)
            assert client.load(f"{href}/derp/1/actderc", DERControlList).all == active


def test_a_clock_that_runs_by_itself_is_not_put_forward() -> None:
    with Utility() as utility, pytest.raises(EnvoyError, match="runs by itself"):
        utility.advance(1)


def test_an_outage_ends_by_the_clock() -> None:
    with Utility(now=ManualClock(1000)) as utility:
        client = Client(utility)
        utility.outage(60)
        utility.outage(10, status=429, path="/tm", retry_after=9)
        assert (client.get("/dcap").status, message_of(client.get("/dcap"))) == (500, "an outage on order")
        utility.outage(0)
        assert client.get("/dcap").status == 200
        response = client.get("/tm")
        assert (response.status, response.headers["retry-after"]) == (429, "9")
        utility.advance(10)
        assert client.get("/tm").status == 200
        utility.outage(60)
        utility.reset()
        assert client.get("/dcap").status == 200
        for values in ({"status": 200}, {"seconds": -1}, {"seconds": float("nan")}):
            with pytest.raises(EnvoyError):
                utility.outage(**{"seconds": 1, **values})  # type: ignore[arg-type]
