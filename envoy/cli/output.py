"""Where a report goes: a file, or standard output. What goes wrong there is told as an error, once."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from types import TracebackType
from typing import TextIO

from envoy.errors import EnvoyError


class DestinationError(EnvoyError):
    """A report cannot be written."""


class Destination:
    """A file, or standard output."""

    def __init__(self, file: Path | None) -> None:
        """Open it.

        Raises:
            DestinationError: It cannot be written.
        """
        self._file = file
        self._stream: TextIO
        if file is None:
            if sys.stdout is None:
                raise DestinationError("standard output is closed", remedy="--output FILE writes the report there.")
            self._stream = sys.stdout
            return
        try:
            # File names may have octets that are not UTF-8.
            self._stream = file.open("w", encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise self._error(error) from None

    @property
    def is_terminal(self) -> bool:
        """Whether someone reads along."""
        return self._file is None and self._stream.isatty()

    def __enter__(self) -> Destination:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._stream.close()

    def write(self, text: str) -> None:
        """Write a part of the report.

        Raises:
            BrokenPipeError: Whoever reads it has seen enough.
            DestinationError: It cannot be written.
        """
        try:
            self._stream.write(text)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._error(error) from None

    def finish(self) -> None:
        """See that all of it is written.

        Raises:
            BrokenPipeError: Whoever reads it has seen enough.
            DestinationError: It cannot be written.
        """
        try:
            self._stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise self._error(error) from None

    def _error(self, error: OSError) -> DestinationError:
        where = "standard output" if self._file is None else str(self._file)
        return DestinationError(f"cannot be written: {error.strerror or error}", where=where)
