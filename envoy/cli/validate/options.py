"""Options of ``envoy validate``: which documents and findings, what is fixed, which reports."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from envoy.cli.terminal.output import or_stdout
from envoy.errors import EnvoyError
from envoy.profiles import DEFAULT_PROFILE, PROFILES

FORMATS = ("text", "json", "junit", "sarif", "github", "gitlab", "markdown")
"""Formats of a report."""

DETAILED = ("json", "sarif", "terminal", "colour")
"""Reports that show the source of a finding and its fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentOptions:
    """Which documents are validated, and by what."""

    profile: Annotated[str, typer.Option("--profile", metavar="NAME", help=f"{', '.join(PROFILES)} or auto.")] = (
        DEFAULT_PROFILE
    )
    schema: Annotated[
        Path | None, typer.Option("--schema", metavar="FILE", help="Validate by this XSD instead of a profile.")
    ] = None
    include: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Take these files of a folder: 'dcap/*.xml'. Default: *.xml."),
    ] = None
    exclude: Annotated[
        list[str] | None,
        typer.Option(metavar="PATTERN", help="Leave out these files and folders: 'old', 'drafts/*.xml'."),
    ] = None
    force_exclude: Annotated[bool, typer.Option("--force-exclude", help="Leave them out even if they are named.")] = (
        False
    )
    max_size: Annotated[
        int | None, typer.Option(min=1, metavar="OCTETS", help="Read documents of at most this size. Default: 2 MiB.")
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOptions:
    """Which findings are reported."""

    rules: Annotated[
        bool, typer.Option("--rules/--no-rules", help="Warn by the rules beyond the schema. Default: yes.")
    ] = True
    strict: Annotated[bool, typer.Option("--strict", help="Take these warnings for errors.")] = False
    select: Annotated[
        list[str] | None, typer.Option(metavar="CODES", help="Report only these codes: 'out-of-order,hex'.")
    ] = None
    ignore: Annotated[list[str] | None, typer.Option(metavar="CODES", help="Do not report these codes.")] = None
    per_file_ignores: Annotated[
        list[str] | None,
        typer.Option("--per-file-ignores", metavar="PATTERN:CODES", help="Do not report them in these files."),
    ] = None
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Accept the findings in this file of --write-baseline.")
    ] = None
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all findings into a baseline, and accept them.")
    ] = None
    update_baseline: Annotated[
        bool, typer.Option("--update-baseline", help="Take out of the baseline what is not found any more.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FixOptions:
    """What is fixed."""

    fix: Annotated[bool, typer.Option("--fix", help="Write what was certainly meant into the files.")] = False
    unsafe_fixes: Annotated[bool, typer.Option("--unsafe-fixes", help="Write what was likely meant as well.")] = False
    diff: Annotated[bool, typer.Option("--diff", help="Show what would be fixed as a diff; write nothing.")] = False

    def __bool__(self) -> bool:
        return self.fix or self.unsafe_fixes or self.diff


@dataclass(frozen=True, slots=True)
class ReportTarget:
    """A report: its form, and its file; None for standard output."""

    form: str
    file: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """How it is reported."""

    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMATS)}.")] = "text"
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", callback=or_stdout, help="Write the report to a file instead of standard output."),
    ] = None
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="FORM=FILE", help="Write this report as well: 'junit=report.xml'; repeatable."),
    ] = None
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print findings, and nothing else.")] = False
    statistics: Annotated[
        bool, typer.Option("--statistics", help="Count the findings of each code instead of listing them.")
    ] = False
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="End with 0 even if documents are not valid.")] = False
    colour: Annotated[bool, typer.Option("--color/--no-color", help="Use colour on a terminal. Default: yes.")] = True

    def targets(self, *, diff: bool) -> list[ReportTarget]:
        """Return the reports, the main one first.

        Args:
            diff: The main report is the difference that fixes would make.

        Raises:
            EnvoyError: There is no such form, two reports would be one file, or options exclude each other.
        """
        form = _check_form("--format", self.form)
        for option, given in (("--format " + form, form != "text"), ("--report", self.report)):
            if diff and given:
                raise EnvoyError(f"--diff and {option} exclude each other", remedy="Use one at a time.")
        if self.statistics and (diff or form != "text"):
            other = "--diff" if diff else f"--format {form}"
            remedy = "Use one at a time; a JSON report has the counts in summary.codes."
            raise EnvoyError(f"--statistics and {other} exclude each other", remedy=remedy)
        if diff or self.statistics:
            form = "diff" if diff else "statistics"
        elif form == "text" and self.output is None and sys.stdout is not None and sys.stdout.isatty():
            plain = not self.colour or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
            form = "terminal" if plain else "colour"
        targets = [ReportTarget(form, self.output), *map(_parse_report, self.report or ())]
        files = [os.path.realpath(target.file) for target in targets if target.file is not None]
        if twice := next((file for number, file in enumerate(files) if file in files[:number]), ""):
            raise EnvoyError(f"two reports would be written to {twice}", remedy="Name a file for each.")
        return targets


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOptions:
    """Which processes do the work."""

    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Use at most N processes. Default: one per core.")
    ] = None
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Use a Dask cluster; its scheduler: tcp://host:8786.")
    ] = None


def _check_form(option: str, form: str) -> str:
    if form not in FORMATS:
        raise EnvoyError(f"{option} {form} is unknown", remedy=f"The formats are {', '.join(FORMATS)}.")
    return form


def _parse_report(text: str) -> ReportTarget:
    form, mark, file = text.partition("=")
    if not (mark and file):
        raise EnvoyError(f"--report {text} is not FORM=FILE", remedy="Write it as --report junit=report.xml.")
    if file == "-":
        raise EnvoyError(f"--report {text}: standard output has the main report", remedy=f"Use --format {form}.")
    return ReportTarget(_check_form("--report", form), Path(file))
