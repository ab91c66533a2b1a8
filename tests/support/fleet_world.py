"""A utility with a fleet, and a fleet that is followed in this process, both under one virtual clock."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

from envoy.der.fleet.fleet_follower import FleetFollower, FleetPolicy
from envoy.der.follow.news import News
from envoy.der.follow.worker import DirectWorker
from envoy.der.limits import Limits
from envoy.der.state.fleet_state import FleetState
from envoy.errors import TransportError
from envoy.identity import site_lfdi
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response
from envoy.registration.site import Site
from envoy.subscriptions.subscriptions import Subscriptions
from envoy.utility import Settings, Utility
from envoy.utility.clock import ManualClock
from tests.support.devices import PlainDevice
from tests.support.utilities import new_lfdi

PEN = 32473

Send = Callable[[Request], Response]


class TimedDevice(PlainDevice):
    """A device that keeps when it was given which export limit."""

    def __init__(self, clock: Callable[[], float], report: Callable[[float, Any], None] | None = None) -> None:
        super().__init__()
        self._clock = clock
        self._report = report
        self.times: list[tuple[float, Any]] = []

    def apply(self, limits: Limits) -> None:
        super().apply(limits)
        entry = self._clock(), limits.values.get("opModExpLimW")
        self.times.append(entry)
        if self._report is not None:
            self._report(*entry)


class FollowedFleet:
    """Follows for a fleet.

    Args:
        clock: The clock, which it puts forward where there is nothing to do.
        send: Sends a request.
        folder: Of its state; None for none.
        in_flight: Requests under way at a time, as in ``FleetFollower``.
        report: Called with the key of a site, when its device was given something, and the export limit.
        open_subscriptions: As in ``FleetFollower``.

    Attributes:
        devices: The devices, by the keys of their sites.
        news: What has happened, with the keys.
    """

    def __init__(
        self,
        clock: ManualClock,
        send: Send,
        folder: Path | None = None,
        *,
        register: bool = True,
        in_flight: int = 20,
        report: Callable[[str, float, Any], None] | None = None,
        open_subscriptions: Callable[..., Subscriptions] | None = None,
    ) -> None:
        self.clock = clock
        self.send = send
        self.devices: dict[str, TimedDevice] = {}
        self.news: list[tuple[str, News]] = []
        self._report = report
        self.state = None if folder is None else FleetState(folder, server="https://server.example", clock=clock)
        self.follower = FleetFollower(
            get_profile(),
            clock,
            self._open_worker,
            policy=FleetPolicy(register=register),
            state=self.state,
            in_flight=in_flight,
            open_subscriptions=open_subscriptions,
            publish=lambda key, news: self.news.append((key, news)),
        )
        self.fleet = self.follower.fleet

    def _open_worker(self, key: str, site: Site) -> DirectWorker:
        report = self._report
        device = TimedDevice(self.clock, None if report is None else lambda *entry: report(key, *entry))
        self.devices[key] = device
        return DirectWorker(device, clock=self.clock, period=600)

    def add(self, *lfdis: bytes, **parts: Any) -> None:
        """Follow sites, whose keys are their LFDIs in hexadecimal."""
        for lfdi in lfdis:
            self.follower.add(lfdi.hex().upper(), Site(lfdi=lfdi, **parts))

    def run(self, until: float) -> None:
        """Follow until a time."""
        while True:
            self.fleet.turn()
            sendings = list(self.fleet.take_requests())
            for sending in sendings:
                outcome: Response | Exception
                try:
                    outcome = self.send(sending.request)
                except TransportError as error:
                    outcome = error
                self.fleet.settle(sending, outcome)
            due = self.fleet.next_due()
            if sendings or due <= self.clock():
                continue
            if due > until:
                self.clock.now = max(self.clock.now, until)
                return
            self.clock.now = due

    def kill(self) -> None:
        """End as a process that is killed: nothing is tidied up."""
        if self.state is not None:
            self.state._opened.close()


class FleetWorld:
    """A utility with an aggregator and its sites.

    Attributes:
        clock: The clock of everybody.
        utility: The utility.
        lfdis: The LFDIs of the sites.
        requests: What the utility was asked.
        failing: Returns or raises what is to happen instead of a request; None for nothing.
    """

    def __init__(self, sites: int, **settings: Any) -> None:
        self.clock = ManualClock(1_700_000_000.0)
        self.utility = Utility(Settings(**settings), now=self.clock)
        weakref.finalize(self, self.utility.close)
        self.aggregator = new_lfdi()
        self.lfdis = [site_lfdi(number, PEN) for number in range(1, sites + 1)]
        self.requests: list[Request] = []
        self.failing: Callable[[Request], Response | None] | None = None
        self._send = self.utility.connect(self.aggregator)
        with self.utility.store.transaction():
            for lfdi in self.lfdis:
                self.utility.register(lfdi, owner=self.aggregator)

    def send(self, request: Request) -> Response:
        """Have the aggregator send a request."""
        self.requests.append(request)
        instead = None if self.failing is None else self.failing(request)
        return self._send(request) if instead is None else instead

    def follow(self, folder: Path | None = None, **options: Any) -> FollowedFleet:
        """Follow for all sites."""
        fleet = FollowedFleet(self.clock, self.send, folder, **options)
        fleet.add(*self.lfdis)
        return fleet

    def count(self, method: str, path: str) -> int:
        """Return how often a path was asked for, first pages only."""
        asked = [each for each in self.requests if each.method == method]
        return sum(
            each.href.partition("?")[0] == path and ("?" not in each.href or "?s=0" in each.href) for each in asked
        )
