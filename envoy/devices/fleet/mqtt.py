"""One connection to a broker for the devices of all sites of a fleet: each site has topics of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from envoy.devices.broker import WILDCARDS, BrokerOptions
from envoy.devices.fleet.order_book import OrderBook
from envoy.devices.fleet.separate import PLACEHOLDER
from envoy.devices.fleet.site_device import SiteDevice
from envoy.devices.json_form import Order
from envoy.devices.mqtt_connection import MOST_WAITING, Address, MQTTConnection
from envoy.devices.options import option, read_options
from envoy.devices.orders import Orders
from envoy.errors import DeviceError
from envoy.registration.site import Site

_MOST_WAITING = 20 * MOST_WAITING
"""Messages of all devices that wait to be read at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetMQTTOptions(BrokerOptions):
    """The options of devices of a fleet behind a broker."""

    topic: str = option("what the topics of each site begin with; {site} stands for its key", "envoy/{site}")
    client: str = option("the name of this client at the broker, which no other one has", "envoy-fleet")

    def __post_init__(self) -> None:
        """Check what concerns several keys.

        Raises:
            ValueError: Something does not fit.
        """
        BrokerOptions.__post_init__(self)
        self.check_topics("topic", "client")
        if PLACEHOLDER not in self.topic:
            raise ValueError("topic: has no {site}, so that all sites had the same. Write envoy/{site}.")


class MQTTDevices:
    """Devices of a fleet behind one broker.

    Args:
        address: The broker, and how to get in.
        options: The topics, and how the devices take orders.
        clock: Returns seconds, which readings grow old by.
        first_pause: Seconds before the broker is tried again; twice as long each time.
    """

    def __init__(
        self,
        address: Address,
        options: FleetMQTTOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
        first_pause: float = 1.0,
    ) -> None:
        self._address = address
        self._options = options
        self._first_pause = first_pause
        unread = "the broker does not take the order"
        self._book = OrderBook(options, f"MQTT {address.host}:{address.port}", unread=unread, clock=clock)
        self._lock = threading.Lock()
        self._connection: MQTTConnection | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str]) -> Self:
        """Return the devices of options as text; ``FleetMQTTOptions`` has the keys.

        Raises:
            DeviceError: An option is wrong.
        """
        read = read_options(FleetMQTTOptions, "mqtt", options)
        return cls(read.make_address(read.client), read)

    def open(self, key: str, site: Site) -> SiteDevice:
        """Return the device of a site.

        Raises:
            DeviceError: Its key cannot be part of a topic, a mode is not one, or all of it is closed.
        """
        if set(key) & (WILDCARDS | {"/"}):
            raise DeviceError(f"{key!r} cannot be part of a topic", where=f"site {key}", remedy="Name it without /+#.")
        device = self._book.open(key, site, self)
        with self._lock:
            if self._connection is not None and (orders := self._book.find(key)) is not None:
                self._connection.add(self._topic(key), orders)
        return device

    def close(self) -> None:
        """Leave the broker, which keeps the orders for the devices."""
        self._book.closed = True
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def ensure_started(self) -> None:
        """Connect to the broker, if that is not done.

        Raises:
            DeviceError: All of it is closed.
        """
        self._ensure_started()

    def give(self, key: str, order: Order, orders: Orders) -> None:
        """Have the newest order of a site published.

        Raises:
            DeviceError: As ``ensure_started``.
        """
        self._ensure_started().notify(self._topic(key))

    def leave(self, key: str, orders: Orders) -> None:
        """Forget the orders of a site, once the newest is published."""
        with self._lock:
            if self._book.drop(key, orders) and self._connection is not None:
                self._connection.remove(self._topic(key))

    def describe(self) -> str:
        """Return the broker, and the topics."""
        secured = " with TLS" if self._address.tls else ""
        return f"broker: {self._address.host}:{self._address.port}{secured}, topics {self._options.topic}/..."

    def _ensure_started(self) -> MQTTConnection:
        with self._lock:
            self._book.check_open()
            if self._connection is None:
                self._connection = MQTTConnection(
                    self._address,
                    f"{self._options.client}/client",
                    {self._topic(key): orders for key, orders in self._book.items()},
                    timeout=self._options.deadline,
                    first_pause=self._first_pause,
                    most_waiting=_MOST_WAITING,
                )
            connection = self._connection
        connection.wait(self._options.deadline)
        return connection

    def _topic(self, key: str) -> str:
        return self._options.topic.replace(PLACEHOLDER, key)
