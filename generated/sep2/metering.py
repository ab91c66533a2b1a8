"""Metering: what a meter or another measuring device has counted or measured, as usage points that hold meter readings,
reading sets and single readings, with a reading type that gives them their meaning.

Generated from schema/sep/metering.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envoy.bindings.enums import Bitmap, Code

from sep2.links import (
    MeterReadingListLink,
    RateComponentListLink,
    ReadingLink,
    ReadingListLink,
    ReadingSetListLink,
    ReadingTypeLink,
)
from sep2.quantities import UnitValueType
from sep2.resource import (
    DateTimeInterval,
    IdentifiedObject,
    Resource,
    SubscribableList,
)
from sep2.types import (
    AccumulationBehaviourType,
    CommodityType,
    ConsumptionBlockType,
    DataQualifierType,
    FlowDirectionType,
    KindType,
    PhaseCode,
    PowerOfTenMultiplierType,
    RoleFlagsType,
    ServiceKind,
    SubscribableType,
    TOUType,
    UomType,
)


class ReadingQualityFlags(Bitmap, octets=2):
    """Codes of ReadingBase.quality_flags. How the value came about and how far to trust it, as a bitmap; several
    bits can be set together."""

    VALID = 1 << 0
    """Passed validation or was confirmed as correct."""
    MANUALLY_EDITED = 1 << 1
    """Entered or changed by a person."""
    ESTIMATED_USING_REFERENCE_DAY = 1 << 2
    """Estimated from a comparable day."""
    ESTIMATED_USING_LINEAR_INTERPOLATION = 1 << 3
    """Estimated by a straight line between known readings."""
    QUESTIONABLE = 1 << 4
    """Failed at least one check, treat with care."""
    DERIVED = 1 << 5
    """Calculated from other readings, not measured itself."""
    PROJECTED = 1 << 6
    """Forecast of a value still to come."""


class UsagePointStatus(Code):
    """Codes of UsagePointBase.status. Whether the usage point is in operation."""

    OFF = 0
    """Not in operation."""
    ON = 1
    """In operation."""


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MeterReadingBase(IdentifiedObject):
    """
    Common root of the containers for readings of one kind, in metering, billing and the metering mirror.

    It adds nothing beyond identity and description.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingBase(Resource):
    """
    What every reading has in common: a number, when it applies, its price tier and block, and how far it can be
    trusted.

    It is only meaningful together with its ReadingType.

    Attributes:
        consumption_block: Consumption block the reading was counted in; 0 or absent when the tariff has no
            blocks.
        quality_flags: How the value came about and how far to trust it, as a bitmap; several bits can be set
            together.
        time_period: Time the reading covers. Start and length for interval data; for an instantaneous value the
            moment it was taken.
        tou_tier: Time-of-use tier the reading was counted in; 0 or absent when the tariff has no tiers.
        value: The number itself. Multiply by 10^powerOfTenMultiplier and take the unit from uom, both in the
            ReadingType; alone it says nothing. Unit: uom of the ReadingType x 10^powerOfTenMultiplier.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    consumption_block: None | ConsumptionBlockType = field(
        default=None,
        metadata={
            "name": "consumptionBlock",
            "type": "Element",
        },
    )
    quality_flags: None | ReadingQualityFlags = field(
        default=None,
        metadata={
            "name": "qualityFlags",
            "type": "Element",
            "format": "base16",
        },
    )
    time_period: None | DateTimeInterval = field(
        default=None,
        metadata={
            "name": "timePeriod",
            "type": "Element",
        },
    )
    tou_tier: None | TOUType = field(
        default=None,
        metadata={
            "name": "touTier",
            "type": "Element",
        },
    )
    value: None | int = field(
        default=None,
        metadata={
            "type": "Element",
            "min_inclusive": -140737488355328,
            "max_inclusive": 140737488355328,
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingSetBase(IdentifiedObject):
    """
    A group of readings that belong to one stretch of time, such as a day of interval data.

    Attributes:
        time_period: Start and length of the time that the readings of this set cover together.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    time_period: DateTimeInterval = field(
        metadata={
            "name": "timePeriod",
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class ReadingType(Resource):
    """
    Explains the numbers of a meter reading: what was measured, in which unit and scale, which direction and over
    what interval.

    It seldom changes, so a client can keep it.

    Attributes:
        accumulation_behaviour: How the value behaves over time: a running total, a difference per interval, an
            instantaneous value and so on.
        calorific_value: Energy content per volume of the gas, to turn volume into energy. Gas only.
        commodity: What flows through the meter: electricity, gas, water and so on.
        conversion_factor: Factor that corrects measured gas volume for pressure and temperature. Gas only.
        data_qualifier: Whether the value is an average, a maximum, a minimum or the like.
        flow_direction: Which way the commodity flows: delivered to the customer, received from the customer, or
            net.
        interval_length: Length of one interval, for interval data and for averages or demand. Unit: s.
        kind: Kind of quantity: energy, power, demand, currency.
        max_number_of_intervals: Most intervals the server keeps for this type of reading.
        number_of_consumption_blocks: How many consumption blocks the readings are split into; 0 when there are
            none.
        number_of_tou_tiers: How many time-of-use tiers the readings are split into; 0 when there are none.
        phase: Electrical phase or phases the value belongs to.
        power_of_ten_multiplier: Power of ten that each value is multiplied with; take 0 when absent.
        sub_interval_length: Length of the shorter steps inside an interval, for demand that is averaged over a
            sliding window. Unit: s.
        supply_limit: Limit set in the meter, to be compared with the readings to see how close they are to it.
            Unit: uom x 10^powerOfTenMultiplier of this ReadingType.
        tiered_consumption_blocks: True when consumption blocks are counted separately in each time-of-use tier,
            false when one count runs across tiers.
        uom: Unit of measure of the values, before the multiplier is applied.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    accumulation_behaviour: None | AccumulationBehaviourType = field(
        default=None,
        metadata={
            "name": "accumulationBehaviour",
            "type": "Element",
        },
    )
    calorific_value: None | UnitValueType = field(
        default=None,
        metadata={
            "name": "calorificValue",
            "type": "Element",
        },
    )
    commodity: None | CommodityType = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    conversion_factor: None | UnitValueType = field(
        default=None,
        metadata={
            "name": "conversionFactor",
            "type": "Element",
        },
    )
    data_qualifier: None | DataQualifierType = field(
        default=None,
        metadata={
            "name": "dataQualifier",
            "type": "Element",
        },
    )
    flow_direction: None | FlowDirectionType = field(
        default=None,
        metadata={
            "name": "flowDirection",
            "type": "Element",
        },
    )
    interval_length: None | int = field(
        default=None,
        metadata={
            "name": "intervalLength",
            "type": "Element",
        },
    )
    kind: None | KindType = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    max_number_of_intervals: None | int = field(
        default=None,
        metadata={
            "name": "maxNumberOfIntervals",
            "type": "Element",
        },
    )
    number_of_consumption_blocks: None | int = field(
        default=None,
        metadata={
            "name": "numberOfConsumptionBlocks",
            "type": "Element",
        },
    )
    number_of_tou_tiers: None | int = field(
        default=None,
        metadata={
            "name": "numberOfTouTiers",
            "type": "Element",
        },
    )
    phase: None | PhaseCode = field(
        default=None,
        metadata={
            "type": "Element",
        },
    )
    power_of_ten_multiplier: None | PowerOfTenMultiplierType = field(
        default=None,
        metadata={
            "name": "powerOfTenMultiplier",
            "type": "Element",
        },
    )
    sub_interval_length: None | int = field(
        default=None,
        metadata={
            "name": "subIntervalLength",
            "type": "Element",
        },
    )
    supply_limit: None | int = field(
        default=None,
        metadata={
            "name": "supplyLimit",
            "type": "Element",
            "max_inclusive": 281474976710655,
        },
    )
    tiered_consumption_blocks: None | bool = field(
        default=None,
        metadata={
            "name": "tieredConsumptionBlocks",
            "type": "Element",
        },
    )
    uom: None | UomType = field(
        default=None,
        metadata={
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
class UsagePointBase(IdentifiedObject):
    """
    What a usage point has in common whether it is served directly or mirrored: its role, the service it measures
    and whether it is switched on.

    Attributes:
        role_flags: What the measured point is (premises total, submeter, DER, vehicle, ...) as a bitmap.
        service_category_kind: Service that is measured: electricity, gas, water and so on.
        status: Whether the usage point is in operation.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    role_flags: RoleFlagsType = field(
        metadata={
            "name": "roleFlags",
            "type": "Element",
            "format": "base16",
        }
    )
    service_category_kind: ServiceKind = field(
        metadata={
            "name": "serviceCategoryKind",
            "type": "Element",
        }
    )
    status: UsagePointStatus = field(
        metadata={
            "type": "Element",
        }
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MeterReading(MeterReadingBase):
    """
    All readings of one kind at a usage point, for example delivered energy.

    It links to the data and to the ReadingType that explains it.

    Attributes:
        rate_component_list_link: Rate components that price this kind of reading.
        reading_link: The current or latest single reading; this is the one to poll for a live value.
        reading_set_list_link: Sets of past readings, such as interval data.
        reading_type_link: Unit, multiplier and direction of the readings. Fetch it before using any value.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    rate_component_list_link: None | RateComponentListLink = field(
        default=None,
        metadata={
            "name": "RateComponentListLink",
            "type": "Element",
        },
    )
    reading_link: None | ReadingLink = field(
        default=None,
        metadata={
            "name": "ReadingLink",
            "type": "Element",
        },
    )
    reading_set_list_link: None | ReadingSetListLink = field(
        default=None,
        metadata={
            "name": "ReadingSetListLink",
            "type": "Element",
        },
    )
    reading_type_link: ReadingTypeLink = field(
        metadata={
            "name": "ReadingTypeLink",
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
class Reading(ReadingBase):
    """
    One value that was measured or counted.

    The server provides it; scale it with the ReadingType of its MeterReading.

    Attributes:
        local_id: Number of the reading within its set, rising with time for interval data. Not used for tier or
            block readings.
        subscribable: Whether a client may subscribe to this reading, and whether with conditions (thresholds).
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    local_id: None | bytes = field(
        default=None,
        metadata={
            "name": "localID",
            "type": "Element",
            "max_length": 2,
            "format": "base16",
        },
    )
    subscribable: SubscribableType = field(
        default=SubscribableType.NOT_SUBSCRIBABLE,
        metadata={
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
class ReadingSet(ReadingSetBase):
    """
    A group of readings over one time period, as a server publishes it.

    The readings themselves are behind a link.

    Attributes:
        reading_list_link: The readings of this set.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    reading_list_link: None | ReadingListLink = field(
        default=None,
        metadata={
            "name": "ReadingListLink",
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
class UsagePoint(UsagePointBase):
    """
    A place where a service is measured, for example the grid connection of a premises or the output of an inverter.

    Starting point for a client that looks for meter data.

    Attributes:
        device_lfdi: LFDI of the device the data comes from; says whose data it is when it was mirrored.
        meter_reading_list_link: The measured quantities of this usage point.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    device_lfdi: None | bytes = field(
        default=None,
        metadata={
            "name": "deviceLFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
        },
    )
    meter_reading_list_link: None | MeterReadingListLink = field(
        default=None,
        metadata={
            "name": "MeterReadingListLink",
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
class MeterReadingList(SubscribableList):
    """
    The meter readings of one usage point, one entry per measured quantity.

    Attributes:
        meter_reading: One kind of measured quantity with links to its readings.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> MeterReading: ...

    meter_reading: list[MeterReading] = field(
        default_factory=list,
        metadata={
            "name": "MeterReading",
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
class ReadingList(SubscribableList):
    """
    The readings of one reading set.

    Attributes:
        reading: One value of the set.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> Reading: ...

    reading: list[Reading] = field(
        default_factory=list,
        metadata={
            "name": "Reading",
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
class ReadingSetList(SubscribableList):
    """
    The reading sets of one meter reading, usually one per period.

    Attributes:
        reading_set: One group of readings with the period it covers.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> ReadingSet: ...

    reading_set: list[ReadingSet] = field(
        default_factory=list,
        metadata={
            "name": "ReadingSet",
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
class UsagePointList(SubscribableList):
    """
    The usage points this client may see on the server.

    Attributes:
        usage_point: One place of measurement.
        poll_rate: How often a client should fetch this list again when it has no subscription. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> UsagePoint: ...

    usage_point: list[UsagePoint] = field(
        default_factory=list,
        metadata={
            "name": "UsagePoint",
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
