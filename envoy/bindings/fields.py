"""How the fields of a generated class look in XML, read from its dataclass metadata. Shared by reader and writer."""

from __future__ import annotations

import binascii
import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from envoy.bindings.lexical import BASE64, LEXICAL, Lexical
from envoy.bindings.model import Bitmap, Code
from envoy.namespaces import EXTENSION_NAMESPACES

_SMALL = 4
"""Most fields of a class that is compiled in place."""

_INTEGER = re.compile(r"[+-]?[0-9]+\Z")
_DECIMAL = re.compile(r"[0-9]+\Z")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a generated class.

    Attributes:
        name: Python name.
        local: Local name of the XML element or attribute.
        namespace: Namespace of the element or attribute; empty if it has none.
        attribute: It is an XML attribute.
        text: It is the text of the element itself, beside the attributes.
        many: It is a list, of one element each.
        words: Its value is a list, of words in one text.
        required: The model has no default for it.
        default: Its default, None if it has none or is a list.
        type: The class of its value, without ``None |`` and ``list[]``.
        octets: Width of the hexBinary form; 0 if it is not hexBinary, or of any width.
        base64: Its octets are written as base64 rather than hexBinary.
        empty: The text that an empty element stands for.
    """

    name: str
    local: str
    namespace: str
    attribute: bool
    text: bool
    many: bool
    words: bool
    required: bool
    default: Any
    type: type
    octets: int
    base64: bool
    empty: str

    @property
    def tag(self) -> str:
        """The qualified name as lxml writes it."""
        return f"{{{self.namespace}}}{self.local}" if self.namespace else self.local

    @property
    def tags(self) -> frozenset[str]:
        """The qualified names that are read: an element of CSIP-AUS may come in any namespace that servers use."""
        if self.namespace not in EXTENSION_NAMESPACES or self.attribute:
            return frozenset({self.tag})
        return frozenset(f"{{{namespace}}}{self.local}" for namespace in EXTENSION_NAMESPACES)

    @property
    def plain(self) -> bool:
        """Whether it is of the kinds that the standard uses, which the compiled readers and writers know."""
        special = (
            self.text or self.words or self.base64 or bool(self.empty) or (self.attribute and bool(self.namespace))
        )
        return not special and self.type not in LEXICAL and not issubclass(self.type, StrEnum)

    @property
    def complex(self) -> bool:
        """Whether the value is an object with fields of its own."""
        return dataclasses.is_dataclass(self.type)


def element_namespace(cls: type) -> str:
    """Return the namespace of the elements that a class itself declares."""
    return str(getattr(cls.__dict__.get("Meta"), "namespace", ""))


def element_name(cls: type) -> str:
    """Return the local name of the element that a class stands for as a document root."""
    return str(getattr(cls.__dict__.get("Meta"), "name", cls.__name__))


def type_namespace(cls: type) -> str:
    """Return the namespace of the schema type of a class, whether or not an element stands for it."""
    for base in cls.__mro__:
        meta = base.__dict__.get("Meta")
        if found := getattr(meta, "target_namespace", None) or getattr(meta, "namespace", None):
            return str(found)
    return ""


@cache
def fields_of(cls: type) -> tuple[Field, ...]:
    """Return the fields of a generated class, inherited ones first, in the order of the schema.

    Raises:
        TypeError: It is not a generated class.
    """
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is not a generated class")
    declared_in: dict[str, type] = {}
    for base in reversed(cls.__mro__):
        for name in inspect.get_annotations(base):
            declared_in[name] = base
    hints = typing.get_type_hints(cls)
    return tuple(_field(item, hints[item.name], declared_in[item.name]) for item in dataclasses.fields(cls))


def is_small(cls: type) -> bool:
    """Whether a class is compiled in place, in the reader or writer of its owner: a link, a quantity, an interval."""
    fields = fields_of(cls)
    return len(fields) <= _SMALL and all(field.plain and not field.complex and not field.many for field in fields)


def _field(item: dataclasses.Field[Any], hint: Any, owner: type) -> Field:
    metadata = item.metadata
    words = bool(metadata.get("tokens"))
    kind, depth = _value_type(hint)
    form = metadata.get("type", "Text")
    has_default = item.default is not dataclasses.MISSING
    octets = 0
    if metadata.get("format") == "base16":
        octets = getattr(kind, "_octets_", 0)
        if not octets and not words:
            octets = int(metadata.get("max_length", metadata.get("length", 0)))
    return Field(
        name=item.name,
        local=metadata.get("name", item.name),
        namespace=metadata.get("namespace", element_namespace(owner) if form == "Element" else ""),
        attribute=form == "Attribute",
        text=form == "Text",
        many=depth > words,
        words=words,
        required=not has_default and item.default_factory is dataclasses.MISSING,
        default=item.default if has_default else None,
        type=kind,
        octets=octets,
        base64=metadata.get("format") == "base64",
        empty=metadata.get("empty", ""),
    )


def _value_type(hint: Any) -> tuple[type, int]:
    """Return the class of a value, and how many lists are around it."""
    if isinstance(hint, types.UnionType):
        hint = next(x for x in typing.get_args(hint) if x is not type(None))
    depth = 0
    while typing.get_origin(hint) is list:
        hint = typing.get_args(hint)[0]
        depth += 1
    return hint, depth


def parser(field: Field) -> Callable[[str], Any]:
    """Return the function that turns the text of a simple value into its Python value; it raises ValueError."""
    parse = _parser(field)
    if field.words:
        return lambda text: [parse(word) for word in (text or field.empty).split()]
    if field.empty:
        return lambda text: parse(text or field.empty)
    return parse


def _parser(field: Field) -> Callable[[str], Any]:
    kind, octets = field.type, field.octets
    if issubclass(kind, (Code, Bitmap)):
        if octets:
            return lambda text: kind(int.from_bytes(_unhex(text, octets)))
        return lambda text: kind(_integer(text))
    if issubclass(kind, StrEnum):
        return lambda text: kind(text if text in kind._value2member_map_ else " ".join(text.split()))
    if lexical := _lexical(field):
        return lexical.parse
    if kind is bytes:
        return lambda text: _unhex(text, octets)
    if kind is bool:
        return _boolean
    if kind is int:
        return _integer
    if kind is str:
        return str
    raise TypeError(f"{field.name}: no XML form is known for {kind.__name__}")


def _lexical(field: Field) -> Lexical | None:
    return BASE64 if field.base64 else LEXICAL.get(field.type)


def formatter(field: Field) -> Callable[[Any], str]:
    """Return the function that turns a Python value into the text of a simple value; it raises ValueError.

    Text is escaped for use in XML. Bitmaps and codes in hexBinary are written at full width, bytes as they are. Of a
    list of words, it takes one.
    """
    kind, octets = field.type, field.octets
    if lexical := _lexical(field):
        return lexical.form
    if issubclass(kind, (Code, Bitmap)) and octets:
        return lambda value: int(value).to_bytes(octets).hex().upper()
    if kind is bytes:
        return lambda value: bytes(value).hex().upper()
    if kind is bool:
        return lambda value: "true" if value else "false"
    if issubclass(kind, int):
        return lambda value: str(int(value))
    if field.words:
        return _escape_word
    return escape_attribute if field.attribute else escape


def expectation(field: Field) -> str:
    """Return what a value of this field looks like, for an error message."""
    if lexical := _lexical(field):
        return lexical.expected
    if issubclass(field.type, StrEnum):
        return f"one of {', '.join(field.type)}"
    if field.octets or field.type is bytes:
        limit = f", at most {2 * field.octets}" if field.octets else ""
        return f"hexBinary, an even number of hex digits{limit}"
    return {bool: "true or false", str: "text"}.get(field.type, "a whole number")


def hint_for(field: Field, text: str) -> str:
    """Return what the writer of a bad value probably meant."""
    stripped = text.strip()
    if not field.octets:
        return ""
    if stripped[:2].lower() == "0x":
        return "Leave out the 0x: hexBinary is digits only."
    # A number that fits has at most three digits for each octet; int() refuses one of thousands of digits.
    decimal = _DECIMAL.match(stripped) and len(stripped) <= 3 * field.octets
    if issubclass(field.type, Bitmap) and decimal and int(stripped) < 1 << 8 * field.octets:
        return f"A bitmap is not a decimal number: {stripped} would be {int(stripped):0{2 * field.octets}X}."
    if len(stripped) % 2 and len(stripped) < 2 * field.octets:
        return f"Write a leading zero: 0{stripped}."
    return ""


def _unhex(text: str, octets: int) -> bytes:
    try:
        value = binascii.unhexlify(text.strip())
    except (binascii.Error, ValueError) as error:
        raise ValueError(str(error).lower()) from None
    if octets and len(value) > octets:
        raise ValueError(f"{len(value)} octets, at most {octets} allowed")
    return value


def _integer(text: str) -> int:
    stripped = text.strip()
    # int() alone would also take digits of other scripts, underscores and numbers of a megabyte.
    if not _INTEGER.match(stripped) or len(stripped) > 40:
        raise ValueError("not a whole number")
    return int(stripped)


def _boolean(text: str) -> bool:
    stripped = text.strip()
    if stripped in ("true", "1"):
        return True
    if stripped in ("false", "0"):
        return False
    raise ValueError("neither true nor false")


def escape(value: Any) -> str:
    text = str(value)
    bad = _NOT_XML.search(text)
    if bad:
        raise ValueError(f"character U+{ord(bad[0]):04X} cannot be in an XML document")
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def _escape_word(value: Any) -> str:
    text = str(value)
    if len(text.split()) != 1 or text != text.strip():
        raise ValueError(f"{text!r} is not one word of a list")
    return escape_attribute(text)


def escape_attribute(value: Any) -> str:
    # A parser turns line breaks and tabs in an attribute into spaces unless they are written as references.
    return escape(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
