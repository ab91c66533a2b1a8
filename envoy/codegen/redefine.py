"""Apply ``xs:redefine``: what it adds to a type goes into the type itself, where all other schemas see it."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from envoy.xsd.annotations import codes_of
from envoy.xsd.content import derivation
from envoy.xsd.loader import XS, SchemaFile, expanded_name
from envoy.xsd.symbol_table import SymbolTable


def apply_redefinitions(files: Sequence[SchemaFile], *, union: bool) -> set[str]:
    """Move what redefinitions add into simplified types; return the namespaces in which there were any.

    Args:
        files: Simplified files, what is redefined before what redefines it.
        union: They are alternatives to each other, so nothing that one adds is required of the others.
    """
    symbols = SymbolTable(files)
    namespaces = set()
    for file in files:
        for redefine in list(file.root.iterchildren(f"{XS}redefine")):
            namespaces.add(file.namespace)
            for node in redefine.iterchildren(f"{XS}complexType", f"{XS}simpleType"):
                original = symbols.first("type", symbols.name_of(node, file.namespace))
                if original is None or original is node or original.tag != node.tag:
                    continue
                if node.tag == f"{XS}complexType":
                    _extend(original, node, union=union)
                else:
                    _restrict(original, node)
            file.root.remove(redefine)
    return namespaces


def _extend(original: etree._Element, node: etree._Element, *, union: bool) -> None:
    """Append the elements and attributes of a complex type to those of the one that it extends."""
    source, target = _body(node), _body(original)
    sequence = target.find(f"{XS}sequence")
    for element in source.iterfind(f"{XS}sequence/{XS}element"):
        if sequence is None:
            sequence = etree.Element(f"{XS}sequence")
            first = target.find(f"{XS}attribute")
            target.insert(len(target) if first is None else target.index(first), sequence)
        if union:
            element.set("minOccurs", "0")
        sequence.append(element)
    known = {expanded_name(item) for item in target.iterchildren(f"{XS}attribute")}
    for attribute in source.iterchildren(f"{XS}attribute"):
        if expanded_name(attribute) not in known:
            if union:
                attribute.set("use", "optional")
            target.append(attribute)


def _body(node: etree._Element) -> etree._Element:
    step = derivation(node)
    return node if step is None else step


def _restrict(original: etree._Element, node: etree._Element) -> None:
    """Give a simple type the facets of the one that restricts it, and its code list instead of its own."""
    source, target = node.find(f"{XS}restriction"), original.find(f"{XS}restriction")
    if source is None or target is None:
        return
    replaced = {facet.tag for facet in source if facet.tag != f"{XS}pattern"}
    for facet in [facet for facet in target if facet.tag in replaced]:
        target.remove(facet)
    target.extend(list(source))
    codes, before = codes_of(node), codes_of(original)
    if codes is not None and before is not None:
        before.getparent().replace(before, codes)  # type: ignore[union-attr]
    elif codes is not None:
        original.insert(0, codes.getparent().getparent())  # type: ignore[union-attr,arg-type]
