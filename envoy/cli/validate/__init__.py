"""Command ``envoy validate``: validate documents, and report on each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from envoy.cli.connection_options import expand_options
from envoy.cli.terminal.exit_status import WRONG_USE, exit_on_errors
from envoy.cli.validate.options import DocumentOptions, FindingOptions, FixOptions, ProcessOptions, ReportOptions

if TYPE_CHECKING:
    from envoy.cli.configuration.file import ConfigurationFile


@exit_on_errors(failed=WRONG_USE)
@expand_options
def validate(
    context: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Files, folders, .zip, .tar, .har, .http; - for standard input."),
    ],
    documents: DocumentOptions,
    findings: FindingOptions,
    fixes: FixOptions,
    reports: ReportOptions,
    processes: ProcessOptions,
) -> None:
    """Validate XML documents by a schema and by rules.

    Exit status: 0 all are valid or known, 1 something is not (with --diff: would be fixed), 2 a file could not be
    read, a report could not be written, or an option is wrong.
    """
    from envoy.cli.validate.run import Run  # deferred: --help needs none of it

    configuration: ConfigurationFile | None = context.obj
    folders = [] if configuration is None else [configuration.path.parent]
    sys.exit(Run(files, documents, findings, fixes, reports, processes, folders=folders).run())
