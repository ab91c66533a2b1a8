"""Connection point of envoy-client 0.1: as it was before CSIP-AUS had one, in no namespace and with other names.

Generated from schema/envoy/connection_point.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.bindings.base import ComplexType


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class EnvoyConnectionPoint(ComplexType):
    """
    Where in the network an EndDevice is installed, in the dialect of envoy-client 0.1.

    Attributes:
        connection_point_id: The utility's own identifier of the connection point. Aggregators leave it empty.
        meter_id: The NMI of the site.
    """

    class Meta:
        name = "ConnectionPoint"

    connection_point_id: None | str = field(
        default=None,
        metadata={
            "name": "connectionPointID",
            "type": "Element",
        },
    )
    meter_id: None | str = field(
        default=None,
        metadata={
            "name": "meterID",
            "type": "Element",
        },
    )
