"""The part of ``envoy register`` that is about fleets."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy.cli.connection_options import show_exchange, show_repetition
from envoy.errors import EnvoyError, FleetError, SiteError

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient
    from envoy.client.attempt import Exchange
    from envoy.fleet import Fleet, FleetRun, SiteResult, Summary

ConcurrencyOption = Annotated[
    int | None, typer.Option("--concurrency", min=1, help="Fleet: sites at a time, each on a connection. Default: 50.")
]

ResultsOption = Annotated[
    Path | None,
    typer.Option("--results", metavar="FILE", help="Fleet: what became of each. Default: FLEET.results.jsonl."),
]

JournalOption = Annotated[
    Path | None,
    typer.Option("--journal", metavar="FILE", help="Fleet: what is done, to save time. Default: FLEET.journal."),
]

CONCURRENCY = 50
"""Sites at a time, unless told otherwise."""

DaskOption = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Fleet: spread it over the workers of this Dask scheduler."),
]

_INTERRUPTED = "Interrupted. Run it again to go on: what was done will be found and not repeated."

_SHOWN = 10
"""Failed sites that are shown; the result file has all."""


@dataclass(frozen=True, slots=True)
class FleetOrder:
    """What is asked of a fleet on the command line.

    Attributes:
        path: The fleet.
        update: Believe no journal, and write also the EndDevices that differ.
        concurrency: Sites at a time; None for the usual number.
        results: The result file; None for the one beside the fleet.
        journal: The journal; None for the one beside the fleet.
        dask: Address of a Dask scheduler; None to do it here.
    """

    path: Path
    update: bool = False
    concurrency: int | None = None
    results: Path | None = None
    journal: Path | None = None
    dask: str | None = None

    def beside(self, ending: str) -> Path:
        """Return the name of a file beside the fleet."""
        return self.path.resolve().with_name(f"{self.path.resolve().name}.{ending}")


def print_columns(wanted: bool) -> None:
    """Print the columns of a fleet in CSV, and end."""
    if not wanted:
        return
    from envoy.fleet.csv_columns import MAX_DERS, columns

    width = max(map(len, columns()))
    for column in columns().values():
        form = f"{column.form}{' (required)' if column.required else ''}"
        typer.echo(f"{column.name:{width}}  {form}\n    {column.meaning}")
    typer.echo(
        f"\nColumns of the second DER, and of more up to {MAX_DERS}, have its number: der[2].capability.rtg_max_w.\n"
        "Only lfdi must be there. What is required below another name is so where one of its columns has something."
    )
    raise typer.Exit


@dataclass(slots=True)
class _Account:
    """What has come of a run so far, for its display and its end."""

    summary: Summary
    failed: list[SiteResult] = field(default_factory=list)
    error: EnvoyError | None = None

    def add(self, result: SiteResult) -> None:
        self.summary.add(result)
        if result.error is not None and len(self.failed) < _SHOWN:
            self.failed.append(result)


def register_all(order: FleetOrder, connection: dict[str, Any], *, verbose: bool) -> int:
    """Register a fleet, and return the exit status."""
    try:
        return asyncio.run(_register_all(order, connection, verbose=verbose))
    except EnvoyError as error:
        # What fails in the middle of a run is told with its results.
        typer.echo(f"Error: {error}", err=True)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        # A signal before the run or after it, where there is nothing to be finished.
        typer.echo(_INTERRUPTED, err=True)
        return 130


async def _register_all(order: FleetOrder, connection: dict[str, Any], *, verbose: bool) -> int:
    from envoy.cli.fleet_progress import Display
    from envoy.cli.interrupts import Interruptions
    from envoy.client.async_client import AsyncClient
    from envoy.fleet import Fleet, Journal, ResultFile, Summary

    fleet = Fleet(order.path, connection["profile"])
    concurrency = order.concurrency or CONCURRENCY
    account = _Account(Summary())
    display = Display(account.summary)

    def note(exchange: Exchange) -> None:
        display.repeated += exchange.again
        if verbose:
            show_exchange(exchange)
        elif not account.summary.total:
            # Later there may be many; they are counted.
            show_repetition(exchange)

    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            AsyncClient(**connection, max_connections=concurrency, on_exchange=note)
        )
        server = client.base + (client.entry or "")
        journal = stack.enter_context(Journal(order.journal or order.beside("journal"), server, fleet.profile))
        results = stack.enter_context(ResultFile(order.results or order.beside("results.jsonl")))
        options: dict[str, Any] = {"concurrency": concurrency, "journal": journal, "update": order.update}
        run = await _run(stack, order, connection, client, fleet, options)
        interruptions = stack.enter_context(Interruptions(run))
        try:
            async with display.following(run):
                await run.check()
                async with contextlib.aclosing(run.results()) as settled:
                    async for result in settled:
                        results.add(result)
                        account.add(result)
            # What it has to say of its end belongs to what is shown.
            journal.close()
        except EnvoyError as error:
            if isinstance(error, FleetError | SiteError) and not account.summary.total:
                raise
            account.error = error
        except asyncio.CancelledError:
            if not interruptions.status:
                raise
        account.summary.left_out(run.progress.rows - account.summary.total)
    complete = account.error is None and account.summary.complete and bool(run.progress.rows)
    _show(account, results.path, run, interrupted=bool(interruptions.status) and not complete)
    return 0 if complete else interruptions.status or 1


async def _run(
    stack: contextlib.AsyncExitStack,
    order: FleetOrder,
    connection: dict[str, Any],
    client: AsyncClient,
    fleet: Fleet,
    options: dict[str, Any],
) -> FleetRun:
    from envoy.fleet import FleetRun

    if order.dask is None:
        return stack.enter_context(FleetRun(client, fleet, **options))
    if importlib.util.find_spec("distributed") is None:
        raise EnvoyError("--dask needs the package distributed", remedy="pip install 'envoy-client[dask]'")
    from envoy.fleet.dask import ClusterRun

    # What it logs with a traceback is told as an error.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    return await stack.enter_async_context(ClusterRun(order.dask, connection, client, fleet, **options))


def show_faults(run: FleetRun) -> None:
    """Show on stderr what the server sent that does not fit, as far as it is not about one site."""
    for finding in run.survey.findings if run.survey else []:
        typer.echo(f"warning: {finding}", err=True)


def _show(account: _Account, results: Path, run: FleetRun, *, interrupted: bool) -> None:
    from envoy._text import printable
    from envoy.fleet import State

    summary = account.summary
    show_faults(run)
    for result in account.failed:
        typer.echo(printable(f"{result.where}: {result.error}", lines=True), err=True)
    if (more := summary.states[State.FAILED] - len(account.failed)) > 0:
        typer.echo(f"and {more} more", err=True)
    for state in State:
        if summary.states[state]:
            typer.echo(f"{summary.states[state]:>9,}  {state}")
    if summary.warnings:
        typer.echo(f"{summary.warnings:>9,}  of these with warnings")
    if len(summary.reasons) > 1:
        typer.echo("\nReasons:")
        for reason, count in summary.reasons.most_common(_SHOWN):
            typer.echo(f"{count:>9,}  {printable(reason)}")
    if summary.total:
        typer.echo(f"\nWhat became of each: {results}")
    if account.error is not None:
        typer.echo(f"Error: {account.error}", err=True)
    elif interrupted:
        typer.echo(_INTERRUPTED, err=True)
