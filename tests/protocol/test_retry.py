"""Which requests are retried, how often and after how long a wait, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envoy.errors import EnvoyError, ResponseError, TransportError
from envoy.protocol.flow import Flow, Request, Response
from envoy.protocol.retry import FIRST_WAIT, RetryPolicy, backoff, retry, retry_after, retry_flow
from tests.support.clock import VirtualClock

Ending = Response | TransportError

METHODS = ["GET", "PUT", "POST", "DELETE"]
OK = Response(200)
POLICY = RetryPolicy(3, 60)

UNSENT = TransportError("cannot connect", transient=True)
LOST = TransportError("the connection broke", maybe_received=True, transient=True)
LASTING = TransportError("certificate refused")


def busy(wait: object) -> Response:
    return Response(503, {"retry-after": str(wait)})


def script(outcomes: Iterable[Ending]) -> Callable[[Request], Response]:
    """Return what sends a request with these outcomes, one after the other."""
    left = iter(outcomes)

    def send(request: Request) -> Response:
        outcome = next(left)
        if isinstance(outcome, TransportError):
            raise outcome
        return outcome

    return send


def attempts(method: str, *outcomes: Ending, policy: RetryPolicy = POLICY) -> tuple[Ending, list[float]]:
    """Send a request, and return the last outcome with the waits before it."""
    clock = VirtualClock()
    try:
        return clock.drive(retry(Request("test", method, "/x"), policy), script(outcomes)), clock.waits
    except TransportError as error:
        return error, clock.waits


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("outcome", "which"),
    [
        (UNSENT, "GET PUT POST DELETE"),
        (LOST, "GET PUT DELETE"),
        (LASTING, ""),
        *((Response(status), "GET PUT POST DELETE") for status in (408, 425, 429, 503)),
        *((Response(status), "GET PUT DELETE") for status in (502, 504)),
        *((Response(status), "") for status in (204, 303, 400, 401, 403, 404, 405, 409, 410, 413, 415, 500, 501)),
    ],
    ids=str,
)
def test_what_is_retried_depends_on_the_outcome_and_the_method(method: str, outcome: Ending, which: str) -> None:
    last, waits = attempts(method, outcome, OK)
    if method in which:
        assert last is OK and len(waits) == 1
    else:
        assert last is outcome and waits == []


@pytest.mark.parametrize("retries", [0, 1, 3])
@pytest.mark.parametrize("outcome", [UNSENT, Response(503)], ids=str)
def test_after_the_last_retry_the_outcome_is_what_it_is(outcome: Ending, retries: int) -> None:
    last, waits = attempts("GET", *[outcome] * (retries + 1), policy=RetryPolicy(retries, 60))
    assert last is outcome and len(waits) == retries


def test_each_wait_is_twice_as_long_and_has_a_random_part() -> None:
    series = [attempts("GET", LOST, Response(504), UNSENT, OK)[1] for _ in range(20)]
    for waits in series:
        for wait, least in zip(waits, (FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT), strict=True):
            assert least <= wait <= least + FIRST_WAIT
    assert len({waits[0] for waits in series}) > 1


@given(st.integers(1, 10_000), st.floats(0, 1e6))
def test_no_wait_is_longer_than_the_longest(attempt: int, max_wait: float) -> None:
    assert 0 <= backoff(attempt, max_wait) <= max_wait


def test_the_wait_that_a_server_asks_for_is_kept_and_spread() -> None:
    waits = {attempts("POST", busy(7), OK)[1][0] for _ in range(50)}
    assert all(7 <= wait <= 7 + FIRST_WAIT for wait in waits)
    assert len(waits) > 1


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("longer", [False, True])
def test_a_server_that_asks_for_too_long_a_wait_is_left_alone(form: str, longer: bool) -> None:
    wait = 3600 if longer else 30
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=wait), usegmt=True)
    last, waits = attempts("GET", busy(wait if form == "seconds" else date), OK)
    assert len(waits) == (0 if longer else 1)
    assert (last is OK) != longer


def test_each_attempt_is_reported_and_waits_for_its_turn() -> None:
    clock, reports, turns = VirtualClock(), [], iter([0.0, 0.25, 0.5])

    def report(outcome: Ending, attempt: int, again: bool) -> None:
        reports.append((outcome, attempt, again))

    flow = retry(Request("test", "GET", "/x"), POLICY, reserve=lambda: next(turns), report=report)
    assert clock.drive(flow, script([busy(1), LOST, OK])) is OK
    assert reports[1:] == [(LOST, 2, True), (OK, 3, False)]
    assert reports[0][1:] == (1, True)
    assert clock.waits[0::2] == [0.0, 0.25, 0.5]


@pytest.mark.parametrize(("retries", "max_wait"), [(-1, 60), (3, -1.0), (3, float("nan")), (3, float("inf"))])
def test_a_policy_has_no_negative_or_endless_numbers(retries: int, max_wait: float) -> None:
    with pytest.raises(EnvoyError):
        RetryPolicy(retries, max_wait)


@pytest.mark.parametrize(("failures", "status", "done"), [(2, 500, True), (3, 503, False), (1, 404, False)])
def test_a_flow_that_reads_runs_again_while_the_server_fails(failures: int, status: int, done: bool) -> None:
    clock, runs = VirtualClock(), []

    def flow() -> Flow[int]:
        runs.append(1)
        yield Request("test", "GET", "/x")
        if len(runs) <= failures:
            raise ResponseError("failed", status=status)
        return len(runs)

    started = retry_flow(flow, RetryPolicy(2, 60))
    if done:
        assert clock.drive(started, lambda _: OK) == failures + 1
        assert len(clock.waits) == failures
    else:
        with pytest.raises(ResponseError) as caught:
            clock.drive(started, lambda _: OK)
        assert (caught.value.status, len(runs)) == (status, failures)


NOW = datetime(2025, 11, 7, 23, 59, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("Fri, 07 Nov 2025 23:59:59 GMT", 29),
        ("Friday, 07-Nov-25 23:59:59 GMT", 29),
        ("Fri Nov  7 23:59:59 2025", 29),
        ("Fri, 07 Nov 2025 23:59:00 GMT", 0),
        ("Sat, 08 Nov 2025 00:00:00 -0000", 30),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("Fri, 99 Nov 2025 23:59:59 GMT", None),
        ("Fri, 07 Nov 2025 23:59:59 +99999999999999999999", None),
        ("Fri, 31 Dec 1999 23:59:59 +99999999999999", None),
        ("Fri, 31 Dec 99999999999999999999 23:59:59 GMT", None),
        ("9" * 5000, float("inf")),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after(Response(503, {"retry-after": text}), NOW) == seconds


DATES = st.builds(
    "{}, {} {} {} {}:{}:{} {}{}".format,
    st.sampled_from(["Fri", "Friday", ""]),
    st.integers(-1, 99),
    st.sampled_from(["Nov", "Dec", "Foo"]),
    st.integers(-1) | st.integers(0, 9999),
    *[st.integers(-1, 99)] * 3,
    st.sampled_from(["GMT", "+", "-", ""]),
    st.integers(0) | st.integers(0, 9999).map("{:04}".format),
)


@given(st.text() | DATES | st.integers(0).map(str))
@example("Fri, 31 Dec 9999 23:59:59 -2400")
def test_whatever_a_server_writes_there_is_a_wait_or_none(text: str) -> None:
    wait = retry_after(Response(503, {"retry-after": text}), NOW)
    assert wait is None or wait >= 0
