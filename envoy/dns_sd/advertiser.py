"""Advertiser of a server by multicast DNS: it responds to queries as long as it is open, by zeroconf."""

from __future__ import annotations

import asyncio
import ipaddress
import secrets
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from envoy.dns_sd.advertisement import Instance
from envoy.dns_sd.multicast import require_zeroconf, translate_errors
from envoy.dns_sd.txt import write_txt

if TYPE_CHECKING:
    from zeroconf import ServiceInfo
    from zeroconf.asyncio import AsyncZeroconf


class Advertiser:
    """Advertises the service instances of a server, in the event loop that runs.

    Args:
        name: What the server is called.
        address: The address that it listens on, which is advertised. For one that stands for all, those of this machine
            are.
        port: Its port, for the SRV records.

    Raises:
        EnvoyError: The package zeroconf is not installed.
    """

    def __init__(self, name: str, address: str, port: int) -> None:
        require_zeroconf()
        # Names of hosts are not probed for, and another server may have the same certificate and so the same name.
        self._host = f"{name}-{secrets.token_hex(3)}.local."
        self._address = ipaddress.ip_address(address)
        self._port = port
        self._zeroconf: AsyncZeroconf | None = None
        self._advertised: dict[Instance, ServiceInfo] = {}

    async def open(self) -> None:
        """Listen for queries from now on.

        Raises:
            DiscoveryError: There is no network with multicast.
        """
        from zeroconf import InterfaceChoice, IPVersion  # deferred: needs the extra
        from zeroconf.asyncio import AsyncZeroconf

        everywhere = self._address.is_unspecified
        version = IPVersion.V4Only if self._address.version == 4 else IPVersion.All if everywhere else IPVersion.V6Only
        with translate_errors():
            interfaces = InterfaceChoice.All if everywhere else [str(self._address)]
            self._zeroconf = AsyncZeroconf(interfaces=interfaces, ip_version=version)

    async def advertise(self, instances: Iterable[Instance]) -> None:
        """Advertise these from now on, and nothing else.

        One whose name another host has gets a number behind it.
        """
        from zeroconf import ServiceInfo  # deferred: needs the extra

        assert self._zeroconf is not None
        wanted = list(instances)
        gone = [self._advertised.pop(each) for each in [*self._advertised] if each not in wanted]
        addresses = list(self._addresses())
        new = {
            each: ServiceInfo(
                each.type,
                each.name,
                self._port,
                properties=write_txt(each.txt),
                server=self._host,
                parsed_addresses=addresses,
            )
            for each in wanted
            if each not in self._advertised
        }
        self._advertised |= new
        zeroconf = self._zeroconf
        begun = [zeroconf.async_unregister_service(info) for info in gone]
        begun += [zeroconf.async_register_service(info, allow_name_change=True) for info in new.values()]
        # Each returns what ends when the network knows of it, which nobody waits for.
        await asyncio.gather(*begun)

    async def close(self) -> None:
        """Say that the server is not there any more, and stop. It may be closed twice."""
        if self._zeroconf is not None:
            zeroconf, self._zeroconf = self._zeroconf, None
            await zeroconf.async_unregister_all_services()
            await zeroconf.async_close()

    def _addresses(self) -> Iterator[str]:
        if not self._address.is_unspecified:
            yield str(self._address)
            return
        import ifaddr  # deferred: comes with zeroconf

        for adapter in ifaddr.get_adapters():
            for each in adapter.ips:
                address = ipaddress.ip_address(each.ip if isinstance(each.ip, str) else each.ip[0])
                unusable = address.is_loopback or (address.version == 6 and address.is_link_local)
                if not unusable and (address.version == 4 or self._address.version == 6):
                    yield str(address)
