"""Checks of the readings that the client posted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from typing import Any

from envoy.procedures.checks.contents import pen_error
from envoy.procedures.checks.decision import CheckFunction, Decision, decide
from envoy.procedures.evidence import Evidence
from sep2 import MirrorMeterReading, MirrorUsagePoint, ReadingType

_SITE, _DEVICE = 0x03, 0x49
"""The roleFlags of a connection point, and of a device behind it."""

_PLACES = {_SITE: "site", _DEVICE: "device"}
_POWER, _ENERGY = 37, 12
_AVERAGE, _NOT_APPLICABLE = 2, 0
_WATT, _VAR, _VOLT, _WATT_HOUR = 38, 63, 29, 72


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured.

    Attributes:
        noun: What a report calls it.
        uom: Code of its unit.
        roles: RoleFlags of the MirrorUsagePoints that may have it; one suffices.
        kind: Code of its kind.
        qualifier: Code of its dataQualifier.
        instants: Whether a reading may be of a moment, without a duration.
    """

    noun: str
    uom: int
    roles: tuple[int, ...]
    kind: int = _POWER
    qualifier: int = _AVERAGE
    instants: bool = False


@dataclass(slots=True)
class _Series:
    """The readings of one MirrorMeterReading, by the start of their period."""

    mirror: MirrorUsagePoint
    mrid: bytes
    values: dict[int, tuple[int, Decimal]] = field(default_factory=dict)


def _check_readings(quantity: Quantity, evidence: Evidence, parameters: Mapping[str, Any]) -> Decision:
    decisions = [
        decide(_errors(quantity, role, evidence, parameters), f"{quantity.noun} was posted as expected")
        for role in quantity.roles
    ]
    return next((each for each in decisions if each.passed), decisions[0])


def _errors(quantity: Quantity, role: int, evidence: Evidence, parameters: Mapping[str, Any]) -> Iterator[str]:
    every = list(_series(quantity, evidence))
    found = [each for each in every if int(each.mirror.role_flags) == role]
    if not found:
        others = sorted({f"{int(each.mirror.role_flags):02X}" for each in every})
        instead = f"; there is one with roleFlags {', '.join(others)}" if others else ""
        yield f"no MirrorUsagePoint of the {_PLACES[role]} (roleFlags {role:02X}) has {quantity.noun}{instead}"
        return
    most = max(len(each.values) for each in found)
    least = parameters.get("minimum_count")
    if least is not None and most < least:
        yield f"{most} readings of {quantity.noun}, expected at least {least}"
    starts = [start for each in found for start in each.values]
    if any(start % 60 for start in starts):
        yield f"periods of {quantity.noun} do not begin on a full minute"
    if not quantity.instants and any(not length or length % 60 for each in found for length, _ in each.values.values()):
        yield f"periods of {quantity.noun} do not last full minutes"
    for each in found:
        for noun, mrid in (("MirrorUsagePoint", each.mirror.mrid), ("MirrorMeterReading", each.mrid)):
            if error := pen_error(mrid, evidence.pen):
                yield f"the mRID of a {noun} {error}"
    yield from _level_errors(quantity, found, parameters)


def _level_errors(quantity: Quantity, found: list[_Series], parameters: Mapping[str, Any]) -> Iterator[str]:
    least, most = parameters.get("minimum_level"), parameters.get("maximum_level")
    if least is None and most is None:
        return
    values = [value for each in found for value in _chosen(each, parameters)]
    if not values:
        yield f"there are no readings of {quantity.noun} to compare"
    if least is not None and any(value < least for value in values):
        yield f"{quantity.noun} goes down to {min(values):f}, expected at least {least:f}"
    if most is not None and any(value > most for value in values):
        yield f"{quantity.noun} goes up to {max(values):f}, expected at most {most:f}"


def _chosen(series: _Series, parameters: Mapping[str, Any]) -> list[Decimal]:
    """Return the values whose level counts."""
    window = parameters.get("window_seconds")
    if not series.values:
        return []
    if parameters.get("latest_reading_only"):
        return [series.values[max(series.values)][1]]
    end = max(start + length for start, (length, _) in series.values.items())
    return [value for start, (_, value) in series.values.items() if not window or start >= end - window]


def _series(quantity: Quantity, evidence: Evidence) -> Iterator[_Series]:
    """Give the series of a quantity that the site under test has posted."""
    site = evidence.sites.latest()
    store, owner = evidence.utility.store, evidence.sites.client
    mirrors = store.page(owner, "/mup", 0, store.count(owner, "/mup"))
    for href, mirror in mirrors:
        if site is None or mirror.device_lfdi != site.lfdi:
            continue
        posted = store.page(owner, f"{href}/mr", 0, store.count(owner, f"{href}/mr"))
        found: dict[bytes, _Series] = {}
        for reading in [*mirror.mirror_meter_reading, *(each for _, each in posted)]:
            kind: ReadingType | None = reading.reading_type or store.get(owner, f"{href}/rt/{reading.mrid.hex()}")
            if kind is not None and _is_of(kind, quantity):
                series = found.setdefault(reading.mrid, _Series(mirror, reading.mrid))
                series.values.update(_values(reading, kind))
        yield from found.values()


def _is_of(kind: ReadingType, quantity: Quantity) -> bool:
    found = (kind.uom, kind.kind, kind.data_qualifier or _NOT_APPLICABLE)
    return tuple(None if code is None else int(code) for code in found) == (
        quantity.uom,
        quantity.kind,
        quantity.qualifier,
    )


def _values(reading: MirrorMeterReading, kind: ReadingType) -> Iterator[tuple[int, tuple[int, Decimal]]]:
    power = int(kind.power_of_ten_multiplier or 0)
    alone = [(reading.reading, None)] if reading.reading else []
    inside = [(each, part.time_period) for part in reading.mirror_reading_set for each in part.reading]
    for each, period in [*alone, *inside]:
        time = each.time_period or period
        if time is not None and each.value is not None:
            yield time.start, (time.duration, Decimal(each.value).scaleb(power))


def _check(quantity: Quantity) -> CheckFunction:
    return partial(_check_readings, quantity)


READING_CHECKS: Mapping[str, CheckFunction] = {
    "readings-voltage": _check(Quantity("voltage", _VOLT, (_SITE, _DEVICE))),
    "readings-site-active-power": _check(Quantity("active power", _WATT, (_SITE,))),
    "readings-site-reactive-power": _check(Quantity("reactive power", _VAR, (_SITE,))),
    "readings-der-active-power": _check(Quantity("active power", _WATT, (_DEVICE,))),
    "readings-der-reactive-power": _check(Quantity("reactive power", _VAR, (_DEVICE,))),
    "readings-der-stored-energy": _check(
        Quantity("stored energy", _WATT_HOUR, (_DEVICE,), _ENERGY, _NOT_APPLICABLE, instants=True)
    ),
}
"""The checks of readings."""
