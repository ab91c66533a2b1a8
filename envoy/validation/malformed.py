"""Findings about input that is not a readable XML document: its kind, place and remedy."""

from __future__ import annotations

import re

from envoy.codec.parser import doctype_error
from envoy.errors import DocumentError
from envoy.namespaces import SEP_NAMESPACE
from envoy.validation.findings import Edit, Finding, Fix

_PLACE = re.compile(r",? line ([0-9]+), column ([0-9]+)\Z")
_BEFORE = rb"(?:\s+|<\?xml[^>]*\?>|<!--.*?-->)*+"
"""What may stand before a document type declaration. Possessive, so that a megabyte of spaces is read once."""

_DOCTYPE = re.compile(_BEFORE + rb"<!DOCTYPE", re.IGNORECASE | re.DOTALL)
_HTML = re.compile(_BEFORE + rb"(?:<!DOCTYPE\s+)?<?html\b", re.IGNORECASE | re.DOTALL)
_DECLARATION = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})""")
_UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")
_BOM = b"\xef\xbb\xbf"

_ASK = "Ask the server for application/sep+xml."
_FORMATS = (
    (rb"\x1f\x8b", "a gzip file", "Unpack it first."),
    (rb"PK\x03\x04", "a ZIP archive", "Unpack it first."),
    (rb"BZh[1-9]", "a bzip2 file", "Unpack it first."),
    (rb"\xfd7zXZ", "an xz file", "Unpack it first."),
    (rb"\x28\xb5\x2f\xfd", "Zstandard data", "Unpack it first."),
    (rb"\x78[\x01\x5e\x9c\xda]", "zlib data", "Unpack it first: Content-Encoding deflate."),
    (rb"%PDF", "a PDF file", ""),
    (rb"\x89PNG", "a PNG image", ""),
    (rb"\$EXI", "EXI, the binary form of XML", _ASK),
    (rb"-----BEGIN ", "a PEM file, such as a certificate", ""),
    (rb"HTTP/[0-9.]+ |[A-Z]{3,7} \S{1,2000} HTTP/", "an HTTP message",
     "Leave out what stands before its body, or name the file .http."),
    (rb"[0-9A-Fa-f]{1,8}\r\n\s*<", "the chunks of an HTTP body", "Take the body that an HTTP library has read."),
    (rb"\s*&lt;", "escaped XML", "Write < and > instead of &lt; and &gt;."),
    (rb"\s*[\[{]|\s*\"", "JSON", ""),
)  # fmt: skip
"""Other formats by how they start, what they are called, and what to do."""
_WIDE = (
    (re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff|(?:[\t\n\r ]\0\0\0)*+<\0\0\0|(?:\0\0\0[\t\n\r ])*+\0\0\0<"), "UTF-32"),
    (re.compile(rb"\xff\xfe|\xfe\xff|(?:[\t\n\r ]\0)*+<\0|(?:\0[\t\n\r ])*+\0<"), "UTF-16"),
)
"""How other encodings start, with a byte order mark or without."""

_REMEDIES = (
    (r"EntityRef", "Write &amp; instead of each & that is a part of a text."),
    (r"Entity '.*' not defined", "Write the character itself; XML has &amp; &lt; &gt; &quot; &apos; alone."),
    (r"Namespace prefix (?P<prefix>\S+) .*not defined", 'Declare it in the root element: xmlns:{prefix}="…".'),
    (r"[Ii]nvalid (?:xmlChar|Char) value|invalid character in", "XML cannot hold this character: leave it out."),
    (r"xmlns: .* is not a valid URI", f"The namespace of IEEE 2030.5 is {SEP_NAMESPACE}."),
    (r"tag mismatch: (?P<name>\S+) line (?P<line>[0-9]+) and", "Close {name}, which line {line} opens: </{name}>."),
    (r"AttValue: \" or ' expected", 'Write each value between straight quotation marks: href="/dcap".'),
    (r"declaration allowed only at the start", "Leave out what stands before it, spaces too."),
    (r"Extra content", "A document has one root element: take out what follows it."),
    (r"Attribute .* redefined", "Keep one of them."),
)
"""What to do about what libxml2 says, by the pattern of its message."""


def classify(error: DocumentError, data: bytes | str, source: str) -> Finding:
    """Classify input that is not a readable XML document.

    Args:
        error: What reading it said.
        data: The input, or its beginning if it is too large.
        source: Name of the file, empty if there is none.
    """
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else data
    code, reason, remedy = _classify(error, raw)
    if code == "not-xml" and not remedy and isinstance(data, str) and "\n" not in data:
        remedy = "If this is the name of a file, pass its Path."
    line, column = error.line, 0
    if place := _PLACE.search(error.what):
        reason = reason.removesuffix(place[0])
        line, column = int(place[1]), int(place[2])
    if code == "wrong-encoding" and (bad := _first_bad_octet(raw)) is not None:
        before = raw[:bad]
        line, column = before.count(b"\n") + 1, len(before) - before.rfind(b"\n")
    reason = " ".join(reason.split())
    fix = _fix_encoding(raw) if code == "wrong-encoding" and isinstance(data, bytes) else None
    return Finding(source, line, "", reason, column=column, code=code, remedy=remedy, fix=fix)


def diagnose_encoding(name: str, raw: bytes, source: str) -> Finding:
    """Return the finding for a document that says it is in another encoding than UTF-8 (5.6.2)."""
    what = f"the XML declaration says {name}, messages are UTF-8"
    remedy = "Leave the declaration out; whoever believes it reads other characters, or none."
    fix = _fix_encoding(raw)
    return Finding(source, 1, "", what, column=1, code="wrong-encoding", remedy=remedy, fix=fix)


def _fix_encoding(raw: bytes) -> Fix | None:
    """Return the fix that writes a document in UTF-8, None if it is not certain what its octets are."""
    declared = _DECLARATION.match(raw.lstrip(_BOM))
    if declared and b"\0" not in raw and _rewrites_ascii(declared[1].decode(), declared[0], raw):
        return None
    if _first_bad_octet(raw) is None and b"\0" not in raw:
        marks = len(raw) - len(raw.lstrip(_BOM))
        edits = [_edit_line(raw, len(_BOM), marks, "")] if marks > len(_BOM) else []
        if declared and declared[1].decode().lower() not in _UTF_8:
            edits.append(_edit_line(raw, marks + declared.start(1), marks + declared.end(1), "UTF-8"))
        return Fix("safe", tuple(edits)) if edits else None
    wide = next((name for pattern, name in _WIDE if pattern.match(raw)), "")
    if not wide and declared is None:
        return None
    order = (
        "" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or raw[:4] == b"\0\0\xfe\xff" else "-be" if raw[0] == 0 else "-le"
    )
    try:
        text = raw.decode(f"{wide}{order}" if wide else declared_encoding(raw)).lstrip("\ufeff")
    except (LookupError, UnicodeError):
        return None
    if named := _DECLARATION.match(text.encode()):
        text = f"{text[: named.start(1)]}UTF-8{text[named.end(1) :]}"  # what stands before it is ASCII
    lines = raw.split(b"\n")
    end = len(lines), len(lines[-1].decode(errors="replace")) + 1
    return Fix("safe", (Edit(0, len(raw), text, 1, 1, *end),))


def _rewrites_ascii(encoding: str, declaration: bytes, raw: bytes) -> bool:
    """Whether ASCII stands for other characters in an encoding, as in UTF-7, ISO-2022 and the escapes of Python.

    An encoding in which not even the declaration is one is not what a document is in.
    """
    plain = raw.translate(None, bytes(range(0x80, 0x100)))
    try:
        if declaration.decode(encoding) != declaration.decode("ascii"):
            return False
        return plain.decode(encoding) != plain.decode("ascii")
    except LookupError:
        return False
    except UnicodeError:
        return True


def _edit_line(raw: bytes, start: int, end: int, content: str) -> Edit:
    """Return an edit in the first line of a document."""
    first, last = (len(raw[:place].decode(errors="replace")) + 1 for place in (start, end))
    return Edit(start, end, content, 1, first, 1, last)


def declared_encoding(raw: bytes) -> str:
    """Return the encoding that a document says it is in, empty if that is UTF-8 or it does not say."""
    found = _DECLARATION.match(raw.removeprefix(_BOM)) if b"<?xml" in raw[:8] else None
    return "" if found is None or found[1].decode().lower() in _UTF_8 else found[1].decode()


def to_utf_8(raw: bytes, encoding: str) -> bytes:
    """Return a document of another encoding in UTF-8.

    Raises:
        DocumentError: There is no such encoding, or the document is not in it.
    """
    try:
        return raw.decode(encoding).encode()
    except (LookupError, UnicodeError) as error:
        raise DocumentError(f"the XML declaration says {encoding}, and it cannot be read so: {error}") from None


def _classify(error: DocumentError, raw: bytes) -> tuple[str, str, str]:
    what, remedy = error.what, error.remedy
    if what.startswith("the document has more than"):
        return "too-large", what, remedy
    if not raw.removeprefix(_BOM).strip():
        return "empty", "the document is empty", remedy
    for start, name, advice in _FORMATS:
        if re.match(start, raw):
            return "not-xml", f"this is {name}, not XML", advice
    for wide, name in _WIDE:
        if wide.match(raw):
            return "wrong-encoding", f"the document is {name}, messages are UTF-8", "Save it as UTF-8."
    if raw.startswith(2 * _BOM):
        return "wrong-encoding", "the document starts with more than one byte order mark", "Leave out all but one."
    if _HTML.match(raw):
        return "not-xml", "this is an HTML page, not a message", "It may be of a proxy: see what it says."
    if _DOCTYPE.match(raw):
        error = doctype_error()
        return "doctype", error.what, error.remedy
    if what.startswith("character U+"):
        return "wrong-encoding", what, "Leave the character out."
    bad = _first_bad_octet(raw)
    if not raw.removeprefix(_BOM).lstrip().startswith(b"<"):
        if 0x80 <= raw[0] < 0xC0:  # as EXI starts if it has no cookie, and no text does
            what = "this is binary data, perhaps EXI, the binary form of XML"
            return "not-xml", what, _ASK
        if bad is not None or b"\0" in raw:
            return "not-xml", "this is binary data, not XML", ""
        return (
            "not-xml",
            "this is text, not XML",
            "Leave out what stands before the first <." if b"<" in raw else remedy,
        )
    if bad is not None:
        return "wrong-encoding", f"octet 0x{raw[bad]:02X} is not UTF-8", "Save the document as UTF-8."
    if "xcessive depth" in what:
        what = "elements are nested more than 256 deep"
        return "too-deep", what, "No message is nested so deeply: it is broken, or an attack."
    if what.startswith("an element has more than"):
        return "too-many-attributes", what, remedy
    if "remature end" in what or _is_at_end(what, raw):
        return "truncated", what, "The document ends too early: a transfer may have been cut short."
    for pattern, advice in _REMEDIES:
        if found := re.search(pattern, what):
            return "not-well-formed", what, advice.format(**found.groupdict())
    return "not-well-formed", what, remedy


def _is_at_end(what: str, raw: bytes) -> bool:
    """Whether the error is at the end of the document, which is not the end of a tag."""
    text = raw.rstrip()
    place = _PLACE.search(what)
    if text.endswith(b">") or place is None or "Extra content" in what:
        return False
    last = text.rpartition(b"\n")[2].decode(errors="replace")
    return (int(place[1]), int(place[2])) >= (text.count(b"\n") + 1, len(last))


def _first_bad_octet(raw: bytes) -> int | None:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None
