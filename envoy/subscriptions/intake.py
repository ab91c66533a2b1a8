"""The intake of notifications: what each one is a reason to do, however many come, and whoever sends them.

Nothing in a notification is believed. It is a reason to read the resource again, and to look whether the subscription
is still there; its status says no more than which of these. Servers send other mRIDs in notifications than by GET,
leave out items and links, and have "deleted" for a control that was cancelled.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from threading import Lock

from envoy._text import shorten
from envoy.codec.parser import parse
from envoy.errors import DocumentError
from envoy.namespaces import SEP_NAMESPACE
from sep2 import NotificationStatus

IDENTIFIER = "x-envoy-notification-id"
"""Header with what a notification is known by, the same each time that it is sent; the reference server has it."""

LEAST_GAP = 2.0
"""Seconds between two reads of a resource that are due to notifications, at least; twice as many each time that more
come before that."""

MOST_GAP = 60.0
"""Seconds between two such reads at most, and at least where the notification is the same as the one before."""

_REMEMBERED = 20_000
"""Identifiers that are remembered, for hours in which a server sends a notification again."""


@dataclass(slots=True)
class Notified:
    """What is known of the notifications of one resource.

    Attributes:
        due: When it is read again because of them; infinite if it is not.
        last: When that was so last.
        gap: Seconds between two such reads, at least.
        digest: Digest of the last notification.
    """

    due: float = inf
    last: float = -inf
    gap: float = LEAST_GAP
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Reason:
    """What a notification is a reason for.

    Attributes:
        due: When the resource is to be read again; None if that is not needed: it has come before, or it will be read.
        status: The status; DEFAULT_STATUS where it cannot be read.
        finding: What is odd about it; empty for nothing.
    """

    due: float | None
    status: NotificationStatus
    finding: str = ""


class Intake:
    """The intake of notifications. Any thread may use it.

    Attributes:
        received: How many notifications there were.
        repeated: How many of them had come before.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._identifiers: OrderedDict[str, None] = OrderedDict()
        self.received = self.repeated = 0

    def take(self, known: Notified, headers: Mapping[str, str], content: bytes, now: float) -> Reason:
        """Return what a notification is a reason for.

        Args:
            known: What is known of the notifications of the resource; it is brought up to date.
            headers: Its headers, by names in lower case.
            content: Its body, or as much of it as was read.
            now: The time, in seconds.
        """
        digest = hashlib.blake2b(content, digest_size=8).digest()
        identifier = headers.get(IDENTIFIER, "")[:100]
        with self._lock:
            self.received += 1
            if identifier and self._is_known(identifier):
                self.repeated += 1
                return Reason(None, NotificationStatus.DEFAULT_STATUS)
            due = self._schedule(known, digest, now)
        status, finding = read_status(content)
        return Reason(due, status, finding)

    def _is_known(self, identifier: str) -> bool:
        if identifier in self._identifiers:
            self._identifiers.move_to_end(identifier)
            return True
        self._identifiers[identifier] = None
        if len(self._identifiers) > _REMEMBERED:
            self._identifiers.popitem(last=False)
        return False

    def _schedule(self, known: Notified, digest: bytes, now: float) -> float | None:
        """Return when to read because of a notification; None if a read that is to come will do."""
        same, known.digest = digest == known.digest, digest
        self.repeated += same
        if known.due <= now:
            known.last, known.due = known.due, inf
        early = now < known.last + known.gap
        # What is the same may be a replay, or a second change of which a server says as little as of the first.
        due = max(now, known.last + (MOST_GAP if same else known.gap if early else 0.0))
        if due >= known.due:
            return None
        if not same:
            known.gap = min(known.gap * 2, MOST_GAP) if early else LEAST_GAP
        known.due = due
        return due


def read_status(content: bytes) -> tuple[NotificationStatus, str]:
    """Return the status that a notification has, and what is odd about it: that of a change if it cannot be read."""
    try:
        root = parse(content)
    except DocumentError as error:
        return NotificationStatus.DEFAULT_STATUS, f"it cannot be read: {error.what}"
    if root.tag != f"{{{SEP_NAMESPACE}}}Notification":
        return NotificationStatus.DEFAULT_STATUS, f"it is not a Notification but {shorten(str(root.tag), 100)}"
    text = root.findtext(f"{{{SEP_NAMESPACE}}}status", "")
    try:
        return NotificationStatus(int(text)), ""
    except ValueError:
        return NotificationStatus.DEFAULT_STATUS, f"its status is {shorten(text, 20)!r}"
