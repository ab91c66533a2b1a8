"""Responses: clients report back to the server what became of an event such as a DERControl, a price or a text message.

Generated from schema/sep/response.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.der import (
    DefaultDERControlType,
    DERControlType,
    DERControlType2,
)
from sep2.drlc import (
    ApplianceLoadReduction,
    DutyCycle,
    Offset,
    SetPoint,
)
from sep2.links import ResponseListLink
from sep2.resource import (
    IdentifiedObject,
    List,
    Resource,
)
from sep2.types import UnitType


class ResponseStatus(Code):
    """Codes of Response.status. What became of the event. Left out only when a response needs no status."""

    EVENT_RECEIVED = 1
    """The device has received the event."""
    EVENT_STARTED = 2
    """The device has begun to carry out the event."""
    EVENT_COMPLETED = 3
    """The event ran to its end."""
    OPTED_OUT = 4
    """The user chose not to take part."""
    OPTED_IN = 5
    """The user chose to take part."""
    CANCELLED = 6
    """The event was cancelled by the server."""
    SUPERSEDED = 7
    """Another event took the place of this one."""
    PARTIALLY_COMPLETED_OPT_OUT = 8
    """Ended, carried out only in part because the user left it."""
    PARTIALLY_COMPLETED_OPT_IN = 9
    """Ended, carried out only in part because the user joined late."""
    COMPLETED_NO_USER_PARTICIPATION = 10
    """Ended, the user had opted out before it began."""
    USER_ACKNOWLEDGED = 11
    """The user confirmed that the message was seen."""
    CANNOT_BE_DISPLAYED = 12
    """The device is unable to show the message."""
    ABORTED_ALTERNATE_SERVER = 13
    """Stopped in favour of an event from another server."""
    ABORTED_ALTERNATE_PROGRAM = 14
    """Stopped in favour of an event from another program."""
    NOT_APPLICABLE = 252
    """Refused: the event asks for something this device does not do."""
    INVALID = 253
    """Refused: the event makes no sense or its parameters are out of range."""
    EXPIRED = 254
    """Refused: the event was already over when it arrived."""
    RESUMED = 15
    """The event goes on after another one that had superseded it."""
    NOT_SUPPORTED = 251
    """Refused: the device does not have what the event asks for."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AppliedTargetReduction(ComplexType):
    """
    The reduction that the device really aimed at in a demand response event.

    Written by the client.

    Attributes:
        type: Unit of the reduction.
        value: Size of the reduction, in the unit that type names.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    type: UnitType = field(
        metadata={
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Response(Resource):
    """
    A client's report on an event: received, started, completed and so on.

    POSTed to the replyTo address of the event when its responseRequired asks for it.

    Attributes:
        created_date_time: When the thing that is reported happened, by the client's synchronised clock.
        end_device_lfdi: LFDI of the device that reports; for an aggregator, of the device it speaks for.
        status: What became of the event. Left out only when a response needs no status.
        subject: mRID of the event that this is about.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    created_date_time: None | int = field(
        default=None,
        metadata={
            "name": "createdDateTime",
            "type": "Element",
        },
    )
    end_device_lfdi: bytes = field(
        metadata={
            "name": "endDeviceLFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
        }
    )
    status: None | ResponseStatus = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    subject: bytes = field(
        metadata={
            "type": "Element",
            "max_length": 16,
            "format": "base16",
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
class ResponseSet(IdentifiedObject):
    """
    A container in which a server collects responses, for example one per program.

    Attributes:
        response_list_link: Link to the responses in this set.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    response_list_link: None | ResponseListLink = field(
        default=None,
        metadata={
            "name": "ResponseListLink",
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
class DERControlResponse(Response):
    """
    A client's report on one DERControl.

    The client POSTs it to the replyTo address of the control.

    Attributes:
        modes_responded: Modes that the response is about.
        modes_responded_2: Modes that the response is about, of those that came with the edition of 2023.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    modes_responded: None | DERControlType = field(
        default=None,
        metadata={
            "name": "modesResponded",
            "type": "Element",
            "format": "base16",
            "edition": "2023",
        },
    )
    modes_responded_2: None | DERControlType2 = field(
        default=None,
        metadata={
            "name": "modesResponded2",
            "type": "Element",
            "format": "base16",
            "edition": "2023",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DefaultDERControlResponse(Response):
    """
    Response to a DefaultDERControl: which of its modes and settings the device has taken.

    Attributes:
        defaults_responded: Settings of the default, beside its modes, that the response is about.
        modes_responded: Modes that the response is about.
        modes_responded_2: Modes that the response is about, of those that came with the edition of 2023.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    defaults_responded: DefaultDERControlType = field(
        metadata={
            "name": "defaultsResponded",
            "type": "Element",
            "format": "base16",
        }
    )
    modes_responded: DERControlType = field(
        metadata={
            "name": "modesResponded",
            "type": "Element",
            "format": "base16",
        }
    )
    modes_responded_2: DERControlType2 = field(
        metadata={
            "name": "modesResponded2",
            "type": "Element",
            "format": "base16",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DrResponse(Response):
    """
    A client's report on a demand response event (EndDeviceControl), with the settings that the device really
    applied.

    Attributes:
        appliance_load_reduction: The kind of appliance load reduction that was applied.
        applied_target_reduction: The target reduction that was applied.
        duty_cycle: The duty cycle that was applied.
        offset: The offset that was applied.
        override_duration: How long the user has overridden the event. Unit: s.
        set_point: The set point that was applied.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    appliance_load_reduction: None | ApplianceLoadReduction = field(
        default=None,
        metadata={
            "name": "ApplianceLoadReduction",
            "type": "Element",
        },
    )
    applied_target_reduction: None | AppliedTargetReduction = field(
        default=None,
        metadata={
            "name": "AppliedTargetReduction",
            "type": "Element",
        },
    )
    duty_cycle: None | DutyCycle = field(
        default=None,
        metadata={
            "name": "DutyCycle",
            "type": "Element",
        },
    )
    offset: None | Offset = field(
        default=None,
        metadata={
            "name": "Offset",
            "type": "Element",
        },
    )
    override_duration: None | int = field(
        default=None,
        metadata={
            "name": "overrideDuration",
            "type": "Element",
        },
    )
    set_point: None | SetPoint = field(
        default=None,
        metadata={
            "name": "SetPoint",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FlowReservationResponseResponse(Response):
    """
    A client's report on a FlowReservationResponse, the event by which the server granted a charging or discharging
    slot.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PriceResponse(Response):
    """
    A client's report on a price event, such as a TimeTariffInterval.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ResponseList(List):
    """
    The responses in one ResponseSet.

    Clients POST to it; its address is what events give as replyTo.

    Attributes:
        response: One response; its real type may be a derived one, named by xsi:type.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> Response: ...

    response: list[Response] = field(
        default_factory=list,
        metadata={
            "name": "Response",
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
class ResponseSetList(List):
    """
    All response sets of a server.

    Attributes:
        response_set: One set of responses.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> ResponseSet: ...

    response_set: list[ResponseSet] = field(
        default_factory=list,
        metadata={
            "name": "ResponseSet",
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


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TextResponse(Response):
    """
    A client's report on a text message.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"
