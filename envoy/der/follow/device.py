"""What is asked of a device: what it is able to follow, to keep to limits, how it is, and what it measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from envoy.der.abilities import Abilities
from envoy.der.limits import Limits
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStatus:
    """How a device is; what it does not know is left out.

    Attributes:
        connected: It is connected to the grid.
        available: It could run.
        operating: Power may flow: it is energized and runs.
        testing: It is in a test.
        failed: It has failed, and does not run as it should.
        alarms: The alarms that are on.
        inverter: The state of its inverter; None if it has none, or that is not known.
        storage: Whether its storage charges, discharges or holds; None without storage.
        state_of_charge: Charge of its storage in percent of what can be used; None without storage.
        available_w: Active power that it could put out for now, in W; None if that is not known.
        available_var: Reactive power that it could put out, in var, in the same way.
        local_control: It is controlled on the spot, and follows nothing meanwhile.
        manufacturer: Its state in the words of its maker, 6 characters at most; empty to say nothing.
    """

    connected: bool = True
    available: bool = True
    operating: bool = True
    testing: bool = False
    failed: bool = False
    alarms: AlarmStatus = field(default_factory=lambda: AlarmStatus(0))
    inverter: InverterStatus | None = None
    storage: StorageModeStatus | None = None
    state_of_charge: Decimal | None = None
    available_w: Decimal | None = None
    available_var: Decimal | None = None
    local_control: bool = False
    manufacturer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """What is measured at a moment, by the names that ``measures`` has in the file of a mirror, such as ``voltage``.

    Attributes:
        site: At the connection point: active power in W is positive for import.
        der: At the device: active power in W is positive for what it puts out.
    """

    site: Mapping[str, Decimal] = field(default_factory=dict)
    der: Mapping[str, Decimal] = field(default_factory=dict)


class Device(Protocol):
    """A device that is followed for.

    Every method may take its time, and is called by one thread at a time. Each may raise a ``DeviceError``.
    """

    def abilities(self) -> Abilities:
        """Return what it is able to follow."""

    def apply(self, limits: Limits) -> None:
        """Keep to limits from now on, until others are given. The same ones may be given again.

        Raises:
            DeviceRefusal: The device does not take some modes, and never will.
            DeviceError: It cannot be reached, or does not do it; they are given to it again.
        """

    def status(self) -> DeviceStatus:
        """Return how it is."""

    def readings(self) -> Readings:
        """Return what is measured now."""

    def close(self) -> None:
        """Let go of it; it goes on with the limits that it has."""
