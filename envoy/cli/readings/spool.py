"""Command ``envoy spool``: show and change what is still to be posted."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.errors import SpoolError

if TYPE_CHECKING:
    from envoy.metering import Spool

spool = typer.Typer(help="Show what readings wait, and what the server refused.", no_args_is_help=True)

SpoolArgument = Annotated[Path, typer.Argument(metavar="FILE", help="Spool file.")]


@spool.command("status")
def spool_status(file: SpoolArgument) -> None:
    """Print how many readings are waiting, set aside, posted or given up.

    With it, where the mirrors are, and which of them fail.
    """
    with _open(file) as queue:
        counts = queue.counts()
        for name in ("waiting", "set_aside", "posted", "dropped", "discarded"):
            typer.echo(f"{name.replace('_', ' '):10} {getattr(counts, name)}")
        for mrid in queue.mirrors.mrids():
            known, own = queue.mirrors.get(mrid), queue.counts(mrid)
            where = f"{known.server}{known.href}" if known.href else "not on a server"
            line = f"{known.name:10} {mrid.hex().upper()}  {where}  {own.waiting} waiting, {own.set_aside} set aside"
            if known.failing_since is not None:
                since = datetime.fromtimestamp(known.failing_since, UTC)
                times = "once" if known.failures == 1 else f"{known.failures} times"
                line += f"; the server has failed {times} since {since:%Y-%m-%dT%H:%M:%SZ}"
            typer.echo(line)


@spool.command("export")
def spool_export(
    file: SpoolArgument,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="Print the waiting readings instead of those set aside.")
    ] = False,
) -> None:
    """Print the readings that are set aside as CSV.

    Each has its reason. post-readings can read the file.
    """
    from envoy.metering.csv_export import export_csv  # deferred: the other commands do not need it

    with _open(file) as queue:
        export_csv(queue, sys.stdout, waiting=waiting)


@spool.command("retry")
def spool_retry(file: SpoolArgument) -> None:
    """Put back the readings that are set aside; the next run posts them."""
    with _open(file) as queue:
        typer.echo(f"{queue.retry()} readings put back")


@spool.command("discard")
def spool_discard(file: SpoolArgument) -> None:
    """Throw away the readings that are set aside."""
    with _open(file) as queue:
        typer.echo(f"{queue.discard()} readings discarded")


@spool.command("rescue")
def spool_rescue(
    file: SpoolArgument, new: Annotated[Path, typer.Argument(metavar="NEW-FILE", help="Spool to make.")]
) -> None:
    """Copy what is not damaged in a spool into a new one."""
    from envoy.metering.spool_rescue import rescue_spool  # deferred: the other commands do not need it

    _require(file)
    rescued = rescue_spool(file, new)
    typer.echo(f"{rescued.readings} readings and {rescued.mirrors} mirrors copied, {rescued.damaged} rows are damaged")
    if rescued.undescribed:
        typer.echo(f"{rescued.undescribed} readings are set aside until post-readings gets their mirror file again")


def _open(file: Path) -> Spool:
    from envoy.metering import Spool  # deferred: --help does not need it

    _require(file)
    return Spool(file)


def _require(file: Path) -> None:
    if not file.is_file():
        raise SpoolError("no such file", where=str(file), remedy="Give the file that --spool named.")
