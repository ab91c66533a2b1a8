"""The news of a follower: what has happened while it follows, as plain values for displays, logs and metrics.

Whoever watches gives the follower a function, which is called with each piece of news as it happens, in the thread that
drives the follower. It must not block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.in_force import Setting
from envoy.der.limits import Limits
from envoy.der.record import State
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The EndDevice is there, and what was to be written to it is.

    Attributes:
        time: When, in seconds since 1970 by the device's clock, as in all news.
        href: Where the EndDevice is.
        created: It was not there before.
    """

    time: float
    href: str
    created: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered:
    """The EndDevice is no longer there; it is registered again."""

    time: float
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """Nothing is sent any more: the server's PIN is not the site's. What is known goes on being applied.

    Attributes:
        time: When.
        reason: What was found.
    """

    time: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLost:
    """The server does not respond, or not as it should.

    Attributes:
        time: When that was noticed.
        since: When it last responded as it should; None for never.
        reason: What happened instead.
    """

    time: float
    since: float | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRegained:
    """The server responds again.

    Attributes:
        time: When.
        since: When it last responded before; None for never.
    """

    time: float
    since: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventChanged:
    """An event has come to another state: first seen, started, ended, or whatever became of it.

    Attributes:
        time: When it was noticed.
        mrid: The mRID of the event.
        program: The mRID of its program.
        state: How far it has come.
    """

    time: float
    mrid: str
    program: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The device has taken what holds now.

    Attributes:
        time: When it had taken it.
        due: When that came to hold: the effective start or end of an event, or when it was read.
        settings: What holds, with its reasons.
        limits: What that amounts to for the device; None if that is not known.
    """

    time: float
    due: float
    settings: tuple[Setting, ...]
    limits: Limits | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The device does not take some modes, and never will.

    Attributes:
        time: When it said so.
        modes: Names of the modes.
        reason: What it said.
    """

    time: float
    modes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLost:
    """The device is gone, slow, or does not do what it is given; it is given it again.

    Attributes:
        time: When that was noticed.
        reason: What happened.
    """

    time: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRegained:
    """The device does what it is given again."""

    time: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """The device was looked at, as it is every few seconds.

    Attributes:
        time: When.
        status: How it is.
        readings: What it measures; None if that could not be read.
    """

    time: float
    status: DeviceStatus
    readings: Readings | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseOwed:
    """A response has come to be owed.

    Attributes:
        time: When.
        response: The response.
    """

    time: float
    response: DueResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseSent:
    """The server has a response.

    Attributes:
        time: When that is known.
        response: The response.
        repeated: It was sent before, nobody knows whether that arrived, and the server does not let that be looked up:
            it may have it twice.
    """

    time: float
    response: DueResponse
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseDropped:
    """A response is not sent again: the server refuses it, or it was withdrawn.

    Attributes:
        time: When.
        response: The response.
        reason: Why.
    """

    time: float
    response: DueResponse
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Something about the device was written to the server: its status, its settings, an alarm, or readings.

    Attributes:
        time: When.
        resource: What it is, such as ``DERStatus``.
        href: Where it was written to.
        detail: What is to be known about it; may be empty.
    """

    time: float
    resource: str
    href: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """There are more subscriptions at the server than before, or fewer.

    Attributes:
        time: When.
        count: How many the server has accepted.
        wanted: How many there are to be: what is not accepted is polled alone.
    """

    time: float
    count: int
    wanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """Notifications have come, and what they are of is read again.

    Attributes:
        time: When that was noticed.
        hrefs: What they are of.
    """

    time: float
    hrefs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """Something is odd: about what the server sends, or about the device.

    Attributes:
        time: When that was noticed.
        text: What it is.
    """

    time: float
    text: str


News: TypeAlias = (
    Registered
    | Unregistered
    | Silenced
    | ContactLost
    | ContactRegained
    | EventChanged
    | Applied
    | Refused
    | DeviceLost
    | DeviceRegained
    | Sampled
    | ResponseOwed
    | ResponseSent
    | ResponseDropped
    | Reported
    | Subscribed
    | Notified
    | Noticed
)
"""Anything that has happened."""


class ScheduleWatch:
    """Finds what has changed in a schedule since it was last looked at: states of events, and responses owed.

    What it knows at the start is not news.

    Args:
        schedule: The schedule.
    """

    def __init__(self, schedule: Schedule) -> None:
        self._schedule = schedule
        self._version = schedule.version
        self._states = self._read_states()
        self._owed = set(schedule.owed)

    def look(self, time: float) -> Iterator[News]:
        """Yield what has changed.

        Args:
            time: The time of the device's clock.
        """
        if self._schedule.version == self._version:
            return
        self._version = self._schedule.version
        states = self._read_states()
        for (mrid, href), (program, state) in states.items():
            if self._states.get((mrid, href)) != (program, state):
                yield EventChanged(time=time, mrid=mrid, program=program, state=state)
        self._states = states
        owed = self._schedule.owed
        for response in owed:
            if response not in self._owed:
                yield ResponseOwed(time=time, response=response)
        self._owed = set(owed)

    def _read_states(self) -> dict[tuple[str, str], tuple[str, State]]:
        return {record.key: (record.program.mrid, record.state) for record in self._schedule.records}
