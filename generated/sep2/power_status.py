"""Power status: what a device runs on, the state of its battery, and for a vehicle its charging needs.

Generated from schema/sep/power_status.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from envoy.bindings.base import ComplexType
from envoy.bindings.enums import Code

from sep2.quantities import (
    ActivePower,
    RealEnergy,
)
from sep2.resource import Resource


class BatteryStatus(Code):
    """Codes of PowerStatus.battery_status. Rough state of the battery."""

    UNKNOWN = 0
    """Not known."""
    NORMAL = 1
    """Charge is above the low charge threshold of the configuration."""
    LOW = 2
    """Charge is below the low charge threshold of the configuration."""
    DEPLETED = 3
    """Empty."""
    NOT_APPLICABLE = 4
    """No battery, runs on mains only."""


class PowerSourceType(Code):
    """What a device gets its power from."""

    NONE = 0
    """No source."""
    MAINS = 1
    """The grid."""
    BATTERY = 2
    """Battery."""
    LOCAL_GENERATION = 3
    """Generation on the premises."""
    EMERGENCY = 4
    """Emergency supply."""
    UNKNOWN = 5
    """Not known."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PEVInfo(ComplexType):
    """
    What a plug-in electric vehicle needs from its charging session.

    The vehicle or its charging station writes it.

    Attributes:
        charging_power_now: Power the vehicle charges at, or would charge at, under present conditions.
        energy_request_now: Energy still to be taken from the grid to reach the target state of charge.
        max_forward_power: Most power that vehicle and charging station together can take.
        minimum_charging_duration: Shortest time in which the requested energy can be charged. Unit: s.
        target_state_of_charge: State of charge the vehicle is to reach; 10000 is full.
        time_charge_is_needed: When the vehicle is to be ready.
        time_charging_status_pev: When these values were worked out.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    charging_power_now: ActivePower = field(
        metadata={
            "name": "chargingPowerNow",
            "type": "Element",
        }
    )
    energy_request_now: RealEnergy = field(
        metadata={
            "name": "energyRequestNow",
            "type": "Element",
        }
    )
    max_forward_power: ActivePower = field(
        metadata={
            "name": "maxForwardPower",
            "type": "Element",
        }
    )
    minimum_charging_duration: int = field(
        metadata={
            "name": "minimumChargingDuration",
            "type": "Element",
        }
    )
    target_state_of_charge: int = field(
        metadata={
            "name": "targetStateOfCharge",
            "type": "Element",
        }
    )
    time_charge_is_needed: int = field(
        metadata={
            "name": "timeChargeIsNeeded",
            "type": "Element",
        }
    )
    time_charging_status_pev: int = field(
        metadata={
            "name": "timeChargingStatusPEV",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class PowerStatus(Resource):
    """
    Power source and battery state of a device.

    The client writes it (PUT) for its EndDevice.

    Attributes:
        battery_status: Rough state of the battery.
        changed_time: When this status was last changed.
        current_power_source: What the device runs on now.
        estimated_charge_remaining: Charge left, as a share of full; 10000 is full.
        estimated_time_remaining: How long the battery will last at the present load. Unit: s.
        pev_info: Charging needs, when the device is a plug-in electric vehicle.
        session_time_on_battery: Time on battery since it last took over. Unit: s.
        total_time_on_battery: Time on battery in all. Unit: s.
        poll_rate: How often a client should fetch this again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    battery_status: BatteryStatus = field(
        metadata={
            "name": "batteryStatus",
            "type": "Element",
        }
    )
    changed_time: int = field(
        metadata={
            "name": "changedTime",
            "type": "Element",
        }
    )
    current_power_source: PowerSourceType = field(
        metadata={
            "name": "currentPowerSource",
            "type": "Element",
        }
    )
    estimated_charge_remaining: None | int = field(
        default=None,
        metadata={
            "name": "estimatedChargeRemaining",
            "type": "Element",
        },
    )
    estimated_time_remaining: None | int = field(
        default=None,
        metadata={
            "name": "estimatedTimeRemaining",
            "type": "Element",
        },
    )
    pev_info: None | PEVInfo = field(
        default=None,
        metadata={
            "name": "PEVInfo",
            "type": "Element",
        },
    )
    session_time_on_battery: None | int = field(
        default=None,
        metadata={
            "name": "sessionTimeOnBattery",
            "type": "Element",
        },
    )
    total_time_on_battery: None | int = field(
        default=None,
        metadata={
            "name": "totalTimeOnBattery",
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
