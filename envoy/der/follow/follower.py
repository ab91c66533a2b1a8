"""The follower: the flow that reads what a server wants of a device, at its rates, and has it applied and responded to.

It registers the site first, and again when its EndDevice is gone. Between any two requests the schedule goes on, and
nothing that it says waits for the server: without contact the device follows what it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from math import inf
from typing import Any, NamedTuple

from envoy.der.events import Program
from envoy.der.follow.actuation import Actuation
from envoy.der.follow.contact import Contact
from envoy.der.follow.directory import Directory, OwnDirectory
from envoy.der.follow.duties import Duties, Duty
from envoy.der.follow.enrolment import Enrolment, Register, find_entry
from envoy.der.follow.memory import Memory, NoMemory, Recorder
from envoy.der.follow.news import News
from envoy.der.follow.outbox import Outbox
from envoy.der.follow.watch import Watch
from envoy.der.follow.worker import Worker
from envoy.der.limits import Limits, Rating
from envoy.der.schedule import Schedule
from envoy.errors import TransportError
from envoy.protocol.flow import Flow, Request, Wait
from envoy.protocol.session import Session

LONGEST_WAIT = 60.0
"""Seconds after which the flow looks at its clock again."""

LEAST_WAIT = 0.02

LONGEST_DEPARTURE = 60.0
"""Seconds for a device to take what it is left with."""

LEAST_HURRY = 5.0
"""Seconds between two times at which everything is read at once, however many notifications come."""


class _Departure(NamedTuple):
    """How a device is left.

    Attributes:
        limits: What it is left with; None for what it has.
        until: Until when that is waited for, by the clock.
    """

    limits: Limits | None
    until: float


class Follower:
    """Follows a server for one EndDevice.

    A client drives it, ``client.run(follower.run())``; give it ``retries=0``, since what fails is sent again when due.
    ``Client.follow`` does more: what holds is applied on time while a request takes its time.

    Args:
        session: Reads resources, and keeps what is odd about them.
        schedule: Decides; perhaps with what it knew before a restart.
        worker: Gives the device what holds, and says how it is.
        rating: What the device is able to do.
        lfdi: LFDI of the EndDevice.
        clock: Returns the time in seconds since 1970. It is not set while this runs.
        entry: Path of DeviceCapability; None for the usual one.
        memory: Keeps what is to survive a restart. While it fails, no response is sent.
        register: Registers the site, before anything is followed; None if it is registered in another way.
        directory: Where DeviceCapability, the EndDevice and the time are found; None to read all of that.
        spread: Where in each of their periods resources are read, as a part of it; None for a period after the last
            time.
        duties: What else is sent.
        publish: Called with news, as they happen.

    Attributes:
        schedule: The schedule, for displays.
        worker: The worker of the device, for displays.
        contact: The contact with the server.
        wake: Set by whoever drives the flow, and called by any thread when a ``Wait`` is to be cut short.
    """

    def __init__(
        self,
        session: Session,
        schedule: Schedule,
        worker: Worker,
        rating: Rating,
        *,
        lfdi: bytes,
        clock: Callable[[], float],
        entry: str | None = None,
        memory: Memory | None = None,
        register: Register | None = None,
        directory: Directory | None = None,
        spread: float | None = None,
        duties: Sequence[Duty] = (),
        publish: Callable[[News], None] = lambda _: None,
    ) -> None:
        schedule.awaits_device = True
        self.schedule = schedule
        self.worker = worker
        self.wake: Callable[[], object] = lambda: None
        worker.wake = self._wake
        self._clock = clock
        self._memory = recorder = Recorder(memory or NoMemory(), clock, session.note)
        self._session = session
        self._duties = Duties(duties, session, clock)
        self.contact = Contact(clock=clock, publish=publish, on_regained=self._duties.note_contact)
        self._actuation = Actuation(
            schedule,
            worker,
            rating,
            clock=clock,
            memory=recorder,
            duties=duties,
            note=session.note,
            publish=publish,
        )
        self._outbox = Outbox(session, schedule, lfdi, self.contact, clock=clock, memory=recorder, publish=publish)
        self._enrolment = Enrolment(register, session, self.contact, clock=clock, publish=publish)
        self._directory = directory or OwnDirectory(session, clock)
        self._watch = Watch(
            session,
            self.contact,
            duties,
            lfdi=lfdi,
            clock=clock,
            entry=entry,
            take_over=self._take_over,
            enrolment=self._enrolment,
            directory=self._directory,
            spread=spread,
        )
        self._hurried, self._hurry_due = False, 0.0
        self._read: tuple[object, ...] = ()
        self._departure: _Departure | None = None
        self._refreshes: list[tuple[str, float]] = []
        self.stopped = False

    @property
    def offset(self) -> int | None:
        """Seconds that the server is ahead of the clock; None as long as that is not known."""
        return self._watch.offset

    @property
    def silenced(self) -> str:
        """Why nothing more is sent, as the server's PIN is not the site's; empty as long as that is not so."""
        return self._enrolment.silenced

    def stop(self) -> None:
        """Let ``run`` return at the next occasion; the device stays with what it has. Any thread may call it."""
        self.stopped = True
        self._wake()

    def leave(self, *, keep: bool = True) -> None:
        """Follow nothing more, but send what is owed, and let ``run`` return then.

        Args:
            keep: Whether the device stays with its last limits, instead of being given those of the defaults.
        """
        self._departure = _Departure(None if keep else self.release(), self._clock() + LONGEST_DEPARTURE)
        self._wake()

    @property
    def left(self) -> bool:
        """Whether it has left: the device has what it is left with, and nothing is owed that could be sent."""
        departure = self._departure
        if departure is None or (self.schedule.owed and self._enrolment.trusted and not self.silenced):
            return False
        outcome, limits = self.worker.outcome, departure.limits
        taken = limits is None or (outcome is not None and outcome.limits is limits and not outcome.failed)
        return taken or self._clock() >= departure.until

    def hurry(self) -> None:
        """Read everything as soon as possible: something may have changed. Any thread may call it."""
        self._hurried = True
        self._wake()

    def refresh(self, href: str, due: float = 0.0) -> None:
        """Read a resource again, since it is said to have changed. Any thread may call it.

        Args:
            href: Its href: a list, or the default of a program. Nothing is done if it is not what is followed.
            due: When to read it, by the clock; in the past for as soon as possible.
        """
        self._refreshes.append((href, due))
        self._wake()

    def look_up(self, names: Collection[str] | None = None) -> None:
        """Take over what the directory has of late.

        Args:
            names: What it is for; None for all.
        """
        if names is not None:
            self._watch.hurry(names)
        self._wake()

    def tick(self) -> None:
        """Go on to the present, and apply what holds then.

        Whoever drives the flow calls it while a request takes its time: after ``find_pause`` seconds, and when woken.
        """
        if self._memory.error and self._memory.due <= self._clock():
            self._memory.save(self.schedule)
        if self._departure is None:
            self._actuation.tick()
        else:
            self.worker.work()

    def release(self) -> Limits:
        """Give the device what the defaults say, since nobody follows events for it any more; return the limits."""
        return self._actuation.release()

    def find_pause(self) -> float:
        """Return the seconds after which ``tick`` has something to do, if nothing happens before."""
        return self._limit(self._find_tick())

    def _find_tick(self) -> float:
        """Return when ``tick`` has something to do; infinite for never."""
        if self._departure is None:
            return self._actuation.next_due()
        # Once the device is not waited for any more, what is owed is.
        until = self._departure.until
        return min(inf if self.worker.due is None else self.worker.due, until if until > self._clock() else inf)

    def run(self) -> Flow[None]:
        """Follow until ``stop`` is called."""
        self.schedule.resume(self._clock())
        self.tick()
        while not self.stopped and not self.left:
            now = self._clock()
            if self._hurried and self._hurry_due <= now:
                self._hurried, self._hurry_due = False, now + LEAST_HURRY
                self._watch.hurry()
            while self._refreshes:
                self._watch.refresh(*self._refreshes.pop(0))
            work = None if self.silenced else self._find_work()
            if work is None:
                yield Wait(self._find_wait())
            else:
                yield from self._ticking(work)
            self.tick()

    def _find_work(self) -> Flow[None] | None:
        """Return what is due first: registration, responses, other duties, and then what is to be read."""
        now = self._clock()
        if not self._directory.ready:
            return None
        if self._enrolment.due <= now and self._departure is None:
            return self._enrol()
        if not self._enrolment.trusted:
            return None
        if self._outbox.due <= now:
            return self._outbox.send()
        if self._departure is not None:
            return None
        if self._duties.next_due() <= now:
            return self._duties.send()
        return self._watch.read() if self._watch.next_due() <= now else None

    def _find_wait(self) -> float:
        times = [self._find_tick(), self._hurry_due if self._hurried else inf]
        if self._memory.error:
            times.append(self._memory.due)
        asks = self._directory.ready and not self.silenced
        if self._departure is not None:
            return self._limit(min(*times, self._outbox.due if asks and self._enrolment.trusted else inf))
        if asks:
            times.append(self._enrolment.due)
        if asks and self._enrolment.trusted:
            times += [self._outbox.due, self._duties.next_due(), self._watch.next_due()]
        return self._limit(min(times))

    def _limit(self, due: float) -> float:
        return min(max(due - self._clock(), LEAST_WAIT), LONGEST_WAIT)

    def _ticking(self, flow: Flow[None]) -> Flow[None]:
        """Run a flow, and apply what has come to hold after each response."""
        response: Any = None
        try:
            wanted = next(flow)
            while True:
                refusal = self.contact.find_refusal(wanted) if isinstance(wanted, Request) else None
                try:
                    response = refusal or (yield wanted)
                except TransportError as error:
                    self.tick()
                    wanted = flow.throw(error)
                else:
                    if isinstance(wanted, Request) and refusal is None:
                        self.contact.note_response(wanted, response)
                    self.tick()
                    wanted = flow.send(response)
        except StopIteration:
            return
        finally:
            flow.close()

    def _enrol(self) -> Flow[None]:
        ordered, known = self.schedule.get_settings(), self._enrolment.there
        result = yield from self._enrolment.run(self._watch.entry)
        if result is None:
            return
        self._watch.entry = find_entry(result) or self._watch.entry
        for duty in self._duties.all:
            duty.note_ders([*result.ders, *result.components], ordered)
        if not known:
            self._watch.hurry()

    def _take_over(self, programs: Sequence[Program], complete: bool) -> None:
        read = tuple(programs), complete, self.schedule.abilities
        if read != self._read:
            for notice in self.schedule.update(self._clock(), programs, complete=complete):
                self._session.note(f"event {notice.mrid}: {notice.text}")
            self._read = read
            self._memory.save(self.schedule)
        self._actuation.apply()

    def _wake(self) -> None:
        self.wake()
