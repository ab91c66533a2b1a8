"""The clock of a utility: one that is put forward by hand, time zones, and Time (IEEE 2030.5-2018, 10.9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from envoy.errors import EnvoyError
from sep2 import Time, TimeQuality

_HOUR = 3600
_YEAR = 366 * 24 * _HOUR
_ZONED = (-62_000_000_000, 253_000_000_000)
"""The times, in the years 5 and 9987, between which Python knows zones; beyond, they stay as they are there."""


class ManualClock:
    """A clock that stands still until it is put forward.

    Args:
        now: What it shows at the start, in seconds since 1970.

    Attributes:
        now: What it shows.
    """

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Put it forward."""
        self.now += seconds


def find_zone(name: str) -> ZoneInfo | None:
    """Return a time zone by its name, None for UTC.

    Raises:
        EnvoyError: There is no such zone.
    """
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise EnvoyError(
            f"there is no time zone {name!r} on this machine",
            remedy="Name one such as Australia/Brisbane; where the system has none, pip install tzdata.",
        ) from None


def make_time(
    now: int, zone: ZoneInfo | None = None, quality: TimeQuality = TimeQuality.INTENTIONALLY_UNCOORDINATED
) -> Time:
    """Return a Time.

    Args:
        now: Seconds since 1970.
        zone: The time zone; None for UTC.
        quality: What the clock is set by. What that is on this machine is not known, so nothing is promised.
    """
    if zone is None:
        return Time(current_time=now, dst_end_time=0, dst_offset=0, dst_start_time=0, quality=quality, tz_offset=0)
    offset, saving = _offsets(zone, now)
    begin, end = _saving(zone, now)
    return Time(
        current_time=now,
        dst_end_time=end,
        dst_offset=_offsets(zone, begin)[1] if begin else 0,
        dst_start_time=begin,
        local_time=now + offset,
        quality=quality,
        tz_offset=offset - saving,
    )


def _offsets(zone: ZoneInfo, at: int) -> tuple[int, int]:
    """Return the offset from UTC at a moment, and how much of it is daylight saving."""
    moment = datetime.fromtimestamp(min(max(at, _ZONED[0]), _ZONED[1]), UTC).astimezone(zone)
    nothing = timedelta(0)
    return (
        int((moment.utcoffset() or nothing).total_seconds()),
        int((moment.dst() or nothing).total_seconds()),
    )


def _saving(zone: ZoneInfo, now: int) -> tuple[int, int]:
    """Return the start and end of daylight saving: the one that is on, or else the next; zeros if there is none."""
    start = now - _YEAR if _offsets(zone, now)[1] else now
    begin = _change(zone, start, wanted=True)
    while begin and (end := _change(zone, begin, wanted=False)) and end <= now:
        begin = _change(zone, end, wanted=True)
    return (begin, _change(zone, begin, wanted=False)) if begin else (0, 0)


def _change(zone: ZoneInfo, after: int, *, wanted: bool) -> int:
    """Return when daylight saving is first as wanted after a moment at which it is not; 0 if not within a year."""
    day = 24 * _HOUR
    late = next((at for at in range(after, after + _YEAR + day, day) if bool(_offsets(zone, at)[1]) is wanted), None)
    if late is None:
        return 0
    early = late - day
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (early, middle) if bool(_offsets(zone, middle)[1]) is wanted else (middle, late)
    return late
