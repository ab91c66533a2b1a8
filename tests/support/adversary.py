"""A utility for posting readings that has every fault that a seed brings about."""

from __future__ import annotations

import dataclasses
import random
import weakref
from datetime import UTC, datetime, timedelta

from envoy.documents import loads
from envoy.errors import TransportError
from envoy.metering import Sample, csip_aus_der, csip_aus_site
from envoy.profiles import get_profile
from envoy.protocol.flow import Request, Response
from envoy.utility import Settings, Utility
from sep2 import MirrorMeterReadingList, MirrorReadingSet

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
DER = csip_aus_der(LFDI, 32473)
START = datetime(2026, 1, 1, tzinfo=UTC)


def samples(first: int, end: int, channel: str = "active-power") -> list[Sample]:
    """Return samples whose value is their number."""
    return [Sample(channel, START + number * timedelta(minutes=5), number) for number in range(first, end)]


class Adversary:
    """A utility in this process, which is also what posting has to know of a client.

    Attributes:
        troubles: How many faults there are still to come, at most.
        refused: Values that it refuses with 400.
        sets: The values of the MirrorReadingSets that it took, by their mRIDs.
    """

    base = "https://adversary"
    entry: str | None = None
    validate = True

    def __init__(self, seed: int, most: int, refused: set[int], profile: str) -> None:
        self.profile = get_profile(profile)
        self.random = random.Random(seed)  # noqa: S311
        self.most = most
        self.refused = refused
        self.utility = Utility(Settings(profile, max_readings=most), now=lambda: 0)
        weakref.finalize(self, self.utility.close)
        self._send = self.utility.connect(LFDI)
        self.sets: dict[bytes, list[int]] = {}
        self.troubles = 40

    def answer(self, request: Request) -> Response:
        if self.troubles and self.random.random() < 0.4:
            self.troubles -= 1
            match self.random.randrange(5):
                case 0:
                    raise TransportError("no route", where=str(request))
                case 1:
                    self.process(request)
                    raise TransportError("lost answer", where=str(request), maybe_received=True)
                case 2:
                    return Response(500)
                case 3:
                    for path, _ in self.utility.store.documents("/mup"):
                        self.utility.store.delete(LFDI, path)
                case 4:
                    # Now its paths are given out again, too.
                    self.utility.store.clear()
        return self.process(request)

    def process(self, request: Request) -> Response:
        groups = _groups(request) if request.method == "POST" and request.href != "/mup" else []
        values = [each.value for group in groups for each in group.reading]
        known = self.utility.store.exists(LFDI, request.href)
        if known and len(values) <= self.most and self.refused & {*values}:
            return Response(400)
        response = self._send(request)
        if response.ok:
            self.sets |= {group.mrid: [each.value for each in group.reading] for group in groups}
        if groups and response.status == 404:
            return Response(self.random.choice((404, 410)))
        if request.method == "POST" and request.href == "/mup" and self.random.random() >= 0.8:
            return dataclasses.replace(response, headers={})
        return response


def _groups(request: Request) -> list[MirrorReadingSet]:
    body = loads(request.content or b"")
    readings = body.mirror_meter_reading if isinstance(body, MirrorMeterReadingList) else [body]
    return [group for reading in readings for group in reading.mirror_reading_set]
