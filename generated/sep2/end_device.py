"""End device: the devices a server knows, their registration, status and links to their own resources.

Generated from schema/sep/end_device.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code
from envoy.bindings.quantities import Quantity

from sep2.links import (
    AggregatedDeviceListLink,
    AggregationPriorityLink,
    ConfigurationLink,
    DERListLink,
    DeviceInformationLink,
    DeviceStatusLink,
    FileStatusLink,
    FlowReservationRequestListLink,
    FlowReservationResponseListLink,
    FunctionSetAssignmentsListLink,
    IPInterfaceListLink,
    Link,
    LoadShedAvailabilityListLink,
    LogEventListLink,
    PowerStatusLink,
    ProxiedDeviceListLink,
    RegistrationLink,
    SubscriptionListLink,
    TimeLink,
)
from sep2.resource import (
    IdentifiedObject,
    Resource,
    SubscribableList,
    SubscribableResource,
)
from sep2.types import (
    DeviceCategoryType,
    PhaseCode,
    PowerOfTenMultiplierType,
)


class AggregationDistributionType(Code):
    """How a request to an aggregate is divided among its devices."""

    NOT_APPLICABLE = 0
    """Does not apply or is not given."""
    UNIFORM = 1
    """In equal parts."""
    PRORATED = 2
    """In proportion to what each can do."""
    BY_PRIORITY = 3
    """To one after the other, in the order of AggregationPriority."""


class OpState(Code):
    """Codes of DeviceStatus.op_state. What the device is doing now."""

    NOT_APPLICABLE = 0
    """Unknown or has no meaning for this device."""
    NOT_OPERATING = 1
    """Out of operation."""
    OPERATING = 2
    """In normal operation."""
    STARTING_UP = 3
    """Starting up."""
    SHUTTING_DOWN = 4
    """Shutting down."""
    AT_DISCONNECT_LEVEL = 5
    """At the level where the device disconnects."""
    KW_RAMPING = 6
    """Active power is moving to a new level."""
    KVAR_RAMPING = 7
    """Reactive power is moving to a new level."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PriorityData(ComplexType):
    """
    One device in an order of priority.

    Attributes:
        lfdi: Long form device identifier of the device at this place.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    lfdi: bytes = field(
        metadata={
            "name": "lFDI",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
            "max_length": 20,
            "format": "base16",
        }
    )


class TemperatureSubject(Code):
    """Codes of Temperature.subject. The place that was measured."""

    ENCLOSURE = 0
    """Enclosure of the device."""
    TRANSFORMER = 1
    """Transformer."""
    HEAT_SINK = 2
    """Heat sink."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AbstractDevice(SubscribableResource):
    """
    What EndDevice and SelfDevice have in common: identity, kind, and links to the resources of the device.

    Attributes:
        aggregated_device_list_link: Link to the devices that this one stands for.
        aggregation_priority_link: Link to the order in which the aggregated devices are called on, where
            distribution is by priority.
        configuration_link: Settings of the device, such as locale and time zone.
        der_list_link: The distributed energy resources of this device.
        device_category: What kinds of equipment the device is or stands for.
        device_information_link: Nameplate data: maker, model, firmware.
        device_status_link: Operating state of the device.
        distribution: How what is asked of the device is divided among the devices that it stands for.
        file_status_link: State of a file (firmware) download.
        ip_interface_list_link: Network interfaces of the device.
        lfdi: Long form device identifier: leftmost 160 bits of the SHA-256 of the device certificate.
        load_shed_availability_list_link: How much load the device could shed.
        log_event_list_link: Log of alarms and other happenings on the device.
        phase: Phase of the supply that the device is connected to.
        power_status_link: Power source and battery state of the device.
        sfdi: Short form device identifier, derived from the LFDI.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    aggregated_device_list_link: None | AggregatedDeviceListLink = field(
        default=None,
        metadata={
            "name": "AggregatedDeviceListLink",
            "type": "Element",
            "edition": "2023",
        },
    )
    aggregation_priority_link: None | AggregationPriorityLink = field(
        default=None,
        metadata={
            "name": "AggregationPriorityLink",
            "type": "Element",
            "edition": "2023",
        },
    )
    configuration_link: None | ConfigurationLink = field(
        default=None,
        metadata={
            "name": "ConfigurationLink",
            "type": "Element",
        },
    )
    der_list_link: None | DERListLink = field(
        default=None,
        metadata={
            "name": "DERListLink",
            "type": "Element",
        },
    )
    device_category: None | DeviceCategoryType = field(
        default=None,
        metadata={
            "name": "deviceCategory",
            "type": "Element",
            "format": "base16",
        },
    )
    device_information_link: None | DeviceInformationLink = field(
        default=None,
        metadata={
            "name": "DeviceInformationLink",
            "type": "Element",
        },
    )
    device_status_link: None | DeviceStatusLink = field(
        default=None,
        metadata={
            "name": "DeviceStatusLink",
            "type": "Element",
        },
    )
    distribution: None | AggregationDistributionType = field(
        default=None,
        metadata={
            "type": "Element",
            "edition": "2023",
        },
    )
    file_status_link: None | FileStatusLink = field(
        default=None,
        metadata={
            "name": "FileStatusLink",
            "type": "Element",
        },
    )
    ip_interface_list_link: None | IPInterfaceListLink = field(
        default=None,
        metadata={
            "name": "IPInterfaceListLink",
            "type": "Element",
        },
    )
    lfdi: None | bytes = field(
        default=None,
        metadata={
            "name": "lFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
        },
    )
    load_shed_availability_list_link: None | LoadShedAvailabilityListLink = field(
        default=None,
        metadata={
            "name": "LoadShedAvailabilityListLink",
            "type": "Element",
        },
    )
    log_event_list_link: None | LogEventListLink = field(
        default=None,
        metadata={
            "name": "LogEventListLink",
            "type": "Element",
        },
    )
    phase: None | PhaseCode = field(
        default=None,
        metadata={
            "type": "Element",
            "edition": "2023",
        },
    )
    power_status_link: None | PowerStatusLink = field(
        default=None,
        metadata={
            "name": "PowerStatusLink",
            "type": "Element",
        },
    )
    sfdi: int = field(
        metadata={
            "name": "sFDI",
            "type": "Element",
            "max_inclusive": 281474976710655,
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class AggregatedDevice(Resource):
    """
    A device that another one stands for: it is not followed by itself, and its part is in that of the aggregate.

    Attributes:
        changed_time: When this description of the device last changed. Unit: s since 1970.
        device_category: Kinds of device that it is.
        enabled: Whether the device takes part at present.
        lfdi: Long form device identifier of the device.
        sfdi: Short form device identifier of the device.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    changed_time: int = field(
        metadata={
            "name": "changedTime",
            "type": "Element",
        }
    )
    device_category: None | DeviceCategoryType = field(
        default=None,
        metadata={
            "name": "deviceCategory",
            "type": "Element",
            "format": "base16",
        },
    )
    enabled: None | bool = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    lfdi: bytes = field(
        metadata={
            "name": "lFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
        }
    )
    sfdi: int = field(
        metadata={
            "name": "sFDI",
            "type": "Element",
            "max_inclusive": 281474976710655,
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
class AggregationPriority(IdentifiedObject):
    """
    Order in which aggregated devices are called on, the first before the others.

    Attributes:
        priority_data: A place in the order.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    priority_data: list[PriorityData] = field(
        default_factory=list,
        metadata={
            "name": "PriorityData",
            "type": "Element",
            "min_occurs": 1,
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
class Registration(Resource):
    """
    Proof that the device was registered with this server.

    The client compares the PIN with its own and stops using the server when they differ.

    Attributes:
        date_time_registered: When the device was registered.
        pin: PIN of the device, check digit included.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time_registered: int = field(
        metadata={
            "name": "dateTimeRegistered",
            "type": "Element",
        }
    )
    pin: int = field(
        metadata={
            "name": "pIN",
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


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Temperature(Quantity):
    """
    Temperature at one place in a device: value x 10^multiplier.

    Unit: degC.

    Attributes:
        multiplier: Power of ten that scales the value.
        subject: The place that was measured.
        value: Temperature in degC before scaling, with sign.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "type": "Element",
        }
    )
    subject: TemperatureSubject = field(
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
class AggregatedDeviceList(SubscribableList):
    """
    The devices that one device stands for.

    Attributes:
        aggregated_device: A device that is stood for.
        poll_rate: Seconds between two reads of the list, as the server would like it. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _holds(self) -> AggregatedDevice: ...

    aggregated_device: list[AggregatedDevice] = field(
        default_factory=list,
        metadata={
            "name": "AggregatedDevice",
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
class DeviceStatus(Resource):
    """
    Operating state of a device.

    The client writes it (PUT) for its EndDevice.

    Attributes:
        changed_time: When this status was last changed.
        on_count: How often the device has been switched on since it was made or last reset.
        op_state: What the device is doing now.
        op_time: Total time in operation so far. Unit: s.
        temperature: Temperatures inside the device, one element for each place.
        time_link: Clock of the device, if it offers one.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    changed_time: int = field(
        metadata={
            "name": "changedTime",
            "type": "Element",
        }
    )
    on_count: None | int = field(
        default=None,
        metadata={
            "name": "onCount",
            "type": "Element",
        },
    )
    op_state: None | OpState = field(
        default=None,
        metadata={
            "name": "opState",
            "type": "Element",
        },
    )
    op_time: None | int = field(
        default=None,
        metadata={
            "name": "opTime",
            "type": "Element",
        },
    )
    temperature: list[Temperature] = field(
        default_factory=list,
        metadata={
            "name": "Temperature",
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
class ExternalDevice(AbstractDevice):
    """
    What a server says of a device other than itself: its links, whether it is enabled, and how often it posts.

    EndDevice and ProxiedDevice derive from it.

    Attributes:
        changed_time: When this record was last changed; the server may replace it by its own time.
        enabled: False when the device is switched off as a participant; absent means true.
        flow_reservation_request_list_link: Where the device posts requests to charge or discharge.
        flow_reservation_response_list_link: The responses to those requests.
        function_set_assignments_list_link: The programs this device takes part in; start here for controls and
            prices.
        post_rate: How often the device should post its data; none given means its own choice. Unit: s.
        registration_link: Registration with the PIN, for checking that this is the right server.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    changed_time: int = field(
        metadata={
            "name": "changedTime",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )
    enabled: None | bool = field(
        default=None,
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    flow_reservation_request_list_link: None | FlowReservationRequestListLink = field(
        default=None,
        metadata={
            "name": "FlowReservationRequestListLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    flow_reservation_response_list_link: None | FlowReservationResponseListLink = field(
        default=None,
        metadata={
            "name": "FlowReservationResponseListLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    function_set_assignments_list_link: None | FunctionSetAssignmentsListLink = field(
        default=None,
        metadata={
            "name": "FunctionSetAssignmentsListLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    post_rate: None | int = field(
        default=None,
        metadata={
            "name": "postRate",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    registration_link: None | RegistrationLink = field(
        default=None,
        metadata={
            "name": "RegistrationLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SelfDevice(AbstractDevice):
    """
    The server, or any host of resources, described as a device.

    Attributes:
        proxied_device_list_link: Link to the devices that this one speaks for.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    proxied_device_list_link: None | ProxiedDeviceListLink = field(
        default=None,
        metadata={
            "name": "ProxiedDeviceListLink",
            "type": "Element",
            "edition": "2023",
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
class EndDevice(ExternalDevice):
    """
    A client device as the server knows it.

    The utility sets it up, or the client POSTs it to the list. Match it by LFDI, not by position.

    Attributes:
        proxied_device_list_link: Link to the devices that this one speaks for.
        subscription_list_link: Where the device creates its subscriptions.
        connection_point_link: Leads to the ConnectionPoint of this EndDevice.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    proxied_device_list_link: None | ProxiedDeviceListLink = field(
        default=None,
        metadata={
            "name": "ProxiedDeviceListLink",
            "type": "Element",
            "edition": "2023",
        },
    )
    subscription_list_link: None | SubscriptionListLink = field(
        default=None,
        metadata={
            "name": "SubscriptionListLink",
            "type": "Element",
        },
    )
    connection_point_link: None | Link = field(
        default=None,
        metadata={
            "name": "ConnectionPointLink",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
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
class ProxiedDevice(ExternalDevice):
    """
    A device that speaks to the server through another one.

    Attributes:
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
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
class EndDeviceList(SubscribableList):
    """
    The end devices this client may see.

    For an aggregator it holds its own device and those it stands for.

    Attributes:
        end_device: A device on this page of the list.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> EndDevice: ...

    end_device: list[EndDevice] = field(
        default_factory=list,
        metadata={
            "name": "EndDevice",
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
class ProxiedDeviceList(SubscribableList):
    """
    The devices that one device speaks for.

    Attributes:
        proxied_device: A device that is spoken for.
        poll_rate: Seconds between two reads of the list, as the server would like it. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _holds(self) -> ProxiedDevice: ...

    proxied_device: list[ProxiedDevice] = field(
        default_factory=list,
        metadata={
            "name": "ProxiedDevice",
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
