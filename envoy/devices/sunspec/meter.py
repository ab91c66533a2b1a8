"""The meter at the connection point of a site."""

from __future__ import annotations

from decimal import Decimal

from envoy.devices.sunspec.inverter import name_readings
from envoy.devices.sunspec.models import Unit
from envoy.errors import DeviceError

METERS = (201, 202, 203, 204, 211, 212, 213, 214)
"""Models of meters."""


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

    def measure(self) -> dict[str, Decimal]:
        """Return what it measures, by the names of readings; active power in W is positive for import.

        Raises:
            DeviceError: It cannot be reached, is not a meter, or does not say the active power.
        """
        model = self._unit.find(*METERS)
        if model is None:
            what = "it has none of the models 201 to 204 and 211 to 214, so that it is not a meter"
            raise DeviceError(
                what, where=self._unit.where, remedy="The option meter_unit says which unit is the meter."
            )
        values = model.read("W", "VAR", "PhV", "PhVphA", "PPV", "Hz")
        readings = name_readings(values, w="W", var="VAR", volts=("PhV", "PhVphA", "PPV"), hertz="Hz")
        if "active-power" not in readings:
            raise DeviceError("the meter does not say the active power", where=self._unit.where)
        for name in ("active-power", "reactive-power"):
            if name in readings:
                readings[name] *= self._sign
        return readings
