"""Derive the schema of a later edition of IEEE 2030.5 from that of an earlier one and a list of what it changes.

The list is XSD in ``doc:changes``, one file beside each schema file that changes:

- A type, global element or inclusion that the earlier edition does not have is added as it stands.
- In a type that it has, an element of a name that is there gets the attributes and codes that are given, and one of a
  new name comes after ``doc:after``, the first if that is empty. Attributes and codes are added. ``doc:base`` is
  another base: what that has is no longer declared in the type itself.
- ``doc:from`` copies the declaration of an element from another type, before the attributes that are given.
- An annotation of the file comes instead of the one that it has.
- ``doc:removed`` names types and global elements that are gone.

What the edition of 2023 changes everywhere is not listed: wildcards in all types, an element for later revisions, and
``schemaVer`` on each root element, of which there are those that are messages. ``doc:edition`` marks what is new.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from envoy.errors import SchemaError
from envoy.xsd.annotations import DOC
from envoy.xsd.content import derivation
from envoy.xsd.loader import XS, new_component

_GIVEN = (f"{DOC}after", f"{DOC}from", f"{DOC}base")
_MARK = f"{DOC}edition"
_TYPES = (f"{XS}complexType", f"{XS}simpleType")
_PLAIN = ("Int", "UInt", "String", "HexBinary")
"""How the names of simple types begin that have no attributes, as the others have since 2023."""

_LATER = "Revision2_3Type"


def derive(sources: Path, changes: Path, edition: str) -> dict[str, bytes]:
    """Return the files of the schema of an edition by their names.

    Args:
        sources: Folder of the earlier edition.
        changes: Folder of the changes.
        edition: What marks what is new.

    Raises:
        SchemaError: A change names something that is not there.
    """
    derived = _Edition(sources, changes, edition)
    derived.remove()
    derived.version_messages()
    derived.open()
    return derived.texts()


def unite(sources: Path, changes: Path, edition: str) -> dict[str, bytes]:
    """Return a schema of all that both editions know, to make bindings of; its types are those of the earlier one.

    Where the later edition has a type with attributes for a plain value, the attributes are declared beside the
    element, which ``doc:of`` names. Wildcards, and what an empty element stands for, are left out.
    """
    united = _Edition(sources, changes, edition)
    united.version_messages()
    united.flatten()
    return united.texts()


class _Edition:
    """The files of a schema while they are changed."""

    def __init__(self, sources: Path, changes: Path, edition: str) -> None:
        parser = etree.XMLParser(remove_blank_text=True)
        self._edition = edition
        self._roots = {file.name: etree.parse(file, parser).getroot() for file in sorted(sources.glob("*.xsd"))}
        self._changes = {file: etree.parse(file, parser).getroot() for file in sorted(changes.glob("*.xml"))}
        self._types = {
            node.get("name", ""): node for root in self._roots.values() for node in root.iterchildren(*_TYPES)
        }
        self._added: set[str] = set()
        for step in (self._add, self._change, self._copy_all, self._rebase):
            for file, root in self._changes.items():
                step(root, file)

    def _add(self, changes: etree._Element, file: Path) -> None:
        """Add the types and global elements that are new, and the files that they need."""
        root = self._roots[f"{file.stem}.xsd"]
        for node in changes.iterchildren(*_TYPES):
            if node.get("name") not in self._types:
                self._added.add(node.get("name", ""))
                self._types[node.get("name", "")] = new = self._marked(node)
                root.append(new)
        includes = root.findall(f"{XS}include")
        for node in changes.iterchildren(f"{XS}include"):
            (includes[-1] if includes else root[0]).addnext(copy.deepcopy(node))
        elements = [node for node in root if node.tag not in _TYPES]
        place = root.index(elements[-1]) + 1 if elements else 0
        root[place:place] = [self._marked(node) for node in changes.iterchildren(f"{XS}element")]

    def _change(self, changes: etree._Element, file: Path) -> None:
        """Change the elements, attributes and codes of the types that are there, and the version of the schema."""
        for node in changes.iterchildren(*_TYPES):
            if node.get("name") not in self._added:
                self._change_type(node, f"{file.name} ({node.get('name')})")
        if (note := changes.find(f"{XS}annotation")) is not None:
            root = self._roots[f"{file.stem}.xsd"]
            root.replace(root[0], copy.deepcopy(note))
        if changes.get("version"):
            for root in self._roots.values():
                root.set("version", changes.get("version", ""))

    def _copy_all(self, changes: etree._Element, file: Path) -> None:
        """Copy the declarations of elements that are given by their type."""
        for name in (node.get("name", "") for node in changes.iterchildren(*_TYPES)):
            for element in self._types[name].iter(f"{XS}element") if name in self._added else ():
                if element.get(f"{DOC}from"):
                    self._copy(element, f"{file.name} ({name})")

    def _rebase(self, changes: etree._Element, file: Path) -> None:
        """Derive types from other bases than before."""
        for node in changes.iterchildren(f"{XS}complexType"):
            base, step = node.get(f"{DOC}base"), derivation(self._types[node.get("name", "")])
            if base is None or node.get("name") in self._added:
                continue
            if step is None:
                raise SchemaError("it has no base that could be another", where=f"{file.name} ({node.get('name')})")
            kind = self._types[node.get("name", "")]
            before = {part.get("name") for part in self._parts(node.get("name", ""))}
            step.set("base", base)
            inherited = {part.get("name"): part for part in self._parts(base)}
            sequence = _sequence(kind)
            for element in [element for element in sequence if element.get("name") in inherited]:
                sequence.remove(element)
            if gained := [x for x, part in inherited.items() if x not in before and part.get(_MARK) is None]:
                kind.set(f"{DOC}gained", f"{self._edition} {' '.join(map(str, gained))}")

    def _change_type(self, node: etree._Element, where: str) -> None:
        kind = self._types[node.get("name", "")]
        self._add_codes(kind, node)
        _body(kind).extend([self._marked(attribute) for attribute in node.iterchildren(f"{XS}attribute")])
        changes = node.findall(f"{XS}sequence/{XS}element")
        if not changes:
            return
        sequence = _sequence(kind)
        own = {element.get("name"): element for element in sequence}
        for change in changes:
            name, after = change.get("name"), change.get(f"{DOC}after")
            if name in own:
                own[name].attrib.update(change.attrib)
                self._add_codes(own[name], change)
            elif after == "":
                own[name] = new = self._marked(change)
                sequence.insert(0, new)
            elif after in own:
                own[name] = new = self._marked(change)
                own[after].addnext(new)
            else:
                raise SchemaError(f"{name} comes after {after}, which is not there", where=where)

    def _add_codes(self, node: etree._Element, change: etree._Element) -> None:
        added = change.find(f"{XS}annotation/{XS}appinfo/{DOC}codes")
        codes = node.find(f"{XS}annotation/{XS}appinfo/{DOC}codes")
        if added is not None and codes is not None:
            codes.extend([self._marked(entry) for entry in added])

    def _copy(self, element: etree._Element, where: str) -> None:
        name, owner = element.get("name", ""), element.get(f"{DOC}from", "")
        found = next((x for x in self._types[owner].iter(f"{XS}element") if x.get("name") == name), None)
        if found is None:
            raise SchemaError(f"{owner} has no element {name}", where=where)
        new = copy.deepcopy(found)
        new.attrib.pop(_MARK, None)
        new.attrib.update({key: value for key, value in element.attrib.items() if key not in _GIVEN})
        element.getparent().replace(element, new)  # type: ignore[union-attr]

    def _parts(self, base: str) -> Iterator[etree._Element]:
        """Yield the elements and attributes that a type and its bases declare."""
        while base in self._types:
            yield from _body(self._types[base]).iterfind(f"{XS}sequence/{XS}element")
            yield from _body(self._types[base]).iterchildren(f"{XS}attribute")
            step = derivation(self._types[base])
            base = "" if step is None else step.get("base", "")

    def _marked(self, node: etree._Element) -> etree._Element:
        """Return a copy of a node, with the mark of the edition and without what is said of the change."""
        new = copy.deepcopy(node)
        for given in _GIVEN:
            new.attrib.pop(given, None)
        new.set(_MARK, self._edition)
        return new

    def _removed(self, attribute: str) -> list[str]:
        nodes = (node for root in self._changes.values() for node in root.iterchildren(f"{DOC}removed"))
        return [name for node in nodes for name in node.get(attribute, "").split()]

    def remove(self) -> None:
        """Remove the types that are gone, and the global elements that are not messages."""
        for name in self._removed("types"):
            node = self._types.pop(name)
            node.getparent().remove(node)  # type: ignore[union-attr]
        for root in self._roots.values():
            for node in list(root.iterchildren(f"{XS}element")):
                if not self._is_message(node):
                    root.remove(node)

    def version_messages(self) -> None:
        """Give each message the attribute for the version of the schema: its type has it nowhere else."""
        for root in self._roots.values():
            for element in root.iterchildren(f"{XS}element"):
                if self._is_message(element):
                    kind = etree.SubElement(element, f"{XS}complexType")
                    content = etree.SubElement(kind, f"{XS}complexContent")
                    step = etree.SubElement(content, f"{XS}extension", base=element.attrib.pop("type"))
                    version = {
                        "name": "schemaVer",
                        "type": "SEPVersion",
                        "default": "2.1",
                        _MARK: self._edition,
                        f"{DOC}root": "true",
                    }
                    attribute = etree.SubElement(step, f"{XS}attribute", version)
                    note = etree.SubElement(etree.SubElement(attribute, f"{XS}annotation"), f"{XS}documentation")
                    note.text = "Version of the schema that the document follows, on the root element alone."

    def _is_message(self, element: etree._Element) -> bool:
        name = element.get("type", "")
        return name not in self._removed("elements") and (name == "Error" or self._is_resource(name))

    def open(self) -> None:
        """Let all types have attributes, and complex ones elements too."""
        # The type of an attribute cannot have attributes.
        plain = {node.get("type") for root in self._roots.values() for node in root.iter(f"{XS}attribute")}
        for root in self._roots.values():
            for node in list(root.iterchildren(*_TYPES)):
                if node.tag == f"{XS}complexType":
                    _open(node)
                elif not node.get("name", "").startswith(_PLAIN) and node.get("name") not in plain:
                    _allow_attributes(node)
        self._roots["types.xsd"].append(_later_revision())

    def flatten(self) -> None:
        """Declare what a new type adds to another beside each element of it, and give the element the other type."""
        decorated = {name: self._types[name] for name in self._added if _adds_attributes_alone(self._types[name])}
        for root in self._roots.values():
            for element in list(root.iter(f"{XS}element")):
                element.attrib.pop("default", None)
                kind = decorated.get(element.get("type", ""))
                owner = next((x for x in element.iterancestors() if x.tag == f"{XS}complexType"), None)
                if kind is None or owner is None:
                    continue
                element.set("type", _body(kind).get("base", ""))
                for attribute in _body(kind).iterchildren(f"{XS}attribute"):
                    beside = self._marked(attribute)
                    beside.set("name", f"{element.get('name')}.{attribute.get('name')}")
                    beside.set(f"{DOC}of", element.get("name", ""))
                    beside.attrib.pop("default", None)
                    _body(owner).append(beside)
        for node in decorated.values():
            node.getparent().remove(node)  # type: ignore[union-attr]

    def texts(self) -> dict[str, bytes]:
        """Return the files as they are now."""
        return {name: _text(root, name) for name, root in self._roots.items()}

    def _is_resource(self, name: str) -> bool:
        while name in self._types and name != "Resource":
            step = derivation(self._types[name])
            name = "" if step is None else step.get("base", "")
        return name == "Resource"


def _sequence(kind: etree._Element) -> etree._Element:
    """Return the sequence of elements that a type itself declares; it is made if there is none."""
    body = _body(kind)
    sequence = body.find(f"{XS}sequence")
    if sequence is None:
        sequence = etree.Element(f"{XS}sequence")
        first = body.find(f"{XS}attribute")
        body.insert(len(body) if first is None else body.index(first), sequence)
    return sequence


def _body(kind: etree._Element) -> etree._Element:
    step = derivation(kind)
    return kind if step is None else step


def _adds_attributes_alone(kind: etree._Element) -> bool:
    """Whether a type is another one with attributes."""
    step = derivation(kind)
    return step is not None and bool(len(step)) and all(child.tag == f"{XS}attribute" for child in step)


def _open(kind: etree._Element) -> None:
    """Let a type have elements of later revisions at its end, elements of others if it has no base, and attributes."""
    step = derivation(kind)
    if kind.find(f"{XS}simpleContent") is None:
        sequence = _sequence(kind)
        name = f"{kind.get('name')}_r2_3"
        etree.SubElement(sequence, f"{XS}element", name=name, type=_LATER, minOccurs="0")
        if step is None:
            others = {"namespace": "##other", "processContents": "lax", "minOccurs": "0", "maxOccurs": "unbounded"}
            etree.SubElement(sequence, f"{XS}any", others)
    etree.SubElement(_body(kind), f"{XS}anyAttribute", namespace="##any", processContents="lax")


def _later_revision() -> etree._Element:
    """Return the type of the elements that hold what a later revision adds."""
    kind = new_component("complexType", name=_LATER)
    note = etree.SubElement(etree.SubElement(kind, f"{XS}annotation"), f"{XS}documentation")
    note.text = "Elements that a later revision of the standard adds to a type, all in one element at its end."
    sequence = etree.SubElement(kind, f"{XS}sequence")
    etree.SubElement(sequence, f"{XS}any", namespace="##targetNamespace", processContents="lax", maxOccurs="unbounded")
    etree.SubElement(kind, f"{XS}anyAttribute", namespace="##any", processContents="lax")
    return kind


def _allow_attributes(kind: etree._Element) -> None:
    """Make a complex type of a simple one, so that it may have attributes."""
    restriction = kind.find(f"{XS}restriction")
    if restriction is None or len(restriction):
        raise SchemaError("is not a plain restriction, so it cannot have attributes", where=kind.get("name", ""))
    kind.tag = f"{XS}complexType"
    kind.remove(restriction)
    content = etree.SubElement(kind, f"{XS}simpleContent")
    step = etree.SubElement(content, f"{XS}extension", base=restriction.get("base", ""))
    etree.SubElement(step, f"{XS}anyAttribute", namespace="##any", processContents="lax")


def _text(root: etree._Element, name: str) -> bytes:
    etree.indent(root)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    note = f"<!-- Made of schema/sep/{name} and schema/edition-2023 by codegen.py; changes here are lost. -->\n"
    return (head + note).encode() + etree.tostring(root, encoding="UTF-8", xml_declaration=False) + b"\n"
