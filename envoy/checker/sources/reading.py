"""The documents of a file that is not an archive, by what kind of file it is."""

from __future__ import annotations

from collections.abc import Iterator

from envoy.checker.sources import har, http_files
from envoy.checker.sources.document import Input, Stream, read_document
from envoy.checker.sources.file_types import Kind


def documents_in(stream: Stream, source: str, kind: Kind, max_size: int | None) -> Iterator[Input]:
    """Yield the documents of a file that is no archive.

    Args:
        stream: The file, from its start.
        source: Its name.
        kind: What kind of file it is.
        max_size: Largest size of a document in octets; None for no limit.
    """
    if kind == "har":
        yield from har.documents(stream, source, max_size)
    elif kind == "http":
        yield from http_files.documents(stream, source, max_size)
    else:
        yield Input(source, read_document(stream, max_size))
