"""CSIP-AUS extension: what version 1.3 adds to IEEE 2030.5-2018 in a namespace of its own, dynamic operating envelopes,
storage targets, the connection point of a site and shorter ways through a tariff. core.xsd puts these elements into the
standard's types. All of CSIP-AUS 1.2 is here too, under the new namespace.

Generated from schema/csipaus/1.3/csipaus.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.bindings.enums import Bitmap

from sep2.pricing import TimeTariffIntervalList
from sep2.resource import Resource


class DOEControlType(Bitmap, octets=1):
    """Which limits of a dynamic operating envelope a device knows or has enabled."""

    OP_MOD_EXP_LIM_W = 1 << 0
    """Limit of the power exported at the connection point."""
    OP_MOD_IMP_LIM_W = 1 << 1
    """Limit of the power imported at the connection point."""
    OP_MOD_GEN_LIM_W = 1 << 2
    """Limit of the power that the device generates or discharges."""
    OP_MOD_LOAD_LIM_W = 1 << 3
    """Limit of the power that the device consumes or charges with."""


class VPPControlType(Bitmap, octets=1):
    """Which controls of a virtual power plant a device knows or has enabled."""

    OP_MOD_STORAGE_TARGET_W = 1 << 0
    """Target of the active power of storage."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CombinedTimeTariffIntervalList(TimeTariffIntervalList):
    """
    Every TimeTariffInterval of a tariff in one list, whichever RateComponent it belongs to, so that a client need
    not walk through the rate components one by one.
    """

    class Meta:
        target_namespace = "https://csipaus.org/ns/v1.3"


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConnectionPoint(Resource):
    """
    Where in the network an EndDevice is installed.

    The client writes it through the ConnectionPointLink of the EndDevice; the utility uses it to find the envelope
    of the site.

    Attributes:
        connection_point_id: Identifier of the connection point, in Australia the NMI.
    """

    class Meta:
        namespace = "https://csipaus.org/ns/v1.3"

    connection_point_id: str = field(
        metadata={
            "name": "connectionPointId",
            "type": "Element",
            "max_length": 32,
        }
    )
