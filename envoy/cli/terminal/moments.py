"""Durations and moments, as they are written on the command line and shown there."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from envoy.errors import EnvoyError

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(min|[smhd]?)", re.ASCII)
_UNITS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400}
_CLOCK = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?", re.ASCII)


def parse_duration(text: str) -> int:
    """Return the seconds of a duration such as ``90``, ``10m`` or ``1h30m``.

    Raises:
        EnvoyError: It is not a duration.
    """
    found = list(_DURATION.finditer(text))
    if not found or "".join(each[0] for each in found) != text or len(text) > 20:
        raise EnvoyError(
            f"{text!r} is not a duration", remedy="Write 90s, 10m, 2h, 1d or 1h30m; without a unit, seconds."
        )
    return round(sum(float(each[1]) * _UNITS[each[2]] for each in found))


def parse_moment(text: str, now: int) -> int:
    """Return a moment in seconds since 1970.

    Args:
        text: A time of day such as ``14:00``, in the time zone of this machine, of which the next is meant; a duration
            from now such as ``+5m`` or ``-2h``; ``now``; or a date and time such as ``2026-01-31T14:00:00+10:00``.
        now: The time now, in seconds since 1970.

    Raises:
        EnvoyError: It is not a moment.
    """
    if text == "now":
        return now
    if text[:1] in ("+", "-"):
        return now + parse_duration(text[1:]) * (1 if text[0] == "+" else -1)
    try:
        if found := _CLOCK.fullmatch(text):
            hour, minute, second = (int(part or 0) for part in found.groups())
            today = datetime.fromtimestamp(now).astimezone()
            moment = today.replace(hour=hour, minute=minute, second=second, microsecond=0, tzinfo=None)
            if moment.timestamp() < now:
                moment += timedelta(days=1)
        else:
            moment = datetime.fromisoformat(text)
        return int(moment.timestamp())
    except (ValueError, OverflowError, OSError):
        raise EnvoyError(
            f"{text!r} is not a moment", remedy="Write 14:00, +5m, or 2026-01-31T14:00:00+10:00."
        ) from None


def show_moment(time: int, now: int) -> str:
    """Return a moment in the time zone of this machine, with its date unless that is today's."""
    moment, today = (datetime.fromtimestamp(each).astimezone() for each in (time, now))
    return f"{moment:%H:%M:%S}" if moment.date() == today.date() else f"{moment:%Y-%m-%d %H:%M:%S}"


def show_duration(seconds: int) -> str:
    """Return a duration as it is written."""
    text = ""
    for unit in "dhm":
        count, seconds = divmod(seconds, _UNITS[unit])
        text += f"{count}{unit}" if count else ""
    return f"{text}{seconds}s" if seconds or not text else text
