"""How fast requests may follow one another."""

from __future__ import annotations

import threading
import time

from envoy.errors import EnvoyError


class RateLimit:
    """Gives each request its time, so many per second and evenly spaced. Threads and tasks may share one.

    It has no bursts: a server that counts its clients' requests over any time never sees more than it allows.

    Args:
        rate: Requests per second.

    Raises:
        EnvoyError: The rate is not a positive number.
    """

    def __init__(self, rate: float) -> None:
        if not rate > 0:
            raise EnvoyError(f"a rate of {rate} requests per second", remedy="Give a number above 0.")
        self._interval = 1 / rate
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> float:
        """Take the next time that is free, and return the seconds until then."""
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next)
            self._next = mine + self._interval
        return mine - now
