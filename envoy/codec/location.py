"""The names and places of the elements of a document: path, line and column."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

TAG = re.compile(
    rb"<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|(/)[^>]*+>|([^\s/>!?]++)(?:[^\"'>]++|\"[^\"]*+\"|'[^']*+')*+>)",
    re.DOTALL,
)
"""Markup of a document that has been read without an error, and has no document type declaration.

The first group is there in an end tag, the second one is the name in a start tag.
"""

_BOM = b"\xef\xbb\xbf"
_CONTINUATION = re.compile(rb"[\x80-\xbf]")


@dataclass(frozen=True, slots=True)
class Location:
    """Where an element is.

    Attributes:
        line: Line of its start tag, from 1; 0 if it is not known.
        column: Column of its start tag, from 1; 0 if it is not known.
        path: Names from the root element to it: ``DERControlList/DERControl[3]``.
    """

    line: int
    column: int
    path: str


def name_of(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname


def namespace_of(element: etree._Element) -> str:
    """Return the namespace of an element, empty if it has none."""
    return etree.QName(element).namespace or ""


def suggest_type(element: etree._Element, namespace: str, local: str) -> str:
    """Return how ``xsi:type`` of an element names a type of a namespace, as a sentence."""
    prefix = next((prefix for prefix, declared in element.nsmap.items() if declared == namespace), "")
    right = f"{prefix}:{local}" if prefix else local if prefix is None else f"{local} with a prefix"
    return f"Write {right}: its namespace is {namespace}."


def locate(raw: bytes, root: etree._Element, elements: Iterable[etree._Element]) -> dict[etree._Element, Location]:
    """Return where some elements of a document are.

    Args:
        raw: A document that ``envoy.codec.parser.parse`` has read, so that it has no document type declaration.
        root: Its root element.
        elements: Elements of it.
    """
    wanted = dict.fromkeys(elements)
    starts, places, paths = _find_starts(raw, root, wanted), Places(raw), Paths()
    return {element: Location(*places.find(starts[element]), paths.find(element)) for element in wanted}


class Places:
    """The lines and columns of the octets of one document. A byte order mark is in no column."""

    __slots__ = ("_continuations", "_starts")

    def __init__(self, raw: bytes) -> None:
        # Octets that go on with a character. A line may be all of a document, and is not decoded for each place in it.
        others = () if raw.isascii() else (found.start() for found in _CONTINUATION.finditer(raw))
        self._continuations = array("L", others)
        self._starts = [len(_BOM) if raw.startswith(_BOM) else 0, *(found.end() for found in re.finditer(b"\n", raw))]

    def find(self, offset: int) -> tuple[int, int]:
        """Return the line of an octet, from 1, and its column in characters, from 1."""
        line = max(1, bisect_right(self._starts, offset))
        start = self._starts[line - 1]
        offset = max(start, offset)
        within = bisect_left(self._continuations, offset) - bisect_left(self._continuations, start)
        return line, offset - start - within + 1


class Paths:
    """The paths of the elements of one document. The children of a parent are counted once, however many are asked."""

    __slots__ = ("_above", "_parent", "_steps")

    def __init__(self) -> None:
        self._steps: dict[etree._Element, str] = {}
        self._parent: etree._Element | None = None
        self._above = ""

    def find(self, element: etree._Element, attribute: str = "") -> str:
        """Return the path of an element, or of an attribute of it: DERControlList/DERControl[3]/@href."""
        parent = element.getparent()
        if parent is not self._parent:
            # Those that are asked for one after the other are often siblings, which may be deep inside.
            self._parent, self._above = parent, "" if parent is None else f"{self._walk(parent)}/"
        return f"{self._above}{self._step(element)}" + (f"/@{attribute}" if attribute else "")

    def _walk(self, element: etree._Element) -> str:
        return "/".join(map(self._step, [*reversed([*element.iterancestors()]), element]))

    def _step(self, element: etree._Element) -> str:
        if element not in self._steps:
            self._count(element)
        return self._steps[element]

    def _count(self, element: etree._Element) -> None:
        parent = element.getparent()
        siblings = [element] if parent is None else list(parent.iterchildren("*"))
        total = Counter(sibling.tag for sibling in siblings)
        seen: Counter[Any] = Counter()
        for sibling in siblings:
            seen[sibling.tag] += 1
            name = name_of(sibling)
            self._steps[sibling] = f"{name}[{seen[sibling.tag]}]" if total[sibling.tag] > 1 else name


def _find_starts(raw: bytes, root: etree._Element, wanted: dict[etree._Element, None]) -> dict[etree._Element, int]:
    """Return the octets at which the start tags of some elements start.

    A tree of lxml knows the line alone. So the tags are counted, up to the last of them, and the elements of the tree.
    """
    numbers: dict[int, etree._Element] = {}
    for number, element in enumerate(root.iter(etree.Element)):
        if len(numbers) == len(wanted):
            break
        if element in wanted:
            numbers[number] = element
    found: dict[etree._Element, int] = {}
    count = 0
    for tag in TAG.finditer(raw):
        if len(found) == len(numbers):
            break
        if tag[2]:
            if count in numbers:
                found[numbers[count]] = tag.start()
            count += 1
    return found
