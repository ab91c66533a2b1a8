"""News in words, as displays and logs have it: ``log_news`` writes it to the logger ``envoy.der.follow``."""

from __future__ import annotations

import logging

from envoy._text import join_words, printable
from envoy.der.follow import news
from envoy.der.in_force import Setting
from envoy.der.modes import MODES, Value
from envoy.der.responses import DueResponse

LATE = 1.0
"""Seconds from which on a limit that was applied late is shown to be late."""

MOST_HREFS = 5
"""Resources that a line about notifications names."""

_LOG = logging.getLogger("envoy.der.follow")

_LEVELS: dict[type, int] = {
    news.Silenced: logging.ERROR,
    news.ContactLost: logging.WARNING,
    news.Refused: logging.WARNING,
    news.DeviceLost: logging.WARNING,
    news.ResponseDropped: logging.WARNING,
    news.Noticed: logging.WARNING,
    news.Sampled: logging.DEBUG,
}
"""The levels of what is not information."""


def log_news(item: news.News, key: str = "") -> None:
    """Write a piece of news to the log.

    Args:
        item: The news.
        key: The name of the site in its fleet; empty for a site that is followed alone.
    """
    level = _LEVELS.get(type(item), logging.INFO)
    if _LOG.isEnabledFor(level):
        _LOG.log(level, "%s", printable(f"{key}  {describe_news(item)}" if key else describe_news(item)))


def describe_news(item: news.News) -> str:
    """Return a piece of news as a sentence without its time; what others have put into it is as it came."""
    match item:
        case news.Registered():
            return f"registered  {item.href}{', made now' if item.created else ''}"
        case news.Unregistered():
            return f"the EndDevice {item.href} is gone; registering it again"
        case news.Silenced():
            return f"SILENT  {item.reason}; nothing is sent until this is started again"
        case news.ContactLost():
            return f"no contact  {item.reason}"
        case news.ContactRegained():
            since = "" if item.since is None else f" after {item.time - item.since:.0f} s"
            return f"contact again{since}"
        case news.EventChanged():
            return f"control {item.mrid}  {item.state}"
        case news.Applied():
            held = ", ".join(map(describe_setting, item.settings)) or "nothing is controlled"
            late = item.time - item.due
            return f"applied  {held}{f'  ({late:.1f} s late)' if late >= LATE else ''}"
        case news.Refused():
            return f"the device refuses {join_words(item.modes, 'and')}: {item.reason}"
        case news.DeviceLost():
            return f"no device  {item.reason}"
        case news.DeviceRegained():
            return "the device is there again"
        case news.ResponseOwed():
            return f"response {describe_response(item.response)}  owed"
        case news.ResponseSent():
            twice = ", perhaps for the second time" if item.repeated else ""
            return f"response {describe_response(item.response)}  sent{twice}"
        case news.ResponseDropped():
            return f"response {describe_response(item.response)}  dropped: {item.reason}"
        case news.Reported():
            return f"reported  {item.resource} {item.href}{f'  {item.detail}' if item.detail else ''}"
        case news.Subscribed():
            return f"subscribed to {item.count} of {item.wanted} resources"
        case news.Notified():
            others = len(item.hrefs) - MOST_HREFS
            shown = [*item.hrefs[:MOST_HREFS], *([f"{others} more"] if others > 0 else [])]
            return f"notified of {join_words(shown, 'and')}"
        case news.Noticed():
            return f"notice  {item.text}"
        case news.Sampled():
            return f"the device is {'there' if not item.status.failed else 'not as it should be'}"


def describe_setting(setting: Setting) -> str:
    """Return a mode with its value, and where that comes from."""
    source = f"control {setting.mrid}" if setting.mrid else str(setting.origin)
    return f"{describe_value(setting.mode, setting.value)} ({source})"


def describe_value(name: str, value: Value) -> str:
    """Return a mode with its value."""
    mode = MODES[name]
    # The standard counts in hundredths of a percent, people do not.
    shown = f"{value / 100:g} %" if mode.type is int and isinstance(value, int) else mode.format(value)
    return f"{name} {shown}"


def describe_response(response: DueResponse) -> str:
    """Return the status of a response, and the mRID of its event."""
    name = response.status.name.lower().replace("_", " ")
    return f"{int(response.status)} ({name}) to {response.mrid}"
