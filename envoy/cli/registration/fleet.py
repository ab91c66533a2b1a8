"""Commands ``envoy fleet``: a template of a fleet file, and the states of a fleet for another number of shards."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from envoy.cli.connection_options import ProfileOption
from envoy.cli.terminal.output import Destination, or_stdout
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE

fleet = typer.Typer(help="Write a fleet file to fill in, or states of shards.", no_args_is_help=True)


@fleet.command("template")
def fleet_template(
    rows: Annotated[int, typer.Option("--rows", min=1, max=1_000_000, metavar="N", help="Write N sites.")],
    pen: Annotated[int, typer.Option("--pen", help="Private Enterprise Number (IANA) of the aggregator.")],
    first: Annotated[int, typer.Option("--first", metavar="N", help="Number of the first site in the LFDIs.")] = 1,
    pen_form: Annotated[str, typer.Option(help="Write the PEN in the LFDI as decimal (CSIP-AUS) or hex.")] = "decimal",
    profile: ProfileOption = DEFAULT_PROFILE,
    delimiter: Annotated[
        str, typer.Option("--delimiter", metavar="CHAR", help="Separate columns by: comma, semicolon, tab.")
    ] = "comma",
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", callback=or_stdout, help="Write to this file, a new one."),
    ] = None,
) -> None:
    """Write a fleet file in CSV to fill in.

    It has columns, names of codes, and an LFDI for each site. The values are those of an example. envoy register
    --columns lists all columns.
    """
    # deferred: --help needs none of it
    from envoy.bindings.csv_format import CsvFormat
    from envoy.fleet.template import template_rows
    from envoy.profiles import get_profile

    if pen_form not in ("decimal", "hex"):
        raise EnvoyError(f"--pen-form {pen_form} is unknown", remedy="It is decimal or hex.")
    mark = CsvFormat(delimiter).delimiter
    if not mark:
        raise EnvoyError("--delimiter auto is for files that are read", remedy="Write comma, semicolon or tab.")
    if output is not None and output.exists():
        raise EnvoyError("already exists", where=str(output), remedy="It may have been filled in: name a new file.")
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator="\n").writerows(
        template_rows(get_profile(profile), rows, pen, first=first, pen_form=pen_form)
    )
    with Destination(output) as destination:
        destination.write(text.getvalue())
        destination.finish()
    if output is not None:
        sites = "1 site" if rows == 1 else f"{rows:,} sites"
        typer.echo(f"{output}: {sites} to fill in. Open lfdi and nmi in a spreadsheet as text.", err=True)


@fleet.command("reshard")
def fleet_reshard(
    states: Annotated[
        list[Path], typer.Argument(metavar="STATE...", help="Folders of the states of all shards that there are.")
    ],
    shards: Annotated[int, typer.Option("--shards", min=1, metavar="N", help="How many shards there are to be.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Write the states of the new ones here, a new folder.")
    ],
) -> None:
    """Write the states of a fleet for another number of shards.

    What is known of each site goes to the state of the shard that it is in by then: DIR/shard-01 is that of
    --shard 1/N. End all processes that follow the fleet before. The old states stay as they are.
    """
    from envoy.fleet.reshard import reshard  # deferred: --help does not need it

    for folder, sites in reshard(states, to, shards).items():
        typer.echo(f"{folder}  {sites:,} sites")
