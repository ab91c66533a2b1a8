"""Limits of the typed models: refuse what a schema may say in XSD and they cannot, before anything is made.

A model has one field per element and attribute, in the order of the schema. What depends on another order, or has no
field to be in, would be lost or come out wrong, so it is an error here and not a surprise later. Wildcards may stand:
what is in their place is skipped on reading, as all that is unknown is (IEEE 2030.5-2018, 11.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from lxml import etree

from envoy.errors import SchemaError
from envoy.xsd.content import bases, derivation, groups_of, particles, particles_of
from envoy.xsd.loader import XS, XS_NAMESPACE, SchemaFile, expanded_name
from envoy.xsd.symbol_table import SymbolTable

_LIMITS = (
    (
        "//xs:complexType[@mixed = 'true' or @mixed = '1'] | //xs:complexContent[@mixed = 'true' or @mixed = '1']",
        "it has mixed content, text between elements",
        "Put the text into an element of its own.",
    ),
    (
        "//xs:element[@nillable = 'true' or @nillable = '1']",
        "it is nillable",
        'Use minOccurs="0": an element that has no value is left out.',
    ),
    (
        "//xs:element[@substitutionGroup]",
        "it is in a substitution group",
        "Name each element where it may stand, in an xs:choice.",
    ),
    (
        "//xs:element[not(@type or @ref or xs:complexType or xs:simpleType)] | //xs:element[@type = 'xs:anyType']"
        " | //*[@base = 'xs:anyType'][not(parent::xs:complexContent)]",
        "it has no type, or xs:anyType, so that anything may be inside",
        "Give it a type.",
    ),
    (
        "//*[(@type | @base | @itemType)[. = 'xs:QName' or . = 'xs:NOTATION']]",
        "a qualified name means nothing without the namespaces around it",
        "Use xs:anyURI or xs:string.",
    ),
    (
        "//xs:attribute[@default or @fixed][xs:simpleType/xs:list or contains(' xs:NMTOKENS xs:IDREFS xs:ENTITIES ',"
        " concat(' ', @type, ' '))]",
        "a list has a default value",
        "Leave out the default.",
    ),
)
"""What the models cannot express: where it stands in a schema, as an XPath, what it is, and what to write instead."""


def check(files: Sequence[SchemaFile], symbols: SymbolTable) -> None:
    """Refuse what the models cannot express.

    Raises:
        SchemaError: There is such a thing; the error names the first with its place.
    """
    for file in files:
        for xpath, what, remedy in _LIMITS:
            for node in file.root.xpath(xpath, namespaces={"xs": XS_NAMESPACE}):
                raise SchemaError(f"not supported: {what}", where=file.place(node), remedy=remedy)
        _check_names(file)
        for node in file.root.iter(f"{XS}complexType"):
            _check_content(node, file, symbols)


def _check_names(file: SchemaFile) -> None:
    """Refuse a name without a namespace in a schema that has one: xsdata would look for it in that namespace."""
    for node in file.root.iter(f"{XS}*") if file.namespace else ():
        for attribute in ("type", "ref", "base", "itemType", "memberTypes"):
            for name in node.get(attribute, "").split():
                if ":" not in name:
                    raise SchemaError(
                        f"not supported: it refers to {name}, which has no namespace",
                        where=file.place(node),
                        remedy="Give the schema of it a namespace, or include it instead of importing it.",
                    )


def _check_content(node: etree._Element, file: SchemaFile, symbols: SymbolTable) -> None:
    """Refuse a content model whose order one field per element cannot keep."""
    for part in groups_of(node):
        for group in part.iter(f"{XS}sequence", f"{XS}choice", f"{XS}group"):
            if group.get("maxOccurs", "1") not in ("0", "1") and len(list(particles(group, symbols))) > 1:
                raise SchemaError(
                    "not supported: a group of several elements repeats, and their order says which belong together",
                    where=file.place(group),
                    remedy="Put the group into an element of its own that repeats.",
                )
    leaves: dict[str, list[etree._Element]] = defaultdict(list)
    for particle in particles_of(node, symbols):
        leaves[expanded_name(particle.leaf)].append(particle.leaf)
    step = derivation(node)
    owners = () if step is not None and step.tag == f"{XS}restriction" else bases(node, symbols)
    inherited = {expanded_name(x.leaf) for base in owners for x in particles_of(base, symbols)}
    for name, places in leaves.items():
        clash = any(not _exclusive(one, other) for one, other in combinations(places, 2))
        if clash or name in inherited:
            raise SchemaError(
                f"not supported: the element {name.rpartition('}')[2]} stands in several places of its type",
                where=file.place(places[-1]),
                remedy="Give the elements different names, or one place where it may repeat.",
            )


def _exclusive(one: etree._Element, other: etree._Element) -> bool:
    """Whether two elements are in different branches of one choice, so that never both stand in a document."""
    if one is other:  # of a group that is referred to twice
        return False
    above = list(other.iterancestors())
    nearest = next((x for x in one.iterancestors() if x in above), None)
    return nearest is not None and nearest.tag == f"{XS}choice" and _type(one) == _type(other)


def _type(leaf: etree._Element) -> str:
    """Return a key of its type; two types without a name are never the same."""
    return leaf.get("type") or leaf.get("ref") or str(id(leaf))
