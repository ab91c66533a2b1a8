"""What is known while a site is followed: the state behind the live view and the metrics, kept up by the news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from envoy.cli.follow.command_news import Began, CommandNews
from envoy.cli.follow.lines import NAMES, to_line
from envoy.der.follow import news
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.in_force import Setting
from envoy.der.limits import Limits
from envoy.der.responses import DueResponse
from envoy.der.schedule import Change, Schedule

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.tls.expiry import Expiry

SHOWN_EVENTS = 8
"""How many of the last lines are kept."""

SHOWN_CHANGES = 4
"""How many changes to come are kept."""

_AHEAD = 7 * 86_400
"""Seconds up to which changes are looked for."""


@dataclass(slots=True)
class View:
    """What is known now.

    It is kept up by the thread that follows, and shown by others: each attribute is replaced as a whole.

    Attributes:
        began: What is followed; None before it has begun.
        href: Where the EndDevice is; empty before it is registered.
        silenced: Why nothing is sent any more; empty if it is.
        settings: What the device keeps to, with its reasons.
        limits: What that amounts to for the device.
        outlook: What changes next.
        contact: When the server last responded as it should; None for never.
        outage: What is wrong with the contact; None while there is one.
        owed: The responses that are owed.
        device_lost: Why there is no device; empty if there is one.
        status: How the device is; None before it was looked at.
        readings: What it measures.
        expiries: When the certificates expire.
        requests: How many requests there were, by method and by HTTP status; status 0 for no response.
        subscriptions: How many subscriptions the server has accepted; None where nothing is subscribed to.
        notifications: How many resources were read again because of notifications.
        lines: The last events.
    """

    began: Began | None = None
    href: str = ""
    silenced: str = ""
    settings: Sequence[Setting] = ()
    limits: Limits | None = None
    outlook: Sequence[Change] = ()
    contact: float | None = None
    outage: news.ContactLost | None = None
    owed: Sequence[DueResponse] = ()
    device_lost: str = ""
    status: DeviceStatus | None = None
    readings: Readings | None = None
    expiries: Sequence[Expiry] = ()
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    subscriptions: int | None = None
    notifications: int = 0
    lines: tuple[str, ...] = ()

    def take(self, item: CommandNews) -> None:
        """Take a piece of news."""
        match item:
            case Began():
                self.began = item
            case news.Registered():
                self.href = item.href
            case news.Unregistered():
                self.href = ""
            case news.Silenced():
                self.silenced = item.reason
            case news.ContactLost():
                self.outage = item
            case news.ContactRegained():
                self.outage = None
                self.contact = item.time
            case news.Applied():
                self.settings, self.limits = item.settings, item.limits
            case news.DeviceLost():
                self.device_lost = item.reason
            case news.DeviceRegained():
                self.device_lost = ""
            case news.Sampled():
                self.status, self.readings = item.status, item.readings
            case news.Subscribed():
                self.subscriptions = item.count
            case news.Notified():
                self.notifications += len(item.hrefs)
        if type(item) in NAMES:
            self.lines = (*self.lines, to_line(item))[-SHOWN_EVENTS:]

    def look(self, schedule: Schedule) -> None:
        """Look at what changes next; to be called where the schedule may be used."""
        self.outlook = tuple(islice(schedule.outlook(schedule.now + _AHEAD), SHOWN_CHANGES))

    def note_exchange(self, exchange: Exchange, now: float) -> None:
        """Count a request, and note the contact that its response is.

        Args:
            exchange: The request with its response.
            now: The time.
        """
        self.requests[exchange.request.method, exchange.response.status] += 1
        if 200 <= exchange.response.status < 300:
            self.contact = now
