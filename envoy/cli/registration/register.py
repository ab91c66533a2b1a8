"""Command ``envoy register``: register a site or a fleet with a server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy.cli.connection_options import Connection, ServerOption, VerboseOption, expand_options
from envoy.cli.discover import locate_server
from envoy.cli.registration.register_fleet import FleetOptions, print_columns, register_fleet
from envoy.cli.terminal.exchanges import show_exchange, show_retry
from envoy.cli.terminal.exit_status import FAILED, INTERRUPTED, show_warnings
from envoy.errors import EnvoyError
from envoy.protocol.results import RegistrationError

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.protocol.results import Registration
    from envoy.registration.site import Site


@expand_options
def register(
    site: Annotated[
        Path,
        typer.Argument(metavar="SITE.toml|FLEET", help="Site file; or fleet: .csv, .jsonl, or a folder of site files."),
    ],
    *,
    server: ServerOption,
    connection: Connection,
    update: Annotated[
        bool, typer.Option("--update", help="Compare all; write what differs, EndDevices and replaced DERs too.")
    ] = False,
    fleet: FleetOptions,
    verbose: VerboseOption = False,
    columns: Annotated[
        bool,
        typer.Option("--columns", callback=print_columns, is_eager=True, help="List the columns of a fleet in CSV."),
    ] = False,
) -> None:
    """Register a site or a fleet with a utility server.

    Running it again changes nothing. Ctrl-C lets a fleet finish the sites under way; a second one ends it at once.

    Exit status: 0 all is registered, 1 something is not, 2 files or options are wrong and nothing was sent.
    """
    from envoy.fleet.fleet_file import is_fleet  # deferred: --help does not need it

    if is_fleet(site):
        server, connection = locate_server(server, connection)
        sys.exit(register_fleet(site, fleet, connection.arguments(server), update=update, verbose=verbose))
    if (option := fleet.first_given()) is not None:
        raise EnvoyError(f"{option} is for a fleet, and {site} is a single site", remedy="Leave it out.")
    from envoy.registration.site import Site  # deferred: --help does not need it

    described = Site.load(site, profile=connection.profile)
    server, connection = locate_server(server, connection, described.lfdi)
    _register_site(described, connection.arguments(server), update=update, verbose=verbose)


def _register_site(site: Site, arguments: dict[str, Any], *, update: bool, verbose: bool) -> None:
    from envoy.client.client import Client  # deferred: loads httpx and cryptography

    exchanges: list[Exchange] = []

    def note(exchange: Exchange) -> None:
        exchanges.append(exchange)
        (show_exchange if verbose else show_retry)(exchange)

    with Client(**arguments, on_exchange=note) as client:
        try:
            result = client.register(site, update=update)
        except RegistrationError as error:
            _show(error.registration)
            raise
        except KeyboardInterrupt:
            typer.echo("Interrupted. The last request may have reached the server; these have a response:", err=True)
            for exchange in exchanges:
                show_exchange(exchange)
            typer.echo("Run it again: what was done will be found and not done again.", err=True)
            sys.exit(INTERRUPTED)
    _show(result)
    if result.deviations:
        sys.exit(FAILED)


def _show(registration: Registration) -> None:
    for step in registration.steps:
        typer.echo(str(step))
    show_warnings(registration.findings)
