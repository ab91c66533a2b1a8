"""Help of all commands: what stands in it, and how long it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from syrupy.assertion import SnapshotAssertion
from typer.main import get_command

from envoy.cli import app


def commands() -> Iterator[tuple[str, Any]]:
    group: Any = get_command(app)
    for name, command in group.commands.items():
        for below, each in getattr(command, "commands", {"": command}).items():
            yield f"{name} {below}".rstrip(), each


def test_options_have_their_names_order_and_defaults(snapshot: SnapshotAssertion) -> None:
    found = {
        name: [
            " ".join([*x.opts, *x.secondary_opts, *([] if x.default is None else [f"= {x.default}"])])
            for x in command.params
        ]
        for name, command in commands()
    }
    assert found == snapshot


def test_each_command_and_option_is_described_in_a_line() -> None:
    for name, command in commands():
        assert len(command.help.partition("\n")[0]) <= 70, name
        for option in command.params:
            assert 0 < len(option.help or "") <= 70, (name, option.name, option.help)
