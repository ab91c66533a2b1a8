"""The actuation of a device: what its schedule says is given to it as limits, and what becomes of that is noted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import inf

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.duties import Duty
from envoy.der.follow.memory import Recorder
from envoy.der.follow.news import Applied, DeviceLost, DeviceRegained, News, Refused, Sampled, ScheduleWatch
from envoy.der.follow.worker import Outcome, Sample, Worker
from envoy.der.in_force import Setting
from envoy.der.limits import Limits, Rating, combine_limits
from envoy.der.schedule import Schedule

_NOTHING: tuple[tuple[Setting, ...], Mapping[str, int]] = ((), {})


class Actuation:
    """Keeps a device to what a schedule says.

    An event has started when the device has taken it, and not before: until then its response is held.

    Args:
        schedule: Says what holds.
        worker: Gives it to the device.
        rating: What the device is able to do.
        clock: Returns the time in seconds since 1970.
        memory: Keeps the schedule.
        duties: They take over how the device is, and what the defaults set besides modes.
        note: Notes what is odd.
        publish: Called with news.
    """

    def __init__(
        self,
        schedule: Schedule,
        worker: Worker,
        rating: Rating,
        *,
        clock: Callable[[], float],
        memory: Recorder,
        duties: Sequence[Duty],
        note: Callable[[str], None],
        publish: Callable[[News], None],
    ) -> None:
        self._schedule = schedule
        self._worker = worker
        self._rating = rating
        self._clock = clock
        self._memory = memory
        self._duties = duties
        self._note = note
        self._publish = publish
        self._changes = ScheduleWatch(schedule)
        self._described = schedule.abilities
        self._abilities: Abilities | None = None
        self._limits: Limits | None = None
        self._given = _NOTHING
        self._since = 0.0
        self._refused: set[Setting] = set()
        self._refuses = False
        self._outcome: Outcome | None = None
        self._status: DeviceStatus | None = None
        self._sample: Sample | None = None
        self._unsaved = False

    def next_due(self) -> float:
        """Return when there is something to do; infinite if there is nothing."""
        return min((due for due in (self._schedule.next_change(), self._worker.due) if due is not None), default=inf)

    def tick(self) -> None:
        """Go on to the present, and apply what holds then."""
        now = self._clock()
        self._worker.work()
        # What the device has taken, it has taken before anything ends or starts now.
        self._look()
        due = self._schedule.next_change()
        known = self._schedule.version
        self._schedule.advance(now)
        self._unsaved = self._schedule.version != known
        self.apply(now if due is None else min(now, due))
        if self._unsaved:
            self._save()
        self._look_at_device()
        for change in self._changes.look(now):
            self._publish(change)

    def apply(self, since: float | None = None) -> None:
        """Give the device what holds now, if that is not what it was given last.

        Args:
            since: When that came to hold; None for now.
        """
        while True:
            settings = tuple(each for each in self._schedule.in_force() if each not in self._refused)
            given = settings, self._schedule.get_settings()
            if self._limits is not None and given == self._given:
                return
            self._save()
            if given[1] != self._given[1]:
                for duty in self._duties:
                    duty.note_settings(given[1])
            self._given = given
            self._since = self._clock() if since is None else since
            self._limits = combine_limits(settings, self._rating, given[1])
            self._worker.give(self._limits)
            self._look()

    def release(self) -> Limits:
        """Give the device what would hold without events, and return that; nothing is to be applied any more."""
        self._limits = combine_limits(self._schedule.get_defaults(), self._rating, self._schedule.get_settings())
        self._worker.give(self._limits)
        return self._limits

    def _save(self) -> None:
        self._unsaved = False
        self._memory.save(self._schedule)

    def _look(self) -> None:
        """See what the device is able to do, and what became of what it was given."""
        if self._worker.abilities is not self._abilities and self._worker.abilities is not None:
            self._abilities = self._worker.abilities
            self._schedule.abilities = self._described.within(self._abilities)
        outcome = self._worker.outcome
        if outcome is None or outcome is self._outcome or outcome.limits is not self._limits:
            return
        self._outcome = outcome
        settings, _ = self._given
        if outcome.refused:
            self._refuse(settings, outcome)
        elif outcome.error:
            self._note(f"the device does not take its limits: {outcome.error}")
        else:
            if started := self._schedule.held & {each.mrid for each in settings}:
                self._schedule.confirm(started, self._clock())
                self._save()
            now = self._clock()
            self._publish(Applied(time=now, due=self._since, settings=settings, limits=outcome.limits))

    def _refuse(self, settings: Sequence[Setting], outcome: Outcome) -> None:
        """Do without modes that the device does not take: events lose them, and defaults are applied without them."""
        modes = tuple(sorted(outcome.refused))
        self._note(f"the device refuses {', '.join(modes)}: {outcome.error}")
        self._publish(Refused(time=self._clock(), modes=modes, reason=outcome.error))
        for setting in settings:
            if setting.mode in modes and setting.mrid:
                self._schedule.refuse(setting.mrid, modes=modes)
            elif setting.mode in modes:
                self._refused.add(setting)
        self._save()

    def _look_at_device(self) -> None:
        """See how the device is, and what it has measured."""
        status, sample, now = self._worker.status, self._worker.sample, self._clock()
        if status is None:
            return
        failed = self._status is not None and self._status.failed
        refuses = bool(self._refused) and not self._refused.isdisjoint(self._schedule.in_force())
        if status is not self._status or refuses != self._refuses:
            self._status, self._refuses = status, refuses
            for duty in self._duties:
                # Of an event that is refused the server hears by its response, of a default in no other way.
                said = replace(status, failed=True) if refuses else status
                duty.note_status(said, {each.mode: each.value for each in self._given[0]})
        if status.failed and not failed:
            reason = self._outcome.error if self._outcome else ""
            self._publish(DeviceLost(time=now, reason=self._worker.error or reason))
        elif failed and not status.failed:
            self._publish(DeviceRegained(time=now))
        if sample is not self._sample and sample is not None:
            samples = self._worker.take_samples()
            for duty in self._duties:
                duty.note_samples(samples)
            self._sample = sample
            self._publish(Sampled(time=sample.time, status=status, readings=sample.readings))
