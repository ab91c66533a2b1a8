"""The fields of generated classes as XML has them, read from the metadata of the dataclasses."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from envoy.bindings.enums import Bitmap, Code
from envoy.namespaces import EXTENSION_NAMESPACES

DIGITS = {"sfdi": 12, "pin": 6}
"""Digits of the numbers that are shown with leading zeros (6.3), by field."""

_SMALL = 4
"""Most fields of a class that is compiled in place."""


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
        white_space: What becomes of the white space in a text: ``preserve``, ``replace`` or ``collapse``.
        edition: The edition that it came with; empty for those that have been there from the first one.
        root: It is an attribute that root elements alone have.
        beside: The attributes of the element that are fields beside it, since the element is a plain value.
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
    white_space: str
    edition: str = ""
    root: bool = False
    beside: tuple[Field, ...] = ()

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
    def compilable(self) -> bool:
        """Whether it is of a kind that the compiled decoders and encoders know: all that the standard uses."""
        special = self.text or self.words or self.base64 or self.empty or (self.attribute and self.namespace)
        usual = self.complex or self.type in (bool, bytes, int, str) or issubclass(self.type, (Code, Bitmap))
        return usual and not special

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


def edition_of(cls: type) -> str:
    """Return the edition that a class came with; empty for those that have been there from the first one."""
    return str(cls.__dict__.get("_edition_", ""))


def gained_by(cls: type) -> dict[str, str]:
    """Return the editions by the XML names of what a class inherits since then, though other classes had it before."""
    editions: dict[str, str] = {}
    for base in cls.__mro__:
        edition, *names = base.__dict__.get("_gained_", "").split() or [""]
        editions |= dict.fromkeys(names, edition)
    return editions


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
    beside: dict[str, list[Field]] = defaultdict(list)
    gained = gained_by(cls)
    found = []
    for item in dataclasses.fields(cls):
        field = _field(item, hints[item.name], declared_in[item.name])
        if field.local in gained:
            field = dataclasses.replace(field, edition=gained[field.local])
        if owner := item.metadata.get("of"):
            beside[owner].append(field)
        else:
            found.append(field)
    return tuple(dataclasses.replace(x, beside=tuple(beside[x.local])) if x.local in beside else x for x in found)


@cache
def every_field_of(cls: type) -> tuple[Field, ...]:
    """Return all fields of a generated class: each followed by those beside it."""
    return tuple(each for field in fields_of(cls) for each in (field, *field.beside))


def is_small(cls: type) -> bool:
    """Whether a class is compiled within the codec of its owner: a link, a quantity, an interval."""
    fields = fields_of(cls)
    return len(fields) <= _SMALL and all(field.compilable and not field.complex and not field.many for field in fields)


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
        attribute=form in ("Attribute", "Ignore"),
        text=form == "Text",
        many=depth > words,
        words=words,
        required=not has_default and item.default_factory is dataclasses.MISSING,
        default=item.default if has_default else None,
        type=kind,
        octets=octets,
        base64=metadata.get("format") == "base64",
        empty=metadata.get("empty", ""),
        white_space=metadata.get("white_space", "preserve"),
        edition=metadata.get("edition", ""),
        root="root" in metadata,
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
