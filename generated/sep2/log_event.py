"""Log events: a device's record of alarms and other happenings, which a server can keep and others can read or subscribe
to.

Generated from schema/sep/log_event.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.enums import Code

from sep2.resource import (
    Resource,
    SubscribableList,
)


class DERLogEventCode(Code):
    """Codes of LogEvent.log_event_code when functionSet is 11 and profileID is 2."""

    DER_FAULT_OVER_CURRENT = 0
    """Current too high."""
    DER_FAULT_OVER_CURRENT_RTN = 1
    """Returned to normal: current too high."""
    DER_FAULT_OVER_VOLTAGE = 2
    """Voltage too high."""
    DER_FAULT_OVER_VOLTAGE_RTN = 3
    """Returned to normal: voltage too high."""
    DER_FAULT_UNDER_VOLTAGE = 4
    """Voltage too low."""
    DER_FAULT_UNDER_VOLTAGE_RTN = 5
    """Returned to normal: voltage too low."""
    DER_FAULT_OVER_FREQUENCY = 6
    """Frequency too high."""
    DER_FAULT_OVER_FREQUENCY_RTN = 7
    """Returned to normal: frequency too high."""
    DER_FAULT_UNDER_FREQUENCY = 8
    """Frequency too low."""
    DER_FAULT_UNDER_FREQUENCY_RTN = 9
    """Returned to normal: frequency too low."""
    DER_FAULT_VOLTAGE_IMBALANCE = 10
    """Voltages of the phases differ too much."""
    DER_FAULT_VOLTAGE_IMBALANCE_RTN = 11
    """Returned to normal: voltages of the phases differ too much."""
    DER_FAULT_CURRENT_IMBALANCE = 12
    """Currents of the phases differ too much."""
    DER_FAULT_CURRENT_IMBALANCE_RTN = 13
    """Returned to normal: currents of the phases differ too much."""
    DER_FAULT_EMERGENCY_LOCAL = 14
    """Local emergency."""
    DER_FAULT_EMERGENCY_LOCAL_RTN = 15
    """Returned to normal: local emergency."""
    DER_FAULT_EMERGENCY_REMOTE = 16
    """Emergency signalled from remote."""
    DER_FAULT_EMERGENCY_REMOTE_RTN = 17
    """Returned to normal: emergency signalled from remote."""
    DER_FAULT_LOW_POWER_INPUT = 18
    """Too little input power."""
    DER_FAULT_LOW_POWER_INPUT_RTN = 19
    """Returned to normal: too little input power."""
    DER_FAULT_PHASE_ROTATION = 20
    """Wrong phase sequence."""
    DER_FAULT_PHASE_ROTATION_RTN = 21
    """Returned to normal: wrong phase sequence."""


class LogEventFunctionSet(Code):
    """Codes of LogEvent.function_set. The function set that the event belongs to. These are the numbers of the
    profile IEEE 2030.5; in another profile a number means what that profile says."""

    GENERAL = 0
    """No function set in particular."""
    SUBSCRIPTION = 1
    """Subscriptions and notifications."""
    END_DEVICE = 2
    """End devices."""
    FUNCTION_SET_ASSIGNMENTS = 3
    """Function set assignments."""
    RESPONSE = 4
    """Responses."""
    DEMAND_RESPONSE_LOAD_CONTROL = 5
    """Demand response and load control (DRLC)."""
    METERING = 6
    """Metering."""
    PRICING = 7
    """Pricing."""
    MESSAGING = 8
    """Messaging."""
    BILLING = 9
    """Billing."""
    PREPAYMENT = 10
    """Prepayment."""
    DISTRIBUTED_ENERGY_RESOURCES = 11
    """Distributed energy resources (DER)."""
    TIME = 12
    """Time."""
    SOFTWARE_DOWNLOAD = 13
    """Files and software download."""
    DEVICE_INFORMATION = 14
    """Device information."""
    POWER_STATUS = 15
    """Power status."""
    NETWORK_STATUS = 16
    """Network status."""
    LOG_EVENT = 17
    """The log itself."""
    CONFIGURATION = 18
    """Configuration."""
    SECURITY = 19
    """Security."""


class LogEventProfile(Code):
    """Codes of LogEvent.profile_id. The profile whose function sets and codes are used."""

    NOT_PROFILE_SPECIFIC = 0
    """No profile in particular."""
    VENDOR_DEFINED = 1
    """The vendor's own codes."""
    IEEE_2030_5 = 2
    """The codes of IEEE 2030.5."""
    HOME_AUTOMATION = 3
    """Home automation."""
    BUILDING_AUTOMATION = 4
    """Building automation."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class LogEvent(Resource):
    """
    One entry of a device's log, such as an alarm or its end.

    The device writes it, or POSTs it to the LogEventListLink of its EndDevice.

    Attributes:
        created_date_time: When it happened.
        details: A few words for a human reader.
        extended_data: A number that says more, with a meaning that depends on the event.
        function_set: The function set that the event belongs to. These are the numbers of the profile IEEE
            2030.5; in another profile a number means what that profile says.
        log_event_code: What happened: a number that has a meaning only together with logEventPEN, profileID and
            functionSet. So it is a plain number, and the codes of the DER function set are a list beside it,
            DERLogEventCode: two for each bit of DERStatus.alarmStatus, one that the alarm began and one that it
            returned to normal.
        log_event_id: A running number of the entries in this device, which may wrap around.
        log_event_pen: IANA Private Enterprise Number of whoever defined the codes.
        profile_id: The profile whose function sets and codes are used.
        schema_ver: Version of the schema that the document follows, on the root element alone.
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
    function_set: LogEventFunctionSet = field(
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
    profile_id: LogEventProfile = field(
        metadata={
            "name": "profileID",
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
class LogEventList(SubscribableList):
    """
    The log of one device.

    The newest entries come first; old ones may be dropped when space is short.

    Attributes:
        log_event: One log entry.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> LogEvent: ...

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
