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
from envoy.errors import ResponseError
from envoy.protocol import quirks
from envoy.protocol.error_response import read_error
from envoy.protocol.flow import Flow, Request, Response
from envoy.protocol.session import Session
from envoy.subscriptions.intake import Intake
from envoy.subscriptions.leftovers import Leftovers
from envoy.subscriptions.notification_paths import NotificationPaths, looks_like_path
from envoy.subscriptions.server_list import STEP, ServerList, is_passing
from envoy.subscriptions.subscription import Count, Subscription
from sep2 import EndDevice, NotificationStatus
from sep2 import Subscription as Model

RENEWAL = 86_400.0
"""Seconds after which a subscription is renewed at the latest; servers forget one after 36 hours."""

REFUSAL = 86_400.0
"""Seconds after which it is tried again to subscribe to what a server has refused."""

CANCELLATION = 3600.0
"""Seconds after which it is subscribed again to what a server has cancelled."""

SETTLING = 300.0
"""Seconds after the start in which nothing that an earlier run has left is deleted: it may be read again."""

LEAST_CHECK = 60.0
"""Seconds between two times at which the server is asked whether a subscription is there, whatever comes."""

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
        on_progress: Called when something was done about subscriptions, whoever drives that.
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
        self._clock = clock
        self._refresh = refresh
        self._rediscover = rediscover
        self._wake = wake
        self.on_progress: Callable[[], object] = lambda: None
        self._began = clock()
        self._count: Count = (0, 0)
        self._by_code: dict[str, Subscription] = {}
        self._by_resource: dict[str, Subscription] = {}
        self._watched: dict[Hashable, frozenset[str]] = {}
        self._queue: list[tuple[float, str]] = []
        self._left = Leftovers()
        self._list = ServerList(session, paths, owner=owner, clock=clock)
        self._findings: deque[str] = deque(maxlen=_MOST_FINDINGS)
        self._doubtful: dict[str, None] = {}
        self._notified: dict[str, None] = {}

    # What is read

    def note_end_device_list(self, href: str) -> None:
        """Note where the list of EndDevices is."""
        self._list.device_list = href

    def note_end_device(self, device: EndDevice) -> None:
        """Note an EndDevice of the server: that of the certificate, or of a site that is followed."""
        self._list.note_end_device(device)

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
            subscription = self._by_resource.get(href) or self._add(href, reader)
            subscription.readers.add(reader)
            if subscription.posted:
                self._tally(subscription)
            else:
                self._plan(subscription, now)
        for href in before - resources:
            subscription = self._by_resource[href]
            subscription.readers.discard(reader)
            if not subscription.readers:
                self._plan(subscription, now)
        # Another flow than that of the reader may do it.
        self._wake()

    def count(self) -> Count:
        """Return how many subscriptions the server has accepted, and how many there are to be."""
        return self._count

    def _tally(self, subscription: Subscription) -> None:
        """Count a subscription as it is now: there may be tens of thousands of others."""
        was, now = subscription.counted, subscription.count
        if now != was:
            accepted, wanted = self._count
            self._count = accepted + now[0] - was[0], wanted + now[1] - was[1]
            subscription.counted = now

    # Notifications

    def accepts(self, path: str) -> bool:
        """Return whether notifications come to a path: those of this run, or of an earlier one. Any thread may ask."""
        return looks_like_path(path)

    def owns(self, path: str) -> bool:
        """Return whether a path is one of this client's. Any thread may ask."""
        return self._paths.find_code(path) is not None

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
        if not self._list.href:
            return self._list.find_due
        return min(self._list.read_due, self._queue[0][0] if self._queue else inf, self._left.next_due())

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
        if not self._list.href:
            if self._list.find_due > self._clock():
                return
            yield from self._list.find()
            self._wake()
        if self._list.href and self._list.read_due <= self._clock():
            yield from self._reconcile()
        while self._list.href and (location := self._left.find_due(self._clock())) is not None:
            if (yield from self._is_left(location)):
                yield from self._delete(location)
            self._left.discard(location)
        yield from self.settle()

    @property
    def settle_due(self) -> float:
        """When ``settle`` has something to do."""
        return self._queue[0][0] if self._list.href and self._queue else inf

    def settle(self) -> Flow[None]:
        """Make, renew and end the subscriptions that are due. Several flows may do that at a time.

        Raises:
            ResponseError: The server fails, or asks to wait.
            TransportError: It was not reached.
        """
        before = self._count
        while self._list.href and (subscription := self._find_due()) is not None:
            try:
                yield from self._settle(subscription)
                self.on_progress()
            except BaseException:
                # What has failed is tried again, and so is what a stop has cut short.
                self._plan(subscription, self._clock())
                raise
        if self._count != before:
            # Another flow may have that to report.
            self._wake()

    def end(self) -> Flow[None]:
        """Delete all subscriptions, also those that an earlier run has left; give up at the first failure.

        Raises:
            ResponseError: The server fails, or asks to wait.
            TransportError: It was not reached.
        """
        for location in [
            *self._left.locations,
            *(each.location for each in self._by_resource.values() if each.location),
        ]:
            yield from self._delete(location)
        self._left.clear()
        self._by_resource.clear()
        self._by_code.clear()
        self._count = 0, 0

    def _reconcile(self) -> Flow[None]:
        """Read the list of the server, and find what is missing, and what an earlier run has left."""
        now = self._clock()
        locations = {code: each.location for code, each in self._by_code.items()}
        found = yield from self._list.read(locations)
        if found is None:
            return
        for location, code in list(found.left.items()):
            # It may have come to be wanted while the list was read.
            if code in self._by_code:
                found.listed[code] = location
                del found.left[location]
        for code, location in found.listed.items():
            if (subscription := self._by_code.get(code)) is not None:
                self._note_listed(subscription, location, now)
        self._left.keep(found.left, max(now, self._began + SETTLING))
        for subscription in tuple(self._by_resource.values()):
            if subscription.posted and subscription.code not in found.listed:
                self._note_missing(subscription, found.taken.get(subscription.resource), now)

    def _note_listed(self, subscription: Subscription, location: str, now: float) -> None:
        subscription.location = location or subscription.location
        self._left.discard(location)
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
                self._left.add(subscription.location, subscription.code, self._clock())
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
                if is_passing(error.status):
                    raise
        else:
            # The list shows whether it is.
            self._list.read_due = now
        if there:
            self._plan(subscription, now + RENEWAL / 3 * _draw(subscription))
        else:
            subscription.posted, subscription.location = False, ""
            self._plan(subscription, now + CANCELLATION)

    def _post(self, subscription: Subscription) -> Flow[None]:
        uri = self._paths.make_uri(subscription.resource)
        content = dumps(subscription.make_model(uri, self._session.profile), profile=self._session.profile)
        request = Request(STEP, "POST", self._list.href, content)
        response: Response = yield request
        now = self._clock()
        if not response.ok:
            error = read_error(request, response)
            if is_passing(response.status):
                raise error
            self._session.note(f"{subscription.resource} is polled, it cannot be subscribed to: {error.what}")
            subscription.posted = False
            self._plan(subscription, now + REFUSAL)
            return
        before, subscription.location = subscription.location, response.location
        self._left.discard(response.location)
        subscription.posted = True
        self._plan(subscription, now + RENEWAL * (0.9 + 0.1 * _draw(subscription)))
        if not response.location:
            # Some servers do not say where it is; the list does.
            subscription.location = before
            self._list.read_due = min(self._list.read_due, now)
        elif before and before != response.location:
            # The server has made another instead of renewing the one that there was.
            self._left.add(before, "", now)

    def _is_left(self, location: str) -> Flow[bool]:
        """Return whether a subscription is still ours to delete.

        Where the server has one for each resource, another process with the same certificate, that a site has moved to,
        may have made it its own since.
        """
        try:
            found: Model | None = yield from self._session.find(STEP, location, Model)
        except ResponseError as error:
            if is_passing(error.status):
                raise
            return True
        return found is not None and self._paths.find_code(found.notification_uri or "") is not None

    def _delete(self, location: str) -> Flow[None]:
        request = Request(STEP, "DELETE", location)
        response = yield request
        if is_passing(response.status):
            raise read_error(request, response)
        if not response.ok and response.status not in quirks.GONE:
            self._session.note(f"{read_error(request, response).what} to {request}: the server forgets it by itself")

    # The queue

    def _add(self, href: str, reader: Hashable) -> Subscription:
        subscription = Subscription(href, self._paths.make_code(href), readers={reader})
        self._by_resource[href] = self._by_code[subscription.code] = subscription
        if (location := self._left.find(subscription.code)) is not None:
            self._note_listed(subscription, location, self._clock())
        return subscription

    def _plan(self, subscription: Subscription, due: float) -> None:
        # Whatever changes about it, something is to be done about it later.
        self._tally(subscription)
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


def _draw(subscription: Subscription) -> float:
    """Return a number from 0 to 1 that is a subscription's own, so that not all are renewed at once."""
    return int.from_bytes(subscription.code.encode()[-4:]) / 0x7A7A7A7A
