"""Reader of HAR captures (HTTP Archive 1.2), as browsers and proxies save them: of each body that is a message.

The JSON is read as a stream, so that a capture may be of any size; what is kept is one entry.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, TypeVar

import ijson

from envoy.checker.sources.document import Document, Exchange, Stream, short
from envoy.checker.sources.media_types import is_message_body, is_sep

_PIECE = 1 << 16
"""Octets that are read at once, at most; a line is a piece of its own, so that the lines of bodies are known."""

_ESCAPED = 8
"""A body takes at most this many times its octets in JSON: six if each of them is escaped, and some for base64."""

_DEEPEST = 100
"""Levels of JSON; a capture has ten."""

_BOM = b"\xef\xbb\xbf"

_UTF_16 = re.compile(rb"\xff\xfe|\xfe\xff|\s*(?:\0\{|\{\0)")

_REQUEST, _RESPONSE = ("request", "postData"), ("response", "content")
_WANTED = {
    ("request", "method"),
    ("request", "url"),
    ("request", "bodySize"),
    ("response", "status"),
    (*_RESPONSE, "size"),
    *((*part, key) for part in (_REQUEST, _RESPONSE) for key in ("mimeType", "text", "encoding")),
}
"""What of an entry is kept."""

_Key = tuple[str, ...]
_T = TypeVar("_T", str, int)


def read_documents(stream: Stream, source: str, max_size: int | None) -> Iterator[Document]:
    """Yield the messages of a capture; what is wrong with the capture itself comes last.

    Args:
        stream: The capture.
        source: Its name.
        max_size: Largest size of a message in octets; None for no limit.
    """
    found = False
    entries = _Entries()
    try:
        longest = None if max_size is None else _ESCAPED * (max_size + _PIECE)
        for number, entry in enumerate(_read(stream, entries, longest)):
            for document in _messages(number, entry, source):
                found = True
                yield document
    except _BrokenError as error:
        code = error.code if entries.seen or error.code != "damaged" else "not-xml"
        yield Document(source, None, str(error), code, line=error.line, flat=True)
        return
    if not entries.seen:
        yield Document(source, None, "it is JSON, but not a HAR capture, which has log and entries in it", "not-xml")
    elif not found:
        yield Document(
            source, None, "no body in this capture is a message: application/sep+xml, or XML in its namespace"
        )


class _BrokenError(Exception):
    def __init__(self, what: str, line: int, code: str = "damaged") -> None:
        self.line = line
        self.code = code
        super().__init__(what)


class _Entry:
    """What is kept of an entry: values, and the lines that they are on."""

    def __init__(self) -> None:
        self.values: dict[_Key, Any] = {}
        self.lines: dict[_Key, int] = {}

    def get(self, key: _Key, default: _T) -> _T:
        """Return a value; the default if it is not there, or of another type."""
        value = self.values.get(key)
        return value if isinstance(value, type(default)) else default


class _Entries:
    """Follows where in the JSON we are."""

    def __init__(self) -> None:
        self.seen = False
        self._path: list[str] = []
        self._entry = _Entry()

    def take(self, event: str, value: Any, line: int) -> _Entry | None:
        """Take a piece of the JSON; return an entry if this was its end."""
        path = self._path
        if event == "map_key":
            path[-1] = value
        elif event in ("start_map", "start_array"):
            if len(path) == _DEEPEST:
                raise _BrokenError("it is nested deeper than any capture", line)
            self.seen = self.seen or path == ["log", "entries"]
            path.append("" if event == "start_map" else "[]")
        elif event in ("end_map", "end_array"):
            path.pop()
            if event == "end_map" and path == ["log", "entries", "[]"]:
                entry, self._entry = self._entry, _Entry()
                return entry
        elif path[:3] == ["log", "entries", "[]"] and (key := tuple(path[3:])) in _WANTED:
            self._entry.values[key] = value
            self._entry.lines[key] = line
        return None


def _read(stream: Stream, entries: _Entries, longest: int | None) -> Iterator[_Entry]:
    events: list[tuple[str, Any]] = ijson.sendable_list()
    # As C numbers: of an integer that Python refuses to make, ijson gives a NULL instead of the number.
    parser = ijson.basic_parse_coro(events, use_float=True)
    line, silent = 1, 0
    piece = stream.readline(_PIECE).removeprefix(_BOM)
    if _UTF_16.match(piece):
        raise _BrokenError("it is UTF-16, a capture is UTF-8: save it again", 1, "wrong-encoding")
    while True:
        problem = _feed(parser, piece)
        silent = 0 if events else silent + len(piece)
        for event, value in events:
            if (entry := entries.take(event, value, line)) is not None:
                yield entry
        events.clear()
        if problem:
            raise _BrokenError(problem, line)
        if longest is not None and silent > longest:
            what = f"it has a value of more than {longest} octets, the rest was not read"
            raise _BrokenError(what, line, "too-large")
        if not piece:
            return
        line += piece.endswith(b"\n")
        piece = stream.readline(_PIECE)


def _feed(parser: Any, piece: bytes) -> str:
    """Give the parser a piece of the capture, or its end; return what it objects to."""
    try:
        if piece:
            parser.send(piece)
        else:
            parser.close()
    except (ijson.JSONError, ValueError) as error:
        too_early = not piece and isinstance(error, ijson.IncompleteJSONError)
        return "it ends too early" if too_early else f"it is not JSON: {_words(error)}"
    return ""


def _words(error: Exception) -> str:
    """Return the first line of what an error says; those behind it show the place by drawing."""
    said = error.args[0] if error.args else ""
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return short(next(iter(text.splitlines()), "").rstrip("."))


def _messages(number: int, entry: _Entry, source: str) -> Iterator[Document]:
    method, url = entry.get(("request", "method"), ""), entry.get(("request", "url"), "")
    status = entry.get(("response", "status"), 0)
    for side, part, size in (
        ("request", _REQUEST, entry.get(("request", "bodySize"), 0)),
        ("response", _RESPONSE, entry.get((*_RESPONSE, "size"), 0)),
    ):
        content_type = entry.get((*part, "mimeType"), "")
        exchange = Exchange(method, url, content_type, status)
        name = f"entries[{number}]/{side} {exchange}".rstrip()
        line = entry.lines.get((*part, "text"), entry.lines.get((*part, "mimeType"), 0))
        document = partial(Document, source, part=name, line=line, flat=True, exchange=exchange)
        text = entry.get((*part, "text"), "")
        if not text:
            if size > 0 and is_sep(content_type):
                yield document(None, f"the capture does not have the {size} octets of this body")
            continue
        try:
            data = _octets(text, entry.get((*part, "encoding"), ""))
        except ValueError:
            if is_message_body(content_type, b""):
                yield document(None, "its base64 is damaged", "damaged")
            continue
        if is_message_body(content_type, data):
            yield document(data)


def _octets(text: str, encoding: str) -> bytes:
    if encoding.lower() == "base64":
        return base64.b64decode("".join(text.split()), validate=True)
    return text.encode(errors="surrogatepass")
