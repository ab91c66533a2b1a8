"""A rule beyond the schema, the decorator that makes one, and what it objects to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from envoy.codec.location import namespace_of
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE, XSI_TYPE
from envoy.validation.findings import Diagnosis

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
        meant: Name that the attribute should have; empty if it is not known, or right.
        likely: It is likely, not certain, that this was meant.
    """

    element: etree._Element
    reason: str
    remedy: str
    attribute: str = ""
    value: str | None = None
    meant: str = ""
    likely: bool = False


Check = Callable[[etree._Element], Iterator[Objection]]
Precheck = Callable[[etree._Element, bytes], bool]
Facets = Mapping[str, dict[str, str]]


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
        edition: Edition of the standard in whose profiles alone it holds; empty for all.
        facets: Facets of XSD by the names of elements: if the text of all elements of these names has them, ``check``
            certainly has no objection.
        required: Name of an attribute: the same if all elements that the rule checks have it.
        precheck: A fast test of a document that the schema allows, by its root element and its octets: True if
            ``check`` certainly has no objection to the root element, False if it may have one. None if there is none.
        whole: The test is of all elements of the document.
        closed: ``check`` certainly has no objection to a document in which there is nothing that the schema does not
            know.
    """

    code: str
    section: str
    summary: str
    elements: frozenset[str]
    check: Check
    csip_aus: bool = False
    edition: str = ""
    facets: Facets = field(default_factory=dict)
    required: str = ""
    precheck: Precheck | None = None
    whole: bool = False
    closed: bool = False

    def diagnose(self, found: Objection) -> Diagnosis:
        """Return what is wrong, as the schema's errors are reported."""
        about, meant = (found.reason, found.remedy, found.attribute), (found.meant, found.value)
        return Diagnosis(self.code, *about, *meant, likely=found.likely)


def rule(
    code: str,
    *,
    section: str,
    elements: Iterable[str],
    csip_aus: bool = False,
    edition: str = "",
    facets: Facets | None = None,
    required: str = "",
    precheck: Precheck | None = None,
    whole: bool = False,
    closed: bool = False,
) -> Callable[[Check], Rule]:
    """Make a rule of the function that checks it; the docstring is the summary of the rule."""

    def make(check: Check) -> Rule:
        summary = " ".join((check.__doc__ or "").split())
        return Rule(
            code,
            section,
            summary,
            frozenset(elements),
            check,
            csip_aus,
            edition,
            facets or {},
            required,
            precheck,
            whole,
            closed,
        )

    return make


def tag_or_type(element: etree._Element) -> str:
    """Return the tag of an element, or of the type that its ``xsi:type`` names."""
    declared = element.get(XSI_TYPE)
    if declared is None:
        return str(element.tag)
    return f"{{{namespace_of(element)}}}{declared.strip().rpartition(':')[2]}"


def is_known(element: etree._Element) -> bool:
    """Whether an element is in a namespace of the standard or of CSIP-AUS."""
    return str(element.tag).startswith(_KNOWN)
