"""Responses to controls: which are taken, how they are listed, and waiting for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from envoy.documents import loads
from envoy.errors import EnvoyError
from envoy.utility import Control, ManualClock, ReceivedResponse, Settings, Utility
from sep2 import (
    DERControlResponse,
    DERControlType,
    LogEvent,
    LogEventList,
    ResponseList,
    ResponseSetList,
    ResponseStatus,
)
from tests.support.utilities import Client, message_of, new_lfdi, reason_of

NOW = 1_700_000_000


class Site:
    """A site with a control."""

    def __init__(self, utility: Utility) -> None:
        self.client = Client(utility)
        self.lfdi = new_lfdi()
        self.href = self.client.register(self.lfdi)
        self.reply_to = f"{self.href}/rsps/derc/rsp"

    def respond(self, control: Control | bytes, status: int | None, **values: Any) -> Any:
        subject = control if isinstance(control, bytes) else control.mrid
        response = DERControlResponse(
            **{
                "end_device_lfdi": self.lfdi,
                "subject": subject,
                "status": None if status is None else ResponseStatus(status),
                "created_date_time": NOW,
                **values,
            }
        )
        return self.client.send("POST", self.reply_to, response)


@pytest.fixture
def utility() -> Iterator[Utility]:
    with Utility(now=ManualClock(NOW)) as utility:
        yield utility


@pytest.fixture
def site(utility: Utility) -> Site:
    return Site(utility)


@pytest.fixture
def control(utility: Utility) -> Control:
    return utility.program("export").control(duration=600, op_mod_connect=False)


def test_responses_are_kept_in_the_order_they_came(utility: Utility, site: Site, control: Control) -> None:
    for status, created in ((1, NOW), (2, NOW + 9), (3, NOW + 4)):
        response = site.respond(control, status, created_date_time=created)
        assert (response.status, response.content) == (201, b"")
        assert loads(site.client.get(response.location).content, DERControlResponse).status == status
        utility.advance(10)
    assert utility.responses(control) == utility.responses(site=site.lfdi) == utility.responses()
    assert utility.responses()[1] == ReceivedResponse(2, control.number, site.lfdi, NOW + 9, NOW + 10)
    assert [each.status for each in utility.responses()] == [1, 2, 3]
    listed = site.client.load(site.reply_to, ResponseList, l=9)
    assert (listed.all, [each.status for each in listed.response]) == (3, [2, 3, 1])
    later = site.client.load(site.reply_to, ResponseList, l=9, a=NOW)
    assert (later.all, [each.status for each in later.response]) == (2, [2, 3])
    (found,) = site.client.load(f"{site.href}/rsps", ResponseSetList).response_set
    assert (found.response_list_link.href, found.response_list_link.all) == (site.reply_to, 3)
    assert site.client.get(found.href).status == 200
    assert site.client.get(f"{site.reply_to}/9").status == 404


def test_the_same_response_twice_is_there_twice(utility: Utility, site: Site, control: Control) -> None:
    assert site.respond(control, 1).location != site.respond(control, 1).location
    assert len(utility.responses(control)) == 2


@pytest.mark.parametrize("status", [*range(1, 15), 252, 253, 254])
def test_each_status_of_the_standard_is_taken(site: Site, control: Control, status: int) -> None:
    assert site.respond(control, status).status == 201


@pytest.mark.parametrize("status", [None, 0, 15, 100, 251, 255])
def test_a_status_that_cannot_be_is_refused(utility: Utility, site: Site, control: Control, status: int | None) -> None:
    assert_refused(site.respond(control, status), "missing" if status is None else str(status))
    assert utility.responses() == []


def test_an_unknown_subject_is_refused(site: Site, control: Control) -> None:
    assert_refused(site.respond(bytes(15) + b"\x99", 1), "00000000000000000000000000000099")


def test_the_lfdi_of_another_device_is_refused(site: Site, control: Control) -> None:
    for foreign in (site.client.lfdi, new_lfdi()):
        assert_refused(site.respond(control, 1, end_device_lfdi=foreign), site.lfdi.hex().upper())


def test_a_control_of_other_sites_is_an_unknown_subject(utility: Utility, site: Site) -> None:
    program = utility.program("other", sites=new_lfdi())
    assert site.respond(program.control(duration=9, op_mod_connect=True), 1).status == 400
    shared = utility.program("all")
    assert site.respond(shared.control(duration=9, op_mod_connect=True, sites=new_lfdi()), 1).status == 400


def test_what_another_client_has_is_not_there(utility: Utility, site: Site, control: Control) -> None:
    location = site.respond(control, 1).location
    stranger = Site(utility)
    for path in (location, site.reply_to, f"{site.href}/rsps", f"{site.href}/lel"):
        assert stranger.client.get(path).status == 404
    stranger.reply_to = site.reply_to
    assert stranger.respond(control, 1, end_device_lfdi=site.lfdi).status == 404


def test_one_control_of_two_sites_has_the_responses_of_each(utility: Utility, control: Control) -> None:
    sites = [Site(utility), Site(utility)]
    for site in sites:
        assert site.respond(control, 1).status == 201
    assert [each.lfdi for each in utility.responses(control)] == [site.lfdi for site in sites]
    assert len(utility.responses(control, site=sites[1].href)) == 1


def test_of_a_control_that_is_over_or_not_assigned_any_more_a_response_is_taken(
    utility: Utility, site: Site, control: Control
) -> None:
    utility.advance(601)
    assert site.respond(control, 3).status == 201
    utility.remove_assignment(1, site.lfdi)
    assert site.respond(control, 6).status == 201


def test_an_mrid_used_twice_is_that_of_the_latest(utility: Utility, site: Site) -> None:
    program = utility.program("export")
    first = program.control(duration=60, op_mod_connect=False)
    second = program.control(duration=60, op_mod_connect=False, mrid=first.mrid)
    site.respond(first, 1)
    assert (first.mrid, utility.responses()[0].control) == (second.mrid, second.number)


def test_waiting_lets_time_pass_until_the_response_comes() -> None:
    clock = ManualClock(NOW)
    passed: list[float] = []

    def wait(seconds: float) -> None:
        passed.append(seconds)
        clock.advance(seconds)
        if len(passed) == 3:
            site.respond(control, 1)
            site.respond(control, 2)

    with Utility(now=clock, wait=wait) as utility:
        site = Site(utility)
        control = utility.program("export").control(duration=600, op_mod_connect=False)
        found = utility.wait_for(response=2, control=control, site=site.lfdi, timeout=9)
        assert (found.status, len(passed)) == (2, 3)
        with pytest.raises(EnvoyError, match=r"no response 3 .*\n.*1, 2"):
            utility.wait_for(response=3, control=control, timeout=9)
        assert sum(passed[3:]) == pytest.approx(9)


def test_log_events_are_listed_the_latest_first(site: Site) -> None:
    events = [
        LogEvent(
            created_date_time=time,
            function_set=11,
            log_event_code=code,
            log_event_id=code,
            log_event_pen=32473,
            profile_id=2,
        )
        for code, time in enumerate((NOW, NOW + 9, NOW + 4, NOW + 4))
    ]
    log = f"{site.href}/lel"
    for event in events:
        response = site.client.send("POST", log, event)
        assert response.status == 201
        assert loads(site.client.get(response.location).content, LogEvent).log_event_code == event.log_event_code
    listed = site.client.load(log, LogEventList, l=9)
    assert (listed.all, [each.log_event_code for each in listed.log_event]) == (4, [1, 2, 3, 0])
    later = site.client.load(log, LogEventList, l=9, a=NOW + 4)
    assert (later.all, [each.log_event_code for each in later.log_event]) == (1, [1])
    events[0].created_date_time = -(1 << 63)
    assert site.client.send("POST", log, events[0]).status == 201


def assert_refused(response: Any, reason: str) -> None:
    assert response.status == 400
    assert (reason_of(response), reason in message_of(response)) == (1, True)


@pytest.mark.parametrize("profile", ["ieee-2018", "ieee-2023"])
@pytest.mark.parametrize("status", [15, 251])
def test_statuses_of_2023_are_taken_in_2023(profile: str, status: int) -> None:
    with Utility(Settings(profile), now=ManualClock(NOW)) as utility:
        site = Site(utility)
        control = utility.program("limit").control(duration=600, op_mod_max_lim_w=5000)
        modes = {"modes_responded": DERControlType.OP_MOD_MAX_LIM_W} if profile == "ieee-2023" else {}
        response = site.respond(control, status, **modes)
        assert response.status == (201 if profile == "ieee-2023" else 400)
        if response.status == 201:
            kept = loads(site.client.get(response.location).content, DERControlResponse)
            assert (kept.status, kept.modes_responded) == (status, DERControlType.OP_MOD_MAX_LIM_W)
