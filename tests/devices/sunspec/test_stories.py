"""An inverter behind Modbus follows as the published procedures want it, by old models and new, and with storage."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from envoy.der.limits import Rating
from tests.devices.sunspec.conftest import Site
from tests.support.device_stories import STORIES, Measured, Rig
from tests.support.sunspec import NEW, NEW_STORAGE, OLD, Plant

PLANTS = {
    "models 70x": (NEW, False),
    "models 12x": (OLD, False),
    "storage that charges": (NEW_STORAGE, True),
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("name", STORIES)
def test_it_follows_as_the_procedures_want(open_site: Callable[..., Site], name: str, plant: str) -> None:
    models, imports = PLANTS[plant]
    rating = Rating(max_w=Decimal(10_000), max_charge_w=Decimal(5000) if imports else None)
    site = open_site(Plant(models, sun=-5000 if imports else 9000, load=200, lag=0.7, meter_delay=1), rating)
    STORIES[name](
        Rig(
            device=site.device,
            rating=rating,
            measure=lambda: Measured(site_w=site.plant.load - site.plant.output, output_w=site.plant.output),
            imports=imports,
            wait=lambda seconds: site.pass_time(int(seconds)),
            clock=site.clock,
            reopen=site.reopen,
            step_s=1.0,
        )
    )
