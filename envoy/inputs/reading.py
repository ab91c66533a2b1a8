"""The documents of a file that is no archive, from a file or from a member of an archive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from envoy.inputs.document import Input
from envoy.inputs.kinds import Kind

_BLOCK = 1 << 16


class Stream(Protocol):
    """What documents are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most so many octets, all that are left if it is negative."""

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


def documents_in(stream: Stream, source: str, kind: Kind, max_size: int | None) -> Iterator[Input]:
    """Yield the documents of a file that is no archive.

    Args:
        stream: The file, from its start.
        source: Its name.
        kind: What kind of file it is.
        max_size: Largest size of a document in octets; None for no limit.
    """
    if kind == "har":
        from envoy.inputs import captures

        yield from captures.documents(stream, source, max_size)
    elif kind == "http":
        from envoy.inputs import http_files

        yield from http_files.documents(stream, source, max_size)
    else:
        yield Input(source, read_document(stream, max_size))
