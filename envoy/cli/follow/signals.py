"""Signals of a command that runs for ever, handled in a thread of its own, where they interrupt nothing."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

_LOG = logging.getLogger(__name__)

_TO_END = (signal.SIGTERM, signal.SIGINT)
_STOP = b"\0"

TOGETHER = 0.5
"""Seconds within which signals to end are one: some that start a program pass on what it has been sent already."""


class SignalThread:
    """Handles signals, from the beginning of the context to its end. It has to be made by the main thread.

    The first SIGTERM or SIGINT ends what runs, the second the process, with the status that shells have for it.

    Args:
        end: Ends what runs; called with the name of the signal.
        reload: Called for SIGHUP.
        look: Called at the beginning and then every ``period`` seconds.
        leave: Called before the process is ended at once.
        period: Seconds between two calls of ``look``.
        together: Seconds within which signals to end are one.
    """

    def __init__(
        self,
        *,
        end: Callable[[str], None],
        reload: Callable[[], None],
        look: Callable[[], None],
        leave: Callable[[], None] = lambda: None,
        period: float = 3600.0,
        together: float = TOGETHER,
    ) -> None:
        self._end = end
        self._reload = reload
        self._look = look
        self._leave = leave
        self._period = period
        self._together = together
        self._ended: float | None = None
        self._before: Mapping[signal.Signals, Any] = {}
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)

    def __enter__(self) -> Self:
        self._read_end, self._write_end = socket.socketpair()
        self._write_end.setblocking(False)
        self._fd_before = signal.set_wakeup_fd(self._write_end.fileno(), warn_on_full_buffer=False)
        # The number goes through the sockets, so that the handlers themselves have nothing to do.
        every = (*_TO_END, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
        self._before = {number: signal.signal(number, _do_nothing) for number in every}
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd_before)
        self._write_end.send(_STOP)
        self._thread.join()
        self._read_end.close()
        self._write_end.close()

    def _run(self) -> None:
        self._try(self._look)
        while True:
            if not select.select([self._read_end], [], [], self._period)[0]:
                self._try(self._look)
                continue
            for number in self._read_end.recv(1):
                if not number:
                    return
                self._handle(number)

    def _handle(self, number: int) -> None:
        if number not in _TO_END:
            self._try(self._reload)
        elif self._ended is None:
            self._ended = time.monotonic()
            self._end(signal.Signals(number).name)
        elif time.monotonic() - self._ended >= self._together:
            self._leave()
            os._exit(128 + number)

    def _try(self, do: Callable[[], None]) -> None:
        """Do something; if that fails, signals are obeyed all the same."""
        try:
            do()
        except Exception:
            _LOG.exception("a signal, or the time for a look, was in vain")


def _do_nothing(number: int, frame: object) -> None:
    """Leave a signal to the thread."""
