"""From a parsed XML tree to typed objects.

This is the general reader: it takes elements in any order, tells of what does not fit and of what is unknown, and
knows ``xsi:type``. One is made per class, on first use, from the class's fields. Where nothing of that is needed, the
compiled readers do the work (``envoy.codec.compiled_decoder``).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from typing import Any

from lxml import etree

from envoy.bindings.fields import Field, fields_of
from envoy.bindings.lexical import describe_value, make_parser, suggest_value
from envoy.bindings.packages import class_of_type, package_of
from envoy.codec.compiled_decoder import compiled_reader
from envoy.codec.location import Places
from envoy.errors import DecodeError
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE, XSI_NAMESPACE

_XSI_TYPE = f"{{{XSI_NAMESPACE}}}type"

Report = Callable[[DecodeError], None]


class _Reports:
    """Whom one reading tells of what does not fit and of what is not known."""

    __slots__ = ("_on_error", "_on_unknown", "_places", "_told", "plain")

    def __init__(self, on_error: Report | None, on_unknown: Report | None, plain: bool) -> None:
        self.plain = plain
        self._on_error = on_error
        self._on_unknown = on_unknown
        self._places = Places()
        self._told: set[str] = set()

    def fault(self, what: str, element: etree._Element, attribute: str = "", remedy: str = "") -> None:
        """Tell of a fault; raise it if there is nobody to tell."""
        # Whoever is told of the first fault alone shares these reports with others; they keep no document's places.
        places = Places() if self._on_error is None else self._places
        place = places.path_of(element) + (f"/@{attribute}" if attribute else "")
        error = DecodeError(what, path=place, line=element.sourceline or 0, remedy=remedy)
        if self._on_error is None:
            raise error
        # A compiled reader that gives up has the element read again, children and all.
        if str(error) not in self._told:
            self._told.add(str(error))
            self._on_error(error)

    def unknown(self, element: etree._Element, attribute: str = "") -> None:
        """Tell of an element, or an attribute of it, that is skipped."""
        if self._on_unknown is None:
            return
        name = etree.QName(attribute or element)
        what = f"unknown attribute {name.localname}" if attribute else "unknown element"
        namespace = f" of namespace {name.namespace}" if name.namespace else ""
        place = self._places.path_of(element)
        self._on_unknown(DecodeError(f"{what}{namespace}, skipped", path=place, line=element.sourceline or 0))


_STRICT = _Reports(None, None, plain=True)
"""Those of all plain documents of which nobody wants to know the faults; the first one is raised."""

Read = Callable[[etree._Element, _Reports], Any]


def read(
    element: etree._Element,
    cls: type,
    on_error: Report | None = None,
    on_unknown: Report | None = None,
    *,
    plain: bool = False,
) -> Any:
    """Return the typed object of an element.

    Args:
        element: The element; its name is not looked at.
        cls: The generated class to read it as; ``xsi:type`` may name a class derived from it.
        on_error: Told of each value that does not fit, which is then left out. None: the first one is raised.
        on_unknown: Told of each element and attribute that the class does not have; they are skipped either way.
        plain: The document has no ``xsi:type`` and nobody asks for what is unknown, so that compiled readers will do.

    Raises:
        DecodeError: A value does not fit its type, or a required one is missing, and ``on_error`` is None.
    """
    if plain and on_error is None and on_unknown is None:
        return compiled_reader(cls, _read_generally)(element, _STRICT)
    return _read(element, cls, _Reports(on_error, on_unknown, plain))


def _read(element: etree._Element, cls: type, reports: _Reports) -> Any:
    if reports.plain:
        return compiled_reader(cls, _read_generally)(element, reports)
    declared = element.get(_XSI_TYPE)
    if declared is not None:
        cls = _derived(element, declared, cls, reports)
    return _reader(cls)(element, reports)


def _read_generally(element: etree._Element, cls: type, reports: _Reports) -> Any:
    return _reader(cls)(element, reports)


@cache
def _reader(cls: type) -> Read:
    fields = fields_of(cls)
    required = {field.name: field for field in fields if field.required}
    attributes = {field.tag: (field, make_parser(field)) for field in fields if field.attribute}
    content = next(((field, make_parser(field)) for field in fields if field.text), None)
    elements: dict[Any, tuple[Field, Callable[[str], Any] | None]] = {}
    for field in fields:
        if field.attribute or field.text:
            continue
        entry = (field, None if field.complex else make_parser(field))
        elements.update(dict.fromkeys(field.tags, entry))

    def read_object(element: etree._Element, reports: _Reports) -> Any:
        values: dict[str, Any] = {}
        for child in element:
            entry = elements.get(child.tag)
            if entry is None:
                if isinstance(child.tag, str):
                    reports.unknown(child)
                continue
            field, parse = entry
            if parse is None:
                value = _read(child, field.type, reports)
            else:
                text = child.text or ""
                try:
                    text = _text_of(child, reports)
                    value = parse(text)
                except ValueError as error:
                    _bad_value(child, field, text, error, reports)
                    if field.required:
                        values.setdefault(field.name, None)  # told of, so it is not missing as well
                    continue
            if field.many:
                values.setdefault(field.name, []).append(value)
            elif field.name in values:
                reports.fault("stands more than once, only the first counts", child)
            else:
                values[field.name] = value
        if content is not None:
            field, parse_content = content
            text = (element.text or "") + "".join(child.tail or "" for child in element)
            try:
                values[field.name] = parse_content(text)
            except ValueError as error:
                _bad_value(element, field, text, error, reports)
                values[field.name] = None
        for name, text in element.items():
            pair = attributes.get(name)
            if pair is None:
                _skip(element, name, reports)
                continue
            field, parse_attribute = pair
            try:
                values[field.name] = parse_attribute(text)
            except ValueError as error:
                _bad_value(element, field, text, error, reports)
                if field.required:
                    values[field.name] = None
        for name, field in required.items():
            if name not in values:
                kind = "attribute" if field.attribute else "element"
                reports.fault(f"the required {kind} {field.local} is missing", element)
                values[name] = None
        return cls(**values)

    return read_object


def _text_of(element: etree._Element, reports: _Reports) -> str:
    """Return the text of a simple value, without what extensions have put there (11.4)."""
    for name, _ in element.items():
        _skip(element, name, reports)
    text = element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            namespace = etree.QName(child).namespace
            if namespace in (None, SEP_NAMESPACE) or namespace in EXTENSION_NAMESPACES:
                raise ValueError("it has elements inside")
            reports.unknown(child)
        text += child.tail or ""
    return text


def _skip(element: etree._Element, attribute: str, reports: _Reports) -> None:
    """Tell of an attribute that no model has, unless it speaks of the schema."""
    if not attribute.startswith(f"{{{XSI_NAMESPACE}}}"):
        reports.unknown(element, attribute)


def _derived(element: etree._Element, declared: str, cls: type, reports: _Reports) -> type:
    """Return the class that ``xsi:type`` names, if it is derived from the one expected here."""
    prefix, _, local = declared.strip().rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    bindings = package_of(cls)
    found = None if bindings is None else class_of_type(bindings, namespace or "", local)
    if found is not None and issubclass(found, cls):
        return found
    reports.fault(f"xsi:type {_short(declared)} is not a type derived from {cls.__name__}", element)
    return cls


def _bad_value(element: etree._Element, field: Field, text: str, error: ValueError, reports: _Reports) -> None:
    what = f"not {describe_value(field)}: {error}"
    if "is not a valid" in str(error):  # Python says so of what is not in an enumeration
        listed = issubclass(field.type, StrEnum)
        what = f"not {describe_value(field)}" if listed else f"no code of {field.type.__name__}"
    reports.fault(
        f"{_short(text)} is {what}",
        element,
        attribute=field.local if field.attribute else "",
        remedy=suggest_value(field, text),
    )


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
