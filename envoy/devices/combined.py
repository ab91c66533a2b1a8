"""Several devices under one EndDevice, followed for as one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import partial, reduce
from operator import or_
from typing import TypeVar

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.limits import Limits
from envoy.devices.part import Call, Part
from envoy.devices.sharing import share_limits
from envoy.errors import DeviceError, DeviceRefusal
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

PATIENCE = 4.0
"""Seconds that a call of one of several devices may take: less than what a worker gives all of them."""

_WHERE = "devices"

_GONE = DeviceStatus(connected=False, available=False, operating=False, failed=True)


class CombinedDevice:
    """Several devices that are followed for as one.

    Limits and targets are shared by rating, among those that take them: where one refuses a mode or is gone, the others
    get the whole limit, and the error says which it is. All are asked at once, so that none waits for another; one that
    does not respond in time counts as gone, and is asked again once it has responded. It is connected if any is, and
    operates if any does. What is measured is added up, except for voltages and frequencies, of which it is the average;
    so only one of the devices should measure a connection point that they share.

    Args:
        parts: The devices, at least one.
        patience: Seconds that a call of a device may take.
    """

    def __init__(self, parts: Sequence[Part], *, patience: float = PATIENCE) -> None:
        self._parts = list(parts)
        self._patience = patience
        self._limits: Limits | None = None

    def abilities(self) -> Abilities:
        """Return the modes that any of them is able to follow, and the kinds of all.

        A device that is gone counts as it is described in the site file.

        Raises:
            DeviceError: All of them are gone.
        """
        responses = self._ask(lambda part: part.device.abilities)
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
        self._give(self._parts, limits, only=[part for part in self._parts if part.gone or part.failure])
        while not self._give([part for part in self._parts if not (part.gone or part.failure)], limits):
            pass
        self._report(limits)

    def status(self) -> DeviceStatus:
        """Return how they are together. If one of them has gone or is back, the limits are shared out again.

        Raises:
            DeviceError: All of them are gone.
        """
        gone = [bool(part.gone) for part in self._parts]
        states = [each or _GONE for each in self._ask(lambda part: part.device.status)]
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
        taken = zip(self._parts, self._ask(lambda part: part.device.readings), strict=True)
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
        results = self._call([(part, part.device.close) for part in self._parts])
        errors = [f"{part.name}: {result.what}" for part, result in zip(self._parts, results, strict=True) if result]
        if errors:
            raise DeviceError("; ".join(errors), where=_WHERE)

    def _call(self, calls: Sequence[tuple[Part, Callable[[], T]]]) -> list[T | DeviceError]:
        """Return what devices respond, all of which are called at once."""
        end = time.monotonic() + self._patience
        late = DeviceError(f"it does not respond within {self._patience:g} s")
        begun: list[Call | None] = []
        for part, call in calls:
            # One thread at a time calls a device.
            if part.call is None or not part.call.is_alive():
                part.call = Call(call)
                part.call.start()
                begun.append(part.call)
            else:
                begun.append(None)
        for each in begun:
            if each is not None:
                each.join(max(0.0, end - time.monotonic()))
        return [late if each is None or each.is_alive() else each.result for each in begun]

    def _ask(self, choose: Callable[[Part], Callable[[], T]]) -> list[T | None]:
        """Return what each device responds; None for those that are gone."""
        results = self._call([(part, choose(part)) for part in self._parts])
        return [part.note_result(result) for part, result in zip(self._parts, results, strict=True)]

    def _check_that_some_are_there(self) -> None:
        if all(part.gone for part in self._parts):
            raise DeviceError("; ".join(f"{part.name}: {part.gone}" for part in self._parts), where=_WHERE)

    def _give(self, parts: Sequence[Part], limits: Limits, *, only: Sequence[Part] | None = None) -> bool:
        """Give devices their shares, or some of them, and return whether all have taken them."""
        shares = share_limits(limits, [part.sharer for part in parts])
        givers = [(part, share) for part, share in zip(parts, shares, strict=True) if only is None or part in only]
        results = self._call([(part, partial(part.device.apply, share)) for part, share in givers])
        taken = [part.note_outcome(result) for (part, _), result in zip(givers, results, strict=True)]
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
