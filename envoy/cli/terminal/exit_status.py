"""Errors as a command shows them, and the exit status for each kind."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping

import typer

from envoy.errors import EnvoyError

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT, as shells have it."""


def show_error(error: object) -> None:
    """Write an error to stderr, as all commands do."""
    typer.echo(f"Error: {error}", err=True)


def show_warnings(findings: Iterable[object]) -> None:
    """Write to stderr what does not keep a command from its work."""
    for finding in findings:
        typer.echo(f"warning: {finding}", err=True)


@contextlib.contextmanager
def exit_on_errors(statuses: Mapping[type[BaseException], int]) -> Iterator[None]:
    """Show an error without a traceback and end the command with the status of its kind. It is a decorator too.

    Args:
        statuses: Exit statuses by class, the first that fits. A KeyboardInterrupt is not shown.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except tuple(statuses) as error:
        if not isinstance(error, KeyboardInterrupt):
            show_error(error)
        sys.exit(next(status for kind, status in statuses.items() if isinstance(error, kind)))


WRONG_USE: Mapping[type[BaseException], int] = {EnvoyError: 2}
"""Statuses of a command whose status 1 means that something is not as it should be."""
