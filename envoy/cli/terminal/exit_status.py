"""Exit statuses, the same for every command, and errors as a command shows them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator

import typer

from envoy.cli.terminal.option_names import name_options
from envoy.errors import EnvoyError, OperationError

FAILED = 1
"""Exit status: the operation failed, or a check found something."""

WRONG_USE = 2
"""Exit status: an option, a file or the configuration cannot be used; or a check could not be made."""

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT, as shells have it."""


def describe_error(error: object) -> str:
    """Return an error as a person at a terminal needs it: remedies, which are indented, name options."""
    lines = str(error).split("\n")
    return "\n".join(name_options(line) if line.startswith("  ") else line for line in lines)


def show_error(error: object) -> None:
    """Write an error to stderr, as all commands do; where it does not take that, the exit status has to say it."""
    with contextlib.suppress(OSError):
        typer.echo(f"Error: {describe_error(error)}", err=True)


def show_warnings(findings: Iterable[object]) -> None:
    """Write to stderr what does not keep a command from its work."""
    for finding in findings:
        typer.echo(f"warning: {name_options(str(finding))}", err=True)


@contextlib.contextmanager
def exit_on_errors(*, failed: int = FAILED, wrong: int = WRONG_USE) -> Iterator[None]:
    """Show an error without a traceback and end the command with the status of its kind. It is a decorator too.

    All commands run inside one. A command needs its own where its case is another: it checks something, so that status
    1 says what it found (``failed=WRONG_USE``); or it has begun, so that nothing is wrong use alone (``wrong=FAILED``).

    Args:
        failed: The status if the operation failed.
        wrong: The status if an option, a file or the configuration cannot be used.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except (EnvoyError, OSError) as error:
        show_error(error)
        # An error of the system is about a file that was given if it names one; otherwise about a connection or disk.
        is_failure = error.filename is None if isinstance(error, OSError) else isinstance(error, OperationError)
        sys.exit(failed if is_failure else wrong)


def drop_unwritten() -> None:
    """Drop what standard output and standard error do not take: a full disk, a terminal or a reader that is gone.

    Python would try to write it once more at the end of the process, and end that with a status and a text of its own.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is None or stream.closed:
            continue
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
