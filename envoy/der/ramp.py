"""Ramps: how a device goes from one limit to the next."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from envoy.der.limits import Rating

_WHOLE = 10_000
"""100 % in hundredths of a percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """A straight line from one power to another.

    Attributes:
        begin: When it begins, in seconds of any clock.
        seconds: How long it takes; 0 for a step.
        before: The power until then, in W.
        after: The power that it comes to, in W.
    """

    begin: float
    seconds: float
    before: Decimal
    after: Decimal

    @classmethod
    def from_setting(
        cls, before: Decimal, after: Decimal, begin: float, *, ramp_tms: int | None, rating: Rating
    ) -> Self:
        """Return the ramp that an event or a default asks for, up or down.

        Args:
            before: The power at the beginning, in W: that of the ramp before, if it is not over yet.
            after: The power to come to, in W.
            begin: When it begins, in seconds.
            ramp_tms: How long it takes, in hundredths of a second; None for the ramp rate of the device's settings.
            rating: The device, with its ramp rate.
        """
        if ramp_tms is not None:
            seconds = ramp_tms / 100
        else:
            rate = rating.max_w * rating.grad_w / _WHOLE
            seconds = float(abs(after - before) / rate) if rate else 0.0
        return cls(begin=begin, seconds=seconds, before=before, after=after)

    @property
    def end(self) -> float:
        """When it is over."""
        return self.begin + self.seconds

    def get_power(self, time: float) -> Decimal:
        """Return the power at a time, in W."""
        if time >= self.end:
            return self.after
        share = Decimal(max(0.0, time - self.begin) / self.seconds)
        return self.before + (self.after - self.before) * share
