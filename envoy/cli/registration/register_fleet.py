"""Registration of a fleet: the part of ``envoy register`` that is about many sites."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envoy.cli.connection_options import DelimiterOption, ShardOption
from envoy.cli.terminal.exchanges import show_exchange, show_outage, show_retry
from envoy.cli.terminal.exit_status import INTERRUPTED, describe_error, show_error, show_warnings
from envoy.cli.terminal.moments import parse_duration
from envoy.cli.terminal.output import remove_unless_used, show_form
from envoy.cli.terminal.progress import Progress, ProgressDisplay
from envoy.errors import EnvoyError, FleetError, SiteError

if TYPE_CHECKING:
    from envoy.client.attempt import Exchange
    from envoy.fleet import FleetRun, Outage, SiteResult, Summary

CONCURRENCY = 50
"""Sites at a time, unless an option says otherwise."""

_INTERRUPTED = "Interrupted. Run it again to go on: what was done will be found and not done again."

_SHOWN = 10
"""Failed sites that are shown; the results file has all."""

ConcurrencyOption = Annotated[
    int | None, typer.Option("--concurrency", min=1, help="Fleet: sites at a time, each on a connection. Default: 50.")
]


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """Options of ``envoy register`` for fleets alone; each is None if it is not given."""

    concurrency: ConcurrencyOption = None
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="FILE", help="Fleet: write the results here. Default: FLEET.results.jsonl."),
    ] = None
    journal: Annotated[
        Path | None,
        typer.Option("--journal", metavar="FILE", help="Fleet: remember here what is done. Default: FLEET.journal."),
    ] = None
    outage: Annotated[
        str | None,
        typer.Option(
            "--outage", metavar="DURATION", help="Fleet: wait for the server so long: 15m; 0 ends. Default: 5m."
        ),
    ] = None
    delimiter: DelimiterOption = None
    shard: ShardOption = None
    dask: Annotated[
        str | None, typer.Option("--dask", metavar="ADDRESS", help="Fleet: use the workers of this Dask scheduler.")
    ] = None

    def first_given(self) -> str | None:
        """Return the first option that is given, None if there is none."""
        return next((f"--{option.name}" for option in fields(self) if getattr(self, option.name) is not None), None)


def print_columns(requested: bool) -> None:
    """Print the columns of a fleet in CSV, and end."""
    if not requested:
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
    """Results of a run so far, for its display and its end."""

    summary: Summary
    failed: list[SiteResult] = field(default_factory=list)
    retries: int = 0
    waiting: bool = False
    error: EnvoyError | None = None

    def add(self, result: SiteResult) -> None:
        self.summary.add(result)
        if result.error is not None and len(self.failed) < _SHOWN:
            self.failed.append(result)

    def progress(self, run: FleetRun) -> Progress:
        from envoy.fleet import State  # deferred: --help does not need it

        done, rows = self.summary.total, run.progress.rows
        if not run.progress.turn:
            return Progress(done, None, "sites", phase=f"{run.progress.checked:,} rows checked")
        if not done and not run.progress.under_way:
            return Progress(done, rows, "sites", phase="reading the list of EndDevices")
        counts = {
            "deferred": run.deferred,
            "failed": self.summary.states[State.FAILED],
            "requests retried": self.retries,
        }
        notes = [f"{count:,} {what}" for what, count in counts.items() if count]
        return Progress(done, rows, "sites", notes=(*notes, *["waiting for the server"] * self.waiting))


def register_fleet(
    path: Path, options: FleetOptions, connection: dict[str, Any], *, update: bool, verbose: bool
) -> int:
    """Register a fleet, and return the exit status.

    Args:
        path: The fleet.
        options: Options for fleets.
        connection: Arguments of the client.
        update: Ignore the journal, and write also the EndDevices that differ.
        verbose: Show each exchange.
    """
    try:
        return asyncio.run(_register_fleet(path, options, connection, update=update, verbose=verbose))
    except (KeyboardInterrupt, asyncio.CancelledError):
        # A signal before the run or after it, where there is nothing to be finished.
        typer.echo(_INTERRUPTED, err=True)
        return INTERRUPTED


async def _register_fleet(
    path: Path, options: FleetOptions, connection: dict[str, Any], *, update: bool, verbose: bool
) -> int:
    # deferred: --help needs none of it
    from envoy.cli.terminal.interrupts import Interrupts
    from envoy.client.async_client import AsyncClient
    from envoy.fleet import Fleet, FleetRun, Journal, ResultFile, Shard, Summary

    shard = Shard.parse(options.shard) if options.shard is not None else None
    if shard is not None and options.dask is not None:
        raise EnvoyError("--shard and --dask exclude each other", remedy="Leave one out.")
    fleet = Fleet(path, connection["profile"], delimiter=options.delimiter or ",", shard=shard)
    concurrency = options.concurrency or CONCURRENCY
    account = _Account(Summary())
    # Those of several shards may be side by side.
    name = path.resolve().name if shard is None else f"{path.resolve().name}.{shard.number}-of-{shard.count}"

    def note(exchange: Exchange) -> None:
        account.retries += exchange.again
        if verbose:
            show_exchange(exchange)
        elif not account.summary.total:
            # Later there may be many; they are counted.
            show_retry(exchange)

    def note_outage(outage: Outage) -> None:
        account.waiting = not outage.over
        show_outage(outage)

    async with contextlib.AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            AsyncClient(**connection, max_connections=concurrency, on_exchange=note)
        )
        server = client.base + (client.entry or "")
        journal_file = options.journal or path.resolve().with_name(f"{name}.journal")
        results_file = options.results or path.resolve().with_name(f"{name}.results.jsonl")
        keep = stack.enter_context(remove_unless_used(journal_file, results_file))
        journal = stack.enter_context(Journal(journal_file, server, fleet.profile))
        results = stack.enter_context(ResultFile(results_file))
        further: dict[str, Any] = {"concurrency": concurrency, "journal": journal, "update": update}
        further["on_outage"] = note_outage
        if options.outage is not None:
            further["outage"] = parse_duration(options.outage)
        if options.dask is None:
            run = stack.enter_context(FleetRun(client, fleet, **further))
        else:
            from envoy._dask import require_dask

            require_dask()
            from envoy.fleet.dask import ClusterRun  # deferred: needs the extra

            cluster_run = ClusterRun(options.dask, connection, client, fleet, **further)
            run = await stack.enter_async_context(cluster_run)
        interrupts = stack.enter_context(Interrupts(run))
        try:
            with ProgressDisplay(lambda: account.progress(run), log=True) as display:
                display.start()
                try:
                    await run.check()
                finally:
                    show_form(path, fleet.format)
                async with contextlib.aclosing(run.results()) as settled:
                    async for result in settled:
                        keep()
                        results.add(result)
                        account.add(result)
            # What it has to say of its end belongs to what is shown.
            journal.close()
        except EnvoyError as error:
            if isinstance(error, FleetError | SiteError) and not account.summary.total:
                raise
            account.error = error
        except asyncio.CancelledError:
            if not interrupts.status:
                raise
        account.summary.left_out(run.progress.rows - account.summary.total)
    complete = account.error is None and account.summary.complete and bool(run.progress.rows)
    _show(account, results.path, run, interrupted=bool(interrupts.status) and not complete)
    return 0 if complete else interrupts.status or 1


def _show(account: _Account, results: Path, run: FleetRun, *, interrupted: bool) -> None:
    # deferred: --help needs none of it
    from envoy._text import printable
    from envoy.fleet import State

    summary = account.summary
    show_warnings(run.survey.findings if run.survey else ())
    for result in account.failed:
        typer.echo(printable(f"{result.where}: {describe_error(result.error)}", lines=True), err=True)
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
        show_error(account.error)
    elif interrupted:
        typer.echo(_INTERRUPTED, err=True)
