"""The clock of a follower: seconds since 1970 that go on evenly, whatever happens to the clock of the system."""

from __future__ import annotations

import time
from collections.abc import Callable


def _choose_steady() -> Callable[[], float]:
    """Return a clock that is never set; where there is one, it goes on while the system sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return lambda: time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic


class SteadyClock:
    """Counts on from the time of the system at the start. It is never set after that: what counts is the server's time.

    Args:
        steady: Returns seconds, and is never set; None for what the system has.
        now: Returns the time of the system in seconds since 1970.
    """

    def __init__(self, steady: Callable[[], float] | None = None, now: Callable[[], float] = time.time) -> None:
        self._steady = steady or _choose_steady()
        self._begin = now() - self._steady()

    def __call__(self) -> float:
        """Return the time."""
        return self._begin + self._steady()

    def reach(self, known: float) -> None:
        """Be at a time or later, at the start: a device may not know the time until it has asked a server.

        Args:
            known: A time that is known to have been.
        """
        self._begin = max(self._begin, known - self._steady())
