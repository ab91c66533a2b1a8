"""What the XSD files say about types and fields: documentation, units, occurrence, codes, profiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from envoy.profiles import PROFILES

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_DOC = "{urn:envoy-client:schema-documentation}"
_TYPES = (f"{_XSD}complexType", f"{_XSD}simpleType")

EXTENSION = "csipaus"
"""Stem of the file with the CSIP-AUS extension. That of 1.3 declares all that 1.2 does."""

_EXTENSION_FILE = f"csipaus/1.3/{EXTENSION}.xsd"
_LEGACY_FILE = "envoy/connection_point.xsd"


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
class SchemaFile:
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
        self.files: dict[str, SchemaFile] = {}
        self.types: dict[str, Described] = {}
        self.fields: dict[tuple[str, str], Described] = {}
        self.homes: dict[str, str] = {}
        self._elements: dict[str, str] = {}
        standard = sorted(path for path in (folder / "sep").glob("*.xsd") if path.name != "sep.xsd")
        for path in (*standard, *(folder / name for name in (_EXTENSION_FILE, _LEGACY_FILE))):
            self._read(path, path.relative_to(folder).as_posix())
        self._read_extensions(folder)

    def unit(self, item: Described) -> str:
        """Return the unit of a field or type, be it its own or that of the type it is made from."""
        while not item.unit and item.type in self.types:
            item = self.types[item.type]
        return item.unit

    def _read(self, path: Path, name: str) -> None:
        root = etree.parse(path).getroot()
        subject, colon, _ = _text(root).partition(":")
        if not colon:
            raise ValueError(f"{name}: the documentation of a schema file begins with its subject and a colon")
        self.files[path.stem] = SchemaFile(name, subject, _text(root))
        self._elements |= {str(node.get("name")): _type(node) for node in root.iterfind(f"{_XSD}element")}
        for node in root.iterchildren(*_TYPES):
            owner = str(node.get("name"))
            self.types[owner] = self._described(node)
            self.homes[owner] = path.stem
            if name == _LEGACY_FILE:
                self.types[owner].profiles["envoy-0.1"] = False
            for part in _fields(node):
                item = self.fields[owner, _name(part)] = self._described(part)
                for codes in _lists(part):
                    if name_of_list := codes.get("name"):
                        when = codes.get("when")
                        text = f"Codes of {owner}.{_name(part)} when {when}." if when else item.text
                        self.types[name_of_list] = Described(text, "", item.type, codes=_labels(codes))
                        self.homes[name_of_list] = path.stem

    def _read_extensions(self, folder: Path) -> None:
        """Read what profiles append to the standard's types, and note which of them know and require it.

        The models hold the union of all profiles, so there each such field is one that may be left out.
        """
        for profile in PROFILES.values():
            if not profile.extension_schema:
                continue
            for node in etree.parse(folder / profile.extension_schema).getroot().iterchildren(*_TYPES):
                self.types[str(node.get("name"))].profiles[profile.name] = False
            for node in etree.parse(folder / profile.schema).getroot().iterfind(f"{_XSD}redefine/{_XSD}complexType"):
                for part in _fields(node):
                    item = self.fields.setdefault((str(node.get("name")), _name(part)), self._described(part))
                    item.profiles[profile.name] = _occurs(part).startswith("1")
                    item.occurs = "0..1"

    def _described(self, node: etree._Element) -> Described:
        # A list that holds for some documents alone is a class of its own, and none of the field.
        codes = next((codes for codes in _lists(node) if codes.get("when") is None), None)
        return Described(
            text=_text(node),
            unit=node.findtext(f"{_XSD}annotation/{_XSD}appinfo/{_DOC}unit", ""),
            type=self._elements[_name(node)] if node.get("ref") else _type(node),
            occurs="" if node.tag in _TYPES else _occurs(node),
            codes={} if codes is None else _labels(codes),
        )


def _lists(node: etree._Element) -> list[etree._Element]:
    return list(node.iterfind(f"{_XSD}annotation/{_XSD}appinfo/{_DOC}codes"))


def _labels(codes: etree._Element) -> dict[str, str]:
    return {str(entry.get("name")): " ".join((entry.text or "").split()) for entry in codes}


def _text(node: etree._Element) -> str:
    return " ".join(node.findtext(f"{_XSD}annotation/{_XSD}documentation", "").split())


def _fields(node: etree._Element) -> Iterator[etree._Element]:
    return node.iter(f"{_XSD}element", f"{_XSD}attribute")


def _name(node: etree._Element) -> str:
    return str(node.get("name") or node.get("ref")).rpartition(":")[2]


def _type(node: etree._Element) -> str:
    base = next(node.iter(f"{_XSD}extension", f"{_XSD}restriction"), None)
    name = node.get("type", "") if base is None else base.get("base", "")
    return name if name.startswith("xs:") else name.rpartition(":")[2]


def _occurs(node: etree._Element) -> str:
    if node.tag == f"{_XSD}attribute":
        return "1" if node.get("use") == "required" else "0..1"
    least, most = node.get("minOccurs", "1"), node.get("maxOccurs", "1").replace("unbounded", "*")
    return most if least == most else f"{least}..{most}"
