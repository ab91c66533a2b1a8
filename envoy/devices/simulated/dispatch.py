"""What solar panels and a battery put out together within their limits, at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import inf


class Use(Enum):
    """What a battery does as long as nothing else is asked of it."""

    SELF = "self"
    """It charges with what the panels give beyond the load, and covers the load with it later."""
    CHARGE = "charge"
    """It charges as fast as it can, from the grid too."""
    DISCHARGE = "discharge"
    """It discharges as fast as it can."""
    HOLD = "hold"
    """It does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """What there is at a moment, in W.

    Attributes:
        solar_w: What the panels could give.
        load_w: What the household takes.
        charge_w: The most that the battery takes.
        discharge_w: The most that it gives.
    """

    solar_w: float
    load_w: float
    charge_w: float
    discharge_w: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What may be put out at a moment, in W; below 0 it is taken in.

    Attributes:
        low_w: The least that panels and battery put out together, if there is that much.
        high_w: The most.
        storage_low_w: The least that the battery puts out, within all other bounds.
        storage_high_w: The most, in the same way.
    """

    low_w: float = -inf
    high_w: float = inf
    storage_low_w: float = -inf
    storage_high_w: float = inf

    @property
    def steers_storage(self) -> bool:
        """Whether something is asked of the battery itself."""
        return self.storage_low_w > -inf or self.storage_high_w < inf


def dispatch(supply: Supply, use: Use, bounds: Bounds) -> tuple[float, float]:
    """Return what the panels and what the battery put out, in W.

    What is too much goes into the battery if that is its use, then the panels are throttled, then it goes into the
    battery anyway. What is missing comes from the battery. ``Bounds.high_w`` goes before ``Bounds.low_w``.
    """
    solar = supply.solar_w
    battery = _choose_battery(supply, use)
    if bounds.steers_storage:
        battery = min(max(battery, bounds.storage_low_w), bounds.storage_high_w)
    battery = min(max(battery, -supply.charge_w), supply.discharge_w)
    if solar + battery < bounds.low_w:
        battery = min(bounds.low_w - solar, supply.discharge_w)
    if solar + battery > bounds.high_w:
        battery = max(bounds.high_w - solar, _find_least(battery, supply, use, bounds))
    if solar + battery > bounds.high_w:
        solar = max(bounds.high_w - battery, 0.0)
    if solar + battery > bounds.high_w:
        battery = max(bounds.high_w - solar, -supply.charge_w)
    return solar, battery


def _choose_battery(supply: Supply, use: Use) -> float:
    if use is Use.CHARGE:
        return -supply.charge_w
    if use is Use.DISCHARGE:
        return supply.discharge_w
    return supply.load_w - supply.solar_w if use is Use.SELF else 0.0


def _find_least(battery: float, supply: Supply, use: Use, bounds: Bounds) -> float:
    """Return what the battery may come down to before the panels are throttled."""
    if bounds.steers_storage:
        return battery
    return -supply.charge_w if use in (Use.SELF, Use.CHARGE) else min(battery, 0.0)
