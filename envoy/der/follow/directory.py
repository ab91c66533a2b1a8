"""The directory of a server: where a follower finds DeviceCapability, its EndDevice and the server's time.

A follower of one site reads all of that itself. Those of a fleet share what is read once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from envoy.der.follow.polling.server_time import ServerTime
from envoy.errors import ResponseError
from envoy.protocol.discovery import discover
from envoy.protocol.end_devices import find_end_device
from envoy.protocol.flow import Flow
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import DeviceCapability, EndDevice, EndDeviceList, Time

STEP = "follow"


class Directory(Protocol):
    """What a follower asks for."""

    @property
    def ready(self) -> bool:
        """Whether it can be asked; nothing is sent before."""

    def read_capability(self, entry: str | None) -> Flow[tuple[DeviceCapability, int | None]]:
        """Return DeviceCapability, whose href is where it was found, and when to ask again: a ``pollRate``.

        Args:
            entry: Its path; None for the usual one.
        """

    def find(self, href: str, lfdi: bytes) -> Flow[tuple[EndDevice | None, EndDeviceList]]:
        """Return the EndDevice of an LFDI, None if it is not there; and what the list says of itself.

        Args:
            href: Where the list of EndDevices is.
            lfdi: The LFDI.
        """

    def get_time(self, href: str) -> ServerTime:
        """Return the time that a Time has.

        Args:
            href: Where it is.
        """

    def read_time(self, href: str, known: ServerTime) -> Flow[int | None]:
        """Have a time be that of its Time, and return the ``pollRate``.

        One that cannot be read is that of the clock, unless it is known.

        Args:
            href: Where the Time is.
            known: What ``get_time`` has returned.
        """

    def note_gone(self) -> None:
        """Note that something of the EndDevice is no longer there: perhaps the EndDevice is not."""


class OwnDirectory:
    """The directory of a follower that reads all by itself.

    Args:
        session: Reads it.
        clock: Returns the time in seconds since 1970.
    """

    ready = True

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        self._session = session
        self._clock = clock

    def read_capability(self, entry: str | None) -> Flow[tuple[DeviceCapability, int | None]]:
        """Read DeviceCapability."""
        capability = yield from discover(self._session, entry, STEP)
        return capability, capability.poll_rate

    def find(self, href: str, lfdi: bytes) -> Flow[tuple[EndDevice | None, EndDeviceList]]:
        """Look for an EndDevice in the list of the server."""
        pages = Pages(self._session, STEP, href, EndDeviceList)
        device = yield from find_end_device(self._session, href, lfdi, STEP, pages=pages)
        return device, pages.last

    def get_time(self, href: str) -> ServerTime:
        """Return the time that a Time has, which is not known before it is read."""
        return ServerTime()

    def read_time(self, href: str, known: ServerTime) -> Flow[int | None]:
        """Read a Time."""
        return measure_time(self._session, href, known, self._clock)

    def note_gone(self) -> None:
        """Do nothing: the list is read again in any case."""


def measure_time(session: Session, href: str, known: ServerTime, clock: Callable[[], float]) -> Flow[int | None]:
    """Read a Time, and return its ``pollRate``. What cannot be read is that of the clock, unless it is known."""
    sent = clock()
    try:
        time: Time = yield from session.get(STEP, href, Time)
    except ResponseError:
        known.assume()
        raise
    # What is unreadable was left out, and noted.
    current = time.current_time
    if current is None or not known.measure(sent, clock(), current):
        known.assume()
    return time.poll_rate
