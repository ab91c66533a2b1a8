"""Keys: that the commands have them, and what the page and the example say of them."""

from __future__ import annotations

import runpy
from typing import Any

from typer.main import get_command

from envoy.cli import app
from envoy.cli.configuration.file import load_named
from envoy.cli.configuration.keys import MAPPINGS, OVERRULED, PARTS, SECRETS, TABLES, variable_of
from tests.conftest import ROOT

COMMANDS: Any = get_command(app)


def test_each_key_is_an_option() -> None:
    for table in TABLES:
        for name in table.commands:
            options = COMMANDS.commands[name].options
            assert options and set(options) <= set(table.keys)
            assert all(option.envvar == variable_of(key) for key, option in options.items())
        assert set(COMMANDS.commands[table.commands[0]].options) == set(table.keys)
    keys = {key for table in TABLES for key in table.keys}
    assert keys >= {*MAPPINGS, *SECRETS, *OVERRULED, *PARTS}


def test_each_command_that_talks_to_a_server_is_configured() -> None:
    clients = next(table.commands for table in TABLES if table.name == "client")
    for name, command in COMMANDS.commands.items():
        options = {option for each in command.params for option in each.opts}
        assert (name in clients) == ({"--cert", "--ca"} <= options and name != "serve")


def test_no_key_of_a_file_that_is_found_writes_or_reaches_another_machine() -> None:
    foreign = {key for table in TABLES if table.documents for key in table.keys}
    assert not foreign & {"output", "report", "write-baseline", "update-baseline", "fix", "unsafe-fixes", "dask"}
    assert not foreign & {"server", "cert", "key", "ca", "header"}


def test_the_page_has_the_keys() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "keys.py"))
    page = script["PAGE"].read_text(encoding="utf-8")
    assert all(script["table_of"](table) in page for table in TABLES), "run python docs/keys.py"


def test_the_example_can_be_used() -> None:
    file = load_named(ROOT / "examples" / "configuration.toml")
    for table in TABLES:
        command = COMMANDS.commands[table.commands[0]]
        assert file.options(table, command.options, command.context_class(command))
