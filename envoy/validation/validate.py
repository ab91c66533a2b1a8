"""The verdict on a document: what is wrong, where, and what to do. The schema of a profile judges, then the rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from lxml import etree

from envoy.codec.dialects import encode
from envoy.codec.location import Places, positions
from envoy.codec.parser import MAX_SIZE, SchemaViolationError, beginning, octets_of, parse, parse_valid
from envoy.errors import DocumentError, EncodeError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.validation.findings import Finding as Finding
from envoy.validation.findings import ValidationError
from envoy.validation.malformed import declared_otherwise, unreadable
from envoy.xsd.schemas import schema_for

MAX_FINDINGS = 100
"""Faults of one document that are listed one by one; the rest is only counted."""

_LARGE = 100_000
"""Octets above which a document is judged as a stream first. Of one with that many faults the beginning is placed."""


def validate(
    data: bytes | str | Path | Any,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    source: str = "",
    max_size: int | None = MAX_SIZE,
    rules: bool = False,
    strict: bool = False,
) -> list[Finding]:
    """Judge a document by the schema of a profile, and by the rules beyond it if they are asked for.

    Args:
        data: The document, the path of a file that holds it, or an object of a generated class, which is judged as it
            would be written.
        profile: Whose schema judges.
        source: Name to put into the findings; a path is its own.
        max_size: Largest size in octets; None for no limit.
        rules: Judge also by what the standard says beyond its schema. Such findings are warnings.
        strict: Make errors of these warnings; asks for ``rules`` too.

    Returns:
        The faults, empty if the document is valid: at most MAX_FINDINGS of the schema, then one that counts the others,
        then those of the rules. A document that is not XML has one finding that says so.

    Raises:
        OSError: The file cannot be read.
        ProfileError: There is no such profile.
    """
    chosen = get_profile(profile)
    if isinstance(data, Path):
        source = source or str(data)
        with data.open("rb") as file:
            # One octet more than allowed is enough to know; a file of gigabytes is not read.
            data = file.read(-1 if max_size is None else max_size + 1)
    elif not isinstance(data, (bytes, str)):
        try:
            data = encode(data, chosen)
        except EncodeError as error:
            return [Finding(source, 0, error.where, error.what, code="cannot-be-written", remedy=error.remedy)]
    try:
        raw = octets_of(data, max_size)
        root, findings = _judged(raw, chosen, source)
        if isinstance(data, bytes) and (otherwise := declared_otherwise(raw, source)):
            findings.insert(0, otherwise)
    except DocumentError as error:
        start = data.encode(errors="surrogatepass") if isinstance(data, str) else data
        finding = unreadable(error, start, source)
        if isinstance(data, str) and finding.code == "not-xml" and "\n" not in data and not finding.remedy:
            finding = replace(finding, remedy="If this is the name of a file, pass its Path.")
        return [finding]
    if rules or strict:
        findings += _warnings(root, raw, chosen, source, findings, strict)
    return findings


def valid_root(raw: bytes, profile: Profile) -> etree._Element:
    """Return the root element of a document that the schema of a profile allows.

    Raises:
        DocumentError: It is not XML.
        ValidationError: The schema does not allow it.
    """
    root, findings = _judged(raw, profile, "")
    if findings:
        raise ValidationError(findings, where=etree.QName(root).localname)
    return root


def _judged(raw: bytes, profile: Profile, source: str) -> tuple[etree._Element, list[Finding]]:
    """Return the root element of a document and its faults by the schema of a profile."""
    schema = schema_for(profile)
    crowded = False
    if len(raw) > _LARGE:
        try:
            return parse_valid(raw, schema), []
        except SchemaViolationError as error:
            crowded = len(error.messages) >= MAX_FINDINGS
    root = parse(raw)
    # The judgement of a tree is the faster one, and tells the places of the faults. But libxml2 counts the siblings of
    # each faulty element: of a document that is large and full of them the beginning is judged, which has enough.
    if schema.validate(beginning(raw, schema, MAX_FINDINGS) if crowded else root) and not crowded:
        return root, []
    return root, _locate(root, raw, profile, source, schema, crowded=crowded)


def _locate(
    root: etree._Element, raw: bytes, profile: Profile, source: str, schema: etree.XMLSchema, *, crowded: bool
) -> list[Finding]:
    """Return the faults that a schema has found in a tree, with their places."""
    # Most documents have no faults.
    from envoy.validation.recovery import faults_behind, faults_told
    from envoy.validation.text import cut

    count = len(schema.error_log)
    faults = faults_told(root, schema, profile, MAX_FINDINGS)
    complete = True
    if not crowded:
        further, complete = faults_behind(root, faults, schema, profile, MAX_FINDINGS - len(faults))
        faults += further
    places = Places()
    starts = positions(raw, root, [fault.element for fault in faults if fault.element is not None])
    findings = []
    told: set[tuple[etree._Element | None, str]] = set()
    for fault in faults:
        element, found = fault.element, fault.diagnosis
        # Of a value libxml2 may say first which bound it breaks, and then that it is no value of the type.
        if "CVC_DATATYPE" in fault.kind and (element, found.attribute) in told:
            continue
        if not fault.hides:
            told.add((element, found.attribute))
        line, column = starts.get(element, (fault.line, 0)) if element is not None else (fault.line, 0)
        place = places.path_of(element) if element is not None else ""
        if found.attribute:
            place += f"/@{found.attribute}"
        findings.append(
            Finding(
                source,
                line,
                place,
                found.reason,
                column=column,
                code=found.code,
                remedy=found.remedy,
                schema_message=cut(fault.message),
            )
        )
    findings.sort(key=lambda finding: (finding.line, finding.column))
    more = ""
    if crowded:
        more = "there may be more faults; in a document of this size they are not counted"
    elif count > MAX_FINDINGS:
        more = f"{count - MAX_FINDINGS} more faults are not listed"
    elif not complete:
        more = "there may be more faults, behind those that are listed"
    if more:
        findings.append(Finding(source, 0, "", more, code="more"))
    return findings


def _warnings(
    root: etree._Element, raw: bytes, profile: Profile, source: str, known: list[Finding], strict: bool
) -> list[Finding]:
    """Return what the rules object to, except at the places where the schema has found a fault already."""
    from envoy.validation.rules import check_rules

    places = {(finding.line, finding.path) for finding in known}
    found = check_rules(root, raw, profile, source)
    return [
        replace(finding, severity="error") if strict else finding
        for finding in found
        if (finding.line, finding.path) not in places
    ]
