"""What the standard says beyond its schema: rules, one function for each, with the section that it comes from.

A rule looks at one element of a document and tells what it objects to. It speaks only where the document itself proves
the fault, and is silent about values that do not fit their types, since the schema tells of those. Rules know the
namespaces of the standard and of CSIP-AUS; the dialect of envoy-client 0.1 has none of them.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lxml import etree

from envoy.codec.location import Places, positions
from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import Profile
from envoy.validation.findings import Finding
from envoy.validation.rules import der, identity, lists, metering, times
from envoy.validation.rules.rule import DIALECTS, DOCUMENT, NAMESPACES, Glance, Rule, tag_of_kind

MAX_WARNINGS = 100
"""Objections to one document that are listed one by one; the rest is only counted."""

RULES: tuple[Rule, ...] = (*identity.RULES, *lists.RULES, *times.RULES, *der.RULES, *metering.RULES)
"""All rules that look at one document."""


def check_rules(root: etree._Element, raw: bytes, profile: Profile, source: str = "") -> list[Finding]:
    """Judge a document by the rules beyond the schema; return what they object to, as warnings.

    Args:
        root: Its root element.
        raw: The document itself, to find the columns.
        profile: Decides whether the rules of CSIP-AUS hold.
        source: Name to put into the findings.
    """
    if profile.dialect not in DIALECTS:
        return []
    at_root, by_tag = _rules(profile.extension_namespace is not None)
    objections = [(rule, objection) for rule in at_root for objection in rule.check(root)]
    typed = XSI_NAMESPACE.encode() in raw
    for element in root.iter():
        for fine, rules in by_tag.get(tag_of_kind(element) if typed else element.tag, ()):
            if fine is None or not fine(element):
                objections += ((rule, objection) for rule in rules for objection in rule.check(element))
    if not objections:
        return []
    places = Places()
    listed = objections[:MAX_WARNINGS]
    starts = positions(raw, root, [objection.element for _, objection in listed])
    findings = [
        Finding(
            source,
            starts.get(objection.element, (objection.element.sourceline or 0, 0))[0],
            places.path_of(objection.element) + (f"/@{objection.attribute}" if objection.attribute else ""),
            objection.reason,
            column=starts.get(objection.element, (0, 0))[1],
            code=rule.code,
            remedy=objection.remedy,
            severity="warning",
            section=rule.section,
        )
        for rule, objection in listed
    ]
    if len(objections) > MAX_WARNINGS:
        more = f"{len(objections) - MAX_WARNINGS} more warnings are not listed"
        findings.append(Finding(source, 0, "", more, code="more", severity="warning"))
    return findings


_Grouped = tuple[tuple[Glance | None, tuple[Rule, ...]], ...]
"""Rules, those together that the same glance makes unnecessary."""


@cache
def _rules(csip_aus: bool) -> tuple[tuple[Rule, ...], dict[Any, _Grouped]]:
    """Return the rules that look at the document, and those that look at elements, by tag."""
    rules: dict[str, list[Rule]] = {}
    for rule in RULES:
        if csip_aus or not rule.csip_aus:
            for kind in rule.kinds():
                rules.setdefault(kind, []).append(rule)
    at_root = tuple(rules.pop(DOCUMENT))
    grouped = {kind: _grouped(found) for kind, found in rules.items()}
    return at_root, {f"{{{namespace}}}{kind}": found for kind, found in grouped.items() for namespace in NAMESPACES}


def _grouped(rules: list[Rule]) -> _Grouped:
    by_glance: dict[Glance | None, list[Rule]] = {}
    for rule in rules:
        by_glance.setdefault(rule.fine, []).append(rule)
    return tuple((fine, tuple(found)) for fine, found in by_glance.items())
