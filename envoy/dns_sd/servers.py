"""Servers as the records of DNS-SD describe them, those that are refused with the reason, and the choice of one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from envoy._text import printable, quote, shorten
from envoy.dns_sd.txt import read_txt
from envoy.errors import DiscoveryError

_LEVEL = re.compile(r"[+-]S[0-9]")
# What the path of a URL may have in it, and no "//" at the beginning, after which a host would stand.
_PATH = re.compile(r"/(?!/)[!$-;=@-Z_a-z~]*")
_PORT = re.compile(r"[0-9]{1,5}")
_HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Service:
    """The records of one service instance.

    Attributes:
        instance: Its name, without the service type.
        own: Whether it responded to the query for an EndDevice of ours.
        host: The target of its SRV record; empty if there is none.
        port: The port of that record.
        addresses: The A and AAAA records of the host.
        txt: The octets of its TXT record; None if there is none.
    """

    instance: str
    own: bool = False
    host: str = ""
    port: int = 0
    addresses: tuple[str, ...] = ()
    txt: bytes | None = None


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server of the local network.

    Attributes:
        url: The URL of its DeviceCapability, with its address: names in ``.local`` are resolved by multicast DNS alone.
        own: Whether it has an EndDevice of ours, by its own account.
        level: Its level of the schema: ``-S1`` is IEEE 2030.5-2018, ``-S2`` IEEE 2030.5-2023; with ``+`` it has
            extensions.
        path: The path of what a query with a subtype was for, usable at once; empty if there is none.
        instance: The name of the service.
        host: The name of the host.
        txt: All that its TXT record says, by key.
    """

    url: str
    own: bool
    level: str
    path: str
    instance: str
    host: str
    txt: Mapping[str, str | None] = field(hash=False)

    @property
    def has_tls(self) -> bool:
        """Whether it is reached by HTTPS."""
        return self.url.startswith("https:")


Probe = Callable[[Sequence[FoundServer]], Sequence[str]]
"""Returns what is wrong with each of some servers."""


@dataclass(frozen=True, slots=True)
class RefusedService:
    """A service that says it is a server of IEEE 2030.5, and cannot be used as one.

    Attributes:
        instance: Its name.
        reason: Why not.
        txt: All that its TXT record says, by key.
    """

    instance: str
    reason: str
    txt: Mapping[str, str | None] = field(hash=False)


@dataclass(frozen=True, slots=True)
class FoundServers:
    """What has responded.

    Attributes:
        servers: The servers; first those with an EndDevice of ours. One that responded under several names is there
            once.
        refused: What cannot be used.
    """

    servers: tuple[FoundServer, ...] = ()
    refused: tuple[RefusedService, ...] = ()

    @classmethod
    def of(cls, services: Iterable[Service]) -> FoundServers:
        """Return what services amount to."""
        servers: dict[str, FoundServer] = {}
        refused = []
        # Of the names of one server, that in the response to the query for our EndDevice says most.
        for service in sorted(services, key=lambda each: (not each.own, each.instance)):
            found = read_service(service)
            if isinstance(found, RefusedService):
                refused.append(found)
            else:
                servers.setdefault(found.url, found)
        return cls(tuple(servers.values()), tuple(refused))


def read_service(service: Service) -> FoundServer | RefusedService:
    """Return the server that the records of a service describe, or why they do not (IEEE 2030.5-2018, 7.4)."""
    txt = read_txt(service.txt or b"")
    try:
        if service.txt is None:
            raise _UnusableError("it has no TXT record")
        _check_version(txt)
        dcap, level = _read_path("dcap", txt), _read_level(txt)
        path = _read_path("path", txt) if txt.get("path") else ""
        scheme, port = _read_port(service, txt)
        address = _choose_address(service)
    except _UnusableError as error:
        return RefusedService(service.instance, str(error), txt)
    netloc = address if port == {"http": 80, "https": _HTTPS_PORT}[scheme] else f"{address}:{port}"
    return FoundServer(f"{scheme}://{netloc}{dcap}", service.own, level, path, service.instance, service.host, txt)


class _UnusableError(Exception):
    """The reason why a service cannot be used."""


def _check_version(txt: Mapping[str, str | None]) -> None:
    first = next(iter(txt), None)
    if "txtvers" not in txt:
        raise _UnusableError("its TXT record has no txtvers")
    if first != "txtvers":
        raise _UnusableError(f"the first key of its TXT record is {quote(shorten(str(first), 40))}, expected txtvers")
    if txt["txtvers"] != "1":
        raise _UnusableError(f"txtvers is {quote(shorten(txt['txtvers'] or '', 40))}, expected 1")


def _read_path(key: str, txt: Mapping[str, str | None]) -> str:
    path = txt.get(key)
    if not path:
        raise _UnusableError(f"its TXT record has no {key}")
    shown = quote(shorten(printable(path), 80))
    if not path.startswith("/") or path.startswith("//"):
        raise _UnusableError(f"{key} is {shown}, which does not begin with a single /")
    if not _PATH.fullmatch(path):
        raise _UnusableError(f"{key} is {shown}, which is not a path")
    return path


def _read_level(txt: Mapping[str, str | None]) -> str:
    level = txt.get("level")
    if not level:
        raise _UnusableError("its TXT record has no level")
    if not _LEVEL.fullmatch(level.upper()):
        raise _UnusableError(f"level is {quote(shorten(printable(level), 40))}, expected one such as -S1")
    return level.upper()


def _read_port(service: Service, txt: Mapping[str, str | None]) -> tuple[str, int]:
    """Return scheme and port. SRV has the port without TLS; the one with TLS is that of the key ``https``."""
    if not service.host:
        raise _UnusableError("it has no SRV record")
    if "https" not in txt:
        if not service.port:
            raise _UnusableError("it has neither a port nor https")
        return "http", service.port
    text = txt["https"]
    if not text:
        return "https", _HTTPS_PORT
    if not _PORT.fullmatch(text) or not 0 < int(text) <= 0xFFFF:
        raise _UnusableError(f"https is {quote(shorten(printable(text), 40))}, which is not a port")
    return "https", int(text)


def _choose_address(service: Service) -> str:
    """Return the address to connect to as a URL has it."""
    ranked = []
    for text in service.addresses:
        address = ipaddress.ip_address(text)
        # A link-local address of IPv6 is one of several networks, and nothing says of which.
        if not (address.is_multicast or address.is_unspecified or (address.version == 6 and address.is_link_local)):
            ranked.append((address.is_link_local, address.version, address))
    if not ranked:
        why = "only addresses that are good on one link" if service.addresses else "no address"
        raise _UnusableError(f"its host {quote(shorten(printable(service.host), 80))} has {why}")
    address = min(ranked)[2]
    return f"[{address}]" if address.version == 6 else str(address)


def choose_server(found: FoundServers, probe: Probe | None = None) -> FoundServer:
    """Return the server to use: the one that has an EndDevice of ours, or else the only one.

    One without TLS is never used. That it has our EndDevice is what a server says of itself, and anybody may say it:
    with a probe, one that it refuses is passed over. The only one is not probed; whoever connects to it will see.

    Args:
        found: What has responded.
        probe: Returns what is wrong with each of some servers, such as that its certificate is not trusted; an empty
            text for nothing.

    Raises:
        DiscoveryError: There is none, or there are several.
    """
    usable = [server for server in found.servers if server.has_tls]
    own = [server for server in usable if server.own]
    wrong: dict[str, str] = {}
    for several in (own, [server for server in usable if not server.own]):
        if probe is not None and len(usable) > 1:
            reasons = probe(several) if several else []
            wrong |= {server.url: why for server, why in zip(several, reasons, strict=True) if why}
        left = [server for server in several if server.url not in wrong]
        if len(left) == 1:
            return left[0]
        if left:
            raise _make_undecided(left, own=several is own)
    unusable = [f"{url}: {why}" for url, why in wrong.items()]
    unusable += [f"{server.url} has no TLS" for server in found.servers if not server.has_tls]
    unusable += [f"{each.instance}: {each.reason}" for each in found.refused]
    more = f"; left out: {'; '.join(unusable)}" if unusable else ""
    raise DiscoveryError(
        f"there is no server on the local network that can be used{more}",
        remedy="envoy discover lists what responds. The server has to be in the same network, and multicast (UDP port "
        "5353) has to get through; otherwise name it by its URL.",
    )


def _make_undecided(servers: Sequence[FoundServer], *, own: bool) -> DiscoveryError:
    which = " with an EndDevice of ours" if own else ""
    listed = "\n".join(f"  {server.url} ({printable(server.instance)})" for server in servers)
    return DiscoveryError(
        f"there are {len(servers)} servers on the local network{which}:\n{listed}",
        remedy="Name one of them by its URL.",
    )
