"""Reader of a file that is not an archive, by its type."""

from __future__ import annotations

from collections.abc import Iterator

from envoy.checker.sources import har, http_files
from envoy.checker.sources.document import Document, Stream, read_document
from envoy.checker.sources.file_types import FileType


def read_by_type(stream: Stream, source: str, kind: FileType, max_size: int | None) -> Iterator[Document]:
    """Yield the documents of a file that is not an archive.

    Args:
        stream: The file, from its start.
        source: Its name.
        kind: What kind of file it is.
        max_size: Largest size of a document in octets; None for no limit.
    """
    if kind == "har":
        yield from har.read_documents(stream, source, max_size)
    elif kind == "http":
        yield from http_files.read_documents(stream, source, max_size)
    else:
        yield Document(source, read_document(stream, max_size))
