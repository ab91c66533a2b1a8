"""How the fields of a generated class look in XML, read from its dataclass metadata. Shared by reader and writer."""

from __future__ import annotations

import binascii
import dataclasses
import importlib
import inspect
import re
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from envoy.model import Bitmap, Code

XSI_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance"

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
        namespace: Namespace of the element; empty for attributes and for elements without one.
        attribute: It is an XML attribute.
        many: It is a list.
        required: The model has no default for it.
        default: Its default, None if it has none or is a list.
        type: The class of its value, without ``None |`` and ``list[]``.
        octets: Width of the hexBinary form; 0 if it is not hexBinary.
    """

    name: str
    local: str
    namespace: str
    attribute: bool
    many: bool
    required: bool
    default: Any
    type: type
    octets: int

    @property
    def tag(self) -> str:
        """The qualified name as lxml writes it."""
        return f"{{{self.namespace}}}{self.local}" if self.namespace else self.local

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


def type_name(cls: type) -> str:
    """Return the name that the schema has for the type of a class, as ``xsi:type`` says it."""
    types_by_class = {name: qname for qname, name in importlib.import_module("sep2").TYPES.items()}
    return str(types_by_class.get(cls.__name__, cls.__name__)).rpartition("}")[2]


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
    return len(fields) <= _SMALL and not any(field.complex or field.many for field in fields)


def _field(item: dataclasses.Field[Any], hint: Any, owner: type) -> Field:
    kind, many = _value_type(hint)
    metadata = item.metadata
    attribute = metadata.get("type") == "Attribute"
    has_default = item.default is not dataclasses.MISSING
    octets = 0
    if metadata.get("format") == "base16":
        octets = getattr(kind, "_octets_", 0) or int(metadata.get("max_length", 0))
    return Field(
        name=item.name,
        local=metadata.get("name", item.name),
        namespace=metadata.get("namespace", "" if attribute else element_namespace(owner)),
        attribute=attribute,
        many=many,
        required=not has_default and item.default_factory is dataclasses.MISSING,
        default=item.default if has_default else None,
        type=kind,
        octets=octets,
    )


def _value_type(hint: Any) -> tuple[type, bool]:
    if isinstance(hint, types.UnionType):
        hint = next(x for x in typing.get_args(hint) if x is not type(None))
    if typing.get_origin(hint) is list:
        return typing.get_args(hint)[0], True
    return hint, False


def parser(field: Field) -> Callable[[str], Any]:
    """Return the function that turns the text of a simple value into its Python value; it raises ValueError."""
    kind, octets = field.type, field.octets
    if issubclass(kind, (Code, Bitmap)):
        if octets:
            return lambda text: kind(int.from_bytes(_unhex(text, octets)))
        return lambda text: kind(_integer(text))
    if kind is bytes:
        return lambda text: _unhex(text, octets)
    if kind is bool:
        return _boolean
    if kind is int:
        return _integer
    if kind is str:
        return str
    raise TypeError(f"{field.name}: no XML form is known for {kind.__name__}")


def formatter(field: Field) -> Callable[[Any], str]:
    """Return the function that turns a Python value into the text of a simple value; it raises ValueError.

    Text is escaped for use in XML. Bitmaps and codes in hexBinary are written at full width, bytes as they are.
    """
    kind, octets = field.type, field.octets
    if issubclass(kind, (Code, Bitmap)) and octets:
        return lambda value: int(value).to_bytes(octets).hex().upper()
    if kind is bytes:
        return lambda value: bytes(value).hex().upper()
    if kind is bool:
        return lambda value: "true" if value else "false"
    if issubclass(kind, int):
        return lambda value: str(int(value))
    return escape_attribute if field.attribute else escape


def expectation(field: Field) -> str:
    """Return what a value of this field looks like, for an error message."""
    if field.octets:
        return f"hexBinary, an even number of hex digits, at most {2 * field.octets}"
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


def escape_attribute(value: Any) -> str:
    # A parser turns line breaks and tabs in an attribute into spaces unless they are written as references.
    return escape(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
