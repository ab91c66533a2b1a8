"""Commands for readings: ``envoy post-readings``, and ``envoy spool`` for what is still to be posted."""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

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
from envoy.cli.options import DEFAULT, CAOption, CertOption, KeyOption, ServerProfileOption
from envoy.errors import EnvoyError, SpoolError, SpoolFullError
from envoy.metering.results import PostingError

if TYPE_CHECKING:
    from envoy.client.client import Client
    from envoy.metering import Mirror, Posted, Spool
    from envoy.metering.reading import Entry
    from envoy.metering.results import Intake

UNPOSTED = 3
"""Exit status: the readings are in the spool, and some could not be posted."""


def post_readings(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE.csv]", help="The readings, - for standard input. Default: none new.")
    ] = None,
    server: ServerOption = "",
    mirror: Annotated[
        list[Path] | None,
        typer.Option("--mirror", metavar="MIRROR.toml", help="Whose readings they are; may be repeated."),
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option("--spool", metavar="FILE", help="Where readings are kept until they are posted; made if needed."),
    ] = None,
    cert: CertOption = None,
    key: KeyOption = None,
    ca: CAOption = None,
    profile: ServerProfileOption = DEFAULT,
    header: HeaderOption = None,
    check_hostname: HostnameOption = True,
    allow_other_hosts: OtherHostsOption = False,
    timeout: TimeoutOption = 30.0,
    retries: RetriesOption = 3,
    max_wait: MaxWaitOption = 60.0,
    rate: RateOption = None,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Most readings in one POST.")] = 200,
    spool_limit: Annotated[int, typer.Option(min=1, metavar="N", help="Most readings in the spool.")] = 1_000_000,
    drop_oldest: Annotated[
        bool, typer.Option("--drop-oldest", help="Give up the oldest readings of a full spool, rather than refuse new.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Take the rows as they are written to FILE, and post them when it is time.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the requests for the readings of FILE. Nothing is sent or kept.")
    ] = False,
    verbose: VerboseOption = False,
) -> None:
    """Post readings to a utility server, from a spool.

    All rows are checked first. Then the readings go into the spool, and from there to the server, the oldest first.
    Without FILE, what the spool holds is posted. Posting a file again posts what is new in it. With --follow it goes on
    until standard input ends or it is interrupted; a row with a fault is told and skipped then.

    Exit status: 0 all is posted, or kept until the server's postRate allows it; 1 the readings or options are wrong,
    and nothing was taken; 3 readings could not be posted: they are in the spool, and the next run posts them.
    """
    from envoy.metering import Spool
    from envoy.metering.mirror_file import load_mirror

    if follow and (file is None or dry_run):
        raise EnvoyError("--follow is for readings that come in", remedy="Name the CSV file, or - for standard input.")
    if file is not None and not mirror:
        raise EnvoyError("--mirror is missing", remedy="Name the mirror file, such as examples/mirror.toml.")
    mirrors = [load_mirror(path) for path in mirror or ()]
    if dry_run:
        _show_requests(file, mirrors, profile, server, batch)
        return
    if spool is None or not server:
        raise EnvoyError(
            f"--{'server' if spool else 'spool'} is missing",
            remedy="Say where the server is, and which file keeps readings until it has them: "
            "--server https://host:port --spool readings.spool",
        )
    from envoy.client.client import Client

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
    with (
        Client(**connection, on_exchange=show_exchange if verbose else show_repetition) as client,
        Spool(spool, max_readings=spool_limit, when_full="drop-oldest" if drop_oldest else "refuse") as queue,
    ):
        if file is not None and follow:
            _follow(file, mirrors, client, queue, batch)
            return
        if file is not None:
            _show_intake(_import(file, mirrors, client, queue, batch))
        _post(client, queue, batch)


def _import(file: str, mirrors: list[Mirror], client: Client, queue: Spool, batch: int) -> Intake:
    with _opened_csv(file, mirrors) as read:
        try:
            return queue.put_entries(read())
        except SpoolFullError as full:
            # What is there may make room once it is posted.
            try:
                _post(client, queue, batch)
            except typer.Exit:
                raise full from None
            return queue.put_entries(read())


@contextlib.contextmanager
def _opened_csv(name: str, mirrors: list[Mirror]) -> Iterator[Callable[[], Iterator[tuple[Mirror, Entry]]]]:
    """Return what reads a CSV file from its beginning."""
    from envoy.metering.csv_import import read_csv

    with contextlib.ExitStack() as stack:
        try:
            file: BinaryIO = sys.stdin.buffer if name == "-" else stack.enter_context(open(name, "rb"))
            if name == "-" or not file.seekable():
                # It may come slowly, and other programs wait while the spool takes readings.
                copy = stack.enter_context(tempfile.TemporaryFile())
                shutil.copyfileobj(file, copy)
                file = copy
        except OSError as error:
            raise EnvoyError(
                f"cannot be read: {error.strerror}", where=name, remedy="Give a CSV file, or - for standard input."
            ) from None
        lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")

        def read() -> Iterator[tuple[Mirror, Entry]]:
            lines.seek(0)
            return read_csv(lines, mirrors, where="<stdin>" if name == "-" else name)

        yield read


def _post(client: Client, queue: Spool, batch: int) -> None:
    from envoy.metering.post_readings import post_readings as run

    try:
        posted = client.run(run(queue, client, batch_size=batch))
    except (PostingError, SpoolError) as error:
        _show(error.posted if isinstance(error, PostingError) else [])
        typer.echo(f"Error: {error}", err=True)
        waiting = queue.counts().waiting
        typer.echo(f"{waiting} readings are in {queue.file}; the next run posts them first.", err=True)
        raise typer.Exit(UNPOSTED) from None
    except KeyboardInterrupt:
        typer.echo(f"Interrupted. {queue.counts().waiting} readings are in {queue.file}.", err=True)
        raise typer.Exit(130) from None
    _show(posted)
    if not posted:
        typer.echo("Nothing is waiting.")
    if any(each.set_aside for each in posted):
        typer.echo(
            f"The server refused readings; envoy spool export {queue.file} shows them with the reason.", err=True
        )
        raise typer.Exit(UNPOSTED)


def _follow(file: str, mirrors: list[Mirror], client: Client, queue: Spool, batch: int) -> None:
    from envoy.cli.follow_file import RETRY, follow
    from envoy.metering.post_readings import post_readings as run

    def post() -> float:
        try:
            posted = client.run(run(queue, client, batch_size=batch))
        except (PostingError, SpoolError) as error:
            _show(error.posted if isinstance(error, PostingError) else [])
            typer.echo(f"Error: {error}", err=True)
            return RETRY
        _show(posted)
        return min((each.due - time.time() for each in posted if each.due is not None), default=0.0)

    try:
        follow(file, mirrors, queue, post)
    except KeyboardInterrupt:
        typer.echo(f"Interrupted. {queue.counts().waiting} readings are in {queue.file}.", err=True)
        raise typer.Exit(130) from None


def _show(posted: list[Posted]) -> None:
    for each in posted:
        typer.echo(str(each))
        for finding in each.findings:
            typer.echo(f"warning: {finding}", err=True)


def _show_intake(taken: Intake) -> None:
    known = f", {taken.known} were posted or kept before" if taken.known else ""
    typer.echo(f"{taken.new} new readings{known}")
    if taken.dropped:
        typer.echo(f"warning: the spool was full, and its {taken.dropped} oldest readings were dropped", err=True)


def _show_requests(file: str | None, mirrors: list[Mirror], profile: str, server: str, batch: int) -> None:
    from envoy.metering.dry_run import dry_run
    from envoy.profiles import get_profile
    from envoy.registration.examples.text import as_text
    from envoy.urls import origin, server_url

    chosen = get_profile(profile)
    if file is None:
        requests = []
    else:
        with _opened_csv(file, mirrors) as read:
            requests = dry_run(read(), chosen, batch_size=batch)
    shown = origin(server_url(server or "https://server.example"))
    typer.echo("\n\n".join(as_text(request, chosen, shown) for request in requests))


spool = typer.Typer(help="See what readings wait, and what the server refused.", no_args_is_help=True)

SpoolArgument = Annotated[Path, typer.Argument(metavar="FILE", help="The spool.")]


@spool.command("status")
def spool_status(file: SpoolArgument) -> None:
    """Print how many readings are waiting, set aside, posted, and given up; where the mirrors are, and what fails."""
    with _opened(file) as queue:
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
        bool, typer.Option("--waiting", help="The readings that are waiting, rather than those set aside.")
    ] = False,
) -> None:
    """Print the readings that are set aside as CSV, each with the reason. post-readings can read it."""
    from envoy.metering.csv_export import export_csv

    with _opened(file) as queue:
        export_csv(queue, sys.stdout, waiting=waiting)


@spool.command("retry")
def spool_retry(file: SpoolArgument) -> None:
    """Put the readings that are set aside back, so that the next run posts them."""
    with _opened(file) as queue:
        typer.echo(f"{queue.retry()} readings put back")


@spool.command("discard")
def spool_discard(file: SpoolArgument) -> None:
    """Throw away the readings that are set aside."""
    with _opened(file) as queue:
        typer.echo(f"{queue.discard()} readings discarded")


def _opened(file: Path) -> Spool:
    from envoy.metering import Spool

    if not file.is_file():
        raise SpoolError("there is no such file", where=str(file), remedy="Give the file that --spool named.")
    return Spool(file)
