"""The octets of a document: where the tags, attributes and texts of some elements are, and edits of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from lxml import etree

from envoy.codec.location import TAG, Places
from envoy.validation.findings import Edit

_NAME = re.compile(rb"(?:([^\s/>:=]+):)?([^\s/>:=]+)")
_ATTRIBUTE = re.compile(rb"\s+(?:([^\s/>:=]+):)?([^\s/>:=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FILLING = rb"<!--.*?-->|<\?.*?\?>"
_BLANK = re.compile(rb"(?:\s|%b)*+\Z" % _FILLING, re.DOTALL)
_REST_OF_LINE = re.compile(rb"(?:[^<\r\n]|%b)*+" % _FILLING, re.DOTALL)
_INDENT = re.compile(rb"\r?\n[ \t]*\Z")
_LONGEST_INDENT = 1000
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Span:
    """Where an element is: the octets at which its start tag, its content, its end tag and what follows it start."""

    start: int
    content: int
    end_tag: int
    end: int


@dataclass(frozen=True, slots=True)
class Name:
    """Where the name of an element or of an attribute is.

    Attributes:
        start: Octet at which it starts.
        local: Octet at which it starts without its prefix.
        end: Octet behind it.
        prefix: Its prefix, empty if it has none.
        text: The name without the prefix.
    """

    start: int
    local: int
    end: int
    prefix: str
    text: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Where an attribute or a declaration of a namespace is.

    Attributes:
        start: Octet at which the white space before it starts.
        name: Its name.
        value: Octet at which its value starts.
        end: Octet behind its second quotation mark.
    """

    start: int
    name: Name
    value: int
    end: int


class Source:
    """The octets of a document, as ``envoy.codec.parser.parse`` has read it.

    Args:
        raw: The document.
        root: Its root element.
        wanted: The elements whose places are asked for. There may be very many others.
    """

    def __init__(self, raw: bytes, root: etree._Element, wanted: set[etree._Element]) -> None:
        self.raw = raw
        self._places = Places(raw)
        self.declaring: list[int] = []
        self._spans: dict[etree._Element, Span] = {}
        numbers = {number: element for number, element in enumerate(root.iter(etree.Element)) if element in wanted}
        open_elements: list[tuple[int, int, int]] = []
        count = 0
        for tag in TAG.finditer(raw):
            start, end = tag.span()
            if tag[1]:
                number, first, content = open_elements.pop()
                if number in numbers:
                    self._spans[numbers[number]] = Span(first, content, start, end)
            elif tag[2]:
                if b"xmlns" in tag[0]:
                    self.declaring.append(start)
                if raw[end - 2] == ord("/"):
                    if count in numbers:
                        self._spans[numbers[count]] = Span(start, end, end, end)
                else:
                    open_elements.append((count, start, end))
                count += 1

    def span(self, element: etree._Element) -> Span:
        """Return where a wanted element is."""
        return self._spans[element]

    def names(self, element: etree._Element) -> list[Name]:
        """Return the name in the start tag, and that in the end tag if there is one."""
        span = self._spans[element]
        return [self._name(at) for at in (span.start + 1, span.end_tag + 2) if at < span.end]

    def _name(self, start: int) -> Name:
        found = _NAME.match(self.raw, start)
        if found is None:
            raise ValueError(f"no name at octet {start}")
        return Name(start, found.start(2), found.end(), (found[1] or b"").decode(), found[2].decode())

    def assignments(self, start: int) -> Iterator[Assignment]:
        """Yield the attributes and declarations in the start tag that starts at an octet."""
        position = self._name(start + 1).end
        while found := _ATTRIBUTE.match(self.raw, position):
            value = found.start(4) if found[3] is None else found.start(3)
            name = self._name(found.start(2) if found[1] is None else found.start(1))
            yield Assignment(position, name, value, found.end())
            position = found.end()

    def text(self, element: etree._Element) -> tuple[int, int] | None:
        """Return where the text of an element is, without the white space around it; None if it is not text alone."""
        span = self._spans[element]
        content = self.raw[span.content : span.end_tag]
        if b"<" in content or span.end_tag == span.end:
            return None
        start = span.content + len(content) - len(content.lstrip(_SPACE))
        return start, max(start, span.content + len(content.rstrip(_SPACE)))

    def chunks(self, element: etree._Element, children: Iterable[etree._Element]) -> list[tuple[int, int]] | None:
        """Return where the children of an element are, each with the comments and the white space that go with it.

        Those do that follow on the same line, and those on the lines before it. None if there is text between them.
        """
        span = self._spans[element]
        bounds, position = [], span.content
        for child in (*children, None):
            end = span.end_tag if child is None else self._spans[child].start
            if not _BLANK.match(self.raw[position:end]):
                return None
            found = _REST_OF_LINE.match(self.raw, position, end)
            rest = position if found is None or found.end() == end else found.end()
            bounds.append(rest)
            position = end if child is None else self._spans[child].end
        return list(pairwise(bounds))

    def line_of(self, element: etree._Element) -> tuple[int, int]:
        """Return where an element is, with the line break and the indent before it."""
        span = self._spans[element]
        before = self.raw[max(0, span.start - _LONGEST_INDENT) : span.start]
        found = _INDENT.search(before)
        return span.start - (len(found[0]) if found else 0), span.end

    def edit(self, start: int, end: int, content: str, moved: tuple[int, int] | None = None) -> Edit:
        """Return the edit that writes something instead of some octets."""
        return Edit(start, end, content, *self._places.find(start), *self._places.find(end), moved)


def apply_edits(raw: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a document with edits applied; of two that overlap, the first is. What is moved is edited as well."""
    ordered = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    starts = [edit.start for edit in ordered]

    def render(start: int, end: int, inside: Iterable[Edit]) -> Iterator[bytes]:
        position = start
        for edit in inside:
            if edit.start < position:
                continue
            yield raw[position : edit.start]
            if edit.moved is None:
                yield edit.content.encode()
            else:
                # Edits at the very ends of what is moved are of what is around it.
                first, last = edit.moved
                yield from render(first, last, ordered[bisect_right(starts, first) : bisect_left(starts, last)])
            position = edit.end
        yield raw[position:end]

    return b"".join(render(0, len(raw), ordered))
