"""A program as a device: it reads orders from its standard input, and reports on its standard output.

Both are lines of the JSON form. It is started when it is first needed, and again after it has ended, with the newest
order first.
"""

from __future__ import annotations

import shlex
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.devices.options import option, read_options
from envoy.devices.orders import OrderOptions, Orders, find_abilities
from envoy.devices.program import Program
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a program that has ended is started again; twice as long each time that it ends soon."""

_LONG_RUN = 60.0
"""Seconds after which the end of a program is not held against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecOptions(OrderOptions):
    """The options of a program."""

    command: str = option("the program with its arguments, quoted as for a shell, which does not run it")
    grace: float = option("how long it may take to end once its standard input is closed, in seconds", 2.0, least=0)


class ExecDevice:
    """A device that is a program.

    Args:
        arguments: The program and its arguments.
        abilities: What it is able to follow.
        options: How it takes orders.
        clock: Returns seconds, which the pauses before it is started again are counted by.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        abilities: Abilities,
        options: ExecOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._arguments = list(arguments)
        self._abilities = abilities
        self._options = options
        self._clock = clock
        self._where = f"program {self._arguments[0]}"
        self._orders = Orders(options, self._where, clock=clock)
        self._program: Program | None = None
        self._pause = _FIRST_PAUSE
        self._started = self._due = clock()
        self._ended = self._last_words = ""

    @classmethod
    def from_options(cls, options: Mapping[str, str], site: Site) -> Self:
        """Return a device of options as text; ``ExecOptions`` has the keys.

        Raises:
            DeviceError: An option is wrong, or there is no such program.
        """
        read = read_options(ExecOptions, "exec", options)
        try:
            arguments = shlex.split(read.command)
        except ValueError as error:
            raise DeviceError(f"{error} in {read.command!r}", where="command", remedy="Close each quotation.") from None
        if not arguments or shutil.which(arguments[0]) is None:
            raise DeviceError(
                f"there is no program {(arguments or [''])[0]!r}",
                where="command",
                remedy="Give the path of a file that can be executed. For a line of a shell write sh -c '...'.",
            )
        return cls(arguments, find_abilities(read.modes, site), read)

    def abilities(self) -> Abilities:
        """Return the modes that the options or the DERs of the site name."""
        return self._abilities

    def apply(self, limits: Limits) -> None:
        """Give the program an order, and wait until it is taken.

        Raises:
            DeviceRefusal: It refuses some modes.
            DeviceError: It has ended, cannot be started, or does not take the order in time.
        """
        order = self._orders.make(limits)
        self._ensure_started().give(order)
        self._orders.wait(order)

    def status(self) -> DeviceStatus:
        """Return what it has reported last; of one that reports nothing, what the order says that it has taken.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        self._ensure_started()
        return self._orders.get_status()

    def readings(self) -> Readings:
        """Return what it has measured last; nothing if that is too long ago.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        self._ensure_started()
        return self._orders.get_readings()

    def close(self) -> None:
        """End the program: close its standard input, and stop it and what it has started if it goes on."""
        program, self._program = self._program, None
        if program is not None:
            program.close()

    def describe(self) -> list[str]:
        """Start the program, and return what it is, and whether it reports anything.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        self._ensure_started()
        return [f"program: {shlex.join(self._arguments)}", self._orders.describe_silence()]

    def _ensure_started(self) -> Program:
        program, now = self._program, self._clock()
        if program is not None and program.ended:
            self.close()
            self._ended, self._last_words, program = program.ended, program.last_words, None
            self._put_off(_FIRST_PAUSE if now - self._started >= _LONG_RUN else self._pause)
        if program is None:
            if now < self._due:
                what = f"{self._ended}; it is started again in {self._due - now:.0f} s"
                raise DeviceError(what, where=self._where, remedy=self._last_words)
            program = self._start()
        return program

    def _start(self) -> Program:
        self._started = self._clock()
        self._orders.restart()
        try:
            program = Program(self._arguments, self._orders, self._options.grace)
        except (OSError, ValueError) as error:
            self._last_words = ""
            self._ended = f"the program cannot be started: {getattr(error, 'strerror', None) or error}"
            self._put_off(self._pause)
            raise DeviceError(self._ended, where=self._where) from None
        self._program = program
        if self._orders.newest is not None:
            program.give(self._orders.newest)
            with suppress(DeviceRefusal):
                self._orders.wait(self._orders.newest)
        return program

    def _put_off(self, pause: float) -> None:
        self._due = self._clock() + pause
        self._pause = min(pause * 2, _LONGEST_PAUSE)
