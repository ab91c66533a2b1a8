"""Polls: what is read next, and when."""

from __future__ import annotations

from math import inf

from envoy.der.follow.polling.polls import DEFAULT_RATE, FASTEST_RATE, FIRST_RETRY, SLOWEST_RATE, Poll, Polls
from envoy.protocol.flow import Flow


def read() -> Flow[int | None]:
    return None
    yield


def due(polls: Polls, now: float = 0) -> Poll:
    poll = polls.take_due(now)
    assert poll is not None
    return poll


def test_the_nearest_of_what_is_due_is_read_first() -> None:
    polls = Polls()
    for name, depth in (("programs", 4), ("devices", 2), ("assignments", 3)):
        polls.add(name, f"/{name}", depth, read)
    order = []
    while (poll := polls.take_due(0)) is not None:
        order.append(poll.href)
        polls.settle(poll, 0, 60)
    assert order == ["/devices", "/assignments", "/programs"]
    assert polls.next_due() == 60


def test_a_rate_is_that_of_the_server_within_reason() -> None:
    polls = Polls()
    polls.add("devices", "/edev", 2, read)
    rates = ((60, 160), (1, 100 + FASTEST_RATE), (None, 100 + DEFAULT_RATE), ((1 << 32) - 1, 100 + SLOWEST_RATE))
    for rate, next_due in rates:
        polls.settle(due(polls, 10_000), 100, rate)
        assert polls.next_due() == next_due


def test_what_could_not_be_read_is_due_again_at_its_rate() -> None:
    polls = Polls()
    polls.add("devices", "/edev", 2, read)
    polls.defer(due(polls), 100)
    assert polls.next_due() == 100 + FIRST_RETRY
    polls.settle(due(polls, 10_000), 200, 300)
    polls.defer(due(polls, 10_000), 500)
    assert polls.next_due() == 800


def test_a_resource_that_moves_is_read_at_once_and_one_that_is_gone_never() -> None:
    polls = Polls()
    polls.add("devices", "/edev", 2, read)
    polls.settle(due(polls), 0, 60)
    polls.add("devices", "/edev", 2, read)
    assert polls.next_due() == 60
    polls.add("devices", "/elsewhere", 2, read)
    assert due(polls).href == "/elsewhere"
    polls.drop("devices")
    assert polls.take_due(10_000) is None and polls.next_due() == inf
