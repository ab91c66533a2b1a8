"""Stories of a follower and its server: several devices, links that lead astray, clocks that jump."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from envoy.der.follow.clock import SteadyClock
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.news import ContactLost, ResponseDropped
from envoy.errors import LinkError, TransportError
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response
from tests.support.homes import BEGIN, Home, follow_together


def test_one_control_of_two_devices_gets_the_responses_of_both() -> None:
    home = Home()
    other = Home(neighbour=home)
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    follow_together([home, other], 400)
    for each in (home, other):
        sent = [one for one in home.utility.responses(control) if one.lfdi == each.lfdi]
        assert [(one.status, (one.created or 0) - BEGIN) for one in sent] == [(1, 0), (2, 100), (3, 300)]
        assert each.limits()[1:] == [(100, 1500), (300, None)]


@pytest.mark.parametrize("jump", [-7200, -50, 50, 7200])
def test_a_server_whose_clock_jumps_starts_and_ends_nothing_twice(jump: int) -> None:
    home = Home()
    home.utility.poll_rates(time=60)
    first = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.happens = {
        150: lambda: home.utility.set_time(offset=jump, quality=7),
        1000: lambda: home.utility.set_time(offset=0, quality=7),
    }
    home.follow(1500)
    statuses = [status for status, _ in home.responses(first)]
    assert statuses == [1, 2, 3]
    # By the server's time, as far as that says; the end is in its past after a jump ahead.
    ended = next(time for time, values in home.applied if time > 100 and "EL" not in values)
    expected = {-7200: 1020, -50: 450, 50: 350, 7200: 180}[jump]
    assert ended == expected
    assert not [finding for finding in home.session.findings if "event" in finding]


def test_a_device_that_does_not_know_the_time_goes_on_where_it_was() -> None:
    steady = 5.0
    clock = SteadyClock(lambda: steady, lambda: 100.0)
    assert clock() == 100
    clock.reach(5000)
    steady += 7
    assert clock() == 5007
    clock.reach(50)
    assert clock() == 5007


@pytest.mark.parametrize(("boot", "time"), [("a", 107), ("b", 4007), ("", 4007)])
def test_a_clock_that_was_corrected_between_two_processes_goes_on_until_the_system_starts_again(
    boot: str, time: float
) -> None:
    before = SteadyClock(lambda: 5.0, lambda: 100.0, "a" if boot else "")
    clock = SteadyClock(lambda: 12.0, lambda: 4007.0, boot)
    clock.resume(json.loads(json.dumps(before.mark)))
    assert clock() == time
    clock.resume(None)
    assert clock() == time


def test_a_response_that_is_to_go_to_another_host_is_dropped_and_holds_up_no_other() -> None:
    home = Home()
    stray, other = home.control(100, 200, op_mod_exp_lim_w=1500), home.control(100, 200, op_mod_gen_lim_w=1500)

    def send(request: Request) -> Response:
        if "elsewhere" in request.href:
            raise LinkError("the link to another host was not followed", where=str(request))
        response = home._send(request)
        if "/derc?" not in request.href:
            return response
        controls = response.content.split(b"<DERControl ")
        mrid = stray.mrid.hex().upper().encode()
        found = next((each for each in controls if mrid in each), b"")
        moved = found.replace(b'replyTo="', b'replyTo="https://elsewhere')
        return replace(response, content=response.content.replace(found, moved) if found else response.content)

    home.send = send
    home.follow(500)
    assert home.limits()[1:] == [(100, 1500), (300, None)]
    assert home.responses(other) == [(1, 0), (2, 100), (3, 300)]
    assert not home.responses(stray)
    assert [each.response.status for each in home.news if isinstance(each, ResponseDropped)] == [1, 2, 3]
    assert not [each for each in home.news if isinstance(each, ContactLost)]


def test_a_list_that_is_on_another_host_holds_up_no_other() -> None:
    home = Home()
    home.utility.program("stray", primacy=1).default(op_mod_exp_lim_w=1000)
    home.utility.program("export", primacy=2).default(op_mod_exp_lim_w=3000, op_mod_gen_lim_w=2000)

    def send(request: Request) -> Response:
        if "/derp/1/d" in request.href:
            raise LinkError("the link to another host was not followed", where=str(request))
        return home._send(request)

    home.send = send
    home.follow(500)
    assert home.limits("GL")[1:] == [(0, 2000)]
    assert not [each for each in home.news if isinstance(each, ContactLost)]


def test_a_server_that_is_there_again_is_asked_at_once_for_what_failed() -> None:
    home = Home()
    home.utility.poll_rates(
        device_capability=60, end_device_list=900, function_set_assignments_list=900, der_program_list=900
    )
    home.utility.program("export", primacy=1)
    lost: set[str] = set()

    def send(request: Request) -> Response:
        if 895 <= home.now <= 950:
            lost.add(request.href.partition("?")[0])
            raise TransportError("no route", transient=True)
        return home._send(request)

    home.send = send
    home.follow(1500)
    assert lost > {"/dcap", "/edev", "/edev/1/fsa", "/edev/1/fsa/1/derp"}
    # The next that is read after the outage is DeviceCapability, and all that had failed comes with it.
    assert {960} == {min(time for time in home.times(path) if time > 950) for path in lost if path != "/tm"}


def test_a_session_keeps_its_last_findings_and_counts_them_all() -> None:
    reported: list[str] = []
    session = FollowSession(get_profile("csip-aus-1.2"), most=3, report=reported.append)
    for text in ("a", "b", "a", "c", "d", "a"):
        session.note(text)
    assert session.findings == ["c", "d", "a"]
    assert reported == ["a", "b", "c", "d", "a"] and session.count == 5


def test_findings_do_not_grow_without_end() -> None:
    home = Home()
    number = 0

    def send(request: Request) -> Response:
        nonlocal number
        number += 1
        return Response(500, content=b"failure %d" % number)

    home.send = send
    home.follow(86_400)
    assert len(home.session.findings) <= 200 < home.session.count


def test_an_event_that_is_held_is_held_in_the_plain_data() -> None:
    home = Home()
    home.control(100, 300, op_mod_exp_lim_w=1500)
    home.happens = {90: lambda: setattr(home, "broken", True)}
    home.follow(150)
    (held,) = json.loads(home.saved)["responses"]["held"]
    assert home.following.schedule.held == {held}
