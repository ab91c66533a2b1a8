"""The directory of a fleet: DeviceCapability, the list of EndDevices and the time, read once for all sites."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf
from typing import NamedTuple

from envoy.der.follow.contact import Contact
from envoy.der.follow.directory import STEP, measure_time
from envoy.der.follow.follower import LEAST_WAIT, LONGEST_WAIT, Follower
from envoy.der.follow.news import News
from envoy.der.follow.polling.polls import FASTEST_RATE, SLOWEST_RATE, Poll, Polls
from envoy.der.follow.polling.server_time import ServerTime
from envoy.der.follow.watch import CAPABILITY, END_DEVICES
from envoy.errors import EnvoyError, IdentityError, ProfileError, ResponseError, TransportError
from envoy.identity.dialects import IDENTITY_DIALECTS
from envoy.protocol.discovery import discover, end_device_list
from envoy.protocol.end_devices import ListedDevice, ServerFacts, read_identity
from envoy.protocol.flow import Flow, Request, Wait, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import DeviceCapability, EndDevice, EndDeviceList


class _Entry(NamedTuple):
    """An EndDevice in the list.

    Attributes:
        href: Where it is.
        lfdi: Its LFDI; None if the list does not say.
        digest: Of what it says that a follower uses.
        reading: In which reading of the list it was there last.
    """

    href: str
    lfdi: bytes | None
    digest: int
    reading: int


class FleetDirectory:
    """The directory of a fleet, which reads what it has in a flow of its own.

    A site is followed from when its EndDevice was seen in the list, or the whole list was read without it.

    Args:
        session: Reads it.
        clock: Returns the time in seconds since 1970.
        entry: Path of DeviceCapability; None for the usual one.
        publish: Called with news, of the contact with the server.

    Attributes:
        contact: The contact with the server, as far as what is shared shows it.
        wake: Set by whoever drives the flow: cuts its wait short.
        ready: The list of EndDevices was read.
    """

    def __init__(
        self,
        session: Session,
        clock: Callable[[], float],
        *,
        entry: str | None = None,
        publish: Callable[[News], None] = lambda _: None,
    ) -> None:
        dialect = IDENTITY_DIALECTS[session.profile.dialect]
        self._key, self._sfdi_of = dialect.lfdi_key, dialect.sfdi_of_lfdi
        self._session = session
        self._clock = clock
        self._configured = self._path = entry
        self._capability: DeviceCapability | None = None
        self._polls = Polls()
        self._times: dict[str, ServerTime] = {}
        self._entries: dict[bytes, _Entry] = {}
        self._by_sfdi: dict[int, _Entry] = {}
        self._undecided = ""
        self._reading = 0
        self._list = EndDeviceList(all=0, results=0, poll_rate=SLOWEST_RATE)
        self._inbox: dict[bytes, EndDevice] = {}
        self._followers: dict[bytes, Follower] = {}
        self._sfdis: dict[int, bytes] = {}
        self._doubted = -inf
        self.contact = Contact(clock=clock, publish=publish)
        self.wake: Callable[[], object] = lambda: None
        self.ready = False
        self._polls.add(CAPABILITY, "", 0, self._read_capability)

    # For those who ask

    def add(self, lfdi: bytes, follower: Follower) -> None:
        """Have a follower hear what is new of its EndDevice."""
        key = self._key(lfdi)
        self._followers[key] = follower
        self._sfdis[self._sfdi_of(lfdi)] = key

    def has(self, lfdi: bytes) -> bool:
        """Return whether there is a follower for an EndDevice."""
        return self._key(lfdi) in self._followers

    def remove(self, lfdi: bytes) -> None:
        """Forget the follower of an EndDevice."""
        key = self._key(lfdi)
        self._followers.pop(key, None)
        self._sfdis.pop(self._sfdi_of(lfdi), None)
        self._inbox.pop(key, None)

    @property
    def offset(self) -> int | None:
        """Seconds that the server is ahead of the clock; None as long as that is not known."""
        return next((time.offset for time in self._times.values() if time.offset is not None), None)

    @property
    def facts(self) -> ServerFacts:
        """What a registration need not ask again; only where it is ready."""
        assert self._capability is not None
        return ServerFacts(self._capability, self.find_listed, self._undecided)

    def find_listed(self, lfdi: bytes) -> ListedDevice | None:
        """Return the EndDevice of an LFDI as the list had it, as ``ServerFacts`` has it."""
        entry = self._entries.get(self._key(lfdi)) or self._by_sfdi.get(self._sfdi_of(lfdi))
        return None if entry is None else ListedDevice(entry.href, entry.lfdi)

    def read_capability(self, entry: str | None) -> Flow[tuple[DeviceCapability, int | None]]:
        """Return DeviceCapability as it was read last."""
        yield from ()
        assert self._capability is not None  # it is ready
        return self._capability, SLOWEST_RATE

    def find(self, href: str, lfdi: bytes) -> Flow[tuple[EndDevice | None, EndDeviceList]]:
        """Return the EndDevice of an LFDI as the list had it, or what it says itself; a follower hears of others."""
        device = yield from self.peek(lfdi)
        self._inbox.pop(self._key(lfdi), None)
        return device, self._list

    def peek(self, lfdi: bytes) -> Flow[EndDevice | None]:
        """Return the EndDevice of an LFDI for somebody who is not its follower."""
        listed, device = self.find_listed(lfdi), self._inbox.get(self._key(lfdi))
        if device is None and listed is not None:
            device = yield from self._session.get(STEP, listed.href, EndDevice)
            device.href = listed.href
        return device

    def note_created(self, lfdi: bytes, href: str) -> None:
        """Note that an EndDevice is there since the list was read."""
        self._entries[self._key(lfdi)] = _Entry(href, lfdi, 0, self._reading)

    def get_time(self, href: str) -> ServerTime:
        """Return the time that a Time has, which is read from now on."""
        if href not in self._times:
            self._times[href] = ServerTime()
            if href:
                self._polls.add(f"time {href}", href, 1, partial(self._read_time, href))
                self.wake()
        return self._times[href]

    def read_time(self, href: str, known: ServerTime) -> Flow[int | None]:
        """Have nothing read: that is done for all."""
        yield from ()
        return SLOWEST_RATE

    def note_gone(self) -> None:
        """Read the list again, but not time and again for each of many sites."""
        if self._doubted + FASTEST_RATE <= self._clock():
            self._doubted = self._clock()
            self.hurry({END_DEVICES})

    # The flow

    def hurry(self, names: set[str] | None = None) -> None:
        """Read something as soon as possible.

        Args:
            names: What it is for; None for everything.
        """
        self._polls.hurry(names)
        self.wake()

    def refresh(self, path: str) -> None:
        """Read a resource again as soon as possible, if it is one that is read here."""
        if self._polls.hurry_href(path, 0.0):
            self.wake()

    def tick(self) -> None:
        """Have nothing to do while a request takes its time."""

    def find_pause(self) -> float:
        """Return the seconds after which ``tick`` is to be called."""
        return LONGEST_WAIT

    def run(self) -> Flow[None]:
        """Read what is due, for ever."""
        while True:
            began = self._clock()
            poll = self._polls.take_due(began)
            if poll is None:
                yield Wait(min(max(self._polls.next_due() - began, LEAST_WAIT), LONGEST_WAIT))
                continue
            try:
                rate = yield from self._respect(poll.read())
            except (ResponseError, TransportError, IdentityError, ProfileError) as error:
                self._session.note(f"{error.where}: {error.what}" if error.where else error.what)
                self._polls.defer(poll, began)
                self._note_failure(poll, error)
            else:
                self._polls.settle(poll, began, rate)
                if self.contact.lost:
                    self._polls.hurry(self.contact.failing - {poll.name})
                self.contact.note_success(poll.name)

    def _respect(self, flow: Flow[int | None]) -> Flow[int | None]:
        """Run a flow, and leave alone what the server asks to leave alone."""
        try:
            wanted = next(flow)
            while True:
                refusal = self.contact.find_refusal(wanted) if isinstance(wanted, Request) else None
                try:
                    response = refusal or (yield wanted)
                except TransportError as error:
                    wanted = flow.throw(error)
                    continue
                if isinstance(wanted, Request) and refusal is None:
                    self.contact.note_response(wanted, response)
                wanted = flow.send(response)
        except StopIteration as stop:
            rate: int | None = stop.value
            return rate
        finally:
            flow.close()

    def _note_failure(self, poll: Poll, error: EnvoyError) -> None:
        self.contact.note_failure(poll.name, error)
        if poll.name == CAPABILITY and isinstance(error, ResponseError) and error.status in (404, 410):
            self._path = self._configured

    def _read_capability(self) -> Flow[int | None]:
        capability = yield from discover(self._session, self._path, STEP)
        self._path = get_href(capability)
        moved = self._capability is None or _list_links(self._capability) != _list_links(capability)
        self._capability = capability
        if time := get_href(capability.time_link):
            self.get_time(time)
        href = end_device_list(capability)
        self._polls.add(END_DEVICES, href, 2, partial(self._read_list, href))
        if moved and self.ready:
            self._tell({CAPABILITY})
        rate: int | None = capability.poll_rate
        return rate

    def _read_time(self, href: str) -> Flow[int | None]:
        known = self._times[href]
        before = known.offset
        try:
            return (yield from measure_time(self._session, href, known, self._clock))
        finally:
            if known.offset != before and self.ready:
                self._tell({f"time {href}"})

    def _read_list(self, href: str) -> Flow[int | None]:
        pages = Pages(self._session, STEP, href, EndDeviceList)
        self._reading += 1
        undecided, by_sfdi = "", dict[int, _Entry]()
        while page := (yield from pages.next()):
            for device in page:
                if not (device.lfdi or device.sfdi):
                    device = yield from read_identity(self._session, device, STEP)
                if not (device.lfdi or device.sfdi):
                    undecided = undecided or get_href(device) or "an EndDevice"
                    continue
                entry = _Entry(get_href(device), device.lfdi or None, _digest(device), self._reading)
                if device.sfdi:
                    known = by_sfdi.get(device.sfdi)
                    if known is None or (known.lfdi and not entry.lfdi):
                        by_sfdi[device.sfdi] = entry
                self._take(device, entry)
        self._undecided, self._by_sfdi = undecided, by_sfdi
        self._list.subscribable = pages.last.subscribable
        gone = [key for key, entry in self._entries.items() if entry.reading != self._reading]
        for key in gone:
            del self._entries[key]
            self._inbox.pop(key, None)
        if not self.ready:
            self.ready = True
            self._tell(None)
        else:
            self._tell_of(gone)
        rate: int | None = pages.last.poll_rate
        return rate

    def _take(self, device: EndDevice, entry: _Entry) -> None:
        """Take over an EndDevice of the list; a follower hears of it if its EndDevice has changed."""
        if not entry.href:
            self._session.note("an EndDevice in the list has no href, so its links cannot be followed")
            return
        key = self._key(device.lfdi) if device.lfdi else self._sfdis.get(device.sfdi or 0)
        if key is None:
            return
        known = self._entries.get(key)
        if known is not None and known.reading == entry.reading and known.href != entry.href:
            self._session.note(f"{entry.href} has the identity of {known.href}; the first was used")
            return
        self._entries[key] = entry
        if key in self._followers and (known is None or known.digest != entry.digest):
            self._inbox[key] = device
            if self.ready:
                self._followers[key].look_up({END_DEVICES})

    def _tell(self, names: set[str] | None) -> None:
        for follower in self._followers.values():
            follower.look_up(names)

    def _tell_of(self, keys: list[bytes]) -> None:
        for key in keys:
            if key in self._followers:
                self._followers[key].look_up({END_DEVICES})


def _list_links(capability: DeviceCapability) -> tuple[str, ...]:
    links = (
        capability.time_link,
        capability.end_device_list_link,
        capability.der_program_list_link,
        capability.mirror_usage_point_list_link,
    )
    return (get_href(capability), *map(get_href, links))


def _digest(device: EndDevice) -> int:
    """Return a digest of what a follower uses of an EndDevice."""
    links = (
        device.function_set_assignments_list_link,
        device.der_list_link,
        device.log_event_list_link,
        device.subscription_list_link,
        device.registration_link,
    )
    return hash((get_href(device), device.post_rate, *map(get_href, links)))
