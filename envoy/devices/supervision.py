"""Supervision of a program: it is started when it is first needed, and again after it has ended, with longer pauses."""

from __future__ import annotations

import shlex
import shutil
import threading
import time
from collections.abc import Callable, Sequence

from envoy.devices.program import Listener, Program
from envoy.errors import DeviceError

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a program that has ended is started again; twice as long each time that it ends soon."""

_LONG_RUN = 60.0
"""Seconds after which the end of a program is not held against it."""


class Supervision:
    """Keeps a program running. Any thread may ask for it.

    Args:
        arguments: The program and its arguments.
        listener: Takes what it reports.
        grace: Seconds that it has to end by itself.
        clock: Returns seconds, which the pauses before it is started again are counted by.
        begin: Called with each program that was started, before anybody else has it.

    Attributes:
        where: What errors are about.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        listener: Listener,
        grace: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        begin: Callable[[Program], None],
    ) -> None:
        self.where = f"program {arguments[0]}"
        self._arguments = list(arguments)
        self._listener = listener
        self._grace = grace
        self._clock = clock
        self._begin = begin
        self._lock = threading.RLock()
        self._program: Program | None = None
        self._pause = _FIRST_PAUSE
        self._started = self._due = clock()
        self._ended = self._last_words = ""

    def ensure_started(self) -> Program:
        """Return the program that runs, which may have been started for it.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        with self._lock:
            program, now = self._program, self._clock()
            if program is not None and program.ended:
                self.close()
                self._ended, self._last_words, program = program.ended, program.last_words, None
                self._put_off(_FIRST_PAUSE if now - self._started >= _LONG_RUN else self._pause)
            if program is None:
                if now < self._due:
                    what = f"{self._ended}; it is started again in {self._due - now:.0f} s"
                    raise DeviceError(what, where=self.where, remedy=self._last_words)
                program = self._start()
            return program

    def forget(self, site: str) -> None:
        """Forget which order was given for a site, where there are many."""
        program = self._program
        if program is not None:
            program.forget(site)

    def describe(self) -> str:
        """Return the program with its arguments, as for a shell."""
        return shlex.join(self._arguments)

    def close(self) -> None:
        """End the program: close its standard input, and stop it and what it has started if it goes on."""
        with self._lock:
            program, self._program = self._program, None
            if program is not None:
                program.close()

    def _start(self) -> Program:
        self._started = self._clock()
        self._listener.restart()
        try:
            program = Program(self._arguments, self._listener, self._grace)
        except (OSError, ValueError) as error:
            self._last_words = ""
            self._ended = f"the program cannot be started: {getattr(error, 'strerror', None) or error}"
            self._put_off(self._pause)
            raise DeviceError(self._ended, where=self.where) from None
        self._program = program
        self._begin(program)
        return program

    def _put_off(self, pause: float) -> None:
        self._due = self._clock() + pause
        self._pause = min(pause * 2, _LONGEST_PAUSE)


def split_command(command: str) -> list[str]:
    """Return a program and its arguments, which are quoted as for a shell.

    Raises:
        DeviceError: A quotation is not closed, or there is no such program.
    """
    try:
        arguments = shlex.split(command)
    except ValueError as error:
        raise DeviceError(f"{error} in {command!r}", where="command", remedy="Close each quotation.") from None
    if not arguments or shutil.which(arguments[0]) is None:
        raise DeviceError(
            f"there is no program {(arguments or [''])[0]!r}",
            where="command",
            remedy="Give the path of a file that can be executed. For a line of a shell write sh -c '...'.",
        )
    return arguments
