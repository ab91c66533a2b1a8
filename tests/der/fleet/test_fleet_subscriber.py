"""A fleet that subscribes: once for each resource, and each site learns of its changes at once."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from functools import partial
from itertools import pairwise
from urllib.parse import urlsplit

import pytest

from envoy.der.fleet.shared_reads import SharedReads
from envoy.der.follow.directory import STEP
from envoy.der.follow.news import Notified, Subscribed
from envoy.der.follow.subscriber import LEAST_REPORT
from envoy.errors import SiteError
from envoy.protocol.flow import Request, Response
from envoy.subscriptions.intake import IDENTIFIER
from envoy.subscriptions.notification_paths import NotificationPaths
from envoy.subscriptions.subscriptions import Subscriptions
from envoy.utility.operator import Control, Program
from tests.support.fleet_world import FleetWorld, FollowedFleet

SITES = 4


class SubscribedFleet(FleetWorld):
    """A utility, and a fleet that subscribes to what it reads."""

    def __init__(self, notifications: str) -> None:
        super().__init__(SITES, notifications=notifications, pre_registered=True)
        self.utility.poll_rates(**dict.fromkeys(("function_set_assignments_list", "der_program_list"), 3600))
        self.program: Program = self.utility.program("export", primacy=1)
        self.paths = NotificationPaths("https://localhost:8444")
        self.deliveries = 0
        self.fleet: FollowedFleet = self.follow(
            open_subscriptions=partial(Subscriptions, paths=self.paths, owner=self.aggregator)
        )

    @property
    def subscriptions(self) -> Subscriptions:
        subscriber = self.fleet.follower.subscriber
        assert subscriber is not None
        return subscriber.subscriptions

    def deliver(self) -> None:
        for delivery in self.utility.due_notifications():
            self.utility.settle_notification(delivery.number, 204)
            self.deliveries += 1
            path = urlsplit(delivery.uri).path
            assert self.subscriptions.accepts(path)
            assert self.subscriptions.notify(path, {IDENTIFIER: delivery.identifier}, delivery.content)

    def run(self, seconds: float) -> None:
        self.fleet.run(self.clock() + seconds)

    def control(self) -> Control:
        control = self.program.control(duration=600, op_mod_exp_lim_w=1500)
        self.deliver()
        return control

    def started(self, control: Control) -> set[bytes]:
        return {each.lfdi for each in self.utility.responses(control) if each.status == 2}


@pytest.fixture(params=["whole", "changed"])
def world(request: pytest.FixtureRequest) -> SubscribedFleet:
    world = SubscribedFleet(request.param)
    world.run(30)
    return world


def test_there_is_one_subscription_for_each_resource(world: SubscribedFleet) -> None:
    # The list of EndDevices is what all of them read.
    assert world.subscriptions.count() == (4 * SITES + 1, 4 * SITES + 1)
    posted = Counter(each.href for each in world.requests if each.method == "POST" and each.step == "subscribe")
    assert sum(posted.values()) == 4 * SITES + 1
    assert [news.count for key, news in world.fleet.news if isinstance(news, Subscribed) and not key][-1] == 17


def test_how_many_there_are_is_said_while_they_are_made_and_at_their_end() -> None:
    world = SubscribedFleet("whole")

    made: list[float] = []

    def delay(request: Request) -> None:
        if request.step == "subscribe" and request.method == "POST":
            world.clock.now += 0.25
            made.append(world.clock())

    world.failing = delay
    world.run(60)
    said = [news for _, news in world.fleet.news if isinstance(news, Subscribed)]
    assert (said[-1].count, said[-1].wanted) == world.subscriptions.count() == (17, 17)
    assert len(made) == 17 and 3 <= len(said) <= 7
    assert all(later.time - earlier.time >= LEAST_REPORT for earlier, later in pairwise(said))
    assert said[0].time < made[-1] and said[-1].time <= made[-1] + 2 * LEAST_REPORT


def count_all(subscriptions: Subscriptions) -> tuple[int, int]:
    """Return how many subscriptions there are, by a look at each of them."""
    wanted = [each for each in subscriptions._by_resource.values() if each.readers]
    return sum(each.posted for each in wanted), len(wanted)


def test_the_count_is_right_whatever_happens(world: SubscribedFleet) -> None:
    drawn = random.Random(7)  # noqa: S311  # the same in each run
    hrefs = sorted(world.subscriptions._by_resource)
    for _ in range(60):
        href, key = drawn.choice(hrefs), drawn.choice(world.lfdis)
        match drawn.randrange(5):
            case 0:
                with suppress(KeyError):
                    world.fleet.follower.remove(key.hex().upper())
            case 1:
                with suppress(SiteError):
                    world.fleet.add(key)
            case 2:
                content = b'<Notification xmlns="urn:ieee:std:2030.5:ns"><status>1</status></Notification>'
                world.subscriptions.notify(urlsplit(world.paths.make_uri(href)).path, {}, content)
            case 3:
                world.utility.store.execute("DELETE FROM subscription WHERE resource = ?", href)
                world.run(400)
            case _:
                refused = Response(drawn.choice((400, 503)))
                world.failing = drawn.choice([None, lambda request, r=refused: r if request.method == "POST" else None])
        world.run(drawn.choice((0, 1, 70)))
        assert world.subscriptions.count() == count_all(world.subscriptions)


def test_each_site_reads_what_it_was_notified_of_and_nothing_else(world: SubscribedFleet) -> None:
    world.requests.clear()
    control = world.control()
    world.run(1)
    assert world.started(control) == set(world.lfdis)
    reads = [each.href.partition("?")[0] for each in world.requests if each.method == "GET"]
    assert len(reads) == SITES and all(each.endswith("/derp/1/derc") for each in reads)
    (notified,) = [news for key, news in world.fleet.news if isinstance(news, Notified)]
    assert len(notified.hrefs) == SITES


def test_a_storm_of_notifications_causes_few_reads(world: SubscribedFleet) -> None:
    world.requests.clear()
    path = urlsplit(world.paths.make_uri("/edev")).path
    for number in range(1000):
        assert world.subscriptions.notify(path, {}, b"<x%d/>" % number)
        world.run(0.01)
    world.run(30)
    assert 1 <= world.count("GET", "/edev") <= 6


def test_a_site_that_leaves_takes_its_subscriptions_along(world: SubscribedFleet) -> None:
    world.fleet.follower.remove(world.lfdis[0].hex().upper())
    world.run(5)
    assert world.subscriptions.count() == (4 * SITES - 3, 4 * SITES - 3)
    assert sum(each.method == "DELETE" for each in world.requests) == 4
    control = world.control()
    world.run(1)
    assert world.started(control) == set(world.lfdis[1:])


def test_everything_is_read_again_where_a_resource_has_moved(world: SubscribedFleet) -> None:
    lists = [site["href"] + "/fsa" for site in world.utility.list_sites() if bytes.fromhex(site["lfdi"]) in world.lfdis]
    world.requests.clear()
    path = urlsplit(world.paths.make_uri(lists[0])).path
    content = b'<Notification xmlns="urn:ieee:std:2030.5:ns"><status>2</status></Notification>'
    world.subscriptions.notify(path, {}, content)
    world.run(10)
    assert world.count("GET", "/dcap") == 1
    assert [world.count("GET", href) > 0 for href in lists] == [True] * SITES


def test_what_was_asked_for_before_a_notification_is_not_what_is_read_after_it() -> None:
    reads: SharedReads[str] = SharedReads(lambda: 0.0, lambda reader, path: None)
    early, late = Request(STEP, "GET", "/edev"), Request(STEP, "GET", "/edev")
    # What one alone reads is not shared.
    assert reads.ask(Request(STEP, "GET", "/edev"), "a") is False
    assert reads.ask(early, "b") is False
    assert reads.ask(Request(STEP, "GET", "/edev"), "c") is True
    reads.expire("/edev")
    assert reads.ask(late, "d") is False
    assert reads.ask(Request(STEP, "GET", "/edev"), "e") is True
    old, new = Response(200, content=b"old"), Response(200, content=b"new")
    assert reads.settle(early, old) == ["c"]
    assert reads.settle(late, new) == ["e"]
    assert reads.ask(Request(STEP, "GET", "/edev"), "f") == new
