"""A device at home with its utility, in this process and under a virtual clock."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

from envoy import Site
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.duties import Duty
from envoy.der.follow.findings import FollowSession
from envoy.der.follow.follower import Follower
from envoy.der.follow.news import News
from envoy.der.follow.worker import DirectWorker
from envoy.der.limits import Limits, Rating
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.errors import DeviceError, DeviceRefusal, StateError
from envoy.profiles import get_profile
from envoy.protocol.flow import Flow, Request, Response, Wait, drive
from envoy.protocol.results import Registration
from envoy.registration.register import register
from envoy.utility import Utility
from envoy.utility.operator import Control
from envoy.utility.settings import Settings
from tests.support.clock import VirtualClock
from tests.support.devices import PlainDevice
from tests.support.schedules import SHORT
from tests.support.utilities import new_lfdi

BEGIN = 1_795_000_000
"""When each test begins."""

Sender = Callable[[Request], Response]


class Home(PlainDevice):
    """A device at home with its utility. Times are seconds since the beginning.

    Attributes:
        utility: The utility.
        requests: The requests that reached it: time, method, path.
        applied: What the device was given: time, and the values by mode.
        happens: What the operator does, by the time.
        refused: Values that the device refuses, by mode.
        broken: The device does not do what it is asked to.
        able: What the device is able to follow.
        full: Its disk is full.
        saved: What its memory has.
        news: What has happened.
        duties: What it does besides.

    Args:
        site: It is registered as this site, with an LFDI of its own; None if it is registered in another way.
        profile: The profile that it and its utility speak.
        neighbour: A home at the same utility; None for a utility of its own.
        settings: Of the utility.
    """

    def __init__(
        self,
        site: Site | None = None,
        profile: str = "csip-aus-1.2",
        *,
        neighbour: Home | None = None,
        **settings: Any,
    ) -> None:
        super().__init__()
        self.clock = neighbour.clock if neighbour else VirtualClock(float(BEGIN))
        self.lfdi = new_lfdi()
        self.site = None if site is None else replace(site, lfdi=self.lfdi)
        self._neighbour = neighbour  # whose utility is open as long as it is there
        self.utility = neighbour.utility if neighbour else Utility(Settings(profile, **settings), now=self.clock)
        if neighbour is None:
            weakref.finalize(self, self.utility.close)
        if site is None:
            self.utility.register(self.lfdi)
        self.requests: list[tuple[float, str, str]] = []
        self.applied: list[tuple[float, dict[str, Any]]] = []
        self.happens: dict[float, Callable[[], object]] = {}
        self.refused: dict[str, Any] = {}
        self.broken = False
        self.full = False
        self.saved = ""
        self.sent: list[tuple[int, int]] = []
        self.able = Abilities()
        self.news: list[News] = []
        self.duties: list[Duty] = []
        self.session = FollowSession(get_profile(profile))
        self.send: Sender = self._send
        self.following = self.start(Schedule(now=self.clock.now))

    @property
    def now(self) -> float:
        """The time."""
        return self.clock.now - BEGIN

    def start(self, schedule: Schedule, lfdi: bytes = b"") -> Follower:
        """Begin to follow."""
        worker = DirectWorker(self, clock=self.clock, period=3600)
        rating = Rating(max_w=Decimal(10_000))
        self.following = Follower(
            self.session,
            schedule,
            worker,
            rating,
            lfdi=lfdi or self.lfdi,
            clock=self.clock,
            memory=self,
            register=None if self.site is None else partial(self._register, self.site),
            duties=self.duties,
            publish=self.news.append,
        )
        return self.following

    def _register(self, site: Site, entry: str | None) -> Flow[Registration]:
        return register(site, self.session.profile, entry=entry, now=self.clock, tolerant=True)

    def restart(self, now: float) -> None:
        """Lose everything but what was saved, and come back later."""
        self.clock.now = BEGIN + now
        self.start(Schedule.load(json.loads(self.saved)))

    def follow(self, until: float) -> None:
        """Follow until a time."""
        following = self.following

        def wait(seconds: float) -> None:
            due = min((time for time in self.happens if time <= self.now + seconds), default=None)
            self.clock.wait(seconds if due is None else max(0.0, due - self.now))
            if due is not None:
                self.happens.pop(due)()
            if self.now >= until:
                following.stop()

        drive(following.run(), lambda request: self.send(request), wait)

    def control(self, start: float, duration: int, program: str = "export", primacy: int = 1, **values: Any) -> Control:
        made = self.utility.program(program, primacy=primacy)
        return made.control(start=int(BEGIN + start), duration=duration, **values)

    def responses(self, control: Control | None = None) -> list[tuple[int, int]]:
        """Return the responses that came: status and time of the event."""
        found = self.utility.responses(control)
        return [(each.status, (each.created or 0) - BEGIN) for each in found]

    def limits(self, mode: str = "EL") -> list[tuple[float, Any]]:
        """Return the values of a mode with the times from which they held."""
        found: list[tuple[float, Any]] = []
        for time, values in self.applied:
            if not found or found[-1][1] != values.get(mode):
                found.append((time, values.get(mode)))
        return found

    def times(self, path: str) -> list[float]:
        """Return when a path was read; of lists only the first page."""
        return [time for time, method, href in self.requests if method == "GET" and href in (path, f"{path}?s=0&l=50")]

    def count(self, method: str = "", path: str = "") -> int:
        """Return how many requests there were of a method, to a path."""
        return len([1 for _, each, href in self.requests if method in ("", each) and href.startswith(path)])

    # The device

    def abilities(self) -> Abilities:
        return self.able

    def status(self) -> DeviceStatus:
        if self.broken:
            raise DeviceError("the device is gone")
        return DeviceStatus()

    def apply(self, limits: Limits) -> None:
        if self.broken:
            raise DeviceError("the device is gone")
        self.applied.append((self.now, {SHORT.get(mode, mode): value for mode, value in limits.values.items()}))
        if refused := [mode for mode, value in limits.values.items() if self.refused.get(mode) == value]:
            raise DeviceRefusal("the device has no such mode", modes=refused)

    # Its memory

    def save(self, schedule: Schedule) -> None:
        if self.full:
            raise StateError("the disk is full", where="state.sqlite")
        self.saved = json.dumps(schedule.dump())

    def note_sent(self, response: DueResponse, time: float, status: int) -> None:
        self.sent.append((response.status, status))

    def _send(self, request: Request) -> Response:
        self.requests.append((self.now, request.method, request.href))
        return self.utility.connect(self.lfdi)(request)


def follow_together(homes: Sequence[Home], until: float) -> None:
    """Follow for several homes of one clock, until a time."""
    clock = homes[0].clock
    due: dict[Home, float] = dict.fromkeys(homes, clock.now)
    flows = {home: home.following.run() for home in homes}
    begun: set[Home] = set()
    while (home := min(homes, key=lambda each: due[each])) and due[home] < BEGIN + until:
        clock.now = max(clock.now, due[home])
        reply: Any = None
        while True:
            wanted = flows[home].send(reply) if home in begun else next(flows[home])
            begun.add(home)
            if isinstance(wanted, Wait):
                due[home] = clock.now + wanted.seconds
                break
            reply = home.send(wanted)
