"""What a program or command loads when it starts: no bindings that it does not use, and nothing heavy."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMMAND = "sys.argv = ['envoy', *{words}]; from envoy.cli import main; main()"


def loaded_by(statement: str) -> set[str]:
    """Return the modules that a fresh process has after a statement."""
    program = f"import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); {statement}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("statement", "used"),
    [
        ("from envoy import AsyncClient, Client, Site, dumps, loads, validate", {"httpx", "lxml"}),
        ("import envoy.cli.follow, envoy.cli.registration.register, envoy.cli.validate", {"typer"}),
        (COMMAND.format(words=["--version"]), {"typer"}),
        (COMMAND.format(words=["explain", "rating"]), {"typer", "lxml"}),
    ],
)
def test_bindings_and_heavy_packages_are_loaded_where_they_are_used(statement: str, used: set[str]) -> None:
    loaded = loaded_by(statement)
    assert {name for name in loaded if name.startswith("sep2.")} == set()
    assert loaded & {"httpx", "lxml", "typer", "cryptography", "xsdata", "distributed"} == used
