"""Lines to standard output by a thread of their own, so that a reader who pauses or a full disk delays no control.

The thread makes them too, of whatever it is given, so that thousands at a moment delay no control either.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TextIO, TypeVar

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

AHEAD = 10_000
"""Lines that wait for a reader at most; further ones are lost, and counted."""

CLOSING_SECONDS = 5.0
"""Seconds that it is waited at the end for a reader who does not read."""


class LineWriter(Generic[T]):
    """Writes lines to standard output. Nothing of it waits, but ``close``.

    Args:
        make_lines: Returns the lines of some of what was given, in its order.
        describe_lost: Returns the line that says how many were lost.
        on_broken: Called once if whoever reads has gone.
        together: Seconds within which what is given goes to ``make_lines`` at once; 0 for each by itself.
        ahead: How much waits for a reader at most; the rest is lost, and counted.

    Attributes:
        broken: Whoever reads has gone.
    """

    def __init__(
        self,
        make_lines: Callable[[Sequence[T]], Iterable[str]],
        describe_lost: Callable[[int], str],
        on_broken: Callable[[], None],
        *,
        together: float = 0.0,
        ahead: int = AHEAD,
    ) -> None:
        self.broken = False
        self._make_lines = make_lines
        self._describe_lost = describe_lost
        self._on_broken = on_broken
        self._together = together
        self._lost = 0
        self._items: queue.Queue[T | None] = queue.Queue(ahead)
        self._thread = threading.Thread(target=self._run, args=(sys.stdout,), name="lines", daemon=True)

    def write(self, item: T) -> None:
        """Have the lines of something written. One thread at a time may call it."""
        if self._thread.ident is None:
            self._thread.start()
        try:
            self._items.put_nowait(item)
        except queue.Full:
            self._lost += 1

    def close(self) -> None:
        """Wait until all is written, for some seconds at most. It may be closed twice."""
        if self._thread.is_alive():
            try:
                self._items.put(None, timeout=CLOSING_SECONDS)
            except queue.Full:
                return
            self._thread.join(CLOSING_SECONDS)

    def _run(self, stream: TextIO | None) -> None:
        ended = False
        while not ended:
            items, ended = self._collect()
            if stream is None or self.broken or not items:
                continue
            try:
                lines = [f"{line}\n" for line in self._make_lines(items)]
            except Exception:  # what cannot be shown is not to end what can
                _LOG.exception("something cannot be shown")
                continue
            for line in lines:
                self._write_line(stream, line)

    def _collect(self) -> tuple[list[T], bool]:
        """Wait for something, and return it with what comes within the time, and whether that is the last."""
        item = self._items.get()
        items, end = [], time.monotonic() + self._together
        while item is not None:
            items.append(item)
            left = end - time.monotonic()
            if left <= 0:
                break
            try:
                item = self._items.get(timeout=left)
            except queue.Empty:
                break
        return items, item is None

    def _write_line(self, stream: TextIO, line: str) -> None:
        if self.broken:
            return
        lost, self._lost = self._lost, 0
        try:
            _write(stream, f"{self._describe_lost(lost)}\n{line}" if lost else line)
        except BrokenPipeError:
            self.broken = True
            self._on_broken()
        except OSError:
            self._lost += lost + 1


def _write(stream: TextIO, text: str) -> None:
    try:
        descriptor = stream.fileno()
    except OSError:
        stream.write(text)
        return
    # Not by way of the stream, which would keep what cannot be written, and fail again with it at the end.
    rest = text.encode(stream.encoding, "backslashreplace")
    while rest:
        rest = rest[os.write(descriptor, rest) :]
