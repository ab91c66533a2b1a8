"""Faults behind faults: libxml2 judges no more of an element after the first child that it does not expect.

In a copy of the document that child is put right, as its finding advises: renamed, moved, taken out, or given what has
to stand before it. The verdict on the copy tells the next faults, and so on, until nothing is left to put right.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

from lxml import etree

from envoy.codec.location import element_at
from envoy.profiles import Profile
from envoy.validation.content_errors import skipped_before
from envoy.validation.diagnosis import diagnose
from envoy.validation.findings import Diagnosis
from envoy.validation.text import name_of, namespace_of
from envoy.xsd.components import Child, Outline, outline_of
from envoy.xsd.schemas import schema_path

_ROUNDS = 20
"""Verdicts on a copy: each tells one more fault of every element that has further ones."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a schema objects to.

    Attributes:
        element: The element of the document, None if it is not known.
        kind: Name of libxml2's error, such as ``SCHEMAV_ELEMENT_CONTENT``.
        message: Its message.
        line: The line that it tells.
        diagnosis: What is wrong.
    """

    element: etree._Element | None
    kind: str
    message: str
    line: int
    diagnosis: Diagnosis

    @property
    def hides(self) -> bool:
        """Whether there may be faults behind it: it is a child that is not expected, with others after it."""
        return self.kind == "SCHEMAV_ELEMENT_CONTENT" and "Missing child" not in self.message


def faults_told(root: etree._Element, schema: etree.XMLSchema, profile: Profile, most: int) -> list[Fault]:
    """Return what a schema objected to when it has just judged a document, up to ``most``."""
    return [_fault(entry, profile) for entry in _entries(root, schema, most)]


_Entry = tuple[etree._Element | None, str, str, int]
"""What libxml2 says of an element: the element, the name of its error, its message and the line."""


def _entries(root: etree._Element, schema: etree.XMLSchema, most: int) -> list[_Entry]:
    # All of them at once: a diagnosis may ask the schema again, which forgets the log of this verdict.
    entries = [(entry.path, entry.type_name, entry.message, entry.line) for entry in schema.error_log][:most]
    return [(element_at(root, path), kind, message, line) for path, kind, message, line in entries]


def _fault(entry: _Entry, profile: Profile) -> Fault:
    element, kind, message, line = entry
    return Fault(element, kind, message, line, diagnose(kind, message, element, profile))


def faults_behind(
    root: etree._Element, told: list[Fault], schema: etree.XMLSchema, profile: Profile, most: int
) -> tuple[list[Fault], bool]:
    """Return the faults that are hidden behind those that a schema has told, and whether these are all.

    Args:
        root: Root element of the document, which stays as it is.
        told: What the schema has told of it.
        schema: The schema.
        profile: Whose schema it is.
        most: How many are returned, at most.
    """
    if not any(fault.hides for fault in told):
        return [], True
    if not most:
        return [], False
    mended = copy.deepcopy(root)
    originals = dict(zip(mended.iter(etree.Element), root.iter(etree.Element), strict=True))
    copies = {original: element for element, original in originals.items()}
    outline = outline_of(schema_path(profile))
    seen = {(fault.element, fault.kind, fault.message) for fault in told}
    found: list[Fault] = []
    latest = [replace(fault, element=copies[fault.element]) for fault in told if fault.element is not None]
    for _ in range(_ROUNDS):
        put_right = [_put_right(fault, outline) for fault in latest if fault.hides]
        if not any(put_right) or schema.validate(mended):
            return found, True
        latest = []
        for entry in _entries(mended, schema, most + len(told)):
            element, kind, message, _ = entry
            original = originals.get(element) if element is not None else None
            key = (original, kind, message)
            # None is what was added to the copy. What was told in an earlier round is not diagnosed again.
            if original is not None and key not in seen:
                seen.add(key)
                fault = _fault(entry, profile)
                latest.append(fault)
                found.append(replace(fault, element=original))
        if len(found) >= most:
            break
    return found[:most], False


def _put_right(fault: Fault, outline: Outline) -> bool:
    """Put right what is wrong with a child in the copy; return whether it could be."""
    element = fault.element
    parent = element.getparent() if element is not None else None
    kind = outline.type_of(parent) if parent is not None else None
    if element is None or parent is None or kind is None or not outline.is_sequence(kind):
        return False
    known = outline.children(kind)
    match fault.diagnosis.code:
        case "out-of-order" | "extension-first":
            _sort(parent, known)
        case "missing-element":
            for child in skipped_before(element, known):
                added = parent.makeelement(child.tag)
                added.text = "0"  # what is wrong with it is not told; a number may be a multiplier for others
                element.addprevious(added)
        case "repeated":
            parent.remove(element)
        case "schema":
            return False
        case _:
            _rename_or_remove(element, parent, fault.diagnosis.meant, known, outline)
    return True


def _sort(parent: etree._Element, known: tuple[Child, ...]) -> None:
    """Give the children their order; what is not known stays behind what it stood behind."""
    numbers = {child.tag: number for number, child in enumerate(known)}
    last = 0
    places = {}
    for child in parent:
        last = places[child] = numbers.get(str(child.tag), last)
    parent[:] = sorted(parent, key=lambda child: places[child])


def _rename_or_remove(
    element: etree._Element, parent: etree._Element, meant: str, known: tuple[Child, ...], outline: Outline
) -> None:
    """Give a child the name that was meant, unless there is one already; without one it is taken out."""
    wanted = next((child for child in known if child.tag == meant), None)
    if wanted is None or (not wanted.many and parent.find(meant) is not None):
        parent.remove(element)
    elif name_of(element) == wanted.local:
        # Whoever has one namespace wrong has it wrong beside and below as well. That is one fault.
        _adopt(parent, namespace_of(element), outline)
    else:
        element.tag = meant


def _adopt(parent: etree._Element, namespace: str, outline: Outline) -> None:
    """Give the elements in a parent that have a wrong namespace the right one."""
    kind = outline.type_of(parent)
    tags = {child.local: child.tag for child in outline.children(kind)} if kind else {}
    for child in parent.iterchildren(etree.Element):
        if namespace_of(child) == namespace and name_of(child) in tags:
            child.tag = tags[name_of(child)]
            _adopt(child, namespace, outline)
