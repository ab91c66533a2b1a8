"""The command line: ``envoy``. Each module here holds the commands of one subject."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from envoy import __version__
from envoy.cli import codegen, devices, documents, posting, registering, serving, tls, validating
from envoy.errors import EnvoyError

app = typer.Typer(
    name="envoy",
    help="IEEE 2030.5 and CSIP-AUS: validate messages, register DER with a utility server, run one to test against.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("validate")(validating.validate_files)
app.command("identity")(documents.identity)
app.command("register")(registering.register)
app.command("devices")(devices.devices)
app.command("examples")(registering.examples)
app.command("post-readings")(posting.post_readings)
app.add_typer(posting.spool, name="spool")
app.command("tls-check")(tls.tls_check)
app.command("serve")(serving.serve)
app.command("pki")(serving.pki)
app.command("demo")(serving.demo)
app.command("codegen")(codegen.codegen)
app.command("schema")(codegen.copy_schema)


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
