"""Whether an inverter keeps to the limit that it has acknowledged."""

from __future__ import annotations

from decimal import Decimal

_TOLERANCE = Decimal("0.05")
"""The share of the rating by which the output may be over the limit."""
_PROGRESS = Decimal("0.005")
"""The share of the rating by which the output has to come down, within the patience."""
_PATIENCE = 30.0


class OutputWatch:
    """Sees an inverter that puts out more than its limit, and does not come down: its own ramp may be a slow one."""

    def __init__(self) -> None:
        self._lowest: Decimal | None = None
        self._since = 0.0

    def keeps(self, output: Decimal, limit: Decimal, rating: Decimal, now: float) -> bool:
        """Return whether it keeps to its limit, or is on the way.

        Args:
            output: What it puts out, in W.
            limit: What it has been limited to.
            rating: The most that it puts out.
            now: The time in seconds.
        """
        if output <= limit + rating * _TOLERANCE:
            self._lowest = None
        elif self._lowest is None or output < self._lowest - rating * _PROGRESS:
            self._lowest, self._since = output, now
        return self._lowest is None or now - self._since <= _PATIENCE
