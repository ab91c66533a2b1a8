"""Effective starts and ends of events: what was drawn for them, and events that follow each other.

An event starts at its specified start and a random shift, and lasts its specified duration and a random change (IEEE
2030.5-2018, 10.2.3.4). An event whose specified start is the specified end of another starts when that one ends. One
that is later waits at least until then: randomization makes no conflict. Only an event that is not of lower priority
delays another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from enum import StrEnum
from random import SystemRandom

from envoy.der.record import LIVE, Record, State


class Chance(StrEnum):
    """What is drawn for an event."""

    START = "start"
    """The shift of its start."""
    DURATION = "duration"
    """The change of its duration."""
    STOP = "stop"
    """The delay of its end after it was cancelled with randomization."""


Draw = Callable[[str, Chance, int], int]
"""Returns a random number for an mRID, from 0 to a bound, each equally likely."""

_random = SystemRandom()


def draw_evenly(mrid: str, chance: Chance, bound: int) -> int:
    """Return a random number from 0 to a bound, each equally likely."""
    return _random.randint(0, bound)


class Draws:
    """The numbers drawn for events: once for each mRID, whatever happens to it.

    Args:
        draw: Draws a number.
        drawn: The numbers that were drawn before, by mRID.

    Attributes:
        draw: Draws a number.
        drawn: The numbers that were drawn, by mRID.
    """

    def __init__(self, draw: Draw, drawn: dict[str, dict[str, int]] | None = None) -> None:
        self.draw = draw
        self.drawn = {mrid: dict(numbers) for mrid, numbers in (drawn or {}).items()}

    def get_offset(self, mrid: str, chance: Chance, bound: int) -> int:
        """Return the offset of an event: from 0 to a bound, which may be negative."""
        if not bound:
            return 0
        numbers = self.drawn.setdefault(mrid, {})
        if chance not in numbers:
            numbers[chance] = self.draw(mrid, chance, abs(bound))
        # A server that changes the bound of an event does not get another draw.
        offset = min(numbers[chance], abs(bound))
        return offset if bound > 0 else -offset

    def get_length(self, record: Record) -> int:
        """Return how many seconds an event lasts."""
        event = record.event
        return max(0, event.duration + self.get_offset(event.mrid, Chance.DURATION, event.randomize_duration))

    def get_shift(self, record: Record) -> int:
        """Return the seconds from the specified start of an event to the one that was drawn."""
        return self.get_offset(record.event.mrid, Chance.START, record.event.randomize_start)

    def forget(self, mrid: str) -> None:
        """Forget what was drawn for an mRID."""
        self.drawn.pop(mrid, None)


_BINDING = frozenset({State.SCHEDULED, State.ACTIVE, State.COMPLETED})
"""States in which an event decides when the next one starts."""

Interval = tuple[int, int]
"""An effective start, and the first second after the effective end."""


def find_intervals(records: Collection[Record], draws: Draws) -> dict[tuple[str, str], Interval]:
    """Return the effective interval of each event that is scheduled or runs, by its key, in the schedule's clock."""
    binding = [record for record in records if record.state in _BINDING]
    binding.sort(key=lambda record: record.specified_start)
    by_end = iter(sorted(binding, key=lambda record: record.specified_end))
    ending = next(by_end, None)
    before = _Predecessors()
    intervals: dict[tuple[str, str], Interval] = {}
    for record in binding:
        while ending is not None and ending.specified_end <= record.specified_start:
            before.add(ending, intervals[ending.key][1])
            ending = next(by_end, None)
        if record.shift is None:
            start = before.find_start(record, record.specified_start + draws.get_shift(record))
        else:
            start = record.specified_start + record.shift
        intervals[record.key] = start, start + draws.get_length(record)
        if record.ended is not None:
            intervals[record.key] = start, record.ended
    for record in records:
        if record.stop is not None and record.shift is not None:
            start = record.specified_start + record.shift
            intervals[record.key] = start, min(record.stop, start + draws.get_length(record))
    return {record.key: intervals[record.key] for record in records if record.state in LIVE}


class _Predecessors:
    """The ends of earlier events, by mode and primacy."""

    def __init__(self) -> None:
        self._latest: dict[str, dict[int, int]] = defaultdict(dict)
        self._following: dict[tuple[str, int], tuple[int, int]] = {}

    def add(self, record: Record, end: int) -> None:
        """Add an event; they come in the order of their specified ends."""
        primacy = record.program.primacy
        for mode in record.modes:
            latest = self._latest[mode]
            latest[primacy] = max(end, latest.get(primacy, end))
            specified, known = self._following.get((mode, primacy), (record.specified_end, end))
            self._following[mode, primacy] = (
                record.specified_end,
                max(end, known) if specified == record.specified_end else end,
            )

    def find_start(self, record: Record, drawn: int) -> int:
        """Return when an event starts that would start at a random time, were it not for earlier ones."""
        primacies = [
            (mode, primacy)
            for mode in record.modes
            for primacy in self._latest.get(mode, ())
            if primacy <= record.program.primacy
        ]
        ends = [self._following[place] for place in primacies]
        successive = [end for specified, end in ends if specified == record.specified_start]
        start = max(successive) if successive else drawn
        return max([start, *(self._latest[mode][primacy] for mode, primacy in primacies)])
