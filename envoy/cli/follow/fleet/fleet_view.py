"""What is known while a fleet is followed: how each site is, and how all of them are together."""

from __future__ import annotations

import heapq
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median
from typing import TYPE_CHECKING, TypeAlias

from envoy.cli.follow.command_news import Warned
from envoy.cli.follow.fleet.fleet_news import FleetBegan, FleetChanged, FleetNews, SiteFailed, SiteNews
from envoy.der.follow import news
from envoy.der.follow.news_text import describe_value
from envoy.der.modes import Value

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.tls.expiry import Expiry

Held: TypeAlias = tuple[tuple[str, Value, str], ...]
"""Modes with their values, and where they come from."""

SHOWN_NOTES = 5
"""How many of the last notes are kept."""

_DELAYS = 1000
"""Of how many limits that were applied the delays are kept."""


class Concern(StrEnum):
    """What a site is counted as, the worst first."""

    SILENCED = "silenced"
    FAILED = "not followed"
    NO_DEVICE = "no device"
    REFUSED = "refused"
    NO_CONTACT = "no contact"
    UNREGISTERED = "not registered"
    OWING = "owing"
    FINE = "fine"


_RANKS = {concern: rank for rank, concern in enumerate(Concern)}


@dataclass(slots=True)
class SiteView:
    """How a site is.

    It is kept up by the thread that follows, and shown by others: each attribute is replaced as a whole.

    Attributes:
        key: The key of the site.
        failure: Why it cannot be followed; empty if it can.
        href: Where the EndDevice is; empty before it is registered.
        silenced: Why nothing is sent any more; empty if it is.
        outage: What is wrong with the contact; empty while there is one.
        device_lost: Why there is no device; empty if there is one.
        refused: The modes that the device has refused.
        held: What the device keeps to: modes, their values, and where they come from.
        owed: How many responses are owed.
        delay: Seconds from when limits came to hold until the device had taken them, the last time.
    """

    key: str
    failure: str = ""
    href: str = ""
    silenced: str = ""
    outage: str = ""
    device_lost: str = ""
    refused: tuple[str, ...] = ()
    held: Held = ()
    owed: int = 0
    delay: float | None = None

    @property
    def concern(self) -> Concern:
        """The worst that is to be said of it."""
        for what, concern in (
            (self.silenced, Concern.SILENCED),
            (self.failure, Concern.FAILED),
            (self.device_lost, Concern.NO_DEVICE),
            (self.refused, Concern.REFUSED),
            (self.outage, Concern.NO_CONTACT),
            (not self.href, Concern.UNREGISTERED),
            (self.owed, Concern.OWING),
        ):
            if what:
                return concern
        return Concern.FINE

    def take(self, item: news.News | SiteFailed) -> None:
        """Take a piece of news."""
        match item:
            case SiteFailed():
                self.failure = item.reason
            case news.Registered():
                self.href = item.href
            case news.Unregistered():
                self.href = ""
            case news.Silenced():
                self.silenced = item.reason
            case news.ContactLost():
                self.outage = item.reason
            case news.ContactRegained():
                self.outage = ""
            case news.Applied():
                self.held = tuple((each.mode, each.value, str(each.origin)) for each in item.settings)
                self.refused = ()
                self.delay = max(0.0, item.time - item.due)
            case news.Refused():
                self.refused = item.modes
            case news.DeviceLost():
                self.device_lost = item.reason or "it does not do what it is given"
            case news.DeviceRegained():
                self.device_lost = ""
            case news.ResponseOwed():
                self.owed += 1
            case news.ResponseSent() | news.ResponseDropped():
                self.owed = max(0, self.owed - 1)


def describe_held(held: Held) -> str:
    """Return what a device keeps to, in words."""
    return ", ".join(describe_value(mode, value) for mode, value, _ in held) or "nothing is controlled"


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetSummary:
    """How all sites are together.

    Attributes:
        sites: How many there are.
        concerns: How many of each concern there are.
        in_contact: How many are registered and have a contact.
        in_force: How many sites keep to the same, by what that is in words.
        modes: How many sites keep to a mode, by its name and by where that comes from.
        owed: How many responses are owed.
        median_delay: The median of the last delays, in seconds; None as long as there is none.
        worst_delay: The longest of them.
    """

    sites: int
    concerns: Counter[Concern]
    in_contact: int
    in_force: Counter[str]
    modes: Counter[tuple[str, str]]
    owed: int
    median_delay: float | None
    worst_delay: float | None


@dataclass(slots=True)
class FleetView:
    """What is known now.

    Attributes:
        began: What is followed; None before it has begun.
        sites: How each site is, by its key.
        outage: What is wrong with the contact of all sites; empty while there is one.
        subscriptions: How many subscriptions the server has accepted; None where nothing is subscribed to.
        notifications: How many resources were read again because of notifications.
        changed: When the file of the fleet was taken over last; None for at the start.
        file_error: What is wrong with the file of the fleet, so that it was not taken over; empty if nothing is.
        left_out: How many rows of the file are wrong.
        expiries: When the certificates expire.
        requests: How many requests there were, by method and by HTTP status; status 0 for no response.
        notes: The last warnings and changes of the fleet.
    """

    began: FleetBegan | None = None
    sites: dict[str, SiteView] = field(default_factory=dict)
    outage: str = ""
    subscriptions: int | None = None
    notifications: int = 0
    changed: FleetChanged | None = None
    file_error: str = ""
    left_out: int = 0
    expiries: Sequence[Expiry] = ()
    requests: Counter[tuple[str, int]] = field(default_factory=Counter)
    notes: tuple[FleetNews, ...] = ()
    _delays: deque[float] = field(default_factory=lambda: deque(maxlen=_DELAYS))

    def add(self, key: str, owed: int = 0) -> None:
        """Add a site.

        Args:
            key: Its key.
            owed: How many responses it owes from before.
        """
        self.sites[key] = SiteView(key, owed=owed)

    def remove(self, key: str) -> None:
        """Forget a site."""
        self.sites.pop(key, None)

    def take(self, item: FleetNews) -> None:
        """Take a piece of news."""
        match item:
            case SiteNews("", part):
                self._take_shared(part)
                return
            case SiteNews(key, part):
                if (site := self.sites.get(key)) is not None:
                    site.take(part)
                if isinstance(part, news.Applied):
                    self._delays.append(max(0.0, part.time - part.due))
                return
            case FleetBegan():
                self.began = item
            case FleetChanged():
                self.changed = item
            case Warned():
                pass
            case _:
                return
        self.notes = (*self.notes, item)[-SHOWN_NOTES:]

    def _take_shared(self, item: news.News | SiteFailed) -> None:
        match item:
            case news.ContactLost():
                self.outage = item.reason
            case news.ContactRegained():
                self.outage = ""
            case news.Subscribed():
                self.subscriptions = item.count
            case news.Notified():
                self.notifications += len(item.hrefs)

    def note_exchange(self, exchange: Exchange) -> None:
        """Count a request."""
        self.requests[exchange.request.method, exchange.response.status] += 1

    def summarise(self) -> FleetSummary:
        """Return how all sites are together. Any thread may call it."""
        sites = list(self.sites.values())
        concerns: Counter[Concern] = Counter()
        # Thousands of sites keep to the very same, which is described once.
        held: Counter[Held] = Counter()
        in_contact = owed = 0
        for site in sites:
            concerns[site.concern] += 1
            in_contact += bool(site.href) and not (self.outage or site.outage or site.silenced)
            owed += site.owed
            held[site.held] += 1
        in_force: Counter[str] = Counter()
        modes: Counter[tuple[str, str]] = Counter()
        for settings, count in held.items():
            in_force[describe_held(settings)] += count
            for mode, _, origin in settings:
                modes[mode, origin] += count
        delays = list(self._delays)
        return FleetSummary(
            sites=len(sites),
            concerns=concerns,
            in_contact=in_contact,
            in_force=in_force,
            modes=modes,
            owed=owed,
            median_delay=median(delays) if delays else None,
            worst_delay=max(delays, default=None),
        )

    def find_worst(self, most: int) -> list[SiteView]:
        """Return the sites that are worth a look first: those that fail, those that owe most, the slowest.

        Args:
            most: How many at most.
        """
        return heapq.nsmallest(
            most, list(self.sites.values()), lambda site: (_RANKS[site.concern], -site.owed, -(site.delay or 0.0))
        )
