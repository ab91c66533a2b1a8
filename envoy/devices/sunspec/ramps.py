"""The ramps of all powers that limits set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from envoy.der.limits import Limits, Rating
from envoy.der.ramp import Ramp

_LIMITS = ("export_w", "import_w", "generation_w", "load_w")
_TARGETS = ("target_w", "storage_w")


class Ramps:
    """What each power of the limits has come to: it goes from one value to the next at the rate that is asked for.

    The first value of a power is taken at once, and one that is no longer set is let go at once. A lower limit comes
    down from where the power is, so that it is reached as soon as the rate allows; a higher one goes up from the limit
    before.

    Args:
        rating: The device, with its ramp rate; None for no ramps but those that a control asks for.
    """

    def __init__(self, rating: Rating | None) -> None:
        self._rating = rating or Rating(max_w=Decimal(0))
        self._ramps: dict[str, Ramp] = {}

    def aim(self, limits: Limits, now: float, measure: Callable[[], Mapping[str, Decimal]]) -> None:
        """Begin the ramps to limits.

        Args:
            limits: The limits; their setGradW goes before that of the device.
            now: The time in seconds.
            measure: Returns the powers that flow now, in W, by the names of the limits that bound them; what is not
                known is left out. It is called if there is a lower limit.
        """
        rating = self._find_rating(limits)
        flowing: Mapping[str, Decimal] | None = None
        for name in (*_LIMITS, *_TARGETS):
            value = getattr(limits, name)
            if value is None:
                self._ramps.pop(name, None)
                continue
            watts, ramp_tms = (value, limits.target_ramp_tms) if name in _TARGETS else (value.watts, value.ramp_tms)
            ramp = self._ramps.get(name)
            if ramp is None:
                self._ramps[name] = Ramp(begin=now, seconds=0.0, before=watts, after=watts)
            elif ramp.after != watts:
                before = ramp.get_power(now)
                if name in _LIMITS and watts < before:
                    flowing = measure() if flowing is None else flowing
                    before = max(watts, min(before, flowing.get(name, before)))
                self._ramps[name] = Ramp.from_setting(before, watts, now, ramp_tms=ramp_tms, rating=rating)

    def begin(self, watts: Decimal | None, limits: Limits, now: float) -> None:
        """Raise what is generated from what the device is limited to already.

        Args:
            watts: The limit, in W; None if there is none.
            limits: The limits that ``aim`` was given.
            now: The time in seconds.
        """
        limit = limits.generation_w
        if watts is not None and watts < limit.watts:
            rating = self._find_rating(limits)
            ramp = Ramp.from_setting(watts, limit.watts, now, ramp_tms=limit.ramp_tms, rating=rating)
            self._ramps["generation_w"] = ramp

    def _find_rating(self, limits: Limits) -> Rating:
        return replace(self._rating, grad_w=limits.settings.get("setGradW", self._rating.grad_w))

    def get_powers(self, limits: Limits, now: float) -> dict[str, Decimal]:
        """Return the powers at a time, in W, by the names of the fields of limits.

        A limit of the export that the limits leave out is what the device is able to do.
        """
        powers = {name: ramp.get_power(now) for name, ramp in self._ramps.items()}
        powers.setdefault("export_w", limits.generation_w.watts)
        return powers
