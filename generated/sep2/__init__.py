"""Typed bindings of IEEE 2030.5-2018, IEEE 2030.5-2023 and CSIP-AUS. Each class is loaded when it is first used.

Generated from schema/ by codegen.py; changes here are lost.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sep2.billing import BillingMeterReadingBase as BillingMeterReadingBase
    from sep2.billing import BillingPeriod as BillingPeriod
    from sep2.billing import BillingPeriodList as BillingPeriodList
    from sep2.billing import BillingReading as BillingReading
    from sep2.billing import BillingReadingList as BillingReadingList
    from sep2.billing import BillingReadingSet as BillingReadingSet
    from sep2.billing import BillingReadingSetList as BillingReadingSetList
    from sep2.billing import Charge as Charge
    from sep2.billing import ChargeKind as ChargeKind
    from sep2.billing import CustomerAccount as CustomerAccount
    from sep2.billing import CustomerAccountList as CustomerAccountList
    from sep2.billing import CustomerAgreement as CustomerAgreement
    from sep2.billing import CustomerAgreementList as CustomerAgreementList
    from sep2.billing import HistoricalReading as HistoricalReading
    from sep2.billing import HistoricalReadingList as HistoricalReadingList
    from sep2.billing import ProjectionReading as ProjectionReading
    from sep2.billing import ProjectionReadingList as ProjectionReadingList
    from sep2.billing import ServiceSupplier as ServiceSupplier
    from sep2.billing import ServiceSupplierList as ServiceSupplierList
    from sep2.billing import TargetReading as TargetReading
    from sep2.billing import TargetReadingList as TargetReadingList
    from sep2.configuration import Configuration as Configuration
    from sep2.configuration import PowerConfiguration as PowerConfiguration
    from sep2.configuration import PriceResponseCfg as PriceResponseCfg
    from sep2.configuration import PriceResponseCfgList as PriceResponseCfgList
    from sep2.configuration import TimeConfiguration as TimeConfiguration
    from sep2.connection_point import EnvoyConnectionPoint as EnvoyConnectionPoint
    from sep2.csipaus import CombinedTimeTariffIntervalList as CombinedTimeTariffIntervalList
    from sep2.csipaus import ConnectionPoint as ConnectionPoint
    from sep2.csipaus import DOEControlType as DOEControlType
    from sep2.csipaus import VPPControlType as VPPControlType
    from sep2.der import DER as DER
    from sep2.der import AbnormalCategory as AbnormalCategory
    from sep2.der import AlarmStatus as AlarmStatus
    from sep2.der import ConnectStatus as ConnectStatus
    from sep2.der import ConnectStatusType as ConnectStatusType
    from sep2.der import ConnectStatusType2 as ConnectStatusType2
    from sep2.der import CurrentDERControls as CurrentDERControls
    from sep2.der import CurveData as CurveData
    from sep2.der import DefaultDERControl as DefaultDERControl
    from sep2.der import DefaultDERControlType as DefaultDERControlType
    from sep2.der import DeltaBidirectionalType as DeltaBidirectionalType
    from sep2.der import DERAvailability as DERAvailability
    from sep2.der import DERCapability as DERCapability
    from sep2.der import DERComponent as DERComponent
    from sep2.der import DERComponentBase as DERComponentBase
    from sep2.der import DERComponentList as DERComponentList
    from sep2.der import DERConnectionState as DERConnectionState
    from sep2.der import DERControl as DERControl
    from sep2.der import DERControlBase as DERControlBase
    from sep2.der import DERControlList as DERControlList
    from sep2.der import DERControlType as DERControlType
    from sep2.der import DERControlType2 as DERControlType2
    from sep2.der import DERCurve as DERCurve
    from sep2.der import DERCurveList as DERCurveList
    from sep2.der import DERCurveType as DERCurveType
    from sep2.der import DERList as DERList
    from sep2.der import DERProgram as DERProgram
    from sep2.der import DERProgramList as DERProgramList
    from sep2.der import DERSettings as DERSettings
    from sep2.der import DERStatus as DERStatus
    from sep2.der import DERType as DERType
    from sep2.der import FreqDroopType as FreqDroopType
    from sep2.der import InverterStatus as InverterStatus
    from sep2.der import InverterStatusType as InverterStatusType
    from sep2.der import LocalControlModeStatus as LocalControlModeStatus
    from sep2.der import LocalControlModeStatusType as LocalControlModeStatusType
    from sep2.der import ManufacturerStatusType as ManufacturerStatusType
    from sep2.der import NormalCategory as NormalCategory
    from sep2.der import OperationalModeStatus as OperationalModeStatus
    from sep2.der import OperationalModeStatusType as OperationalModeStatusType
    from sep2.der import StateOfChargeStatusType as StateOfChargeStatusType
    from sep2.der import StorageModeStatus as StorageModeStatus
    from sep2.der import StorageModeStatusType as StorageModeStatusType
    from sep2.der import UnsignedFixedVar as UnsignedFixedVar
    from sep2.device_capability import DeviceCapability as DeviceCapability
    from sep2.device_information import DeviceInformation as DeviceInformation
    from sep2.device_information import DRLCCapabilities as DRLCCapabilities
    from sep2.device_information import DRLCOptions as DRLCOptions
    from sep2.device_information import FunctionsImplemented as FunctionsImplemented
    from sep2.device_information import GPSLocationType as GPSLocationType
    from sep2.device_information import SupportedLocale as SupportedLocale
    from sep2.device_information import SupportedLocaleList as SupportedLocaleList
    from sep2.drlc import ApplianceLoadReduction as ApplianceLoadReduction
    from sep2.drlc import DemandResponseProgram as DemandResponseProgram
    from sep2.drlc import DemandResponseProgramList as DemandResponseProgramList
    from sep2.drlc import DutyCycle as DutyCycle
    from sep2.drlc import EndDeviceControl as EndDeviceControl
    from sep2.drlc import EndDeviceControlList as EndDeviceControlList
    from sep2.drlc import LoadShedAvailability as LoadShedAvailability
    from sep2.drlc import LoadShedAvailabilityList as LoadShedAvailabilityList
    from sep2.drlc import Offset as Offset
    from sep2.drlc import SetPoint as SetPoint
    from sep2.drlc import TargetReduction as TargetReduction
    from sep2.end_device import AbstractDevice as AbstractDevice
    from sep2.end_device import AggregatedDevice as AggregatedDevice
    from sep2.end_device import AggregatedDeviceList as AggregatedDeviceList
    from sep2.end_device import AggregationDistributionType as AggregationDistributionType
    from sep2.end_device import AggregationPriority as AggregationPriority
    from sep2.end_device import DeviceStatus as DeviceStatus
    from sep2.end_device import EndDevice as EndDevice
    from sep2.end_device import EndDeviceList as EndDeviceList
    from sep2.end_device import ExternalDevice as ExternalDevice
    from sep2.end_device import OpState as OpState
    from sep2.end_device import PriorityData as PriorityData
    from sep2.end_device import ProxiedDevice as ProxiedDevice
    from sep2.end_device import ProxiedDeviceList as ProxiedDeviceList
    from sep2.end_device import Registration as Registration
    from sep2.end_device import SelfDevice as SelfDevice
    from sep2.end_device import Temperature as Temperature
    from sep2.end_device import TemperatureSubject as TemperatureSubject
    from sep2.file import File as File
    from sep2.file import FileList as FileList
    from sep2.file import FileLoadStatus as FileLoadStatus
    from sep2.file import FileStatus as FileStatus
    from sep2.file import FileType as FileType
    from sep2.flow_reservation import FlowReservationRequest as FlowReservationRequest
    from sep2.flow_reservation import FlowReservationRequestList as FlowReservationRequestList
    from sep2.flow_reservation import FlowReservationRequestStatus as FlowReservationRequestStatus
    from sep2.flow_reservation import FlowReservationResponse as FlowReservationResponse
    from sep2.flow_reservation import FlowReservationResponseList as FlowReservationResponseList
    from sep2.flow_reservation import RequestStatus as RequestStatus
    from sep2.function_set_assignments import FunctionSetAssignments as FunctionSetAssignments
    from sep2.function_set_assignments import FunctionSetAssignmentsBase as FunctionSetAssignmentsBase
    from sep2.function_set_assignments import FunctionSetAssignmentsList as FunctionSetAssignmentsList
    from sep2.links import AccountBalanceLink as AccountBalanceLink
    from sep2.links import ActiveBillingPeriodListLink as ActiveBillingPeriodListLink
    from sep2.links import ActiveCreditRegisterListLink as ActiveCreditRegisterListLink
    from sep2.links import ActiveDERControlListLink as ActiveDERControlListLink
    from sep2.links import ActiveEndDeviceControlListLink as ActiveEndDeviceControlListLink
    from sep2.links import ActiveFlowReservationListLink as ActiveFlowReservationListLink
    from sep2.links import ActiveProjectionReadingListLink as ActiveProjectionReadingListLink
    from sep2.links import ActiveSupplyInterruptionOverrideListLink as ActiveSupplyInterruptionOverrideListLink
    from sep2.links import ActiveTargetReadingListLink as ActiveTargetReadingListLink
    from sep2.links import ActiveTextMessageListLink as ActiveTextMessageListLink
    from sep2.links import ActiveTimeTariffIntervalListLink as ActiveTimeTariffIntervalListLink
    from sep2.links import AggregatedDeviceListLink as AggregatedDeviceListLink
    from sep2.links import AggregationPriorityLink as AggregationPriorityLink
    from sep2.links import AssociatedDERProgramListLink as AssociatedDERProgramListLink
    from sep2.links import AssociatedUsagePointLink as AssociatedUsagePointLink
    from sep2.links import BillingPeriodListLink as BillingPeriodListLink
    from sep2.links import BillingReadingListLink as BillingReadingListLink
    from sep2.links import BillingReadingSetListLink as BillingReadingSetListLink
    from sep2.links import ConfigurationLink as ConfigurationLink
    from sep2.links import ConsumptionTariffIntervalListLink as ConsumptionTariffIntervalListLink
    from sep2.links import CreditRegisterListLink as CreditRegisterListLink
    from sep2.links import CurrentDERControlsLink as CurrentDERControlsLink
    from sep2.links import CurrentDERProgramLink as CurrentDERProgramLink
    from sep2.links import CustomerAccountLink as CustomerAccountLink
    from sep2.links import CustomerAccountListLink as CustomerAccountListLink
    from sep2.links import CustomerAgreementListLink as CustomerAgreementListLink
    from sep2.links import DefaultDERControlLink as DefaultDERControlLink
    from sep2.links import DemandResponseProgramLink as DemandResponseProgramLink
    from sep2.links import DemandResponseProgramListLink as DemandResponseProgramListLink
    from sep2.links import DERAvailabilityLink as DERAvailabilityLink
    from sep2.links import DERCapabilityLink as DERCapabilityLink
    from sep2.links import DERComponentListLink as DERComponentListLink
    from sep2.links import DERControlListLink as DERControlListLink
    from sep2.links import DERCurveLink as DERCurveLink
    from sep2.links import DERCurveListLink as DERCurveListLink
    from sep2.links import DERLink as DERLink
    from sep2.links import DERListLink as DERListLink
    from sep2.links import DERProgramLink as DERProgramLink
    from sep2.links import DERProgramListLink as DERProgramListLink
    from sep2.links import DERSettingsLink as DERSettingsLink
    from sep2.links import DERStatusLink as DERStatusLink
    from sep2.links import DeviceCapabilityLink as DeviceCapabilityLink
    from sep2.links import DeviceInformationLink as DeviceInformationLink
    from sep2.links import DeviceStatusLink as DeviceStatusLink
    from sep2.links import EndDeviceControlListLink as EndDeviceControlListLink
    from sep2.links import EndDeviceLink as EndDeviceLink
    from sep2.links import EndDeviceListLink as EndDeviceListLink
    from sep2.links import FileLink as FileLink
    from sep2.links import FileListLink as FileListLink
    from sep2.links import FileStatusLink as FileStatusLink
    from sep2.links import FlowReservationRequestListLink as FlowReservationRequestListLink
    from sep2.links import FlowReservationResponseListLink as FlowReservationResponseListLink
    from sep2.links import FunctionSetAssignmentsListLink as FunctionSetAssignmentsListLink
    from sep2.links import HistoricalReadingListLink as HistoricalReadingListLink
    from sep2.links import IPAddrListLink as IPAddrListLink
    from sep2.links import IPInterfaceListLink as IPInterfaceListLink
    from sep2.links import Link as Link
    from sep2.links import ListLink as ListLink
    from sep2.links import LLInterfaceListLink as LLInterfaceListLink
    from sep2.links import LoadShedAvailabilityListLink as LoadShedAvailabilityListLink
    from sep2.links import LogEventListLink as LogEventListLink
    from sep2.links import MessagingProgramListLink as MessagingProgramListLink
    from sep2.links import MeterReadingLink as MeterReadingLink
    from sep2.links import MeterReadingListLink as MeterReadingListLink
    from sep2.links import MirrorUsagePointListLink as MirrorUsagePointListLink
    from sep2.links import NeighborListLink as NeighborListLink
    from sep2.links import NotificationListLink as NotificationListLink
    from sep2.links import PowerStatusLink as PowerStatusLink
    from sep2.links import PrepaymentLink as PrepaymentLink
    from sep2.links import PrepaymentListLink as PrepaymentListLink
    from sep2.links import PrepayOperationStatusLink as PrepayOperationStatusLink
    from sep2.links import PriceResponseCfgListLink as PriceResponseCfgListLink
    from sep2.links import ProjectionReadingListLink as ProjectionReadingListLink
    from sep2.links import ProxiedDeviceListLink as ProxiedDeviceListLink
    from sep2.links import RateComponentLink as RateComponentLink
    from sep2.links import RateComponentListLink as RateComponentListLink
    from sep2.links import ReadingLink as ReadingLink
    from sep2.links import ReadingListLink as ReadingListLink
    from sep2.links import ReadingSetListLink as ReadingSetListLink
    from sep2.links import ReadingTypeLink as ReadingTypeLink
    from sep2.links import RegistrationLink as RegistrationLink
    from sep2.links import ResponseListLink as ResponseListLink
    from sep2.links import ResponseSetListLink as ResponseSetListLink
    from sep2.links import RPLInstanceListLink as RPLInstanceListLink
    from sep2.links import RPLSourceRoutesListLink as RPLSourceRoutesListLink
    from sep2.links import SelfDeviceLink as SelfDeviceLink
    from sep2.links import ServiceSupplierLink as ServiceSupplierLink
    from sep2.links import SubscriptionListLink as SubscriptionListLink
    from sep2.links import SupplyInterruptionOverrideListLink as SupplyInterruptionOverrideListLink
    from sep2.links import SupportedLocaleListLink as SupportedLocaleListLink
    from sep2.links import TargetReadingListLink as TargetReadingListLink
    from sep2.links import TariffProfileLink as TariffProfileLink
    from sep2.links import TariffProfileListLink as TariffProfileListLink
    from sep2.links import TextMessageListLink as TextMessageListLink
    from sep2.links import TimeLink as TimeLink
    from sep2.links import TimeTariffIntervalListLink as TimeTariffIntervalListLink
    from sep2.links import UsagePointLink as UsagePointLink
    from sep2.links import UsagePointListLink as UsagePointListLink
    from sep2.log_event import DERLogEventCode as DERLogEventCode
    from sep2.log_event import LogEvent as LogEvent
    from sep2.log_event import LogEventFunctionSet as LogEventFunctionSet
    from sep2.log_event import LogEventList as LogEventList
    from sep2.log_event import LogEventProfile as LogEventProfile
    from sep2.messaging import MessagingProgram as MessagingProgram
    from sep2.messaging import MessagingProgramList as MessagingProgramList
    from sep2.messaging import PriorityType as PriorityType
    from sep2.messaging import TextMessage as TextMessage
    from sep2.messaging import TextMessageList as TextMessageList
    from sep2.metering import MeterReading as MeterReading
    from sep2.metering import MeterReadingBase as MeterReadingBase
    from sep2.metering import MeterReadingList as MeterReadingList
    from sep2.metering import Reading as Reading
    from sep2.metering import ReadingBase as ReadingBase
    from sep2.metering import ReadingList as ReadingList
    from sep2.metering import ReadingQualityFlags as ReadingQualityFlags
    from sep2.metering import ReadingSet as ReadingSet
    from sep2.metering import ReadingSetBase as ReadingSetBase
    from sep2.metering import ReadingSetList as ReadingSetList
    from sep2.metering import ReadingType as ReadingType
    from sep2.metering import UsagePoint as UsagePoint
    from sep2.metering import UsagePointBase as UsagePointBase
    from sep2.metering import UsagePointList as UsagePointList
    from sep2.metering import UsagePointStatus as UsagePointStatus
    from sep2.metering_mirror import MirrorMeterReading as MirrorMeterReading
    from sep2.metering_mirror import MirrorMeterReadingList as MirrorMeterReadingList
    from sep2.metering_mirror import MirrorReadingSet as MirrorReadingSet
    from sep2.metering_mirror import MirrorUsagePoint as MirrorUsagePoint
    from sep2.metering_mirror import MirrorUsagePointList as MirrorUsagePointList
    from sep2.network_status import IEEE_802_15_4 as IEEE_802_15_4
    from sep2.network_status import IPAddr as IPAddr
    from sep2.network_status import IPAddrList as IPAddrList
    from sep2.network_status import IPInterface as IPInterface
    from sep2.network_status import IPInterfaceList as IPInterfaceList
    from sep2.network_status import LinkLayerType as LinkLayerType
    from sep2.network_status import LLInterface as LLInterface
    from sep2.network_status import LLInterfaceList as LLInterfaceList
    from sep2.network_status import Neighbor as Neighbor
    from sep2.network_status import NeighborList as NeighborList
    from sep2.network_status import RPLInstance as RPLInstance
    from sep2.network_status import RPLInstanceList as RPLInstanceList
    from sep2.network_status import RPLSourceRoutes as RPLSourceRoutes
    from sep2.network_status import RPLSourceRoutesList as RPLSourceRoutesList
    from sep2.network_status import loWPAN as loWPAN
    from sep2.power_status import BatteryStatus as BatteryStatus
    from sep2.power_status import PEVInfo as PEVInfo
    from sep2.power_status import PowerSourceType as PowerSourceType
    from sep2.power_status import PowerStatus as PowerStatus
    from sep2.prepayment import AccountBalance as AccountBalance
    from sep2.prepayment import AccountingUnit as AccountingUnit
    from sep2.prepayment import CreditRegister as CreditRegister
    from sep2.prepayment import CreditRegisterList as CreditRegisterList
    from sep2.prepayment import CreditStatusType as CreditStatusType
    from sep2.prepayment import CreditTypeChange as CreditTypeChange
    from sep2.prepayment import CreditTypeType as CreditTypeType
    from sep2.prepayment import Prepayment as Prepayment
    from sep2.prepayment import PrepaymentList as PrepaymentList
    from sep2.prepayment import PrepayModeType as PrepayModeType
    from sep2.prepayment import PrepayOperationStatus as PrepayOperationStatus
    from sep2.prepayment import ServiceChange as ServiceChange
    from sep2.prepayment import ServiceStatusType as ServiceStatusType
    from sep2.prepayment import SupplyInterruptionOverride as SupplyInterruptionOverride
    from sep2.prepayment import SupplyInterruptionOverrideList as SupplyInterruptionOverrideList
    from sep2.pricing import ConsumptionTariffInterval as ConsumptionTariffInterval
    from sep2.pricing import ConsumptionTariffIntervalList as ConsumptionTariffIntervalList
    from sep2.pricing import ConsumptionTariffIntervalListSummary as ConsumptionTariffIntervalListSummary
    from sep2.pricing import CostKindType as CostKindType
    from sep2.pricing import EnvironmentalCost as EnvironmentalCost
    from sep2.pricing import GeographicLocationType as GeographicLocationType
    from sep2.pricing import RateComponent as RateComponent
    from sep2.pricing import RateComponentList as RateComponentList
    from sep2.pricing import TariffProfile as TariffProfile
    from sep2.pricing import TariffProfileList as TariffProfileList
    from sep2.pricing import TimeTariffInterval as TimeTariffInterval
    from sep2.pricing import TimeTariffIntervalList as TimeTariffIntervalList
    from sep2.quantities import ActivePower as ActivePower
    from sep2.quantities import AmpereHour as AmpereHour
    from sep2.quantities import ApparentPower as ApparentPower
    from sep2.quantities import CurrentRMS as CurrentRMS
    from sep2.quantities import DERUnitRefType as DERUnitRefType
    from sep2.quantities import FixedPointType as FixedPointType
    from sep2.quantities import FixedVar as FixedVar
    from sep2.quantities import PowerFactor as PowerFactor
    from sep2.quantities import PowerFactorWithExcitation as PowerFactorWithExcitation
    from sep2.quantities import ReactivePower as ReactivePower
    from sep2.quantities import ReactiveSusceptance as ReactiveSusceptance
    from sep2.quantities import RealEnergy as RealEnergy
    from sep2.quantities import SignedRealEnergy as SignedRealEnergy
    from sep2.quantities import UnitValueType as UnitValueType
    from sep2.quantities import UnsignedActivePower as UnsignedActivePower
    from sep2.quantities import UnsignedFixedPointType as UnsignedFixedPointType
    from sep2.quantities import UnsignedReactivePower as UnsignedReactivePower
    from sep2.quantities import VoltageRMS as VoltageRMS
    from sep2.quantities import WattHour as WattHour
    from sep2.resource import DateTimeInterval as DateTimeInterval
    from sep2.resource import Error as Error
    from sep2.resource import ErrorReasonCode as ErrorReasonCode
    from sep2.resource import Event as Event
    from sep2.resource import EventCurrentStatus as EventCurrentStatus
    from sep2.resource import EventStatus as EventStatus
    from sep2.resource import IdentifiedObject as IdentifiedObject
    from sep2.resource import List as List
    from sep2.resource import RandomizableEvent as RandomizableEvent
    from sep2.resource import Resource as Resource
    from sep2.resource import RespondableIdentifiedObject as RespondableIdentifiedObject
    from sep2.resource import RespondableResource as RespondableResource
    from sep2.resource import RespondableSubscribableIdentifiedObject as RespondableSubscribableIdentifiedObject
    from sep2.resource import ResponseRequired as ResponseRequired
    from sep2.resource import SubscribableIdentifiedObject as SubscribableIdentifiedObject
    from sep2.resource import SubscribableList as SubscribableList
    from sep2.resource import SubscribableResource as SubscribableResource
    from sep2.response import AppliedTargetReduction as AppliedTargetReduction
    from sep2.response import DefaultDERControlResponse as DefaultDERControlResponse
    from sep2.response import DERControlResponse as DERControlResponse
    from sep2.response import DrResponse as DrResponse
    from sep2.response import FlowReservationResponseResponse as FlowReservationResponseResponse
    from sep2.response import PriceResponse as PriceResponse
    from sep2.response import Response as Response
    from sep2.response import ResponseList as ResponseList
    from sep2.response import ResponseSet as ResponseSet
    from sep2.response import ResponseSetList as ResponseSetList
    from sep2.response import ResponseStatus as ResponseStatus
    from sep2.response import TextResponse as TextResponse
    from sep2.subscription import Condition as Condition
    from sep2.subscription import Notification as Notification
    from sep2.subscription import NotificationList as NotificationList
    from sep2.subscription import NotificationStatus as NotificationStatus
    from sep2.subscription import Subscription as Subscription
    from sep2.subscription import SubscriptionBase as SubscriptionBase
    from sep2.subscription import SubscriptionEncoding as SubscriptionEncoding
    from sep2.subscription import SubscriptionList as SubscriptionList
    from sep2.time import Time as Time
    from sep2.time import TimeQuality as TimeQuality
    from sep2.types import AccumulationBehaviourType as AccumulationBehaviourType
    from sep2.types import ApplianceLoadReductionType as ApplianceLoadReductionType
    from sep2.types import CommodityType as CommodityType
    from sep2.types import ConsumptionBlockType as ConsumptionBlockType
    from sep2.types import CurrencyCode as CurrencyCode
    from sep2.types import DataQualifierType as DataQualifierType
    from sep2.types import DeviceCategoryType as DeviceCategoryType
    from sep2.types import FlowDirectionType as FlowDirectionType
    from sep2.types import KindType as KindType
    from sep2.types import PhaseCode as PhaseCode
    from sep2.types import PowerOfTenMultiplierType as PowerOfTenMultiplierType
    from sep2.types import PrimacyType as PrimacyType
    from sep2.types import RoleFlagsType as RoleFlagsType
    from sep2.types import ServiceKind as ServiceKind
    from sep2.types import SubscribableType as SubscribableType
    from sep2.types import TOUType as TOUType
    from sep2.types import UnitType as UnitType
    from sep2.types import UomType as UomType


_MODULES = {
    "AbnormalCategory": "sep2.der",
    "AbstractDevice": "sep2.end_device",
    "AccountBalance": "sep2.prepayment",
    "AccountBalanceLink": "sep2.links",
    "AccountingUnit": "sep2.prepayment",
    "AccumulationBehaviourType": "sep2.types",
    "ActiveBillingPeriodListLink": "sep2.links",
    "ActiveCreditRegisterListLink": "sep2.links",
    "ActiveDERControlListLink": "sep2.links",
    "ActiveEndDeviceControlListLink": "sep2.links",
    "ActiveFlowReservationListLink": "sep2.links",
    "ActivePower": "sep2.quantities",
    "ActiveProjectionReadingListLink": "sep2.links",
    "ActiveSupplyInterruptionOverrideListLink": "sep2.links",
    "ActiveTargetReadingListLink": "sep2.links",
    "ActiveTextMessageListLink": "sep2.links",
    "ActiveTimeTariffIntervalListLink": "sep2.links",
    "AggregatedDevice": "sep2.end_device",
    "AggregatedDeviceList": "sep2.end_device",
    "AggregatedDeviceListLink": "sep2.links",
    "AggregationDistributionType": "sep2.end_device",
    "AggregationPriority": "sep2.end_device",
    "AggregationPriorityLink": "sep2.links",
    "AlarmStatus": "sep2.der",
    "AmpereHour": "sep2.quantities",
    "ApparentPower": "sep2.quantities",
    "ApplianceLoadReduction": "sep2.drlc",
    "ApplianceLoadReductionType": "sep2.types",
    "AppliedTargetReduction": "sep2.response",
    "AssociatedDERProgramListLink": "sep2.links",
    "AssociatedUsagePointLink": "sep2.links",
    "BatteryStatus": "sep2.power_status",
    "BillingMeterReadingBase": "sep2.billing",
    "BillingPeriod": "sep2.billing",
    "BillingPeriodList": "sep2.billing",
    "BillingPeriodListLink": "sep2.links",
    "BillingReading": "sep2.billing",
    "BillingReadingList": "sep2.billing",
    "BillingReadingListLink": "sep2.links",
    "BillingReadingSet": "sep2.billing",
    "BillingReadingSetList": "sep2.billing",
    "BillingReadingSetListLink": "sep2.links",
    "Charge": "sep2.billing",
    "ChargeKind": "sep2.billing",
    "CombinedTimeTariffIntervalList": "sep2.csipaus",
    "CommodityType": "sep2.types",
    "Condition": "sep2.subscription",
    "Configuration": "sep2.configuration",
    "ConfigurationLink": "sep2.links",
    "ConnectStatus": "sep2.der",
    "ConnectStatusType": "sep2.der",
    "ConnectStatusType2": "sep2.der",
    "ConnectionPoint": "sep2.csipaus",
    "ConsumptionBlockType": "sep2.types",
    "ConsumptionTariffInterval": "sep2.pricing",
    "ConsumptionTariffIntervalList": "sep2.pricing",
    "ConsumptionTariffIntervalListLink": "sep2.links",
    "ConsumptionTariffIntervalListSummary": "sep2.pricing",
    "CostKindType": "sep2.pricing",
    "CreditRegister": "sep2.prepayment",
    "CreditRegisterList": "sep2.prepayment",
    "CreditRegisterListLink": "sep2.links",
    "CreditStatusType": "sep2.prepayment",
    "CreditTypeChange": "sep2.prepayment",
    "CreditTypeType": "sep2.prepayment",
    "CurrencyCode": "sep2.types",
    "CurrentDERControls": "sep2.der",
    "CurrentDERControlsLink": "sep2.links",
    "CurrentDERProgramLink": "sep2.links",
    "CurrentRMS": "sep2.quantities",
    "CurveData": "sep2.der",
    "CustomerAccount": "sep2.billing",
    "CustomerAccountLink": "sep2.links",
    "CustomerAccountList": "sep2.billing",
    "CustomerAccountListLink": "sep2.links",
    "CustomerAgreement": "sep2.billing",
    "CustomerAgreementList": "sep2.billing",
    "CustomerAgreementListLink": "sep2.links",
    "DER": "sep2.der",
    "DERAvailability": "sep2.der",
    "DERAvailabilityLink": "sep2.links",
    "DERCapability": "sep2.der",
    "DERCapabilityLink": "sep2.links",
    "DERComponent": "sep2.der",
    "DERComponentBase": "sep2.der",
    "DERComponentList": "sep2.der",
    "DERComponentListLink": "sep2.links",
    "DERConnectionState": "sep2.der",
    "DERControl": "sep2.der",
    "DERControlBase": "sep2.der",
    "DERControlList": "sep2.der",
    "DERControlListLink": "sep2.links",
    "DERControlResponse": "sep2.response",
    "DERControlType": "sep2.der",
    "DERControlType2": "sep2.der",
    "DERCurve": "sep2.der",
    "DERCurveLink": "sep2.links",
    "DERCurveList": "sep2.der",
    "DERCurveListLink": "sep2.links",
    "DERCurveType": "sep2.der",
    "DERLink": "sep2.links",
    "DERList": "sep2.der",
    "DERListLink": "sep2.links",
    "DERLogEventCode": "sep2.log_event",
    "DERProgram": "sep2.der",
    "DERProgramLink": "sep2.links",
    "DERProgramList": "sep2.der",
    "DERProgramListLink": "sep2.links",
    "DERSettings": "sep2.der",
    "DERSettingsLink": "sep2.links",
    "DERStatus": "sep2.der",
    "DERStatusLink": "sep2.links",
    "DERType": "sep2.der",
    "DERUnitRefType": "sep2.quantities",
    "DOEControlType": "sep2.csipaus",
    "DRLCCapabilities": "sep2.device_information",
    "DRLCOptions": "sep2.device_information",
    "DataQualifierType": "sep2.types",
    "DateTimeInterval": "sep2.resource",
    "DefaultDERControl": "sep2.der",
    "DefaultDERControlLink": "sep2.links",
    "DefaultDERControlResponse": "sep2.response",
    "DefaultDERControlType": "sep2.der",
    "DeltaBidirectionalType": "sep2.der",
    "DemandResponseProgram": "sep2.drlc",
    "DemandResponseProgramLink": "sep2.links",
    "DemandResponseProgramList": "sep2.drlc",
    "DemandResponseProgramListLink": "sep2.links",
    "DeviceCapability": "sep2.device_capability",
    "DeviceCapabilityLink": "sep2.links",
    "DeviceCategoryType": "sep2.types",
    "DeviceInformation": "sep2.device_information",
    "DeviceInformationLink": "sep2.links",
    "DeviceStatus": "sep2.end_device",
    "DeviceStatusLink": "sep2.links",
    "DrResponse": "sep2.response",
    "DutyCycle": "sep2.drlc",
    "EndDevice": "sep2.end_device",
    "EndDeviceControl": "sep2.drlc",
    "EndDeviceControlList": "sep2.drlc",
    "EndDeviceControlListLink": "sep2.links",
    "EndDeviceLink": "sep2.links",
    "EndDeviceList": "sep2.end_device",
    "EndDeviceListLink": "sep2.links",
    "EnvironmentalCost": "sep2.pricing",
    "EnvoyConnectionPoint": "sep2.connection_point",
    "Error": "sep2.resource",
    "ErrorReasonCode": "sep2.resource",
    "Event": "sep2.resource",
    "EventCurrentStatus": "sep2.resource",
    "EventStatus": "sep2.resource",
    "ExternalDevice": "sep2.end_device",
    "File": "sep2.file",
    "FileLink": "sep2.links",
    "FileList": "sep2.file",
    "FileListLink": "sep2.links",
    "FileLoadStatus": "sep2.file",
    "FileStatus": "sep2.file",
    "FileStatusLink": "sep2.links",
    "FileType": "sep2.file",
    "FixedPointType": "sep2.quantities",
    "FixedVar": "sep2.quantities",
    "FlowDirectionType": "sep2.types",
    "FlowReservationRequest": "sep2.flow_reservation",
    "FlowReservationRequestList": "sep2.flow_reservation",
    "FlowReservationRequestListLink": "sep2.links",
    "FlowReservationRequestStatus": "sep2.flow_reservation",
    "FlowReservationResponse": "sep2.flow_reservation",
    "FlowReservationResponseList": "sep2.flow_reservation",
    "FlowReservationResponseListLink": "sep2.links",
    "FlowReservationResponseResponse": "sep2.response",
    "FreqDroopType": "sep2.der",
    "FunctionSetAssignments": "sep2.function_set_assignments",
    "FunctionSetAssignmentsBase": "sep2.function_set_assignments",
    "FunctionSetAssignmentsList": "sep2.function_set_assignments",
    "FunctionSetAssignmentsListLink": "sep2.links",
    "FunctionsImplemented": "sep2.device_information",
    "GPSLocationType": "sep2.device_information",
    "GeographicLocationType": "sep2.pricing",
    "HistoricalReading": "sep2.billing",
    "HistoricalReadingList": "sep2.billing",
    "HistoricalReadingListLink": "sep2.links",
    "IEEE_802_15_4": "sep2.network_status",
    "IPAddr": "sep2.network_status",
    "IPAddrList": "sep2.network_status",
    "IPAddrListLink": "sep2.links",
    "IPInterface": "sep2.network_status",
    "IPInterfaceList": "sep2.network_status",
    "IPInterfaceListLink": "sep2.links",
    "IdentifiedObject": "sep2.resource",
    "InverterStatus": "sep2.der",
    "InverterStatusType": "sep2.der",
    "KindType": "sep2.types",
    "LLInterface": "sep2.network_status",
    "LLInterfaceList": "sep2.network_status",
    "LLInterfaceListLink": "sep2.links",
    "Link": "sep2.links",
    "LinkLayerType": "sep2.network_status",
    "List": "sep2.resource",
    "ListLink": "sep2.links",
    "LoadShedAvailability": "sep2.drlc",
    "LoadShedAvailabilityList": "sep2.drlc",
    "LoadShedAvailabilityListLink": "sep2.links",
    "LocalControlModeStatus": "sep2.der",
    "LocalControlModeStatusType": "sep2.der",
    "LogEvent": "sep2.log_event",
    "LogEventFunctionSet": "sep2.log_event",
    "LogEventList": "sep2.log_event",
    "LogEventListLink": "sep2.links",
    "LogEventProfile": "sep2.log_event",
    "ManufacturerStatusType": "sep2.der",
    "MessagingProgram": "sep2.messaging",
    "MessagingProgramList": "sep2.messaging",
    "MessagingProgramListLink": "sep2.links",
    "MeterReading": "sep2.metering",
    "MeterReadingBase": "sep2.metering",
    "MeterReadingLink": "sep2.links",
    "MeterReadingList": "sep2.metering",
    "MeterReadingListLink": "sep2.links",
    "MirrorMeterReading": "sep2.metering_mirror",
    "MirrorMeterReadingList": "sep2.metering_mirror",
    "MirrorReadingSet": "sep2.metering_mirror",
    "MirrorUsagePoint": "sep2.metering_mirror",
    "MirrorUsagePointList": "sep2.metering_mirror",
    "MirrorUsagePointListLink": "sep2.links",
    "Neighbor": "sep2.network_status",
    "NeighborList": "sep2.network_status",
    "NeighborListLink": "sep2.links",
    "NormalCategory": "sep2.der",
    "Notification": "sep2.subscription",
    "NotificationList": "sep2.subscription",
    "NotificationListLink": "sep2.links",
    "NotificationStatus": "sep2.subscription",
    "Offset": "sep2.drlc",
    "OpState": "sep2.end_device",
    "OperationalModeStatus": "sep2.der",
    "OperationalModeStatusType": "sep2.der",
    "PEVInfo": "sep2.power_status",
    "PhaseCode": "sep2.types",
    "PowerConfiguration": "sep2.configuration",
    "PowerFactor": "sep2.quantities",
    "PowerFactorWithExcitation": "sep2.quantities",
    "PowerOfTenMultiplierType": "sep2.types",
    "PowerSourceType": "sep2.power_status",
    "PowerStatus": "sep2.power_status",
    "PowerStatusLink": "sep2.links",
    "PrepayModeType": "sep2.prepayment",
    "PrepayOperationStatus": "sep2.prepayment",
    "PrepayOperationStatusLink": "sep2.links",
    "Prepayment": "sep2.prepayment",
    "PrepaymentLink": "sep2.links",
    "PrepaymentList": "sep2.prepayment",
    "PrepaymentListLink": "sep2.links",
    "PriceResponse": "sep2.response",
    "PriceResponseCfg": "sep2.configuration",
    "PriceResponseCfgList": "sep2.configuration",
    "PriceResponseCfgListLink": "sep2.links",
    "PrimacyType": "sep2.types",
    "PriorityData": "sep2.end_device",
    "PriorityType": "sep2.messaging",
    "ProjectionReading": "sep2.billing",
    "ProjectionReadingList": "sep2.billing",
    "ProjectionReadingListLink": "sep2.links",
    "ProxiedDevice": "sep2.end_device",
    "ProxiedDeviceList": "sep2.end_device",
    "ProxiedDeviceListLink": "sep2.links",
    "RPLInstance": "sep2.network_status",
    "RPLInstanceList": "sep2.network_status",
    "RPLInstanceListLink": "sep2.links",
    "RPLSourceRoutes": "sep2.network_status",
    "RPLSourceRoutesList": "sep2.network_status",
    "RPLSourceRoutesListLink": "sep2.links",
    "RandomizableEvent": "sep2.resource",
    "RateComponent": "sep2.pricing",
    "RateComponentLink": "sep2.links",
    "RateComponentList": "sep2.pricing",
    "RateComponentListLink": "sep2.links",
    "ReactivePower": "sep2.quantities",
    "ReactiveSusceptance": "sep2.quantities",
    "Reading": "sep2.metering",
    "ReadingBase": "sep2.metering",
    "ReadingLink": "sep2.links",
    "ReadingList": "sep2.metering",
    "ReadingListLink": "sep2.links",
    "ReadingQualityFlags": "sep2.metering",
    "ReadingSet": "sep2.metering",
    "ReadingSetBase": "sep2.metering",
    "ReadingSetList": "sep2.metering",
    "ReadingSetListLink": "sep2.links",
    "ReadingType": "sep2.metering",
    "ReadingTypeLink": "sep2.links",
    "RealEnergy": "sep2.quantities",
    "Registration": "sep2.end_device",
    "RegistrationLink": "sep2.links",
    "RequestStatus": "sep2.flow_reservation",
    "Resource": "sep2.resource",
    "RespondableIdentifiedObject": "sep2.resource",
    "RespondableResource": "sep2.resource",
    "RespondableSubscribableIdentifiedObject": "sep2.resource",
    "Response": "sep2.response",
    "ResponseList": "sep2.response",
    "ResponseListLink": "sep2.links",
    "ResponseRequired": "sep2.resource",
    "ResponseSet": "sep2.response",
    "ResponseSetList": "sep2.response",
    "ResponseSetListLink": "sep2.links",
    "ResponseStatus": "sep2.response",
    "RoleFlagsType": "sep2.types",
    "SelfDevice": "sep2.end_device",
    "SelfDeviceLink": "sep2.links",
    "ServiceChange": "sep2.prepayment",
    "ServiceKind": "sep2.types",
    "ServiceStatusType": "sep2.prepayment",
    "ServiceSupplier": "sep2.billing",
    "ServiceSupplierLink": "sep2.links",
    "ServiceSupplierList": "sep2.billing",
    "SetPoint": "sep2.drlc",
    "SignedRealEnergy": "sep2.quantities",
    "StateOfChargeStatusType": "sep2.der",
    "StorageModeStatus": "sep2.der",
    "StorageModeStatusType": "sep2.der",
    "SubscribableIdentifiedObject": "sep2.resource",
    "SubscribableList": "sep2.resource",
    "SubscribableResource": "sep2.resource",
    "SubscribableType": "sep2.types",
    "Subscription": "sep2.subscription",
    "SubscriptionBase": "sep2.subscription",
    "SubscriptionEncoding": "sep2.subscription",
    "SubscriptionList": "sep2.subscription",
    "SubscriptionListLink": "sep2.links",
    "SupplyInterruptionOverride": "sep2.prepayment",
    "SupplyInterruptionOverrideList": "sep2.prepayment",
    "SupplyInterruptionOverrideListLink": "sep2.links",
    "SupportedLocale": "sep2.device_information",
    "SupportedLocaleList": "sep2.device_information",
    "SupportedLocaleListLink": "sep2.links",
    "TOUType": "sep2.types",
    "TargetReading": "sep2.billing",
    "TargetReadingList": "sep2.billing",
    "TargetReadingListLink": "sep2.links",
    "TargetReduction": "sep2.drlc",
    "TariffProfile": "sep2.pricing",
    "TariffProfileLink": "sep2.links",
    "TariffProfileList": "sep2.pricing",
    "TariffProfileListLink": "sep2.links",
    "Temperature": "sep2.end_device",
    "TemperatureSubject": "sep2.end_device",
    "TextMessage": "sep2.messaging",
    "TextMessageList": "sep2.messaging",
    "TextMessageListLink": "sep2.links",
    "TextResponse": "sep2.response",
    "Time": "sep2.time",
    "TimeConfiguration": "sep2.configuration",
    "TimeLink": "sep2.links",
    "TimeQuality": "sep2.time",
    "TimeTariffInterval": "sep2.pricing",
    "TimeTariffIntervalList": "sep2.pricing",
    "TimeTariffIntervalListLink": "sep2.links",
    "UnitType": "sep2.types",
    "UnitValueType": "sep2.quantities",
    "UnsignedActivePower": "sep2.quantities",
    "UnsignedFixedPointType": "sep2.quantities",
    "UnsignedFixedVar": "sep2.der",
    "UnsignedReactivePower": "sep2.quantities",
    "UomType": "sep2.types",
    "UsagePoint": "sep2.metering",
    "UsagePointBase": "sep2.metering",
    "UsagePointLink": "sep2.links",
    "UsagePointList": "sep2.metering",
    "UsagePointListLink": "sep2.links",
    "UsagePointStatus": "sep2.metering",
    "VPPControlType": "sep2.csipaus",
    "VoltageRMS": "sep2.quantities",
    "WattHour": "sep2.quantities",
    "loWPAN": "sep2.network_status",
}

ELEMENTS: dict[str, str] = {
    "ConnectionPoint": "EnvoyConnectionPoint",
    "{https://csipaus.org/ns/v1.3}ConnectionPoint": "ConnectionPoint",
    "{https://csipaus.org/ns/v1.3}ConsumptionTariffIntervalListSummary": "ConsumptionTariffIntervalListSummary",
    "{urn:ieee:std:2030.5:ns}AbstractDevice": "AbstractDevice",
    "{urn:ieee:std:2030.5:ns}AccountBalance": "AccountBalance",
    "{urn:ieee:std:2030.5:ns}AccountBalanceLink": "AccountBalanceLink",
    "{urn:ieee:std:2030.5:ns}AccountingUnit": "AccountingUnit",
    "{urn:ieee:std:2030.5:ns}ActiveBillingPeriodListLink": "ActiveBillingPeriodListLink",
    "{urn:ieee:std:2030.5:ns}ActiveCreditRegisterListLink": "ActiveCreditRegisterListLink",
    "{urn:ieee:std:2030.5:ns}ActiveDERControlListLink": "ActiveDERControlListLink",
    "{urn:ieee:std:2030.5:ns}ActiveEndDeviceControlListLink": "ActiveEndDeviceControlListLink",
    "{urn:ieee:std:2030.5:ns}ActiveFlowReservationListLink": "ActiveFlowReservationListLink",
    "{urn:ieee:std:2030.5:ns}ActivePower": "ActivePower",
    "{urn:ieee:std:2030.5:ns}ActiveProjectionReadingListLink": "ActiveProjectionReadingListLink",
    "{urn:ieee:std:2030.5:ns}ActiveSupplyInterruptionOverrideListLink": "ActiveSupplyInterruptionOverrideListLink",
    "{urn:ieee:std:2030.5:ns}ActiveTargetReadingListLink": "ActiveTargetReadingListLink",
    "{urn:ieee:std:2030.5:ns}ActiveTextMessageListLink": "ActiveTextMessageListLink",
    "{urn:ieee:std:2030.5:ns}ActiveTimeTariffIntervalListLink": "ActiveTimeTariffIntervalListLink",
    "{urn:ieee:std:2030.5:ns}AggregatedDevice": "AggregatedDevice",
    "{urn:ieee:std:2030.5:ns}AggregatedDeviceList": "AggregatedDeviceList",
    "{urn:ieee:std:2030.5:ns}AggregationPriority": "AggregationPriority",
    "{urn:ieee:std:2030.5:ns}AmpereHour": "AmpereHour",
    "{urn:ieee:std:2030.5:ns}ApparentPower": "ApparentPower",
    "{urn:ieee:std:2030.5:ns}ApplianceLoadReduction": "ApplianceLoadReduction",
    "{urn:ieee:std:2030.5:ns}AppliedTargetReduction": "AppliedTargetReduction",
    "{urn:ieee:std:2030.5:ns}AssociatedDERProgramListLink": "AssociatedDERProgramListLink",
    "{urn:ieee:std:2030.5:ns}AssociatedUsagePointLink": "AssociatedUsagePointLink",
    "{urn:ieee:std:2030.5:ns}BillingMeterReadingBase": "BillingMeterReadingBase",
    "{urn:ieee:std:2030.5:ns}BillingPeriod": "BillingPeriod",
    "{urn:ieee:std:2030.5:ns}BillingPeriodList": "BillingPeriodList",
    "{urn:ieee:std:2030.5:ns}BillingPeriodListLink": "BillingPeriodListLink",
    "{urn:ieee:std:2030.5:ns}BillingReading": "BillingReading",
    "{urn:ieee:std:2030.5:ns}BillingReadingList": "BillingReadingList",
    "{urn:ieee:std:2030.5:ns}BillingReadingListLink": "BillingReadingListLink",
    "{urn:ieee:std:2030.5:ns}BillingReadingSet": "BillingReadingSet",
    "{urn:ieee:std:2030.5:ns}BillingReadingSetList": "BillingReadingSetList",
    "{urn:ieee:std:2030.5:ns}BillingReadingSetListLink": "BillingReadingSetListLink",
    "{urn:ieee:std:2030.5:ns}Charge": "Charge",
    "{urn:ieee:std:2030.5:ns}Condition": "Condition",
    "{urn:ieee:std:2030.5:ns}Configuration": "Configuration",
    "{urn:ieee:std:2030.5:ns}ConfigurationLink": "ConfigurationLink",
    "{urn:ieee:std:2030.5:ns}ConnectStatusType": "ConnectStatusType",
    "{urn:ieee:std:2030.5:ns}ConsumptionTariffInterval": "ConsumptionTariffInterval",
    "{urn:ieee:std:2030.5:ns}ConsumptionTariffIntervalList": "ConsumptionTariffIntervalList",
    "{urn:ieee:std:2030.5:ns}ConsumptionTariffIntervalListLink": "ConsumptionTariffIntervalListLink",
    "{urn:ieee:std:2030.5:ns}CreditRegister": "CreditRegister",
    "{urn:ieee:std:2030.5:ns}CreditRegisterList": "CreditRegisterList",
    "{urn:ieee:std:2030.5:ns}CreditRegisterListLink": "CreditRegisterListLink",
    "{urn:ieee:std:2030.5:ns}CreditTypeChange": "CreditTypeChange",
    "{urn:ieee:std:2030.5:ns}CurrentDERControls": "CurrentDERControls",
    "{urn:ieee:std:2030.5:ns}CurrentDERProgramLink": "CurrentDERProgramLink",
    "{urn:ieee:std:2030.5:ns}CurrentRMS": "CurrentRMS",
    "{urn:ieee:std:2030.5:ns}CurveData": "CurveData",
    "{urn:ieee:std:2030.5:ns}CustomerAccount": "CustomerAccount",
    "{urn:ieee:std:2030.5:ns}CustomerAccountLink": "CustomerAccountLink",
    "{urn:ieee:std:2030.5:ns}CustomerAccountList": "CustomerAccountList",
    "{urn:ieee:std:2030.5:ns}CustomerAccountListLink": "CustomerAccountListLink",
    "{urn:ieee:std:2030.5:ns}CustomerAgreement": "CustomerAgreement",
    "{urn:ieee:std:2030.5:ns}CustomerAgreementList": "CustomerAgreementList",
    "{urn:ieee:std:2030.5:ns}CustomerAgreementListLink": "CustomerAgreementListLink",
    "{urn:ieee:std:2030.5:ns}DER": "DER",
    "{urn:ieee:std:2030.5:ns}DERAvailability": "DERAvailability",
    "{urn:ieee:std:2030.5:ns}DERAvailabilityLink": "DERAvailabilityLink",
    "{urn:ieee:std:2030.5:ns}DERCapability": "DERCapability",
    "{urn:ieee:std:2030.5:ns}DERCapabilityLink": "DERCapabilityLink",
    "{urn:ieee:std:2030.5:ns}DERComponent": "DERComponent",
    "{urn:ieee:std:2030.5:ns}DERComponentList": "DERComponentList",
    "{urn:ieee:std:2030.5:ns}DERControl": "DERControl",
    "{urn:ieee:std:2030.5:ns}DERControlBase": "DERControlBase",
    "{urn:ieee:std:2030.5:ns}DERControlList": "DERControlList",
    "{urn:ieee:std:2030.5:ns}DERControlListLink": "DERControlListLink",
    "{urn:ieee:std:2030.5:ns}DERControlResponse": "DERControlResponse",
    "{urn:ieee:std:2030.5:ns}DERCurve": "DERCurve",
    "{urn:ieee:std:2030.5:ns}DERCurveLink": "DERCurveLink",
    "{urn:ieee:std:2030.5:ns}DERCurveList": "DERCurveList",
    "{urn:ieee:std:2030.5:ns}DERCurveListLink": "DERCurveListLink",
    "{urn:ieee:std:2030.5:ns}DERLink": "DERLink",
    "{urn:ieee:std:2030.5:ns}DERList": "DERList",
    "{urn:ieee:std:2030.5:ns}DERListLink": "DERListLink",
    "{urn:ieee:std:2030.5:ns}DERProgram": "DERProgram",
    "{urn:ieee:std:2030.5:ns}DERProgramLink": "DERProgramLink",
    "{urn:ieee:std:2030.5:ns}DERProgramList": "DERProgramList",
    "{urn:ieee:std:2030.5:ns}DERProgramListLink": "DERProgramListLink",
    "{urn:ieee:std:2030.5:ns}DERSettings": "DERSettings",
    "{urn:ieee:std:2030.5:ns}DERSettingsLink": "DERSettingsLink",
    "{urn:ieee:std:2030.5:ns}DERStatus": "DERStatus",
    "{urn:ieee:std:2030.5:ns}DERStatusLink": "DERStatusLink",
    "{urn:ieee:std:2030.5:ns}DRLCCapabilities": "DRLCCapabilities",
    "{urn:ieee:std:2030.5:ns}DateTimeInterval": "DateTimeInterval",
    "{urn:ieee:std:2030.5:ns}DefaultDERControl": "DefaultDERControl",
    "{urn:ieee:std:2030.5:ns}DefaultDERControlLink": "DefaultDERControlLink",
    "{urn:ieee:std:2030.5:ns}DefaultDERControlResponse": "DefaultDERControlResponse",
    "{urn:ieee:std:2030.5:ns}DemandResponseProgram": "DemandResponseProgram",
    "{urn:ieee:std:2030.5:ns}DemandResponseProgramLink": "DemandResponseProgramLink",
    "{urn:ieee:std:2030.5:ns}DemandResponseProgramList": "DemandResponseProgramList",
    "{urn:ieee:std:2030.5:ns}DemandResponseProgramListLink": "DemandResponseProgramListLink",
    "{urn:ieee:std:2030.5:ns}DeviceCapability": "DeviceCapability",
    "{urn:ieee:std:2030.5:ns}DeviceCapabilityLink": "DeviceCapabilityLink",
    "{urn:ieee:std:2030.5:ns}DeviceInformation": "DeviceInformation",
    "{urn:ieee:std:2030.5:ns}DeviceInformationLink": "DeviceInformationLink",
    "{urn:ieee:std:2030.5:ns}DeviceStatus": "DeviceStatus",
    "{urn:ieee:std:2030.5:ns}DeviceStatusLink": "DeviceStatusLink",
    "{urn:ieee:std:2030.5:ns}DrResponse": "DrResponse",
    "{urn:ieee:std:2030.5:ns}DutyCycle": "DutyCycle",
    "{urn:ieee:std:2030.5:ns}EndDevice": "EndDevice",
    "{urn:ieee:std:2030.5:ns}EndDeviceControl": "EndDeviceControl",
    "{urn:ieee:std:2030.5:ns}EndDeviceControlList": "EndDeviceControlList",
    "{urn:ieee:std:2030.5:ns}EndDeviceControlListLink": "EndDeviceControlListLink",
    "{urn:ieee:std:2030.5:ns}EndDeviceLink": "EndDeviceLink",
    "{urn:ieee:std:2030.5:ns}EndDeviceList": "EndDeviceList",
    "{urn:ieee:std:2030.5:ns}EndDeviceListLink": "EndDeviceListLink",
    "{urn:ieee:std:2030.5:ns}EnvironmentalCost": "EnvironmentalCost",
    "{urn:ieee:std:2030.5:ns}Error": "Error",
    "{urn:ieee:std:2030.5:ns}Event": "Event",
    "{urn:ieee:std:2030.5:ns}EventStatus": "EventStatus",
    "{urn:ieee:std:2030.5:ns}File": "File",
    "{urn:ieee:std:2030.5:ns}FileLink": "FileLink",
    "{urn:ieee:std:2030.5:ns}FileList": "FileList",
    "{urn:ieee:std:2030.5:ns}FileListLink": "FileListLink",
    "{urn:ieee:std:2030.5:ns}FileStatus": "FileStatus",
    "{urn:ieee:std:2030.5:ns}FileStatusLink": "FileStatusLink",
    "{urn:ieee:std:2030.5:ns}FixedPointType": "FixedPointType",
    "{urn:ieee:std:2030.5:ns}FixedVar": "FixedVar",
    "{urn:ieee:std:2030.5:ns}FlowReservationRequest": "FlowReservationRequest",
    "{urn:ieee:std:2030.5:ns}FlowReservationRequestList": "FlowReservationRequestList",
    "{urn:ieee:std:2030.5:ns}FlowReservationRequestListLink": "FlowReservationRequestListLink",
    "{urn:ieee:std:2030.5:ns}FlowReservationResponse": "FlowReservationResponse",
    "{urn:ieee:std:2030.5:ns}FlowReservationResponseList": "FlowReservationResponseList",
    "{urn:ieee:std:2030.5:ns}FlowReservationResponseListLink": "FlowReservationResponseListLink",
    "{urn:ieee:std:2030.5:ns}FlowReservationResponseResponse": "FlowReservationResponseResponse",
    "{urn:ieee:std:2030.5:ns}FreqDroopType": "FreqDroopType",
    "{urn:ieee:std:2030.5:ns}FunctionSetAssignments": "FunctionSetAssignments",
    "{urn:ieee:std:2030.5:ns}FunctionSetAssignmentsBase": "FunctionSetAssignmentsBase",
    "{urn:ieee:std:2030.5:ns}FunctionSetAssignmentsList": "FunctionSetAssignmentsList",
    "{urn:ieee:std:2030.5:ns}FunctionSetAssignmentsListLink": "FunctionSetAssignmentsListLink",
    "{urn:ieee:std:2030.5:ns}GPSLocationType": "GPSLocationType",
    "{urn:ieee:std:2030.5:ns}HistoricalReading": "HistoricalReading",
    "{urn:ieee:std:2030.5:ns}HistoricalReadingList": "HistoricalReadingList",
    "{urn:ieee:std:2030.5:ns}HistoricalReadingListLink": "HistoricalReadingListLink",
    "{urn:ieee:std:2030.5:ns}IEEE_802_15_4": "IEEE_802_15_4",
    "{urn:ieee:std:2030.5:ns}IPAddr": "IPAddr",
    "{urn:ieee:std:2030.5:ns}IPAddrList": "IPAddrList",
    "{urn:ieee:std:2030.5:ns}IPAddrListLink": "IPAddrListLink",
    "{urn:ieee:std:2030.5:ns}IPInterface": "IPInterface",
    "{urn:ieee:std:2030.5:ns}IPInterfaceList": "IPInterfaceList",
    "{urn:ieee:std:2030.5:ns}IPInterfaceListLink": "IPInterfaceListLink",
    "{urn:ieee:std:2030.5:ns}IdentifiedObject": "IdentifiedObject",
    "{urn:ieee:std:2030.5:ns}InverterStatusType": "InverterStatusType",
    "{urn:ieee:std:2030.5:ns}LLInterface": "LLInterface",
    "{urn:ieee:std:2030.5:ns}LLInterfaceList": "LLInterfaceList",
    "{urn:ieee:std:2030.5:ns}LLInterfaceListLink": "LLInterfaceListLink",
    "{urn:ieee:std:2030.5:ns}Link": "Link",
    "{urn:ieee:std:2030.5:ns}List": "List",
    "{urn:ieee:std:2030.5:ns}ListLink": "ListLink",
    "{urn:ieee:std:2030.5:ns}LoadShedAvailability": "LoadShedAvailability",
    "{urn:ieee:std:2030.5:ns}LoadShedAvailabilityList": "LoadShedAvailabilityList",
    "{urn:ieee:std:2030.5:ns}LoadShedAvailabilityListLink": "LoadShedAvailabilityListLink",
    "{urn:ieee:std:2030.5:ns}LocalControlModeStatusType": "LocalControlModeStatusType",
    "{urn:ieee:std:2030.5:ns}LogEvent": "LogEvent",
    "{urn:ieee:std:2030.5:ns}LogEventList": "LogEventList",
    "{urn:ieee:std:2030.5:ns}LogEventListLink": "LogEventListLink",
    "{urn:ieee:std:2030.5:ns}ManufacturerStatusType": "ManufacturerStatusType",
    "{urn:ieee:std:2030.5:ns}MessagingProgram": "MessagingProgram",
    "{urn:ieee:std:2030.5:ns}MessagingProgramList": "MessagingProgramList",
    "{urn:ieee:std:2030.5:ns}MessagingProgramListLink": "MessagingProgramListLink",
    "{urn:ieee:std:2030.5:ns}MeterReading": "MeterReading",
    "{urn:ieee:std:2030.5:ns}MeterReadingBase": "MeterReadingBase",
    "{urn:ieee:std:2030.5:ns}MeterReadingLink": "MeterReadingLink",
    "{urn:ieee:std:2030.5:ns}MeterReadingList": "MeterReadingList",
    "{urn:ieee:std:2030.5:ns}MeterReadingListLink": "MeterReadingListLink",
    "{urn:ieee:std:2030.5:ns}MirrorMeterReading": "MirrorMeterReading",
    "{urn:ieee:std:2030.5:ns}MirrorMeterReadingList": "MirrorMeterReadingList",
    "{urn:ieee:std:2030.5:ns}MirrorReadingSet": "MirrorReadingSet",
    "{urn:ieee:std:2030.5:ns}MirrorUsagePoint": "MirrorUsagePoint",
    "{urn:ieee:std:2030.5:ns}MirrorUsagePointList": "MirrorUsagePointList",
    "{urn:ieee:std:2030.5:ns}MirrorUsagePointListLink": "MirrorUsagePointListLink",
    "{urn:ieee:std:2030.5:ns}Neighbor": "Neighbor",
    "{urn:ieee:std:2030.5:ns}NeighborList": "NeighborList",
    "{urn:ieee:std:2030.5:ns}NeighborListLink": "NeighborListLink",
    "{urn:ieee:std:2030.5:ns}Notification": "Notification",
    "{urn:ieee:std:2030.5:ns}NotificationList": "NotificationList",
    "{urn:ieee:std:2030.5:ns}NotificationListLink": "NotificationListLink",
    "{urn:ieee:std:2030.5:ns}Offset": "Offset",
    "{urn:ieee:std:2030.5:ns}OperationalModeStatusType": "OperationalModeStatusType",
    "{urn:ieee:std:2030.5:ns}PEVInfo": "PEVInfo",
    "{urn:ieee:std:2030.5:ns}PowerConfiguration": "PowerConfiguration",
    "{urn:ieee:std:2030.5:ns}PowerFactor": "PowerFactor",
    "{urn:ieee:std:2030.5:ns}PowerFactorWithExcitation": "PowerFactorWithExcitation",
    "{urn:ieee:std:2030.5:ns}PowerStatus": "PowerStatus",
    "{urn:ieee:std:2030.5:ns}PowerStatusLink": "PowerStatusLink",
    "{urn:ieee:std:2030.5:ns}PrepayOperationStatus": "PrepayOperationStatus",
    "{urn:ieee:std:2030.5:ns}PrepayOperationStatusLink": "PrepayOperationStatusLink",
    "{urn:ieee:std:2030.5:ns}Prepayment": "Prepayment",
    "{urn:ieee:std:2030.5:ns}PrepaymentLink": "PrepaymentLink",
    "{urn:ieee:std:2030.5:ns}PrepaymentList": "PrepaymentList",
    "{urn:ieee:std:2030.5:ns}PrepaymentListLink": "PrepaymentListLink",
    "{urn:ieee:std:2030.5:ns}PriceResponse": "PriceResponse",
    "{urn:ieee:std:2030.5:ns}PriceResponseCfg": "PriceResponseCfg",
    "{urn:ieee:std:2030.5:ns}PriceResponseCfgList": "PriceResponseCfgList",
    "{urn:ieee:std:2030.5:ns}PriceResponseCfgListLink": "PriceResponseCfgListLink",
    "{urn:ieee:std:2030.5:ns}ProjectionReading": "ProjectionReading",
    "{urn:ieee:std:2030.5:ns}ProjectionReadingList": "ProjectionReadingList",
    "{urn:ieee:std:2030.5:ns}ProjectionReadingListLink": "ProjectionReadingListLink",
    "{urn:ieee:std:2030.5:ns}ProxiedDevice": "ProxiedDevice",
    "{urn:ieee:std:2030.5:ns}ProxiedDeviceList": "ProxiedDeviceList",
    "{urn:ieee:std:2030.5:ns}RPLInstance": "RPLInstance",
    "{urn:ieee:std:2030.5:ns}RPLInstanceList": "RPLInstanceList",
    "{urn:ieee:std:2030.5:ns}RPLInstanceListLink": "RPLInstanceListLink",
    "{urn:ieee:std:2030.5:ns}RPLSourceRoutes": "RPLSourceRoutes",
    "{urn:ieee:std:2030.5:ns}RPLSourceRoutesList": "RPLSourceRoutesList",
    "{urn:ieee:std:2030.5:ns}RPLSourceRoutesListLink": "RPLSourceRoutesListLink",
    "{urn:ieee:std:2030.5:ns}RandomizableEvent": "RandomizableEvent",
    "{urn:ieee:std:2030.5:ns}RateComponent": "RateComponent",
    "{urn:ieee:std:2030.5:ns}RateComponentLink": "RateComponentLink",
    "{urn:ieee:std:2030.5:ns}RateComponentList": "RateComponentList",
    "{urn:ieee:std:2030.5:ns}RateComponentListLink": "RateComponentListLink",
    "{urn:ieee:std:2030.5:ns}ReactivePower": "ReactivePower",
    "{urn:ieee:std:2030.5:ns}ReactiveSusceptance": "ReactiveSusceptance",
    "{urn:ieee:std:2030.5:ns}Reading": "Reading",
    "{urn:ieee:std:2030.5:ns}ReadingBase": "ReadingBase",
    "{urn:ieee:std:2030.5:ns}ReadingLink": "ReadingLink",
    "{urn:ieee:std:2030.5:ns}ReadingList": "ReadingList",
    "{urn:ieee:std:2030.5:ns}ReadingListLink": "ReadingListLink",
    "{urn:ieee:std:2030.5:ns}ReadingSet": "ReadingSet",
    "{urn:ieee:std:2030.5:ns}ReadingSetBase": "ReadingSetBase",
    "{urn:ieee:std:2030.5:ns}ReadingSetList": "ReadingSetList",
    "{urn:ieee:std:2030.5:ns}ReadingSetListLink": "ReadingSetListLink",
    "{urn:ieee:std:2030.5:ns}ReadingType": "ReadingType",
    "{urn:ieee:std:2030.5:ns}ReadingTypeLink": "ReadingTypeLink",
    "{urn:ieee:std:2030.5:ns}RealEnergy": "RealEnergy",
    "{urn:ieee:std:2030.5:ns}Registration": "Registration",
    "{urn:ieee:std:2030.5:ns}RegistrationLink": "RegistrationLink",
    "{urn:ieee:std:2030.5:ns}RequestStatus": "RequestStatus",
    "{urn:ieee:std:2030.5:ns}Resource": "Resource",
    "{urn:ieee:std:2030.5:ns}RespondableIdentifiedObject": "RespondableIdentifiedObject",
    "{urn:ieee:std:2030.5:ns}RespondableResource": "RespondableResource",
    "{urn:ieee:std:2030.5:ns}RespondableSubscribableIdentifiedObject": "RespondableSubscribableIdentifiedObject",
    "{urn:ieee:std:2030.5:ns}Response": "Response",
    "{urn:ieee:std:2030.5:ns}ResponseList": "ResponseList",
    "{urn:ieee:std:2030.5:ns}ResponseListLink": "ResponseListLink",
    "{urn:ieee:std:2030.5:ns}ResponseSet": "ResponseSet",
    "{urn:ieee:std:2030.5:ns}ResponseSetList": "ResponseSetList",
    "{urn:ieee:std:2030.5:ns}ResponseSetListLink": "ResponseSetListLink",
    "{urn:ieee:std:2030.5:ns}SelfDevice": "SelfDevice",
    "{urn:ieee:std:2030.5:ns}SelfDeviceLink": "SelfDeviceLink",
    "{urn:ieee:std:2030.5:ns}ServiceChange": "ServiceChange",
    "{urn:ieee:std:2030.5:ns}ServiceSupplier": "ServiceSupplier",
    "{urn:ieee:std:2030.5:ns}ServiceSupplierLink": "ServiceSupplierLink",
    "{urn:ieee:std:2030.5:ns}ServiceSupplierList": "ServiceSupplierList",
    "{urn:ieee:std:2030.5:ns}SetPoint": "SetPoint",
    "{urn:ieee:std:2030.5:ns}SignedRealEnergy": "SignedRealEnergy",
    "{urn:ieee:std:2030.5:ns}StateOfChargeStatusType": "StateOfChargeStatusType",
    "{urn:ieee:std:2030.5:ns}StorageModeStatusType": "StorageModeStatusType",
    "{urn:ieee:std:2030.5:ns}SubscribableIdentifiedObject": "SubscribableIdentifiedObject",
    "{urn:ieee:std:2030.5:ns}SubscribableList": "SubscribableList",
    "{urn:ieee:std:2030.5:ns}SubscribableResource": "SubscribableResource",
    "{urn:ieee:std:2030.5:ns}Subscription": "Subscription",
    "{urn:ieee:std:2030.5:ns}SubscriptionBase": "SubscriptionBase",
    "{urn:ieee:std:2030.5:ns}SubscriptionList": "SubscriptionList",
    "{urn:ieee:std:2030.5:ns}SubscriptionListLink": "SubscriptionListLink",
    "{urn:ieee:std:2030.5:ns}SupplyInterruptionOverride": "SupplyInterruptionOverride",
    "{urn:ieee:std:2030.5:ns}SupplyInterruptionOverrideList": "SupplyInterruptionOverrideList",
    "{urn:ieee:std:2030.5:ns}SupplyInterruptionOverrideListLink": "SupplyInterruptionOverrideListLink",
    "{urn:ieee:std:2030.5:ns}SupportedLocale": "SupportedLocale",
    "{urn:ieee:std:2030.5:ns}SupportedLocaleList": "SupportedLocaleList",
    "{urn:ieee:std:2030.5:ns}SupportedLocaleListLink": "SupportedLocaleListLink",
    "{urn:ieee:std:2030.5:ns}TargetReading": "TargetReading",
    "{urn:ieee:std:2030.5:ns}TargetReadingList": "TargetReadingList",
    "{urn:ieee:std:2030.5:ns}TargetReadingListLink": "TargetReadingListLink",
    "{urn:ieee:std:2030.5:ns}TargetReduction": "TargetReduction",
    "{urn:ieee:std:2030.5:ns}TariffProfile": "TariffProfile",
    "{urn:ieee:std:2030.5:ns}TariffProfileLink": "TariffProfileLink",
    "{urn:ieee:std:2030.5:ns}TariffProfileList": "TariffProfileList",
    "{urn:ieee:std:2030.5:ns}TariffProfileListLink": "TariffProfileListLink",
    "{urn:ieee:std:2030.5:ns}Temperature": "Temperature",
    "{urn:ieee:std:2030.5:ns}TextMessage": "TextMessage",
    "{urn:ieee:std:2030.5:ns}TextMessageList": "TextMessageList",
    "{urn:ieee:std:2030.5:ns}TextMessageListLink": "TextMessageListLink",
    "{urn:ieee:std:2030.5:ns}TextResponse": "TextResponse",
    "{urn:ieee:std:2030.5:ns}Time": "Time",
    "{urn:ieee:std:2030.5:ns}TimeConfiguration": "TimeConfiguration",
    "{urn:ieee:std:2030.5:ns}TimeLink": "TimeLink",
    "{urn:ieee:std:2030.5:ns}TimeTariffInterval": "TimeTariffInterval",
    "{urn:ieee:std:2030.5:ns}TimeTariffIntervalList": "TimeTariffIntervalList",
    "{urn:ieee:std:2030.5:ns}TimeTariffIntervalListLink": "TimeTariffIntervalListLink",
    "{urn:ieee:std:2030.5:ns}UnitValueType": "UnitValueType",
    "{urn:ieee:std:2030.5:ns}UnsignedFixedPointType": "UnsignedFixedPointType",
    "{urn:ieee:std:2030.5:ns}UsagePoint": "UsagePoint",
    "{urn:ieee:std:2030.5:ns}UsagePointBase": "UsagePointBase",
    "{urn:ieee:std:2030.5:ns}UsagePointLink": "UsagePointLink",
    "{urn:ieee:std:2030.5:ns}UsagePointList": "UsagePointList",
    "{urn:ieee:std:2030.5:ns}UsagePointListLink": "UsagePointListLink",
    "{urn:ieee:std:2030.5:ns}VoltageRMS": "VoltageRMS",
    "{urn:ieee:std:2030.5:ns}WattHour": "WattHour",
    "{urn:ieee:std:2030.5:ns}loWPAN": "loWPAN",
}
"""Name of the class that a document's root element stands for, by the element's qualified name."""

TYPES: dict[str, str] = {
    "{https://csipaus.org/ns/v1.3}ConnectionPointType": "ConnectionPoint",
}
"""Name of the class of a schema type, by the type's qualified name, where the two differ."""

PREFIXES: dict[str, str] = {
    "https://csipaus.org/ns/v1.3": "csipaus",
    "urn:ieee:std:2030.5:ns": "sep",
}
"""Prefix that documents have for a namespace where it is not the default one."""

__all__ = [
    "ELEMENTS",
    "TYPES",
    "AbnormalCategory",
    "AbstractDevice",
    "AccountBalance",
    "AccountBalanceLink",
    "AccountingUnit",
    "AccumulationBehaviourType",
    "ActiveBillingPeriodListLink",
    "ActiveCreditRegisterListLink",
    "ActiveDERControlListLink",
    "ActiveEndDeviceControlListLink",
    "ActiveFlowReservationListLink",
    "ActivePower",
    "ActiveProjectionReadingListLink",
    "ActiveSupplyInterruptionOverrideListLink",
    "ActiveTargetReadingListLink",
    "ActiveTextMessageListLink",
    "ActiveTimeTariffIntervalListLink",
    "AggregatedDevice",
    "AggregatedDeviceList",
    "AggregatedDeviceListLink",
    "AggregationDistributionType",
    "AggregationPriority",
    "AggregationPriorityLink",
    "AlarmStatus",
    "AmpereHour",
    "ApparentPower",
    "ApplianceLoadReduction",
    "ApplianceLoadReductionType",
    "AppliedTargetReduction",
    "AssociatedDERProgramListLink",
    "AssociatedUsagePointLink",
    "BatteryStatus",
    "BillingMeterReadingBase",
    "BillingPeriod",
    "BillingPeriodList",
    "BillingPeriodListLink",
    "BillingReading",
    "BillingReadingList",
    "BillingReadingListLink",
    "BillingReadingSet",
    "BillingReadingSetList",
    "BillingReadingSetListLink",
    "Charge",
    "ChargeKind",
    "CombinedTimeTariffIntervalList",
    "CommodityType",
    "Condition",
    "Configuration",
    "ConfigurationLink",
    "ConnectStatus",
    "ConnectStatusType",
    "ConnectStatusType2",
    "ConnectionPoint",
    "ConsumptionBlockType",
    "ConsumptionTariffInterval",
    "ConsumptionTariffIntervalList",
    "ConsumptionTariffIntervalListLink",
    "ConsumptionTariffIntervalListSummary",
    "CostKindType",
    "CreditRegister",
    "CreditRegisterList",
    "CreditRegisterListLink",
    "CreditStatusType",
    "CreditTypeChange",
    "CreditTypeType",
    "CurrencyCode",
    "CurrentDERControls",
    "CurrentDERControlsLink",
    "CurrentDERProgramLink",
    "CurrentRMS",
    "CurveData",
    "CustomerAccount",
    "CustomerAccountLink",
    "CustomerAccountList",
    "CustomerAccountListLink",
    "CustomerAgreement",
    "CustomerAgreementList",
    "CustomerAgreementListLink",
    "DER",
    "DERAvailability",
    "DERAvailabilityLink",
    "DERCapability",
    "DERCapabilityLink",
    "DERComponent",
    "DERComponentBase",
    "DERComponentList",
    "DERComponentListLink",
    "DERConnectionState",
    "DERControl",
    "DERControlBase",
    "DERControlList",
    "DERControlListLink",
    "DERControlResponse",
    "DERControlType",
    "DERControlType2",
    "DERCurve",
    "DERCurveLink",
    "DERCurveList",
    "DERCurveListLink",
    "DERCurveType",
    "DERLink",
    "DERList",
    "DERListLink",
    "DERLogEventCode",
    "DERProgram",
    "DERProgramLink",
    "DERProgramList",
    "DERProgramListLink",
    "DERSettings",
    "DERSettingsLink",
    "DERStatus",
    "DERStatusLink",
    "DERType",
    "DERUnitRefType",
    "DOEControlType",
    "DRLCCapabilities",
    "DRLCOptions",
    "DataQualifierType",
    "DateTimeInterval",
    "DefaultDERControl",
    "DefaultDERControlLink",
    "DefaultDERControlResponse",
    "DefaultDERControlType",
    "DeltaBidirectionalType",
    "DemandResponseProgram",
    "DemandResponseProgramLink",
    "DemandResponseProgramList",
    "DemandResponseProgramListLink",
    "DeviceCapability",
    "DeviceCapabilityLink",
    "DeviceCategoryType",
    "DeviceInformation",
    "DeviceInformationLink",
    "DeviceStatus",
    "DeviceStatusLink",
    "DrResponse",
    "DutyCycle",
    "EndDevice",
    "EndDeviceControl",
    "EndDeviceControlList",
    "EndDeviceControlListLink",
    "EndDeviceLink",
    "EndDeviceList",
    "EndDeviceListLink",
    "EnvironmentalCost",
    "EnvoyConnectionPoint",
    "Error",
    "ErrorReasonCode",
    "Event",
    "EventCurrentStatus",
    "EventStatus",
    "ExternalDevice",
    "File",
    "FileLink",
    "FileList",
    "FileListLink",
    "FileLoadStatus",
    "FileStatus",
    "FileStatusLink",
    "FileType",
    "FixedPointType",
    "FixedVar",
    "FlowDirectionType",
    "FlowReservationRequest",
    "FlowReservationRequestList",
    "FlowReservationRequestListLink",
    "FlowReservationRequestStatus",
    "FlowReservationResponse",
    "FlowReservationResponseList",
    "FlowReservationResponseListLink",
    "FlowReservationResponseResponse",
    "FreqDroopType",
    "FunctionSetAssignments",
    "FunctionSetAssignmentsBase",
    "FunctionSetAssignmentsList",
    "FunctionSetAssignmentsListLink",
    "FunctionsImplemented",
    "GPSLocationType",
    "GeographicLocationType",
    "HistoricalReading",
    "HistoricalReadingList",
    "HistoricalReadingListLink",
    "IEEE_802_15_4",
    "IPAddr",
    "IPAddrList",
    "IPAddrListLink",
    "IPInterface",
    "IPInterfaceList",
    "IPInterfaceListLink",
    "IdentifiedObject",
    "InverterStatus",
    "InverterStatusType",
    "KindType",
    "LLInterface",
    "LLInterfaceList",
    "LLInterfaceListLink",
    "Link",
    "LinkLayerType",
    "List",
    "ListLink",
    "LoadShedAvailability",
    "LoadShedAvailabilityList",
    "LoadShedAvailabilityListLink",
    "LocalControlModeStatus",
    "LocalControlModeStatusType",
    "LogEvent",
    "LogEventFunctionSet",
    "LogEventList",
    "LogEventListLink",
    "LogEventProfile",
    "ManufacturerStatusType",
    "MessagingProgram",
    "MessagingProgramList",
    "MessagingProgramListLink",
    "MeterReading",
    "MeterReadingBase",
    "MeterReadingLink",
    "MeterReadingList",
    "MeterReadingListLink",
    "MirrorMeterReading",
    "MirrorMeterReadingList",
    "MirrorReadingSet",
    "MirrorUsagePoint",
    "MirrorUsagePointList",
    "MirrorUsagePointListLink",
    "Neighbor",
    "NeighborList",
    "NeighborListLink",
    "NormalCategory",
    "Notification",
    "NotificationList",
    "NotificationListLink",
    "NotificationStatus",
    "Offset",
    "OpState",
    "OperationalModeStatus",
    "OperationalModeStatusType",
    "PEVInfo",
    "PhaseCode",
    "PowerConfiguration",
    "PowerFactor",
    "PowerFactorWithExcitation",
    "PowerOfTenMultiplierType",
    "PowerSourceType",
    "PowerStatus",
    "PowerStatusLink",
    "PrepayModeType",
    "PrepayOperationStatus",
    "PrepayOperationStatusLink",
    "Prepayment",
    "PrepaymentLink",
    "PrepaymentList",
    "PrepaymentListLink",
    "PriceResponse",
    "PriceResponseCfg",
    "PriceResponseCfgList",
    "PriceResponseCfgListLink",
    "PrimacyType",
    "PriorityData",
    "PriorityType",
    "ProjectionReading",
    "ProjectionReadingList",
    "ProjectionReadingListLink",
    "ProxiedDevice",
    "ProxiedDeviceList",
    "ProxiedDeviceListLink",
    "RPLInstance",
    "RPLInstanceList",
    "RPLInstanceListLink",
    "RPLSourceRoutes",
    "RPLSourceRoutesList",
    "RPLSourceRoutesListLink",
    "RandomizableEvent",
    "RateComponent",
    "RateComponentLink",
    "RateComponentList",
    "RateComponentListLink",
    "ReactivePower",
    "ReactiveSusceptance",
    "Reading",
    "ReadingBase",
    "ReadingLink",
    "ReadingList",
    "ReadingListLink",
    "ReadingQualityFlags",
    "ReadingSet",
    "ReadingSetBase",
    "ReadingSetList",
    "ReadingSetListLink",
    "ReadingType",
    "ReadingTypeLink",
    "RealEnergy",
    "Registration",
    "RegistrationLink",
    "RequestStatus",
    "Resource",
    "RespondableIdentifiedObject",
    "RespondableResource",
    "RespondableSubscribableIdentifiedObject",
    "Response",
    "ResponseList",
    "ResponseListLink",
    "ResponseRequired",
    "ResponseSet",
    "ResponseSetList",
    "ResponseSetListLink",
    "ResponseStatus",
    "RoleFlagsType",
    "SelfDevice",
    "SelfDeviceLink",
    "ServiceChange",
    "ServiceKind",
    "ServiceStatusType",
    "ServiceSupplier",
    "ServiceSupplierLink",
    "ServiceSupplierList",
    "SetPoint",
    "SignedRealEnergy",
    "StateOfChargeStatusType",
    "StorageModeStatus",
    "StorageModeStatusType",
    "SubscribableIdentifiedObject",
    "SubscribableList",
    "SubscribableResource",
    "SubscribableType",
    "Subscription",
    "SubscriptionBase",
    "SubscriptionEncoding",
    "SubscriptionList",
    "SubscriptionListLink",
    "SupplyInterruptionOverride",
    "SupplyInterruptionOverrideList",
    "SupplyInterruptionOverrideListLink",
    "SupportedLocale",
    "SupportedLocaleList",
    "SupportedLocaleListLink",
    "TOUType",
    "TargetReading",
    "TargetReadingList",
    "TargetReadingListLink",
    "TargetReduction",
    "TariffProfile",
    "TariffProfileLink",
    "TariffProfileList",
    "TariffProfileListLink",
    "Temperature",
    "TemperatureSubject",
    "TextMessage",
    "TextMessageList",
    "TextMessageListLink",
    "TextResponse",
    "Time",
    "TimeConfiguration",
    "TimeLink",
    "TimeQuality",
    "TimeTariffInterval",
    "TimeTariffIntervalList",
    "TimeTariffIntervalListLink",
    "UnitType",
    "UnitValueType",
    "UnsignedActivePower",
    "UnsignedFixedPointType",
    "UnsignedFixedVar",
    "UnsignedReactivePower",
    "UomType",
    "UsagePoint",
    "UsagePointBase",
    "UsagePointLink",
    "UsagePointList",
    "UsagePointListLink",
    "UsagePointStatus",
    "VPPControlType",
    "VoltageRMS",
    "WattHour",
    "loWPAN",
]


def __getattr__(name: str) -> Any:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(module), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
