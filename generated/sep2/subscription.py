"""Subscription and notification: a client asks a server to push changes of a resource to it instead of polling for them.

Generated from schema/sep/subscription.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.resource import (
    List,
    Resource,
)


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Condition(ComplexType):
    """
    Limits the notifications of a subscription to the times when a watched number leaves a band.

    Written by the subscribing client.

    Attributes:
        attribute_identifier: Which number of the subscribed resource is watched; 0 is the value of a Reading.
        lower_threshold: A notification is sent when the watched number falls below this. In the unit of the
            watched number.
        upper_threshold: A notification is sent when the watched number rises above this. In the unit of the
            watched number.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    attribute_identifier: int = field(
        metadata={
            "name": "attributeIdentifier",
            "type": "Element",
        }
    )
    lower_threshold: int = field(
        metadata={
            "name": "lowerThreshold",
            "type": "Element",
            "min_inclusive": -140737488355328,
            "max_inclusive": 140737488355328,
        }
    )
    upper_threshold: int = field(
        metadata={
            "name": "upperThreshold",
            "type": "Element",
            "min_inclusive": -140737488355328,
            "max_inclusive": 140737488355328,
        }
    )


class NotificationStatus(Code):
    """Codes of Notification.status. Whether this is an ordinary change or the end of the subscription, and why it
    ended."""

    DEFAULT_STATUS = 0
    """Ordinary notification, the subscription goes on."""
    SUBSCRIPTION_CANCELED = 1
    """Subscription ended, no reason given."""
    SUBSCRIPTION_CANCELED_RESOURCE_MOVED = 2
    """Subscription ended because the resource has a new address."""
    SUBSCRIPTION_CANCELED_RESOURCE_DEFINITION_CHANGED = 3
    """Subscription ended because the resource is now defined differently, for example by a newer schema."""
    SUBSCRIPTION_CANCELED_RESOURCE_DELETED = 4
    """Subscription ended because the resource is gone."""


class SubscriptionEncoding(Code):
    """Codes of Subscription.encoding. The format in which the client wants the notifications."""

    APPLICATION_SEP_XML = 0
    """XML."""
    APPLICATION_SEP_EXI = 1
    """EXI, the binary form of XML."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SubscriptionBase(Resource):
    """
    What a Subscription and a Notification have in common: the resource they are about.

    Attributes:
        subscribed_resource: Address of the resource that is watched. It must be one that the server marks as
            subscribable.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    subscribed_resource: str = field(
        metadata={
            "name": "subscribedResource",
            "type": "Element",
            "white_space": "collapse",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Notification(SubscriptionBase):
    """
    The message that a server POSTs to a subscriber when the watched resource changed or the subscription ended.

    Attributes:
        created_date_time: When the notification was made. Unit: s since 1970.
        new_resource_uri: The new address of the resource when it has moved (status 2).
        resource: The changed resource as it is now. Its real type is named by xsi:type; absent when there is
            nothing to show, so fetch it.
        status: Whether this is an ordinary change or the end of the subscription, and why it ended.
        subscription_uri: Address of the subscription that led to this message.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    created_date_time: None | int = field(
        default=None,
        metadata={
            "name": "createdDateTime",
            "type": "Element",
            "edition": "2023",
        },
    )
    new_resource_uri: None | str = field(
        default=None,
        metadata={
            "name": "newResourceURI",
            "type": "Element",
            "white_space": "collapse",
        },
    )
    resource: None | Resource = field(
        default=None,
        metadata={
            "name": "Resource",
            "type": "Element",
        },
    )
    status: NotificationStatus = field(
        metadata={
            "type": "Element",
        }
    )
    subscription_uri: str = field(
        metadata={
            "name": "subscriptionURI",
            "type": "Element",
            "white_space": "collapse",
        }
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Subscription(SubscriptionBase):
    """
    A client's wish to hear about changes of one resource.

    The client POSTs it to its SubscriptionList; the server keeps it until it is deleted or cancelled.

    Attributes:
        condition: Optional band for a watched number; without it any change is notified.
        encoding: The format in which the client wants the notifications.
        level: Schema level wanted in notifications, such as -S1 or +S1; the plus sign says that extensions are
            welcome.
        limit: At most this many list items are put into a notification; 0 means none, so the client fetches the
            list itself.
        notification_uri: Where the server POSTs the notifications: an address on the client, which therefore has
            to run a server.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    condition: None | Condition = field(
        default=None,
        metadata={
            "name": "Condition",
            "type": "Element",
        },
    )
    encoding: SubscriptionEncoding = field(
        metadata={
            "type": "Element",
        }
    )
    level: str = field(
        metadata={
            "type": "Element",
            "max_length": 16,
        }
    )
    limit: int = field(
        metadata={
            "type": "Element",
        }
    )
    notification_uri: str = field(
        metadata={
            "name": "notificationURI",
            "type": "Element",
            "white_space": "collapse",
        }
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class NotificationList(List):
    """
    The place on a client where servers POST their notifications.

    Attributes:
        notification: One notification that was received.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> Notification: ...

    notification: list[Notification] = field(
        default_factory=list,
        metadata={
            "name": "Notification",
            "type": "Element",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SubscriptionList(List):
    """
    The subscriptions of one EndDevice.

    The client POSTs new ones here.

    Attributes:
        subscription: One subscription of the device.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> Subscription: ...

    subscription: list[Subscription] = field(
        default_factory=list,
        metadata={
            "name": "Subscription",
            "type": "Element",
        },
    )
    poll_rate: int = field(
        default=900,
        metadata={
            "name": "pollRate",
            "type": "Attribute",
        },
    )
    schema_ver: None | str = field(
        default=None,
        compare=False,
        metadata={
            "name": "schemaVer",
            "type": "Attribute",
            "pattern": r"[1-9][0-9]{0,2}[.]([0]|[1-9][0-9]{0,2})",
            "edition": "2023",
            "root": "true",
        },
    )
