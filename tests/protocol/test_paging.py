"""Items of a list are told apart by their href, or by all they say where a server gives none."""

from __future__ import annotations

import pytest

from envoy import dumps
from envoy.profiles import get_profile
from envoy.protocol.flow import Response
from envoy.protocol.paging import Pages
from envoy.protocol.session import Session
from sep2 import (
    DateTimeInterval,
    MirrorMeterReading,
    MirrorReadingSet,
    MirrorUsagePoint,
    MirrorUsagePointList,
    Reading,
    RoleFlagsType,
    ServiceKind,
    UsagePointStatus,
)


def mirror(last: int) -> MirrorUsagePoint:
    """A mirror without an href whose difference from another is too deep for a repr to show."""
    readings = [Reading(value=value) for value in (1, 2, 3, 4, last)]
    interval = DateTimeInterval(duration=300, start=0)
    return MirrorUsagePoint(
        mrid=bytes(16),
        role_flags=RoleFlagsType.IS_MIRROR,
        service_category_kind=ServiceKind.ELECTRICITY,
        status=UsagePointStatus.ON,
        device_lfdi=bytes(20),
        mirror_meter_reading=[
            MirrorMeterReading(
                mrid=bytes(16),
                mirror_reading_set=[MirrorReadingSet(mrid=bytes(16), time_period=interval, reading=readings)],
            )
        ],
    )


def test_items_without_an_href_that_differ_deep_inside_are_both_read() -> None:
    wanted = [mirror(5), mirror(6)]
    assert repr(wanted[0]) == repr(wanted[1])
    body = dumps(MirrorUsagePointList(all=2, results=2, mirror_usage_point=wanted))
    conversation = Session(get_profile())
    flow = Pages(conversation, "test", "/mup", MirrorUsagePointList).next()
    next(flow)
    with pytest.raises(StopIteration) as end:
        flow.send(Response(200, content=body))
    assert end.value.value == wanted
