"""What a simulated DER is made of: panels, battery and inverter, as the DERs of a site are rated."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from envoy.der.limits import Rating, read_amount
from envoy.errors import DeviceError
from envoy.registration.site import Site, SiteDER
from sep2 import DERType

_STORAGE = (DERType.OTHER_STORAGE_SYSTEM, DERType.ELECTRIC_VEHICLE, DERType.EVSE)
"""Kinds of DER that have no source of their own."""

HOURS = 2.0
"""Hours for which a battery lasts whose capacity is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a DER. Powers are in W, all of them positive.

    Attributes:
        rating: Of all together.
        solar_w: The most that panels or another source give.
        charge_w: The most that the battery takes; 0 without one.
        discharge_w: The most that it gives.
        capacity_wh: What it holds when it is full, in Wh.
        reserve_wh: What is kept in it, in Wh.
        soft_grad_w: Ramp rate after reconnection, in hundredths of a percent of the rating per second; 0 for that of
            the rating.
    """

    rating: Rating
    solar_w: float = 0.0
    charge_w: float = 0.0
    discharge_w: float = 0.0
    capacity_wh: float = 0.0
    reserve_wh: float = 0.0
    soft_grad_w: int = 0

    @classmethod
    def from_site(cls, site: Site) -> Self:
        """Return the parts of all DERs of a site together.

        Raises:
            DeviceError: It has no DER, or none with a rating.
        """
        rating = Rating.from_site(site)
        if not (rating.max_w or rating.max_charge_w):
            what = "the site has no DER" if not site.ders else "no DER of the site has a rating"
            remedy = "Write a [[der]] table into the site file, with rtg_max_w in its capability."
            raise DeviceError(what, where="device simulated", remedy=remedy)
        stores = [_find_storage(der) for der in site.ders]
        return cls(
            rating=rating,
            solar_w=sum(float(_rate(der).max_w) for der in site.ders if der.capability.type not in _STORAGE),
            charge_w=sum(each[0] for each in stores),
            discharge_w=sum(each[1] for each in stores),
            capacity_wh=sum(each[2] for each in stores),
            reserve_wh=sum(each[3] for each in stores),
            soft_grad_w=min(
                (der.settings.set_soft_grad_w for der in site.ders if der.settings and der.settings.set_soft_grad_w),
                default=0,
            ),
        )


def _rate(der: SiteDER) -> Rating:
    return Rating.from_models(der.capability, der.settings)


def _find_storage(der: SiteDER) -> tuple[float, float, float, float]:
    """Return the charge rate, discharge rate, capacity and reserve of a DER's battery; all 0 if it has none."""
    rating, capability, settings = _rate(der), der.capability, der.settings
    capacity = read_amount((settings and settings.set_max_wh) or capability.rtg_max_wh)
    stores = capability.type in _STORAGE
    if not (stores or capacity or rating.max_charge_w or rating.max_discharge_w):
        return 0.0, 0.0, 0.0, 0.0
    usual = rating.max_w if stores else Decimal(0)
    charge = float(usual if rating.max_charge_w is None else rating.max_charge_w)
    discharge = float(rating.max_w if rating.max_discharge_w is None else rating.max_discharge_w)
    reserve = read_amount(settings.set_min_wh) if settings and settings.set_min_wh else None
    holds = float(capacity) if capacity else HOURS * max(charge, discharge)
    return charge, discharge, holds, min(float(reserve or 0), holds)
