"""The command line: ``envoy``. Each module here holds the commands of one subject."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from envoy._version import __version__
from envoy.cli.lazy_group import STYLE, group_of
from envoy.errors import EnvoyError

_COMMANDS = {
    "validate": "envoy.cli.validate:validate_files",
    "identity": "envoy.cli.identity:identity",
    "register": "envoy.cli.register:register",
    "devices": "envoy.cli.devices:devices",
    "examples": "envoy.cli.register:examples",
    "post-readings": "envoy.cli.post_readings:post_readings",
    "spool": "envoy.cli.post_readings:spool",
    "tls-check": "envoy.cli.tls_check:tls_check",
    "serve": "envoy.cli.serve:serve",
    "pki": "envoy.cli.serve:pki",
    "demo": "envoy.cli.serve:demo",
    "codegen": "envoy.cli.codegen:codegen",
    "schema": "envoy.cli.codegen:copy_schema",
}
"""Where the commands are, in the order of the help."""

app = typer.Typer(
    name="envoy",
    cls=group_of(_COMMANDS),
    help="IEEE 2030.5 and CSIP-AUS: validate messages, register DER with a utility server, run one to test against.",
    no_args_is_help=True,
    **STYLE,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"envoy-client {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. An error that the package raises on purpose is told without a traceback, with status 1."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A file name or a message may have characters that the terminal cannot show; stderr copes with them already.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app()
    except EnvoyError as error:
        typer.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has seen enough, as head does.
        sys.stderr.close()
        sys.exit(1)
