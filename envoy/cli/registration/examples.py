"""Command ``envoy examples``: show the requests of a registration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envoy._version import SITE_URL
from envoy.cli.connection_options import ProfileOption
from envoy.cli.terminal.output import Destination, or_stdout
from envoy.profiles import DEFAULT_PROFILE


def examples(
    site: Annotated[
        Path | None, typer.Argument(metavar="[SITE.toml]", help="Site file. Default: an example that fits the profile.")
    ] = None,
    profile: ProfileOption = DEFAULT_PROFILE,
    server: Annotated[
        str, typer.Option("--server", metavar="URL", help="Show this server, written as for envoy register.")
    ] = "https://server.example",
    name: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", metavar="FORMAT", help="text, http, curl, markdown or html. Default: by the FILE's name."
        ),
    ] = None,
    docs: Annotated[
        str, typer.Option("--docs", metavar="URL", help="html: link numbers to the documentation there.")
    ] = SITE_URL,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", callback=or_stdout, help="Write to this file; replace an older one."
        ),
    ] = None,
) -> None:
    """Show every request that registering a site makes. Nothing is sent.

    As text, as a .http file for a REST client, as a script that runs curl, as a Markdown page, or as one HTML page with
    the sequence drawn. The ids in the paths are made up: the server that one registers with chooses its own.
    """
    # deferred: --help needs none of it
    from envoy.profiles import get_profile
    from envoy.registration.dry_run import example_site
    from envoy.registration.examples import Sequence, format_of, present
    from envoy.registration.site import Site
    from envoy.urls import entry_of, origin, server_url

    chosen = get_profile(profile)
    url = server_url(server)
    path = site or example_site(chosen)
    sequence = Sequence.of(
        Site.load(path, profile=chosen),
        chosen,
        title=path.name,
        server=origin(url),
        entry=entry_of(url),
        docs=docs,
    )
    document = present(sequence, name or (format_of(output.suffix) if output else "text"))
    with Destination(output) as destination:
        destination.write(document)
        destination.finish()
