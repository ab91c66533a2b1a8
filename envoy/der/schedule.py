"""The schedule of a DER: what holds for each mode, what changes next, and which responses are due.

It has no input or output and no clock. ``update`` takes what was read of the programs, ``advance`` the time. Then
``in_force`` says what to apply, ``next_change`` when to look again, and ``owed`` what to respond, in this order. Both
go through every second on the way in which something changes, so that it does not matter how often they are called::

    schedule = Schedule(Abilities.from_models(capability, settings))
    schedule.update(now, programs)
    for setting in schedule.in_force():
        apply(setting.mode, setting.value)
    for due in schedule.owed:
        post(due.reply_to, due.to_model(lfdi))
        schedule.acknowledge(due)

A schedule is that of one EndDevice. ``dump`` returns all that it knows as plain data and ``load`` takes it over; after
a pause in which nobody applied what it says, ``resume`` goes on. Its clock counts whole seconds and never goes back: a
server that corrects its time changes the ``offset`` of its programs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envoy.der.abilities import Abilities
from envoy.der.contest import find_winners
from envoy.der.events import Program
from envoy.der.in_force import Setting, resolve_modes
from envoy.der.intake import Intake, Notice, sort_programs
from envoy.der.ledger import Ledger
from envoy.der.modes import Values
from envoy.der.policies import Policy
from envoy.der.record import LIVE, RUNNING, Record, State
from envoy.der.responses import DueResponse
from envoy.der.timing import Draw, draw_evenly
from envoy.errors import EnvoyError
from sep2 import ResponseRequired, ResponseStatus

_FOLLOWED = frozenset({State.SCHEDULED, State.ACTIVE})


@dataclass(frozen=True, slots=True)
class Change:
    """A time at which something changes, and what holds from then on.

    Attributes:
        time: The time, in the schedule's clock.
        in_force: What holds.
    """

    time: int
    in_force: tuple[Setting, ...]


class Schedule:
    """The schedule of one EndDevice.

    Args:
        abilities: What the device is able to follow.
        policy: The choices where editions and utilities differ.
        failsafe: What holds as long as nothing has ever been read of a server.
        draw: Draws random numbers.
        now: The time at which it begins.
    """

    def __init__(
        self,
        abilities: Abilities | None = None,
        policy: Policy | None = None,
        *,
        failsafe: Values | None = None,
        draw: Draw = draw_evenly,
        now: float = 0,
    ) -> None:
        self.abilities = abilities or Abilities()
        self.policy = policy or Policy()
        self.failsafe: Values = dict(failsafe or {})
        self._programs: tuple[Program, ...] | None = None
        self._settings: dict[str, int] = {}
        self._draw = draw
        self._ledger = Ledger(self.policy, draw, int(now))
        # What is in force is asked for several times a second in which something changes, and it takes long to explain.
        self._known: tuple[object, tuple[Setting, ...]] | None = None
        self._version = 0

    @property
    def version(self) -> int:
        """A number that is another one when something may have changed but the time, so that it is worth a look."""
        return self._version

    def _change(self) -> None:
        self._known = None
        self._version += 1

    @property
    def now(self) -> int:
        """The time up to which everything is decided, in the schedule's clock."""
        return self._ledger.now

    # What there is to apply, to wait for and to send

    def in_force(self) -> tuple[Setting, ...]:
        """Return what holds now for each mode that is controlled, in the order of the schema."""
        # The time counts for what lost a mode, and is named as long as it would not be over.
        lost = any(record.lost for record in self._ledger.records.values())
        at = self.now if lost else None, self.abilities, self.policy
        if self._known is None or self._known[0] != at:
            found = tuple(
                resolve_modes(
                    find_winners(self._ledger.select(RUNNING), self.policy.superseded),
                    self._ledger.find_intervals(),
                    self._ledger.records.values(),
                    self._programs,
                    abilities=self.abilities,
                    failsafe=self.failsafe,
                    now=self.now,
                )
            )
            self._known = at, found
        return self._known[1]

    def get_defaults(self) -> tuple[Setting, ...]:
        """Return what would hold now for each mode if there were no events, in the order of the schema."""
        return tuple(
            resolve_modes({}, {}, (), self._programs, abilities=self.abilities, failsafe=self.failsafe, now=self.now)
        )

    def get_settings(self) -> dict[str, int]:
        """Return what the defaults set besides modes, such as ``setGradW``: DERSettings have to take these over.

        What they no longer say stays as they have set it (10.10).
        """
        return dict(self._settings)

    def next_change(self) -> int | None:
        """Return the next time at which an event starts or ends, None if there is none."""
        return self._ledger.find_next_change()

    @property
    def owed(self) -> Sequence[DueResponse]:
        """The responses that no server has acknowledged, in the order in which they are to be sent.

        Where ``awaits_device`` is set, "started" is not among them until ``confirm`` says that the device has taken the
        event. One that ends before is not completed either: the response is as if the device had refused it.
        """
        return tuple(self._ledger.log.find_sendable())

    @property
    def held(self) -> frozenset[str]:
        """The mRIDs of events that have started, and that the device has not taken yet."""
        return frozenset(self._ledger.log.held)

    @property
    def awaits_device(self) -> bool:
        """Whether events that start wait for ``confirm``; False at first."""
        return self._ledger.awaits_device

    @awaits_device.setter
    def awaits_device(self, awaits: bool) -> None:
        self._ledger.awaits_device = awaits

    @property
    def records(self) -> Sequence[Record]:
        """What is known of each event, for displays; not to be changed."""
        return tuple(sorted(self._ledger.records.values(), key=lambda record: (record.specified_start, record.key)))

    @property
    def intervals(self) -> Mapping[tuple[str, str], tuple[int, int]]:
        """The effective start and end of each event that is scheduled or runs, by the key of its record."""
        return dict(self._ledger.find_intervals())

    def outlook(self, until: float) -> Iterator[Change]:
        """Yield what will change up to a time, if nothing else is read.

        Args:
            until: The time, in the schedule's clock.
        """
        ahead = self._copy()
        while (time := ahead.next_change()) is not None and time <= until:
            before = ahead.in_force()
            ahead.advance(time)
            if (after := ahead.in_force()) != before:
                yield Change(time, after)

    def explain(self, time: float | None = None) -> dict[str, str]:
        """Return why each mode has the value that it has, as a sentence by mode.

        Args:
            time: The time, in the schedule's clock; now if it is left out.

        Raises:
            EnvoyError: The time is past.
        """
        ahead = self._copy()
        if time is not None:
            if time < self.now:
                raise EnvoyError(
                    f"the schedule has reached {self.now}, and {int(time)} is before that",
                    remedy="Give a time that is not past; what held before is not kept.",
                )
            ahead.advance(time)
        return {setting.mode: setting.explain() for setting in ahead.in_force()}

    # What happens

    def advance(self, now: float) -> None:
        """Go on to a time. An earlier time than the last changes nothing.

        Args:
            now: The time, in the schedule's clock.
        """
        while (time := self.next_change()) is not None and time <= now:
            self._change()
            self._ledger.settle(max(self.now, time))
        self._ledger.now = max(self.now, int(now))

    def resume(self, now: float) -> None:
        """Go on after a pause in which the device was left with what it had.

        What ran until its end in the pause was completed then. What started in it starts now, if there is something
        left of it, and was missed otherwise.

        Args:
            now: The time, in the schedule's clock.
        """
        self._change()
        while (time := self._ledger.find_next_end()) is not None and time <= now:
            self._ledger.finish(max(self.now, time))
        self._ledger.settle(max(self.now, int(now)))

    def update(self, now: float, programs: Iterable[Program], *, complete: bool = True) -> list[Notice]:
        """Take over what was read of the server, and go on to a time.

        Args:
            now: The time, in the schedule's clock.
            programs: All programs that are assigned to the device. Give one whose lists could not be read as it was
                last read; one that is missing is no longer assigned.
            complete: These are all programs. If not, one that is missing stays as it was.

        Returns:
            What is odd about it.
        """
        time = max(self.now, int(now))
        self.advance(time - 1)
        self._change()
        # An event that ends now has ended, whatever the server says of it; one that starts now is as the server says.
        self._ledger.finish(time)
        read = list(programs)
        if not complete:
            mrids = {program.mrid for program in read}
            read += [replace(old, complete=False) for old in self._programs or () if old.mrid not in mrids]
        known = sort_programs(read)
        notices = list(Intake(self._ledger, self.abilities, self.policy).take_over(known))
        if complete or known:
            self._programs = tuple(program.without_events() for program in known)
            for program in reversed(known):
                self._settings |= program.default.settings if program.default else {}
        self._ledger.settle(time)
        self._ledger.prune()
        return notices

    def acknowledge(self, response: DueResponse) -> None:
        """Owe a response no more: its server has it, or has refused it for good."""
        self._version += 1
        self._ledger.log.withdraw(response.mrid, response.status)

    def confirm(self, mrids: Iterable[str], now: float) -> None:
        """Note that the device has taken events that were waited for: now their responses "started" are owed.

        Args:
            mrids: Their mRIDs.
            now: The time, in the schedule's clock.
        """
        self._version += 1
        for mrid in self.held & set(mrids):
            for record in self._ledger.find(mrid, RUNNING):
                self._ledger.confirm(record, int(now))

    def refuse(
        self,
        mrid: str,
        *,
        modes: Collection[str] | None = None,
        status: ResponseStatus | None = None,
    ) -> None:
        """End an event because the device did not take it, or take some of its modes from it.

        There is a response if "started" was not sent yet; afterwards there is none, since none fits. An event that has
        modes left goes on with these.

        Args:
            mrid: Its mRID.
            modes: Names of the modes that the device did not take; None for all.
            status: The response, such as 253; None for that the device does not do it.
        """
        self._change()
        for record in self._ledger.find(mrid, LIVE):
            left = () if modes is None else tuple(mode for mode in record.modes if mode not in modes)
            if left:
                record.modes = left
                self._ledger.touch()
                continue
            if record.state is State.STOPPING:
                self._ledger.end(record, State.CANCELLED, None)
                continue
            unsent = record.state is State.SCHEDULED or self._ledger.log.withdraw(mrid, ResponseStatus.EVENT_STARTED)
            self._ledger.end(record, State.REFUSED, (status or self.policy.refusal) if unsent else None)
        self._ledger.settle(self.now)

    def opt_out(self, mrid: str) -> None:
        """End an event because the user of the device does not want it.

        The response is 4, or 8 for one that has started. A server that does not want responses of users
        learns that the device does not do it.

        Args:
            mrid: Its mRID.
        """
        self._change()
        for record in self._ledger.find(mrid, _FOLLOWED):
            status = ResponseStatus.OPTED_OUT
            if record.state in RUNNING:
                status = ResponseStatus.PARTIALLY_COMPLETED_OPT_OUT
            if not record.event.response_required & ResponseRequired.RESPONSE_FROM_END_USER:
                status = self.policy.refusal
            self._ledger.end(record, State.OPTED_OUT, status)
        self._ledger.settle(self.now)

    # Plain data

    def dump(self, *, events: bool = True) -> dict[str, Any]:
        """Return all that it knows, as JSON has it.

        Args:
            events: Also what is known of each event, of which there may be many; else it has none.
        """
        programs = None if self._programs is None else [program.dump() for program in self._programs]
        return {"programs": programs, "settings": dict(self._settings), **self._ledger.dump(events=events)}

    @classmethod
    def load(
        cls,
        plain: Mapping[str, Any],
        abilities: Abilities | None = None,
        policy: Policy | None = None,
        *,
        failsafe: Values | None = None,
        draw: Draw = draw_evenly,
    ) -> Schedule:
        """Return the schedule that ``dump`` wrote, as it was."""
        schedule = cls(abilities, policy, failsafe=failsafe, draw=draw)
        programs = plain["programs"]
        schedule._programs = None if programs is None else tuple(Program.load(program) for program in programs)
        schedule._settings = dict(plain["settings"])
        schedule._ledger.load(plain)
        return schedule

    def _copy(self) -> Schedule:
        return self.load(self.dump(), self.abilities, self.policy, failsafe=self.failsafe, draw=self._draw)
