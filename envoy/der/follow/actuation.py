"""The actuation of a device: what its schedule says is given to it as limits, and what becomes of that is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from envoy.der.abilities import Abilities
from envoy.der.follow.memory import Recorder
from envoy.der.follow.worker import Outcome, Worker
from envoy.der.in_force import Setting
from envoy.der.limits import Limits, Rating, combine_limits
from envoy.der.schedule import Schedule


class Actuation:
    """Keeps a device to what a schedule says.

    An event has started when the device has taken it, and not before: until then its response is held.

    Args:
        schedule: Says what holds.
        worker: Gives it to the device.
        rating: What the device is able to do.
        clock: Returns the time in seconds since 1970.
        memory: Keeps the schedule.
        note: Notes what is odd.
    """

    def __init__(
        self,
        schedule: Schedule,
        worker: Worker,
        rating: Rating,
        *,
        clock: Callable[[], float],
        memory: Recorder,
        note: Callable[[str], None],
    ) -> None:
        self._schedule = schedule
        self._worker = worker
        self._rating = rating
        self._clock = clock
        self._memory = memory
        self._note = note
        self._described = schedule.abilities
        self._abilities: Abilities | None = None
        self._applied: tuple[tuple[Setting, ...], Mapping[str, int]] | None = None
        self._refused: set[Setting] = set()
        self._outcome: Outcome | None = None
        self.limits: Limits | None = None
        """What the device was given last; None before the first."""

    def tick(self) -> None:
        """Go on to the present, and apply what holds then."""
        self._worker.work()
        # What the device has taken, it has taken before anything ends or starts now.
        self._look()
        known = self._schedule.owed, self._schedule.held
        self._schedule.advance(self._clock())
        if (self._schedule.owed, self._schedule.held) != known:
            self._memory.save(self._schedule)
        self.apply()

    def apply(self) -> None:
        """Give the device what holds now, if that is not what it was given last."""
        while True:
            settings = tuple(each for each in self._schedule.in_force() if each not in self._refused)
            wanted = settings, self._schedule.get_settings()
            if wanted == self._applied:
                return
            self._memory.save(self._schedule)
            self._applied = wanted
            self.limits = combine_limits(settings, self._rating, wanted[1])
            self._worker.give(self.limits)
            self._look()

    def _look(self) -> None:
        """See what the device is able to do, and what became of what it was given."""
        if self._worker.abilities is not self._abilities and self._worker.abilities is not None:
            self._abilities = self._worker.abilities
            self._schedule.abilities = self._described.within(self._abilities)
        outcome = self._worker.outcome
        if outcome is None or outcome is self._outcome or outcome.limits is not self.limits:
            return
        self._outcome = outcome
        assert self._applied is not None  # there are limits
        settings, _ = self._applied
        if outcome.refused:
            self._refuse(settings, outcome.refused)
        elif outcome.error:
            self._note(f"the device does not take its limits: {outcome.error}")
        elif started := self._schedule.held & {each.mrid for each in settings}:
            self._schedule.confirm(started, self._clock())
            self._memory.save(self._schedule)

    def _refuse(self, settings: tuple[Setting, ...], modes: frozenset[str]) -> None:
        """Do without modes that the device does not take: events lose them, and defaults are applied without them."""
        self._note(f"the device refuses {', '.join(sorted(modes))}")
        for setting in settings:
            if setting.mode in modes and setting.mrid:
                self._schedule.refuse(setting.mrid, modes=modes)
            elif setting.mode in modes:
                self._refused.add(setting)
        self._memory.save(self._schedule)
