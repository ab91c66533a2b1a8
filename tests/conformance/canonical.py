"""One text for all documents that mean the same: canonical XML (C14N 2.0) with each value in one way of writing.

Before canonicalization, as the schema has it: white space between elements, comments and processing instructions go;
an attribute that equals its default goes; an ``xsi:type`` that says what is known already goes; numbers, booleans and
hexBinary get their canonical form. A hexBinary code or bitmap is a number, so it gets all its digits, as the writer of
this package has it.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from .model import XSI_TYPE, Model
from .values import builtin_name, simple_type_of

_CODES = "{urn:envoy-client:schema-documentation}codes"


def canonical(root: etree._Element, model: Model) -> str:
    """Return the canonical text of a valid document; the document itself is changed."""
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    nodes = list(model.walk(root))
    for element, declaration, xsd_type in nodes:
        simple = simple_type_of(xsd_type)
        if simple is not None:
            element.text = canonical_value(simple, element.text or "", _is_code(declaration))
        else:
            element.text = None
        if xsd_type.is_complex():
            _attributes(element, xsd_type)
        for child in element:
            child.tail = None
        if xsd_type is declaration.type or simple is not None:
            element.attrib.pop(XSI_TYPE, None)
    # A root of a derived type is one of that type's own element.
    own = model.element_of(nodes[0].type)
    if XSI_TYPE in root.attrib and own is not None:
        del root.attrib[XSI_TYPE]
        root.tag = own
    prefixes = {f"n{number}": namespace for number, namespace in enumerate(model.namespaces)}
    frame = etree.Element("document", nsmap=prefixes)
    _copy(root, frame, {namespace: prefix for prefix, namespace in prefixes.items()})
    return str(etree.canonicalize(frame, qname_aware_attrs={XSI_TYPE}))


def _attributes(element: etree._Element, xsd_type: Any) -> None:
    for name, attribute in xsd_type.attributes.items():
        if name is None or name not in element.attrib:  # None is for any attribute
            continue
        code = _is_code(attribute)
        value = canonical_value(attribute.type, element.attrib[name], code)
        element.set(name, value)
        if attribute.default is not None and value == canonical_value(attribute.type, attribute.default, code):
            del element.attrib[name]


def _copy(element: etree._Element, parent: etree._Element, prefixes: dict[str, str]) -> None:
    """Copy an element into another, whose prefixes it then has. C14N 2.0 would keep those of the document."""
    copy = etree.SubElement(parent, element.tag, dict(element.attrib))
    if (named := element.get(XSI_TYPE)) is not None:
        prefix, _, local = named.strip().rpartition(":")
        copy.set(XSI_TYPE, f"{prefixes[element.nsmap[prefix or None]]}:{local}")
    copy.text = element.text
    for child in element:
        _copy(child, copy, prefixes)


def canonical_value(simple: Any, text: str, code: bool) -> str:
    """Return the canonical text of a simple value.

    Args:
        simple: Its type.
        text: How it is written.
        code: It is a code or bitmap, whose leading zeros say nothing.
    """
    builtin = builtin_name(simple)
    if builtin == "hexBinary":
        digits = text.strip().upper()
        return digits.rjust(2 * _octets(simple), "0") if code else digits
    if builtin == "boolean":
        return "true" if text.strip() in ("true", "1") else "false"
    return str(int(text)) if simple.primitive_type.local_name == "decimal" else text


def _octets(simple: Any) -> int:
    while simple.max_length is None:
        simple = simple.base_type
    return int(simple.max_length)


def _is_code(declaration: Any) -> bool:
    """Return whether a schema of this repository has a list of codes or bits for an element or attribute.

    A list with ``when`` leaves it the value that it is.
    """
    notes, xsd_type = [declaration.annotation], declaration.type
    while xsd_type is not None:
        notes.append(xsd_type.annotation)
        xsd_type = xsd_type.base_type
    lists = [codes for note in notes if note is not None for info in note.appinfo for codes in info.iterfind(_CODES)]
    return any(codes.get("when") is None for codes in lists)
