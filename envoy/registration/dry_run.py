"""A registration with nobody on the other side: every request, and answers made up so that it goes on to the end.

It drives the same generator as the client, so what it shows is what would be sent.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from envoy import documents
from envoy._data import data_folder
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile
from envoy.protocol.discovery import DEFAULT_ENTRY, WELL_KNOWN
from envoy.protocol.flow import Request, Response, drive
from envoy.protocol.paths import der_links, end_device_links, with_links
from envoy.registration.register import register
from envoy.registration.site import Site
from sep2 import (
    DER,
    DERList,
    DeviceCapability,
    EndDevice,
    EndDeviceList,
    EndDeviceListLink,
    Registration,
    Time,
    TimeLink,
    TimeQuality,
)

END_DEVICE = "/edev/3"
"""Path that the made-up server gives to the EndDevice."""

FIRST_DER = 5
"""Number that it gives to the first DER."""


@dataclass(frozen=True, slots=True)
class DryExchange:
    """A request that a registration makes, and an answer as servers give it.

    Attributes:
        request: What would be sent.
        response: What was made up for it.
    """

    request: Request
    response: Response


def dry_run(site: Site, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None) -> list[Request]:
    """Return every request that the registration of a new site makes; nothing is sent.

    Args:
        site: The site.
        profile: How messages look, and which steps there are.
        entry: Path of DeviceCapability; None for the usual one.

    Raises:
        IdentityError, EncodeError, ValidationError: The site cannot be expressed in the profile.
        ProfileError: There is no such profile.
    """
    return [exchange.request for exchange in dry_exchanges(site, profile, entry=entry)]


def dry_exchanges(
    site: Site, profile: str | Profile = DEFAULT_PROFILE, *, entry: str | None = None
) -> list[DryExchange]:
    """Return the requests of ``dry_run``, each with the answer that was made up for it."""
    chosen = get_profile(profile)
    server = _MadeUpServer(site, chosen, entry or DEFAULT_ENTRY)
    exchanges: list[DryExchange] = []

    def answer(request: Request) -> Response:
        response = server.answer(request)
        exchanges.append(DryExchange(request, response))
        return response

    drive(register(site, chosen, entry=entry, now=lambda: 0), answer)
    return exchanges


class _MadeUpServer:
    """Answers as a server would that offers everything and has never seen the site."""

    def __init__(self, site: Site, profile: Profile, entry: str) -> None:
        self.site = site
        self.profile = profile
        self.entry = entry
        self.device: EndDevice | None = None
        self.stored: dict[str, bytes] = {}
        self.ders = 0

    def answer(self, request: Request) -> Response:
        path = urlsplit(request.href).path
        if request.method == "GET":
            return self._get(path)
        if request.method == "POST":
            return Response(201, {"location": self._create(path, request.content or b"")})
        self.stored[path] = request.content or b""
        return Response(204)

    def _create(self, path: str, content: bytes) -> str:
        if path == "/edev":
            self.device = documents.loads(content, EndDevice, profile=self.profile)
            return END_DEVICE
        self.ders += 1
        return f"{path}/{FIRST_DER + self.ders - 1}"

    def _get(self, path: str) -> Response:
        if path in self.stored:
            return Response(200, content=self.stored[path])
        if path == WELL_KNOWN:
            return Response(404)
        made_up = self._resource(path)
        if made_up is None:
            return Response(404)
        # It may be a list, which envoy-client 0.1 reads and does not write.
        profile = dataclasses.replace(self.profile, dialect="standard")
        return Response(200, content=documents.dumps(made_up, profile=profile, validate=False))

    def _resource(self, path: str) -> Any:
        fixed: dict[str, Any] = {
            urlsplit(self.entry).path: DeviceCapability(
                href=self.entry,
                time_link=TimeLink(href="/tm"),
                end_device_list_link=EndDeviceListLink(href="/edev", all=0),
            ),
            "/tm": Time(
                current_time=0, dst_end_time=0, dst_offset=0, dst_start_time=0, quality=TimeQuality(4), tz_offset=0
            ),
            "/edev": EndDeviceList(all=0, results=0),
            END_DEVICE: self.device and self._linked(self.device),
            f"{END_DEVICE}/rg": Registration(date_time_registered=0, pin=self.site.pin or 0),
            f"{END_DEVICE}/der": DERList(all=0, results=0),
        }
        if path in fixed:
            return fixed[path]
        if re.fullmatch(rf"{END_DEVICE}/der/\d+", path):
            return with_links(DER(href=path), der_links(path))
        return None

    def _linked(self, device: EndDevice) -> EndDevice:
        links = end_device_links(END_DEVICE, ders=0, connection_point=self.profile.csip_aus)
        return with_links(dataclasses.replace(device, href=END_DEVICE), links)


def example_site(profile: Profile) -> Path:
    """Return the example site file that fits a profile."""
    names = {"envoy-0.1": "seed-site.toml", "ieee-2018": "site-ieee-2018.toml"}
    return data_folder("examples") / names.get(profile.name, "site.toml")
