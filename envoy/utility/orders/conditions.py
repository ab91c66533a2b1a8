"""Orders about the conditions that sites meet: rates, time and outages; and what has come from them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from envoy.errors import EnvoyError
from envoy.identity import format_lfdi
from envoy.utility.clock import ManualClock, find_zone
from envoy.utility.orders.order import Desk, order
from envoy.utility.orders.values import LARGEST, check_number
from envoy.utility.outages import Outage
from envoy.utility.rates import POLLED, POSTED
from sep2 import Time


@order("poll-rates")
def set_poll_rates(desk: Desk, *, rates: dict[str, Any]) -> None:
    """Change the pollRate of resources."""
    _set_rates(desk, "poll_rates", rates, POLLED)
    desk.programs.note_rates(rates)


@order("post-rates")
def set_post_rates(desk: Desk, *, rates: dict[str, Any]) -> None:
    """Change the postRate of resources."""
    _set_rates(desk, "post_rates", rates, POSTED)


def _set_rates(desk: Desk, setting: str, rates: dict[str, Any], known: Collection[str]) -> None:
    for name, seconds in rates.items():
        if name not in known:
            raise EnvoyError(f"{name!r} has no rate", remedy=f"It is one of {', '.join(known)}.")
        check_number(name, seconds, 0, (1 << 32) - 1)
    desk.store.set(setting, {**(desk.store.setting(setting) or {}), **rates})


@order("time")
def set_time(desk: Desk, *, quality: int | None = None, offset: int | None = None, zone: str | None = None) -> None:
    """Change the clock that sites see."""
    check_number("quality", quality, 3, 7)
    check_number("offset", offset, -LARGEST, LARGEST)
    find_zone(zone or "")
    given = {"quality": quality, "offset": offset, "zone": zone}
    changed = {name: value for name, value in given.items() if value is not None}
    desk.store.set("time", {**(desk.store.setting("time") or {}), **changed})
    desk.store.changes.note(Time, "/tm")


@order("outage")
def make_outage(
    desk: Desk, *, seconds: float, status: int = 500, path: str = "*", retry_after: int | None = None
) -> None:
    """Respond to requests with an error for some time."""
    check_number("seconds", seconds, 0, LARGEST, float)
    check_number("status", status, 400, 599)
    check_number("retry_after", retry_after, 0, LARGEST)
    desk.outages.add(Outage(desk.clock() + seconds, status, path, retry_after))


@order("advance")
def advance(desk: Desk, *, seconds: float) -> None:
    """Put the clock forward."""
    if not isinstance(desk.clock, ManualClock):
        raise EnvoyError(
            "the clock of this utility runs by itself",
            remedy="Start it as envoy serve --manual-clock, UtilityServer(clock='manual'), Utility(now=ManualClock()).",
        )
    check_number("seconds", seconds, 0, LARGEST, float)
    desk.clock.advance(seconds)
    desk.store.changes.note(Time, "/tm")


@order("now")
def show_time(desk: Desk) -> dict[str, Any]:
    """Return the time of the utility."""
    return {"now": desk.now()}


@order("responses")
def list_responses(desk: Desk, *, control: int | None = None, site: str | None = None) -> dict[str, Any]:
    """Return the responses to controls, in the order they came."""
    lfdi = None if site is None else desk.site(site)
    rows = desk.store.rows(
        "SELECT status, control, lfdi, created, arrived FROM response "
        "WHERE (? IS NULL OR control = ?) AND (? IS NULL OR lfdi = ?) ORDER BY number",
        *(control, control, lfdi, lfdi),
    )
    names = ("status", "control", "lfdi", "created", "arrived")
    return {"responses": [dict(zip(names, (*row[:2], format_lfdi(row[2]), *row[3:]), strict=True)) for row in rows]}
