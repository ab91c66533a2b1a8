"""Time: the clock of the server and the local time zone. Events of the server are to be carried out by this clock.

Generated from schema/sep/time.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.bindings.enums import Code

from sep2.resource import Resource


class TimeQuality(Code):
    """Codes of Time.quality. How far this clock can be trusted; a lower number is better."""

    EXTERNAL_AUTHORITATIVE_SOURCE = 3
    """Taken from an outside authority such as NTP."""
    LEVEL_3_SOURCE = 4
    """Taken from a source of quality 3."""
    MANUALLY_SET_OR_LEVEL_4_SOURCE = 5
    """Set by hand, or taken from a source of quality 4."""
    LEVEL_5_SOURCE = 6
    """Taken from a source of quality 5."""
    INTENTIONALLY_UNCOORDINATED = 7
    """Not tied to any other clock, on purpose."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Time(Resource):
    """
    Clock and time zone of the server.

    A client works out its own offset from it. Local time = currentTime + tzOffset, + dstOffset while daylight
    saving is on.

    Attributes:
        current_time: Time now, UTC.
        dst_end_time: When daylight saving ends and dstOffset no longer counts.
        dst_offset: What daylight saving adds to local time while it is on, usually 3600.
        dst_start_time: When daylight saving starts and dstOffset begins to count.
        local_time: Local time now, counted as if it were UTC: includes tzOffset and any daylight saving.
        quality: How far this clock can be trusted; a lower number is better.
        tz_offset: Offset of local standard time from UTC, positive to the east, without daylight saving.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    current_time: int = field(
        metadata={
            "name": "currentTime",
            "type": "Element",
        }
    )
    dst_end_time: int = field(
        metadata={
            "name": "dstEndTime",
            "type": "Element",
        }
    )
    dst_offset: int = field(
        metadata={
            "name": "dstOffset",
            "type": "Element",
        }
    )
    dst_start_time: int = field(
        metadata={
            "name": "dstStartTime",
            "type": "Element",
        }
    )
    local_time: None | int = field(
        default=None,
        metadata={
            "name": "localTime",
            "type": "Element",
        },
    )
    quality: TimeQuality = field(
        metadata={
            "type": "Element",
        }
    )
    tz_offset: int = field(
        metadata={
            "name": "tzOffset",
            "type": "Element",
        }
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
