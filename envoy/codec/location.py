"""Where the elements of a document are: the path to each, and the line and column at which it starts."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from lxml import etree

_STEP = re.compile(r"/(?:([^/:\[]+):)?([^/:\[]+)(?:\[([0-9]+)\])?")


class Places:
    """Where the elements of one document are. The children of a parent are counted once, however many are asked for."""

    __slots__ = ("_steps",)

    def __init__(self) -> None:
        self._steps: dict[etree._Element, str] = {}

    def path_of(self, element: etree._Element) -> str:
        """Return where an element is: DERControlList/DERControl[3]/interval."""
        steps = []
        node: etree._Element | None = element
        while node is not None:
            if node not in self._steps:
                self._count(node)
            steps.append(self._steps[node])
            node = node.getparent()
        return "/".join(reversed(steps))

    def _count(self, element: etree._Element) -> None:
        parent = element.getparent()
        siblings = [element] if parent is None else list(parent.iterchildren("*"))
        total = Counter(sibling.tag for sibling in siblings)
        seen: Counter[Any] = Counter()
        for sibling in siblings:
            seen[sibling.tag] += 1
            name = etree.QName(sibling).localname
            self._steps[sibling] = f"{name}[{seen[sibling.tag]}]" if total[sibling.tag] > 1 else name


def element_at(root: etree._Element, path: str | None) -> etree._Element | None:
    """Return the element at libxml2's path: ``/*/*[2]/c:name``, where ``*`` is any element of a default namespace."""
    found: etree._Element | None = None
    for prefix, name, number in _STEP.findall(path or ""):
        among = iter((root,)) if found is None else found.iterchildren(etree.Element)
        if name != "*":
            # Without a prefix it is of no namespace: one of a default namespace would be *.
            named = (name, prefix)
            among = (
                x for x in among if (etree.QName(x).localname, x.prefix or "") == named and (prefix or x.tag == name)
            )
        found = next(itertools.islice(among, int(number or 1) - 1, None), None)
        if found is None:
            return None
    return found


class _FoundAllError(Exception):
    pass


def positions(
    raw: bytes, root: etree._Element, wanted: Iterable[etree._Element]
) -> dict[etree._Element, tuple[int, int]]:
    """Return line and column, both from 1, of the start tags of some elements.

    A tree of lxml knows the line alone. So the document is read once more, up to the last of them, and the elements are
    counted in both readings.

    Args:
        raw: A document that ``envoy.codec.parser.parse`` has read, so that it has no document type declaration.
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
