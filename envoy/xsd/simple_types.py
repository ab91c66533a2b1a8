"""The simple types of a schema: the built-in type that each comes down to, its length and its bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from envoy.xsd.content import derivation
from envoy.xsd.loader import XS, expand_reference
from envoy.xsd.symbol_table import SymbolTable

_INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None), "nonNegativeInteger": (0, None), "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0), "negativeInteger": (None, -1),
} | {
    name: bounds
    for bits, signed in ((8, "byte"), (16, "short"), (32, "int"), (64, "long"))
    for name, bounds in (
        (signed, (-(1 << bits - 1), (1 << bits - 1) - 1)),
        (f"unsigned{signed.capitalize()}", (0, (1 << bits) - 1)),
    )
}  # fmt: skip
"""Whole numbers of XSD and their bounds, None where there is none."""

STRINGS = frozenset(
    {
        "ENTITY", "ID", "IDREF", "NCName", "NMTOKEN", "Name", "anyAtomicType", "anySimpleType", "anyURI",
        "duration", "gDay", "gMonth", "gMonthDay", "gYear", "gYearMonth", "language", "normalizedString",
        "string", "token",
    }
)  # fmt: skip
"""Types whose values are text in Python. Python has no type for a duration of months, or a month."""

WHITE_SPACE = dict.fromkeys(STRINGS, "collapse") | {
    "anyAtomicType": "preserve", "anySimpleType": "preserve", "normalizedString": "replace", "string": "preserve",
}  # fmt: skip
"""What becomes of the white space in a value of such a type, unless a type derived from it says more (XSD 2, 4.3.6)."""

_DECIDED = frozenset({"anyAtomicType", "anySimpleType", "boolean", "hexBinary", "normalizedString", "string", "token"})
_UNDECIDED = frozenset({"enumeration", "fractionDigits", "maxExclusive", "minExclusive", "totalDigits"})
"""Facets that are not looked at here."""

_PLAIN_PATTERN = re.compile(r"(?:\\[d.\\?*+(){}|\[\]-]|\[(?!\^?[^]]*-\[)[^]\\]*\]|[^\\\[\]^$.])*")
"""Patterns that mean in Python what they mean in XSD."""

BASES = {
    name: base
    for base, names in {
        "string": "normalizedString", "normalizedString": "token", "token": "language Name NMTOKEN", "Name": "NCName",
        "NCName": "ENTITY ID IDREF", "decimal": "integer", "integer": "long nonNegativeInteger nonPositiveInteger",
        "long": "int", "int": "short", "short": "byte", "nonNegativeInteger": "positiveInteger unsignedLong",
        "unsignedLong": "unsignedInt", "unsignedInt": "unsignedShort", "unsignedShort": "unsignedByte",
        "nonPositiveInteger": "negativeInteger",
    }.items()
    for name in names.split()
}  # fmt: skip
"""The types of XSD that are derived from another one."""

_LISTS = frozenset({"NMTOKENS", "IDREFS", "ENTITIES"})


@dataclass(frozen=True, slots=True)
class Simple:
    """What a simple type comes down to.

    Attributes:
        builtin: Local name of the type built into XSD.
        many: It is a list of such values.
        max_length: Largest number of octets or characters, None if there is no limit.
        minimum: Smallest number, None if there is no limit.
        maximum: Largest number, None if there is no limit.
        white_space: What becomes of white space in a text: ``preserve``, ``replace`` or ``collapse``.
        min_length: Smallest number of octets or characters.
        patterns: Regular expressions that the text has to match.
        decided: Nothing else is demanded of a value, whose built-in type is one of a simple form.
    """

    builtin: str
    many: bool = False
    max_length: int | None = None
    minimum: int | None = field(default=None, compare=False)
    maximum: int | None = field(default=None, compare=False)
    white_space: str = field(default="collapse", compare=False)
    min_length: int = field(default=0, compare=False)
    patterns: tuple[re.Pattern[str], ...] = field(default=(), compare=False)
    decided: bool = field(default=False, compare=False)

    @property
    def family(self) -> str:
        """The kind of its values: ``integer``, ``string``, or the built-in type itself."""
        if self.builtin in _INTEGERS:
            return "integer"
        return "string" if self.builtin in STRINGS else self.builtin

    @property
    def octets(self) -> int:
        """Largest number of octets of a hexBinary type; 0 if it has no limit or is another type."""
        return self.max_length or 0 if self.builtin == "hexBinary" else 0


def built_in(name: str) -> Simple:
    """Return a type that is built into XSD, by its local name."""
    if name in _LISTS:
        return Simple("string", many=True)
    low, high = _INTEGERS.get(name, (None, None))
    decided = name in _INTEGERS or name in _DECIDED
    return Simple(name, minimum=low, maximum=high, white_space=WHITE_SPACE.get(name, "collapse"), decided=decided)


def resolve(node: etree._Element, symbols: SymbolTable) -> Simple | None:
    """Return what a simple type comes down to; also a complex type with simple content, without its attributes."""
    step = node.find(f"{XS}restriction") if node.tag == f"{XS}simpleType" else derivation(node)
    if step is None:
        items, union = node.find(f"{XS}list"), node.find(f"{XS}union")
        if items is not None:
            item = next(_inside(items, "itemType", symbols), None)
            return Simple(item.builtin, many=True) if item else None
        return None if union is None else _common(list(_inside(union, "memberTypes", symbols)))
    base = next(_inside(step, "base", symbols), None)
    if base is None or base.many:
        return base
    facets = {str(facet.tag).removeprefix(XS): facet.get("value", "") for facet in step}
    octets, exact = base.builtin == "hexBinary", facets.get("length")
    texts = [str(facet.get("value")) for facet in step.iterchildren(f"{XS}pattern")]
    plain = all(map(_PLAIN_PATTERN.fullmatch, texts))
    patterns = (re.compile("|".join(texts)),) if texts and plain else ()
    return Simple(
        base.builtin,
        max_length=_number(facets.get("maxLength", exact if octets else None), base.max_length),
        minimum=_number(facets.get("minInclusive"), base.minimum),
        maximum=_number(facets.get("maxInclusive"), base.maximum),
        white_space=facets.get("whiteSpace", base.white_space),
        min_length=_number(facets.get("minLength", exact), base.min_length) or 0,
        patterns=base.patterns + patterns,
        decided=base.decided and plain and (octets or exact is None) and facets.keys().isdisjoint(_UNDECIDED),
    )


def _number(text: str | None, default: int | None) -> int | None:
    try:
        return default if text is None else int(text)
    except ValueError:  # a bound of a decimal, a float or a date
        return default


def _inside(node: etree._Element, attribute: str, symbols: SymbolTable) -> Iterator[Simple]:
    """Yield what the types come down to that a list, a union or a restriction names or has inside."""
    for name in node.get(attribute, "").split():
        qname = expand_reference(node, name)
        found = symbols.look_up("type", qname, node)
        simple = resolve(found, symbols) if found is not None else None
        if qname.startswith(XS):
            simple = built_in(qname.removeprefix(XS))
        if simple is not None:
            yield simple
    for child in node.iterchildren(f"{XS}simpleType"):
        if simple := resolve(child, symbols):
            yield simple


def _common(members: list[Simple]) -> Simple:
    """Return what a union comes down to: text, as it is written, unless all members have values of one kind."""
    if any(member.many for member in members):
        return Simple("string")
    if len({member.builtin for member in members}) == 1:
        return Simple(members[0].builtin)
    return Simple("integer" if {member.family for member in members} == {"integer"} else "string")
