"""The documents of files and folders, as ``envoy validate`` reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from envoy.checker.sources import INCLUDE, Document, find_sources


def read_documents(
    names: Iterable[str], *, include: Iterable[str] = INCLUDE, max_size: int | None
) -> Iterator[Document]:
    """Yield the documents, each read when it is asked for."""
    for source in find_sources(names, include=include):
        yield from source.read(max_size)
