"""Content encodings of responses: bodies are unpacked as they come, to a limit, and have to be whole."""

from __future__ import annotations

import zlib

import httpx

_WINDOW = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}

ENCODINGS = ("gzip", "deflate")
"""Content encodings that are offered in ``Accept-Encoding``; neither makes much more than a thousand octets of one."""

KNOWN = frozenset(_WINDOW)
"""Those that are read; ``x-gzip`` is an old name of ``gzip`` (RFC 9110, 8.4.1.3)."""


class Unpacking:
    """The unpacking of one body.

    Args:
        encoding: One of KNOWN.
    """

    def __init__(self, encoding: str) -> None:
        self._window = _WINDOW[encoding]
        self._inflate = zlib.decompressobj(self._window)
        self._started = False

    def unpack(self, packed: bytes, limit: int) -> bytes:
        """Return what the next part of the body is, at most ``limit`` octets of it.

        Raises:
            httpx.DecodingError: It is not of this encoding.
        """
        found = b""
        while packed and len(found) < limit:
            if self._inflate.eof:
                self._begin_member()
            found += self._inflate_next(packed, limit - len(found))
            packed = self._inflate.unused_data
        return found

    def _begin_member(self) -> None:
        # A gzip file is a series of members (RFC 1952, 2.2).
        if self._window != _WINDOW["gzip"]:
            raise httpx.DecodingError("there is more behind its end")
        self._inflate = zlib.decompressobj(self._window)

    def _inflate_next(self, packed: bytes, limit: int) -> bytes:
        try:
            found = self._inflate.decompress(packed, limit)
        except zlib.error as error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise httpx.DecodingError(str(error)) from error
            # Some servers leave out the head and the checksum that "deflate" has (RFC 9110, 8.4.1.2).
            self._window = -zlib.MAX_WBITS
            self._inflate = zlib.decompressobj(self._window)
            return self._inflate_next(packed, limit)
        self._started = True
        return found

    def finish(self) -> None:
        """Check that the body is whole.

        Raises:
            httpx.DecodingError: Something is missing at its end.
        """
        if self._started and not self._inflate.eof:
            raise httpx.DecodingError("it breaks off before its end")
