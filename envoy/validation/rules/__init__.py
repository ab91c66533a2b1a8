"""Rules beyond the schema: one function for each, with the section of the standard that it comes from.

A rule checks one element of a document and yields an ``Objection`` for each thing that is wrong. It objects only where
the document itself proves the error, and ignores values that do not fit their types, since the schema reports those.
Rules know the namespaces of the standard and of CSIP-AUS; the dialect of envoy-client 0.1 has none of them.

To add a rule, write a function in the module of its subject, or in a new one that ``_MODULES`` below names::

    @rule("pin", section="6.3", elements=("pIN",))
    def pin(element: etree._Element) -> Iterator[Objection]:
        '''A PIN has the right check digit.'''
        if (number := read_integer(element)) is not None and not is_pin(number):
            yield Objection(element, f"the PIN {number} has a wrong check digit", "Compare it with the label.")

The code is that of its findings and never changes. The docstring is the summary in reports and documentation. Add its
explanation to envoy/checker/explanations.py, and two documents to tests/validation/test_rules.py: one that the rule
warns about, and one that it does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from envoy.codec.location import locate
from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import Profile
from envoy.validation.findings import Finding, Fix
from envoy.validation.rules import der, identity, lists, metering, times
from envoy.validation.rules.rule import DIALECTS, DOCUMENT, NAMESPACES, Objection, Precheck, Rule, tag_or_type

MAX_WARNINGS = 100
"""Warnings about one document that are listed one by one; the rest is only counted."""

_XSI = XSI_NAMESPACE.encode()

_RulesByTag = dict[Any, list[tuple[Precheck | None, list[Rule]]]]

_MODULES = (identity, lists, times, der, metering)
RULES = tuple(item for module in _MODULES for item in vars(module).values() if isinstance(item, Rule))
"""All rules that look at one document."""


def check_rules(
    root: etree._Element,
    raw: bytes,
    profile: Profile,
    source: str = "",
    *,
    fixes: bool = False,
    most: int = MAX_WARNINGS,
) -> list[Finding]:
    """Check a document by the rules beyond the schema; return their objections as warnings.

    Args:
        root: Its root element.
        raw: The document itself, to find the columns.
        profile: Decides whether the rules of CSIP-AUS hold.
        source: Name to put into the findings.
        fixes: Find out how to put right what certainly, or likely, was meant otherwise.
        most: How many warnings are listed.
    """
    if profile.dialect not in DIALECTS:
        return []
    at_root, by_tag = _rules(profile.extension_namespace is not None)
    objections = _find_objections(root, raw, at_root, by_tag, typed=_XSI in raw)
    listed = list(islice(objections, most))
    if not listed:
        return []
    # All of them would fill the memory.
    others = sum(1 for _ in objections)
    locations = locate(raw, root, [objection.element for _, objection in listed])
    diagnoses = [rule.diagnose(found) for rule, found in listed]
    found_fixes: Sequence[Fix | None] = [None] * len(listed)
    if fixes:
        from envoy.validation.fixes import find_fixes  # deferred: they are hardly ever asked for
        from envoy.validation.walk import Violation

        objected = [found for _, found in listed]
        found_fixes = find_fixes(
            raw, root, profile, [Violation(x.element, y, x.attribute) for x, y in zip(objected, diagnoses, strict=True)]
        )
    findings = [
        diagnosis.at(locations[found.element], source, severity="warning", section=rule.section, fix=fix)
        for (rule, found), diagnosis, fix in zip(listed, diagnoses, found_fixes, strict=True)
    ]
    if others:
        more = f"{others} more warnings are not listed"
        findings.append(Finding(source, 0, "", more, code="more", severity="warning"))
    return findings


def _find_objections(
    root: etree._Element, raw: bytes, at_root: list[Rule], by_tag: _RulesByTag, *, typed: bool
) -> Iterator[tuple[Rule, Objection]]:
    """Walk over a document once, and yield what the rules of each element object to.

    Args:
        root: Its root element.
        raw: Its octets.
        at_root: The rules that check the document.
        by_tag: The rules that check elements.
        typed: An element may be of another type than its name says, by ``xsi:type``.
    """
    for rule in at_root:
        if rule.precheck_document is None or not rule.precheck_document(root, raw):
            for objection in rule.check(root):
                yield rule, objection
    look_up = by_tag.get
    # This loop is what most of the time goes into: of a hundred elements three have a rule that has to be asked.
    for element in root.iter():
        if (groups := look_up(tag_or_type(element) if typed else element.tag)) is not None:
            for precheck, rules in groups:
                if precheck is None or not precheck(element):
                    for rule in rules:
                        for objection in rule.check(element):
                            yield rule, objection


@cache
def _rules(csip_aus: bool) -> tuple[list[Rule], _RulesByTag]:
    """Return the rules that check the document, and those that check elements, by tag and grouped by their precheck."""
    by_name: dict[str, dict[Precheck | None, list[Rule]]] = {}
    for rule in RULES:
        if csip_aus or not rule.csip_aus:
            for name in rule.elements:
                by_name.setdefault(name, {}).setdefault(rule.precheck, []).append(rule)
    at_root = [rule for rules in by_name.pop(DOCUMENT).values() for rule in rules]
    groups = {name: list(rules.items()) for name, rules in by_name.items()}
    return at_root, {f"{{{namespace}}}{name}": found for name, found in groups.items() for namespace in NAMESPACES}
