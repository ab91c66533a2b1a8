"""Function set assignments: which programs, tariffs and other resources a server wants a given device to use.

Generated from schema/sep/function_set_assignments.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sep2.links import (
    CustomerAccountListLink,
    DemandResponseProgramListLink,
    DERProgramListLink,
    FileListLink,
    MessagingProgramListLink,
    PrepaymentListLink,
    ResponseSetListLink,
    TariffProfileListLink,
    TimeLink,
    UsagePointListLink,
)
from sep2.resource import (
    Resource,
    SubscribableList,
)
from sep2.types import SubscribableType


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FunctionSetAssignmentsBase(Resource):
    """
    Links to function sets, common to DeviceCapability (for everybody) and FunctionSetAssignments (for one device or
    group).

    Attributes:
        customer_account_list_link: Customer accounts, for billing.
        demand_response_program_list_link: Demand response and load control programs.
        der_program_list_link: DER programs, with default control, controls and curves.
        file_list_link: Files to download, such as firmware.
        messaging_program_list_link: Text messages for the customer.
        prepayment_list_link: Prepayment accounts.
        response_set_list_link: Where responses to events are collected.
        tariff_profile_list_link: Tariffs and prices.
        time_link: The clock to use with these function sets.
        usage_point_list_link: Usage points, with meter readings.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    customer_account_list_link: None | CustomerAccountListLink = field(
        default=None,
        metadata={
            "name": "CustomerAccountListLink",
            "type": "Element",
        },
    )
    demand_response_program_list_link: None | DemandResponseProgramListLink = field(
        default=None,
        metadata={
            "name": "DemandResponseProgramListLink",
            "type": "Element",
        },
    )
    der_program_list_link: None | DERProgramListLink = field(
        default=None,
        metadata={
            "name": "DERProgramListLink",
            "type": "Element",
        },
    )
    file_list_link: None | FileListLink = field(
        default=None,
        metadata={
            "name": "FileListLink",
            "type": "Element",
        },
    )
    messaging_program_list_link: None | MessagingProgramListLink = field(
        default=None,
        metadata={
            "name": "MessagingProgramListLink",
            "type": "Element",
        },
    )
    prepayment_list_link: None | PrepaymentListLink = field(
        default=None,
        metadata={
            "name": "PrepaymentListLink",
            "type": "Element",
        },
    )
    response_set_list_link: None | ResponseSetListLink = field(
        default=None,
        metadata={
            "name": "ResponseSetListLink",
            "type": "Element",
        },
    )
    tariff_profile_list_link: None | TariffProfileListLink = field(
        default=None,
        metadata={
            "name": "TariffProfileListLink",
            "type": "Element",
        },
    )
    time_link: None | TimeLink = field(
        default=None,
        metadata={
            "name": "TimeLink",
            "type": "Element",
        },
    )
    usage_point_list_link: None | UsagePointListLink = field(
        default=None,
        metadata={
            "name": "UsagePointListLink",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FunctionSetAssignments(FunctionSetAssignmentsBase):
    """
    One set of assignments for a device.

    A device may have several; events of all of them apply, ranked by primacy.

    Attributes:
        mrid: Global identifier of the object; its last 32 bits name the organisation that issued it.
        description: Short free text for people; no program should depend on it.
        version: Revision number of the object, raised when its content changes.
        subscribable: Which kinds of subscription the server accepts for this resource; 0 (none) when absent.
        schema_ver: Version of the schema that the document follows, on the root element alone.
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
class FunctionSetAssignmentsList(SubscribableList):
    """
    All assignments of a device.

    Poll or subscribe: programs come and go here.

    Attributes:
        function_set_assignments: A set of assignments on this page of the list.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> FunctionSetAssignments: ...

    function_set_assignments: list[FunctionSetAssignments] = field(
        default_factory=list,
        metadata={
            "name": "FunctionSetAssignments",
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
