"""The procedures of aggregators, with the follower of a fleet as the client."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from envoy.procedures import read_procedure
from tests.support.followed_fleet import FleetClient
from tests.support.rehearsals import rehearse

pytestmark = pytest.mark.unmeasured


@pytest.mark.parametrize("subscribes", [False, True])
@pytest.mark.parametrize(("name", "sites"), [("P-01", 2), ("P-02", 1)])
def test_a_fleet_passes_what_aggregators_have_to(name: str, sites: int, subscribes: bool, published: Path) -> None:
    procedure = read_procedure(published / f"{name}.yaml")
    outcome = rehearse(procedure, client=partial(FleetClient, subscribes=subscribes), sites=sites)
    assert outcome.reason == ""
    assert outcome.passed


@pytest.mark.parametrize("name", ["ALL-14", "ALL-15"])
def test_a_fleet_passes_what_subscribers_have_to(name: str, published: Path) -> None:
    outcome = rehearse(
        read_procedure(published / f"{name}.yaml"), client=partial(FleetClient, subscribes=True), sites=1
    )
    assert outcome.reason == ""
    assert outcome.passed
