"""Files, those of folders and stores, and standard input: found first, read later, each as what kind of file it is."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from envoy.checker.sources import remote
from envoy.checker.sources.document import Input, read_document
from envoy.checker.sources.file_types import (
    HEAD,
    INCLUDE,
    is_archive,
    kind_by_name,
    kind_of,
    matches,
    members_included,
)
from envoy.checker.sources.reading import documents_in

STDIN = "-"
"""The name that stands for standard input."""

_MOST_PIPED = 4 << 30
"""Octets of an archive or a capture from standard input that are kept, in a temporary file: an archive needs one."""

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A place where documents are, found but not read.

    Attributes:
        name: Path or URL of a file, or ``-`` for standard input.
        problem: Why there is nothing to read; empty if there is.
        include: Patterns of the members that are documents, if it is an archive.
    """

    name: str
    problem: str = ""
    include: tuple[str, ...] = INCLUDE

    def __reduce__(self) -> tuple[type[Source], tuple[str, str, tuple[str, ...]]]:
        """Say how to make another one. Many travel to other processes, and what a dataclass does itself is slow."""
        return Source, (self.name, self.problem, self.include)

    def documents(self, max_size: int | None) -> Iterator[Input]:
        """Read it. What cannot be read is an Input too.

        Args:
            max_size: Largest size of a document in octets; one octet more is read of what is larger. None for no limit.
        """
        shown = "<stdin>" if self.name == STDIN else self.name
        try:
            if self.problem:
                yield Input(shown, None, self.problem)
            elif remote.is_url(self.name):
                with remote.open_url(self.name) as file:
                    yield from self._opened(file, shown, max_size)
            elif kind_by_name(self.name) == "xml":
                # Most files are of this kind, and small.
                with open(self.name, "rb", buffering=0) as unbuffered:
                    yield Input(shown, read_document(unbuffered, max_size))
            elif self.name != STDIN:
                with open(self.name, "rb") as file:
                    yield from self._opened(file, shown, max_size)
            elif sys.stdin is None:
                yield Input(shown, None, "it is closed")
            else:
                yield from self._opened(sys.stdin.buffer, shown, max_size)
        except remote.RemoteError as error:
            yield Input(shown, None, error.problem)
        except OSError as error:
            yield Input(shown, None, error.strerror or str(error))
        except ValueError as error:  # a NUL in the name
            yield Input(shown, None, str(error))

    def _opened(self, stream: BinaryIO, shown: str, max_size: int | None) -> Iterator[Input]:
        # A web server that does not tell the length gives a stream that says it can seek, and answers None to it.
        if stream.seekable() and not stream.tell() and stream.seek(0) == 0:
            yield from self._read(stream, stream, shown, max_size)
        else:
            with tempfile.TemporaryFile() as kept:
                yield from self._read(stream, kept, shown, max_size)

    def _read(self, stream: BinaryIO, file: BinaryIO, shown: str, max_size: int | None) -> Iterator[Input]:
        """Read a stream; ``file`` is the same one, or where it is kept if it has to be read from its start again."""
        head = stream.read(HEAD)
        kind = kind_of(remote.file_name(shown), head)
        if kind == "xml":
            # A pipe has no start to go back to.
            yield Input(shown, read_document(stream, max_size, head))
            return
        if file is not stream and not _keep(head, stream, file):
            yield Input(shown, None, f"it has more than {_MOST_PIPED} octets", "too-large")
            return
        file.seek(0)
        if is_archive(kind):
            from envoy.checker.sources import archives

            yield from archives.documents(file, shown, kind, self.include, max_size)
        else:
            yield from documents_in(file, shown, kind, max_size)


def sources(names: Iterable[str], *, include: Iterable[str] = INCLUDE) -> Iterator[Source]:
    """Find files, those of folders and stores, and standard input.

    A folder is searched with all folders in it; links to other folders are not followed, so that none is searched twice
    or for ever. What cannot be searched is a Source with a problem, and the others follow.

    Args:
        names: Files, folders, URLs of them, and ``-`` for standard input.
        include: Patterns of the files of a folder or archive, for the name or for the path below it: ``dcap/*.xml``.
            A pattern that means an archive in a folder chooses the archive; the others choose its members.
    """
    patterns = tuple(include)
    for name in names:
        if remote.is_url(name):
            yield from _store(name, patterns)
        elif name != STDIN and os.path.isdir(name):
            yield from _folder(Path(name), patterns)
        else:
            yield Source(name, include=patterns)


def documents(names: Iterable[str], *, include: Iterable[str] = INCLUDE, max_size: int | None) -> Iterator[Input]:
    """Yield the documents of ``sources``, each read when it is asked for."""
    for source in sources(names, include=include):
        yield from source.documents(max_size)


def _folder(folder: Path, patterns: tuple[str, ...]) -> Iterator[Source]:
    problems: list[OSError] = []
    found = False
    for place, folders, files in os.walk(folder, onerror=problems.append):
        folders.sort()
        for problem in problems:
            found = True
            yield Source(str(problem.filename), problem.strerror or str(problem))
        problems.clear()
        # There may be very many files, and few folders.
        parent = Path(place)
        beginning = "" if parent == Path() else os.path.join(parent, "")
        above = "" if parent == folder else f"{parent.relative_to(folder).as_posix()}/"
        for name in sorted(files):
            path, below = beginning + name, above + name
            if matches(below, patterns):
                found = True
                # A pipe would be waited for; nobody means one by naming its folder.
                regular = os.path.isfile(path) or not os.path.exists(path)
                problem_of_it = "" if regular else "it is not a regular file"
                yield Source(path, problem_of_it, members_included(below, patterns))
    for problem in problems:
        found = True
        yield Source(str(problem.filename), problem.strerror or str(problem))
    if not found:
        yield Source(str(folder), f"no file in this folder matches {' or '.join(patterns)}")


def _store(url: str, patterns: tuple[str, ...]) -> Iterator[Source]:
    try:
        for found, below in remote.find(url, patterns):
            yield Source(found, include=members_included(below, patterns) if below else patterns)
    except remote.RemoteError as error:
        yield Source(url, error.problem)


def _keep(head: bytes, stream: BinaryIO, file: BinaryIO) -> bool:
    """Copy a stream into a file; return whether it was not too large."""
    size, block = 0, head
    while block:
        size += len(block)
        if size > _MOST_PIPED:
            return False
        file.write(block)
        block = stream.read(_BLOCK)
    return True
