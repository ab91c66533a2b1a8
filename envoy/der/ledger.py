"""The ledger of an EndDevice's events: what is decided for each, and the responses to it.

At each second that matters, what ends is ended, then what starts contends for its modes with what runs; what one event
gives up may let another start, so that is done until nothing changes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from envoy.der.contest import find_winners, settle_losses
from envoy.der.policies import Edition, Policy, Superseded
from envoy.der.record import LIVE, RUNNING, Record, State
from envoy.der.responses import ResponseLog
from envoy.der.timing import Chance, Draw, Draws, Interval, find_intervals
from sep2 import EventCurrentStatus, ResponseStatus

KEPT_SECONDS = 7 * 86_400
"""How long an event that is over and no longer listed is remembered, so that it is not taken for a new one."""


_BEGINNINGS = (ResponseStatus.EVENT_RECEIVED, ResponseStatus.EVENT_STARTED)


class Ledger:
    """The events of one EndDevice.

    Args:
        policy: The choices where editions and utilities differ.
        draw: Draws random numbers.
        now: The time at which it begins.

    Attributes:
        now: The time up to which everything is decided, in the schedule's clock.
        draws: What was drawn for the events.
        log: The responses to them.
        records: The events, by what tells them apart.
        awaits_device: An event that has started is held until the device has taken it, see ``Schedule``.
    """

    def __init__(self, policy: Policy, draw: Draw, now: int) -> None:
        self.now = now
        self.draws = Draws(draw)
        self.log = ResponseLog(policy)
        self.records: dict[tuple[str, str], Record] = {}
        self.awaits_device = False
        self._policy = policy
        self._intervals: dict[tuple[str, str], Interval] | None = None
        self._next_change: tuple[int | None] | None = None

    def touch(self) -> None:
        """Note that a record has changed, and with it perhaps the effective intervals of all."""
        self._intervals = self._next_change = None

    # What happens to one event

    def cancel(self, record: Record) -> None:
        """Cancel an event as its status says: at once, or within a random delay."""
        event = record.event
        if record.state is State.ACTIVE and event.status == EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION:
            bound = max(abs(event.randomize_start), abs(event.randomize_duration))
            self.touch()
            record.state = State.STOPPING
            record.stop = self.now + self.draws.get_offset(event.mrid, Chance.STOP, bound)
            self.respond(record, ResponseStatus.CANCELLED)
        elif record.state is not State.STOPPING or event.status == EventCurrentStatus.CANCELLED:
            self.end(record, State.CANCELLED, ResponseStatus.CANCELLED)

    def complete(self, record: Record) -> None:
        """Complete an event because its server says that it is over."""
        if record.state is State.STOPPING:
            self.end(record, State.CANCELLED, None)
        elif record.state is State.SCHEDULED:
            self.end(record, State.MISSED, ResponseStatus.COMPLETED_NO_USER_PARTICIPATION)
        elif record.state is State.ACTIVE:
            self._complete(record)

    def _complete(self, record: Record) -> None:
        if record.yielded:
            self.end(record, State.SUPERSEDED, None)
        else:
            state = State.REFUSED if record.event.mrid in self.log.held else State.COMPLETED
            self.end(record, state, ResponseStatus.EVENT_COMPLETED)

    def end(self, record: Record, state: State, status: ResponseStatus | None) -> None:
        """End an event, and respond unless there is nothing to respond."""
        self.touch()
        record.state, record.ended = state, self.now
        if status is not None:
            self.respond(record, status)
        else:
            self.log.drop_start(record.event.mrid)

    def respond(self, record: Record, status: ResponseStatus) -> bool:
        """Owe a response, if it is the first of its status; return whether it is.

        An event that the device has never taken has not started for its server, and was not completed.
        """
        if status not in _BEGINNINGS and self.log.drop_start(record.event.mrid):
            status = self._policy.refusal if status == ResponseStatus.EVENT_COMPLETED else status
        modes: tuple[str, ...] = ()
        if self._policy.edition is Edition.E2023:
            modes = record.modes or (*record.event.values, *sorted(record.event.off))
        first = self.log.add(record.event, status, self.now + record.program.offset, modes)
        if first and status == ResponseStatus.EVENT_STARTED and self.awaits_device:
            self.log.held.add(record.event.mrid)
        return first

    def confirm(self, record: Record, time: int) -> None:
        """Note that the device has taken an event that runs, at a time before its end."""
        time = max(self.now, min(time, self.find_intervals()[record.key][1]))
        self.log.release(record.event.mrid, time + record.program.offset)

    # What happens to all

    def settle(self, time: int) -> None:
        """Decide everything at one time: what ends, then what starts, as often as one makes way for another."""
        self.finish(time)
        while self._start(time):
            pass

    def finish(self, time: int) -> None:
        """Go on to a time, and end the events whose effective end has come."""
        self.now = time
        intervals = self.find_intervals()
        for record in self.select(RUNNING):
            if intervals[record.key][1] > time:
                continue
            if record.state is State.STOPPING:
                self.end(record, State.CANCELLED, None)
            else:
                self._complete(record)

    def _start(self, time: int) -> bool:
        """Start the events whose effective start has come, and return whether any event changed its state."""
        intervals = self.find_intervals()
        scheduled = self.select({State.SCHEDULED})
        missed = [record for record in scheduled if intervals[record.key][1] <= time]
        for record in missed:
            self.end(record, State.MISSED, ResponseStatus.COMPLETED_NO_USER_PARTICIPATION)
        if missed:
            return True
        starting = [record for record in scheduled if intervals[record.key][0] <= time]
        contestants = sorted([*starting, *self.select(RUNNING)], key=lambda record: record.key)
        winners = find_winners(contestants, self._policy.superseded)
        settle_losses(contestants, winners, self._policy.superseded)
        best = {record.key for record in winners.values()}
        changed = bool(starting)
        # The response of an event that is superseded goes before that of the one that takes over.
        for record in contestants:
            if record.key not in best:
                changed |= self._supersede(record, intervals[record.key])
        for record in contestants:
            if record.key in best:
                self._run(record, intervals[record.key])
        return changed

    def _supersede(self, record: Record, interval: Interval) -> bool:
        """Take its last mode from an event, and return whether that ends it."""
        if self._policy.superseded is Superseded.FINAL:
            if record.state is State.STOPPING:
                self.end(record, State.CANCELLED, None)
            else:
                self.end(record, State.SUPERSEDED, ResponseStatus.SUPERSEDED)
            return True
        if record.state is State.SCHEDULED:
            self._begin(record, interval)
        if record.state is State.ACTIVE and not record.yielded:
            record.yielded = True
            self.respond(record, ResponseStatus.SUPERSEDED)
        return False

    def _begin(self, record: Record, interval: Interval) -> None:
        self.touch()
        record.state, record.shift = State.ACTIVE, interval[0] - record.specified_start

    def _run(self, record: Record, interval: Interval) -> None:
        """Let an event that has a mode run."""
        if record.state is State.SCHEDULED:
            self._begin(record, interval)
            self.respond(record, ResponseStatus.EVENT_STARTED)
        elif record.yielded:
            record.yielded = False
            first = self.respond(record, ResponseStatus.EVENT_STARTED)
            if not first and self._policy.edition is Edition.E2023:
                self.respond(record, ResponseStatus.RESUMED)

    # Looking things up

    def find_intervals(self) -> dict[tuple[str, str], Interval]:
        """Return the effective interval of each event that is scheduled or runs."""
        if self._intervals is None:
            self._intervals = find_intervals(self.records.values(), self.draws)
        return self._intervals

    def find_next_change(self) -> int | None:
        """Return the next time at which an event starts or ends, None if there is none."""
        if self._next_change is None:
            intervals = self.find_intervals().items()
            times = (interval[self.records[key].state is not State.SCHEDULED] for key, interval in intervals)
            self._next_change = (min(times, default=None),)
        return self._next_change[0]

    def find_next_end(self) -> int | None:
        """Return the next time at which an event ends that runs, None if none does."""
        intervals = self.find_intervals()
        return min((intervals[record.key][1] for record in self.select(RUNNING)), default=None)

    def select(self, states: Collection[State]) -> list[Record]:
        """Return the events in some states, in the order in which their responses are sent."""
        found = [record for record in self.records.values() if record.state in states]
        if len(found) > 1:
            found.sort(key=lambda record: record.key)
        return found

    def find(self, mrid: str, states: Collection[State]) -> list[Record]:
        """Return the events of an mRID that are in some states."""
        return [record for record in self.select(states) if record.event.mrid == mrid]

    def prune(self) -> None:
        """Forget events that ended long ago and are no longer listed."""
        past = [
            record
            for record in self.records.values()
            if record.state not in LIVE and not record.listed and record.specified_end + KEPT_SECONDS < self.now
        ]
        for record in past:
            self.touch()
            del self.records[record.key]
        for mrid in {record.event.mrid for record in past} - {mrid for mrid, _ in self.records}:
            self.draws.forget(mrid)
            self.log.forget(mrid)

    def dump(self, *, events: bool = True) -> dict[str, Any]:
        """Return it as JSON has it, with or without its events."""
        return {
            "now": self.now,
            "records": [record.dump() for record in self.records.values() if events],
            "drawn": {mrid: dict(numbers) for mrid, numbers in self.draws.drawn.items()},
            "responses": self.log.dump(),
        }

    def load(self, plain: Mapping[str, Any]) -> None:
        """Take over what ``dump`` wrote."""
        records = [Record.load(record) for record in plain["records"]]
        self.now = plain["now"]
        self.records = {record.key: record for record in records}
        self.draws = Draws(self.draws.draw, plain["drawn"])
        self.log.load(plain["responses"])
        self.touch()
