"""The content of complex types: bases, elements and how often each may stand there, attributes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from envoy.xsd.loader import XS
from envoy.xsd.symbol_table import SymbolTable

_CONTENTS = (f"{XS}complexContent", f"{XS}simpleContent")
_STEPS = (f"{XS}extension", f"{XS}restriction")
GROUPS = (f"{XS}sequence", f"{XS}choice", f"{XS}all", f"{XS}group")
"""The nodes that hold the elements of a content."""


class Particle(NamedTuple):
    """The declaration of an element in a type, and how often the element may stand there; None is any number."""

    leaf: etree._Element
    low: int
    high: int | None


def derivation(node: etree._Element) -> etree._Element | None:
    """Return the ``xs:extension`` or ``xs:restriction`` of a type, None if it has no base with a name."""
    for child in node:
        if child.tag in _STEPS and child.get("base"):
            return child
        if child.tag in _CONTENTS:
            return derivation(child)
    return None


def bases(node: etree._Element, symbols: SymbolTable) -> Iterator[etree._Element]:
    """Yield the complex types that a complex type is derived from, the nearest first."""
    step = derivation(node)
    while step is not None:
        base = symbols.find("type", step, "base")
        if base is None or base.tag != f"{XS}complexType":
            return
        yield base
        step = derivation(base)


def groups_of(node: etree._Element) -> list[etree._Element]:
    """Return the group of elements that a complex type itself declares, in a list; it may be empty."""
    step = derivation(node)
    return list((node if step is None else step).iterchildren(*GROUPS))


def particles_of(node: etree._Element, symbols: SymbolTable) -> list[Particle]:
    """Return the elements that a complex type itself declares, in their order."""
    return [particle for group in groups_of(node) for particle in particles(group, symbols)]


def particles(group: etree._Element, symbols: SymbolTable, low: int = 1, high: int | None = 1) -> Iterator[Particle]:
    """Yield the elements of a group, those of the groups that it refers to in their place."""
    low, high = _times(low, high, group)
    parts = group.iterchildren(f"{XS}*")
    if group.tag == f"{XS}choice":
        low = 0
    elif group.get("ref") is not None:
        target = symbols.find("group", group, "ref")
        parts = iter(()) if target is None else target.iterchildren(f"{XS}*")
    for child in parts:
        if child.tag == f"{XS}element":
            yield Particle(child, *_times(low, high, child))
        elif child.tag in GROUPS:
            yield from particles(child, symbols, low, high)


def _times(low: int, high: int | None, node: etree._Element) -> tuple[int, int | None]:
    own = node.get("maxOccurs", "1")
    if own == "0" or high == 0:
        return 0, 0
    return low * int(node.get("minOccurs", "1")), None if own == "unbounded" or high is None else high * int(own)


def attribute_nodes(node: etree._Element, symbols: SymbolTable) -> Iterator[etree._Element]:
    """Yield the attributes and wildcards that a complex type itself declares, with those of the groups it refers to."""
    step = derivation(node)
    owner = node if step is None else step
    for child in owner.iterchildren(f"{XS}attribute", f"{XS}attributeGroup", f"{XS}anyAttribute"):
        if child.tag != f"{XS}attributeGroup":
            yield child
        elif (group := symbols.find("attributeGroup", child, "ref")) is not None:
            yield from attribute_nodes(group, symbols)


def attributes_of(node: etree._Element, symbols: SymbolTable) -> list[etree._Element]:
    """Return the attributes that a complex type itself declares, without wildcards."""
    return [child for child in attribute_nodes(node, symbols) if child.tag == f"{XS}attribute"]
