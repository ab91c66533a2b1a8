"""The subscriber: the duty of a follower to subscribe to what it reads."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from math import inf

from envoy.der.follow.duties import Duty
from envoy.der.follow.news import News, Notified, Subscribed
from envoy.protocol.discovery import end_device_list
from envoy.protocol.flow import Flow
from envoy.subscriptions.subscriptions import Subscriptions
from sep2 import DeviceCapability, EndDevice

LEAST_REPORT = 1.0
"""Seconds between two reports of how many subscriptions there are."""


class Subscriber(Duty):
    """Subscribes to what one follower reads.

    Args:
        subscriptions: Those of the client; several followers may share them.
        reader: What the follower is known by among them.
        sends: It does what there is to do at the server; if not, somebody else does, for all followers.
        clock: Returns the time in seconds since 1970.
        publish: Called with news.
    """

    def __init__(
        self,
        subscriptions: Subscriptions,
        reader: Hashable = None,
        *,
        sends: bool = True,
        clock: Callable[[], float],
        publish: Callable[[News], None] = lambda _: None,
    ) -> None:
        self._subscriptions = subscriptions
        self._reader = reader
        self._sends = sends
        self._clock = clock
        self._publish = publish
        self._count = (0, 0)
        self._reported, self._changed = -inf, inf
        if sends:
            subscriptions.on_progress = self._report

    @property
    def due(self) -> float:
        """When there is something to do at the server; infinite for not now."""
        if not self._sends:
            return inf
        if self._subscriptions.count() == self._count:
            return self._subscriptions.due
        noted = 0.0 if self._changed == inf else self._changed
        return min(self._subscriptions.due, max(self._reported, noted) + LEAST_REPORT)

    def send(self) -> Flow[None]:
        """Subscribe, renew and delete what is due."""
        if hrefs := self._subscriptions.take_notified():
            self._publish(Notified(time=self._clock(), hrefs=hrefs))
        try:
            yield from self._subscriptions.send()
        finally:
            self._report()

    def _report(self) -> None:
        """Say how many subscriptions there are, now and then while tens of thousands are made, and at their end."""
        if (count := self._subscriptions.count()) == self._count:
            self._changed = inf
            return
        now = self._clock()
        self._changed = min(self._changed, now)
        done = self._subscriptions.settle_due > now
        if now >= self._reported + LEAST_REPORT and (done or now >= self._changed + LEAST_REPORT):
            self._count, self._reported, self._changed = count, now, inf
            self._publish(Subscribed(time=now, count=count[0], wanted=count[1]))

    def note_capability(self, capability: DeviceCapability) -> None:
        """Note where the EndDevices are, of which one has the list of subscriptions."""
        self._subscriptions.note_end_device_list(end_device_list(capability))

    def note_end_device(self, device: EndDevice) -> None:
        """Note whether the site has a list of its own."""
        self._subscriptions.note_end_device(device)

    def note_watched(self, hrefs: frozenset[str]) -> None:
        """Subscribe to what is read now, and to nothing else for this follower."""
        self._subscriptions.watch(self._reader, hrefs)

    def leave(self) -> None:
        """Subscribe to nothing for this follower any more."""
        self._subscriptions.watch(self._reader, frozenset())
