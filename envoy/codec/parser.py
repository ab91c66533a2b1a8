"""From bytes to an XML tree, as safely as lxml can: no entity, no network, a size limit, and UTF-8 alone."""

from __future__ import annotations

import threading

from lxml import etree

from envoy.errors import DocumentError

MAX_SIZE = 2 * 1024 * 1024
"""Octets of the largest document that is read unless the caller says otherwise."""

_DOCTYPE = b"<!DOCTYPE"

_PIECE = 4096
"""Octets that are judged at a time where one looks for the first faults."""


class SchemaViolationError(Exception):
    """A well-formed document that a schema does not allow; ``messages`` are libxml2's, of the first hundred faults."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        super().__init__(*messages[:1])


def octets_of(data: bytes | str, max_size: int | None = MAX_SIZE) -> bytes:
    """Return a document as octets.

    Raises:
        DocumentError: It is empty, larger than ``max_size``, or text that UTF-8 cannot encode.
    """
    try:
        raw = data.encode() if isinstance(data, str) else bytes(data)
    except UnicodeEncodeError as error:
        raise DocumentError(f"character U+{ord(error.object[error.start]):04X} cannot be in an XML document") from None
    if max_size is not None and len(raw) > max_size:
        raise DocumentError(
            f"the document has more than {max_size} octets",
            remedy="Ask for fewer items at a time, or raise max_size if you trust the sender.",
        )
    if not raw.strip():
        raise DocumentError("the document is empty")
    return raw


class _Parsers(threading.local):
    """This thread's parsers. Making one takes longer than reading a small message."""

    def __init__(self) -> None:
        self.plain = _parser()
        self.judging: dict[etree.XMLSchema, etree.XMLParser] = {}

    def judging_by(self, schema: etree.XMLSchema) -> etree.XMLParser:
        if schema not in self.judging:
            self.judging[schema] = _parser(schema)
        return self.judging[schema]


def _parser(schema: etree.XMLSchema | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        schema=schema,
    )


_parsers = _Parsers()


def parse(raw: bytes) -> etree._Element:
    """Return the root element of a document.

    Args:
        raw: The document, as UTF-8 (5.6.2) whatever an XML declaration says.

    Raises:
        DocumentError: It is not XML, or has a document type declaration.
    """
    parser = _parsers.plain
    try:
        # The same as fromstring(), and faster.
        parser.feed(raw)
        root = parser.close()
    except BaseException as error:
        _parsers.plain = _parser()  # this one may be in the middle of the document
        if not isinstance(error, etree.XMLSyntaxError):
            raise
        root = _parsed_at_once(raw)
    return _without_doctype(root, raw)


def _parsed_at_once(raw: bytes) -> etree._Element:
    """Do what ``parse`` does with a document that is fed to a parser, and say better what is wrong with it."""
    try:
        return etree.fromstring(raw, _parsers.plain)
    except etree.XMLSyntaxError as error:
        if _DOCTYPE in raw and "entit" in error.msg.lower():
            raise _has_doctype() from None
        raise DocumentError(f"not well-formed XML: {error.msg}", remedy=_guess(raw), line=error.lineno or 0) from None


def parse_valid(raw: bytes, schema: etree.XMLSchema) -> etree._Element:
    """Return the root element of a document that is judged while it is parsed.

    Unlike the judgement of a tree it takes time in proportion to the size, whatever the faults.

    Raises:
        DocumentError: It is not XML, or has a document type declaration.
        SchemaViolationError: The schema does not allow it.
    """
    # What a stream is judged to be goes to the log of this thread, which has that of earlier documents too.
    etree.clear_error_log()
    try:
        root = etree.fromstring(raw, _parsers.judging_by(schema))
    except etree.XMLSyntaxError as error:
        violations = [entry.message for entry in error.error_log if entry.domain_name == "SCHEMASV"]
        # Its being XML at all, and its having no DOCTYPE, come first, and are told better without a schema.
        parse(raw)
        raise SchemaViolationError(violations or [error.msg]) from None
    return _without_doctype(root, raw)


def _without_doctype(root: etree._Element, raw: bytes) -> etree._Element:
    # The octets say for certain that there is none, since they are read as UTF-8; the tree is slower to ask. Most
    # documents do not even have the character, which is found faster than the word.
    if b"!" in raw and _DOCTYPE in raw and root.getroottree().docinfo.doctype:
        raise _has_doctype()
    return root


def beginning(raw: bytes, schema: etree.XMLSchema, faults: int) -> etree._Element:
    """Return the root element of as much of a document as has so many faults by a schema.

    Its elements stand where they do in the document. What is cut off at the end may make further faults.

    Args:
        raw: A document that ``parse`` has read.
        schema: What judges it.
        faults: How many faults are enough; of a document that has fewer all is returned.
    """
    judge = etree.XMLPullParser((), schema=schema, encoding="utf-8", resolve_entities=False, no_network=True)
    end = 0
    while end < len(raw) and len(judge.feed_error_log) < faults:
        judge.feed(raw[end : end + _PIECE])
        end += _PIECE
    cut_off = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, recover=True
    )
    return etree.fromstring(raw[:end], cut_off)


def _has_doctype() -> DocumentError:
    return DocumentError(
        "the document has a DOCTYPE, which IEEE 2030.5 messages never have",
        remedy="It may be an attack by entity expansion; it was not read.",
    )


def _guess(raw: bytes) -> str:
    start = raw.lstrip()[:200].lower()
    if start.startswith((b"{", b"[")):
        return "This looks like JSON."
    if b"<html" in start or start.startswith(b"<!doctype html"):
        return "This looks like an HTML page, perhaps of a proxy."
    return ""
