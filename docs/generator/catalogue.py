"""The generated classes beside what the schema says about them, and the links between their pages."""

from __future__ import annotations

import dataclasses
import inspect
from collections import defaultdict
from collections.abc import Iterable
from functools import cache

import sep2
from envoy.bindings.fields import Field, every_field_of, fields_of
from generator.schema_text import Described, SchemaText


@cache
def own_fields(cls: type) -> tuple[Field, ...]:
    """Return the fields that a class declares itself, in the order of the schema."""
    return tuple(field for field in every_field_of(cls) if field.name in inspect.get_annotations(cls))


@cache
def field_path(cls: type, field: Field) -> str:
    """Return the name of a field in XML; that of one beside another comes after a dot and the name of the other."""
    owner = next((other.local for other in fields_of(cls) if field in other.beside), "")
    return f"{owner}.{field.local}" if owner else field.local


def ancestors(cls: type) -> list[type]:
    """Return the generated classes that a class extends, the nearest first."""
    return [base for base in cls.__mro__[1:] if base.__module__.startswith("sep2.")]


def field_anchor(cls: type, field: Field) -> str:
    return f"{cls.__name__.lower()}-{field.name}"


class Catalogue:
    """All classes of sep2.

    Attributes:
        schema: What the schema says.
        classes: Models, code lists and bitmaps by name, without regard to case.
        models: Those that have fields.
        heirs: The classes that extend a class.
        users: The fields that have a class as their type, each with the class that declares it.
    """

    def __init__(self, schema: SchemaText) -> None:
        self.schema = schema
        names = sorted({*sep2.__all__} - {"ELEMENTS", "TYPES"}, key=str.lower)
        self.classes: list[type] = [getattr(sep2, name) for name in names]
        self.models = [cls for cls in self.classes if dataclasses.is_dataclass(cls)]
        self.heirs: dict[type, list[type]] = defaultdict(list)
        self.users: dict[type, list[tuple[type, Field]]] = defaultdict(list)
        self._type_names = {name: qname.rpartition("}")[2] for qname, name in sep2.TYPES.items()}
        for cls in self.models:
            for base in ancestors(cls)[:1]:
                self.heirs[base].append(cls)
            for field in own_fields(cls):
                self.users[field.type].append((cls, field))

    def type_name(self, cls: type) -> str:
        """Return the name that the schema has for the type of a class."""
        return self._type_names.get(cls.__name__, cls.__name__)

    def described(self, cls: type, field: Field | None = None) -> Described:
        """Return what the schema says about a class, or about a field that it declares itself."""
        name = self.type_name(cls)
        return self.schema.types[name] if field is None else self.schema.fields[name, field_path(cls, field)]

    def on_page(self, page: str) -> list[type]:
        """Return the classes of a page."""
        return [cls for cls in self.classes if self.schema.homes[self.type_name(cls)] == page]

    def simple_types_on_page(self, page: str) -> list[str]:
        """Return the simple types of a page that are plain values in Python, in the order of the schema."""
        classes = {self.type_name(cls) for cls in self.classes}
        return [name for name, home in self.schema.homes.items() if home == page and name not in classes]

    def link(self, page: str, cls: type, field: Field | None = None, label: str = "") -> str:
        """Return the link from a page to a class, or to a field that it declares itself."""
        anchor = field_anchor(cls, field) if field else cls.__name__.lower()
        return f"[{label or cls.__name__}]({self._address(page, self.type_name(cls))}#{anchor})"

    def simple_type_link(self, page: str, name: str) -> str:
        """Return the link from a page to a simple type; the name alone if XSD itself has it."""
        return f"[{name}]({self._address(page, name)}#{name.lower()})" if name in self.schema.homes else name

    def links(self, page: str, classes: Iterable[type]) -> str:
        return ", ".join(self.link(page, cls) for cls in classes)

    def uses(self, page: str, cls: type) -> str:
        """Return links to the fields that have a class as their type."""
        return ", ".join(
            self.link(page, user, field, f"{user.__name__}.{field.name}") for user, field in self.users[cls]
        )

    def _address(self, page: str, name: str) -> str:
        home = self.schema.homes[name]
        return "" if home == page else f"{home}.md"
