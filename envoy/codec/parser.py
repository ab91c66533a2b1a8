"""Parse bytes into an XML tree as safely as lxml can: no entity, no network, a size limit, and UTF-8 alone."""

from __future__ import annotations

import os
import re
import threading

from lxml import etree

from envoy.errors import DocumentError

MAX_SIZE = 2 * 1024 * 1024
"""Octets of the largest document that is read unless the caller says otherwise."""

MOST_ATTRIBUTES = 64
"""Attributes and namespace declarations of one element, and declarations that hold at one element, at most.

Whoever looks an attribute or a prefix up walks over all of them: without a limit reading would take time in proportion
to the square of the size.
"""

# Within a start tag there is no "<", so that none is looked at twice.
_CROWDED_TAG = re.compile(
    rb"""<[^\s<>!?/='"][^<>='"]*+(?:=\s*+(?:"[^"<]*+"|'[^'<]*+')[^<>='"]*+){%d}""" % (MOST_ATTRIBUTES + 1)
)

_LONG_TAG = 3 * MOST_ATTRIBUTES
"""Octets that a tag with more of them has at least: a sign and two quotes for each."""

_DOCTYPE = b"<!DOCTYPE"


def read_file(path: str | os.PathLike[str], max_size: int | None = MAX_SIZE) -> bytes:
    """Return the octets of a file, one more than ``max_size`` if it has more; that is enough to refuse it.

    Raises:
        OSError: It cannot be read.
    """
    with open(path, "rb") as file:
        return file.read(-1 if max_size is None else max_size + 1)


def to_octets(data: bytes | str, max_size: int | None = MAX_SIZE) -> bytes:
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


def indent(content: bytes, spaces: int) -> bytes:
    """Return a document of ours with each element on a line of its own, for people; it says the same.

    Args:
        content: The document.
        spaces: How far the elements within an element are moved to the right.
    """
    root = etree.fromstring(content)
    etree.indent(root, " " * spaces)
    start, end = content.startswith(b"<?xml"), content.find(b"?>") + 2
    # Written by lxml it would have another form of quotation marks.
    declaration = content[:end] + b"\n" if start else b""
    return declaration + etree.tostring(root, encoding="utf-8")


class _Parsers(threading.local):
    """This thread's parsers. Making one takes longer than reading a small message."""

    def __init__(self) -> None:
        self.parser = _make_parser()
        self.validating: dict[etree.XMLSchema, etree.XMLParser] = {}


def _make_parser(schema: etree.XMLSchema | None = None) -> etree.XMLParser:
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
        DocumentError: It is not XML, has a document type declaration, or an element has too many attributes.
    """
    may_be_crowded = raw.count(b"=") > MOST_ATTRIBUTES
    if may_be_crowded:
        _refuse_crowded_tag(raw)
    parser = _parsers.parser
    try:
        # The same as fromstring(), and faster.
        parser.feed(raw)
        root = parser.close()
    except BaseException as error:
        _parsers.parser = _make_parser()  # this one may be in the middle of the document
        if not isinstance(error, etree.XMLSyntaxError):
            raise
        root = _parse_at_once(raw)
    if may_be_crowded and _declares_much(raw):
        _refuse_crowded_scope(root)
    return _refuse_doctype(root, raw)


def _refuse_crowded_tag(raw: bytes) -> None:
    # In leaps from tag to tag, as far as a tag may be long: that is fast, and few documents have a longer one.
    position, end = 0, len(raw) - _LONG_TAG
    while position < end:
        position = raw.rfind(b"<", position, position + _LONG_TAG) + 1
        if not position:
            if found := _CROWDED_TAG.search(raw):
                raise _crowded_error("attributes", raw.count(b"\n", 0, found.start()) + 1)
            return


def _declares_much(raw: bytes) -> bool:
    return raw.count(b"xmlns") > MOST_ATTRIBUTES


def _refuse_crowded_scope(root: etree._Element) -> None:
    in_scope = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        in_scope += 1 if event == "start-ns" else -1
        if in_scope > MOST_ATTRIBUTES:
            raise _crowded_error("namespace declarations around it", root.sourceline or 0)


def _crowded_error(what: str, line: int) -> DocumentError:
    return DocumentError(
        f"an element has more than {MOST_ATTRIBUTES} {what}",
        remedy="No message has so many: it is broken, or an attack.",
        line=line,
    )


def _parse_at_once(raw: bytes) -> etree._Element:
    """Parse without feeding, which says better what is wrong."""
    try:
        return etree.fromstring(raw, _parsers.parser)
    except etree.XMLSyntaxError as error:
        if _DOCTYPE in raw and "entit" in error.msg.lower():
            raise doctype_error() from None
        raise DocumentError(f"not well-formed XML: {error.msg}", line=error.lineno or 0) from None


def parse_with_schema(raw: bytes, schema: etree.XMLSchema) -> tuple[etree._Element, list[etree._LogEntry] | None]:
    """Return the root element of a document that is validated while it is parsed, and the errors; None if it is valid.

    Unlike the validation of a tree it takes time in proportion to the size, whatever the errors. Of those only about a
    hundred are noted, without their lines.

    Raises:
        DocumentError: It is not XML, has a document type declaration, or an element has too many attributes.
    """
    _refuse_crowded_tag(raw)
    if _declares_much(raw):
        parse(raw)  # libxml2 would look the prefix of each type up among them
    # The errors of a stream go to the log of this thread, which has those of earlier documents too.
    etree.clear_error_log()
    parser = _parsers.validating.get(schema) or _parsers.validating.setdefault(schema, _make_parser(schema))
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        # That it is not XML, or has a DOCTYPE, comes first.
        return parse(raw), [entry for entry in error.error_log if entry.domain_name == "SCHEMASV"]
    return _refuse_doctype(root, raw), None


def _refuse_doctype(root: etree._Element, raw: bytes) -> etree._Element:
    # The octets say for certain that there is none, since they are read as UTF-8; the tree is slower to ask. Most
    # documents do not even have the character, which is found faster than the word.
    if b"!" in raw and _DOCTYPE in raw and root.getroottree().docinfo.doctype:
        raise doctype_error()
    return root


def doctype_error() -> DocumentError:
    """Return the error of a document that has a document type declaration."""
    return DocumentError(
        "the document has a DOCTYPE, which IEEE 2030.5 messages never have",
        remedy="It may be an attack by entity expansion; it was not read.",
    )
