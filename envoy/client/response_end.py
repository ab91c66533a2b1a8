"""Where a response ends among the octets that a connection reads (RFC 9112, 6).

The parser of httpcore keeps octets behind a response and takes them for the response to the next request. So it is
never given any: they stay here, and a connection that has some is not used again.
"""

from __future__ import annotations

import re
from enum import Enum, auto

_HEAD_END = re.compile(rb"\n\r?\n")
_LINE_END = re.compile(rb"\n")
_SIZE = re.compile(rb"[ \t]*([0-9a-f]{1,15})", re.IGNORECASE)
_LENGTH = re.compile(rb"^content-length:[ \t]*([0-9]{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED = re.compile(rb"^transfer-encoding:.*chunked[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9])\b")


class _Part(Enum):
    HEAD = auto()
    BODY = auto()
    CHUNK_SIZE = auto()
    CHUNK = auto()
    TRAILER = auto()
    REST = auto()
    """All that the parser asks for: nothing if the response has ended, else a body that ends with the connection."""


class ResponseEnd:
    """The octets of one connection, of which no more are taken than belong to the response."""

    def __init__(self) -> None:
        self.unread = bytearray()
        """The octets that were received and not taken. Behind a response, they belong to none."""
        self.expect()

    def expect(self) -> None:
        """Expect a response, to a request that is being sent."""
        self._part = _Part.HEAD
        self._text = bytearray()
        self._left = 0

    def take(self) -> bytes:
        """Take octets that are unread and belong to the response; none if more have to be received first."""
        if self._part in (_Part.HEAD, _Part.CHUNK_SIZE, _Part.TRAILER):
            return self._take_text(_HEAD_END if self._part is _Part.HEAD else _LINE_END)
        if self._part is _Part.REST:
            return self._cut(len(self.unread))
        part = self._cut(self._left)
        self._left -= len(part)
        if not self._left:
            self._part = _Part.CHUNK_SIZE if self._part is _Part.CHUNK else _Part.REST
        return part

    def _cut(self, length: int) -> bytes:
        part = bytes(self.unread[:length])
        del self.unread[:length]
        return part

    def _take_text(self, end: re.Pattern[bytes]) -> bytes:
        """Take octets up to an end of a head or line, even if that has not come yet."""
        begin = len(self._text)
        self._text += self.unread
        found = end.search(self._text, max(0, begin - 2))
        if found is None:
            return self._cut(len(self.unread))
        text = bytes(self._text[: found.end()])
        self._text.clear()
        self._go_on(text)
        return self._cut(len(text) - begin)

    def _go_on(self, text: bytes) -> None:
        """Go to the part that follows a whole head or line."""
        if self._part is _Part.HEAD:
            self._part, self._left = _after_head(text)
        elif self._part is _Part.TRAILER:
            self._part = _Part.TRAILER if text.strip() else _Part.REST
        elif size := _SIZE.match(text):
            # The line end behind a chunk belongs to it; the last chunk is empty and has none.
            self._left = int(size[1], 16) + 2
            self._part = _Part.CHUNK if self._left > 2 else _Part.TRAILER
        else:
            self._part = _Part.REST


def _after_head(head: bytes) -> tuple[_Part, int]:
    """Return the part that follows a head, and how many octets it has."""
    status = _STATUS.match(head)
    if status is None or status[1] in (b"101", b"204", b"304"):
        return _Part.REST, 0
    if status[1].startswith(b"1"):
        return _Part.HEAD, 0
    if _CHUNKED.search(head):
        return _Part.CHUNK_SIZE, 0
    length = _LENGTH.search(head)
    return (_Part.BODY, int(length[1])) if length and int(length[1]) else (_Part.REST, 0)
