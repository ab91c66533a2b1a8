"""The command that judges documents: ``envoy validate``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.cli.options import DEFAULT
from envoy.errors import EnvoyError
from envoy.profiles import PROFILES, Profile, get_profile

if TYPE_CHECKING:
    from envoy.reports import Verdict

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
        Path | None, typer.Option(metavar="FILE", help="Write the report there instead of to standard output.")
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
) -> None:
    """Judge XML documents by a schema and by rules.

    Exit status: 0 all are valid, 1 something is not, 2 a file could not be read or an option is wrong.
    """
    from envoy.baseline import Baseline
    from envoy.inputs import INCLUDE, documents
    from envoy.judging import Judge
    from envoy.parsing import MAX_SIZE
    from envoy.reports import Summary, report_for

    try:
        if form not in _FORMS:
            raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(_FORMS)}.")
        judge = Judge(
            profile=_profile(profile, schema),
            max_size=max_size or MAX_SIZE,
            rules=rules or strict,
            strict=strict,
            baseline=Baseline.load(baseline) if baseline else None,
        )
        out = output.open("w", encoding="utf-8") if output else None
    except EnvoyError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from None
    except OSError as error:
        typer.echo(f"Error: {output}: cannot be written: {error.strerror or error}", err=True)
        raise typer.Exit(2) from None
    found = Baseline()
    summary = Summary()
    with contextlib.ExitStack() as stack:
        if out is not None:
            stack.enter_context(out)
        report = report_for(form, lambda text: typer.echo(text, file=out, nl=False))
        verdicts = judge.verdicts(documents(files, include=include or INCLUDE, max_size=judge.max_size))
        for verdict in _with_progress(verdicts, stack, to_file=out is not None):
            report.add(verdict)
            summary.add(verdict)
            if write_baseline:
                for finding in verdict.findings:
                    found.add(finding)
        report.finish(summary)
    if write_baseline:
        found.save(write_baseline)
    if summary.unread or (summary.invalid and not write_baseline):
        raise typer.Exit(summary.status)


def _profile(name: str, schema: Path | None) -> Profile | None:
    """Return the profile that judges, None for that of each document."""
    if schema is None:
        return None if name == "auto" else get_profile(name)
    if name != DEFAULT:
        raise EnvoyError(f"--profile {name} and --schema {schema} are two schemas", remedy="Ask for one at a time.")
    from envoy.schemas import judged_by

    return judged_by(schema)


def _with_progress(verdicts: Iterable[Verdict], stack: contextlib.ExitStack, *, to_file: bool) -> Iterator[Verdict]:
    """Yield the verdicts, and count them on the terminal; there is no bar where the output is read by a program."""
    if not sys.stderr.isatty() or (sys.stdout.isatty() and not to_file):
        yield from verdicts
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.completed} documents"), BarColumn(), TimeElapsedColumn())
    bar = stack.enter_context(
        Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False)
    )  # fmt: skip
    task = bar.add_task("", total=None)
    for verdict in verdicts:
        yield verdict
        bar.advance(task)
