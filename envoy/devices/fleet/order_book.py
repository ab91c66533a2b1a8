"""The orders of all sites that share a program or a broker, by the keys of the sites; threads share them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from envoy.devices.fleet.site_device import Carrier, SiteDevice
from envoy.devices.orders import OrderOptions, Orders, find_abilities
from envoy.errors import DeviceError
from envoy.registration.site import Site


class OrderBook:
    """The orders of the sites.

    Args:
        options: How the devices take orders.
        where: What errors and notices are about; the site is added.
        unread: What it means that an order cannot be delivered.
        clock: Returns seconds, which readings grow old by.
    """

    def __init__(
        self, options: OrderOptions, where: str, *, unread: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.closed = False
        self._options = options
        self._where = where
        self._unread = unread
        self._clock = clock
        self._lock = threading.Lock()
        self._orders: dict[str, Orders] = {}

    def open(self, key: str, site: Site, carrier: Carrier) -> SiteDevice:
        """Return the device of a site, instead of one that it may have.

        Raises:
            DeviceError: A mode is not one, or all of it is closed.
        """
        self.check_open()
        abilities = find_abilities(self._options.modes, site)
        orders = Orders(self._options, f"{self._where}, site {key}", unread=self._unread, clock=self._clock)
        with self._lock:
            self._orders[key] = orders
        return SiteDevice(key, orders, abilities, carrier)

    def check_open(self) -> None:
        """Raise a DeviceError if all of it is closed."""
        if self.closed:
            raise DeviceError("is closed", where=self._where, remedy="Open the devices of the fleet again.")

    def drop(self, key: str, orders: Orders) -> bool:
        """Forget the orders of a site, and return whether that is done; not if it has others by now."""
        with self._lock:
            if self._orders.get(key) is not orders:
                return False
            del self._orders[key]
            return True

    def find(self, key: str) -> Orders | None:
        """Return the orders of a site; None if there are none."""
        return self._orders.get(key)

    def items(self) -> list[tuple[str, Orders]]:
        """Return the orders of all sites with their keys."""
        with self._lock:
            return list(self._orders.items())

    def __len__(self) -> int:
        """Return how many sites there are."""
        return len(self._orders)
