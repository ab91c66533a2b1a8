"""Following a utility in this process, under a virtual clock."""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from envoy.der.follow.follower import LONGEST_DEPARTURE
from envoy.der.follow.news import ResponseDropped, ResponseSent
from envoy.der.policies import Policy, Responses
from envoy.der.schedule import Schedule
from envoy.errors import TransportError
from envoy.protocol.flow import Request, Response
from tests.support.homes import BEGIN, Home
from tests.support.utilities import new_lfdi


@pytest.fixture
def home() -> Home:
    return Home()


def test_a_control_is_applied_in_its_second_and_responded_to(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000, set_grad_w=27)
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    home.follow(400)
    assert home.limits() == [(0, None), (0, 5000), (100, 1500), (300, 5000)]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]
    assert home.session.findings == []


def test_every_list_is_read_at_its_own_rate(home: Home) -> None:
    home.utility.program("export", primacy=1)
    home.utility.poll_rates(
        device_capability=600, end_device_list=300, function_set_assignments_list=200, der_program_list=60, der_list=100
    )
    home.follow(650)
    rates = {
        "/dcap": 600,
        "/edev": 300,
        "/edev/1/fsa": 200,
        "/edev/1/fsa/1/derp": 60,
        "/edev/1/derp/1/derc": 60,
        "/edev/1/derp/1/dderc": 60,
        "/edev/1/der": 100,
    }
    for path, rate in rates.items():
        assert home.times(path) == list(range(0, 650, rate)), path


def test_a_changed_rate_holds_from_the_next_read_on(home: Home) -> None:
    home.utility.program("export", primacy=1)
    home.utility.poll_rates(der_program_list=60)
    home.happens = {
        70: lambda: home.utility.poll_rates(der_program_list=120),
        130: lambda: home.utility.poll_rates(der_program_list=60),
    }
    home.follow(400)
    assert home.times("/edev/1/fsa/1/derp") == [0, 60, 120, 240, 300, 360]


@pytest.mark.unmeasured
def test_no_resource_is_read_more_often_than_certification_allows(home: Home) -> None:
    home.utility.program("export", primacy=1)
    rate = 60
    home.utility.poll_rates(
        device_capability=rate,
        end_device_list=rate,
        function_set_assignments_list=rate,
        der_program_list=rate,
        der_list=rate,
    )
    for number in range(24):
        home.control(100 + 60 * number, 60, op_mod_exp_lim_w=100 * number)
    home.follow(1800)
    read: dict[str, list[float]] = defaultdict(list)
    for time, method, href in home.requests:
        if method == "GET" and ("s=" not in href or "s=0&" in href):
            read[href.partition("?")[0]].append(time)
    assert len(read) == 8
    del read["/tm"]
    for path, times in read.items():
        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert max(gaps) <= 1.5 * rate, path
        assert all(later - times[index] >= 3 * rate for index, later in enumerate(times[6:])), path
    statuses = [status for status, _ in home.responses()]
    assert [statuses.count(status) for status in (1, 2, 3)] == [24, 24, 24]


def test_five_known_events_are_followed_without_contact(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=0)
    controls = [home.control(100 + 60 * number, 60, op_mod_exp_lim_w=1000 + number) for number in range(5)]
    home.happens = {90: lambda: home.utility.outage(720)}
    home.follow(900)
    assert home.limits()[1:] == [(0, 0), *((100 + 60 * number, 1000 + number) for number in range(5)), (400, 0)]
    for number, control in enumerate(controls):
        assert home.responses(control) == [(1, 0), (2, 100 + 60 * number), (3, 160 + 60 * number)]
    assert home.times("/edev/1/derp/1/derc")[-1] > 810


def test_an_assignment_that_is_taken_away_is_silent(home: Home) -> None:
    home.utility.program("default", primacy=2, fsa=2).default(op_mod_exp_lim_w=5000)
    home.control(50, 1000, op_mod_exp_lim_w=1500)
    home.utility.poll_rates(function_set_assignments_list=60)
    home.happens = {
        100: lambda: home.utility.remove_assignment(1, home.lfdi),
        130: lambda: home.control(200, 300, op_mod_exp_lim_w=100),
    }
    home.follow(600)
    assert home.limits()[1:] == [(0, 5000), (50, 1500), (120, 5000)]
    assert home.responses() == [(1, 0), (2, 50), (6, 120)]
    program = home.utility.program("export").number
    assert max(home.times(f"/edev/1/derp/{program}/derc")) < 120
    assert max(home.times("/edev/1/fsa/1/derp")) < 120


@pytest.mark.parametrize(("retry_after", "reads"), [(180, [60, 300]), (None, [60, 120, 180, 240, 300])])
def test_a_server_that_is_busy_is_left_alone_as_it_asks(home: Home, retry_after: int | None, reads: list[int]) -> None:
    home.control(50, 1000, op_mod_exp_lim_w=1500)
    home.happens = {30: lambda: home.utility.outage(220, 429, path="*/derc", retry_after=retry_after)}
    home.follow(310)
    assert home.times("/edev/1/derp/1/derc") == [0, *reads]
    assert home.limits()[1:] == [(50, 1500)]


def test_events_follow_the_time_of_the_server(home: Home) -> None:
    home.utility.poll_rates(time=60)
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.happens = {115: lambda: home.utility.set_time(offset=50)}
    home.follow(500)
    assert home.limits()[1:] == [(100, 1500), (350, None)]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 400)]


@pytest.mark.parametrize("processed", [True, False])
def test_a_response_whose_receipt_is_lost_is_on_the_server_once(home: Home, processed: bool) -> None:
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    lost = 0

    def send(request: Request) -> Response:
        nonlocal lost
        if request.method == "POST" and home.now > 50 and lost < 2:
            lost += 1
            if processed:
                home.utility.connect(home.lfdi)(request)
            raise TransportError("the connection broke", maybe_received=True, transient=True)
        return home._send(request)

    home.send = send
    home.follow(500)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]


def test_a_response_that_cannot_be_looked_up_is_sent_again_after_a_restart_with_its_own_time(home: Home) -> None:
    control = home.control(100, 400, op_mod_exp_lim_w=1500)

    def send(request: Request) -> Response:
        if request.method == "GET" and "/rsp" in request.href:
            return Response(403)
        response = home._send(request)
        if broken and request.method == "POST" and home.now >= 100:
            raise TransportError("the connection broke", maybe_received=True, transient=True)
        return response

    broken = True
    home.send = send
    home.follow(101)
    broken = False
    home.restart(200)
    home.follow(300)
    assert home.responses(control) == [(1, 0), (2, 100), (2, 100)]
    sent = [(news.response.status, news.repeated) for news in home.news if isinstance(news, ResponseSent)]
    assert sent == [(1, False), (2, True)]


def test_a_response_that_is_refused_is_not_sent_again(home: Home) -> None:
    home.control(100, 200, op_mod_exp_lim_w=1500)
    home.utility.outage(1000, 400, path="*/rsp")
    home.follow(600)
    assert [time for time, method, _ in home.requests if method == "POST"] == [0, 100, 300]
    assert not home.following.schedule.owed


def test_a_response_that_the_server_cannot_take_is_given_up_and_holds_up_no_other(home: Home) -> None:
    home.utility.poll_rates(der_program_list=900, der_list=900)
    first, second = home.control(100, 200, op_mod_exp_lim_w=1500), home.control(100, 200, op_mod_gen_lim_w=1500)

    def send(request: Request) -> Response:
        if request.method == "POST" and first.mrid.hex().upper().encode() in (request.content or b""):
            home.requests.append((home.now, "POST", request.href))
            return Response(500)
        return home._send(request)

    home.send = send
    home.follow(500)
    assert home.responses(second) == [(1, 0), (2, 100), (3, 300)]
    home.start(home.following.schedule)
    home.follow(60_000)
    dropped = [each.response.status for each in home.news if isinstance(each, ResponseDropped)]
    assert dropped == [1] and [due.status for due in home.following.schedule.owed] == [2, 3]
    assert home.count("POST") <= 3 + 2 * 20


def test_it_comes_up_on_what_was_in_force_without_contact(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000)
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.follow(150)
    home.utility.outage(330)
    home.restart(300)
    home.applied.clear()
    home.follow(1000)
    assert home.limits() == [(300, 1500), (400, 3000)]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 400)]


def test_what_the_device_refuses_is_rejected_and_the_next_best_holds(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000)
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.refused = {"opModExpLimW": 1500}
    home.follow(500)
    assert home.limits()[1:] == [(0, 3000), (100, 1500), (100, 3000)]
    assert home.responses(control) == [(1, 0), (252, 100)]


def test_a_control_with_a_curve_is_followed_with_it(home: Home) -> None:
    program = home.utility.program("export", primacy=1)
    points = [{"xvalue": 9000, "yvalue": 1000}, {"xvalue": 11_000, "yvalue": -1000}]
    curve = program.curve(curve_type=11, curve_data=points, x_multiplier=-2, y_multiplier=-2, y_ref_type=2)
    control = program.control(start=BEGIN + 100, duration=100, op_mod_volt_var=curve)
    home.follow(300)
    (applied,) = [(time, href) for time, href in home.limits("VV") if href]
    assert applied == (100, f"/edev/1/derp/{program.number}/dc/{curve.number}")
    assert home.responses(control) == [(1, 0), (2, 100), (3, 200)]


def test_a_device_that_the_utility_does_not_know_is_looked_for_and_follows_what_it_knows(home: Home) -> None:
    home.utility.poll_rates(end_device_list=300)
    home.start(Schedule(now=home.clock.now, failsafe={"opModExpLimW": Decimal(1500)}), lfdi=new_lfdi())
    home.follow(1000)
    assert home.limits() == [(0, 1500)]
    assert home.times("/edev") == [0, 300, 600, 900]
    assert not home.responses()


def test_programs_of_device_capability_are_followed_without_assignments(home: Home) -> None:
    control = home.control(100, 200, op_mod_exp_lim_w=1500)

    def send(request: Request) -> Response:
        response = home._send(request)
        if request.href == "/dcap":
            link = b'<DERProgramListLink href="/edev/1/derp"/>'
            content = response.content.replace(b"<EndDeviceListLink", link + b"<EndDeviceListLink")
            return replace(response, content=content)
        if request.href.startswith("/edev?"):
            return replace(response, content=re.sub(rb"<FunctionSetAssignmentsListLink[^>]*>", b"", response.content))
        return response

    home.send = send
    home.follow(400)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]
    assert not home.times("/edev/1/fsa") and home.times("/edev/1/derp")


def test_everything_is_read_at_once_when_something_may_have_changed(home: Home) -> None:
    home.utility.program("export", primacy=1)
    home.utility.poll_rates(der_program_list=900)
    home.happens = {100: lambda: home.control(100, 50, op_mod_exp_lim_w=1500), 101: lambda: home.following.hurry()}
    home.follow(200)
    assert home.limits()[1:] == [(101, 1500), (150, None)]


def test_only_the_responses_of_csip_aus_are_sent(home: Home) -> None:
    home.start(Schedule(policy=Policy(responses=Responses.CSIP_AUS), now=home.clock.now))
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.refused = {"opModExpLimW": 1500}
    home.follow(500)
    assert home.responses(control) == [(1, 0)]


class KilledError(BaseException):
    """The process ends."""


@pytest.mark.unmeasured
@pytest.mark.parametrize("processed", [True, False])
def test_killed_at_any_request_no_response_is_lost_or_doubled(processed: bool) -> None:
    number = 0
    while True:
        home = Home()
        program = home.utility.program("export", primacy=1)
        program.default(op_mod_exp_lim_w=3000)
        first = home.control(50, 100, op_mod_exp_lim_w=1500)
        second = home.control(100, 100, "urgent", primacy=0, op_mod_exp_lim_w=500)
        left = number

        def send(request: Request, home: Home = home) -> Response:
            nonlocal left
            left -= 1
            if left == -1:
                if processed:
                    home._send(request)
                raise KilledError
            return home._send(request)

        home.send = send
        try:
            home.follow(300)
        except KilledError:
            before = home.limits()
            home.restart(home.now + 5)
            assert home.limits()[: len(before)] == before
            home.follow(300)
        assert [status for status, _ in home.responses(first)] == [1, 2, 7], number
        assert [status for status, _ in home.responses(second)] == [1, 2, 3], number
        assert home.limits()[-1][1] == 3000
        if left >= 0:
            assert number > 20
            return
        number += 1


@pytest.mark.parametrize("remove", ["link", "resource"])
def test_without_a_time_of_the_server_the_clock_of_the_device_is_it(home: Home, remove: str) -> None:
    control = home.control(100, 200, op_mod_exp_lim_w=1500)

    def send(request: Request) -> Response:
        if request.href == "/tm":
            return Response(404)
        response = home._send(request)
        if remove == "link":
            return replace(response, content=re.sub(rb"<TimeLink[^>]*>", b"", response.content))
        return response

    home.send = send
    home.follow(400)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]


def test_a_list_of_which_the_rest_is_lost_counts_as_far_as_it_was_read(home: Home) -> None:
    home.utility.program("first", primacy=1).default(op_mod_exp_lim_w=3000)
    home.utility.program("second", primacy=2).default(op_mod_gen_lim_w=2000)
    home.utility.poll_rates(der_program_list=60)
    home.happens = {
        30: lambda: home.utility.program("first").default(op_mod_exp_lim_w=1000),
        31: lambda: home.utility.program("second").default(op_mod_gen_lim_w=1000),
    }

    lost: list[str] = []

    def send(request: Request) -> Response:
        if home.now == 60 and "/derp/2/" in request.href:
            lost.append(request.href)
            raise TransportError("no connection", transient=True)
        return home._send(request)

    home.send = send
    home.follow(150)
    assert home.limits("EL")[1:] == [(0, 3000), (60, 1000)]
    assert home.limits("GL")[1:] == [(0, 2000), (120, 1000)]
    # Nothing more of the list is asked of a server that is not there.
    assert len(lost) == 1


@pytest.mark.parametrize("path", ["*/derc", "*/dderc", "*/dc", "*/derp"])
def test_what_the_server_does_not_show_stays_as_it_was(home: Home, path: str) -> None:
    program = home.utility.program("export", primacy=1)
    program.default(op_mod_exp_lim_w=3000)
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    home.happens = {30: lambda: home.utility.outage(600, path=path)}
    home.follow(400)
    assert home.limits()[1:] == [(0, 3000), (100, 1500), (300, 3000)]
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]


def test_a_default_is_held_at_its_bounds_and_settings_that_cannot_be_are_left_out(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000, op_mod_max_lim_w=5000, set_grad_w=27)

    def send(request: Request) -> Response:
        response = home._send(request)
        if "/dderc" not in request.href:
            return response
        content = response.content
        for element, there in ((b"setGradW", b"99999"), (b"opModMaxLimW", b"60000"), (b"value", b"-5000")):
            content = re.sub(b"<%b>\\d+" % element, b"<%b>%b" % (element, there), content)
        return replace(response, content=content)

    home.send = send
    home.follow(100)
    assert home.limits("EL")[1:] == [(0, 0)]
    assert home.limits("ML")[1:] == [(0, 10_000)]
    assert home.following.schedule.get_settings() == {}
    assert len(home.session.findings) == 2


def test_a_program_without_links_wants_nothing(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000)

    def send(request: Request) -> Response:
        response = home._send(request)
        if home.now > 50 and "/derp?" in request.href:
            return replace(
                response, content=re.sub(rb"<(Default|Active)?DERControl(List)?Link[^>]*>", b"", response.content)
            )
        return response

    home.send = send
    home.utility.poll_rates(der_program_list=60)
    home.follow(100)
    assert home.limits()[1:] == [(0, 3000), (60, None)]


@pytest.mark.parametrize(("status", "sent"), [(500, [(1, 60), (2, 100), (3, 200)]), (0, [(1, 0), (252, 0)])])
def test_a_control_waits_for_its_curve_and_is_rejected_without(home: Home, status: int, sent: list[Any]) -> None:
    program = home.utility.program("export", primacy=1)
    points = [{"xvalue": 9000, "yvalue": 1000}, {"xvalue": 11_000, "yvalue": -1000}]
    curve = program.curve(curve_type=11, curve_data=points, x_multiplier=-2, y_multiplier=-2, y_ref_type=2)
    control = program.control(start=BEGIN + 100, duration=100, op_mod_volt_var=curve)
    home.utility.poll_rates(der_program_list=60)

    if status:
        home.utility.outage(50, status, path="*/dc")
    else:

        def send(request: Request) -> Response:
            response = home._send(request)
            content = re.sub(rb"/dc/\d+", b"/dc/77", response.content) if "/dc?" in request.href else response.content
            return replace(response, content=content)

        home.send = send
    home.follow(300)
    assert home.responses(control) == sent


def test_a_list_that_cannot_be_read_holds_up_no_other_and_ends_nothing(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000)
    home.utility.program("other", primacy=2, fsa=2).default(op_mod_gen_lim_w=2000)
    home.utility.poll_rates(der_program_list=60)
    home.control(20, 500, "other", primacy=2, op_mod_gen_lim_w=700)
    home.follow(50)
    home.utility.outage(300, path="/edev/*/fsa/2/derp")
    home.restart(60)
    home.happens = {70: lambda: home.utility.program("export").default(op_mod_exp_lim_w=1000)}
    home.follow(300)
    assert home.limits("EL")[1:] == [(0, 3000), (120, 1000)]
    assert home.limits("GL")[1:] == [(0, 2000), (20, 700)]


def test_the_failsafe_holds_until_a_list_was_read(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000)
    home.utility.poll_rates(der_program_list=60)
    home.utility.outage(100, path="/edev/*/derp")
    home.start(Schedule(now=home.clock.now, failsafe={"opModExpLimW": Decimal(1500)}))
    home.follow(200)
    assert home.limits() == [(0, 1500), (120, 3000)]


def test_what_comes_to_be_owed_while_responses_are_sent_is_sent_next(home: Home) -> None:
    first = home.control(100, 200, op_mod_exp_lim_w=1500)
    second = home.control(103, 200, "other", op_mod_gen_lim_w=1500)

    def send(request: Request) -> Response:
        response = home._send(request)
        if request.method == "POST" and home.now >= 100:
            home.clock.now += 4
        return response

    home.send = send
    home.follow(600)
    assert home.responses(first)[:2] == [(1, 0), (2, 100)]
    arrived = {each.control: each.arrived - BEGIN for each in home.utility.responses() if each.status == 2}
    assert arrived == {first.number: 100, second.number: 104}


def test_a_response_that_a_gateway_lost_is_looked_up_first(home: Home) -> None:
    control = home.control(100, 200, op_mod_exp_lim_w=1500)

    def send(request: Request) -> Response:
        response = home._send(request)
        return Response(504) if request.method == "POST" and 100 <= home.now < 105 else response

    home.send = send
    home.follow(600)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]


def test_a_full_disk_stops_no_limit_and_holds_responses_until_they_are_recorded(home: Home) -> None:
    control = home.control(100, 400, op_mod_exp_lim_w=1500)
    home.happens = {50: lambda: setattr(home, "full", True), 250: lambda: setattr(home, "full", False)}
    home.follow(300)
    assert home.limits() == [(0, None), (100, 1500)]
    assert home.responses(control) == [(1, 0), (2, 100)]
    assert all(not 50 <= time < 250 for time, method, _ in home.requests if method == "POST")
    assert [str(finding).partition(":")[0] for finding in home.session.findings] == ["state.sqlite"] * 2
    assert Schedule.load(json.loads(home.saved)).owed == ()


@pytest.mark.parametrize(("keep", "limit"), [(True, (100, 1500)), (False, (110, 5000))])
def test_who_leaves_sends_what_is_owed_and_applies_nothing_more(home: Home, keep: bool, limit: Any) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000)
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    later = home.control(400, 200, op_mod_exp_lim_w=700)
    home.happens = {99: lambda: home.utility.outage(51), 110: lambda: home.following.leave(keep=keep)}
    home.follow(1000)
    assert home.following.left and home.now < 1000
    assert home.limits()[-1] == limit
    assert [status for status, _ in home.responses(control)] == [1, 2]
    assert home.responses(later) == [(1, 0)]
    assert not [time for time in home.times("/edev") if time > 110]


def test_who_leaves_while_the_server_is_away_waits_for_it_and_does_nothing_else(home: Home) -> None:
    control, pauses = home.control(100, 200, op_mod_exp_lim_w=1500), list[float]()
    home.happens = {
        99: lambda: home.utility.outage(201),
        110: home.following.leave,
        111 + LONGEST_DEPARTURE: lambda: pauses.append(home.following.find_pause()),
    }
    home.follow(1000)
    assert home.following.left and pauses[0] > 1
    assert [status for status, _ in home.responses(control)] == [1, 2]


def test_a_device_that_takes_nothing_any_more_is_left_as_it_is_after_a_while(home: Home) -> None:
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000)

    def leave() -> None:
        home.broken = True
        home.following.leave(keep=False)

    home.happens = {10: leave}
    home.follow(1000)
    assert home.following.left and home.now == 10 + LONGEST_DEPARTURE
