"""Distributed energy resources: describing a DER (ratings, settings, status, availability) and controlling it through
programs, controls and curves. IEEE 2030.5-2018, section 10.10.

Generated from schema/sep/der.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.base import ComplexType
from envoy.bindings.beside import fold_beside
from envoy.bindings.enums import Bitmap, Code

from sep2.csipaus import (
    DOEControlType,
    VPPControlType,
)
from sep2.links import (
    ActiveDERControlListLink,
    AssociatedDERProgramListLink,
    AssociatedUsagePointLink,
    CurrentDERControlsLink,
    CurrentDERProgramLink,
    DefaultDERControlLink,
    DERAvailabilityLink,
    DERCapabilityLink,
    DERComponentListLink,
    DERControlListLink,
    DERCurveLink,
    DERCurveListLink,
    DERSettingsLink,
    DERStatusLink,
)
from sep2.quantities import (
    ActivePower,
    AmpereHour,
    ApparentPower,
    CurrentRMS,
    DERUnitRefType,
    FixedVar,
    PowerFactor,
    PowerFactorWithExcitation,
    ReactivePower,
    ReactiveSusceptance,
    UnsignedActivePower,
    UnsignedReactivePower,
    VoltageRMS,
    WattHour,
)
from sep2.resource import (
    IdentifiedObject,
    List,
    RandomizableEvent,
    Resource,
    RespondableSubscribableIdentifiedObject,
    SubscribableIdentifiedObject,
    SubscribableList,
    SubscribableResource,
)
from sep2.types import (
    DeviceCategoryType,
    PowerOfTenMultiplierType,
    PrimacyType,
)


class AbnormalCategory(Code):
    """Codes of DERCapability.rtg_abnormal_category. IEEE 1547 category for behaviour under abnormal voltage and
    frequency."""

    NOT_SPECIFIED = 0
    """Not given."""
    CATEGORY_I = 1
    """IEEE 1547 abnormal category I."""
    CATEGORY_II = 2
    """IEEE 1547 abnormal category II."""
    CATEGORY_III = 3
    """IEEE 1547 abnormal category III."""


class AlarmStatus(Bitmap, octets=4):
    """Codes of DERStatus.alarm_status. Bitmap of the alarms that are present; a bit is cleared when its alarm ends."""

    DER_FAULT_OVER_CURRENT = 1 << 0
    """Current too high."""
    DER_FAULT_OVER_VOLTAGE = 1 << 1
    """Voltage too high."""
    DER_FAULT_UNDER_VOLTAGE = 1 << 2
    """Voltage too low."""
    DER_FAULT_OVER_FREQUENCY = 1 << 3
    """Frequency too high."""
    DER_FAULT_UNDER_FREQUENCY = 1 << 4
    """Frequency too low."""
    DER_FAULT_VOLTAGE_IMBALANCE = 1 << 5
    """Voltages of the phases differ too much."""
    DER_FAULT_CURRENT_IMBALANCE = 1 << 6
    """Currents of the phases differ too much."""
    DER_FAULT_EMERGENCY_LOCAL = 1 << 7
    """Local emergency, such as the stop button."""
    DER_FAULT_EMERGENCY_REMOTE = 1 << 8
    """Emergency signalled from remote."""
    DER_FAULT_LOW_POWER_INPUT = 1 << 9
    """Too little input power, such as no sun."""
    DER_FAULT_PHASE_ROTATION = 1 << 10
    """Wrong phase sequence."""


class ConnectStatus(Bitmap, octets=1):
    """Codes of ConnectStatusType.value. Bitmap of the connection state; several bits may be set."""

    CONNECTED = 1 << 0
    """Connected to the grid."""
    AVAILABLE = 1 << 1
    """Available for operation."""
    OPERATING = 1 << 2
    """Operating."""
    TEST = 1 << 3
    """In test."""
    FAULT = 1 << 4
    """Fault or error."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CurveData(ComplexType):
    """
    One point of a DERCurve.

    Units depend on the curveType; the values are scaled by xMultiplier and yMultiplier.

    Attributes:
        excitation: Given only where y is a power factor. True is the under-excited side (reactive power is taken
            up), false the over-excited one (it is fed in).
        xvalue: Independent variable, before scaling by 10^xMultiplier.
        yvalue: Dependent variable, before scaling by 10^yMultiplier.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    excitation: None | bool = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    xvalue: int = field(
        metadata={
            "type": "Element",
        }
    )
    yvalue: int = field(
        metadata={
            "type": "Element",
        }
    )


class DERConnectionState(Bitmap, octets=1):
    """Codes of ConnectStatusType2.value. The state."""

    CONNECTED = 1 << 0
    """Connected to the grid."""
    ENERGIZED = 1 << 1
    """Energized."""


class DERControlType(Bitmap, octets=4):
    """Bitmap of DER control modes; used for what is supported (DERCapability) and what is enabled (DERSettings)."""

    CHARGE_MODE = 1 << 0
    """Can charge."""
    DISCHARGE_MODE = 1 << 1
    """Can discharge."""
    OP_MOD_CONNECT = 1 << 2
    """Open or close the galvanic connection to the grid."""
    OP_MOD_ENERGIZE = 1 << 3
    """Energize or cease to energize."""
    OP_MOD_FIXED_PF_ABSORB_W = 1 << 4
    """Fixed power factor while absorbing active power."""
    OP_MOD_FIXED_PF_INJECT_W = 1 << 5
    """Fixed power factor while injecting active power."""
    OP_MOD_FIXED_VAR = 1 << 6
    """Fixed reactive power."""
    OP_MOD_FIXED_W = 1 << 7
    """Charge or discharge setpoint."""
    OP_MOD_FREQ_DROOP = 1 << 8
    """Frequency droop by parameters."""
    OP_MOD_FREQ_WATT = 1 << 9
    """Frequency-watt curve."""
    OP_MOD_HFRT_MAY_TRIP = 1 << 10
    """High frequency ride-through, may trip."""
    OP_MOD_HFRT_MUST_TRIP = 1 << 11
    """High frequency ride-through, must trip."""
    OP_MOD_HVRT_MAY_TRIP = 1 << 12
    """High voltage ride-through, may trip."""
    OP_MOD_HVRT_MOMENTARY_CESSATION = 1 << 13
    """High voltage ride-through, momentary cessation."""
    OP_MOD_HVRT_MUST_TRIP = 1 << 14
    """High voltage ride-through, must trip."""
    OP_MOD_LFRT_MAY_TRIP = 1 << 15
    """Low frequency ride-through, may trip."""
    OP_MOD_LFRT_MUST_TRIP = 1 << 16
    """Low frequency ride-through, must trip."""
    OP_MOD_LVRT_MAY_TRIP = 1 << 17
    """Low voltage ride-through, may trip."""
    OP_MOD_LVRT_MOMENTARY_CESSATION = 1 << 18
    """Low voltage ride-through, momentary cessation."""
    OP_MOD_LVRT_MUST_TRIP = 1 << 19
    """Low voltage ride-through, must trip."""
    OP_MOD_MAX_LIM_W = 1 << 20
    """Active power limit."""
    OP_MOD_TARGET_VAR = 1 << 21
    """Target reactive power."""
    OP_MOD_TARGET_W = 1 << 22
    """Target active power."""
    OP_MOD_VOLT_VAR = 1 << 23
    """Volt-var curve."""
    OP_MOD_VOLT_WATT = 1 << 24
    """Volt-watt curve."""
    OP_MOD_WATT_PF = 1 << 25
    """Watt to power factor curve."""
    OP_MOD_WATT_VAR = 1 << 26
    """Watt-var curve."""
    OP_MOD_DELTA_VAR = 1 << 27
    """Change of reactive power."""
    OP_MOD_DELTA_W = 1 << 28
    """Change of active power."""
    OP_MOD_FIXED_V = 1 << 29
    """Fixed voltage."""
    OP_MOD_GRID_CONNECT_PERMIT = 1 << 30
    """Permission to connect to the grid."""
    OP_MOD_ISLAND_PERMIT = 1 << 31
    """Permission to run as an island."""


class DERControlType2(Bitmap, octets=4):
    """Control modes that came with the edition of 2023 and have no bit in DERControlType."""

    OP_MOD_MAX_LIM_PCT_VA_ABSORB = 1 << 0
    """Limit of apparent power taken in, in percent."""
    OP_MOD_MAX_LIM_PCT_VA_INJECT = 1 << 1
    """Limit of apparent power put out, in percent."""
    OP_MOD_MAX_LIM_PCT_VAR_ABSORB = 1 << 2
    """Limit of reactive power taken in, in percent."""
    OP_MOD_MAX_LIM_PCT_VAR_INJECT = 1 << 3
    """Limit of reactive power put out, in percent."""
    OP_MOD_MAX_LIM_PCT_W_ABSORB = 1 << 4
    """Limit of active power taken in, in percent."""
    OP_MOD_MAX_LIM_VAR_ABSORB = 1 << 5
    """Limit of reactive power taken in."""
    OP_MOD_MAX_LIM_VAR_INJECT = 1 << 6
    """Limit of reactive power put out."""
    OP_MOD_MAX_LIM_W_ABSORB = 1 << 7
    """Limit of active power taken in."""
    OP_MOD_MAX_LIM_W_INJECT = 1 << 8
    """Limit of active power put out."""
    OP_MOD_TARGET_V = 1 << 9
    """Target voltage."""


class DERCurveType(Code):
    """The control mode a DERCurve belongs to."""

    OP_MOD_FREQ_WATT = 0
    """Frequency-watt curve: x Hz, y percent of yRefType."""
    OP_MOD_HFRT_MAY_TRIP = 1
    """High frequency ride-through, may trip: x seconds, y Hz."""
    OP_MOD_HFRT_MUST_TRIP = 2
    """High frequency ride-through, must trip: x seconds, y Hz."""
    OP_MOD_HVRT_MAY_TRIP = 3
    """High voltage ride-through, may trip: x seconds, y percent of setVRef."""
    OP_MOD_HVRT_MOMENTARY_CESSATION = 4
    """High voltage ride-through, momentary cessation: x seconds, y percent of setVRef."""
    OP_MOD_HVRT_MUST_TRIP = 5
    """High voltage ride-through, must trip: x seconds, y percent of setVRef."""
    OP_MOD_LFRT_MAY_TRIP = 6
    """Low frequency ride-through, may trip: x seconds, y Hz."""
    OP_MOD_LFRT_MUST_TRIP = 7
    """Low frequency ride-through, must trip: x seconds, y Hz."""
    OP_MOD_LVRT_MAY_TRIP = 8
    """Low voltage ride-through, may trip: x seconds, y percent of setVRef."""
    OP_MOD_LVRT_MOMENTARY_CESSATION = 9
    """Low voltage ride-through, momentary cessation: x seconds, y percent of setVRef."""
    OP_MOD_LVRT_MUST_TRIP = 10
    """Low voltage ride-through, must trip: x seconds, y percent of setVRef."""
    OP_MOD_VOLT_VAR = 11
    """Volt-var curve: x percent of setVRef, y percent of yRefType."""
    OP_MOD_VOLT_WATT = 12
    """Volt-watt curve: x percent of setVRef, y percent of yRefType."""
    OP_MOD_WATT_PF = 13
    """Watt to power factor curve: x percent of setMaxW, y power factor."""
    OP_MOD_WATT_VAR = 14
    """Watt-var curve: x percent of setMaxW, y percent of yRefType."""


class DERType(Code):
    """Kind of energy resource. 1 to 6 generate, 80 and above involve storage."""

    NOT_APPLICABLE = 0
    """Does not apply or is not known."""
    VIRTUAL_OR_MIXED_DER = 1
    """Virtual DER or a mix of kinds."""
    RECIPROCATING_ENGINE = 2
    """Piston engine generator."""
    FUEL_CELL = 3
    """Fuel cell."""
    PHOTOVOLTAIC_SYSTEM = 4
    """Solar PV."""
    COMBINED_HEAT_AND_POWER = 5
    """Combined heat and power plant."""
    OTHER_GENERATION_SYSTEM = 6
    """Generation of another kind."""
    OTHER_STORAGE_SYSTEM = 80
    """Storage other than a vehicle, such as a battery."""
    ELECTRIC_VEHICLE = 81
    """Electric vehicle."""
    EVSE = 82
    """Charging station for electric vehicles."""
    COMBINED_PV_AND_STORAGE = 83
    """Solar PV together with storage."""


class DefaultDERControlType(Bitmap, octets=4):
    """Settings of a DefaultDERControl beside its modes."""

    SET_ES_DELAY = 1 << 0
    """Delay before a return to service."""
    SET_ES_HIGH_FREQ = 1 << 1
    """Upper frequency of a return to service."""
    SET_ES_HIGH_VOLT = 1 << 2
    """Upper voltage of a return to service."""
    SET_ES_LOW_FREQ = 1 << 3
    """Lower frequency of a return to service."""
    SET_ES_LOW_VOLT = 1 << 4
    """Lower voltage of a return to service."""
    SET_ES_RAMP_TMS = 1 << 5
    """Ramp time of a return to service."""
    SET_ES_RANDOM_DELAY = 1 << 6
    """Random delay of a return to service."""
    SET_GRAD_W = 1 << 7
    """Ramp rate of active power."""
    SET_SOFT_GRAD_W = 1 << 8
    """Ramp rate of a soft start."""


class DeltaBidirectionalType(Code):
    """What a change of power means while power flows the other way."""

    MAY = 0
    """It may hold in the other direction too."""
    MUST = 1
    """It holds in both directions."""
    MUST_NOT = 2
    """It holds in one direction alone."""


class InverterStatus(Code):
    """Codes of InverterStatusType.value. State of the inverter."""

    NOT_APPLICABLE = 0
    """Does not apply."""
    OFF = 1
    """Off."""
    SLEEPING = 2
    """Asleep (shut down by itself) or at low power or voltage."""
    STARTING_UP = 3
    """Starting, or on without output."""
    TRACKING_MPPT = 4
    """Running at the maximum power point."""
    FORCED_POWER_REDUCTION = 5
    """Output curtailed or derated."""
    SHUTTING_DOWN = 6
    """Shutting down."""
    FAULT = 7
    """At least one fault."""
    STANDBY = 8
    """Standby for service; voltage or power may still be high."""
    TEST_MODE = 9
    """In test."""
    MANUFACTURER_DEFINED = 10
    """See manufacturerStatus."""


class LocalControlModeStatus(Code):
    """Codes of LocalControlModeStatusType.value. Local or remote control."""

    LOCAL_CONTROL = 0
    """Controlled on site."""
    REMOTE_CONTROL = 1
    """Controlled from remote."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ManufacturerStatusType(ComplexType):
    """
    Status code of the manufacturer, with its time.

    Attributes:
        date_time: When this state was taken.
        value: Free text of the manufacturer, at most 6 characters.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: str = field(
        metadata={
            "type": "Element",
            "max_length": 6,
        }
    )


class NormalCategory(Code):
    """Codes of DERCapability.rtg_normal_category. IEEE 1547 category for voltage and reactive power support in
    normal operation."""

    NOT_SPECIFIED = 0
    """Not given."""
    CATEGORY_A = 1
    """IEEE 1547 normal category A."""
    CATEGORY_B = 2
    """IEEE 1547 normal category B."""


class OperationalModeStatus(Code):
    """Codes of OperationalModeStatusType.value. Operating mode."""

    NOT_APPLICABLE = 0
    """Does not apply or is not known."""
    OFF = 1
    """Off."""
    OPERATIONAL_MODE = 2
    """Operating."""
    TEST_MODE = 3
    """In test."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class StateOfChargeStatusType(ComplexType):
    """
    State of charge of the storage, with its time.

    Attributes:
        date_time: When this state was taken.
        value: State of charge in hundredths of a percent (10000 is full).
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
        }
    )


class StorageModeStatus(Code):
    """Codes of StorageModeStatusType.value. Storage mode."""

    STORAGE_CHARGING = 0
    """Charging."""
    STORAGE_DISCHARGING = 1
    """Discharging."""
    STORAGE_HOLDING = 2
    """Neither charging nor discharging."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConnectStatusType(ComplexType):
    """
    Connection state of a generator or storage, with its time.

    Attributes:
        date_time: When this state was taken.
        value: Bitmap of the connection state; several bits may be set.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: ConnectStatus = field(
        metadata={
            "type": "Element",
            "format": "base16",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ConnectStatusType2(ComplexType):
    """
    Whether the DER is connected and energized, and since when.

    Attributes:
        date_time: When the state was found. Unit: s since 1970.
        value: The state.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )
    value: DERConnectionState = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
            "format": "base16",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DER(SubscribableResource):
    """
    One DER of an EndDevice: a set of links to what is known about it.

    Usually made by the server; the client writes the resources behind the links.

    Attributes:
        associated_der_program_list_link: Link to the DERPrograms that apply to this DER.
        associated_usage_point_link: Link to the UsagePoint that meters this DER.
        current_der_controls_link: Link to what is asked of the DER at this moment.
        current_der_program_link: Link to the DERProgram that governs this DER at present.
        der_availability_link: Link to the availability, which the client PUTs.
        der_capability_link: Link to the nameplate ratings, which the client PUTs.
        der_component_list_link: Link to the parts of the DER.
        der_settings_link: Link to the present settings, which the client PUTs.
        der_status_link: Link to the present status, which the client PUTs.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    associated_der_program_list_link: None | AssociatedDERProgramListLink = field(
        default=None,
        metadata={
            "name": "AssociatedDERProgramListLink",
            "type": "Element",
        },
    )
    associated_usage_point_link: None | AssociatedUsagePointLink = field(
        default=None,
        metadata={
            "name": "AssociatedUsagePointLink",
            "type": "Element",
        },
    )
    current_der_controls_link: None | CurrentDERControlsLink = field(
        default=None,
        metadata={
            "name": "CurrentDERControlsLink",
            "type": "Element",
            "edition": "2023",
        },
    )
    current_der_program_link: None | CurrentDERProgramLink = field(
        default=None,
        metadata={
            "name": "CurrentDERProgramLink",
            "type": "Element",
        },
    )
    der_availability_link: None | DERAvailabilityLink = field(
        default=None,
        metadata={
            "name": "DERAvailabilityLink",
            "type": "Element",
        },
    )
    der_capability_link: None | DERCapabilityLink = field(
        default=None,
        metadata={
            "name": "DERCapabilityLink",
            "type": "Element",
        },
    )
    der_component_list_link: None | DERComponentListLink = field(
        default=None,
        metadata={
            "name": "DERComponentListLink",
            "type": "Element",
            "edition": "2023",
        },
    )
    der_settings_link: None | DERSettingsLink = field(
        default=None,
        metadata={
            "name": "DERSettingsLink",
            "type": "Element",
        },
    )
    der_status_link: None | DERStatusLink = field(
        default=None,
        metadata={
            "name": "DERStatusLink",
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
class DERAvailability(SubscribableResource):
    """
    How much the DER has in reserve just now and for how long.

    Written by the client when it changes.

    Attributes:
        availability_duration: How long the DER can keep up the reserve output reported here. Unit: s.
        max_charge_duration: How long the DER can go on charging at its maximum rate. Unit: s.
        reading_time: When these values were taken.
        reserve_charge_percent: Charging power held in reserve, in hundredths of a percent of setMaxChargeRateW.
        reserve_percent: Output power held in reserve, in hundredths of a percent of setMaxW.
        stat_var_absorb_avail: Reactive power that the DER could take in at present.
        stat_var_avail: Estimate of the reactive power still free, in the direction that has less of it.
        stat_w_absorb_avail: Active power that the DER could take in at present.
        stat_w_avail: Estimate of the active power still free.
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
    max_charge_duration: None | int = field(
        default=None,
        metadata={
            "name": "maxChargeDuration",
            "type": "Element",
        },
    )
    reading_time: int = field(
        metadata={
            "name": "readingTime",
            "type": "Element",
        }
    )
    reserve_charge_percent: None | int = field(
        default=None,
        metadata={
            "name": "reserveChargePercent",
            "type": "Element",
        },
    )
    reserve_percent: None | int = field(
        default=None,
        metadata={
            "name": "reservePercent",
            "type": "Element",
        },
    )
    stat_var_absorb_avail: None | UnsignedReactivePower = field(
        default=None,
        metadata={
            "name": "statVarAbsorbAvail",
            "type": "Element",
            "edition": "2023",
        },
    )
    stat_var_avail: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "statVarAvail",
            "type": "Element",
        },
    )
    stat_w_absorb_avail: None | UnsignedActivePower = field(
        default=None,
        metadata={
            "name": "statWAbsorbAvail",
            "type": "Element",
            "edition": "2023",
        },
    )
    stat_w_avail: None | ActivePower = field(
        default=None,
        metadata={
            "name": "statWAvail",
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
class DERCapability(Resource):
    """
    Nameplate of the DER: what it is and what the hardware can do.

    Written by the client, normally once after registration. modesSupported, rtgMaxW and type are required.

    Attributes:
        modes_supported: Bitmap of the control modes the DER can carry out.
        modes_supported_2: Bitmap of the control modes of the edition of 2023 that the DER has.
        rtg_abnormal_category: IEEE 1547 category for behaviour under abnormal voltage and frequency.
        rtg_max_a: Rated continuous AC current (RMS).
        rtg_max_ah: Rated storage capacity as charge.
        rtg_max_charge_rate_va: Rated apparent power while charging.
        rtg_max_charge_rate_w: Rated active power while charging.
        rtg_max_discharge_rate_va: Rated apparent power while discharging.
        rtg_max_discharge_rate_w: Rated active power while discharging.
        rtg_max_v: Rated highest AC voltage (RMS).
        rtg_max_va: Rated continuous apparent power.
        rtg_max_var: Rated continuous reactive power delivered.
        rtg_max_var_neg: Rated continuous reactive power absorbed. If left out, minus rtgMaxVar is meant.
        rtg_max_w: Rated continuous active power output at unity power factor.
        rtg_max_wh: Rated storage capacity as energy.
        rtg_min_pf_over_excited: Lowest power factor the DER can run at while injecting reactive power (over-
            excited).
        rtg_min_pf_under_excited: Lowest power factor the DER can run at while absorbing reactive power (under-
            excited).
        rtg_min_v: Rated lowest AC voltage (RMS).
        rtg_normal_category: IEEE 1547 category for voltage and reactive power support in normal operation.
        rtg_over_excited_pf: Over-excited power factor for which rtgOverExcitedW is given.
        rtg_over_excited_w: What the DER can deliver in active power while it runs at rtgOverExcitedPF.
        rtg_reactive_susceptance: Susceptance that stays connected to the grid while the DER is tripped or has
            ceased to energize.
        rtg_under_excited_pf: Under-excited power factor for which rtgUnderExcitedW is given.
        rtg_under_excited_w: What the DER can deliver in active power while it runs at rtgUnderExcitedPF.
        rtg_v_nom: Rated nominal AC voltage (RMS).
        type: Kind of energy resource.
        doe_modes_supported: The envelope limits that this device can follow; required in CSIP-AUS.
        vpp_modes_supported: The virtual power plant controls that this device can follow.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    modes_supported: DERControlType = field(
        metadata={
            "name": "modesSupported",
            "type": "Element",
            "format": "base16",
        }
    )
    modes_supported_2: None | DERControlType2 = field(
        default=None,
        metadata={
            "name": "modesSupported2",
            "type": "Element",
            "format": "base16",
            "edition": "2023",
        },
    )
    rtg_abnormal_category: None | AbnormalCategory = field(
        default=None,
        metadata={
            "name": "rtgAbnormalCategory",
            "type": "Element",
        },
    )
    rtg_max_a: None | CurrentRMS = field(
        default=None,
        metadata={
            "name": "rtgMaxA",
            "type": "Element",
        },
    )
    rtg_max_ah: None | AmpereHour = field(
        default=None,
        metadata={
            "name": "rtgMaxAh",
            "type": "Element",
        },
    )
    rtg_max_charge_rate_va: None | ApparentPower = field(
        default=None,
        metadata={
            "name": "rtgMaxChargeRateVA",
            "type": "Element",
        },
    )
    rtg_max_charge_rate_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "rtgMaxChargeRateW",
            "type": "Element",
        },
    )
    rtg_max_discharge_rate_va: None | ApparentPower = field(
        default=None,
        metadata={
            "name": "rtgMaxDischargeRateVA",
            "type": "Element",
        },
    )
    rtg_max_discharge_rate_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "rtgMaxDischargeRateW",
            "type": "Element",
        },
    )
    rtg_max_v: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "rtgMaxV",
            "type": "Element",
        },
    )
    rtg_max_va: None | ApparentPower = field(
        default=None,
        metadata={
            "name": "rtgMaxVA",
            "type": "Element",
        },
    )
    rtg_max_var: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "rtgMaxVar",
            "type": "Element",
        },
    )
    rtg_max_var_neg: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "rtgMaxVarNeg",
            "type": "Element",
        },
    )
    rtg_max_w: ActivePower = field(
        metadata={
            "name": "rtgMaxW",
            "type": "Element",
        }
    )
    rtg_max_wh: None | WattHour = field(
        default=None,
        metadata={
            "name": "rtgMaxWh",
            "type": "Element",
        },
    )
    rtg_min_pf_over_excited: None | PowerFactor = field(
        default=None,
        metadata={
            "name": "rtgMinPFOverExcited",
            "type": "Element",
        },
    )
    rtg_min_pf_under_excited: None | PowerFactor = field(
        default=None,
        metadata={
            "name": "rtgMinPFUnderExcited",
            "type": "Element",
        },
    )
    rtg_min_v: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "rtgMinV",
            "type": "Element",
        },
    )
    rtg_normal_category: None | NormalCategory = field(
        default=None,
        metadata={
            "name": "rtgNormalCategory",
            "type": "Element",
        },
    )
    rtg_over_excited_pf: None | PowerFactor = field(
        default=None,
        metadata={
            "name": "rtgOverExcitedPF",
            "type": "Element",
        },
    )
    rtg_over_excited_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "rtgOverExcitedW",
            "type": "Element",
        },
    )
    rtg_reactive_susceptance: None | ReactiveSusceptance = field(
        default=None,
        metadata={
            "name": "rtgReactiveSusceptance",
            "type": "Element",
        },
    )
    rtg_under_excited_pf: None | PowerFactor = field(
        default=None,
        metadata={
            "name": "rtgUnderExcitedPF",
            "type": "Element",
        },
    )
    rtg_under_excited_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "rtgUnderExcitedW",
            "type": "Element",
        },
    )
    rtg_v_nom: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "rtgVNom",
            "type": "Element",
        },
    )
    type: DERType = field(
        metadata={
            "type": "Element",
        }
    )
    doe_modes_supported: None | DOEControlType = field(
        default=None,
        metadata={
            "name": "doeModesSupported",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
            "format": "base16",
        },
    )
    vpp_modes_supported: None | VPPControlType = field(
        default=None,
        metadata={
            "name": "vppModesSupported",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
            "format": "base16",
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
class DERComponentBase(SubscribableResource):
    """
    The links that a DER and its parts have in common.

    Attributes:
        associated_usage_point_link: Link to the usage point that meters this part.
        der_availability_link: Link to what this part can do at present.
        der_capability_link: Link to the ratings of this part.
        der_settings_link: Link to the settings of this part.
        der_status_link: Link to the state of this part.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    associated_usage_point_link: None | AssociatedUsagePointLink = field(
        default=None,
        metadata={
            "name": "AssociatedUsagePointLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    der_availability_link: None | DERAvailabilityLink = field(
        default=None,
        metadata={
            "name": "DERAvailabilityLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    der_capability_link: None | DERCapabilityLink = field(
        default=None,
        metadata={
            "name": "DERCapabilityLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    der_settings_link: None | DERSettingsLink = field(
        default=None,
        metadata={
            "name": "DERSettingsLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )
    der_status_link: None | DERStatusLink = field(
        default=None,
        metadata={
            "name": "DERStatusLink",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERCurve(IdentifiedObject):
    """
    A curve of up to 10 points that a control mode follows.

    Written by the server; DERControls refer to it by link.

    Attributes:
        autonomous_v_ref_enable: Volt-var only: true if the DER adjusts the reference voltage by itself,
            following the measured voltage.
        autonomous_v_ref_time_constant: Volt-var only: time constant of the autonomous reference voltage
            adjustment. Unit: 0.01 s.
        creation_time: When the curve was created.
        curve_data: Points of the curve, in order along it.
        curve_type: The mode the curve is for; it decides what x and y mean.
        open_loop_tms: Open-loop response time: how long until 90 % of the final change is reached after a step.
            0 means no limit. Unit: 0.01 s.
        ramp_dec_tms: Fastest decrease of the output, in hundredths of a percent per second: a rate, in spite of
            the name. If absent, setGradW applies; 0 means no limit. Unit: 0.01 %/s.
        ramp_inc_tms: Fastest increase of the output, in hundredths of a percent per second: a rate, in spite of
            the name. If absent, setGradW applies; 0 means no limit. Unit: 0.01 %/s.
        ramp_pt1_tms: Settling time of a first-order low-pass filter: how long until 95 % of a step is reached
            (three time constants). Unit: 0.01 s.
        v_ref: Volt-var only: reference voltage by which the curve points are adjusted, in hundredths of a
            percent.
        x_multiplier: Power of ten by which every xvalue is scaled.
        y_multiplier: Power of ten by which every yvalue is scaled.
        y_ref_type: What y is a percentage of; not applicable for curves whose y is not a percentage.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    autonomous_v_ref_enable: None | bool = field(
        default=None,
        metadata={
            "name": "autonomousVRefEnable",
            "type": "Element",
        },
    )
    autonomous_v_ref_time_constant: None | int = field(
        default=None,
        metadata={
            "name": "autonomousVRefTimeConstant",
            "type": "Element",
        },
    )
    creation_time: int = field(
        metadata={
            "name": "creationTime",
            "type": "Element",
        }
    )
    curve_data: list[CurveData] = field(
        default_factory=list,
        metadata={
            "name": "CurveData",
            "type": "Element",
            "min_occurs": 1,
            "max_occurs": 10,
        },
    )
    curve_type: DERCurveType = field(
        metadata={
            "name": "curveType",
            "type": "Element",
        }
    )
    open_loop_tms: None | int = field(
        default=None,
        metadata={
            "name": "openLoopTms",
            "type": "Element",
        },
    )
    ramp_dec_tms: None | int = field(
        default=None,
        metadata={
            "name": "rampDecTms",
            "type": "Element",
        },
    )
    ramp_inc_tms: None | int = field(
        default=None,
        metadata={
            "name": "rampIncTms",
            "type": "Element",
        },
    )
    ramp_pt1_tms: None | int = field(
        default=None,
        metadata={
            "name": "rampPT1Tms",
            "type": "Element",
        },
    )
    v_ref: None | int = field(
        default=None,
        metadata={
            "name": "vRef",
            "type": "Element",
        },
    )
    x_multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "name": "xMultiplier",
            "type": "Element",
        }
    )
    y_multiplier: PowerOfTenMultiplierType = field(
        metadata={
            "name": "yMultiplier",
            "type": "Element",
        }
    )
    y_ref_type: DERUnitRefType = field(
        metadata={
            "name": "yRefType",
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
class DERProgram(SubscribableIdentifiedObject):
    """
    A group of DERControls with a default and curves, offered by one provider to a group of DERs.

    Written by the server.

    Attributes:
        active_der_control_list_link: Link to the DERControls that are active now.
        default_der_control_link: Link to the settings that hold while no DERControl is active.
        der_control_list_link: Link to all DERControls of the program.
        der_curve_list_link: Link to the curves of the program.
        primacy: Priority of the program: the lower number wins.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    active_der_control_list_link: None | ActiveDERControlListLink = field(
        default=None,
        metadata={
            "name": "ActiveDERControlListLink",
            "type": "Element",
        },
    )
    default_der_control_link: None | DefaultDERControlLink = field(
        default=None,
        metadata={
            "name": "DefaultDERControlLink",
            "type": "Element",
        },
    )
    der_control_list_link: None | DERControlListLink = field(
        default=None,
        metadata={
            "name": "DERControlListLink",
            "type": "Element",
        },
    )
    der_curve_list_link: None | DERCurveListLink = field(
        default=None,
        metadata={
            "name": "DERCurveListLink",
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
class DERSettings(SubscribableResource):
    """
    Limits and settings the DER works with at present; may be tighter than the nameplate in DERCapability.

    Written by the client, again after each change.

    Attributes:
        modes_enabled: Bitmap of the control modes that are switched on; a subset of modesSupported.
        modes_enabled_2: Bitmap of the control modes of the edition of 2023 that are switched on; a subset of
            modesSupported2.
        set_es_delay: Wait before returning to service after voltage and frequency are back in range. Unit: 0.01
            s.
        set_es_high_freq: Upper frequency bound of the window in which the DER may enter service. Unit: 0.01 Hz.
        set_es_high_volt: Upper voltage bound of the window in which the DER may enter service, relative to the
            reference voltage (setVRef, corrected by setVRefOfs). Unit: 0.01 %.
        set_es_low_freq: Lower frequency bound of the window in which the DER may enter service. Unit: 0.01 Hz.
        set_es_low_volt: Lower voltage bound of the window in which the DER may enter service, relative to the
            reference voltage (setVRef, corrected by setVRefOfs). Unit: 0.01 %.
        set_es_ramp_tms: Time over which output ramps up after entering service. Unit: 0.01 s.
        set_es_random_delay: Longest random extra wait before entering service, so that not all DERs return
            together. Unit: 0.01 s.
        set_grad_w: Normal ramp rate, in hundredths of a percent of setMaxW per second. 0 means unlimited.
            Required. Unit: 0.01 %/s.
        set_max_a: Highest AC current allowed (RMS).
        set_max_ah: Usable storage capacity as charge.
        set_max_charge_rate_va: Highest apparent power allowed while charging.
        set_max_charge_rate_w: Highest active power allowed while charging. Basis for percentages that concern
            charging.
        set_max_discharge_rate_va: Highest apparent power allowed while discharging.
        set_max_discharge_rate_w: Highest active power allowed while discharging. Basis for percentages that
            concern discharging.
        set_max_v: Highest AC voltage at which the DER operates (RMS).
        set_max_va: Highest apparent power allowed.
        set_max_var: Highest reactive power the DER may deliver.
        set_max_var_neg: Highest reactive power the DER may absorb, given as a negative number. If left out,
            minus setMaxVar is meant.
        set_max_w: Highest active power output allowed. Required: opModMaxLimW and the ramp rates are percentages
            of it.
        set_max_wh: Usable storage capacity as energy.
        set_min_pf_over_excited: Floor of the power factor on the over-excited side, where the DER feeds in
            reactive power.
        set_min_pf_under_excited: Floor of the power factor on the under-excited side, where the DER takes up
            reactive power.
        set_min_v: Lowest AC voltage at which the DER operates (RMS).
        set_soft_grad_w: Soft-start ramp rate, in hundredths of a percent of setMaxW per second. 0 means
            unlimited. Unit: 0.01 %/s.
        set_v_nom: Nominal AC voltage of the DER (RMS).
        set_v_ref: What counts as 100 % voltage where the site meets the grid; percentages of voltage refer to
            it.
        set_v_ref_ofs: Voltage difference between the DER terminals and the point of common coupling; subtracted
            before comparing with setVRef.
        updated_time: When these settings were last changed.
        doe_modes_enabled: The envelope limits that are switched on in this device.
        vpp_modes_enabled: The virtual power plant controls that are switched on in this device.
        set_min_wh: Energy below which the battery stops discharging, as its maker or installer reserved it.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    modes_enabled: None | DERControlType = field(
        default=None,
        metadata={
            "name": "modesEnabled",
            "type": "Element",
            "format": "base16",
        },
    )
    modes_enabled_2: None | DERControlType2 = field(
        default=None,
        metadata={
            "name": "modesEnabled2",
            "type": "Element",
            "format": "base16",
            "edition": "2023",
        },
    )
    set_es_delay: None | int = field(
        default=None,
        metadata={
            "name": "setESDelay",
            "type": "Element",
        },
    )
    set_es_high_freq: None | int = field(
        default=None,
        metadata={
            "name": "setESHighFreq",
            "type": "Element",
        },
    )
    set_es_high_volt: None | int = field(
        default=None,
        metadata={
            "name": "setESHighVolt",
            "type": "Element",
        },
    )
    set_es_low_freq: None | int = field(
        default=None,
        metadata={
            "name": "setESLowFreq",
            "type": "Element",
        },
    )
    set_es_low_volt: None | int = field(
        default=None,
        metadata={
            "name": "setESLowVolt",
            "type": "Element",
        },
    )
    set_es_ramp_tms: None | int = field(
        default=None,
        metadata={
            "name": "setESRampTms",
            "type": "Element",
        },
    )
    set_es_random_delay: None | int = field(
        default=None,
        metadata={
            "name": "setESRandomDelay",
            "type": "Element",
        },
    )
    set_grad_w: int = field(
        metadata={
            "name": "setGradW",
            "type": "Element",
        }
    )
    set_max_a: None | CurrentRMS = field(
        default=None,
        metadata={
            "name": "setMaxA",
            "type": "Element",
        },
    )
    set_max_ah: None | AmpereHour = field(
        default=None,
        metadata={
            "name": "setMaxAh",
            "type": "Element",
        },
    )
    set_max_charge_rate_va: None | ApparentPower = field(
        default=None,
        metadata={
            "name": "setMaxChargeRateVA",
            "type": "Element",
        },
    )
    set_max_charge_rate_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "setMaxChargeRateW",
            "type": "Element",
        },
    )
    set_max_discharge_rate_va: None | ApparentPower = field(
        default=None,
        metadata={
            "name": "setMaxDischargeRateVA",
            "type": "Element",
        },
    )
    set_max_discharge_rate_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "setMaxDischargeRateW",
            "type": "Element",
        },
    )
    set_max_v: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "setMaxV",
            "type": "Element",
        },
    )
    set_max_va: None | ApparentPower = field(
        default=None,
        metadata={
            "name": "setMaxVA",
            "type": "Element",
        },
    )
    set_max_var: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "setMaxVar",
            "type": "Element",
        },
    )
    set_max_var_neg: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "setMaxVarNeg",
            "type": "Element",
        },
    )
    set_max_w: ActivePower = field(
        metadata={
            "name": "setMaxW",
            "type": "Element",
        }
    )
    set_max_wh: None | WattHour = field(
        default=None,
        metadata={
            "name": "setMaxWh",
            "type": "Element",
        },
    )
    set_min_pf_over_excited: None | PowerFactor = field(
        default=None,
        metadata={
            "name": "setMinPFOverExcited",
            "type": "Element",
        },
    )
    set_min_pf_under_excited: None | PowerFactor = field(
        default=None,
        metadata={
            "name": "setMinPFUnderExcited",
            "type": "Element",
        },
    )
    set_min_v: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "setMinV",
            "type": "Element",
        },
    )
    set_soft_grad_w: None | int = field(
        default=None,
        metadata={
            "name": "setSoftGradW",
            "type": "Element",
        },
    )
    set_v_nom: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "setVNom",
            "type": "Element",
        },
    )
    set_v_ref: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "setVRef",
            "type": "Element",
        },
    )
    set_v_ref_ofs: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "setVRefOfs",
            "type": "Element",
        },
    )
    updated_time: int = field(
        metadata={
            "name": "updatedTime",
            "type": "Element",
        }
    )
    doe_modes_enabled: None | DOEControlType = field(
        default=None,
        metadata={
            "name": "doeModesEnabled",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
            "format": "base16",
        },
    )
    vpp_modes_enabled: None | VPPControlType = field(
        default=None,
        metadata={
            "name": "vppModesEnabled",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
            "format": "base16",
        },
    )
    set_min_wh: None | WattHour = field(
        default=None,
        metadata={
            "name": "setMinWh",
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
class FreqDroopType(ComplexType):
    """
    Parameters of a frequency droop response: active power falls above, and rises below, a dead band around nominal
    frequency.

    Attributes:
        dbof: Dead band above nominal frequency: within it there is no response. Unit: 0.001 Hz.
        dbuf: Dead band below nominal frequency: within it there is no response. Unit: 0.001 Hz.
        kof: Droop above nominal: the per-unit frequency change that causes a full (1 per-unit) power change, in
            thousandths. Unit: 0.001.
        kuf: Droop below nominal: the per-unit frequency change that causes a full (1 per-unit) power change, in
            thousandths. Unit: 0.001.
        open_loop_tms: Open-loop response time: how long until 90 % of the final change is reached after a step.
            0 means no limit. Unit: 0.01 s.
        p_min: Active power below which the droop does not go.
        disabled: true: the mode is switched off and its parameters do not count.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    dbof: int = field(
        metadata={
            "name": "dBOF",
            "type": "Element",
        }
    )
    dbuf: int = field(
        metadata={
            "name": "dBUF",
            "type": "Element",
        }
    )
    kof: int = field(
        metadata={
            "name": "kOF",
            "type": "Element",
        }
    )
    kuf: int = field(
        metadata={
            "name": "kUF",
            "type": "Element",
        }
    )
    open_loop_tms: int = field(
        metadata={
            "name": "openLoopTms",
            "type": "Element",
        }
    )
    p_min: None | ActivePower = field(
        default=None,
        metadata={
            "name": "pMin",
            "type": "Element",
            "edition": "2023",
        },
    )
    disabled: bool = field(
        default=False,
        metadata={
            "type": "Attribute",
            "edition": "2023",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class InverterStatusType(ComplexType):
    """
    State of the inverter, with its time.

    Attributes:
        date_time: When this state was taken.
        value: State of the inverter.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: InverterStatus = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class LocalControlModeStatusType(ComplexType):
    """
    Who controls the DER, with the time of that state.

    Attributes:
        date_time: When this state was taken.
        value: Local or remote control.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: LocalControlModeStatus = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class OperationalModeStatusType(ComplexType):
    """
    Operating mode of the DER, with its time.

    Attributes:
        date_time: When this state was taken.
        value: Operating mode.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: OperationalModeStatus = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class StorageModeStatusType(ComplexType):
    """
    What the storage does, with its time.

    Attributes:
        date_time: When this state was taken.
        value: Storage mode.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    date_time: int = field(
        metadata={
            "name": "dateTime",
            "type": "Element",
        }
    )
    value: StorageModeStatus = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class UnsignedFixedVar(ComplexType):
    """
    Reactive power that is never negative, in percent of the quantity that its refType names.

    Attributes:
        ref_type: Quantity that the value is a percentage of.
        value: The reactive power. Unit: 0.01 %.
    """

    class Meta:
        target_namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    ref_type: DERUnitRefType = field(
        metadata={
            "name": "refType",
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )
    value: int = field(
        metadata={
            "type": "Element",
            "namespace": "urn:ieee:std:2030.5:ns",
        }
    )


@fold_beside
@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class CurrentDERControls(SubscribableResource):
    """
    What is asked of a DER at this moment, put together by the server from events and defaults of all programs.

    Curves stand in it whole, where a DERControlBase has links to them. Written by the server.

    Attributes:
        op_mod_connect: true: connect to the grid; false: disconnect, with galvanic isolation.
        op_mod_delta_var: Change of reactive power from what it is at present, in var.
        op_mod_delta_w: Change of active power from what it is at present, in watts.
        op_mod_energize: true: the DER may exchange power with the grid; false: it ceases to, without having to
            open its switch.
        op_mod_fixed_pf_absorb_w: Power factor to hold while the DER takes in active power.
        op_mod_fixed_pf_inject_w: Power factor to hold while the DER puts out active power.
        op_mod_fixed_v: Voltage to hold, in hundredths of a percent of setVRef.
        op_mod_fixed_var: Reactive power to hold, as a percentage of the quantity its refType names.
        op_mod_fixed_w: Charge or discharge setpoint in hundredths of a percent, not watts: negative charges (of
            setMaxChargeRateW), positive delivers (of setMaxW or setMaxDischargeRateW).
        op_mod_freq_droop: Frequency-watt response given by droop parameters instead of a curve.
        op_mod_freq_watt: Frequency-watt by curve: active power follows the measured frequency. Link to its
            curve.
        op_mod_grid_connect_permit: true: the DER may connect to the grid; false: it has to stay off it.
        op_mod_hfrt_may_trip: High frequency ride-through: the region in which the DER is free to trip or stay
            on. Link to its curve.
        op_mod_hfrt_must_trip: High frequency ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_hvrt_may_trip: High voltage ride-through: the region in which the DER is free to trip or stay on.
            Link to its curve.
        op_mod_hvrt_momentary_cessation: High voltage ride-through: the region in which the DER stops output but
            stays ready to resume at once. Link to its curve.
        op_mod_hvrt_must_trip: High voltage ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_island_permit: true: the DER may go on as an island when the grid is lost; false: it may not.
        op_mod_lfrt_may_trip: Low frequency ride-through: the region in which the DER is free to trip or stay on.
            Link to its curve.
        op_mod_lfrt_must_trip: Low frequency ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_lvrt_may_trip: Low voltage ride-through: the region in which the DER is free to trip or stay on.
            Link to its curve.
        op_mod_lvrt_momentary_cessation: Low voltage ride-through: the region in which the DER stops output but
            stays ready to resume at once. Link to its curve.
        op_mod_lvrt_must_trip: Low voltage ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_max_lim_pct_va_absorb: Upper limit of the apparent power taken in, in hundredths of a percent of
            the rating that is set for it.
        op_mod_max_lim_pct_va_inject: Upper limit of the apparent power put out, in hundredths of a percent of
            the rating that is set for it.
        op_mod_max_lim_pct_var_absorb: Upper limit of the reactive power taken in, in percent of the quantity
            that its refType names.
        op_mod_max_lim_pct_var_inject: Upper limit of the reactive power put out, in percent of the quantity that
            its refType names.
        op_mod_max_lim_pct_w_absorb: Upper limit of the active power taken in, in hundredths of a percent of the
            rating that is set for it.
        op_mod_max_lim_var_absorb: Upper limit of the reactive power taken in, in var.
        op_mod_max_lim_var_inject: Upper limit of the reactive power put out, in var.
        op_mod_max_lim_w: Upper limit of active power output in hundredths of a percent of setMaxW (0..10000),
            not watts.
        op_mod_max_lim_w_absorb: Upper limit of the active power taken in, in watts.
        op_mod_max_lim_w_inject: Upper limit of the active power put out, in watts.
        op_mod_target_v: Voltage to aim for, in volts.
        op_mod_target_var: Reactive power to aim for, in var.
        op_mod_target_w: Active power to aim for, in watts.
        op_mod_volt_var: Volt-var: reactive power follows the measured voltage. Link to its curve.
        op_mod_volt_watt: Volt-watt: active power is limited according to the measured voltage. Link to its
            curve.
        op_mod_watt_pf: Watt-PF: power factor follows the active power output. Link to its curve.
        op_mod_watt_var: Watt-var: reactive power follows the active power output. Link to its curve.
        updated_time: When the server last put it together. Unit: s since 1970.
        op_mod_delta_var_bidirectional: Whether the change also holds while power flows the other way.
        op_mod_delta_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_delta_w_bidirectional: Whether the change also holds while power flows the other way.
        op_mod_delta_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_pf_absorb_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_pf_inject_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_v_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_freq_watt_disabled: true: the mode is switched off and its value does not count.
        op_mod_hfrt_may_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_hfrt_must_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_hvrt_may_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_hvrt_momentary_cessation_disabled: true: the mode is switched off and its value does not count.
        op_mod_hvrt_must_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_lfrt_may_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_lfrt_must_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_lvrt_may_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_lvrt_momentary_cessation_disabled: true: the mode is switched off and its value does not count.
        op_mod_lvrt_must_trip_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_va_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_va_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_var_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_var_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_w_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_var_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_var_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_w_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_w_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_target_v_disabled: true: the mode is switched off and its value does not count.
        op_mod_target_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_target_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_volt_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_volt_watt_disabled: true: the mode is switched off and its value does not count.
        op_mod_watt_pf_disabled: true: the mode is switched off and its value does not count.
        op_mod_watt_var_disabled: true: the mode is switched off and its value does not count.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    op_mod_connect: None | bool = field(
        default=None,
        metadata={
            "name": "opModConnect",
            "type": "Element",
        },
    )
    op_mod_delta_var: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "opModDeltaVar",
            "type": "Element",
        },
    )
    op_mod_delta_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModDeltaW",
            "type": "Element",
        },
    )
    op_mod_energize: None | bool = field(
        default=None,
        metadata={
            "name": "opModEnergize",
            "type": "Element",
        },
    )
    op_mod_fixed_pf_absorb_w: None | PowerFactorWithExcitation = field(
        default=None,
        metadata={
            "name": "opModFixedPFAbsorbW",
            "type": "Element",
        },
    )
    op_mod_fixed_pf_inject_w: None | PowerFactorWithExcitation = field(
        default=None,
        metadata={
            "name": "opModFixedPFInjectW",
            "type": "Element",
        },
    )
    op_mod_fixed_v: None | int = field(
        default=None,
        metadata={
            "name": "opModFixedV",
            "type": "Element",
        },
    )
    op_mod_fixed_var: None | FixedVar = field(
        default=None,
        metadata={
            "name": "opModFixedVar",
            "type": "Element",
        },
    )
    op_mod_fixed_w: None | int = field(
        default=None,
        metadata={
            "name": "opModFixedW",
            "type": "Element",
        },
    )
    op_mod_freq_droop: None | FreqDroopType = field(
        default=None,
        metadata={
            "name": "opModFreqDroop",
            "type": "Element",
        },
    )
    op_mod_freq_watt: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModFreqWatt",
            "type": "Element",
        },
    )
    op_mod_grid_connect_permit: None | bool = field(
        default=None,
        metadata={
            "name": "opModGridConnectPermit",
            "type": "Element",
        },
    )
    op_mod_hfrt_may_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModHFRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_hfrt_must_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModHFRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_hvrt_may_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModHVRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_hvrt_momentary_cessation: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModHVRTMomentaryCessation",
            "type": "Element",
        },
    )
    op_mod_hvrt_must_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModHVRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_island_permit: None | bool = field(
        default=None,
        metadata={
            "name": "opModIslandPermit",
            "type": "Element",
        },
    )
    op_mod_lfrt_may_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModLFRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_lfrt_must_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModLFRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_lvrt_may_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModLVRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_lvrt_momentary_cessation: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModLVRTMomentaryCessation",
            "type": "Element",
        },
    )
    op_mod_lvrt_must_trip: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModLVRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_max_lim_pct_va_absorb: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVAAbsorb",
            "type": "Element",
        },
    )
    op_mod_max_lim_pct_va_inject: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVAInject",
            "type": "Element",
        },
    )
    op_mod_max_lim_pct_var_absorb: None | UnsignedFixedVar = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVarAbsorb",
            "type": "Element",
        },
    )
    op_mod_max_lim_pct_var_inject: None | UnsignedFixedVar = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVarInject",
            "type": "Element",
        },
    )
    op_mod_max_lim_pct_w_absorb: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctWAbsorb",
            "type": "Element",
        },
    )
    op_mod_max_lim_var_absorb: None | UnsignedReactivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimVarAbsorb",
            "type": "Element",
        },
    )
    op_mod_max_lim_var_inject: None | UnsignedReactivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimVarInject",
            "type": "Element",
        },
    )
    op_mod_max_lim_w: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimW",
            "type": "Element",
        },
    )
    op_mod_max_lim_w_absorb: None | UnsignedActivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimWAbsorb",
            "type": "Element",
        },
    )
    op_mod_max_lim_w_inject: None | UnsignedActivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimWInject",
            "type": "Element",
        },
    )
    op_mod_target_v: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "opModTargetV",
            "type": "Element",
        },
    )
    op_mod_target_var: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "opModTargetVar",
            "type": "Element",
        },
    )
    op_mod_target_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModTargetW",
            "type": "Element",
        },
    )
    op_mod_volt_var: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModVoltVar",
            "type": "Element",
        },
    )
    op_mod_volt_watt: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModVoltWatt",
            "type": "Element",
        },
    )
    op_mod_watt_pf: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModWattPF",
            "type": "Element",
        },
    )
    op_mod_watt_var: None | DERCurve = field(
        default=None,
        metadata={
            "name": "opModWattVar",
            "type": "Element",
        },
    )
    updated_time: int = field(
        metadata={
            "name": "updatedTime",
            "type": "Element",
        }
    )
    op_mod_delta_var_bidirectional: None | DeltaBidirectionalType = field(
        default=None,
        metadata={
            "name": "bidirectional",
            "type": "Ignore",
            "of": "opModDeltaVar",
            "edition": "2023",
        },
    )
    op_mod_delta_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModDeltaVar",
            "edition": "2023",
        },
    )
    op_mod_delta_w_bidirectional: None | DeltaBidirectionalType = field(
        default=None,
        metadata={
            "name": "bidirectional",
            "type": "Ignore",
            "of": "opModDeltaW",
            "edition": "2023",
        },
    )
    op_mod_delta_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModDeltaW",
            "edition": "2023",
        },
    )
    op_mod_fixed_pf_absorb_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedPFAbsorbW",
            "edition": "2023",
        },
    )
    op_mod_fixed_pf_inject_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedPFInjectW",
            "edition": "2023",
        },
    )
    op_mod_fixed_v_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedV",
            "edition": "2023",
        },
    )
    op_mod_fixed_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedVar",
            "edition": "2023",
        },
    )
    op_mod_fixed_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedW",
            "edition": "2023",
        },
    )
    op_mod_freq_watt_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFreqWatt",
            "edition": "2023",
        },
    )
    op_mod_hfrt_may_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModHFRTMayTrip",
            "edition": "2023",
        },
    )
    op_mod_hfrt_must_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModHFRTMustTrip",
            "edition": "2023",
        },
    )
    op_mod_hvrt_may_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModHVRTMayTrip",
            "edition": "2023",
        },
    )
    op_mod_hvrt_momentary_cessation_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModHVRTMomentaryCessation",
            "edition": "2023",
        },
    )
    op_mod_hvrt_must_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModHVRTMustTrip",
            "edition": "2023",
        },
    )
    op_mod_lfrt_may_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModLFRTMayTrip",
            "edition": "2023",
        },
    )
    op_mod_lfrt_must_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModLFRTMustTrip",
            "edition": "2023",
        },
    )
    op_mod_lvrt_may_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModLVRTMayTrip",
            "edition": "2023",
        },
    )
    op_mod_lvrt_momentary_cessation_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModLVRTMomentaryCessation",
            "edition": "2023",
        },
    )
    op_mod_lvrt_must_trip_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModLVRTMustTrip",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_va_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVAAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_va_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVAInject",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_var_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVarAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_var_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVarInject",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_w_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctWAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_var_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimVarAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_var_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimVarInject",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimW",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimWAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimWInject",
            "edition": "2023",
        },
    )
    op_mod_target_v_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModTargetV",
            "edition": "2023",
        },
    )
    op_mod_target_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModTargetVar",
            "edition": "2023",
        },
    )
    op_mod_target_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModTargetW",
            "edition": "2023",
        },
    )
    op_mod_volt_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModVoltVar",
            "edition": "2023",
        },
    )
    op_mod_volt_watt_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModVoltWatt",
            "edition": "2023",
        },
    )
    op_mod_watt_pf_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModWattPF",
            "edition": "2023",
        },
    )
    op_mod_watt_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModWattVar",
            "edition": "2023",
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
class DERComponent(DERComponentBase):
    """
    A part of a DER, such as one of several inverters behind one controller.

    Attributes:
        lfdi: Long form device identifier of the part.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"
    lfdi: bytes = field(
        metadata={
            "name": "lFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
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


@fold_beside
@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERControlBase(ComplexType):
    """
    The operating modes a DERControl or DefaultDERControl asks for.

    Only the modes present are commanded; the others are left to lower-priority controls. Written by the server.

    Attributes:
        op_mod_connect: true: connect to the grid; false: disconnect, with galvanic isolation.
        op_mod_delta_var: Change of reactive power from what it is at present, in var.
        op_mod_delta_w: Change of active power from what it is at present, in watts.
        op_mod_energize: true: the DER may exchange power with the grid; false: it ceases to, without having to
            open its switch.
        op_mod_fixed_pf_absorb_w: Power factor to hold while the DER takes in active power.
        op_mod_fixed_pf_inject_w: Power factor to hold while the DER puts out active power.
        op_mod_fixed_v: Voltage to hold, in hundredths of a percent of setVRef.
        op_mod_fixed_var: Reactive power to hold, as a percentage of the quantity its refType names.
        op_mod_fixed_w: Charge or discharge setpoint in hundredths of a percent, not watts: negative charges (of
            setMaxChargeRateW), positive delivers (of setMaxW or setMaxDischargeRateW).
        op_mod_freq_droop: Frequency-watt response given by droop parameters instead of a curve.
        op_mod_freq_watt: Frequency-watt by curve: active power follows the measured frequency. Link to its
            curve.
        op_mod_grid_connect_permit: true: the DER may connect to the grid; false: it has to stay off it.
        op_mod_hfrt_may_trip: High frequency ride-through: the region in which the DER is free to trip or stay
            on. Link to its curve.
        op_mod_hfrt_must_trip: High frequency ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_hvrt_may_trip: High voltage ride-through: the region in which the DER is free to trip or stay on.
            Link to its curve.
        op_mod_hvrt_momentary_cessation: High voltage ride-through: the region in which the DER stops output but
            stays ready to resume at once. Link to its curve.
        op_mod_hvrt_must_trip: High voltage ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_island_permit: true: the DER may go on as an island when the grid is lost; false: it may not.
        op_mod_lfrt_may_trip: Low frequency ride-through: the region in which the DER is free to trip or stay on.
            Link to its curve.
        op_mod_lfrt_must_trip: Low frequency ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_lvrt_may_trip: Low voltage ride-through: the region in which the DER is free to trip or stay on.
            Link to its curve.
        op_mod_lvrt_momentary_cessation: Low voltage ride-through: the region in which the DER stops output but
            stays ready to resume at once. Link to its curve.
        op_mod_lvrt_must_trip: Low voltage ride-through: the region in which the DER has to trip. Link to its
            curve.
        op_mod_max_lim_pct_va_absorb: Upper limit of the apparent power taken in, in hundredths of a percent of
            the rating that is set for it.
        op_mod_max_lim_pct_va_inject: Upper limit of the apparent power put out, in hundredths of a percent of
            the rating that is set for it.
        op_mod_max_lim_pct_var_absorb: Upper limit of the reactive power taken in, in percent of the quantity
            that its refType names.
        op_mod_max_lim_pct_var_inject: Upper limit of the reactive power put out, in percent of the quantity that
            its refType names.
        op_mod_max_lim_pct_w_absorb: Upper limit of the active power taken in, in hundredths of a percent of the
            rating that is set for it.
        op_mod_max_lim_var_absorb: Upper limit of the reactive power taken in, in var.
        op_mod_max_lim_var_inject: Upper limit of the reactive power put out, in var.
        op_mod_max_lim_w: Upper limit of active power output in hundredths of a percent of setMaxW (0..10000),
            not watts.
        op_mod_max_lim_w_absorb: Upper limit of the active power taken in, in watts.
        op_mod_max_lim_w_inject: Upper limit of the active power put out, in watts.
        op_mod_target_v: Voltage to aim for, in volts.
        op_mod_target_var: Reactive power to aim for, in var.
        op_mod_target_w: Active power to aim for, in watts.
        op_mod_volt_var: Volt-var: reactive power follows the measured voltage. Link to its curve.
        op_mod_volt_watt: Volt-watt: active power is limited according to the measured voltage. Link to its
            curve.
        op_mod_watt_pf: Watt-PF: power factor follows the active power output. Link to its curve.
        op_mod_watt_var: Watt-var: reactive power follows the active power output. Link to its curve.
        ramp_tms: Time in which to move from the present setting to this one. Without it the device ramps at
            setGradW. Unit: 0.01 s.
        op_mod_imp_lim_w: Upper limit of the active power that the site may import at its connection point.
        op_mod_exp_lim_w: Upper limit of the active power that the site may export at its connection point.
        op_mod_gen_lim_w: Upper limit of what the device itself may generate or discharge, whatever its site
            consumes.
        op_mod_load_lim_w: Upper limit of what the device itself may consume or charge with, whatever its site
            generates.
        op_mod_storage_target_w: Active power that all storage of the EndDevice together should reach; positive
            when discharging.
        op_mod_delta_var_bidirectional: Whether the change also holds while power flows the other way.
        op_mod_delta_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_delta_w_bidirectional: Whether the change also holds while power flows the other way.
        op_mod_delta_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_pf_absorb_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_pf_inject_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_v_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_fixed_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_va_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_va_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_var_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_var_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_pct_w_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_var_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_var_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_w_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_w_absorb_disabled: true: the mode is switched off and its value does not count.
        op_mod_max_lim_w_inject_disabled: true: the mode is switched off and its value does not count.
        op_mod_target_v_disabled: true: the mode is switched off and its value does not count.
        op_mod_target_var_disabled: true: the mode is switched off and its value does not count.
        op_mod_target_w_disabled: true: the mode is switched off and its value does not count.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    op_mod_connect: None | bool = field(
        default=None,
        metadata={
            "name": "opModConnect",
            "type": "Element",
        },
    )
    op_mod_delta_var: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "opModDeltaVar",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_delta_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModDeltaW",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_energize: None | bool = field(
        default=None,
        metadata={
            "name": "opModEnergize",
            "type": "Element",
        },
    )
    op_mod_fixed_pf_absorb_w: None | PowerFactorWithExcitation = field(
        default=None,
        metadata={
            "name": "opModFixedPFAbsorbW",
            "type": "Element",
        },
    )
    op_mod_fixed_pf_inject_w: None | PowerFactorWithExcitation = field(
        default=None,
        metadata={
            "name": "opModFixedPFInjectW",
            "type": "Element",
        },
    )
    op_mod_fixed_v: None | int = field(
        default=None,
        metadata={
            "name": "opModFixedV",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_fixed_var: None | FixedVar = field(
        default=None,
        metadata={
            "name": "opModFixedVar",
            "type": "Element",
        },
    )
    op_mod_fixed_w: None | int = field(
        default=None,
        metadata={
            "name": "opModFixedW",
            "type": "Element",
        },
    )
    op_mod_freq_droop: None | FreqDroopType = field(
        default=None,
        metadata={
            "name": "opModFreqDroop",
            "type": "Element",
        },
    )
    op_mod_freq_watt: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModFreqWatt",
            "type": "Element",
        },
    )
    op_mod_grid_connect_permit: None | bool = field(
        default=None,
        metadata={
            "name": "opModGridConnectPermit",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_hfrt_may_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModHFRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_hfrt_must_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModHFRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_hvrt_may_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModHVRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_hvrt_momentary_cessation: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModHVRTMomentaryCessation",
            "type": "Element",
        },
    )
    op_mod_hvrt_must_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModHVRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_island_permit: None | bool = field(
        default=None,
        metadata={
            "name": "opModIslandPermit",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_lfrt_may_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModLFRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_lfrt_must_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModLFRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_lvrt_may_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModLVRTMayTrip",
            "type": "Element",
        },
    )
    op_mod_lvrt_momentary_cessation: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModLVRTMomentaryCessation",
            "type": "Element",
        },
    )
    op_mod_lvrt_must_trip: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModLVRTMustTrip",
            "type": "Element",
        },
    )
    op_mod_max_lim_pct_va_absorb: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVAAbsorb",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_va_inject: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVAInject",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_var_absorb: None | UnsignedFixedVar = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVarAbsorb",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_var_inject: None | UnsignedFixedVar = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctVarInject",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_w_absorb: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimPctWAbsorb",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_var_absorb: None | UnsignedReactivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimVarAbsorb",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_var_inject: None | UnsignedReactivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimVarInject",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w: None | int = field(
        default=None,
        metadata={
            "name": "opModMaxLimW",
            "type": "Element",
        },
    )
    op_mod_max_lim_w_absorb: None | UnsignedActivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimWAbsorb",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_inject: None | UnsignedActivePower = field(
        default=None,
        metadata={
            "name": "opModMaxLimWInject",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_target_v: None | VoltageRMS = field(
        default=None,
        metadata={
            "name": "opModTargetV",
            "type": "Element",
            "edition": "2023",
        },
    )
    op_mod_target_var: None | ReactivePower = field(
        default=None,
        metadata={
            "name": "opModTargetVar",
            "type": "Element",
        },
    )
    op_mod_target_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModTargetW",
            "type": "Element",
        },
    )
    op_mod_volt_var: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModVoltVar",
            "type": "Element",
        },
    )
    op_mod_volt_watt: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModVoltWatt",
            "type": "Element",
        },
    )
    op_mod_watt_pf: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModWattPF",
            "type": "Element",
        },
    )
    op_mod_watt_var: None | DERCurveLink = field(
        default=None,
        metadata={
            "name": "opModWattVar",
            "type": "Element",
        },
    )
    ramp_tms: None | int = field(
        default=None,
        metadata={
            "name": "rampTms",
            "type": "Element",
        },
    )
    op_mod_imp_lim_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModImpLimW",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    op_mod_exp_lim_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModExpLimW",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    op_mod_gen_lim_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModGenLimW",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    op_mod_load_lim_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModLoadLimW",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    op_mod_storage_target_w: None | ActivePower = field(
        default=None,
        metadata={
            "name": "opModStorageTargetW",
            "type": "Element",
            "namespace": "https://csipaus.org/ns/v1.3",
        },
    )
    op_mod_delta_var_bidirectional: None | DeltaBidirectionalType = field(
        default=None,
        metadata={
            "name": "bidirectional",
            "type": "Ignore",
            "of": "opModDeltaVar",
            "edition": "2023",
        },
    )
    op_mod_delta_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModDeltaVar",
            "edition": "2023",
        },
    )
    op_mod_delta_w_bidirectional: None | DeltaBidirectionalType = field(
        default=None,
        metadata={
            "name": "bidirectional",
            "type": "Ignore",
            "of": "opModDeltaW",
            "edition": "2023",
        },
    )
    op_mod_delta_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModDeltaW",
            "edition": "2023",
        },
    )
    op_mod_fixed_pf_absorb_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedPFAbsorbW",
            "edition": "2023",
        },
    )
    op_mod_fixed_pf_inject_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedPFInjectW",
            "edition": "2023",
        },
    )
    op_mod_fixed_v_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedV",
            "edition": "2023",
        },
    )
    op_mod_fixed_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedVar",
            "edition": "2023",
        },
    )
    op_mod_fixed_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModFixedW",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_va_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVAAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_va_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVAInject",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_var_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVarAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_var_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctVarInject",
            "edition": "2023",
        },
    )
    op_mod_max_lim_pct_w_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimPctWAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_var_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimVarAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_var_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimVarInject",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimW",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_absorb_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimWAbsorb",
            "edition": "2023",
        },
    )
    op_mod_max_lim_w_inject_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModMaxLimWInject",
            "edition": "2023",
        },
    )
    op_mod_target_v_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModTargetV",
            "edition": "2023",
        },
    )
    op_mod_target_var_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModTargetVar",
            "edition": "2023",
        },
    )
    op_mod_target_w_disabled: None | bool = field(
        default=None,
        metadata={
            "name": "disabled",
            "type": "Ignore",
            "of": "opModTargetW",
            "edition": "2023",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class DERCurveList(List):
    """
    List of the DERCurves of a program.

    Attributes:
        der_curve: A DERCurve in this list.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> DERCurve: ...

    der_curve: list[DERCurve] = field(
        default_factory=list,
        metadata={
            "name": "DERCurve",
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
class DERList(List):
    """
    List of the DERs of an EndDevice.

    Many servers offer a fixed list and refuse a POST.

    Attributes:
        der: A DER in this list.
        poll_rate: How often clients should poll this list. 900 if absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> DER: ...

    der: list[DER] = field(
        default_factory=list,
        metadata={
            "name": "DER",
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
class DERProgramList(SubscribableList):
    """
    List of DERPrograms, in order of primacy.

    Attributes:
        der_program: A DERProgram in this list.
        poll_rate: How often clients should poll this list. 900 if absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> DERProgram: ...

    der_program: list[DERProgram] = field(
        default_factory=list,
        metadata={
            "name": "DERProgram",
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
class DERStatus(SubscribableResource):
    """
    What the DER is doing now: connection, operating state, charge, alarms.

    Written by the client whenever it changes and at the interval the server expects.

    Attributes:
        alarm_status: Bitmap of the alarms that are present; a bit is cleared when its alarm ends.
        connect_status: Whether the DER is connected and energized; takes the place of genConnectStatus and
            storConnectStatus.
        gen_connect_status: Connection of the generator.
        inverter_status: State of the inverter.
        local_control_mode_status: Whether the DER is under local or remote control.
        manufacturer_status: State in the words of the manufacturer.
        operational_mode_status: Whether the DER is off, operating or under test.
        reading_time: When the status was taken.
        state_of_charge_status: State of charge of the storage.
        storage_mode_status: Whether the storage charges, discharges or holds.
        stor_connect_status: Connection of the storage.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    alarm_status: None | AlarmStatus = field(
        default=None,
        metadata={
            "name": "alarmStatus",
            "type": "Element",
            "format": "base16",
        },
    )
    connect_status: None | ConnectStatusType2 = field(
        default=None,
        metadata={
            "name": "connectStatus",
            "type": "Element",
            "edition": "2023",
        },
    )
    gen_connect_status: None | ConnectStatusType = field(
        default=None,
        metadata={
            "name": "genConnectStatus",
            "type": "Element",
        },
    )
    inverter_status: None | InverterStatusType = field(
        default=None,
        metadata={
            "name": "inverterStatus",
            "type": "Element",
        },
    )
    local_control_mode_status: None | LocalControlModeStatusType = field(
        default=None,
        metadata={
            "name": "localControlModeStatus",
            "type": "Element",
        },
    )
    manufacturer_status: None | ManufacturerStatusType = field(
        default=None,
        metadata={
            "name": "manufacturerStatus",
            "type": "Element",
        },
    )
    operational_mode_status: None | OperationalModeStatusType = field(
        default=None,
        metadata={
            "name": "operationalModeStatus",
            "type": "Element",
        },
    )
    reading_time: int = field(
        metadata={
            "name": "readingTime",
            "type": "Element",
        }
    )
    state_of_charge_status: None | StateOfChargeStatusType = field(
        default=None,
        metadata={
            "name": "stateOfChargeStatus",
            "type": "Element",
        },
    )
    storage_mode_status: None | StorageModeStatusType = field(
        default=None,
        metadata={
            "name": "storageModeStatus",
            "type": "Element",
        },
    )
    stor_connect_status: None | ConnectStatusType = field(
        default=None,
        metadata={
            "name": "storConnectStatus",
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
class DERComponentList(List):
    """
    The parts of a DER that are described by themselves.

    Attributes:
        der_component: A part of the DER.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _edition_ = "2023"

    if TYPE_CHECKING:

        def _holds(self) -> DERComponent: ...

    der_component: list[DERComponent] = field(
        default_factory=list,
        metadata={
            "name": "DERComponent",
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
class DERControl(RandomizableEvent):
    """
    An event that asks DERs for certain modes during an interval.

    Written by the server; the client follows it and posts Responses if asked to.

    Attributes:
        der_control_base: Operating modes to apply while the event is active.
        device_category: Bitmap of the device kinds the event is meant for. If absent, all DERs.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    der_control_base: DERControlBase = field(
        metadata={
            "name": "DERControlBase",
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
class DefaultDERControl(RespondableSubscribableIdentifiedObject):
    """
    Settings of a DERProgram that hold whenever none of its DERControls is active.

    Written by the server, read by the client.

    Attributes:
        der_control_base: Operating modes to fall back on between events.
        set_es_delay: Wait before returning to service after voltage and frequency are back in range. Unit: 0.01
            s.
        set_es_high_freq: Upper frequency bound of the window in which the DER may enter service. Unit: 0.01 Hz.
        set_es_high_volt: Upper voltage bound of the window in which the DER may enter service, relative to the
            reference voltage (setVRef, corrected by setVRefOfs). Unit: 0.01 %.
        set_es_low_freq: Lower frequency bound of the window in which the DER may enter service. Unit: 0.01 Hz.
        set_es_low_volt: Lower voltage bound of the window in which the DER may enter service, relative to the
            reference voltage (setVRef, corrected by setVRefOfs). Unit: 0.01 %.
        set_es_ramp_tms: Time over which output ramps up after entering service. Unit: 0.01 s.
        set_es_random_delay: Longest random extra wait before entering service, so that not all DERs return
            together. Unit: 0.01 s.
        set_grad_w: Normal ramp rate, in hundredths of a percent of setMaxW per second. 0 means unlimited. Unit:
            0.01 %/s.
        set_soft_grad_w: Soft-start ramp rate, in hundredths of a percent of setMaxW per second. 0 means
            unlimited. Unit: 0.01 %/s.
        updated_time: When the default last changed. Unit: s since 1970.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _gained_ = "2023 replyTo responseRequired"
    der_control_base: DERControlBase = field(
        metadata={
            "name": "DERControlBase",
            "type": "Element",
        }
    )
    set_es_delay: None | int = field(
        default=None,
        metadata={
            "name": "setESDelay",
            "type": "Element",
        },
    )
    set_es_high_freq: None | int = field(
        default=None,
        metadata={
            "name": "setESHighFreq",
            "type": "Element",
        },
    )
    set_es_high_volt: None | int = field(
        default=None,
        metadata={
            "name": "setESHighVolt",
            "type": "Element",
        },
    )
    set_es_low_freq: None | int = field(
        default=None,
        metadata={
            "name": "setESLowFreq",
            "type": "Element",
        },
    )
    set_es_low_volt: None | int = field(
        default=None,
        metadata={
            "name": "setESLowVolt",
            "type": "Element",
        },
    )
    set_es_ramp_tms: None | int = field(
        default=None,
        metadata={
            "name": "setESRampTms",
            "type": "Element",
        },
    )
    set_es_random_delay: None | int = field(
        default=None,
        metadata={
            "name": "setESRandomDelay",
            "type": "Element",
        },
    )
    set_grad_w: None | int = field(
        default=None,
        metadata={
            "name": "setGradW",
            "type": "Element",
        },
    )
    set_soft_grad_w: None | int = field(
        default=None,
        metadata={
            "name": "setSoftGradW",
            "type": "Element",
        },
    )
    updated_time: None | int = field(
        default=None,
        metadata={
            "name": "updatedTime",
            "type": "Element",
            "edition": "2023",
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
class DERControlList(SubscribableList):
    """
    List of DERControls of a program, in order of start time.

    Attributes:
        der_control: A DERControl in this list.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> DERControl: ...

    der_control: list[DERControl] = field(
        default_factory=list,
        metadata={
            "name": "DERControl",
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
