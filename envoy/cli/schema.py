"""Command ``envoy schema``: copy the XSD files of this package, and the JSON schema of scenarios."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from envoy._data import data_folder
from envoy.errors import SchemaError


def schema(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; it must not exist yet.")],
) -> None:
    """Copy the schemas of this package.

    The XSD files are for a schema of your own to redefine, and for other tools; the JSON schemas are for an editor.
    """
    try:
        shutil.copytree(data_folder("schema"), folder)
    except FileExistsError:
        raise SchemaError("already exists", where=str(folder), remedy="Name a folder that does not exist.") from None
    except OSError as error:
        raise SchemaError(f"cannot be written: {error.strerror or error}", where=str(folder)) from None
    typer.echo(
        f"{folder}: sep/sep.xsd is IEEE 2030.5-2018, csipaus/1.3/core.xsd is CSIP-AUS 1.3,\n"
        "  scenario.schema.json is that of the scenarios of envoy serve, device-form.schema.json that of devices"
    )
