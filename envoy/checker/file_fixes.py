"""The fixes of the documents of files: a file is written as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff

from envoy.checker.sources import Document
from envoy.validation.correction import correct
from envoy.validation.findings import Finding


@dataclass(frozen=True, slots=True)
class FixPolicy:
    """Which fixes are applied, and whether files are written.

    Attributes:
        unsafe: Apply those that are likely, besides those that are certain.
        write: Write the files; if not, the difference alone is of interest.
    """

    unsafe: bool = False
    write: bool = True


@dataclass(frozen=True, slots=True)
class FileFix:
    """What became of the fixes of a document.

    Attributes:
        data: The document as it is in its file now, or would be.
        fixed: How many errors were fixed.
        diff: The difference, if nothing is written.
        problem: Why it cannot be written; empty if it can.
    """

    data: bytes
    fixed: int = 0
    diff: str = ""
    problem: str = ""


def fix_file(document: Document, check: Callable[[bytes], Sequence[Finding]], policy: FixPolicy) -> FileFix:
    """Fix a document, and write its file if the policy says so.

    Args:
        document: The document.
        check: Returns what is wrong with it, with the fixes, and without what stays as it is.
        policy: Which fixes to apply.
    """
    before = document.data or b""
    found = correct(before, check, unsafe=policy.unsafe)
    if found.data == before:
        return FileFix(before)
    if not document.path:
        return FileFix(before, problem="the document is only a part of a file, or of no file")
    if not policy.write:
        return FileFix(found.data, found.fixed.total(), _diff(document.path, before, found.data))
    if problem := replace_file(document.path, before, found.data):
        return FileFix(before, problem=problem)
    return FileFix(found.data, found.fixed.total())


def replace_file(path: str, before: bytes, after: bytes) -> str:
    """Write a file again as a whole, with its mode and attributes; a link still leads to it. Return why it cannot be.

    Args:
        path: The file.
        before: What it has to hold still.
        after: What it is to hold.
    """
    real = os.path.realpath(path)
    try:
        state = os.stat(real)
        if not stat.S_ISREG(state.st_mode):
            return "it is not a regular file"
        if not (state.st_mode & 0o222 and os.access(real, os.W_OK)):
            return "it is not writable"
        if state.st_nlink > 1:
            return "it has more than one name, and would keep the new content under one of them alone"
        descriptor, written = tempfile.mkstemp(prefix=f".{os.path.basename(real)}.", dir=os.path.dirname(real))
        try:
            with open(descriptor, "wb") as file:
                file.write(after)
                file.flush()
                os.fsync(file.fileno())
            if hasattr(os, "chown"):
                with contextlib.suppress(OSError):  # it is that of another user
                    os.chown(written, state.st_uid, state.st_gid)
            shutil.copystat(real, written)
            os.utime(written)
            with open(real, "rb") as file:
                now = file.read(max(len(before), len(after)) + 1)
            if now == before:
                os.replace(written, real)
            elif now != after:  # by another name of it that was given as well
                return "it has changed since it was read"
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(written)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _diff(path: str, before: bytes, after: bytes) -> str:
    """Return the difference of two documents, as ``patch`` reads it."""
    old, new = (data.decode(errors="backslashreplace").split("\n") for data in (before, after))
    old, new = ([*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])] for lines in (old, new))
    lines = unified_diff(old, new, path, path)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
