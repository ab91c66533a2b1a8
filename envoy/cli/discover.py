"""Command ``envoy discover``: list the servers of the local network. Needs the extra ``discover``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from envoy._text import printable
from envoy.cli.connection_options import CertOption, KeyOption, PlainConnection, own_lfdi
from envoy.errors import EnvoyError, TransportError

if TYPE_CHECKING:
    from envoy.dns_sd import FoundServer, FoundServers
    from envoy.dns_sd.servers import Probe

AUTO = "auto"
"""What ``--server`` says for the server that is found."""

C = TypeVar("C", bound=PlainConnection)

_PROBE_SECONDS = 3.0
"""Seconds for a handshake with one of several servers: one that anybody has made up may never respond."""

_PROBES = 16
"""How many of them are tried at a time."""

_SFDI = re.compile(r"[0-9]{1,12}")
_LFDI = re.compile(r"[0-9A-Fa-f]{40}")


def discover(
    device: Annotated[
        str | None,
        typer.Argument(metavar="[SITE.toml|LFDI|SFDI]", help="Ask first who has the EndDevice of this site."),
    ] = None,
    *,
    cert: CertOption = None,
    key: KeyOption = None,
    timeout: Annotated[float, typer.Option(min=0.1, help="Listen for responses for these seconds.")] = 4.0,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="Print text or JSON.")] = "text",
) -> None:
    """List the servers of the local network, found by DNS-SD.

    Each line has the URL, the level of the schema (-S1 is IEEE 2030.5-2018, -S2 IEEE 2030.5-2023), whether the server
    has the EndDevice of the site or certificate, its name, and its TXT record. What cannot be used is listed with the
    reason. Where a server is needed, --server auto takes the one that is found.

    Exit status: 0 there is a server; 1 there is none, or no multicast; 2 options are wrong.
    """
    from envoy.dns_sd import find_servers  # deferred: --help does not need it

    sfdis = [*([] if device is None else [_sfdi_of(device)]), *_sfdis([own_lfdi(cert, key)])]
    found = find_servers(sfdis, timeout=timeout)
    if form == "json":
        typer.echo(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        for line in _lines(found):
            typer.echo(printable(line))
        if not found.servers:
            typer.echo("No server has responded that can be used.", err=True)
    sys.exit(0 if found.servers else 1)


def _lines(found: FoundServers) -> Iterator[str]:
    from envoy.dns_sd.txt import show_txt  # deferred: --help does not need it

    rows = [(each.url, each.level, "own" if each.own else "", each.instance) for each in found.servers]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, server in zip(rows, found.servers, strict=True):
        cells = [f"{cell:{width}}" for cell, width in zip(row, widths, strict=True) if width]
        yield "  ".join([*cells, show_txt(server.txt)]).rstrip()
    for refused in found.refused:
        yield f"refused: {refused.instance}: {refused.reason} ({show_txt(refused.txt) or 'nothing in it'})"


def locate_server(server: str, connection: C, *lfdis: bytes) -> tuple[str, C]:
    """Return the URL of the server, and how it is connected to: for ``auto``, that of the one that is found.

    Its certificate has to be signed by the CA, and need not name the host: it is reached by its address. Of several
    that respond, those with which there is no TLS handshake are passed over.

    Args:
        server: What ``--server`` says.
        connection: The options of the connection.
        lfdis: LFDIs of the EndDevices that the server may have, besides that of the certificate.

    Raises:
        EnvoyError: The CA is missing, or the package zeroconf.
        DiscoveryError: There is no such server, or there are several.
    """
    if not is_auto(server):
        return server, connection
    if connection.ca is None:
        raise EnvoyError(
            "--server auto needs --ca",
            remedy="Anybody on the network may respond: who has signed its certificate shows which server it is.",
        )
    connection = replace(connection, check_hostname=False)
    return search_server(*lfdis, connection.own_lfdi(), probe=partial(_probe, connection)), connection


def is_auto(server: str) -> bool:
    """Whether the server is to be searched for."""
    return server.strip().lower() == AUTO


def search_server(*lfdis: bytes | None, probe: Probe | None = None) -> str:
    """Return the URL of the server of the local network, and say on standard error which one it is.

    Args:
        lfdis: LFDIs of the EndDevices that it may have; None is left out.
        probe: Returns what is wrong with servers, as ``choose_server`` asks it.

    Raises:
        EnvoyError: The package zeroconf is missing.
        DiscoveryError: There is no such server, or there are several.
    """
    from envoy.dns_sd import choose_server, find_servers  # deferred: other servers need none of it

    sfdis = _sfdis(lfdis)
    found = find_servers(sfdis, first_own=True)
    if (
        probe is not None
        and found.servers
        and all(server.own for server in found.servers)
        and all(probe(found.servers))
    ):
        # Whoever claims to have our EndDevice first must not be the only one that is asked.
        found = find_servers(sfdis)
    chosen = choose_server(found, probe)
    typer.echo(f"Server: {chosen.url} ({printable(chosen.instance)})", err=True)
    return chosen.url


def _probe(connection: PlainConnection, servers: Sequence[FoundServer]) -> Sequence[str]:
    """Return why there is no TLS handshake with each server, by which it shows who it is; empty where there is one."""
    # deferred: other servers need none of it
    from concurrent.futures import ThreadPoolExecutor

    import httpx

    from envoy.tls.context import client_context
    from envoy.tls.handshake import try_handshake

    context = client_context(cert=connection.cert, key=connection.key, ca=connection.ca, check_hostname=False)

    def find_failure(server: FoundServer) -> str:
        if not server.has_tls:
            return "has no TLS"
        try:
            failure = try_handshake(httpx.URL(server.url), context, _PROBE_SECONDS).failure
        except TransportError as error:
            return error.what
        return "" if failure is None else failure.what

    with ThreadPoolExecutor(_PROBES) as threads:
        return list(threads.map(find_failure, servers))


def _sfdis(lfdis: Iterable[bytes | None]) -> list[int]:
    from envoy.identity.dialects import dialect_of  # deferred: --help does not need it

    return [dialect_of(lfdi).sfdi_of_lfdi(lfdi) for lfdi in dict.fromkeys(lfdis) if lfdi is not None]


def _sfdi_of(device: str) -> int:
    """Return the SFDI of what the argument names."""
    # deferred: --help needs none of it
    from envoy.identity import check_sfdi, parse_lfdi
    from envoy.registration.site import Site

    if _SFDI.fullmatch(device):
        check_sfdi(int(device))
        return int(device)
    lfdi = parse_lfdi(device) if _LFDI.fullmatch(device) else Site.load(Path(device)).lfdi
    return _sfdis([lfdi])[0]
