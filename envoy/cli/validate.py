"""Command ``envoy validate``: validate documents, and report on each."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.cli.terminal.exit_status import INTERRUPTED, exit_on_errors
from envoy.cli.terminal.output import Destination, or_stdout
from envoy.cli.terminal.progress import Progress, ProgressDisplay
from envoy.errors import BaselineError, DestinationError, EnvoyError, ProfileError
from envoy.profiles import DEFAULT_PROFILE, PROFILES, Profile, get_profile

if TYPE_CHECKING:
    from envoy.checker.baseline import Baseline
    from envoy.checker.batching import SourceQueue
    from envoy.checker.checker import Checker
    from envoy.checker.file_fixes import FixPolicy
    from envoy.checker.reports import Summary, Verdict
    from envoy.checker.sources import FileSource

    Find = Callable[[], Iterator[FileSource]]

FORMATS = ("text", "json", "junit", "sarif", "github")
"""Formats of the report."""

_DETAILED = ("json", "sarif", "terminal", "colour")
"""Reports that show the source of a finding and its fix."""

_PATIENCE = 0.5
"""Seconds before progress is shown; what is done sooner needs none."""


@exit_on_errors({EnvoyError: 2, OSError: 2, KeyboardInterrupt: INTERRUPTED})
def validate(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files, folders, .zip, .tar, .har, .http; - for standard input."),
    ],
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help=f"{', '.join(PROFILES)}, auto (detect it).")
    ] = DEFAULT_PROFILE,
    schema: Annotated[
        Path | None, typer.Option("--schema", metavar="FILE", help="Validate by this XSD instead of a profile.")
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Take these files of a folder: 'dcap/*.xml'. Default: *.xml."),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules/--no-rules", help="Warn by the rules beyond the schema. Default: yes.")
    ] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Take these warnings for errors.")] = False,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMATS)}.")] = "text",
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=or_stdout, help="Write the report to a file instead of standard output."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Accept the findings in this file of --write-baseline.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all findings into a baseline, and accept them.")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Write what was certainly meant into the files.")] = False,
    unsafe_fixes: Annotated[bool, typer.Option("--unsafe-fixes", help="Write what was likely meant as well.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what would be fixed as a diff; write nothing.")] = False,
    colour: Annotated[bool, typer.Option("--color/--no-color", help="Use colour on a terminal. Default: yes.")] = True,
    max_size: Annotated[
        int | None, typer.Option(min=1, metavar="OCTETS", help="Read documents of at most this size. Default: 2 MiB.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Use at most N processes. Default: one per core.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Use a Dask cluster; its scheduler: tcp://host:8786.")
    ] = None,
) -> None:
    """Validate XML documents by a schema and by rules.

    Exit status: 0 all are valid, 1 something is not (with --diff: would be fixed), 2 a file could not be read, the
    report could not be written, or an option is wrong.
    """
    if form not in FORMATS:
        raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(FORMATS)}.")
    if workers and dask:
        raise EnvoyError("--workers and --dask exclude each other", remedy="Use one at a time.")
    if dask and (fix or unsafe_fixes or diff):
        raise EnvoyError("--dask does not fix files", remedy="Use --workers.")
    if diff and form != "text":
        raise EnvoyError(f"--diff and --format {form} exclude each other", remedy="Use one at a time.")
    if form == "text" and output is None and sys.stdout is not None and sys.stdout.isatty():
        plain = not colour or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
        form = "terminal" if plain else "colour"
    if "" in files:
        raise EnvoyError("the name of a file is empty", remedy="The variable that names it may not be set.")
    if output and any(_is_same(name, output) for name in files):
        raise EnvoyError(f"--output would overwrite {output}, one of the documents", remedy="Name another file.")
    if write_baseline and not (write_baseline.parent.is_dir() and not write_baseline.is_dir()):
        raise BaselineError("cannot be written: no such folder", where=str(write_baseline))
    # deferred: --help needs none of it
    from envoy.checker.baseline import Baseline
    from envoy.checker.checker import Checker
    from envoy.checker.sources import INCLUDE
    from envoy.codec.parser import MAX_SIZE

    accepted = Baseline.load(baseline) if baseline else None
    checker = Checker(
        _find_profile(profile, schema),
        max_size or MAX_SIZE,
        rules=rules or strict,
        strict=strict,
        fixes=form in _DETAILED,
        excerpts=form in _DETAILED,
        timed=form == "junit",
        policy=_fix_policy(unsafe_fixes, diff, accepted) if fix or unsafe_fixes or diff else None,
    )
    found = Baseline()

    def accept(verdict: Verdict) -> Verdict:
        """Return a verdict without the findings that are accepted."""
        if write_baseline:
            found.add(verdict.findings)
        return verdict if accepted is None else verdict.without(accepted)

    find = partial(_find, files, include or INCLUDE, output)
    with _checking(checker, find, workers, dask) as (queue, verdicts):
        summary = _report("diff" if diff else form, output, find, queue, map(accept, verdicts))
    if write_baseline:
        found.save(write_baseline)
    if diff:
        typer.echo(f"{summary.fixed} error{'' if summary.fixed == 1 else 's'} would be fixed", err=True)
        sys.exit(2 if summary.unread else int(summary.fixed > 0))
    if summary.unread or (summary.invalid and not write_baseline):
        sys.exit(summary.status)


def _fix_policy(unsafe: bool, diff: bool, accepted: Baseline | None) -> FixPolicy:
    from envoy.checker.file_fixes import FixPolicy  # deferred: fixes are hardly ever asked for

    return FixPolicy(unsafe, not diff, accepted)


@contextlib.contextmanager
def _checking(
    checker: Checker, find: Find, workers: int | None, dask: str | None
) -> Iterator[tuple[SourceQueue, Iterator[Verdict]]]:
    """Check all that is found, here or on a cluster. At the end, however it comes, no process is left."""
    from envoy.checker.batching import SourceQueue

    with contextlib.ExitStack() as stack:
        if dask is not None:
            from envoy._dask import require_dask

            require_dask()
            from envoy.checker.dask import Cluster, load_sources

            cluster = stack.enter_context(Cluster(dask, checker))
            queue = SourceQueue(load_sources(find(), checker.max_size))
            verdicts = cluster.check_sources(queue)
        else:
            from envoy.checker.workers import check_sources, usable_cores

            queue = SourceQueue(find())
            verdicts = check_sources(checker, queue, workers or usable_cores())
        yield queue, stack.enter_context(contextlib.closing(verdicts))


def _report(form: str, output: Path | None, find: Find, queue: SourceQueue, verdicts: Iterable[Verdict]) -> Summary:
    """Write the report. If validation fails half way, the report is of what was validated until then.

    Raises:
        EnvoyError: The report cannot be written, or not all was validated.
    """
    from envoy.checker.reports import Summary, open_report  # deferred: --help does not need it

    summary = Summary()
    failure: EnvoyError | None = None
    counter = _Counter(queue, find)
    with Destination(output) as destination, open_report(form, destination.write) as report:
        with ProgressDisplay(counter.progress, destination=destination) as display:
            due = time.monotonic() + _PATIENCE if display.is_pending else float("inf")
            try:
                for verdict in verdicts:
                    report.add(verdict)
                    summary.add(verdict)
                    if time.monotonic() >= due:
                        due = float("inf")
                        counter.start(display)
            except DestinationError:
                raise
            except EnvoyError as error:
                failure = error
        report.finish(summary)
        destination.finish()
    if failure is not None:
        raise failure
    return summary


class _Counter:
    """Count of the files that are reported, and of all."""

    def __init__(self, queue: SourceQueue, find: Find) -> None:
        self._queue = queue
        self._find = find
        self._total: int | None = None

    def start(self, display: ProgressDisplay) -> None:
        """Show progress, if something is left to do. If there are too many files to be found ahead, count them."""
        if self._queue.look_ahead(1):
            display.start()
            if not self._queue.complete:
                threading.Thread(target=self._count, daemon=True).start()

    def progress(self) -> Progress:
        return Progress(self._queue.reported, self._queue.found if self._queue.complete else self._total, "files")

    def _count(self) -> None:
        # Whatever keeps them from being found is reported where they are validated.
        with contextlib.suppress(Exception):
            self._total = sum(1 for _ in self._find())


def _find(names: Sequence[str], include: Sequence[str], output: Path | None) -> Iterator[FileSource]:
    """Find the files to validate, without the report that is being written."""
    from envoy.checker.sources import find_sources  # deferred: --help does not need it

    found = find_sources(names, include=include)
    return found if output is None else (x for x in found if not _is_same(x.name, output))


def _is_same(name: str, output: Path) -> bool:
    return os.path.basename(name) == output.name and os.path.abspath(name) == os.path.abspath(output)


def _find_profile(name: str, schema: Path | None) -> Profile | None:
    """Return the profile to validate by, None for that of each document."""
    if schema is None:
        if name == "auto":
            return None
        try:
            return get_profile(name)
        except ProfileError as error:
            remedy = f"{error.remedy} With auto the namespaces of each document decide."
            raise ProfileError(error.what, remedy=remedy) from None
    if name != DEFAULT_PROFILE:
        raise EnvoyError(f"--profile {name} and --schema {schema} exclude each other", remedy="Use one at a time.")
    from envoy.xsd.schemas import profile_for_schema  # deferred: the schema of a profile is loaded elsewhere

    return profile_for_schema(schema)
