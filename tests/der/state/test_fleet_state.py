"""The state of a fleet: what is kept of sites that are not followed any more, and for how long."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from envoy.der.state.departures import ABSENT_SECONDS, LEFT_SECONDS
from envoy.der.state.fleet_history import read_fleet_history
from envoy.der.state.fleet_state import FleetState
from envoy.errors import StateError
from envoy.identity import site_lfdi
from tests.support.clock import VirtualClock
from tests.support.schedules import make_event, make_program

BEGIN = 1_700_000_000.0
FIRST, SECOND = (site_lfdi(number, 32473) for number in (1, 2))


class World:
    """A state that is opened again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock(BEGIN)

    def follow(self, lfdis: Iterable[bytes], *, seconds: float = 2 * ABSENT_SECONDS, owing: bool = False) -> None:
        """Follow sites for a time."""
        with FleetState(self.folder, server="https://utility.example", clock=self.clock) as state:
            for lfdi in lfdis:
                schedule, memory = state.load(lfdi)
                now = int(self.clock.now)
                schedule.update(now, [make_program("A", 1, make_event(f"{now}", now, now + 100, EL=1))])
                for due in () if owing else schedule.owed:
                    schedule.acknowledge(due)
                memory.save(schedule)
            assert state.commit()
            self.clock.now += seconds
            if seconds:
                state.load(FIRST)[1].put("again", seconds)
                assert state.commit()

    def known(self) -> list[bytes]:
        found = []
        for lfdi in (FIRST, SECOND):
            try:
                read_fleet_history(self.folder, lfdi.hex())
            except StateError:
                continue
            found.append(lfdi)
        return found


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "state")


def test_what_is_known_of_a_site_that_has_left_is_forgotten_after_a_time(world: World) -> None:
    world.follow([FIRST, SECOND])
    world.follow([FIRST])
    world.clock.now += LEFT_SECONDS - 3 * ABSENT_SECONDS
    world.follow([FIRST])
    assert world.known() == [FIRST, SECOND]
    world.clock.now += 2 * ABSENT_SECONDS
    world.follow([FIRST])
    assert world.known() == [FIRST]


def test_what_is_owed_is_never_forgotten(world: World) -> None:
    world.follow([FIRST, SECOND], owing=True)
    for _ in range(2):
        world.follow([FIRST])
        world.clock.now += 2 * LEFT_SECONDS
    with FleetState(world.folder, server="https://utility.example", clock=world.clock) as state:
        assert state.load(SECOND)[0].owed


def test_a_site_that_is_followed_is_kept_however_quiet_it_is(world: World) -> None:
    world.follow([FIRST, SECOND])
    world.follow([FIRST])
    # It has come back, and nothing is said of it for a long time; nor is a short run the reason to forget it.
    world.follow([FIRST, SECOND])
    world.clock.now += 2 * LEFT_SECONDS
    world.follow([FIRST], seconds=0)
    world.clock.now += 2 * LEFT_SECONDS
    world.follow([FIRST])
    assert world.known() == [FIRST, SECOND]


def test_a_site_that_leaves_while_others_are_followed_is_forgotten_after_that_time(world: World) -> None:
    with FleetState(world.folder, server="https://utility.example", clock=world.clock) as state:
        for lfdi in (FIRST, SECOND):
            state.load(lfdi)[1].put("device", 1)
        state.load(SECOND)[1].note_left(world.clock())
        assert state.commit()
    world.clock.now += LEFT_SECONDS + 1
    world.follow([FIRST], seconds=0)
    assert world.known() == [FIRST]
