"""Commands around schemas: ``envoy codegen`` (extra ``codegen``) and ``envoy schema``."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from envoy.errors import EnvoyError, SchemaError


def codegen(
    schema: Annotated[
        list[Path], typer.Option("--schema", metavar="FILE", help="XSD file to start from; may be repeated.")
    ],
    package: Annotated[str, typer.Option("--package", metavar="NAME", help="Import name of the package to make.")],
    output: Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder that holds the package.")],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; tell which files are stale.")] = False,
) -> None:
    """Make typed Python bindings of an XSD.

    A schema of your own may redefine that of IEEE 2030.5; envoy schema copies it. Needs the extra codegen.

    Exit status: 0 all is well, 1 something is stale (--check), 2 the schema cannot be used.
    """
    from envoy.codegen import Job, run

    try:
        status = run(Job(schema, package, output), check=check)
    except EnvoyError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(status)


def copy_schema(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; it must not exist yet.")],
) -> None:
    """Copy the XSD files of this package.

    They are for a schema of your own to redefine, and for other tools.
    """
    from envoy._data import data_folder

    try:
        shutil.copytree(data_folder("schema"), folder)
    except FileExistsError:
        raise SchemaError("exists already", where=str(folder), remedy="Name a folder that does not exist.") from None
    except OSError as error:
        raise SchemaError(f"cannot be written: {error.strerror or error}", where=str(folder)) from None
    typer.echo(f"{folder}: sep/sep.xsd is IEEE 2030.5-2018, csipaus/1.3/core.xsd is CSIP-AUS 1.3")
