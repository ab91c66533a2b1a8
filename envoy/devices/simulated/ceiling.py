"""A ceiling of a power, which moves to each new limit by a ramp."""

from __future__ import annotations

from decimal import Decimal
from math import inf

from envoy.der.limits import Rating
from envoy.der.ramp import Ramp


class Ceiling:
    """An upper limit that a power keeps to.

    A lower limit comes down from where the power is, so that it is reached as soon as the ramp rate allows; a higher
    one goes up from the limit before.

    Args:
        top: The most that the power can ever be, in W.
    """

    def __init__(self, top: float) -> None:
        self._top = Decimal(top)
        self._aim: tuple[Decimal | None, int | None] = None, None
        self._ramp: Ramp | None = None

    def aim(
        self, limit: Decimal | None, time: float, power: float, *, ramp_tms: int | None = None, rating: Rating
    ) -> None:
        """Move to a limit from now on.

        Args:
            limit: In W; None for no limit.
            time: Now, in seconds.
            power: The power now, in W.
            ramp_tms: How long it takes, in hundredths of a second; None for the ramp rate of the device.
            rating: The device, with its ramp rate.
        """
        if (limit, ramp_tms) == self._aim:
            return
        before = min(self._find(time), self._top)
        after = self._top if limit is None else min(limit, self._top)
        if after < before:
            before = max(after, min(before, Decimal(power)))
        self._aim = limit, ramp_tms
        self._ramp = Ramp.from_setting(before, after, time, ramp_tms=ramp_tms, rating=rating)

    def get(self, time: float) -> float:
        """Return the most that the power may be at a time, in W; infinite without a limit."""
        return float(self._find(time))

    def _find(self, time: float) -> Decimal:
        limit, _ = self._aim
        if self._ramp is not None and time < self._ramp.end:
            return self._ramp.get_power(time)
        return Decimal(inf) if limit is None else limit
