"""Devices of a fleet that are Python functions, which are called with the key of the site."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.devices.orders import find_abilities
from envoy.errors import DeviceError
from envoy.registration.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The functions of ``CallbackDevices``."""

    apply: Callable[[str, Limits], object]
    status: Callable[[str], DeviceStatus] | None = None
    readings: Callable[[str], Readings] | None = None
    close: Callable[[str], object] | None = None


class CallbackDevices:
    """Devices that are functions::

        devices = CallbackDevices(lambda key, limits: dispatch(key, limits.export_w))

    Each function is called with the key of the site, by several threads, for one site one at a time.

    Args:
        apply: Has the device of a site keep to limits, and returns once it does. It raises ``DeviceRefusal`` for modes
            that the device never takes, and ``DeviceError`` for what may work later.
        status: Returns how the device is; None for what the limits say that it has taken.
        readings: Returns what it measures; None for nothing.
        close: Called when the site leaves the fleet; None for nothing to do.
        modes: The modes that the devices follow, with spaces between them; None for those of the DERs of each site.

    Raises:
        DeviceError: One of them is not a plain function.
    """

    def __init__(
        self,
        apply: Callable[[str, Limits], object],
        *,
        status: Callable[[str], DeviceStatus] | None = None,
        readings: Callable[[str], Readings] | None = None,
        close: Callable[[str], object] | None = None,
        modes: str | None = None,
    ) -> None:
        for name, given in (("apply", apply), ("status", status), ("readings", readings), ("close", close)):
            if inspect.iscoroutinefunction(given):
                remedy = "Write a plain function. Threads call it, so that it may wait for what it has to."
                raise DeviceError("is a coroutine function", where=name, remedy=remedy)
            if given is not None and not callable(given):
                remedy = "Give a function that takes the key of a site."
                raise DeviceError(f"{type(given).__name__} cannot be called", where=name, remedy=remedy)
        self._callbacks = Callbacks(apply=apply, status=status, readings=readings, close=close)
        self._modes = modes

    def open(self, key: str, site: Site) -> CallbackDevice:
        """Return the device of a site.

        Raises:
            DeviceError: There is no such mode.
        """
        return CallbackDevice(key, self._callbacks, find_abilities(self._modes, site))

    def close(self) -> None:
        """Do nothing, since they share nothing."""


class CallbackDevice:
    """The device of one site.

    Args:
        key: The key of the site.
        callbacks: The functions.
        abilities: What it is able to follow.
    """

    __slots__ = ("_abilities", "_callbacks", "_key", "_taken")

    def __init__(self, key: str, callbacks: Callbacks, abilities: Abilities) -> None:
        self._key = key
        self._callbacks = callbacks
        self._abilities = abilities
        self._taken: Limits | None = None

    def abilities(self) -> Abilities:
        """Return the modes that were named, or those of the DERs of the site."""
        return self._abilities

    def apply(self, limits: Limits) -> None:
        """Have the function apply limits.

        Raises:
            DeviceRefusal: The device refuses some modes.
            DeviceError: It does not take them for now.
        """
        self._callbacks.apply(self._key, limits)
        self._taken = limits

    def status(self) -> DeviceStatus:
        """Return what the function says; without one, what the limits say that were taken."""
        if self._callbacks.status is not None:
            return self._callbacks.status(self._key)
        taken = self._taken
        return DeviceStatus(connected=taken is None or taken.connected, operating=taken is None or taken.running)

    def readings(self) -> Readings:
        """Return what the function says; without one, nothing."""
        return Readings() if self._callbacks.readings is None else self._callbacks.readings(self._key)

    def close(self) -> None:
        """Say that the site has left the fleet."""
        if self._callbacks.close is not None:
            self._callbacks.close(self._key)
