"""Read TOML files that a person writes."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from envoy._data import data_folder
from envoy.errors import EnvoyError


def read_toml(path: str | Path, kind: str, error: type[EnvoyError]) -> dict[str, Any]:
    """Return what a file holds, as plain values.

    Args:
        path: A TOML file.
        kind: What it describes: ``site`` or ``mirror``.
        error: What to raise.

    Raises:
        EnvoyError: One of that class: the file is not there, or is not TOML.
    """
    file = Path(path)
    try:
        # Some editors put a byte order mark in front, which TOML does not have.
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as cause:
        line = cause.object[: cause.start].count(b"\n") + 1
        what = f"not UTF-8: octet 0x{cause.object[cause.start]:02X} in line {line}"
        raise error(what, where=str(file), remedy="Save it as UTF-8.") from None
    except OSError as cause:
        remedy = f"Give the path of a {kind} file. {example_of(kind)}"
        raise error(f"cannot be read: {cause.strerror}", where=str(file), remedy=remedy) from None
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as cause:
        remedy = f"Put text in quotes, and also a number with zeros in front. {example_of(kind)}"
        raise error(f"not TOML: {cause}", where=str(file), remedy=remedy) from None


def example_of(kind: str) -> str:
    """Return a sentence that says where an example of such a file is."""
    return f"An example is {data_folder('examples') / f'{kind}.toml'}."
