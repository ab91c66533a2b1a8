"""Code lists of the standard, for schemas that have their codes in prose, as the official ones do.

Their types and fields get the lists that the schema of this project has for the same type or field.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

from lxml import etree

from envoy._data import data_folder
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.xsd.annotations import DOC, code_lists_of
from envoy.xsd.loader import XS, SchemaFile, load
from envoy.xsd.simple_types import resolve
from envoy.xsd.symbol_table import SymbolTable

Path = tuple[str, ...]
"""The namespace, and the names that lead from a type or field to the schema."""

_VERSION_2023 = "2.2"
"""The version of the schema of IEEE 2030.5-2023. CSIP-AUS is not defined over that edition."""

_DESCRIBED = (f"{XS}simpleType", f"{XS}complexType", f"{XS}element", f"{XS}attribute")


def borrow_lists(files: Sequence[SchemaFile], symbols: SymbolTable) -> None:
    """Add code lists to types and fields of the standard in files that have no code list at all."""
    borrowers = [file for file in files if _kind(file) and file.root.find(f".//{DOC}codes") is None]
    if not borrowers:
        return
    later = any(file.root.get("version") == _VERSION_2023 for file in borrowers)
    lenders = load([data_folder("schema") / ("sep-2023/sep.xsd" if later else "csipaus/1.3/core.xsd")])
    known = SymbolTable(lenders)
    models = {path: node for file in lenders for path, node in _described(file) if code_lists_of(node)}
    names = {node.get("name") for file in borrowers for node in file.root.iterchildren()}
    for file in borrowers:
        for path, node in _described(file):
            model = models.get(path)
            if model is None or node.find(f".//{XS}enumeration") is not None:
                continue
            if model.get("type"):
                # A list of one field: that field has to have the type here that it has there.
                same = _local(node) == _local(model) and not names & {
                    codes.get("name") for codes in code_lists_of(model)
                }
            else:
                same = resolve(node, symbols) == resolve(model, known)
            if same:
                note = node.find(f"{XS}annotation")
                if note is None:
                    note = etree.Element(f"{XS}annotation")
                    node.insert(0, note)
                etree.SubElement(note, f"{XS}appinfo").extend(copy.deepcopy(code_lists_of(model)))


def _kind(file: SchemaFile) -> str:
    """Return what a file is a schema of: the same for all namespaces of CSIP-AUS, empty for a vendor's own."""
    if file.namespace in EXTENSION_NAMESPACES:
        return "csipaus"
    return "sep" if file.namespace == SEP_NAMESPACE else ""


def _described(file: SchemaFile) -> Iterator[tuple[Path, etree._Element]]:
    """Yield the named types and fields of a file with their paths."""
    for node in file.root.iter(*_DESCRIBED):
        if node.get("name"):
            yield (_kind(file), *(x.get("name", "") for x in (node, *node.iterancestors()) if x.get("name"))), node


def _local(node: etree._Element) -> str:
    return node.get("type", "").rpartition(":")[2]
