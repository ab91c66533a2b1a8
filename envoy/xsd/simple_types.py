"""What a simple type comes down to: the type built into XSD that it restricts, and its width if that is hexBinary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from envoy.xsd.loader import XS, Components, qualified

INTEGERS = frozenset(
    {
        "byte", "int", "integer", "long", "negativeInteger", "nonNegativeInteger", "nonPositiveInteger",
        "positiveInteger", "short", "unsignedByte", "unsignedInt", "unsignedLong", "unsignedShort",
    }
)  # fmt: skip

STRINGS = frozenset(
    {
        "ENTITY", "ID", "IDREF", "NCName", "NMTOKEN", "Name", "anyAtomicType", "anySimpleType", "anyURI",
        "duration", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "language", "normalizedString",
        "string", "token",
    }
)  # fmt: skip
"""Types whose values are text in Python, as it is written. Python has no type for a duration of months, or a month."""

LISTS = frozenset({"NMTOKENS", "IDREFS", "ENTITIES"})


@dataclass(frozen=True, slots=True)
class Simple:
    """What a simple type comes down to.

    Attributes:
        builtin: Local name of the type built into XSD.
        octets: Largest number of octets of a hexBinary type; 0 if it has no limit or is another type.
        many: It is a list of such values.
    """

    builtin: str
    octets: int = 0
    many: bool = False

    @property
    def family(self) -> str:
        """The kind of its values: ``integer``, ``string``, or the built-in type itself."""
        if self.builtin in INTEGERS:
            return "integer"
        return "string" if self.builtin in STRINGS else self.builtin


def _named(name: str, user: etree._Element, components: Components) -> Simple | None:
    if name.startswith(XS):
        local = name.removeprefix(XS)
        return Simple("string", many=True) if local in LISTS else Simple(local)
    found = components.named("type", name, user)
    return None if found is None else resolve(found, components)


def resolve(node: etree._Element, components: Components) -> Simple | None:
    """Return what a simple type comes down to; also a complex type with simple content, without its attributes."""
    if node.tag == f"{XS}complexType":
        step = node.find(f"{XS}simpleContent/*[@base]")
        if step is None:
            return None
    else:
        step = node.find(f"{XS}restriction")
    if step is None:
        items, union = node.find(f"{XS}list"), node.find(f"{XS}union")
        if items is not None:
            item = next(_inside(items, "itemType", components), None)
            return Simple(item.builtin, many=True) if item else None
        return None if union is None else _common(list(_inside(union, "memberTypes", components)))
    base = next(_inside(step, "base", components), None)
    if base is None or base.many or base.builtin != "hexBinary":
        return base
    facet = next(step.iterchildren(f"{XS}length", f"{XS}maxLength"), None)
    return base if facet is None else Simple("hexBinary", int(str(facet.get("value"))))


def _inside(node: etree._Element, attribute: str, components: Components) -> Iterator[Simple]:
    """Yield what the types come down to that a list, a union or a restriction names or has inside."""
    for name in node.get(attribute, "").split():
        if found := _named(qualified(node, name), node, components):
            yield found
    for child in node.iterchildren(f"{XS}simpleType"):
        if found := resolve(child, components):
            yield found


def _common(members: list[Simple]) -> Simple:
    """Return what a union comes down to: text, as it is written, unless all members have values of one kind."""
    if any(member.many for member in members):
        return Simple("string")
    if len({member.builtin for member in members}) == 1:
        return Simple(members[0].builtin)
    return Simple("integer" if {member.family for member in members} == {"integer"} else "string")
