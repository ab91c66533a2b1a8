"""Posting to a server that fails: what is held back, what is set aside, and what goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from envoy.errors import TransportError
from envoy.metering import Spool, csip_aus_der, post_readings
from envoy.metering.post_readings import MAX_REFUSED
from envoy.metering.results import PostingError
from envoy.protocol.flow import Request, Response, drive
from tests.support.adversary import DER, LFDI, MIRROR, Adversary, samples


@pytest.fixture
def spool() -> Iterator[Spool]:
    with Spool(":memory:") as spool:
        yield spool


HOUR = 3600


class Failing(Adversary):
    """A server that fails on some readings, or on all, each time that it is sent them."""

    def __init__(self, on: set[int], how: int | None = 500) -> None:
        super().__init__(0, 1000, set(), "csip-aus-1.2")
        self.troubles = 0
        self.on = on
        self.how = how
        self.posts = 0

    def process(self, request: Request) -> Response:
        if request.method == "POST" and request.href != "/mup":
            self.posts += 1
            values = {int(text) for text in re.findall(rb"<value>(-?[0-9]+)</value>", request.content or b"")}
            if self.on & values:
                if self.how is None:
                    raise TransportError("lost response", where=str(request), maybe_received=True)
                return Response(self.how)
        return super().process(request)

    @property
    def values(self) -> list[int]:
        return [value for group in self.sets.values() for value in group]


def post_every(seconds: int, hours: float, spool: Spool, server: Adversary, *, start: int = 0) -> list[PostingError]:
    """Post at regular times, and return what went wrong."""
    errors = []
    for now in range(start, start + int(hours * HOUR), seconds):
        try:
            drive(post_readings(spool, server, now=lambda now=now: now), server.answer)  # type: ignore[misc]
        except PostingError as error:
            errors.append(error)
    return errors


@pytest.mark.parametrize("how", [500, 502, 503, None])
def test_a_reading_that_the_server_fails_on_for_ever_is_set_aside_and_the_others_go_on(
    spool: Spool, how: int | None
) -> None:
    server = Failing({0, 7, 8}, how)
    spool.put(MIRROR, samples(0, 12))
    assert len(post_every(600, 1, spool, server)) == 6
    assert (spool.counts().waiting, spool.counts().set_aside) == (12, 0)
    assert post_every(600, 0.1, spool, server, start=HOUR) == []
    assert [kept.entry.value for kept in spool.aside()] == [0, 7, 8]
    assert all((str(how) if how else "lost response") in kept.reason for kept in spool.aside())
    assert server.values == [1, 2, 3, 4, 5, 6, 9, 10, 11]
    server.on = set()
    spool.retry()
    post_every(600, 0.1, spool, server, start=2 * HOUR)
    assert sorted(server.values) == list(range(12))


def test_few_failures_however_long_are_not_enough(spool: Spool) -> None:
    server = Failing({0})
    spool.put(MIRROR, samples(0, 2))
    assert len(post_every(24 * HOUR, 4 * 24, spool, server)) == 4
    assert server.values == []
    assert post_every(24 * HOUR, 1, spool, server, start=4 * 24 * HOUR) == []
    assert server.values == [1]


def test_a_success_begins_the_count_again(spool: Spool) -> None:
    server = Failing({5})
    spool.put(MIRROR, samples(5, 6))
    post_every(600, 1, spool, server)
    server.on = set()
    post_every(600, 0.1, spool, server, start=HOUR)
    server.on = {6}
    spool.put(MIRROR, samples(6, 8))
    assert len(post_every(600, 1, spool, server, start=2 * HOUR)) == 6
    assert spool.counts().waiting == 2


@pytest.mark.parametrize("how", [500, None])
def test_a_server_that_fails_on_everything_has_nothing_set_aside(spool: Spool, how: int | None) -> None:
    server = Failing(set(range(300)), how)
    spool.put(MIRROR, samples(0, 300))
    errors = post_every(600, 6, spool, server)
    assert len(errors) == 6 * 6 and all(error.posted[0].set_aside == 0 for error in errors)
    assert (spool.counts().waiting, spool.counts().set_aside) == (300, 0)
    # Nor is it asked about each reading on every run.
    assert server.posts < 2 * (6 * 6 + 6 * (MAX_REFUSED + 10))
    server.on = set()
    assert post_every(600, 0.1, spool, server, start=6 * HOUR) == []
    assert server.values == list(range(300))


def test_a_server_that_fails_from_some_reading_on_has_nothing_set_aside(spool: Spool) -> None:
    server = Failing(set(range(3, 12)))
    spool.put(MIRROR, samples(0, 12))
    assert len(post_every(600, 4, spool, server)) == 24
    assert (server.values, spool.counts().set_aside) == ([0, 1, 2], 0)
    server.on = set()
    post_every(600, 0.1, spool, server, start=4 * HOUR)
    assert server.values == list(range(12))


def test_an_end_while_readings_are_suspected_leaves_them_as_they_were_sent(spool: Spool) -> None:
    server = Failing({0, 1, 2})
    spool.put(MIRROR, samples(0, 4))
    post_every(600, 1, spool, server)
    posts = 0

    def interrupt(request: Request) -> Response:
        nonlocal posts
        posts += request.method == "POST" and len(re.findall(rb"<Reading>", request.content or b"")) == 1
        if posts == 3:
            raise SystemExit  # as at any moment: nothing is written down that would have to be taken back
        return server.answer(request)

    with pytest.raises(SystemExit):
        drive(post_readings(spool, server, now=lambda: HOUR), interrupt)
    assert (spool.counts().waiting, spool.counts().set_aside) == (4, 0)
    batch = spool.next_batch(MIRROR.mrid, 4)
    assert batch is not None and [entry.value for entry in batch.entries] == [0]


def test_readings_that_a_server_takes_once_it_has_recovered_are_not_set_aside(spool: Spool) -> None:
    server = Failing(set(range(12)))
    spool.put(MIRROR, samples(0, 12))
    post_every(600, 1, spool, server)
    refused = server.posts

    def recovers(request: Request) -> Response:
        if server.posts == refused + 8:
            server.on = {3}
        return server.answer(request)

    drive(post_readings(spool, server, now=lambda: HOUR), recovers)
    assert sorted(server.values) == [0, 1, 2, *range(4, 12)]
    assert [kept.entry.value for kept in spool.aside()] == [3]


def test_a_clock_that_is_set_back_begins_the_wait_again(spool: Spool) -> None:
    server = Failing({0})
    spool.put(MIRROR, samples(0, 2))
    post_every(600, 1, spool, server, start=10**9)
    assert len(post_every(600, 1, spool, server)) == 6
    assert post_every(600, 0.1, spool, server, start=HOUR) == []


def test_a_server_that_is_not_reached_says_nothing_of_the_readings(spool: Spool) -> None:
    server = Failing(set())
    sent: list[int] = []

    def cut_off(request: Request) -> Response:
        if request.method == "POST" and request.href != "/mup":
            sent.append((request.content or b"").count(b"<Reading>"))
            raise TransportError("no route", where=str(request))
        return server.answer(request)

    spool.put(MIRROR, samples(0, 4))
    spool.put(DER, samples(0, 4))
    for now in range(0, 3 * HOUR, 600):
        with pytest.raises(PostingError) as caught:
            drive(post_readings(spool, server, now=lambda now=now: now), cut_off)  # type: ignore[misc]
        assert [each.name for each in caught.value.posted] == ["site"]
        assert caught.value.where == "site, POST /mup/1"
    assert sent == [4] * 18


def test_one_mirror_that_gets_no_response_does_not_keep_the_others(spool: Spool) -> None:
    server = Failing({0}, None)
    spool.put(MIRROR, samples(0, 3))
    spool.put(DER, samples(1, 4))
    with pytest.raises(PostingError) as caught:
        drive(post_readings(spool, server), server.answer)
    assert [(each.name, each.readings, each.waiting) for each in caught.value.posted] == [("site", 0, 3), ("der", 3, 0)]


def test_it_ends_after_two_mirrors_without_a_response(spool: Spool) -> None:
    server = Failing({0}, None)
    for mirror in (MIRROR, DER, csip_aus_der(LFDI, 32473, name="third")):
        spool.put(mirror, samples(0, 3))
    with pytest.raises(PostingError) as caught:
        drive(post_readings(spool, server), server.answer)
    assert [each.name for each in caught.value.posted] == ["site", "der"]
