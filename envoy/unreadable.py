"""What kind of bytes it is that cannot be read as a document: a finding with code, place and remedy."""

from __future__ import annotations

import re

from envoy.errors import DocumentError
from envoy.findings import Finding

_PLACE = re.compile(r",? line ([0-9]+), column ([0-9]+)\Z")
_DOCTYPE = re.compile(rb"(?:\s+|<\?xml[^>]*\?>|<!--.*?-->)*+<!DOCTYPE", re.IGNORECASE | re.DOTALL)
"""A document type declaration after what may stand before it. Possessive, so that a megabyte of spaces is read once."""


_FORMATS = (
    (b"\x1f\x8b", "a gzip file", "Unpack it first."),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it first."),
    (b"%PDF", "a PDF file", ""),
    (b"\x89PNG", "a PNG image", ""),
    (b"$EXI", "EXI, the binary form of XML", "Ask the server for application/sep+xml."),
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def unreadable(error: DocumentError, raw: bytes, source: str) -> Finding:
    """Return the finding for a document that could not be read.

    Args:
        error: What reading it said.
        raw: The document, or its beginning if it is too large.
        source: Name of the file, empty if there is none.
    """
    code, reason, remedy = _kind(error, raw)
    line, column = error.line, 0
    if place := _PLACE.search(reason):
        reason = reason[: place.start()]
        line, column = int(place[1]), int(place[2])
    if code == "wrong-encoding" and (bad := _first_bad_octet(raw)) is not None:
        before = raw[:bad]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    reason = " ".join(reason.split())
    return Finding(source, line, "", reason, column=column, code=code, remedy=remedy)


def _kind(error: DocumentError, raw: bytes) -> tuple[str, str, str]:
    what, remedy = error.what, error.remedy
    if "octets" in what:
        return "too-large", what, remedy
    if not raw.strip():
        return "empty", what, remedy
    if remedy.startswith("This looks like"):
        return "not-xml", what, remedy
    for start, name, advice in _FORMATS:
        if raw.startswith(start):
            return "not-xml", f"this is {name}, not XML", advice
    if raw.startswith(_UTF16):
        return "wrong-encoding", "the document is UTF-16, messages are UTF-8", "Save it as UTF-8."
    if _DOCTYPE.match(raw):
        what = "the document has a DOCTYPE, which IEEE 2030.5 messages never have"
        return "doctype", what, "It may be an attack by entity expansion; it was not read."
    if "U+" in what:
        return "wrong-encoding", what, "Leave the character out."
    if (bad := _first_bad_octet(raw)) is not None:
        if b"\0" in raw:
            return "not-xml", "this is binary data, not XML", ""
        return "wrong-encoding", f"octet 0x{raw[bad]:02X} is not UTF-8", "Save the document as UTF-8."
    if b"\0" in raw or not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "not-xml", what, remedy
    if "xcessive depth" in what:
        return "too-deep", what, "No message is nested so deeply: it is broken, or an attack."
    if not raw.rstrip().endswith(b">") or "remature end" in what:
        return "truncated", what, "The document ends too early: a transfer may have been cut short."
    return "not-well-formed", what, remedy


def _first_bad_octet(raw: bytes) -> int | None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None
