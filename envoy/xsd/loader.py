"""Load XSD files from disk: the entry files and all that they include, import and redefine."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from lxml import etree

from envoy.errors import SchemaError

XS_NAMESPACE = "http://www.w3.org/2001/XMLSchema"
XS = f"{{{XS_NAMESPACE}}}"

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"

_REFERENCES = (f"{XS}import", f"{XS}include", f"{XS}redefine")
_NAMES = ("type", "ref", "base", "itemType", "memberTypes", "substitutionGroup", "refer")
"""Attributes that hold qualified names."""

_PLAIN_NAMESPACE = re.compile(r"[^\s\"'\\<>{}]*")


@dataclass(slots=True)
class SchemaFile:
    """One XSD file.

    Attributes:
        path: Where it is.
        root: Its ``xs:schema``.
        namespace: Its target namespace, empty if it has none.
        prefixes: The prefixes that its author gave to namespaces.
        adopted: It has the namespace of the file that includes it, and none of its own.
    """

    path: Path
    root: etree._Element
    namespace: str
    prefixes: dict[str, str]
    adopted: bool = False

    def place(self, node: etree._Element) -> str:
        """Return where a component is: the file, the line, and the nearest name."""
        named = next((x for x in (node, *node.iterancestors()) if x.get("name")), None)
        inside = f" ({named.get('name')})" if named is not None else ""
        line = f":{node.sourceline}" if node.sourceline else ""
        return f"{self.path.name}{line}{inside}"


def load(
    sources: Sequence[Path], *, lenient: bool = False, contents: Mapping[Path, bytes] | None = None
) -> list[SchemaFile]:
    """Read XSD files with all that they refer to; what is referred to comes before what refers to it.

    The files are rebuilt on one set of prefixes, so that a component means the same when it is moved to another file.

    Args:
        sources: Entry files.
        lenient: Leave out what cannot be read, and leave the prefixes as they are, which takes half the time.
        contents: What to read instead of what stands in some files.

    Raises:
        SchemaError: A file cannot be read, is not an XSD, or refers to something that is not a local file.
    """
    loader = _Loader(lenient, contents or {})
    for source in sources:
        if not source.is_file():
            raise SchemaError("there is no such schema file", where=str(source))
        loader.visit(source.resolve(), str(source), "")
    if not lenient:
        _unify(loader.files)
    return loader.files


class _Loader:
    def __init__(self, lenient: bool, contents: Mapping[Path, bytes]) -> None:
        self.files: list[SchemaFile] = []
        self._read = _read_once if lenient else partial(_read, contents=contents)
        self._unusable = (SchemaError,) if lenient else ()
        self._seen: dict[Path, str] = {}

    def visit(self, path: Path, where: str, namespace: str) -> None:
        """Read a file and what it refers to. ``namespace`` is what a file without one takes from its includer."""
        if path in self._seen:
            if namespace and self._seen[path] != namespace:
                what = f"{path.name} is included in two namespaces, {self._seen[path]} and {namespace}"
                raise SchemaError(what, where=where, remedy="Make a copy of the file for each namespace.")
            return
        file, references = self._read(path, where, namespace)
        self._seen[path] = file.namespace
        for node in references:
            inherited = "" if node.tag == f"{XS}import" else file.namespace
            with contextlib.suppress(*self._unusable):
                place = file.place(node)
                try:
                    found = _local_file(node.get("schemaLocation", ""), path.parent)
                except SchemaError as error:
                    raise SchemaError(error.what, where=place, remedy=error.remedy) from None
                self.visit(found, place, inherited)
        self.files.append(file)


def _read(
    path: Path, where: str, namespace: str, contents: Mapping[Path, bytes] = MappingProxyType({})
) -> tuple[SchemaFile, list[etree._Element]]:
    """Read one file; return it, and the nodes that refer to other files."""
    root = _parse(path, where, contents)
    target = root.get("targetNamespace", namespace)
    if not _PLAIN_NAMESPACE.fullmatch(target):
        raise SchemaError(f"{target!r} is not a namespace", where=path.name)
    prefixes = {uri: prefix for prefix, uri in root.nsmap.items() if prefix}
    file = SchemaFile(path, root, target, prefixes, adopted=root.get("targetNamespace") is None)
    if target:
        root.set("targetNamespace", target)
    # What a redefinition adds may use what is imported.
    references = [node for kind in _REFERENCES for node in root.iterchildren(kind) if node.get("schemaLocation")]
    return file, references


@cache
def _read_once(path: Path, where: str, namespace: str) -> tuple[SchemaFile, list[etree._Element]]:
    """Read a file that nobody changes; the schemas of several profiles share most of their files."""
    file, references = _read(path, where, namespace)
    if file.adopted:
        # A name without a prefix means the namespace of the file that includes this one.
        _unify([file])
    return file, references


@cache
def _local_file(location: str, folder: Path) -> Path:
    """Return the file that a ``schemaLocation`` means in a file of a folder."""
    url = urlsplit(location.strip())
    if url.scheme not in ("", "file") or url.netloc:
        what = f"refers to {location}, which is not a local file"
        raise SchemaError(what, remedy="Save a copy beside the schema and write its name there.")
    path = folder / re.sub("^/(?=[A-Za-z]:)", "", unquote(url.path))
    if not path.is_file():
        remedy = "Put the file there, or correct the schemaLocation. envoy schema DIR copies those of envoy-client."
        raise SchemaError(f"refers to {location}, and there is no such file", remedy=remedy)
    return path.resolve()


def _parse(path: Path, where: str, contents: Mapping[Path, bytes]) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(contents[path] if path in contents else path.read_bytes(), parser)
    except OSError as error:
        raise SchemaError(f"cannot be read: {error.strerror or error}", where=where) from None
    except etree.XMLSyntaxError as error:
        raise SchemaError(f"not well-formed XML: {error.msg}", where=f"{path.name}:{error.lineno or 1}") from None
    if root.tag != f"{XS}schema":
        name = etree.QName(root).localname
        raise SchemaError(f"not an XSD: its root element is {name}, not xs:schema", where=where)
    return root


def _unify(files: list[SchemaFile]) -> None:
    """Rebuild each file on the same prefixes."""
    declared = {uri for file in files for node in file.root.iter("*") for uri in node.nsmap.values()}
    namespaces = sorted((declared | {file.namespace for file in files}) - {"", XML_NAMESPACE})
    nsmap = {"xs": XS_NAMESPACE} | {f"n{number}": uri for number, uri in enumerate(namespaces) if uri != XS_NAMESPACE}
    prefixes = {uri: prefix for prefix, uri in nsmap.items()} | {XML_NAMESPACE: "xml"}
    for file in files:
        # There a name without a prefix means the namespace that the file takes; elsewhere it means none.
        default = file.namespace if file.adopted else ""
        for node in file.root.iter(f"{XS}*"):
            for attribute in _NAMES:
                text = node.get(attribute)
                if text is not None:
                    try:
                        names = [expand_reference(node, name, default) for name in text.split()]
                    except SchemaError as error:
                        raise SchemaError(error.what, where=file.place(node)) from None
                    node.set(attribute, " ".join(_written(name, prefixes) for name in names))
        root = etree.Element(file.root.tag, dict(file.root.attrib), nsmap=nsmap)
        root.extend(list(file.root))
        file.root = root


def expand_reference(node: etree._Element, text: str, default: str = "") -> str:
    """Return the qualified name that a prefixed name in an attribute of a schema component means."""
    prefix, _, local = text.strip().rpartition(":")
    if prefix == "xml":
        return f"{{{XML_NAMESPACE}}}{local}"
    namespace = node.nsmap.get(prefix or None, default if not prefix else None)
    if namespace is None:
        raise SchemaError(f"the prefix of {text} is not declared", where=f"line {node.sourceline}")
    return f"{{{namespace}}}{local}" if namespace else local


def _written(name: str, prefixes: dict[str, str]) -> str:
    namespace, brace, local = name.rpartition("}")
    return f"{prefixes[namespace[1:]]}:{local}" if brace else local


def expanded_name(node: etree._Element) -> str:
    """Return the qualified name that an element or attribute has in XML, of its declaration or of a reference to it."""
    if node.get("ref"):
        return expand_reference(node, node.get("ref", ""))
    schema = next(node.iterancestors(f"{XS}schema"), None)
    namespace = node.get("targetNamespace", "" if schema is None else schema.get("targetNamespace", ""))
    if node.getparent() is not schema and form_of(node, schema) != "qualified":
        namespace = ""
    return f"{{{namespace}}}{node.get('name')}" if namespace else str(node.get("name"))


def form_of(node: etree._Element, schema: etree._Element | None) -> str:
    """Return whether a local declaration is ``qualified`` or ``unqualified``."""
    default = "elementFormDefault" if node.tag == f"{XS}element" else "attributeFormDefault"
    return node.get("form", "unqualified" if schema is None else schema.get(default, "unqualified"))


def new_component(tag: str, **attributes: str) -> etree._Element:
    """Return a new node of a schema, such as ``sequence``."""
    return etree.Element(f"{XS}{tag}", attributes, nsmap={"xs": XS_NAMESPACE})
