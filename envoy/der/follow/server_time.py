"""The time of a server, as an offset from the clock of the device (IEEE 2030.5-2018, 10.9)."""

from __future__ import annotations

from math import ceil

_HELD = 1
"""Seconds by which the offset has to differ before it is changed: Time has whole seconds, and requests take theirs."""


class ServerTime:
    """The offset of a server's time from a clock. The clock itself is never set.

    Attributes:
        offset: Whole seconds that the server is ahead; None as long as its Time was not read.
    """

    def __init__(self) -> None:
        self.offset: int | None = None

    def measure(self, sent: float, received: float, current_time: int) -> None:
        """Take over what a Time says, whatever its quality.

        Args:
            sent: When it was asked for, by the clock.
            received: When it came.
            current_time: Its ``currentTime``.
        """
        # The server looked at its clock about half-way; it leaves out what is less than a second.
        offset = ceil(current_time - (sent + received) / 2)
        if self.offset is None or abs(offset - self.offset) > _HELD:
            self.offset = offset

    def assume(self) -> None:
        """Take the device's own clock for the server's, if nothing better is known."""
        if self.offset is None:
            self.offset = 0
