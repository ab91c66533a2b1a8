"""Configuration file: what it holds, checked against the options that its keys stand for."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperOption

from envoy._text import describe_kind, quote, suggest
from envoy.bindings.toml import read_toml
from envoy.cli.configuration.keys import MAPPINGS, PROJECT_FILE, TABLES, Table
from envoy.errors import ConfigurationError

_MARK = "the-key-of-this-line"
_NEAR = 0.7
_MOST_ERRORS = 20
"""Errors that are shown; the line of each takes some time to find."""

_MOST_LINES = 100
"""Lines in which a key is looked for, since the file is parsed for each."""


@dataclass(frozen=True, slots=True)
class ConfigurationFile:
    """A configuration file whose keys are known.

    Attributes:
        path: The file.
        content: Our table of it.
    """

    path: Path
    content: Mapping[str, Any]

    def values(self, table: Table) -> Mapping[str, Any]:
        """Return the values of a table by key, as they are written."""
        if table.name:
            inner: Mapping[str, Any] = self.content.get(table.name, {})
            return inner
        return {key: value for key, value in self.content.items() if key in table.keys}

    def options(self, table: Table, options: Mapping[str, TyperOption], context: typer.Context) -> dict[str, Any]:
        """Return the values of a table as a command takes them, by the names of its parameters.

        Args:
            table: The table.
            options: The options of the command that are keys, by key.
            context: The context of the command.

        Raises:
            ConfigurationError: A value is not what the option takes.
        """
        made: dict[str, Any] = {}
        errors: list[str] = []
        for key, value in self.values(table).items():
            if (option := options.get(key)) is None:
                continue
            try:
                made[option.name or key] = self._convert(key, value, option, context)
            except ValueError as error:
                errors.append(f"{self.locate(table.name, key)}: {key}: {error}")
        _raise(errors)
        return made

    def locate(self, *keys: str) -> str:
        """Return the place of a key, which the names of its tables lead to: the file, with the line if it is found."""
        line = _find_line(self.path, (*_above(self.path), *filter(None, keys)))
        return f"{self.path}:{line}" if line else str(self.path)

    def _convert(self, key: str, value: Any, option: TyperOption, context: typer.Context) -> Any:
        if key in MAPPINGS:
            value = list(_flatten(key, value))
        else:
            expected, is_right = _describe_type(key, option)
            if not is_right(value):
                wrong = next((x for x in value if not isinstance(x, str)), None) if isinstance(value, list) else None
                found = describe_kind(value) if wrong is None else f"a list with {describe_kind(wrong)}"
                raise ValueError(f"is {found}, expected {expected}")
        if option.type.name == "path":
            # ~ is what a shell would have replaced.
            value = str(self.path.parent / os.path.expanduser(value))
        try:
            option.type_cast_value(context, value)
        except typer.BadParameter as error:
            raise ValueError(error.message.rstrip(".")) from None
        return value


def load_file(path: Path) -> ConfigurationFile | None:
    """Read a configuration file; return None if it is a ``pyproject.toml`` without a table for us.

    Raises:
        ConfigurationError: It cannot be read, is not TOML, or has a key that is not one.
    """
    path = path.absolute()
    content: Any = read_toml(path, "configuration", ConfigurationError)
    for name in _above(path):
        content = content.get(name) if isinstance(content, dict) else None
    if content is None:
        return None
    if not isinstance(content, dict):
        raise ConfigurationError(f"tool.envoy is {describe_kind(content)}, expected a table", where=str(path))
    file = ConfigurationFile(path, content)
    _raise([f"{file.locate(*keys)}: {words}" for keys, words in islice(_find_unknown(content), _MOST_ERRORS)])
    return file


def load_named(path: Path) -> ConfigurationFile:
    """Read the configuration file that ``--config`` names.

    Raises:
        ConfigurationError: It cannot be used.
    """
    file = load_file(path)
    if file is None:
        raise ConfigurationError(
            "has no table [tool.envoy]", where=str(path), remedy="Write one, or name another file."
        )
    return file


def _above(path: Path) -> tuple[str, ...]:
    """Return the names of the tables that our table is in."""
    return ("tool", "envoy") if path.name == PROJECT_FILE else ()


def _find_unknown(content: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the keys that are not known, each with what to say of it."""
    tables = {table.name: table.keys for table in TABLES}
    top = tables.pop("")
    for key, value in content.items():
        if key in tables:
            if isinstance(value, dict):
                for inner in (each for each in value if each not in tables[key]):
                    near = suggest(inner, tables[key], cutoff=_NEAR)
                    yield (key, inner), f"unknown key {quote(inner)} of {key}.{near}"
            else:
                yield (key,), f"{key} is {describe_kind(value)}, expected a table"
        elif key not in top:
            homes = [f" It is a key of the table {name}." for name, keys in tables.items() if key in keys]
            homes += [f" In a file other than {PROJECT_FILE}, our keys are not in a table."] if key == "tool" else []
            near = homes[0] if homes else suggest(key, (*top, *tables), cutoff=_NEAR)
            yield (key,), f"unknown key {quote(key)}.{near}"


def _raise(errors: list[str]) -> None:
    if errors:
        raise ConfigurationError("\n".join(errors), remedy="envoy config --isolated lists all keys.")


def _find_line(path: Path, keys: tuple[str, ...]) -> int:
    """Return the line of a key, 0 if it cannot be found.

    A parser of TOML does not say it. It is the line in which another name for the key takes the key away.
    """
    lines = path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    holding = (number for number, line in enumerate(lines) if keys[-1] in line)
    for number in islice(holding, _MOST_LINES):
        line = lines[number]
        other = line.replace(keys[-1], _MARK, 1)
        try:
            content: Any = tomllib.loads("".join([*lines[:number], other, *lines[number + 1 :]]))
            for key in keys[:-1]:
                content = content[key]
        except (ValueError, KeyError, TypeError):
            continue
        if isinstance(content, dict) and keys[-1] not in content:
            return number + 1
    return 0


def _flatten(key: str, value: Any) -> Iterator[str]:
    """Yield a table of lists as the option for it has it: ``NAME:VALUE,VALUE``."""
    example = f"[{key}] with \"old/*.xml\" = ['hex-odd']"
    if not isinstance(value, dict):
        raise ValueError(f"is {describe_kind(value)}, expected a table: {example}")
    for name, values in value.items():
        if not _is_list(values):
            raise ValueError(f"{name} is {describe_kind(values)}, expected a list of texts: {example}")
        if wrong := next((each for each in values if ":" in each), ""):
            raise ValueError(f"{name} has {quote(wrong)}, which cannot have a colon: {example}")
        if values:
            yield f"{name}:{','.join(values)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _describe_type(key: str, option: TyperOption) -> tuple[str, Any]:
    """Return what the value of a key has to be, in words, and whether a value is."""
    if option.multiple:
        return f"a list of texts: {key} = ['...']", _is_list
    kind = option.type.name.split()[0]
    if kind == "boolean":
        return "true or false", lambda value: isinstance(value, bool)
    if kind in ("int", "integer"):
        return "a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool)
    if kind == "float":
        return "a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool)
    return "a text", lambda value: isinstance(value, str)
