"""The verdict of a profile's schema on a document: what is wrong, where, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from envoy.errors import DocumentError, ValidationError
from envoy.parsing import MAX_SIZE, SchemaViolationError, octets_of, parse
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.reader import Places
from envoy.schemas import schema_for

MAX_FINDINGS = 100
"""Faults of one document that are listed one by one; the rest is only counted."""

_LARGE = 100_000
"""Octets above which a document with that many faults is not searched for their places."""

_NAMESPACE = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a document.

    Attributes:
        source: Name of the file, empty if there is none.
        line: Line in the document, from 1; 0 if it is about the whole document.
        path: Where in the document: DERControlList/DERControl[3].
        reason: What the schema says.
    """

    source: str
    line: int
    path: str
    reason: str

    def __str__(self) -> str:
        if self.source:
            place = f"{self.source}:{self.line}" if self.line else self.source
        else:
            place = f"line {self.line}" if self.line else ""
        return ": ".join(part for part in (place, self.path, self.reason) if part)


def validate(
    data: bytes | str | Path,
    *,
    profile: str | Profile = DEFAULT_PROFILE,
    source: str = "",
    max_size: int | None = MAX_SIZE,
) -> list[Finding]:
    """Judge a document by the schema of a profile.

    Args:
        data: The document, or the path of a file that holds it.
        profile: Whose schema judges.
        source: Name to put into the findings; a path is its own.
        max_size: Largest size in octets; None for no limit.

    Returns:
        The faults, empty if the document is valid: at most MAX_FINDINGS of them, then one that counts the others. A
        document that is not XML has one finding that says so.

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
    try:
        return judge(octets_of(data, max_size), chosen, source)
    except DocumentError as error:
        return [Finding(source, error.line, "", error.what + (f". {error.remedy}" if error.remedy else ""))]


def judge(raw: bytes, profile: Profile, source: str = "") -> list[Finding]:
    """Judge a document by the schema of a profile; return the faults, empty if it is valid.

    Raises:
        DocumentError: It is not XML.
    """
    try:
        parse(raw, schema_for(profile))
    except SchemaViolationError as error:
        return _locate(raw, profile, source, error.messages)
    return []


def valid_root(raw: bytes, profile: Profile) -> etree._Element:
    """Return the root element of a document that the schema of a profile allows.

    Raises:
        DocumentError: It is not XML.
        ValidationError: The schema does not allow it.
    """
    try:
        return parse(raw, schema_for(profile))
    except SchemaViolationError as error:
        root = parse(raw)
        findings = _locate(raw, profile, "", error.messages)
        raise ValidationError(findings, where=etree.QName(root).localname) from None


def _locate(raw: bytes, profile: Profile, source: str, messages: list[str]) -> list[Finding]:
    """Return the faults with their places, which the judgement of a tree tells and that of a stream does not.

    libxml2 counts the siblings of each faulty element, so a document that is large and full of faults would take
    minutes: of such a one the messages have to do.
    """
    root = parse(raw)
    if len(messages) >= MAX_FINDINGS and len(raw) > _LARGE:
        findings = [Finding(source, 0, "", _readable(message)) for message in messages[:MAX_FINDINGS]]
        return [*findings, Finding(source, 0, "", "there may be more faults; the document is too large to place them")]
    schema = schema_for(profile)
    schema.validate(root)
    places = Places()
    entries = list(schema.error_log)
    findings = [
        Finding(source, entry.line, _path(places, root, entry.path), _readable(entry.message))
        for entry in entries[:MAX_FINDINGS]
    ]
    if len(entries) > MAX_FINDINGS:
        findings.append(Finding(source, 0, "", f"{len(entries) - MAX_FINDINGS} more faults are not listed"))
    return findings


def _readable(message: str) -> str:
    """Return libxml2's message without the namespaces that make it hard to read."""
    return _NAMESPACE.sub("", message)


def _path(places: Places, root: etree._Element, path: str | None) -> str:
    """Return libxml2's path, in which every name is ``*``, with the names of the elements."""
    try:
        found = root.getroottree().xpath(path) if path else []
    except etree.XPathError:
        found = []
    return places.path_of(found[0]) if isinstance(found, list) and found else ""
