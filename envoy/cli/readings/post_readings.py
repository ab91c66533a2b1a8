"""Command ``envoy post-readings``: post readings to a server, from a spool."""

from __future__ import annotations

import contextlib
import io
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from envoy.bindings.csv_format import CsvFormat
from envoy.cli.connection_options import DelimiterOption, LinkedConnection, ServerOption, VerboseOption, expand_options
from envoy.cli.discover import locate_server
from envoy.cli.terminal.exchanges import show_exchange, show_retry
from envoy.cli.terminal.exit_status import INTERRUPTED, show_error, show_warnings
from envoy.cli.terminal.output import remove_unless_used, show_form
from envoy.errors import EnvoyError, SpoolError, SpoolFullError
from envoy.metering.results import PostingError

if TYPE_CHECKING:
    from envoy.client.client import Client
    from envoy.metering import Mirror, Posted, Spool
    from envoy.metering.reading import Entry
    from envoy.metering.results import Intake

UNPOSTED = 3
"""Exit status: the readings are in the spool, and some could not be posted."""


@expand_options
def post_readings(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE.csv]", help="Readings, or - for standard input. Default: none new.")
    ] = None,
    *,
    server: ServerOption = "",
    mirror: Annotated[
        list[Path] | None,
        typer.Option("--mirror", metavar="MIRROR.toml", help="Description of the mirror of the readings; repeatable."),
    ] = None,
    spool: Annotated[
        Path | None,
        typer.Option("--spool", metavar="FILE", help="Keep readings here until they are posted; made if needed."),
    ] = None,
    connection: LinkedConnection,
    delimiter: DelimiterOption = None,
    batch: Annotated[int, typer.Option(min=1, metavar="N", help="Post at most N readings at a time.")] = 200,
    spool_limit: Annotated[int, typer.Option(min=1, metavar="N", help="Keep at most N readings in it.")] = 1_000_000,
    drop_oldest: Annotated[
        bool, typer.Option("--drop-oldest", help="Drop the oldest readings of a full spool instead of refusing new.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="Take rows as they are written to FILE, and post when it is time.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the requests for FILE; send and keep nothing.")
    ] = False,
    verbose: VerboseOption = False,
) -> None:
    """Post readings to a utility server, from a spool.

    All rows are checked first. Then the readings go into the spool, and from there to the server, the oldest first.
    Without FILE, what the spool holds is posted. Posting a file again posts what is new in it. With --follow it goes on
    until standard input ends or it is interrupted; a row with an error is reported and skipped then.

    Exit status: 0 all is posted, or kept until the server's postRate allows it; 2 the readings or options are wrong,
    and nothing was taken; 3 readings could not be posted: they are in the spool, and the next run posts them.
    """
    # deferred: --help needs none of it
    from envoy.metering import Spool
    from envoy.metering.mirror_file import load_mirror

    if follow and (file is None or dry_run):
        raise EnvoyError("--follow is for readings that come in", remedy="Name the CSV file, or - for standard input.")
    if file == "-" and sys.stdin is None:
        raise EnvoyError("standard input is closed", remedy="Name the CSV file.")
    if file is not None and not mirror:
        raise EnvoyError("--mirror is missing", remedy="Name the mirror file, such as examples/mirror.toml.")
    mirrors = [load_mirror(path) for path in mirror or ()]
    form = CsvFormat(delimiter or ",")
    if dry_run:
        _show_requests(file, mirrors, connection.profile, server, batch, form)
        return
    if spool is None or not server:
        raise EnvoyError(
            f"--{'server' if spool else 'spool'} is missing",
            remedy="Say where the server is, and which file keeps readings until it has them: "
            "--server https://host:port --spool readings.spool",
        )
    from envoy.client.client import Client  # deferred: a dry run does not need it

    server, connection = locate_server(server, connection, *(each.lfdi for each in mirrors))
    with (
        remove_unless_used(spool) as keep,
        Client(**connection.arguments(server), on_exchange=show_exchange if verbose else show_retry) as client,
        Spool(spool, max_readings=spool_limit, when_full="drop-oldest" if drop_oldest else "refuse") as queue,
    ):
        try:
            if file is not None and follow:
                keep()
                _follow(file, mirrors, client, queue, batch, form)
                return
            if file is not None:
                _show_intake(_import(file, mirrors, client, queue, batch, form))
            keep()
            _finish(_post(client, queue, batch), queue)
        except KeyboardInterrupt:
            typer.echo(f"Interrupted. {queue.counts().waiting} readings are in {queue.file}.", err=True)
            sys.exit(INTERRUPTED)


def _import(file: str, mirrors: list[Mirror], client: Client, queue: Spool, batch: int, form: CsvFormat) -> Intake:
    with _open_csv(file, mirrors, form) as read:
        try:
            return queue.put_entries(read())
        except SpoolFullError as full:
            # What is there may make room once it is posted.
            if _post(client, queue, batch) is None:
                raise full from None
            return queue.put_entries(read())


@contextlib.contextmanager
def _open_csv(
    name: str, mirrors: list[Mirror], form: CsvFormat
) -> Iterator[Callable[[], Iterator[tuple[Mirror, Entry]]]]:
    """Open a CSV file; return a function that reads it from its beginning."""
    from envoy.metering.csv_import import read_csv  # deferred: --help does not need it

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
            return read_csv(lines, mirrors, where="<stdin>" if name == "-" else name, form=form)

        try:
            yield read
        finally:
            show_form(name, form)


def _post(client: Client, queue: Spool, batch: int) -> list[Posted] | None:
    """Post what is waiting, and show what was posted and what failed; return None if something failed."""
    from envoy.metering.post_readings import post_readings as run  # deferred: a dry run does not need it

    try:
        posted = client.run(run(queue, client, batch_size=batch))
    except (PostingError, SpoolError) as error:
        _show(error.posted if isinstance(error, PostingError) else [])
        show_error(error)
        return None
    _show(posted)
    return posted


def _finish(posted: list[Posted] | None, queue: Spool) -> None:
    if posted is None:
        typer.echo(f"{queue.counts().waiting} readings are in {queue.file}; the next run posts them first.", err=True)
        sys.exit(UNPOSTED)
    if not posted:
        typer.echo("Nothing is waiting.")
    if any(each.set_aside for each in posted):
        typer.echo(
            f"The server refused readings; envoy spool export {queue.file} shows them with the reason.", err=True
        )
        sys.exit(UNPOSTED)


def _follow(file: str, mirrors: list[Mirror], client: Client, queue: Spool, batch: int, form: CsvFormat) -> None:
    from envoy.cli.readings.follow_file import RETRY, follow  # deferred: most runs do not need it

    def post() -> float:
        posted = _post(client, queue, batch)
        if posted is None:
            return RETRY
        return min((each.due - time.time() for each in posted if each.due is not None), default=0.0)

    follow(file, mirrors, queue, post, form)


def _show(posted: list[Posted]) -> None:
    for each in posted:
        typer.echo(str(each))
        show_warnings(each.findings)


def _show_intake(taken: Intake) -> None:
    known = f", {taken.known} were posted or kept before" if taken.known else ""
    typer.echo(f"{taken.new} new readings{known}")
    if taken.dropped:
        show_warnings([f"the spool was full, and its {taken.dropped} oldest readings were dropped"])


def _show_requests(
    file: str | None, mirrors: list[Mirror], profile: str, server: str, batch: int, form: CsvFormat
) -> None:
    # deferred: other runs need none of it
    from envoy.metering.dry_run import dry_run
    from envoy.profiles import get_profile
    from envoy.registration.examples.text import as_text
    from envoy.urls import origin, server_url

    chosen = get_profile(profile)
    requests = []
    if file is not None:
        with _open_csv(file, mirrors, form) as read:
            requests = dry_run(read(), chosen, batch_size=batch)
    shown = origin(server_url(server or "https://server.example"))
    typer.echo("\n\n".join(as_text(request, chosen, shown) for request in requests))
