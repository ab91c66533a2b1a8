"""The intake of what was read of a server: new events, changed ones, and those that have vanished."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from envoy.der.abilities import Abilities
from envoy.der.events import Event, Program
from envoy.der.ledger import Ledger
from envoy.der.policies import Edition, Policy
from envoy.der.record import LIVE, RESTING, Record, State
from sep2 import EventCurrentStatus, ResponseStatus

_CANCELLED = (EventCurrentStatus.CANCELLED, EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the server should not have done.

    Attributes:
        code: What kind it is of: ``event-changed``, ``change-not-followed``, ``no-reply-to`` or ``one-mrid-twice``.
        mrid: The event that it is about.
        text: What is odd, and what was done.
    """

    code: str
    mrid: str
    text: str


class Intake:
    """The intake of what was read, into the ledger of an EndDevice.

    Args:
        ledger: The ledger.
        abilities: What the device is able to follow.
        policy: The choices where editions and utilities differ.
    """

    def __init__(self, ledger: Ledger, abilities: Abilities, policy: Policy) -> None:
        self._ledger = ledger
        self._records = ledger.records
        self._abilities = abilities
        self._policy = policy

    def take_over(self, programs: Iterable[Program]) -> Iterator[Notice]:
        """Take over what was read, and yield what is odd about it.

        Args:
            programs: All programs that are assigned to the device, each of them once.
        """
        known = {program.mrid: program for program in programs}
        listed = self._identify(known.values())
        self._ledger.touch()
        for record in sorted(self._records.values(), key=lambda record: record.key):
            current = known.get(record.program.mrid)
            record.listed = record.key in listed or (current is not None and not current.complete)
            if current is not None:
                record.program = current.without_events()
            if record.key not in listed and self._is_void(current):
                self._withdraw(record)
        for key, (event, program) in sorted(listed.items()):
            if key in self._records:
                yield from self._amend(self._records[key], event, program)
            elif self._abilities.fits(event.device_category):
                yield from self._admit(event, program)

    def _identify(self, programs: Iterable[Program]) -> dict[tuple[str, str], tuple[Event, Program]]:
        """Return the events by what they are known as: an event that moved to another href is the one it was."""
        listed = {
            event.key: (event, program) for program in reversed(sort_programs(programs)) for event in program.events
        }
        mrids: dict[str, list[tuple[str, str]]] = {}
        for key in self._records:
            if key not in listed:
                mrids.setdefault(key[0], []).append(key)
        for key in [key for key in listed if key not in self._records]:
            moved = mrids.get(key[0], [])
            if len(moved) == 1 and self._records[moved[0]].event.equals(listed[key][0]):
                record = self._records.pop(moved.pop())
                record.event = listed[key][0]
                self._records[key] = record
        return listed

    def _is_void(self, program: Program | None) -> bool:
        """Return whether an event that its program does not list, or that has no program, no longer binds."""
        return program is None or (program.complete and self._policy.edition is Edition.E2023)

    def _withdraw(self, record: Record) -> None:
        if record.state is State.STOPPING:
            self._ledger.end(record, State.CANCELLED, None)
        elif record.state in LIVE:
            self._ledger.end(record, State.WITHDRAWN, ResponseStatus.CANCELLED)

    def _admit(self, event: Event, program: Program) -> Iterator[Notice]:
        """Take in an event that is seen for the first time."""
        record = Record(
            event=event,
            program=program.without_events(),
            modes=self._abilities.choose_modes(event.values, program.curves, event.off),
            creation_time=event.creation_time,
            seen=self._ledger.now,
        )
        if event.response_required and not event.reply_to:
            yield Notice("no-reply-to", event.mrid, "Wants responses and does not say where to; none is sent.")
        if any(mrid == event.mrid for mrid, _ in self._records):
            yield Notice("one-mrid-twice", event.mrid, "Another event has this mRID as well; both are followed.")
        self._records[record.key] = record
        state, status = self._assess(record)
        if status != ResponseStatus.EXPIRED:
            self._ledger.respond(record, ResponseStatus.EVENT_RECEIVED)
        if state is not State.SCHEDULED:
            self._ledger.end(record, state, status)

    def _assess(self, record: Record) -> tuple[State, ResponseStatus | None]:
        """Return the state that a new event begins in, and the response if that is its last."""
        event = record.event
        if event.status in _CANCELLED:
            return State.CANCELLED, ResponseStatus.CANCELLED
        if event.status == EventCurrentStatus.SUPERSEDED:
            return State.SUPERSEDED, ResponseStatus.SUPERSEDED
        if not event.valid:
            return State.INVALID, ResponseStatus.INVALID
        over = record.specified_end <= self._ledger.now or event.status == EventCurrentStatus.COMPLETED
        if event.duration == 0 or over:
            return State.EXPIRED, ResponseStatus.EXPIRED
        if not record.modes:
            return State.REFUSED, self._abilities.choose_refusal(event, self._policy)
        return State.SCHEDULED, None

    def _amend(self, record: Record, event: Event, program: Program) -> Iterator[Notice]:
        """Take over what a server says of an event that is known."""
        record.program = program.without_events()
        if record.state in RESTING:
            return
        if not record.event.equals(event):
            modes = self._abilities.choose_modes(event.values, program.curves, event.off)
            if not event.valid or not event.duration or not modes:
                text = "Was changed by its server into what cannot be followed; it is followed as it was."
                yield Notice("change-not-followed", event.mrid, text)
                event = replace(record.event, status=event.status)
            else:
                yield Notice("event-changed", event.mrid, "Was changed by its server; it is followed as it is now.")
                record.modes = modes
        record.event = event
        if event.status in _CANCELLED:
            self._ledger.cancel(record)
        elif event.status == EventCurrentStatus.SUPERSEDED:
            cancelled = record.state in (State.STOPPING, State.WITHDRAWN)
            self._ledger.end(record, State.SUPERSEDED, None if cancelled else ResponseStatus.SUPERSEDED)
        elif event.status == EventCurrentStatus.COMPLETED:
            self._ledger.complete(record)
        elif record.state is State.WITHDRAWN and record.specified_end > self._ledger.now:
            record.state, record.shift, record.ended = State.SCHEDULED, None, None


def sort_programs(programs: Iterable[Program]) -> list[Program]:
    """Return programs in the order of their list: the lower primacy first, then the greater mRID.

    Two function set assignments may lead to one program: it is there once.
    """
    programs = {program.mrid: program for program in sorted(programs, key=lambda program: program.href)}.values()
    return sorted(sorted(programs, key=lambda program: program.mrid, reverse=True), key=lambda program: program.primacy)
