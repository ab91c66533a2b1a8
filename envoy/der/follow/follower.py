"""The follower: the flow that reads what a server wants of a device, at its rates, and has it applied and responded to.

From DeviceCapability to the EndDevice, its function set assignments, their programs, and the lists below each program:
every list is read again at its own ``pollRate``. Between any two requests the schedule goes on, and nothing that it
says waits for the server: without contact the device follows what it knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from envoy.der.follow.actuation import Actuation
from envoy.der.follow.memory import Memory, NoMemory, Recorder
from envoy.der.follow.outbox import Outbox
from envoy.der.follow.polls import Poll, Polls
from envoy.der.follow.programs import Assignment, read_programs
from envoy.der.follow.server_time import ServerTime
from envoy.der.follow.worker import Worker
from envoy.der.limits import Rating
from envoy.der.schedule import Schedule
from envoy.errors import ResponseError, TransportError
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.end_devices import find_end_device
from envoy.protocol.flow import Flow, Request, Response, Wait, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.retry import retry_after
from envoy.protocol.session import Session
from sep2 import DERList, EndDeviceList, FunctionSetAssignments, FunctionSetAssignmentsList, Time

STEP = "follow"

LONGEST_WAIT = 60.0
"""Seconds after which the flow looks at its clock again, which may have been set."""

LONGEST_REFUSAL = 86_400.0
"""Seconds for which a path is left alone at most, whatever the server asks for."""

_LEAST_WAIT = 0.05
_BUSY = (429, 503)


class Follower:
    """Follows a server for one EndDevice.

    A client drives it, ``client.run(follower.run())``; give it ``retries=0``, since what fails is sent again when due.

    Args:
        session: Reads resources, and keeps what is odd about them.
        schedule: Decides; perhaps with what it knew before a restart.
        worker: Gives the device what holds, and says how it is.
        rating: What the device is able to do.
        lfdi: LFDI of the EndDevice.
        clock: Returns the time in seconds since 1970. It is not set while this runs.
        entry: Path of DeviceCapability; None for the usual one.
        memory: Keeps what is to survive a restart. While it fails, no response is sent.
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
    ) -> None:
        self._session = session
        self._schedule = schedule
        self._worker = worker
        self._lfdi = lfdi
        self._clock = clock
        self._entry = entry
        self._memory = Recorder(memory or NoMemory(), clock, session.note)
        schedule.awaits_device = True
        self._actuation = Actuation(schedule, worker, rating, clock=clock, memory=self._memory, note=session.note)
        self._polls = Polls()
        self._outbox = Outbox(session, schedule, lfdi, clock, self._memory)
        self._times: dict[str, ServerTime] = {}
        self._assignments: dict[str, Assignment] | None = None
        self._fallback = ""
        self._refusals: dict[str, tuple[float, Response]] = {}
        self._gone = False
        self._stopped = False

    def stop(self) -> None:
        """Let ``run`` return at the next occasion; the device stays with what it has."""
        self._stopped = True

    def hurry(self) -> None:
        """Read everything as soon as possible: something has changed, or there was no contact."""
        self._polls.hurry()

    def tick(self) -> None:
        """Go on to the present, and apply what holds then.

        Whoever drives the flow may call it at ``Schedule.next_change``, while a request takes its time.
        """
        if self._memory.error and self._memory.due <= self._clock():
            self._memory.save(self._schedule)
        self._actuation.tick()

    def run(self) -> Flow[None]:
        """Follow until ``stop`` is called, or the EndDevice is no longer there.

        Raises:
            IdentityError: The LFDI is not one, or is that of another EndDevice.
        """
        self._polls.add("device-capability", "", 0, self._read_capability)
        self._schedule.resume(self._clock())
        self.tick()
        while not (self._gone or self._stopped):
            now = self._clock()
            if self._schedule.owed and self._outbox.due <= now and not self._memory.error:
                yield from self._ticking(self._outbox.send())
            elif (poll := self._polls.find_due(now)) is not None:
                yield from self._ticking(self._read(poll))
            else:
                yield Wait(self._find_wait(now))
            self.tick()

    def _find_wait(self, now: float) -> float:
        times = [self._polls.next_due(), self._schedule.next_change(), self._worker.due]
        if self._memory.error:
            times.append(self._memory.due)
        elif self._schedule.owed:
            times.append(self._outbox.due)
        wait = min((time - now for time in times if time is not None), default=LONGEST_WAIT)
        return min(max(wait, _LEAST_WAIT), LONGEST_WAIT)

    def _ticking(self, flow: Flow[None]) -> Flow[None]:
        """Run a flow, and apply what has come to hold after each response."""
        response: Any = None
        try:
            wanted = next(flow)
            while True:
                try:
                    response = self._find_refusal(wanted) or (yield wanted)
                except TransportError as error:
                    self.tick()
                    wanted = flow.throw(error)
                else:
                    self._note_refusal(wanted, response)
                    self.tick()
                    wanted = flow.send(response)
        except StopIteration:
            return
        finally:
            flow.close()

    def _find_refusal(self, wanted: Request | Wait) -> Response | None:
        """Return the last response to a request, if the server has asked there to wait and it is still too early."""
        if not isinstance(wanted, Request):
            return None
        until, refusal = self._refusals.get(_path_of(wanted), (0.0, None))
        return refusal if until >= self._clock() else None

    def _note_refusal(self, wanted: Request | Wait, response: Response) -> None:
        if not isinstance(wanted, Request) or response is self._find_refusal(wanted):
            return
        self._refusals.pop(_path_of(wanted), None)
        now = self._clock()
        seconds = retry_after(response, datetime.fromtimestamp(now, UTC)) if response.status in _BUSY else None
        if seconds:
            self._refusals[_path_of(wanted)] = now + min(seconds, LONGEST_REFUSAL), response

    # Reading

    def _read(self, poll: Poll) -> Flow[None]:
        """Read a resource; if that fails, all stays as it was until it is due again."""
        began = self._clock()
        try:
            rate = yield from poll.read()
        except (ResponseError, TransportError) as error:
            self._session.note(f"{error.where}: {error.what}")
            self._polls.defer(poll, began)
            self._outbox.note_outage()
        else:
            self._outbox.note_contact()
            self._polls.settle(poll, began, rate)

    def _read_capability(self) -> Flow[int | None]:
        capability = yield from discover(self._session, self._entry, STEP)
        # Discovery is done once: a server may have DeviceCapability elsewhere than the one that it calls usual.
        self._entry = get_href(capability)
        self._watch_time(get_href(capability.time_link), 1)
        self._fallback = get_href(capability.der_program_list_link)
        list_href = end_device_list(capability)
        self._polls.add("end-devices", list_href, 2, partial(self._read_end_devices, list_href))
        return capability.poll_rate

    def _watch_time(self, href: str, depth: int) -> ServerTime:
        """Return the time of a server, which is read from now on; without a link it is that of the device."""
        if href not in self._times:
            self._times[href] = ServerTime()
            if href:
                self._polls.add(f"time {href}", href, depth, partial(self._read_time, href))
            else:
                self._times[href].assume()
        return self._times[href]

    def _read_time(self, href: str) -> Flow[int | None]:
        sent = self._clock()
        try:
            time: Time = yield from self._session.get(STEP, href, Time)
        except ResponseError:
            self._times[href].assume()
            self._update()
            raise
        # What is unreadable was left out, and noted.
        if time.current_time is None:
            self._times[href].assume()
        else:
            self._times[href].measure(sent, self._clock(), time.current_time)
        self._update()
        return time.poll_rate

    def _read_end_devices(self, href: str) -> Flow[int | None]:
        pages = Pages(self._session, STEP, href, EndDeviceList)
        device = yield from find_end_device(self._session, href, self._lfdi, STEP, pages=pages)
        if device is None:
            self._gone = True
            return None
        assignments = get_href(device.function_set_assignments_list_link)
        if assignments:
            self._polls.add("assignments", assignments, 3, partial(self._read_assignments, assignments))
        else:
            self._polls.drop("assignments")
            self._assign([])
        if ders := get_href(device.der_list_link):
            self._polls.add("ders", ders, 5, partial(self._read_ders, ders))
        rate: int | None = pages.last.poll_rate
        return rate

    def _read_ders(self, href: str) -> Flow[int | None]:
        # A server may look at whether its clients keep to this rate; what is below the list is ours to write.
        ders: DERList = yield from self._session.get(STEP, href, DERList)
        return ders.poll_rate

    def _read_assignments(self, href: str) -> Flow[int | None]:
        pages = Pages(self._session, STEP, href, FunctionSetAssignmentsList)
        found: list[FunctionSetAssignments] = yield from pages.read_all()
        self._assign(found)
        rate: int | None = pages.last.poll_rate
        return rate

    def _assign(self, found: Iterable[FunctionSetAssignments]) -> None:
        """Follow the lists of programs that are assigned now, and no other.

        Where none are, those of DeviceCapability are followed, by its time.
        """
        lists = {href: get_href(each.time_link) for each in found if (href := get_href(each.der_program_list_link))}
        if not lists and self._fallback:
            lists = {self._fallback: ""}
        known = self._assignments or {}
        for href in known.keys() - lists.keys():
            self._polls.drop(f"programs {href}")
        self._assignments = {}
        for href, time_href in lists.items():
            time = self._watch_time(time_href or next(iter(self._times), ""), 1)
            assignment = known.get(href) or Assignment(href, time)
            assignment.time = time
            self._assignments[href] = assignment
            self._polls.add(f"programs {href}", href, 4, partial(self._read_programs, assignment))
        self._update()

    def _read_programs(self, assignment: Assignment) -> Flow[int | None]:
        assignment.tried = True
        try:
            rate = yield from read_programs(self._session, assignment)
        except (ResponseError, TransportError):
            # What was read before the server was lost counts.
            self._update()
            raise
        self._update()
        return rate

    def _update(self) -> None:
        """Let the schedule know all that was read, once it was tried to read every list."""
        assignments = (self._assignments or {}).values()
        if self._assignments is None or not all(each.ready or each.tried for each in assignments):
            return
        programs = [program for each in assignments if each.ready for program in each.list_programs()]
        complete = all(each.ready for each in assignments)
        for notice in self._schedule.update(self._clock(), programs, complete=complete):
            self._session.note(f"event {notice.mrid}: {notice.text}")
        self._memory.save(self._schedule)
        self._actuation.apply()


def _path_of(request: Request) -> str:
    return request.href.partition("?")[0]
