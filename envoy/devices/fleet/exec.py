"""One program for the devices of all sites of a fleet: each line that it reads or writes has the key of a site.

It is started when it is first needed, and again after it has ended, with the newest order of each site.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from envoy.devices.exec import ExecOptions
from envoy.devices.fleet.order_book import OrderBook
from envoy.devices.fleet.site_device import SiteDevice
from envoy.devices.json_form import Order
from envoy.devices.json_keys import decode, expect
from envoy.devices.options import read_options
from envoy.devices.orders import Notices, Orders
from envoy.devices.program import LINES_PER_SECOND, Program
from envoy.devices.supervision import Supervision, split_command
from envoy.errors import DeviceError
from envoy.registration.site import Site

LINES_PER_SECOND_EACH = 2
"""Lines that are read of the program in a second for each site, where that is more than is read of any program."""


class ExecDevices:
    """Devices of a fleet that are one program.

    Args:
        arguments: The program and its arguments.
        options: How it takes orders.
        clock: Returns seconds, which readings and the pauses before it is started again are counted by.
    """

    def __init__(
        self, arguments: Sequence[str], options: ExecOptions, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        where = f"program {arguments[0]}"
        self._book = OrderBook(options, where, unread="the program does not read its orders", clock=clock)
        self._notices = Notices(where)
        self._supervision = Supervision(arguments, self, options.grace, clock=clock, begin=self._begin)

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> Self:
        """Return the devices of options as text; ``ExecOptions`` has the keys.

        Raises:
            DeviceError: An option is wrong, or there is no such program.
        """
        read = read_options(ExecOptions, "exec", options)
        return cls(split_command(read.command), read)

    def open(self, key: str, site: Site) -> SiteDevice:
        """Return the device of a site.

        Raises:
            DeviceError: A mode is not one, or all of it is closed.
        """
        return self._book.open(key, site, self)

    def close(self) -> None:
        """End the program: close its standard input, and stop it and what it has started if it goes on."""
        self._book.closed = True
        self._supervision.close()

    # What its sites ask for

    def ensure_started(self) -> None:
        """Start the program if it does not run.

        Raises:
            DeviceError: It has ended and is not to be started yet, cannot be started, or all of it is closed.
        """
        self._ensure_started()

    def give(self, key: str, order: Order, orders: Orders) -> None:
        """Have the order of a site written.

        Raises:
            DeviceError: As ``ensure_started``.
        """
        self._ensure_started().give(order, orders, key)

    def leave(self, key: str, orders: Orders) -> None:
        """Forget the orders of a site. What is still to be written for it is."""
        if self._book.drop(key, orders):
            self._supervision.forget(key)

    def describe(self) -> str:
        """Return the program with its arguments."""
        return f"program: {self._supervision.describe()}, for all sites"

    # What the program does

    def receive(self, text: bytes) -> None:
        """Take a line, which has the key of a site."""
        try:
            report = expect(decode(text), dict, "")
            key = expect(report.pop("site", None), str, "site")
        except DeviceError as error:
            self.notice(f"cannot use what it reports: {error}")
            return
        orders = self._book.find(key)
        if orders is None:
            self.notice("reports on sites that it has no order for, which are left out")
        else:
            orders.receive_value(report)

    def notice(self, text: str) -> None:
        """Log something odd, once."""
        self._notices.note(text)

    def restart(self) -> None:
        """Forget what was reported for any site."""
        for _, orders in self._book.items():
            orders.restart()

    def fail(self, what: str, remedy: str = "") -> None:
        """Take note, for all sites, that the program has ended."""
        for _, orders in self._book.items():
            orders.fail(what, remedy)

    def _ensure_started(self) -> Program:
        self._book.check_open()
        program = self._supervision.ensure_started()
        program.lines_per_second = max(LINES_PER_SECOND, LINES_PER_SECOND_EACH * len(self._book))
        return program

    def _begin(self, program: Program) -> None:
        for key, orders in self._book.items():
            if orders.newest is not None:
                program.give(orders.newest, orders, key)
