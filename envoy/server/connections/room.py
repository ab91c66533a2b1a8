"""Room for a further connection: which one of the others ends for it when there are as many as there may be.

What costs nothing to lose ends first. An address that has more connections than that of the newcomer has to give one
up, so that nobody keeps others out by opening many; among connections of one address, those that have only just begun,
or had their response, are left, so that a burst of honest ones does not end itself.
"""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Collection
from enum import IntEnum
from heapq import nsmallest
from typing import Protocol, TypeVar

GRACE = 0.5
"""Seconds in which a connection that is new, or ends, does not give way to another one of its address."""

_TOGETHER = 50
"""One of so many connections ends at a time, besides the first."""

_IPV6_NETWORK = 64
"""Bits of an IPv6 address that one subscriber of a network does not choose freely."""


class Standing(IntEnum):
    """What a connection is worth, the least first."""

    ENDING = 0
    """All is said, and the client has not closed its side."""

    WAITING = 1
    """It has had a request, and waits for the next."""

    BEGINNING = 2
    """There is no whole head of a request yet."""

    BUSY = 3
    """A request is taken or responded to; it never gives way."""


class Occupant(Protocol):
    """A connection, as far as it takes up room.

    Attributes:
        origin: Where it comes from, as ``find_origin`` returns it.
    """

    origin: str

    @property
    def standing(self) -> Standing:
        """What it is worth."""

    @property
    def since(self) -> float:
        """Time of the event loop since which it is there, waits for a request, or ends."""


T = TypeVar("T", bound=Occupant)


def find_origin(address: str) -> str:
    """Return what connections from an address count as: the address, or the network of an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))


def choose_to_end(others: Collection[T], origin: str, now: float) -> list[T]:
    """Return the connections that end for a further one; none if none of them may.

    Of hundreds they are a few: to look at all of them for each of those that somebody opens as fast as he can would be
    what he wants.

    Args:
        others: Those that there are.
        origin: Where the further one comes from.
        now: Time of the event loop.
    """
    standings = {each: standing for each in others if (standing := each.standing) is not Standing.BUSY}
    counts = Counter(each.origin for each in standings)
    most = max(counts.values(), default=0)
    if counts[origin] < most:
        found = [each for each in standings if counts[each.origin] == most]
    else:
        found = [
            each
            for each, standing in standings.items()
            if each.origin == origin and (standing is Standing.WAITING or each.since <= now - GRACE)
        ]
    return nsmallest(1 + len(others) // _TOGETHER, found, key=lambda each: (standings[each], each.since))
