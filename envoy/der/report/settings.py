"""The settings, the abilities and the reserves of the DERs of a site, as they are reported while it follows (10.10)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, TypeVar

from envoy.bindings.fields import fields_of
from envoy.der.follow.device import DeviceStatus
from envoy.der.limits import read_amount
from envoy.errors import QuantityError
from envoy.registration.site import Site, SiteDER, SiteDERComponent
from sep2 import ActivePower, DERAvailability, DERCapability, DERControlType, DERSettings, DERType, ReactivePower

Part = TypeVar("Part", SiteDER, SiteDERComponent)
Power = TypeVar("Power", ActivePower, ReactivePower)

_FIELDS = {field.local: field.name for field in fields_of(DERSettings)}
"""The fields of DERSettings by the names of their elements."""

_STORAGE = frozenset(
    {DERType.OTHER_STORAGE_SYSTEM, DERType.ELECTRIC_VEHICLE, DERType.EVSE, DERType.COMBINED_PV_AND_STORAGE}
)
_HOUR = 3600
_LONGEST = (1 << 32) - 1


def merge_settings(settings: DERSettings, ordered: Mapping[str, int], now: int = 0) -> DERSettings:
    """Return the settings of a DER with what the defaults in force set, such as ``setGradW``.

    Args:
        settings: Its own settings.
        ordered: What the defaults set, as ``Schedule.get_settings`` returns it.
        now: ``updatedTime``, in the server's time; 0 for that of the settings.
    """
    changes: dict[str, Any] = {_FIELDS[element]: value for element, value in ordered.items() if element in _FIELDS}
    return dataclasses.replace(settings, **changes, updated_time=now or settings.updated_time)


def prepare_site(site: Site, ordered: Mapping[str, int]) -> Site:
    """Return the site to register while it is followed.

    Its settings are those in force. Its status and availability are left out: what the site file says of them may be
    out of date, and the device knows better.
    """
    ders = [
        dataclasses.replace(
            _prepare(der, ordered), components=[_prepare(component, ordered) for component in der.components]
        )
        for der in site.ders
    ]
    return dataclasses.replace(site, ders=ders)


def _prepare(der: Part, ordered: Mapping[str, int]) -> Part:
    settings = None if der.settings is None else merge_settings(der.settings, ordered)
    return dataclasses.replace(der, settings=settings, status=None, availability=None)


def has_storage(capability: DERCapability) -> bool:
    """Return whether a DER has storage."""
    return capability.type in _STORAGE or None not in (capability.rtg_max_wh, capability.rtg_max_charge_rate_w)


def follows_instructions(site: Site) -> bool:
    """Return whether a site follows the instructions of CSIP-AUS demand response: they are values of opModFixedW."""
    fixed = DERControlType.OP_MOD_FIXED_W
    return any(fixed in (der.capability.modes_supported or DERControlType(0)) for der in site.ders)


def describe_availability(der: SiteDER | SiteDERComponent, status: DeviceStatus, now: int) -> DERAvailability | None:
    """Return the DERAvailability of a DER; None if the device knows nothing of it.

    Args:
        der: The DER, whose ratings say how long a storage lasts.
        status: How the device is.
        now: The server's time.
    """
    found = DERAvailability(reading_time=now)
    if status.available_w is not None:
        found.stat_w_avail = _round(status.available_w, ActivePower)
    if status.available_var is not None:
        found.stat_var_avail = _round(status.available_var, ReactivePower)
    if status.state_of_charge is not None and has_storage(der.capability):
        capacity, charge, discharge = (_choose(der, name) for name in ("max_wh", "max_charge_rate_w", "max_w"))
        if status.available_w:
            discharge = status.available_w
        if capacity:
            stored = capacity * status.state_of_charge / 100
            found.availability_duration = _seconds(stored, discharge)
            found.max_charge_duration = _seconds(capacity - stored, charge)
    return found if found != DERAvailability(reading_time=now) else None


def _choose(der: SiteDER | SiteDERComponent, name: str) -> Decimal | None:
    chosen = getattr(der.settings, f"set_{name}", None) or getattr(der.capability, f"rtg_{name}", None)
    return read_amount(chosen)


def _seconds(energy: Decimal, power: Decimal | None) -> int | None:
    return min(_LONGEST, int(max(energy, Decimal(0)) / power * _HOUR)) if power is not None and power > 0 else None


def _round(amount: Decimal, kind: type[Power]) -> Power | None:
    """Return a power to the W or var, or as near as its type can say it; None if it cannot."""
    for places in range(10):
        try:
            return kind.of(amount.quantize(Decimal(1).scaleb(places), ROUND_HALF_EVEN))
        except (QuantityError, InvalidOperation):
            continue
    return None
