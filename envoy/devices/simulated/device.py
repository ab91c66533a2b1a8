"""A simulated DER: what the DERs of a site would do in seeded weather, with a household beside them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from envoy._text import suggest
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.der.modes import MODES
from envoy.devices.options import option, read_options
from envoy.devices.simulated.dispatch import Use
from envoy.devices.simulated.parts import Parts
from envoy.devices.simulated.plant import Plant, Power
from envoy.devices.simulated.weather import Load, Weather, get_noise
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site
from sep2 import AlarmStatus, InverterStatus, StorageModeStatus

FOLLOWED = frozenset(
    {
        "opModConnect",
        "opModEnergize",
        "opModExpLimW",
        "opModFixedPFAbsorbW",
        "opModFixedPFInjectW",
        "opModFixedVar",
        "opModFixedW",
        "opModGenLimW",
        "opModImpLimW",
        "opModLoadLimW",
        "opModMaxLimPctWAbsorb",
        "opModMaxLimW",
        "opModMaxLimWAbsorb",
        "opModMaxLimWInject",
        "opModStorageTargetW",
        "opModTargetVar",
        "opModTargetW",
    }
)
"""The modes that it is able to follow, where its site has them: all but curves and droop."""

_WHERE = "device simulated"
_NOTABLE = 0.01
"""Share of the rating that counts as power, in what it says of itself: less comes and goes with each appliance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedOptions:
    """The options of a simulated DER."""

    seed: int = option("which clouds come, and what the household switches on", 1)
    latitude: float = option("where it is, in degrees, north positive", -33.9, least=-90, most=90)
    longitude: float = option("where it is, in degrees, east positive", 151.2, least=-180, most=180)
    sun: float | None = option(
        "share of their rating that the panels get all the time, instead of weather", None, least=0, most=1
    )
    load_w: float = option("what the household takes on average, in W", 600.0, least=0)
    steady: bool = option("whether it takes just that all the time", False)
    battery: Use = option("what the battery does: self (for self-consumption), charge, discharge or hold", Use.SELF)
    charge: float = option("charge at the start, in percent of what can be used", 50.0, least=0, most=100)
    reconnect_s: float = option("seconds from the permission to run until it runs again", 60.0, least=0)
    refuse: str | None = option("modes that it refuses, such as opModFixedW, with spaces between them", None)
    delay_s: float = option("seconds that it takes for all that it is asked", 0.0, least=0)

    def __post_init__(self) -> None:
        for name in (self.refuse or "").split():
            if name not in MODES:
                raise ValueError(f"refuse: {name!r} is not a mode.{suggest(name, MODES)}")


@dataclass(slots=True, kw_only=True)
class Faults:
    """Injected faults of a simulated DER.

    Attributes:
        refuses: Names of the modes that it refuses.
        gone: It cannot be reached.
        delay_s: Seconds that it takes for all that it is asked.
    """

    refuses: frozenset[str] = field(default_factory=frozenset)
    gone: bool = False
    delay_s: float = 0.0


class SimulatedDER:
    """A simulated DER.

    It has the ratings of the DERs in the site file, all of them behind one inverter. Limits at the connection point are
    held by its battery and by throttling its panels, whatever the household takes. Nothing happens by itself: what
    flows at a time is worked out when it is asked for.

    Args:
        site: The site.
        options: Its options; None for the usual ones.
        clock: Returns the time in seconds since 1970.
        pause: Takes some seconds; for the fault of that kind.

    Attributes:
        faults: Injected faults; a test may set them.
        alarms: The alarms that are on, in the same way.

    Raises:
        DeviceError: The site has no DER with a rating.
    """

    def __init__(
        self,
        site: Site,
        options: SimulatedOptions | None = None,
        *,
        clock: Callable[[], float] = time.time,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        options = options or SimulatedOptions()
        self.faults = Faults(refuses=frozenset((options.refuse or "").split()), delay_s=options.delay_s)
        self.alarms = AlarmStatus(0)
        self._site = site
        self._seed = options.seed
        self._clock = clock
        self._pause = pause
        self._connected = self._enabled = True
        self._load_w: float | None = None
        self._load = Load(
            seed=options.seed, average_w=options.load_w, steady=options.steady, longitude=options.longitude
        )
        weather = Weather(seed=options.seed, latitude=options.latitude, longitude=options.longitude, share=options.sun)
        self._plant = Plant(
            Parts.from_site(site),
            sun=weather.get_sun,
            load=self._find_load,
            most_load_w=self._load.most_w,
            use=options.battery,
            charge=options.charge / 100.0,
            reconnect_s=options.reconnect_s,
            time=clock(),
        )

    @classmethod
    def from_options(cls, options: Mapping[str, str], site: Site) -> Self:
        """Return a simulated DER.

        Args:
            options: Values as text, by the names of the fields of ``SimulatedOptions``.
            site: Whose DERs it is.

        Raises:
            DeviceError: An option is wrong, or the site has no DER with a rating.
        """
        return cls(site, read_options(SimulatedOptions, "simulated", options))

    # What may be done on the spot

    def switch(
        self, *, connected: bool | None = None, enabled: bool | None = None, load_w: float | None = None
    ) -> None:
        """Do by hand what people may do on the spot; what is None stays as it is.

        Args:
            connected: Whether its switch to the grid is closed.
            enabled: Whether it may run.
            load_w: What the household takes from now on, in W.
        """
        now = self._clock()
        self._connected = self._connected if connected is None else connected
        self._enabled = self._enabled if enabled is None else enabled
        self._plant.enable(self._connected and self._enabled, now)
        if load_w is not None:
            self._plant.advance(now)
            self._load_w = load_w

    @property
    def limits(self) -> Limits | None:
        """The limits that it keeps to; None before any were given."""
        return self._plant.limits

    # What a follower asks for

    def abilities(self) -> Abilities:
        """Return the modes that its site has, without those that it cannot follow."""
        self._fail()
        ders = [Abilities.from_models(der.capability, der.settings) for der in self._site.ders]
        modes = FOLLOWED.intersection(*[frozenset().union(*(each.modes for each in ders))])
        category = self._site.device_category
        return Abilities(modes, None if category is None else int(category))

    def apply(self, limits: Limits) -> None:
        """Keep to limits from now on.

        Raises:
            DeviceRefusal: It refuses modes, as an injected fault.
            DeviceError: It is gone, in the same way.
        """
        self._fail()
        refused = sorted(self.faults.refuses & limits.values.keys())
        if refused:
            raise DeviceRefusal(f"it does not take {', '.join(refused)}", modes=refused, where=_WHERE)
        self._plant.keep_to(limits, self._clock())

    def status(self) -> DeviceStatus:
        """Return how it is."""
        self._fail()
        now = self._clock()
        plant, power = self._plant, self._plant.measure(now)
        running = plant.is_running(now)
        usable = plant.parts.capacity_wh - plant.parts.reserve_wh
        charge = (plant.stored_wh - plant.parts.reserve_wh) / usable * 100.0 if usable > 0 else None
        connected = self._connected and (plant.limits is None or plant.limits.connected)
        could = plant.parts.discharge_w if plant.stored_wh > plant.parts.reserve_wh else 0.0
        most = min(power.solar_w + power.spare_w + could, float(plant.parts.rating.max_w))
        return DeviceStatus(
            connected=connected,
            available=connected,
            operating=running,
            alarms=self.alarms,
            inverter=self._find_inverter_status(connected, power, now),
            storage=None if charge is None else self._find_storage_mode(power),
            state_of_charge=None if charge is None else _round(charge, 2),
            available_w=_round(most if running else 0.0),
            available_var=plant.parts.rating.max_var,
        )

    def readings(self) -> Readings:
        """Return what is measured now: by the meter at the connection point, and by the inverter."""
        self._fail()
        now = self._clock()
        power = self._plant.measure(now)
        wander = {name: get_noise(f"{name} {self._seed}", now, longest=600.0, octaves=6) - 0.5 for name in ("V", "Hz")}
        common = {
            "voltage": _round(235.0 + 6.0 * wander["V"] - power.site_w / 1000.0, 1),
            "frequency": _round(50.0 + 0.2 * wander["Hz"], 3),
        }
        site = {"active-power": _round(power.site_w), "reactive-power": _round(-power.var), **common}
        der = {"active-power": _round(power.output_w), "reactive-power": _round(power.var), **common}
        if self._plant.parts.capacity_wh:
            der["stored-energy"] = _round(self._plant.stored_wh)
        return Readings(site=site, der=der)

    def close(self) -> None:
        """Let go of it."""

    def measure(self) -> Power:
        """Return what flows now, more precisely than a meter says it, and whatever faults are injected."""
        return self._plant.measure(self._clock())

    def _find_load(self, at: float) -> float:
        return self._load.get_watts(at) if self._load_w is None else self._load_w

    def _fail(self) -> None:
        if self.faults.delay_s:
            self._pause(self.faults.delay_s)
        if self.faults.gone:
            raise DeviceError("it cannot be reached", where=_WHERE)

    def _find_inverter_status(self, connected: bool, power: Power, now: float) -> InverterStatus:
        if not connected:
            return InverterStatus.OFF
        if not self._plant.is_running(now):
            return InverterStatus.STANDBY
        if self._plant.is_starting(now):
            return InverterStatus.STARTING_UP
        if power.spare_w > self._notable_w:
            return InverterStatus.FORCED_POWER_REDUCTION
        return InverterStatus.TRACKING_MPPT if power.solar_w > self._notable_w else InverterStatus.STANDBY

    def _find_storage_mode(self, power: Power) -> StorageModeStatus:
        if power.battery_w > self._notable_w:
            return StorageModeStatus.STORAGE_DISCHARGING
        if power.battery_w < -self._notable_w:
            return StorageModeStatus.STORAGE_CHARGING
        return StorageModeStatus.STORAGE_HOLDING

    @property
    def _notable_w(self) -> float:
        return _NOTABLE * float(self._plant.parts.rating.max_w)


def _round(number: float, places: int = 0) -> Decimal:
    return round(Decimal(number), places) if places else Decimal(round(number))
