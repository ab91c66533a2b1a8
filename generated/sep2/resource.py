"""Base types: addressable resources, lists, identified objects and events, which nearly all resources build on, and the
body of an error response.

Generated from schema/sep/resource.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Bitmap, Code

from sep2.types import SubscribableType


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DateTimeInterval(ComplexType):
    """
    Span of time given by its start and length.

    Attributes:
        duration: Length of the interval. Unit: s.
        start: First moment of the interval.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    duration: int = field(
        metadata={
            "type": "Element",
        }
    )
    start: int = field(
        metadata={
            "type": "Element",
        }
    )


class ErrorReasonCode(Code):
    """Codes of Error.reason_code. Why the request failed."""

    INVALID_REQUEST_FORMAT = 0
    """The request cannot be parsed or has the wrong form."""
    INVALID_REQUEST_VALUES = 1
    """The form is right but some value is not acceptable."""
    RESOURCE_LIMIT_REACHED = 2
    """The server has no room for more."""
    CONDITIONAL_SUBSCRIPTION_FIELD_NOT_SUPPORTED = 3
    """The server cannot watch the attribute that the subscription names."""
    MAXIMUM_REQUEST_FREQUENCY_EXCEEDED = 4
    """Requests come too often; slow down."""


class EventCurrentStatus(Code):
    """Codes of EventStatus.current_status. State the event is in."""

    SCHEDULED = 0
    """Still to come."""
    ACTIVE = 1
    """Under way."""
    CANCELLED = 2
    """Called off; stop at once if under way."""
    CANCELLED_WITH_RANDOMIZATION = 3
    """Called off; end after the randomization that the event gives."""
    SUPERSEDED = 4
    """Replaced by another event."""
    COMPLETED = 5
    """Over, as it was meant to be."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Resource(ComplexType):
    """
    Base of everything that has an address of its own.

    Attributes:
        href: Address of the resource, absolute or relative to the server root.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    href: None | str = field(
        default=None,
        metadata={
            "type": "Attribute",
            "white_space": "collapse",
        },
    )


class ResponseRequired(Bitmap, octets=1):
    """Codes of RespondableResource.response_required. Which kinds of response the server asks for; 00 (none) when
    absent."""

    MESSAGE_RECEIVED = 1 << 0
    """Report that the message arrived."""
    SPECIFIC_RESPONSE = 1 << 1
    """Report what became of it: started, completed, opted out and so on."""
    RESPONSE_FROM_END_USER = 1 << 2
    """Report what the customer responded or acknowledged."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Error(ComplexType):
    """
    Body that a server may send with an error status (4xx or 5xx) to explain it.

    Many servers send none, or something else.

    Attributes:
        max_retry_duration: How long to wait at most before trying again. Unit: s.
        reason_code: Why the request failed.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    max_retry_duration: None | int = field(
        default=None,
        metadata={
            "name": "maxRetryDuration",
            "type": "Element",
        },
    )
    reason_code: ErrorReasonCode = field(
        metadata={
            "name": "reasonCode",
            "type": "Element",
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
class EventStatus(ComplexType):
    """
    State of an event, kept by the server.

    Clients poll it to learn of cancellation in time.

    Attributes:
        current_status: State the event is in.
        date_time: When the present status was set.
        potentially_superseded: True when another event may override this one, wholly or for some of its devices.
        potentially_superseded_time: When potentiallySuperseded was last set.
        reason: Free text on why the status is what it is, for people.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    current_status: EventCurrentStatus = field(
        metadata={
            "name": "currentStatus",
            "type": "Element",
        }
    )
    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    potentially_superseded: bool = field(
        metadata={
            "name": "potentiallySuperseded",
            "type": "Element",
        }
    )
    potentially_superseded_time: None | int = field(
        default=None,
        metadata={
            "name": "potentiallySupersededTime",
            "type": "Element",
        },
    )
    reason: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 192,
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class IdentifiedObject(Resource):
    """
    Resource with a global identifier, which stays the same even when its address changes.

    Attributes:
        mrid: Global identifier of the object; its last 32 bits name the organisation that issued it.
        description: Short free text for people; no program should depend on it.
        version: Revision number of the object, raised when its content changes.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    mrid: bytes = field(
        metadata={
            "name": "mRID",
            "type": "Element",
            "max_length": 16,
            "format": "base16",
        }
    )
    description: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    version: None | int = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class List(Resource):
    """
    Base of all lists.

    A server returns them page by page (query s and l; one item unless asked for more), so compare results with all.

    Attributes:
        all: Number of items in the whole list that this client may see.
        results: Number of items on this page.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    all: int = field(
        metadata={
            "type": "Attribute",
        }
    )
    results: int = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RespondableResource(Resource):
    """
    Resource to which the server may want a Response from the client, for instance an event.

    Attributes:
        reply_to: Where the client posts its responses.
        response_required: Which kinds of response the server asks for; 00 (none) when absent.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    reply_to: None | str = field(
        default=None,
        metadata={
            "name": "replyTo",
            "type": "Attribute",
            "white_space": "collapse",
        },
    )
    response_required: ResponseRequired = field(
        default=ResponseRequired(0),
        metadata={
            "name": "responseRequired",
            "type": "Attribute",
            "format": "base16",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SubscribableResource(Resource):
    """
    Resource that a client may be able to subscribe to instead of polling.

    Attributes:
        subscribable: Which kinds of subscription the server accepts for this resource; 0 (none) when absent.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    subscribable: SubscribableType = field(
        default=SubscribableType.NOT_SUBSCRIBABLE,
        metadata={
            "type": "Attribute",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RespondableIdentifiedObject(RespondableResource):
    """
    Resource with a global identifier to which responses may be wanted.

    Attributes:
        mrid: Global identifier of the object; its last 32 bits name the organisation that issued it.
        description: Short free text for people; no program should depend on it.
        version: Revision number of the object, raised when its content changes.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    mrid: bytes = field(
        metadata={
            "name": "mRID",
            "type": "Element",
            "max_length": 16,
            "format": "base16",
        }
    )
    description: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    version: None | int = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RespondableSubscribableIdentifiedObject(RespondableResource):
    """
    Resource with a global identifier that allows both responses and subscriptions.

    Base of events.

    Attributes:
        mrid: Global identifier of the object; its last 32 bits name the organisation that issued it.
        description: Short free text for people; no program should depend on it.
        version: Revision number of the object, raised when its content changes.
        subscribable: Which kinds of subscription the server accepts for this resource; 0 (none) when absent.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    mrid: bytes = field(
        metadata={
            "name": "mRID",
            "type": "Element",
            "max_length": 16,
            "format": "base16",
        }
    )
    description: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    version: None | int = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    subscribable: SubscribableType = field(
        default=SubscribableType.NOT_SUBSCRIBABLE,
        metadata={
            "type": "Attribute",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SubscribableIdentifiedObject(SubscribableResource):
    """
    Resource with a global identifier that a client may be able to subscribe to.

    Attributes:
        mrid: Global identifier of the object; its last 32 bits name the organisation that issued it.
        description: Short free text for people; no program should depend on it.
        version: Revision number of the object, raised when its content changes.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    mrid: bytes = field(
        metadata={
            "name": "mRID",
            "type": "Element",
            "max_length": 16,
            "format": "base16",
        }
    )
    description: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    version: None | int = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SubscribableList(SubscribableResource):
    """
    List that a client may be able to subscribe to.

    Paged like any list.

    Attributes:
        all: Number of items in the whole list that this client may see.
        results: Number of items on this page.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    all: int = field(
        metadata={
            "type": "Attribute",
        }
    )
    results: int = field(
        metadata={
            "type": "Attribute",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Event(RespondableSubscribableIdentifiedObject):
    """
    Something that applies during an interval, such as a DER control or a price.

    The server creates it and keeps its status; the client carries it out.

    Attributes:
        creation_time: When the event was created. Of two clashing events of equal primacy the newer one wins.
        event_status: Present state of the event as the server sees it.
        interval: Start and duration of the event, before randomization.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    creation_time: int = field(
        metadata={
            "name": "creationTime",
            "type": "Element",
        }
    )
    event_status: EventStatus = field(
        metadata={
            "name": "EventStatus",
            "type": "Element",
        }
    )
    interval: DateTimeInterval = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RandomizableEvent(Event):
    """
    Event whose start and length each client shifts by a random amount, so that not all devices switch in the same
    second.

    Attributes:
        randomize_duration: Bound of the random change of the duration; draw between 0 and this, negative
            shortens.
        randomize_start: Bound of the random shift of the start; draw between 0 and this, negative starts
            earlier.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    randomize_duration: None | int = field(
        default=None,
        metadata={
            "name": "randomizeDuration",
            "type": "Element",
        },
    )
    randomize_start: None | int = field(
        default=None,
        metadata={
            "name": "randomizeStart",
            "type": "Element",
        },
    )
