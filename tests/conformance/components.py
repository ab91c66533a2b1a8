"""Two schemas side by side as flat models of their components, and why each difference that is left is a fair one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from lxml import etree
from xmlschema.validators import (
    XsdAnyAttribute,
    XsdAnyElement,
    XsdElement,
    XsdEnumerationFacets,
    XsdList,
    XsdPatternFacets,
    XsdUnion,
)

from .model import XS, Model

ABSENT = "absent"


class Difference(NamedTuple):
    """One property of one component that two schemas state differently."""

    where: str
    ours: str
    official: str


@dataclass(frozen=True)
class Reason:
    """Why differences of one kind are left: what both schemas say, as regular expressions, and the reason.

    Groups of ``ours`` must be the same text as those of ``official``.
    """

    where: str
    ours: str
    official: str
    text: str

    def covers(self, difference: Difference) -> bool:
        ours = re.fullmatch(self.ours, difference.ours)
        official = re.fullmatch(self.official, difference.official)
        if not (ours and official and re.fullmatch(self.where, difference.where)):
            return False
        return ours.groups() == official.groups()


REASONS = (
    Reason(
        where=r"type .* is",
        ours=r"simple type, restriction of (\S+)",
        official=r"complex type with simple content, extension of (\S+)",
        text=(
            "The official schema names a plain value by a complex type that extends a simple one and adds nothing, "
            "ours by a simple type that restricts it and adds nothing. Neither allows an attribute, or another text "
            "than its base, and xsi:type may name either where the base is declared: the documents are the same. A "
            "field of a simple type becomes a plain Python value, one of a complex type an object around it."
        ),
    ),
)
"""The reasons for all differences from the official schemas. A difference without one fails a test."""


def reason_for(difference: Difference) -> Reason | None:
    """Return why a difference is left, None if there is no reason."""
    return next((reason for reason in REASONS if reason.covers(difference)), None)


def differences(ours: Model, official: Model) -> list[Difference]:
    """Return every property of a component on which two schemas differ."""
    mine, theirs = describe(ours), describe(official)
    return [
        Difference(where, mine.get(where, ABSENT), theirs.get(where, ABSENT))
        for where in sorted(mine.keys() | theirs.keys())
        if mine.get(where) != theirs.get(where)
    ]


def describe(model: Model) -> dict[str, str]:
    """Return a schema as a flat model: what it says of each component, by the component's place in the schema.

    Types are given with all that they inherit. What no document can show is left out: the names of model groups and
    attribute groups, the division into files, documentation, ids and version numbers.
    """
    return dict(_Description(model).lines())


class _Description:
    """The lines of one schema: a place in it, and what stands there."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._target = model.schema.target_namespace

    def lines(self) -> Iterator[tuple[str, str]]:
        model = self._model
        yield from self._namespaces()
        for name, xsd_type in model.types.items():
            yield from self._type(f"type {self._name(name)}", xsd_type)
        for name, element in model.elements.items():
            yield from self._element(f"element {self._name(name)}", element)
        for name, attribute in model.attributes.items():
            yield from self._attribute(f"attribute {self._name(name)}", attribute)

    def _name(self, name: str | None) -> str:
        """Return a name that can be read: without the namespace, if that is the schema's own."""
        if name is None:
            return "anonymous"
        qname = etree.QName(name)
        if qname.namespace == XS:
            return f"xs:{qname.localname}"
        return qname.localname if qname.namespace == self._target else f"{{{qname.namespace or ''}}}{qname.localname}"

    def _namespaces(self) -> Iterator[tuple[str, str]]:
        for namespace in self._model.namespaces:
            forms = {
                (schema.element_form_default, schema.attribute_form_default, schema.block_default, schema.final_default)
                for schema in self._model.maps.namespaces[namespace]
            }
            yield f"namespace {namespace} defaults", "; ".join(" ".join(form).strip() for form in sorted(forms))

    def _type(self, where: str, xsd_type: Any) -> Iterator[tuple[str, str]]:
        if xsd_type.is_simple():
            yield from self._simple_type(where, xsd_type)
            return
        simple, mixed = xsd_type.has_simple_content(), xsd_type.mixed
        content = " with simple content" if simple else " with mixed content" if mixed else ""
        base = self._name(xsd_type.base_type.name) if xsd_type.base_type is not None else "xs:anyType"
        yield f"{where} is", f"complex type{content}, {xsd_type.derivation or 'restriction'} of {base}"
        yield from _stated(where, abstract=xsd_type.abstract, block=xsd_type.block, final=xsd_type.final)
        for name, attribute in xsd_type.attributes.items():
            if isinstance(attribute, XsdAnyAttribute):
                yield f"{where}/any attribute", _wildcard(attribute)
            else:
                yield from self._attribute(f"{where}/attribute {name}", attribute)
        if simple:
            if xsd_type.content.name is None:
                yield from self._simple_type(f"{where}/text", xsd_type.content)
            return
        yield f"{where}/content", self._group(xsd_type.content)
        seen: Counter[str] = Counter()
        for particle in xsd_type.content.iter_elements():
            if isinstance(particle, XsdElement):
                seen[particle.name] += 1
                again = f" ({seen[particle.name]})" if seen[particle.name] > 1 else ""
                inner = f"{where}/element {self._name(particle.name)}{again}"
                yield f"{inner} occurs", _occurrence(particle)
                yield from self._element(inner, particle)

    def _simple_type(self, where: str, simple: Any) -> Iterator[tuple[str, str]]:
        if isinstance(simple, XsdList):
            yield f"{where} is", f"list of {self._name(simple.item_type.name)}"
        elif isinstance(simple, XsdUnion):
            yield f"{where} is", f"union of {', '.join(self._name(member.name) for member in simple.member_types)}"
        else:
            yield f"{where} is", f"simple type, restriction of {self._name(simple.base_type.name)}"
        yield from _stated(where, final=simple.final)
        for name, facet in simple.facets.items():
            if name is not None:
                yield f"{where}/{etree.QName(name).localname}", _facet(facet)

    def _element(self, where: str, element: XsdElement) -> Iterator[tuple[str, str]]:
        if element.ref is not None:  # an element without children is false
            yield f"{where} refers to", self._name(element.name)
        else:
            yield f"{where} type", self._name(element.type.name)
            if element.type.name is None:
                yield from self._type(f"{where}/type", element.type)
        yield from _stated(
            where,
            abstract=element.abstract,
            nillable=element.nillable,
            default=element.default,
            fixed=element.fixed,
            block=element.block,
            final=element.final,
            substitutes=element.substitution_group,
            unique=", ".join(
                sorted(f"{type(entry).__name__} {self._name(entry.name)}" for entry in element.identities)
            ),
        )

    def _attribute(self, where: str, attribute: Any) -> Iterator[tuple[str, str]]:
        yield f"{where} type", self._name(attribute.type.name)
        if attribute.type.name is None:
            yield from self._simple_type(f"{where}/type", attribute.type)
        yield f"{where} use", str(attribute.use)
        yield from _stated(where, default=attribute.default, fixed=attribute.fixed)

    def _group(self, group: Any) -> str:
        """Return the particles of a group in their order; a sequence in a sequence is one with it."""
        return f"{group.model}({', '.join(self._members(group, group.model))}){_times(group)}"

    def _members(self, group: Any, model: str) -> Iterator[str]:
        for particle in group:
            if isinstance(particle, XsdElement):
                yield self._name(particle.name)
            elif isinstance(particle, XsdAnyElement):
                yield f"any {_wildcard(particle)}{_times(particle)}"
            elif particle.model == model == "sequence" and tuple(particle.occurs) == (1, 1):
                yield from self._members(particle, model)
            elif len(particle):
                yield self._group(particle)


def _stated(where: str, **values: Any) -> Iterator[tuple[str, str]]:
    """Yield what is stated; what is false or empty is as if it were not."""
    for name, value in values.items():
        if value is not None and value is not False and value not in ("", ()):
            yield f"{where} {name}", repr(value) if name in ("default", "fixed") else str(value)


def _facet(facet: Any) -> str:
    if isinstance(facet, (XsdEnumerationFacets, XsdPatternFacets)):
        return " | ".join(str(entry.get("value")) for entry in facet)
    return f"{facet.value}{' fixed' if facet.fixed else ''}"


def _occurrence(particle: Any) -> str:
    return f"{particle.min_occurs}..{'unbounded' if particle.max_occurs is None else particle.max_occurs}"


def _times(particle: Any) -> str:
    return "" if tuple(particle.occurs) == (1, 1) else f" {_occurrence(particle)}"


def _wildcard(wildcard: Any) -> str:
    return f"{' '.join(wildcard.namespace)} {wildcard.process_contents}"
