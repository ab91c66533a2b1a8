"""The effective limits of a device: all modes in force together, with the device's own limits.

Each mode is decided by itself; then all of them bind at once (CSIP-AUS): the tightest limit of a quantity holds, a
target stays within the limits, and disconnecting or ceasing to energize goes before any power.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from envoy.der.in_force import Setting
from envoy.der.modes import Values
from envoy.registration.site import Site
from sep2 import ActivePower, DERCapability, DERSettings, DERUnitRefType, ReactivePower, WattHour

_WHOLE = Decimal(10_000)
"""100 % in hundredths of a percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a device is able to do, and what its connection agreement allows. Powers are in W, all of them positive.

    Attributes:
        max_w: The most active power that it puts out (setMaxW).
        max_charge_w: The most that it takes in; None if it takes in none, or that is not known.
        max_discharge_w: The most that its storage puts out; ``max_w`` if it is None.
        max_var: The most reactive power, in var; None if that is not known.
        export_w: What the connection agreement lets the site export; None if it does not limit it.
        import_w: What it lets the site import, in the same way.
        grad_w: Ramp rate in hundredths of a percent of ``max_w`` per second (setGradW); 0 for no ramp.
    """

    max_w: Decimal
    max_charge_w: Decimal | None = None
    max_discharge_w: Decimal | None = None
    max_var: Decimal | None = None
    export_w: Decimal | None = None
    import_w: Decimal | None = None
    grad_w: int = 0

    @classmethod
    def from_models(cls, capability: DERCapability, settings: DERSettings | None = None) -> Self:
        """Return the rating that a device reports; a setting goes before what the hardware can do."""

        def choose(name: str) -> Decimal | None:
            chosen = getattr(settings, f"set_{name}", None) or getattr(capability, f"rtg_{name}", None)
            return read_amount(chosen)

        return cls(
            max_w=choose("max_w") or Decimal(0),
            max_charge_w=choose("max_charge_rate_w"),
            max_discharge_w=choose("max_discharge_rate_w"),
            max_var=choose("max_var"),
            grad_w=settings.set_grad_w if settings else 0,
        )

    @classmethod
    def from_site(cls, site: Site) -> Self:
        """Return the rating of all DERs of a site together."""
        return cls.sum([cls.from_models(der.capability, der.settings) for der in site.ders])

    @classmethod
    def sum(cls, ratings: Sequence[Rating]) -> Self:
        """Return the rating of several devices together: what is known of them is added up, the slowest ramp holds."""

        def add(amounts: Iterable[Decimal | None]) -> Decimal | None:
            known = [amount for amount in amounts if amount is not None]
            return sum(known, Decimal(0)) if known else None

        discharges = [each.max_w if each.max_discharge_w is None else each.max_discharge_w for each in ratings]
        return cls(
            max_w=sum((each.max_w for each in ratings), Decimal(0)),
            max_charge_w=add(each.max_charge_w for each in ratings),
            max_discharge_w=add(discharges) if any(each.max_discharge_w is not None for each in ratings) else None,
            max_var=add(each.max_var for each in ratings),
            export_w=add(each.export_w for each in ratings),
            import_w=add(each.import_w for each in ratings),
            grad_w=min((each.grad_w for each in ratings if each.grad_w), default=0),
        )

    def to_watts(self, percent: int) -> Decimal:
        """Return the power of ``opModFixedW``: hundredths of a percent of what it puts out, or below 0 takes in."""
        if percent < 0:
            return (self.max_charge_w or Decimal(0)) * percent / _WHOLE
        return (self.max_w if self.max_discharge_w is None else self.max_discharge_w) * percent / _WHOLE


def read_amount(quantity: ActivePower | ReactivePower | WattHour | None) -> Decimal | None:
    """Return the amount of a quantity, exactly; None for None."""
    return None if quantity is None else Decimal(quantity.value).scaleb(int(quantity.multiplier))


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """An upper limit of a power.

    Attributes:
        watts: The limit.
        by: What sets it: a mode such as ``opModExpLimW``, ``connection agreement``, or ``device``.
        ramp_tms: Time to reach it, in hundredths of a second; None for the ramp rate of the device's settings.
    """

    watts: Decimal
    by: str
    ramp_tms: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a device has to keep to. Limits at the connection point need a measurement of the site; others do not.

    Attributes:
        connected: It may be connected to the grid; if not, nothing flows.
        energized: It may exchange power with the grid; if not, nothing flows.
        export_w: Limit of the export at the connection point; None if there is none.
        import_w: Limit of the import at the connection point; None if there is none.
        generation_w: Limit of what it generates or discharges.
        load_w: Limit of what it consumes or charges with; None if there is none.
        target_w: What it is to put out, or below 0 take in, within the limits of the device; None if it is free.
        storage_w: What its storage is to put out, in the same way.
        target_var: Reactive power that it is to put out, in var; None if no mode says so, or only in percent of what
            is known to the device alone.
        target_ramp_tms: Time to reach a target, as ``Limit.ramp_tms``.
        values: All modes in force, for what is not a power: curves, power factors, droop.
        settings: What the defaults set besides modes, such as ``setGradW``, which goes before the device's own.
    """

    connected: bool = True
    energized: bool = True
    export_w: Limit | None = None
    import_w: Limit | None = None
    generation_w: Limit
    load_w: Limit | None = None
    target_w: Decimal | None = None
    storage_w: Decimal | None = None
    target_var: Decimal | None = None
    target_ramp_tms: int | None = None
    values: Values = field(default_factory=dict)
    settings: Mapping[str, int] = field(default_factory=dict)

    @property
    def running(self) -> bool:
        """Whether power may flow at all."""
        return self.connected and self.energized


_TARGETS = ("opModFixedW", "opModTargetW", "opModStorageTargetW")


def combine_limits(
    values: Values | Iterable[Setting], rating: Rating, device_settings: Mapping[str, int] | None = None
) -> Limits:
    """Return what all modes in force amount to for a device.

    A limit above what the device is able to do limits nothing: the device's own is the tighter one.

    Args:
        values: What holds, as ``Schedule.in_force`` returns it.
        rating: What the device is able to do.
        device_settings: What the defaults set besides modes, as ``Schedule.get_settings`` returns it.
    """
    ramps: dict[str, int | None] = {}
    if not isinstance(values, Mapping):
        in_force = list(values)
        values = {setting.mode: setting.value for setting in in_force}
        ramps = {setting.mode: setting.ramp_tms for setting in in_force}
    share, fixed = _get_percent(values, "opModMaxLimW"), _get_percent(values, "opModFixedW")
    powers = {mode: value for mode, value in values.items() if isinstance(value, Decimal)}
    connected, energized = values.get("opModConnect") is not False, values.get("opModEnergize") is not False
    stopped = {} if connected and energized else {"opModEnergize" if connected else "opModConnect": Decimal(0)}
    generation = _find_tightest(
        ramps,
        {
            "opModGenLimW": powers.get("opModGenLimW"),
            "opModMaxLimW": None if share is None else rating.max_w * share / _WHOLE,
            "opModMaxLimWInject": powers.get("opModMaxLimWInject"),
            "device": rating.max_w,
            **stopped,
        },
    )
    assert generation is not None  # the device has a limit
    absorbed = _get_percent(values, "opModMaxLimPctWAbsorb")
    load = _find_tightest(
        ramps,
        {
            "opModLoadLimW": powers.get("opModLoadLimW"),
            "opModMaxLimPctWAbsorb": (
                None if absorbed is None or rating.max_charge_w is None else rating.max_charge_w * absorbed / _WHOLE
            ),
            "opModMaxLimWAbsorb": powers.get("opModMaxLimWAbsorb"),
            "device": rating.max_charge_w,
            **stopped,
        },
    )
    discharge = (
        generation if rating.max_discharge_w is None else min(generation, Limit(rating.max_discharge_w, "device"))
    )
    target = powers.get("opModTargetW") if fixed is None else rating.to_watts(fixed)
    return Limits(
        connected=connected,
        energized=energized,
        export_w=_find_tightest(
            ramps,
            {
                "opModExpLimW": powers.get("opModExpLimW"),
                "connection agreement": rating.export_w,
                "device": rating.max_w,
            },
        ),
        import_w=_find_tightest(
            ramps, {"opModImpLimW": powers.get("opModImpLimW"), "connection agreement": rating.import_w}
        ),
        generation_w=generation,
        load_w=load,
        target_w=_keep_within(target, generation, load),
        storage_w=_keep_within(powers.get("opModStorageTargetW"), discharge, load),
        target_var=_choose_least_var(values, rating),
        target_ramp_tms=next((ramps[mode] for mode in _TARGETS if mode in ramps), None),
        values=dict(values),
        settings=dict(device_settings or {}),
    )


def _find_tightest(ramps: Mapping[str, int | None], limits: Mapping[str, Decimal | None]) -> Limit | None:
    known = [Limit(watts, by, ramps.get(by)) for by, watts in limits.items() if watts is not None]
    # Of equal limits the last is named: the device itself where a mode asks for no less.
    return min(reversed(known), key=lambda limit: limit.watts, default=None)


def _keep_within(target: Decimal | None, highest: Limit, lowest: Limit | None) -> Decimal | None:
    if target is None:
        return None
    kept = min(target, highest.watts)
    return kept if lowest is None else max(kept, -lowest.watts)


def _choose_least_var(values: Values, rating: Rating) -> Decimal | None:
    """Return the reactive power to aim for: of several modes, the one that gives the least var prevails (10.10)."""
    wanted = [value for mode, value in values.items() if mode == "opModTargetVar" and isinstance(value, Decimal)]
    fixed = values.get("opModFixedVar")
    if isinstance(fixed, tuple):
        parts = dict(fixed)
        wholes = {DERUnitRefType.PERCENT_SET_MAX_W: rating.max_w, DERUnitRefType.PERCENT_SET_MAX_VAR: rating.max_var}
        whole = wholes.get(DERUnitRefType(parts["ref_type"]))
        if whole is not None:
            wanted.append(whole * parts["value"] / _WHOLE)
    return min(wanted, key=abs, default=None)


def _get_percent(values: Values, mode: str) -> int | None:
    value = values.get(mode)
    return value if isinstance(value, int) else None
