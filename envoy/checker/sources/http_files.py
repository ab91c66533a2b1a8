"""Reader of ``.http`` files, as REST clients run and save them: requests between ``###``, some with a response.

Read line by line, so that a file may be of any size; what is kept is one body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from envoy.checker.sources.document import Document, Exchange, Stream, short
from envoy.checker.sources.media_types import is_message_body, may_be_message

_PIECE = 1 << 16
"""Octets of a line that are looked at together."""

_REQUEST_LINE = re.compile(r"(?:([A-Za-z]{3,20})\s+)?(\S+)(?:\s+HTTP/[0-9.]+)?\s*\Z")
_STATUS_LINE = re.compile(rb"HTTP/[0-9.]+\s+([0-9]{3})(?:\s|\Z)")
_HEADER = re.compile(r"([A-Za-z0-9-]+)\s*:(.*)")
_ASSIGNMENT = re.compile(r"@([\w.-]+)\s*=(.*)")
_VARIABLE = re.compile(r"\{\{([^{}]{1,100})\}\}")
_REFERENCE = re.compile(rb"<(?:@\w*)?\s+(?=[^\s{])")
"""A body that is in another file. No XML starts with a space behind its first bracket."""

_BEHIND = re.compile(rb"> *\{%|>>?!? *\S+\.(?:js|ts|mjs)\s*\Z|>>!? |<> |\?\? ")
"""What clients have behind a body: scripts, files for the response, checks."""

_CHUNK = re.compile(rb"[0-9A-Fa-f]{1,8}[ \t]*(?:;[^\n]*)?\r?\n")
"""The size of a chunk, as it stands before each on the wire."""

_MOST_VARIABLES = 1000
_LONGEST_VALUE = 10_000
"""Characters of the value of a variable, of a URL or of a header."""
_BOM = b"\xef\xbb\xbf"


def read_documents(stream: Stream, source: str, max_size: int | None) -> Iterator[Document]:
    """Yield the messages of a file, each with the line on which it starts.

    Args:
        stream: The file.
        source: Its name.
        max_size: Largest size of a message in octets; None for no limit.
    """
    reader = _Reader(source, max_size)
    document = None
    for document in _read(stream, reader):
        yield document
    if document is None:
        yield Document(source, None, "no body in this file is a message: application/sep+xml, or XML in its namespace")


def _read(stream: Stream, reader: _Reader) -> Iterator[Document]:
    number, whole = 1, True
    piece = stream.readline(_PIECE).removeprefix(_BOM)
    while piece:
        if (done := reader.take(piece, number, whole)) is not None:
            yield done
        whole = piece.endswith(b"\n")
        number += whole
        piece = stream.readline(_PIECE)
    if (done := reader.end()) is not None:
        yield done


class _Reader:
    """Takes the lines of a file. A step is what the next line may be: a start, a header, a part of the body."""

    def __init__(self, source: str, max_size: int | None) -> None:
        self._source = source
        self._most = None if max_size is None else max_size + 1
        self._variables: dict[str, str] = {}
        self._number = 0
        self._method = self._url = ""
        self._begin("start")

    def _begin(self, step: str) -> None:
        self._step = step
        self._script = ""
        self._content_type = ""
        self._chunked = False
        self._response = False
        self._status = 0
        self._body = bytearray()
        self._cut = False
        self._line = 0

    def take(self, piece: bytes, number: int, whole: bool) -> Document | None:
        """Take a line, or a part of a long one; return the body that it ends.

        Args:
            piece: The octets, with the end of the line.
            number: Number of the line.
            whole: Whether they stand at the start of the line.
        """
        if whole and piece.startswith(b"###"):
            done = self.end()
            self._method = self._url = ""
            return done
        if whole and (status := _STATUS_LINE.match(piece)):
            done = self.end()
            if not self._method and not self._url:
                self._number += 1
            self._begin("header")
            self._response, self._status = True, int(status[1])
            return done
        if self._step == "body":
            self._take_body(piece, number, whole)
        elif whole and self._step != "over":
            line = piece.decode(errors="replace").rstrip("\r\n")
            if self._step == "start":
                self._take_start(line)
            else:
                self._take_header(line)
        return None

    def end(self) -> Document | None:
        """Return the body that ends here, if it is a message."""
        content_type = self._content_type
        # Spaces at the end of a body that goes on are a part of it.
        body = bytes(self._body) if self._cut else bytes(self._body).rstrip()
        exchange = Exchange(self._method, self._url, content_type, self._status)
        response, line, chunked = self._response, self._line, self._chunked
        self._begin("start")
        if not body:
            return None
        side = "response" if response else "request"
        name = f"{side} {self._number} {exchange}".rstrip()
        document = partial(Document, self._source, part=name, line=line, exchange=exchange)
        if reference := _REFERENCE.match(body):
            if not may_be_message(content_type):
                return None
            file = short(body[reference.end() :].decode(errors="replace"))
            return document(None, f"the body is in the file {file}, which has to be named itself")
        if chunked and may_be_message(content_type) and _CHUNK.match(body):
            what = "the body is in chunks, as it was on the wire: save it without the lines of their sizes"
            return document(None, what)
        if not is_message_body(content_type, body):
            return None
        text = body.decode(errors="surrogateescape")
        values = [self._variables.get(found[1].strip()) for found in _VARIABLE.finditer(text)]
        if None in values:
            unknown = next(x[0] for x in _VARIABLE.finditer(text) if x[1].strip() not in self._variables)
            return document(None, f"the variable {short(unknown)} has no value in this file")
        if self._most is not None and len(body) + sum(len(value or "") for value in values) > self._most:
            return document(body.ljust(self._most))
        return document(self._replaced(text).encode(errors="surrogateescape"))

    def _take_start(self, line: str) -> None:
        if self._script:
            if line.rstrip().endswith(self._script):
                self._script = ""
        elif line.startswith("< {%"):
            self._script = "" if line.rstrip().endswith("%}") else "%}"
        elif line.rstrip() == "{{":
            self._script = "}}"
        elif assignment := _ASSIGNMENT.match(line):
            if len(self._variables) < _MOST_VARIABLES:
                self._variables[assignment[1]] = self._filled(assignment[2].strip())
        elif line.strip() and not line.startswith(("#", "//")):
            start = _REQUEST_LINE.match(line)
            self._number += 1
            # A line that is none, such as the :method of HTTP/2, loses the body behind it no less than the others.
            self._method = (start[1] or "GET").upper() if start else ""
            self._url = self._filled(start[2]) if start else ""
            self._step = "header"

    def _take_header(self, line: str) -> None:
        if not line.strip():
            self._step = "body"
        elif header := _HEADER.match(line):
            if header[1].lower() == "content-type":
                self._content_type = self._filled(header[2].strip())
            elif header[1].lower() == "transfer-encoding":
                self._chunked = "chunked" in header[2].lower()
        elif line[:1].isspace() and line.strip().startswith(("?", "&")):
            self._url = (self._url + line.strip())[:_LONGEST_VALUE]

    def _take_body(self, piece: bytes, number: int, whole: bool) -> None:
        if whole and _BEHIND.match(piece):
            self._step = "over"
            return
        if not self._body:
            if not piece.strip():
                return
            self._line = number
        room = len(piece) if self._most is None else max(0, self._most - len(self._body))
        self._body += piece[:room]
        self._cut = self._cut or bool(piece[room:].strip())

    def _filled(self, text: str) -> str:
        """Return a value, URL or header with the values of the variables, and not more of it than it may have.

        Each variable may be many of another, and a line has room for thousands of them.
        """
        parts: list[str] = []
        length = end = 0
        for found in _VARIABLE.finditer(text):
            parts += text[end : found.start()], self._variables.get(found[1].strip(), found[0])
            length += len(parts[-2]) + len(parts[-1])
            end = found.end()
            if length > _LONGEST_VALUE:
                break
        return "".join([*parts, text[end:]])[:_LONGEST_VALUE]

    def _replaced(self, text: str) -> str:
        """Return a body with the values of the variables; how long it becomes is known before."""
        return _VARIABLE.sub(lambda found: self._variables.get(found[1].strip(), found[0]), text)
