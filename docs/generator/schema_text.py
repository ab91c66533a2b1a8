"""The texts of the XSD files about types and fields: documentation, units, occurrence, codes, profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from envoy.codegen.edition import unite
from envoy.profiles import PROFILES
from envoy.xsd.annotations import code_lists_of, codes_of, label_of, marks_of, text_of, unit_of
from envoy.xsd.content import attributes_of, derivation, particles_of
from envoy.xsd.loader import XS, SchemaFile, load
from envoy.xsd.symbol_table import SymbolTable

_TYPES = (f"{XS}complexType", f"{XS}simpleType")

EXTENSION = "csipaus"
"""Stem of the file with the CSIP-AUS extension. That of 1.3 declares all that 1.2 does."""

_SOURCES = ("csipaus/1.3/core.xsd", "envoy/connection_point.xsd")
_WITHOUT_PAGE = ("core", "sep")
"""Stems of files that only put others together."""

_LEGACY = "connection_point"


@dataclass(slots=True)
class Described:
    """One type or one field of the schema.

    Attributes:
        text: Its documentation.
        unit: The unit that it states itself; empty if none.
        type: Name of a field's type, or of the type that a type is made from; ``xs:`` marks those of XSD itself.
        occurs: How often a field occurs in the models; empty for a type.
        codes: Labels of the codes or bits that it lists, by the name of the member.
        profiles: The profiles that alone know it, each with whether it requires it; empty if the standard has it.
    """

    text: str
    unit: str
    type: str
    occurs: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """An XSD file that the bindings come from: its path below schema/, its subject, and what it is for."""

    path: str
    subject: str
    text: str


class SchemaText:
    """The texts of the schema.

    Attributes:
        files: The files by their stem.
        types: Simple and complex types by name, and the code lists that stand on a field.
        fields: Elements and attributes by the name of their type and their own name.
        homes: Stem of the file that declares a type.
    """

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, Page] = {}
        self.types: dict[str, Described] = {}
        self.fields: dict[tuple[str, str], Described] = {}
        self.homes: dict[str, str] = {}
        changes = unite(folder / "sep", folder / "edition-2023", "2023")
        contents = {(folder / "sep" / name).resolve(): text for name, text in changes.items()}
        files = load([folder / name for name in _SOURCES], contents=contents)
        symbols = SymbolTable(files)
        for file in files:
            if file.path.stem not in _WITHOUT_PAGE:
                self._read(file, symbols, folder)
        self._read_extensions(folder)

    def unit(self, item: Described) -> str:
        """Return the unit of a field or type, be it its own or that of the type it is made from."""
        while not item.unit and item.type in self.types:
            item = self.types[item.type]
        return item.unit

    def _read(self, file: SchemaFile, symbols: SymbolTable, folder: Path) -> None:
        page, path, text = file.path.stem, file.path.relative_to(folder.resolve()).as_posix(), text_of(file.root)
        subject, colon, _ = text.partition(":")
        if not colon:
            raise ValueError(f"{path}: the documentation of a schema file begins with its subject and a colon")
        self.files[page] = Page(path, subject, text)
        for element in file.root.iterchildren(f"{XS}element"):
            for attribute in element.iter(f"{XS}attribute"):
                described = _describe(attribute, attribute, "0..1")
                self.fields[str(element.get("name")), str(attribute.get("name"))] = described
        for node in file.root.iterchildren(*_TYPES):
            owner = str(node.get("name"))
            self.types[owner] = _describe(node, node)
            self.homes[owner] = page
            if page == _LEGACY:
                self.types[owner].profiles["envoy-0.1"] = False
            for part, name, item in _fields(node, symbols):
                self.fields[owner, name] = item
                for codes in code_lists_of(part):
                    if list_name := codes.get("name"):
                        when = codes.get("when")
                        text = f"Codes of {owner}.{name} when {when}." if when else item.text
                        self.types[list_name] = Described(text, "", item.type, codes=_labels(codes))
                        self.homes[list_name] = page

    def _read_extensions(self, folder: Path) -> None:
        """Read what profiles append to the standard's types, and note which of them know and require it.

        The models hold the union of all profiles, so there each such field is one that may be left out.
        """
        for profile in PROFILES.values():
            if not profile.extension_schema:
                continue
            files = load([folder / profile.schema])
            symbols = SymbolTable(files)
            roots = {file.path: file.root for file in files}
            for node in roots[(folder / profile.extension_schema).resolve()].iterchildren(*_TYPES):
                self.types[str(node.get("name"))].profiles[profile.name] = False
            for node in files[-1].root.iterfind(f"{XS}redefine/{XS}complexType"):
                for _, name, described in _fields(node, symbols):
                    item = self.fields.setdefault((str(node.get("name")), name), described)
                    item.profiles[profile.name] = described.occurs.startswith("1")
                    item.occurs = "0..1"


def _describe(node: etree._Element, declared: etree._Element, occurs: str = "") -> Described:
    codes = codes_of(node)
    step = derivation(declared)
    kind = declared.get("type", "") if step is None else step.get("base", "")
    return Described(
        text=text_of(node),
        unit=unit_of(node),
        type=kind if kind.startswith("xs:") else kind.rpartition(":")[2],
        occurs=occurs,
        codes={} if codes is None else _labels(codes),
        profiles=dict.fromkeys(_of_edition(marks_of(node).get("edition", "")), False),
    )


def _of_edition(edition: str) -> list[str]:
    """Return the names of the profiles that alone know what came with an edition; none if all do."""
    return [profile.name for profile in PROFILES.values() if edition and profile.edition >= edition]


def _fields(node: etree._Element, symbols: SymbolTable) -> Iterator[tuple[etree._Element, str, Described]]:
    """Yield the fields that a type itself declares: the declaration of each, its name, and what is said of it."""
    for leaf, low, high in particles_of(node, symbols):
        declared = symbols.find("element", leaf, "ref") if leaf.get("ref") else leaf
        assert declared is not None
        most = "*" if high is None else str(high)
        yield leaf, str(declared.get("name")), _describe(leaf, declared, most if str(low) == most else f"{low}..{most}")
    for item in attributes_of(node, symbols):
        yield item, str(item.get("name")), _describe(item, item, "1" if item.get("use") == "required" else "0..1")


def _labels(codes: etree._Element) -> dict[str, str]:
    return {str(entry.get("name")): f"{_since(entry)}{label_of(entry)}" for entry in codes}


def _since(entry: etree._Element) -> str:
    edition = marks_of(entry).get("edition")
    return f"Since IEEE 2030.5-{edition}: " if edition else ""
