"""Types of files, known by the end of the name; where that says nothing, by the start of the content."""

from __future__ import annotations

import fnmatch
import os
import re
from functools import cache
from typing import Literal

FileType = Literal["xml", "har", "http", "zip", "tar"]

INCLUDE = ("*.xml",)
"""Files of a folder or archive that are documents unless the caller says otherwise."""

HEAD = 512
"""Octets of a file that its type is known by."""

_BY_NAME: dict[str, FileType] = {".xml": "xml", ".har": "har", ".http": "http", ".rest": "http"}
_ZIP = (".zip",)
_TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_BY_START: tuple[tuple[bytes, int, FileType], ...] = (
    (b"PK\x03\x04", 0, "zip"),
    (b"PK\x05\x06", 0, "zip"),
    (b"\x1f\x8b", 0, "tar"),
    (b"BZh", 0, "tar"),
    (b"\xfd7zXZ\0", 0, "tar"),
    (b"ustar", 257, "tar"),
)
_BOM = b"\xef\xbb\xbf"


def look_up_file_type(name: str) -> FileType | None:
    """Return the type of a file if its name alone says it."""
    return _BY_NAME.get(name[name.rfind(".") :].lower())


def detect_file_type(name: str, head: bytes) -> FileType:
    """Return the type of a file. An archive is known by its start, whatever archive its name says it is.

    Args:
        name: Its name, or what is shown instead of one.
        head: Its first octets.
    """
    if named := look_up_file_type(name):
        return named
    for start, offset, kind in _BY_START:
        if head.startswith(start, offset):
            return kind
    lower = name.lower()
    if lower.endswith(_ZIP + _TAR):
        return "zip" if lower.endswith(_ZIP) else "tar"
    # A pipe has no name that could say what it is. Other JSON is reported as not XML.
    nameless = "." not in lower.rpartition("/")[2]
    return "har" if nameless and head.removeprefix(_BOM).lstrip().startswith(b"{") else "xml"


def is_archive(kind: FileType) -> bool:
    """Whether files of a kind hold files."""
    return kind in ("zip", "tar")


def matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether a file is meant by one of some patterns, by its name or by its path in the folder or archive.

    Upper and lower case are the same: a name in capitals, as some systems write them, is no other kind of file.
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


def skipped_kind(name: str) -> str:
    """Return the end of the name, such as ``.har``, if the file is not XML and may hold documents; nothing if not."""
    lower = name.lower()
    if look_up_file_type(name) not in (None, "xml"):
        return lower[lower.rfind(".") :]
    return next((end for end in _ZIP + _TAR if lower.endswith(end)), "")


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
