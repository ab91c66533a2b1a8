"""The list of a client's subscriptions at the server: where it is, when it is read, and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from envoy.errors import LinkError, ResponseError
from envoy.protocol import quirks
from envoy.protocol.end_devices import DeviceIdentity
from envoy.protocol.flow import Flow, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from envoy.subscriptions.notification_paths import NotificationPaths
from sep2 import EndDevice, EndDeviceList, Subscription, SubscriptionList

STEP = "subscribe"

DEFAULT_RATE = 900.0
"""Seconds between two reads of a SubscriptionList that does not say (``pollRate``)."""

FASTEST_RATE = 60.0
"""Seconds between two such reads at least."""

_PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that say nothing of the subscription itself."""


def is_passing(status: int) -> bool:
    """Return whether a status says that the server fails, or asks to wait."""
    return status >= 500 or status in _PASSING


@dataclass(slots=True)
class Listed:
    """What is in the list.

    Attributes:
        listed: Where the subscriptions are that are known, by the codes of their paths.
        left: Where others of this client are, such as of an earlier run, with their codes; the code of one that is
            there twice is empty.
        taken: Where notifications go that go elsewhere, by the resources.
    """

    listed: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    taken: dict[str, str] = field(default_factory=dict)


class ServerList:
    """The list of a client's subscriptions.

    Args:
        session: Reads it.
        paths: Which notification paths are the client's.
        owner: LFDI of the client's certificate, in whose EndDevice the list is; None if it is not known.
        clock: Returns the time in seconds since 1970.

    Attributes:
        href: Where it is; empty as long as it was not found.
        device_list: Where the EndDevices are; empty if that is not known.
        read_due: When it is to be read.
    """

    def __init__(
        self, session: Session, paths: NotificationPaths, *, owner: bytes | None, clock: Callable[[], float]
    ) -> None:
        self._session = session
        self._paths = paths
        self._owner = owner
        self._clock = clock
        self._fallback = ""
        self._earliest = 0.0
        self.href = self.device_list = ""
        self.read_due = 0.0

    def note_end_device(self, device: EndDevice) -> None:
        """Note an EndDevice of the server: that of the certificate, or of a site that is followed."""
        href = get_href(device.subscription_list_link)
        if href and device.lfdi and device.lfdi == self._owner:
            self.href = href
        self._fallback = href or self._fallback

    @property
    def find_due(self) -> float:
        """When to look for it; infinite as long as nothing leads there."""
        return self._earliest if self.device_list or self._fallback else inf

    def find(self) -> Flow[None]:
        """Find it: that of the certificate's EndDevice, else any that the client may see.

        Raises:
            ResponseError: The server fails, or asks to wait.
            TransportError: It was not reached.
        """
        self._earliest = self._clock() + DEFAULT_RATE
        found = (yield from self._search()) if self.device_list else ""
        self.href = found or self._fallback
        if not self.href:
            self._session.note("the server offers no SubscriptionListLink: everything is polled")

    def _search(self) -> Flow[str]:
        identity = None if self._owner is None else DeviceIdentity(self._owner, self._session.profile)
        pages = Pages(self._session, STEP, self.device_list, EndDeviceList)
        first = ""
        try:
            while page := (yield from pages.next()):
                for device in page:
                    href = get_href(device.subscription_list_link)
                    if href and (identity is None or identity.is_of(device)):
                        return href
                    first = first or href
        except ResponseError as error:
            if is_passing(error.status):
                raise
        return first

    def read(self, known: Mapping[str, str]) -> Flow[Listed | None]:
        """Return what is in it; None if it cannot be read.

        Args:
            known: Where the subscriptions are that are known, by the codes of their paths; empty for nowhere yet.

        Raises:
            TransportError: The server was not reached.
        """
        now = self._clock()
        self.read_due = now + DEFAULT_RATE
        pages = Pages(self._session, STEP, self.href, SubscriptionList)
        try:
            models: list[Subscription] = yield from pages.read_all()
        except (ResponseError, LinkError) as error:
            self._session.note(f"{error.where}: {error.what}")
            if isinstance(error, ResponseError) and error.status in quirks.GONE:
                self.href, self._earliest = "", now
            return None
        rate = pages.last.poll_rate
        self.read_due = now + (DEFAULT_RATE if rate is None else max(FASTEST_RATE, rate))
        found = Listed()
        for model in models:
            self._sort(found, model, known)
        found.left.pop("", None)
        return found

    def _sort(self, found: Listed, model: Subscription, known: Mapping[str, str]) -> None:
        code, location = self._paths.find_code(model.notification_uri or ""), get_href(model)
        if code is None:
            found.taken[model.subscribed_resource] = model.notification_uri
        elif code not in known:
            found.left[location] = code
        elif code not in found.listed:
            found.listed[code] = location
        else:
            # A server that renews none, but makes another: the one that was known before is the older one.
            other = found.listed[code]
            older, newer = (location, other) if known[code] == location else (other, location)
            found.listed[code] = newer
            found.left[older] = ""
