"""Decoders compiled per class: the elements of the schema in their order, one comparison each.

A compiled decoder knows one case, which nearly every message is: elements in the order of the schema, values that fit.
Whatever else it meets, it hands the whole element to the general decoder (``envoy.codec.decoder``), which is slower,
takes any order, and can say what is wrong. It hands over the objects that are decoded already too, so that what is
deep inside is not decoded at each level again. Both give the same objects.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

from envoy.bindings.beside import PLACE
from envoy.bindings.fields import Field, fields_of, is_small
from envoy.bindings.lexical import BOOLEANS, NORMALIZERS, make_parser
from envoy.codec.compile import Source, compile_function

_END = SimpleNamespace(tag="")
"""Stands after the last child of an element; its tag is not that of an element."""

_FALL_BACK = "return general(element, cls, reporter, obj)"

_FEW = 2
"""Octets of a hexBinary value that has few values, which are remembered."""

Decode = Callable[..., Any]
General = Callable[[Any, type, Any, Any], Any]


@cache
def compile_decoder(cls: type, general: General) -> Decode:
    """Return the compiled decoder of a class: a function of an element and of a reporter of errors.

    Args:
        cls: A generated class.
        general: The general decoder, called with the element, the class, the reporter, and an object whose fields are
            set as far as the element was decoded.
    """
    if not all(field.compilable for field in fields_of(cls)):
        return lambda element, reporter: general(element, cls, reporter, None)
    source = _DecoderSource(cls, general)
    lines = [f"    {line}" for line in source.fill(cls, "obj", "element", "")]
    head = ["def decode(element, reporter):", "    obj = new(cls)"]
    return compile_function("decode", f"decoder of {cls.__name__}", [*head, *lines, "    return obj"], source.names)


class _DecoderSource(Source):
    """The source text of one decoder: lines that set the fields of an object from an element."""

    def __init__(self, cls: type, general: General) -> None:
        super().__init__(
            cls=cls,
            general=general,
            new=object.__new__,
            end=_END,
            unhexlify=binascii.unhexlify,
            booleans=BOOLEANS,
            InvalidValue=(ValueError, TypeError, KeyError),
        )
        self._general = general

    def fill(self, cls: type, obj: str, element: str, suffix: str) -> list[str]:
        """Return the lines that fill the object ``obj`` from ``element``; the variables they use end in ``suffix``."""
        fields = fields_of(cls)
        lines = self._attributes([field for field in fields if field.attribute], obj, element)
        elements = [field for field in fields if not field.attribute]
        if not elements:
            return [*lines, f"if len({element}): {_FALL_BACK}"]
        child, tag = f"child{suffix}", f"tag{suffix}"
        # A loop that is left at once is the fastest way to the next of an iterator.
        step = [f"for {child} in children{suffix}: break", f"{tag} = {child}.tag"]
        lines += [f"children{suffix} = iter([*{element}[:], end])", *step]
        if any(field.beside for field in elements):
            lines.append(f"{obj}.{PLACE} = None")
        for field in elements:
            lines += self._element(field, obj, child, tag, step)
        return [*lines, f"if {tag}: {_FALL_BACK}"]

    def _attributes(self, fields: list[Field], obj: str, element: str) -> list[str]:
        """Return the lines that read the attributes: defaults first, then whatever the element has."""
        if not fields:
            return []
        lines: list[str] = []
        branches: list[str] = []
        required: list[str] = []
        for field in fields:
            number = next(self.numbers)
            seen = []
            if field.required:
                required.append(f"seen{number}")
                lines.append(f"seen{number} = False")
                seen.append(f"    seen{number} = True")
            else:
                lines.append(f"{obj}.{field.name} = {self._default(field, number)}")
            convert, expression = self._simple(field, number)
            branches += [
                f"{'elif' if branches else 'if'} key == {field.tag!r}:",
                *(f"    {line}" for line in convert),
                f"    {obj}.{field.name} = {expression}",
                *seen,
            ]
        branches.append(f"else: {_FALL_BACK}")
        lines += [f"for key, text in {element}.items():", *(f"    {line}" for line in branches)]
        if required:
            lines.append(f"if not ({' and '.join(required)}): {_FALL_BACK}")
        return lines

    def _element(self, field: Field, obj: str, child: str, tag: str, step: list[str]) -> list[str]:
        """Return the lines that read a field if the current child is its element, and step to the next child."""
        number = next(self.numbers)
        if len(field.tags) > 1:
            self.names[f"tags{number}"] = field.tags
            matches = f"{tag} in tags{number}"
        else:
            matches = f"{tag} == {field.tag!r}"
        convert, expression = self._value(field, number, child)
        if field.beside:
            convert.insert(0, f"if {child}.keys(): {_FALL_BACK}")
        if field.many:
            body = [*convert, f"items{number}.append({expression})", *step]
            return [f"items{number} = {obj}.{field.name} = []", f"while {matches}:", *(f"    {line}" for line in body)]
        body = [*convert, f"{obj}.{field.name} = {expression}", *step]
        otherwise = _FALL_BACK if field.required else f"{obj}.{field.name} = {self._default(field, number)}"
        return [f"if {matches}:", *(f"    {line}" for line in body), f"else: {otherwise}"]

    def _default(self, field: Field, number: int) -> str:
        if field.default is None:
            return "None"
        self.names[f"default{number}"] = field.default
        return f"default{number}"

    def _value(self, field: Field, number: int, child: str) -> tuple[list[str], str]:
        """Return the lines that make the value of the current child, and the expression that it then is."""
        if not field.complex:
            convert, expression = self._simple(field, number)
            return [f"text = {child}.text or ''", f"if len({child}): {_FALL_BACK}", *convert], expression
        if not is_small(field.type):
            self.defer(f"decode{number}", lambda: compile_decoder(field.type, self._general))
            return [], f"decode{number}({child}, reporter)"
        self.names[f"type{number}"] = field.type
        inner = self.fill(field.type, f"value{number}", child, str(number))
        return [f"value{number} = new(type{number})", *inner], f"value{number}"

    def _simple(self, field: Field, number: int) -> tuple[list[str], str]:
        """Return the lines that make a simple value of ``text``, and the expression that it then is."""
        kind = field.type
        if kind is str and field.white_space != "preserve":
            self.names[f"normalize{number}"] = NORMALIZERS[field.white_space]
            return [f"if ' ' in text or not text.isprintable(): text = normalize{number}(text)"], "text"
        if kind is str:
            return [], "text"
        if kind is bool:
            return ["value = booleans.get(text)", f"if value is None: {_FALL_BACK}"], "value"
        if kind is bytes and not 0 < field.octets <= _FEW:
            convert = ["try: value = unhexlify(text)", f"except InvalidValue: {_FALL_BACK}"]
            if field.octets:
                convert.append(f"if len(value) > {field.octets}: {_FALL_BACK}")
            return convert, "value"
        if kind is int and not field.attribute:
            # The usual form at the speed of int(), which alone would also take other scripts and underscores.
            self.names[f"parse{number}"] = make_parser(field)
            usual = "text.isdigit() and text.isascii() and len(text) < 20"
            return [
                f"try: value = int(text) if {usual} else parse{number}(text)",
                f"except InvalidValue: {_FALL_BACK}",
            ], "value"
        # Codes, and what else has few values: numbers of a byte or two, and those in attributes, which count items.
        self.names[f"cache{number}"] = _ValueCache(make_parser(field))
        return [f"try: value = cache{number}[text]", f"except InvalidValue: {_FALL_BACK}"], "value"


class _ValueCache(dict[str, Any]):
    """Values by their text, as documents write them; a new text is parsed and remembered."""

    # What a peer sends must not fill the memory.
    LIMIT = 1024
    LONGEST = 20

    def __init__(self, parse: Callable[[str], Any]) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> Any:
        value = self._parse(text)
        if len(self) < self.LIMIT and len(text) <= self.LONGEST:
            self[text] = value
        return value
