"""A home that subscribes, with what its utility sends it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any
from urllib.parse import urlsplit

from envoy.der.follow.subscriber import Subscriber
from envoy.der.schedule import Schedule
from envoy.documents import dumps
from envoy.subscriptions.notification_paths import NotificationPaths
from envoy.subscriptions.subscriptions import Subscriptions
from envoy.utility.notifications import Delivery
from envoy.utility.operator import Control, Program
from sep2 import Notification
from tests.support.homes import BEGIN, Home

PUBLIC_URL = "https://localhost:8444"


class SubscribedHome(Home):
    """A home that subscribes to what it follows, and takes the notifications of its utility.

    Attributes:
        subscriptions: Its subscriptions.
        deliveries: The notifications that came: time, and the resource.
        program: The program that it follows.
        lost: Whether notifications are lost on their way.

    Args:
        secret: What an earlier run had; None for a new one.
        others: As ``Home`` takes them.
    """

    program: Program

    def __init__(self, *, secret: bytes | None = None, **others: Any) -> None:
        super().__init__(**others)
        self.deliveries: list[tuple[float, str]] = []
        self.lost = False
        self.paths = NotificationPaths(PUBLIC_URL, secret)
        self.listen()

    def listen(self) -> None:
        """Begin with no subscription that is known of."""
        self.subscriptions = Subscriptions(
            self.session,
            self.paths,
            owner=self.lfdi,
            clock=self.clock,
            refresh=self._refresh,
            rediscover=lambda readers: self.following.hurry(),
        )
        self.duties = [Subscriber(self.subscriptions, "home", clock=self.clock, publish=self.news.append)]
        self.start(Schedule(now=self.clock.now))

    def _refresh(self, href: str, readers: Collection[Hashable], due: float) -> None:
        assert readers == {"home"}
        self.following.refresh(href, due)

    def add(self, start: float, duration: int, **values: Any) -> Control:
        """Add a control to the program, which stays as it is."""
        return self.program.control(start=int(BEGIN + start), duration=duration, **values)

    def happen(self, time: float, act: Callable[[], object]) -> None:
        """Have something done at a time, and what the utility sends delivered."""

        def do() -> None:
            self.deliver()
            act()
            self.deliver()

        self.happens[time] = do

    def deliver(self) -> None:
        """Take what the utility sends."""
        for delivery in self.utility.due_notifications():
            self.utility.settle_notification(delivery.number, 204)
            if not self.lost:
                self.take(delivery)

    def take(self, delivery: Delivery) -> None:
        """Take one notification."""
        assert delivery.uri.startswith(PUBLIC_URL)
        path = urlsplit(delivery.uri).path
        assert self.subscriptions.accepts(path)
        (resource,) = [href for href in self.subscribed if self.paths.make_uri(href) == delivery.uri] or [""]
        self.deliveries.append((self.now, resource))
        headers = {"x-envoy-notification-id": delivery.identifier}
        self.subscriptions.notify(path, headers, delivery.content)

    def notify(self, resource: str, identifier: str = "", **fields: Any) -> None:
        """Take a notification of our own of a resource."""
        given = {"subscribed_resource": resource, "status": 0, "subscription_uri": "/sub/1", **fields}
        content = dumps(Notification(**given), profile="csip-aus-1.2", validate=False)
        path = urlsplit(self.paths.make_uri(resource)).path
        headers = {"x-envoy-notification-id": identifier} if identifier else {}
        self.subscriptions.notify(path, headers, content)

    @property
    def subscribed(self) -> list[str]:
        """The resources that the utility has subscriptions to."""
        rows = self.utility.store.rows("SELECT resource FROM subscription ORDER BY resource")
        return [resource for (resource,) in rows]
