"""Polls: which resources are read when, each at its own rate (IEEE 2030.5-2018, ``pollRate``)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf

from envoy.protocol.flow import Flow
from envoy.protocol.retry import grow_pause

DEFAULT_RATE = 900
"""Seconds between two reads of a resource that does not say (``pollRate``)."""

FASTEST_RATE = 10
"""Seconds between two reads at least, whatever the server asks for."""

SLOWEST_RATE = 86_400
"""Seconds between two reads at most, whatever the server asks for: a rate that is wrong is not to be the last one."""

FIRST_RETRY = 30
"""Seconds after which a resource is read again that could never be read; each time twice as long."""

LONGEST_RETRY = 60
"""Seconds between two such attempts at most."""

_TOO_SOON = 0.05
"""The part of a period within which something does not come twice."""


def choose_rate(asked: int | None) -> int:
    """Return the seconds between two reads of a resource, within reason.

    Args:
        asked: What the server asks for; None if it does not say.
    """
    return min(SLOWEST_RATE, max(FASTEST_RATE, DEFAULT_RATE if asked is None else asked))


@dataclass(slots=True)
class Poll:
    """A resource that is read again and again.

    Attributes:
        name: What it is for.
        href: Where it is.
        depth: How many links lead to it; of several that are due, the nearest is read first.
        read: Reads it, and returns its ``pollRate``; None if it does not say.
        rate: Seconds between two reads; None until it was read.
        due: When it is read next.
        missing: It was not there when it was read last.
        failures: How often it could not be read, as long as it never could.
    """

    name: str
    href: str
    depth: int
    read: Callable[[], Flow[int | None]]
    rate: int | None = None
    due: float = 0.0
    missing: bool = False
    failures: int = 0


def find_slot(now: float, period: float, spread: float) -> float:
    """Return the next time of something periodic that is to come at a time of its own in each period.

    Args:
        now: When it came last.
        period: Seconds between two times.
        spread: Where in each period, as a part of it from 0 to 1; the periods are counted from 1970.
    """
    earliest = now + period * _TOO_SOON
    slot = (int(earliest // period) + spread) * period
    return slot if slot > earliest else slot + period


class Polls:
    """The resources that are read again and again, by what they are for.

    Args:
        spread: Where in each period they are read, as a part of it from 0 to 1, so that many who read at the same rate
            do not all read at the same time; None for a period after the last time.
    """

    def __init__(self, spread: float | None = None) -> None:
        self._polls: dict[str, Poll] = {}
        self._spread = spread

    def add(self, name: str, href: str, depth: int, read: Callable[[], Flow[int | None]]) -> None:
        """Read a resource from now on. One that is read already, and has not moved, keeps its times."""
        known = self._polls.get(name)
        if known is None or known.href != href:
            self._polls[name] = Poll(name, href, depth, read)

    def drop(self, name: str) -> None:
        """Do not read a resource again."""
        self._polls.pop(name, None)

    def hurry(self, names: Collection[str] | None = None) -> None:
        """Read resources as soon as possible.

        Args:
            names: What they are for; None for all.
        """
        for poll in self._polls.values():
            if names is None or poll.name in names:
                poll.due = 0.0

    def hurry_href(self, href: str, due: float) -> bool:
        """Read a resource at a time, if it is not read before; return whether it is among those that are read."""
        found = [poll for poll in self._polls.values() if poll.href == href]
        for poll in found:
            poll.due = min(poll.due, due)
        return bool(found)

    def list_hrefs(self) -> set[str]:
        """Return the hrefs of all resources that are read."""
        return {poll.href for poll in self._polls.values()}

    def next_due(self) -> float:
        """Return when the next resource is due; infinite if there is none."""
        return min((poll.due for poll in self._polls.values()), default=inf)

    def take_due(self, now: float) -> Poll | None:
        """Return the resource to read at a time; None if none is due. If it is hurried meanwhile, it is due again."""
        due = [poll for poll in self._polls.values() if poll.due <= now]
        first = min(due, key=lambda poll: (poll.depth, poll.due), default=None)
        if first is not None:
            first.due = inf
        return first

    def settle(self, poll: Poll, began: float, rate: int | None) -> None:
        """Note that a resource was read.

        Args:
            poll: The resource.
            began: When the read began, from which on the next is counted.
            rate: Its ``pollRate``; None if it does not say.
        """
        poll.rate = choose_rate(rate)
        poll.due = min(poll.due, self._find_next(began, poll.rate))

    def defer(self, poll: Poll, began: float) -> None:
        """Note that a resource could not be read: it is due again as if it had been.

        Args:
            poll: The resource.
            began: When the read began.
        """
        pause = grow_pause(poll.failures, FIRST_RETRY, LONGEST_RETRY)
        poll.failures += 1
        due = began + pause if poll.rate is None else self._find_next(began, poll.rate)
        poll.due = min(poll.due, due)

    def _find_next(self, began: float, rate: int) -> float:
        return began + rate if self._spread is None else find_slot(began, rate, self._spread)
