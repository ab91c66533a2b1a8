"""The package as the client under test, with simulated DERs; what flows is recorded, for what only an eye sees."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from envoy.der.follow.device import Device
from envoy.devices.assignment import assign_ders
from envoy.devices.combined import CombinedDevice
from envoy.devices.part import Part
from envoy.devices.simulated import SimulatedDER, SimulatedOptions, Use
from envoy.registration.site import Site
from tests.support.der_client import MAX_W
from tests.support.followed import FollowedSite, FollowingClient

GENERATING = SimulatedOptions(sun=0.9, load_w=0.0, steady=True, battery=Use.HOLD)
"""It exports 90 % of its rating as long as nothing limits it."""

CONSUMING = SimulatedOptions(sun=0.0, load_w=0.0, steady=True, battery=Use.CHARGE, charge=0.0)
"""It imports all of its rating as long as nothing limits it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What flowed at a moment, as a share of the rating.

    Attributes:
        time: When.
        export: What the site exported, below 0 for import.
        output: What its DERs put out.
        limit: The export limit of the first of them; infinite before it had one.
    """

    time: float
    export: float
    output: float
    limit: float


@dataclass(slots=True)
class Trace:
    """What flowed over time.

    Attributes:
        moments: In order.
    """

    moments: list[Moment] = field(default_factory=list)

    def at(self, time: float) -> Moment:
        """Return what flowed at a time, as it was seen last."""
        number = bisect_right(self.moments, time, key=lambda moment: moment.time)
        return self.moments[max(number - 1, 0)]

    def during(self, begin: float, end: float) -> list[Moment]:
        """Return what was seen from one time to another."""
        return [moment for moment in self.moments if begin <= moment.time <= end]


class PoweredSite(FollowedSite):
    """A site with simulated DERs behind its client.

    Attributes:
        ders: The DERs.
        trace: What flowed at its connection point.
    """

    def __init__(self, client: PoweredClient, lfdi: bytes, pin: int | None) -> None:
        self.powered = client
        self.period = client.period
        self.ders: list[SimulatedDER] = []
        self.trace = Trace()
        super().__init__(client, lfdi, pin, gradient=client.gradient)

    @property
    def device(self) -> Device:
        """All its DERs as one, which go on while the client is off."""
        parts = _split(self.site, self.powered.count)
        if not self.ders:
            self.ders = [self.powered.der(part, self.powered.options, clock=self.powered.clock) for part in parts]
        if len(parts) == 1:
            return self.ders[0]
        return CombinedDevice(
            [
                Part(name=str(number), device=der, site=part)
                for number, (der, part) in enumerate(zip(self.ders, parts, strict=True), 1)
            ]
        )

    def look(self) -> None:
        """Record what flows."""
        powers = [der.measure() for der in self.ders]
        export = -sum(power.site_w for power in powers) / MAX_W
        output = sum(power.output_w for power in powers) / MAX_W
        limits = self.ders[0].limits
        limit = inf if limits is None or limits.export_w is None else float(limits.export_w.watts) / MAX_W
        self.trace.moments.append(Moment(self.client.clock(), export, output, limit))


def _split(site: Site, count: int) -> Sequence[Site]:
    return assign_ders([("simulated", {"share": str(100 / count)})] * count, site)


class PoweredClient(FollowingClient):
    """Sites with simulated DERs that are followed by the package.

    Args:
        utility: The utility.
        clock: The clock.
        options: Of the simulated DERs.
        der: Their class.
        count: DERs of each site.
        gradient: The ramp rate that they have by themselves.
        period: Seconds between two looks at them.
        others: As ``FollowingClient`` takes them.
    """

    def __init__(
        self,
        utility: Any,
        clock: Callable[[], float],
        *,
        options: SimulatedOptions = GENERATING,
        der: type[SimulatedDER] = SimulatedDER,
        count: int = 1,
        gradient: int = 27,
        period: float = 5.0,
        **others: Any,
    ) -> None:
        self.options = options
        self.der = der
        self.count = count
        self.gradient = gradient
        self.period = period
        self.planned: list[tuple[float, Callable[[], object]]] = []
        super().__init__(utility, clock, **others)

    def make_site(self, lfdi: bytes, pin: int | None) -> PoweredSite:
        """Return a site."""
        return PoweredSite(self, lfdi, pin)

    @property
    def site(self) -> PoweredSite:
        """The first site."""
        site = self.sites[0]
        assert isinstance(site, PoweredSite)
        return site

    @property
    def next_due(self) -> float:
        return min(super().next_due, min((time for time, _ in self.planned), default=inf))

    def plan(self, seconds: float, act: Callable[[], object]) -> None:
        """Have something done after some seconds."""
        self.planned.append((self.clock() + seconds, act))

    def act(self) -> None:
        """Do what is due, and look at what flows."""
        for each in [each for each in self.planned if each[0] <= self.clock()]:
            self.planned.remove(each)
            each[1]()
        super().act()
        for site in self.sites:
            assert isinstance(site, PoweredSite)
            site.look()
