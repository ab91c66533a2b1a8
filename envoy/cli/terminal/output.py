"""Destination of a report: a file, or standard output."""

from __future__ import annotations

import contextlib
import sys
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from envoy.errors import DestinationError

if TYPE_CHECKING:
    from envoy.bindings.csv_format import CsvFormat


def or_stdout(file: Path | None) -> Path | None:
    """Return the file of ``--output``, None for standard output, which ``-`` means as it does elsewhere."""
    return None if file == Path("-") else file


class Destination:
    """A file, or standard output.

    Attributes:
        is_terminal: Whether somebody reads along. Such a report is written line by line.
        waiting: Lines that a progress bar on the same terminal writes above itself; None if there is no such bar.
    """

    def __init__(self, file: Path | None) -> None:
        """Open it.

        Raises:
            DestinationError: It cannot be written.
        """
        self._file = file
        self._stream: TextIO = sys.stdout
        self._rest = ""
        self.waiting: deque[str] | None = None
        if file is None and sys.stdout is None:
            raise DestinationError("standard output is closed", remedy="--output FILE writes the report there.")
        with self._translate_errors():
            # File names may have octets that are not UTF-8.
            if file is not None:
                self._stream = file.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
        self.is_terminal = file is None and self._stream.isatty()

    def __enter__(self) -> Destination:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._stream.close()

    def write(self, text: str) -> None:
        """Write a part of the report.

        Raises:
            BrokenPipeError: The reader has closed the pipe.
            DestinationError: It cannot be written.
        """
        if self.is_terminal:
            # A progress bar has a line of its own, so what stands above it ends with a line.
            lines, end, self._rest = (self._rest + text).rpartition("\n")
            text = lines + end
        if self.waiting is not None:
            self.waiting.append(text)
        else:
            with self._translate_errors():
                self._stream.write(text)

    def finish(self) -> None:
        """Write what is still buffered.

        Raises:
            BrokenPipeError: The reader has closed the pipe.
            DestinationError: It cannot be written.
        """
        with self._translate_errors():
            self._stream.write(self._rest)
            self._stream.flush()
        self._rest = ""

    @contextlib.contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as error:
            where = "standard output" if self._file is None else str(self._file)
            remedy = "Name a file in a folder that exists." if isinstance(error, FileNotFoundError) else ""
            what = f"cannot be written: {error.strerror or error}"
            raise DestinationError(what, where=where, remedy=remedy) from None


@contextlib.contextmanager
def remove_unless_used(*files: Path) -> Iterator[Callable[[], None]]:
    """Give a function to be called once files are in use; those that are new are removed at the end if it was not.

    Args:
        files: Files that a command makes before it knows whether there is anything for them.
    """
    new = [file for file in files if not file.exists()]
    try:
        yield new.clear
    finally:
        for file in new:
            with contextlib.suppress(OSError):
                file.unlink()


def show_form(name: str | Path, form: CsvFormat) -> None:
    """Say on standard error what is unusual about a CSV file, if anything is."""
    if said := form.describe():
        typer.echo(f"{name}: {said}", err=True)
