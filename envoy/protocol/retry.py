"""Retries: which requests are sent again after a transient failure, how often, and after how long a wait.

A GET, PUT or DELETE is retried after any transient failure: no connection, no response, half a response, or a server
that is busy. A POST creates something, so it is retried only if it was certainly not processed: it did not reach the
server, or the server refused it as busy (429, 503), as too slow in coming (408) or as too early to be safe (425). If
its response was lost, the flow looks whether it was processed. A request that the server refuses for any other reason
is not retried.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from threading import TIMEOUT_MAX
from typing import Protocol, TypeVar

from envoy.errors import EnvoyError, ResponseError, TransportError
from envoy.protocol.flow import Flow, Response, Wait

FIRST_WAIT = 0.5
"""Seconds before the first retry, plus a random part of up to as much again. Each further wait is twice as long."""

_BUSY = frozenset({408, 425, 429, 503})
_GATEWAY = frozenset({502, 504})


class HasMethod(Protocol):
    """What can be retried: a request, or anything else that has the method of one."""

    @property
    def method(self) -> str: ...


T = TypeVar("T")
Sendable = TypeVar("Sendable", bound=HasMethod)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a request is retried, and the longest wait before a retry.

    Attributes:
        retries: Retries of one request; 0 for none.
        max_wait: Longest wait in seconds. A request is not retried if the server asks for a longer one.

    Raises:
        EnvoyError: One of them is negative, or the wait longer than a program can sleep.
    """

    retries: int
    max_wait: float

    def __post_init__(self) -> None:
        if self.retries < 0 or not 0 <= self.max_wait <= TIMEOUT_MAX:
            raise EnvoyError(
                "retries and max_wait cannot be negative or without end", remedy="retries=0 turns retries off."
            )

    def wait_after(self, method: str, outcome: Response | TransportError, attempt: int) -> float | None:
        """Return the seconds to wait before the next attempt; None if there is to be none.

        Args:
            method: Method of the request.
            outcome: What the last attempt came to.
            attempt: How many attempts there were.
        """
        asked = None
        if isinstance(outcome, TransportError):
            transient = outcome.transient and (method != "POST" or not outcome.maybe_received)
        else:
            transient = outcome.status in _BUSY or (outcome.status in _GATEWAY and method != "POST")
            asked = retry_after(outcome, datetime.now(UTC)) if transient else None
        if not transient or attempt > self.retries or (asked is not None and asked > self.max_wait):
            return None
        # Clients that were refused together are not to come back together.
        return backoff(attempt, self.max_wait) if asked is None else asked + _jitter(self.max_wait)


def retry(
    request: Sendable,
    policy: RetryPolicy,
    *,
    reserve: Callable[[], float] | None = None,
    report: Callable[[Response | TransportError, int, bool], None] | None = None,
) -> Generator[Sendable | Wait, Response, Response]:
    """Send a request, and again as the policy has it; return the last response, whatever its status.

    Args:
        request: The request.
        policy: When to send it again.
        reserve: Returns the seconds that a rate limit has an attempt wait.
        report: Called after each attempt with what it came to, its number from 1, and whether there is another.

    Raises:
        TransportError: The last attempt had no response.
    """
    for attempt in count(1):
        if reserve is not None:
            yield Wait(reserve())
        try:
            outcome: Response | TransportError = yield request
        except TransportError as error:
            outcome = error
        wait = policy.wait_after(request.method, outcome, attempt)
        if report is not None:
            report(outcome, attempt, wait is not None)
        if wait is None:
            break
        yield Wait(wait)
    if isinstance(outcome, TransportError):
        raise outcome
    return outcome


def retry_flow(flow: Callable[[], Flow[T]], policy: RetryPolicy) -> Flow[T]:
    """Run a flow that only reads, and again while the server fails (5xx).

    Args:
        flow: Makes the flow.
        policy: How often, and after how long a wait.
    """
    for attempt in range(1, policy.retries + 1):
        try:
            return (yield from flow())
        except ResponseError as error:
            if error.status < 500:
                raise
        yield Wait(backoff(attempt, policy.max_wait))
    return (yield from flow())


def backoff(attempt: int, max_wait: float) -> float:
    """Return the seconds to wait after an attempt: twice as long after each, plus a random part.

    Args:
        attempt: How many attempts there were.
        max_wait: Longest wait in seconds.
    """
    return min(max_wait, min(FIRST_WAIT, max_wait) * 2.0 ** min(attempt - 1, 99) + _jitter(max_wait))


def grow_pause(failures: int, first: float, longest: float) -> float:
    """Return the seconds until what goes on failing is tried again, which double each time and never end.

    Args:
        failures: How often it had failed before.
        first: Seconds after the first failure.
        longest: Seconds at most.
    """
    return min(longest, first * 2.0 ** min(failures, 20))


def _jitter(max_wait: float) -> float:
    return random.uniform(0, min(FIRST_WAIT, max_wait))  # noqa: S311


def retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, given as such or as a date (RFC 9110, 10.2.3).

    Args:
        response: The response.
        now: The time, with a time zone.

    Returns:
        Seconds, 0 for a date that is past; None if the header is missing or is neither.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        # A date without a zone, which HTTP does not have, is read as UTC. A zone may lead out of what datetime has.
        return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
    except (ValueError, OverflowError):
        return None
