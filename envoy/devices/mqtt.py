"""A device behind a message broker (MQTT 3.1.1): orders are retained for it, and it publishes its reports.

The topics are ``limits`` for orders, ``taken``, ``status`` and ``readings`` for reports, and ``client`` and ``device``
for who is there, each below ``<prefix>/<name>/``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.devices.broker import BrokerOptions
from envoy.devices.mqtt_connection import Address, MQTTConnection
from envoy.devices.options import option, read_options
from envoy.devices.orders import OrderOptions, Orders, find_abilities
from envoy.registration.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class MQTTOptions(BrokerOptions):
    """The options of a device behind a broker."""

    prefix: str = option("what each topic begins with", "envoy")
    name: str | None = option("what comes behind the prefix; the LFDI of the site if left out", None)

    def __post_init__(self) -> None:
        """Check what concerns several keys.

        Raises:
            ValueError: Something does not fit.
        """
        BrokerOptions.__post_init__(self)
        self.check_topics("prefix", "name")


class MQTTDevice:
    """A device behind a broker.

    Args:
        address: The broker, and how to get in.
        topic: What all topics begin with.
        abilities: What the device is able to follow.
        options: How it takes orders.
        clock: Returns seconds, which readings grow old by.
        first_pause: Seconds before the broker is tried again; twice as long each time.
    """

    def __init__(
        self,
        address: Address,
        topic: str,
        abilities: Abilities,
        options: OrderOptions,
        *,
        clock: Callable[[], float] = time.monotonic,
        first_pause: float = 1.0,
    ) -> None:
        self._topic = topic
        self._address = address
        self._abilities = abilities
        self._options = options
        self._first_pause = first_pause
        self._orders = Orders(options, f"MQTT {topic}", unread="the broker does not take the order", clock=clock)
        self._connection: MQTTConnection | None = None

    @classmethod
    def from_options(cls, options: Mapping[str, str], site: Site) -> Self:
        """Return a device of options as text; ``MQTTOptions`` has the keys.

        Raises:
            DeviceError: An option is wrong.
        """
        read = read_options(MQTTOptions, "mqtt", options)
        name = read.name or site.lfdi.hex().upper()
        address = read.make_address(f"envoy-{name}")
        return cls(address, f"{read.prefix}/{name}", find_abilities(read.modes, site), read)

    def abilities(self) -> Abilities:
        """Return the modes that the options or the DERs of the site name."""
        return self._abilities

    def apply(self, limits: Limits) -> None:
        """Publish an order, and wait until the device has taken it.

        Raises:
            DeviceRefusal: It refuses some modes.
            DeviceError: The broker or the device is gone, or the device does not take the order in time. The broker
                is given the order as soon as it is there, and keeps it for the device.
        """
        order = self._orders.make(limits)
        self._ensure_started().notify(self._topic)
        self._orders.wait(order)

    def status(self) -> DeviceStatus:
        """Return what it has reported last; of a device that reports nothing, what the order says that it has taken.

        Raises:
            DeviceError: The broker or the device is gone.
        """
        self._ensure_started()
        return self._orders.get_status()

    def readings(self) -> Readings:
        """Return what it has measured last; nothing if that is too long ago.

        Raises:
            DeviceError: The broker or the device is gone.
        """
        self._ensure_started()
        return self._orders.get_readings()

    def close(self) -> None:
        """Leave the broker, which keeps the order for the device."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def describe(self) -> list[str]:
        """Connect to the broker, and return what it is, and whether the device reports anything.

        Raises:
            DeviceError: The broker or the device is gone.
        """
        self._ensure_started()
        secured = " with TLS" if self._address.tls else ""
        where = f"broker: {self._address.host}:{self._address.port}{secured}, topics {self._topic}/..."
        return [where, self._orders.describe_silence()]

    def _ensure_started(self) -> MQTTConnection:
        if self._connection is None:
            self._orders.restart()
            self._connection = MQTTConnection(
                self._address,
                f"{self._topic}/client",
                {self._topic: self._orders},
                timeout=self._options.deadline,
                first_pause=self._first_pause,
            )
        self._connection.wait(self._options.deadline)
        return self._connection
