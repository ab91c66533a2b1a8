"""What limits amount to for an inverter: the set points that it gets, from what can be set and what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from envoy.der.limits import Limits
from envoy.der.modes import Values
from envoy.devices.sunspec.inverter import Nameplate
from envoy.devices.sunspec.site_loop import Bounds
from sep2 import DERUnitRefType

STOP_MODES = ("opModConnect", "opModEnergize")
CAP_MODES = ("opModGenLimW", "opModMaxLimW", "opModMaxLimWInject", "opModExpLimW")
CHARGE_MODES = ("opModLoadLimW", "opModMaxLimPctWAbsorb", "opModMaxLimWAbsorb")
TARGET_MODES = ("opModFixedW", "opModTargetW", "opModStorageTargetW")
POWER_MODES = (*TARGET_MODES, "opModImpLimW", "opModExpLimW")
REACTIVE_MODES = ("opModFixedVar", "opModTargetVar")
INJECTING_MODE, ABSORBING_MODE = "opModFixedPFInjectW", "opModFixedPFAbsorbW"

_ZERO = Decimal(0)
_HUNDREDTHS = Decimal(100)
_REFERENCES = (
    DERUnitRefType.PERCENT_SET_MAX_W,
    DERUnitRefType.PERCENT_SET_MAX_VAR,
    DERUnitRefType.PERCENT_STAT_VAR_AVAIL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skills:
    """What can be set of an inverter.

    Attributes:
        cap: The most that it puts out.
        stop: To leave the grid.
        power: What it puts out or takes in.
        window: The range of what its storage puts out and takes in.
        charge: The most that its storage takes in, as a setting.
        reactive: Its reactive power.
        factor: Its power factor while it puts out power.
        absorbing: Its power factor while it takes in power.
    """

    cap: bool
    stop: bool
    power: bool
    window: bool
    charge: bool
    reactive: bool
    factor: bool
    absorbing: bool

    def find_modes(self, *, storing: bool, metered: bool) -> frozenset[str]:
        """Return the modes that follow from it.

        A limit of the import is held by storage alone, and needs a meter.

        Args:
            storing: Whether it has storage.
            metered: Whether the connection point has a meter.
        """
        able = {
            "opModEnergize": self.stop or self.cap,
            "opModConnect": self.stop,
            INJECTING_MODE: self.factor,
            ABSORBING_MODE: self.absorbing and storing,
            **dict.fromkeys(CHARGE_MODES, storing and (self.window or self.charge)),
            "opModStorageTargetW": storing and (self.window or self.power),
            "opModImpLimW": storing and self.power and metered,
            **dict.fromkeys(CAP_MODES, self.cap),
            **dict.fromkeys(("opModFixedW", "opModTargetW"), self.power if storing else self.cap),
            **dict.fromkeys(REACTIVE_MODES, self.reactive),
        }
        return frozenset(mode for mode, is_able in able.items() if is_able)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactive:
    """Reactive power that is asked for.

    Attributes:
        var: In var, positive for what is put out; None if it is a percentage of what the inverter alone knows.
        percent: In percent of the reference.
        reference: What the percentage refers to.
    """

    var: Decimal | None = None
    percent: Decimal = _ZERO
    reference: DERUnitRefType = DERUnitRefType.PERCENT_STAT_VAR_AVAIL


@dataclass(frozen=True, slots=True)
class Factor:
    """A power factor that is asked for.

    Attributes:
        value: From 0 to 1.
        under_excited: Whether reactive power is taken up, rather than fed in.
    """

    value: Decimal
    under_excited: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The set points of an inverter. Powers are in W, positive for what it puts out; None leaves it to the inverter.

    Attributes:
        running: Whether it may be on the grid.
        cap: The most that it puts out.
        power: What it puts out.
        window: The least and the most that its storage puts out.
        charge: The most that its storage takes in, as a setting.
        reactive: Its reactive power.
        factor: Its power factor while it puts out power.
        absorbing: Its power factor while it takes in power.
    """

    running: bool
    cap: Decimal
    power: Decimal | None = None
    window: tuple[Decimal, Decimal] | None = None
    charge: Decimal | None = None
    reactive: Reactive | None = None
    factor: Factor | None = None
    absorbing: Factor | None = None


def decide_orders(
    limits: Limits,
    powers: Mapping[str, Decimal],
    nameplate: Nameplate,
    skills: Skills,
    bounds: Bounds,
) -> Orders:
    """Return the orders that keep to limits.

    Args:
        limits: The limits.
        powers: Their powers at the moment, in W, by the names of their fields: what a ramp has come to.
        nameplate: What the inverter is able to do.
        skills: What can be set of it.
        bounds: What it may put out for the limits at the connection point.
    """
    generation = powers["generation_w"]
    load = powers.get("load_w")
    target = powers.get("storage_w", powers.get("target_w")) if nameplate.storing else powers.get("target_w")
    if limits.load_w is not None and limits.load_w.by == "device":
        load = None
    cap = max(_ZERO, min(generation, bounds.most))
    power = window = charge = None
    if not nameplate.storing:
        if target is not None:
            cap = max(_ZERO, min(cap, target))
    elif skills.power:
        wanted = bounds.hold if target is None else target
        power = _decide_power(wanted, generation, load, nameplate, bounds)
    if nameplate.storing and skills.window:
        window = _decide_window(None if skills.power else target, generation, load, nameplate, bounds)
    elif nameplate.storing and skills.charge:
        charge = nameplate.rated_charge_w if load is None else load
    return Orders(
        running=limits.running,
        cap=cap,
        power=power,
        window=window,
        charge=charge,
        reactive=_read_reactive(limits),
        factor=_read_factor(limits.values, INJECTING_MODE),
        absorbing=_read_factor(limits.values, ABSORBING_MODE),
    )


def _decide_power(
    target: Decimal | None,
    generation: Decimal,
    load: Decimal | None,
    nameplate: Nameplate,
    bounds: Bounds,
) -> Decimal | None:
    """Return what storage is to put out; None if it may do what it likes."""
    charge = nameplate.max_charge_w or nameplate.max_w
    discharge = nameplate.max_discharge_w or nameplate.max_w
    power = bounds.most if target is None and bounds.most < 0 else target
    if power is None:
        return None
    if bounds.least is not None:
        power = max(power, bounds.least)
    return max(min(power, bounds.most, generation, discharge), -charge if load is None else -min(load, charge))


def _decide_window(
    target: Decimal | None, generation: Decimal, load: Decimal | None, nameplate: Nameplate, bounds: Bounds
) -> tuple[Decimal, Decimal]:
    """Return the range of what storage puts out."""
    charge = nameplate.max_charge_w or nameplate.max_w
    discharge = nameplate.max_discharge_w or charge
    lowest = -charge if load is None else -min(load, charge)
    highest = min(discharge, generation)
    if target is not None:
        lowest = highest = max(lowest, min(highest, target, bounds.most))
    return lowest, highest


def _read_reactive(limits: Limits) -> Reactive | None:
    if limits.target_var is not None:
        return Reactive(var=limits.target_var)
    fixed = limits.values.get("opModFixedVar")
    if not isinstance(fixed, tuple):
        return None
    parts = dict(fixed)
    reference = DERUnitRefType(parts["ref_type"])
    if reference not in _REFERENCES:
        return None
    return Reactive(percent=parts["value"] / _HUNDREDTHS, reference=reference)


def _read_factor(values: Values, mode: str) -> Factor | None:
    value = values.get(mode)
    if not isinstance(value, tuple):
        return None
    parts = dict(value)
    return Factor(Decimal(parts["displacement"]).scaleb(parts["multiplier"]), bool(parts["excitation"]))
