"""The dry run of posting readings: every request, with responses of a utility in this process.

It drives the same generator as the clients, so what it shows is what would be sent.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from envoy.metering.mirror import Mirror
from envoy.metering.post_readings import BATCH_SIZE, post_readings
from envoy.metering.reading import Entry
from envoy.metering.spool import Spool
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol.flow import Request, Response, drive
from envoy.utility import Settings, Utility

_CLIENT = bytes(20)


def dry_run(
    entries: Iterable[tuple[Mirror, Entry]], profile: str | Profile = DEFAULT_PROFILE, *, batch_size: int = BATCH_SIZE
) -> list[Request]:
    """Return every request that posting readings of new mirrors makes; nothing is sent.

    Args:
        entries: The readings and their mirrors, as ``read_csv`` gives them.
        profile: How messages look.
        batch_size: Readings in one POST at most.

    Raises:
        ProfileError: There is no such profile, or it has no metering mirror.
        ReadingsError: What gives the readings finds errors in them.
    """
    chosen = get_profile(profile)
    requests: list[Request] = []
    settings = Settings(chosen, max_readings=sys.maxsize, max_body=sys.maxsize)
    with Utility(settings, now=lambda: 0) as utility, Spool(":memory:") as spool:
        spool.put_entries(entries)
        send = utility.connect(_CLIENT)

        def respond(request: Request) -> Response:
            requests.append(request)
            return send(request)

        drive(post_readings(spool, _Target(chosen), batch_size=batch_size, now=lambda: 0), respond)
    return requests


@dataclass
class _Target:
    """What posting has to know of a client."""

    profile: Profile
    base: str = "https://server.example"
    entry: str | None = None
    validate: bool = True
