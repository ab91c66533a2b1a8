"""Reader of a file that grows, as a logger writes it: ``envoy post-readings --follow``."""

from __future__ import annotations

import contextlib
import csv
import os
import queue
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import typer

from envoy.bindings.csv_format import CsvFormat
from envoy.cli.terminal.output import show_form
from envoy.errors import EnvoyError, ReadingsError, SpoolFullError

if TYPE_CHECKING:
    from envoy.metering import Mirror, Spool
    from envoy.metering.csv_import import Table
    from envoy.metering.reading import Entry

STDIN = "-"
"""Name that stands for standard input."""

RETRY = 30.0
"""Seconds before a failed post is retried."""

_LOOK = 0.5
"""Seconds between two looks at a file for new lines."""

_LINGER = 5.0
"""Seconds without a new line after which a file that was replaced by another is left."""

_BEGINNING = ""
"""Mark among the lines where a file begins."""

_AHEAD = 10_000
"""Lines to read ahead; beyond them the writer of our standard input waits."""


def follow(name: str, mirrors: list[Mirror], spool: Spool, post: Callable[[], float], form: CsvFormat) -> None:
    """Take the rows of a CSV file or of standard input as they come, and post them.

    A row with an error is reported and skipped. The end of standard input ends it once all is posted; a
    file has no end.

    Args:
        name: The file, which is only ever appended to, or replaced by another; ``-`` for standard input.
        mirrors: Whose channels it may name.
        spool: Where the readings go.
        post: Posts what the spool holds, and returns after how many seconds to call it again if something is left.
        form: What separates the columns, and how numbers look.
    """
    lines = _Lines(name)
    rows = _Rows(name, mirrors, form)
    next_post = 0.0
    while not lines.ended or spool.counts().waiting:
        waiting = spool.counts().waiting > 0
        pause = max(0.0, next_post - time.monotonic()) if waiting else None
        _put([part for line in lines.take(pause) for part in rows.read(line)], spool, post)
        if time.monotonic() >= next_post and spool.counts().waiting:
            next_post = time.monotonic() + post()


def _put(parts: list[tuple[Mirror, Entry]], spool: Spool, post: Callable[[], float]) -> None:
    """Put readings into the spool. While there is no room, none is read ahead and what is there is posted."""
    amount = len(parts)
    while parts:
        try:
            spool.put_entries(parts[:amount])
            parts = parts[amount:]
        except SpoolFullError as error:
            if amount > 1:
                amount //= 2
                continue
            typer.echo(f"{error.what}; {len(parts)} rows wait for room", err=True)
            time.sleep(min(max(post(), _LOOK), RETRY))


class _Rows:
    def __init__(self, name: str, mirrors: list[Mirror], form: CsvFormat) -> None:
        self._format = form
        self._name = "<stdin>" if name == STDIN else name
        self._mirrors = mirrors
        self._number = 0
        self._table: Table | None = None

    def read(self, line: str) -> list[tuple[Mirror, Entry]]:
        from envoy.metering.csv_import import Table  # deferred: --help does not need it

        if line == _BEGINNING:
            if self._number:
                typer.echo(f"{self._name}: another file has replaced it, and is read from its beginning", err=True)
            self._number, self._table = 0, None
            return []
        self._number += 1
        mark = self._format.find(line)
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True, delimiter=mark), [])]
            if not cells:
                return []
            if self._table is None:
                self._table = Table(cells, self._mirrors, self._format)
                show_form(self._name, self._format)
                return []
            return self._table.row(cells)
        except (ReadingsError, csv.Error) as error:
            what = error.what if isinstance(error, ReadingsError) else f"not CSV: {error}"
            if self._table is None:
                raise ReadingsError(
                    f"line {self._number}: {what}", where=self._name, remedy="The first line names the columns."
                ) from None
            typer.echo(f"{self._name}, line {self._number}: {what}; it was skipped", err=True)
            return []


class _Lines:
    """The lines of a file or of standard input, read in a thread of their own."""

    def __init__(self, name: str) -> None:
        self.ended = False
        self._lines: queue.Queue[str | EnvoyError | None] = queue.Queue(_AHEAD)
        threading.Thread(target=self._read, args=(name,), daemon=True).start()

    def _read(self, name: str) -> None:
        try:
            for line in map(_decode, sys.stdin.buffer) if name == STDIN else _read_appended(name):
                self._lines.put(line)
            self._lines.put(None)
        except OSError as error:
            self._lines.put(EnvoyError(f"cannot be read: {error.strerror}", where=name, remedy="Give a CSV file."))

    def take(self, timeout: float | None) -> list[str]:
        """Return the lines that there are; wait for the first at most these seconds, None for ever.

        Raises:
            EnvoyError: The file cannot be read.
        """
        if self.ended:
            time.sleep(timeout or 0.0)
            return []
        found: list[str] = []
        try:
            item = self._lines.get(timeout=timeout)
            while True:
                if isinstance(item, EnvoyError):
                    raise item
                if item is None:
                    self.ended = True
                    return found
                found.append(item)
                item = self._lines.get_nowait()
        except queue.Empty:
            return found


def _read_appended(name: str) -> Iterator[str]:
    """Give the lines of a file as they are written, and those of each file that replaces it."""
    file: BinaryIO = open(name, "rb")  # noqa: SIM115
    while True:
        with file:
            yield _BEGINNING
            yield from _read_until_replaced(file, name)
        file = _open_next(name)


def _open_next(name: str) -> BinaryIO:
    while True:
        with contextlib.suppress(FileNotFoundError):  # it was taken away again since it was seen
            return open(name, "rb")
        time.sleep(_LOOK)


def _read_until_replaced(file: BinaryIO, name: str) -> Iterator[str]:
    line = b""
    position = 0
    quiet = 0.0
    while True:
        line += file.readline()
        # A line without its end is still being written.
        if line.endswith(b"\n"):
            position += len(line)
            yield _decode(line)
            line, quiet = b"", 0.0
        elif quiet > _LINGER or _is_cut_off(file, position + len(line)):
            if line:
                # Half a number would be another number.
                typer.echo(f"{name}: the last line of the file before has no end; it was skipped", err=True)
            return
        else:
            # The writer goes on for a while in a file that was renamed, until it notices.
            quiet = quiet + _LOOK if _has_successor(file, name) else 0.0
            time.sleep(_LOOK)


def _is_cut_off(file: BinaryIO, position: int) -> bool:
    """Whether a file has less than what was read of it."""
    own = os.fstat(file.fileno())
    return stat.S_ISREG(own.st_mode) and own.st_size < position


def _has_successor(file: BinaryIO, name: str) -> bool:
    """Whether another file has the name."""
    try:
        return not os.path.samestat(os.stat(name), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False  # the next one is still to be made


def _decode(line: bytes) -> str:
    # What is not UTF-8 makes the row a wrong one.
    return line.decode("utf-8-sig", "surrogateescape")
