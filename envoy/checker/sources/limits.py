"""Limits that keep an archive from taking all memory or time: every octet that comes out of one is counted."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BLOCK = 1 << 16
_XZ_MEMORY = 128 << 20
"""Octets that a .xz file may make its reader take. The strongest setting of ``xz`` needs 65 MiB."""


class TooMuchError(Exception):
    """An archive in which there is more than is read."""


class Budget:
    """How many octets may still be unpacked."""

    def __init__(self, octets: int) -> None:
        self._most = self._left = octets

    def spend(self, octets: int) -> None:
        """Count octets.

        Raises:
            TooMuchError: There were more than planned.
        """
        self._left -= octets
        if self._left < 0:
            raise TooMuchError(f"it unpacks to more than {self._most} octets")


class Metered(io.RawIOBase):
    """A member of an archive whose octets are counted; it is opened when it is read."""

    def __init__(self, opening: Callable[[], IO[bytes] | None], budget: Budget) -> None:
        self._opening = opening
        self._stream: IO[bytes] | None = None
        self._budget = budget

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read some octets; 0 at the end."""
        view = memoryview(buffer)
        self._stream = self._stream or self._opening()
        block = self._stream.read(len(view)) if self._stream else b""
        self._budget.spend(len(block))
        view[: len(block)] = block
        return len(block)


class Bounded:
    """A file of which at most so much may be read at once: what an archive says of its size may be false."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._most = most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, size: int = -1, /) -> bytes:
        """Read octets.

        Raises:
            TooMuchError: More are asked for than may be read at once.
        """
        if size > self._most:
            raise TooMuchError(f"its directory has more than {self._most} octets")
        return self._file.read(size if size >= 0 else self._most)


class Forward(io.RawIOBase):
    """A stream that a tar archive is read from, from its start to its end, though ``tarfile`` asks it to seek.

    Attributes:
        allowed: Octets that may be read until it is set again; what is skipped does not count.
    """

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self.allowed = 0
        self._stream = stream
        self._budget = budget
        self._position = 0
        self._last = b""
        self._again = False

    def tell(self) -> int:
        """Return the position."""
        return self._position - self._again

    def seek(self, position: int, whence: int = 0, /) -> int:
        """Skip what is before a position, or go back by the one octet that tarfile looks at to see that it is there.

        Raises:
            ValueError: The position is before the present one, which no honest archive asks for.
        """
        if whence or position < self._position - len(self._last):
            raise ValueError("its parts overlap")
        self._again = position < self._position
        while position > self._position and self._take(min(_BLOCK, position - self._position)):
            pass
        return self.tell()

    def read(self, size: int = -1, /) -> bytes:
        """Read octets, fewer only at the end.

        Raises:
            TooMuchError: More are read than is allowed.
        """
        self.allowed -= size
        if size < 0 or self.allowed < 0:
            raise TooMuchError("a member has headers that are larger than any name needs")
        first = self._last if self._again and size else b""
        self._again = self._again and not first
        parts, left = [first], size - len(first)
        while left > 0 and (block := self._take(min(_BLOCK, left))):
            parts.append(block)
            left -= len(block)
        return b"".join(parts)

    def _take(self, size: int) -> bytes:
        block = self._stream.read(size)
        self._budget.spend(len(block))
        self._position += len(block)
        self._last = block[-1:] or self._last
        return block


class _Xz:
    """A .xz file, read with bounded memory, which ``lzma.open`` has no option for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacking = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def read(self, size: int) -> bytes:
        """Read some octets, none at the end."""
        while not self._unpacking.eof:
            packed = self._file.read(_BLOCK) if self._unpacking.needs_input else b""
            if not packed and self._unpacking.needs_input:
                raise EOFError("it ends too early")
            if block := self._unpacking.decompress(packed, size):
                return block
        return b""


def unpacked(file: BinaryIO) -> Any:
    """Return a file without its compression, which is known by how it starts; one without any as it is."""
    start = file.read(6)
    file.seek(0)
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if start.startswith(b"\xfd7zXZ\0"):
        return _Xz(file)
    return file
