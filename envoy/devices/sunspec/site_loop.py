"""The limits at the connection point as bounds of what the device puts out, with the meter or without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from envoy.devices.sunspec.inverter import Nameplate
from envoy.devices.sunspec.site_bound import SiteBound, Takeover

GRACE = 5.0
"""How long the last bounds hold when the meter is gone, in seconds: one response may get lost."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a device may put out for the limits of its site, in W.

    Attributes:
        most: The most.
        least: The least, below 0 the most that it takes in; None if there is none.
        hold: What storage that has no target is held at; None if it may do what it likes.
    """

    most: Decimal
    least: Decimal | None = None
    hold: Decimal | None = None


class SiteLoop:
    """Keeps the limits at the connection point.

    Args:
        now: A clock in seconds that never goes back.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._export: SiteBound | None = None
        self._import: SiteBound | None = None
        self._takeover: Takeover | None = None
        self._bounds: Bounds | None = None
        self._updated_at = 0.0

    def update(
        self,
        powers: Mapping[str, Decimal],
        site: Decimal | None,
        output: Decimal,
        nameplate: Nameplate,
        has_power_set: Callable[[], bool],
    ) -> Bounds:
        """Return the bounds for limits and measurements.

        Without a measurement of the site, the most is the limit of the export itself: as if there were no load.

        Args:
            powers: The limits, in W, by the names of fields of ``Limits``.
            site: What the site imports, in W; None if the meter does not say.
            output: What the device puts out.
            nameplate: What the device is able to do.
            has_power_set: Returns whether a former run has set what storage puts out; asked once.
        """
        if site is None:
            if self._bounds is not None and self._now() - self._updated_at <= GRACE:
                return self._bounds
            self._export = self._import = self._takeover = self._bounds = None
            return Bounds(powers["export_w"])
        rating = max(nameplate.max_w, nameplate.max_charge_w or Decimal(0))
        if self._export is None:
            self._export = SiteBound(rating)
        most = self._export.update(powers["export_w"], site, output)
        self._bounds = Bounds(most, *self._bound_import(powers.get("import_w"), site, output, rating, has_power_set))
        self._updated_at = self._now()
        return self._bounds

    def _bound_import(
        self, limit: Decimal | None, site: Decimal, output: Decimal, rating: Decimal, has_power_set: Callable[[], bool]
    ) -> tuple[Decimal | None, Decimal | None]:
        """Return the least that the device may put out for a limit of the import, and what storage is held at."""
        if limit is None:
            self._import = self._takeover = None
            return None, None
        if self._import is None or self._takeover is None:
            self._import = SiteBound(rating)
            self._takeover = Takeover(rating, held=has_power_set())
        least = -self._import.update(limit, -site, -output)
        return least, self._takeover.hold(least, output, self._now())
