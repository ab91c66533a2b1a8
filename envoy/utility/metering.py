"""The metering mirror: MirrorUsagePoints and the readings posted to them (IEEE 2030.5-2018, 10.11.3).

Readings are kept just as they were posted, one resource for each MirrorMeterReading below the ``mr`` of its
MirrorUsagePoint, so that a test can look at what has arrived. A real server would merge them into a UsagePoint. One
whose MirrorReadingSets have the mRIDs of an earlier one replaces that, so what is posted twice is there once.

Beside the readings there are two resources that no path leads to: ``rt/MRID`` says that the ReadingType of an mRID is
known, and ``used`` when something was last posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envoy.utility.call import Call, RefusedError, Reply, not_found, too_large
from envoy.utility.resources import read_page
from sep2 import (
    MirrorMeterReading,
    MirrorMeterReadingList,
    MirrorUsagePoint,
    MirrorUsagePointList,
    Time,
    TimeQuality,
)

_MIRRORS = "/mup"
_NO_CLOCK = TimeQuality.INTENTIONALLY_UNCOORDINATED


def list_mirrors(call: Call) -> Reply:
    """Answer with a page of the client's MirrorUsagePoints."""
    _expire(call)
    return read_page(call, MirrorUsagePointList, "mirror_usage_point", _present_mirror)


def create_or_replace_mirror(call: Call) -> Reply:
    """Take a MirrorUsagePoint: 201 if its mRID is new to this client, 204 if it replaces one."""
    _expire(call)
    mirror: MirrorUsagePoint = call.body
    _check_amount(call, mirror.mirror_meter_reading)
    mirror.href = None
    key = f"{call.owner.hex()}/{mirror.mrid.hex()}"
    found = call.store.find(_MIRRORS, key)
    if found is None:
        path = call.store.add(call.owner, _MIRRORS, mirror, key=key)
    else:
        path = found[0]
        call.store.put(call.owner, path, mirror)
    for reading in mirror.mirror_meter_reading:
        if reading.reading_type is not None:
            _explain(call, path, reading)
    _use(call, path)
    return Reply(201 if found is None else 204, location=path)


def read_mirror(call: Call) -> Reply:
    """Answer with a MirrorUsagePoint; 404 if it has expired."""
    _expire(call)
    mirror: MirrorUsagePoint | None = call.store.get(call.owner, call.path)
    if mirror is None:
        raise not_found()
    _present_mirror(call, call.path, mirror)
    return Reply(200, mirror)


def create_readings(call: Call) -> Reply:
    """Take a MirrorMeterReading or a list of them for a MirrorUsagePoint; 404 if it has expired."""
    _expire(call)
    if not call.store.exists(call.owner, call.path):
        raise not_found()
    several = isinstance(call.body, MirrorMeterReadingList)
    readings: list[MirrorMeterReading] = call.body.mirror_meter_reading if several else [call.body]
    _check_amount(call, readings)
    locations = [_add_reading(call, reading) for reading in readings]
    _use(call, call.path)
    return Reply(201, location=f"{call.path}/mr" if several else locations[0])


def list_readings(call: Call) -> Reply:
    """Answer with a page of the MirrorMeterReadings posted to a MirrorUsagePoint, in the order they came."""
    if not call.store.exists(call.owner, call.parent):
        raise not_found()
    return read_page(call, MirrorMeterReadingList, "mirror_meter_reading", _present)


def _present(call: Call, path: str, item: Any) -> None:
    item.href = path


def _present_mirror(call: Call, path: str, mirror: MirrorUsagePoint) -> None:
    mirror.href = path
    if call.settings.post_rate is not None:
        mirror.post_rate = call.settings.post_rate


def _expire(call: Call) -> None:
    """Remove the client's MirrorUsagePoints that nothing was posted to for too long."""
    lifetime = call.settings.mirror_lifetime
    if lifetime is None:
        return
    for path, _ in call.store.page(call.owner, _MIRRORS, 0, call.store.count(call.owner, _MIRRORS)):
        used: Time | None = call.store.get(call.owner, f"{path}/used")
        if used is None or used.current_time is None or used.current_time + lifetime <= call.now:
            call.store.delete(call.owner, path)


def _use(call: Call, path: str) -> None:
    now = Time(current_time=call.now, dst_end_time=0, dst_offset=0, dst_start_time=0, quality=_NO_CLOCK, tz_offset=0)
    call.store.put(call.owner, f"{path}/used", now)


def _explain(call: Call, path: str, reading: MirrorMeterReading) -> None:
    call.store.put(call.owner, f"{path}/rt/{reading.mrid.hex()}", reading.reading_type)


def _check_amount(call: Call, readings: Sequence[MirrorMeterReading]) -> None:
    amount = sum(
        (reading.reading is not None) + sum(len(each.reading) for each in reading.mirror_reading_set)
        for reading in readings
    )
    if amount > call.settings.max_readings:
        raise too_large(f"{amount} readings, at most {call.settings.max_readings} are taken at a time")


def _add_reading(call: Call, reading: MirrorMeterReading) -> str:
    if reading.reading_type is not None:
        _explain(call, call.path, reading)
    elif not call.store.exists(call.owner, f"{call.path}/rt/{reading.mrid.hex()}"):
        raise RefusedError(
            400, f"the first MirrorMeterReading with mRID {reading.mrid.hex().upper()} has no ReadingType"
        )
    reading.href = None
    collection = f"{call.path}/mr"
    sets = [each.mrid.hex() for each in reading.mirror_reading_set]
    key = " ".join([reading.mrid.hex(), *sets]) if sets else None
    found = call.store.find(collection, key) if key else None
    if found is None:
        return call.store.add(call.owner, collection, reading, key=key)
    call.store.put(call.owner, found[0], reading)
    return found[0]
