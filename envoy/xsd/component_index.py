"""The components of a schema by what they are: the owners of a name, the types for another, the bitmaps."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, cached_property

from lxml import etree

from envoy.namespaces import XSI_NAMESPACE
from envoy.xsd.components import Components, Type


class ComponentIndex:
    """The index of the components of a schema.

    Args:
        components: The components.
    """

    def __init__(self, components: Components) -> None:
        self._components = components
        self.derived = cache(self._derived)  # kept for as long as the process runs, as the components themselves are

    def _derived(self, base: Type) -> dict[str, str]:
        """Return the types that can stand for another one by ``xsi:type``: their namespaces by their names."""
        return _names_of(kind for kind in self._components.types if base in kind.chain and not kind.abstract)

    def fitting(self, base: Type, element: etree._Element) -> dict[str, str]:
        """Return those of the types derived from another one that have all that an element has, as ``derived`` does."""
        attributes = {name for name, _ in element.items() if not name.startswith(f"{{{XSI_NAMESPACE}}}")}
        children = {str(child.tag) for child in element.iterchildren(etree.Element)}
        if not attributes and not children:
            return {}
        return _names_of(
            kind
            for kind in self._components.types
            if base in kind.chain and not kind.abstract
            if all(map(kind.takes_attribute, attributes)) and all(map(kind.takes, children))
        )

    def owners(self, local: str) -> list[str]:
        """Return the names of the types that have a child of a name, base types first."""
        owners = [name for name, names in self._children_by_type.items() if local in names]
        return sorted(owners, key=lambda name: len(self._children_by_type[name]))

    @cached_property
    def bitmaps(self) -> dict[str, int]:
        """The local names of all elements that are always bitmaps, and the octets that each has."""
        widths: dict[str, int] = {}
        others: set[str] = set()
        for declaration in self._components.elements:
            if (value := declaration.value) and value.max_length and value.bitmap:
                widths[declaration.local] = value.max_length
            else:
                others.add(declaration.local)
        return {name: width for name, width in widths.items() if name not in others}

    @cached_property
    def _children_by_type(self) -> dict[str, frozenset[str]]:
        return {
            kind.name: frozenset(tag.rpartition("}")[2] for tag in kind.children) for kind in self._components.types
        }


def _names_of(types: Iterable[Type]) -> dict[str, str]:
    return {kind.name: kind.tag[1:].rpartition("}")[0] for kind in types}


@cache
def index_of(components: Components) -> ComponentIndex:
    """Return the index of the components of a schema."""
    return ComponentIndex(components)
