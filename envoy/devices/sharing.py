"""Limits of several devices shared out among them, by what each is rated for and able to follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from envoy.der.limits import Limit, Limits, Rating
from envoy.der.modes import Value

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sharer:
    """A device that takes its share.

    Attributes:
        rating: What it is able to do.
        modes: Names of the modes that it takes.
    """

    rating: Rating
    modes: frozenset[str]


def _get_output(rating: Rating) -> Decimal:
    return rating.max_w


def _get_intake(rating: Rating) -> Decimal:
    return rating.max_charge_w or _ZERO


def _get_discharge(rating: Rating) -> Decimal:
    return rating.max_w if rating.max_discharge_w is None else rating.max_discharge_w


def _get_stored(rating: Rating) -> Decimal:
    """Return what a device's storage puts out; 0 if it has none."""
    return _get_discharge(rating) if rating.max_discharge_w or rating.max_charge_w else _ZERO


def _get_var(rating: Rating) -> Decimal:
    return rating.max_var or _ZERO


Weight = Callable[[Rating], Decimal]
"""What counts of a rating."""


def share_limits(limits: Limits, sharers: Sequence[Sharer]) -> list[Limits]:
    """Return the limits of each device, which amount to those of all of them.

    A power is shared by rating: what is put out by what a device puts out, what is taken in by what it takes in. It is
    shared among those that take the mode that it comes from, so that the others are as free as if there were none; a
    percentage is the same for all.

    Args:
        limits: Of all together.
        sharers: The devices, at least one.
    """
    return [_take_share(limits, sharers, number) for number in range(len(sharers))]


def _take_share(limits: Limits, sharers: Sequence[Sharer], number: int) -> Limits:
    own = sharers[number]

    def share(mode: str, weight: Weight) -> Decimal | None:
        """Return the part of a power that this one gets; None if it is not for it."""
        takes = [mode in sharer.modes or not mode.startswith("opMod") for sharer in sharers]
        if not takes[number]:
            return None
        weights = [weight(sharer.rating) for sharer in sharers]
        whole = sum((each for each, taken in zip(weights, takes, strict=True) if taken), _ZERO)
        return weights[number] / whole if whole else Decimal(1) / takes.count(True)

    def limit(of_all: Limit | None, weight: Weight, most: Decimal | None = None) -> Limit | None:
        part = None if of_all is None else share(of_all.by, weight)
        shared = None if of_all is None or part is None else replace(of_all, watts=of_all.watts * part)
        device = None if most is None else Limit(most, "device")
        known = [each for each in (device, shared) if each is not None]
        return min(known, key=lambda each: each.watts, default=None)

    def target(watts: Decimal | None, modes: Sequence[str], weight: Weight) -> Decimal | None:
        mode = next((mode for mode in modes if mode in limits.values), "")
        part = None if watts is None or not weight(own.rating) else share(mode, weight)
        return None if watts is None or part is None else watts * part

    def value(mode: str, of_all: Value) -> Value | None:
        if mode not in own.modes:
            return None
        if not isinstance(of_all, Decimal):
            return of_all
        part = share(mode, _WEIGHTS.get(mode, _get_target_weight(of_all)))
        return None if part is None else of_all * part

    generation = limit(limits.generation_w, _get_output, own.rating.max_w)
    assert generation is not None  # the device itself has one
    fixed = limits.target_w
    values = {mode: value(mode, of_all) for mode, of_all in limits.values.items()}
    return replace(
        limits,
        export_w=limit(limits.export_w, _get_output),
        import_w=limit(limits.import_w, _get_intake),
        generation_w=generation,
        load_w=limit(limits.load_w, _get_intake, own.rating.max_charge_w),
        target_w=target(fixed, ("opModFixedW", "opModTargetW"), _get_target_weight(fixed or _ZERO)),
        storage_w=target(limits.storage_w, ("opModStorageTargetW",), _get_stored),
        target_var=target(limits.target_var, ("opModTargetVar", "opModFixedVar"), _get_var),
        values={mode: each for mode, each in values.items() if each is not None},
    )


def _get_target_weight(watts: Decimal) -> Weight:
    return _get_intake if watts < 0 else _get_discharge


_WEIGHTS: dict[str, Weight] = {
    "opModExpLimW": _get_output,
    "opModGenLimW": _get_output,
    "opModImpLimW": _get_intake,
    "opModLoadLimW": _get_intake,
    "opModMaxLimWAbsorb": _get_intake,
    "opModMaxLimWInject": _get_output,
    "opModStorageTargetW": _get_stored,
    "opModTargetVar": _get_var,
}
"""What the powers of modes are shared by; those of others by their sign."""
