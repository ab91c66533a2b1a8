"""What a rule is, and how one reads the values of a document: None wherever the schema would object."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from lxml import etree

from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE, XSI_NAMESPACE
from envoy.profiles import PROFILES
from envoy.xsd.components import Outline, outline_of
from envoy.xsd.schemas import schema_path

_XSI_TYPE = f"{{{XSI_NAMESPACE}}}type"
NAMESPACES = (SEP_NAMESPACE, *sorted(EXTENSION_NAMESPACES))
"""Namespaces that rules know."""
DIALECTS = ("standard",)
"""Dialects that rules know: those that have these namespaces."""
_KNOWN = tuple(f"{{{namespace}}}" for namespace in NAMESPACES)
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,20}\s*\Z")


DOCUMENT = "/"
"""The kind of a rule that looks at a document once, from its root element."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a rule objects to.

    Attributes:
        element: The element it is about.
        reason: What is wrong.
        remedy: What to do about it.
        attribute: Name of the attribute it is about; empty if it is the element.
    """

    element: etree._Element
    reason: str
    remedy: str
    attribute: str = ""


Check = Callable[[etree._Element], Iterator[Objection]]
Glance = Callable[[etree._Element], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule beyond the schema.

    Attributes:
        code: Stable code of its findings.
        section: Section of IEEE 2030.5-2018, or the function set or document, that it comes from.
        summary: What it asks for, in a sentence.
        kinds: Names of the elements, or of the types that ``xsi:type`` says, that it looks at; or DOCUMENT.
        check: Tells what is wrong with one of these. It looks at children and not at siblings, so that a document of
            a hundred thousand elements is judged in time.
        csip_aus: It holds in CSIP-AUS profiles alone.
        fine: Whether it is clear at a glance that the check will not object to an element; None if no glance tells.
            Most elements are judged by this alone, so it has to be fast; where it is not sure it says False.
    """

    code: str
    section: str
    summary: str
    kinds: Callable[[], frozenset[str]]
    check: Check
    csip_aus: bool = False
    fine: Glance | None = None


def rule(
    code: str,
    *,
    section: str,
    of: Callable[[], frozenset[str]] | tuple[str, ...],
    csip_aus: bool = False,
    fine: Glance | None = None,
) -> Callable[[Check], Rule]:
    """Make a rule of the function that checks it; its docstring says what it asks for."""

    def make(check: Check) -> Rule:
        kinds = of if callable(of) else lambda: frozenset(of)
        return Rule(code, section, " ".join((check.__doc__ or "").split()), kinds, check, csip_aus, fine)

    return make


def elements_of(*types: str) -> Callable[[], frozenset[str]]:
    """Return what tells the names of all elements of some types, once they are asked for."""
    return lambda: schema_outline().elements_of(*types)


@cache
def schema_outline() -> Outline:
    """Return the outline of the schema that knows the most elements."""
    return outline_of(schema_path(PROFILES["csip-aus-1.3"]))


def tag_of_kind(element: etree._Element) -> str:
    """Return the tag that an element of its type would have: its own, or that of the type that ``xsi:type`` says."""
    declared = element.get(_XSI_TYPE)
    if declared is None:
        return str(element.tag)
    return f"{{{etree.QName(element).namespace or ''}}}{declared.strip().rpartition(':')[2]}"


def is_known(element: etree._Element) -> bool:
    """Whether an element is in a namespace of the standard or of CSIP-AUS."""
    return str(element.tag).startswith(_KNOWN)


def tag(local: str) -> str:
    """Return the tag of an element in the namespace of the standard."""
    return f"{{{SEP_NAMESPACE}}}{local}"


def child(element: etree._Element, local: str) -> etree._Element | None:
    """Return the first child of that name in the namespace of the standard."""
    return next(element.iterchildren(tag(local)), None)


def octets(element: etree._Element | None) -> bytes | None:
    """Return a hexBinary value."""
    if element is None:
        return None
    try:
        return binascii.unhexlify((element.text or "").strip())
    except ValueError:
        return None


def integer(element: etree._Element | None) -> int | None:
    """Return a whole number."""
    text = (element.text or "") if element is not None else ""
    return int(text) if _INTEGER.match(text) else None


def number_in(element: etree._Element, attribute: str) -> int | None:
    """Return the whole number of an attribute."""
    text = element.get(attribute, "")
    return int(text) if _INTEGER.match(text) else None


def quantity(element: etree._Element | None) -> Decimal | None:
    """Return value x 10^multiplier of a quantity."""
    if element is None:
        return None
    value, multiplier = integer(child(element, "value")), integer(child(element, "multiplier"))
    if value is None or multiplier is None or abs(multiplier) > 9:
        return None
    return Decimal(value).scaleb(multiplier)


def amount(number: Decimal) -> str:
    """Return a number as it is shown: no exponent, no zeros behind the decimal point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
