"""Several devices under one EndDevice, followed for as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TypeVar

from envoy.der.abilities import Abilities
from envoy.der.follow.device import Device, DeviceStatus, Readings
from envoy.der.limits import Limits, Rating
from envoy.devices.sharing import Sharer, share_limits
from envoy.errors import DeviceError, DeviceRefusal
from envoy.registration.site import Site
from sep2 import InverterStatus, StorageModeStatus

T = TypeVar("T")

_AVERAGED = ("voltage", "frequency")
"""What the names of readings begin with that are the same for all devices, more or less."""

_INVERTERS = (
    InverterStatus.TRACKING_MPPT,
    InverterStatus.FORCED_POWER_REDUCTION,
    InverterStatus.STARTING_UP,
    InverterStatus.TEST_MODE,
    InverterStatus.SHUTTING_DOWN,
    InverterStatus.STANDBY,
    InverterStatus.SLEEPING,
    InverterStatus.FAULT,
    InverterStatus.OFF,
)
"""States of inverters: of several, the first here is that of all."""

_WHERE = "devices"

_GONE = DeviceStatus(connected=False, available=False, operating=False, failed=True)


@dataclass(slots=True, kw_only=True)
class Part:
    """One of several devices.

    Attributes:
        name: What errors call it.
        device: The device.
        site: The DERs that it is, of those of the whole site.
        modes: Names of the modes that it is able to follow; None as long as nobody has asked.
        refused: Those of them that it has refused.
        gone: Why it did not respond when it was asked last; empty if it did.
        failure: Why it did not take the limits that it was given last; empty if it did.
        measures: What it has ever measured, by place and name.
    """

    name: str
    device: Device
    site: Site
    modes: frozenset[str] | None = None
    refused: frozenset[str] = frozenset()
    gone: str = ""
    failure: str = ""
    measures: set[tuple[str, str]] = field(default_factory=set)

    @property
    def rating(self) -> Rating:
        """What it is able to do."""
        return Rating.from_site(self.site)

    @property
    def sharer(self) -> Sharer:
        """What it shares limits by."""
        return Sharer(self.rating, (self.modes or frozenset()) - self.refused)

    def describe(self) -> Abilities:
        """Return its abilities as its DERs are described in the site file."""
        ders = [Abilities.from_models(der.capability, der.settings) for der in self.site.ders]
        category = self.site.device_category
        modes: frozenset[str] = frozenset().union(*(each.modes for each in ders))
        return Abilities(modes, None if category is None else int(category))

    def ask(self, call: Callable[[], T]) -> T | None:
        """Return what it says; None if it is gone."""
        try:
            answer = call()
        except DeviceError as error:
            self.gone = error.what
            return None
        self.gone = ""
        return answer

    def give(self, limits: Limits) -> bool:
        """Give it limits, and return whether it keeps to them."""
        try:
            self.device.apply(limits)
        except DeviceRefusal as error:
            new = frozenset(error.modes) - self.refused
            self.refused |= new
            self.gone, self.failure = "", "" if new else error.what
            return False
        except DeviceError as error:
            self.failure = error.what
            return False
        self.gone = self.failure = ""
        return True


class CombinedDevice:
    """Several devices that are followed for as one.

    Limits and targets are shared by rating, among those that take them: where one refuses a mode or is gone, the others
    get the whole limit, and the error says which it is. It is connected if any is, and operates if any does. What is
    measured is added up, except for voltages and frequencies, of which it is the average; so only one of the devices
    should measure a connection point that they share.

    Args:
        parts: The devices, at least one.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._parts = list(parts)
        self._limits: Limits | None = None

    def abilities(self) -> Abilities:
        """Return the modes that any of them is able to follow, and the kinds of all.

        A device that is gone counts as it is described in the site file.

        Raises:
            DeviceError: All of them are gone.
        """
        responses = [part.ask(part.device.abilities) for part in self._parts]
        self._check_that_some_are_there()
        known = [each or part.describe() for part, each in zip(self._parts, responses, strict=True)]
        for part, each in zip(self._parts, known, strict=True):
            part.modes = each.modes
        categories = [each.device_category for each in known if each.device_category is not None]
        modes: frozenset[str] = frozenset().union(*(each.modes for each in known))
        return Abilities(modes, reduce(or_, categories) if categories else None)

    def apply(self, limits: Limits) -> None:
        """Keep to limits from now on: each device to its share.

        Raises:
            DeviceRefusal: None of those that are able to follow a mode takes it.
            DeviceError: Some did not take their share. Those that did have the whole limit among them.
        """
        self._limits = limits
        if any(part.modes is None for part in self._parts):
            self.abilities()
        # Those that did not take the last ones come first: as long as they do not, the others keep the whole.
        for part in [part for part in self._parts if part.gone or part.failure]:
            self._give(self._parts, limits, only=part)
        while not self._give([part for part in self._parts if not (part.gone or part.failure)], limits):
            pass
        self._report(limits)

    def status(self) -> DeviceStatus:
        """Return how they are together. If one of them has gone or is back, the limits are shared out again.

        Raises:
            DeviceError: All of them are gone.
        """
        gone = [bool(part.gone) for part in self._parts]
        states = [part.ask(part.device.status) or _GONE for part in self._parts]
        self._check_that_some_are_there()
        if self._limits is not None and gone != [bool(part.gone) for part in self._parts]:
            # What does not succeed is tried again with the limits.
            with suppress(DeviceError):
                self.apply(self._limits)
        charges = [
            (state.state_of_charge, part.rating.max_charge_w or part.rating.max_w)
            for part, state in zip(self._parts, states, strict=True)
            if state.state_of_charge is not None
        ]
        inverters = {state.inverter for state in states}
        return DeviceStatus(
            connected=any(state.connected for state in states),
            available=any(state.available for state in states),
            operating=any(state.operating for state in states),
            testing=any(state.testing for state in states),
            failed=any(state.failed for state in states),
            alarms=reduce(or_, (state.alarms for state in states)),
            inverter=next((each for each in _INVERTERS if each in inverters), None),
            storage=_combine_storage({state.storage for state in states}),
            state_of_charge=_average(charges),
            available_w=_add(state.available_w for state in states),
            available_var=_add(state.available_var for state in states),
            local_control=all(state.local_control for state in states),
        )

    def readings(self) -> Readings:
        """Return what they measure together; what one of them measures that is gone now is left out.

        Raises:
            DeviceError: All of them are gone.
        """
        taken = [(part, part.ask(part.device.readings)) for part in self._parts]
        self._check_that_some_are_there()
        amounts: dict[tuple[str, str], list[Decimal]] = {}
        missing: set[tuple[str, str]] = set()
        for part, each in taken:
            if each is None:
                missing |= part.measures
                continue
            for place, values in (("site", each.site), ("der", each.der)):
                for name, value in values.items():
                    part.measures.add((place, name))
                    amounts.setdefault((place, name), []).append(value)
        combined = {key: _combine(key[1], each) for key, each in amounts.items() if key not in missing}
        return Readings(
            site={name: value for (place, name), value in combined.items() if place == "site"},
            der={name: value for (place, name), value in combined.items() if place == "der"},
        )

    def close(self) -> None:
        """Let go of all of them.

        Raises:
            DeviceError: Some could not be let go of; the others were.
        """
        errors = []
        for part in self._parts:
            try:
                part.device.close()
            except DeviceError as error:
                errors.append(f"{part.name}: {error.what}")
        if errors:
            raise DeviceError("; ".join(errors), where=_WHERE)

    def _check_that_some_are_there(self) -> None:
        if all(part.gone for part in self._parts):
            raise DeviceError("; ".join(f"{part.name}: {part.gone}" for part in self._parts), where=_WHERE)

    def _give(self, parts: Sequence[Part], limits: Limits, *, only: Part | None = None) -> bool:
        """Give devices their shares, or one of them, and return whether all have taken them."""
        shares = share_limits(limits, [part.sharer for part in parts])
        givers = [pair for pair in zip(parts, shares, strict=True) if only is None or pair[0] is only]
        taken = [part.give(share) for part, share in givers]
        return all(taken)

    def _report(self, limits: Limits) -> None:
        """Raise what has become of limits, if they were not taken by all."""
        able = {mode: [part for part in self._parts if mode in (part.modes or ())] for mode in limits.values}
        refused = [mode for mode, parts in able.items() if parts and all(mode in part.refused for part in parts)]
        if refused:
            raise DeviceRefusal(f"no device takes {', '.join(refused)}", modes=refused, where=_WHERE)
        errors = []
        for part in self._parts:
            modes = [mode for mode in limits.values if mode in part.refused]
            if modes:
                errors.append(f"{part.name}: does not take {', '.join(modes)}")
            if part.gone or part.failure:
                errors.append(f"{part.name}: {part.failure or part.gone}")
        if errors:
            raise DeviceError("; ".join(errors), where=_WHERE)


def _combine_storage(modes: set[StorageModeStatus | None]) -> StorageModeStatus | None:
    """Return what storage does together: if some charges and some discharges, it holds."""
    active = modes & {StorageModeStatus.STORAGE_CHARGING, StorageModeStatus.STORAGE_DISCHARGING}
    if len(active) == 1:
        return active.pop()
    return StorageModeStatus.STORAGE_HOLDING if modes - {None} else None


def _combine(name: str, amounts: Sequence[Decimal]) -> Decimal:
    total = sum(amounts, Decimal(0))
    return round(total / len(amounts), 3) if name.startswith(_AVERAGED) else total


def _average(weights: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Return the average of numbers by their weights; None without any."""
    whole = sum((weight for _, weight in weights), Decimal(0))
    return round(sum((each * weight for each, weight in weights), Decimal(0)) / whole, 2) if whole else None


def _add(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
