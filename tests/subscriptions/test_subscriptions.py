"""The subscriptions of a client at a utility in this process, under a virtual clock."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from envoy.documents import dumps, loads
from envoy.errors import ResponseError
from envoy.protocol.flow import Request, Response, drive
from envoy.subscriptions.server_list import DEFAULT_RATE
from envoy.subscriptions.subscriptions import CANCELLATION, REFUSAL, RENEWAL, SETTLING
from sep2 import EndDeviceList, Subscription, SubscriptionEncoding, SubscriptionList
from tests.support.homes import BEGIN
from tests.support.subscribed import SubscribedHome

CONTROLS = "/edev/1/derp/1/derc"
RESOURCES = ["/edev", "/edev/1/derp/1/dderc", CONTROLS, "/edev/1/fsa", "/edev/1/fsa/1/derp"]
DAY = 86_400


def make_home(**settings: Any) -> SubscribedHome:
    home = SubscribedHome(**settings)
    home.program = home.utility.program("export", primacy=1)
    slowly(home)
    return home


def slowly(home: SubscribedHome) -> None:
    home.utility.poll_rates(
        **dict.fromkeys(
            ("device_capability", "end_device_list", "function_set_assignments_list", "der_program_list", "der_list"),
            DAY // 2,
        )
    )


@pytest.fixture
def home() -> SubscribedHome:
    return make_home()


def on(home: SubscribedHome, method: str, path: str, change: Callable[[Response], Response]) -> None:
    """Have the response to some requests be another one."""
    send = home.send

    def changed(request: Request) -> Response:
        response = send(request)
        return change(response) if request.method == method and request.href.startswith(path) else response

    home.send = changed


def posts(home: SubscribedHome) -> list[float]:
    return [time for time, method, href in home.requests if method == "POST" and href == "/edev/1/sub"]


def listed(home: SubscribedHome) -> list[Subscription]:
    response = home.utility.connect(home.lfdi)(Request("test", "GET", "/edev/1/sub?l=50"))
    return loads(response.content, SubscriptionList).subscription


def end(home: SubscribedHome) -> None:
    drive(home.subscriptions.end(), home.send)


# While it lasts


@pytest.mark.parametrize(
    ("profile", "level"),
    [("ieee-2018", "+S1"), ("ieee-2023", "+S2"), ("csip-aus-1.2", "+S1"), ("csip-aus-1.3", "+S1")],
)
def test_notifications_of_its_own_edition_are_asked_for(profile: str, level: str) -> None:
    home = make_home(profile=profile)
    home.happen(100, lambda: home.program.default(set_grad_w=100))
    home.follow(200)
    assert {each.level for each in listed(home)} == {level}
    assert home.deliveries == [(100, "/edev/1/derp/1/dderc")]
    assert home.times("/edev/1/derp/1/dderc") == [0, 100]
    assert home.session.findings == []


@pytest.mark.unmeasured
def test_each_is_renewed_within_a_day_and_not_all_at_once() -> None:
    # The server forgets what is not renewed, and says nothing.
    home = make_home(subscription_lifetime=36 * 3600)
    home.follow(2 * DAY + 100)
    later = posts(home)[5:]
    assert len(later) == 10
    assert len({time // 60 for time in later[:5]}) > 1
    assert all(0.9 * RENEWAL <= time <= RENEWAL + 60 for time in later[:5])
    assert home.subscribed == RESOURCES
    assert home.session.findings == []


def test_what_the_server_has_dropped_is_subscribed_to_again(home: SubscribedHome) -> None:
    def drop() -> None:
        home.utility.connect(home.lfdi)(Request("test", "DELETE", listed(home)[0].href or ""))
        assert len(home.subscribed) == 4

    home.happens[100] = drop
    home.follow(DEFAULT_RATE + 30)
    assert home.subscribed == RESOURCES
    assert posts(home)[5:] == [DEFAULT_RATE]


def test_the_list_is_read_at_its_own_rate(home: SubscribedHome) -> None:
    def hasten(response: Response) -> Response:
        model = loads(response.content, SubscriptionList)
        model.poll_rate = 300
        return replace(response, content=dumps(model, profile="csip-aus-1.2"))

    on(home, "GET", "/edev/1/sub?", hasten)
    home.follow(1000)
    assert home.times("/edev/1/sub") == [0, 300, 600, 900]


def test_what_another_has_taken_over_is_left_to_it(home: SubscribedHome) -> None:
    def take_over() -> None:
        other = "https://localhost:9999/other"
        body = Subscription(
            subscribed_resource=CONTROLS,
            encoding=SubscriptionEncoding(0),
            level="+S1",
            limit=1,
            notification_uri=other,
        )
        content = dumps(body, profile="csip-aus-1.2")
        home.utility.connect(home.lfdi)(Request("test", "POST", "/edev/1/sub", content))

    home.happens[100] = take_over
    home.follow(4 * DEFAULT_RATE)
    assert home.subscriptions.count() == (4, 5)
    assert len(posts(home)) == 5
    (finding,) = home.session.findings
    assert CONTROLS in finding and "https://localhost:9999/other" in finding


class OtherList:
    """A list of subscriptions that makes another one with each POST, and perhaps does not say where it is."""

    def __init__(self, home: SubscribedHome, *, says_where: bool) -> None:
        self.items: dict[str, Subscription] = {}
        self.deleted: list[str] = []
        self._says_where = says_where
        self._send = home.send

    def send(self, request: Request) -> Response:
        path = request.href.partition("?")[0]
        if not path.startswith("/edev/1/sub"):
            return self._send(request)
        if request.method == "POST":
            location = f"{path}/{len(self.items) + len(self.deleted) + 1}"
            self.items[location] = loads(request.content or b"", Subscription)
            self.items[location].href = location
            return Response(201, {"location": location} if self._says_where else {})
        if request.method == "DELETE":
            self.deleted.append(path)
            return Response(204 if self.items.pop(path, None) else 404)
        found = [*self.items.values()]
        model = SubscriptionList(all=len(found), results=len(found), subscription=found)
        return Response(200, {"content-type": "application/sep+xml"}, dumps(model, profile="csip-aus-1.2"))


@pytest.mark.parametrize("says_where", [False, True])
def test_servers_that_make_another_or_do_not_say_where_it_is(home: SubscribedHome, says_where: bool) -> None:
    others = OtherList(home, says_where=says_where)
    home.send = others.send
    home.follow(1.1 * DAY)
    assert len(others.items) == 5
    assert len(others.deleted) == 5
    end(home)
    assert others.items == {}
    assert home.session.findings == []


# What cannot be subscribed to


@pytest.mark.parametrize("status", [400, 403, 500])
def test_what_is_refused_is_noted_once_and_polled(status: int) -> None:
    home = make_home()
    send = home.send

    def refuse(request: Request) -> Response:
        if (request.method, request.href) != ("POST", "/edev/1/sub"):
            return send(request)
        home.requests.append((home.now, request.method, request.href))
        return Response(status)

    home.send = refuse
    home.happen(100, lambda: home.add(50, 100, op_mod_exp_lim_w=1500))
    home.follow(REFUSAL / 2)
    if status < 500:
        assert len(posts(home)) == 5
        assert len(home.session.findings) == 5
        assert all("is polled" in finding for finding in home.session.findings)
    else:
        # It may be another one the next time; it is tried ever more seldom, and never all of them.
        assert posts(home)[:4] == [0, 10, 30, 70]
        assert len(posts(home)) < 200
    assert home.subscriptions.count()[0] == 0


def test_what_was_refused_is_tried_again_a_day_later(home: SubscribedHome) -> None:
    send = home.send
    home.send = lambda request: Response(400) if request.method == "POST" and home.now < 100 else send(request)
    home.follow(REFUSAL + 100)
    assert home.subscriptions.count() == (5, 5)


def test_a_server_without_subscriptions_is_polled(home: SubscribedHome) -> None:
    def without(response: Response) -> Response:
        model = loads(response.content, EndDeviceList)
        for each in model.end_device:
            each.subscription_list_link = None
        return replace(response, content=dumps(model, profile="csip-aus-1.2"))

    on(home, "GET", "/edev?", without)
    home.follow(DEFAULT_RATE * 2.5)
    assert posts(home) == []
    (finding,) = home.session.findings
    assert "SubscriptionListLink" in finding


def test_nothing_is_subscribed_to_that_does_not_say_so(home: SubscribedHome) -> None:
    on(home, "GET", "/", lambda each: replace(each, content=each.content.replace(b'subscribable="1"', b"")))
    home.follow(100)
    assert home.count("POST", "/edev/1/sub") == 0
    assert home.times("/edev/1/sub") == []


# The end, and what an earlier run has left


def test_at_the_end_all_are_deleted(home: SubscribedHome) -> None:
    home.follow(30)
    end(home)
    assert home.subscribed == []
    assert home.subscriptions.count() == (0, 0)


def test_a_server_that_fails_is_given_up_at_the_end(home: SubscribedHome) -> None:
    home.follow(30)
    home.send = lambda request: Response(503)
    with pytest.raises(ResponseError):
        end(home)


def test_what_an_earlier_run_has_left_is_taken_up_or_deleted(home: SubscribedHome) -> None:
    home.utility.program("other", primacy=0, fsa=2)
    home.follow(30)
    assert len(home.subscribed) == 8
    home.utility.remove_assignment(2, home.lfdi)
    home.requests.clear()
    home.clock.now = BEGIN + 1000
    home.listen()
    home.follow(1000 + SETTLING / 2)
    assert posts(home) == []
    assert home.count("DELETE") == 0
    home.following.stopped = False
    home.follow(2000 + SETTLING)
    assert home.subscribed == RESOURCES
    assert home.subscriptions.count() == (5, 5)
    assert home.count("DELETE") == 3
    # It is not known how old they are.
    home.requests.clear()
    home.following.stopped = False
    home.follow(DAY / 2)
    assert len(posts(home)) == 5
    assert max(posts(home)) < RENEWAL / 3 + 3000


def test_what_another_process_has_taken_up_meanwhile_is_not_deleted(home: SubscribedHome) -> None:
    home.utility.program("other", primacy=0, fsa=2)
    home.follow(30)
    home.utility.remove_assignment(2, home.lfdi)
    home.clock.now = BEGIN + 1000
    home.listen()

    def take_up(response: Response) -> Response:
        return replace(response, content=re.sub(rb"/notify/[a-z2-7]+/", b"/notify/aaaaaaaa/", response.content))

    on(home, "GET", "/edev/1/sub/", take_up)
    home.follow(2000 + SETTLING)
    assert home.count("DELETE") == 0 and len(home.subscribed) == 8


def test_a_run_that_knows_of_no_earlier_one_takes_over(home: SubscribedHome) -> None:
    home.follow(30)
    home.paths = type(home.paths)("https://localhost:8444")
    home.listen()
    home.follow(200)
    assert len(posts(home)) == 10
    assert [home.paths.find_code(each.notification_uri) is not None for each in listed(home)] == [True] * 5


# Notifications that say that it has ended


def read_after(home: SubscribedHome, time: float) -> set[str]:
    return {href.partition("?")[0] for at, method, href in home.requests if at >= time and method == "GET"}


@pytest.mark.parametrize(("status", "everything"), [(0, False), (1, False), (2, True), (3, True), (4, False)], ids=str)
def test_a_subscription_that_goes_on_is_kept_whatever_a_notification_says(
    home: SubscribedHome, status: int, everything: bool
) -> None:
    home.happens[100] = lambda: home.notify(CONTROLS, status=status)
    home.follow(400)
    asked = {href for href in read_after(home, 100) if href.startswith("/edev/1/sub/")}
    assert len(asked) == (status > 0)
    read = read_after(home, 100) - asked
    assert read == ({"/dcap", "/tm", "/edev/1/der", *RESOURCES} if everything else {CONTROLS})
    assert len(posts(home)) == 5
    assert home.subscriptions.count() == (5, 5)


@pytest.mark.parametrize("status", [1, 4])
def test_a_subscription_that_has_ended_is_polled_and_made_again_later(home: SubscribedHome, status: int) -> None:
    def cancel() -> None:
        (mine,) = [each for each in listed(home) if each.subscribed_resource == CONTROLS]
        home.utility.connect(home.lfdi)(Request("test", "DELETE", mine.href or ""))
        home.notify(CONTROLS, status=status)

    home.happens[100] = cancel
    counts: list[Any] = []
    home.happens[1900] = lambda: counts.append(home.subscriptions.count())
    home.follow(100 + CANCELLATION + 60)
    assert counts == [(4, 5)]
    assert posts(home)[5:] == [100 + CANCELLATION]
    assert home.subscribed == RESOURCES


def test_a_notification_that_nobody_wants_is_taken_and_noted(home: SubscribedHome) -> None:
    home.follow(30)
    path = home.paths.make_uri("/edev/9/fsa").removeprefix("https://localhost:8444")
    assert home.subscriptions.accepts(path)
    assert home.subscriptions.notify(path, {}, b"<x/>")
    assert not home.subscriptions.notify("/notify/aaaaaaaa/aaaaaaaaaaaaaaaaaaaaaaaaaa", {}, b"<x/>")
    home.following.stopped = False
    home.follow(60)
    (finding,) = home.session.findings
    assert "not wanted" in finding


def test_what_is_not_a_notification_is_a_reason_to_read_too(home: SubscribedHome) -> None:
    path = home.paths.make_uri(CONTROLS).removeprefix("https://localhost:8444")
    home.happens[100] = lambda: home.subscriptions.notify(path, {}, b"rubbish")
    home.follow(200)
    assert home.times(CONTROLS) == [0, 100]
    (finding,) = home.session.findings
    assert finding.startswith(f"notification of {CONTROLS}: ")
