"""Keys of a configuration, which are options of commands."""

from __future__ import annotations

from typing import NamedTuple

OWN_FILE = "envoy.toml"
"""Name of the files that are looked for."""

PROJECT_FILE = "pyproject.toml"
"""Name of files that hold the configurations of many tools; ours is the table ``[tool.envoy]``."""


class Table(NamedTuple):
    """A table of a configuration file.

    Attributes:
        name: Its name; empty for what stands above all tables.
        keys: Its keys: names of options without the dashes. A command has those that are its options.
        commands: The commands that it is for.
        documents: The parameter with the documents by whose place a file is found; empty if none is looked for, so that
            the table counts only in a file that is named.
    """

    name: str
    keys: tuple[str, ...]
    commands: tuple[str, ...]
    documents: str = ""


TABLES = (
    # Nothing that writes a file or reaches another machine: a file that is found may be anybody's.
    Table(
        "",
        (
            "profile",
            "schema",
            "include",
            "exclude",
            "force-exclude",
            "select",
            "ignore",
            "per-file-ignores",
            "rules",
            "strict",
            "baseline",
            "format",
            "color",
            "max-size",
            "workers",
        ),
        ("validate",),
        documents="files",
    ),
    Table(
        "client",
        (
            "server",
            "cert",
            "key",
            "ca",
            "profile",
            "header",
            "check-hostname",
            "allow-other-hosts",
            "timeout",
            "retries",
            "max-wait",
            "rate",
        ),
        ("register", "deregister", "follow", "devices", "post-readings", "tls-check"),
    ),
)
"""The tables of a file."""

MAPPINGS = frozenset({"per-file-ignores"})
"""Keys that are tables in a file, with a list for each name: an option ``NAME:VALUE,VALUE`` for each."""

SECRETS = frozenset({"header"})
"""Keys whose values nobody else may see, but for their names."""

OVERRULED = {
    "profile": ("schema",),
    "schema": ("profile",),
    "format": ("diff", "statistics"),
    "workers": ("dask",),
    "baseline": ("write-baseline",),
}
"""Keys that do not count if an option that excludes them is given in a stronger place."""

PARTS = {"key": "cert"}
"""Keys that are part of what another key gives in the same place, and do not count without it."""


def find_table(command: str) -> Table | None:
    """Return the table for a command, None if it has no keys."""
    return next((table for table in TABLES if command in table.commands), None)


def variable_of(key: str) -> str:
    """Return the variable of the environment that stands for a key."""
    return f"ENVOY_{key.replace('-', '_').upper()}"
