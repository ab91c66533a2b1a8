"""The general decoder: from a parsed XML tree to typed objects.

It takes elements in any order, reports what does not fit and what is unknown, and knows ``xsi:type``. One is made per
class, on first use, from the class's fields. Where nothing of that is needed, the compiled decoders do the work
(``envoy.codec.compiled_decoder``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any

from lxml import etree

from envoy._text import quote
from envoy.bindings.fields import Field, fields_of, type_namespace
from envoy.bindings.lexical import make_parser
from envoy.bindings.packages import class_of_type, package_of
from envoy.bindings.value_errors import diagnose_field
from envoy.codec.compiled_decoder import compile_decoder
from envoy.codec.location import Paths, suggest_type
from envoy.errors import DecodeError
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE, XSI_NAMESPACE, XSI_TYPE

Report = Callable[[DecodeError], None]


MOST_REPORTS = 10_000
"""Errors of one document that are reported, and unknown elements and attributes; then comes one that says so."""


class _Reporter:
    """Reports what does not fit and what is unknown in one document."""

    __slots__ = ("_on_error", "_on_unknown", "_paths", "_reported", "_unknown", "compiled")

    def __init__(self, on_error: Report | None, on_unknown: Report | None, compiled: bool) -> None:
        self.compiled = compiled
        self._on_error = on_error
        self._on_unknown = on_unknown
        self._paths = Paths()
        self._reported: set[tuple[etree._Element, str, str]] = set()
        self._unknown = 0

    def error(self, what: str, element: etree._Element, attribute: str = "", remedy: str = "") -> None:
        """Report an error; raise it if there is no callback for errors."""
        # A compiled decoder that falls back has the values of the element decoded again.
        key = (element, attribute, what)
        if key in self._reported or len(self._reported) > MOST_REPORTS:
            return
        # The strict reporter is shared by all documents, so that it must keep the paths of none.
        paths = Paths() if self._on_error is None else self._paths
        error = DecodeError(what, path=paths.find(element, attribute), line=element.sourceline or 0, remedy=remedy)
        if self._on_error is None:
            raise error
        self._reported.add(key)
        self._on_error(error if len(self._reported) <= MOST_REPORTS else DecodeError(_MORE, path="", line=0))

    def unknown(self, element: etree._Element, attribute: str = "") -> None:
        """Report an element, or an attribute of it, that is skipped."""
        if self._on_unknown is None or self._unknown > MOST_REPORTS:
            return
        self._unknown += 1
        if self._unknown > MOST_REPORTS:
            self._on_unknown(DecodeError(_MORE, path="", line=0))
            return
        name = etree.QName(attribute or element)
        what = f"unknown attribute {name.localname}" if attribute else "unknown element"
        namespace = f" of namespace {name.namespace}" if name.namespace else ""
        path = self._paths.find(element)
        self._on_unknown(DecodeError(f"{what}{namespace}, skipped", path=path, line=element.sourceline or 0))


_MORE = f"there is more; of one document {MOST_REPORTS} are reported"

_STRICT = _Reporter(None, None, compiled=True)
"""The reporter of all documents that compiled decoders read and whose first error is raised."""

Decode = Callable[[etree._Element, _Reporter, Any, Collection[str]], Any]
Parse = Callable[[str], Any]


def decode(
    element: etree._Element,
    cls: type,
    on_error: Report | None = None,
    on_unknown: Report | None = None,
    *,
    compiled: bool = False,
) -> Any:
    """Return the typed object of an element.

    Args:
        element: The element; its name is not looked at.
        cls: The generated class to decode it as; ``xsi:type`` may name a class derived from it.
        on_error: Called with each value that does not fit, which is then left out. None: the first one is raised.
        on_unknown: Called with each element and attribute that the class does not have; they are skipped either way.
        compiled: Use the compiled decoders: the document has no ``xsi:type``, and there is no ``on_unknown``.

    Raises:
        DecodeError: A value does not fit its type, or a required one is missing, and ``on_error`` is None.
    """
    if compiled and on_error is None and on_unknown is None:
        return compile_decoder(cls, _decode_generally)(element, _STRICT)
    return _decode(element, cls, _Reporter(on_error, on_unknown, compiled))


def _decode(element: etree._Element, cls: type, reporter: _Reporter, beside: Collection[str] = ()) -> Any:
    """Return the object of an element. Those of its attributes that are fields beside it are not its own."""
    if reporter.compiled:
        return compile_decoder(cls, _decode_generally)(element, reporter)
    declared = element.get(XSI_TYPE)
    if declared is not None:
        cls = _find_derived(element, declared, cls, reporter)
    return _make_decoder(cls)(element, reporter, None, beside)


def _decode_generally(element: etree._Element, cls: type, reporter: _Reporter, begun: Any) -> Any:
    return _make_decoder(cls)(element, reporter, begun, ())


@cache
def _make_decoder(cls: type) -> Decode:
    fields = fields_of(cls)
    required = {field.name: field for field in fields if field.required}
    attributes = {field.tag: (field, make_parser(field)) for field in fields if field.attribute}
    content = next(((field, make_parser(field)) for field in fields if field.text), None)
    elements: dict[Any, tuple[Field, Parse | None]] = {}
    objects = [field.name for field in fields if field.complex]
    beside = {field.name: {x.tag: (x, make_parser(x)) for x in field.beside} for field in fields if field.beside}
    for field in fields:
        if field.attribute or field.text:
            continue
        entry = (field, None if field.complex else make_parser(field))
        elements.update(dict.fromkeys(field.tags, entry))

    def read(values: dict[str, Any], field: Field, parse: Parse, text: str, element: Any, reporter: _Reporter) -> None:
        """Read an attribute, or the text of an element that has attributes."""
        try:
            values[field.name] = parse(text)
        except ValueError as error:
            _report_value(element, field, text, error, reporter)
            if field.required or field.text:
                values[field.name] = None

    def decode_object(element: etree._Element, reporter: _Reporter, begun: Any, others: Collection[str]) -> Any:
        values: dict[str, Any] = {}
        known = {name: _objects_of(begun, name) for name in objects} if begun is not None else {}
        for child in element:
            entry = elements.get(child.tag)
            if entry is None:
                if isinstance(child.tag, str):
                    reporter.unknown(child)
                continue
            field, parse = entry
            its = beside.get(field.name, {})
            for name in its.keys() & child.keys():
                read(values, *its[name], child.get(name, ""), child, reporter)
            if parse is None:
                value = next(known.get(field.name, _NONE), None)  # in the order in which they stand
                if value is None:
                    value = _decode(child, field.type, reporter, its)
            else:
                text = child.text or ""
                try:
                    text = _text_of(child, reporter, its)
                    value = parse(text)
                except ValueError as error:
                    _report_value(child, field, text, error, reporter)
                    if field.required:
                        values.setdefault(field.name, None)  # reported, so it is not missing as well
                    continue
            if field.many:
                values.setdefault(field.name, []).append(value)
            elif field.name in values:
                reporter.error("stands more than once, only the first counts", child)
            else:
                values[field.name] = value
        if content is not None:
            text = (element.text or "") + "".join(child.tail or "" for child in element)
            read(values, *content, text, element, reporter)
        for name, text in element.items():
            if name in attributes:
                read(values, *attributes[name], text, element, reporter)
            elif name not in others:
                _skip(element, name, reporter)
        for name, field in required.items():
            if name not in values:
                kind = "attribute" if field.attribute else "element"
                what = f"the required {kind} {field.local} is missing"
                reporter.error(what, element, remedy=_explain_missing(element, field))
                values[name] = None
        return cls(**values)

    return decode_object


def _explain_missing(element: etree._Element, field: Field) -> str:
    """Return what stands in an element instead of what is missing, as a sentence; empty if there is nothing like it."""
    tags = element.keys() if field.attribute else [str(child.tag) for child in element.iterchildren(etree.Element)]
    for name in map(etree.QName, tags):
        if name.localname == field.local:
            here = f"the namespace {name.namespace}" if name.namespace else "no namespace"
            return f"Here it has {here}: it has to have {field.namespace or 'none'}."
        if name.localname.lower() == field.local.lower():
            return f"Write {field.local} instead of {name.localname}."
    text = (element.text or "").strip()
    return f"Write {quote(text)} into an element of its own." if text and not (field.attribute or len(element)) else ""


_NONE: Iterator[Any] = iter(())


def _objects_of(begun: Any, name: str) -> Iterator[Any]:
    """Return the objects that a field has in an object that a compiled decoder has begun to fill."""
    value = getattr(begun, name, None)
    return iter(value if isinstance(value, list) else () if value is None else (value,))


class _ElementsInsideError(ValueError):
    """A simple value has elements inside."""


def _text_of(element: etree._Element, reporter: _Reporter, beside: Collection[str]) -> str:
    """Return the text of a simple value, without what extensions have put there (11.4)."""
    for name, _ in element.items():
        if name not in beside:
            _skip(element, name, reporter)
    text = element.text or ""
    for child in element:
        if isinstance(child.tag, str):
            namespace = etree.QName(child).namespace
            if namespace in (None, SEP_NAMESPACE) or namespace in EXTENSION_NAMESPACES:
                raise _ElementsInsideError
            reporter.unknown(child)
        text += child.tail or ""
    return text


def _skip(element: etree._Element, attribute: str, reporter: _Reporter) -> None:
    """Report an attribute that no model has, unless it is about the schema."""
    if not attribute.startswith(f"{{{XSI_NAMESPACE}}}"):
        reporter.unknown(element, attribute)


def _find_derived(element: etree._Element, declared: str, cls: type, reporter: _Reporter) -> type:
    """Return the class that ``xsi:type`` names, if it is derived from the one expected here."""
    prefix, _, local = declared.strip().rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    bindings = package_of(cls)
    found = None if bindings is None else class_of_type(bindings, namespace or "", local)
    if found is not None and issubclass(found, cls):
        return found
    what = f"xsi:type {quote(declared)} is not a type derived from {cls.__name__}"
    # A type of another namespace is another one; without a namespace, what follows is read by the type that was meant.
    known = bindings is not None and namespace is None
    meant = class_of_type(bindings, type_namespace(cls), local) if known else None
    if meant is None or not issubclass(meant, cls):
        reporter.error(what, element)
        return cls
    reporter.error(what, element, remedy=suggest_type(element, type_namespace(cls), local))
    return meant


def _report_value(element: etree._Element, field: Field, text: str, error: ValueError, reporter: _Reporter) -> None:
    if isinstance(error, _ElementsInsideError):
        reporter.error(
            "a simple value has elements inside", element, remedy="Write the value as text, without elements."
        )
        return
    found = diagnose_field(text, field, error)
    reporter.error(found.reason, element, attribute=field.local if field.attribute else "", remedy=found.remedy)
