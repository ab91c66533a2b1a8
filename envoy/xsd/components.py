"""The components of a schema for diagnosis: which children stand in which order, and which values are allowed.

libxml2 gives the verdict; it names at most ten of the elements that it expected and no bounds of a number. A helpful
message needs more. Where a schema says what is not understood here, such as a wildcard, nothing is returned for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from lxml import etree

from envoy.namespaces import XSI_TYPE
from envoy.xsd.annotations import codes_of
from envoy.xsd.content import attributes_of, derivation, groups_of, is_sequence, particles_of
from envoy.xsd.loader import XS, expand_reference, expanded_name, load
from envoy.xsd.simple_types import built_in, resolve
from envoy.xsd.symbol_table import SymbolTable


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the schema.

    Attributes:
        tag: Qualified name, empty if it has none.
        node: Its definition; None for a type that is built into XSD.
    """

    tag: str
    node: etree._Element | None

    @property
    def name(self) -> str:
        """Local name, empty if it has none."""
        return self.tag.rpartition("}")[2]


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
        white_space: What becomes of white space in a text: ``preserve``, ``replace`` or ``collapse``.
    """

    type: str
    kind: str
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    bitmap: bool = False
    time: bool = False
    white_space: str = "preserve"


class Components:
    """The elements and types of a schema.

    Args:
        path: Its entry file.
    """

    def __init__(self, path: Path) -> None:
        files = load([path], lenient=True)
        self._files = [file.root for file in files]
        self._symbols = SymbolTable(files)
        self.roots = frozenset(self._symbols.names("element"))
        """Qualified names of the elements that can be the root of a document."""
        # Kept for as long as the process runs, as the components themselves are.
        self.children = cache(self._children)
        self.derived = cache(self._derived)
        self.is_sequence = cache(self._is_sequence)
        self.value_of_type = cache(self._value)

    def type_of(self, element: etree._Element) -> Type | None:
        """Return the type of an element in a document, None if the schema does not know the element at that place."""
        parent = element.getparent()
        if parent is None:
            declared = self.root(str(element.tag))
        else:
            found = next((child for child in self.children_of(parent) if child.tag == element.tag), None)
            declared = found.type if found else None
        name = element.get(XSI_TYPE)
        if name is None or declared is None:
            return declared
        prefix, _, local = name.strip().rpartition(":")
        namespace = element.nsmap.get(prefix or None)
        named = self._type(f"{{{namespace}}}{local}" if namespace else local)
        # One that does not fit is an error of its own, and the rest is validated by the declared type.
        return named if named is not None and self.is_derived(named, declared) else declared

    def children_of(self, element: etree._Element) -> tuple[Child, ...]:
        """Return the children that an element of a document can have, none if the schema does not know it there."""
        kind = self.type_of(element)
        return self.children(kind) if kind else ()

    def is_derived(self, kind: Type, base: Type) -> bool:
        """Whether a type is another one, or is derived from it."""
        return base in self._chain(kind)

    def _derived(self, base: Type) -> dict[str, str]:
        """Return the types that are another one or are derived from it: their namespaces by their names."""
        return {kind.name: kind.tag[1:].rpartition("}")[0] for kind in self._types if self.is_derived(kind, base)}

    def root(self, tag: str) -> Type | None:
        """Return the type of the root element of a name, None if no message has it."""
        node = self._symbols.look_up("element", tag)
        return self._type_of_declaration(node) if node is not None else None

    def value(self, kind: Type, attribute: str = "") -> Value | None:
        """Return what a simple type allows, or an attribute of a type; None if there is no such thing."""
        if not attribute:
            return self.value_of_type(kind)
        node = self.attributes(kind).get(attribute)
        declared = self._type_of_declaration(node) if node is not None else None
        return self.value_of_type(declared) if declared else None

    def owners(self, local: str) -> list[str]:
        """Return the names of the types that have a child of a name, base types first."""
        owners = [name for name, names in self._children_by_type.items() if local in names]
        return sorted(owners, key=lambda name: len(self._children_by_type[name]))

    def elements_of(self, *types: str) -> frozenset[str]:
        """Return the local names of all elements whose type is one of these or is derived from one."""
        return frozenset().union(*(self._names_by_type.get(kind, ()) for kind in types))

    @cached_property
    def bitmaps(self) -> dict[str, int]:
        """The local names of all elements that are always bitmaps, and the octets that each has."""
        widths: dict[str, int] = {}
        others: set[str] = set()
        for name, kind, declaration in self._elements:
            value = self.value_of_type(kind)
            if value and value.max_length and (value.bitmap or _is_bitmap(declaration)):
                widths[name] = value.max_length
            else:
                others.add(name)
        return {name: width for name, width in widths.items() if name not in others}

    @cached_property
    def _types(self) -> list[Type]:
        return [kind for tag in self._symbols.names("type") if (kind := self._type(tag))]

    @cached_property
    def _elements(self) -> list[tuple[str, Type, etree._Element]]:
        """Local name, type and declaration of every element that the schema declares or refers to."""
        return [
            (node.get("name", node.get("ref", "")).rpartition(":")[2], kind, node)
            for root in self._files
            for node in root.iter(f"{XS}element")
            if (kind := self._type_of_declaration(node)) is not None
        ]

    @cached_property
    def _names_by_type(self) -> dict[str, set[str]]:
        """The names of the elements that are of a type or of one derived from it, by the name of the type."""
        names_by_kind: dict[Type, set[str]] = {}
        for name, kind, _ in self._elements:
            names_by_kind.setdefault(kind, set()).add(name)
        names_by_type: dict[str, set[str]] = {}
        for kind, names in names_by_kind.items():
            for link in self._chain(kind):
                names_by_type.setdefault(link.name, set()).update(names)
        return names_by_type

    @cached_property
    def _children_by_type(self) -> dict[str, frozenset[str]]:
        return {kind.name: frozenset(child.local for child in self.children(kind)) for kind in self._types}

    def _type(self, tag: str, user: etree._Element | None = None) -> Type | None:
        node = self._symbols.look_up("type", tag, user)
        return Type(tag, node) if node is not None or tag.startswith(XS) else None

    def _type_of_declaration(self, node: etree._Element) -> Type | None:
        if node.get("ref"):
            found = self._symbols.find(str(node.tag).removeprefix(XS), node, "ref")
            return self._type_of_declaration(found) if found is not None else None
        if node.get("type"):
            return self._type(expand_reference(node, node.get("type", "")))
        inline = next(node.iterchildren(f"{XS}complexType", f"{XS}simpleType"), None)
        return Type("", inline) if inline is not None else None

    def _chain(self, kind: Type) -> Iterator[Type]:
        """Yield a type and those that it is derived from, the nearest first."""
        link: Type | None = kind
        while link is not None:
            yield link
            step = derivation(link.node) if link.node is not None else None
            link = self._type(expand_reference(step, step.get("base", "")), step) if step is not None else None

    def _children(self, kind: Type) -> tuple[Child, ...]:
        """Return the children that a type has, in their order."""
        if kind.node is None:
            return ()
        inherited: tuple[Child, ...] = ()
        step = derivation(kind.node)
        if step is not None and step.tag == f"{XS}extension":
            inherited = next((self.children(base) for base in self._chain(kind) if base is not kind), ())
        return inherited + tuple(
            Child(expanded_name(leaf), low > 0, high is None or high > 1, self._type_of_declaration(leaf))
            for leaf, low, high in particles_of(kind.node, self._symbols)
        )

    def _is_sequence(self, kind: Type) -> bool:
        """Whether the children of a type have one order: no choice is between them, and no group of them repeats."""
        nodes = [link.node for link in self._chain(kind) if link.node is not None]
        return all(is_sequence(group) for node in nodes for group in groups_of(node))

    def attributes(self, kind: Type) -> dict[str, etree._Element]:
        """Return the declarations of the attributes of a type by their local names."""
        found: dict[str, etree._Element] = {}
        for node in (link.node for link in self._chain(kind) if link.node is not None):
            for attribute in attributes_of(node, self._symbols):
                found.setdefault(expanded_name(attribute).rpartition("}")[2], attribute)
        return found

    def _value(self, kind: Type) -> Value | None:
        simple = built_in(kind.name) if kind.node is None else resolve(kind.node, self._symbols)
        if simple is None or simple.many:
            return None
        chain = list(self._chain(kind))
        return Value(
            type=next((link.name for link in chain if link.name), ""),
            kind="integer" if simple.family == "integer" else simple.builtin,
            max_length=simple.max_length,
            minimum=simple.minimum,
            maximum=simple.maximum,
            bitmap=any(link.node is not None and _is_bitmap(link.node) for link in chain),
            time=any(link.name == "TimeType" for link in chain),
            white_space=simple.white_space,
        )


@cache
def components_of(path: Path) -> Components:
    """Return the components of the schema with this entry file."""
    return Components(path)


def _is_bitmap(node: etree._Element) -> bool:
    codes = codes_of(node)
    return codes is not None and codes.get("kind") == "bitmap"
