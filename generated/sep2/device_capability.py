"""Device capability: the first resource a client reads on a server, usually at /dcap. It links to everything else.

Generated from schema/sep/device_capability.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sep2.function_set_assignments import FunctionSetAssignmentsBase
from sep2.links import (
    EndDeviceListLink,
    MirrorUsagePointListLink,
    SelfDeviceLink,
)


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DeviceCapability(FunctionSetAssignmentsBase):
    """
    Entry point of a server: links to the function sets it offers.

    Read it first and follow the links, never assume paths.

    Attributes:
        end_device_list_link: List of end devices, where a client looks for itself or registers.
        mirror_usage_point_list_link: Where a client posts its own meter readings.
        self_device_link: Description of the server itself as a device.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    end_device_list_link: None | EndDeviceListLink = field(
        default=None,
        metadata={
            "name": "EndDeviceListLink",
            "type": "Element",
        },
    )
    mirror_usage_point_list_link: None | MirrorUsagePointListLink = field(
        default=None,
        metadata={
            "name": "MirrorUsagePointListLink",
            "type": "Element",
        },
    )
    self_device_link: None | SelfDeviceLink = field(
        default=None,
        metadata={
            "name": "SelfDeviceLink",
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
