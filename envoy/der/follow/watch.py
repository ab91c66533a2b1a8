"""The watch of a server: what is read of it for one EndDevice, each list at its own rate, down to the controls.

From DeviceCapability to the EndDevice, its function set assignments, their programs, and the lists below each program.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from math import inf

from envoy.der.events import Program
from envoy.der.follow.contact import Contact
from envoy.der.follow.directory import STEP, Directory
from envoy.der.follow.duties import Duty
from envoy.der.follow.enrolment import Enrolment
from envoy.der.follow.polling.polls import FASTEST_RATE, LONGEST_RETRY, Poll, Polls
from envoy.der.follow.polling.programs import Assignment, read_part, read_programs
from envoy.der.follow.polling.server_time import ServerTime
from envoy.errors import IdentityError, ProfileError, ResponseError, TransportError
from envoy.protocol.discovery import end_device_list
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from envoy.subscriptions.subscription import is_subscribable
from sep2 import DERList, EndDevice, FunctionSetAssignments, FunctionSetAssignmentsList

GONE = frozenset({404, 410})
"""Statuses by which a server says that something is no longer there."""

CAPABILITY = "device-capability"
END_DEVICES = "end-devices"
"""What polls are for."""

_ASSIGNMENTS = "assignments"
_DERS = "ders"


class Watch:
    """What is read of a server for one EndDevice.

    Args:
        session: Reads it, and keeps what is odd.
        contact: Notes whether it can be read.
        duties: They take over what is found of the EndDevice.
        lfdi: The LFDI of the EndDevice.
        clock: Returns the time in seconds since 1970.
        entry: Path of DeviceCapability; None for the usual one.
        take_over: Called with all programs that are known, and whether these are all there are.
        enrolment: Registers the EndDevice again if it is gone, or is another one.
        directory: Where DeviceCapability, the EndDevice and the time are found.
        spread: Where in each period it is read, as a part of it; None for a period after the last time.

    Attributes:
        entry: Path of DeviceCapability as it was found; None as long as it was not.
        end_device: The EndDevice as it was read last; None if it is not there.
    """

    def __init__(
        self,
        session: Session,
        contact: Contact,
        duties: Sequence[Duty],
        *,
        lfdi: bytes,
        clock: Callable[[], float],
        entry: str | None,
        take_over: Callable[[Sequence[Program], bool], None],
        enrolment: Enrolment,
        directory: Directory,
        spread: float | None,
    ) -> None:
        self._session = session
        self._contact = contact
        self._duties = duties
        self._lfdi = lfdi
        self._clock = clock
        self._configured = self.entry = entry
        self._take_over = take_over
        self._enrolment = enrolment
        self._directory = directory
        self._polls = Polls(spread)
        self._times: dict[str, ServerTime] = {}
        self._assignments: dict[str, Assignment] | None = None
        self._fallback = self._own_time = ""
        self._recovering = False
        self._subscribable: set[str] = set()
        self._watched: frozenset[str] = frozenset()
        self._notified: dict[str, float] = {}
        self.end_device: EndDevice | None = None
        self._polls.add(CAPABILITY, "", 0, self._read_capability)

    @property
    def offset(self) -> int | None:
        """Seconds that the server of the first assignment is ahead of the clock; None as long as that is not known."""
        assigned = [each.time.offset for each in (self._assignments or {}).values()]
        offsets = [*assigned, *(time.offset for time in self._times.values())]
        return next((offset for offset in offsets if offset is not None), None)

    def hurry(self, names: Collection[str] | None = None) -> None:
        """Read something as soon as possible.

        Args:
            names: What it is for; None for everything.
        """
        self._polls.hurry(names)

    def refresh(self, href: str, due: float) -> None:
        """Read a resource again, since it is said to have changed.

        Args:
            href: Its href; nothing is done if it is not among what is read by then.
            due: When, by the clock.
        """
        if not self._polls.hurry_href(href, due):
            self._notified[href] = min(due, self._notified.get(href, inf))

    def next_due(self) -> float:
        """Return when something is read next."""
        return min(self._polls.next_due(), *self._notified.values(), inf)

    def read(self) -> Flow[None]:
        """Read what is due first. If that fails, all stays as it was until it is due again."""
        began = self._clock()
        if (poll := self._polls.take_due(began)) is not None:
            yield from self._read(poll, began)
        elif (href := next((href for href, due in self._notified.items() if due <= began), None)) is not None:
            # After what leads there: it may be that it is no longer to be read.
            del self._notified[href]
            yield from self._read_part(href, began)
        self._note_watched()

    def _note_watched(self) -> None:
        """Let the duties know what is read and can be subscribed to, if that has changed."""
        self._subscribable &= self._polls.list_hrefs()
        parts = [each.parts for each in (self._assignments or {}).values()]
        found = self._subscribable.union(href for each in parts for href, part in each.items() if part.subscribable)
        if found != self._watched:
            self._watched = frozenset(found)
            for duty in self._duties:
                duty.note_watched(self._watched)

    def _read_part(self, href: str, began: float) -> Flow[None]:
        """Read the controls or the default of a program, where they are still to be read."""
        for assignment in list((self._assignments or {}).values()):
            if href not in assignment.parts:
                continue
            try:
                yield from read_part(self._session, assignment, href)
            except (ResponseError, TransportError) as error:
                self._session.note(f"{error.where}: {error.what}")
                # It is not lost: all of the list is soon read again.
                self._polls.hurry_href(assignment.href, began + LONGEST_RETRY)
                self._contact.note_failure(f"programs {assignment.href}", error)
            else:
                self._update()

    def _note_list(self, href: str, page: object) -> None:
        if is_subscribable(page):
            self._subscribable.add(href)
        else:
            self._subscribable.discard(href)

    def _read(self, poll: Poll, began: float) -> Flow[None]:
        try:
            rate = yield from poll.read()
        except (ResponseError, TransportError, IdentityError, ProfileError) as error:
            self._session.note(f"{error.where}: {error.what}" if error.where else error.what)
            self._polls.defer(poll, began)
            self._note_failure(poll, error)
            return
        self._polls.settle(poll, began, rate)
        poll.missing = False
        if self._contact.lost and not self._recovering and began - self._contact.failed >= FASTEST_RATE:
            # What could not be read is worth a look at once, when something can be read again; but only once, since
            # the server may go on failing there.
            self._recovering = True
            self._polls.hurry(self._contact.failing)
        self._contact.note_success(poll.name)
        self._recovering = self._recovering and self._contact.lost

    def _note_failure(self, poll: Poll, error: Exception) -> None:
        self._contact.note_failure(poll.name, error)
        if not isinstance(error, ResponseError) or error.status not in GONE:
            return
        if poll.name == CAPABILITY:
            self.entry = self._configured
        elif poll.name != END_DEVICES and not poll.missing:
            # It may be that the EndDevice is gone with all that is below it.
            poll.missing = True
            self._polls.hurry({END_DEVICES})
            self._directory.note_gone()

    def _drop(self, name: str) -> None:
        self._polls.drop(name)
        self._contact.forget(name)

    # What is read

    def _read_capability(self) -> Flow[int | None]:
        capability, rate = yield from self._directory.read_capability(self.entry)
        # Discovery is done once: a server may have DeviceCapability elsewhere than the one that it calls usual.
        self.entry = get_href(capability)
        for duty in self._duties:
            duty.note_capability(capability)
        self._own_time = get_href(capability.time_link)
        self._watch_time(self._own_time)
        self._fallback = get_href(capability.der_program_list_link)
        list_href = end_device_list(capability)
        self._polls.add(END_DEVICES, list_href, 2, partial(self._read_end_devices, list_href))
        return rate

    def _watch_time(self, href: str) -> ServerTime:
        """Return the time of a server, which is read from now on; without a link it is that of the device."""
        if href not in self._times:
            self._times[href] = self._directory.get_time(href)
            if href:
                self._polls.add(f"time {href}", href, 1, partial(self._read_time, href))
            else:
                self._times[href].assume()
        return self._times[href]

    def _read_time(self, href: str) -> Flow[int | None]:
        try:
            rate = yield from self._directory.read_time(href, self._times[href])
        except ResponseError:
            self._update()
            raise
        self._update()
        return rate

    def _read_end_devices(self, href: str) -> Flow[int | None]:
        device, page = yield from self._directory.find(href, self._lfdi)
        self._note_list(href, page)
        if device is None:
            was, self.end_device = get_href(self.end_device), None
            # What was read of it is followed until there is something else.
            self._drop(_ASSIGNMENTS)
            self._drop(_DERS)
            for each in self._assignments or {}:
                self._drop(f"programs {each}")
            self._enrolment.note_gone(was)
            return page.poll_rate
        moved = self.end_device is not None and get_href(self.end_device) != get_href(device)
        self.end_device = device
        for duty in self._duties:
            duty.note_end_device(device)
        if moved:
            self._enrolment.note_gone("")
        else:
            self._enrolment.note_found()
        if assignments := get_href(device.function_set_assignments_list_link):
            self._polls.add(_ASSIGNMENTS, assignments, 3, partial(self._read_assignments, assignments))
        else:
            self._drop(_ASSIGNMENTS)
            self._assign([])
        if ders := get_href(device.der_list_link):
            self._polls.add(_DERS, ders, 5, partial(self._read_ders, ders))
        return page.poll_rate

    def _read_ders(self, href: str) -> Flow[int | None]:
        # A server may look at whether its clients keep to this rate; what is below the list is ours to write.
        ders: DERList = yield from self._session.get(STEP, href, DERList)
        for duty in self._duties:
            duty.note_rate(ders.poll_rate)
        return ders.poll_rate

    def _read_assignments(self, href: str) -> Flow[int | None]:
        pages = Pages(self._session, STEP, href, FunctionSetAssignmentsList)
        found: list[FunctionSetAssignments] = yield from pages.read_all()
        self._note_list(href, pages.last)
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
            self._drop(f"programs {href}")
        self._assignments = {}
        for href, time_href in lists.items():
            time = self._watch_time(time_href or self._own_time)
            assignment = known.get(href) or Assignment(href, time)
            assignment.time = time
            self._assignments[href] = assignment
            self._polls.add(f"programs {href}", href, 4, partial(self._read_programs, assignment))
        for href in self._times.keys() - {self._own_time, *lists.values()}:
            del self._times[href]
            self._drop(f"time {href}")
        self._update()

    def _read_programs(self, assignment: Assignment) -> Flow[int | None]:
        assignment.tried = True
        notified = [href for href in self._notified if href in assignment.parts]
        try:
            page = yield from read_programs(self._session, assignment)
        except (ResponseError, TransportError):
            # What was read before the server was lost counts.
            self._update()
            raise
        for href in notified:
            self._notified.pop(href, None)
        self._note_list(assignment.href, page)
        self._update()
        return page.poll_rate

    def _update(self) -> None:
        """Let the schedule know all that was read, once it was tried to read every list."""
        assignments = (self._assignments or {}).values()
        if self._assignments is None or not all(each.ready or each.tried for each in assignments):
            return
        programs = [program for each in assignments if each.ready for program in each.list_programs()]
        self._take_over(programs, all(each.ready for each in assignments))
