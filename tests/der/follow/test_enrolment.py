"""A site is registered while it is followed: at the start, after failures, and again when its EndDevice is gone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from envoy import Site
from envoy.der.follow.news import ContactLost, ContactRegained, Registered, Silenced, Unregistered
from envoy.der.schedule import Schedule
from envoy.protocol.flow import Request, Response
from tests.conftest import ROOT
from tests.support.homes import BEGIN, Home

PIN = 111115
"""That of the utility's Registrations."""

FAILSAFE = {"opModExpLimW": Decimal(1500)}


def make_home(profile: str = "csip-aus-1.2", **fields: object) -> Home:
    name = "site-ieee-2018.toml" if profile == "ieee-2018" else "site.toml"
    site = Site.load(ROOT / "examples" / name)
    return Home(replace(site, **fields), profile)  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", ["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"])
def test_a_site_is_registered_and_followed(profile: str) -> None:
    home = make_home(profile)
    mode = "op_mod_max_lim_w"
    control = home.control(100, 200, **{mode: 5000})
    home.follow(400)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]
    assert [(each.created, each.time - BEGIN) for each in home.news if isinstance(each, Registered)] == [(True, 0)]
    assert home.session.findings == []


def test_discovery_in_csip_aus_1_3_begins_with_what_the_server_says_of_itself_and_is_done_once() -> None:
    home = make_home("csip-aus-1.3")
    home.utility.poll_rates(device_capability=60)
    home.follow(400)
    assert home.requests[0][1:] == ("GET", "/.well-known/csipaus")
    assert home.count("GET", "/.well-known") == 1


def test_registration_is_tried_again_until_the_server_is_there_and_known_limits_hold_meanwhile() -> None:
    home = make_home()
    home.utility.program("export", primacy=1).default(op_mod_exp_lim_w=3000)
    home.utility.outage(600)
    home.start(Schedule(now=home.clock.now, failsafe=FAILSAFE))
    home.follow(1000)
    assert home.limits()[0] == (0, 1500)
    assert home.limits()[-1][1] == 3000
    tries = [time for time, _, href in home.requests if href == "/dcap" and time < 600]
    registered = next(time for time, method, href in home.requests if (method, href) == ("POST", "/edev"))
    # Ever more seldom, and within five minutes of the time at which the server is there again.
    assert len(tries) <= 12
    assert 600 <= registered <= 900
    lost, regained = [each for each in home.news if isinstance(each, ContactLost | ContactRegained)]
    assert (lost.time - BEGIN, regained.time - BEGIN) == (0, registered)


def test_a_step_that_fails_holds_up_no_control_and_is_done_when_that_is_possible() -> None:
    home = make_home()
    home.utility.outage(500, path="*/derg")
    control = home.control(100, 200, op_mod_exp_lim_w=1500)
    home.follow(1000)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 300)]
    assert [each.time - BEGIN for each in home.news if isinstance(each, Registered)] == [0]
    written = [time for time, method, href in home.requests if (method, href) == ("PUT", "/edev/1/der/1/derg")]
    assert 500 <= written[-1] <= 800
    assert home.count("PUT", "/edev/1/der/1/derg") <= 9


@pytest.mark.parametrize("part", ["cp", "di", "dercap", "derg"])
def test_a_part_of_the_site_that_is_refused_keeps_nothing_else_from_being_reported(part: str) -> None:
    home = make_home()
    home.send = lambda request: Response(403) if request.href.endswith(f"/{part}") else home._send(request)
    home.follow(100)
    written = {href for _, method, href in home.requests if method == "PUT"}
    places = {"/edev/1/cp", "/edev/1/di", "/edev/1/der/1/dercap", "/edev/1/der/1/derg", "/edev/1/der/1/ders"}
    assert written == {place for place in places if not place.endswith(f"/{part}")}


@pytest.mark.parametrize("status", [400, 403, 409, 503])
def test_a_server_that_does_not_take_the_site_is_not_hammered(status: int) -> None:
    home = make_home()
    home.send = lambda request: Response(status) if request.method == "POST" else home._send(request)
    home.start(Schedule(now=home.clock.now, failsafe=FAILSAFE))
    home.follow(3600)
    assert home.limits() == [(0, 1500)]
    assert home.session.findings
    assert home.count("GET", "/dcap") <= 12 + 12 + 5


@pytest.mark.unmeasured
@pytest.mark.parametrize("status", [403, 500])
@pytest.mark.parametrize("path", ["/dercap", "/derg", "/cp"])
def test_a_server_that_never_takes_a_part_of_the_site_is_not_hammered(path: str, status: int) -> None:
    home = make_home()
    home.utility.poll_rates(device_capability=60, end_device_list=60)
    home.send = lambda request: Response(status) if request.href.endswith(path) else home._send(request)
    home.follow(3600)
    # Beside the polls: after 10 s, then twice as long, then every five minutes.
    assert home.count("GET", "/dcap") <= 60 + 17


def test_a_site_that_cannot_be_written_ends_nothing() -> None:
    home = make_home()
    home.control(100, 300, op_mod_exp_lim_w=1500)
    home.follow(50)
    saved = json.loads(home.saved)
    (der,) = home.site.ders if home.site else ()
    impossible = replace(der, settings=replace(der.settings, set_grad_w=1 << 20)) if der.settings else der
    home.site = replace(home.site, ders=[impossible]) if home.site else None
    home.start(Schedule.load(saved))
    count = len(home.requests)
    home.follow(500)
    assert home.limits()[-2:] == [(100, 1500), (400, None)]
    assert len(home.requests) == count and home.session.findings


def test_another_pin_ends_all_traffic_and_no_limit() -> None:
    home = make_home(pin=PIN)
    home.control(100, 300, op_mod_exp_lim_w=1500)
    home.follow(150)
    saved = json.loads(home.saved)
    home.site = replace(home.site, pin=123455) if home.site else None
    home.clock.now = BEGIN + 200
    home.start(Schedule.load(saved))
    count = len(home.requests)
    home.happens = {300: home.following.hurry}
    home.follow(5000)
    assert [href for _, _, href in home.requests[count:]] == ["/dcap", "/tm", "/edev?s=0&l=50", "/edev/1/rg"]
    assert home.limits()[-2:] == [(100, 1500), (400, None)]
    (silenced,) = [each for each in home.news if isinstance(each, Silenced)]
    assert home.following.silenced == silenced.reason


def test_nothing_is_followed_before_the_pin_was_compared() -> None:
    home = make_home(pin=PIN)
    control = home.control(0, 900, op_mod_exp_lim_w=1500)
    home.utility.outage(300, path="*/rg")
    home.follow(290)
    assert not home.responses() and home.limits() == [(0, None)]
    assert not home.count("GET", "/edev/1/fsa")
    home.restart(290)
    home.follow(800)
    assert [status for status, _ in home.responses(control)] == [1, 2]


def test_a_server_without_a_registration_is_followed() -> None:
    home = make_home(pin=PIN)
    home.utility.show_registration_links(False)
    control = home.control(100, 300, op_mod_exp_lim_w=1500)
    home.follow(500)
    assert home.responses(control) == [(1, 0), (2, 100), (3, 400)]


def test_an_end_device_that_is_gone_is_made_again_and_what_was_read_holds_until_then() -> None:
    home = make_home()
    home.utility.poll_rates(end_device_list=300, function_set_assignments_list=60, der_program_list=60)
    home.control(50, 3000, op_mod_exp_lim_w=1500)

    def remove() -> None:
        assert home.utility.connect(home.lfdi)(Request("test", "DELETE", "/edev/1")).ok

    home.happens = {100: remove}
    home.follow(1000)
    gone, registered = [each for each in home.news if isinstance(each, Unregistered | Registered)][1:]
    # That its assignments are gone is noticed before the list of EndDevices is due.
    assert (gone.time - BEGIN, registered.time - BEGIN) == (120, 120)
    assert home.limits() == [(0, None), (50, 1500)]
    assert home.count("POST", "/edev") > 1
    assert home.utility.list_sites()[0]["lfdi"] == home.lfdi.hex().upper()


def test_a_server_that_does_not_show_what_was_registered_is_not_hammered() -> None:
    home = make_home()

    def send(request: Request) -> Response:
        response = home._send(request)
        if not request.href.startswith("/edev?"):
            return response
        return replace(response, content=re.sub(rb"<EndDevice .*</EndDevice>", b"", response.content, flags=re.DOTALL))

    home.send = send
    home.follow(3600)
    # Each 300 seconds at most, and less often at the start.
    assert 12 <= home.count("POST", "/edev") <= 20
    # Its list promises more than it shows, so that it is read several times.
    assert home.count("GET", "/edev?") <= 100


def test_an_end_device_of_another_with_the_same_sfdi_is_a_finding_and_not_the_end() -> None:
    home = make_home()
    home.utility.register(home.lfdi)
    other = home.lfdi[:5] + bytes(15)

    def send(request: Request) -> Response:
        response = home._send(request)
        content = response.content.replace(home.lfdi.hex().upper().encode(), other.hex().upper().encode())
        return replace(response, content=content)

    home.send = send
    home.start(Schedule(now=home.clock.now, failsafe=FAILSAFE))
    home.follow(1000)
    assert home.limits() == [(0, 1500)]
    assert any("SFDI" in finding for finding in home.session.findings)
    assert home.count("GET") < 40
