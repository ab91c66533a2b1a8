"""Links: how one resource points to another. Each link has a type of its own that says what it leads to; links to lists
also say how many items to expect.

Generated from schema/sep/links.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType

if TYPE_CHECKING:
    from sep2.billing import (
        BillingPeriodList,
        BillingReadingList,
        BillingReadingSetList,
        CustomerAccount,
        CustomerAccountList,
        CustomerAgreementList,
        HistoricalReadingList,
        ProjectionReadingList,
        ServiceSupplier,
        TargetReadingList,
    )
    from sep2.configuration import Configuration, PriceResponseCfgList
    from sep2.der import (
        DER,
        CurrentDERControls,
        DefaultDERControl,
        DERAvailability,
        DERCapability,
        DERComponentList,
        DERControlList,
        DERCurve,
        DERCurveList,
        DERList,
        DERProgram,
        DERProgramList,
        DERSettings,
        DERStatus,
    )
    from sep2.device_capability import DeviceCapability
    from sep2.device_information import DeviceInformation, SupportedLocaleList
    from sep2.drlc import (
        DemandResponseProgram,
        DemandResponseProgramList,
        EndDeviceControlList,
        LoadShedAvailabilityList,
    )
    from sep2.end_device import (
        AggregatedDeviceList,
        AggregationPriority,
        DeviceStatus,
        EndDevice,
        EndDeviceList,
        ProxiedDeviceList,
        Registration,
        SelfDevice,
    )
    from sep2.file import File, FileList, FileStatus
    from sep2.flow_reservation import FlowReservationRequestList, FlowReservationResponseList
    from sep2.function_set_assignments import FunctionSetAssignmentsList
    from sep2.log_event import LogEventList
    from sep2.messaging import MessagingProgramList, TextMessageList
    from sep2.metering import (
        MeterReading,
        MeterReadingList,
        Reading,
        ReadingList,
        ReadingSetList,
        ReadingType,
        UsagePoint,
        UsagePointList,
    )
    from sep2.metering_mirror import MirrorUsagePointList
    from sep2.network_status import (
        IPAddrList,
        IPInterfaceList,
        LLInterfaceList,
        NeighborList,
        RPLInstanceList,
        RPLSourceRoutesList,
    )
    from sep2.power_status import PowerStatus
    from sep2.prepayment import (
        AccountBalance,
        CreditRegisterList,
        Prepayment,
        PrepaymentList,
        PrepayOperationStatus,
        SupplyInterruptionOverrideList,
    )
    from sep2.pricing import (
        ConsumptionTariffIntervalList,
        RateComponent,
        RateComponentList,
        TariffProfile,
        TariffProfileList,
        TimeTariffIntervalList,
    )
    from sep2.response import ResponseList, ResponseSetList
    from sep2.subscription import NotificationList, SubscriptionList
    from sep2.time import Time


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Link(ComplexType):
    """
    A pointer to another resource.

    Follow the href as given; paths differ between servers and are not to be guessed.

    Attributes:
        href: Where the resource is: an absolute URI or a path from the server root.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    href: str = field(
        metadata={
            "type": "Attribute",
            "white_space": "collapse",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AccountBalanceLink(Link):
    """
    Leads to the credit left on a prepayment account.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> AccountBalance: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AggregationPriorityLink(Link):
    """
    Link to an AggregationPriority.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _leads_to(self) -> AggregationPriority: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AssociatedUsagePointLink(Link):
    """
    Leads to the usage point where a DER is measured.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> UsagePoint: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConfigurationLink(Link):
    """
    Leads to settings of a device that may be changed, such as time zone and price responses.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> Configuration: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CurrentDERControlsLink(Link):
    """
    Link to a CurrentDERControls.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _leads_to(self) -> CurrentDERControls: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CurrentDERProgramLink(Link):
    """
    Leads to the DER program the DER is following at present.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERProgram: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CustomerAccountLink(Link):
    """
    Leads to one customer account for billing.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> CustomerAccount: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERAvailabilityLink(Link):
    """
    Leads to the energy and reserve a DER can offer at present; the client writes them.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERAvailability: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERCapabilityLink(Link):
    """
    Leads to the nameplate ratings of a DER; the client writes them.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERCapability: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERCurveLink(Link):
    """
    Leads to one curve that a DER control or default refers to.

    Attributes:
        disabled: true: the mode is switched off and its curve does not count.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERCurve: ...

    disabled: bool = field(
        default=False,
        metadata={
            "type": "Attribute",
            "edition": "2023",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERLink(Link):
    """
    Leads to one DER.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DER: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERProgramLink(Link):
    """
    Leads to one DER program.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERProgram: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERSettingsLink(Link):
    """
    Leads to the adjusted settings of a DER, against which percentages are taken; the client writes them.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERSettings: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERStatusLink(Link):
    """
    Leads to the operating state of a DER; the client writes it.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERStatus: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DefaultDERControlLink(Link):
    """
    Leads to the settings a DER follows while no control of its program is active.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DefaultDERControl: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DemandResponseProgramLink(Link):
    """
    Leads to one demand response program.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DemandResponseProgram: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DeviceCapabilityLink(Link):
    """
    Leads to the entry point of a server, where its other resources are found.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DeviceCapability: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DeviceInformationLink(Link):
    """
    Leads to make, model, serial number and versions of a device; many servers do not offer it.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DeviceInformation: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DeviceStatusLink(Link):
    """
    Leads to the operating state of a device in general, temperatures included.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DeviceStatus: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class EndDeviceLink(Link):
    """
    Leads to one end device.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> EndDevice: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FileLink(Link):
    """
    Leads to one file that can be loaded, such as firmware.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> File: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FileStatusLink(Link):
    """
    Leads to the progress of a device in loading and activating a file; the client writes it.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> FileStatus: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ListLink(Link):
    """
    A pointer to a list, with the number of its items where the server states it.

    Attributes:
        all: How many items the list holds for this client; a hint only, it may change before the list is
            fetched.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    all: None | int = field(
        default=None,
        metadata={
            "type": "Attribute",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MeterReadingLink(Link):
    """
    Leads to one meter reading, that is, one measured quantity.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> MeterReading: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PowerStatusLink(Link):
    """
    Leads to the power supply and battery state of a device.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> PowerStatus: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PrepayOperationStatusLink(Link):
    """
    Leads to the credit in use and the supply state of a prepayment account.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> PrepayOperationStatus: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PrepaymentLink(Link):
    """
    Leads to one prepayment account.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> Prepayment: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RateComponentLink(Link):
    """
    Leads to one part of a tariff.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> RateComponent: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingLink(Link):
    """
    Leads to the current reading of a measured quantity.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> Reading: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingTypeLink(Link):
    """
    Leads to the unit, multiplier and direction that readings need to be understood.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ReadingType: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RegistrationLink(Link):
    """
    Leads to the registration of an end device: when it was made, and the PIN that the device compares with its own.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> Registration: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SelfDeviceLink(Link):
    """
    Leads to the description of the server itself as a device.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> SelfDevice: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ServiceSupplierLink(Link):
    """
    Leads to the company behind an account, with its contact data.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ServiceSupplier: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TariffProfileLink(Link):
    """
    Leads to one tariff.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TariffProfile: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TimeLink(Link):
    """
    Leads to the server's clock, which event times are to be compared with.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> Time: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UsagePointLink(Link):
    """
    Leads to one usage point.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> UsagePoint: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveBillingPeriodListLink(ListLink):
    """
    Leads to the billing period running now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> BillingPeriodList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveCreditRegisterListLink(ListLink):
    """
    Leads to the prepayment top-ups in effect right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> CreditRegisterList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveDERControlListLink(ListLink):
    """
    Leads to the DER controls of a program in force right now; handy for a client that keeps no schedule.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERControlList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveEndDeviceControlListLink(ListLink):
    """
    Leads to the load controls of a demand response program in force right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> EndDeviceControlList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveFlowReservationListLink(ListLink):
    """
    Leads to the flow reservations in force right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveProjectionReadingListLink(ListLink):
    """
    Leads to the projections of consumption and charges in force right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ProjectionReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveSupplyInterruptionOverrideListLink(ListLink):
    """
    Leads to the overrides in force right now, during which prepaid supply is not cut.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> SupplyInterruptionOverrideList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveTargetReadingListLink(ListLink):
    """
    Leads to the customer's consumption targets in force right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TargetReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveTextMessageListLink(ListLink):
    """
    Leads to the text messages of a program to be shown right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TextMessageList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ActiveTimeTariffIntervalListLink(ListLink):
    """
    Leads to the tariff intervals of a rate component in force right now.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TimeTariffIntervalList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AggregatedDeviceListLink(ListLink):
    """
    Link to an AggregatedDeviceList.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _leads_to(self) -> AggregatedDeviceList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AssociatedDERProgramListLink(ListLink):
    """
    Leads to the DER programs that apply to a DER, whether it is following them now or not.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERProgramList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class BillingPeriodListLink(ListLink):
    """
    Leads to the billing periods of an agreement, past ones included.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> BillingPeriodList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class BillingReadingListLink(ListLink):
    """
    Leads to the billing readings of one set.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> BillingReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class BillingReadingSetListLink(ListLink):
    """
    Leads to the sets of billing readings, one per period.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> BillingReadingSetList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConsumptionTariffIntervalListLink(ListLink):
    """
    Leads to the prices of a tariff interval, one per consumption block.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ConsumptionTariffIntervalList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CreditRegisterListLink(ListLink):
    """
    Leads to all top-ups of a prepayment account.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> CreditRegisterList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CustomerAccountListLink(ListLink):
    """
    Leads to the customer accounts for billing.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> CustomerAccountList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CustomerAgreementListLink(ListLink):
    """
    Leads to the agreements under a customer account.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> CustomerAgreementList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERComponentListLink(ListLink):
    """
    Link to a DERComponentList.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERComponentList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERControlListLink(ListLink):
    """
    Leads to the controls of a DER program, scheduled and active ones.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERControlList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERCurveListLink(ListLink):
    """
    Leads to the curves of a DER program.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERCurveList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERListLink(ListLink):
    """
    Leads to the DERs of an end device; look here first, and POST only when the list is empty and allows it.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERProgramListLink(ListLink):
    """
    Leads to the DER programs a client has to follow; primacy decides between them.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DERProgramList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DemandResponseProgramListLink(ListLink):
    """
    Leads to the demand response programs offered to the client.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> DemandResponseProgramList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class EndDeviceControlListLink(ListLink):
    """
    Leads to the load controls of a demand response program, scheduled and active ones.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> EndDeviceControlList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class EndDeviceListLink(ListLink):
    """
    Leads to the end devices this client may see; find your own by its LFDI, not by position.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> EndDeviceList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FileListLink(ListLink):
    """
    Leads to the files the server offers for download.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> FileList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FlowReservationRequestListLink(ListLink):
    """
    Leads to the list where a client POSTs its requests to charge or discharge.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> FlowReservationRequestList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FlowReservationResponseListLink(ListLink):
    """
    Leads to the server's responses to flow reservation requests, which say when and how much.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> FlowReservationResponseList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class FunctionSetAssignmentsListLink(ListLink):
    """
    Leads to the groups of programs and other resources assigned to an end device.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> FunctionSetAssignmentsList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class HistoricalReadingListLink(ListLink):
    """
    Leads to consumption and charges of past periods.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> HistoricalReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class IPAddrListLink(ListLink):
    """
    Leads to the IP addresses of a network interface.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> IPAddrList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class IPInterfaceListLink(ListLink):
    """
    Leads to the IP interfaces of a device.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> IPInterfaceList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class LLInterfaceListLink(ListLink):
    """
    Leads to the link layer interfaces below an IP interface.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> LLInterfaceList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class LoadShedAvailabilityListLink(ListLink):
    """
    Leads to how much load a device could shed and for how long.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> LoadShedAvailabilityList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class LogEventListLink(ListLink):
    """
    Leads to the log of a device, where the client POSTs alarms and other events.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> LogEventList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MessagingProgramListLink(ListLink):
    """
    Leads to the messaging programs offered to the client.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> MessagingProgramList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MeterReadingListLink(ListLink):
    """
    Leads to the measured quantities of a usage point.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> MeterReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MirrorUsagePointListLink(ListLink):
    """
    Leads to the list where a client POSTs mirrors of its own meter data.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> MirrorUsagePointList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class NeighborListLink(ListLink):
    """
    Leads to the radio neighbours a link layer interface can hear.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> NeighborList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class NotificationListLink(ListLink):
    """
    Leads to the list where a subscriber receives notifications.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> NotificationList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PrepaymentListLink(ListLink):
    """
    Leads to the prepayment accounts.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> PrepaymentList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PriceResponseCfgListLink(ListLink):
    """
    Leads to the settings of how a device reacts to prices.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> PriceResponseCfgList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ProjectionReadingListLink(ListLink):
    """
    Leads to expected consumption and charges.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ProjectionReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ProxiedDeviceListLink(ListLink):
    """
    Link to a ProxiedDeviceList.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _leads_to(self) -> ProxiedDeviceList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RPLInstanceListLink(ListLink):
    """
    Leads to the RPL routing instances of an IP address or interface.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> RPLInstanceList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RPLSourceRoutesListLink(ListLink):
    """
    Leads to the source routes of an RPL instance.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> RPLSourceRoutesList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class RateComponentListLink(ListLink):
    """
    Leads to the parts of a tariff, or to those that price a meter reading.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> RateComponentList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingListLink(ListLink):
    """
    Leads to the readings of one reading set.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingSetListLink(ListLink):
    """
    Leads to the reading sets of a measured quantity, such as interval data.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ReadingSetList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ResponseListLink(ListLink):
    """
    Leads to the responses that clients POSTed to one response set.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ResponseList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ResponseSetListLink(ListLink):
    """
    Leads to the response sets, where responses to events are collected.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> ResponseSetList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SubscriptionListLink(ListLink):
    """
    Leads to the list where a client POSTs and finds its subscriptions.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> SubscriptionList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SupplyInterruptionOverrideListLink(ListLink):
    """
    Leads to all times during which prepaid supply is not cut.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> SupplyInterruptionOverrideList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SupportedLocaleListLink(ListLink):
    """
    Leads to the languages and regions a device can handle.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> SupportedLocaleList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TargetReadingListLink(ListLink):
    """
    Leads to the consumption and charges a customer aims for.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TargetReadingList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TariffProfileListLink(ListLink):
    """
    Leads to the tariffs offered to the client.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TariffProfileList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TextMessageListLink(ListLink):
    """
    Leads to the messages of a messaging program, future ones included.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TextMessageList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TimeTariffIntervalListLink(ListLink):
    """
    Leads to the time intervals of a rate component, future ones included.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> TimeTariffIntervalList: ...


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UsagePointListLink(ListLink):
    """
    Leads to the usage points whose meter data the client may read.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _leads_to(self) -> UsagePointList: ...
