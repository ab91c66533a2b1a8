"""From a parsed XML tree to typed objects. One reader is made per class, on first use, from the class's fields."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

from lxml import etree

from envoy.errors import DecodeError
from envoy.fields import XSI_NAMESPACE, Field, expectation, fields_of, hint_for, parser
from envoy.profiles import EXTENSION_NAMESPACES, MODEL_EXTENSION_NAMESPACE, SEP_NAMESPACE

_XSI_TYPE = f"{{{XSI_NAMESPACE}}}type"

Report = Callable[[DecodeError], None]
Read = Callable[[etree._Element, "Report | None", "Report | None"], Any]


def read(element: etree._Element, cls: type, on_fault: Report | None, on_unknown: Report | None) -> Any:
    """Return the typed object of an element.

    Args:
        element: The element; its name is not looked at.
        cls: The generated class to read it as; ``xsi:type`` may name a class derived from it.
        on_fault: Told of each value that does not fit, which is then left out. None: the first one is raised.
        on_unknown: Told of each element and attribute that the class does not have; they are skipped either way.

    Raises:
        DecodeError: A value does not fit its type, or a required one is missing, and ``on_fault`` is None.
    """
    declared = element.get(_XSI_TYPE)
    if declared is not None:
        cls = _derived(element, declared, cls, on_fault)
    return _reader(cls)(element, on_fault, on_unknown)


def class_of_root(root: etree._Element) -> type | None:
    """Return the generated class that a document's root element stands for, None if there is none."""
    sep2 = importlib.import_module("sep2")
    name = etree.QName(root)
    namespace = _model_namespace(name.namespace)
    found = sep2.ELEMENTS.get(f"{{{namespace}}}{name.localname}" if namespace else name.localname)
    return getattr(sep2, found) if found else None


def _model_namespace(namespace: str | None) -> str | None:
    return MODEL_EXTENSION_NAMESPACE if namespace in EXTENSION_NAMESPACES else namespace


def path_of(element: etree._Element) -> str:
    """Return where an element is in its document: DERControlList/DERControl[3]/interval."""
    steps = []
    node: etree._Element | None = element
    while node is not None:
        parent = node.getparent()
        step = etree.QName(node).localname
        if parent is not None:
            same = parent.findall(str(node.tag))
            if len(same) > 1:
                step += f"[{same.index(node) + 1}]"
        steps.append(step)
        node = parent
    return "/".join(reversed(steps))


@cache
def _reader(cls: type) -> Read:
    fields = fields_of(cls)
    required = {field.name: field for field in fields if field.required}
    attributes = {field.tag: (field, parser(field)) for field in fields if field.attribute}
    elements: dict[str, tuple[Field, Callable[[str], Any] | None]] = {}
    for field in fields:
        if field.attribute:
            continue
        entry = (field, None if field.complex else parser(field))
        namespaces = EXTENSION_NAMESPACES if field.namespace == MODEL_EXTENSION_NAMESPACE else (field.namespace,)
        for namespace in namespaces:
            elements[f"{{{namespace}}}{field.local}" if namespace else field.local] = entry

    def read_object(element: etree._Element, on_fault: Report | None, on_unknown: Report | None) -> Any:
        values: dict[str, Any] = {}
        for child in element:
            entry = elements.get(str(child.tag))
            if entry is None:
                if on_unknown is not None and isinstance(child.tag, str):
                    on_unknown(_unknown(child))
                continue
            field, parse = entry
            if parse is None:
                value = read(child, field.type, on_fault, on_unknown)
            else:
                if len(child):
                    _fault(_misplaced(child, field), on_fault)
                    continue
                text = child.text or ""
                try:
                    value = parse(text)
                except ValueError as error:
                    _fault(_bad_value(child, field, text, error), on_fault)
                    continue
            if field.many:
                values.setdefault(field.name, []).append(value)
            elif field.name in values:
                _fault(_repeated(child), on_fault)
            else:
                values[field.name] = value
        for name, text in element.items():
            pair = attributes.get(name)
            if pair is None:
                if on_unknown is not None and not name.startswith(f"{{{XSI_NAMESPACE}}}"):
                    on_unknown(_unknown(element, name))
                continue
            field, parse_attribute = pair
            try:
                values[field.name] = parse_attribute(text)
            except ValueError as error:
                _fault(_bad_value(element, field, text, error), on_fault)
        for name, field in required.items():
            if name not in values:
                _fault(_missing(element, field), on_fault)
                values[name] = None
        return cls(**values)

    return read_object


def _derived(element: etree._Element, declared: str, cls: type, on_fault: Report | None) -> type:
    """Return the class that ``xsi:type`` names, if it is derived from the one expected here."""
    prefix, _, local = declared.strip().rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    found = None
    if namespace == SEP_NAMESPACE or namespace in EXTENSION_NAMESPACES:
        sep2 = importlib.import_module("sep2")
        found = getattr(sep2, sep2.TYPES.get(f"{{{_model_namespace(namespace)}}}{local}", local), None)
    if isinstance(found, type) and issubclass(found, cls):
        return found
    _fault(
        DecodeError(
            f"xsi:type {declared!r} is not a type derived from {cls.__name__}",
            path=path_of(element),
            line=element.sourceline or 0,
        ),
        on_fault,
    )
    return cls


def _fault(error: DecodeError, on_fault: Report | None) -> None:
    if on_fault is None:
        raise error
    on_fault(error)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _bad_value(element: etree._Element, field: Field, text: str, error: ValueError) -> DecodeError:
    path = path_of(element) + (f"/@{field.local}" if field.attribute else "")
    reason = "no value of that code list" if "is not a valid" in str(error) else str(error)
    return DecodeError(
        f"{_short(text)} is not {expectation(field)}: {reason}",
        path=path,
        line=element.sourceline or 0,
        remedy=hint_for(field, text),
    )


def _missing(element: etree._Element, field: Field) -> DecodeError:
    kind = "attribute" if field.attribute else "element"
    return DecodeError(
        f"the required {kind} {field.local} is missing", path=path_of(element), line=element.sourceline or 0
    )


def _misplaced(element: etree._Element, field: Field) -> DecodeError:
    return DecodeError(
        f"has elements inside, expected {expectation(field)}", path=path_of(element), line=element.sourceline or 0
    )


def _repeated(element: etree._Element) -> DecodeError:
    return DecodeError(
        "stands more than once, only the first counts", path=path_of(element), line=element.sourceline or 0
    )


def _unknown(element: etree._Element, attribute: str = "") -> DecodeError:
    name = etree.QName(attribute or element)
    what = f"unknown attribute {name.localname}" if attribute else "unknown element"
    namespace = f" of namespace {name.namespace}" if name.namespace else ""
    return DecodeError(f"{what}{namespace}, skipped", path=path_of(element), line=element.sourceline or 0)
