"""On which line and in which column of a document its elements start. A tree of lxml knows the line alone."""

from __future__ import annotations

from collections.abc import Iterable
from xml.parsers import expat

from lxml import etree


class _FoundAllError(Exception):
    pass


def positions(
    raw: bytes, root: etree._Element, wanted: Iterable[etree._Element]
) -> dict[etree._Element, tuple[int, int]]:
    """Return line and column, both from 1, of the start tags of some elements.

    The document is read once more, up to the last of them, and the elements are counted in both readings.

    Args:
        raw: A document that ``envoy.parsing.parse`` has read, so that it has no document type declaration.
        root: Its root element.
        wanted: Elements of it.
    """
    looked_for = set(wanted)
    numbers = {
        number: element for number, element in enumerate(root.iter(etree.Element)) if element in looked_for
    }  # fmt: skip
    found: dict[etree._Element, tuple[int, int]] = {}
    count = 0

    def start(_name: str, _attributes: object) -> None:
        nonlocal count
        if count in numbers:
            found[numbers[count]] = (reader.CurrentLineNumber, reader.CurrentColumnNumber + 1)
            if len(found) == len(numbers):
                raise _FoundAllError
        count += 1

    reader = expat.ParserCreate("utf-8")
    reader.ordered_attributes = True
    reader.StartElementHandler = start
    try:
        if numbers:
            reader.Parse(raw, True)
    except (_FoundAllError, expat.ExpatError):
        # What libxml2 reads and expat does not is told without columns.
        pass
    return found
