"""News as lines: a sentence for people, or a JSON object for machines (docs/reference/follow.md lists the keys)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from envoy._text import join_words, printable
from envoy.cli.follow.command_news import Began, CommandNews, Ended, Reloaded, Warned
from envoy.der.follow import news
from envoy.der.follow.news_text import describe_news
from envoy.der.in_force import Setting
from envoy.der.limits import Limit, Limits
from envoy.der.modes import MODES, Value

NAMES: Mapping[type, str] = {
    Began: "began",
    news.Registered: "registered",
    news.Unregistered: "unregistered",
    news.Silenced: "silenced",
    news.ContactLost: "contact-lost",
    news.ContactRegained: "contact-regained",
    news.EventChanged: "control",
    news.Applied: "applied",
    news.Refused: "refused",
    news.DeviceLost: "device-lost",
    news.DeviceRegained: "device-regained",
    news.ResponseOwed: "response-owed",
    news.ResponseSent: "response-sent",
    news.ResponseDropped: "response-dropped",
    news.Reported: "reported",
    news.Subscribed: "subscribed",
    news.Notified: "notified",
    news.Noticed: "notice",
    Warned: "warning",
    Reloaded: "certificates-reloaded",
    Ended: "ended",
}
"""The name of each piece of news that is shown as a line; samples of the device come too often for that."""


def show_time(time: float) -> str:
    """Return a time as RFC 3339 has it, in UTC, with milliseconds; one beyond the calendar as seconds since 1970."""
    try:
        return f"{datetime.fromtimestamp(time, UTC).isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"
    except (OverflowError, ValueError, OSError):
        # A server may say whatever time it likes, such as one in milliseconds.
        return str(int(time))


# For machines


def to_json(item: CommandNews) -> str:
    """Return a piece of news as a JSON object on one line."""
    return json.dumps(to_plain(item), ensure_ascii=True)


def to_plain(item: CommandNews) -> dict[str, Any]:
    """Return a piece of news as JSON has it: ``time``, ``event`` with its name, and what it has to say."""
    parts = {field.name: getattr(item, field.name) for field in dataclasses.fields(item)}
    time, response = parts.pop("time"), parts.pop("response", None)
    plain: dict[str, Any] = {"time": show_time(time), "event": NAMES[type(item)]}
    if response is not None:
        plain |= {
            "mrid": response.mrid,
            "status": int(response.status),
            "created": show_time(response.created),
            "reply_to": response.reply_to,
        }
    for name, value in parts.items():
        plain[name] = show_time(value) if name in _TIMES and value is not None else _plain(value)
    if isinstance(item, news.Applied):
        plain["delay"] = round(item.time - item.due, 3)
    return plain


_TIMES = frozenset({"since", "due"})
"""Attributes that are times, in seconds since 1970."""


def _plain(value: Any) -> Any:
    match value:
        case Setting():
            until = None if value.until is None else show_time(value.until)
            parts = {"mode": value.mode, "value": plain_value(value.mode, value.value), "origin": str(value.origin)}
            parts |= {"mrid": value.mrid, "program": value.program, "ramp_tms": value.ramp_tms, "until": until}
            return {**parts, "reasons": list(value.reasons)}
        case Limits():
            return plain_limits(value)
        case Decimal():
            return _number(value)
        case datetime():
            return show_time(value.timestamp())
        case str() | bool() | int() | float() | None:
            # Also members of enumerations, which are one of these.
            return str(value) if isinstance(value, str) else value
        case Mapping():
            return {str(name): _plain(part) for name, part in value.items()}
        case Iterable():
            return [_plain(part) for part in value]
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def plain_limits(limits: Limits) -> dict[str, Any]:
    """Return what a device has to keep to as JSON has it: powers as numbers, each limit with what sets it."""
    plain: dict[str, Any] = {}
    for field in dataclasses.fields(limits):
        value = getattr(limits, field.name)
        if field.name == "values":
            plain["values"] = {mode: plain_value(mode, each) for mode, each in value.items()}
        elif isinstance(value, Limit):
            plain[field.name] = {"watts": _number(value.watts), "by": value.by, "ramp_tms": value.ramp_tms}
        else:
            plain[field.name] = _plain(value)
    return plain


def plain_value(mode: str, value: Value) -> Any:
    """Return the value of a mode as JSON has it; a power is a number of W or var."""
    return _number(value) if isinstance(value, Decimal) else MODES[mode].dump(value)


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


# For people


def to_line(item: CommandNews) -> str:
    """Return a piece of news as a line, with its time in the time zone of this machine."""
    moment = datetime.fromtimestamp(item.time).astimezone()
    return printable(f"{moment:%Y-%m-%d %H:%M:%S}  {describe(item)}")


def describe(item: CommandNews) -> str:
    """Return a piece of news as a sentence without its time."""
    match item:
        case Began():
            devices = join_words(item.devices, "and")
            return f"following {item.server} ({item.profile}) for {item.site}, LFDI {item.lfdi}, device {devices}"
        case Warned():
            return f"WARNING  {item.text}"
        case Reloaded():
            until = "" if item.expires is None else f", good until {item.expires.astimezone(UTC):%Y-%m-%d}"
            return f"the certificates were read again{until}"
        case Ended():
            left = "its last limits" if item.device == "last" else "the limits of the default"
            owed = f"; responses owed, for the next run: {item.owed}" if item.owed else ""
            return f"ended by {item.reason}: the device keeps to {left}{owed}"
        case _:
            return describe_news(item)
