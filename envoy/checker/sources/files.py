"""Finder and reader of files, those of folders and stores, and standard input; each is read by its type."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import BinaryIO

from envoy.checker.sources import remote
from envoy.checker.sources.document import Document, read_document
from envoy.checker.sources.file_types import HEAD, detect_file_type, is_archive, look_up_file_type, skipped_kind
from envoy.checker.sources.patterns import INCLUDE, Project, matches, matches_part, select_members
from envoy.errors import RemoteError

STDIN = "-"
"""The name that stands for standard input."""

_MOST_PIPED = 4 << 30
"""Octets of an archive or a capture from standard input that are kept, in a temporary file: an archive needs one."""

_BLOCK = 1 << 20

_PIECE = 1 << 16
"""Octets that are read of a document at once. Most have fewer."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A place where documents are, found but not read.

    Attributes:
        name: Path or URL of a file, or ``-`` for standard input.
        problem: Why there is nothing to read; empty if there is.
        include: Patterns of the members that are documents, if it is an archive.
        exclude: Patterns of those that are not.
    """

    name: str
    problem: str = ""
    include: tuple[str, ...] = INCLUDE
    exclude: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type[FileSource], tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
        """Say how to make another one. Many travel to other processes, and what a dataclass does itself is slow."""
        return FileSource, (self.name, self.problem, self.include, self.exclude)

    def read(self, max_size: int | None) -> Iterator[Document]:
        """Read it. What cannot be read is a Document too.

        Args:
            max_size: Largest size of a document in octets; one octet more is read of what is larger. None for no limit.
        """
        shown = "<stdin>" if self.name == STDIN else self.name
        try:
            if self.problem:
                yield Document(shown, None, self.problem)
            elif remote.is_url(self.name):
                with remote.open_url(self.name) as file:
                    yield from self._read_opened(file, shown, max_size)
            elif look_up_file_type(self.name) == "xml":
                yield Document(shown, _read_file(self.name, max_size), path=self.name)
            elif self.name != STDIN:
                with open(self.name, "rb") as file:
                    yield from self._read_opened(file, shown, max_size)
            elif sys.stdin is None:
                yield Document(shown, None, "it is closed")
            else:
                yield from self._read_opened(sys.stdin.buffer, shown, max_size)
        except RemoteError as error:
            yield Document(shown, None, error.problem)
        except (OSError, ValueError) as error:  # the latter for a NUL in the name
            yield Document(shown, None, getattr(error, "strerror", None) or str(error))

    def _read_opened(self, stream: BinaryIO, shown: str, max_size: int | None) -> Iterator[Document]:
        # If a web server does not send the length, the stream says that it can seek, and returns None for it.
        if stream.seekable() and not stream.tell() and stream.seek(0) == 0:
            yield from self._read_stream(stream, stream, shown, max_size)
        else:
            import tempfile  # deferred: hardly anything comes through a pipe

            with tempfile.TemporaryFile() as kept:
                yield from self._read_stream(stream, kept, shown, max_size)

    def _read_stream(self, stream: BinaryIO, file: BinaryIO, shown: str, max_size: int | None) -> Iterator[Document]:
        """Read a stream; ``file`` is the same one, or where it is kept if it has to be read from its start again."""
        head = stream.read(HEAD)
        kind = detect_file_type(remote.file_name(shown), head)
        if kind == "xml":
            # A pipe has no start to go back to.
            path = "" if self.name == STDIN or remote.is_url(self.name) else self.name
            yield Document(shown, read_document(stream, max_size, head), path=path)
            return
        if file is not stream and not _keep(head, stream, file):
            yield Document(shown, None, f"it has more than {_MOST_PIPED} octets", "too-large")
            return
        file.seek(0)
        if is_archive(kind):
            from envoy.checker.sources import archives

            yield from archives.read_documents(file, shown, kind, self.include, max_size, exclude=self.exclude)
        else:
            from envoy.checker.sources.file_reader import read_by_type  # deferred: most files are XML

            yield from read_by_type(file, shown, kind, max_size)


def find_sources(
    names: Iterable[str],
    *,
    include: Iterable[str] = INCLUDE,
    exclude: Iterable[str] = (),
    force_exclude: bool = False,
    project: Project | None = None,
    skipped: dict[str, int] | None = None,
) -> Iterator[FileSource]:
    """Find files, those of folders and stores, and standard input.

    A folder is searched with all folders in it; links to other folders are not followed, so that none is searched twice
    or for ever. What cannot be searched is a FileSource with a problem, and the others follow.

    Args:
        names: Files, folders, URLs of them, and ``-`` for standard input.
        include: Patterns of the files of a folder or archive, for the name or for the path below it: ``dcap/*.xml``.
            A pattern that means an archive in a folder chooses the archive; the others choose its members.
        exclude: Patterns of files and folders that are left out, for any part of the path.
        force_exclude: Leave them out even if they are named.
        project: Where the paths start that ``exclude`` is for; None for the working directory.
        skipped: Counts the files of folders that may hold documents and are not taken, by the ends of their names.
    """
    patterns, excluded = tuple(include), tuple(exclude)
    project = project or Project.of()

    def note_other(path: str) -> None:
        # Who says what to include knows what else is there.
        kind = skipped_kind(path) if skipped is not None and patterns == INCLUDE else ""
        if skipped is not None and kind and not matches_part(path, excluded):
            skipped[kind] = skipped.get(kind, 0) + 1

    for name in names:
        if force_exclude and name != STDIN and matches_part(project.path_of(name) or name, excluded):
            continue
        if remote.is_url(name):
            yield from _store(name, patterns, excluded, note_other)
        elif name != STDIN and os.path.isdir(name):
            yield from _folder(Path(name), patterns, excluded, project, note_other)
        else:
            yield FileSource(name, include=patterns, exclude=excluded)


def _folder(
    folder: Path,
    patterns: tuple[str, ...],
    excluded: tuple[str, ...],
    project: Project,
    note_other: Callable[[str], None],
) -> Iterator[FileSource]:
    root = project.path_of(str(folder))
    root = f"{root}/" if root else ""
    start = "" if folder == Path() else os.path.join(folder, "")
    found = 0
    left = [(os.fspath(folder), "")]
    while left:
        place, above = left.pop()
        try:
            with os.scandir(place) as listed:
                entries = sorted(listed, key=attrgetter("name"))
        except OSError as error:
            found += 1
            yield FileSource(str(error.filename), error.strerror or str(error))
            continue
        folders = []
        beginning = start + above.replace("/", os.sep)
        for entry in entries:
            name = entry.name
            # Without a folder a dash would stand for standard input.
            path, below = beginning + name if name != STDIN else os.path.join(place, name), above + name
            regular = entry.is_file(follow_symlinks=False)  # most are, and this asks the system for nothing
            if excluded and matches_part(root + below, excluded):
                continue
            if not regular and os.path.isdir(path):
                if not entry.is_symlink():
                    folders.append((os.path.join(place, name), f"{below}/"))
            elif matches(below, patterns):
                found += 1
                # A pipe would be waited for; nobody means one by naming its folder.
                regular = regular or os.path.isfile(path) or not os.path.exists(path)
                problem = "" if regular else "it is not a regular file"
                yield FileSource(path, problem, select_members(below, patterns), excluded)
            else:
                note_other(below)
        left += reversed(folders)
    if not found:
        also = " without being excluded" if excluded else ""
        yield FileSource(str(folder), f"no file in this folder matches {' or '.join(patterns)}{also}")


def _store(
    url: str, patterns: tuple[str, ...], excluded: tuple[str, ...], note_other: Callable[[str], None]
) -> Iterator[FileSource]:
    try:
        for found, below in remote.find(url, patterns, note_other):
            if not (below and matches_part(below, excluded)):
                yield FileSource(found, "", select_members(below, patterns) if below else patterns, excluded)
    except RemoteError as error:
        yield FileSource(url, error.problem)


def _read_file(name: str, max_size: int | None) -> bytes:
    """Return a document that is a file, as ``read_document`` does. Most files are one, and small."""
    descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        blocks: list[bytes] = []
        left = max_size + 1 if max_size is not None else sys.maxsize
        while left and (block := os.read(descriptor, min(left, _PIECE))):
            blocks.append(block)
            left -= len(block)
        return b"".join(blocks)
    finally:
        os.close(descriptor)


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
