"""Posting readings with nobody on the other side: every request, and answers made up so that it goes on to the end.

It drives the same generator as the clients, so what it shows is what would be sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from envoy import documents
from envoy.metering.mirror import Mirror
from envoy.metering.post_readings import BATCH_SIZE, post_readings
from envoy.metering.reading import Entry
from envoy.metering.spool import Spool
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol.flow import Request, Response
from sep2 import DeviceCapability, MirrorUsagePoint, MirrorUsagePointList, MirrorUsagePointListLink

FIRST_MIRROR = 7
"""Number that the made-up server gives to the first mirror."""


def dry_run(
    parts: Iterable[tuple[Mirror, Iterable[Entry]]],
    profile: str | Profile = DEFAULT_PROFILE,
    *,
    batch_size: int = BATCH_SIZE,
) -> list[Request]:
    """Return every request that posting readings of new mirrors makes; nothing is sent.

    Args:
        parts: The readings of each mirror, as ``entries_of`` and ``read_csv`` make them.
        profile: How messages look.
        batch_size: Readings in one POST at most.

    Raises:
        ProfileError: There is no such profile, or it has no metering mirror.
    """
    server = _MadeUpServer(get_profile(profile))
    requests = []
    with Spool(":memory:") as spool:
        spool.put_entries(parts)
        flow = post_readings(spool, server, batch_size=batch_size, now=lambda: 0)
        try:
            request = next(flow)
            while True:
                requests.append(request)
                request = flow.send(server.answer(request))
        except StopIteration:
            return requests


class _MadeUpServer:
    """Answers as a server would that has no mirrors yet and takes everything."""

    base = "https://server.example"
    entry: str | None = None
    validate = True

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.mirrors: dict[str, MirrorUsagePoint] = {}

    def answer(self, request: Request) -> Response:
        path = urlsplit(request.href).path
        if request.method == "POST" and path == "/mup":
            mirror = documents.loads(request.content or b"", MirrorUsagePoint, profile=self.profile)
            href = f"/mup/{FIRST_MIRROR + len(self.mirrors)}"
            self.mirrors[href] = mirror
            return Response(201, {"location": href})
        if request.method == "POST":
            return Response(201, {"location": f"{path}/mr"})
        if path in self.mirrors:
            return self._document(self.mirrors[path])
        if path == "/mup":
            return self._document(MirrorUsagePointList(all=0, results=0))
        if path.startswith("/.well-known"):
            return Response(404)
        return self._document(DeviceCapability(mirror_usage_point_list_link=MirrorUsagePointListLink(href="/mup")))

    def _document(self, resource: object) -> Response:
        return Response(200, content=documents.dumps(resource, profile=self.profile))
