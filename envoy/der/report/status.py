"""The status of a device as DERStatus has it: each part with the time since which it holds (10.10)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from envoy.der.demand_response import find_instruction, to_operational_mode
from envoy.der.follow.device import DeviceStatus
from envoy.der.modes import Values
from sep2 import (
    AlarmStatus,
    ConnectStatus,
    ConnectStatusType,
    ConnectStatusType2,
    DERConnectionState,
    DERStatus,
    InverterStatus,
    InverterStatusType,
    LocalControlModeStatus,
    LocalControlModeStatusType,
    ManufacturerStatusType,
    OperationalModeStatus,
    OperationalModeStatusType,
    StateOfChargeStatusType,
    StorageModeStatus,
    StorageModeStatusType,
)

Parts = dict[str, int | str]
"""The parts of a DERStatus, by the names of its fields, as plain data."""

_STORAGE = frozenset({"stor_connect_status", "storage_mode_status", "state_of_charge_status"})
"""The parts that only storage has."""

_TYPES: Mapping[str, tuple[Any, Any]] = {
    "gen_connect_status": (ConnectStatusType, ConnectStatus),
    "inverter_status": (InverterStatusType, InverterStatus),
    "local_control_mode_status": (LocalControlModeStatusType, LocalControlModeStatus),
    "manufacturer_status": (ManufacturerStatusType, str),
    "operational_mode_status": (OperationalModeStatusType, OperationalModeStatus),
    "state_of_charge_status": (StateOfChargeStatusType, int),
    "storage_mode_status": (StorageModeStatusType, StorageModeStatus),
    "stor_connect_status": (ConnectStatusType, ConnectStatus),
}

_LONGEST_TEXT = 6
"""Characters of a manufacturerStatus."""


def describe_status(status: DeviceStatus, values: Values, *, demand_response: bool = False) -> Parts:
    """Return what a DERStatus says of a device.

    What is not connected is neither available nor operating.

    Args:
        status: How the device is.
        values: The modes in force.
        demand_response: It follows the instructions of CSIP-AUS demand response, and reports which one it follows.
    """
    running = status.connected and status.operating
    bits = ConnectStatus(0)
    if status.connected:
        bits |= ConnectStatus.CONNECTED
        bits |= ConnectStatus.AVAILABLE if status.available else ConnectStatus(0)
        bits |= ConnectStatus.OPERATING if running else ConnectStatus(0)
    bits |= ConnectStatus.TEST if status.testing else ConnectStatus(0)
    bits |= ConnectStatus.FAULT if status.failed else ConnectStatus(0)
    parts: Parts = {
        "alarm_status": int(status.alarms),
        "gen_connect_status": int(bits),
        "local_control_mode_status": int(
            LocalControlModeStatus.LOCAL_CONTROL if status.local_control else LocalControlModeStatus.REMOTE_CONTROL
        ),
        "operational_mode_status": int(_find_mode(status, values, running, demand_response)),
    }
    if status.inverter is not None:
        parts["inverter_status"] = int(status.inverter)
    if status.manufacturer:
        parts["manufacturer_status"] = status.manufacturer[:_LONGEST_TEXT]
    if status.storage is not None or status.state_of_charge is not None:
        parts["stor_connect_status"] = int(bits)
    if status.storage is not None:
        parts["storage_mode_status"] = int(status.storage)
    if status.state_of_charge is not None:
        charge = min(max(status.state_of_charge, Decimal(0)), Decimal(100))
        parts["state_of_charge_status"] = int((charge * 100).to_integral_value(ROUND_HALF_EVEN))
    return parts


def _find_mode(status: DeviceStatus, values: Values, running: bool, demand_response: bool) -> OperationalModeStatus:
    if status.testing:
        return OperationalModeStatus.TEST_MODE
    followed = demand_response and not (status.failed or status.local_control)
    if followed and (instruction := find_instruction(values)) is not None:
        return to_operational_mode(instruction)
    return OperationalModeStatus.OPERATIONAL_MODE if running else OperationalModeStatus.OFF


class StatusRecord:
    """What a DERStatus says, and since when; times are those of the device's clock.

    Args:
        saved: What ``dump`` returned before a restart.
    """

    def __init__(self, saved: Mapping[str, Any] | None = None) -> None:
        self.parts: Parts = {}
        self._since: dict[str, float] = {}
        for name, (value, since) in (saved or {}).items():
            self.parts[name], self._since[name] = value, since

    def update(self, parts: Parts, now: float) -> bool:
        """Take over what it says now, and return whether anything but the charge of a storage has changed.

        The charge changes all the time, and is reported at the rate that is asked for.
        """
        changed = {name for name in parts.keys() | self.parts.keys() if parts.get(name) != self.parts.get(name)}
        self._since = {name: now if name in changed else self._since[name] for name in parts}
        self.parts = dict(parts)
        return bool(changed - {"state_of_charge_status"})

    def to_model(self, now: float, offset: float = 0, *, storage: bool = True, later: bool = False) -> DERStatus:
        """Return the DERStatus.

        Args:
            now: The time of the device's clock.
            offset: Seconds that the server's time is ahead of it.
            storage: The DER has storage; if not, the parts that only storage has are left out.
            later: Say also what came with the edition of 2023.
        """
        fields: dict[str, Any] = {}
        for name, (kind, code) in _TYPES.items():
            if name in self.parts and (storage or name not in _STORAGE):
                # A clock that was set back since: nothing is reported to be so from a time that is still to come.
                since = min(self._since[name], now)
                fields[name] = kind(date_time=int(since + offset), value=code(self.parts[name]))
        if later and (known := fields.get("gen_connect_status")):
            fields["connect_status"] = _find_connection(known)
        return DERStatus(
            alarm_status=AlarmStatus(int(self.parts.get("alarm_status", 0))), reading_time=int(now + offset), **fields
        )

    def dump(self) -> dict[str, Any]:
        """Return it as plain data, without the charge of a storage."""
        return {
            name: [value, self._since[name]] for name, value in self.parts.items() if name != "state_of_charge_status"
        }


def _find_connection(status: ConnectStatusType) -> ConnectStatusType2:
    """Return what the edition of 2023 has for the status of a connection; what operates is energized."""
    value = DERConnectionState(0)
    if status.value & ConnectStatus.CONNECTED:
        value |= DERConnectionState.CONNECTED
    if status.value & ConnectStatus.OPERATING:
        value |= DERConnectionState.ENERGIZED
    return ConnectStatusType2(date_time=status.date_time, value=value)
