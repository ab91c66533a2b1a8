"""A server in memory for posting readings: it has every fault that a seed brings about."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from envoy import documents
from envoy.errors import TransportError
from envoy.metering import Sample, csip_aus_der, csip_aus_site
from envoy.profiles import Profile, get_profile
from envoy.protocol.flow import Request, Response
from sep2 import (
    DeviceCapability,
    MirrorMeterReadingList,
    MirrorUsagePoint,
    MirrorUsagePointList,
    MirrorUsagePointListLink,
)

LFDI = bytes.fromhex("0000003E90000000000000000000000000032473")
MIRROR = csip_aus_site(LFDI, 32473)
DER = csip_aus_der(LFDI, 32473)
START = datetime(2026, 1, 1, tzinfo=UTC)


def samples(first: int, end: int, channel: str = "active-power") -> list[Sample]:
    """Return samples whose value is their number."""
    return [Sample(channel, START + number * timedelta(minutes=5), number) for number in range(first, end)]


class Adversary:
    """A server in memory, which is also what posting has to know of a client."""

    base = "https://adversary"
    entry: str | None = None
    validate = True

    def __init__(self, seed: int, most: int, refused: set[int], profile: str) -> None:
        self.profile: Profile = get_profile(profile)
        self.random = random.Random(seed)  # noqa: S311
        self.most = most
        self.refused = refused
        self.mirrors: dict[str, bytes] = {}
        self.sets: dict[bytes, list[int]] = {}
        self.number = 0
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
                    self.mirrors = {}
                case 4:
                    # A number may be given out again.
                    self.number = 0
        return self.process(request)

    def process(self, request: Request) -> Response:
        path = urlsplit(request.href).path
        if request.method == "GET":
            return self.get(path)
        if path == "/mup":
            mirror = documents.loads(request.content or b"", MirrorUsagePoint, validate=True)
            href = next((href for href, mrid in self.mirrors.items() if mrid == mirror.mrid), None)
            if href is None:
                while (href := f"/mup/{self.number}") in self.mirrors:
                    self.number += 1
                self.mirrors[href] = mirror.mrid
            return Response(201, {"location": href} if self.random.random() < 0.8 else {})
        if path not in self.mirrors:
            return Response(self.random.choice((404, 410)))
        body = documents.loads(request.content or b"", validate=True)
        readings = body.mirror_meter_reading if isinstance(body, MirrorMeterReadingList) else [body]
        groups = [group for reading in readings for group in reading.mirror_reading_set]
        values = [each.value for group in groups for each in group.reading]
        if len(values) > self.most:
            return Response(413)
        if self.refused & set(values):
            return Response(400)
        for group in groups:
            self.sets[group.mrid] = [each.value for each in group.reading]
        return Response(201, {"location": f"{path}/mr"})

    def get(self, path: str) -> Response:
        if path == "/dcap":
            return self.document(DeviceCapability(mirror_usage_point_list_link=MirrorUsagePointListLink(href="/mup")))
        if path == "/mup":
            points = [self.point(href) for href in self.mirrors]
            return self.document(MirrorUsagePointList(all=len(points), results=len(points), mirror_usage_point=points))
        return self.document(self.point(path)) if path in self.mirrors else Response(404)

    def point(self, href: str) -> MirrorUsagePoint:
        mirror = next((each for each in (MIRROR, DER) if each.mrid == self.mirrors[href]), MIRROR)
        point = mirror.usage_point()
        point.href, point.mirror_meter_reading = href, []
        return point

    def document(self, resource: Any) -> Response:
        return Response(200, content=documents.dumps(resource, profile=self.profile))
