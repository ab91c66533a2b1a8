"""Log events: a device's record of alarms and other happenings, which a server can keep and others can read or subscribe
to.

Generated from schema/sep/log_event.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sep2.resource import (
    Resource,
    SubscribableList,
)


@dataclass(slots=True, kw_only=True)
class LogEvent(Resource):
    """
    One entry of a device's log, such as an alarm or its end.

    The device writes it, or POSTs it to the LogEventListLink of its EndDevice.

    Attributes:
        created_date_time: When it happened.
        details: A few words for a human reader.
        extended_data: A number that says more, with a meaning that depends on the event.
        function_set: Number of the function set that the event belongs to, within the profile; 11 is DER in the
            profile of IEEE 2030.5.
        log_event_code: What happened: a number that has a meaning only together with logEventPEN, profileID and
            functionSet.
        log_event_id: A running number of the entries in this device, which may wrap around.
        log_event_pen: IANA Private Enterprise Number of whoever defined the codes.
        profile_id: The profile whose codes are used; 2 is IEEE 2030.5, 1 is the vendor's own.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    created_date_time: int = field(
        metadata={
            "name": "createdDateTime",
            "type": "Element",
        }
    )
    details: None | str = field(
        default=None,
        metadata={
            "type": "Element",
            "max_length": 32,
        },
    )
    extended_data: None | int = field(
        default=None,
        metadata={
            "name": "extendedData",
            "type": "Element",
        },
    )
    function_set: int = field(
        metadata={
            "name": "functionSet",
            "type": "Element",
        }
    )
    log_event_code: int = field(
        metadata={
            "name": "logEventCode",
            "type": "Element",
        }
    )
    log_event_id: int = field(
        metadata={
            "name": "logEventID",
            "type": "Element",
        }
    )
    log_event_pen: int = field(
        metadata={
            "name": "logEventPEN",
            "type": "Element",
        }
    )
    profile_id: int = field(
        metadata={
            "name": "profileID",
            "type": "Element",
        }
    )


@dataclass(slots=True, kw_only=True)
class LogEventList(SubscribableList):
    """
    The log of one device.

    The newest entries come first; old ones may be dropped when space is short.

    Attributes:
        log_event: One log entry.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    log_event: list[LogEvent] = field(
        default_factory=list,
        metadata={
            "name": "LogEvent",
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
