"""Command ``envoy config``: show which options of commands are configured, and where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperOption

from envoy._text import printable
from envoy.cli.configuration.keys import SECRETS, TABLES, variable_of
from envoy.errors import EnvoyError

_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Setting:
    """A key, with the value that holds.

    Attributes:
        key: Its name.
        value: The value; None if there is none.
        origin: Where it comes from: ``environment``, ``file`` or ``default``.
        place: The variable, or the file with the line; empty for a default.
    """

    key: str
    value: Any
    origin: str
    place: str


def config(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Documents to validate. Default: the working directory."),
    ] = None,
    file: Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Use this configuration file.")] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Use no configuration file.")] = False,
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(_FORMATS)}.")] = "text",
) -> None:
    """Show which options are configured, and where.

    First those of envoy validate, then those of the commands that talk to a server. A table of a file counts for the
    latter only if --config names the file.

    Exit status: 0, or 2 if the configuration cannot be used.
    """
    if form not in _FORMATS:
        raise EnvoyError(f"--format {form} is unknown", remedy=f"The formats are {', '.join(_FORMATS)}.")
    group: Any = ctx.parent and ctx.parent.command
    given = {"files": files, "config": file, "isolated": isolated}
    contexts = {}
    settings = {}
    for table in TABLES:
        # Its first command has all of its keys.
        command = group.commands[table.commands[0]]
        contexts[table.name] = context = command.context_class(command, info_name=command.name, parent=ctx.parent)
        command.configure(context, given)
        settings[table.name] = list(_find_settings(command, context))
    used = contexts[""].obj
    if form == "json":
        content = {name or "validate": list(map(asdict, each)) for name, each in settings.items()}
        typer.echo(json.dumps({"file": used and str(used.path), **content}, indent=2))
        return
    typer.echo(f"Configuration file: {used.path if used else 'none'}")
    for table in TABLES:
        typer.echo(f"\nenvoy {', '.join(table.commands)}:")
        for each in settings[table.name]:
            typer.echo(printable(f"  {each.key:18} {_show(each.value):30} {each.place or each.origin}"))
        if used is not None and contexts[table.name].obj is None and table.name in used.content:
            typer.echo(f"  The table {table.name} of the file is not used: --config {used.path} uses it.")


def _find_settings(command: Any, context: Any) -> Iterator[Setting]:
    """Yield what holds for the keys of a command, as if it was run without an option."""
    for option in command.params:
        if isinstance(option, TyperOption) and option.name is not None:
            value, source = option.consume_value(context, {})
            context.params[option.name] = option.type_cast_value(context, value)
            context.set_parameter_source(option.name, source)
    command.drop_overruled(context)
    places = command.places(context)
    for key, option in command.options.items():
        value, place = context.params[option.name], places.get(key, "")
        if isinstance(value, tuple):
            value = [f"{each.partition(':')[0]}: ..." if key in SECRETS else each for each in value] or None
        origin = "default" if not place else "environment" if place == variable_of(key) else "file"
        yield Setting(key, str(value) if isinstance(value, Path) else value, origin, place)


def _show(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
