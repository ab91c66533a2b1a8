"""The dry run of a registration: every request of a new site, with responses of a utility in this process.

It drives the same generator as the client, so what it shows is what would be sent.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import sep2
from envoy import documents
from envoy._data import data_folder
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol.dialects import PROTOCOL_DIALECTS
from envoy.protocol.discovery import DEFAULT_ENTRY
from envoy.protocol.flow import Request, Response, drive
from envoy.registration.register import register
from envoy.registration.site import Site
from envoy.utility import Settings, Utility


class DryExchange(NamedTuple):
    """A request that a registration makes, and the response of a utility that has never seen the site.

    Attributes:
        request: What would be sent.
        response: What comes back.
    """

    request: Request
    response: Response


def dry_run(site: Site, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None) -> list[DryExchange]:
    """Return every request that the registration of a new site makes, each with its response; nothing is sent.

    Args:
        site: The site.
        profile: How messages look, and which steps there are.
        entry: Path of DeviceCapability; None for the usual one.

    Raises:
        IdentityError, EncodeError, ValidationError: The site cannot be expressed in the profile.
        ProfileError: There is no such profile.
    """
    chosen = get_profile(profile)
    exchanges: list[DryExchange] = []

    def run(send: Callable[[Request], Response]) -> None:
        def respond(request: Request) -> Response:
            # DeviceCapability has one path at the utility.
            known = dataclasses.replace(request, href=DEFAULT_ENTRY) if request.href == entry else request
            exchanges.append(DryExchange(request, send(known)))
            return exchanges[-1].response

        drive(register(site, chosen, entry=entry, now=lambda: 0), respond)

    if not PROTOCOL_DIALECTS[chosen.dialect].linked:
        run(_envoy_0_1())
        return exchanges
    # The utility has the classes of sep2, which skip what a vendor's schema adds.
    settings = Settings(dataclasses.replace(chosen, package="sep2"), ready_ders=0)
    if site.pin is not None:
        settings = dataclasses.replace(settings, pin=site.pin)
    with Utility(settings, now=lambda: 0) as utility:
        # Any client but the site itself, whose EndDevice would be there already.
        run(utility.connect(bytes(octet ^ 0xFF for octet in site.lfdi)))
    return exchanges


def _envoy_0_1() -> Callable[[Request], Response]:
    """Return what responds as the server of envoy-client 0.1: nothing to read but an empty list, and no links."""
    numbers = Counter({"/edev": 1})

    def respond(request: Request) -> Response:
        if request.method == "GET":
            return Response(200, content=documents.dumps(sep2.EndDeviceList(all=0, results=0), profile="ieee-2018"))
        if request.method == "PUT":
            return Response(204)
        numbers[request.href] += 1
        return Response(201, {"location": f"{request.href}/{numbers[request.href]}"})

    return respond


def example_site(profile: Profile) -> Path:
    """Return the example site file that fits a profile."""
    names = {"envoy-0.1": "seed-site.toml", "ieee-2018": "site-ieee-2018.toml", "ieee-2023": "site-ieee-2023.toml"}
    return data_folder("examples") / names.get(profile.name, "site.toml")
