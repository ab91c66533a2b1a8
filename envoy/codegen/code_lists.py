"""Code lists and bitmaps of a schema: plain ``xs:enumeration``, or members named in ``xs:appinfo``.

``envoy.xsd.annotations`` has the vocabulary of the latter. A conditional list becomes an enumeration of its own, and
the field stays the number that it is.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from envoy.codegen.names import class_identifier, field_identifier, member_identifier
from envoy.errors import SchemaError
from envoy.xsd.annotations import DOC, code_lists_of, codes_of, label_of, text_of
from envoy.xsd.loader import XS, SchemaFile, new_component
from envoy.xsd.simple_types import Simple, resolve
from envoy.xsd.symbol_table import SymbolTable


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a code list: its name, its value as Python source, and what it means."""

    name: str
    value: str
    label: str


@dataclass(slots=True)
class CodeList:
    """A code list.

    Attributes:
        base: ``Code``, ``Bitmap``, or ``StrEnum``.
        octets: Width of its hexBinary form; 0 if it is not hexBinary.
        members: Its members by their text in XML.
    """

    base: str
    octets: int
    members: dict[str, Member] = field(default_factory=dict)

    def default(self, class_name: str, text: str) -> str:
        """Return the Python source of a default value, which need not be a member."""
        if text in self.members and self.base != "Bitmap":
            return f"{class_name}.{self.members[text].name}"
        if self.base == "StrEnum":
            return f"{class_name}({text!r})"
        return f"{class_name}({int(text, 16 if self.octets else 10)})"


def name_lists(files: Sequence[SchemaFile]) -> None:
    """Give every code list of a field a type with a name, so that each list is one simple type of a schema.

    Raises:
        SchemaError: A list on a field has no name, or one that another type has.
    """
    taken_in: dict[str, set[str]] = defaultdict(set)
    for file in files:
        named = file.root.iterchildren(f"{XS}simpleType", f"{XS}complexType")
        taken_in[file.namespace].update(node.get("name", "") for node in named)
    for file in files:
        taken = taken_in[file.namespace]
        for node in list(file.root.iter(f"{XS}element", f"{XS}attribute", f"{XS}list")):
            for conditional in code_lists_of(node):
                if conditional.get("when") is not None:
                    _name_conditional(node, conditional, file, taken)
            codes = codes_of(node)
            inner = node.find(f"{XS}simpleType")
            is_list = inner is not None and inner.find(f"{XS}restriction/{XS}enumeration") is not None
            # The simple type of a global element has to have a name too: fields refer to the element by its own.
            is_global = inner is not None and node.getparent() is file.root
            if codes is None and not is_list and not is_global:
                continue
            name = _free_name(node, taken) if codes is None else codes.get("name", "")
            _take(name, taken, file.place(node))
            if inner is None:
                if not node.get("type"):
                    raise SchemaError("a code list on a field without a simple type", where=file.place(node))
                inner = new_component("simpleType")
                etree.SubElement(inner, f"{XS}restriction", base=node.get("type", ""))
            if codes is not None:
                inner.insert(0, _annotation(f"Codes of {_place(node)}. {text_of(node)}".strip(), codes))
            inner.set("name", name)
            file.root.append(inner)
            written = _reference(name, file)
            node.set("itemType" if node.tag == f"{XS}list" else "type", written)


def _name_conditional(node: etree._Element, codes: etree._Element, file: SchemaFile, taken: set[str]) -> None:
    """Make a type of a list that holds for some documents alone; the field does not get it."""
    name, base = codes.get("name", ""), node.get("type")
    _take(name, taken, file.place(node))
    if not base:
        raise SchemaError("a code list with when on a field without a named type", where=file.place(node))
    kind = etree.SubElement(file.root, f"{XS}simpleType", name=name)
    etree.SubElement(kind, f"{XS}restriction", base=base)
    kind.insert(0, _annotation(f"Codes of {_place(node)} when {codes.attrib.pop('when')}.", codes))


def _take(name: str, taken: set[str], where: str) -> None:
    if not name or name in taken:
        what = f"the code list on a field has the name of a type, {name}" if name else "a code list has no name"
        raise SchemaError(what, where=where, remedy='Write <doc:codes name="...">.')
    taken.add(name)


def _place(node: etree._Element) -> str:
    owners = [x.get("name", "") for x in node.iterancestors() if x.get("name")]
    return ".".join([*owners[:1], field_identifier(node.get("name", ""))])


def _free_name(node: etree._Element, taken: set[str]) -> str:
    """Return a name for a list that has none: that of its field, with those of its owners before it if need be."""
    name = ""
    for named in (x for x in (node, *node.iterancestors()) if x.get("name")):
        name = class_identifier(named.get("name", "")) + name
        if name not in taken:
            return name
    return f"{name}Code"


def _reference(name: str, file: SchemaFile) -> str:
    if not file.namespace:
        return name
    # No file declares the prefix xml, it is there.
    prefixes = (prefix for prefix, uri in file.root.nsmap.items() if uri == file.namespace)
    return f"{next(prefixes, 'xml')}:{name}"


def read_lists(files: Sequence[SchemaFile]) -> dict[str, CodeList]:
    """Return the code lists of simplified files by the qualified name of their type, and make enumerations of them.

    Raises:
        SchemaError: A list is not what the vocabulary says, or its members have no names in Python.
    """
    symbols = SymbolTable(files)
    for file in files:
        for facet in list(file.root.iterfind(f"*//{XS}simpleType/{XS}restriction/{XS}enumeration")):
            facet.getparent().remove(facet)  # type: ignore[union-attr]
    found: dict[str, tuple[CodeList, etree._Element]] = {}
    for file in files:
        for node in file.root.iterchildren(f"{XS}simpleType"):
            restriction = node.find(f"{XS}restriction")
            simple = resolve(node, symbols)
            if restriction is None or simple is None:
                continue
            codes = codes_of(node)
            where = file.place(node if codes is None else codes)
            members = list(_members(node, codes, simple, where))
            if codes is not None or (members and not simple.many and simple.family in _BASES):
                result = _code_list(codes, simple, members, where)
                found[symbols.name_of(node, file.namespace)] = (result, restriction)
            for facet in list(restriction.iterchildren(f"{XS}enumeration")):
                restriction.remove(facet)
    for code_list, restriction in found.values():
        if restriction.get("base"):
            base = symbols.find("type", restriction, "base")
            if base is not None and symbols.name_of(base) in found:
                restriction.set("base", "xs:hexBinary" if code_list.octets else "xs:string")
        for text in code_list.members:
            etree.SubElement(restriction, f"{XS}enumeration", value=text)
    return {name: code_list for name, (code_list, _) in found.items()}


_BASES = {"integer": "Code", "hexBinary": "Code", "string": "StrEnum"}
"""The class that an enumeration inherits, by the family of its type. Other enumerations stay plain values."""


def _code_list(codes: etree._Element | None, simple: Simple, members: list[tuple[str, Member]], where: str) -> CodeList:
    bitmap = codes is not None and codes.get("kind") == "bitmap"
    base = "Bitmap" if bitmap else _BASES.get(simple.family)
    if base is None or simple.many or (bitmap and simple.family == "string"):
        raise SchemaError(f"a code list on a type of {simple.builtin}", where=where)
    result = CodeList(base, simple.octets if simple.family == "hexBinary" else 0)
    if simple.family == "hexBinary" and not result.octets:
        remedy = 'Give the type a maxLength: a code has a width, such as <xs:maxLength value="1"/>.'
        raise SchemaError("a code list on hexBinary of any length", where=where, remedy=remedy)
    names: set[str] = set()
    for text, member in members:
        if not member.name.isidentifier() or keyword.iskeyword(member.name) or member.name.startswith("_"):
            raise SchemaError(f"{member.name!r} cannot be the name of a member", where=where)
        if text in result.members or member.name in names:
            raise SchemaError(f"the member {member.name} stands twice in a code list", where=where)
        names.add(member.name)
        result.members[text] = member
    return result


def _members(
    node: etree._Element, codes: etree._Element | None, simple: Simple, where: str
) -> Iterator[tuple[str, Member]]:
    """Yield the members of a code list with their text in XML: of the vocabulary if it is there, else of the facets."""
    if codes is None:
        taken: set[str] = set()
        # A value that is listed again says nothing new.
        facets = {facet.get("value", ""): facet for facet in node.iterfind(f"{XS}restriction/{XS}enumeration[@value]")}
        for text, facet in facets.items():
            if not all(unicodedata.name(x, "") for x in text) and not any(x.isascii() and x.isalnum() for x in text):
                what = f"not supported: the code {text!r}, which has a character without a name"
                raise SchemaError(what, where=where)
            name = member_identifier(text, taken, number=simple.family != "string")
            yield text, Member(name, _value(text, simple, where), text_of(facet))
        return
    for entry in codes.iterchildren("*"):
        name, label = entry.get("name", ""), label_of(entry)
        if entry.tag == f"{DOC}bit" and entry.get("position", "").isdecimal():
            position = int(entry.get("position", ""))
            text = f"{1 << position:0{2 * simple.octets}X}" if simple.octets else str(1 << position)
            yield text, Member(name, f"1 << {position}", label)
        elif entry.tag == f"{DOC}code" and entry.get("value") is not None:
            text = entry.get("value", "")
            yield text, Member(name, _value(text, simple, where), label)
        else:
            what = f"{etree.QName(entry).localname} in a code list"
            raise SchemaError(what, where=where, remedy="Write doc:code with value, or doc:bit with position.")


def _value(text: str, simple: Simple, where: str) -> str:
    """Return the Python source of a member's value."""
    if simple.family == "string":
        return repr(text)
    try:
        return str(int(text, 16 if simple.family == "hexBinary" else 10))
    except ValueError:
        if simple.family in _BASES:
            raise SchemaError(f"{text!r} is not a value of a code list of {simple.builtin}", where=where) from None
        return repr(text)


def _annotation(text: str, codes: etree._Element) -> etree._Element:
    note = new_component("annotation")
    etree.SubElement(note, f"{XS}documentation").text = text
    etree.SubElement(note, f"{XS}appinfo").append(codes)
    return note
