"""The meter at the connection point of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from envoy.devices.sunspec.models import Unit
from envoy.errors import DeviceError

METERS = (201, 202, 203, 204, 211, 212, 213, 214)
"""Models of meters."""

_READINGS = {
    "active-power": ("W",),
    "reactive-power": ("VAR",),
    "current": ("A",),
    "voltage": ("PhV", "PhVphA", "PPV"),
    "voltage-a": ("PhVphA",),
    "voltage-b": ("PhVphB",),
    "voltage-c": ("PhVphC",),
    "frequency": ("Hz",),
}
_SIGNED = ("active-power", "reactive-power")


class Meter:
    """A meter by model 201 to 204, or 211 to 214.

    Its active power is positive for import, which is what most meters of SunSpec say. A meter that is wired or set the
    other way round is inverted; reactive power goes with it.

    Args:
        unit: The unit that it is.
        inverted: Whether its active power is positive for export.
    """

    def __init__(self, unit: Unit, *, inverted: bool = False) -> None:
        self._unit = unit
        self._sign = -1 if inverted else 1

    def measure_power(self) -> Decimal:
        """Return the active power in W, positive for import.

        Raises:
            DeviceError: It cannot be reached, is not a meter, or does not say it.
        """
        return self._measure({"active-power": _READINGS["active-power"]})["active-power"]

    def measure(self) -> dict[str, Decimal]:
        """Return what it measures, by the names of readings; active power in W is positive for import.

        Raises:
            DeviceError: It cannot be reached, is not a meter, or does not say the active power.
        """
        return self._measure(_READINGS)

    def _measure(self, names: Mapping[str, Sequence[str]]) -> dict[str, Decimal]:
        model = self._unit.find(*METERS)
        if model is None:
            what = "it has none of the models 201 to 204 and 211 to 214, so that it is not a meter"
            raise DeviceError(what, where=self._unit.where, remedy="The option meter_unit says which unit it is.")
        readings = model.measure(names)
        if "active-power" not in readings:
            raise DeviceError("the meter does not say the active power", where=self._unit.where)
        return {name: self._sign * value if name in _SIGNED else value for name, value in readings.items()}
