"""Types of files, known by the end of the name; where that says nothing, by the start of the content."""

from __future__ import annotations

from typing import Literal

FileType = Literal["xml", "har", "http", "zip", "tar"]

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


def skipped_kind(name: str) -> str:
    """Return the end of the name, such as ``.har``, if the file is not XML and may hold documents; nothing if not."""
    lower = name.lower()
    if look_up_file_type(name) not in (None, "xml"):
        return lower[lower.rfind(".") :]
    return next((end for end in _ZIP + _TAR if lower.endswith(end)), "")
