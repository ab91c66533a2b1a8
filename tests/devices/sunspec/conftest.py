"""Plants behind Modbus servers, and devices that talk to them under a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from envoy.der.limits import Limits, Rating, combine_limits
from envoy.devices.sunspec import SunSpecDevice, SunSpecOptions
from tests.support.clock import VirtualClock
from tests.support.sunspec import METER, ModbusServer, Plant

RATING = Rating(max_w=Decimal(10_000))


class Site:
    """A plant, its server, and the device that is tested."""

    def __init__(self, plant: Plant, rating: Rating | None = RATING, **options: Any) -> None:
        self.plant = plant
        self.clock = VirtualClock()
        self.rating = rating or RATING
        self.server = ModbusServer(plant).start()
        if METER in plant.units and "meter" not in options:
            options.setdefault("meter_unit", METER)
        options.setdefault("timeout", 4.0)  # long, since tests may run under load
        self._options = SunSpecOptions(address=self.server.url, **options)
        self.device = self.reopen()

    def reopen(self) -> SunSpecDevice:
        """Return the device as a new process would open it."""
        self.device = SunSpecDevice(self._options, self.rating, now=self.clock, threaded=False)
        return self.device

    def limit(self, **values: Any) -> Limits:
        """Return the limits of modes."""
        return combine_limits(values, self.rating)

    def apply(self, **values: Any) -> None:
        """Have the device keep to modes."""
        self.device.apply(self.limit(**values))

    def run(self, seconds: int) -> list[float]:
        """Put the time forward by seconds, and return what the site exports at each."""
        exports = []
        for _ in range(seconds):
            self.pass_time(1)
            exports.append(self.plant.export)
        return exports

    def pass_time(self, seconds: int) -> None:
        """Put the time of the plant and the device forward."""
        for _ in range(seconds):
            self.plant.tick()
            self.clock.now += 1
            self.device.step()

    def close(self) -> None:
        self.device.close()
        self.server.stop()


@pytest.fixture
def open_site() -> Iterator[Callable[..., Site]]:
    """Make sites, which are closed at the end."""
    sites: list[Site] = []

    def make(plant: Plant | None = None, rating: Rating | None = RATING, **options: Any) -> Site:
        sites.append(Site(plant or Plant(), rating, **options))
        return sites[-1]

    yield make
    for site in sites:
        site.close()
