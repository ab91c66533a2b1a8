"""Readings beside their ReadingType: tiers and blocks that it does not have, more intervals than it allows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from lxml import etree

from envoy.validation.rules.rule import Objection, rule
from envoy.validation.rules.values import find_child, read_integer

_COUNTS = (("touTier", "numberOfTouTiers", "tiers"), ("consumptionBlock", "numberOfConsumptionBlocks", "blocks"))


@rule("reading-type", section="Metering function set", elements=("MirrorMeterReading",))
def reading_type(element: etree._Element) -> Iterator[Objection]:
    """A reading has no tier or block, and a set no more readings, than the ReadingType beside them allows."""
    kind = find_child(element, "ReadingType")
    if kind is None:
        return
    counts = [
        (name, limit, what, most)
        for name, limit, what in _COUNTS
        if (most := read_integer(find_child(kind, limit))) is not None
    ]
    groups = list(element.iterchildren("{*}MirrorReadingSet"))
    for reading in chain.from_iterable(parent.iterchildren("{*}Reading") for parent in (element, *groups)):
        for name, limit, what, most in counts:
            node = find_child(reading, name)
            number = read_integer(node)
            if node is not None and number is not None and number > most:
                reason = f"{name} is {number}, the ReadingType has {most} {what}"
                yield Objection(node, reason, f"Correct {name}, or {limit} of the ReadingType.")
    most = read_integer(find_child(kind, "maxNumberOfIntervals"))
    for group in groups:
        count = sum(1 for _ in group.iterchildren("{*}Reading"))
        if most and count > most:
            reason = f"the set has {count} readings, the ReadingType allows {most}"
            yield Objection(group, reason, "Post fewer readings in a set, or raise maxNumberOfIntervals.")
