"""The global components of a schema, found by their kind and qualified name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lxml import etree

from envoy.xsd.loader import XS, SchemaFile, expand_reference

_KINDS = {f"{XS}simpleType": "type", f"{XS}complexType": "type"}


def kind_of(node: etree._Element) -> str:
    """Return the kind of a component: ``type``, ``element``, ``attribute``, ``group`` or ``attributeGroup``."""
    return _KINDS.get(str(node.tag), str(node.tag).rpartition("}")[2])


class SymbolTable:
    """The named components of all files, by kind and qualified name. A redefinition comes after what it redefines."""

    def __init__(self, files: Sequence[SchemaFile]) -> None:
        self._found: dict[tuple[str, str], list[etree._Element]] = defaultdict(list)
        self._namespaces = {file.root: file.namespace for file in files}
        for file in files:
            for parent in (*file.root.iterchildren(f"{XS}redefine"), file.root):
                for node in parent.iterchildren(f"{XS}*"):
                    if node.get("name"):
                        self._found[kind_of(node), self.name_of(node, file.namespace)].append(node)

    def name_of(self, node: etree._Element, namespace: str | None = None) -> str:
        """Return the qualified name of a global component."""
        if namespace is None:
            namespace = self._namespaces[next(x for x in (node, *node.iterancestors()) if x.tag == f"{XS}schema")]
        return f"{{{namespace}}}{node.get('name')}" if namespace else str(node.get("name"))

    def names(self, kind: str) -> list[str]:
        """Return the qualified names of all components of a kind, those of what is referred to first."""
        return [name for known, name in self._found if known == kind]

    def find(self, kind: str, node: etree._Element, attribute: str) -> etree._Element | None:
        """Return the component that an attribute of a node refers to, None if it is built into XSD.

        Args:
            kind: ``type``, ``element``, ``attribute``, ``group`` or ``attributeGroup``.
            node: The node with the attribute. Inside a redefinition, its own name means what is redefined.
            attribute: Name of the attribute.
        """
        return self.look_up(kind, expand_reference(node, str(node.get(attribute))), node)

    def first(self, kind: str, name: str) -> etree._Element | None:
        """Return a component by its qualified name, as it was before any redefinition."""
        return next(iter(self._found.get((kind, name), [])), None)

    def look_up(self, kind: str, name: str, user: etree._Element | None = None) -> etree._Element | None:
        """Return a component by its qualified name; ``user`` is the node that refers to it, if any."""
        found = self._found.get((kind, name), [])
        inside = () if user is None else (user, *user.iterancestors())
        for number, candidate in enumerate(found):
            if number and candidate in inside:
                return found[number - 1]
        return found[-1] if found else None
