"""A rule beyond the schema, the decorator that makes one, and what it objects to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from lxml import etree

from envoy.codec.location import namespace_of
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE, XSI_TYPE
from envoy.profiles import PROFILES
from envoy.validation.findings import Diagnosis
from envoy.xsd.component_index import ComponentIndex, index_of
from envoy.xsd.components import components_of
from envoy.xsd.schemas import schema_path

NAMESPACES = (SEP_NAMESPACE, *sorted(EXTENSION_NAMESPACES))
"""Namespaces that rules know."""
DIALECTS = ("standard",)
"""Dialects that rules know: those that have these namespaces."""
_KNOWN = tuple(f"{{{namespace}}}" for namespace in NAMESPACES)


DOCUMENT = "/"
"""Stands for the elements of a rule that checks a document once, from its root element."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What a rule objects to.

    Attributes:
        element: The element it is about.
        reason: What is wrong.
        remedy: What to do about it.
        attribute: Name of the attribute it is about; empty if it is the element.
        value: Text that the element or attribute should have; None if it is not known.
        likely: It is likely, not certain, that this was meant.
    """

    element: etree._Element
    reason: str
    remedy: str
    attribute: str = ""
    value: str | None = None
    likely: bool = False


Check = Callable[[etree._Element], Iterator[Objection]]
Precheck = Callable[[etree._Element], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule beyond the schema.

    Attributes:
        code: Stable code of its findings.
        section: Section of IEEE 2030.5-2018, or the function set or document, that it comes from.
        summary: What it requires, in a sentence.
        elements: Names of the elements, or of the types in ``xsi:type``, that it checks; or DOCUMENT.
        check: Yields the objections to one of these. It looks at children and not at siblings, so that a document of
            a hundred thousand elements is checked in time.
        csip_aus: Whether it holds in CSIP-AUS profiles alone.
        precheck: A fast test, which is all that most elements need: True if ``check`` certainly has no objection,
            False if it may have one. None if there is no such test.
    """

    code: str
    section: str
    summary: str
    elements: Callable[[], frozenset[str]]
    check: Check
    csip_aus: bool = False
    precheck: Precheck | None = None

    def diagnose(self, found: Objection) -> Diagnosis:
        """Return what is wrong, as the schema's errors are reported."""
        return Diagnosis(self.code, found.reason, found.remedy, found.attribute, value=found.value, likely=found.likely)


def rule(
    code: str,
    *,
    section: str,
    elements: Callable[[], frozenset[str]] | tuple[str, ...],
    csip_aus: bool = False,
    precheck: Precheck | None = None,
) -> Callable[[Check], Rule]:
    """Make a rule of the function that checks it; the docstring is the summary of the rule."""

    def make(check: Check) -> Rule:
        names = elements if callable(elements) else lambda: frozenset(elements)
        return Rule(code, section, " ".join((check.__doc__ or "").split()), names, check, csip_aus, precheck)

    return make


def elements_of(*types: str) -> Callable[[], frozenset[str]]:
    """Return a function of the names of all elements of some types, so that the schema is read on first use."""
    return lambda: schema_components().elements_of(*types)


@cache
def schema_components() -> ComponentIndex:
    """Return the components of the schema that has the most elements."""
    return index_of(components_of(schema_path(PROFILES["csip-aus-1.3"])))


def tag_or_type(element: etree._Element) -> str:
    """Return the tag of an element, or of the type that its ``xsi:type`` names."""
    declared = element.get(XSI_TYPE)
    if declared is None:
        return str(element.tag)
    return f"{{{namespace_of(element)}}}{declared.strip().rpartition(':')[2]}"


def is_known(element: etree._Element) -> bool:
    """Whether an element is in a namespace of the standard or of CSIP-AUS."""
    return str(element.tag).startswith(_KNOWN)
