"""What a schema says about a document: which type each element has, and what may stand in it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

import xmlschema
from lxml import etree
from xmlschema.validators import XsdAnyElement, XsdAttribute, XsdComplexType, XsdElement, XsdType

XS = "http://www.w3.org/2001/XMLSchema"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Node(NamedTuple):
    """An element of a document with its declaration, and its type as ``xsi:type`` may change it."""

    element: etree._Element
    declaration: XsdElement
    type: XsdType


class Model:
    """A schema as xmlschema understands it.

    Args:
        path: Its entry file.
    """

    def __init__(self, path: Path) -> None:
        self.schema = xmlschema.XMLSchema(path)
        self.maps = self.schema.maps
        self.namespaces = sorted(
            name for name in self.maps.namespaces if name != XS and not name.startswith("http://www.w3.org/")
        )
        self.elements: dict[str, XsdElement] = self._own(self.maps.elements)
        self.types: dict[str, XsdType] = self._own(self.maps.types)
        self.attributes: dict[str, XsdAttribute] = self._own(self.maps.attributes)
        self.fields = cache(self._fields)
        self.open = cache(self._open)
        self.derived = cache(self._derived)

    def _own(self, components: Any) -> dict[str, Any]:
        return {
            name: components[name]
            for name in sorted(components)
            if etree.QName(name).namespace in (*self.namespaces, None) and not name.startswith("{http://www.w3.org/")
        }

    @cached_property
    def all_qualified(self) -> bool:
        """Whether every element is in a namespace, so that a document can have a default one."""
        every = (tag for xsd_type in self.types.values() if xsd_type.is_complex() for tag in self.fields(xsd_type))
        return all(tag.startswith("{") for tag in (*self.elements, *every))

    def _fields(self, xsd_type: XsdComplexType) -> dict[str, XsdElement]:
        """Return the elements that may stand in a type, by their tag."""
        if xsd_type.is_simple() or xsd_type.has_simple_content():
            return {}
        found: dict[str, XsdElement] = {}
        for particle in xsd_type.content.iter_elements():
            if isinstance(particle, XsdElement):
                for member in (particle, *self.substitutes(particle)):
                    found[member.name] = member
        return found

    def _open(self, xsd_type: XsdType) -> bool:
        """Whether elements may stand in a type that it does not name, and whose own declarations hold then."""
        if xsd_type.is_simple() or xsd_type.has_simple_content():
            return False
        return any(isinstance(particle, XsdAnyElement) for particle in xsd_type.content.iter_elements())

    def substitutes(self, particle: XsdElement) -> list[XsdElement]:
        """Return the elements that may stand for another, of its substitution group."""
        if particle.ref is None:
            return []
        return sorted(self.maps.substitution_groups.get(particle.name, ()), key=lambda element: element.name)

    def _derived(self, xsd_type: XsdType) -> list[XsdType]:
        """Return the named types that ``xsi:type`` may say instead of a type."""
        if xsd_type.name not in self.types:
            return []
        return [
            other
            for other in self.types.values()
            if other.name != xsd_type.name
            and not getattr(other, "abstract", False)
            and xsd_type.name in _ancestors(other)
        ]

    def element_of(self, xsd_type: XsdType) -> str | None:
        """Return the tag of the global element of a type: that of the type's name, else any; None if there is none."""
        tags = [tag for tag, element in self.elements.items() if element.type is xsd_type]
        return xsd_type.name if xsd_type.name in tags else next(iter(tags), None)

    def resources(self, base: str) -> list[str]:
        """Return the tags of the global elements whose type is ``base`` or derived from it."""
        return [tag for tag, element in self.elements.items() if base in (element.type.name, *_ancestors(element.type))]

    def walk(self, root: etree._Element) -> Iterator[Node]:
        """Yield each element of a valid document, parents first; what no declaration knows is left out."""
        declaration = self.elements.get(str(root.tag))
        if declaration is not None:
            yield from self._walk(root, declaration)

    def _walk(self, element: etree._Element, declaration: XsdElement) -> Iterator[Node]:
        xsd_type = self._type_of(element, declaration)
        yield Node(element, declaration, xsd_type)
        fields = self.fields(xsd_type)
        for child in element.iterchildren("*"):
            if (found := fields.get(str(child.tag))) is not None:
                yield from self._walk(child, found)
            elif self.open(xsd_type):
                yield from self._walk_freely(child)

    def _walk_freely(self, element: etree._Element) -> Iterator[Node]:
        """Yield what has declarations of its own where anything may stand."""
        if (found := self.elements.get(str(element.tag))) is not None:
            yield from self._walk(element, found)
            return
        for child in element.iterchildren("*"):
            yield from self._walk_freely(child)

    def _type_of(self, element: etree._Element, declaration: XsdElement) -> XsdType:
        named = element.get(XSI_TYPE)
        if named is None:
            return declaration.type
        prefix, _, local = named.strip().rpartition(":")
        namespace = element.nsmap.get(prefix or None)
        return self.maps.types.get(f"{{{namespace}}}{local}" if namespace else local, declaration.type)


def _ancestors(xsd_type: XsdType) -> list[str]:
    found = []
    base = xsd_type.base_type
    while base is not None:
        found.append(str(base.name))
        base = base.base_type
    return found
