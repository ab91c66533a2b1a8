"""Device information: who made the device, which hardware and software it is, what it implements and where it stands.

Generated from schema/sep/device_information.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Bitmap

from sep2.links import SupportedLocaleListLink
from sep2.power_status import PowerSourceType
from sep2.quantities import (
    ActivePower,
    RealEnergy,
)
from sep2.resource import (
    List,
    Resource,
)


class DRLCOptions(Bitmap, octets=4):
    """Codes of DRLCCapabilities.options_implemented. Bitmap of the kinds of demand response control that the device
    understands."""

    TARGET_REDUCTION_KWH = 1 << 0
    """Can reduce by an amount in kWh."""
    TARGET_REDUCTION_KW = 1 << 1
    """Can reduce by an amount in kW."""
    TARGET_REDUCTION_WATTS = 1 << 2
    """Can reduce by an amount in W."""
    TARGET_REDUCTION_CUBIC_METERS = 1 << 3
    """Can reduce by an amount in m3."""
    TARGET_REDUCTION_CUBIC_FEET = 1 << 4
    """Can reduce by an amount in cubic feet."""
    TARGET_REDUCTION_US_GALLONS = 1 << 5
    """Can reduce by an amount in US gallons."""
    TARGET_REDUCTION_IMPERIAL_GALLONS = 1 << 6
    """Can reduce by an amount in imperial gallons."""
    TARGET_REDUCTION_BTUS = 1 << 7
    """Can reduce by an amount in BTU."""
    TARGET_REDUCTION_LITERS = 1 << 8
    """Can reduce by an amount in litres."""
    TARGET_REDUCTION_KPA_GAUGE = 1 << 9
    """Can reduce by an amount in kPa, gauge pressure."""
    TARGET_REDUCTION_KPA_ABSOLUTE = 1 << 10
    """Can reduce by an amount in kPa, absolute pressure."""
    TARGET_REDUCTION_MEGA_JOULE = 1 << 11
    """Can reduce by an amount in MJ."""
    TARGET_REDUCTION_UNITLESS = 1 << 12
    """Can reduce by an amount without a unit."""
    TEMPERATURE_SET_POINT = 1 << 16
    """Accepts a temperature set point."""
    TEMPERATURE_OFFSET = 1 << 17
    """Accepts a temperature offset."""
    DUTY_CYCLE = 1 << 18
    """Accepts a duty cycle."""
    LOAD_ADJUSTMENT_PERCENTAGE = 1 << 19
    """Accepts a load adjustment in percent."""
    APPLIANCE_LOAD_REDUCTION = 1 << 20
    """Accepts an appliance load reduction."""


class FunctionsImplemented(Bitmap, octets=8):
    """Codes of DeviceInformation.functions_implemented. Bitmap of the function sets that the device implements."""

    DEVICE_CAPABILITY = 1 << 0
    """Device capability, the entry point."""
    SELF_DEVICE_RESOURCE = 1 << 1
    """Self device."""
    END_DEVICE_RESOURCE = 1 << 2
    """End device."""
    FUNCTION_SET_ASSIGNMENTS = 1 << 3
    """Function set assignments."""
    SUBSCRIPTION_NOTIFICATION_MECHANISM = 1 << 4
    """Subscription and notification."""
    RESPONSE = 1 << 5
    """Responses to events."""
    TIME = 1 << 6
    """Time."""
    DEVICE_INFORMATION = 1 << 7
    """Device information."""
    POWER_STATUS = 1 << 8
    """Power status."""
    NETWORK_STATUS = 1 << 9
    """Network status."""
    LOG_EVENT = 1 << 10
    """Log events."""
    CONFIGURATION_RESOURCE = 1 << 11
    """Configuration."""
    SOFTWARE_DOWNLOAD = 1 << 12
    """Software and file download."""
    DRLC = 1 << 13
    """Demand response and load control."""
    METERING = 1 << 14
    """Metering."""
    PRICING = 1 << 15
    """Pricing."""
    MESSAGING = 1 << 16
    """Text messages."""
    BILLING = 1 << 17
    """Billing."""
    PREPAYMENT = 1 << 18
    """Prepayment."""
    FLOW_RESERVATION = 1 << 19
    """Flow reservation."""
    DER_CONTROL = 1 << 20
    """Control of distributed energy resources."""
    DER_INFO = 1 << 21
    """Information about DER."""
    METERING_MIRROR = 1 << 22
    """Metering mirror."""
    AGGREGATED_DEVICE = 1 << 23
    """Aggregated devices."""
    PROXIED_DEVICE = 1 << 24
    """Proxied devices."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class GPSLocationType(ComplexType):
    """
    A place on Earth in WGS 84 coordinates, as decimal text.

    Attributes:
        lat: Latitude, -90 to 90, north is positive. Text, not a number. Unit: degree.
        lon: Longitude, -180 to 180, east is positive. Text, not a number. Unit: degree.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    lat: str = field(
        metadata={
            "type": "Element",
            "max_length": 32,
        }
    )
    lon: str = field(
        metadata={
            "type": "Element",
            "max_length": 32,
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DRLCCapabilities(ComplexType):
    """
    What a load can do in demand response and how much it usually draws.

    Written by the device.

    Attributes:
        average_energy: Energy that the device uses in an average hour of normal use.
        max_demand: The most power that the device draws in normal use.
        options_implemented: Bitmap of the kinds of demand response control that the device understands.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    average_energy: RealEnergy = field(
        metadata={
            "name": "averageEnergy",
            "type": "Element",
        }
    )
    max_demand: ActivePower = field(
        metadata={
            "name": "maxDemand",
            "type": "Element",
        }
    )
    options_implemented: DRLCOptions = field(
        metadata={
            "name": "optionsImplemented",
            "type": "Element",
            "format": "base16",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SupportedLocale(Resource):
    """
    One language that the device can show to its user.

    Attributes:
        locale: Language tag, for example en-AU.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    locale: str = field(
        metadata={
            "type": "Element",
            "max_length": 42,
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
class DeviceInformation(Resource):
    """
    Nameplate-like facts about a device.

    The device serves it itself, or PUTs it to the DeviceInformationLink of its EndDevice; many utility servers do
    not offer that link.

    Attributes:
        connection_point_id: Identifier that the utility has for the point where the device is connected.
        drlc_capabilities: What the device can do in demand response, if it takes part in it.
        functions_implemented: Bitmap of the function sets that the device implements.
        gps_location: Where the device is.
        lfdi: LFDI of the device.
        mf_date: When the device was made.
        mf_hw_ver: The maker's hardware version.
        mf_id: The maker's IANA Private Enterprise Number.
        mf_info: Anything else the maker wants to say.
        mf_model: The maker's model name or number.
        mf_ser_num: The maker's serial number.
        primary_power: What normally powers the device.
        secondary_power: What powers the device when the primary source fails.
        supported_locale_list_link: Link to the languages that the device can show.
        sw_act_time: When the software that is running now was activated.
        sw_ver: Version of the software that is running now.
        poll_rate: How often a client should fetch this resource again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    connection_point_id: None | str = field(
        default=None,
        metadata={
            "name": "connectionPointID",
            "type": "Element",
            "max_length": 32,
            "edition": "2023",
        },
    )
    drlc_capabilities: None | DRLCCapabilities = field(
        default=None,
        metadata={
            "name": "DRLCCapabilities",
            "type": "Element",
        },
    )
    functions_implemented: None | FunctionsImplemented = field(
        default=None,
        metadata={
            "name": "functionsImplemented",
            "type": "Element",
            "format": "base16",
        },
    )
    gps_location: None | GPSLocationType = field(
        default=None,
        metadata={
            "name": "gpsLocation",
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
    mf_date: int = field(
        metadata={
            "name": "mfDate",
            "type": "Element",
        }
    )
    mf_hw_ver: str = field(
        metadata={
            "name": "mfHwVer",
            "type": "Element",
            "max_length": 32,
        }
    )
    mf_id: int = field(
        metadata={
            "name": "mfID",
            "type": "Element",
        }
    )
    mf_info: None | str = field(
        default=None,
        metadata={
            "name": "mfInfo",
            "type": "Element",
            "max_length": 32,
        },
    )
    mf_model: str = field(
        metadata={
            "name": "mfModel",
            "type": "Element",
            "max_length": 32,
        }
    )
    mf_ser_num: str = field(
        metadata={
            "name": "mfSerNum",
            "type": "Element",
            "max_length": 32,
        }
    )
    primary_power: PowerSourceType = field(
        metadata={
            "name": "primaryPower",
            "type": "Element",
        }
    )
    secondary_power: PowerSourceType = field(
        metadata={
            "name": "secondaryPower",
            "type": "Element",
        }
    )
    supported_locale_list_link: None | SupportedLocaleListLink = field(
        default=None,
        metadata={
            "name": "SupportedLocaleListLink",
            "type": "Element",
        },
    )
    sw_act_time: int = field(
        metadata={
            "name": "swActTime",
            "type": "Element",
        }
    )
    sw_ver: str = field(
        metadata={
            "name": "swVer",
            "type": "Element",
            "max_length": 32,
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
class SupportedLocaleList(List):
    """
    The languages that the device can show.

    Attributes:
        supported_locale: One language.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> SupportedLocale: ...

    supported_locale: list[SupportedLocale] = field(
        default_factory=list,
        metadata={
            "name": "SupportedLocale",
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
