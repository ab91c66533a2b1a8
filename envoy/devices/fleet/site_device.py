"""The device of one site behind what carries the orders of many: a program, or a connection to a broker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.devices.json_form import Order
from envoy.devices.orders import Orders


class Carrier(Protocol):
    """What carries orders and reports. Any thread may call it."""

    def ensure_started(self) -> None:
        """Start it, or connect it, if that is not done.

        Raises:
            DeviceError: It is gone, or closed.
        """

    def give(self, key: str, order: Order, orders: Orders) -> None:
        """Have the newest order of a site carried.

        Raises:
            DeviceError: It is gone, or closed.
        """

    def leave(self, key: str, orders: Orders) -> None:
        """Carry nothing more for a site, once its newest order is, unless it has others by now."""

    def describe(self) -> str:
        """Return what it is."""


class SiteDevice:
    """The device of one site.

    Args:
        key: The key of the site.
        orders: Its orders and reports.
        abilities: What it is able to follow.
        carrier: What carries them.
    """

    __slots__ = ("_abilities", "_carrier", "_key", "_orders")

    def __init__(self, key: str, orders: Orders, abilities: Abilities, carrier: Carrier) -> None:
        self._key = key
        self._orders = orders
        self._abilities = abilities
        self._carrier = carrier

    def abilities(self) -> Abilities:
        """Return the modes that the options or the DERs of the site name."""
        return self._abilities

    def apply(self, limits: Limits) -> None:
        """Give an order, and wait until it is taken.

        Raises:
            DeviceRefusal: The device refuses some modes.
            DeviceError: It or what carries the order is gone, or it does not take the order in time.
        """
        self._orders.wait(self._give(limits))

    def begin(self, limits: Limits, wake: Callable[[], object]) -> Callable[[], bool]:
        """Give an order, and do not wait.

        Args:
            limits: What the device has to keep to.
            wake: Called, by any thread, when something has become of that.

        Returns:
            What returns whether it is taken by now, and raises what ``apply`` would.

        Raises:
            DeviceError: What carries the order is gone.
        """
        self._orders.wake = wake
        return partial(self._orders.check, self._give(limits))

    def status(self) -> DeviceStatus:
        """Return what it has reported last; of one that reports nothing, what the order says that it has taken.

        Raises:
            DeviceError: It is gone.
        """
        self._carrier.ensure_started()
        return self._orders.get_status()

    def readings(self) -> Readings:
        """Return what it has measured last; nothing if that is too long ago.

        Raises:
            DeviceError: It is gone.
        """
        self._carrier.ensure_started()
        return self._orders.get_readings()

    def describe(self) -> list[str]:
        """Return what carries its orders, and whether it reports anything.

        Raises:
            DeviceError: It is gone.
        """
        self._carrier.ensure_started()
        return [self._carrier.describe(), self._orders.describe_silence()]

    def close(self) -> None:
        """Let go of the device, which goes on with the order that it has."""
        self._carrier.leave(self._key, self._orders)

    def _give(self, limits: Limits) -> Order:
        order = self._orders.make(limits)
        self._carrier.give(self._key, order, self._orders)
        return order
