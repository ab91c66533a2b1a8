"""Seeded weather and household load: functions of the time alone, the same however often they are asked."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from functools import lru_cache

_DAY = 86_400.0
_TILT = math.radians(23.44)
"""Between the axis of the earth and that of its orbit."""
_SOLSTICE = 355
"""Day of the year of the solstice in December."""


@dataclass(frozen=True, slots=True)
class Weather:
    """The sun on solar panels: a clear sky by the time of day and year, with clouds that drift.

    Attributes:
        seed: Decides about the clouds.
        latitude: In degrees, north positive.
        longitude: In degrees, east positive; it says when noon is.
        share: What the panels get all the time, from 0 to 1, instead of weather; None for weather.
    """

    seed: int = 1
    latitude: float = -33.9
    longitude: float = 151.2
    share: float | None = None

    def get_sun(self, time: float) -> float:
        """Return the share of their rating that panels can give, from 0 to 1.

        Args:
            time: In seconds since 1970.
        """
        if self.share is not None:
            return self.share
        clear = _get_clear_sky(time, self.latitude, self.longitude)
        return clear * self._get_transmission(time) if clear else 0.0

    def _get_transmission(self, time: float) -> float:
        """Return the share of sunlight that comes through the clouds."""
        cover = get_noise(f"clouds {self.seed}", time, longest=7200.0, octaves=6)
        return 1.0 - 0.8 * min(max((cover - 0.45) / 0.25, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Load:
    """What a household takes, whatever its DERs do.

    Attributes:
        seed: Decides about the appliances that are switched on and off.
        average_w: What it takes on average, in W.
        steady: It takes just that all the time.
        longitude: In degrees; it says when morning and evening are.
    """

    seed: int = 1
    average_w: float = 600.0
    steady: bool = False
    longitude: float = 151.2

    @property
    def most_w(self) -> float:
        """The most that it ever takes, in W."""
        return self.average_w if self.steady else self.average_w * 4.0

    def get_watts(self, time: float) -> float:
        """Return what it takes at a time, in W."""
        if self.steady:
            return self.average_w
        hour = _get_solar_hour(time, self.longitude)
        habit = 0.5 + 0.7 * _get_hump(hour, 7.5, 1.5) + 1.4 * _get_hump(hour, 19.0, 2.5)
        appliances = get_noise(f"load {self.seed}", time, longest=3600.0, octaves=7)
        return min(self.average_w * habit * (0.3 + 1.4 * appliances), self.most_w)


def get_noise(name: str, time: float, *, longest: float, octaves: int) -> float:
    """Return a value between 0 and 1 that wanders with the time, by little in a short while.

    Each octave goes smoothly between values that are drawn for points of time, of half the distance and half the weight
    of the octave before.

    Args:
        name: Decides about the values.
        time: In seconds.
        longest: Seconds between the points of the first octave.
        octaves: How many there are.
    """
    total = weight = 0.0
    for octave in range(octaves):
        share = 0.5**octave
        point, rest = divmod(time / (longest * share), 1.0)
        smooth = rest * rest * (3.0 - 2.0 * rest)
        before, after = (_draw(f"{name} {octave} {int(point) + step}") for step in (0, 1))
        total += share * (before + (after - before) * smooth)
        weight += share
    return total / weight


@lru_cache(maxsize=1024)
def _draw(name: str) -> float:
    return random.Random(name).random()  # noqa: S311 - weather, not a secret


def _get_solar_hour(time: float, longitude: float) -> float:
    return (time / 3600.0 + longitude / 15.0) % 24.0


def _get_hump(hour: float, middle: float, width: float) -> float:
    distance = abs(hour - middle)
    return math.exp(-((min(distance, 24.0 - distance) / width) ** 2))


def _get_clear_sky(time: float, latitude: float, longitude: float) -> float:
    """Return the share of the rating that panels give without clouds: about the sine of the height of the sun."""
    day = time / _DAY % 365.2422
    declination = -_TILT * math.cos(2.0 * math.pi * (day - _SOLSTICE) / 365.2422)
    angle = math.radians(15.0 * (_get_solar_hour(time, longitude) - 12.0))
    north = math.radians(latitude)
    height = math.sin(north) * math.sin(declination) + math.cos(north) * math.cos(declination) * math.cos(angle)
    return height**1.15 if height > 0 else 0.0
