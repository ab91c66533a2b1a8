"""A limit at the connection point, turned into a bound of what the device puts out: the closed loop with the meter."""

from __future__ import annotations

from collections import deque
from decimal import Decimal

WINDOW = 4
"""How many samples the meter or the inverter may be behind, with the newest."""

_STEADY = Decimal("0.01")
"""Output within this share of the rating for the whole window is steady."""
_TRIM_STEP = Decimal("0.5")
_TRIM_DECAY = Decimal("0.1")
_MOST_TRIM = Decimal("0.05")
_SLACK = Decimal("0.005")
"""The share of the rating by which a limit of the import has to be broken: measurements have errors."""
_MARGIN = Decimal("0.05")
"""The share by which what storage did by itself has to be within the limit again."""
_LONGEST_HOLD = 900.0
"""How long storage is held before it is seen again what it would like to do, in seconds."""


class SiteBound:
    """The most that a device may put out for a limit of the export to be kept; for the import, with all signs turned.

    What the site exports is the output less the load. So the bound is the limit and the load, and the load is what the
    meter and the inverter say together. They do not say it for the same moment: a meter may be a few samples behind,
    and taken at its word while the output changes it would have the bound swing for ever. But the output that belongs
    to a meter's value is one of the last few, so that the true bound lies between what the least and the greatest of
    them give. The bound is moved to the nearer end of that range when it is outside of it, and left alone within it: it
    never moves away from the true one, so that it cannot swing, and once the output is steady it is exact.

    Args:
        rating: The most that the device puts out or takes in, in W.
        window: How many samples the meter may be behind, with the newest.
    """

    def __init__(self, rating: Decimal, window: int = WINDOW) -> None:
        self._rating = rating
        self._outputs: deque[Decimal] = deque(maxlen=window)
        self._bounds: deque[Decimal] = deque(maxlen=window)
        self._bound: Decimal | None = None
        self._limit = Decimal(0)
        self._trim = Decimal(0)

    def update(self, limit: Decimal, site: Decimal, output: Decimal) -> Decimal:
        """Return the bound, in W, from the newest samples.

        Args:
            limit: The most that the site may export.
            site: What it imports by the meter, below 0 exports.
            output: What the device puts out, below 0 takes in.
        """
        self._outputs.append(output)
        headroom = limit + site
        bound = self._bound
        if bound is None:
            bound = headroom + min(self._outputs)
        else:
            # What is there already moves with the limit; then the samples say whether it can be right.
            bound += limit - self._limit
            lowest, highest = self._find_outputs(bound)
            bound = max(headroom + lowest, min(bound, headroom + highest))
        bound = max(-self._rating, min(bound, self._rating))
        self._bound, self._limit = bound, limit
        self._bounds.append(bound)
        self._adjust_trim(bound)
        return bound - self._trim

    def _find_outputs(self, bound: Decimal) -> tuple[Decimal, Decimal]:
        """Return the least and the greatest output that the meter's value may belong to.

        The inverter may be behind as well: its output may have come down to the bound since, or have followed it up.
        """
        outputs = [*self._outputs]
        lowest = min([*outputs, bound]) if bound < outputs[-1] else min(outputs)
        raised = len(self._bounds) > 1 and self._bounds[-1] > min(self._bounds)
        highest = max([*outputs, self._bounds[-1]]) if raised else max(outputs)
        return lowest, highest

    def _adjust_trim(self, bound: Decimal) -> None:
        """Learn by how much an inverter puts out more than it is allowed to."""
        steady = max(self._outputs) - min(self._outputs) <= self._rating * _STEADY
        still = max(self._bounds) - min(self._bounds) <= self._rating * _STEADY
        if len(self._outputs) < (self._outputs.maxlen or 0) or not steady or not still:
            return
        excess = self._outputs[-1] - bound
        step = _TRIM_STEP if excess > 0 else _TRIM_DECAY
        self._trim = max(Decimal(0), min(self._trim + step * excess, self._rating * _MOST_TRIM))


class Takeover:
    """When storage that does what it likes is taken over for a limit of the import, and when it is let go.

    Nothing but its power itself can be set, and what it would like to do is seen only while it does it. So it is free
    until it breaks the limit. Then it is held at what the limit allows, but never made to take in more than it did by
    itself. It is free again once that would not break the limit any more, or after a while, in case it would like
    something else by now.

    Args:
        rating: The most that it takes in, in W.
        held: Whether it is held already.
    """

    def __init__(self, rating: Decimal, *, held: bool = False) -> None:
        self._rating = rating
        self._own = -rating if held else None
        self._since: float | None = None
        self._unseen = 0

    def hold(self, least: Decimal, output: Decimal, now: float) -> Decimal | None:
        """Return the power that it has to be held at, in W; None if it is free.

        Args:
            least: The least that it may put out.
            output: What it puts out.
            now: The time in seconds.
        """
        if self._own is None:
            if output >= least - self._rating * _SLACK:
                return None
            self._own, self._since, self._unseen = output, now, WINDOW
        elif self._unseen:
            # What it did by itself when it broke the limit may be seen only now.
            self._own, self._unseen = min(self._own, output), self._unseen - 1
        if self._since is None:
            self._since = now
        if self._unseen:
            return max(least, self._own)
        if least <= max(self._own - self._rating * _MARGIN, -self._rating) or now - self._since > _LONGEST_HOLD:
            self._own = None
            return None
        return max(least, self._own)
