"""Errors that others hide: libxml2 stops validating an element at the first child that it does not expect.

In a copy of the document that child is repaired as its finding advises: renamed, moved, removed, or given what has to
stand before it. Validating the copy reveals the next errors, and so on, until nothing is left to repair.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

from lxml import etree

from envoy.codec.location import find_element, name_of, namespace_of
from envoy.profiles import Profile
from envoy.validation.content_errors import find_skipped
from envoy.validation.diagnosis import diagnose
from envoy.validation.findings import Diagnosis
from envoy.xsd.components import Child, Components, components_of
from envoy.xsd.schemas import schema_path

_ROUNDS = 20
"""Validations of the copy: each reveals one more error of every element that has further ones."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One error of a document by a schema.

    Attributes:
        element: The element of the document, None if it is not known.
        kind: Name of libxml2's error, such as ``SCHEMAV_ELEMENT_CONTENT``.
        message: Its message.
        line: Its line.
        diagnosis: What is wrong.
    """

    element: etree._Element | None
    kind: str
    message: str
    line: int
    diagnosis: Diagnosis

    @property
    def hides(self) -> bool:
        """Whether it may hide others: libxml2 did not expect this child, and has not validated those after it."""
        return self.kind == "SCHEMAV_ELEMENT_CONTENT" and "Missing child" not in self.message


def read_violations(root: etree._Element, schema: etree.XMLSchema, profile: Profile, most: int) -> list[Violation]:
    """Return the errors that a schema has just found in a document, at most ``most``."""
    return [Violation(*entry, diagnose(*entry[:3], profile)) for entry in _read_log(root, schema, most)]


_Entry = tuple[etree._Element | None, str, str, int]
"""What libxml2 says of an element: the element, the name of its error, its message and the line."""


def _read_log(root: etree._Element, schema: etree.XMLSchema, most: int) -> list[_Entry]:
    # All of them at once: a diagnosis may validate again, which clears the log of the schema.
    entries = [(entry.path, entry.type_name, entry.message, entry.line) for entry in schema.error_log][:most]
    return [(find_element(root, path), kind, message, line) for path, kind, message, line in entries]


def find_hidden(
    root: etree._Element, known: list[Violation], schema: etree.XMLSchema, profile: Profile, most: int
) -> tuple[list[Violation], bool]:
    """Return the errors that those known hide, and whether these are all.

    Args:
        root: Root element of the document, which is not changed.
        known: The errors that the schema has found.
        schema: The schema.
        profile: Whose schema it is.
        most: How many are returned, at most.
    """
    if not any(violation.hides for violation in known):
        return [], True
    if not most:
        return [], False
    repaired = copy.deepcopy(root)
    originals = dict(zip(repaired.iter(etree.Element), root.iter(etree.Element), strict=True))
    copies = {original: element for element, original in originals.items()}
    components = components_of(schema_path(profile))
    seen = {(violation.element, violation.kind, violation.message) for violation in known}
    found: list[Violation] = []
    latest = [replace(error, element=copies[error.element]) for error in known if error.element is not None]
    for _ in range(_ROUNDS):
        progress = [_repair(violation, components) for violation in latest if violation.hides]
        if not any(progress) or schema.validate(repaired):
            return found, True
        latest = []
        for entry in _read_log(repaired, schema, most + len(known)):
            element, kind, message, _ = entry
            original = originals.get(element) if element is not None else None
            key = (original, kind, message)
            # None is what was added to the copy. What was found in an earlier round is not diagnosed again.
            if original is not None and key not in seen:
                seen.add(key)
                violation = Violation(*entry, diagnose(*entry[:3], profile))
                latest.append(violation)
                found.append(replace(violation, element=original))
        if len(found) >= most:
            break
    return found[:most], False


def _repair(violation: Violation, components: Components) -> bool:
    """Repair a child in the copy; return whether that was possible."""
    element = violation.element
    parent = element.getparent() if element is not None else None
    kind = components.type_of(parent) if parent is not None else None
    if element is None or parent is None or kind is None or not components.is_sequence(kind):
        return False
    children = components.children(kind)
    match violation.diagnosis.code:
        case "out-of-order" | "extension-first":
            _sort(parent, children)
        case "missing-element":
            for child in find_skipped(element, children):
                added = parent.makeelement(child.tag)
                added.text = "0"  # its own errors are not reported; a number may be a multiplier for others
                element.addprevious(added)
        case "repeated":
            parent.remove(element)
        case "schema":
            return False
        case _:
            _rename_or_remove(element, parent, violation.diagnosis.meant, children, components)
    return True


def _sort(parent: etree._Element, known: tuple[Child, ...]) -> None:
    """Sort the children; what is unknown stays behind its predecessor."""
    numbers = {child.tag: number for number, child in enumerate(known)}
    last = 0
    places = {}
    for child in parent:
        last = places[child] = numbers.get(str(child.tag), last)
    parent[:] = sorted(parent, key=lambda child: places[child])


def _rename_or_remove(
    element: etree._Element, parent: etree._Element, meant: str, known: tuple[Child, ...], components: Components
) -> None:
    """Give a child the name that was meant, unless there is one already; else remove it."""
    wanted = next((child for child in known if child.tag == meant), None)
    if wanted is None or (not wanted.many and parent.find(meant) is not None):
        parent.remove(element)
    elif name_of(element) == wanted.local:
        # Whoever has one namespace wrong has it wrong beside and below as well. That is one error.
        _adopt(parent, namespace_of(element), components)
    else:
        element.tag = meant


def _adopt(parent: etree._Element, namespace: str, components: Components) -> None:
    """Give the elements in a parent that have a wrong namespace the right one."""
    tags = {child.local: child.tag for child in components.children_of(parent)}
    for child in parent.iterchildren(etree.Element):
        if namespace_of(child) == namespace and name_of(child) in tags:
            child.tag = tags[name_of(child)]
            _adopt(child, namespace, components)
