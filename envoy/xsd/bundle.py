"""Bundles of schemas: one file for each namespace, without includes and redefinitions.

Editors and other tools look a schema up by its namespace. Many of them look up by it what the schema includes and
redefines as well, which is in the same namespace, and find the file that they are reading.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from lxml import etree

from envoy.xsd.loader import XS, XS_NAMESPACE, SchemaFile, expand_reference, load, new_component
from envoy.xsd.symbol_table import SymbolTable, kind_of

_REDEFINE, _IMPORT = f"{XS}redefine", f"{XS}import"


def bundle(path: Path) -> dict[str, tuple[str, bytes]]:
    """Return the files of a bundle: their names and contents by their namespaces, that of the entry file first.

    Args:
        path: The entry file of a schema.

    Raises:
        SchemaError: A file of it cannot be read, or is not an XSD.
    """
    files = load([path])
    names = {
        node.get("namespace", ""): PurePosixPath(node.get("schemaLocation", "")).name
        for file in files
        for node in file.root.iterchildren(_IMPORT)
    }
    names.setdefault(files[-1].namespace, path.name)
    _rename_redefined(files)
    namespaces = dict.fromkeys(file.namespace for file in reversed(files))
    return {namespace: (names[namespace], _merge(namespace, files, names)) for namespace in namespaces}


def _rename_redefined(files: list[SchemaFile]) -> None:
    """Give what is redefined a name of its own, which only what redefines it refers to."""
    symbols = SymbolTable(files)
    nodes = [(node, file) for file in files for node in file.root.iterfind(f"{_REDEFINE}/{XS}*[@name]")]
    for number, (node, file) in enumerate(nodes):
        name = symbols.name_of(node, file.namespace)
        before = symbols.look_up(kind_of(node), name, node)
        if before is None:
            continue
        before.set("name", f"{node.get('name')}.{number}")
        if before.tag == f"{XS}complexType":
            before.set("abstract", "true")  # so that xsi:type cannot name it
        for user in node.iter(f"{XS}*"):
            for attribute in ("base", "ref"):
                if user.get(attribute) and expand_reference(user, user.get(attribute, "")) == name:
                    user.set(attribute, f"{user.get(attribute)}.{number}")


def _merge(namespace: str, files: list[SchemaFile], names: dict[str, str]) -> bytes:
    """Return a file with the components of all files of a namespace."""
    parts = [file.root for file in files if file.namespace == namespace]
    prefixes = {prefix: uri for prefix, uri in parts[-1].nsmap.items() if uri == XS_NAMESPACE or uri in names}
    merged = etree.Element(f"{XS}schema", dict(parts[-1].attrib), nsmap=prefixes)
    for other, name in names.items():
        if other != namespace:
            merged.append(new_component("import", namespace=other, schemaLocation=name))
    for part in parts:
        for node in part:
            if node.tag == _REDEFINE:
                merged.extend(node.findall(f"{XS}*"))
            elif node.tag not in (_IMPORT, f"{XS}include"):
                merged.append(node)
    etree.indent(merged)
    return etree.tostring(merged, encoding="utf-8", xml_declaration=True) + b"\n"
