"""The fixes of errors: the edits of a document that put right what is certainly, or likely, meant otherwise."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from lxml import etree

from envoy.codec.location import name_of, namespace_of
from envoy.namespaces import XSI_NAMESPACE, XSI_TYPE
from envoy.profiles import Profile
from envoy.validation.findings import Diagnosis, Edit, Fix
from envoy.validation.source import Assignment, Source
from envoy.validation.walk import Violation, find_multiplier
from envoy.xsd.components import components_of
from envoy.xsd.schemas import schema_path

if TYPE_CHECKING:
    from envoy.validation.content_errors import Content

_ORDER = ("out-of-order", "extension-first")
_NAMESPACE = ("no-namespace", "wrong-namespace", "other-profile")
_DELETED = ("unknown-attribute", "repeated")
_NOTE = re.compile(rb"<[!?]")
_ENTITIES = {'"': "&quot;", "'": "&apos;"}


def find_fixes(
    raw: bytes,
    root: etree._Element,
    profile: Profile,
    violations: Sequence[Violation],
    covered: Iterable[tuple[etree._Element, str]] = (),
    foreign: Collection[str] = (),
) -> list[Fix | None]:
    """Return the fix of each error of a document, None if it has none.

    Args:
        raw: The document.
        root: Its root element.
        profile: The profile of the schema.
        violations: The errors, and what breaks the rules.
        covered: Elements in a wrong namespace that has been reported above or beside them, and their right names.
        foreign: Namespaces of what stands where the schema allows anything.
    """
    fixable = [violation for violation in violations if _may_be_fixed(violation)]
    if not fixable:
        return [None] * len(violations)
    wanted = {root}
    # An element with very many children may have an error in each.
    for content in {violation.content for violation in fixable if violation.content is not None}:
        wanted.update((content.element, *content.children))
    for violation in fixable:
        wanted.add(violation.element)
        multiplied = violation.content is None and violation.diagnosis.multiplier
        if multiplied and (parent := violation.element.getparent()) is not None:
            wanted.update(parent)
    namespaces: dict[str, list[tuple[etree._Element, str]]] = {}
    if any(violation.diagnosis.code in _NAMESPACE for violation in fixable):
        for element, name in covered:
            namespaces.setdefault(namespace_of(element), []).append((element, etree.QName(name).namespace or ""))
            wanted.add(element)
    finder = _FixFinder(Source(raw, root, wanted), root, profile, namespaces, foreign)
    return [finder.find(violation) if _may_be_fixed(violation) else None for violation in violations]


def _may_be_fixed(violation: Violation) -> bool:
    found = violation.diagnosis
    return bool(found.meant) or found.value is not None or found.omitted or found.code in (*_ORDER, *_DELETED)


class _FixFinder:
    """What finds the fixes of one document."""

    def __init__(
        self,
        source: Source,
        root: etree._Element,
        profile: Profile,
        covered: dict[str, list[tuple[etree._Element, str]]],
        foreign: Collection[str],
    ) -> None:
        self._source = source
        self._covered = covered
        self._root = root
        roots = components_of(schema_path(profile)).roots
        self._namespaces = {tag[1:].partition("}")[0] for tag in roots if tag.startswith("{")}
        self._foreign = foreign
        self._kept: dict[Content, set[tuple[str, bytes]]] = {}
        self._named: set[tuple[etree._Element, str]] = set()

    def find(self, violation: Violation) -> Fix | None:
        found, edits = violation.diagnosis, self._edits(violation)
        raw = self._source.raw
        changes = [edit for edit in edits or () if raw[edit.start : edit.end] != edit.content.encode()]
        if not changes:
            return None
        likely = found.likely or found.omitted or (found.code == "unknown-attribute" and not found.meant)
        if found.code in _ORDER and violation.content is not None:
            # A name that is not certain has no certain place.
            names = violation.content.names.items()
            likely = any(name.rpartition("}")[2] != name_of(child) for child, name in names)
        return Fix("unsafe" if likely else "safe", tuple(changes))

    def _edits(self, violation: Violation) -> list[Edit] | None:
        found, element = violation.diagnosis, violation.element
        if found.omitted and not violation.attribute:
            start, end = self._source.line_of(element)
            # What somebody has noted in it, in a comment, is not left out.
            noted = _NOTE.search(self._source.raw, start, end)
            return None if noted else [self._source.edit(start, end, "")]
        if found.code in _ORDER:
            return None if violation.content is None else self._order(violation.content)
        if found.code == "repeated":
            return None if violation.content is None else self._leave_out(element, violation.content)
        if found.code == "misplaced-element" and violation.content is not None:
            if found.meant:
                typed = self._type(element, etree.QName(found.value or ""), XSI_TYPE)
                return typed and self._rename(element, etree.QName(found.meant).localname) + typed
            line = self._source.line_of(element)
            return self._into_tag(violation.content.element, name_of(element), element, found.value or "", line)
        if found.code == "text-between-elements":
            return (
                self._into_elements(element, found) if found.multiplier else self._into_href(element, found.value or "")
            )
        if found.code in _NAMESPACE and not violation.attribute:
            return self._namespace(element, etree.QName(found.meant).namespace or "")
        if found.code == "wrong-type":
            return self._type(element, etree.QName(found.meant), violation.attribute)
        if violation.attribute:
            return self._attribute(element, violation.attribute, found)
        if found.value is not None:
            return self._value(element, found.value, found.multiplier)
        return self._rename(element, etree.QName(found.meant).localname)

    def _order(self, content: Content) -> list[Edit] | None:
        """Return the moves that put children in order: as few as there can be."""
        children = content.children
        chunks = self._source.chunks(content.element, children)
        if chunks is None:
            return None
        numbers = {child: number for number, child in enumerate(children)}
        right = [numbers[item] for item in content.repaired() if isinstance(item, etree._Element)]
        staying = _longest_rising(right)
        edits, position = [], chunks[0][0]
        for number in right:
            start, end = chunks[number]
            if number in staying:
                position = end
                continue
            text = self._source.raw[start:end].decode()
            edits += [self._source.edit(position, position, text, (start, end)), self._source.edit(start, end, "")]
        return edits

    def _leave_out(self, element: etree._Element, content: Content) -> list[Edit] | None:
        """Return the edit that leaves out an element that stands beside the same one."""
        if content not in self._kept:
            items = (item for item in content.repaired() if isinstance(item, etree._Element))
            self._kept[content] = {(content.names[item], _canonical(item)) for item in items}
        if (content.names.get(element, ""), _canonical(element)) in self._kept[content]:
            return [self._source.edit(*self._source.line_of(element), "")]
        return None

    def _into_tag(
        self, owner: etree._Element, name: str, written: etree._Element, value: str, place: tuple[int, int]
    ) -> list[Edit] | None:
        """Return the edits that make an attribute of the text of an element, which is left out of its place."""
        if (owner, name) in self._named or self._source.text(written) is None:
            return None
        self._named.add((owner, name))
        end = self._source.names(owner)[0].end
        return [self._source.edit(end, end, f' {name}="{escape(value, _ENTITIES)}"'), self._source.edit(*place, "")]

    def _into_href(self, element: etree._Element, value: str) -> list[Edit] | None:
        span = self._source.span(element)
        return self._into_tag(element, "href", element, value, (span.content, span.end_tag))

    def _into_elements(self, element: etree._Element, found: Diagnosis) -> list[Edit] | None:
        """Return the edit that writes a value and a multiplier as elements."""
        place, prefix = self._source.text(element), self._source.names(element)[0].prefix
        if place is None or namespace_of(element) not in self._namespaces:
            return None
        colon = f"{prefix}:" if prefix else ""
        texts = {"multiplier": found.multiplier, "value": escape(found.value or "")}
        return [self._source.edit(*place, "".join(f"<{colon}{x}>{text}</{colon}{x}>" for x, text in texts.items()))]

    def _namespace(self, element: etree._Element, right: str) -> list[Edit] | None:
        namespace = namespace_of(element)
        if namespace and (namespace in self._namespaces or namespace in self._foreign):
            # Others are in it rightly.
            if not (edits := self._prefix(element, right)):
                return None
            for other, namespace_there in self._covered.pop(namespace, ()):
                edits += self._prefix(other, namespace_there)
            return edits
        edits = []
        for start in self._source.declaring:
            for declared in self._source.assignments(start):
                # A prefix stands for a namespace, and never for none.
                is_one = declared.name.text == "xmlns" or (declared.name.prefix == "xmlns" and right)
                if is_one and self._source.raw[declared.value : declared.end - 1].decode() == namespace:
                    edits.append(self._source.edit(declared.value, declared.end - 1, right))
        if edits or namespace:
            return edits
        end = self._source.names(self._root)[0].end
        return [self._source.edit(end, end, f' xmlns="{right}"')]

    def _prefix(self, element: etree._Element, right: str) -> list[Edit]:
        """Return the edits that give an element the prefix of a namespace; none if it has no prefix."""
        prefixes = [prefix for prefix, declared in element.nsmap.items() if declared == right]
        written = f"{prefixes[0]}:" if prefixes and prefixes[0] else ""
        return [self._source.edit(name.start, name.local, written) for name in self._source.names(element) if prefixes]

    def _type(self, element: etree._Element, meant: etree.QName, attribute: str) -> list[Edit] | None:
        """Return the edit of ``xsi:type``, or of the attribute that stands instead; it is added if there is none."""
        prefixes = [prefix for prefix, declared in element.nsmap.items() if declared == meant.namespace]
        if not prefixes:
            return None
        text = f"{prefixes[0]}:{meant.localname}" if prefixes[0] else meant.localname
        xsi = next((prefix for prefix, declared in element.nsmap.items() if declared == XSI_NAMESPACE and prefix), "")
        written = f'{xsi}:type="{text}"' if xsi else f'xmlns:xsi="{XSI_NAMESPACE}" xsi:type="{text}"'
        for place in self._find_attribute(element, attribute):
            return [
                self._write(place, text)
                if attribute == XSI_TYPE
                else self._source.edit(place.name.start, place.end, written)
            ]
        end = self._source.names(element)[0].end
        return [self._source.edit(end, end, f" {written}")]

    def _attribute(self, element: etree._Element, tag: str, found: Diagnosis) -> list[Edit] | None:
        name = found.meant or tag
        if (element, name) in self._named:
            return None  # another attribute becomes this one
        self._named.add((element, name))
        if found.value is not None and element.get(tag) is None:
            end = self._source.names(element)[0].end
            return [self._source.edit(end, end, f' {tag}="{found.value}"')]
        attributes = self._find_attribute(element, tag)
        if found.meant:
            return [self._source.edit(place.name.start, place.name.end, found.meant) for place in attributes]
        if found.omitted or found.code == "unknown-attribute":
            foreign = f"{{{XSI_NAMESPACE}}}"
            return [
                self._source.edit(place.start, place.end, "") for place in attributes if not tag.startswith(foreign)
            ]
        return None if found.value is None else [self._write(place, found.value) for place in attributes]

    def _find_attribute(self, element: etree._Element, tag: str) -> Iterator[Assignment]:
        name = etree.QName(tag)
        for found in self._source.assignments(self._source.span(element).start):
            namespace = element.nsmap.get(found.name.prefix) if found.name.prefix else None
            if found.name.text == name.localname and namespace == name.namespace:
                yield found

    def _write(self, place: Assignment, value: str) -> Edit:
        return self._source.edit(place.value, place.end - 1, escape(value, _ENTITIES))

    def _value(self, element: etree._Element, value: str, multiplier: str) -> list[Edit] | None:
        written = [(element, value)]
        if multiplier:
            parent, beside = element.getparent(), find_multiplier(element)
            if beside is None or parent is None or len(parent) > 2:
                return None  # it scales something else too
            written.append((beside, multiplier))
        edits = []
        for node, text in written:
            if (place := self._source.text(node)) is None:
                return None
            edits.append(self._source.edit(*place, escape(text)))
        return edits

    def _rename(self, element: etree._Element, local: str) -> list[Edit]:
        return [self._source.edit(name.local, name.end, local) for name in self._source.names(element)]


def _canonical(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=True)


def _longest_rising(numbers: list[int]) -> set[int]:
    """Return a longest part of different numbers that rises."""
    tails: list[int] = []
    before: dict[int, int | None] = {}
    for number in numbers:
        place = bisect_left(tails, number)
        before[number] = tails[place - 1] if place else None
        tails[place : place + 1] = [number]
    found, last = set(), tails[-1] if tails else None
    while last is not None:
        found.add(last)
        last = before[last]
    return found
