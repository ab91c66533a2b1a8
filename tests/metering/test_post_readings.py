"""Posting: whatever server and network do, each reading arrives once and in order, or is set aside with a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy import AsyncClient, Client, documents
from envoy.errors import ProfileError, ResponseError, SpoolError, TransportError
from envoy.metering import Mirror, Posted, Sample, Spool, active_power, post_readings
from envoy.metering.results import PostingError
from envoy.profiles import PROFILES, Profile, get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.protocol.results import Outcome
from envoy.tls.pki import Pki
from envoy.utility import Settings, Utility
from envoy.utility import Settings as UtilitySettings
from sep2 import (
    DeviceCapability,
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorUsagePoint,
)
from tests.conftest import StartServer
from tests.support.adversary import DER, LFDI, MIRROR, START, Adversary, samples
from tests.support.scripted import Handler, Serve, hang_up, respond_with


def options(pki: Pki) -> dict[str, Any]:
    files = pki.devices["aggregator"]
    return {"cert": files.certificate, "key": files.key, "ca": pki.ca.certificate}


def arrived(client: Client, mirror: Mirror = MIRROR) -> list[int]:
    """Return the values that the server has of a mirror, in the order they came."""
    values = []
    for point in client.items("/mup", MirrorUsagePoint):
        if point.mrid == mirror.mrid:
            for reading in client.items(f"{point.href}/mr", MirrorMeterReading):
                values += [each.value for group in reading.mirror_reading_set for each in group.reading]
    return values


@pytest.fixture
def spool() -> Iterator[Spool]:
    with Spool(":memory:") as spool:
        yield spool


# A server that does everything wrong


def wire(number: int) -> int:
    """Return the value of a number on the wire: the voltage of the DER counts tenths, plus what tells them apart."""
    return number if number % 10 < 5 else number * 10 + 1000


def site_number(value: int) -> int | None:
    return value if value < 1000 else None


def der_number(value: int) -> int | None:
    return (value - 1000) // 10 if value >= 1000 else None


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    most=st.integers(1, 9),
    refused=st.sets(st.integers(0, 39).map(lambda n: wire(n)), max_size=6),
    batch_size=st.integers(1, 12),
    profile=st.sampled_from(["ieee-2018", "csip-aus-1.2", "csip-aus-1.3"]),
)
def test_each_reading_arrives_once_and_in_order_or_is_set_aside(
    seed: int, most: int, refused: set[int], batch_size: int, profile: str
) -> None:
    server = Adversary(seed, most, refused, profile)
    with Spool(":memory:") as spool:
        for first in range(0, 40, 10):
            spool.put(MIRROR, samples(first, first + 5))
            volts = [Sample("voltage", each.start, float(each.value) + 100) for each in samples(first + 5, first + 10)]
            spool.put(DER, volts)
        for _ in range(60):
            with suppress(PostingError):
                drive(post_readings(spool, server, batch_size=batch_size), server.answer)
                break
        assert spool.counts().waiting == 0
        aside = [kept.entry.value for kept in spool.aside()]
    values = [value for group in server.sets.values() for value in group]
    for number_of in (site_number, der_number):
        own = [number for value in values if (number := number_of(value)) is not None]
        # What was refused is not there, and all else is, once and in order.
        assert own == [n for n in range(40) if (n % 10 < 5) == (number_of is site_number) and wire(n) not in refused]
    assert sorted(aside) == sorted(wire(n) for n in range(40) if wire(n) in refused)


def test_refused_readings_are_set_aside_and_the_others_go_on(spool: Spool) -> None:
    server = Adversary(0, 100, {3, 7, 8}, "csip-aus-1.2")
    server.troubles = 0
    spool.put(MIRROR, samples(0, 12))
    (posted,) = drive(post_readings(spool, server, batch_size=12), server.answer)
    assert (posted.readings, posted.set_aside, posted.waiting) == (9, 3, 0)
    assert [kept.entry.value for kept in spool.aside()] == [3, 7, 8]
    assert all("400" in kept.reason for kept in spool.aside())
    assert [value for group in server.sets.values() for value in group] == [0, 1, 2, 4, 5, 6, 9, 10, 11]
    server.refused = set()
    assert spool.retry() == 3
    drive(post_readings(spool, server), server.answer)
    assert sorted(value for group in server.sets.values() for value in group) == list(range(12))


def test_a_server_that_refuses_everything_does_not_have_everything_set_aside(spool: Spool) -> None:
    server = Adversary(0, 100, set(range(1000)), "csip-aus-1.2")
    server.troubles = 0
    spool.put(MIRROR, samples(0, 500))
    with pytest.raises(PostingError):
        drive(post_readings(spool, server), server.answer)
    assert (spool.counts().waiting, spool.counts().set_aside) == (480, 20)


def test_one_mirror_that_fails_does_not_keep_the_others(spool: Spool) -> None:
    server = Adversary(0, 100, set(), "csip-aus-1.2")
    server.troubles = 0
    spool.put(MIRROR, samples(0, 3))
    spool.put(DER, samples(0, 3, "voltage"))

    def answer(request: Request) -> Response:
        return (
            Response(403)
            if request.content and MIRROR.mrid.hex().upper().encode() in request.content
            else server.answer(request)
        )

    with pytest.raises(PostingError) as caught:
        drive(post_readings(spool, server), answer)
    assert [(each.name, each.readings, each.waiting) for each in caught.value.posted] == [("site", 0, 3), ("der", 3, 0)]
    assert caught.value.where == "site, POST /mup"
    assert isinstance(caught.value.__cause__, ResponseError) and caught.value.__cause__.status == 403


def test_it_ends_where_no_response_comes(spool: Spool) -> None:
    server = Adversary(0, 100, set(), "csip-aus-1.2")
    spool.put(MIRROR, samples(0, 3))
    spool.put(DER, samples(0, 3, "voltage"))

    def answer(request: Request) -> Response:
        raise TransportError("no route", where=str(request))

    with pytest.raises(PostingError) as caught:
        drive(post_readings(spool, server), answer)
    assert [each.name for each in caught.value.posted] == ["site"]
    assert isinstance(caught.value.__cause__, TransportError)


def test_post_rate_is_kept_whoever_asks(spool: Spool) -> None:
    server = Adversary(0, 100, set(), "csip-aus-1.2")
    server.troubles = 0
    server.utility.settings = UtilitySettings(post_rate=300)

    def run(now: float) -> Posted:
        return drive(post_readings(spool, server, now=lambda: now), server.answer)[0]

    spool.put(MIRROR, samples(0, 1))
    assert run(1000).due is None
    spool.put(MIRROR, samples(1, 3))
    held = run(1100)
    assert (held.due, held.waiting, held.outcome) == (1300, 2, Outcome.SKIPPED)
    assert "next post from 1970-01-01T00:21:40Z" in str(held)
    server.utility.settings = UtilitySettings(post_rate=600)  # which the next look at the mirror shows
    held = run(1300)
    assert (held.due, held.waiting) == (1600, 2)
    posted = run(1600)
    assert (posted.readings, posted.requests) == (2, 1)
    spool.put(MIRROR, samples(3, 4))
    assert run(5).readings == 1  # the clock was set back


def test_the_old_dialect_has_no_mirror(spool: Spool) -> None:
    server = Adversary(0, 1, set(), "csip-aus-1.2")
    server.profile = PROFILES["envoy-0.1"]
    with pytest.raises(ProfileError):
        drive(post_readings(spool, server), server.answer)


# The real server


def test_a_mirror_is_created_found_again_and_described_again(pki: Pki, start_server: StartServer, spool: Spool) -> None:
    sent: list[str] = []
    url = start_server()
    with Client(url, **options(pki), on_exchange=lambda each: sent.append(str(each.request))) as client:

        def run(from_spool: Spool) -> Posted:
            sent.clear()
            return client.run(post_readings(from_spool, client))[0]

        spool.put(MIRROR, samples(0, 2))
        first = run(spool)
        assert (first.outcome, first.href) == (Outcome.CREATED, "/mup/1")
        assert sent == ["GET /dcap", "GET /mup?s=0&l=50", "POST /mup", "GET /mup/1", "POST /mup/1"]
        spool.put(MIRROR, samples(2, 4))
        assert run(spool).outcome is Outcome.FOUND
        assert sent == ["GET /mup/1", "POST /mup/1"]
        with Spool(":memory:") as other:
            # Another machine knows nothing, and finds the mirror that has its mRID.
            other.put(MIRROR, samples(4, 5))
            assert (run(other).outcome, run_is_list(sent)) == (Outcome.FOUND, True)
        more = Mirror(lfdi=LFDI, pen=32473, channels=(*MIRROR.channels, active_power("peak", multiplier=2)))
        spool.put(more, [Sample("peak", START, 500)])
        assert run(spool).outcome is Outcome.WRITTEN
        assert arrived(client) == [0, 1, 2, 3, 4, 5]


def run_is_list(sent: list[str]) -> bool:
    return sent == ["GET /dcap", "GET /mup?s=0&l=50", "POST /mup/1"]


def test_a_reading_that_the_server_refuses_is_found_among_others(
    pki: Pki, start_server: StartServer, spool: Spool
) -> None:
    # Refused are: all four, all four after the mirror was described again, the first two, the first.
    with Client(start_server("--fail", "POST /mup/1 400 4"), **options(pki)) as client:
        spool.put(MIRROR, samples(0, 4))
        (posted,) = client.run(post_readings(spool, client))
        assert (posted.readings, posted.set_aside) == (3, 1)
        (kept,) = spool.aside()
        assert kept.entry.value == 0 and "400" in kept.reason and "reasonCode 2" in kept.reason
        assert arrived(client) == [1, 2, 3]


def test_a_server_that_has_forgotten_a_channel_is_described_the_mirror_again(
    pki: Pki, start_server: StartServer, spool: Spool
) -> None:
    with Client(start_server(), **options(pki)) as client:
        spool.put(MIRROR, samples(0, 1))
        client.run(post_readings(spool, client))
        client.delete("/mup/1")
        point = MIRROR.usage_point()
        point.mirror_meter_reading = []
        href = client.post("/mup", point)
        spool.mirrors.set_place(MIRROR.mrid, client.base, href, None, [each.mrid for each in MIRROR.channels])
        spool.put(MIRROR, samples(1, 3))
        (posted,) = client.run(post_readings(spool, client))
        assert (posted.readings, posted.set_aside, posted.outcome) == (2, 0, Outcome.WRITTEN)


# The utility in this process, with a clock of our own


@dataclass
class Target:
    """What posting has to know of a client."""

    profile: Profile = field(default_factory=get_profile)
    base: str = "https://server.example"
    entry: str | None = None
    validate: bool = True


Send = Callable[[Request], Response]


def arrived_at(send: Send, href: str) -> list[int]:
    """Return the values that the utility has of a mirror, in the order they came."""
    found = documents.loads(send(Request("", "GET", f"{href}/mr?s=0&l=255")).content, MirrorMeterReadingList)
    return [
        reading.value
        for each in found.mirror_meter_reading
        for group in each.mirror_reading_set
        for reading in group.reading
    ]


def test_an_expired_mirror_is_created_again_and_has_the_readings(spool: Spool) -> None:
    now = 0
    with Utility(Settings(mirror_lifetime=60, page_limit=255), now=lambda: now) as utility:
        send = utility.connect(LFDI)
        spool.put(MIRROR, samples(0, 2))
        drive(post_readings(spool, Target()), send)
        now = 61
        spool.put(MIRROR, samples(2, 4))
        (posted,) = drive(post_readings(spool, Target()), send)
        assert (posted.outcome, posted.href, posted.readings) == (Outcome.CREATED, "/mup/2", 2)
        assert arrived_at(send, "/mup/2") == [2, 3]


def test_a_mirror_that_goes_away_between_two_posts_is_created_again(spool: Spool) -> None:
    with Utility(Settings(page_limit=255)) as utility:
        send = utility.connect(LFDI)

        def expire(request: Request) -> Response:
            response = send(request)
            if str(request) == "POST /mup/1" and response.ok:
                send(Request("", "DELETE", "/mup/1"))
            return response

        spool.put(MIRROR, samples(0, 6))
        (posted,) = drive(post_readings(spool, Target(), batch_size=2), expire)
        assert (posted.href, posted.readings) == ("/mup/2", 6)
        assert arrived_at(send, "/mup/2") == [2, 3, 4, 5]


def test_too_many_readings_are_halved_until_they_fit(spool: Spool) -> None:
    statuses: list[int] = []
    with Utility(Settings(max_readings=3, page_limit=255)) as utility:
        send = utility.connect(LFDI)

        def record(request: Request) -> Response:
            statuses.append((response := send(request)).status)
            return response

        spool.put(MIRROR, samples(0, 20))
        (posted,) = drive(post_readings(spool, Target()), record)
        assert (posted.readings, posted.set_aside) == (20, 0)
        assert statuses.count(413) >= 2
        assert arrived_at(send, posted.href) == list(range(20))


def test_a_spool_that_is_being_posted_from_is_left_alone(tmp_path: Path) -> None:
    server = Adversary(0, 100, set(), "csip-aus-1.2")
    server.troubles = 0
    with Spool(tmp_path / "spool") as spool:
        spool.put(MIRROR, samples(0, 1))
        with Spool(tmp_path / "spool") as other, other.posting(), pytest.raises(SpoolError):
            drive(post_readings(spool, server), server.answer)
        assert drive(post_readings(spool, server), server.answer)[0].readings == 1


def test_whoever_is_interrupted_leaves_the_spool_to_others(tmp_path: Path) -> None:
    server = Adversary(0, 100, set(), "csip-aus-1.2")

    def interrupt(request: Request) -> Response:
        raise KeyboardInterrupt

    with Spool(tmp_path / "spool") as spool:
        spool.put(MIRROR, samples(0, 1))
        with pytest.raises(KeyboardInterrupt):
            drive(post_readings(spool, server), interrupt)
        with spool.posting():
            assert spool.counts().waiting == 1


# A socket that misbehaves


def through(server: Adversary, spoil: Callable[[Handler], bool]) -> Callable[[Handler], None]:
    """Return what responds on a socket as an Adversary does, but hangs up where it is sent to."""

    def answer(handler: Handler) -> None:
        if spoil(handler):
            server.process(Request("", handler.command, handler.path, handler.content or None))
            hang_up(handler)
        else:
            respond_with(server.process)(handler)

    return answer


def test_after_a_lost_response_the_same_is_sent_again_with_the_same_mrids(serve: Serve, spool: Spool) -> None:
    lost: list[str] = []

    def lose(handler: Handler) -> bool:
        first = handler.command == "POST" and handler.path not in lost
        lost.extend([handler.path] if first else [])
        return first

    model = Adversary(1, 100, set(), "csip-aus-1.2")
    server = serve(through(model, lose))
    spool.put(MIRROR, samples(0, 3))
    with Client(server.url) as client:
        (posted,) = client.run(post_readings(spool, client, now=lambda: 0))
    assert (posted.readings, lost) == (3, ["/mup", "/mup/1"])
    assert list(model.sets.values()) == [[0, 1, 2]]
    bodies = [body for method, path, _, body in server.received if (method, path) == ("POST", "/mup/1")]
    assert len(bodies) == 2 and bodies[0] == bodies[1]


def test_the_asynchronous_client_posts_the_same(serve: Serve) -> None:
    async def run_async(url: str, spool: Spool) -> list[Posted]:
        async with AsyncClient(url) as client:
            return await client.run(post_readings(spool, client, batch_size=6, now=lambda: 0))

    def run(url: str, spool: Spool) -> list[Posted]:
        with Client(url) as client:
            return client.run(post_readings(spool, client, batch_size=6, now=lambda: 0))

    seen = []
    for how in (run, lambda url, spool: asyncio.run(run_async(url, spool))):
        model = Adversary(0, 4, {wire(3)}, "csip-aus-1.2")
        model.troubles = 0
        server = serve(through(model, lambda handler: False))
        with Spool(":memory:") as spool:
            spool.put(MIRROR, samples(0, 10))
            (posted,) = how(server.url, spool)
        assert (posted.outcome, posted.readings, posted.set_aside) == (Outcome.CREATED, 9, 1)
        seen.append([(method, path, body) for method, path, _, body in server.received])
    assert seen[0] == seen[1]


def test_without_a_mirror_list_nothing_is_guessed(serve: Serve, spool: Spool) -> None:
    server = serve(lambda handler: handler.reply(200, documents.dumps(DeviceCapability())))
    spool.put(MIRROR, samples(0, 1))
    with (
        Client(server.url) as client,
        pytest.raises(PostingError) as caught,
    ):
        client.run(post_readings(spool, client))
    assert isinstance(caught.value.__cause__, ResponseError)
    assert server.requests == ["GET /dcap"]
