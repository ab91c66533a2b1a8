"""Random valid objects of the generated classes. The fields come from the models, the bounds from a profile's XSD."""

from __future__ import annotations

from functools import cache
from typing import Any

import xmlschema
from hypothesis import strategies as st
from xmlschema.validators import XsdComplexType, XsdElement, XsdType

import sep2
from envoy.bindings.enums import Bitmap, Code
from envoy.bindings.fields import Field, element_name, element_namespace, fields_of
from envoy.namespaces import MODEL_EXTENSION_NAMESPACE
from envoy.profiles import Profile
from envoy.xsd.loader import load
from envoy.xsd.schemas import schema_path
from envoy.xsd.symbol_table import SymbolTable

DEEPEST = 3
"""Below so many levels of objects only what is required is filled in."""

REAL_TYPES = {
    "Resource": ("Time", "EndDevice", "DERControl", "DERCapability", "Reading", "Notification"),
    "Response": (
        "DERControlResponse",
        "DrResponse",
        "FlowReservationResponseResponse",
        "PriceResponse",
        "TextResponse",
    ),
}
"""Some types that xsi:type names in the open places of the schema: Notification and ResponseList."""


def xml_text(max_size: int | None = None) -> st.SearchStrategy[str]:
    """Any text that can be in an XML 1.0 document."""
    legal = st.characters(
        exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff", include_characters="\t\n\r"
    )
    return st.text(legal, max_size=max_size)


def uris(max_size: int = 40) -> st.SearchStrategy[str]:
    """References to resources, relative or absolute."""
    path = st.from_regex(r"/[a-z0-9/]{0,20}", fullmatch=True)
    return st.one_of(path, path.map(lambda tail: f"https://example.org:8443{tail}?s=0&l=1")).map(lambda u: u[:max_size])


def messages(profile: Profile) -> list[type]:
    """Return the classes that can be the root of a document of a profile."""
    classes = {getattr(sep2, name) for tag, name in sep2.ELEMENTS.items() if tag.startswith("{")}
    roots = _roots(profile)
    return sorted((cls for cls in classes if root_tag(profile, cls) in roots), key=lambda cls: cls.__name__)


@cache
def _roots(profile: Profile) -> frozenset[str]:
    """Return the tags of the global elements of a profile's schema."""
    return frozenset(SymbolTable(load([schema_path(profile)], lenient=True)).names("element"))


def root_resources(profile: Profile) -> list[type]:
    """Return the resources that can be the root of a document of a profile."""
    return [cls for cls in messages(profile) if issubclass(cls, sep2.Resource)]


def wire_name(profile: Profile, namespace: str, local: str) -> str:
    """Return the qualified name that a name of the models has in documents of a profile."""
    if namespace == MODEL_EXTENSION_NAMESPACE:
        namespace = profile.extension_namespace or namespace
    return f"{{{namespace}}}{local}"


def root_tag(profile: Profile, cls: type) -> str:
    """Return the tag of a class as the root of a document of a profile."""
    return wire_name(profile, element_namespace(cls), element_name(cls))


class ProfileObjects:
    """Strategies for the objects that are valid in one profile.

    Args:
        profile: What it does not know stays empty, what it requires is there.
    """

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.schema = xmlschema.XMLSchema(schema_path(profile))
        self._known: dict[tuple[type, int], st.SearchStrategy[Any]] = {}

    def objects(self, cls: type) -> st.SearchStrategy[Any]:
        """Objects of a class that can be the root of a document."""
        declared = self.schema.maps.elements[root_tag(self._profile, cls)]
        return self._objects(cls, declared.type, 0)

    def _wire(self, namespace: str, local: str) -> str:
        return wire_name(self._profile, namespace, local)

    def _objects(self, cls: type, xsd_type: XsdComplexType, depth: int) -> st.SearchStrategy[Any]:
        if (cls, depth) not in self._known:
            self._known[cls, depth] = self._build(cls, xsd_type, depth)
        return self._known[cls, depth]

    def _build(self, cls: type, xsd_type: XsdComplexType, depth: int) -> st.SearchStrategy[Any]:
        particles = {particle.name: particle for particle in xsd_type.content.iter_elements()}
        parts: dict[str, st.SearchStrategy[Any]] = {}
        for field in fields_of(cls):
            if field.attribute:
                if (attribute := xsd_type.attributes.get(field.local)) is not None:
                    values = _simple(field, attribute.type)
                    absent = st.just(field.default)
                    parts[field.name] = values if attribute.use == "required" else st.one_of(absent, values)
            elif (particle := particles.get(self._wire(field.namespace, field.local))) is not None:
                parts[field.name] = self._occurrences(field, particle, depth)
                for other in field.beside:
                    if (attribute := particle.attributes.get(other.local)) is not None:
                        parts[other.name] = st.one_of(st.none(), _simple(other, attribute.type))
        return st.builds(cls, **parts).map(_without_strays)

    def _occurrences(self, field: Field, particle: XsdElement, depth: int) -> st.SearchStrategy[Any]:
        required = particle.min_occurs > 0
        if not required and depth >= DEEPEST:
            return st.just([]) if field.many else st.none()
        values = self._values(field, particle.type, depth + 1)
        if field.many:
            return st.lists(values, min_size=particle.min_occurs, max_size=max(2, particle.min_occurs))
        return values if required else st.one_of(st.none(), values)

    def _values(self, field: Field, xsd_type: XsdType, depth: int) -> st.SearchStrategy[Any]:
        if not field.complex:
            return _simple(field, xsd_type)
        assert isinstance(xsd_type, XsdComplexType)
        types = self.schema.maps.types
        named = REAL_TYPES.get(field.type.__name__, ())
        real = [(getattr(sep2, name), types[self._wire(sep2.Resource.Meta.namespace, name)]) for name in named]
        return st.one_of(*(self._objects(cls, found, depth) for cls, found in ((field.type, xsd_type), *real)))


def _without_strays(obj: Any) -> Any:
    """Leave out the attributes of elements that are not there."""
    for field in fields_of(type(obj)):
        for other in field.beside if getattr(obj, field.name) is None else ():
            setattr(obj, other.name, None)
    return obj


def _simple(field: Field, xsd_type: XsdType) -> st.SearchStrategy[Any]:
    kind = field.type
    if field.root:
        return st.sampled_from(["2.1", "2.2", "10.0"])
    while xsd_type.is_complex():
        xsd_type = xsd_type.content
    if kind is bool:
        return st.booleans()
    if kind is bytes:
        return st.binary(max_size=_max_length(xsd_type))
    if kind is str:
        return uris() if xsd_type.primitive_type.local_name == "anyURI" else xml_text(_max_length(xsd_type))
    if field.octets:
        numbers = st.integers(0, (1 << 8 * field.octets) - 1)
    else:
        numbers = st.integers(xsd_type.min_value, xsd_type.max_value)
    if issubclass(kind, (Code, Bitmap)):
        return st.one_of(st.sampled_from(list(kind)), numbers.map(kind))
    return numbers


def _max_length(xsd_type: XsdType | None) -> int | None:
    # xmlschema has the facet of a type itself, not the one that it inherits.
    while xsd_type is not None and xsd_type.max_length is None:
        xsd_type = xsd_type.base_type
    return xsd_type and xsd_type.max_length
