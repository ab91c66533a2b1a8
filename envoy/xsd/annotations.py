"""The annotations of schema components: documentation, units, code lists.

The vocabulary in ``xs:appinfo`` has the namespace ``urn:envoy-client:schema-documentation``. It gives the unit of a
number, and names the members of an integer or hexBinary type that XSD itself leaves open, on the type or on one field
of it::

    <doc:codes kind="codes">                             <doc:codes kind="bitmap" name="AlarmStatus">
      <doc:code value="1" name="RECEIVED">...</doc:code>   <doc:bit position="0" name="OVER_CURRENT">...</doc:bit>

A list with ``when`` is conditional: it holds for some messages alone, as the rest of them decides, such as
``when="functionSet is 11"``. A field may have several of these.

Attributes of that namespace stand on components: ``doc:edition`` names the edition that a type, an element, an
attribute or a code came with; ``doc:gained`` one, and what a type inherits since then that others had before it;
``doc:of`` the element beside which an attribute is declared that really is its own; ``doc:root`` marks an attribute of
root elements alone.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from envoy.bindings.value_errors import CodeName, Value
from envoy.xsd.loader import XS

DOC = "{urn:envoy-client:schema-documentation}"


def text_of(node: etree._Element) -> str:
    """Return the documentation of a component on one line."""
    texts = node.iterfind(f"{XS}annotation/{XS}documentation")
    return " ".join(" ".join("".join(text.itertext()) for text in texts).split())


def unit_of(node: etree._Element) -> str:
    """Return the unit that a component states itself, empty if it states none."""
    units = node.iterfind(f"{XS}annotation/{XS}appinfo/{DOC}unit")
    return ", ".join(unit.text or "" for unit in units)


def code_lists_of(node: etree._Element) -> list[etree._Element]:
    """Return each ``doc:codes`` of a component."""
    return list(node.iterfind(f"{XS}annotation/{XS}appinfo/{DOC}codes"))


def codes_of(node: etree._Element) -> etree._Element | None:
    """Return the ``doc:codes`` that holds for a component in all documents; it has at most one."""
    return next((codes for codes in code_lists_of(node) if codes.get("when") is None), None)


def label_of(entry: etree._Element) -> str:
    """Return what a code or bit means, on one line."""
    return " ".join("".join(entry.itertext()).split())


def annotate(value: Value, node: etree._Element) -> Value:
    """Return what a text may be, with what the annotations of a component say about it."""
    unit, codes = unit_of(node) or value.unit, codes_of(node)
    if codes is None:
        return value if unit == value.unit else replace(value, unit=unit)
    found = codes.iterfind(f"{DOC}code")
    names = tuple(CodeName(int(str(code.get("value"))), str(code.get("name")), label_of(code)) for code in found)
    return replace(value, unit=unit, bitmap=codes.get("kind") == "bitmap", codes=names)


def marks_of(node: etree._Element) -> dict[str, str]:
    """Return the attributes of a component that are not XSD's, by their local names."""
    return {name.removeprefix(DOC): value for name, value in node.attrib.items() if name.startswith(DOC)}
