"""Lines to standard output by a thread of their own, so that a reader who pauses or a full disk delays no control."""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import TextIO

AHEAD = 10_000
"""Lines that wait for a reader at most; further ones are lost, and counted."""

CLOSING_SECONDS = 5.0
"""Seconds that it is waited at the end for a reader who does not read."""


class LineWriter:
    """Writes lines to standard output. Nothing of it waits, but ``close``.

    Args:
        describe_lost: Returns the line that says how many were lost.
        on_broken: Called once if whoever reads has gone.

    Attributes:
        broken: Whoever reads has gone.
    """

    def __init__(self, describe_lost: Callable[[int], str], on_broken: Callable[[], None]) -> None:
        self.broken = False
        self._describe_lost = describe_lost
        self._on_broken = on_broken
        self._lost = 0
        self._lines: queue.Queue[str | None] = queue.Queue(AHEAD)
        self._thread = threading.Thread(target=self._run, args=(sys.stdout,), name="lines", daemon=True)

    def write(self, line: str) -> None:
        """Have a line written. One thread at a time may call it."""
        if self._thread.ident is None:
            self._thread.start()
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._lost += 1

    def close(self) -> None:
        """Wait until all is written, for some seconds at most. It may be closed twice."""
        if self._thread.is_alive():
            try:
                self._lines.put(None, timeout=CLOSING_SECONDS)
            except queue.Full:
                return
            self._thread.join(CLOSING_SECONDS)

    def _run(self, stream: TextIO | None) -> None:
        while (line := self._lines.get()) is not None:
            if stream is None or self.broken:
                continue
            lost, self._lost = self._lost, 0
            try:
                _write(stream, f"{self._describe_lost(lost)}\n{line}\n" if lost else f"{line}\n")
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
