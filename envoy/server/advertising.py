"""Advertising of a utility that is served: by DNS-SD, with the EndDevices that it has, as long as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

from envoy.dns_sd.advertisement import Instance, advertise
from envoy.dns_sd.advertiser import Advertiser
from envoy.identity import format_sfdi, lfdi_of_certificate, parse_lfdi, sfdi_of_lfdi
from envoy.utility import Utility
from envoy.utility.changes import Change
from sep2 import EndDeviceList

_FUNCTION_SETS = {"tm": "/tm", "edev": "/edev", "mup": "/mup"}


class Advertising:
    """Advertises a utility, and its EndDevices as they come and go.

    Args:
        utility: The utility.
        certificate: PEM file with the certificate of the server, whose SFDI is in the names of the services.
        address: The address that the server listens on.
        port: Its port.

    Raises:
        EnvoyError: The package zeroconf is not installed.
    """

    def __init__(self, utility: Utility, certificate: str | Path, address: str, port: int) -> None:
        sfdi = sfdi_of_lfdi(lfdi_of_certificate(Path(certificate).read_bytes()))
        self._utility = utility
        self._port = port
        self._name = f"envoy-{format_sfdi(sfdi)}"
        self._advertiser = Advertiser(self._name, address, port)
        self._stale = False
        self._refreshing: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Advertise it from now on, in the event loop that runs.

        Raises:
            DiscoveryError: There is no network with multicast.
        """
        await self._advertiser.open()
        self._utility.listeners.append(self._note)
        await self._advertiser.advertise(self._instances())

    def refresh(self) -> None:
        """Begin to advertise what has changed, if anything has."""
        if self._stale and (self._refreshing is None or self._refreshing.done()):
            self._stale = False
            self._refreshing = asyncio.create_task(self._advertiser.advertise(self._instances()))

    async def close(self) -> None:
        """Say that it is not there any more."""
        if self._note in self._utility.listeners:
            self._utility.listeners.remove(self._note)
        if self._refreshing is not None:
            await self._refreshing
        await self._advertiser.close()

    def _note(self, changes: list[Change]) -> None:
        self._stale = self._stale or any(change.resource is EndDeviceList for change in changes)

    def _instances(self) -> Iterator[Instance]:
        return advertise(
            self._name,
            self._utility.profile,
            self._port,
            function_sets=_FUNCTION_SETS,
            devices=((sfdi_of_lfdi(parse_lfdi(site["lfdi"])), site["href"]) for site in self._utility.list_sites()),
        )
