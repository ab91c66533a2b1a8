"""Group of commands whose modules are loaded when one of them is asked for, or all of them for the help."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from envoy.cli.configuration.keys import find_table

STYLE: dict[str, Any] = {"pretty_exceptions_enable": False, "add_completion": False, "rich_markup_mode": None}
"""Look and failure of all commands."""

COMMANDS = {
    "validate": "validate",
    "explain": "explain",
    "config": "configuration.config",
    "identity": "certificates.identity",
    "register": "registration.register",
    "deregister": "registration.deregister",
    "fleet": "registration.fleet",
    "follow": "follow",
    "explain-controls": "explain_controls",
    "devices": "registration.devices",
    "examples": "registration.examples",
    "post-readings": "readings.post_readings",
    "spool": "readings.spool",
    "discover": "discover",
    "tls-check": "certificates.tls_check",
    "serve": "serve",
    "utility": "utility",
    "pki": "certificates.pki",
    "demo": "demo",
    "codegen": "codegen",
    "schema": "schema",
    "docs": "docs",
}
"""The commands, in the order of the help, and the module of each in this package.

In the module the function with the name of the command, with underscores, is the command; or the ``Typer`` of that name
is a group of commands.
"""


class LazyGroup(TyperGroup):
    """The commands of this package, for ``Typer(cls=...)``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Commands()  # type: ignore[assignment]  # it is only read


class _Commands(Mapping[str, Any]):
    """The commands by name, each of which is made when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        found = getattr(importlib.import_module(f"envoy.cli.{COMMANDS[name]}"), name.replace("-", "_"))
        app = typer.Typer(**STYLE)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
            group: Any = get_command(app)
            return group.commands[name]
        if find_table(name) is not None:
            from envoy.cli.configuration.command import ConfiguredCommand  # deferred: other commands have no use for it

            app.command(name, cls=ConfiguredCommand)(found)
        else:
            app.command(name)(found)
        return get_command(app)

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)
