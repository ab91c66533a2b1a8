"""What a device does with what it is given decides what is responded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from envoy.der.abilities import Abilities
from envoy.der.follow.news import Applied, DeviceLost, DeviceRegained, Refused
from envoy.der.policies import Policy, Responses
from envoy.der.schedule import Schedule
from tests.support.homes import BEGIN, Home


@pytest.fixture
def home() -> Home:
    return Home()


def make_break(home: Home, begin: float, end: float) -> None:
    """Have the device gone for some time."""
    home.happens |= {begin: lambda: setattr(home, "broken", True), end: lambda: setattr(home, "broken", False)}


def test_an_event_starts_when_the_device_has_taken_it(home: Home) -> None:
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    make_break(home, 95, 125)
    home.follow(500)
    # It was given the limits again after 2, 4, 8 and 16 seconds.
    assert home.limits()[1:] == [(130, 1500), (400, None)]
    assert home.responses(control) == [(1, 0), (2, 130), (3, 400)]
    lost, regained = [each for each in home.news if isinstance(each, DeviceLost | DeviceRegained)]
    assert (lost.time - BEGIN, regained.time - BEGIN) == (100, 130)


@pytest.mark.parametrize(
    ("responses", "sent"), [(Responses.FULL, [(1, 0), (252, 400)]), (Responses.CSIP_AUS, [(1, 0)])]
)
def test_an_event_that_the_device_never_took_was_not_completed(
    home: Home, responses: Responses, sent: list[Any]
) -> None:
    home.start(Schedule(policy=Policy(responses=responses), now=home.clock.now))
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    make_break(home, 95, 450)
    home.follow(600)
    assert home.limits() == [(0, None)]
    assert home.responses(control) == sent


def cancel(home: Home, control: Any) -> None:
    control.cancel()
    home.following.hurry()


def supersede(home: Home, control: Any) -> None:
    home.control(150, 100, "urgent", primacy=0, op_mod_exp_lim_w=500)
    home.following.hurry()


@pytest.mark.parametrize(("end", "status"), [(cancel, 6), (supersede, 7)])
def test_an_event_that_ends_otherwise_before_the_device_takes_it_never_started(
    home: Home, end: Callable[[Home, Any], None], status: int
) -> None:
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    make_break(home, 95, 170)
    home.happens[150] = lambda: end(home, control)
    home.follow(600)
    assert home.responses(control) == [(1, 0), (status, 150)]
    assert [each for each, _ in home.responses() if each == 252] == []


@pytest.mark.parametrize(("back", "sent"), [(200, [(1, 0), (2, 200), (3, 400)]), (450, [(1, 0), (252, 400)])])
def test_what_was_held_is_held_after_a_restart(home: Home, back: float, sent: list[Any]) -> None:
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    make_break(home, 95, 1000)
    home.follow(150)
    home.broken = False
    home.happens.clear()
    home.restart(back)
    home.follow(600)
    assert home.responses(control) == sent


def test_what_the_device_had_taken_is_responded_to_with_its_time_after_a_restart(home: Home) -> None:
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.happens[90] = lambda: home.utility.outage(200, path="*/rsp")
    home.follow(150)
    home.restart(350)
    home.follow(600)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 400)]


def test_a_refused_mode_goes_to_the_next_best_and_the_others_of_its_event_are_followed(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_gen_lim_w=4000)
    control = home.control(100, 300, op_mod_exp_lim_w=1500, op_mod_gen_lim_w=700)
    home.refused = {"opModGenLimW": 700}
    home.follow(600)
    assert home.limits("EL")[1:] == [(100, 1500), (400, None)]
    assert home.limits("GL")[1:] == [(0, 4000), (100, 700), (100, 4000)]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 400)]
    assert [each.modes for each in home.news if isinstance(each, Refused)] == [("opModGenLimW",)]


def test_a_default_is_applied_without_the_modes_that_the_device_refuses(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000, op_mod_gen_lim_w=700)
    control = home.control(100, 300, op_mod_gen_lim_w=800)
    home.refused = {"opModGenLimW": 700}
    home.follow(600)
    assert home.limits("EL")[1:] == [(0, 3000)]
    # Another value of the mode is another try.
    assert home.limits("GL")[1:] == [(0, 700), (0, None), (100, 800), (400, None)]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 400)]


def test_what_the_device_itself_is_not_able_to_follow_is_rejected(home: Home) -> None:
    home.able = Abilities(frozenset({"opModExpLimW"}))
    able, unable = home.control(100, 300, op_mod_exp_lim_w=1500), home.control(100, 300, op_mod_gen_lim_w=1500)
    home.follow(600)
    assert [status for status, _ in home.responses(able)] == [1, 2, 3]
    assert [status for status, _ in home.responses(unable)] == [1, 252]


def test_the_news_of_what_is_applied_have_the_second_in_which_it_came_to_hold(home: Home) -> None:
    home.control(100, 300, op_mod_exp_lim_w=1500)
    home.follow(600)
    applied = [(each.due - BEGIN, each.time - BEGIN) for each in home.news if isinstance(each, Applied)]
    assert applied == [(0, 0), (100, 100), (400, 400)]
