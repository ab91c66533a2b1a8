"""The documents that are read and written: three large ones, and the small messages that most are."""

from __future__ import annotations

from sep2 import (
    ActivePower,
    ConnectionPoint,
    DateTimeInterval,
    DERCapability,
    DERControl,
    DERControlBase,
    DERControlList,
    DERControlType,
    DERListLink,
    DERType,
    DeviceCategoryType,
    DeviceInformationLink,
    DOEControlType,
    EndDevice,
    EndDeviceList,
    EventCurrentStatus,
    EventStatus,
    FunctionSetAssignmentsListLink,
    Link,
    MirrorMeterReading,
    MirrorReadingSet,
    MirrorUsagePoint,
    MirrorUsagePointList,
    Reading,
    ReadingType,
    RegistrationLink,
    RoleFlagsType,
    ServiceKind,
    SubscriptionListLink,
    UomType,
    UsagePointStatus,
)

START = 1_700_000_000


def mrid(number: int) -> bytes:
    return number.to_bytes(12) + bytes.fromhex("00007ED9")


def der_control(number: int) -> DERControl:
    start = START + 300 * number
    return DERControl(
        href=f"/edev/3/derp/1/derc/{number}",
        mrid=mrid(number),
        description=f"envelope {number}",
        creation_time=START,
        event_status=EventStatus(
            current_status=EventCurrentStatus.SCHEDULED, date_time=START, potentially_superseded=False
        ),
        interval=DateTimeInterval(duration=300, start=start),
        randomize_start=0,
        der_control_base=DERControlBase(
            op_mod_energize=True,
            op_mod_max_lim_w=8_500,
            op_mod_imp_lim_w=ActivePower.of(1_500 + number),
            op_mod_exp_lim_w=ActivePower.of(5_000 - number),
        ),
    )


def der_control_list(count: int = 200, first: int = 0) -> DERControlList:
    controls = [der_control(number) for number in range(first, first + count)]
    return DERControlList(href="/edev/3/derp/1/derc", all=count, results=count, der_control=controls)


def end_device(number: int) -> EndDevice:
    href = f"/edev/{number}"
    return EndDevice(
        href=href,
        der_list_link=DERListLink(href=f"{href}/der", all=1),
        device_category=DeviceCategoryType.COMBINED_PV_AND_STORAGE,
        device_information_link=DeviceInformationLink(href=f"{href}/di"),
        lfdi=number.to_bytes(16) + bytes.fromhex("00032473"),
        sfdi=10_018 + number,
        changed_time=START,
        enabled=True,
        function_set_assignments_list_link=FunctionSetAssignmentsListLink(href=f"{href}/fsa", all=1),
        post_rate=300,
        registration_link=RegistrationLink(href=f"{href}/rg"),
        subscription_list_link=SubscriptionListLink(href=f"{href}/sub", all=0),
        connection_point_link=Link(href=f"{href}/cp"),
    )


def end_device_list(count: int = 100) -> EndDeviceList:
    devices = [end_device(number) for number in range(count)]
    return EndDeviceList(href="/edev", all=count, results=count, end_device=devices)


def mirror(number: int, readings: int) -> MirrorUsagePoint:
    return MirrorUsagePoint(
        href=f"/mup/{number}",
        mrid=mrid(number),
        description="site meter",
        role_flags=RoleFlagsType.IS_MIRROR | RoleFlagsType.IS_DER,
        service_category_kind=ServiceKind.ELECTRICITY,
        status=UsagePointStatus.ON,
        device_lfdi=number.to_bytes(16) + bytes.fromhex("00032473"),
        mirror_meter_reading=[
            MirrorMeterReading(
                mrid=mrid(10_000 + number),
                description="real power",
                mirror_reading_set=[
                    MirrorReadingSet(
                        mrid=mrid(20_000 + number),
                        time_period=DateTimeInterval(duration=300 * readings, start=START),
                        reading=[
                            Reading(
                                time_period=DateTimeInterval(duration=300, start=START + 300 * index),
                                value=4_000 + index,
                                local_id=index.to_bytes(2),
                            )
                            for index in range(readings)
                        ],
                    )
                ],
                reading_type=ReadingType(uom=UomType.WATT, interval_length=300),
            )
        ],
    )


def mirror_usage_point_list(count: int = 50, readings: int = 20) -> MirrorUsagePointList:
    mirrors = [mirror(number, readings) for number in range(count)]
    return MirrorUsagePointList(href="/mup", all=count, results=count, mirror_usage_point=mirrors)


def large() -> dict[str, object]:
    """The large documents, by name."""
    return {
        "DERControlList of 200": der_control_list(),
        "EndDeviceList of 100": end_device_list(),
        "MirrorUsagePointList, 50 of 20 readings": mirror_usage_point_list(),
    }


def small() -> dict[str, object]:
    """The small messages, by name."""
    return {
        "EndDevice": end_device(3),
        "DERCapability": DERCapability(
            modes_supported=DERControlType.CHARGE_MODE | DERControlType.OP_MOD_MAX_LIM_W,
            rtg_max_w=ActivePower.of(10_000),
            type=DERType.COMBINED_PV_AND_STORAGE,
            doe_modes_supported=DOEControlType.OP_MOD_EXP_LIM_W | DOEControlType.OP_MOD_IMP_LIM_W,
        ),
        "ConnectionPoint": ConnectionPoint(connection_point_id="6001234567"),
    }
