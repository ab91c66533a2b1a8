"""The timeline of a site: what each mode is set to and when, as its programs have it now.

Of the controls that overlap, the one of lowest primacy wins, then the newest; where there is none, the default of the
first program that has the mode. Times are those of the controls, without randomization. What a device makes of it is
its own affair: ``envoy.der.schedule`` is what ours does.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from envoy.der.modes import MODES
from sep2 import EventCurrentStatus

_IN_FORCE = (EventCurrentStatus.SCHEDULED, EventCurrentStatus.ACTIVE)


@dataclass(frozen=True, slots=True)
class Segment:
    """What a mode is set to for some time.

    Attributes:
        start: When it begins, in seconds since 1970; None for a default that nothing precedes.
        stop: When it ends; None for a default that nothing follows.
        value: The value, as the order ``programs`` has it.
        program: Number of the program.
        control: Number of the control; None for a default.
    """

    start: int | None
    stop: int | None
    value: Any
    program: int
    control: int | None = None


def make_timeline(programs: Sequence[Mapping[str, Any]]) -> dict[str, list[Segment]]:
    """Return the segments of each mode that is set at some time, in order, by the name of its field.

    Args:
        programs: The programs of a site in the order of their list, as the order ``programs`` describes them.
    """
    timeline = {}
    for mode in (each.field for each in MODES.values()):
        segments = list(_settle(list(_offers(programs, mode))))
        default = next((each for each in programs if mode in each["default"]), None)
        if default is not None:
            segments = list(_fill(segments, Segment(None, None, default["default"][mode], default["program"])))
        if segments:
            timeline[mode] = segments
    return timeline


_Offer = tuple[tuple[int, int, int], int, Segment]
"""A rank, of which the lowest wins; the end; and the segment."""


def _offers(programs: Sequence[Mapping[str, Any]], mode: str) -> Iterator[_Offer]:
    """Yield what the controls set a mode to."""
    for program in programs:
        for control in program["controls"]:
            if mode in control["modes"] and control["status"] in _IN_FORCE:
                start, stop = control["start"], control["start"] + control["duration"]
                rank = (program["primacy"], -control["creation_time"], -int(control["mrid"], 16))
                yield rank, stop, Segment(start, stop, control["modes"][mode], program["program"], control["control"])


def _settle(offers: list[_Offer]) -> Iterator[Segment]:
    """Yield what wins, from one moment at which something begins or ends to the next."""
    waiting = sorted(offers, key=lambda offer: (offer[2].start, offer[0]), reverse=True)
    moments = sorted({moment for _, stop, segment in offers for moment in (segment.start or 0, stop)})
    running: list[_Offer] = []
    last: Segment | None = None
    for moment, following in pairwise(moments):
        while waiting and (waiting[-1][2].start or 0) <= moment:
            heapq.heappush(running, waiting.pop())
        while running and running[0][1] <= moment:
            heapq.heappop(running)
        winner = running[0][2] if running else None
        if last is not None and winner is not None and last.control == winner.control:
            last = replace(last, stop=following)
            continue
        if last is not None:
            yield last
        last = None if winner is None else replace(winner, start=moment, stop=following)
    if last is not None:
        yield last


def _fill(segments: list[Segment], default: Segment) -> Iterator[Segment]:
    """Yield the segments, with a default wherever there is none."""
    end: int | None = None
    for segment in segments:
        if segment.start != end:
            yield replace(default, start=end, stop=segment.start)
        yield segment
        end = segment.stop
    yield replace(default, start=end)
