"""The clock of a follower: seconds since 1970 that go on evenly, whatever happens to the clock of the system."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
"""Has another text after each start of the system."""


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
        boot: Name of this start of the system; empty for not known, None for what the system says.
    """

    def __init__(
        self,
        steady: Callable[[], float] | None = None,
        now: Callable[[], float] = time.time,
        boot: str | None = None,
    ) -> None:
        self._steady = steady or _choose_steady()
        self._boot = _read_boot() if boot is None else boot
        self._begin = now() - self._steady()

    def __call__(self) -> float:
        """Return the time."""
        return self._begin + self._steady()

    @property
    def mark(self) -> tuple[str, float]:
        """What has the clock of the next process go on with this one, by ``resume``."""
        return self._boot, self._begin

    def resume(self, mark: Sequence[str | float] | None) -> None:
        """Go on with the clock of the process before, if the system was not started since; perhaps it was set.

        What is known of servers counts from that clock: where the time of the system was corrected meanwhile, events
        would end too soon, and contact may be lost just then.

        Args:
            mark: That of the other clock, or what JSON has made of it; None for none.
        """
        if mark is not None and self._boot and mark[0] == self._boot:
            self._begin = float(mark[1])

    def reach(self, known: float) -> None:
        """Be at a time or later, at the start: a device may not know the time until it has asked a server.

        Args:
            known: A time that is known to have been.
        """
        self._begin = max(self._begin, known - self._steady())


def _read_boot() -> str:
    with suppress(OSError):
        return _BOOT.read_text(encoding="ascii").strip()
    return ""
