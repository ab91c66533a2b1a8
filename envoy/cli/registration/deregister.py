"""Command ``envoy deregister``: delete the EndDevice of a site."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from envoy.cli.connection_options import Connection, ServerOption, VerboseOption, expand_options
from envoy.cli.discover import locate_server
from envoy.cli.terminal.confirmation import YesOption, confirm
from envoy.cli.terminal.exchanges import show_exchange, show_retry
from envoy.cli.terminal.exit_status import FAILED
from envoy.errors import SiteError


@expand_options
def deregister(
    site: Annotated[str, typer.Argument(metavar="SITE.toml|LFDI", help="Site file, or the LFDI of the site.")],
    *,
    server: ServerOption,
    connection: Connection,
    yes: YesOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Delete the EndDevice of a site, and all below it.

    Its DERs and their settings, connection point and subscriptions go with it. Readings that were posted are not below
    it, and stay. The site can be registered again, and may get other ids.

    Exit status: 0 there is none any more, 1 the server or you refuse, 2 options are wrong.
    """
    # deferred: load httpx and cryptography
    from envoy.cli.registration.devices import describe_device
    from envoy.client.client import Client
    from envoy.registration.deregister import delete_registered, find_registered

    lfdi = _lfdi_of(site, connection.profile)
    server, connection = locate_server(server, connection, lfdi)
    with Client(**connection.arguments(server), on_exchange=show_exchange if verbose else show_retry) as client:
        found = client.run(find_registered(lfdi, client.profile, entry=client.entry))
        if found is None:
            typer.echo("The server has no EndDevice of it that this certificate may see.")
            return
        described = describe_device(found)
        href = described["href"]
        values = (f"{name} {value}" for name, value in described.items() if value not in (None, "") and name != "href")
        typer.echo(f"{href}: {', '.join(values)}", err=True)
        whose = ", the EndDevice of the certificate itself," if lfdi == connection.own_lfdi() else ""
        if not confirm(f"Delete {href}{whose} and all below it?", yes=yes):
            typer.echo("Nothing was deleted.", err=True)
            sys.exit(FAILED)
        deleted = client.run(delete_registered(lfdi, href, client.profile))
    typer.echo(f"{href} {'deleted' if deleted else 'was gone already'}")


def _lfdi_of(text: str, profile: str) -> bytes:
    # deferred: --help needs none of it
    from envoy.fleet.fleet_file import is_fleet
    from envoy.identity.dialects import IDENTITY_DIALECTS
    from envoy.profiles import get_profile
    from envoy.registration.site import Site

    if re.fullmatch("(0x)?[0-9A-Fa-f]{8,}", text):
        return IDENTITY_DIALECTS[get_profile(profile).dialect].parse_lfdi(text)
    if is_fleet(text):
        raise SiteError(
            "is a fleet",
            where=text,
            remedy="Name one site, or its LFDI. envoy devices --delete-extra deletes what a fleet does not have.",
        )
    return Site.load(Path(text), profile=profile).lfdi
