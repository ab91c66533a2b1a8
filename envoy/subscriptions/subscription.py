"""One subscription of a client, and which resources can be subscribed to."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from envoy.profiles import LEVELS, Profile
from envoy.subscriptions.intake import Notified
from sep2 import Subscription as Model
from sep2 import SubscriptionEncoding

MOST_ITEMS = 100
"""Items that a notification may have. They are not used; but with none, some servers have no notification to send."""


Count = tuple[int, int]
"""How many subscriptions the server has accepted, and how many there are to be."""

_COUNTS: tuple[tuple[Count, Count], tuple[Count, Count]] = (((0, 0), (0, 0)), ((0, 1), (1, 1)))


def is_subscribable(resource: Any) -> bool:
    """Return whether a server accepts subscriptions of a resource that are not conditional (``subscribable``)."""
    return int(getattr(resource, "subscribable", None) or 0) & 1 == 1


@dataclass(slots=True, eq=False)
class Subscription:
    """A subscription to one resource.

    Attributes:
        resource: Href of the resource.
        code: What its notification path is known by.
        due: When something is to be done about it at the server.
        posted: The server has accepted it.
        location: Where it is; empty if that is not known.
        doubtful: A notification says that it has ended; the server is asked.
        checked: When it was asked last.
        notified: What is known of its notifications.
        readers: Who reads the resource; nobody for one that is to be deleted.
        counted: As what it is counted.
    """

    resource: str
    code: str
    due: float = 0.0
    posted: bool = False
    location: str = ""
    doubtful: bool = False
    checked: float = 0.0
    notified: Notified = field(default_factory=Notified)
    readers: set[Hashable] = field(default_factory=set)
    counted: Count = field(default=(0, 0))

    @property
    def count(self) -> Count:
        """What it counts as now."""
        return _COUNTS[bool(self.readers)][self.posted]

    def make_model(self, uri: str, profile: Profile) -> Model:
        """Return it as it is POSTed.

        Args:
            uri: Where notifications go.
            profile: Whose edition they are to be of. They may have extensions (IEEE 2030.5-2018, 8.6).
        """
        return Model(
            subscribed_resource=self.resource,
            encoding=SubscriptionEncoding.APPLICATION_SEP_XML,
            level=f"+{LEVELS[profile.edition]}",
            limit=MOST_ITEMS,
            notification_uri=uri,
        )
