"""Notes beside the lines of a message: names of codes and bits, amounts with their units, moments of times."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml import etree

from envoy.bindings.fields import Field, fields_of
from envoy.bindings.lexical import make_parser
from envoy.bindings.meanings import explain_value
from envoy.bindings.packages import class_of_element, package
from envoy.identity import LFDI_OCTETS, format_sfdi, sfdi_of_lfdi
from envoy.profiles import Profile


class Note(NamedTuple):
    """What a line says.

    Attributes:
        line: Number of the line, from 1.
        text: What its value says.
        page: Page of the reference that has the field, without a suffix.
        anchor: Place of the field on it.
    """

    line: int
    text: str
    page: str
    anchor: str


def notes_of(document: str, profile: Profile) -> Iterator[Note]:
    """Give the notes of a document that has each element on a line of its own.

    Args:
        document: The document; in a dialect of its own it has none.
        profile: Whose classes it is read with.
    """
    root = etree.fromstring(document.encode())
    cls = class_of_element(package(profile.package), str(root.tag))
    if cls is not None and profile.dialect == "standard":
        yield from _notes(root, cls)


def _notes(element: etree._Element, cls: type) -> Iterator[Note]:
    known = {tag: field for field in fields_of(cls) for tag in field.tags if not field.attribute}
    for child in element.iterchildren(etree.Element):
        field = known.get(str(child.tag))
        if field is None:
            continue
        if field.complex:
            value = _quantity(child, field)
            if value is None or not (text := explain_value(cls, field, value)):
                yield from _notes(child, field.type)
                continue
        else:
            text = _explain(child.text or "", cls, field)
        if text:
            owner = next(base for base in cls.__mro__ if field.name in inspect.get_annotations(base))
            page = owner.__module__.rpartition(".")[2]
            yield Note(child.sourceline or 0, text, page, f"{owner.__name__.lower()}-{field.name}")


def _quantity(element: etree._Element, field: Field) -> Any:
    """Return the quantity that an element has; None if it is something else."""
    if not hasattr(field.type, "explain"):
        return None
    parts = {part.local: part for part in fields_of(field.type)}
    values = {
        parts[name].name: make_parser(parts[name])(child.text or "")
        for child in element.iterchildren(etree.Element)
        if (name := etree.QName(child).localname) in parts
    }
    return field.type(**values)


def _explain(text: str, cls: type, field: Field) -> str:
    value = make_parser(field)(text)
    if field.name == "lfdi" and isinstance(value, bytes) and len(value) == LFDI_OCTETS:
        return f"SFDI {format_sfdi(sfdi_of_lfdi(value))}"
    return explain_value(cls, field, value)
