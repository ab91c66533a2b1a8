"""Command line of the package: ``envoy``. A command is in the module of its name, with others of its subject."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer
from typer._completion_classes import completion_init
from typer.completion import install_callback, show_callback

from envoy._version import __version__
from envoy.cli.lazy_group import STYLE, LazyGroup
from envoy.cli.terminal.exit_status import drop_unwritten, exit_on_errors

app = typer.Typer(
    name="envoy",
    cls=LazyGroup,
    help="IEEE 2030.5 and CSIP-AUS: validate messages, register and control DER, run a utility to test against.",
    epilog="Exit status: 0 all is well; 1 the operation failed, or something was found; 2 an option, a file or the "
    "configuration is wrong; 130 interrupted.",
    no_args_is_help=True,
    **STYLE,
)


def _print_version(requested: bool) -> None:
    if requested:
        typer.echo(f"envoy-client {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    install_completion: Annotated[
        bool,
        typer.Option(
            "--install-completion", callback=install_callback, is_eager=True, help="Have this shell complete commands."
        ),
    ] = False,
    show_completion: Annotated[
        bool,
        typer.Option(
            "--show-completion", callback=show_callback, is_eager=True, help="Print what a shell needs for that."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. An error of the package or of the system is shown without a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name or a message may have characters that the terminal cannot show; stderr copes with them already.
        sys.stdout.reconfigure(errors="backslashreplace")
    # httpx would load a command line of its own, with its highlighting, which takes longer than all the rest of it.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    try:
        with exit_on_errors():
            if "_ENVOY_COMPLETE" in os.environ:
                # A shell asks how to go on.
                completion_init()
            app(prog_name="envoy")
    except BrokenPipeError:
        # The reader of our output has closed the pipe, as head does.
        sys.stderr.close()
        sys.exit(1)
    finally:
        drop_unwritten()
