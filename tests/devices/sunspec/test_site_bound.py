"""Tests of the closed loop with the meter, against simulated plants with delays, lags and noise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envoy.devices.sunspec.inverter import Nameplate
from envoy.devices.sunspec.site_bound import SiteBound, Takeover
from envoy.devices.sunspec.site_loop import SiteLoop

RATING = 10_000.0
TOLERANCE = 100.0
"""1 % of the rating, in W."""


@dataclass(frozen=True)
class Behaviour:
    """What a plant is like.

    Attributes:
        meter_delay: How many samples the meter is behind.
        inverter_delay: How many samples the inverter is behind with what it measures.
        lag: The share of the way to its limit that the inverter goes between two samples.
        ramp: The most that it goes, in W.
        gain: What it puts out for 1 W of its limit.
    """

    meter_delay: int
    inverter_delay: int
    lag: float
    ramp: float
    gain: float


BEHAVIOURS = st.builds(
    Behaviour,
    meter_delay=st.integers(0, 3),
    inverter_delay=st.integers(0, 1),
    lag=st.floats(0.4, 1),
    ramp=st.floats(1000, RATING),
    gain=st.floats(0.97, 1.02),
)


class Simulation:
    """A site with an inverter behind a bound."""

    def __init__(self, behaviour: Behaviour, limit: float) -> None:
        self.behaviour, self.limit = behaviour, limit
        self.bound = SiteBound(Decimal(int(RATING)))
        self.cap = self.output = 0.0
        self.sites, self.outputs = [0.0] * 4, [0.0] * 4

    def run(self, seconds: int, load: float, sun: float = 9000) -> tuple[list[float], list[float]]:
        """Return what is exported at each sample, and what the inverter is limited to."""
        exports, caps = [], []
        own = self.behaviour
        for _ in range(seconds):
            way = (min(self.cap * own.gain, sun) - self.output) * own.lag
            self.output += max(-own.ramp, min(own.ramp, way))
            self.sites.append(load - self.output)
            self.outputs.append(self.output)
            site, output = self.sites[-1 - own.meter_delay], self.outputs[-1 - own.inverter_delay]
            bound = self.bound.update(Decimal(round(self.limit)), Decimal(round(site)), Decimal(round(output)))
            self.cap = max(0.0, min(RATING, float(bound)))
            exports.append(self.output - load)
            caps.append(self.cap)
        return exports, caps

    @property
    def seconds(self) -> int:
        """How long the plant takes to show what it was set to: delays, lag to 1 %, and the ramp over all of it."""
        lag = 0 if self.behaviour.lag == 1 else 9
        return 2 + self.behaviour.meter_delay + self.behaviour.inverter_delay + lag + int(RATING / self.behaviour.ramp)


@given(
    BEHAVIOURS,
    st.floats(0, 5000),
    st.lists(st.floats(0, 6000), min_size=1, max_size=4),
)
def test_the_export_settles_at_its_limit_and_does_not_swing(
    behaviour: Behaviour, limit: float, loads: list[float]
) -> None:
    """After each step of the load it is over the limit no longer than the plant takes, and then stands still."""
    simulation = Simulation(behaviour, limit)
    simulation.run(60, 3000)
    for load in loads:
        exports, _ = simulation.run(80, load)
        over = [second for second, export in enumerate(exports) if export > limit + TOLERANCE]
        assert max(over, default=0) <= simulation.seconds
        last = exports[-10:]
        reachable = min(limit, 9000 - load)
        assert max(last) - min(last) <= TOLERANCE
        assert reachable - 0.04 * RATING <= last[-1] <= limit + TOLERANCE


@given(BEHAVIOURS, st.lists(st.tuples(st.floats(0, 4000), st.floats(0, 9000)), min_size=5, max_size=60))
def test_clouds_and_loads_leave_the_bound_within_the_rating(
    behaviour: Behaviour, weather: list[tuple[float, float]]
) -> None:
    """Whatever happens, the bound comes back to what the load allows once nothing changes any more: no windup."""
    simulation = Simulation(behaviour, 1000)
    for load, sun in weather:
        _, caps = simulation.run(1, load, sun)
        assert all(0 <= cap <= RATING for cap in caps)
    exports, _ = simulation.run(100, 2000)
    assert 1000 - 0.04 * RATING <= exports[-1] <= 1000 + TOLERANCE


@given(st.sampled_from([-500, -150, 150, 500]), st.integers(0, 3))
def test_a_lower_limit_lowers_the_bound_at_once(change: int, meter_delay: int) -> None:
    simulation = Simulation(Behaviour(meter_delay, 0, 1, RATING, 1), 2000)
    _, before = simulation.run(40, 3000)
    simulation.limit += change
    _, after = simulation.run(1, 3000)
    assert after[-1] - before[-1] == pytest.approx(change, abs=1)


def test_it_begins_with_what_is_safe_and_forgets_nothing_in_between() -> None:
    bound = SiteBound(Decimal(10_000))
    assert bound.update(Decimal(1000), Decimal(-7000), Decimal(9000)) == 3000
    assert bound.update(Decimal(1000), Decimal(-1000), Decimal(3000)) == 3000


def test_storage_is_held_while_what_it_did_by_itself_would_break_the_limit() -> None:
    takeover = Takeover(Decimal(5000))
    assert takeover.hold(Decimal(-2000), Decimal(-2020), 0) is None
    assert takeover.hold(Decimal(-2000), Decimal(-4000), 1) == -2000
    assert takeover.hold(Decimal(1000), Decimal(-2000), 2) == 1000
    assert takeover.hold(Decimal(-4200), Decimal(-2000), 3) == -4000, "no more than it took in by itself"
    assert takeover.hold(Decimal(-4250), Decimal(-4000), 4) == -4000, "that may be seen some samples later"
    assert takeover.hold(Decimal(-4250), Decimal(-4000), 5) is None


def test_storage_is_let_go_when_it_may_take_in_all_that_it_can() -> None:
    takeover = Takeover(Decimal(5000))
    assert takeover.hold(Decimal(-2000), Decimal(-5000), 0) == -2000
    assert takeover.hold(Decimal(-4990), Decimal(-2000), 1) == -4990
    assert [takeover.hold(Decimal(-5000), Decimal(-4990), second) for second in (2, 3)] == [-5000] * 2
    assert takeover.hold(Decimal(-5000), Decimal(-4990), 4) is None


def test_storage_is_let_go_after_a_while_to_see_what_it_would_like() -> None:
    takeover = Takeover(Decimal(5000), held=True)
    assert takeover.hold(Decimal(-2000), Decimal(-2000), 0) == -2000
    assert takeover.hold(Decimal(-2000), Decimal(-2000), 900) == -2000
    assert takeover.hold(Decimal(-2000), Decimal(-2000), 901) is None
    assert takeover.hold(Decimal(-2000), Decimal(500), 902) is None


@example(Behaviour(meter_delay=0, inverter_delay=1, lag=0.75, ramp=1434.0, gain=1.0), 500.0, [0.0])
@given(BEHAVIOURS, st.floats(500, 5000), st.lists(st.floats(0, 6000), min_size=1, max_size=4))
def test_storage_keeps_a_limit_of_the_import_and_does_not_swing(
    behaviour: Behaviour, limit: float, loads: list[float]
) -> None:
    """It would charge with all that it can; held, it charges with what the load leaves, or helps the load."""
    nameplate = Nameplate(rated_w=Decimal(10_000), max_w=Decimal(10_000), max_charge_w=Decimal(5000), storing=True)
    time, output, power = 0.0, 0.0, None
    sites, outputs = [0.0] * 4, [0.0] * 4
    loop = SiteLoop(lambda: time)
    powers = {"export_w": Decimal(10_000), "import_w": Decimal(round(limit))}
    for load in loads:
        imports = []
        for _ in range(80):
            time += 1
            way = ((-5000 if power is None else power) * behaviour.gain - output) * behaviour.lag
            output += max(-behaviour.ramp, min(behaviour.ramp, way))
            sites.append(load - output)
            outputs.append(output)
            site, measured = sites[-1 - behaviour.meter_delay], outputs[-1 - behaviour.inverter_delay]
            bounds = loop.update(powers, Decimal(round(site)), Decimal(round(measured)), nameplate, lambda: False)
            power = None if bounds.hold is None else float(bounds.hold)
            imports.append(load - output)
        over = [second for second, watts in enumerate(imports) if watts > limit + 2 * TOLERANCE]
        seconds = Simulation(behaviour, limit).seconds
        assert max(over, default=0) <= 2 * seconds
        assert max(imports[-10:]) - min(imports[-10:]) <= TOLERANCE
