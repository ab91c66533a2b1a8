"""The interface of a device: its abilities, the limits that it keeps to, its status and its readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeVar

from envoy.der.abilities import Abilities
from envoy.der.limits import Limits
from envoy.errors import DeviceError
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus

T = TypeVar("T")

_MOST_DIGITS = 15
"""Digits before the point of what a device may give as a number; sums of more would not be exact, or not possible."""


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


class UnhurriedDevice(Device, Protocol):
    """A device that may also be given limits without being waited for, so that a slow one keeps no thread."""

    def begin(self, limits: Limits, wake: Callable[[], object]) -> Callable[[], bool]:
        """Have it keep to limits from now on, and do not wait for that.

        Args:
            limits: The limits.
            wake: Called, by any thread, when something has become of that.

        Returns:
            What returns, at once, whether they are taken by now, and raises what ``apply`` would.

        Raises:
            DeviceError: It cannot be reached.
        """


def check_abilities(found: Abilities) -> Abilities:
    """Return the abilities that a device gives.

    Raises:
        DeviceError: They are something else.
    """
    found = _expect(found, Abilities, "abilities")
    return replace(found, modes=frozenset(found.modes))


def check_status(found: DeviceStatus) -> DeviceStatus:
    """Return the status that a device gives, its numbers as Decimals and its codes as those of the standard.

    Raises:
        DeviceError: It is something else, or has a part that is none.
    """
    found = _expect(found, DeviceStatus, "status")
    numbers = {name: getattr(found, name) for name in ("state_of_charge", "available_w", "available_var")}
    codes = {"inverter": (InverterStatus, found.inverter), "storage": (StorageModeStatus, found.storage)}
    changes: dict[str, Any] = {
        **{name: None if value is None else _to_number(value, name) for name, value in numbers.items()},
        **{name: None if value is None else _to_code(kind, value, name) for name, (kind, value) in codes.items()},
        "alarms": _to_code(AlarmStatus, found.alarms, "alarms"),
        # A message cannot have the others, and is worth more than they are.
        "manufacturer": "".join(filter(str.isprintable, str(found.manufacturer or ""))),
    }
    return replace(found, **changes)


def check_readings(found: Readings) -> Readings:
    """Return the readings that a device gives, as Decimals.

    Raises:
        DeviceError: They are something else, or one is not a number.
    """
    found = _expect(found, Readings, "readings")
    site, der = ({name: _to_number(value, name) for name, value in part.items()} for part in (found.site, found.der))
    return Readings(site=site, der=der)


def _expect(found: T, kind: type[T], name: str) -> T:
    if not isinstance(found, kind):
        raise DeviceError(
            f"{name} gives {found!r:.100}, which is not of {kind.__name__}", remedy="Correct the program of the device."
        )
    return found


def _to_number(value: Any, name: str) -> Decimal:
    """Return a number as a Decimal; a NaN stays one, and stands for what is not known."""
    try:
        # As people write it: a float of 0.1 is meant to be that.
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        raise DeviceError(f"{name} is {value!r:.100}, which is not a number") from None
    if number.is_finite() and number and number.adjusted() >= _MOST_DIGITS:
        raise DeviceError(f"{name} is {value!r:.100}, which is too large")
    return Decimal("NaN") if number.is_snan() else number


def _to_code(kind: type[T], value: Any, name: str) -> T:
    try:
        return value if isinstance(value, kind) else kind(value)  # type: ignore[call-arg]
    except (TypeError, ValueError):
        raise DeviceError(f"{name} is {value!r:.100}, which is not of {kind.__name__}") from None
