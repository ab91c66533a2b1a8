"""The simulated DER follows as the published procedures want it, whether it generates or consumes."""

from __future__ import annotations

import pytest

from envoy.der.limits import Rating
from envoy.devices.simulated import Use
from tests.devices.simulated.test_device import make_der, make_site
from tests.support.clock import VirtualClock
from tests.support.device_stories import STORIES, Measured, Rig


@pytest.mark.parametrize("imports", [False, True])
@pytest.mark.parametrize("name", STORIES)
def test_it_follows_as_the_procedures_want(name: str, imports: bool) -> None:
    clock = VirtualClock(1_700_000_000)
    der = make_der(clock, sun=0.0 if imports else 1.0, battery=Use.CHARGE if imports else Use.HOLD, load_w=200.0)

    def measure() -> Measured:
        power = der.measure()
        return Measured(site_w=power.site_w, output_w=power.output_w)

    rig = Rig(
        device=der,
        rating=Rating.from_site(make_site()),
        measure=measure,
        imports=imports,
        wait=clock.wait,
        clock=clock,
        step_s=1.0,
    )
    STORIES[name](rig)
