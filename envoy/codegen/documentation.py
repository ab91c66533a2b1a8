"""Prepare the documentation of a schema, and what else it says beside XSD, for the generated code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lxml import etree

from envoy.xsd.annotations import marks_of, text_of, unit_of
from envoy.xsd.loader import XS, SchemaFile
from envoy.xsd.symbol_table import SymbolTable


def paragraphs_of(root: etree._Element) -> list[str]:
    """Return the documentation of a whole schema, by paragraphs; an empty line ends one."""
    texts = root.iterfind(f"{XS}annotation/{XS}documentation")
    whole = "\n\n".join("".join(text.itertext()) for text in texts)
    return [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", whole) if paragraph.strip()]


def describe(files: Sequence[SchemaFile]) -> dict[Path, list[str]]:
    """Leave one line of documentation on each component, with its unit in it; return the paragraphs of each file."""
    result = {}
    for file in files:
        result[file.path] = paragraphs_of(file.root)
        for note in list(file.root.iter(f"{XS}annotation")):
            node = note.getparent()
            if node is None or node.tag == f"{XS}schema" or node.find(f"{XS}annotation") is not note:
                continue
            text = text_of(node)
            if unit := unit_of(node):
                text = f"{text} Unit: {unit}.".strip()
            for other in list(node.iterchildren(f"{XS}annotation")):
                node.remove(other)
            if text:
                fresh = etree.Element(f"{XS}annotation")
                etree.SubElement(fresh, f"{XS}documentation").text = text
                node.insert(0, fresh)
    return result


def read_marks(files: Sequence[SchemaFile]) -> dict[tuple[str, str], dict[str, str]]:
    """Return the marks of elements and attributes by their type and name; those of a type have an empty name."""
    symbols = SymbolTable(files)
    result = {}
    for file in files:
        for kind in file.root.iterchildren(f"{XS}complexType", f"{XS}simpleType"):
            name = symbols.name_of(kind, file.namespace)
            for node in (kind, *kind.iter(f"{XS}element", f"{XS}attribute")):
                if marks := marks_of(node):
                    result[name, "" if node is kind else node.get("name", "")] = marks
    return result
