"""Flow reservation: storage, typically an electric vehicle, asks for energy in a time window and the server responds with
what it may have. IEEE 2030.5-2018, section 10.9.

Generated from schema/sep/flow_reservation.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.quantities import (
    ActivePower,
    SignedRealEnergy,
)
from sep2.resource import (
    DateTimeInterval,
    Event,
    IdentifiedObject,
    List,
    SubscribableList,
)


class FlowReservationRequestStatus(Code):
    """Codes of RequestStatus.request_status. Whether the request stands or is withdrawn."""

    REQUESTED = 0
    """The request stands."""
    CANCELLED = 1
    """The client has withdrawn the request."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FlowReservationResponse(Event):
    """
    The response to a FlowReservationRequest: an event whose interval is the time granted.

    Written by the server.

    Attributes:
        energy_available: Energy granted, in Wh, with the sign used in the request.
        power_available: Steady power granted.
        subject: mRID of the FlowReservationRequest that it responds to.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    energy_available: SignedRealEnergy = field(
        metadata={
            "name": "energyAvailable",
            "type": "Element",
        }
    )
    power_available: ActivePower = field(
        metadata={
            "name": "powerAvailable",
            "type": "Element",
        }
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
class RequestStatus(ComplexType):
    """
    State of a FlowReservationRequest, with its time.

    Set by the client.

    Attributes:
        date_time: When the state was set.
        request_status: Whether the request stands or is withdrawn.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    request_status: FlowReservationRequestStatus = field(
        metadata={
            "name": "requestStatus",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FlowReservationRequest(IdentifiedObject):
    """
    A wish to charge or discharge a certain amount within a time window.

    POSTed by the client; the server responds with a FlowReservationResponse.

    Attributes:
        creation_time: When the request was made.
        duration_requested: Shortest time the transfer takes, ramping and preparation included. Unit: s.
        energy_requested: Energy wanted, in Wh. Positive charges, negative discharges: the opposite of the sign
            used for DER controls.
        interval_requested: Window within which the transfer is to take place.
        power_requested: Steady power wanted during the transfer.
        request_status: Whether the request stands or is withdrawn.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    creation_time: int = field(
        metadata={
            "name": "creationTime",
            "type": "Element",
        }
    )
    duration_requested: None | int = field(
        default=None,
        metadata={
            "name": "durationRequested",
            "type": "Element",
        },
    )
    energy_requested: SignedRealEnergy = field(
        metadata={
            "name": "energyRequested",
            "type": "Element",
        }
    )
    interval_requested: DateTimeInterval = field(
        metadata={
            "name": "intervalRequested",
            "type": "Element",
        }
    )
    power_requested: ActivePower = field(
        metadata={
            "name": "powerRequested",
            "type": "Element",
        }
    )
    request_status: RequestStatus = field(
        metadata={
            "name": "RequestStatus",
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
class FlowReservationResponseList(SubscribableList):
    """
    List of the FlowReservationResponses for an EndDevice; the client polls or subscribes to it.

    Attributes:
        flow_reservation_response: A FlowReservationResponse in this list.
        poll_rate: How often clients should poll this list. 900 if absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> FlowReservationResponse: ...

    flow_reservation_response: list[FlowReservationResponse] = field(
        default_factory=list,
        metadata={
            "name": "FlowReservationResponse",
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
class FlowReservationRequestList(List):
    """
    List of the FlowReservationRequests of an EndDevice; the client POSTs to it.

    Attributes:
        flow_reservation_request: A FlowReservationRequest in this list.
        poll_rate: How often clients should poll this list. 900 if absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> FlowReservationRequest: ...

    flow_reservation_request: list[FlowReservationRequest] = field(
        default_factory=list,
        metadata={
            "name": "FlowReservationRequest",
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
