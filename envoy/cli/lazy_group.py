"""A group of commands whose modules are loaded when one of them is asked for, or all of them for the help."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

STYLE: dict[str, Any] = {"pretty_exceptions_enable": False, "add_completion": False, "rich_markup_mode": None}
"""How all commands look and fail."""


def group_of(places: Mapping[str, str]) -> type[TyperGroup]:
    """Return a class of groups, for ``Typer(cls=...)``.

    Args:
        places: The commands by name, in the order of the help: ``module:function``, or ``module:app`` for a group.
    """

    class Group(TyperGroup):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.commands = _Commands(places)  # type: ignore[assignment]  # it is only read

    return Group


class _Commands(Mapping[str, Any]):
    """The commands by name, each of which is made when it is looked up."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, name: str) -> Any:
        module, _, attribute = self._places[name].partition(":")
        found: typer.Typer | Callable[..., Any] = getattr(importlib.import_module(module), attribute)
        app = typer.Typer(**STYLE)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
            group: Any = get_command(app)
            return group.commands[name]
        app.command(name)(found)
        return get_command(app)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
