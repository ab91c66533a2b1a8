"""Subscriptions: what a client wants to be notified of (IEEE 2030.5-2018, 8.6)."""

from __future__ import annotations

import re

from envoy.errors import EnvoyError
from envoy.utility.notification_uri import check_uri
from envoy.utility.notifications import is_expired, renew, subscribe, unsubscribe
from envoy.utility.resource import Document, Reply, RequestError, Resource, StoredList
from envoy.utility.router import Route
from sep2 import ErrorReasonCode, MirrorMeterReadingList, Subscription, SubscriptionEncoding, SubscriptionList

_LEVEL = re.compile(r"[+-]S[12]")
_ORIGIN = re.compile(r"\Ahttps?://[^/?]*")
_UNSUPPORTED = ErrorReasonCode.CONDITIONAL_SUBSCRIPTION_FIELD_NOT_SUPPORTED


class SubscriptionListResource(StoredList):
    """The subscriptions of an EndDevice."""

    list_class = SubscriptionList

    def post(self) -> Reply:
        """Subscribe to a resource, or change the subscription to it that there is."""
        self.require(self.parent)
        subscription: Subscription = self.body
        resource = _ORIGIN.sub("", subscription.subscribed_resource).partition("?")[0]
        self._check(subscription, resource)
        subscription.href, subscription.subscribed_resource = None, resource
        found = self.store.find(self.path, resource)
        if found is None:
            path = self.store.add(self.client, self.path, subscription, key=resource)
        else:
            path = found[0]
            self.store.put(self.client, path, subscription)
        subscribe(self.store, self.client, path, resource)
        if self.settings.subscription_lifetime is not None:
            renew(self.store, self.client, path, self.now)
        return Reply(201, location=path)

    def _check(self, subscription: Subscription, resource: str) -> None:
        """Check what is asked for.

        Raises:
            RequestError: It cannot be done.
        """
        try:
            check_uri(subscription.notification_uri, self.settings.notification_hosts or ())
        except EnvoyError as error:
            raise RequestError(400, error.what) from None
        if subscription.encoding != SubscriptionEncoding.APPLICATION_SEP_XML:
            raise RequestError(400, "the encoding is not 0 (XML), and no other is offered", _UNSUPPORTED)
        if not _LEVEL.fullmatch(subscription.level):
            raise RequestError(400, f"the level is {subscription.level!r}, expected +S1 or -S1")
        body = self.read(self.client, resource, 1)
        if body is None:
            raise RequestError(400, f"subscribedResource {resource!r} is nothing that this client may see")
        if not (getattr(body, "subscribable", 0) or isinstance(body, MirrorMeterReadingList)):
            raise RequestError(400, f"subscribedResource {resource!r} cannot be subscribed to")
        if subscription.condition is not None and not isinstance(body, MirrorMeterReadingList):
            raise RequestError(400, "a Condition is for readings, and the subscribedResource is none", _UNSUPPORTED)


class SubscriptionResource(Document):
    """A subscription."""

    def delete(self) -> Reply:
        """End it; nothing more is sent."""
        self.require(self.path)
        unsubscribe(self.store, self.client, self.path)
        self.store.execute("DELETE FROM notification WHERE subscription = ?", self.path)
        return Reply(204)


def expire_subscriptions(request: Resource) -> None:
    """Remove the client's subscriptions that were not renewed for too long."""
    store, client = request.store, request.client
    if request.settings.subscription_lifetime is None:
        return
    for (path,) in store.rows("SELECT path FROM subscription WHERE owner = ?", client):
        if is_expired(store, request.settings, client, path, request.now):
            unsubscribe(store, client, path)


ROUTES = (
    Route("/edev/{edev}/sub", SubscriptionListResource, (Subscription,)),
    Route("/edev/{edev}/sub/{sub}", SubscriptionResource),
)
