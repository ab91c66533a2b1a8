"""A program as a device: it reads orders from its standard input, and reports on its standard output.

Both are lines of the JSON form. It is started when it is first needed, and again after it has ended, with the newest
order first.
"""

from __future__ import annotations

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
from envoy.devices.supervision import Supervision, split_command
from envoy.errors import DeviceRefusal
from envoy.registration.site import Site


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
        self._abilities = abilities
        self._orders = Orders(options, f"program {arguments[0]}", clock=clock)
        self._supervision = Supervision(arguments, self._orders, options.grace, clock=clock, begin=self._begin)

    @classmethod
    def from_options(cls, options: Mapping[str, str], site: Site) -> Self:
        """Return a device of options as text; ``ExecOptions`` has the keys.

        Raises:
            DeviceError: An option is wrong, or there is no such program.
        """
        read = read_options(ExecOptions, "exec", options)
        arguments = split_command(read.command)
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
        self._supervision.ensure_started().give(order, self._orders)
        self._orders.wait(order)

    def status(self) -> DeviceStatus:
        """Return what it has reported last; of one that reports nothing, what the order says that it has taken.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        self._supervision.ensure_started()
        return self._orders.get_status()

    def readings(self) -> Readings:
        """Return what it has measured last; nothing if that is too long ago.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        self._supervision.ensure_started()
        return self._orders.get_readings()

    def close(self) -> None:
        """End the program: close its standard input, and stop it and what it has started if it goes on."""
        self._supervision.close()

    def describe(self) -> list[str]:
        """Start the program, and return what it is, and whether it reports anything.

        Raises:
            DeviceError: It has ended, or cannot be started.
        """
        self._supervision.ensure_started()
        return [f"program: {self._supervision.describe()}", self._orders.describe_silence()]

    def _begin(self, program: Program) -> None:
        """Give a program that was started the newest order, and wait until it has taken it."""
        if (order := self._orders.newest) is not None:
            program.give(order, self._orders)
            with suppress(DeviceRefusal):
                self._orders.wait(order)
