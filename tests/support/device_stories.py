"""Published procedures as stories of a device: limits are stepped as they do, and what stands behind it is measured.

Each story is given a ``Rig``: a device of any kind, and a way to measure what the power system behind it does. It looks
until that is so, for a while at most, by the clock of the rig, virtual or not::

    @pytest.mark.parametrize("name", STORIES)
    def test_it_follows_as_the_procedures_want(name: str) -> None:
        STORIES[name](Rig(device, rating, measure=lambda: Measured(site_w=..., output_w=...)))
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from envoy.der.follow.device import Device
from envoy.der.limits import Rating, combine_limits

TOLERANCE = 0.05
"""Of the rating: the procedures allow as much."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What flows behind a device.

    Attributes:
        site_w: At the connection point, in W; positive for import.
        output_w: What the DER puts out, in W.
    """

    site_w: float
    output_w: float


@dataclass(kw_only=True)
class Rig:
    """A device with what stands behind it.

    Attributes:
        device: The device; it generates or consumes at least half of its rating as long as nothing limits it.
        rating: What it is rated for.
        measure: Measures what flows behind it.
        imports: It consumes, rather than generates.
        wait: Waits for some seconds.
        clock: Returns the time that ``wait`` takes.
        reopen: Returns the device again after it was closed, as a new process would open it; None for the very same.
        settings: What defaults set besides modes. These procedures have a ramp rate of 6 % per second.
        within_s: Seconds until what was asked for has to be so, ramp included.
        restart_s: Seconds until it runs again after it was allowed to.
        step_s: Seconds between two looks.
    """

    device: Device
    rating: Rating
    measure: Callable[[], Measured]
    imports: bool = False
    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic
    reopen: Callable[[], Device] | None = None
    settings: dict[str, int] = field(default_factory=lambda: {"setGradW": 600})
    within_s: float = 30.0
    restart_s: float = 120.0
    step_s: float = 0.05

    @property
    def max_w(self) -> float:
        """What the procedures call ``maxExportW`` or ``maxImportW``."""
        return float((self.rating.max_charge_w or Decimal(0)) if self.imports else self.rating.max_w)

    @property
    def share(self) -> float:
        """What flows at the connection point, in the direction that is limited, as a share of the rating."""
        site_w = self.measure().site_w
        return (site_w if self.imports else -site_w) / self.max_w

    @property
    def output_share(self) -> float:
        """What the DER puts out, or takes in, as a share of the rating."""
        output_w = self.measure().output_w
        return (-output_w if self.imports else output_w) / self.max_w

    def give(self, **values: Any) -> None:
        """Have the device keep to modes, by their names."""
        self.device.apply(combine_limits(values, self.rating, self.settings))

    def limit(self, share: float) -> dict[str, Decimal]:
        """Return export and import limits of a share of the rating."""
        return {
            "opModExpLimW": Decimal(round(float(self.rating.max_w) * share)),
            "opModImpLimW": Decimal(round(float(self.rating.max_charge_w or self.rating.max_w) * share)),
        }

    def wait_until(self, what: str, check: Callable[[], bool], *, within_s: float | None = None) -> None:
        """Wait until something is so, and fail if it is not so in time.

        Args:
            what: What it is, for the message.
            check: Returns whether it is so.
            within_s: Seconds that it may take; None for those of the rig.
        """
        end = self.clock() + (self.within_s if within_s is None else within_s)
        while not check():
            seen = f"{self.measure()}, {self.device.status()}"
            assert self.clock() < end, f"not in time: {what}; {seen}"
            self.wait(self.step_s)

    def watch(self, what: str, check: Callable[[], bool], *, for_s: float) -> None:
        """Look for some seconds whether something stays so."""
        end = self.clock() + for_s
        while True:
            assert check(), f"no longer: {what}; {self.measure()}, {self.device.status()}"
            if self.clock() >= end:
                return
            self.wait(self.step_s)


def follow_generation_limit(rig: Rig) -> None:
    """GEN-02: a generation limit above the rating limits nothing, and one of 0 stops generation.

    A device that consumes is given load limits, as in LOA-02.
    """
    mode = "opModLoadLimW" if rig.imports else "opModGenLimW"
    default = rig.limit(1.0)
    rig.give(**default, **{mode: Decimal(round(2 * rig.max_w))})
    rig.wait_until("half of the rating", lambda: rig.output_share >= 0.5, within_s=rig.restart_s)
    rig.give(**default, **{mode: Decimal(0)})
    rig.wait_until("nothing", lambda: abs(rig.output_share) <= TOLERANCE)
    rig.watch("nothing", lambda: abs(rig.output_share) <= TOLERANCE, for_s=10 * rig.step_s)
    assert rig.device.status().connected
    rig.give(**default)
    rig.wait_until("half of the rating again", lambda: rig.output_share >= 0.5, within_s=rig.restart_s)


def follow_import_limit(rig: Rig) -> None:
    """LOA-01: an import limit above the rating limits nothing, and one of 0 ends import at the connection point.

    A device that generates is given export limits, as in GEN-01.
    """
    mode = "opModImpLimW" if rig.imports else "opModExpLimW"
    default = rig.limit(0.0)
    rig.give(**{**default, mode: Decimal(round(2 * rig.max_w))})
    rig.wait_until("half of the rating", lambda: rig.share >= 0.5, within_s=rig.restart_s)
    rig.give(**default)
    rig.wait_until("nothing", lambda: rig.share <= TOLERANCE)
    rig.watch("nothing", lambda: rig.share <= TOLERANCE, for_s=10 * rig.step_s)


def cease_to_energize(rig: Rig) -> None:
    """ALL-26: nothing flows and the status says so while it may not energize; later both come back."""
    default = rig.limit(1.0)
    rig.give(**rig.limit(2.0))
    rig.wait_until("half of the rating", lambda: rig.output_share >= 0.5, within_s=rig.restart_s)
    rig.give(**default, opModEnergize=False)
    rig.wait_until("nothing flows", lambda: abs(rig.output_share) <= TOLERANCE)
    rig.wait_until("it says that it does not operate", lambda: not rig.device.status().operating)
    rig.give(**default, opModEnergize=True)
    rig.wait_until("it says that it operates", lambda: rig.device.status().operating, within_s=rig.restart_s)
    rig.wait_until("half of the rating again", lambda: rig.output_share >= 0.5, within_s=rig.restart_s)


def keep_the_default_through_a_restart(rig: Rig) -> None:
    """ALL-30: the default goes on to hold while the client is off, and when it comes up without contact."""
    default = rig.limit(0.3)
    rig.give(**rig.limit(2.0))
    rig.wait_until("half of the rating", lambda: rig.share >= 0.5, within_s=rig.restart_s)
    rig.give(**default)
    rig.wait_until("the default", lambda: rig.share <= 0.3 + TOLERANCE)
    rig.device.close()
    rig.watch("the default while it is off", lambda: rig.share <= 0.3 + TOLERANCE, for_s=10 * rig.step_s)
    if rig.reopen is not None:
        rig.device = rig.reopen()
    rig.give(**default)
    rig.watch("the default after that", lambda: rig.share <= 0.3 + TOLERANCE, for_s=10 * rig.step_s)
    rig.give(**rig.limit(0.5))
    rig.wait_until("half of the rating by a control", lambda: rig.share >= 0.5 - TOLERANCE, within_s=rig.restart_s)
    rig.watch("half of the rating", lambda: rig.share <= 0.5 + TOLERANCE, for_s=10 * rig.step_s)


STORIES: dict[str, Callable[[Rig], None]] = {
    "GEN-02": follow_generation_limit,
    "LOA-01": follow_import_limit,
    "ALL-26": cease_to_energize,
    "ALL-30": keep_the_default_through_a_restart,
}
"""The stories, by the names of their procedures."""
