"""Which requests are repeated, how often, and after how long a wait.

A GET, PUT or DELETE is repeated after anything that may pass: no connection, no answer, half an answer, or a server
that says it is busy. A POST makes something, so it is repeated only where it is certain that it was not processed: it
did not reach the server, or the server refused it as busy (429, 503). Where its answer was lost, the protocol run looks
whether it was done. What a server refuses for any other reason is never repeated.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import stamina

from envoy.client.transport_errors import may_pass
from envoy.errors import EnvoyError, TransportError
from envoy.protocol.flow import Request, Response

FIRST_WAIT = 0.5
"""Seconds before the first repetition, with up to as much again added by chance; each further wait is twice as long."""

_BUSY = frozenset({429, 503})
_GATEWAY = frozenset({502, 504})

# The repetitions are told to on_exchange. Without this, Python prints stamina's own messages where no log is set up.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class TryAgain(Exception):  # noqa: N818
    """An attempt that may be repeated, and what it came to in case it is not.

    Attributes:
        outcome: The answer, or why there is none.
        wait: Seconds that the server asks to wait; None if it does not.
    """

    def __init__(self, outcome: Response | TransportError, wait: float | None = None) -> None:
        super().__init__(outcome)
        self.outcome = outcome
        self.wait = wait


def settle(last: TryAgain) -> Response:
    """Return the answer that the last attempt had, or raise why it had none."""
    if isinstance(last.outcome, TransportError):
        raise last.outcome from last.outcome.__cause__
    return last.outcome


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is repeated, and the longest wait before that.

    Attributes:
        count: Repetitions of one request; 0 for none.
        max_wait: Longest wait in seconds. A server that asks for a longer one is not asked again.
    """

    count: int
    max_wait: float

    def __post_init__(self) -> None:
        if self.count < 0 or not self.max_wait >= 0:
            raise EnvoyError("retries and max_wait cannot be negative", remedy="retries=0 turns repetitions off.")

    def judge(self, request: Request, outcome: Response | TransportError) -> TryAgain | None:
        """Return what an attempt is to raise so that it is repeated; None if it is not to be."""
        if isinstance(outcome, TransportError):
            unprocessed = request.method != "POST" or not outcome.maybe_received
            return TryAgain(outcome) if unprocessed and may_pass(outcome) else None
        busy = outcome.status in _BUSY or (outcome.status in _GATEWAY and request.method != "POST")
        if not busy:
            return None
        wait = retry_after(outcome, datetime.now(UTC))
        return None if wait is not None and wait > self.max_wait else TryAgain(outcome, wait)

    def caller(self) -> stamina.RetryingCaller:
        """Return what calls a function again as long as it raises ``TryAgain``."""
        return stamina.RetryingCaller(self.count + 1, None, self._first, self.max_wait, self._first)

    def async_caller(self) -> stamina.AsyncRetryingCaller:
        """Return the same for a function that is awaited."""
        return stamina.AsyncRetryingCaller(self.count + 1, None, self._first, self.max_wait, self._first)

    def wait_for(self, error: Exception) -> bool | float:
        """Tell stamina whether to call again: not, after its own wait, or after these seconds."""
        if not isinstance(error, TryAgain):
            return False
        if error.wait is None:
            return True
        # Clients that were refused together are not to come back together.
        return error.wait + random.uniform(0, self._first)  # noqa: S311

    @property
    def _first(self) -> float:
        return min(FIRST_WAIT, self.max_wait)


def retry_after(response: Response, now: datetime) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, given as such or as a date.

    Args:
        response: What came back.
        now: The time, with a time zone.

    Returns:
        Seconds, 0 for a date that is past; None if the header is missing or is neither.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    # A date without a zone, which HTTP does not have, is read as UTC.
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
