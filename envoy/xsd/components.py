"""What an XSD says about elements: which children stand in which order, and which values a simple type has.

libxml2 judges; it names at most ten of the elements that it expected and does not tell the bounds of a number. This is
what a helpful sentence needs beside its verdict. It knows as much of XSD 1.0 as schemas of messages use: sequences,
choices, extension, restriction, redefinition, includes and imports. What it does not know, it is silent about.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from envoy.namespaces import XSI_NAMESPACE

_XS = "{http://www.w3.org/2001/XMLSchema}"
_XSI_TYPE = f"{{{XSI_NAMESPACE}}}type"
_CODES = "{urn:envoy-client:schema-documentation}codes"

_PARTICLES = tuple(f"{_XS}{name}" for name in ("sequence", "choice", "all", "group"))
"""What children of a type stand in."""

_BOUNDS = {f"{_XS}{name}": bound for name, bound in {
    "byte": (-(1 << 7), (1 << 7) - 1), "short": (-(1 << 15), (1 << 15) - 1), "int": (-(1 << 31), (1 << 31) - 1),
    "long": (-(1 << 63), (1 << 63) - 1), "unsignedByte": (0, (1 << 8) - 1), "unsignedShort": (0, (1 << 16) - 1),
    "unsignedInt": (0, (1 << 32) - 1), "unsignedLong": (0, (1 << 64) - 1), "integer": (None, None),
    "nonNegativeInteger": (0, None), "positiveInteger": (1, None),
}.items()}  # fmt: skip
"""Whole numbers of XSD and their bounds."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the schema.

    Attributes:
        name: Local name, empty if it has none.
        tag: Qualified name.
        node: Its definition; None for a type that XSD itself has.
    """

    name: str
    tag: str
    node: etree._Element | None


@dataclass(frozen=True, slots=True)
class Child:
    """An element in the content of a type."""

    tag: str
    required: bool
    many: bool
    type: Type | None

    @property
    def local(self) -> str:
        """Name without the namespace."""
        return self.tag.rpartition("}")[2]


@dataclass(frozen=True, slots=True)
class Value:
    """What a simple type allows.

    Attributes:
        type: Name of the type.
        kind: The type of XSD that it restricts, such as ``hexBinary`` or ``string``; ``integer`` for whole numbers.
        max_length: Most octets or characters, None if there is no limit.
        minimum: Smallest number, None if there is no limit.
        maximum: Largest number, None if there is no limit.
        bitmap: Each bit has a meaning of its own.
        time: It is a time in seconds since 1970.
    """

    type: str
    kind: str
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    bitmap: bool = False
    time: bool = False


class Outline:
    """The elements and types of a schema.

    Args:
        path: Its entry file.
    """

    def __init__(self, path: Path) -> None:
        self._roots: dict[str, etree._Element] = {}
        self._types: dict[str, etree._Element] = {}
        self._redefined: dict[etree._Element, etree._Element] = {}
        self._targets: dict[etree._Element, str] = {}
        self._read: set[str] = set()
        self._load(os.path.realpath(path), "")
        self._children: dict[Type, tuple[Child, ...]] = {}
        self._sequences: dict[Type, bool] = {}

    @property
    def roots(self) -> frozenset[str]:
        """Qualified names of the elements that can be the root of a document."""
        return frozenset(self._roots)

    def type_of(self, element: etree._Element) -> Type | None:
        """Return the type of an element in a document, None if the schema does not know the element at that place."""
        parent = element.getparent()
        if parent is None:
            declared = self.root(str(element.tag))
        else:
            owner = self.type_of(parent)
            found = next((c for c in self.children(owner) if c.tag == element.tag), None) if owner else None
            declared = found.type if found else None
        name = element.get(_XSI_TYPE)
        if name is None or declared is None:
            return declared
        prefix, _, local = name.strip().rpartition(":")
        named = self._type(_tag(element.nsmap.get(prefix or None) or "", local))
        # One that does not fit is a fault of its own, and the declared type judges the rest.
        return named if named is not None and self.is_derived(named, declared) else declared

    def is_derived(self, kind: Type, base: Type) -> bool:
        """Whether a type is another one, or is derived from it."""
        return base in self._chain(kind)

    def derived(self, base: Type) -> dict[str, str]:
        """Return the types that are another one or are derived from it: their namespaces by their names."""
        kinds = [kind for tag in self._types if (kind := self._type(tag))]
        return {kind.name: etree.QName(kind.tag).namespace or "" for kind in kinds if self.is_derived(kind, base)}

    def root(self, tag: str) -> Type | None:
        """Return the type of the root element of a name, None if no message has it."""
        node = self._roots.get(tag)
        return self._type_of_declaration(node) if node is not None else None

    def children(self, kind: Type) -> tuple[Child, ...]:
        """Return the children that a type has, in their order."""
        if kind not in self._children:
            self._children[kind] = tuple(self._find_children(kind))
        return self._children[kind]

    def is_sequence(self, kind: Type) -> bool:
        """Whether the children of a type have one order: no choice is between them, and no group of them repeated."""
        if kind not in self._sequences:
            self._sequences[kind] = all(self._is_sequence(link) for link in self._chain(kind))
        return self._sequences[kind]

    def attributes(self, kind: Type) -> dict[str, bool]:
        """Return the attributes of a type and whether each is required."""
        return {name: node.get("use") == "required" for name, node in self._attributes(kind).items()}

    def value(self, kind: Type, attribute: str = "") -> Value | None:
        """Return what a simple type allows, or an attribute of a type; None if there is no such thing."""
        if attribute:
            node = self._attributes(kind).get(attribute)
            declared = self._type_of_declaration(node) if node is not None else None
            return self.value(declared) if declared else None
        chain = list(self._chain(kind))
        if chain[-1].node is not None:
            return None
        facets: dict[str, str] = {}
        for node in (link.node for link in chain if link.node is not None):
            for facet in node.iterfind(f"{_XS}restriction/*"):
                facets.setdefault(etree.QName(facet).localname, str(facet.get("value")))
        low, high = _BOUNDS.get(chain[-1].tag, (None, None))
        return Value(
            type=next((link.name for link in chain if link.name), ""),
            kind="integer" if chain[-1].tag in _BOUNDS else chain[-1].name,
            max_length=_number(facets.get("maxLength")),
            minimum=_number(facets.get("minInclusive"), low),
            maximum=_number(facets.get("maxInclusive"), high),
            bitmap=any(link.node is not None and _is_bitmap(link.node) for link in chain),
            time=any(link.name == "TimeType" for link in chain),
        )  # fmt: skip

    def owners(self, local: str) -> list[str]:
        """Return the names of the types that have a child of a name, base types first."""
        owners = [name for name, names in self._children_by_type().items() if local in names]
        return sorted(owners, key=lambda name: len(self._children_by_type()[name]))

    def elements_of(self, *types: str) -> frozenset[str]:
        """Return the local names of all elements whose type is one of these or is derived from one."""
        return frozenset().union(*(self._names_by_type().get(kind, ()) for kind in types))

    @cache  # noqa: B019 - outlines are kept for as long as the process runs
    def bitmaps(self) -> dict[str, int]:
        """Return the local names of all elements that are always bitmaps, and the octets that each has."""
        widths: dict[str, int] = {}
        others: set[str] = set()
        values: dict[Type, Value | None] = {}
        for name, kind, declaration in self._elements():
            if kind not in values:
                values[kind] = self.value(kind)
            value = values[kind]
            if value and value.max_length and (value.bitmap or _is_bitmap(declaration)):
                widths[name] = value.max_length
            else:
                others.add(name)
        return {name: width for name, width in widths.items() if name not in others}

    @cache  # noqa: B019
    def _elements(self) -> list[tuple[str, Type, etree._Element]]:
        """Return name, type and declaration of every element that the schema declares or refers to."""
        nodes = (node for root in self._targets for node in root.iter(f"{_XS}element"))
        return [
            (_local(self._tag_of(node)), kind, node)
            for node in nodes
            if (kind := self._type_of_declaration(node)) is not None
        ]

    @cache  # noqa: B019
    def _names_by_type(self) -> dict[str, set[str]]:
        """Return the names of the elements that are of a type or of one derived from it, by the name of the type."""
        names_by_kind: dict[Type, set[str]] = {}
        for name, kind, _ in self._elements():
            names_by_kind.setdefault(kind, set()).add(name)
        names_by_type: dict[str, set[str]] = {}
        for kind, names in names_by_kind.items():
            for link in self._chain(kind):
                names_by_type.setdefault(link.name, set()).update(names)
        return names_by_type

    @cache  # noqa: B019
    def _children_by_type(self) -> dict[str, frozenset[str]]:
        kinds = [kind for tag in self._types if (kind := self._type(tag))]
        return {kind.name: frozenset(child.local for child in self.children(kind)) for kind in kinds}

    def _load(self, path: str, target: str) -> None:
        if path in self._read or not os.path.isfile(path):
            return
        self._read.add(path)
        root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
        target = root.get("targetNamespace", target)
        self._targets[root] = target
        for node in root.iterchildren(etree.Element):
            if node.tag in (f"{_XS}include", f"{_XS}import", f"{_XS}redefine") and node.get("schemaLocation"):
                location = os.path.realpath(os.path.join(os.path.dirname(path), str(node.get("schemaLocation"))))
                self._load(location, target if node.tag != f"{_XS}import" else "")
            if node.tag == f"{_XS}redefine":
                for new in node.iterchildren(f"{_XS}complexType", f"{_XS}simpleType"):
                    self._redefined[new] = self._types[_tag(target, str(new.get("name")))]
                    self._types[_tag(target, str(new.get("name")))] = new
            elif node.tag == f"{_XS}element":
                self._roots[_tag(target, str(node.get("name")))] = node
            elif node.tag in (f"{_XS}complexType", f"{_XS}simpleType"):
                self._types[_tag(target, str(node.get("name")))] = node

    def _target(self, node: etree._Element) -> str:
        return self._targets[node.getroottree().getroot()]

    def _resolve(self, node: etree._Element, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return _tag(node.nsmap.get(prefix or None) or ("" if prefix else self._target(node)), local)

    def _type(self, tag: str) -> Type | None:
        node = self._types.get(tag)
        return Type(_local(tag), tag, node) if node is not None or tag.startswith(_XS) else None

    def _type_of_declaration(self, node: etree._Element) -> Type | None:
        if node.get("ref"):
            found = self._roots.get(self._resolve(node, str(node.get("ref"))))
            return self._type_of_declaration(found) if found is not None else None
        if node.get("type"):
            return self._type(self._resolve(node, str(node.get("type"))))
        inline = next(node.iterchildren(f"{_XS}complexType", f"{_XS}simpleType"), None)
        return Type("", "", inline) if inline is not None else None

    def _base(self, kind: Type) -> tuple[Type | None, etree._Element | None]:
        """Return the base of a type and the node that says what is added to it or taken from it."""
        if kind.node is None:
            return None, None
        inner = kind.node if kind.node.tag == f"{_XS}simpleType" else next(
            kind.node.iterchildren(f"{_XS}complexContent", f"{_XS}simpleContent"), None
        )  # fmt: skip
        step = next(inner.iterchildren(f"{_XS}extension", f"{_XS}restriction"), None) if inner is not None else None
        if step is None or not step.get("base"):
            return None, step
        tag = self._resolve(step, str(step.get("base")))
        if tag == kind.tag and kind.node in self._redefined:
            return Type(kind.name, kind.tag, self._redefined[kind.node]), step
        return self._type(tag), step

    def _chain(self, kind: Type) -> Iterator[Type]:
        link: Type | None = kind
        while link is not None:
            yield link
            link = self._base(link)[0]

    def _find_children(self, kind: Type) -> Iterator[Child]:
        base, step = self._base(kind)
        if base is not None and step is not None and step.tag == f"{_XS}extension":
            yield from self.children(base)
        owner = step if step is not None else kind.node
        if owner is not None:
            yield from self._particles(owner, required=True, many=False)

    def _is_sequence(self, kind: Type) -> bool:
        step = self._base(kind)[1]
        owner = step if step is not None else kind.node
        particles = list(owner.iterchildren(*_PARTICLES)) if owner is not None else []
        while particles:
            part = particles.pop()
            if part.tag != f"{_XS}sequence" or part.get("maxOccurs", "1") != "1":
                return False
            particles.extend(part.iterchildren(*_PARTICLES))
        return True

    def _particles(self, node: etree._Element, *, required: bool, many: bool) -> Iterator[Child]:
        for part in node.iterchildren(f"{_XS}sequence", f"{_XS}choice", f"{_XS}all", f"{_XS}element"):
            needed = required and part.get("minOccurs") != "0"
            several = many or part.get("maxOccurs", "1") not in ("0", "1")
            if part.tag != f"{_XS}element":
                yield from self._particles(part, required=needed and part.tag != f"{_XS}choice", many=several)
            else:
                yield Child(self._tag_of(part), needed, several, self._type_of_declaration(part))

    def _tag_of(self, node: etree._Element) -> str:
        if node.get("ref"):
            return self._resolve(node, str(node.get("ref")))
        root = node.getroottree().getroot()
        qualified = node.get("form", root.get("elementFormDefault")) == "qualified"
        return _tag(self._targets[root] if qualified else "", str(node.get("name")))

    def _attributes(self, kind: Type) -> dict[str, etree._Element]:
        found: dict[str, etree._Element] = {}
        for link in self._chain(kind):
            step = self._base(link)[1]
            owner = step if step is not None else link.node
            for node in owner.iterchildren(f"{_XS}attribute") if owner is not None else ():
                found.setdefault(str(node.get("name")), node)
        return found


@cache
def outline_of(path: Path) -> Outline:
    """Return the outline of the schema with this entry file."""
    return Outline(path)


def _tag(namespace: str, local: str) -> str:
    return f"{{{namespace}}}{local}" if namespace else local


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _is_bitmap(node: etree._Element) -> bool:
    codes = node.iterfind(f"{_XS}annotation/{_XS}appinfo/{_CODES}")
    return any(found.get("kind") == "bitmap" and found.get("when") is None for found in codes)


def _number(text: str | None, default: int | None = None) -> int | None:
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default
