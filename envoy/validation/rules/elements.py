"""Names of the elements that rules look at, by what they are, so that no schema has to be read to find them.

They are those of the schemas of CSIP-AUS 1.3 and of IEEE 2030.5-2023, which have all elements between them, and the
names of their types, which may be in ``xsi:type``. A test compares them with the schemas.
"""

from __future__ import annotations

DEVICES = ("AbstractDevice", "AggregatedDevice", "EndDevice", "ExternalDevice", "ProxiedDevice", "SelfDevice")
"""Devices, and the names of their types: all that have an SFDI."""

LFDIS = ("deviceLFDI", "endDeviceLFDI", "lFDI")
"""LFDIs. They have the type HexBinary160, as fingerprints of other things do; only their names tell them apart."""

LISTS = (
    "AggregatedDeviceList", "BillingPeriodList", "BillingReadingList", "BillingReadingSetList",
    "ConsumptionTariffIntervalList", "ConsumptionTariffIntervalListSummary", "CreditRegisterList",
    "CustomerAccountList", "CustomerAgreementList", "DERComponentList", "DERControlList", "DERCurveList", "DERList",
    "DERProgramList", "DemandResponseProgramList", "EndDeviceControlList", "EndDeviceList", "FileList",
    "FlowReservationRequestList", "FlowReservationResponseList", "FunctionSetAssignmentsList",
    "HistoricalReadingList", "IPAddrList", "IPInterfaceList", "LLInterfaceList", "List", "LoadShedAvailabilityList",
    "LogEventList", "MessagingProgramList", "MeterReadingList", "MirrorMeterReadingList", "MirrorUsagePointList",
    "NeighborList", "NotificationList", "PrepaymentList", "PriceResponseCfgList", "ProjectionReadingList",
    "ProxiedDeviceList", "RPLInstanceList", "RPLSourceRoutesList", "RateComponentList", "ReadingList",
    "ReadingSetList", "ResponseList", "ResponseSetList", "ServiceSupplierList", "SubscribableList",
    "SubscriptionList", "SupplyInterruptionOverrideList", "SupportedLocaleList", "TargetReadingList",
    "TariffProfileList", "TextMessageList", "TimeTariffIntervalList", "UsagePointList",
)  # fmt: skip
"""Lists: List, SubscribableList and what is derived from them."""

LIST_LINKS = (
    "ActiveBillingPeriodListLink", "ActiveCreditRegisterListLink", "ActiveDERControlListLink",
    "ActiveEndDeviceControlListLink", "ActiveFlowReservationListLink", "ActiveProjectionReadingListLink",
    "ActiveSupplyInterruptionOverrideListLink", "ActiveTargetReadingListLink", "ActiveTextMessageListLink",
    "ActiveTimeTariffIntervalListLink", "AggregatedDeviceListLink", "AssociatedDERProgramListLink",
    "BillingPeriodListLink", "BillingReadingListLink", "BillingReadingSetListLink",
    "CombinedTimeTariffIntervalListLink", "ConsumptionTariffIntervalListLink", "CreditRegisterListLink",
    "CustomerAccountListLink", "CustomerAgreementListLink", "DERComponentListLink", "DERControlListLink",
    "DERCurveListLink", "DERListLink", "DERProgramListLink", "DemandResponseProgramListLink",
    "EndDeviceControlListLink", "EndDeviceListLink", "FileListLink", "FlowReservationRequestListLink",
    "FlowReservationResponseListLink", "FunctionSetAssignmentsListLink", "HistoricalReadingListLink",
    "IPAddrListLink", "IPInterfaceListLink", "LLInterfaceListLink", "ListLink", "LoadShedAvailabilityListLink",
    "LogEventListLink", "MessagingProgramListLink", "MeterReadingListLink", "MirrorUsagePointListLink",
    "NeighborListLink", "NotificationListLink", "PrepaymentListLink", "PriceResponseCfgListLink",
    "ProjectionReadingListLink", "ProxiedDeviceListLink", "RPLInstanceListLink", "RPLSourceRoutesListLink",
    "RateComponentListLink", "ReadingListLink", "ReadingSetListLink", "ResponseListLink", "ResponseSetListLink",
    "SubscriptionListLink", "SupplyInterruptionOverrideListLink", "SupportedLocaleListLink",
    "TargetReadingListLink", "TariffProfileListLink", "TextMessageListLink", "TimeTariffIntervalListLink",
    "UsagePointListLink",
)  # fmt: skip
"""Links to lists: ListLink and what is derived from it."""

TIMES = (
    "TimeType", "activateTime", "batteryInstallTime", "changedTime", "createdDateTime", "creationTime",
    "currentTime", "dateAnnounced", "dateEffective", "dateTime", "dateTimeRegistered", "dstEndTime", "dstStartTime",
    "effectiveTime", "lastUpdateTime", "localTime", "mfDate", "nextRequestAttempt", "nextUpdateTime",
    "potentiallySupersededTime", "readingTime", "start", "startTime", "statusTime", "statusTimeStamp", "swActTime",
    "timeChargeIsNeeded", "timeChargingStatusPEV", "updatedTime",
)  # fmt: skip
"""Times: TimeType."""

INTERVALS = ("DateTimeInterval", "interval", "intervalRequested", "timePeriod")
"""Intervals: DateTimeInterval."""

BITMAPS = {
    "DERControlType": 4, "DERControlType2": 4, "DefaultDERControlType": 4, "DeviceCategoryType": 4,
    "RoleFlagsType": 2, "alarmStatus": 4, "defaultsResponded": 4, "deviceCategory": 4, "doeModesEnabled": 1,
    "doeModesSupported": 1, "functionsImplemented": 8, "modesEnabled": 4, "modesEnabled2": 4, "modesResponded": 4,
    "modesResponded2": 4, "modesSupported": 4, "modesSupported2": 4, "optionsImplemented": 4, "qualityFlags": 2,
    "roleFlags": 2, "vppModesEnabled": 1, "vppModesSupported": 1,
}  # fmt: skip
"""Octets of the bitmaps, wherever elements of these names stand."""
