"""Times and intervals: seconds, not milliseconds, and events that last."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from envoy.validation.rules.elements import INTERVALS, TIMES
from envoy.validation.rules.rule import Objection, rule
from envoy.validation.rules.values import find_child, read_integer

_MILLISECONDS = (946_684_800_000, 4_102_444_800_000)
"""2000 to 2100 in milliseconds. In seconds these are years after 31,000."""

_LONGEST = 10 * 366 * 86_400
"""Seconds of the longest interval that nobody doubts."""

_LASTING = {"duration": {"minInclusive": "1", "maxInclusive": str(_LONGEST)}}
_SECONDS = {name: {"maxExclusive": str(_MILLISECONDS[0])} for name in TIMES}


@rule("milliseconds", section="TimeType", elements=TIMES, facets=_SECONDS)
def milliseconds(element: etree._Element) -> Iterator[Objection]:
    """A time is in seconds since 1970, not in milliseconds."""
    found = read_integer(element)
    if found is not None and _MILLISECONDS[0] <= found < _MILLISECONDS[1]:
        what, seconds = f"{found} looks like milliseconds, times are in seconds", str(found // 1000)
        yield Objection(element, what, f"Write {seconds}.", value=seconds, likely=True)


@rule("interval", section="DateTimeInterval", elements=INTERVALS, facets=_LASTING)
def interval(element: etree._Element) -> Iterator[Objection]:
    """An event or billing period lasts longer than 0 seconds, and nothing lasts more than ten years."""
    duration = find_child(element, "duration")
    seconds = read_integer(duration)
    if duration is None or seconds is None:
        return
    # A reading may be of one moment; its interval is called timePeriod.
    if seconds == 0 and etree.QName(element).localname == "interval":
        yield Objection(duration, "the interval lasts 0 seconds", "Write how long it lasts, in seconds.")
    if seconds > _LONGEST:
        years = seconds // (365 * 86_400)
        remedy = f"Durations are in seconds: if these are milliseconds, write {seconds // 1000}."
        yield Objection(duration, f"the interval lasts {seconds} seconds, {years} years", remedy)
