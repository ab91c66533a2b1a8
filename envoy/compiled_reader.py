"""Readers compiled per class: the elements of the schema in their order, one comparison each.

A compiled reader knows one case, which nearly every message is: elements in the order of the schema, values that fit.
Whatever else it meets, it hands the whole element to the general reader (``envoy.reader``), which is slower, takes any
order, and can say what is wrong. Both give the same objects.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from functools import cache
from typing import Any

from envoy.compiling import compile_function
from envoy.fields import Field, fields_of, parser
from envoy.model import Bitmap, Code
from envoy.profiles import EXTENSION_NAMESPACES, MODEL_EXTENSION_NAMESPACE


class _End:
    """Stands after the last child of an element; its tag is no element's."""

    tag = ""


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}

_REFUSE = "return general(element, cls, reports)"

_NO_VALUE = (ValueError, TypeError, KeyError)

Read = Callable[..., Any]


@cache
def compiled_reader(cls: type, general: Callable[[Any, type, Any], Any]) -> Read:
    """Return the compiled reader of a class: a function of an element and of whom to tell about faults.

    Args:
        cls: A generated class.
        general: The general reader, called with the element, the class and the second argument of the reader.
    """
    fields = fields_of(cls)
    names: dict[str, Any] = {
        "cls": cls,
        "general": general,
        "new": object.__new__,
        "end": _End,
        "unhexlify": binascii.unhexlify,
        "booleans": _BOOLEANS,
        "NoValue": _NO_VALUE,
    }
    lines = ["def read(element, reports):", "    obj = new(cls)"]
    lines += _attributes([field for field in fields if field.attribute], names)
    elements = [field for field in fields if not field.attribute]
    if elements:
        lines += ["    children = iter(element)", "    child = next(children, end)", "    tag = child.tag"]
        for number, field in enumerate(elements):
            lines += _element(field, number, names, general)
        lines += ["    if tag:", f"        {_REFUSE}"]
    else:
        lines += ["    if len(element):", f"        {_REFUSE}"]
    lines.append("    return obj")
    return compile_function("read", f"reader of {cls.__name__}", lines, names)


def _attributes(fields: list[Field], names: dict[str, Any]) -> list[str]:
    """Return the lines that read the attributes: defaults first, then whatever the element has."""
    if not fields:
        return []
    lines = []
    required = []
    for number, field in enumerate(fields):
        if field.required:
            required.append(f"attribute{number}")
            lines.append(f"    attribute{number} = False")
        else:
            names[f"absent{number}"] = field.default
            lines.append(f"    obj.{field.name} = {'None' if field.default is None else f'absent{number}'}")
    lines.append("    for key, text in element.items():")
    for number, field in enumerate(fields):
        convert, expression = _text_value(field, f"_attribute{number}", names)
        lines.append(f"        {'if' if number == 0 else 'elif'} key == {field.tag!r}:")
        lines += [f"            {line}" for line in convert]
        lines.append(f"            obj.{field.name} = {expression}")
        if field.required:
            lines.append(f"            attribute{number} = True")
    lines += ["        else:", f"            {_REFUSE}"]
    if required:
        lines += [f"    if not ({' and '.join(required)}):", f"        {_REFUSE}"]
    return lines


def _element(field: Field, number: int, names: dict[str, Any], general: Callable[..., Any]) -> list[str]:
    """Return the lines that read one field if the current child is its element, and go on to the next child."""
    if field.namespace == MODEL_EXTENSION_NAMESPACE:
        names[f"tags{number}"] = frozenset(f"{{{namespace}}}{field.local}" for namespace in EXTENSION_NAMESPACES)
        matches = f"tag in tags{number}"
    else:
        matches = f"tag == {field.tag!r}"
    value, expression = _value(field, number, names, general)
    lines = []
    if field.many:
        lines.append(f"    items = obj.{field.name} = []")
    lines.append(f"    {'while' if field.many else 'if'} {matches}:")
    lines += [f"        {line}" for line in value]
    lines.append(f"        items.append({expression})" if field.many else f"        obj.{field.name} = {expression}")
    lines += ["        child = next(children, end)", "        tag = child.tag"]
    if field.many:
        return lines
    lines.append("    else:")
    if field.required:
        lines.append(f"        {_REFUSE}")
    else:
        names[f"default{number}"] = field.default
        lines.append(f"        obj.{field.name} = {'None' if field.default is None else f'default{number}'}")
    return lines


def _value(field: Field, number: int, names: dict[str, Any], general: Callable[..., Any]) -> tuple[list[str], str]:
    """Return the lines that make the value of the current child, and the expression that it then is."""
    if field.complex:
        names[f"read{number}"] = _first_use(names, f"read{number}", field.type, general)
        return [], f"read{number}(child, reports)"
    convert, expression = _text_value(field, str(number), names)
    return ["text = child.text or ''", f"if len(child): {_REFUSE}", *convert], expression


def _text_value(field: Field, number: str, names: dict[str, Any]) -> tuple[list[str], str]:
    """Return the lines that make a simple value of ``text``, and the expression that it then is."""
    kind = field.type
    if kind is str:
        return [], "text"
    if kind is bool:
        return ["value = booleans.get(text)", f"if value is None: {_REFUSE}"], "value"
    if kind is bytes:
        convert = ["try: value = unhexlify(text)", f"except NoValue: {_REFUSE}"]
        if field.octets:
            convert.append(f"if len(value) > {field.octets}: {_REFUSE}")
        return convert, "value"
    if kind is int:
        # The usual form at the speed of int(), which alone would also take other scripts, underscores, and megabytes.
        names[f"parse{number}"] = parser(field)
        usual = "text.isdigit() and text.isascii() and len(text) < 20"
        return [f"try: value = int(text) if {usual} else parse{number}(text)", f"except NoValue: {_REFUSE}"], "value"
    assert issubclass(kind, (Code, Bitmap))
    names[f"known{number}"] = _Members(parser(field))
    return [f"try: value = known{number}[text]", f"except NoValue: {_REFUSE}"], "value"


class _Members(dict[str, Any]):
    """Members of a code list by their text, as documents write them; a new text is parsed and remembered."""

    LIMIT = 1024

    def __init__(self, parse: Callable[[str], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> Any:
        member = self._parse(text)
        if len(self) < self.LIMIT:
            self[text] = member
        return member


def _first_use(names: dict[str, Any], name: str, cls: type, general: Callable[..., Any]) -> Read:
    """Return a reader that compiles itself when it is first called, since classes may contain each other."""

    def read(element: Any, reports: Any) -> Any:
        names[name] = compiled = compiled_reader(cls, general)
        return compiled(element, reports)

    return read
