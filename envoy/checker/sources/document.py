"""Document that was read: its octets, its place in a file, and the exchange that it travelled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from envoy._text import printable

_BLOCK = 1 << 16

_LONGEST = 200
"""Characters of a name or URL that are shown; of a longer one the middle is left out."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """The HTTP exchange that a document is the body of.

    Attributes:
        method: Method of the request.
        url: Where it was sent.
        content_type: Content-Type of the body, empty if it has none.
        status: Status of the response, 0 if it is not known.
    """

    method: str = ""
    url: str = ""
    content_type: str = ""
    status: int = 0

    def __str__(self) -> str:
        """Method and URL, without a user name, a password or a query, which may hold secrets."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            return short(self.method)
        place = f"{parts.scheme}://" if parts.scheme and parts.netloc else ""
        return short(f"{self.method} {place}{parts.netloc.rpartition('@')[2]}{parts.path}".strip())


@dataclass(slots=True)
class Document:
    """One document, or the reason why there is none. Like a ``Verdict`` it is not frozen, since there are many.

    Attributes:
        source: Name of the file; of a member of an archive ``payloads.zip!dcap/1.xml``.
        data: Its content, or a little more of it than is allowed; None if it could not be read.
        problem: Why it could not be read; empty if it could.
        code: Code of the finding that reports the problem.
        part: Which document of the file, if the file is a capture: ``entries[3]/response GET https://…``.
        line: Line of the file on which the document starts; 0 if the document is the file.
        flat: All of the document is on that line, as in a string of JSON.
        exchange: The exchange that it is a body of, None if it is not a body.
        archive: The archive that the file is a member of, empty if it is none.
        path: The file that it is all of, empty if it is a part of one, or of none.
    """

    source: str
    data: bytes | None
    problem: str = ""
    code: str = "unreadable"
    part: str = ""
    line: int = 0
    flat: bool = False
    exchange: Exchange | None = None
    archive: str = ""
    path: str = ""


def short(name: str) -> str:
    """Return a name or URL that somebody else has chosen as it may be shown."""
    shown = printable(name)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST // 2]}…{shown[-_LONGEST // 2 :]}"


class Stream(Protocol):
    """What documents are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most ``size`` octets, all that are left if it is negative."""

    def readline(self, size: int = -1, /) -> bytes:
        """Return a line with its end, or the first octets of a longer one."""


def read_document(stream: Stream, max_size: int | None, head: bytes = b"") -> bytes:
    """Return a document, or one octet more of it than is allowed.

    Args:
        stream: What it is read from.
        max_size: Octets that are allowed; None for no limit.
        head: What of it was read before.
    """
    if max_size is None:
        return head + stream.read()
    # A stream makes room for all that it is asked for, and most documents are a thousandth of what is allowed.
    blocks = [head[: max_size + 1]]
    left = max_size + 1 - len(blocks[0])
    while left and (block := stream.read(min(left, _BLOCK))):
        blocks.append(block)
        left -= len(block)
    return b"".join(blocks)
