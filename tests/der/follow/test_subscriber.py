"""A follower that subscribes: it learns of changes at once, and polls as if it did not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from envoy.protocol.flow import Request, Response
from tests.support.subscribed import SubscribedHome

CONTROLS = "/edev/1/derp/1/derc"


@pytest.fixture(params=["whole", "changed"])
def home(request: pytest.FixtureRequest) -> SubscribedHome:
    """A home at a utility that notifies as the standard has it, or as the reference server does."""
    home = SubscribedHome(notifications=request.param)
    home.program = home.utility.program("export", primacy=1)
    home.program.default(op_mod_exp_lim_w=5000)
    home.utility.poll_rates(
        device_capability=900,
        end_device_list=900,
        function_set_assignments_list=900,
        der_program_list=900,
        der_list=900,
    )
    return home


def test_it_subscribes_to_what_it_reads_and_to_nothing_else(home: SubscribedHome) -> None:
    home.follow(30)
    assert home.subscribed == ["/edev", "/edev/1/derp/1/dderc", CONTROLS, "/edev/1/fsa", "/edev/1/fsa/1/derp"]
    assert home.subscriptions.count() == (5, 5)
    assert home.count("POST", "/edev/1/sub") == 5
    assert home.session.findings == []


def test_a_changed_control_is_applied_long_before_the_next_poll(home: SubscribedHome) -> None:
    home.happen(100, lambda: home.add(110, 300, op_mod_exp_lim_w=1500))
    home.follow(500)
    assert home.limits()[1:] == [(0, 5000), (110, 1500), (410, 5000)]
    assert home.times(CONTROLS) == [0, 100]
    # The list of programs was not read for that.
    assert home.times("/edev/1/fsa/1/derp") == [0]


def test_a_notification_that_is_lost_is_made_up_for_by_the_next_poll(home: SubscribedHome) -> None:
    home.lost = True
    home.happen(100, lambda: home.add(110, 2000, op_mod_exp_lim_w=1500))
    home.follow(1000)
    assert home.deliveries == []
    assert home.limits()[1:] == [(0, 5000), (900, 1500)]
    assert home.times(CONTROLS) == [0, 900]


def test_a_control_that_is_cancelled_ends_at_once_and_the_subscription_goes_on(home: SubscribedHome) -> None:
    control = home.control(50, 1000, op_mod_exp_lim_w=1500)
    home.happen(100, control.cancel)
    home.happen(200, lambda: home.add(210, 50, op_mod_exp_lim_w=100))
    home.follow(400)
    assert home.limits()[1:] == [(0, 5000), (50, 1500), (100, 5000), (210, 100), (260, 5000)]
    assert home.responses(control) == [(1, 0), (2, 50), (6, 100)]
    assert home.subscriptions.count() == (5, 5)
    assert home.count("POST", "/edev/1/sub") == 5


def test_a_changed_default_holds_at_once(home: SubscribedHome) -> None:
    home.happen(100, lambda: home.program.default(op_mod_exp_lim_w=700))
    home.follow(300)
    assert home.limits()[1:] == [(0, 5000), (100, 700)]
    assert home.times(CONTROLS) == [0]


def test_a_rate_is_taken_of_the_resource_and_not_of_a_notification(home: SubscribedHome) -> None:
    home.happen(100, lambda: home.utility.poll_rates(der_program_list=60))
    home.follow(300)
    assert home.times("/edev/1/fsa/1/derp") == [0, 100, 160, 220, 280]


def test_a_program_that_comes_is_subscribed_to_and_one_that_goes_no_longer_is(home: SubscribedHome) -> None:
    home.happen(100, lambda: home.utility.program("other", primacy=0, fsa=2).default(op_mod_exp_lim_w=300))
    home.happen(200, lambda: home.utility.remove_assignment(2, home.lfdi))
    seen: list[list[str]] = []
    home.happen(190, lambda: seen.append(home.subscribed))
    home.follow(300)
    before = ["/edev", "/edev/1/derp/1/dderc", CONTROLS, "/edev/1/fsa", "/edev/1/fsa/1/derp"]
    assert set(seen[0]) - set(before) == {"/edev/1/derp/2/derc", "/edev/1/derp/2/dderc", "/edev/1/fsa/2/derp"}
    assert home.subscribed == before
    assert home.limits()[1:] == [(0, 5000), (100, 300), (200, 5000)]


def test_a_storm_of_notifications_causes_few_reads(home: SubscribedHome) -> None:
    for number in range(300):
        home.happens[100 + number / 10] = lambda number=number: home.notify(CONTROLS, f"storm-{number}")
    home.follow(400)
    assert 1 < len(home.times(CONTROLS)) < 9
    assert home.subscriptions.intake.received == 300


def test_a_read_that_fails_is_made_up_for_within_a_minute(home: SubscribedHome) -> None:
    home.happen(100, lambda: home.add(110, 2000, op_mod_exp_lim_w=1500))
    send: Callable[[Request], Response] = home.send

    def fail(request: Request) -> Response:
        return Response(500) if 90 < home.now < 130 and CONTROLS in request.href else send(request)

    home.send = fail
    home.follow(400)
    assert home.limits()[1:] == [(0, 5000), (160, 1500)]
