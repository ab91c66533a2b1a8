"""A document, read and written again, is the same document; what wildcards let in is skipped and reported."""

from __future__ import annotations

import dataclasses
import gc
from random import Random
from typing import Any

from lxml import etree
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.models.generics import DerivedElement
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

import sep2
from envoy.bindings.fields import fields_of
from envoy.bindings.xsdata import register
from envoy.documents import dumps, loads
from envoy.errors import DecodeError
from envoy.namespaces import MODEL_EXTENSION_NAMESPACE
from envoy.profiles import get_profile

from .canonical import canonical
from .documents import FOREIGN
from .editions import Edition, model_name
from .model import XSI_TYPE
from .values import builtin_name, simple_type_of


def without_open_content(edition: Edition, root: etree._Element) -> etree._Element:
    """Remove what wildcards and elements for later revisions hold, and say the version; return the same document.

    There are no fields for them: what stands there is skipped and reported, which ``extension_failure`` proves.
    """
    for element in list(root.iter("*")):
        for name in element.attrib:
            if str(name).startswith(f"{{{FOREIGN}}}"):
                del element.attrib[name]
        if etree.QName(element).namespace == FOREIGN or str(element.tag).endswith("_r2_3"):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    version = get_profile(edition.profile).schema_version
    if version and root.get("schemaVer") is None:
        root.set("schemaVer", version)
    return root


def readable(edition: Edition, root: etree._Element) -> bool:
    """Return whether each type that ``xsi:type`` names has a class; one that only adds attributes has none."""
    named = (node.type for node in edition.ours.model.walk(root) if XSI_TYPE in node.element.attrib)
    return all(_has_class(xsd_type) for xsd_type in named if any(filter(None, getattr(xsd_type, "attributes", ()))))


def _has_class(xsd_type: Any) -> bool:
    return hasattr(sep2, etree.QName(xsd_type.name).localname) or model_name(xsd_type.name) in sep2.TYPES


def writable(edition: Edition, root: etree._Element) -> bool:
    """Return whether a valid document that is read can be written again.

    An object is written as the element of its class, so a type that ``xsi:type`` gives to a root needs an element.
    """
    node = next(edition.ours.model.walk(root))
    return node.type is node.declaration.type or edition.ours.model.element_of(node.type) is not None


def round_trip_failure(edition: Edition, root: etree._Element) -> str:
    """Read a valid document and write it again; return how the result differs, empty if it does not."""
    document = etree.tostring(root)
    written = dumps(loads(document, profile=edition.profile), profile=edition.profile, validate=False)
    if not edition.ours.accepts(etree.fromstring(written)):
        return f"what is written is not valid: {edition.ours.reason()}\n  {document!r}\n  {written!r}"
    before, after = (canonical(etree.fromstring(text), edition.ours.model) for text in (document, written))
    return "" if before == after else f"what is written is another document\n  {before}\n  {after}"


class XsdataReader:
    """xsdata's own parser for the classes of sep2; it does not skip what it does not know."""

    def __init__(self) -> None:
        register()
        # xsdata finds the class that xsi:type names among those that are loaded.
        for name in sep2.__all__:
            getattr(sep2, name)
        # Nor is it to find those that the last ones were made from, since dataclasses give a class its slots in a copy.
        gc.collect()
        self.context = XmlContext()

    def loads(self, document: bytes, cls: type) -> Any:
        """Return the object of a document whose extension elements have the namespace of CSIP-AUS 1.3."""
        config = ParserConfig(fail_on_unknown_properties=True)
        obj = XmlParser(context=self.context, config=config).from_bytes(document, cls)
        # That is what xsdata makes of a root with xsi:type.
        return obj.value if isinstance(obj, DerivedElement) else obj

    def knows(self, edition: Edition, root: etree._Element) -> bool:
        """Return whether xsdata knows each ``xsi:type``: it takes the name of a class for that of its type."""
        nodes = edition.ours.model.walk(root)
        return not any(XSI_TYPE in node.element.attrib and model_name(node.type.name) in sep2.TYPES for node in nodes)

    def failure(self, edition: Edition, root: etree._Element) -> str:
        """Read a valid document with xsdata and with this package; return how the objects differ."""
        for element, _, xsd_type in edition.ours.model.walk(root):
            simple = simple_type_of(xsd_type)
            if not element.text and simple is not None and builtin_name(simple) == "hexBinary":
                element.text = "00"  # xsdata reads no octets at all as an empty str, whatever the field is
        document = etree.tostring(root)
        obj = loads(document, profile=edition.profile)
        other = self.loads(_in_model_namespace(document, edition.profile), type(obj))
        return (
            ""
            if without_attributes_beside(obj) == other
            else f"xsdata reads another object\n  {document!r}\n  {obj}\n  {other}"
        )


def without_attributes_beside(obj: Any) -> Any:
    """Return an object without the fields that xsdata ignores: they are attributes of an element beside them."""
    changes = {}
    for field in fields_of(type(obj)):
        value = getattr(obj, field.name)
        if field.complex and value:
            items = [without_attributes_beside(item) for item in (value if field.many else [value])]
            changes[field.name] = items if field.many else items[0]
        changes |= {other.name: None for other in field.beside}
    return dataclasses.replace(obj, **changes)


def _in_model_namespace(document: bytes, profile: str) -> bytes:
    """Return a document with the one namespace by which xsdata knows the extension elements."""
    namespace = get_profile(profile).extension_namespace
    if namespace is None:
        return document
    return document.replace(f'"{namespace}"'.encode(), f'"{MODEL_EXTENSION_NAMESPACE}"'.encode())


def extended(root: etree._Element, rng: Random) -> int:
    """Put elements and attributes of a vendor anywhere into a document; return how many."""
    nodes = list(root.iter("*"))
    count = rng.randint(1, 5)
    for number in range(count):
        node = rng.choice(nodes)
        local = rng.choice(("extension", "href", etree.QName(rng.choice(nodes)).localname))
        if rng.random() < 0.4:
            node.set(f"{{{FOREIGN}:{number}}}{local}", "0")
            continue
        extension = etree.Element(f"{{{FOREIGN}}}{local}", colour="red")
        extension.text = "1"
        # What a vendor has inside is the vendor's.
        etree.SubElement(extension, nodes[0].tag).text = "2"
        _insert(node, extension, rng)
    return count


def _insert(node: etree._Element, extension: etree._Element, rng: Random) -> None:
    place = rng.randint(0, len(node))
    if place == 0 and node.text:
        cut = rng.randint(0, len(node.text))
        node.text, extension.tail = node.text[:cut], node.text[cut:]
    node.insert(place, extension)


def extension_failure(edition: Edition, root: etree._Element, rng: Random) -> str:
    """Put a vendor's extensions into a document and read it; return what goes wrong, empty if nothing does.

    They have to be skipped by default, reported to ``on_unknown``, and leave the object as it was.
    """
    obj = loads(etree.tostring(root), profile=edition.profile)
    count = extended(root, rng)
    document = etree.tostring(root)
    unknown: list[DecodeError] = []
    skipped = loads(document, profile=edition.profile)
    reported = loads(document, profile=edition.profile, on_unknown=unknown.append)
    if not obj == skipped == reported:
        return f"an extension changes what is read\n  {document!r}\n  {obj}\n  {skipped}"
    return "" if len(unknown) == count else f"{len(unknown)} of {count} extensions are reported\n  {document!r}"
