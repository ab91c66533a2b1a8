"""Reader of archives: .zip, and .tar with or without compression.

One member at a time is read, and of each no more than allowed. An archive may be made to harm. What is read at once,
how many members there are, and how much they are in all is limited, whatever the archive says about itself. Names of
members are shown and never used as paths.
"""

from __future__ import annotations

import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from envoy.checker.sources.document import Document, short
from envoy.checker.sources.file_reader import read_by_type
from envoy.checker.sources.file_types import HEAD, FileType, detect_file_type, is_archive
from envoy.checker.sources.limits import Bounded, Budget, Forward, Metered, TooMuchError, unpacked
from envoy.checker.sources.patterns import matches, matches_part

if TYPE_CHECKING:
    from typing import Self

MAX_MEMBERS = 100_000
"""Members of an archive that are looked at."""

MAX_UNPACKED = 4 << 30
"""Octets that are unpacked from one archive."""

_HEADERS = 1 << 20
"""Octets of the headers of one member of a tar archive."""

_DIRECTORY = 16 << 20
"""Octets of the directory of a ZIP archive."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compression of members. The others, which hardly any ZIP archive has, unpack more at once than was asked for."""

_DAMAGED = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error,
    EOFError, OSError, ValueError, ArithmeticError, RuntimeError, LookupError,
)  # fmt: skip
"""What the readers of archives raise when an archive is not what it says."""

_NO_FILE = "it is a link or a device in the archive, not a file"


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive: what to read it from, or why it cannot be read."""

    name: str
    content: io.BufferedReader[Metered] | None
    problem: str = ""


def read_documents(
    file: BinaryIO,
    source: str,
    kind: FileType,
    include: tuple[str, ...],
    max_size: int | None,
    *,
    exclude: tuple[str, ...] = (),
) -> Iterator[Document]:
    """Yield the documents in an archive. Archives in it are reported and not opened.

    Args:
        file: The archive.
        source: Its name.
        kind: ``zip`` or ``tar``.
        include: Patterns of the members that are documents, for the name or the path.
        max_size: Largest size of a document in octets; None for no limit.
        exclude: Patterns of those that are left out.
    """
    found = False
    members = _zip(file, Budget(MAX_UNPACKED)) if kind == "zip" else _tar(file, Budget(MAX_UNPACKED))
    try:
        for number, member in enumerate(members):
            if number == MAX_MEMBERS:
                raise TooMuchError(f"it has more than {MAX_MEMBERS} members")
            name = member.name.removeprefix("./")
            if matches(name, include):
                found = True
                if matches_part(name, exclude):
                    continue
                for document in _member(member, f"{source}!{short(name)}", max_size):
                    yield replace(document, archive=source)
    except TooMuchError as error:
        yield Document(source, None, f"{error}, the rest was not read: unpack it first", "too-large")
    except _DAMAGED as error:
        yield Document(source, None, f"the archive is damaged{_words(error)}", "damaged")
    else:
        if not found:
            yield Document(source, None, f"no file in this archive matches {' or '.join(include)}")


def _member(member: _Member, source: str, max_size: int | None) -> Iterator[Document]:
    if member.content is None:
        yield Document(source, None, member.problem)
        return
    try:
        kind = detect_file_type(member.name, member.content.peek(HEAD)[:HEAD])
        if is_archive(kind):
            yield Document(source, None, "it is an archive in an archive: unpack the outer one first")
        else:
            yield from read_by_type(member.content, source, kind, max_size)
    except _DAMAGED as error:
        yield Document(source, None, f"this member of the archive is damaged{_words(error)}", "damaged")


def _zip(file: BinaryIO, budget: Budget) -> Iterator[_Member]:
    with zipfile.ZipFile(Bounded(file, _DIRECTORY)) as archive:
        for info in archive.infolist():
            type_of_file = stat.S_IFMT(info.external_attr >> 16)
            if info.is_dir():
                continue
            if info.flag_bits & 1:
                yield _Member(info.filename, None, "it is encrypted: unpack the archive first")
            elif type_of_file not in (0, stat.S_IFREG):
                yield _Member(info.filename, None, _NO_FILE)
            elif info.compress_type not in _METHODS:
                what = f"it is compressed by method {info.compress_type}: unpack the archive first"
                yield _Member(info.filename, None, what)
            else:
                with io.BufferedReader(Metered(partial(archive.open, info), budget)) as content:
                    yield _Member(info.filename, content)


def _tar(file: BinaryIO, budget: Budget) -> Iterator[_Member]:
    stream = Forward(unpacked(file), budget)
    stream.allowed = _HEADERS
    try:
        opened = tarfile.TarFile(fileobj=stream, tarinfo=_Header)
    except ValueError:
        what = "there is no tar archive in it; if it is one document that is packed, unpack it first"
        raise tarfile.ReadError(what) from None
    with opened as archive:
        while (info := archive.next()) is not None:
            # tarfile keeps what it has read, for a look at it later.
            archive.members.clear()  # type: ignore[attr-defined]
            archive.pax_headers = {}
            if info.isfile() and not info.issparse():
                stream.allowed = info.size
                with io.BufferedReader(Metered(partial(archive.extractfile, info), Budget(info.size))) as content:
                    yield _Member(info.name, content)
            elif not info.isdir():
                yield _Member(info.name, None, _NO_FILE)
            stream.allowed = _HEADERS


class _Header(tarfile.TarInfo):
    """A header that is an error if it is damaged; tarfile takes a damaged one for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.count(0) == tarfile.BLOCKSIZE:
                raise  # the end of the archive
            raise ValueError(str(error) if len(buf) == tarfile.BLOCKSIZE else "it ends too early") from None


def _words(error: BaseException) -> str:
    """Return what an error says, as the end of a sentence."""
    text = short(" ".join(str(error).split()))
    return f": {text}" if text else ""
