"""The subscriptions of a client: one for each resource that it reads, made, renewed, and deleted at the end.

It is a flow, and whoever drives that decides when. Polling goes on all the same: a notification that is lost is not
noticed in any other way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping
from heapq import heappop, heappush
from math import inf

from envoy.documents import dumps
from envoy.errors import LinkError, ResponseError
from envoy.protocol import quirks
from envoy.protocol.end_devices import DeviceIdentity
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, Response, get_href
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from envoy.subscriptions.intake import Intake
from envoy.subscriptions.notification_paths import NotificationPaths, looks_like_path
from envoy.subscriptions.subscription import Subscription
from sep2 import EndDevice, EndDeviceList, NotificationStatus, SubscriptionList
from sep2 import Subscription as Model

STEP = "subscribe"

RENEWAL = 86_400.0
"""Seconds after which a subscription is renewed at the latest; servers forget one after 36 hours."""

REFUSAL = 86_400.0
"""Seconds after which it is tried again to subscribe to what a server has refused."""

CANCELLATION = 3600.0
"""Seconds after which it is subscribed again to what a server has cancelled."""

DEFAULT_RATE = 900.0
"""Seconds between two reads of a SubscriptionList that does not say (``pollRate``)."""

FASTEST_RATE = 60.0
"""Seconds between two such reads at least."""

SETTLING = 300.0
"""Seconds after the start in which nothing that an earlier run has left is deleted: it may be read again."""

LEAST_CHECK = 60.0
"""Seconds between two times at which the server is asked whether a subscription is there, whatever comes."""

_PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that say nothing of the subscription itself."""

_MOST_FINDINGS = 100

Refresh = Callable[[str, Collection[Hashable], float], None]
"""Called with the href of what is to be read again, who reads it, and when; in the thread that took a notification."""

Rediscover = Callable[[Collection[Hashable]], None]
"""Called with who is to read everything again, in the thread that took a notification."""


class Subscriptions:
    """The subscriptions of a client at one server, which has one list of them for it.

    Args:
        session: Reads what is needed, and keeps what is odd.
        paths: Where notifications go.
        owner: LFDI of the client's certificate, in whose EndDevice the list is; None if it is not known.
        clock: Returns the time in seconds since 1970.
        refresh: Has a resource read again.
        rediscover: Has everything read again.
        wake: Called by any thread when there is something to do at the server.

    Attributes:
        intake: The notifications that came.
    """

    def __init__(
        self,
        session: Session,
        paths: NotificationPaths,
        *,
        owner: bytes | None,
        clock: Callable[[], float],
        refresh: Refresh,
        rediscover: Rediscover,
        wake: Callable[[], object] = lambda: None,
    ) -> None:
        self.intake = Intake()
        self._session = session
        self._paths = paths
        self._owner = owner
        self._clock = clock
        self._refresh = refresh
        self._rediscover = rediscover
        self._wake = wake
        self._began = clock()
        self._by_code: dict[str, Subscription] = {}
        self._by_resource: dict[str, Subscription] = {}
        self._watched: dict[Hashable, frozenset[str]] = {}
        self._queue: list[tuple[float, str]] = []
        self._left: dict[str, float] = {}
        self._device_list = self._list = self._fallback = ""
        self._list_due = self._reconciled = 0.0
        self._findings: deque[str] = deque(maxlen=_MOST_FINDINGS)
        self._doubtful: dict[str, None] = {}
        self._notified: dict[str, None] = {}

    # What is read

    def note_end_device_list(self, href: str) -> None:
        """Note where the list of EndDevices is."""
        self._device_list = href

    def note_end_device(self, device: EndDevice) -> None:
        """Note an EndDevice of the server: that of the certificate, or of a site that is followed."""
        href = get_href(device.subscription_list_link)
        if href and device.lfdi and device.lfdi == self._owner:
            self._list = href
        self._fallback = href or self._fallback

    def watch(self, reader: Hashable, resources: frozenset[str]) -> None:
        """Note all that somebody reads now and that can be subscribed to.

        Args:
            reader: Who that is.
            resources: Hrefs of the resources.
        """
        before = self._watched.get(reader, frozenset())
        now = self._clock()
        if resources:
            self._watched[reader] = resources
        else:
            self._watched.pop(reader, None)
        for href in resources - before:
            subscription = self._by_resource.get(href) or self._add(href)
            subscription.readers.add(reader)
            if not subscription.posted:
                self._plan(subscription, now)
        for href in before - resources:
            subscription = self._by_resource[href]
            subscription.readers.discard(reader)
            if not subscription.readers:
                self._plan(subscription, now)
        # Another flow than that of the reader may do it.
        self._wake()

    def count(self) -> tuple[int, int]:
        """Return how many subscriptions the server has accepted, and how many there are to be."""
        wanted = [each for each in tuple(self._by_resource.values()) if each.readers]
        return sum(each.posted for each in wanted), len(wanted)

    # Notifications

    def accepts(self, path: str) -> bool:
        """Return whether notifications come to a path: those of this run, or of an earlier one. Any thread may ask."""
        return looks_like_path(path)

    def notify(self, path: str, headers: Mapping[str, str], content: bytes) -> bool:
        """Take a notification, and return whether it is one of this client's. Any thread may call it.

        Args:
            path: The path that it came to.
            headers: Its headers, by names in lower case.
            content: Its body, or as much of it as was read.
        """
        code = self._paths.find_code(path)
        if code is None:
            return False
        subscription = self._by_code.get(code)
        if subscription is None or not subscription.readers:
            self.report("a notification has come for a subscription that is not wanted any more")
            return True
        reason = self.intake.take(subscription.notified, headers, content, self._clock())
        if reason.finding:
            self.report(f"notification of {subscription.resource}: {reason.finding}")
        if reason.due is not None:
            self._notified[subscription.resource] = None
            self._refresh(subscription.resource, subscription.readers.copy(), reason.due)
            if reason.status in _ASTRAY:
                self._rediscover(subscription.readers.copy())
        if reason.status != NotificationStatus.DEFAULT_STATUS:
            self._doubtful[subscription.resource] = None
            self._wake()
        return True

    def report(self, finding: str) -> None:
        """Keep what is odd until something is done at the server; it is not urgent. Any thread may call it."""
        self._findings.append(finding)

    def take_notified(self) -> tuple[str, ...]:
        """Return what notifications were of since the last time."""
        found = tuple(self._notified)
        for href in found:
            del self._notified[href]
        return found

    # What is done at the server

    @property
    def due(self) -> float:
        """When there is something to do at the server, by the clock; infinite for not as long as nobody reads."""
        if self._findings or self._doubtful or self._notified:
            return 0.0
        if not (self._by_resource or self._left):
            return inf
        if not self._list:
            return self._list_due if self._device_list or self._fallback else inf
        return min(self._reconciled, self._queue[0][0] if self._queue else inf, *self._left.values())

    def send(self) -> Flow[None]:
        """Do what is due.

        Raises:
            ResponseError: The server fails, or asks to wait.
            TransportError: It was not reached.
        """
        while self._findings:
            self._session.note(self._findings.popleft())
        while self._doubtful:
            if (subscription := self._by_resource.get(self._doubtful.popitem()[0])) is not None:
                subscription.doubtful = True
                self._plan(subscription, max(self._clock(), subscription.checked + LEAST_CHECK))
        if not self._list:
            if self._list_due > self._clock():
                return
            yield from self._find_list()
        if self._list and self._reconciled <= self._clock():
            yield from self._reconcile()
        while self._list:
            if (location := self._find_left()) is not None:
                yield from self._delete(location)
                self._left.pop(location, None)
            elif (subscription := self._find_due()) is not None:
                try:
                    yield from self._settle(subscription)
                except BaseException:
                    # What has failed is tried again, and so is what a stop has cut short.
                    self._plan(subscription, self._clock())
                    raise
            else:
                return

    def end(self) -> Flow[None]:
        """Delete all subscriptions, also those that an earlier run has left; give up at the first failure.

        Raises:
            ResponseError: The server fails, or asks to wait.
            TransportError: It was not reached.
        """
        for location in [*self._left, *(each.location for each in self._by_resource.values() if each.location)]:
            yield from self._delete(location)
        self._left.clear()
        self._by_resource.clear()
        self._by_code.clear()

    def _find_list(self) -> Flow[None]:
        """Find the list of subscriptions: that of the certificate's EndDevice, else any that the client may see."""
        self._list_due = self._clock() + DEFAULT_RATE
        found = (yield from self._search_list()) if self._device_list else ""
        self._list = found or self._fallback
        if not self._list:
            self._session.note("the server offers no SubscriptionListLink: everything is polled")

    def _search_list(self) -> Flow[str]:
        identity = None if self._owner is None else DeviceIdentity(self._owner, self._session.profile)
        pages = Pages(self._session, STEP, self._device_list, EndDeviceList)
        first = ""
        try:
            while page := (yield from pages.next()):
                for device in page:
                    href = get_href(device.subscription_list_link)
                    if href and (identity is None or identity.is_of(device)):
                        return href
                    first = first or href
        except ResponseError as error:
            if _is_passing(error.status):
                raise
        return first

    def _reconcile(self) -> Flow[None]:
        """Read the list of the server, and find what is missing, and what an earlier run has left."""
        now = self._clock()
        self._reconciled = now + DEFAULT_RATE
        pages = Pages(self._session, STEP, self._list, SubscriptionList)
        try:
            found: list[Model] = yield from pages.read_all()
        except (ResponseError, LinkError) as error:
            self._session.note(f"{error.where}: {error.what}")
            if isinstance(error, ResponseError) and error.status in quirks.GONE:
                self._list, self._list_due = "", now
            return
        rate = pages.last.poll_rate
        self._reconciled = now + (DEFAULT_RATE if rate is None else max(FASTEST_RATE, rate))
        left, self._left = self._left, {}
        taken: dict[str, str] = {}
        listed: set[str] = set()
        for model in found:
            code = self._paths.find_code(model.notification_uri or "")
            if code is None:
                taken[model.subscribed_resource] = model.notification_uri
            elif (subscription := self._by_code.get(code)) is None:
                if model.href:
                    self._left[model.href] = left.get(model.href, max(now, self._began + SETTLING))
            else:
                listed.add(code)
                self._note_listed(subscription, get_href(model), now)
        for subscription in tuple(self._by_resource.values()):
            if subscription.posted and subscription.code not in listed:
                self._note_missing(subscription, taken.get(subscription.resource), now)

    def _note_listed(self, subscription: Subscription, location: str, now: float) -> None:
        subscription.location = location or subscription.location
        self._left.pop(location, None)
        if not subscription.posted and subscription.readers:
            # An earlier run has made it, nobody knows when.
            subscription.posted = True
            self._plan(subscription, now + RENEWAL / 3 * _draw(subscription))

    def _note_missing(self, subscription: Subscription, taken: str | None, now: float) -> None:
        subscription.posted, subscription.location = False, ""
        if taken is None:
            self._plan(subscription, now)
        else:
            # To take it back would make the other one take it back as well, and so on.
            what = f"notifications of {subscription.resource} go to {taken}, which is not ours: it is polled"
            self._session.note(what)
            self._plan(subscription, now + REFUSAL)

    def _settle(self, subscription: Subscription) -> Flow[None]:
        if not subscription.readers:
            del self._by_resource[subscription.resource], self._by_code[subscription.code]
            if subscription.location:
                self._left[subscription.location] = self._clock()
        elif subscription.doubtful:
            yield from self._check(subscription)
            subscription.doubtful = False
        else:
            yield from self._post(subscription)

    def _check(self, subscription: Subscription) -> Flow[None]:
        """Look whether the server still has a subscription that has ended, as a notification says.

        The reference server says so of a control that was cancelled, and the subscription goes on.
        """
        now = subscription.checked = self._clock()
        there = True
        if subscription.location:
            try:
                there = (yield from self._session.find(STEP, subscription.location, Model)) is not None
            except ResponseError as error:
                if _is_passing(error.status):
                    raise
        else:
            # The list shows whether it is.
            self._reconciled = now
        if there:
            self._plan(subscription, now + RENEWAL / 3 * _draw(subscription))
        else:
            subscription.posted, subscription.location = False, ""
            self._plan(subscription, now + CANCELLATION)

    def _post(self, subscription: Subscription) -> Flow[None]:
        uri = self._paths.make_uri(subscription.resource)
        content = dumps(subscription.make_model(uri), profile=self._session.profile)
        request = Request(STEP, "POST", self._list, content)
        response: Response = yield request
        now = self._clock()
        if not response.ok:
            error = read_error(request, response)
            if _is_passing(response.status):
                raise error
            self._session.note(f"{subscription.resource} is polled, it cannot be subscribed to: {error.what}")
            subscription.posted = False
            self._plan(subscription, now + REFUSAL)
            return
        before, subscription.location = subscription.location, response.location
        self._left.pop(response.location, None)
        subscription.posted = True
        self._plan(subscription, now + RENEWAL * (0.9 + 0.1 * _draw(subscription)))
        if not response.location:
            # Some servers do not say where it is; the list does.
            subscription.location = before
            if not before:
                self._reconciled = min(self._reconciled, now)
        elif before and before != response.location:
            # The server has made another instead of renewing the one that there was.
            self._left[before] = now

    def _delete(self, location: str) -> Flow[None]:
        request = Request(STEP, "DELETE", location)
        response = yield request
        if _is_passing(response.status):
            raise read_error(request, response)
        if not response.ok and response.status not in quirks.GONE:
            self._session.note(f"{read_error(request, response).what} to {request}: the server forgets it by itself")

    # The queue

    def _find_left(self) -> str | None:
        now = self._clock()
        return next((location for location, due in self._left.items() if due <= now), None)

    def _add(self, href: str) -> Subscription:
        subscription = Subscription(href, self._paths.make_code(href))
        self._by_resource[href] = self._by_code[subscription.code] = subscription
        return subscription

    def _plan(self, subscription: Subscription, due: float) -> None:
        subscription.due = due
        heappush(self._queue, (due, subscription.resource))

    def _find_due(self) -> Subscription | None:
        """Take the subscription that is due next off the queue; None if none is due."""
        now = self._clock()
        while self._queue and self._queue[0][0] <= now:
            due, href = heappop(self._queue)
            subscription = self._by_resource.get(href)
            # It may have been planned for another time since.
            if subscription is not None and subscription.due == due:
                subscription.due = inf
                return subscription
        return None


_ASTRAY = (
    NotificationStatus.SUBSCRIPTION_CANCELED_RESOURCE_MOVED,
    NotificationStatus.SUBSCRIPTION_CANCELED_RESOURCE_DEFINITION_CHANGED,
)


def _is_passing(status: int) -> bool:
    return status >= 500 or status in _PASSING


def _draw(subscription: Subscription) -> float:
    """Return a number from 0 to 1 that is a subscription's own, so that not all are renewed at once."""
    return int.from_bytes(subscription.code.encode()[-4:]) / 0x7A7A7A7A
