"""The metering mirror: MirrorUsagePoints and the readings posted to them (IEEE 2030.5-2018, 10.11.3).

Readings are kept just as they were posted, one resource for each MirrorMeterReading below the ``mr`` of its
MirrorUsagePoint, so that a test can look at what has arrived. A real server would merge them into a UsagePoint.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envoy.server.calls import Call, RefusedError, Reply, not_found, too_large
from envoy.server.resources import read_page
from sep2 import MirrorMeterReading, MirrorMeterReadingList, MirrorUsagePoint, MirrorUsagePointList

_MIRRORS = "/mup"


def list_mirrors(call: Call) -> Reply:
    """Answer with a page of the client's MirrorUsagePoints."""
    return read_page(call, MirrorUsagePointList, "mirror_usage_point", _present)


def create_or_replace_mirror(call: Call) -> Reply:
    """Take a MirrorUsagePoint: 201 if its mRID is new to this client, 204 if it replaces one."""
    mirror: MirrorUsagePoint = call.body
    _check_amount(call, mirror.mirror_meter_reading)
    mirror.href = None
    key = f"{call.owner.hex()}/{mirror.mrid.hex()}"
    found = call.store.find(_MIRRORS, key)
    if found is None:
        return Reply(201, location=call.store.add(call.owner, _MIRRORS, mirror, key=key))
    path = found[0]
    call.store.put(call.owner, path, mirror)
    return Reply(204, location=path)


def create_readings(call: Call) -> Reply:
    """Take a MirrorMeterReading or a list of them for a MirrorUsagePoint."""
    mirror: MirrorUsagePoint | None = call.store.get(call.owner, call.path)
    if mirror is None:
        raise not_found()
    several = isinstance(call.body, MirrorMeterReadingList)
    readings: list[MirrorMeterReading] = call.body.mirror_meter_reading if several else [call.body]
    _check_amount(call, readings)
    for reading in readings:
        location = _add_reading(call, mirror, reading)
    return Reply(201, location=f"{call.path}/mr" if several else location)


def list_readings(call: Call) -> Reply:
    """Answer with a page of the MirrorMeterReadings posted to a MirrorUsagePoint, in the order they came."""
    if not call.store.exists(call.owner, call.parent):
        raise not_found()
    return read_page(call, MirrorMeterReadingList, "mirror_meter_reading", _present)


def _present(call: Call, path: str, item: Any) -> None:
    item.href = path


def _check_amount(call: Call, readings: Sequence[MirrorMeterReading]) -> None:
    amount = sum(
        (reading.reading is not None) + sum(len(each.reading) for each in reading.mirror_reading_set)
        for reading in readings
    )
    if amount > call.settings.max_readings:
        raise too_large(f"{amount} readings, at most {call.settings.max_readings} are taken at a time")


def _add_reading(call: Call, mirror: MirrorUsagePoint, reading: MirrorMeterReading) -> str:
    collection = f"{call.path}/mr"
    mrid = reading.mrid.hex()
    seen = call.store.find(collection, mrid) is not None
    explained = seen or any(item.mrid == reading.mrid and item.reading_type for item in mirror.mirror_meter_reading)
    if reading.reading_type is None and not explained:
        raise RefusedError(400, f"the first MirrorMeterReading with mRID {mrid.upper()} has no ReadingType")
    reading.href = None
    # Later ones have no key: it is there to tell whether the mRID has been seen.
    return call.store.add(call.owner, collection, reading, key=None if seen else mrid)
