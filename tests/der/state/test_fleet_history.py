"""The history of one site in the state of a fleet: what held, its events and responses, and times without contact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envoy.der.abilities import Abilities
from envoy.der.follow.news import ContactLost, ContactRegained, DeviceLost
from envoy.der.modes import MODES
from envoy.der.policies import Policy, Superseded
from envoy.der.state.explanation import explain_controls
from envoy.der.state.fleet_history import is_fleet_state, read_fleet_history
from envoy.der.state.fleet_state import FleetState
from envoy.errors import StateError
from tests.support.clock import VirtualClock
from tests.support.schedules import make_event, make_program

BEGIN = 1_795_000_020
LFDIS = [bytes.fromhex(f"{number:09d}{0:023d}00032473") for number in (1, 2)]
KEYS = [lfdi.hex().upper() for lfdi in LFDIS]


def record(folder: Path) -> None:
    """Record two sites that follow, of which only the first has a control, from 100 to 300 seconds."""
    clock = VirtualClock(float(BEGIN))
    with FleetState(folder, server="https://utility.example", clock=clock) as state:
        abilities = [Abilities(frozenset({"opModExpLimW"})), Abilities()]
        policy = Policy(superseded=Superseded.RESUMES)
        schedules = [state.load(lfdi, able, policy) for lfdi, able in zip(LFDIS, abilities, strict=True)]
        control = make_event("0A", BEGIN + 100, BEGIN + 300, EL=1500)
        for seconds in (0, 100, 120, 300, 400):
            clock.now = BEGIN + seconds
            for number, (schedule, memory) in enumerate(schedules):
                if not seconds:
                    events = [] if number else [control]
                    schedule.update(clock.now, [make_program("F1", 1, *events, default={"EL": 5000})])
                schedule.advance(clock.now)
                if seconds == 120:
                    for response in schedule.owed:
                        schedule.acknowledge(response)
                        memory.note_sent(response, clock.now, 201)
                memory.save(schedule)
            if seconds == 120:
                state.note(ContactLost(time=clock.now, since=None, reason="no response"))
                schedules[1][1].note(DeviceLost(time=clock.now, reason="gone"))
            if seconds == 300:
                state.note(ContactRegained(time=clock.now, since=None))
            assert state.commit()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    record(tmp_path / "state")
    return tmp_path / "state"


def test_what_held_at_a_site_and_for_how_long(folder: Path) -> None:
    assert is_fleet_state(folder)
    first, second = (read_fleet_history(folder, key) for key in KEYS)

    def spans(history: Any) -> list[tuple[int, int | None, str]]:
        until = ((span.since - BEGIN, span.until and span.until - BEGIN, span.text) for span in history.held)
        return sorted(until, key=lambda span: span[0])

    assert spans(first) == [(0, 100, "5000 W"), (100, 300, "1500 W"), (300, None, "5000 W")]
    assert spans(second) == [(0, None, "5000 W")]
    assert (first.lfdi, first.server, first.followed) == (KEYS[0], "https://utility.example", False)


def test_events_have_their_steps_and_responses(folder: Path) -> None:
    first, second = (read_fleet_history(folder, key) for key in KEYS)
    (event,) = first.events
    assert (event.start - BEGIN, event.end - BEGIN) == (100, 300)
    assert [(time - BEGIN, str(state)) for time, state in event.steps] == [
        (0, "scheduled"),
        (100, "active"),
        (300, "completed"),
    ]
    assert [(each.status, each.outcome, each.done is None) for each in event.responses] == [
        (1, "HTTP 201", False),
        (2, "HTTP 201", False),
        (3, "", True),
    ]
    assert second.events == []


def test_times_without_contact_are_those_of_the_site_and_of_all(folder: Path) -> None:
    first, second = (read_fleet_history(folder, key) for key in KEYS)
    server = ("server", 120, 300)
    assert [(gap.side, gap.since - BEGIN, gap.until and gap.until - BEGIN) for gap in first.gaps] == [server]
    assert [(gap.side, gap.since - BEGIN, gap.until and gap.until - BEGIN) for gap in second.gaps] == [
        server,
        ("device", 120, None),
    ]


def test_the_schedule_is_that_of_the_site_with_its_choices(folder: Path) -> None:
    first, second = (read_fleet_history(folder, key).schedule for key in KEYS)
    assert first is not None and second is not None
    assert (first.abilities.modes, second.abilities) == ({"opModExpLimW"}, Abilities())
    assert first.policy.superseded is second.policy.superseded is Superseded.RESUMES


def test_the_explanation_goes_on_from_there(folder: Path) -> None:
    history = read_fleet_history(folder, KEYS[0][:9])
    found = explain_controls(history, now=BEGIN + 400, at=BEGIN + 200, before=3600, after=3600)
    assert [span.text for span in found.in_force] == ["1500 W"]
    assert {span.mode for span in found.spans} <= set(MODES)


def test_while_a_process_follows_it_is_read_too(folder: Path) -> None:
    with FleetState(folder, server="https://utility.example"):
        assert read_fleet_history(folder, KEYS[1]).followed


@pytest.mark.parametrize("site", ["", "0000", "9", "nonsense"])
def test_a_site_that_is_not_one_of_them_is_an_error_that_names_some(folder: Path, site: str) -> None:
    with pytest.raises(StateError) as caught:
        read_fleet_history(folder, site)
    assert KEYS[0] in caught.value.remedy


def test_a_folder_without_the_state_of_a_fleet_is_an_error(tmp_path: Path) -> None:
    assert not is_fleet_state(tmp_path)
    with pytest.raises(StateError):
        read_fleet_history(tmp_path, KEYS[0])


def test_a_site_of_which_nothing_was_read_yet_has_nothing(tmp_path: Path) -> None:
    with FleetState(tmp_path, server="https://utility.example") as state:
        state.load(LFDIS[0])
    history = read_fleet_history(tmp_path, KEYS[0])
    assert (history.schedule, history.held, history.events) == (None, [], [])
    explain_controls(history, now=BEGIN, at=BEGIN, before=60, after=60)
