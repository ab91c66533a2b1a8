"""Rate limits: how fast requests may follow one another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from envoy.errors import EnvoyError


class RateLimit:
    """Gives each request its time, at most ``rate`` per second and evenly spaced. Threads and tasks may share one.

    There are no bursts: a server that counts the requests of its clients over any time never sees more than it allows.

    Args:
        rate: Requests per second.
        clock: Returns the time in seconds.

    Raises:
        EnvoyError: The rate is not a positive number.
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        if not rate > 0:
            raise EnvoyError(f"a rate of {rate} requests per second", remedy="Give a number above 0.")
        self._interval = 1 / rate
        self._clock = clock
        self._next = 0.0
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next time that is free, and return the seconds until then."""
        with self._lock:
            now = self._clock()
            mine = max(now, self._next)
            self._next = mine + self._interval
        return mine - now
