"""Configuration: settings of a device that others may read and change, such as its name, language, time zone and reaction
to prices.

Generated from schema/sep/configuration.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType

from sep2.links import (
    PriceResponseCfgListLink,
    RateComponentLink,
)
from sep2.resource import (
    List,
    Resource,
    SubscribableResource,
)


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PowerConfiguration(ComplexType):
    """
    Settings of the battery that powers the device itself (not of a storage DER).

    Attributes:
        battery_install_time: When the battery was put in.
        low_charge_threshold: The battery counts as low when the estimated time that it still lasts falls below
            this. Unit: s.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    battery_install_time: None | int = field(
        default=None,
        metadata={
            "name": "batteryInstallTime",
            "type": "Element",
        },
    )
    low_charge_threshold: None | int = field(
        default=None,
        metadata={
            "name": "lowChargeThreshold",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TimeConfiguration(ComplexType):
    """
    Time zone and daylight saving rules, from which the device works out local time.

    Attributes:
        dst_end_rule: When daylight saving ends, in local time.
        dst_offset: What is added to local standard time while daylight saving is on, usually 3600 s.
        dst_start_rule: When daylight saving begins, in local time.
        tz_offset: Offset of local standard time from UTC, without daylight saving; east of Greenwich is
            positive.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    dst_end_rule: bytes = field(
        metadata={
            "name": "dstEndRule",
            "type": "Element",
            "max_length": 4,
            "format": "base16",
        }
    )
    dst_offset: int = field(
        metadata={
            "name": "dstOffset",
            "type": "Element",
        }
    )
    dst_start_rule: bytes = field(
        metadata={
            "name": "dstStartRule",
            "type": "Element",
            "max_length": 4,
            "format": "base16",
        }
    )
    tz_offset: int = field(
        metadata={
            "name": "tzOffset",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Configuration(SubscribableResource):
    """
    User settings of a device.

    Served by the device or held for it by a server; whoever is allowed may PUT it.

    Attributes:
        current_locale: Language tag in use, for example en-AU; one of those that the device supports.
        power_configuration: Settings of the battery that powers the device.
        price_response_cfg_list_link: Link to the settings that say how the device reacts to prices.
        time_configuration: Time zone and daylight saving rules.
        user_device_name: The name that the user gave to the device.
        poll_rate: How often a client should fetch this resource again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    current_locale: str = field(
        metadata={
            "name": "currentLocale",
            "type": "Element",
            "max_length": 42,
        }
    )
    power_configuration: None | PowerConfiguration = field(
        default=None,
        metadata={
            "name": "PowerConfiguration",
            "type": "Element",
        },
    )
    price_response_cfg_list_link: None | PriceResponseCfgListLink = field(
        default=None,
        metadata={
            "name": "PriceResponseCfgListLink",
            "type": "Element",
        },
    )
    time_configuration: None | TimeConfiguration = field(
        default=None,
        metadata={
            "name": "TimeConfiguration",
            "type": "Element",
        },
    )
    user_device_name: str = field(
        metadata={
            "name": "userDeviceName",
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
class PriceResponseCfg(Resource):
    """
    Price thresholds at which a device changes its consumption, for one rate component.

    Attributes:
        consume_threshold: At or below this price the device may use as much as it likes. In the currency and
            price scaling of the tariff.
        max_reduction_threshold: At or above this price the device saves as much as it can. In the currency and
            price scaling of the tariff.
        rate_component_link: The rate component whose prices are compared with the thresholds.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    consume_threshold: int = field(
        metadata={
            "name": "consumeThreshold",
            "type": "Element",
        }
    )
    max_reduction_threshold: int = field(
        metadata={
            "name": "maxReductionThreshold",
            "type": "Element",
        }
    )
    rate_component_link: RateComponentLink = field(
        metadata={
            "name": "RateComponentLink",
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
class PriceResponseCfgList(List):
    """
    The price reactions of one device.

    Attributes:
        price_response_cfg: Price reaction for one rate component.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> PriceResponseCfg: ...

    price_response_cfg: list[PriceResponseCfg] = field(
        default_factory=list,
        metadata={
            "name": "PriceResponseCfg",
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
