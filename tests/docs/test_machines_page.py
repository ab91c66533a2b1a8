"""The page about more than one machine: what it says a site costs is what is sent."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT
from tests.support.fleet_world import FleetWorld

PAGE = ROOT / "docs" / "how-to" / "more-than-one-machine.md"
POLL_RATE, ROUNDS = 300, 4


def requests_in_some_rounds(sites: int, programs: int) -> int:
    world = FleetWorld(sites, poll_rate=POLL_RATE, page_limit=200)
    for number in range(programs):
        world.utility.program(f"P{number}", sites=world.lfdis).default(op_mod_exp_lim_w=5000)
    followed = world.follow()
    followed.run(world.clock() + ROUNDS * POLL_RATE)
    world.requests.clear()
    followed.run(world.clock() + ROUNDS * POLL_RATE)
    return len(world.requests)


@pytest.mark.unmeasured
@pytest.mark.parametrize("programs", [1, 2])
def test_a_site_costs_the_requests_that_the_page_has(programs: int) -> None:
    of_two, of_five = (requests_in_some_rounds(sites, programs) for sites in (2, 5))
    (formula,) = re.findall(r"requests = sites \* \((.*)\) / poll_rate", PAGE.read_text(encoding="utf-8"))
    fixed, of_program = map(int, re.findall(r"\d+", formula))
    assert (of_five - of_two) / 3 == (fixed + of_program * programs) * ROUNDS
