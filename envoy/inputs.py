"""Documents as they come to a command: files, folders, URLs, standard input. None is held longer than it is judged.

Finding and reading are apart, so that what is found can be handed to another process, which reads and judges it.
"""

from __future__ import annotations

import fnmatch
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from envoy import remote

STDIN = "-"
"""The name that stands for standard input."""

INCLUDE = ("*.xml",)
"""Files of a folder that are documents unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Input:
    """One document, or the reason why there is none.

    Attributes:
        source: Name of the file.
        data: Its content, or a little more of it than is allowed; None if it could not be read.
        problem: Why it could not be read; empty if it could.
    """

    source: str
    data: bytes | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A place where documents are, found but not read.

    Attributes:
        name: Path or URL of a file, or ``-`` for standard input.
        problem: Why there is nothing to read; empty if there is.
    """

    name: str
    problem: str = ""

    def documents(self, max_size: int | None) -> Iterator[Input]:
        """Read it. What cannot be read is an Input too.

        Args:
            max_size: Largest size in octets; one octet more is read of what is larger. None for no limit.
        """
        if self.problem:
            yield Input(self.name, None, self.problem)
        elif self.name == STDIN:
            yield Input("<stdin>", sys.stdin.buffer.read(-1 if max_size is None else max_size + 1))
        elif remote.is_url(self.name):
            yield _at_url(self.name, max_size)
        else:
            yield _file(Path(self.name), max_size)


def sources(names: Iterable[str], *, include: Iterable[str] = INCLUDE) -> Iterator[Source]:
    """Find files, those of folders and stores, and standard input.

    A folder is searched with all folders in it; links to other folders are not followed, so that none is searched twice
    or for ever. What cannot be searched is a Source with a problem, and the others follow.

    Args:
        names: Files, folders, URLs of them, and ``-`` for standard input.
        include: Patterns of the files of a folder, for the name or for the path below the folder: ``dcap/*.xml``.
    """
    patterns = tuple(include)
    for name in names:
        if remote.is_url(name):
            yield from _store(name, patterns)
        elif name != STDIN and os.path.isdir(name):
            yield from _folder(Path(name), patterns)
        else:
            yield Source(name)


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
        for name in sorted(files):
            path = Path(place, name)
            below = path.relative_to(folder).as_posix()
            if any(fnmatch.fnmatch(name, pattern) or fnmatch.fnmatch(below, pattern) for pattern in patterns):
                found = True
                # A pipe would be waited for; nobody means one by naming its folder.
                regular = not path.exists() or path.is_file()
                yield Source(str(path)) if regular else Source(str(path), "it is not a regular file")
    for problem in problems:
        found = True
        yield Source(str(problem.filename), problem.strerror or str(problem))
    if not found:
        yield Source(str(folder), f"no file in this folder matches {' or '.join(patterns)}")


def _store(url: str, patterns: tuple[str, ...]) -> Iterator[Source]:
    try:
        for found in remote.find(url, patterns):
            yield Source(found)
    except remote.RemoteError as error:
        yield Source(url, error.problem)


def _at_url(url: str, max_size: int | None) -> Input:
    try:
        return Input(url, remote.read(url, max_size))
    except remote.RemoteError as error:
        return Input(url, None, error.problem)


def _file(path: Path, max_size: int | None) -> Input:
    try:
        with path.open("rb") as file:
            return Input(str(path), file.read(-1 if max_size is None else max_size + 1))
    except OSError as error:
        return Input(str(path), None, error.strerror or str(error))
    except ValueError as error:  # a NUL in the name
        return Input(str(path), None, str(error))
