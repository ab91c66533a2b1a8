"""What an inverter says of itself: what it measures, how it is, and what it is able to do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from envoy.devices.sunspec.models import Model, Unit, Value
from envoy.errors import DeviceError
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus

_MEASURING = (701, 113, 112, 111, 103, 102, 101)
"""Models of what an inverter measures; the newest first."""

_READINGS = {
    "active-power": ("W",),
    "reactive-power": ("Var",),
    "current": ("A",),
    "voltage": ("LNV", "VL1", "LLV"),
    "voltage-a": ("VL1",),
    "voltage-b": ("VL2",),
    "voltage-c": ("VL3",),
    "frequency": ("Hz",),
    "energy": ("TotWhInj",),
}
"""The points of model 701 by the names of readings."""
_OLD_READINGS = {
    "active-power": ("W",),
    "reactive-power": ("VAr",),
    "current": ("A",),
    "voltage": ("PhVphA", "PPVphAB"),
    "voltage-a": ("PhVphA",),
    "voltage-b": ("PhVphB",),
    "voltage-c": ("PhVphC",),
    "frequency": ("Hz",),
    "energy": ("WH",),
}
"""Those of models 101 to 113."""

_STORING = (82, 85)
"""DERTyp of model 120 for an inverter with storage."""

_PERCENT = Decimal(100)
_CONNECTED = 1
"""ConnSt of model 701, and the bit of PVConn and StorConn of model 122."""

_STATES = (
    InverterStatus.OFF,
    InverterStatus.SLEEPING,
    InverterStatus.STARTING_UP,
    InverterStatus.TRACKING_MPPT,
    InverterStatus.FORCED_POWER_REDUCTION,
    InverterStatus.SHUTTING_DOWN,
    InverterStatus.FAULT,
    InverterStatus.STANDBY,
)
"""InvSt of model 701 from 0, St of models 101 to 113 from 1."""
_RUNNING = (InverterStatus.TRACKING_MPPT, InverterStatus.FORCED_POWER_REDUCTION)
_UNAVAILABLE = (InverterStatus.OFF, InverterStatus.FAULT)

_ALARMS = {
    3: AlarmStatus.DER_FAULT_LOW_POWER_INPUT,  # the DC side is disconnected
    6: AlarmStatus.DER_FAULT_EMERGENCY_LOCAL,  # it was shut down by hand
    8: AlarmStatus.DER_FAULT_OVER_FREQUENCY,
    9: AlarmStatus.DER_FAULT_UNDER_FREQUENCY,
    10: AlarmStatus.DER_FAULT_OVER_VOLTAGE,
    11: AlarmStatus.DER_FAULT_UNDER_VOLTAGE,
}
"""Bits of Alrm (701) and Evt1 (101 to 113), which are the same, that IEEE 2030.5 has an alarm for."""

_CHARGES = {
    3: StorageModeStatus.STORAGE_DISCHARGING,
    4: StorageModeStatus.STORAGE_CHARGING,
    1: StorageModeStatus.STORAGE_HOLDING,
    2: StorageModeStatus.STORAGE_HOLDING,
    5: StorageModeStatus.STORAGE_HOLDING,
    6: StorageModeStatus.STORAGE_HOLDING,
}
"""ChaSt of models 124 and 802."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nameplate:
    """What an inverter is able to do, and what its installer has set it to. Powers are in W, all of them positive.

    Attributes:
        rated_w: Its rating.
        max_w: The most that it is set to put out, which percentages refer to.
        max_var: The most reactive power, in var; None if it is not known.
        max_charge_w: The most that its storage takes in; None without storage, or if that is not known.
        rated_charge_w: The rating of it.
        max_discharge_w: The most that its storage puts out.
        storing: Whether it has storage.
    """

    rated_w: Decimal
    max_w: Decimal
    max_var: Decimal | None = None
    max_charge_w: Decimal | None = None
    rated_charge_w: Decimal | None = None
    max_discharge_w: Decimal | None = None
    storing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How an inverter is.

    Attributes:
        inverter: Its state; None if it does not say.
        connected: Whether it is connected to the grid.
        failed: Whether it has failed.
        alarms: The alarms that are on.
        own: Its state as a number of its maker; empty if it does not say.
    """

    inverter: InverterStatus | None
    connected: bool
    failed: bool
    alarms: AlarmStatus
    own: str = ""

    @property
    def running(self) -> bool:
        """Whether it puts out or takes in power."""
        return self.connected and (self.inverter is None or self.inverter in _RUNNING)

    @property
    def available(self) -> bool:
        """Whether it could run."""
        return self.inverter not in _UNAVAILABLE


class Inverter:
    """An inverter, by the models that it has: 701 and 702, or 101 to 113 and 120 to 122.

    Args:
        unit: The unit that it is.
    """

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def measure_power(self) -> Decimal:
        """Return the active power that it puts out, in W.

        Raises:
            DeviceError: It cannot be reached, or does not say it.
        """
        power = self._get_measuring().measure({"active-power": ("W",)})
        if not power:
            raise DeviceError("it does not say its active power", where=self._unit.where)
        return power["active-power"]

    def measure(self) -> dict[str, Decimal]:
        """Return what it measures, by the names of readings; active power in W is positive for what it puts out."""
        model = self._get_measuring()
        readings = model.measure(_READINGS if model.number == 701 else _OLD_READINGS)
        stored = self._get_stored_energy()
        return readings if stored is None else readings | {"stored-energy": stored}

    def get_state(self) -> State:
        """Return how it is."""
        model = self._get_measuring()
        if model.number == 701:
            values = model.read("St", "InvSt", "ConnSt", "Alrm")
            inverter, alarms = _read_state(values["InvSt"], 0), _read_alarms(values["Alrm"])
            connected = values["ConnSt"]
            if inverter is None and values["St"] is not None:
                inverter = InverterStatus.TRACKING_MPPT if values["St"] == 1 else InverterStatus.OFF
        else:
            values = model.read("St", "StVnd", "Evt1")
            inverter, alarms = _read_state(values["St"], 1), _read_alarms(values["Evt1"])
            status = self._unit.find(122)
            bits = {} if status is None else status.read("PVConn", "StorConn")
            known = [int(value) for value in bits.values() if value is not None]
            connected = Decimal(any(each & _CONNECTED for each in known)) if known else None
        return State(
            inverter=inverter,
            connected=connected is None or bool(int(connected) & _CONNECTED),
            failed=inverter is InverterStatus.FAULT,
            alarms=alarms,
            own=str(values.get("StVnd") or ""),
        )

    def get_nameplate(self) -> Nameplate:
        """Return what it is able to do, now.

        Raises:
            DeviceError: It does not say how much, so that no percentage of it means anything.
        """
        capacity = self._unit.find(702)
        found = _read_702(capacity) if capacity is not None else self._read_120()
        if found is None or found.max_w <= 0:
            raise DeviceError(
                "neither model 702 nor model 120 says its maximum active power",
                where=self._unit.where,
                remedy="Limits are written as percentages of it: this unit cannot be controlled.",
            )
        return found

    def get_charge(self) -> tuple[Decimal | None, StorageModeStatus | None]:
        """Return the charge of its storage in percent, and whether it charges or discharges; None for not known."""
        charge = activity = None
        for number, soc, state in ((713, "SoC", ""), (802, "SoC", "ChaSt"), (124, "ChaState", "ChaSt")):
            model = self._unit.find(number)
            if model is None:
                continue
            values = model.read(soc, *([state] if state else []))
            if charge is None and isinstance(value := values[soc], Decimal):
                charge = value
            if activity is None and state and isinstance(value := values[state], Decimal):
                activity = _CHARGES.get(int(value))
        return charge, activity

    def _get_stored_energy(self) -> Decimal | None:
        """Return the energy that its storage has left, in Wh; None if it does not say."""
        for number, available in ((713, ("WHAvail",)), (802, ())):
            model = self._unit.find(number)
            if model is None:
                continue
            values = model.measure({"left": available, "charge": ("SoC",), "rated": ("WHRtg",)})
            if "left" in values:
                return values["left"]
            if "charge" in values and "rated" in values:
                return values["charge"] * values["rated"] / _PERCENT
        return None

    def get_available_w(self) -> Decimal | None:
        """Return the active power that it could put out for now, in W; None if it does not say."""
        status = self._unit.find(122)
        value = None if status is None else status.read("WAval")["WAval"]
        return value if isinstance(value, Decimal) else None

    def describe(self) -> list[str]:
        """Return what it is in lines: maker, model and firmware, its models, and what it is able to do."""
        common = self._unit.find(1)
        lines = []
        if common is not None:
            values = common.read("Mn", "Md", "Vr", "SN")
            lines.append(
                f"{self._unit.where}: {values['Mn'] or '?'} {values['Md'] or '?'}, "
                f"firmware {values['Vr'] or '?'}, serial number {values['SN'] or '?'}"
            )
        lines.append(f"models {', '.join(str(number) for number in self._unit.models)}")
        nameplate = self.get_nameplate()
        lines.append(f"rated {nameplate.rated_w.normalize():f} W, set to {nameplate.max_w.normalize():f} W")
        if nameplate.storing:
            charge = "?" if nameplate.max_charge_w is None else f"{nameplate.max_charge_w.normalize():f}"
            discharge = "?" if nameplate.max_discharge_w is None else f"{nameplate.max_discharge_w.normalize():f}"
            lines.append(f"storage that charges with at most {charge} W and discharges with at most {discharge} W")
        return lines

    def _get_measuring(self) -> Model:
        model = self._unit.find(*_MEASURING)
        if model is None:
            what = "it has none of the models 701, 101 to 103 and 111 to 113, which say what it measures"
            raise DeviceError(what, where=self._unit.where, remedy="Is this the unit of the inverter?")
        return model

    def _read_120(self) -> Nameplate | None:
        plate, settings, storage = self._unit.find(120), self._unit.find(121), self._unit.find(124)
        rated = values = None
        if plate is not None:
            values = plate.read("WRtg", "DERTyp", "VArRtgQ1", "MaxChaRte", "MaxDisChaRte")
            rated = values["WRtg"]
        setting = None if settings is None else settings.read("WMax")["WMax"]
        charge = None if storage is None else storage.read("WChaMax")["WChaMax"]
        most = choose_number(setting, rated)
        if most is None:
            return None
        values = values or {}
        typ = values.get("DERTyp")
        return Nameplate(
            rated_w=choose_number(rated, setting) or most,
            max_w=most,
            max_var=choose_number(values.get("VArRtgQ1")),
            max_charge_w=choose_number(charge, values.get("MaxChaRte")),
            rated_charge_w=choose_number(values.get("MaxChaRte"), charge),
            max_discharge_w=choose_number(values.get("MaxDisChaRte"), charge),
            storing=storage is not None or (typ is not None and int(typ) in _STORING),
        )


def _read_702(model: Model) -> Nameplate | None:
    values = model.read(
        "WMaxRtg",
        "VarMaxInjRtg",
        "WChaRteMaxRtg",
        "WDisChaRteMaxRtg",
        "WMax",
        "VarMaxInj",
        "WChaRteMax",
        "WDisChaRteMax",
    )
    most = choose_number(values["WMax"], values["WMaxRtg"])
    if most is None:
        return None
    # The setting is what limits the charge, and at 0 the storage is still there.
    charge = choose_number(values["WChaRteMaxRtg"], values["WChaRteMax"])
    return Nameplate(
        rated_w=choose_number(values["WMaxRtg"], values["WMax"]) or most,
        max_w=most,
        max_var=choose_number(values["VarMaxInj"], values["VarMaxInjRtg"]),
        max_charge_w=charge,
        rated_charge_w=charge,
        max_discharge_w=choose_number(values["WDisChaRteMax"], values["WDisChaRteMaxRtg"]),
        storing=charge is not None,
    )


def choose_number(*values: Value | None) -> Decimal | None:
    """Return the first number above 0."""
    return next((value for value in values if isinstance(value, Decimal) and value > 0), None)


def _read_state(value: Value | None, first: int) -> InverterStatus | None:
    if value is None:
        return None
    place = int(value) - first
    return _STATES[place] if 0 <= place < len(_STATES) else InverterStatus.MANUFACTURER_DEFINED


def _read_alarms(value: Value | None) -> AlarmStatus:
    bits = 0 if value is None else int(value)
    alarms = AlarmStatus(0)
    for bit, alarm in _ALARMS.items():
        if bits >> bit & 1:
            alarms |= alarm
    return alarms
