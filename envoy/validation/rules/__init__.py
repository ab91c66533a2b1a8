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

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from envoy.codec.location import locate
from envoy.namespaces import XSI_NAMESPACE
from envoy.profiles import Profile
from envoy.validation.findings import Finding, Fix
from envoy.validation.rules import der, editions, identity, lists, metering, times
from envoy.validation.rules.refined import refined_schema
from envoy.validation.rules.rule import DIALECTS, DOCUMENT, NAMESPACES, Objection, Rule, tag_or_type

MAX_WARNINGS = 100
"""Warnings about one document that are listed one by one; the rest is only counted."""

_XSI = XSI_NAMESPACE.encode()

_TYPE = b":type"

_MODULES = (identity, lists, times, der, metering, editions)
RULES = tuple(item for module in _MODULES for item in vars(module).values() if isinstance(item, Rule))
"""All rules that look at one document."""


def keeps_all(root: etree._Element, raw: bytes, profile: Profile) -> bool:
    """Whether a document certainly keeps the schema of a profile and all rules. Of one that may not nothing is known.

    Args:
        root: Its root element.
        raw: The document itself.
        profile: The profile.
    """
    if profile.dialect not in DIALECTS:
        return False
    rules = _rules(profile)
    schema = refined_schema(profile, rules.all)
    if schema is None or not schema.validate(root) or _is_typed(raw):
        return False
    for precheck in rules.prechecks:
        if not precheck(root, raw):
            return False
    for rule in (*rules.of_document, *rules.by_tag.get(root.tag, ())):
        certain = rule.whole or rule.closed or (rule.precheck is not None and rule.precheck(root, raw))
        if not certain and next(rule.check(root), None) is not None:
            return False
    return True


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
    objections = _find_objections(root, raw, _rules(profile))
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


class _Rules:
    """The rules of some profiles, by what they check."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.all = tuple(rules)
        self.of_document = [rule for rule in self.all if DOCUMENT in rule.elements]
        self.prechecks = {rule.precheck for rule in self.all if rule.precheck is not None and rule.whole}
        self.by_tag: dict[Any, list[Rule]] = {}
        for rule in self.all:
            for name in rule.elements:
                for namespace in NAMESPACES:
                    self.by_tag.setdefault(f"{{{namespace}}}{name}", []).append(rule)


def _rules(profile: Profile) -> _Rules:
    return _rules_of(profile.extension_namespace is not None, profile.edition)


@cache
def _rules_of(csip_aus: bool, edition: str) -> _Rules:
    return _Rules(x for x in RULES if (csip_aus or not x.csip_aus) and x.edition in ("", edition))


def _find_objections(root: etree._Element, raw: bytes, rules: _Rules) -> Iterator[tuple[Rule, Objection]]:
    """Walk over a document once, and yield what the rules of each element object to."""
    for rule in rules.of_document:
        if rule.precheck is None or not rule.precheck(root, raw):
            for objection in rule.check(root):
                yield rule, objection
    typed = _is_typed(raw)
    for element in root.iter():
        for rule in rules.by_tag.get(tag_or_type(element) if typed else element.tag, ()):
            for objection in rule.check(element):
                yield rule, objection


def _is_typed(raw: bytes) -> bool:
    """Whether an element may be of another type than its name says. ``&`` may stand for a character of a namespace."""
    return (_XSI in raw or b"&" in raw) and _TYPE in raw
