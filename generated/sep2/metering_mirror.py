"""Metering mirror: lets a device that cannot act as a server post its meter readings to one, which then shows them as an
ordinary UsagePoint. IEEE 2030.5-2018, section 10.11.3.

Generated from schema/sep/metering_mirror.xsd by codegen.py; changes here are lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sep2.links import UsagePointLink
from sep2.metering import (
    MeterReadingBase,
    Reading,
    ReadingSetBase,
    ReadingType,
    UsagePointBase,
)
from sep2.resource import (
    List,
    SubscribableList,
)
from sep2.types import SubscribableType


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MirrorReadingSet(ReadingSetBase):
    """
    Readings that belong together in one time period, for instance the intervals of a day.

    Written by the client.

    Attributes:
        reading: A reading of this set.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    reading: list[Reading] = field(
        default_factory=list,
        metadata={
            "name": "Reading",
            "type": "Element",
        },
    )


@dataclass(repr=False, eq=False, slots=True, kw_only=True)
class MirrorMeterReading(MeterReadingBase):
    """
    Readings of one quantity, POSTed by the client to its MirrorUsagePoint.

    The same mRID in later posts adds to the same meter reading.

    Attributes:
        last_update_time: When the client last updated these readings.
        mirror_reading_set: A set of interval readings.
        next_update_time: When the client expects to update these readings next.
        reading: A single reading, such as the present value.
        reading_type: What is measured: quantity, unit, direction and scale. Needed with the first post of an
            mRID.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    last_update_time: None | int = field(
        default=None,
        metadata={
            "name": "lastUpdateTime",
            "type": "Element",
        },
    )
    mirror_reading_set: list[MirrorReadingSet] = field(
        default_factory=list,
        metadata={
            "name": "MirrorReadingSet",
            "type": "Element",
        },
    )
    next_update_time: None | int = field(
        default=None,
        metadata={
            "name": "nextUpdateTime",
            "type": "Element",
        },
    )
    reading: None | Reading = field(
        default=None,
        metadata={
            "name": "Reading",
            "type": "Element",
        },
    )
    reading_type: None | ReadingType = field(
        default=None,
        metadata={
            "name": "ReadingType",
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
class MirrorMeterReadingList(List):
    """
    Several MirrorMeterReadings in one POST.

    If the server responds with 413, send fewer at a time.

    Attributes:
        mirror_meter_reading: A MirrorMeterReading in this list.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    if TYPE_CHECKING:

        def _holds(self) -> MirrorMeterReading: ...

    mirror_meter_reading: list[MirrorMeterReading] = field(
        default_factory=list,
        metadata={
            "name": "MirrorMeterReading",
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
class MirrorUsagePoint(UsagePointBase):
    """
    A measuring point the client wants mirrored.

    POST gives 201 if the mRID is new, 204 if it replaced one, each with Location; readings are POSTed there. A 404
    later means it has expired.

    Attributes:
        device_lfdi: LFDI of the device whose readings are mirrored; not necessarily that of the client that
            posts.
        mirror_meter_reading: Meter readings that come with the usage point, at least their ReadingTypes.
        post_rate: How often the server wants readings posted. Unit: s.
        usage_point_link: Link to the usage point that the server keeps of what is mirrored.
        subscribable: Whether the resource can be subscribed to.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    device_lfdi: bytes = field(
        metadata={
            "name": "deviceLFDI",
            "type": "Element",
            "max_length": 20,
            "format": "base16",
        }
    )
    mirror_meter_reading: list[MirrorMeterReading] = field(
        default_factory=list,
        metadata={
            "name": "MirrorMeterReading",
            "type": "Element",
        },
    )
    post_rate: None | int = field(
        default=None,
        metadata={
            "name": "postRate",
            "type": "Element",
        },
    )
    usage_point_link: None | UsagePointLink = field(
        default=None,
        metadata={
            "name": "UsagePointLink",
            "type": "Element",
            "edition": "2023",
        },
    )
    subscribable: SubscribableType = field(
        default=SubscribableType.NOT_SUBSCRIBABLE,
        metadata={
            "type": "Attribute",
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
class MirrorUsagePointList(SubscribableList):
    """
    List of MirrorUsagePoints; the client POSTs new ones to it.

    Attributes:
        mirror_usage_point: A MirrorUsagePoint in this list.
        poll_rate: How often clients should poll this list. 900 if absent. Unit: s.
        schema_ver: Version of the schema that the document follows, on the root element alone.
    """

    class Meta:
        namespace = "urn:ieee:std:2030.5:ns"

    _gained_ = "2023 subscribable"

    if TYPE_CHECKING:

        def _holds(self) -> MirrorUsagePoint: ...

    mirror_usage_point: list[MirrorUsagePoint] = field(
        default_factory=list,
        metadata={
            "name": "MirrorUsagePoint",
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
