"""The command that judges documents: ``envoy validate``."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.cli.options import DEFAULT, or_stdout
from envoy.errors import EnvoyError, ProfileError
from envoy.profiles import PROFILES, Profile, get_profile

if TYPE_CHECKING:
    from envoy.checker.batching import Ahead
    from envoy.checker.checker import Judge
    from envoy.checker.reports import Summary, Verdict
    from envoy.checker.sources import Source

_FORMS = ("text", "json", "junit", "sarif", "github")


def validate_files(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Files, folders, .zip and .tar archives, .har captures, .http files, or - for standard input.",
        ),
    ],
    profile: Annotated[
        str,
        typer.Option(
            "--profile",
            metavar="NAME",
            help=f"Whose schema judges: {', '.join(PROFILES)}, or auto to go by the namespaces of each document.",
        ),
    ] = DEFAULT,
    schema: Annotated[
        Path | None, typer.Option("--schema", metavar="FILE", help="An XSD that judges in place of a profile's.")
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Files of a folder to judge, such as 'dcap/*.xml'. Default: *.xml."),
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules/--no-rules", help="Warn by the rules beyond the schema. Default: yes.")
    ] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Take these warnings for errors.")] = False,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(_FORMS)}.")] = "text",
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=or_stdout, help="Write the report there instead of to standard output."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Findings that are known and accepted, of --write-baseline.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all findings into a baseline, and accept them.")
    ] = None,
    max_size: Annotated[
        int | None, typer.Option(min=1, metavar="OCTETS", help="Size of the largest document to read. Default: 2 MiB.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="Processes that judge, if there is enough to do. Default: one per core."),
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster that judges: tcp://host:8786.")
    ] = None,
) -> None:
    """Judge XML documents by a schema and by rules.

    Exit status: 0 all are valid, 1 something is not, 2 a file could not be read, the report could not be written, or an
    option is wrong.
    """
    with _told():
        if form not in _FORMS:
            raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(_FORMS)}.")
        if workers and dask:
            raise EnvoyError("--workers and --dask are two ways to judge", remedy="Ask for one at a time.")
        from envoy.checker.checker import Judge
        from envoy.checker.sources import INCLUDE
        from envoy.codec.parser import MAX_SIZE

        judge = Judge(_profile(profile, schema), max_size or MAX_SIZE, rules=rules or strict, strict=strict)
        known = _Known(baseline, write_baseline)
        finder = _Finder(files, include or INCLUDE, output)
        with _judging(judge, finder, workers, dask) as (ahead, verdicts):
            summary = _report(form, output, finder, ahead, map(known.judged, verdicts))
        known.save()
    if summary.unread or (summary.invalid and not write_baseline):
        raise typer.Exit(summary.status)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """End the command by what an error is to its user."""
    try:
        yield
    except EnvoyError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from None
    except BrokenPipeError:
        raise
    except OSError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@contextlib.contextmanager
def _judging(
    judge: Judge, find: Callable[[], Iterator[Source]], workers: int | None, dask: str | None
) -> Iterator[tuple[Ahead, Iterator[Verdict]]]:
    """Judge all that is found, here or on a cluster; what does it is gone at the end, however that comes."""
    from envoy.checker.batching import Ahead

    if dask is not None:
        from envoy.checker.dask import Cluster, carried

        with Cluster(dask, judge) as cluster:
            ahead = Ahead(carried(find(), judge.max_size))
            with contextlib.closing(cluster.judged(ahead)) as verdicts:
                yield ahead, verdicts
        return
    from envoy.checker.workers import judged, usable_cores

    ahead = Ahead(find())
    with contextlib.closing(judged(judge, ahead, workers or usable_cores())) as verdicts:
        yield ahead, verdicts


def _report(
    form: str,
    output: Path | None,
    find: Callable[[], Iterator[Source]],
    ahead: Ahead,
    verdicts: Iterable[Verdict],
) -> Summary:
    """Write the report. If what judges fails half way, the report is of what was judged till then.

    Raises:
        EnvoyError: The report cannot be written, or not all was judged.
    """
    from envoy.checker.reports import Summary, report_for
    from envoy.cli.output import Destination, DestinationError
    from envoy.cli.progress import Bar

    summary = Summary()
    failure: EnvoyError | None = None
    with Destination(output) as destination:
        with Bar(ahead, destination, find) as bar:
            report = report_for(form, bar.write)
            try:
                for verdict in verdicts:
                    report.add(verdict)
                    summary.add(verdict)
                    bar.step()
            except DestinationError:
                raise
            except EnvoyError as error:
                failure = error
        report.finish(summary)
        destination.finish()
    if failure is not None:
        raise failure
    return summary


class _Finder:
    """Finds what is to be judged, without the report that is being written."""

    def __init__(self, names: list[str], include: Sequence[str], output: Path | None) -> None:
        self._names = names
        self._include = include
        self._output = output
        if "" in names:
            raise EnvoyError("the name of a file is empty", remedy="A variable that names it may not be set.")
        if any(_is_same(name, output) for name in names):
            raise EnvoyError(f"{output} is to be judged, and --output would overwrite it", remedy="Name another file.")

    def __call__(self) -> Iterator[Source]:
        from envoy.checker.sources import sources

        found = sources(self._names, include=self._include)
        return found if self._output is None else (x for x in found if not _is_same(x.name, self._output))


def _is_same(name: str, output: Path | None) -> bool:
    if output is None or os.path.basename(name) != output.name:
        return False
    return os.path.abspath(name) == os.path.abspath(output)


class _Known:
    """What is accepted: by a baseline that there is, or by the one to be written."""

    def __init__(self, file: Path | None, to_write: Path | None) -> None:
        from envoy.checker.baseline import Baseline, BaselineError

        self._accepted = Baseline.load(file) if file else None
        self._to_write = to_write
        self._found = Baseline()
        if to_write and not (to_write.parent.is_dir() and not to_write.is_dir()):
            raise BaselineError("cannot be written: there is no such folder", where=str(to_write))

    def judged(self, verdict: Verdict) -> Verdict:
        """Return a verdict without what is accepted."""
        if self._to_write:
            for finding in verdict.findings:
                self._found.add(finding)
        return verdict if self._accepted is None else verdict.without(self._accepted)

    def save(self) -> None:
        """Write the baseline, if there is one to be written."""
        if self._to_write:
            self._found.save(self._to_write)


def _profile(name: str, schema: Path | None) -> Profile | None:
    """Return the profile that judges, None for that of each document."""
    if schema is None:
        if name == "auto":
            return None
        try:
            return get_profile(name)
        except ProfileError as error:
            remedy = f"{error.remedy} With auto each document says which is its own."
            raise ProfileError(error.what, remedy=remedy) from None
    if name != DEFAULT:
        raise EnvoyError(f"--profile {name} and --schema {schema} are two schemas", remedy="Ask for one at a time.")
    from envoy.xsd.schemas import profile_for_schema

    return profile_for_schema(schema)
