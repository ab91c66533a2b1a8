"""Room for a further connection: who gives way."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from envoy.server.connections.room import GRACE, Standing, choose_to_end, find_origin

NOW = 100.0
NEW = NOW - GRACE / 2


@dataclass(eq=False)
class Occupant:
    origin: str
    standing: Standing = Standing.BEGINNING
    since: float = NEW


def test_an_address_with_more_connections_gives_up_its_oldest() -> None:
    flood = [Occupant("192.0.2.1", since=NOW - number / 1000) for number in range(5)]
    others = [*flood, Occupant("192.0.2.2", since=0.0), Occupant("192.0.2.2", Standing.WAITING, 0.0)]
    for origin in ("192.0.2.2", "192.0.2.3"):
        assert choose_to_end(others, origin, NOW) == flood[-1:]


def test_a_burst_of_one_address_does_not_end_itself() -> None:
    others = [Occupant("192.0.2.1", standing) for standing in Standing if standing is not Standing.WAITING]
    assert choose_to_end(others, "192.0.2.1", NOW) == []
    others.append(Occupant("192.0.2.1", since=NOW - 2 * GRACE))
    assert choose_to_end(others, "192.0.2.1", NOW) == others[-1:]


def test_what_costs_least_ends_first_and_a_request_never() -> None:
    others = [Occupant("192.0.2.1", standing, since=standing.value) for standing in Standing]
    ended = []
    while found := choose_to_end(others, "192.0.2.9", NOW):
        others.remove(found[0])
        ended += [each.standing for each in found]
    assert ended == [Standing.ENDING, Standing.WAITING, Standing.BEGINNING]


def test_of_hundreds_a_few_end_at_a_time() -> None:
    others = [Occupant("192.0.2.1", since=float(number)) for number in range(200)]
    assert choose_to_end(others, "192.0.2.2", NOW) == others[:5]


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("?", "?"),
    ],
)
def test_where_a_connection_comes_from(address: str, origin: str) -> None:
    assert find_origin(address) == origin
