"""The findings of a validation: what is wrong, its place, a stable code and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from envoy._text import printable
from envoy.codec.location import Location
from envoy.errors import EnvoyError

Severity = Literal["error", "warning"]
Applicability = Literal["safe", "unsafe"]

FINDING_CODES: dict[str, str] = {
    "unreadable": "The file cannot be opened or read, or there is no document in it.",
    "damaged": "An archive or a capture breaks off, or is not what its name says.",
    "process-died": "The process that validated the document died, and so did a second one.",
    "empty": "The document has no content.",
    "too-large": "The document has more octets than the limit of the size allows, or an archive more than is unpacked.",
    "not-xml": "JSON, an HTML page, an archive or other data that is not XML.",
    "wrong-encoding": "The octets are not UTF-8, or the XML declaration says that they are not (5.6.2).",
    "not-well-formed": "XML syntax: a tag that is not closed, a stray character.",
    "truncated": "The document ends before its root element does.",
    "too-deep": "Elements are nested deeper than any message.",
    "too-many-attributes": "An element has more attributes or namespace declarations than any message.",
    "doctype": "A document type declaration, which may be an attack; nothing of it is expanded or loaded.",
    "no-namespace": "An element has no namespace.",
    "wrong-namespace": "A known element in another namespace, such as that of the 2013 edition.",
    "other-profile": "An element that another profile knows, and this one does not.",
    "later-edition": "An element, attribute or type that came with a later edition of the standard than the profile's.",
    "wrong-root": "The root element is not a message of the profile.",
    "out-of-order": "The element is known here, but has to stand before or after others.",
    "extension-first": "A CSIP-AUS element stands before an element of the standard.",
    "repeated": "The element may stand only once.",
    "missing-element": "A required element is not there.",
    "misspelt-element": "The element is unknown, and one of a similar name is known here.",
    "misplaced-element": "The element is known, but belongs into another one, or is an attribute; or the reverse.",
    "unknown-element": "The profile has no such element.",
    "missing-attribute": "A required attribute is not there.",
    "unknown-attribute": "The element has no such attribute.",
    "hex-prefix": "A hexBinary value starts with 0x.",
    "hex-odd": "A hexBinary value has an odd number of digits.",
    "hex-too-long": "A hexBinary value has more digits than its type allows.",
    "hex-digits": "A hexBinary value has characters that are not hex digits.",
    "decimal-bitmap": "A bitmap looks like a decimal number, where hexBinary is meant.",
    "out-of-range": "A number is outside the bounds of its type.",
    "not-a-number": "A whole number was expected.",
    "not-seconds": "A time is not written as seconds since 1970.",
    "not-a-boolean": "true or false was expected.",
    "too-long": "A text is longer than its type allows.",
    "bad-value": "A value does not fit its type in another way.",
    "text-between-elements": "Text stands where only elements may.",
    "elements-in-value": "Elements stand inside a simple value.",
    "wrong-type": "`xsi:type` names a type that does not fit.",
    "cannot-be-written": "The object has no form in this profile.",
    "schema": "Another error that the schema finds; its own message says which.",
    "not-fixed": "A fix cannot be written: the file has changed, is not writable, or holds more than the document.",
    "more": "The document has more errors than are listed.",
}
"""Codes of the findings of reading and of the schema, and what each means. The rules have their own."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the octets of a document.

    Attributes:
        start: Octet at which what is replaced starts, from 0.
        end: Octet behind it; ``start`` if nothing is replaced.
        content: What stands there instead.
        line: Line of the start, from 1.
        column: Column of the start in characters, from 1.
        end_line: Line of the end.
        end_column: Column of the end.
        moved: First octet, and the one behind the last, of what ``content`` is moved from; None if it is not moved.
    """

    start: int
    end: int
    content: str
    line: int
    column: int
    end_line: int
    end_column: int
    moved: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """The changes that put one error right.

    Attributes:
        applicability: ``safe`` if they are certainly what was meant, ``unsafe`` if that is only likely.
        edits: The changes.
    """

    applicability: Applicability
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What stands in a document where a finding is.

    Attributes:
        before: What stands before it on its line, cut if it is long.
        text: The start tag that it is about, or the first character.
        after: What stands behind it on its line.
    """

    before: str
    text: str
    after: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One error of a document, or one warning.

    Attributes:
        source: Name of the file, empty if there is none.
        line: Line in the document, from 1; 0 if it is about the whole document.
        path: Where in the document: DERControlList/DERControl[3].
        reason: What is wrong.
        column: Column at which the element starts, from 1; 0 if it is not known.
        code: Stable code of this kind of error, such as ``out-of-order``.
        remedy: What to do about it; empty if nothing is known to help.
        severity: ``error``, or ``warning`` for what breaks only a rule beyond the schema.
        section: Section of IEEE 2030.5-2018, or the function set, that a rule comes from.
        schema_message: The message of libxml2; empty if it has none for this error.
        part: Which document of the file, if it is a capture of many: ``entries[3]/response GET https://…``.
        fix: The changes of the document that put it right; None if they are not known.
        excerpt: What stands there in the document; None if it is not shown.
    """

    source: str
    line: int
    path: str
    reason: str
    column: int = 0
    code: str = ""
    remedy: str = ""
    severity: Severity = "error"
    section: str = ""
    schema_message: str = ""
    part: str = ""
    fix: Fix | None = None
    excerpt: Excerpt | None = None

    @property
    def message(self) -> str:
        """What is wrong and what to do, in one line."""
        reason = self.reason if self.reason.endswith((".", "?", "!")) or not self.remedy else f"{self.reason}."
        return f"{reason} {self.remedy}".strip()

    @property
    def place(self) -> str:
        """File, line and column, as far as they are known."""
        numbers = ":".join(str(number) for number in (self.line, self.column) if number)
        if self.source:
            return f"{self.source}:{numbers}" if numbers else self.source
        return f"line {numbers}" if numbers else ""

    def __str__(self) -> str:
        warning = "warning" if self.severity == "warning" else ""
        parts = (self.place, warning, self.part, self.path, self.message)
        text = ": ".join(part for part in parts if part)
        return printable(f"{text} [{self.code}]" if self.code else text)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with one element, without its place.

    Attributes:
        code: One of ``FINDING_CODES``.
        reason: What is wrong.
        remedy: What to do; empty if nothing is known to help.
        attribute: Name of the attribute that is wrong; empty if it is the element.
        meant: Name that the element, its type or the attribute should have; empty if it is not known, or right.
        value: Text that the element or attribute should have; None if it is not known.
        multiplier: Text that the multiplier beside the element should have then; empty if it stays.
        likely: It is likely, not certain, that this was meant.
        omitted: It may be left out: a reader of the profile does not know it, and does the same without it.
    """

    code: str
    reason: str
    remedy: str = ""
    attribute: str = ""
    meant: str = ""
    value: str | None = None
    multiplier: str = ""
    likely: bool = False
    omitted: bool = False

    def at(self, location: Location, source: str, **details: Any) -> Finding:
        """Return the finding at a place.

        Args:
            location: Where the element is.
            source: Name of the file, empty if there is none.
            details: Further attributes of the finding.
        """
        return Finding(
            source,
            location.line,
            f"{location.path}/@{self.attribute}" if self.attribute else location.path,
            self.reason,
            column=location.column,
            code=self.code,
            remedy=self.remedy,
            **details,
        )


SCHEMA_VERSION = "schemaVer"
"""Attribute that IEEE 2030.5-2023 (5.6.2) adds to the root element of every message; the namespace is that of 2018."""

_SHOWN = 5
"""Findings that the text of an error shows; ``findings`` has all of them."""


class ValidationError(EnvoyError):
    """A document that the schema of its profile does not allow.

    Attributes:
        findings: Each error with its line and reason.
    """

    def __init__(self, findings: Sequence[Finding], *, where: str = "") -> None:
        self.findings = list(findings)
        what = "\n  ".join(str(finding) for finding in self.findings[:_SHOWN])
        if len(self.findings) > _SHOWN:
            what += f"\n  and {len(self.findings) - _SHOWN} more"
        super().__init__(f"not valid:\n  {what}", where=where)
