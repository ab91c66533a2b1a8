"""Rate limits, on a virtual clock."""

from __future__ import annotations

import threading

import pytest

from envoy.client.rate_limit import RateLimit
from envoy.errors import EnvoyError
from envoy.protocol.flow import Request, Response
from envoy.protocol.retry import RetryPolicy, retry
from tests.support.clock import VirtualClock

GET = Request("test", "GET", "/x")


def test_requests_are_evenly_spaced_and_those_that_come_late_do_not_wait() -> None:
    clock = VirtualClock(100)
    limit = RateLimit(4, clock)
    assert [limit.reserve() for _ in range(4)] == [0, 0.25, 0.5, 0.75]
    clock.now += 10
    assert [limit.reserve() for _ in range(2)] == [0, 0.25]


def test_retries_count_too() -> None:
    clock, sent = VirtualClock(), []
    limit = RateLimit(0.1, clock)

    def send(request: Request) -> Response:
        sent.append(clock.now)
        return Response(503 if len(sent) < 2 else 200)

    for _ in range(2):
        clock.drive(retry(GET, RetryPolicy(1, 0), reserve=limit.reserve), send)
    assert sent == [0, 10, 20]


def test_threads_share_a_limit() -> None:
    limit, waits = RateLimit(2, VirtualClock()), []
    threads = [threading.Thread(target=lambda: waits.append(limit.reserve())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [number / 2 for number in range(20)]


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_is_above_zero(rate: float) -> None:
    with pytest.raises(EnvoyError) as caught:
        RateLimit(rate)
    assert caught.value.remedy
