"""The time of a server, as an offset from the clock of the device (IEEE 2030.5-2018, 10.9)."""

from __future__ import annotations

from math import ceil

_DRIFT = 1e-4
"""Seconds by which two clocks may drift apart in a second."""

_HELD = 2
"""Seconds by which a single Time has to differ from the others to be believed: its server may be busy, or round."""


_LARGEST = 1 << 62
"""Seconds from 1970 that a time may be away, so that what is yet to come can be written as one as well."""


class ServerTime:
    """The offset of a server's time from a clock. The clock itself is never set.

    Time has whole seconds, and a request takes its time, so that each Time only says between which bounds the offset
    is. Several together say it better than each, and a clock that drifts is noticed before it is a second off.

    Attributes:
        offset: Whole seconds that the server is ahead; None as long as its Time was not read.
    """

    def __init__(self) -> None:
        self.offset: int | None = None
        self._bounds: tuple[float, float] | None = None
        self._measured = 0.0

    def measure(self, sent: float, received: float, current_time: int) -> bool:
        """Take over what a Time says, whatever its quality.

        Args:
            sent: When it was asked for, by the clock.
            received: When it came.
            current_time: Its ``currentTime``.

        Returns:
            Whether that can be a time. If not, nothing is known by it.
        """
        if abs(current_time) > _LARGEST:
            return False
        # The server looked at its clock in between, and left out what is less than a second.
        bounds = current_time - received, current_time + 1 - sent
        agreed = self._agree(bounds, received)
        self._bounds, self._measured = agreed or bounds, received
        lowest, highest = self._bounds
        if self.offset is None or self._is_off(lowest, highest, agreed is not None):
            self.offset = ceil((lowest + highest) / 2 - 0.5)
        return True

    def assume(self) -> None:
        """Take the device's own clock for the server's, if nothing better is known."""
        if self.offset is None:
            self.offset = 0

    def _agree(self, bounds: tuple[float, float], now: float) -> tuple[float, float] | None:
        """Return the bounds that a Time and those before it have in common; None if there are none."""
        if self._bounds is None:
            return None
        drift = _DRIFT * (now - self._measured)
        lowest, highest = max(bounds[0], self._bounds[0] - drift), min(bounds[1], self._bounds[1] + drift)
        return (lowest, highest) if lowest < highest else None

    def _is_off(self, lowest: float, highest: float, agreed: bool) -> bool:
        assert self.offset is not None
        if agreed or self._bounds is None:
            return not lowest - 0.5 <= self.offset <= highest + 0.5
        return abs((lowest + highest) / 2 - self.offset) > _HELD
