"""Subscriptions and notifications: who is notified of what, with which content, and when it is tried again."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from envoy.documents import loads
from envoy.errors import EnvoyError
from envoy.utility import ManualClock, Settings, Utility
from envoy.utility.notifications import RETRIES, Delivery
from envoy.validation.validate import validate
from sep2 import (
    Condition,
    DefaultDERControl,
    DERControlList,
    DERProgramList,
    EndDevice,
    EndDeviceList,
    FunctionSetAssignmentsList,
    MirrorMeterReadingList,
    Notification,
    Subscription,
    SubscriptionEncoding,
    SubscriptionList,
)
from tests.support.utilities import Client, mirror, new_lfdi, reading, reason_of

URI = "https://127.0.0.1:8000/notify"
NOW = 1_700_000_000


class Scene:
    """A utility with a site of a client, and what it would send."""

    def __init__(self, settings: Settings | None = None, database: Path | str = ":memory:") -> None:
        self.clock = ManualClock(NOW)
        self.log: list[str] = []
        self.utility = Utility(settings, database, now=self.clock, log=self.log.append)
        weakref.finalize(self, self.utility.close)
        self.client = Client(self.utility)
        self.href = self.client.register(new_lfdi())
        self.site = self.client.load(self.href, EndDevice).lfdi

    def subscribe(self, resource: str, client: Client | None = None, **fields: Any) -> str:
        response = (client or self.client).send("POST", f"{self.href}/sub", subscription(resource, **fields))
        assert response.status == 201, response
        return response.location

    def deliver(self, status: int | None = 201) -> list[Notification]:
        """Take what is due, and settle it; each is valid in the profile that it is for."""
        found = []
        for delivery in self.utility.due_notifications():
            found.append(read(delivery))
            self.utility.settle_notification(delivery.number, status)
        return found


def read(delivery: Delivery) -> Notification:
    profiles = {"-S1": "ieee-2018", "-S2": "ieee-2023"}
    profile = next((name for level, name in profiles.items() if level in delivery.content_type), "csip-aus-1.2")
    assert validate(delivery.content, profile=profile) == []
    return loads(delivery.content, Notification)


def subscription(resource: str, **fields: Any) -> Subscription:
    given = {"encoding": SubscriptionEncoding(0), "level": "+S1", "limit": 100, "notification_uri": URI}
    return Subscription(subscribed_resource=resource, **given | fields)


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    with scene.utility:
        yield scene


@pytest.fixture
def changed() -> Iterator[Scene]:
    """The same with the notifications of the reference server."""
    scene = Scene(Settings(notifications="changed"))
    with scene.utility:
        yield scene


# Editions


def test_a_notification_is_of_the_level_of_its_subscription() -> None:
    scene = Scene(Settings("ieee-2023", time_offset=50))
    with scene.utility:
        scene.subscribe(f"{scene.href}/fsa", level="-S2")
        scene.subscribe("/edev", level="-S1")
        scene.clock.advance(10)
        scene.utility.program("export", sites=[scene.site])
        scene.client.register(new_lfdi())
        deliveries = scene.utility.due_notifications()
        assert [each.content_type.rpartition("=")[2] for each in deliveries] == ["-S2", "-S1"]
        assert [b"schemaVer" in each.content for each in deliveries] == [True, False]
        assert [each.created_date_time for each in map(read, deliveries)] == [scene.utility.now(), None]


def test_a_notification_of_2018_has_no_time(scene: Scene) -> None:
    scene.subscribe(f"{scene.href}/fsa", level="+S2")
    scene.utility.program("export")
    (found,) = scene.deliver()
    assert found.created_date_time is None


# Subscriptions


def test_a_subscription_is_listed_until_it_is_deleted(scene: Scene) -> None:
    assert scene.client.load(scene.href, EndDevice).subscribable == 1
    location = scene.subscribe(f"{scene.href}/fsa")
    listed = scene.client.load(f"{scene.href}/sub", SubscriptionList)
    assert (listed.all, [each.href for each in listed.subscription]) == (1, [location])
    found = scene.client.load(location, Subscription)
    assert (found.subscribed_resource, found.notification_uri, found.limit) == (f"{scene.href}/fsa", URI, 100)
    assert Client(scene.utility).get(location).status == 404
    assert Client(scene.utility).delete(location).status == 404
    assert scene.client.delete(location).status == 204
    assert scene.client.delete(location).status == 404
    scene.utility.program("export")
    assert scene.deliver() == []


def test_a_client_subscribes_at_its_own_end_device(scene: Scene) -> None:
    own, site = scene.client.load("/edev", EndDeviceList, l=9).end_device
    if own.lfdi == scene.site:
        own, site = site, own
    assert site.subscription_list_link is None
    assert (own.subscription_list_link.href, own.subscription_list_link.all) == (f"{own.href}/sub", 0)
    body = subscription(f"{scene.href}/fsa")
    assert scene.client.send("POST", own.subscription_list_link.href, body).location == f"{own.href}/sub/1"
    assert scene.client.load(own.href, EndDevice).subscription_list_link.all == 1
    scene.utility.program("export")
    (found,) = scene.deliver()
    assert (found.subscribed_resource, found.subscription_uri) == (f"{scene.href}/fsa", f"{own.href}/sub/1")


def test_a_subscription_that_is_not_renewed_is_forgotten() -> None:
    scene = Scene(Settings(subscription_lifetime=100))
    fsa, derp = f"{scene.href}/fsa", f"{scene.href}/fsa/1/derp"
    scene.utility.program("export")
    kept, lost = scene.subscribe(fsa), scene.subscribe(derp)
    scene.clock.now = NOW + 60
    assert scene.subscribe(fsa) == kept
    scene.clock.now = NOW + 120
    scene.utility.program("export", fsa=2)
    assert {each.subscribed_resource for each in scene.deliver()} == {fsa}
    assert scene.client.get(lost).status == 404
    assert [each.href for each in scene.client.load(f"{scene.href}/sub", SubscriptionList).subscription] == [kept]
    scene.clock.now = NOW + 200
    assert scene.client.load(f"{scene.href}/sub", SubscriptionList).all == 0


def test_another_subscription_to_the_same_changes_the_first(scene: Scene) -> None:
    location = scene.subscribe(f"{scene.href}/fsa")
    assert scene.subscribe(f"https://localhost{scene.href}/fsa", notification_uri=f"{URI}/moved") == location
    assert scene.client.load(f"{scene.href}/sub", SubscriptionList).all == 1
    scene.utility.program("export")
    assert [delivery.uri for delivery in scene.utility.due_notifications()] == [f"{URI}/moved"]


@pytest.mark.parametrize(
    ("resource", "fields", "reason"),
    [
        ("/edev/99/fsa", {}, 1),
        ("/nowhere", {}, 1),
        ("/tm", {}, 1),
        ("/dcap", {}, 1),
        ("{edev}/derp/1", {}, 1),
        ("{edev}/derp/1/actderc", {}, 1),
        ("{edev}/fsa", {"encoding": SubscriptionEncoding(1)}, 3),
        ("{edev}/fsa", {"level": "S1"}, 1),
        ("{edev}/fsa", {"condition": Condition(attribute_identifier=0, lower_threshold=0, upper_threshold=1)}, 3),
        ("{edev}/fsa", {"notification_uri": "https://other.example/notify"}, 1),
        ("{edev}/fsa", {"notification_uri": "/notify"}, 1),
    ],
)
def test_what_cannot_be_subscribed_to_is_refused_with_the_reason(
    scene: Scene, resource: str, fields: dict[str, Any], reason: int
) -> None:
    scene.utility.program("export")
    response = scene.client.send(
        "POST", f"{scene.href}/sub", subscription(resource.replace("{edev}", scene.href), **fields)
    )
    assert (response.status, reason_of(response)) == (400, reason)
    assert b"<message>" in response.content


def test_nobody_subscribes_to_what_belongs_to_another(scene: Scene) -> None:
    other = Client(scene.utility)
    theirs = other.register(new_lfdi())
    for path, resource in ((f"{scene.href}/sub", f"{theirs}/fsa"), (f"{theirs}/sub", f"{scene.href}/fsa")):
        assert scene.client.send("POST", path, subscription(resource)).status in (400, 404)


def test_a_host_that_is_off_the_list_by_now_is_not_notified(tmp_path: Path) -> None:
    scene = Scene(Settings(notification_hosts=["der.x.example"]), tmp_path / "db")
    with scene.utility:
        scene.subscribe(f"{scene.href}/fsa", notification_uri="https://der.x.example/n")
        scene.utility.program("export")
        assert len(scene.utility.due_notifications()) == 1
    log: list[str] = []
    with Utility(Settings(), tmp_path / "db", now=scene.clock, log=log.append) as utility:
        assert utility.due_notifications() == []
        assert utility.notifications.pending() == []
    assert len(log) == 1 and "given up" in log[0]


# Whole resources


def test_each_resource_is_notified_of_when_it_changes_and_as_it_is_then(scene: Scene) -> None:
    program = scene.utility.program("export", sites=[scene.site])
    paths = {
        "/edev": EndDeviceList,
        f"{scene.href}/fsa": FunctionSetAssignmentsList,
        f"{scene.href}/fsa/1/derp": DERProgramList,
        f"{scene.href}/derp/1/derc": DERControlList,
        f"{scene.href}/derp/1/dderc": DefaultDERControl,
    }
    locations = {scene.subscribe(path): path for path in paths}
    assert scene.deliver() == []

    control = program.control(duration=600, op_mod_exp_lim_w=1500)
    (found,) = scene.deliver()
    assert locations[found.subscription_uri] == found.subscribed_resource == f"{scene.href}/derp/1/derc"
    assert (found.status, found.resource.href, found.resource.all) == (0, found.subscribed_resource, 1)
    assert found.resource.der_control[0].mrid == control.mrid
    program.control(duration=600, op_mod_imp_lim_w=1500)
    control.cancel()
    assert [each.resource.all for each in scene.deliver()] == [2, 2]

    program.default(op_mod_exp_lim_w=5000, set_grad_w=27)
    (found,) = scene.deliver()
    assert (type(found.resource), found.resource.set_grad_w) == (DefaultDERControl, 27)

    scene.utility.program("import", sites=[scene.site])
    assert {type(each.resource) for each in scene.deliver()} == {FunctionSetAssignmentsList, DERProgramList}
    scene.client.register(new_lfdi())
    (found,) = scene.deliver()
    assert (type(found.resource), found.resource.all) == (EndDeviceList, 3)
    scene.utility.poll_rates(der_program_list=120)
    (found,) = scene.deliver()
    assert (type(found.resource), found.resource.poll_rate) == (DERProgramList, 120)


def test_nobody_is_notified_of_what_happens_at_other_sites(scene: Scene) -> None:
    other = Client(scene.utility)
    lfdi = new_lfdi()
    other.register(lfdi)
    for path in ("/edev", f"{scene.href}/fsa", f"{scene.href}/derp"):
        scene.subscribe(path)
    scene.utility.program("theirs", sites=[lfdi])
    other.register(new_lfdi())
    assert scene.deliver() == []


@pytest.mark.parametrize(("limit", "expected"), [(0, None), (1, (3, 1)), (2, (3, 2)), (100, (3, 3))])
def test_a_list_has_as_many_items_as_the_limit(scene: Scene, limit: int, expected: tuple[int, int] | None) -> None:
    program = scene.utility.program("export")
    for start in (100, 200):
        program.control(start=NOW + start, duration=60, op_mod_connect=False)
    scene.subscribe(f"{scene.href}/derp/1/derc", limit=limit)
    program.control(start=NOW + 300, duration=60, op_mod_connect=False)
    (found,) = scene.deliver()
    assert (found.resource and (found.resource.all, found.resource.results)) == expected


def test_the_level_says_whether_extensions_are_welcome(scene: Scene) -> None:
    program = scene.utility.program("export")
    scene.subscribe(f"{scene.href}/derp/1/derc", level="-S1")
    program.control(duration=60, op_mod_exp_lim_w=1500, op_mod_connect=True)
    (delivery,) = scene.utility.due_notifications()
    assert "level=-S1" in delivery.content_type and b"opModExpLimW" not in delivery.content
    (control,) = read(delivery).resource.der_control
    assert control.der_control_base.op_mod_connect is True


@pytest.mark.parametrize(("values", "notified"), [(3, False), (9, True)])
def test_a_condition_is_for_readings_outside_of_a_band(scene: Scene, values: int, notified: bool) -> None:
    mup = scene.client.send("POST", "/mup", mirror(scene.site, b"\1" * 16)).location
    condition = Condition(attribute_identifier=0, lower_threshold=0, upper_threshold=5)
    scene.subscribe(f"{mup}/mr", condition=condition)
    # The values are 0 and up.
    assert scene.client.send("POST", mup, reading(b"\2" * 15, values)).status == 201
    assert [type(each.resource) for each in scene.deliver()] == [MirrorMeterReadingList] * notified


def test_what_is_gone_ends_the_subscriptions_to_it(scene: Scene) -> None:
    program = scene.utility.program("export", fsa=2)
    for path in ("derp/1/derc", "derp/1/dderc", "fsa/2/derp"):
        scene.subscribe(f"{scene.href}/{path}")
    program.remove()
    gone = scene.deliver()
    assert {(each.subscribed_resource.rpartition("/")[2], each.status, each.resource) for each in gone} == {
        ("derc", 4, None),
        ("dderc", 4, None),
        ("derp", 4, None),
    }
    assert scene.client.load(f"{scene.href}/sub", SubscriptionList).all == 0


def test_a_device_that_is_removed_ends_the_subscriptions_to_it(scene: Scene) -> None:
    other = scene.client.register(new_lfdi())
    location = scene.subscribe(f"{other}/fsa")
    assert scene.client.delete(other).status == 204
    (found,) = scene.deliver()
    assert (found.subscription_uri, found.status) == (location, 4)


# As the reference server does it


def test_only_what_has_changed_is_sent_with_other_paths_and_mrids(changed: Scene) -> None:
    program = changed.utility.program("export")
    program.control(start=NOW + 1000, duration=60, op_mod_exp_lim_w=1)
    derc = changed.subscribe(f"{changed.href}/derp/1/derc", limit=0)
    changed.subscribe(f"{changed.href}/fsa/1/derp")
    control = program.control(start=NOW + 2000, duration=60, op_mod_exp_lim_w=2)
    (found,) = changed.deliver()
    assert (found.status, found.resource.all, found.resource.results) == (0, 1, 1)
    (item,) = found.resource.der_control
    assert item.mrid == control.mrid[:12] + bytes(4) != control.mrid
    assert found.subscription_uri.rpartition("/")[2] == derc.rpartition("/")[2]
    control.cancel()
    (found,) = changed.deliver()
    assert (found.status, found.resource.all) == (4, 1)
    assert changed.client.get(derc).status == 200

    changed.utility.poll_rates(der_program_list=120)
    (found,) = changed.deliver()
    assert (found.subscribed_resource, found.resource.href) == (f"{changed.href}/derp",) * 2
    assert (found.resource.poll_rate, found.resource.all) == (120, 0)
    changed.utility.program("import", primacy=2)
    (found,) = changed.deliver()
    assert [each.description for each in found.resource.der_program] == ["import"]


def test_new_assignments_are_sent_with_a_rate_that_is_not_theirs(changed: Scene) -> None:
    changed.subscribe(f"{changed.href}/fsa")
    changed.utility.poll_rates(function_set_assignments_list=90)
    changed.utility.program("export", fsa=2)
    rate, new = changed.deliver()
    assert (rate.resource.poll_rate, rate.resource.all) == (90, 0)
    assert (new.resource.poll_rate, new.resource.all) == (300, 1)
    assert changed.client.load(f"{changed.href}/fsa", FunctionSetAssignmentsList).poll_rate == 90


def test_a_superseded_control_is_sent_with_the_new_one(changed: Scene) -> None:
    program = changed.utility.program("export")
    program.control(duration=600, op_mod_exp_lim_w=1)
    changed.subscribe(f"{changed.href}/derp/1/derc")
    program.control(duration=600, op_mod_exp_lim_w=2)
    (found,) = changed.deliver()
    assert (found.status, sorted(each.event_status.current_status for each in found.resource.der_control)) == (
        0,
        [1, 4],
    )


# Retries


def test_what_fails_for_what_may_pass_is_tried_again_and_then_given_up(scene: Scene) -> None:
    scene.subscribe(f"{scene.href}/fsa")
    scene.utility.program("export")
    identifiers = set()
    for number, wait in enumerate((*RETRIES, None)):
        (delivery,) = scene.utility.due_notifications()
        identifiers.add(delivery.identifier)
        assert scene.utility.due_notifications([delivery.number]) == []
        scene.utility.settle_notification(delivery.number, None if number % 2 else 503, "no response")
        assert scene.utility.due_notifications() == []
        if wait is not None:
            scene.utility.advance(wait - 1)
            assert scene.utility.due_notifications() == []
            scene.utility.advance(1)
    assert len(identifiers) == 1
    scene.utility.advance(1_000_000)
    assert scene.utility.due_notifications() == []
    said = [line for line in scene.log if line.startswith("NOTIFY")]
    assert len(said) == 5 and "given up after 5 tries" in said[-1]


@pytest.mark.parametrize("status", [301, 400, 404, 410])
def test_what_the_subscriber_refuses_is_never_sent_again(scene: Scene, status: int) -> None:
    scene.subscribe(f"{scene.href}/fsa")
    scene.utility.program("export")
    assert len(scene.deliver(status)) == 1
    scene.utility.advance(1_000_000)
    assert scene.deliver() == []
    assert "given up" in scene.log[-1]


def test_what_is_not_sent_yet_outlives_the_utility(tmp_path: Path) -> None:
    scene = Scene(database=tmp_path / "db")
    with scene.utility:
        scene.subscribe(f"{scene.href}/fsa")
        scene.utility.program("export")
    with Utility(database=tmp_path / "db", now=scene.clock) as utility:
        assert len(utility.due_notifications()) == 1
        utility.reset()
        assert utility.due_notifications() == []


def test_an_order_does_not_wait_until_what_it_leads_to_is_composed(scene: Scene) -> None:
    program = scene.utility.program("export")
    hrefs = [scene.client.register(new_lfdi()) for _ in range(30)]
    for href in hrefs:
        scene.subscribe(f"{href}/derp/1/derc")
    control = program.control(duration=600, op_mod_exp_lim_w=1500)
    assert [each["uri"] for each in scene.utility.notifications.pending()] == [None] * 30
    found = scene.deliver()
    assert {each.subscribed_resource for each in found} == {f"{href}/derp/1/derc" for href in hrefs}
    assert {each.resource.der_control[0].mrid for each in found} == {control.mrid}


def test_a_request_that_is_refused_notifies_nobody(scene: Scene) -> None:
    scene.subscribe("/edev")
    lfdi = new_lfdi()
    scene.client.register(lfdi)
    scene.deliver()
    with pytest.raises(AssertionError):
        scene.client.register(lfdi)
    assert scene.deliver() == []


def test_a_subscriber_that_is_never_there_does_not_fill_the_store(scene: Scene) -> None:
    program = scene.utility.program("export")
    scene.subscribe(f"{scene.href}/derp/1/dderc")
    for watts in range(150):
        program.default(op_mod_exp_lim_w=watts)
    assert len(scene.utility.notifications.pending()) == 100


def test_a_resource_is_subscribed_to_by_its_one_path_alone(scene: Scene) -> None:
    scene.utility.program("export")
    for path in ("derp/01/derc", "derp/001", "fsa/01/derp"):
        refused = scene.client.send("POST", f"{scene.href}/sub", subscription(f"{scene.href}/{path}"))
        assert refused.status == 400


@pytest.mark.parametrize("change", [{"fsa": 2}, {"sites": ["/edev/1"]}])
def test_who_sees_a_program_no_more_is_notified(scene: Scene, change: dict[str, Any]) -> None:
    scene.utility.program("other")
    scene.utility.program("export")
    scene.subscribe(f"{scene.href}/fsa/1/derp")
    scene.utility.program("export", **change)
    (found,) = scene.deliver()
    assert isinstance(found.resource, DERProgramList)
    assert [each.description for each in found.resource.der_program] == ["other"]


@pytest.mark.parametrize("host", ["https://client.example", "client.example:443", "[::2]", "", "*", "a b"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(EnvoyError, match="is not a host"):
        Settings(notification_hosts=[host])
    assert Settings(notification_hosts=["client.example", "192.0.2.1", "2001:db8::1"])
