"""Notifications: which subscriptions a change is for, what they are sent, and when it is tried again.

Nothing is sent here. A notification is kept in the store in the transaction that changes something, so none is lost
when the server is killed; whoever serves the utility asks what is due, sends it, and reports what came of it. What it
says is composed when it is first due, so that an order for ten thousand sites does not wait for that.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from envoy.bindings.fields import fields_of
from envoy.documents import dumps
from envoy.errors import EnvoyError
from envoy.identity import format_lfdi
from envoy.namespaces import SEP_NAMESPACE
from envoy.profiles import LEVELS
from envoy.protocol.level import find_level, leave_out_later
from envoy.protocol.links import items_attribute
from envoy.utility.changes import Change
from envoy.utility.clock import make_time
from envoy.utility.notification_uri import check_uri
from envoy.utility.settings import Settings
from envoy.utility.store import Store
from sep2 import (
    DERControlList,
    DERProgram,
    DERProgramList,
    EndDeviceList,
    EventCurrentStatus,
    FunctionSetAssignmentsList,
    Notification,
    NotificationStatus,
    Subscription,
    Time,
)

RETRIES = (10, 100, 300, 1800)
"""Seconds after which a notification is sent again that failed for what may pass; after the last it is given up."""

_MOST_PENDING = 100
"""Notifications of one subscription that wait at a time; the oldest is given up for a further one."""

_AT_A_TIME = 100
"""Notifications that are composed and returned at a time."""

_MOST_ITEMS = 500
"""Items of a list in one notification, however many are asked for."""

_FSA_POLL_RATE = 300
"""What the reference server says in notifications of new assignments, whatever the rate is."""

_SUBSCRIBED = re.compile(r"(/edev/[^/]+)(/.*)?")
_CANCELLED = (EventCurrentStatus.CANCELLED, EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION)

Read = Callable[[bytes, str, int], Any]
"""Returns what a client gets at a path, with at most so many items if it is a list; None if there is nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A notification that is due.

    Attributes:
        number: Its number.
        identifier: What it is known by at the subscriber, the same in each try.
        client: LFDI of the client that has subscribed; empty if the subscription has ended.
        uri: Where to.
        content: Its octets.
        content_type: Their media type.
    """

    number: int
    identifier: str
    client: bytes
    uri: str
    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class _Subscribed:
    path: str
    owner: bytes
    resource: str
    end_device: str


class Notifications:
    """The notifications of a utility.

    Args:
        store: Where they are kept, with the subscriptions.
        settings: Settings of the utility.
        read: What clients get.
        log: Called with a line for what came of each; None for nobody.
        clock: The time of the utility, in seconds since 1970.
    """

    def __init__(
        self, store: Store, settings: Settings, read: Read, log: Callable[[str], None], clock: Callable[[], int]
    ) -> None:
        self._store = store
        self._settings = settings
        self._read = read
        self._log = log
        self._clock = clock

    # What to send

    def enqueue(self, changes: Sequence[Change], now: float) -> None:
        """Keep a notification for each subscription that some changes are for, due at once.

        Args:
            changes: The changes of one transaction, in which this is called.
            now: The time, in seconds since 1970.
        """
        concerned: dict[str, tuple[_Subscribed, list[Change]]] = {}
        for change in changes:
            for end_device, template in self._places(change):
                for subscribed in self._subscribed(change, end_device, "template = ?", template):
                    concerned.setdefault(subscribed.path, (subscribed, []))[1].append(change)
                # What is below may be gone with it.
                below = (f"{template}/", f"{template}0")
                for subscribed in self._subscribed(change, end_device, "template > ? AND template < ?", *below):
                    if self._read(subscribed.owner, subscribed.resource, 1) is None:
                        concerned.setdefault(subscribed.path, (subscribed, []))
        for subscribed, its_changes in concerned.values():
            self._add(subscribed.path, json.dumps(_cause(its_changes, changes)), now)

    def _places(self, change: Change) -> Iterator[tuple[str | None, str]]:
        """Give each EndDevice at which a resource has changed, None for all, and its path with {edev} for that."""
        found = _SUBSCRIBED.fullmatch(change.path)
        if found is not None:
            yield found[1], "{edev}" + (found[2] or "")
        elif change.sites is None or "{edev}" not in change.path:
            yield None, change.path
        else:
            for lfdi in change.sites:
                device = self._store.find("/edev", format_lfdi(lfdi))
                if device is not None:
                    yield device[0], change.path

    def _subscribed(self, change: Change, end_device: str | None, where: str, *parameters: str) -> list[_Subscribed]:
        rows = self._store.rows(
            "SELECT path, owner, resource, end_device FROM subscription "  # noqa: S608  # conditions of our own
            f"WHERE {where} AND (? IS NULL OR end_device = ?) AND (? IS NULL OR owner = ?) ORDER BY rowid",
            *(*parameters, end_device, end_device, change.owner, change.owner),
        )
        return [_Subscribed(*row) for row in rows]

    # What it says

    def _compose(self, to: _Subscribed, cause: dict[str, Any]) -> Iterator[tuple[Subscription, Notification]]:
        """Give the notifications that a subscriber is to get because of something: one, or none, or two."""
        subscription: Subscription | None = self._store.get(to.owner, to.path)
        if subscription is None:
            self._store.execute("DELETE FROM subscription WHERE path = ?", to.path)
            return
        condition, values = subscription.condition, cause["values"]
        if condition is not None and values is not None:
            band = range(condition.lower_threshold, condition.upper_threshold + 1)
            values = [value for value in values if value not in band]
            if not values:
                return
        most = min(subscription.limit, _MOST_ITEMS)
        changed = self._settings.notifications == "changed"
        body = self._read(to.owner, to.resource, _MOST_ITEMS if changed else max(1, most))
        if body is None:
            status = NotificationStatus.SUBSCRIPTION_CANCELED_RESOURCE_DELETED
            yield subscription, self._notification(to, None, status)
            unsubscribe(self._store, to.owner, to.path)
        elif changed:
            for notification in self._of_changes(to, body, cause):
                yield subscription, notification
        else:
            content = body if most or not _is_list(body) else None
            yield subscription, self._notification(to, content, NotificationStatus.DEFAULT_STATUS)

    def _notification(self, to: _Subscribed, body: Any, status: NotificationStatus) -> Notification:
        return Notification(subscribed_resource=to.resource, resource=body, status=status, subscription_uri=to.path)

    # As the reference server does it

    def _of_changes(self, to: _Subscribed, body: Any, cause: dict[str, Any]) -> Iterator[Notification]:
        """Give the notifications of changes as the reference server of CSIP-AUS sends them.

        They hold the changed items alone, whatever the limit is; their mRIDs have no PEN; their paths are others than
        those that were subscribed to; the status is 4 where an item was cancelled or removed.
        """
        path = re.sub(r"/fsa/[^/]+/derp\Z", "/derp", to.resource)
        uri = f"{to.end_device}/sub/{to.path.rpartition('/')[2]}" if to.end_device else to.path
        body.href = path
        gone = NotificationStatus.SUBSCRIPTION_CANCELED_RESOURCE_DELETED
        parts = [(NotificationStatus.DEFAULT_STATUS, body)]
        if _is_list(body):
            attribute = items_attribute(type(body))
            items = self._changed(body, cause)
            if isinstance(body, FunctionSetAssignmentsList) and items:
                body.poll_rate = _FSA_POLL_RATE
            ended = [item for item in items if isinstance(body, DERControlList) and _is_cancelled(item)]
            going_on = [item for item in items if item not in ended]
            removed = isinstance(body, EndDeviceList) and not items and bool(cause["sites"])
            if removed or (ended and not going_on):
                parts = [(gone, body)]
            elif ended:
                parts = [(gone, copy(body)), *parts]
            for status, part in parts:
                mine = ended if status is gone else going_on
                setattr(part, attribute, mine)
                part.all = part.results = len(mine)
        for status, part in parts:
            _clear_pen(part)
            yield Notification(subscribed_resource=path, resource=part, status=status, subscription_uri=uri)

    def _changed(self, body: Any, cause: dict[str, Any]) -> list[Any]:
        """Return the items of a list that have changed."""
        items: list[Any] = getattr(body, items_attribute(type(body)))
        if isinstance(body, EndDeviceList):
            return [item for item in items if item.lfdi and item.lfdi.hex() in cause["sites"]]
        numbers = {DERControlList: "controls", DERProgramList: "programs", FunctionSetAssignmentsList: "assignments"}
        wanted = cause.get(numbers.get(type(body), ""))
        if wanted is None:
            return items
        return [item for item in items if (item.href or "").rpartition("/")[2] in wanted]

    # The queue

    def _add(self, path: str, cause: str, now: float) -> int:
        waiting = self._store.rows("SELECT number, uri FROM notification WHERE subscription = ? ORDER BY number", path)
        for number, uri in waiting[: max(0, len(waiting) - _MOST_PENDING + 1)]:
            self._give_up(number, uri or path, "given up, too many wait")
        return self._store.insert(
            "INSERT INTO notification (identifier, subscription, cause, tries, due) VALUES (?, ?, ?, 0, ?)",
            *(secrets.token_hex(16), path, cause, now),
        )

    def _write(self, number: int, path: str, cause: str, now: float) -> None:
        """Compose a notification, which is then there once, not at all, or as two."""
        found = self._store.rows("SELECT path, owner, resource, end_device FROM subscription WHERE path = ?", path)
        if found and is_expired(self._store, self._settings, found[0][1], path, now):
            unsubscribe(self._store, found[0][1], path)
            found = []
        composed = self._compose(_Subscribed(*found[0]), json.loads(cause)) if found else ()
        left: int | None = number
        for subscription, notification in composed:
            if self._store.profile.edition >= "2023":
                notification.created_date_time = self._clock()
            content_type, content = self._encode(subscription, notification)
            row = self._add(path, cause, now) if left is None else left
            left = None
            write = "UPDATE notification SET uri = ?, content_type = ?, content = ? WHERE number = ?"
            self._store.execute(write, subscription.notification_uri, content_type, content, row)
        if left is not None:
            self._store.execute("DELETE FROM notification WHERE number = ?", left)

    def _encode(self, subscription: Subscription, notification: Notification) -> tuple[str, bytes]:
        profile = self._store.profile
        if subscription.level.startswith("-") and profile.extension_namespace:
            _clear_extensions(notification)
            content_type = f"application/sep+xml; level={subscription.level}"
            return content_type, dumps(notification, profile="ieee-2018", validate=False)
        if (earlier := profile.for_2018) is None:
            return profile.content_type, dumps(notification, profile=profile, validate=False)
        content_type = f"{earlier.content_type}; level={subscription.level}"
        if find_level(content_type) == LEVELS["2018"]:
            profile, notification = earlier, leave_out_later(notification, earlier)
        return content_type, dumps(notification, profile=profile, validate=False)

    def due(self, now: float, without: Collection[int] = ()) -> list[Delivery]:
        """Return the notifications that are to be sent now, some of each client, in the order they came.

        Args:
            now: The time, in seconds since 1970.
            without: Numbers of those that are being sent.
        """
        new = "SELECT number, subscription, cause FROM notification WHERE content IS NULL AND due <= ? "
        if found := self._store.rows(f"{new} ORDER BY number LIMIT ?", now, _AT_A_TIME):
            with self._store.transaction():
                for number, path, cause in found:
                    self._write(number, path, cause, now)
        # In turns, so that the many of one client, which may be slow to take them, do not keep those of others back.
        rows = self._store.rows(
            "SELECT number, identifier, coalesce(owner, x''), uri, content, content_type FROM notification JOIN ("
            "SELECT number AS due_number, owner, row_number() OVER (PARTITION BY owner ORDER BY number) AS turn "
            "FROM notification LEFT JOIN subscription ON path = subscription "
            "WHERE due <= ? AND content IS NOT NULL ORDER BY turn, number LIMIT ?"
            ") ON number = due_number ORDER BY turn, number",
            *(now, _AT_A_TIME + len(without)),
        )
        allowed = []
        for delivery in (Delivery(*row) for row in rows if row[0] not in without):
            try:
                check_uri(delivery.uri, self._settings.notification_hosts or ())
            except EnvoyError as error:
                # The list was another one when it was subscribed to.
                self._give_up(delivery.number, delivery.uri, f"given up, {error.what}")
            else:
                allowed.append(delivery)
        return allowed

    def settle(self, number: int, status: int | None, now: float, why: str = "") -> None:
        """Note what came of a notification that was sent: it is done, given up, or due again later.

        Args:
            number: Its number.
            status: HTTP status of the response; None if there was none.
            now: The time, in seconds since 1970.
            why: What happened if there was none.
        """
        with self._store.transaction():
            rows = self._store.rows("SELECT uri, tries FROM notification WHERE number = ?", number)
            if not rows:
                return
            uri, tries = rows[0]
            outcome = str(status or why or "no response")
            if status is not None and 200 <= status < 300:
                self._give_up(number, uri, outcome)
            elif status is not None and status < 500:
                self._give_up(number, uri, f"{outcome} given up, the subscriber refuses it")
            elif tries >= len(RETRIES):
                self._give_up(number, uri, f"{outcome} given up after {tries + 1} tries")
            else:
                self._log(f"NOTIFY {_shown(uri)} {outcome}, again in {RETRIES[tries]} s")
                again = "UPDATE notification SET tries = tries + 1, due = ? WHERE number = ?"
                self._store.execute(again, now + RETRIES[tries], number)

    def _give_up(self, number: int, uri: str, outcome: str) -> None:
        self._log(f"NOTIFY {_shown(uri)} {outcome}")
        self._store.execute("DELETE FROM notification WHERE number = ?", number)

    def pending(self) -> list[dict[str, Any]]:
        """Return the notifications that wait: subscription, URI, tries so far, and when each is due.

        The URI is None until it is first due, and composed.
        """
        rows = self._store.rows("SELECT subscription, uri, tries, due FROM notification ORDER BY number")
        return [dict(zip(("subscription", "uri", "tries", "due"), row, strict=True)) for row in rows]


def _cause(its: Sequence[Change], changes: Sequence[Change]) -> dict[str, Any]:
    """Return what a notification has to know of changes, of its resource and of all, as JSON has it."""
    lists = [change.path.split("/") for change in changes if change.resource is DERProgramList]
    return {
        "values": [value for change in its for value in change.values] if its else None,
        "controls": [str(number) for change in its for number in change.items],
        "sites": [lfdi.hex() for change in its for lfdi in change.sites or ()],
        "programs": [change.path.rpartition("/")[2] for change in changes if change.resource is DERProgram],
        "assignments": [parts[2] for parts in lists if parts[:2] == ["{edev}", "fsa"]],
    }


def subscribe(store: Store, owner: bytes, path: str, resource: str) -> None:
    """Note what a subscription at a path is to."""
    found = _SUBSCRIBED.fullmatch(resource)
    end_device, template = (found[1], "{edev}" + (found[2] or "")) if found else ("", resource)
    row = (path, owner, resource, end_device, template)
    store.execute("REPLACE INTO subscription VALUES (?, ?, ?, ?, ?)", *row)


def renew(store: Store, owner: bytes, path: str, now: float) -> None:
    """Note that a subscription was made, or renewed."""
    store.put(owner, f"{path}/renewed", make_time(int(now)))


def is_expired(store: Store, settings: Settings, owner: bytes, path: str, now: float) -> bool:
    """Return whether a subscription was not renewed for too long."""
    if settings.subscription_lifetime is None:
        return False
    renewed: Time | None = store.get(owner, f"{path}/renewed")
    return renewed is None or (renewed.current_time or 0) + settings.subscription_lifetime <= now


def unsubscribe(store: Store, owner: bytes, path: str) -> bool:
    """End a subscription; return whether there was one."""
    store.execute("DELETE FROM subscription WHERE path = ?", path)
    return store.delete(owner, path)


def _shown(uri: str) -> str:
    return quote(uri, safe=":/?#[]@!$&'()*+,;=%")


def _is_list(body: Any) -> bool:
    # The standard has two kinds of lists, with no base in common.
    return hasattr(body, "results")


def _is_cancelled(control: Any) -> bool:
    return bool(control.event_status and control.event_status.current_status in _CANCELLED)


def _parts(obj: Any) -> Iterator[Any]:
    """Give an object and all objects in it."""
    yield obj
    cls: type = type(obj)
    for field in fields_of(cls):
        if field.complex or field.many:
            value = getattr(obj, field.name)
            for each in value if isinstance(value, list) else [value]:
                if hasattr(each, "Meta"):
                    yield from _parts(each)


def _clear_pen(body: Any) -> None:
    for part in _parts(body):
        if isinstance(getattr(part, "mrid", None), bytes) and len(part.mrid) == 16:
            part.mrid = part.mrid[:12] + bytes(4)


def _clear_extensions(body: Any) -> None:
    """Remove what the plain standard does not have."""
    for part in list(_parts(body)):
        cls: type = type(part)
        for field in fields_of(cls):
            if field.namespace not in ("", SEP_NAMESPACE):
                setattr(part, field.name, [] if field.many else None)
