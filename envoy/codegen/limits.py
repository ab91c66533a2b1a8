"""Limits of the typed models: find what a schema may say in XSD and they cannot, before anything is made.

A model has one field per element and attribute, in the order of the schema. What depends on another order, or has no
field to be in, would be lost or come out wrong, so it is an error here and not a surprise later, unless the user allows
it: then the schema is changed to what the models can express. Wildcards may stand: what is in their place is skipped on
reading, as all that is unknown is (IEEE 2030.5-2018, 11.4).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations

from lxml import etree

from envoy.xsd.content import GROUPS, attributes_of, bases, derivation, groups_of, particles, particles_of
from envoy.xsd.loader import XS, XS_NAMESPACE, SchemaFile, expanded_name
from envoy.xsd.symbol_table import SymbolTable


@dataclass(frozen=True, slots=True)
class Limit:
    """Something in a schema that the models cannot express.

    Attributes:
        where: The file, the line and the nearest name.
        what: What it is.
        remedy: What to write in the schema instead.
        lost: What documents lose if it is allowed; empty if it cannot be.
        allow: Change the schema to what is left then.
    """

    where: str
    what: str
    remedy: str
    lost: str = ""
    allow: Callable[[], object] = lambda: None


def _drop(*names: str) -> Callable[[etree._Element], None]:
    def drop(node: etree._Element) -> None:
        for name in names:
            node.attrib.pop(name, None)

    return drop


def _make_empty(node: etree._Element) -> None:
    """Give an element a type that has nothing inside, so that what is there is skipped as unknown."""
    node.attrib.pop("type", None)
    etree.SubElement(node, f"{XS}complexType")


def _make_text(node: etree._Element) -> None:
    for name in ("type", "base", "itemType"):
        if node.get(name) in ("xs:QName", "xs:NOTATION"):
            node.set(name, "xs:string")


_LIMITS = (
    (
        "//xs:element[@nillable = 'true' or @nillable = '1']",
        "it is nillable",
        'Use minOccurs="0": an element that has no value is left out.',
        "documents in which it is nil",
        _drop("nillable"),
    ),
    (
        "//xs:element[not(@type or @ref or xs:complexType or xs:simpleType)] | //xs:element[@type = 'xs:anyType']",
        "it has no type, or xs:anyType, so that anything may be inside",
        "Give it a type.",
        "what is inside of it",
        _make_empty,
    ),
    (
        "//*[(@type | @base | @itemType)[. = 'xs:QName' or . = 'xs:NOTATION']]",
        "a qualified name means nothing without the namespaces around it",
        "Use xs:anyURI or xs:string.",
        "the namespace that its prefix means",
        _make_text,
    ),
    (
        "//xs:attribute[@default or @fixed][xs:simpleType/xs:list or contains(' xs:NMTOKENS xs:IDREFS xs:ENTITIES ',"
        " concat(' ', @type, ' '))]",
        "a list has a default value",
        "Leave out the default.",
        "the default",
        _drop("default", "fixed"),
    ),
)
"""What the models cannot express, as an XPath, what it is, what to write instead, and what is lost if it is allowed."""


def find_limits(files: Sequence[SchemaFile], symbols: SymbolTable) -> Iterator[Limit]:
    """Yield what the models cannot express, file by file. It may be allowed when all are found."""
    for file in files:
        for xpath, what, remedy, lost, allow in _LIMITS:
            for node in file.root.xpath(xpath, namespaces={"xs": XS_NAMESPACE}):
                yield Limit(file.place(node), what, remedy, lost, partial(allow, node))
        yield from _find_mixed(file, symbols)
        yield from _find_names(file)
        yield from _find_defaults(file, symbols)
        for node in file.root.iter(f"{XS}complexType"):
            yield from _find_content(node, file, symbols)


def list_limits(limits: Sequence[Limit], *, allowed: bool = False) -> str:
    """Return limits as text, those of one kind together: what to do about them, or what is lost."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for limit in limits:
        kinds[limit.what, f"Lost: {limit.lost}." if allowed else limit.remedy].append(limit.where)
    return "\n".join(
        line
        for (what, note), places in kinds.items()
        for line in (f"  {what} ({len(places)})", f"    {note}", *(f"    {place}" for place in places))
    )


def _find_mixed(file: SchemaFile, symbols: SymbolTable) -> Iterator[Limit]:
    """Yield mixed content. Where anything may stand (``xs:any``), text is skipped as well, and is not a limit."""
    for node in file.root.iter(f"{XS}complexType"):
        declared = (node, *node.iterchildren(f"{XS}complexContent"))
        if any(each.get("mixed") in ("true", "1") for each in declared) and not _is_open(node, symbols):
            yield Limit(
                file.place(node),
                "it has mixed content, text between elements",
                "Put the text into an element of its own.",
                "the text between its elements",
            )


def _is_open(node: etree._Element, symbols: SymbolTable) -> bool:
    """Whether the content of a complex type has a wildcard."""
    waiting = groups_of(node)
    while waiting:
        group = waiting.pop()
        if group.find(f"{XS}any") is not None:
            return True
        named = symbols.find("group", group, "ref") if group.get("ref") else None
        waiting += (group if named is None else named).iterchildren(*GROUPS)
    return False


def _find_names(file: SchemaFile) -> Iterator[Limit]:
    """Yield names without a namespace in a schema that has one: xsdata would look for them in that namespace."""
    for node in file.root.iter(f"{XS}*") if file.namespace else ():
        for attribute in ("type", "ref", "base", "itemType", "memberTypes"):
            for name in node.get(attribute, "").split():
                if ":" not in name:
                    yield Limit(
                        file.place(node),
                        f"it refers to {name}, which has no namespace",
                        "Give the schema of it a namespace, or include it instead of importing it.",
                    )


def _find_defaults(file: SchemaFile, symbols: SymbolTable) -> Iterator[Limit]:
    """Yield elements whose default is a number or text beside attributes: the field is an object."""
    for node in file.root.iter(f"{XS}element"):
        kind = node.find(f"{XS}complexType")
        if kind is None and node.get("type"):
            kind = symbols.find("type", node, "type")
        if kind is None or kind.tag != f"{XS}complexType" or not (node.get("default") or node.get("fixed")):
            continue
        if any(attributes_of(owner, symbols) for owner in (kind, *bases(kind, symbols))):
            yield Limit(
                file.place(node),
                "it has a default value and attributes",
                "Leave out the default.",
                "the default",
                partial(_drop("default", "fixed"), node),
            )


def _find_content(node: etree._Element, file: SchemaFile, symbols: SymbolTable) -> Iterator[Limit]:
    """Yield what in a content model has an order that one field per element cannot keep."""
    for part in groups_of(node):
        for group in part.iter(f"{XS}sequence", f"{XS}choice", f"{XS}group"):
            if group.get("maxOccurs", "1") not in ("0", "1") and len(list(particles(group, symbols))) > 1:
                yield Limit(
                    file.place(group),
                    "a group of several elements repeats, and their order says which belong together",
                    "Put the group into an element of its own that repeats.",
                    "their order, beyond that among those of one name",
                )
    leaves: dict[str, list[etree._Element]] = defaultdict(list)
    for particle in particles_of(node, symbols):
        leaves[expanded_name(particle.leaf)].append(particle.leaf)
    step = derivation(node)
    owners = () if step is not None and step.tag == f"{XS}restriction" else bases(node, symbols)
    inherited = {expanded_name(x.leaf): x.leaf for base in owners for x in particles_of(base, symbols)}
    for name, places in leaves.items():
        all_places = [inherited[name], *places] if name in inherited else places
        if any(not _exclusive(one, other) for one, other in combinations(all_places, 2)):
            yield Limit(
                file.place(places[-1]),
                f"the element {name.rpartition('}')[2]} stands in several places of its type",
                "Give the elements different names, or one place where it may repeat.",
                "their order, and all that differs from the first",
                partial(_keep_first, all_places),
            )


def _keep_first(leaves: Sequence[etree._Element]) -> None:
    """Let the first of several declarations of one element repeat, and leave out the others."""
    first, *others = dict.fromkeys(leaves)
    first.set("maxOccurs", "unbounded")
    for other in others:
        parent = other.getparent()
        if parent is not None:
            parent.remove(other)


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
