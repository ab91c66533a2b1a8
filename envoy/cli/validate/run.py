"""A run of ``envoy validate``: find, check, accept what is known, report."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from envoy.checker.batching import SourceQueue
from envoy.checker.checker import Checker
from envoy.checker.reports import Summary, Verdict, counted
from envoy.checker.sources import INCLUDE, FileSource, Project, find_sources
from envoy.cli.terminal.exit_status import show_warnings
from envoy.cli.terminal.progress import Progress, ProgressDisplay
from envoy.cli.validate.options import (
    DETAILED,
    DocumentOptions,
    FindingOptions,
    FixOptions,
    ProcessOptions,
    ReportOptions,
)
from envoy.cli.validate.report_set import ReportSet
from envoy.codec.parser import MAX_SIZE
from envoy.errors import BaselineError, DestinationError, EnvoyError, ProfileError
from envoy.profiles import DEFAULT_PROFILE, Profile, get_profile

if TYPE_CHECKING:
    from envoy.checker.baseline import Baseline

_PATIENCE = 0.5
"""Seconds before progress is shown; what is done sooner needs none."""

_ANOTHER = "Name another file."


class Run:
    """One run, with the options that it has."""

    def __init__(
        self,
        files: Sequence[str],
        documents: DocumentOptions,
        findings: FindingOptions,
        fixes: FixOptions,
        reports: ReportOptions,
        processes: ProcessOptions,
        *,
        folders: Iterable[Path] = (),
    ) -> None:
        """Look at the options.

        Args:
            files: What to validate.
            documents: Which documents of that, and by what.
            findings: Which findings are reported.
            fixes: What is fixed.
            reports: How it is reported.
            processes: Which processes do the work.
            folders: Where the paths start that patterns are for, besides the working directory.

        Raises:
            EnvoyError: They do not fit each other, or one of them is wrong.
        """
        self._files = files
        self._documents = documents
        self._findings = findings
        self._fixes = fixes
        self._options = reports
        self._processes = processes
        self._project = Project.of(*folders)
        self._targets = reports.targets(diff=fixes.diff)
        if processes.workers and processes.dask:
            raise EnvoyError("--workers and --dask exclude each other", remedy="Use one at a time.")
        if processes.dask and fixes:
            raise EnvoyError("--dask does not fix files", remedy="Use --workers.")
        if findings.update_baseline and not findings.baseline:
            raise EnvoyError("--update-baseline needs a baseline", remedy="Name it with --baseline FILE.")
        if "" in files:
            raise EnvoyError("the name of a file is empty", remedy="The variable that names it may not be set.")
        if fixes.diff and (findings.update_baseline or findings.write_baseline):
            raise EnvoyError("--diff writes nothing, and so no baseline", remedy="Use one at a time.")
        self._written = {os.path.realpath(target.file) for target in self._targets if target.file is not None}
        written = findings.write_baseline
        if written is not None:
            if os.path.realpath(written) in self._written:
                raise EnvoyError(f"a report and the baseline would be written to {written}", remedy=_ANOTHER)
            self._written.add(os.path.realpath(written))
        if self._written and (name := next((x for x in files if os.path.realpath(x) in self._written), "")):
            raise EnvoyError(f"{name} is one of the documents, and would be overwritten", remedy=_ANOTHER)
        if written and not (written.parent.is_dir() and not written.is_dir()):
            raise BaselineError("cannot be written: no such folder", where=str(written))
        self._baseline = self._new = None
        if findings.baseline or written:
            from envoy.checker.baseline import Baseline  # deferred: many have none

            self._baseline = Baseline.load(findings.baseline) if findings.baseline else None
            self._new = Baseline(written) if written else None
        self._checker = self._make_checker()

    def run(self) -> int:
        """Validate and report; return the exit status.

        Raises:
            EnvoyError: A report or the baseline cannot be written, or not all was validated.
        """
        with self._checking() as (queue, verdicts):
            summary = self._report(queue, verdicts)
        if self._new is not None:
            self._new.save()
            self._say(
                f"{self._findings.write_baseline}: {counted(len(self._new), 'known finding') or 'nothing'} written"
            )
        if self._baseline is not None:
            self._report_gone(self._baseline)
        if self._fixes.diff:
            self._say(f"{summary.fixed} error{'' if summary.fixed == 1 else 's'} would be fixed")
        elif self._options.output is not None:
            self._say(str(summary))
        if summary.unread:
            return 2
        failed = summary.fixed > 0 if self._fixes.diff else summary.invalid > 0
        return int(failed and not self._options.exit_zero)

    def _make_checker(self) -> Checker:
        findings, fixes = self._findings, self._fixes
        selection = policy = None
        if findings.select or findings.ignore or findings.per_file_ignores:
            from envoy.checker.selection import Selection  # deferred: codes are hardly ever selected

            selection = Selection.of(
                findings.select or (), findings.ignore or (), findings.per_file_ignores or (), self._project
            )
        if fixes:
            from envoy.checker.file_fixes import FixPolicy  # deferred: fixes are hardly ever asked for

            policy = FixPolicy(fixes.unsafe_fixes, not fixes.diff)
        forms = {target.form for target in self._targets}
        return Checker(
            _find_profile(self._documents.profile, self._documents.schema),
            self._documents.max_size or MAX_SIZE,
            rules=findings.rules or findings.strict,
            strict=findings.strict,
            fixes=not forms.isdisjoint(DETAILED),
            excerpts=not forms.isdisjoint(DETAILED),
            timed="junit" in forms,
            policy=policy,
            selection=selection or None,
            accepted=self._baseline,
            accept_all=self._new is not None,
        )

    @contextlib.contextmanager
    def _checking(self) -> Iterator[tuple[SourceQueue, Iterator[Verdict]]]:
        """Check all that is found, here or on a cluster. At the end, however it comes, no process is left."""
        self._skipped: dict[str, int] = {}
        found = self._find(self._skipped)
        with contextlib.ExitStack() as stack:
            if (address := self._processes.dask) is not None:
                from envoy._dask import require_dask

                require_dask()
                from envoy.checker.dask import Cluster, load_sources

                cluster = stack.enter_context(Cluster(address, self._checker))
                queue = SourceQueue(load_sources(found, self._checker.max_size))
                verdicts = cluster.check_sources(queue)
            else:
                from envoy.checker.workers import check_sources, usable_cores

                queue = SourceQueue(found)
                verdicts = check_sources(self._checker, queue, self._processes.workers or usable_cores())
            yield queue, stack.enter_context(contextlib.closing(verdicts))

    def _find(self, skipped: dict[str, int] | None = None) -> Iterator[FileSource]:
        """Find the files to validate, without the reports that are being written."""
        options = self._documents
        found = find_sources(
            self._files,
            include=options.include or INCLUDE,
            exclude=options.exclude or (),
            force_exclude=options.force_exclude,
            project=self._project,
            skipped=skipped,
        )
        if not self._written:
            return found
        names = {os.path.basename(file) for file in self._written}
        return (
            x for x in found if os.path.basename(x.name) not in names or os.path.realpath(x.name) not in self._written
        )

    def _report(self, queue: SourceQueue, verdicts: Iterable[Verdict]) -> Summary:
        """Write the reports. If validation fails half way, they are of what was validated until then."""
        summary = Summary(detected=self._checker.profile is None, skipped=self._skipped)
        failure: EnvoyError | None = None
        counter = _Counter(queue, self._find)
        notes = self._fixes.diff or self._new is not None or self._baseline is not None
        with ReportSet(self._targets, quiet=self._options.quiet) as reports:
            with ProgressDisplay(counter.progress, destination=reports.main) as display:
                shown = display.is_pending and not self._options.quiet
                due = time.monotonic() + _PATIENCE if shown else float("inf")
                try:
                    for verdict in verdicts:
                        reports.add(verdict)
                        summary.add(verdict)
                        if notes:
                            self._note(verdict)
                        if time.monotonic() >= due:
                            due = float("inf")
                            counter.start(display)
                except DestinationError:
                    raise
                except EnvoyError as error:
                    failure = error
            reports.finish(summary)
        if failure is not None:
            raise failure
        return summary

    def _note(self, verdict: Verdict) -> None:
        if self._fixes.diff:
            # The difference has no room for what could not be read or fixed.
            for finding in verdict.findings:
                if not verdict.read or finding.code == "not-fixed":
                    typer.echo(str(finding), err=True)
        if self._new is not None:
            self._new.add(verdict.accepted)
        if self._baseline is not None:
            self._baseline.note(verdict)

    def _report_gone(self, baseline: Baseline) -> None:
        """Report the known findings that are gone, and take them out of the baseline if that is asked for."""
        from envoy.checker.selection import Selection  # deferred, as the baseline is

        selection = self._checker.selection or Selection()
        gone = baseline.gone(selection if self._checker.rules else selection.without_rules())
        if not gone and not self._findings.update_baseline:
            return
        what = f"{self._findings.baseline}: of {counted(len(baseline), 'known finding') or 'no known findings'}"
        number = f"{len(gone) or 'none'} {'are' if len(gone) > 1 else 'is'} gone"
        if self._findings.update_baseline:
            baseline.remove(gone)
            baseline.save()
            self._say(f"{what} {number}{', and taken out' if gone else ''}")
        elif not self._options.quiet:
            show_warnings([f"{what} {number}: --update-baseline takes out what is gone"])

    def _say(self, line: str) -> None:
        if not self._options.quiet:
            typer.echo(line, err=True)


class _Counter:
    """Count of the files that are reported, and of all."""

    def __init__(self, queue: SourceQueue, find: Callable[[], Iterator[FileSource]]) -> None:
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
