"""XSD files from disk: the entry files and whatever they include, import and redefine, all of it local.

Each file is read once and rebuilt on one set of prefixes, so that its components can be moved from one file to another
and still mean the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit
from urllib.request import url2pathname

from lxml import etree

from envoy.errors import SchemaError

XS_NAMESPACE = "http://www.w3.org/2001/XMLSchema"
XS = f"{{{XS_NAMESPACE}}}"

XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"

_REFERENCES = ("imports", "includes", "redefines")
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


def load(sources: Sequence[Path]) -> list[SchemaFile]:
    """Read XSD files with all that they refer to; what is referred to comes before what refers to it.

    Raises:
        SchemaError: A file cannot be read, is no XSD, or refers to something that is not a local file.
    """
    loader = _Loader()
    for source in sources:
        if not source.is_file():
            raise SchemaError("there is no such schema file", where=str(source))
        loader.visit(source.resolve(), str(source), "")
    _canonical(loader.files)
    return loader.files


class _Loader:
    def __init__(self) -> None:
        self.files: list[SchemaFile] = []
        self._seen: dict[Path, str] = {}

    def visit(self, path: Path, where: str, namespace: str) -> None:
        """Read a file and what it refers to. ``namespace`` is what a file without one takes from its includer."""
        if path in self._seen:
            if namespace and self._seen[path] != namespace:
                what = f"{path.name} is included in two namespaces, {self._seen[path]} and {namespace}"
                raise SchemaError(what, where=where, remedy="Make a copy of the file for each namespace.")
            return
        root = _parse(path, where)
        target = root.get("targetNamespace", namespace)
        if not _PLAIN_NAMESPACE.fullmatch(target):
            raise SchemaError(f"{target!r} is no namespace", where=path.name)
        self._seen[path] = target
        prefixes = {uri: prefix for prefix, uri in root.nsmap.items() if prefix}
        file = SchemaFile(path, root, target, prefixes, adopted=root.get("targetNamespace") is None)
        for node in _references(root):
            location = node.get("schemaLocation")
            if location is not None:
                inherited = "" if node.tag == f"{XS}import" else target
                self.visit(_local(location, path, file.place(node)), file.place(node), inherited)
        if target:
            root.set("targetNamespace", target)
        self.files.append(file)


def _references(root: etree._Element) -> Iterator[etree._Element]:
    """Yield imports, then includes, then redefinitions: what a redefinition adds may use what is imported."""
    for kind in _REFERENCES:
        yield from root.iterchildren(f"{XS}{kind.removesuffix('s')}")


def _local(location: str, base: Path, where: str) -> Path:
    """Return the file that a ``schemaLocation`` means."""
    url = urlsplit(urljoin(base.as_uri(), location.strip()))
    if url.scheme != "file" or url.netloc:
        what = f"refers to {location}, which is not a local file"
        raise SchemaError(what, where=where, remedy="Save a copy beside the schema and write its name there.")
    path = Path(url2pathname(url.path))
    if not path.is_file():
        remedy = "Put the file there, or correct the schemaLocation. envoy schema DIR copies those of envoy-client."
        raise SchemaError(f"refers to {location}, and there is no such file", where=where, remedy=remedy)
    return path.resolve()


def _parse(path: Path, where: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(path.read_bytes(), parser)
    except OSError as error:
        raise SchemaError(f"cannot be read: {error.strerror or error}", where=where) from None
    except etree.XMLSyntaxError as error:
        raise SchemaError(f"not well-formed XML: {error.msg}", where=f"{path.name}:{error.lineno or 1}") from None
    if root.tag != f"{XS}schema":
        name = etree.QName(root).localname
        raise SchemaError(f"no XSD: its root element is {name}, not xs:schema", where=where)
    return root


def _canonical(files: list[SchemaFile]) -> None:
    """Rebuild each file on the same prefixes."""
    namespaces = sorted({uri for file in files for node in file.root.iter("*") for uri in node.nsmap.values()})
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
                        names = [qualified(node, name, default) for name in text.split()]
                    except SchemaError as error:
                        raise SchemaError(error.what, where=file.place(node)) from None
                    node.set(attribute, " ".join(_written(name, prefixes) for name in names))
        root = etree.Element(file.root.tag, dict(file.root.attrib), nsmap=nsmap)
        root.extend(list(file.root))
        file.root = root


def qualified(node: etree._Element, text: str, default: str = "") -> str:
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
        return qualified(node, node.get("ref", ""))
    schema = next(node.iterancestors(f"{XS}schema"), None)
    namespace = node.get("targetNamespace", "" if schema is None else schema.get("targetNamespace", ""))
    if node.getparent() is not schema and form_of(node, schema) != "qualified":
        namespace = ""
    return f"{{{namespace}}}{node.get('name')}" if namespace else str(node.get("name"))


def form_of(node: etree._Element, schema: etree._Element | None) -> str:
    """Return whether a local declaration is ``qualified`` or ``unqualified``."""
    default = "elementFormDefault" if node.tag == f"{XS}element" else "attributeFormDefault"
    return node.get("form", "unqualified" if schema is None else schema.get(default, "unqualified"))


class Components:
    """The named components of all files, by kind and qualified name. A redefinition comes after what it redefines."""

    def __init__(self, files: Sequence[SchemaFile]) -> None:
        self._found: dict[tuple[str, str], list[etree._Element]] = defaultdict(list)
        for file in files:
            for parent in (*file.root.iterchildren(f"{XS}redefine"), file.root):
                for node in parent.iterchildren(f"{XS}*"):
                    if node.get("name"):
                        self._found[_kind(node), self.name_of(node, file.namespace)].append(node)
        self._namespaces = {file.root: file.namespace for file in files}

    def name_of(self, node: etree._Element, namespace: str | None = None) -> str:
        """Return the qualified name of a global component."""
        if namespace is None:
            namespace = self._namespaces[next(x for x in (node, *node.iterancestors()) if x.tag == f"{XS}schema")]
        return f"{{{namespace}}}{node.get('name')}" if namespace else str(node.get("name"))

    def find(self, kind: str, node: etree._Element, attribute: str) -> etree._Element | None:
        """Return the component that an attribute of a node refers to, None if it is built into XSD.

        Args:
            kind: ``type``, ``element``, ``attribute``, ``group`` or ``attributeGroup``.
            node: The node with the attribute. Inside a redefinition, its own name means what is redefined.
            attribute: Name of the attribute.
        """
        return self.named(kind, qualified(node, str(node.get(attribute))), node)

    def first(self, kind: str, name: str) -> etree._Element | None:
        """Return a component by its qualified name, as it was before any redefinition."""
        return next(iter(self._found.get((kind, name), [])), None)

    def named(self, kind: str, name: str, user: etree._Element | None = None) -> etree._Element | None:
        """Return a component by its qualified name; ``user`` is the node that refers to it, if any."""
        found = self._found.get((kind, name), [])
        inside = () if user is None else (user, *user.iterancestors())
        for number, candidate in enumerate(found):
            if number and candidate in inside:
                return found[number - 1]
        return found[-1] if found else None


def _kind(node: etree._Element) -> str:
    local = etree.QName(node).localname
    return "type" if local in ("simpleType", "complexType") else local
