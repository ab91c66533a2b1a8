"""A fleet is followed: each site by itself, what they share once, whoever fails, comes or goes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from envoy.der.fleet.fleet import LONGEST_BATCH, Fleet, Run
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.news import News, Registered, ResponseSent, Silenced
from envoy.der.state.fleet_state import FleetState
from envoy.documents import loads
from envoy.errors import DeviceError, SiteError, StateError, TransportError
from envoy.identity import site_lfdi
from envoy.protocol.flow import Flow, Request, Response, Wait
from envoy.registration.site import Site
from sep2 import DERControlResponse
from tests.support.clock import VirtualClock
from tests.support.fleet_world import PEN, FleetWorld

MINUTE = 60


def keys(world: FleetWorld) -> list[str]:
    return [lfdi.hex().upper() for lfdi in world.lfdis]


def statuses(world: FleetWorld, control: Any = None) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for response in world.utility.responses(control):
        found.setdefault(response.lfdi, []).append(int(response.status))
    return found


def test_each_site_applies_a_control_and_responds_for_itself() -> None:
    world = FleetWorld(5)
    control = world.utility.program("export", primacy=1).control(duration=600, op_mod_exp_lim_w=1500)
    fleet = world.follow()
    fleet.run(world.clock() + 30)
    assert [device.values for device in fleet.devices.values()] == [{"opModExpLimW": Decimal(1500)}] * 5
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}
    fleet.run(world.clock() + 600)
    assert statuses(world, control) == {key: [1, 2, 3] for key in world.lfdis}


@pytest.mark.unmeasured
def test_what_sites_share_is_read_once_whatever_their_number() -> None:
    world = FleetWorld(40)
    world.utility.program("export", primacy=1)
    world.follow().run(world.clock() + 250)
    assert {path: world.count("GET", path) for path in ("/dcap", "/tm", "/edev")} == {"/dcap": 1, "/tm": 1, "/edev": 1}
    # Those of the utility are below the EndDevices.
    assert world.count("GET", "/edev/2/fsa/1/derp") > 2
    assert not any(each.method != "GET" for each in world.requests)


@pytest.mark.unmeasured
def test_polls_are_spread_over_the_period_and_come_at_its_rate() -> None:
    world = FleetWorld(120)
    world.utility.program("export", primacy=1)
    began = world.clock()
    fleet = world.follow()
    times: list[float] = []

    def note(request: Request) -> None:
        if request.href.partition("?")[0].endswith("/derp"):
            times.append(world.clock() - began)

    world.failing = note
    fleet.run(began + 6 * MINUTE)
    late = Counter(int(time) for time in times if time >= 2 * MINUTE)
    assert sum(late.values()) == pytest.approx(120 * 4, rel=0.1)
    # 120 in 60 seconds are 2 a second.
    assert max(late.values()) <= 12


def test_a_site_that_fails_holds_up_no_other() -> None:
    world = FleetWorld(4)
    program = world.utility.program("export", primacy=1)

    def fail(request: Request) -> None:
        if request.href.startswith("/edev/2/"):
            raise TransportError("was reset", where=str(request))

    world.failing = fail
    fleet = world.follow()
    control = program.control(duration=600, op_mod_exp_lim_w=1500)
    fleet.run(world.clock() + 60)
    assert len(statuses(world, control)) == 3
    sites = list(fleet.follower.sites.values())
    assert [site.contact.lost for site in sites].count(True) == 1
    world.failing = None
    fleet.run(world.clock() + 2 * MINUTE)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}


class Sender:
    """What sends one request, and waits."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.wake: Callable[[], object] = lambda: None

    def run(self) -> Flow[None]:
        yield self.request
        yield Wait(60)

    def tick(self) -> None:
        pass

    def find_pause(self) -> float:
        return 60.0


def test_a_site_that_begins_again_waits_for_the_fate_of_what_it_has_sent() -> None:
    fleet = Fleet(lambda: 0.0)
    first = fleet.add("a", Sender(Request("response", "POST", "/rsp", b"1")))
    fleet.turn()
    (sending,) = fleet.take_requests()
    fleet.remove(first)
    # It would look on the server whether the first has arrived, which may come later.
    second = fleet.add("a", Sender(Request("response", "GET", "/rsp")))
    fleet.add("b", Sender(Request("response", "GET", "/other")))
    fleet.wake_run(second)
    fleet.turn()
    assert [each.request.href for each in fleet.take_requests()] == ["/other"]
    fleet.settle(sending, Response(201))
    fleet.turn()
    assert [each.request for each in fleet.take_requests()] == [Request("response", "GET", "/rsp")]


def test_what_is_due_at_more_sites_than_one_turn_takes_goes_before_requests_but_not_for_ever() -> None:
    clock = VirtualClock()
    fleet = Fleet(clock, most_steps=2)
    for number in range(5):
        fleet.add(str(number), Sender(Request("read", "GET", f"/{number}")))
    sent = []
    for _ in range(3):
        fleet.turn()
        sent.append(len(list(fleet.take_requests())))
    assert sent == [0, 0, 5]
    for number in range(5, 20):
        fleet.add(str(number), Sender(Request("read", "GET", f"/{number}")))
    fleet.turn()
    assert not list(fleet.take_requests())
    clock.now += LONGEST_BATCH
    fleet.turn()
    assert len(list(fleet.take_requests())) == 4


def test_an_error_of_the_program_ends_one_site_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    world = FleetWorld(3)
    control = world.utility.program("export", primacy=1).control(duration=600, op_mod_exp_lim_w=1500)
    fleet = world.follow()
    site = fleet.follower.sites[keys(world)[0]]

    def fail() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(site.follower, "tick", fail)
    fleet.run(world.clock() + 30)
    assert fleet.fleet.failures == 1 and len(statuses(world, control)) == 2
    monkeypatch.undo()
    fleet.run(world.clock() + 60)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}


def test_a_site_that_is_not_there_is_registered_and_one_that_is_there_is_not_written_to() -> None:
    world = FleetWorld(2)
    fleet = world.follow()
    new = site_lfdi(77, PEN)
    fleet.add(new)
    fleet.run(world.clock() + 30)
    posts = [request for request in world.requests if request.method != "GET"]
    assert [(request.method, request.href) for request in posts] == [("POST", "/edev")]
    made = {key: news.created for key, news in fleet.news if isinstance(news, Registered)}
    assert made == {**dict.fromkeys(keys(world), False), new.hex().upper(): True}


def test_without_registration_a_site_that_is_not_there_waits_for_others_to_do_it() -> None:
    world = FleetWorld(1)
    fleet = world.follow(register=False)
    new = site_lfdi(77, PEN)
    fleet.add(new)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet.run(world.clock() + 30)
    assert [request.href for request in world.requests if request.method == "POST" and request.href == "/edev"] == []
    world.utility.register(new, owner=world.aggregator)
    fleet.run(world.clock() + 1000)
    assert statuses(world, control) == {key: [1, 2] for key in [*world.lfdis, new]}


def test_a_site_whose_end_device_is_deleted_is_registered_again() -> None:
    world = FleetWorld(3)
    world.utility.program("export", primacy=1)
    fleet = world.follow()
    fleet.run(world.clock() + 30)
    href = next(site["href"] for site in world.utility.list_sites() if site["lfdi"] == keys(world)[1])
    assert world._send(Request("", "DELETE", href)).ok
    fleet.run(world.clock() + 5 * MINUTE)
    made = [key for key, news in fleet.news if isinstance(news, Registered) and news.created]
    assert made == [keys(world)[1]]


def test_a_wrong_pin_silences_its_site_alone() -> None:
    world = FleetWorld(1, pin=111115)
    fleet = world.follow()
    right, wrong = site_lfdi(8, PEN), site_lfdi(9, PEN)
    for lfdi in (right, wrong):
        world.utility.register(lfdi, owner=world.aggregator)
    fleet.add(right, pin=111115)
    fleet.add(wrong, pin=123455)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet.run(world.clock() + 60)
    assert [key for key, news in fleet.news if isinstance(news, Silenced)] == [wrong.hex().upper()]
    assert statuses(world, control) == {key: [1, 2] for key in [*world.lfdis, right]}


def test_sites_come_and_go(tmp_path: Path) -> None:
    world = FleetWorld(3)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet = world.follow(tmp_path)
    gone = keys(world)[0]
    fleet.follower.remove(gone)
    with pytest.raises(SiteError):
        fleet.add(world.lfdis[1])
    fleet.run(world.clock() + 30)
    assert set(statuses(world, control)) == set(world.lfdis[1:])
    assert fleet.devices[gone].closed and gone not in fleet.follower.sites
    fleet.add(world.lfdis[0])
    fleet.run(world.clock() + 30)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}


def test_a_site_is_followed_once_whatever_its_name() -> None:
    world = FleetWorld(2)
    fleet = world.follow()
    with pytest.raises(SiteError):
        fleet.follower.add("another", Site(lfdi=world.lfdis[0]))
    assert list(fleet.follower.sites) == keys(world)
    fleet.follower.remove(keys(world)[0])
    fleet.follower.add("another", Site(lfdi=world.lfdis[0]))


def test_what_sites_read_is_looked_at_once_however_many_are_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = FleetWorld(30)
    world.utility.program("export", primacy=1)
    fleet = world.follow()
    fleet.run(world.clock() + 30)
    forgotten: list[int] = []
    reads = fleet.fleet.reads
    forget = reads.forget

    def count(readers: Collection[Run]) -> None:
        forgotten.append(len(readers))
        forget(readers)

    monkeypatch.setattr(reads, "forget", count)
    runs = {fleet.follower.sites[key].run for key in keys(world)[:-1]}
    for key in keys(world)[:-1]:
        fleet.follower.remove(key)
    fleet.run(world.clock() + 30)
    assert forgotten == [29]
    assert runs.isdisjoint(run for path in list(reads._readers) for run in reads.find_readers(path))


def test_a_site_may_be_removed_by_its_news() -> None:
    world = FleetWorld(2)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet = world.follow()
    gone, stays = keys(world)
    publish = fleet.follower._publish

    def remove(key: str, news: News) -> None:
        publish(key, news)
        if key == gone and isinstance(news, ResponseSent) and gone in fleet.follower.sites:
            fleet.follower.remove(gone)

    fleet.follower._publish = remove
    fleet.run(world.clock() + 120)
    assert (list(fleet.follower.sites), fleet.devices[gone].closed, fleet.fleet.failures) == ([stays], True, 0)
    assert statuses(world, control) == {world.lfdis[0]: [1], world.lfdis[1]: [1, 2]}


def test_sites_that_come_while_the_disk_is_full_have_states_of_their_own(tmp_path: Path) -> None:
    world = FleetWorld(2)
    state = FleetState(tmp_path, server="https://server.example", clock=world.clock)
    first, second = world.lfdis

    def add() -> None:
        with state.transaction():
            state.load(first)[1].put("name", "first")
            raise StateError("the disk is full", where="state")

    with pytest.raises(StateError):
        add()
    state.load(second)[1].put("name", "second")
    state.close()
    with FleetState(tmp_path, server="https://server.example", clock=world.clock) as again:
        assert [again.load(lfdi)[1].get("name") for lfdi in world.lfdis] == ["first", "second"]


def test_what_was_followed_goes_on_after_a_restart_without_contact(tmp_path: Path) -> None:
    world = FleetWorld(3)
    program = world.utility.program("export", primacy=1)
    control = program.control(start=int(world.clock()) + 100, duration=600, op_mod_exp_lim_w=1500)
    fleet = world.follow(tmp_path)
    fleet.run(world.clock() + 50)
    with pytest.raises(StateError):
        world.follow(tmp_path)
    fleet.kill()

    def lose(request: Request) -> None:
        raise TransportError("there is no route", where=str(request))

    world.failing = lose
    again = world.follow(tmp_path)
    again.run(world.clock() + 100)
    start = 1_700_000_100
    assert [device.times[-1] for device in again.devices.values()] == [(start, Decimal(1500))] * 3
    assert statuses(world, control) == {key: [1] for key in world.lfdis}
    world.failing = None
    again.run(world.clock() + 200)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}
    created = {response.created for response in world.utility.responses(control) if response.status == 2}
    assert created == {start}


def test_nothing_is_written_while_a_server_says_what_it_said_before(tmp_path: Path) -> None:
    world = FleetWorld(3)
    world.utility.program("export", primacy=1).default(op_mod_exp_lim_w=5000)
    fleet = world.follow(tmp_path)
    fleet.run(world.clock() + 120)
    assert fleet.state is not None
    before = fleet.state._db.value("SELECT total_changes()")
    fleet.run(world.clock() + 600)
    assert fleet.state._db.value("SELECT total_changes()") == before


def test_no_response_is_sent_that_is_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = FleetWorld(3)
    fleet = world.follow(tmp_path)
    fleet.run(world.clock() + 30)
    assert fleet.state is not None
    database, execute = fleet.state._db, fleet.state._db.execute

    def fail(statement: str, *parameters: Any) -> int:
        if statement.startswith(("INSERT", "UPDATE")):
            raise StateError("the disk is full", where="state")
        return execute(statement, *parameters)

    monkeypatch.setattr(database, "execute", fail)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet.run(world.clock() + 900)
    # It is applied all the same.
    assert [device.values for device in fleet.devices.values()] == [{"opModExpLimW": Decimal(1500)}] * 3
    assert statuses(world, control) == {}
    monkeypatch.undo()
    fleet.run(world.clock() + 30)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}


def test_what_is_sent_is_on_the_disk_though_a_part_of_the_sites_is_written_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envoy.der.state.fleet_state.MOST_WRITTEN", 2)
    world = FleetWorld(3)
    fleet = world.follow(tmp_path)
    fleet.run(world.clock() + 30)
    assert fleet.state is not None
    database, execute_many, commits = fleet.state._db, fleet.state._db.execute_many, count()
    checked: list[Request] = []

    def fail(statement: str, rows: Any) -> None:
        """Fail in every other transaction, when the sites of it are written."""
        if next(commits) % 2:
            raise StateError("the disk is full", where="state")
        execute_many(statement, rows)

    def look(request: Request) -> None:
        if request.content and isinstance(sent := loads(request.content), DERControlResponse):
            checked.append(request)
            assert sent.end_device_lfdi is not None and sent.subject is not None
            lfdi, mrid = sent.end_device_lfdi.hex().upper(), sent.subject.hex().upper()
            found = json.loads(database.value("SELECT document FROM site WHERE lfdi = ?", lfdi))
            assert sent.status in found["responses"]["given"][mrid]

    monkeypatch.setattr(database, "execute_many", fail)
    world.failing = look
    control = world.utility.program("export", primacy=1).control(duration=600, op_mod_exp_lim_w=1500)
    fleet.run(world.clock() + 900)
    assert statuses(world, control) == {key: [1, 2, 3] for key in world.lfdis}
    assert len(checked) == 9 and next(commits) > 10


def test_a_notification_has_all_that_read_the_resource_read_it_at_once() -> None:
    world = FleetWorld(2)
    program = world.utility.program("export", primacy=1)
    fleet = world.follow()
    fleet.run(world.clock() + 65)
    control = program.control(duration=3600, op_mod_exp_lim_w=1500)
    fleet.follower.hurry(["/edev/2/derp/1/derc"])
    fleet.run(world.clock() + 0.5)
    assert len(statuses(world, control)) == 1
    fleet.follower.hurry()
    fleet.run(world.clock() + 6)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}


def test_a_device_that_fails_is_the_matter_of_its_site(monkeypatch: pytest.MonkeyPatch) -> None:
    world = FleetWorld(3)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet = world.follow()
    bad = fleet.devices[keys(world)[0]]

    def fail(*_: object) -> DeviceStatus:
        raise DeviceError("there is no device")

    monkeypatch.setattr(bad, "apply", fail)
    fleet.run(world.clock() + 30)
    expected = {lfdi: [1] if lfdi == world.lfdis[0] else [1, 2] for lfdi in world.lfdis}
    assert statuses(world, control) == expected
    assert sum(isinstance(news, ResponseSent) for _, news in fleet.news) == 5


def test_a_response_that_may_have_arrived_is_not_sent_again_while_the_server_fails_to_say() -> None:
    world = FleetWorld(1)
    control = world.utility.program("export", primacy=1).control(duration=3600, op_mod_exp_lim_w=1500)
    fleet = world.follow()
    lost: list[Request] = []
    busy = [Response(503)] * 2

    def fail(request: Request) -> Response | None:
        if request.step == "response" and request.method == "POST" and not lost:
            lost.append(request)
            world._send(request)
            raise TransportError("the response was lost", where=str(request), maybe_received=True)
        return busy.pop() if request.step == "response" and request.method == "GET" and busy else None

    world.failing = fail
    fleet.run(world.clock() + 120)
    assert lost and not busy and statuses(world, control) == {key: [1, 2] for key in world.lfdis}


@pytest.mark.parametrize("stateful", [True, False])
def test_a_site_whose_row_changes_sends_nothing_again(stateful: bool, tmp_path: Path) -> None:
    world = FleetWorld(2)
    control = world.utility.program("export", primacy=1).control(duration=600, op_mod_exp_lim_w=1500)
    fleet = world.follow(tmp_path if stateful else None)
    fleet.run(world.clock() + 30)
    # Of a response that may have arrived, the server is asked; it need not let that be read.
    world.failing = lambda request: Response(403) if request.method == "GET" and "/rsp" in request.href else None
    for key, lfdi in zip(keys(world), world.lfdis, strict=True):
        fleet.follower.remove(key)
        fleet.add(lfdi, nmi="6001234567")
        assert fleet.follower.sites[key].schedule.records
    fleet.run(world.clock() + 60)
    assert statuses(world, control) == {key: [1, 2] for key in world.lfdis}
    assert [device.values for device in fleet.devices.values()] == [{"opModExpLimW": Decimal(1500)}] * 2
    fleet.run(world.clock() + 600)
    assert statuses(world, control) == {key: [1, 2, 3] for key in world.lfdis}


def test_what_is_known_of_a_site_stays_while_its_device_cannot_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    world = FleetWorld(1)
    world.utility.program("export", primacy=1).control(duration=600, op_mod_exp_lim_w=1500)
    fleet = world.follow()
    fleet.run(world.clock() + 30)
    fleet.follower.remove(keys(world)[0])

    def fail(key: str, site: Site) -> Any:
        raise DeviceError("is not there", where=key)

    with monkeypatch.context() as patch:
        patch.setattr(fleet.follower, "_open_worker", fail)
        with pytest.raises(DeviceError):
            fleet.add(*world.lfdis)
    fleet.add(*world.lfdis)
    fleet.run(world.clock() + 60)
    assert statuses(world) == {key: [1, 2] for key in world.lfdis}
