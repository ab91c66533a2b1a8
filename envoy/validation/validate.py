"""Validate a document against the schema of a profile, and then against the rules beyond it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree

from envoy.codec.location import locate, name_of
from envoy.codec.parser import MAX_SIZE, parse, parse_with_schema, read_file, to_octets
from envoy.errors import DocumentError, EncodeError
from envoy.namespaces import EXTENSION_NAMESPACES, SEP_NAMESPACE
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile, get_profile
from envoy.validation.findings import SCHEMA_VERSION, Fix, ValidationError
from envoy.validation.findings import Finding as Finding
from envoy.validation.malformed import classify, declared_encoding, diagnose_encoding, to_utf_8
from envoy.xsd.schemas import schema_for, schema_path

MAX_FINDINGS = 100
"""Errors of one document that are listed one by one; the rest is only counted."""

_LARGE = 100_000
"""Octets above which a document is validated while it is read. Of a tree libxml2 says in which line each error is; but
it counts the siblings of each element that has one, so that there have to be few."""


def validate(
    data: bytes | str | Path | Any,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    source: str = "",
    max_size: int | None = MAX_SIZE,
    rules: bool = False,
    strict: bool = False,
    fixes: bool = False,
    most: int = MAX_FINDINGS,
) -> list[Finding]:
    """Validate a document against the schema of a profile, and against the rules beyond it if they are asked for.

    Args:
        data: The document, the path of a file that holds it, or an object of a generated class, which is
            validated as it would be written.
        profile: Whose schema is used.
        source: Name to put into the findings; a path is its own.
        max_size: Largest size in octets; None for no limit.
        rules: Check also what the standard says beyond its schema. Such findings are warnings.
        strict: Report these warnings as errors; implies ``rules``.
        fixes: Find out how to put right what certainly, or likely, was meant otherwise: ``Finding.fix``.
        most: How many errors of the schema, and how many warnings, are listed; the others are counted.

    Returns:
        The findings, empty if the document is valid: at most ``most`` of the schema, then one that counts the
        others, then those of the rules. A document that is not XML has one finding that says so.

    Raises:
        OSError: The file cannot be read.
        ProfileError: The profile does not exist.
    """
    chosen = get_profile(profile)
    if isinstance(data, Path):
        source = source or str(data)
        data = read_file(data, max_size)
    elif not isinstance(data, (bytes, str)):
        from envoy.codec.dialects import encode  # deferred: most are documents already

        try:
            data = encode(data, chosen)
        except EncodeError as error:
            return [Finding(source, 0, error.where, error.what, code="cannot-be-written", remedy=error.remedy)]
    try:
        raw = to_octets(data, max_size)
        encoding = declared_encoding(raw) if isinstance(data, bytes) else ""
        foreign = encoding and _is_foreign(chosen)
        if foreign:
            raw = to_utf_8(raw, encoding)
            fixes = False  # they would be of other octets
        rules = rules or strict
        root, findings, keeps_all = _validate(raw, chosen, source, rules=rules, fixes=fixes, most=most)
        if encoding and not foreign:
            findings.insert(0, diagnose_encoding(encoding, raw, source))
    except DocumentError as error:
        return [classify(error, data, source)]
    if rules and not keeps_all:
        findings += _check_rules(root, raw, chosen, source, findings, strict=strict, fixes=fixes, most=most)
    return findings


def parse_valid(raw: bytes, profile: Profile) -> etree._Element:
    """Return the root element of a document that the schema of a profile allows, but for what a later edition added.

    Raises:
        DocumentError: It is not XML.
        ValidationError: The schema does not allow it.
    """
    root, found, _ = _validate(raw, profile, "")
    findings = _without_later(found, root)
    if [finding.code for finding in findings] == ["more"]:
        from envoy.validation.content_errors import MOST_ERRORS  # deferred: hardly any message has so many

        findings = _without_later(_validate(raw, profile, "", most=MOST_ERRORS)[1], root)
    if findings:
        raise ValidationError(findings, where=name_of(root))
    return root


def _without_later(findings: list[Finding], root: etree._Element) -> list[Finding]:
    """Return findings without those that a reader can skip: writers cannot know which edition it has."""
    version = f"{name_of(root)}/@{SCHEMA_VERSION}"
    return [x for x in findings if x.code != "later-edition" and (x.path, x.code) != (version, "other-profile")]


def _is_foreign(profile: Profile) -> bool:
    """Whether a schema is of another standard, which may allow other encodings."""
    from envoy.xsd.components import components_of  # deferred: a message hardly ever says its encoding

    namespaces = {tag[1:].rpartition("}")[0] for tag in components_of(schema_path(profile)).roots}
    return profile.name not in PROFILES and namespaces.isdisjoint((SEP_NAMESPACE, *EXTENSION_NAMESPACES))


def _validate(
    raw: bytes, profile: Profile, source: str, *, rules: bool = False, fixes: bool = False, most: int = MAX_FINDINGS
) -> tuple[etree._Element, list[Finding], bool]:
    """Return the root element of a document, its errors by the schema of a profile, and whether it certainly keeps the
    rules as well, if they are asked for.
    """
    schema = schema_for(profile)
    if len(raw) > _LARGE:
        root, errors = parse_with_schema(raw, schema)
        if errors is None or len(errors) >= MAX_FINDINGS:
            found = [] if errors is None else _find_errors(root, raw, profile, source, errors, fixes, most)
            return root, found, False
    else:
        root = parse(raw)
        if rules:
            from envoy.validation.rules import keeps_all  # deferred: some documents are validated without rules

            if keeps_all(root, raw, profile):
                return root, [], True
    if schema.validate(root):
        return root, [], False
    return root, _find_errors(root, raw, profile, source, list(schema.error_log), fixes, most), False


def _find_errors(
    root: etree._Element,
    raw: bytes,
    profile: Profile,
    source: str,
    errors: list[etree._LogEntry],
    fixes: bool,
    most: int,
) -> list[Finding]:
    """Return the errors of a document of which libxml2 has found some, with their places."""
    # deferred: most documents have no errors
    from envoy.validation.content_errors import MOST_ERRORS
    from envoy.validation.schema_log import SchemaLog
    from envoy.validation.walk import Walk

    log = SchemaLog(errors)
    walk = Walk(profile, log, most)
    walk.visit_root(root)
    unknown = log.constraints if walk.count else log.messages
    findings = [Finding(source, line, "", message, code="schema", schema_message=message) for line, message in unknown][
        :most
    ]
    locations = locate(raw, root, [found.element for found in walk.violations])
    found_fixes: list[Fix | None] = [None] * len(walk.violations)
    if fixes:
        from envoy.validation.fixes import find_fixes

        found_fixes = find_fixes(raw, root, profile, walk.violations, walk.covered, walk.foreign)
    for found, fix in zip(walk.violations, found_fixes, strict=True):
        message = found.message or log.take(found.element, found.attribute)
        findings.append(found.diagnosis.at(locations[found.element], source, schema_message=message, fix=fix))
    findings.sort(key=lambda finding: (finding.line, finding.column))
    count = walk.count + len(unknown) - most
    if count > 0:
        del findings[most:]
        least = "at least " if walk.count == MOST_ERRORS else ""
        findings.append(Finding(source, 0, "", f"{least}{count} more errors are not listed", code="more"))
    return findings


def _check_rules(
    root: etree._Element,
    raw: bytes,
    profile: Profile,
    source: str,
    known: list[Finding],
    *,
    strict: bool,
    fixes: bool,
    most: int,
) -> list[Finding]:
    """Return what breaks the rules, except at the places where the schema has found an error already."""
    from envoy.validation.rules import check_rules  # deferred: some documents are validated without rules

    places = {(finding.line, finding.path) for finding in known}
    return [
        replace(finding, severity="error") if strict else finding
        for finding in check_rules(root, raw, profile, source, fixes=fixes, most=most)
        if (finding.line, finding.path) not in places
    ]
