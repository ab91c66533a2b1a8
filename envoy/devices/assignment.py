"""The DERs of a site among several devices: which device is which DER, or how much of one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from envoy.devices.options import option, read_options
from envoy.errors import DeviceError
from envoy.registration.site import Site, SiteDER
from sep2 import ActivePower, ApparentPower, ReactivePower, WattHour

_SHARED = (ActivePower, ApparentPower, ReactivePower, WattHour)
"""What is added up where several devices are one DER."""

_WHERE = "devices"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentOptions:
    """The options of each of several devices, besides those of its kind."""

    der: str | None = option(
        "which DER of the site file it is, by its number from 1, or several with spaces between them", None
    )
    share: float = option("how much of that DER it is, in percent, where several devices are one", 100.0, least=0)


KEYS = tuple(field.name for field in dataclasses.fields(AssignmentOptions))


def assign_ders(wanted: Sequence[tuple[str, Mapping[str, str]]], site: Site) -> list[Site]:
    """Return for each of several devices the site with the DERs that it is.

    Args:
        wanted: The kind of each, with its options.
        site: Whose DERs they are.

    Raises:
        DeviceError: A DER is not there, or the devices are not just all of it.
    """
    count = len(site.ders)
    remedy = f"The site file has {count} DERs. Say which one each device is: der = 1."
    shares: dict[int, Fraction] = dict.fromkeys(range(1, count + 1), Fraction(0))
    parts = []
    for number, (kind, given) in enumerate(wanted, 1):
        options = read_options(AssignmentOptions, kind, {key: value for key, value in given.items() if key in KEYS})
        words = (options.der or str(1 if count == 1 else number)).replace(",", " ").split()
        unknown = [word for word in words if not word.isdecimal() or int(word) not in shares]
        if unknown or not words:
            what = f"there is no DER {unknown[0]!r}" if unknown else "there is no number"
            raise DeviceError(what, where=f"device {number} ({kind})", remedy=remedy)
        share = Fraction(str(options.share)) / 100
        ders = sorted({int(word) for word in words})
        for each in ders:
            shares[each] += share
        parts.append(dataclasses.replace(site, ders=[_take(site.ders[each - 1], share) for each in ders]))
    for each, total in shares.items():
        if not total:
            raise DeviceError(f"DER {each} is not given to any device", where=_WHERE, remedy=remedy)
        if abs(total - 1) > Fraction(1, 100):
            raise DeviceError(
                f"the devices are {float(total * 100):.6g} % of DER {each}",
                where=_WHERE,
                remedy="Say how much of it each of them is, 100 % together: share = 50.",
            )
    return parts


def _take(der: SiteDER, share: Fraction) -> SiteDER:
    """Return a part of a DER: the same with less power and energy."""
    if share == 1:
        return der
    return dataclasses.replace(
        der,
        capability=_scale(der.capability, share),
        settings=None if der.settings is None else _scale(der.settings, share),
    )


def _scale(model: Any, share: Fraction) -> Any:
    values = {field.name: getattr(model, field.name) for field in dataclasses.fields(model)}
    scaled = {
        name: type(value).of(round(float(value) * float(share)))
        for name, value in values.items()
        if isinstance(value, _SHARED)
    }
    return dataclasses.replace(model, **scaled)
