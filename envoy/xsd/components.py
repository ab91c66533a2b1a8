"""The components of a schema as validation sees them: declarations, types, the order of elements, values, attributes.

What is compiled of a type is compiled when the first document needs it, and kept as long as the process runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from lxml import etree

from envoy.bindings.value_errors import Value
from envoy.namespaces import XSI_TYPE
from envoy.xsd.annotations import annotate
from envoy.xsd.content import attribute_nodes, derivation, groups_of
from envoy.xsd.content_model import (
    EMPTY,
    All,
    Choice,
    ContentModel,
    ElementParticle,
    Particle,
    Repeat,
    Sequence,
    Wildcard,
)
from envoy.xsd.loader import XS, SchemaFile, expand_reference, expanded_name, load
from envoy.xsd.simple_types import BASES, built_in, resolve
from envoy.xsd.symbol_table import SymbolTable

_GROUPS: dict[str, type[Sequence | Choice | All]] = {
    f"{XS}sequence": Sequence, f"{XS}choice": Choice, f"{XS}all": All,
}  # fmt: skip
_ANYTHING = Wildcard(None, process="lax")
_ANY_TYPES = (f"{XS}anyType", f"{XS}anySimpleType", f"{XS}anyAtomicType")


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a type: its declaration, and whether it has to be there."""

    declaration: Declaration
    required: bool


class Declaration:
    """An element or attribute of the schema.

    Attributes:
        tag: Qualified name.
        fixed: The only value that it may have, None if it may have others.
        empty: What it means if there is no text in it.
        nillable: It may have ``xsi:nil``.
        abstract: Only elements of its substitution group may stand in a document.
    """

    def __init__(self, components: Components, node: etree._Element) -> None:
        self.tag = expanded_name(node)
        self.fixed = node.get("fixed")
        self.empty = self.fixed if self.fixed is not None else node.get("default")
        self.nillable = node.get("nillable") in ("true", "1")
        self.abstract = node.get("abstract") in ("true", "1")
        self._components = components
        self._node = node

    @property
    def local(self) -> str:
        """Name without the namespace."""
        return self.tag.rpartition("}")[2]

    @cached_property
    def block(self) -> frozenset[str]:
        """The ways of derivation by which nothing may stand for it."""
        return _blocked(self._node)

    @cached_property
    def type(self) -> Type:
        """Its type."""
        return self._components.type_of_declaration(self._node)

    @cached_property
    def value(self) -> Value | None:
        """What its text may be, None if it is not a simple value."""
        value = self.type.value
        return value and annotate(value, self._node)


class Type:
    """A type of the schema.

    Attributes:
        tag: Qualified name, empty if it has none.
        node: Its definition; None for a type that is built into XSD.
        simple: It is not a complex type.
        mixed: Text may stand between its elements.
        abstract: No element of a document is of it, but of one derived from it.
    """

    def __init__(self, components: Components, tag: str, node: etree._Element | None) -> None:
        self.tag = tag
        self.node = node
        self.simple = tag != _ANY_TYPES[0] if node is None else node.tag == f"{XS}simpleType"
        self.abstract = node is not None and node.get("abstract") in ("true", "1")
        self._components = components

    @property
    def name(self) -> str:
        """Local name, empty if it has none."""
        return self.tag.rpartition("}")[2]

    @cached_property
    def base(self) -> Type | None:
        """The type that it is derived from, None if it is one of XSD itself."""
        step = None if self.node is None else derivation(self.node)
        if step is not None:
            return self._components.type(expand_reference(step, step.get("base", "")), step)
        if self.node is None and self.name in BASES:
            return self._components.type(f"{XS}{BASES[self.name]}")
        if self.tag not in _ANY_TYPES:
            return self._components.type(_ANY_TYPES[self.simple])
        return self._components.type(_ANY_TYPES[0]) if self.simple else None

    @cached_property
    def extends(self) -> bool:
        """Whether it adds to its base, instead of restricting it."""
        step = None if self.node is None else derivation(self.node)
        return step is not None and step.tag == f"{XS}extension"

    @cached_property
    def chain(self) -> tuple[Type, ...]:
        """The type itself and those that it is derived from, the nearest first."""
        return (self, *(self.base.chain if self.base else ()))

    @property
    def named(self) -> Type | None:
        """The type itself, or if it has no name the nearest one with a name that it is derived from."""
        return next((kind for kind in self.chain if kind.tag and kind.node is not None), None)

    @cached_property
    def mixed(self) -> bool:
        if self.node is None:
            return not self.simple
        if self.extends and self.base is not None and self.base.mixed:
            return True
        content = self.node.find(f"{XS}complexContent")
        inner = None if content is None else content.get("mixed")
        return (inner or self.node.get("mixed")) in ("true", "1")

    @cached_property
    def value(self) -> Value | None:
        """What its text may be, None if it has no text, or none of a simple type."""
        return self._components.value_of(self)

    @cached_property
    def content(self) -> ContentModel:
        """Which elements may stand in it, and in which order."""
        return ContentModel(self._content[0])

    @property
    def children(self) -> dict[str, Declaration]:
        """The elements that may stand in it, by their tags, in the order of the schema."""
        return self._content[1]

    @cached_property
    def _content(self) -> tuple[Particle, dict[str, Declaration]]:
        if self.node is None:
            return EMPTY if self.simple else Repeat(_ANYTHING, 0, None), {}
        inherited, children = self.base._content if self.extends and self.base else (EMPTY, {})
        children = dict(children)
        own = [self._components.particle(group, children) for group in groups_of(self.node)]
        parts = tuple(part for part in (inherited, *own) if part != EMPTY)
        return parts[0] if len(parts) == 1 else Sequence(parts), children

    @cached_property
    def bare(self) -> bool:
        """Whether it has no elements of its own, but for places where anything may stand."""
        types = [child.type for child in self.children.values()]
        return all(kind.value is None and not kind.content.tags and not kind.content.empty for kind in types)

    def takes(self, tag: str) -> bool:
        """Whether an element may stand in it."""
        return tag in self.children or self.content.wildcard(tag) is not None

    def takes_attribute(self, tag: str) -> bool:
        """Whether it may have an attribute."""
        return tag in self.attributes or any(wildcard.matches(tag) for wildcard in self.attribute_wildcards)

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Its attributes by their qualified names."""
        found = dict(self.base.attributes) if self.base is not None and self.node is not None else {}
        for node in self._components.attribute_nodes(self.node):
            if node.get("use") == "prohibited":
                found.pop(expanded_name(node), None)
            elif node.tag == f"{XS}attribute":
                declaration = self._components.declaration(node)
                found[declaration.tag] = Attribute(declaration, node.get("use") == "required")
        return found

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The names of the attributes that have to be there."""
        return tuple(tag for tag, attribute in self.attributes.items() if attribute.required)

    @cached_property
    def attribute_wildcards(self) -> tuple[Wildcard, ...]:
        """The wildcards of its attributes."""
        if self.node is None:
            return () if self.simple else (_ANYTHING,)
        nodes = self._components.attribute_nodes(self.node)
        own = tuple(_wildcard(node) for node in nodes if node.tag == f"{XS}anyAttribute")
        return own + (self.base.attribute_wildcards if self.extends and self.base else ())

    def stands_for(self, declared: Type, block: frozenset[str] = frozenset()) -> bool:
        """Whether an element of a declared type may have this one, by ``xsi:type`` or a substitution group."""
        if declared not in self.chain:
            return False
        steps = self.chain[: self.chain.index(declared)]
        block |= _blocked(declared.node)
        return not {"extension" if step.extends else "restriction" for step in steps} & block


class Components:
    """The elements and types of a schema.

    Args:
        files: Its files; what is referred to comes before what refers to it.
    """

    def __init__(self, files: Iterable[SchemaFile]) -> None:
        files = list(files)
        self._files = [file.root for file in files]
        self._symbols = SymbolTable(files)
        self._types: dict[str | etree._Element, Type] = {}
        self._declarations: dict[etree._Element, Declaration] = {}
        self.roots = frozenset(self._symbols.names("element"))
        """Qualified names of the elements that can be the root of a document."""
        self.anything = Declaration(self, etree.Element(f"{XS}element", name=""))
        """What an element is that the schema does not know: of any type."""

    def root(self, tag: str) -> Declaration | None:
        """Return the global element of a name, None if there is none."""
        node = self._symbols.look_up("element", tag)
        return self.declaration(node) if node is not None else None

    def attribute(self, tag: str) -> Declaration | None:
        """Return the global attribute of a name, None if there is none."""
        node = self._symbols.look_up("attribute", tag)
        return self.declaration(node) if node is not None else None

    def type(self, tag: str, user: etree._Element | None = None) -> Type | None:
        """Return the type of a name, None if there is none; ``user`` is the node that refers to it."""
        node = self._symbols.look_up("type", tag, user)
        if node is None and not tag.startswith(XS):
            return None
        return self._make_type(tag, node)

    def type_of(self, element: etree._Element) -> Type | None:
        """Return the type of an element in a document, None if the schema does not know the element at that place.

        A root element that the schema does not have is of the type of its name: it may be a part of messages.
        """
        parent = element.getparent()
        if parent is None:
            declared = self.root(str(element.tag))
            if declared is None:
                return self.type(str(element.tag))
        else:
            kind = self.type_of(parent)
            declared = kind.children.get(str(element.tag)) if kind else None
        if declared is None:
            return None
        named = self.named_type(element)
        # One that does not fit is an error of its own, and the rest is validated by the declared type.
        return named if named is not None and named.stands_for(declared.type, declared.block) else declared.type

    def named_type(self, element: etree._Element) -> Type | None:
        """Return the type that ``xsi:type`` names, None if there is none."""
        prefix, _, local = element.get(XSI_TYPE, "").strip().rpartition(":")
        namespace = element.nsmap.get(prefix or None)
        if namespace is None and prefix:
            return None
        return self.type(f"{{{namespace}}}{local}" if namespace else local)

    @cached_property
    def types(self) -> list[Type]:
        """The types that have names."""
        return [kind for tag in self._symbols.names("type") if (kind := self.type(tag))]

    @cached_property
    def elements(self) -> list[Declaration]:
        """The declarations of all elements."""
        return [
            self.declaration(node) for root in self._files for node in root.iter(f"{XS}element") if not node.get("ref")
        ]

    @cached_property
    def _substitutes(self) -> dict[str, list[Declaration]]:
        """The global elements that name another one as the head of their substitution group, by its tag."""
        found: dict[str, list[Declaration]] = {}
        for tag in self._symbols.names("element"):
            node = self._symbols.look_up("element", tag)
            if node is not None and (head := node.get("substitutionGroup")):
                found.setdefault(expand_reference(node, head), []).append(self.declaration(node))
        return found

    def _make_type(self, tag: str, node: etree._Element | None) -> Type:
        key = tag if node is None else node
        if key not in self._types:
            self._types[key] = Type(self, tag, node)
        return self._types[key]

    def declaration(self, node: etree._Element) -> Declaration:
        """Return the declaration of an element or attribute; that of a reference is what it refers to."""
        if node not in self._declarations:
            refers = node.get("ref") is not None
            found = self._symbols.find(str(node.tag).removeprefix(XS), node, "ref") if refers else node
            # What refers to nothing is in a file that could not be read, and may be anything.
            known = self._declarations.get(found) if found is not None else None
            self._declarations[node] = known or Declaration(self, node if found is None else found)
        return self._declarations[node]

    def type_of_declaration(self, node: etree._Element) -> Type:
        """Return the type of a declaration."""
        found = self.type(expand_reference(node, node.get("type", ""))) if node.get("type") else None
        inline = next(node.iterchildren(f"{XS}complexType", f"{XS}simpleType"), None)
        if inline is not None:
            found = self._make_type("", inline)
        elif found is None and (head := node.get("substitutionGroup")):
            declared = self.root(expand_reference(node, head))
            found = declared.type if declared else None
        return found or self._make_type(_ANY_TYPES[node.tag == f"{XS}attribute"], None)

    def particle(self, node: etree._Element, children: dict[str, Declaration]) -> Particle:
        """Return what a node of a content stands for, and add the elements in it to the children of the type."""
        found: Particle
        if node.tag == f"{XS}element":
            declaration = self.declaration(node)
            members = self.find_members(declaration) if node.get("ref") else {declaration.tag: declaration}
            children.update(members)
            found = ElementParticle(declaration.tag, frozenset(members))
        elif node.tag == f"{XS}any":
            found = _wildcard(node)
        else:
            owner = self._symbols.find("group", node, "ref") if node.tag == f"{XS}group" else node
            nodes = () if owner is None else owner.iterchildren(f"{XS}element", f"{XS}any", f"{XS}group", *_GROUPS)
            parts = (self.particle(part, children) for part in nodes)
            found = _GROUPS.get(str(node.tag), Sequence)(tuple(part for part in parts if part != EMPTY))
        low, high = int(node.get("minOccurs", "1")), node.get("maxOccurs", "1")
        if high == "0":
            return EMPTY
        return found if low == 1 and high == "1" else Repeat(found, low, None if high == "unbounded" else int(high))

    def find_members(self, head: Declaration) -> dict[str, Declaration]:
        """Return a global element and those of its substitution group by their tags, without abstract ones."""
        found = {head.tag: head}
        waiting = [] if "substitution" in head.block else [head]
        while waiting:
            for member in self._substitutes.get(waiting.pop().tag, ()):
                if member.tag not in found and member.type.stands_for(head.type, head.block):
                    found[member.tag] = member
                    waiting.append(member)
        return {tag: member for tag, member in found.items() if not member.abstract}

    def attribute_nodes(self, node: etree._Element | None) -> Iterator[etree._Element]:
        """Yield the attributes and wildcards that a type itself declares."""
        return iter(()) if node is None else attribute_nodes(node, self._symbols)

    def value_of(self, kind: Type) -> Value | None:
        """Return what the text of a type may be, None if it has none of a simple type."""
        if not kind.simple and (kind.node is None or kind.node.find(f"{XS}simpleContent") is None):
            return None
        simple = built_in(kind.name) if kind.node is None else resolve(kind.node, self._symbols)
        if simple is None or simple.many:
            return Value("", "list", decided=False)
        value = Value(
            type=next((link.name for link in kind.chain if link.name), ""),
            kind="integer" if simple.family == "integer" else simple.builtin,
            max_length=simple.max_length,
            min_length=simple.min_length,
            minimum=simple.minimum,
            maximum=simple.maximum,
            patterns=simple.patterns,
            time=any(link.name == "TimeType" for link in kind.chain),
            white_space=simple.white_space,
            decided=simple.decided,
        )
        for link in reversed(kind.chain):
            value = value if link.node is None else annotate(value, link.node)
        return value


@cache
def components_of(path: Path) -> Components:
    """Return the components of the schema with this entry file."""
    return Components(load([path], lenient=True))


def _wildcard(node: etree._Element) -> Wildcard:
    schema = next(node.iterancestors(f"{XS}schema"))
    target = schema.get("targetNamespace", "")
    named = node.get("namespace", "##any")
    if named == "##any":
        return Wildcard(None, process=node.get("processContents", "strict"))
    own = {"##targetNamespace": target, "##local": "", "##other": target}
    namespaces = frozenset(own.get(name, name) for name in named.split())
    other = named == "##other"
    return Wildcard(namespaces | {""} if other else namespaces, other, node.get("processContents", "strict"))


def _blocked(node: etree._Element | None) -> frozenset[str]:
    """Return the ways of derivation by which nothing may stand for a component."""
    if node is None:
        return frozenset()
    schema = next(node.iterancestors(f"{XS}schema"), None)
    text = node.get("block", "" if schema is None else schema.get("blockDefault", ""))
    return frozenset(("extension", "restriction", "substitution") if text == "#all" else text.split())
