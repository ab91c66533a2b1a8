"""Command ``envoy schema``: copy the XSD files of this package, or write them with an XML catalogue for an editor."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated, Any
from xml.sax.saxutils import quoteattr

import typer

from envoy._data import data_folder
from envoy.errors import EnvoyError, SchemaError
from envoy.profiles import DEFAULT_PROFILE, get_profile

_CATALOGUE = """\
<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
{}</catalog>
"""


def schema(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to make; it must not exist yet.")],
    catalogue: Annotated[
        bool, typer.Option("--catalog", help="Write an XML catalogue for editors, with its schemas.")
    ] = False,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=f"Profile of the catalogue. Default: {DEFAULT_PROFILE}."),
    ] = None,
) -> None:
    """Copy the schemas, or write a catalogue for editors.

    The XSD files are for a schema of your own to redefine, and for other tools; the JSON schemas are for an editor.
    With a catalogue an editor validates messages, and completes them, by their namespaces.
    """
    if profile and not catalogue:
        raise EnvoyError("--profile is for a catalogue", remedy="Add --catalog; the copies are of all profiles.")
    try:
        if catalogue:
            settings = _write_catalogue(folder, profile or DEFAULT_PROFILE)
            place = "put settings.json into the settings of the editor, .vscode/settings.json"
            typer.echo(f"{folder}: {place}:\n{settings}")
            return
        shutil.copytree(data_folder("schema"), folder, ignore=shutil.ignore_patterns("edition-2023"))
    except FileExistsError:
        raise SchemaError("already exists", where=str(folder), remedy="Name a folder that does not exist.") from None
    except OSError as error:
        raise SchemaError(f"cannot be written: {error.strerror or error}", where=str(folder)) from None
    typer.echo(
        f"{folder}: sep/sep.xsd is IEEE 2030.5-2018, sep-2023/sep.xsd is IEEE 2030.5-2023,\n"
        "  csipaus/1.3/core.xsd is CSIP-AUS 1.3,\n"
        "  scenario.schema.json is that of the scenarios of envoy serve, device-form.schema.json that of devices"
    )


def _write_catalogue(folder: Path, profile: str) -> str:
    """Write the schemas of a profile, a catalogue of them and the settings of an editor; return the settings."""
    from envoy.xsd.bundle import bundle  # deferred: copies do not need it
    from envoy.xsd.schemas import schema_path

    files = bundle(schema_path(get_profile(profile)))
    folder.mkdir(parents=True)
    entries = ""
    settings: dict[str, Any] = {}
    for namespace, (name, content) in files.items():
        (folder / name).write_bytes(content)
        if namespace:
            entries += f"  <uri name={quoteattr(namespace)} uri={quoteattr(name)}/>\n"
            settings["xml.catalogs"] = [str(folder.resolve() / "catalog.xml")]
        else:  # a catalogue has nothing for documents without a namespace
            settings["xml.fileAssociations"] = [{"pattern": "**/*.xml", "systemId": str(folder.resolve() / name)}]
    if entries:
        (folder / "catalog.xml").write_text(_CATALOGUE.format(entries), encoding="utf-8")
    text = json.dumps(settings, indent=2, ensure_ascii=False)
    (folder / "settings.json").write_text(f"{text}\n", encoding="utf-8")
    return text
