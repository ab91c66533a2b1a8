"""Write substitution groups as choices: where an element may stand for another, the schema names both.

A model has one field per element, so each element that may stand there needs one. Where the place allows several, their
order would be lost as in any group that repeats, which is a limit as everywhere.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Sequence

from lxml import etree

from envoy.codegen.simplify import keep_form
from envoy.xsd.components import Components
from envoy.xsd.loader import XS, SchemaFile, expanded_name, new_component
from envoy.xsd.symbol_table import SymbolTable

_DECLARATIONS = (f"{XS}element", f"{XS}attribute")


def expand_substitutions(files: Sequence[SchemaFile], symbols: SymbolTable) -> None:
    """Change files in place: references to a head become choices, and members have the type of their head themselves.

    An abstract element may stand nowhere, so that it is left out.
    """
    components = Components(files)
    # A member is looked at with its head as that was written, so nothing changes before all is planned.
    choices = {
        node: components.find_members(components.declaration(node))
        for file in files
        for node in file.root.iter(f"{XS}element")
        if node.get("ref")
    }
    for file in files:
        for element in list(file.root.iterchildren(f"{XS}element")):
            if element.get("substitutionGroup"):
                _take_type(element, symbols)
    for node, members in choices.items():
        if list(members) != [expanded_name(node)]:
            _name_members(node, members)
    for file in files:
        for element in list(file.root.iterchildren(f"{XS}element")):
            element.attrib.pop("substitutionGroup", None)
            if element.get("abstract") in ("true", "1"):
                file.root.remove(element)


def _name_members(node: etree._Element, members: Collection[str]) -> None:
    """Refer to each element that may stand in a place, instead of to their head."""
    parent = node.getparent()
    if parent is None:
        return
    nsmap = node.nsmap
    prefixes = {uri: prefix for prefix, uri in nsmap.items()}
    choice = new_component("choice")
    choice.attrib.update({name: value for name, value in node.attrib.items() if name in ("minOccurs", "maxOccurs")})
    parent.replace(node, choice)
    choice.sourceline = node.sourceline  # type: ignore[misc]
    for tag in members:
        namespace, brace, local = tag.rpartition("}")
        reference = f"{prefixes[namespace[1:]]}:{local}" if brace else local
        etree.SubElement(choice, f"{XS}element", ref=reference, nsmap=nsmap)


def _take_type(member: etree._Element, symbols: SymbolTable) -> None:
    """Give an element that has no type the one of its head."""
    head: etree._Element | None = member
    while head is not None and not head.get("type"):
        inline = next(head.iterchildren(f"{XS}complexType", f"{XS}simpleType"), None)
        if inline is not None:
            if head is not member:
                taken = copy.deepcopy(inline)
                for declared, local in zip(inline.iter(*_DECLARATIONS), taken.iter(*_DECLARATIONS), strict=True):
                    if declared.get("name"):
                        keep_form(local, declared)
                member.append(taken)
            return
        head = symbols.find("element", head, "substitutionGroup") if head.get("substitutionGroup") else None
    if head is not None:
        member.set("type", head.get("type", ""))
