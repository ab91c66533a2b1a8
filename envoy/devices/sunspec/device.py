"""An inverter with SunSpec Modbus, and the meter of its site, as a device that follows controls."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Self, TypeVar

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits, Rating
from envoy.devices.options import read_options
from envoy.devices.sunspec.bus import Bus
from envoy.devices.sunspec.controls import Controls
from envoy.devices.sunspec.inverter import Inverter, Nameplate
from envoy.devices.sunspec.meter import METERS, Meter
from envoy.devices.sunspec.models import Unit
from envoy.devices.sunspec.options import SunSpecOptions
from envoy.devices.sunspec.orders import (
    ABSORBING_MODE,
    CAP_MODES,
    CHARGE_MODES,
    INJECTING_MODE,
    POWER_MODES,
    REACTIVE_MODES,
    STOP_MODES,
    TARGET_MODES,
    Orders,
    Skills,
    decide_orders,
)
from envoy.devices.sunspec.output_watch import OutputWatch
from envoy.devices.sunspec.ramps import Ramps
from envoy.devices.sunspec.site_loop import GRACE, Bounds, SiteLoop
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site

T = TypeVar("T")

_log = logging.getLogger(__name__)

_NAMEPLATE_AGE = 10.0
"""How long what the inverter is able to do is remembered, in seconds."""
_METER_RETRY = 5.0
"""How long a meter that has been gone for a while is left alone, in seconds: waiting for it holds up the rest."""
_IDLE = Decimal("0.01")
"""The share of its rating below which an inverter that is to stop has stopped."""
_OVER = Decimal("1.01")
"""How far the rating of a site may be beyond that of its inverter before it is worth a notice."""


class SunSpecDevice:
    """An inverter, with or without storage, and the meter at its connection point.

    Limits of the export and the import are held by a loop that looks at the meter every period, in a thread that the
    first ``apply`` starts. Without a meter a limit of the export limits what is generated, and one of the import is not
    among the abilities.

    The inverter reverts to what its installer has set it to if its limit is not renewed for the time of ``reversion``.
    ``close`` leaves it with its last limit instead, without that time: with no loop left, a limit of the export then
    limits what is generated.

    Args:
        options: Where it is, and how it is to be treated.
        rating: What the site says of it; by default it is what the inverter says, without a ramp rate.
        device_category: Bits of the kinds of device that the site has; None if that is not known.
        now: A clock in seconds that never goes back.
        threaded: Whether it looks after itself; if not, ``step`` has to be called every period.

    Raises:
        ValueError: The options name no address that can be used.
    """

    def __init__(
        self,
        options: SunSpecOptions,
        rating: Rating | None = None,
        *,
        device_category: int | None = None,
        now: Callable[[], float] = time.monotonic,
        threaded: bool = True,
    ) -> None:
        self._options = options
        self._device_category = device_category
        self._now = now
        self._threaded = threaded
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._buses = [Bus.open(options.inverter_address, options.timeout)]
        self._unit = Unit(self._buses[0], options.unit, options.base)
        self._inverter = Inverter(self._unit)
        self._controls = Controls(self._unit, now, options.reversion)
        self._own_meter = self._open_meter()
        self._ramps = Ramps(rating)
        self._rating = rating
        self._limits: Limits | None = None
        self._nameplate: tuple[float, int, Nameplate] | None = None
        self._loop = SiteLoop(now)
        self._watch = OutputWatch()
        self._meter_at = 0.0
        self._gone_since: float | None = None
        self._begun = False
        self._trouble = ""
        self._noticed: set[str] = set()

    @classmethod
    def from_options(cls, options: Mapping[str, str], site: Site) -> Self:
        """Return a device from texts by key, and the site that it is at.

        Raises:
            DeviceError: An option is wrong.
        """
        read = read_options(SunSpecOptions, "sunspec", options)
        rating = Rating.from_site(site)
        category = None if site.device_category is None else int(site.device_category)
        return cls(read, rating if rating.max_w else None, device_category=category)

    def abilities(self) -> Abilities:
        """Return the modes that the inverter has points for.

        Raises:
            DeviceError: It cannot be reached.
        """
        with self._lock:
            storing = self._get_nameplate().storing
            metered = self._find_meter() is not None
            modes = self._controls.get_skills().find_modes(storing=storing, metered=metered)
            return Abilities(modes, self._device_category)

    def apply(self, limits: Limits) -> None:
        """Keep to limits, from now on.

        Raises:
            DeviceRefusal: The inverter refuses the points of some modes, or does not have them.
            DeviceError: It cannot be reached, or does not take them over.
        """
        with self._lock:
            self._limits = limits
            self._ramps.aim(limits, self._now(), self._measure_powers)
            if self._threaded and self._thread is None and not self._stopping.is_set():
                self._thread = threading.Thread(target=self._look_after, name="sunspec", daemon=True)
                self._thread.start()
            self.step()

    def step(self) -> None:
        """Do what is due now: look at the meter, adjust, renew. This is what the thread does every period.

        Raises:
            DeviceRefusal: The inverter refuses the points of some modes.
            DeviceError: It cannot be reached, or does not take them over.
        """
        with self._lock:
            if self._limits is None or not self._buses:
                return
            try:
                self._follow(self._limits)
            except DeviceError as error:
                self._report(error)
                raise
            if self._trouble:
                _log.info("%s: follows again", self._unit.where)
            self._trouble = ""

    def status(self) -> DeviceStatus:
        """Return how the inverter is.

        Raises:
            DeviceError: It cannot be reached.
        """
        with self._lock:
            state, nameplate = self._inverter.get_state(), self._get_nameplate()
            charge, activity = self._inverter.get_charge() if nameplate.storing else (None, None)
            limits = self._limits
            stopped = not state.running or abs(self._inverter.measure_power()) <= nameplate.max_w * _IDLE
            return DeviceStatus(
                # An inverter that cannot part from the grid stays on it, and gives nothing.
                connected=state.connected and (limits is None or limits.connected or not stopped),
                available=state.available,
                operating=state.running and (limits is None or limits.running or not stopped),
                failed=state.failed or bool(self._trouble),
                alarms=state.alarms,
                inverter=state.inverter,
                storage=activity,
                state_of_charge=charge,
                available_w=self._inverter.get_available_w(),
                manufacturer=state.own,
            )

    def readings(self) -> Readings:
        """Return what the inverter and the meter measure.

        Raises:
            DeviceError: The inverter cannot be reached. A meter that cannot be reached is left out.
        """
        with self._lock:
            meter = self._find_meter()
            site = None if meter is None else self._ask_meter(meter.measure)
            return Readings(site=site or {}, der=self._inverter.measure())

    def describe(self) -> list[str]:
        """Return what was found, in lines for a reader: inverter, models, nameplate, meter, modes and timer.

        Raises:
            DeviceError: The inverter cannot be reached.
        """
        with self._lock:
            lines = self._inverter.describe()
            meter = self._find_meter()
            if meter is None:
                lines.append("no meter: a limit of the export limits what is generated")
            else:
                try:
                    power = meter.measure_power().normalize()
                    lines.append(f"meter: the site {'exports' if power < 0 else 'imports'} {abs(power):f} W")
                except DeviceError as error:
                    lines.append(f"meter: {error}")
            lines.append(f"modes: {', '.join(sorted(self.abilities().modes))}")
            seconds = self._options.reversion
            after = f"{seconds} s after the last renewal: {self._controls.describe_reversion()}" if seconds else "never"
            lines.append(f"reverts by itself: {after}")
            lines += self._compare_ratings(self._get_nameplate())
            return lines

    def close(self) -> None:
        """Let go of the inverter, which stays with its last limit."""
        self._stopping.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        with self._lock:
            try:
                self._leave()
            except DeviceError as error:
                _log.warning("%s: its last limit ends with its timer: %s", self._unit.where, error)
            for bus in self._buses:
                bus.close()
            self._buses = []

    def _open_meter(self) -> Meter | None:
        """Return the meter that the options name."""
        options = self._options
        if options.meter is None and options.meter_unit is None:
            return None
        bus = Bus.open(options.meter_address, options.timeout)
        self._buses.append(bus)
        number = options.unit if options.meter is None else 1
        base = options.base if options.meter is None else None
        unit = Unit(bus, number if options.meter_unit is None else options.meter_unit, base)
        return Meter(unit, inverted=options.invert_meter)

    def _find_meter(self) -> Meter | None:
        """Return the meter: the one that the options name, or the one of the inverter's own unit."""
        if self._own_meter is not None:
            return self._own_meter
        if self._unit.find(*METERS) is None:
            return None
        return Meter(self._unit, inverted=self._options.invert_meter)

    def _get_nameplate(self) -> Nameplate:
        now = self._now()
        known = self._nameplate
        if known is None or now - known[0] > _NAMEPLATE_AGE or known[1] != self._unit.connection:
            nameplate = self._inverter.get_nameplate()
            known = self._nameplate = now, self._unit.connection, nameplate
            for notice in self._compare_ratings(nameplate):
                self._notice(notice)
        return known[2]

    def _compare_ratings(self, nameplate: Nameplate) -> list[str]:
        if self._rating is None or self._rating.max_w <= nameplate.max_w * _OVER:
            return []
        return [f"the site says {self._rating.max_w:f} W, and the inverter is set to {nameplate.max_w.normalize():f} W"]

    def _ask_meter(self, measure: Callable[[], T]) -> T | None:
        """Return what the meter measures; None if it is gone."""
        now = self._now()
        if now < self._meter_at:
            return None
        try:
            measured = measure()
        except DeviceError as error:
            if self._gone_since is None:
                self._gone_since = now
            if now - self._gone_since >= GRACE:
                self._meter_at = now + _METER_RETRY
                what = "the meter is gone, so that a limit of the export limits what is generated"
                self._notice(f"{what}: {error}", "meter")
            return None
        self._gone_since = None
        self._noticed.discard("meter")
        return measured

    def _measure_powers(self) -> dict[str, Decimal]:
        """Return what flows now, in W, by the names of the limits that bound it; nothing if it cannot be measured."""
        try:
            meter = self._find_meter()
            site = None if meter is None else self._ask_meter(meter.measure_power)
            output = self._inverter.measure_power()
        except DeviceError:
            # The step that follows reports it.
            return {}
        export = output if site is None else -site
        return {"export_w": export, "import_w": -export, "generation_w": output, "load_w": -output}

    def _follow(self, limits: Limits) -> None:
        nameplate, skills = self._get_nameplate(), self._controls.get_skills()
        if not self._begun:
            # What a former run has left, or the inverter's own failsafe: power comes back by a ramp as from any limit.
            self._ramps.begin(self._controls.get_cap(nameplate), limits, self._now())
            self._begun = True
        powers = self._ramps.get_powers(limits, self._now())
        meter = self._find_meter()
        site = None if meter is None else self._ask_meter(meter.measure_power)
        # The inverter is measured after the meter, which is behind anyway.
        output = self._inverter.measure_power()
        bounds = self._loop.update(powers, site, output, nameplate, self._controls.has_power_set)
        if meter is None and bounds.most < nameplate.max_w:
            self._notice("no meter, so that a limit of the export limits what is generated")
        orders = decide_orders(limits, powers, nameplate, skills, bounds)
        self._give(orders, limits, nameplate, skills)
        if skills.cap and not self._watch.keeps(output, orders.cap, nameplate.max_w, self._now()):
            what = f"it puts out {output.normalize():f} W, and does not come down to {orders.cap.normalize():f} W"
            raise DeviceError(what, where=self._unit.where, remedy="Is it set to follow limits from outside?")
        if self._options.reversion and self._controls.reverts is False:
            self._notice("it has no timer for its limit, which stays if this program dies")

    def _give(self, orders: Orders, limits: Limits, nameplate: Nameplate, skills: Skills) -> None:
        """Write what is to be written; what is refused does not keep the rest from being written."""
        controls, refusals = self._controls, list[DeviceRefusal]()

        def run(write: Callable[..., object], *args: object, modes: Collection[str]) -> None:
            asking = [mode for mode in modes if mode in limits.values]
            try:
                write(*args, asking)
            except DeviceRefusal as refusal:
                refusals.append(refusal)

        if skills.stop and not orders.running:
            run(controls.set_running, False, modes=STOP_MODES)
        caps = CAP_MODES if nameplate.storing else (*CAP_MODES, *TARGET_MODES)
        if skills.cap:
            run(controls.set_cap, orders.cap, nameplate, modes=caps if skills.stop else (*caps, *STOP_MODES))
        if nameplate.storing and skills.power:
            run(controls.set_power, orders.power, nameplate, modes=POWER_MODES)
        if orders.window is not None:
            run(controls.set_window, *orders.window, nameplate, modes=(*CHARGE_MODES, *TARGET_MODES))
        if orders.charge is not None:
            run(controls.set_charge_limit, orders.charge, modes=CHARGE_MODES)
        if skills.reactive:
            run(controls.set_reactive, orders.reactive, nameplate, modes=REACTIVE_MODES)
        if skills.factor:
            run(controls.set_factor, orders.factor, modes=[INJECTING_MODE])
        if skills.absorbing:
            run(controls.set_absorbing_factor, orders.absorbing, modes=[ABSORBING_MODE])
        if skills.stop and orders.running:
            run(controls.set_running, True, modes=STOP_MODES)
        if refusals:
            modes = [mode for refusal in refusals for mode in refusal.modes]
            raise DeviceRefusal("; ".join(each.what for each in refusals), modes=modes, where=self._unit.where)

    def _leave(self) -> None:
        """Leave the inverter with its last limit, as nothing renews it and nothing looks at the meter any more."""
        if self._limits is None or not self._buses:
            return
        nameplate, skills = self._get_nameplate(), self._controls.get_skills()
        powers = self._ramps.get_powers(self._limits, self._now())
        orders = decide_orders(self._limits, powers, nameplate, skills, Bounds(powers["export_w"]))
        if skills.cap:
            self._controls.set_cap(orders.cap, nameplate, (), for_ever=True)
        if orders.window is not None:
            self._controls.set_window(*orders.window, nameplate, (), for_ever=True)

    def _look_after(self) -> None:
        """Do what is due, every period, until it is closed."""
        period = self._options.period
        due = self._now() + period
        while not self._stopping.wait(due - self._now()):
            try:
                self.step()
            except DeviceError:
                pass  # it is reported, and tried again
            except Exception as error:
                _log.exception("%s: cannot follow", self._unit.where)
                self._trouble = repr(error)
            # Others get their turn as well when a step takes longer than a period.
            due = max(due, self._now() - period / 2) + period

    def _report(self, error: DeviceError) -> None:
        if str(error) != self._trouble:
            _log.warning("%s", error)
        self._trouble = str(error)

    def _notice(self, what: str, key: str = "") -> None:
        """Log something once."""
        if (key or what) not in self._noticed:
            self._noticed.add(key or what)
            _log.warning("%s: %s", self._unit.where, what)
