"""The set points of an inverter: written when they change, verified, and renewed before their timers run out.

Model 704 has them, with 702 and 703; where it is missing, models 123 and 124. An inverter whose timer runs out goes to
what its installer has set it to: this is what happens when the program that controls it dies.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

from envoy.devices.sunspec.inverter import Nameplate
from envoy.devices.sunspec.models import Model, Unit
from envoy.devices.sunspec.orders import Factor, Reactive, Skills
from envoy.errors import DeviceError, DeviceRefusal
from sep2 import DERUnitRefType

_PERCENT = Decimal(100)
_PERCENT_STEP, _FACTOR_STEP = Decimal(1), Decimal("0.01")
"""Steps that an inverter may round its set points to."""
_RENEWALS = 3
"""How often a timer is renewed in the time that it has."""
_CHECK = 20.0
"""How often a set point without a timer is written again, in seconds: an inverter that restarts may forget it."""

_W_MAX_PCT, _WATTS = 0, 1
_VAR_MODES = {
    DERUnitRefType.PERCENT_SET_MAX_W: 0,
    DERUnitRefType.PERCENT_SET_MAX_VAR: 1,
    DERUnitRefType.PERCENT_STAT_VAR_AVAIL: 2,
}
"""VarSetMod of model 704 for what a percentage refers to."""
_VARS = 4
_OLD_VARS = {
    DERUnitRefType.PERCENT_SET_MAX_W: (1, "VArWMaxPct"),
    DERUnitRefType.PERCENT_SET_MAX_VAR: (2, "VArMaxPct"),
    DERUnitRefType.PERCENT_STAT_VAR_AVAIL: (3, "VArAvalPct"),
}
"""VArPct_Mod of model 123 and its point, in the same way."""
_CHARGE_AND_DISCHARGE = 3


class SetPoint:
    """Points of a model that are written together, and only when there is a reason.

    Args:
        unit: The unit that has them.
        now: A clock in seconds that never goes back.
        seconds: How long the inverter keeps to it without a renewal; 0 for ever.
    """

    def __init__(self, unit: Unit, now: Callable[[], float], seconds: int) -> None:
        self.seconds = seconds
        self.timed: bool | None = None
        self._unit = unit
        self._now = now
        self._held: Mapping[str, Decimal | int] = {}
        self._touched = False
        self._written_at = 0.0
        self._connection = -1

    def hold(
        self,
        number: int,
        values: Mapping[str, Decimal | int],
        *,
        timer: str = "",
        needed: Collection[str],
        modes: Collection[str],
        again: bool = False,
        rounding: str = ROUND_HALF_EVEN,
        tolerance: Decimal = Decimal(0),
    ) -> None:
        """Write points in the order given, unless they have just been written.

        Args:
            number: The model.
            values: The points; those that the inverter does not implement are left out.
            timer: The one of them that is the time after which the inverter reverts.
            needed: Those without which the rest means nothing.
            modes: The modes that are refused if the inverter refuses them.
            again: Whether all of them are written if there is a reason, as there is for a timer.
            rounding: As of ``Model.write``.
            tolerance: As of ``Model.write``.

        Raises:
            DeviceRefusal: The inverter refuses them, or does not implement what is needed.
            DeviceError: It cannot be reached, or does not take them over.
        """
        timed = bool(timer and values[timer]) and self.timed is not False
        every = self.seconds / _RENEWALS if timed else _CHECK
        age = self._now() - self._written_at
        if values == self._held and age < every and self._connection == self._unit.connection:
            return
        self._held, self._touched = {}, True  # if it fails half-way, it is written again
        model = self._get_model(number, modes)
        try:
            written = model.write(
                values, again=again or timed, unverified=[timer], rounding=rounding, tolerance=tolerance
            )
        except DeviceRefusal as refusal:
            raise self._refuse(refusal.what, modes) from refusal
        missing = [name for name in needed if name not in written]
        if missing:
            raise self._refuse(f"model {number} does not implement {', '.join(missing)}", modes)
        self.timed = timer in written if timer else None
        self._held, self._written_at, self._connection = dict(values), self._now(), self._unit.connection

    def release(self, number: int, values: Mapping[str, Decimal | int]) -> None:
        """Write points that end what is held, if something is."""
        if self._touched:
            self.hold(number, values, needed=(), modes=())
            self._held, self._touched = {}, False

    def _get_model(self, number: int, modes: Collection[str]) -> Model:
        model = self._unit.find(number)
        if model is None:
            raise self._refuse(f"it has no model {number}", modes)
        return model

    def _refuse(self, what: str, modes: Collection[str]) -> DeviceError:
        """Return the error of a refusal; what no mode asks for is a failure."""
        if not modes:
            return DeviceError(what, where=self._unit.where)
        return DeviceRefusal(what, modes=modes, where=self._unit.where)


class Controls:
    """What can be set of an inverter.

    Args:
        unit: The unit that it is.
        now: A clock in seconds that never goes back.
        reversion: how long it keeps to a set point without a renewal, in seconds; 0 for ever.
    """

    def __init__(self, unit: Unit, now: Callable[[], float], reversion: int) -> None:
        self._unit = unit
        self._cap = SetPoint(unit, now, reversion)
        self._power = SetPoint(unit, now, reversion)
        self._window = SetPoint(unit, now, reversion)
        self._reactive = SetPoint(unit, now, reversion)
        self._factor = SetPoint(unit, now, reversion)
        self._absorbing = SetPoint(unit, now, reversion)
        self._running = SetPoint(unit, now, 0)
        self._charging = SetPoint(unit, now, 0)
        self._begun = self._entered = False
        self._known: dict[tuple[int, tuple[str, ...]], bool] = {}
        self._connection = -1

    @property
    def reverts(self) -> bool | None:
        """Whether the inverter reverts by itself when its limit is not renewed; None before it was given one."""
        return self._cap.timed

    def get_skills(self) -> Skills:
        """Return what can be set of the inverter."""
        has = self._has
        return Skills(
            cap=has(704, "WMaxLimPctEna", "WMaxLimPct") or has(123, "WMaxLim_Ena", "WMaxLimPct"),
            stop=has(703, "ES") or has(123, "Conn"),
            power=has(704, "WSetEna", "WSet") or has(704, "WSetEna", "WSetPct"),
            window=has(124, "StorCtl_Mod", "OutWRte", "InWRte"),
            charge=has(702, "WChaRteMax"),
            reactive=has(704, "VarSetEna", "VarSet") or has(123, "VArPct_Ena", "VArWMaxPct"),
            factor=has(704, "PFWInjEna", "PFWInj.PF") or has(123, "OutPFSet_Ena", "OutPFSet"),
            absorbing=has(704, "PFWAbsEna", "PFWAbs.PF"),
        )

    def describe_reversion(self) -> str:
        """Return what its output is limited to when its timer has run out, in words."""
        model = self._unit.find(704)
        values = {} if model is None else model.read("WMaxLimPctEnaRvrt", "WMaxLimPctRvrt")
        percent = values.get("WMaxLimPctRvrt") if values.get("WMaxLimPctEnaRvrt") == 1 else None
        return f"to {percent.normalize():f} %" if isinstance(percent, Decimal) else "to no limit"

    def get_cap(self, nameplate: Nameplate) -> Decimal | None:
        """Return what its output is limited to, in W; None if it is not limited."""
        for number, enable, percent in ((704, "WMaxLimPctEna", "WMaxLimPct"), (123, "WMaxLim_Ena", "WMaxLimPct")):
            model = self._unit.find(number)
            values = {} if model is None else model.measure({"enabled": [enable], "percent": [percent]})
            if len(values) == 2:  # it has both points
                return values["percent"] * nameplate.max_w / _PERCENT if values["enabled"] else None
        return None

    def set_cap(self, watts: Decimal, nameplate: Nameplate, modes: Collection[str], *, for_ever: bool = False) -> None:
        """Limit what it puts out.

        Args:
            watts: The limit, in W.
            nameplate: What the inverter is able to do.
            modes: The modes that ask for it.
            for_ever: Whether it goes on when nothing renews it.
        """
        percent = max(Decimal(0), min(watts * _PERCENT / nameplate.max_w, _PERCENT))
        seconds = 0 if for_ever else self._cap.seconds
        values: dict[str, Decimal | int]
        if self._has(704, "WMaxLimPctEna", "WMaxLimPct"):
            number, timer = 704, "WMaxLimPctRvrtTms"
            values = {timer: seconds, "WMaxLimPctEna": 1, "WMaxLimPct": percent}
            needed = ("WMaxLimPctEna", "WMaxLimPct")
        else:
            number, timer = 123, "WMaxLimPct_RvrtTms"
            values = {
                "WMaxLimPct": percent,
                "WMaxLimPct_WinTms": 0,
                timer: seconds,
                "WMaxLimPct_RmpTms": 0,
                "WMaxLim_Ena": 1,
            }
            needed = ("WMaxLim_Ena", "WMaxLimPct")
        self._cap.hold(
            number,
            values,
            timer=timer,
            needed=needed,
            modes=modes,
            again=for_ever,
            rounding=ROUND_FLOOR,
            tolerance=_PERCENT_STEP,
        )

    def set_running(self, running: bool, modes: Collection[str]) -> None:
        """Have it enter service, or leave the grid until the next call, whatever becomes of this program.

        It is let in once, and kept away for good: whoever is on the spot may stop it meanwhile.
        """
        if running and self._entered:
            return
        self._entered = False
        if self._has(703, "ES"):
            self._running.hold(703, {"ES": int(running)}, needed=["ES"], modes=modes)
        else:
            values = {"Conn_WinTms": 0, "Conn_RvrtTms": 0, "Conn": int(running)}
            self._running.hold(123, values, needed=["Conn"], modes=modes)
        self._entered = running

    def has_power_set(self) -> bool:
        """Return whether what it puts out is set, be it by a former run."""
        model = self._unit.find(704)
        return model is not None and model.read("WSetEna")["WSetEna"] == 1

    def set_power(self, watts: Decimal | None, nameplate: Nameplate, modes: Collection[str]) -> None:
        """Set what it puts out, or below 0 takes in; None lets it decide, and ends what a former run has set."""
        if watts is None:
            end = {"WSetEna": 0}
            if not self._begun and self.has_power_set():
                self._power.hold(704, end, needed=(), modes=modes)
            self._power.release(704, end)
            self._begun = True
            return
        self._begun = True
        values: dict[str, Decimal | int] = {"WSetRvrtTms": self._power.seconds, "WSetEna": 1}
        if self._has(704, "WSet"):
            values |= {"WSetMod": _WATTS, "WSet": watts}
        else:
            values |= {"WSetMod": _W_MAX_PCT, "WSetPct": watts * _PERCENT / nameplate.max_w}
        step = nameplate.max_w / _PERCENT if "WSet" in values else _PERCENT_STEP
        needed = ("WSetEna", *list(values)[-1:])
        self._power.hold(704, values, timer="WSetRvrtTms", needed=needed, modes=modes, tolerance=step)

    def set_window(
        self, least: Decimal, most: Decimal, nameplate: Nameplate, modes: Collection[str], *, for_ever: bool = False
    ) -> None:
        """Keep what its storage puts out, below 0 takes in, within a range in W.

        Args:
            least: The least; below 0 the most that it takes in.
            most: The most that it puts out; below 0 it has to take in power.
            nameplate: What the inverter is able to do.
            modes: The modes that ask for it.
            for_ever: Whether it goes on when nothing renews it.
        """
        charge = nameplate.max_charge_w or nameplate.max_w
        discharge = nameplate.max_discharge_w or charge
        timer = "InOutWRte_RvrtTms"
        self._window.hold(
            124,
            {
                "OutWRte": _clamp(most * _PERCENT / (discharge if most > 0 else charge)),
                "InWRte": _clamp(-least * _PERCENT / (charge if least < 0 else discharge)),
                "InOutWRte_WinTms": 0,
                timer: 0 if for_ever else self._window.seconds,
                "InOutWRte_RmpTms": 0,
                "StorCtl_Mod": _CHARGE_AND_DISCHARGE,
            },
            timer=timer,
            needed=["OutWRte", "InWRte", "StorCtl_Mod"],
            modes=modes,
            again=for_ever,
            rounding=ROUND_FLOOR,
            tolerance=_PERCENT_STEP,
        )

    def set_charge_limit(self, watts: Decimal, modes: Collection[str]) -> None:
        """Limit what its storage takes in, in W, by its settings: without a timer, and for seldom changes alone."""
        self._charging.hold(702, {"WChaRteMax": watts}, needed=["WChaRteMax"], modes=modes, rounding=ROUND_FLOOR)

    def set_reactive(self, wanted: Reactive | None, nameplate: Nameplate, modes: Collection[str]) -> None:
        """Set its reactive power; None lets it decide."""
        if self._has(704, "VarSetEna"):
            self._set_reactive_704(wanted, nameplate, modes)
        elif wanted is None:
            self._reactive.release(123, {"VArPct_Ena": 0})
        else:
            if wanted.var is None:
                mode, point = _OLD_VARS[wanted.reference]
                percent = wanted.percent
            else:
                mode, point = _OLD_VARS[DERUnitRefType.PERCENT_SET_MAX_W]
                percent = wanted.var * _PERCENT / nameplate.max_w
            timer = "VArPct_RvrtTms"
            values: dict[str, Decimal | int] = {
                point: percent,
                "VArPct_WinTms": 0,
                timer: self._reactive.seconds,
                "VArPct_RmpTms": 0,
                "VArPct_Mod": mode,
                "VArPct_Ena": 1,
            }
            self._reactive.hold(
                123, values, timer=timer, needed=[point, "VArPct_Ena"], modes=modes, tolerance=_PERCENT_STEP
            )

    def set_factor(self, factor: Factor | None, modes: Collection[str], *, absorbing: bool = False) -> None:
        """Set its power factor; None lets it decide.

        Args:
            factor: The factor.
            modes: The modes that ask for it.
            absorbing: Set it for the time when it takes in active power, rather than puts it out.
        """
        point = self._absorbing if absorbing else self._factor
        value, over_excited = (Decimal(1), True) if factor is None else (factor.value, not factor.under_excited)
        values: dict[str, Decimal | int]
        if absorbing or self._has(704, "PFWInjEna", "PFWInj.PF"):
            name = "PFWAbs" if absorbing else "PFWInj"
            number, enable, timer, setting = 704, f"{name}Ena", f"{name}RvrtTms", f"{name}.PF"
            values = {setting: value, f"{name}.Ext": int(not over_excited), timer: point.seconds, enable: 1}
        else:
            number, enable, timer, setting = 123, "OutPFSet_Ena", "OutPFSet_RvrtTms", "OutPFSet"
            signed = value if over_excited else -value
            values = {setting: signed, "OutPFSet_WinTms": 0, timer: point.seconds, "OutPFSet_RmpTms": 0, enable: 1}
        if factor is None:
            point.release(number, {enable: 0})
        else:
            point.hold(number, values, timer=timer, needed=[setting, enable], modes=modes, tolerance=_FACTOR_STEP)

    def set_absorbing_factor(self, factor: Factor | None, modes: Collection[str]) -> None:
        """Set its power factor for the time when it takes in active power; None lets it decide."""
        self.set_factor(factor, modes, absorbing=True)

    def _set_reactive_704(self, wanted: Reactive | None, nameplate: Nameplate, modes: Collection[str]) -> None:
        if wanted is None:
            self._reactive.release(704, {"VarSetEna": 0})
            return
        if wanted.var is None:
            values: dict[str, Decimal | int] = {"VarSetMod": _VAR_MODES[wanted.reference], "VarSetPct": wanted.percent}
        else:
            values = {"VarSetMod": _VARS, "VarSet": wanted.var}
        step = nameplate.max_w / _PERCENT if "VarSet" in values else _PERCENT_STEP
        needed = ("VarSetEna", *values)
        values = {"VarSetRvrtTms": self._reactive.seconds, **values, "VarSetEna": 1}
        self._reactive.hold(704, values, timer="VarSetRvrtTms", needed=needed, modes=modes, tolerance=step)

    def _has(self, number: int, *names: str) -> bool:
        """Return whether a model is there with some points; it is looked at once per connection."""
        if self._connection != self._unit.connection:
            self._known.clear()
        key = (number, names)
        if key not in self._known:
            model = self._unit.find(number)
            self._known[key] = model is not None and model.has(*names)
            self._connection = self._unit.connection
        return self._known[key]


def _clamp(percent: Decimal) -> Decimal:
    return max(-_PERCENT, min(percent, _PERCENT))
