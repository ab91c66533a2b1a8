"""Patterns of files: which files of a folder or archive are meant, by name or by path."""

from __future__ import annotations

import fnmatch
import os
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Self

INCLUDE = ("*.xml",)
"""Files of a folder or archive that are documents unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Project:
    """The folders from which paths are taken that patterns are compared with.

    Where somebody keeps them is nothing that a pattern means: ``build`` is a folder of the project, and not one above.

    Attributes:
        here: The working directory, which names of files start in.
        folders: Folders of the project, such as that of its configuration. The first that a file is in counts.
    """

    here: str
    folders: tuple[str, ...]

    @classmethod
    def of(cls, *folders: str | os.PathLike[str]) -> Self:
        """Return the project in some folders, or else in the working directory."""
        here = os.getcwd()
        return cls(here, (*map(os.path.abspath, folders), here))

    def path_of(self, name: str) -> str:
        """Return the path of a file or folder in the project; nothing if it is elsewhere, or is all of the project."""
        path = os.path.normpath(os.path.join(self.here, name))
        for folder in self.folders:
            if path.startswith(os.path.join(folder, "")):
                return path[len(os.path.join(folder, "")) :].replace(os.sep, "/")
        return ""


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file is meant by one of some patterns, by its name or by its path in the folder or archive.

    Upper and lower case are the same: a name in capitals, as some systems write them, is not another kind of file.
    """
    expression = _expression(patterns)
    path = os.path.normcase(path)
    return expression.match(path) is not None or expression.match(os.path.basename(path)) is not None


def matches_part(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of some patterns means a file, a folder that it is in, or the end of a path to one of them.

    So ``old`` means all that is in any folder ``old``, and ``old/*.xml`` the XML files there. An archive is a folder of
    its members: ``payloads.zip!dcap/1.xml``.
    """
    return bool(patterns) and _expression_of_part(patterns).match(path.replace(os.sep, "/")) is not None


@cache
def _expression(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return what matches what any of the patterns does."""
    # ``**/`` is any folder or none, as elsewhere.
    meant = [each for pattern in patterns for each in dict.fromkeys((pattern, pattern.removeprefix("**/")))]
    return re.compile("|".join(map(_translate, meant)) or r"(?!)", re.IGNORECASE)


@cache
def _expression_of_part(patterns: tuple[str, ...]) -> re.Pattern[str]:
    meant = (pattern.replace(os.sep, "/").removeprefix("./").removeprefix("**/").rstrip("/") for pattern in patterns)
    parts = (f"{up}{each}{down}" for each in meant if each for up in ("", "*[/!]") for down in ("", "[/!]*"))
    return re.compile("|".join(map(fnmatch.translate, parts)) or r"(?!)", re.IGNORECASE)


def _translate(pattern: str) -> str:
    return fnmatch.translate(os.path.normcase(pattern))


def select_members(path: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the patterns for the members of an archive that was found in a folder by some patterns.

    Those that mean the archive have done their work; without others its members are what they are by default.
    """
    if patterns == INCLUDE:
        return INCLUDE
    return tuple(pattern for pattern in patterns if not matches(path, (pattern,))) or INCLUDE
