"""Commands that register a site, or show how: ``envoy register`` and ``envoy examples``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.cli.connecting import headers_from, show_exchange
from envoy.cli.options import DEFAULT, CAOption, CertOption, KeyOption, ProfileOption
from envoy.errors import EnvoyError, RegistrationError

if TYPE_CHECKING:
    from envoy.client import Exchange
    from envoy.results import Registration


def register(
    site: Annotated[Path, typer.Argument(metavar="SITE.toml", help="The site, see examples/site.toml.")],
    server: Annotated[
        str,
        typer.Option("--server", metavar="URL", help="The server: https://host:port, or the URL of DeviceCapability."),
    ],
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CAOption = None,
    profile: ProfileOption = DEFAULT,
    header: Annotated[
        list[str] | None, typer.Option("--header", metavar="NAME:VALUE", help="A further header; may be repeated.")
    ] = None,
    check_hostname: Annotated[
        bool, typer.Option(help="Whether the server's certificate must name the host. Its chain is always verified.")
    ] = True,
    allow_other_hosts: Annotated[
        bool, typer.Option("--allow-other-hosts", help="Follow links to other hosts, which then see the certificate.")
    ] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for an answer.")] = 30.0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show each exchange as it happens.")] = False,
) -> None:
    """Register a site with a utility server. Running it again changes nothing.

    Exit status: 0 the site is registered, 1 it is not.
    """
    from envoy.client import Client
    from envoy.site import Site

    description = Site.load(site, profile=profile)
    answered: list[Exchange] = []

    def note(exchange: Exchange) -> None:
        answered.append(exchange)
        if verbose:
            show_exchange(exchange)

    client = Client(
        server,
        cert=cert,
        key=key,
        ca=ca,
        profile=profile,
        check_hostname=check_hostname,
        headers=headers_from(header or []),
        timeout=timeout,
        allow_other_hosts=allow_other_hosts,
        on_exchange=note,
    )
    with client:
        try:
            result = client.register(description)
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
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there; an older one is replaced.")
    ] = None,
) -> None:
    """Show every request that registering a site makes. Nothing is sent.

    As text, as a .http file for a REST client, as a script that runs curl, as a Markdown page, or as one HTML page with
    the sequence drawn. The ids in the paths are made up: the server that one registers with chooses its own.
    """
    from envoy.dryrun import example_site
    from envoy.presentation import Sequence, format_of, present
    from envoy.profiles import get_profile
    from envoy.site import Site
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
    for fault in registration.faults:
        typer.echo(f"warning: {fault}", err=True)


def _show_interruption(answered: list[Exchange]) -> None:
    typer.echo("Interrupted. The request under way may have reached the server; these were answered:", err=True)
    for exchange in answered:
        show_exchange(exchange)
    typer.echo("Run it again: what was done will be found and not repeated.", err=True)
