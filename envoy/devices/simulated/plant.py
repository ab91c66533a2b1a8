"""The physics of a simulated DER: panels, a battery and a household behind one connection point, in time.

Powers are in W. What panels and battery put out together is positive; so is what the battery gives. What the site takes
from the grid is positive.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf, sqrt

from envoy.der.limits import Limits, Rating
from envoy.devices.simulated.ceiling import Ceiling
from envoy.devices.simulated.dispatch import Bounds, Supply, Use, dispatch
from envoy.devices.simulated.parts import Parts

EFFICIENCY = 0.95
"""Share of what a battery takes that it can give later."""

STEP = 10.0
"""Seconds of a step in which the charge is reckoned."""

MOST_STEPS = 3600
"""Steps from one look to the next at most; they are longer after a long time."""

_WHOLE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What flows at a moment.

    Attributes:
        solar_w: What the panels give.
        spare_w: What they could give beyond it.
        battery_w: What the battery gives, or below 0 takes.
        load_w: What the household takes.
        var: Reactive power that is put out, in var.
    """

    solar_w: float = 0.0
    spare_w: float = 0.0
    battery_w: float = 0.0
    load_w: float = 0.0
    var: float = 0.0

    @property
    def output_w(self) -> float:
        """What panels and battery put out."""
        return self.solar_w + self.battery_w

    @property
    def site_w(self) -> float:
        """What the site takes from the grid."""
        return self.load_w - self.output_w


class Plant:
    """Panels, a battery and a household, which keep to limits.

    Args:
        parts: What there is.
        sun: Returns the share of their rating that the panels could give at a time.
        load: Returns what the household takes at a time, in W.
        most_load_w: The most that it ever takes.
        use: What the battery does by itself.
        charge: Share of what can be used of the battery that is in it at the start.
        reconnect_s: Seconds from the permission to run until it runs again.
        time: The start, in seconds since 1970.

    Attributes:
        limits: What it keeps to; None before any were given.
        enabled: Whether it may run, as a switch on the spot has it.
        stored_wh: What is in the battery, in Wh.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        sun: Callable[[float], float],
        load: Callable[[float], float],
        most_load_w: float,
        use: Use = Use.SELF,
        charge: float = 0.5,
        reconnect_s: float = 60.0,
        time: float = 0.0,
    ) -> None:
        self.parts = parts
        self.limits: Limits | None = None
        self.enabled = True
        self.stored_wh = parts.reserve_wh + (parts.capacity_wh - parts.reserve_wh) * charge
        self._sun = sun
        self._load = load
        self._use = use
        self._reconnect_s = reconnect_s
        self._time = time
        self._returns_at = -inf
        self._set_soft_rate({}, parts.rating)
        most, taken = float(parts.rating.max_w), parts.charge_w
        self._generation, self._target_high = Ceiling(most), Ceiling(most)
        self._consumption, self._target_low = Ceiling(taken), Ceiling(taken)
        self._export, self._import = Ceiling(most), Ceiling(taken + most_load_w)
        self._storage_high, self._storage_low = Ceiling(parts.discharge_w), Ceiling(taken)

    @property
    def allowed(self) -> bool:
        """Whether it may run: neither a limit nor a switch stops it."""
        return self.enabled and (self.limits is None or self.limits.running)

    def is_running(self, time: float) -> bool:
        """Return whether power may flow at a time."""
        return self.allowed and time >= self._returns_at

    def is_starting(self, time: float) -> bool:
        """Return whether it runs at a time, and does not yet give all that it could since it was off."""
        return self.is_running(time) and self._find_soft_limit(time) < self._most

    def keep_to(self, limits: Limits, time: float) -> None:
        """Keep to limits from now on."""
        self.advance(time)
        power = self.measure(time)
        allowed = self.allowed
        self.limits = limits
        self._note_return(allowed, time)
        rating = self.parts.rating
        rating = replace(rating, grad_w=limits.settings.get("setGradW", rating.grad_w))
        self._set_soft_rate(limits.settings, rating)
        output, site = power.output_w, power.site_w
        for ceiling, limit, now in (
            (self._generation, limits.generation_w, output),
            (self._consumption, limits.load_w, -output),
            (self._export, limits.export_w, -site),
            (self._import, limits.import_w, site),
        ):
            watts, ramp_tms = (None, None) if limit is None else (limit.watts, limit.ramp_tms)
            ceiling.aim(watts, time, now, ramp_tms=ramp_tms, rating=rating)
        for high, low, target, now in (
            (self._target_high, self._target_low, limits.target_w, output),
            (self._storage_high, self._storage_low, limits.storage_w, power.battery_w),
        ):
            ramp_tms = limits.target_ramp_tms
            high.aim(target, time, now, ramp_tms=ramp_tms, rating=rating)
            low.aim(None if target is None else -target, time, -now, ramp_tms=ramp_tms, rating=rating)

    def enable(self, enabled: bool, time: float) -> None:
        """Let it run or not, by a switch on the spot."""
        self.advance(time)
        allowed = self.allowed
        self.enabled = enabled
        self._note_return(allowed, time)

    def advance(self, time: float) -> None:
        """Go on to a time: the battery charges or discharges until then. If the clock was put back, nothing flows."""
        seconds = time - self._time
        step = max(STEP, seconds / MOST_STEPS)
        while self._time < time:
            step = min(step, time - self._time)
            battery = self._dispatch(self._time, step).battery_w
            self._time = min(self._time + step, time)
            flow = battery if battery > 0 else battery * EFFICIENCY
            stored = self.stored_wh - flow * step / 3600.0
            self.stored_wh = min(max(stored, 0.0), self.parts.capacity_wh)
        self._time = time

    def measure(self, time: float) -> Power:
        """Return what flows at a time."""
        self.advance(time)
        return self._dispatch(time, 1.0)

    @property
    def _most(self) -> float:
        return max(float(self.parts.rating.max_w), self.parts.charge_w)

    def _note_return(self, allowed: bool, time: float) -> None:
        if self.allowed and not allowed:
            self._returns_at = time + self._reconnect_s

    def _set_soft_rate(self, settings: Mapping[str, int], rating: Rating) -> None:
        rate = settings.get("setSoftGradW", self.parts.soft_grad_w) or rating.grad_w
        self._soft_rate = float(rating.max_w) * rate / _WHOLE if rate else inf

    def _find_soft_limit(self, time: float) -> float:
        """Return the most that flows in or out so soon after it was off."""
        seconds = time - self._returns_at
        return inf if seconds == inf or self._soft_rate == inf else max(seconds, 0.0) * self._soft_rate

    def _dispatch(self, time: float, seconds: float) -> Power:
        """Return what flows at a time, if the battery is to last for some seconds."""
        parts, load = self.parts, self._load(time)
        sun = parts.solar_w * self._sun(time)
        if not self.is_running(time):
            return Power(load_w=load, spare_w=sun)
        soft = self._find_soft_limit(time)
        hours = seconds / 3600.0
        supply = Supply(
            solar_w=sun,
            load_w=load,
            charge_w=min(parts.charge_w, max(parts.capacity_wh - self.stored_wh, 0.0) / hours / EFFICIENCY),
            discharge_w=min(parts.discharge_w, max(self.stored_wh - parts.reserve_wh, 0.0) / hours),
        )
        import_low = load - self._import.get(time)
        bounds = Bounds(
            high_w=min(
                float(parts.rating.max_w),
                soft,
                self._generation.get(time),
                self._export.get(time) + load,
                # A target gives way to a limit.
                max(self._target_high.get(time), import_low),
            ),
            low_w=max(-soft, -self._consumption.get(time), -self._target_low.get(time), import_low),
            storage_high_w=self._storage_high.get(time),
            storage_low_w=-self._storage_low.get(time),
        )
        solar, battery = dispatch(supply, self._use, bounds)
        return Power(
            solar_w=solar,
            spare_w=sun - solar,
            battery_w=battery,
            load_w=load,
            var=self._find_var(solar + battery),
        )

    def _find_var(self, output: float) -> float:
        """Return the reactive power to put out: the target, or by a power factor, as far as the inverter can."""
        rating, limits = self.parts.rating, self.limits
        if limits is None:
            return 0.0
        if limits.target_var is not None:
            wanted = float(limits.target_var)
        else:
            factor = limits.values.get("opModFixedPFInjectW" if output > 0 else "opModFixedPFAbsorbW")
            wanted = _find_var_of_factor(dict(factor), output) if isinstance(factor, tuple) else 0.0
        most = inf if rating.max_var is None else float(rating.max_var)
        return min(max(wanted, -most), most)


def _find_var_of_factor(factor: Mapping[str, int], output: float) -> float:
    share = factor["displacement"] * 10.0 ** factor["multiplier"]
    if not 0 < share < 1:
        return 0.0
    var = abs(output) * sqrt(1 / share**2 - 1)
    return -var if factor["excitation"] else var
