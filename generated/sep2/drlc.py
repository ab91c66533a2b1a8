"""Demand response and load control (DRLC): a utility asks loads such as thermostats and water heaters to use less, or
more, for a while.

Generated from schema/sep/drlc.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType

from sep2.links import (
    ActiveEndDeviceControlListLink,
    DemandResponseProgramLink,
    EndDeviceControlListLink,
)
from sep2.quantities import ActivePower
from sep2.resource import (
    IdentifiedObject,
    List,
    RandomizableEvent,
    Resource,
    SubscribableList,
)
from sep2.types import (
    ApplianceLoadReductionType,
    DeviceCategoryType,
    PrimacyType,
    UnitType,
)


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DutyCycle(ComplexType):
    """
    Limits the share of time in which a load may be on.

    Attributes:
        normal_value: The load may be on for at most this share of the time. Unit: %.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    normal_value: int = field(
        metadata={
            "name": "normalValue",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class Offset(ComplexType):
    """
    A change relative to the normal setting that makes the device use less, or more when loadShiftForward is true.

    Attributes:
        cooling_offset: Degrees to raise the cooling set point, or to lower it when loadShiftForward is true.
            Unit: 0.1 degC.
        heating_offset: Degrees to lower the heating set point, or to raise it when loadShiftForward is true.
            Unit: 0.1 degC.
        load_adjustment_percentage_offset: Share by which to lower the load, or to raise it when loadShiftForward
            is true. In hundredths of a percent.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    cooling_offset: None | int = field(
        default=None,
        metadata={
            "name": "coolingOffset",
            "type": "Element",
        },
    )
    heating_offset: None | int = field(
        default=None,
        metadata={
            "name": "heatingOffset",
            "type": "Element",
        },
    )
    load_adjustment_percentage_offset: None | int = field(
        default=None,
        metadata={
            "name": "loadAdjustmentPercentageOffset",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class SetPoint(ComplexType):
    """
    Temperatures that a thermostat is to hold during the event.

    Attributes:
        cooling_setpoint: Temperature above which to cool. Unit: 0.01 degC.
        heating_setpoint: Temperature below which to heat. Unit: 0.01 degC.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    cooling_setpoint: None | int = field(
        default=None,
        metadata={
            "name": "coolingSetpoint",
            "type": "Element",
        },
    )
    heating_setpoint: None | int = field(
        default=None,
        metadata={
            "name": "heatingSetpoint",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ApplianceLoadReduction(ComplexType):
    """
    Asks an appliance to save energy in a way of its own, without a number.

    Written by the server in the event and by the client in its response.

    Attributes:
        type: How the appliance is to save, for example by delaying its work.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    type: ApplianceLoadReductionType = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DemandResponseProgram(IdentifiedObject):
    """
    A demand response program that devices take part in: its events and its rank among programs.

    Written by the server.

    Attributes:
        active_end_device_control_list_link: Link to the events that are running now.
        availability_update_percent_change_threshold: The device reports its sheddable share again when it
            changed by more than this.
        availability_update_power_change_threshold: The device reports its sheddable power again when it changed
            by more than this.
        end_device_control_list_link: Link to all events of the program.
        primacy: Rank of the program; when events conflict, the lower number wins.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    active_end_device_control_list_link: None | ActiveEndDeviceControlListLink = field(
        default=None,
        metadata={
            "name": "ActiveEndDeviceControlListLink",
            "type": "Element",
        },
    )
    availability_update_percent_change_threshold: None | int = field(
        default=None,
        metadata={
            "name": "availabilityUpdatePercentChangeThreshold",
            "type": "Element",
        },
    )
    availability_update_power_change_threshold: None | ActivePower = field(
        default=None,
        metadata={
            "name": "availabilityUpdatePowerChangeThreshold",
            "type": "Element",
        },
    )
    end_device_control_list_link: None | EndDeviceControlListLink = field(
        default=None,
        metadata={
            "name": "EndDeviceControlListLink",
            "type": "Element",
        },
    )
    primacy: PrimacyType = field(
        metadata={
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
class LoadShedAvailability(Resource):
    """
    How much a device could shed now, and for how long.

    Written by the client, so that the utility can plan.

    Attributes:
        availability_duration: How long the device could keep up the reduction. Unit: s.
        demand_response_program_link: The program for which this holds.
        sheddable_percent: Share of the present load that could be shed.
        sheddable_power: Power that could be shed.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    availability_duration: None | int = field(
        default=None,
        metadata={
            "name": "availabilityDuration",
            "type": "Element",
        },
    )
    demand_response_program_link: None | DemandResponseProgramLink = field(
        default=None,
        metadata={
            "name": "DemandResponseProgramLink",
            "type": "Element",
        },
    )
    sheddable_percent: None | int = field(
        default=None,
        metadata={
            "name": "sheddablePercent",
            "type": "Element",
        },
    )
    sheddable_power: None | ActivePower = field(
        default=None,
        metadata={
            "name": "sheddablePower",
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


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class TargetReduction(ComplexType):
    """
    The amount by which a load is to be reduced.

    Written by the server.

    Attributes:
        type: Unit of the reduction.
        value: Size of the reduction, in the unit that type names.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    type: UnitType = field(
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
class DemandResponseProgramList(SubscribableList):
    """
    The demand response programs that a device may follow.

    Attributes:
        demand_response_program: One program.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> DemandResponseProgram: ...

    demand_response_program: list[DemandResponseProgram] = field(
        default_factory=list,
        metadata={
            "name": "DemandResponseProgram",
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
class EndDeviceControl(RandomizableEvent):
    """
    A demand response event: loads of the named categories change their use during its interval.

    Written by the server; the device may support only some kinds of control.

    Attributes:
        appliance_load_reduction: Asks appliances to save energy in their own way.
        device_category: The kinds of device that the event is meant for; others ignore it.
        dr_program_mandatory: True when the user may not opt out.
        duty_cycle: Limits the share of time in which the load may be on.
        load_shift_forward: True asks for more use now (pre-heat, pre-cool) instead of less; it turns the
            direction of offsets around.
        offset: Change of the set point or load relative to normal.
        override_duration: The longest time for which a user may override the event. Unit: s.
        set_point: Temperatures to hold during the event.
        target_reduction: The amount by which to reduce.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    appliance_load_reduction: None | ApplianceLoadReduction = field(
        default=None,
        metadata={
            "name": "ApplianceLoadReduction",
            "type": "Element",
        },
    )
    device_category: DeviceCategoryType = field(
        metadata={
            "name": "deviceCategory",
            "type": "Element",
            "format": "base16",
        }
    )
    dr_program_mandatory: bool = field(
        metadata={
            "name": "drProgramMandatory",
            "type": "Element",
        }
    )
    duty_cycle: None | DutyCycle = field(
        default=None,
        metadata={
            "name": "DutyCycle",
            "type": "Element",
        },
    )
    load_shift_forward: bool = field(
        metadata={
            "name": "loadShiftForward",
            "type": "Element",
        }
    )
    offset: None | Offset = field(
        default=None,
        metadata={
            "name": "Offset",
            "type": "Element",
        },
    )
    override_duration: None | int = field(
        default=None,
        metadata={
            "name": "overrideDuration",
            "type": "Element",
        },
    )
    set_point: None | SetPoint = field(
        default=None,
        metadata={
            "name": "SetPoint",
            "type": "Element",
        },
    )
    target_reduction: None | TargetReduction = field(
        default=None,
        metadata={
            "name": "TargetReduction",
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


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class LoadShedAvailabilityList(List):
    """
    What one device could shed, per program.

    Attributes:
        load_shed_availability: What the device could shed in one program.
        poll_rate: How often a client should fetch this list again; 900 when absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> LoadShedAvailability: ...

    load_shed_availability: list[LoadShedAvailability] = field(
        default_factory=list,
        metadata={
            "name": "LoadShedAvailability",
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
class EndDeviceControlList(SubscribableList):
    """
    The demand response events of one program, in the order of time.

    Attributes:
        end_device_control: One event.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> EndDeviceControl: ...

    end_device_control: list[EndDeviceControl] = field(
        default_factory=list,
        metadata={
            "name": "EndDeviceControl",
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
