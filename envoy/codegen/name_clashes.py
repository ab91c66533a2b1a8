"""Rename types that have the name of a global element of another type.

XSD keeps elements and types apart, xsdata does not: of two of one name it would make one class. So such a type gets
another name before xsdata sees it. Documents name types in ``xsi:type`` alone, where the name of the schema stays.
"""

from __future__ import annotations

from collections.abc import Sequence

from envoy.codegen.names import numbered
from envoy.xsd.loader import XS, SchemaFile, expand_reference
from envoy.xsd.symbol_table import SymbolTable

_REFERENCES = ("type", "base", "itemType", "memberTypes")
"""Attributes that name types."""


def rename_clashes(files: Sequence[SchemaFile]) -> dict[str, str]:
    """Rename types of simplified files in place; return the name in the schema of each, by its new name."""
    symbols = SymbolTable(files)
    taken = {*symbols.names("type"), *symbols.names("element")}
    new = {}
    for file in files:
        for element in file.root.iterchildren(f"{XS}element"):
            name = symbols.name_of(element, file.namespace)
            own = expand_reference(element, element.get("type", "")) if element.get("type") else ""
            if own != name and symbols.first("type", name) is not None:
                new[name] = next(x for x in numbered(f"{name}Type") if x not in taken)
    if new:
        _rename(files, symbols, new)
    return {renamed: name for name, renamed in new.items()}


def _rename(files: Sequence[SchemaFile], symbols: SymbolTable, new: dict[str, str]) -> None:
    locals_of = {name: renamed.rpartition("}")[2] for name, renamed in new.items()}
    for file in files:
        for node in file.root.iter(f"{XS}*"):
            for attribute in _REFERENCES:
                if node.get(attribute):
                    texts = node.get(attribute, "").split()
                    node.set(
                        attribute, " ".join(_reference(text, expand_reference(node, text), locals_of) for text in texts)
                    )
        for parent in (file.root, *file.root.iterchildren(f"{XS}redefine")):
            for node in parent.iterchildren(f"{XS}complexType", f"{XS}simpleType"):
                name = symbols.name_of(node, file.namespace)
                if name in locals_of:
                    node.set("name", locals_of[name])


def _reference(text: str, name: str, locals_of: dict[str, str]) -> str:
    prefix, colon, _ = text.rpartition(":")
    return f"{prefix}{colon}{locals_of[name]}" if name in locals_of else text
