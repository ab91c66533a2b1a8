"""News of a fleet as lines: a JSON object for each, or sentences for people, one for all sites that have the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from envoy._text import printable
from envoy.cli.follow.command_news import Ended
from envoy.cli.follow.fleet.fleet_news import FleetBegan, FleetChanged, FleetNews, SiteFailed, SiteNews
from envoy.cli.follow.lines import NAMES, describe, show_time, to_plain
from envoy.der.follow import news
from envoy.der.follow.news_text import LATE

FLEET_NAMES: Mapping[type, str] = {
    FleetBegan: "began",
    FleetChanged: "fleet-changed",
    SiteFailed: "site-failed",
}
"""The names of the news that only fleets have."""

TOGETHER = 1.0
"""Seconds within which sites that have the same news have one line."""

MOST_ALONE = 3
"""Sites that have the same news and a line each all the same."""

_QUIET = (news.Sampled, news.Reported)
"""What people are not shown of each of thousands of sites."""


def is_shown(item: FleetNews, *, as_json: bool) -> bool:
    """Return whether news is shown as a line."""
    if not isinstance(item, SiteNews):
        return True
    return type(item.item) is SiteFailed or (type(item.item) in NAMES if as_json else type(item.item) not in _QUIET)


# For machines


def to_json(item: FleetNews) -> str:
    """Return a piece of news as a JSON object on one line. That of a site has its key in ``site``."""
    plain = _to_plain(item.item if isinstance(item, SiteNews) else item)
    if isinstance(item, SiteNews) and item.site:
        plain = {"time": plain.pop("time"), "event": plain.pop("event"), "site": item.site, **plain}
    return json.dumps(plain, ensure_ascii=True)


def _to_plain(item: Any) -> dict[str, Any]:
    if type(item) not in FLEET_NAMES:
        return to_plain(item)
    parts = {field.name: getattr(item, field.name) for field in fields(item)}
    return {"time": show_time(parts.pop("time")), "event": FLEET_NAMES[type(item)], **parts}


# For people


def to_lines(items: Sequence[FleetNews]) -> Iterator[str]:
    """Yield news as lines, those of many sites that have the same as one.

    Args:
        items: The news, in its order.
    """
    same: dict[object, list[SiteNews]] = {}
    groups: list[list[SiteNews] | FleetNews] = []
    for item in items:
        if not isinstance(item, SiteNews):
            groups.append(item)
            continue
        what = _find_sameness(item.item)
        if (group := same.get(what)) is None:
            groups.append(group := [])
            same[what] = group
        group.append(item)
    for each in groups:
        yield from _show_group(each) if isinstance(each, list) else [to_line(each)]


def to_line(item: FleetNews) -> str:
    """Return a piece of news as a line, with its time in the time zone of this machine."""
    if isinstance(item, SiteNews):
        return _line(item.item.time, f"{item.site or 'the server'}  {_describe(item.item)}")
    return _line(item.time, _describe(item))


def _show_group(group: Sequence[SiteNews]) -> Iterable[str]:
    if len(group) <= MOST_ALONE:
        return map(to_line, group)
    first = group[0].item
    what = _find_sameness(first)
    if isinstance(first, news.Applied):
        late = max(each.item.time - each.item.due for each in group if isinstance(each.item, news.Applied))
        what = f"{what}{f'  (up to {late:.1f} s late)' if late >= LATE else ''}"
    return [_line(first.time, f"{len(group):,} sites  {what}")]


def _find_sameness(item: news.News | SiteFailed) -> str:
    """Return a sentence that is the same for sites that have the same news, wherever their resources are."""
    match item:
        case news.Registered():
            return f"registered{', made now' if item.created else ''}"
        case news.Unregistered():
            return "the EndDevice is gone; registering it again"
        case news.ContactRegained():
            return "contact again"
        case news.Applied():
            return _describe(replace(item, due=item.time))
        case _:
            return _describe(item)


def _describe(item: Any) -> str:
    match item:
        case FleetBegan():
            who = f"{item.sites:,} sites of {item.fleet}, devices {item.devices}"
            return f"following {item.server} ({item.profile}) for {who}"
        case FleetChanged():
            counts = {"added": item.added, "removed": item.removed, "changed": item.changed}
            parts = [f"{len(keys):,} {what}" for what, keys in counts.items() if keys] or ["the same as before"]
            return f"the fleet has changed: {', '.join(parts)}; {item.sites:,} sites are followed"
        case SiteFailed():
            return f"NOT FOLLOWED  {item.reason}"
        case Ended():
            left = "their last limits" if item.device == "last" else "the limits of their defaults"
            owed = f"; responses owed, for the next run: {item.owed:,}" if item.owed else ""
            return f"ended by {item.reason}: the devices keep to {left}{owed}"
        case _:
            return describe(item)


def _line(time: float, text: str) -> str:
    moment = datetime.fromtimestamp(time).astimezone()
    return printable(f"{moment:%Y-%m-%d %H:%M:%S}  {text}")
