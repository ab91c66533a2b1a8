"""Devices that keep to the limits of a utility: simulated, programs, SunSpec Modbus, MQTT, and several as one.

A kind is opened by its name, with the options that it documents::

    device = open_device("simulated", {"seed": "7"}, site)
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from envoy._text import suggest
from envoy.der.follow.device import Device
from envoy.devices.assignment import KEYS, assign_ders
from envoy.devices.combined import CombinedDevice
from envoy.devices.part import Part
from envoy.errors import DeviceError
from envoy.registration.site import Site


@dataclass(frozen=True, slots=True)
class Kind:
    """Where a kind of device is, and what has to be installed for it.

    Attributes:
        module: The module, below this package.
        name: The class, which has a class method ``from_options`` that makes one of texts by key.
        extra: The extra of this package that brings what it needs; empty if it needs nothing.
    """

    module: str
    name: str
    extra: str = ""

    def load(self) -> Any:
        """Return the class.

        Raises:
            DeviceError: What it needs is not installed.
        """
        try:
            return getattr(importlib.import_module(f"envoy.devices.{self.module}"), self.name)
        except ModuleNotFoundError as error:
            if not self.extra or (error.name or "").startswith("envoy"):
                raise
            remedy = f"pip install 'envoy-client[{self.extra}]' brings it."
            what = f"{error.name} is not installed"
            raise DeviceError(what, where=f"device {self.extra}", remedy=remedy) from error


_KINDS = {
    "simulated": Kind("simulated", "SimulatedDER"),
    "exec": Kind("exec", "ExecDevice"),
    "sunspec": Kind("sunspec", "SunSpecDevice", extra="sunspec"),
    "mqtt": Kind("mqtt", "MQTTDevice", extra="mqtt"),
}
KINDS = tuple(_KINDS)
"""The kinds of device."""


def open_device(kind: str, options: Mapping[str, str], site: Site) -> Device:
    """Return a device.

    Args:
        kind: ``simulated``, ``exec``, ``sunspec`` or ``mqtt``.
        options: Values as text, by the keys that the kind has.
        site: Whose DERs it is, with their ratings.

    Raises:
        DeviceError: There is no such kind, an option is wrong, what it needs is not installed, or it cannot be reached.
    """
    device: Device = find_kind(kind).load().from_options(options, site)
    return device


def find_kind(kind: str) -> Kind:
    """Return a kind of device.

    Raises:
        DeviceError: There is no such kind.
    """
    if kind not in _KINDS:
        remedy = f"The kinds are {', '.join(KINDS)}.{suggest(kind, KINDS)}"
        raise DeviceError(f"unknown kind of device {kind!r}", remedy=remedy)
    return _KINDS[kind]


def open_devices(wanted: Sequence[tuple[str, Mapping[str, str]]], site: Site) -> Device:
    """Return several devices as one.

    Each is a DER of the site file, in their order, or those that its key ``der`` has the numbers of. Several may be one
    DER together, each with its ``share``.

    Args:
        wanted: The kind of each, with its options, and perhaps ``der`` and ``share``.
        site: Whose DERs they are.

    Raises:
        DeviceError: There is none, they are not just all DERs, or one of them cannot be opened.
    """
    if len(wanted) == 1 and not set(KEYS) & wanted[0][1].keys():
        return open_device(*wanted[0], site)
    parts: list[Part] = []
    try:
        for number, part in enumerate(assign_ders(wanted, site), 1):
            kind, options = wanted[number - 1]
            own = {key: value for key, value in options.items() if key not in KEYS}
            parts.append(Part(name=f"{number} ({kind})", device=open_device(kind, own, part), site=part))
    except BaseException:
        for opened in parts:
            with suppress(DeviceError):
                opened.device.close()
        raise
    return CombinedDevice(parts)
