"""Devices of the sites of a fleet: one program or one broker for all of them, a Python function, or a device each.

A kind is opened once, and then a device for each site, by the key that the site has in its fleet::

    devices = open_fleet_devices("exec", {"command": "dispatch --all"})
    device = devices.open("3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", site)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from envoy.der.follow.device import Device
from envoy.devices import Kind, find_kind
from envoy.devices.fleet.callbacks import CallbackDevices
from envoy.devices.fleet.separate import SeparateDevices
from envoy.registration.site import Site

__all__ = ["CallbackDevices", "FleetDevices", "SeparateDevices", "open_fleet_devices"]


class FleetDevices(Protocol):
    """The devices of the sites of a fleet. Any thread may call it."""

    def open(self, key: str, site: Site) -> Device:
        """Return the device of a site. It is closed by itself when the site leaves the fleet.

        Args:
            key: The key of the site in its fleet, which no other one has.
            site: The site.

        Raises:
            DeviceError: It cannot be opened.
        """

    def close(self) -> None:
        """Let go of what the devices share. They go on with the limits that they have."""


_SHARED = {
    "exec": Kind("fleet.exec", "ExecDevices"),
    "mqtt": Kind("fleet.mqtt", "MQTTDevices", extra="mqtt"),
}
"""The kinds of which the devices of all sites share one, instead of having one each."""


def open_fleet_devices(kind: str, options: Mapping[str, str]) -> FleetDevices:
    """Return the devices of a fleet.

    Args:
        kind: ``exec`` for one program and ``mqtt`` for one broker that all sites share; any other kind is opened for
            each site.
        options: Values as text, by the keys that the kind has. Where each site has a device of its own, ``{site}``
            stands for the key of the site.

    Raises:
        DeviceError: There is no such kind, an option is wrong, or what it needs is not installed.
    """
    if kind not in _SHARED:
        find_kind(kind).load()
        return SeparateDevices(kind, options)
    devices: FleetDevices = _SHARED[kind].load().from_options(options)
    return devices
