"""Commands that register sites, or show how: ``envoy register`` and ``envoy examples``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy.cli.connection_options import (
    Connection,
    HeaderOption,
    HostnameOption,
    MaxWaitOption,
    OtherHostsOption,
    RateOption,
    RetriesOption,
    ServerOption,
    TimeoutOption,
    VerboseOption,
    show_exchange,
    show_repetition,
)
from envoy.cli.options import DEFAULT, CAOption, CertOption, KeyOption, ProfileOption, or_stdout
from envoy.cli.register_fleet import (
    ConcurrencyOption,
    DaskOption,
    FleetOrder,
    JournalOption,
    ResultsOption,
    print_columns,
    register_all,
)
from envoy.errors import EnvoyError
from envoy.protocol.results import RegistrationError

if TYPE_CHECKING:
    from envoy.client.client import Exchange
    from envoy.protocol.results import Registration


def register(
    site: Annotated[
        Path,
        typer.Argument(metavar="SITE.toml|FLEET", help="A site, or many: a .csv or .jsonl file, or a folder of sites."),
    ],
    server: ServerOption,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CAOption = None,
    profile: ProfileOption = DEFAULT,
    header: HeaderOption = None,
    check_hostname: HostnameOption = True,
    allow_other_hosts: OtherHostsOption = False,
    timeout: TimeoutOption = 30.0,
    retries: RetriesOption = 3,
    max_wait: MaxWaitOption = 60.0,
    rate: RateOption = None,
    update: Annotated[
        bool,
        typer.Option("--update", help="Compare all with the server, and write what differs, EndDevices included."),
    ] = False,
    concurrency: ConcurrencyOption = None,
    results: ResultsOption = None,
    journal: JournalOption = None,
    dask: DaskOption = None,
    verbose: VerboseOption = False,
    columns: Annotated[
        bool,
        typer.Option("--columns", callback=print_columns, is_eager=True, help="List the columns of a fleet in CSV."),
    ] = False,
) -> None:
    """Register a site or a fleet with a utility server.

    Running it again changes nothing. Ctrl-C lets a fleet finish the sites under way; a second one ends it at once.

    Exit status: 0 all is registered, 1 something is not, 2 rows or options are wrong and nothing was sent.
    """
    from envoy.fleet.fleet_file import is_fleet

    connection = Connection(
        url=server,
        cert=cert,
        key=key,
        ca=ca,
        profile=profile,
        headers=header,
        check_hostname=check_hostname,
        allow_other_hosts=allow_other_hosts,
        timeout=timeout,
        retries=retries,
        max_wait=max_wait,
        rate=rate,
    ).options()
    if is_fleet(site):
        order = FleetOrder(site, update=update, concurrency=concurrency, results=results, journal=journal, dask=dask)
        raise typer.Exit(register_all(order, connection, verbose=verbose))
    for name, value in {
        "--concurrency": concurrency,
        "--results": results,
        "--journal": journal,
        "--dask": dask,
    }.items():
        if value is not None:
            typer.echo(f"Error: {name} is for a fleet, {site} is taken for a single site", err=True)
            raise typer.Exit(2)
    _register_one(site, connection, update=update, verbose=verbose)


def _register_one(site: Path, connection: dict[str, Any], *, update: bool, verbose: bool) -> None:
    from envoy.client.client import Client
    from envoy.registration.site import Site

    description = Site.load(site, profile=connection["profile"])
    answered: list[Exchange] = []

    def note(exchange: Exchange) -> None:
        answered.append(exchange)
        (show_exchange if verbose else show_repetition)(exchange)

    with Client(**connection, on_exchange=note) as client:
        try:
            result = client.register(description, update=update)
        except RegistrationError as error:
            _show(error.registration)
            raise
        except KeyboardInterrupt:
            _show_interruption(answered)
            raise typer.Exit(130) from None
    _show(result)


def examples(
    site: Annotated[
        Path | None, typer.Argument(metavar="[SITE.toml]", help="The site. Default: an example that fits the profile.")
    ] = None,
    profile: ProfileOption = DEFAULT,
    server: Annotated[
        str, typer.Option("--server", metavar="URL", help="Server to show, written as for envoy register.")
    ] = "https://server.example",
    name: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="text, http, curl, markdown or html. Default: what the FILE is."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", callback=or_stdout, help="Write it there; an older one is replaced."
        ),
    ] = None,
) -> None:
    """Show every request that registering a site makes. Nothing is sent.

    As text, as a .http file for a REST client, as a script that runs curl, as a Markdown page, or as one HTML page with
    the sequence drawn. The ids in the paths are made up: the server that one registers with chooses its own.
    """
    from envoy.profiles import get_profile
    from envoy.registration.dry_run import example_site
    from envoy.registration.examples import Sequence, format_of, present
    from envoy.registration.site import Site
    from envoy.urls import entry_of, origin, server_url

    chosen = get_profile(profile)
    url = server_url(server)
    path = site or example_site(chosen)
    sequence = Sequence.of(
        Site.load(path, profile=chosen), chosen, title=path.name, server=origin(url), entry=entry_of(url)
    )
    document = present(sequence, name or (format_of(output.suffix) if output else "text"))
    if output is None:
        typer.echo(document, nl=False)
        return
    try:
        output.write_text(document, encoding="utf-8", newline="\n")
    except OSError as error:
        raise EnvoyError(
            f"cannot be written: {error.strerror}", where=str(output), remedy="Name a file in a folder that exists."
        ) from None


def _show(registration: Registration) -> None:
    for step in registration.steps:
        typer.echo(str(step))
    for finding in registration.findings:
        typer.echo(f"warning: {finding}", err=True)


def _show_interruption(answered: list[Exchange]) -> None:
    typer.echo("Interrupted. The request under way may have reached the server; these were answered:", err=True)
    for exchange in answered:
        show_exchange(exchange)
    typer.echo("Run it again: what was done will be found and not repeated.", err=True)
