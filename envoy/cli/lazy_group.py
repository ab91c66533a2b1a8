"""Group of commands whose modules are loaded when one of them is asked for, or all of them for the help."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

STYLE: dict[str, Any] = {"pretty_exceptions_enable": False, "add_completion": False, "rich_markup_mode": None}
"""Look and failure of all commands."""


def make_group(names: Sequence[str], package: str) -> type[TyperGroup]:
    """Return a class of groups, for ``Typer(cls=...)``.

    Args:
        names: The commands, in the order of the help. The module of each has its name, with underscores; in it the
            function of that name is the command, or the ``Typer`` of that name is a group of commands.
        package: Package of the modules.
    """

    class Group(TyperGroup):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.commands = _Commands(names, package)  # type: ignore[assignment]  # it is only read

    return Group


class _Commands(Mapping[str, Any]):
    """The commands by name, each of which is made when it is looked up."""

    def __init__(self, names: Sequence[str], package: str) -> None:
        self._names = names
        self._package = package

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        module = name.replace("-", "_")
        found = getattr(importlib.import_module(f"{self._package}.{module}"), module)
        app = typer.Typer(**STYLE)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
            group: Any = get_command(app)
            return group.commands[name]
        app.command(name)(found)
        return get_command(app)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
