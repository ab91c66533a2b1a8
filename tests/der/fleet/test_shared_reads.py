"""What several sites read is asked for once, is one object for all, and goes to all of them when it has changed."""

from __future__ import annotations

from envoy.der.fleet.shared_reads import SharedReads, SharedSession
from envoy.documents import dumps
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response
from sep2 import DERProgramList
from tests.support.clock import VirtualClock

A, B, C = "site a", "site b", "site c"
PATH = "/derp"
GET = Request("follow", "GET", f"{PATH}?s=0&l=50")


class Sites:
    """Sites a, b and c, which read one list."""

    def __init__(self) -> None:
        self.clock = VirtualClock(1000.0)
        self.changed: list[tuple[str, str]] = []
        self.reads: SharedReads[str] = SharedReads(self.clock, lambda *change: self.changed.append(change))

    def read(self, site: str, response: Response) -> bool:
        """Have a site read the list; return whether it sent the request."""
        known = self.reads.ask(GET, site)
        assert known is not True
        if known is False:
            self.reads.settle(GET, response)
        session = SharedSession(get_profile(), self.reads, most=20)
        session.read(GET, response if known is False else known, DERProgramList)
        return known is False


def make(rate: int, subscribed: int = 0) -> Response:
    listed = DERProgramList(all=0, results=0, poll_rate=rate, subscribable=subscribed)  # type: ignore[arg-type]
    content = dumps(listed, validate=False)
    return Response(200, {"content-type": "application/sep+xml"}, content)


def test_what_one_site_reads_is_not_kept() -> None:
    sites = Sites()
    assert [sites.read(A, make(60)) for _ in range(3)] == [True] * 3


def test_what_several_read_is_asked_for_once_in_its_period_and_by_the_same_again_after_it() -> None:
    sites = Sites()
    first = make(60)
    assert [sites.read(site, first) for site in (A, B, C, B, C)] == [True, True, False, True, False]
    sites.clock.now += 59
    assert not sites.read(A, first)
    sites.clock.now += 2
    assert [sites.read(site, first) for site in (A, C)] == [True, False]


def test_whoever_asks_for_what_is_under_way_shares_the_response() -> None:
    sites = Sites()
    sites.read(A, make(60))
    assert sites.reads.ask(GET, B) is False
    assert [sites.reads.ask(GET, site) for site in (A, C)] == [True, True]
    assert sites.reads.settle(GET, make(60)) == [A, C]
    assert sites.reads.saved == 2


def test_a_change_goes_to_all_other_readers_once() -> None:
    sites = Sites()
    for site in (A, B, C):
        sites.read(site, make(60))
    sites.clock.now += 61
    assert sites.read(C, make(60, 1))
    assert sorted(sites.changed) == [(A, PATH), (B, PATH)]
    assert not sites.read(A, make(60, 1))
    assert len(sites.changed) == 2


def test_a_failure_is_kept_for_as_long_as_the_server_asks() -> None:
    sites = Sites()
    sites.read(A, make(60))
    busy = Response(429, {"retry-after": "180"})
    assert sites.reads.ask(GET, B) is False
    sites.reads.settle(GET, busy)
    sites.clock.now += 179
    assert sites.reads.ask(GET, C) is busy
    sites.clock.now += 2
    assert sites.reads.ask(GET, C) is False


def test_what_is_expired_or_of_a_site_that_has_gone_is_asked_for_again() -> None:
    sites = Sites()
    for site in (A, B):
        sites.read(site, make(60))
    sites.reads.expire(PATH)
    assert sites.read(A, make(60))
    sites.reads.forget([B])
    assert list(sites.reads.find_readers(PATH)) == [A]
