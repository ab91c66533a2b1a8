"""Simple types: integers, strings and hex strings of bounded size, times, percentages, identifiers and code lists that all
function sets share.

Generated from schema/sep/types.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from envoy.bindings.enums import Bitmap, Code


class AccumulationBehaviourType(Code):
    """How successive readings of a meter relate to each other: running total, change since last time, or a value of
    the moment."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    CUMULATIVE = 3
    """Total that carries on across billing or interval boundaries."""
    DELTA_DATA = 4
    """Change between the start and the end of the interval."""
    INDICATING = 6
    """Value that may rise and fall, like the needle of an instrument."""
    SUMMATION = 9
    """Running total since the register was started."""
    INSTANTANEOUS = 12
    """Sample taken at one moment."""
    BULK_QUANTITY = 1
    """A quantity since the meter was installed."""


class ApplianceLoadReductionType(Code):
    """The way a smart appliance is asked to shed load in a demand response event."""

    DELAY_APPLIANCE_LOAD = 0
    """Put off the start of the appliance's cycle."""
    TEMPORARY_APPLIANCE_LOAD_REDUCTION = 1
    """Cut the load for a short while, the cycle goes on afterwards."""


class CommodityType(Code):
    """What is being measured or sold: electricity, gas, water and so on."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    ELECTRICITY_SECONDARY_METERED = 1
    """Electricity measured on the secondary (low voltage) side of the transformer."""
    ELECTRICITY_PRIMARY_METERED = 2
    """Electricity measured on the primary (high voltage) side of the transformer."""
    AIR = 4
    """Air."""
    NATURAL_GAS = 7
    """Natural gas."""
    PROPANE = 8
    """Propane."""
    POTABLE_WATER = 9
    """Drinking water."""
    STEAM = 10
    """Steam."""
    WASTE_WATER = 11
    """Waste water."""
    HEATING_FLUID = 12
    """Fluid that carries heat to the premises."""
    COOLING_FLUID = 13
    """Fluid that carries heat away from the premises."""


class ConsumptionBlockType(Code):
    """Which consumption block of a tiered tariff a price or reading belongs to."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    BLOCK_1 = 1
    """Consumption block 1."""
    BLOCK_2 = 2
    """Consumption block 2."""
    BLOCK_3 = 3
    """Consumption block 3."""
    BLOCK_4 = 4
    """Consumption block 4."""
    BLOCK_5 = 5
    """Consumption block 5."""
    BLOCK_6 = 6
    """Consumption block 6."""
    BLOCK_7 = 7
    """Consumption block 7."""
    BLOCK_8 = 8
    """Consumption block 8."""
    BLOCK_9 = 9
    """Consumption block 9."""
    BLOCK_10 = 10
    """Consumption block 10."""
    BLOCK_11 = 11
    """Consumption block 11."""
    BLOCK_12 = 12
    """Consumption block 12."""
    BLOCK_13 = 13
    """Consumption block 13."""
    BLOCK_14 = 14
    """Consumption block 14."""
    BLOCK_15 = 15
    """Consumption block 15."""
    BLOCK_16 = 16
    """Consumption block 16."""


class CurrencyCode(Code):
    """Currency as the numeric code of ISO 4217. Other ISO codes than the ones named here may occur."""

    NOT_APPLICABLE = 0
    """No currency stated; assumed when the element is absent."""
    AUSTRALIAN_DOLLAR = 36
    """Australian dollar, AUD."""
    CANADIAN_DOLLAR = 124
    """Canadian dollar, CAD."""
    US_DOLLAR = 840
    """United States dollar, USD."""
    EURO = 978
    """Euro, EUR."""


class DataQualifierType(Code):
    """What statistic a reading is: average, extreme, spread or a plain value."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    AVERAGE = 2
    """Mean over the interval."""
    MAXIMUM = 8
    """Largest value in the interval."""
    MINIMUM = 9
    """Smallest value in the interval."""
    NORMAL = 12
    """Plain value, no statistic applied."""
    STANDARD_DEVIATION_POPULATION = 29
    """Standard deviation computed over the whole population."""
    STANDARD_DEVIATION_SAMPLE = 30
    """Standard deviation estimated from a sample."""


class DeviceCategoryType(Bitmap, octets=4):
    """Bitmap of what kinds of equipment a device is or stands for. Several bits may be set; demand response uses it
    to choose which devices an event is for."""

    PROGRAMMABLE_COMMUNICATING_THERMOSTAT = 1 << 0
    """Thermostat that can be programmed and talks to the network."""
    STRIP_HEATERS = 1 << 1
    """Strip heaters."""
    BASEBOARD_HEATERS = 1 << 2
    """Baseboard heaters."""
    WATER_HEATER = 1 << 3
    """Water heater."""
    POOL_PUMP = 1 << 4
    """Pool pump."""
    SAUNA = 1 << 5
    """Sauna."""
    HOT_TUB = 1 << 6
    """Hot tub."""
    SMART_APPLIANCE = 1 << 7
    """Smart appliance."""
    IRRIGATION_PUMP = 1 << 8
    """Irrigation pump."""
    MANAGED_COMMERCIAL_AND_INDUSTRIAL_LOADS = 1 << 9
    """Commercial or industrial loads under management."""
    SIMPLE_MISC_LOADS = 1 << 10
    """Simple residential loads that are only switched on and off."""
    EXTERIOR_LIGHTING = 1 << 11
    """Outdoor lighting."""
    INTERIOR_LIGHTING = 1 << 12
    """Indoor lighting."""
    LOAD_CONTROL_SWITCH = 1 << 13
    """Switch that controls a load."""
    ENERGY_MANAGEMENT_SYSTEM = 1 << 14
    """Energy management system."""
    SMART_ENERGY_MODULE = 1 << 15
    """Communication module that makes another device a smart energy device."""
    ELECTRIC_VEHICLE = 1 << 16
    """Electric vehicle."""
    EVSE = 1 << 17
    """Charging station for electric vehicles."""
    VIRTUAL_OR_MIXED_DER = 1 << 18
    """Group of DER seen as one, or DER of mixed kinds."""
    RECIPROCATING_ENGINE = 1 << 19
    """Generator driven by a piston engine."""
    FUEL_CELL = 1 << 20
    """Fuel cell."""
    PHOTOVOLTAIC_SYSTEM = 1 << 21
    """Solar photovoltaic system."""
    COMBINED_HEAT_AND_POWER = 1 << 22
    """Plant that delivers both heat and power."""
    COMBINED_PV_AND_STORAGE = 1 << 23
    """Photovoltaic system together with storage."""
    OTHER_GENERATION_SYSTEM = 1 << 24
    """Generation of another kind."""
    OTHER_STORAGE_SYSTEM = 1 << 25
    """Storage of another kind."""
    MICROGRID_CONTROLLER = 1 << 26
    """Controller of a microgrid."""


class FlowDirectionType(Code):
    """Direction of flow at a meter, as seen from the customer."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    FORWARD = 1
    """Delivered to the customer (import)."""
    REVERSE = 19
    """Received from the customer (export)."""
    LAGGING = 2
    """Current lags the voltage."""
    LEADING = 3
    """Current leads the voltage."""
    NET = 4
    """Forward less reverse."""
    TOTAL = 20
    """Forward and reverse together."""
    TOTAL_BY_PHASE = 21
    """The same, phase by phase."""


class KindType(Code):
    """What sort of quantity a reading is."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    CURRENCY = 3
    """Amount of money."""
    DEMAND = 8
    """Demand, that is power averaged over a demand period."""
    ENERGY = 12
    """Energy."""
    POWER = 37
    """Power."""


class PhaseCode(Code):
    """The phase or pair of phases a reading was taken on. N stands for neutral; S1 and S2 are the legs of a split
    phase."""

    NOT_APPLICABLE = 0
    """No phase stated; assumed when the element is absent."""
    PHASE_C = 32
    """Phase C, or leg S2."""
    PHASE_CN = 33
    """Phase C to neutral, or leg S2 to neutral."""
    PHASE_CA = 40
    """Phase C to phase A."""
    PHASE_B = 64
    """Phase B."""
    PHASE_BN = 65
    """Phase B to neutral."""
    PHASE_BC = 66
    """Phase B to phase C."""
    PHASE_A = 128
    """Phase A, or leg S1."""
    PHASE_AN = 129
    """Phase A to neutral, or leg S1 to neutral."""
    PHASE_AB = 132
    """Phase A to phase B."""
    PHASE_ABC = 224
    """All three phases together."""


class PowerOfTenMultiplierType(Code):
    """Exponent of ten that scales a value: real value = value x 10^multiplier. Any whole number from -9 to 9 may
    occur, not only the named ones."""

    NANO = -9
    """Times 10^-9."""
    MICRO = -6
    """Times 10^-6."""
    MILLI = -3
    """Times 10^-3."""
    NONE = 0
    """Unscaled; assumed when the element is absent."""
    DECA = 1
    """Times 10."""
    HECTO = 2
    """Times 100."""
    KILO = 3
    """Times 1000."""
    MEGA = 6
    """Times 10^6."""
    GIGA = 9
    """Times 10^9."""


class PrimacyType(Code):
    """Rank of the authority behind a program. The lower number wins when events from different programs clash.
    Values that are not named may be used too."""

    IN_HOME_ENERGY_MANAGEMENT_SYSTEM = 0
    """Energy management system on the premises, the highest rank."""
    CONTRACTED_PREMISES_SERVICE_PROVIDER = 1
    """Service provider that has a contract for the premises."""
    NON_CONTRACTUAL_SERVICE_PROVIDER = 2
    """Service provider that has no contract for the premises."""


class RoleFlagsType(Bitmap, octets=2):
    """Bitmap that says what part a usage point plays on the premises."""

    IS_MIRROR = 1 << 0
    """Data come from another device that posted them here."""
    IS_PREMISES_AGGREGATION_POINT = 1 << 1
    """Measures the whole premises, usually the grid connection."""
    IS_PEV = 1 << 2
    """Belongs to a plug-in electric vehicle."""
    IS_DER = 1 << 3
    """Belongs to a distributed energy resource."""
    IS_REVENUE_QUALITY = 1 << 4
    """Accurate enough, and certified, for billing."""
    IS_DC = 1 << 5
    """Measures direct current."""
    IS_SUBMETER = 1 << 6
    """Measures part of the premises only."""


class ServiceKind(Code):
    """The utility service that a usage point or tariff is about."""

    ELECTRICITY = 0
    """Electricity."""
    GAS = 1
    """Gas."""
    WATER = 2
    """Water."""
    TIME = 3
    """Time."""
    PRESSURE = 4
    """Pressure."""
    HEAT = 5
    """Heat."""
    COOLING = 6
    """Cooling."""


class SubscribableType(Code):
    """Whether, and how, a client may subscribe to a resource. A conditional subscription notifies only when a value
    leaves the given thresholds."""

    NOT_SUBSCRIBABLE = 0
    """No subscriptions; poll instead."""
    NON_CONDITIONAL = 1
    """Only subscriptions without thresholds."""
    CONDITIONAL = 2
    """Only subscriptions with thresholds."""
    CONDITIONAL_AND_NON_CONDITIONAL = 3
    """Both kinds."""


class TOUType(Code):
    """Time-of-use tier a price or reading belongs to."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    TOU_A = 1
    """Time-of-use tier A."""
    TOU_B = 2
    """Time-of-use tier B."""
    TOU_C = 3
    """Time-of-use tier C."""
    TOU_D = 4
    """Time-of-use tier D."""
    TOU_E = 5
    """Time-of-use tier E."""
    TOU_F = 6
    """Time-of-use tier F."""
    TOU_G = 7
    """Time-of-use tier G."""
    TOU_H = 8
    """Time-of-use tier H."""
    TOU_I = 9
    """Time-of-use tier I."""
    TOU_J = 10
    """Time-of-use tier J."""
    TOU_K = 11
    """Time-of-use tier K."""
    TOU_L = 12
    """Time-of-use tier L."""
    TOU_M = 13
    """Time-of-use tier M."""
    TOU_N = 14
    """Time-of-use tier N."""
    TOU_O = 15
    """Time-of-use tier O."""


class UnitType(Code):
    """Unit used for targets in demand response and for other simple amounts. Not the same list as UomType."""

    KILOWATT_HOUR = 0
    """kWh, energy."""
    KILOWATT = 1
    """kW, power."""
    WATT = 2
    """W, power."""
    CUBIC_METER = 3
    """m3, volume."""
    CUBIC_FOOT = 4
    """ft3, volume."""
    US_GALLON = 5
    """US gallon, volume."""
    IMPERIAL_GALLON = 6
    """Imperial gallon, volume."""
    BTU = 7
    """British thermal unit, energy."""
    LITER = 8
    """l, volume."""
    KILOPASCAL_GAUGE = 9
    """kPa above the pressure of the surrounding air."""
    KILOPASCAL_ABSOLUTE = 10
    """kPa above vacuum."""
    MEGAJOULE = 11
    """MJ, energy."""
    UNITLESS = 12
    """Plain number without a unit."""


class UomType(Code):
    """Unit of measure of a reading, before its power-of-ten multiplier is applied. The numbers come from IEC
    61968-9."""

    NOT_APPLICABLE = 0
    """Not stated or has no meaning here; assumed when the element is absent."""
    AMPERE = 5
    """A, current (RMS)."""
    KELVIN = 6
    """K, absolute temperature."""
    DEGREE_CELSIUS = 23
    """degC, relative temperature."""
    VOLT = 29
    """V, voltage."""
    JOULE = 31
    """J, energy."""
    HERTZ = 33
    """Hz, frequency."""
    WATT = 38
    """W, active power."""
    CUBIC_METER = 42
    """m3, volume."""
    VOLT_AMPERE = 61
    """VA, apparent power."""
    VAR = 63
    """var, reactive power."""
    COS_THETA = 65
    """Displacement power factor, no unit."""
    VOLT_SQUARED = 67
    """V squared."""
    AMPERE_SQUARED = 69
    """A squared."""
    VOLT_AMPERE_HOUR = 71
    """VAh, apparent energy."""
    WATT_HOUR = 72
    """Wh, active energy."""
    VAR_HOUR = 73
    """varh, reactive energy."""
    AMPERE_HOUR = 106
    """Ah, charge."""
    CUBIC_FOOT = 119
    """ft3, volume."""
    CUBIC_FOOT_PER_HOUR = 122
    """ft3/h, flow."""
    CUBIC_METER_PER_HOUR = 125
    """m3/h, flow."""
    US_GALLON = 128
    """US gallon, volume."""
    US_GALLON_PER_HOUR = 129
    """US gallon per hour, flow."""
    IMPERIAL_GALLON = 130
    """Imperial gallon, volume."""
    IMPERIAL_GALLON_PER_HOUR = 131
    """Imperial gallon per hour, flow."""
    BTU = 132
    """British thermal unit, heat."""
    BTU_PER_HOUR = 133
    """British thermal unit per hour, heat flow."""
    LITER = 134
    """l, volume."""
    LITER_PER_HOUR = 137
    """l/h, flow."""
    PASCAL_GAUGE = 140
    """Pa above the pressure of the surrounding air."""
    PASCAL_ABSOLUTE = 155
    """Pa above vacuum."""
    THERM = 169
    """Therm, heat."""
