"""Orders about tariffs and prices."""

from __future__ import annotations

from typing import Any

from envoy.errors import EnvoyError
from envoy.identity import format_lfdi
from envoy.utility.orders.order import Desk, order
from envoy.utility.orders.values import LARGEST, build, check_number
from envoy.utility.tariffs import Tariffs
from sep2 import ReadingType


@order("tariff")
def make_tariff(desk: Desk, *, name: str, primacy: int = 1, fsa: int = 1, multiplier: int = 0) -> dict[str, Any]:
    """Make a tariff."""
    check_number("primacy", primacy, 0, 255)
    check_number("fsa", fsa, 1, 1_000_000)
    check_number("multiplier", multiplier, -9, 9)
    return {"tariff": _tariffs(desk).add_tariff(name, primacy, fsa, multiplier)}


@order("rate")
def make_rate(desk: Desk, *, tariff: int, role_flags: int = 0, values: dict[str, Any]) -> dict[str, Any]:
    """Make a rate component of a tariff."""
    check_number("role_flags", role_flags, 0, 0xFFFF)
    reading_type = build(ReadingType, values)
    desk.check(reading_type)
    return {"rate": _tariffs(desk).add_rate(tariff, role_flags, reading_type)}


@order("remove-rate")
def remove_rate(desk: Desk, *, rate: int) -> None:
    """Remove a rate component."""
    _tariffs(desk).remove_rate(rate)


@order("price")
def make_price(desk: Desk, *, rate: int, start: int | None = None, duration: int, blocks: list[Any]) -> dict[str, Any]:
    """Make a price of a rate component."""
    check_number("duration", duration, 0, LARGEST)
    pairs = [tuple(block) for block in blocks if isinstance(block, list | tuple)]
    if not pairs or len(pairs) != len(blocks) or any(len(pair) != 2 for pair in pairs):
        raise EnvoyError("blocks are pairs of a price and a start value", remedy="Give [[price, 0], ...].")
    for price, at in pairs:
        check_number("price", price, -(1 << 31), (1 << 31) - 1)
        check_number("start value", at, 0, (1 << 48) - 1)
    now = desk.now()
    return {"price": _tariffs(desk).add_price(rate, now if start is None else start, duration, pairs, now)}


@order("cancel-price")
def cancel_price(desk: Desk, *, price: int) -> None:
    """Cancel a price."""
    _tariffs(desk).cancel_price(price, desk.now())


@order("price-responses")
def list_price_responses(desk: Desk) -> dict[str, Any]:
    """Return the responses to prices, in the order they came."""
    rows = desk.store.rows("SELECT status, price, lfdi, created, arrived FROM price_response ORDER BY number")
    names = ("status", "price", "lfdi", "created", "arrived")
    return {"responses": [dict(zip(names, (*row[:2], format_lfdi(row[2]), *row[3:]), strict=True)) for row in rows]}


def _tariffs(desk: Desk) -> Tariffs:
    return Tariffs(desk.store, desk.programs.new_mrid)
