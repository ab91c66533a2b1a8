"""The library names parameters, the commands name options: one table between them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from envoy.cli.terminal.exit_status import describe_error
from envoy.cli.terminal.option_names import PARAMETERS, name_options
from envoy.errors import EnvoyError
from tests.conftest import ROOT
from tests.support.commands import envoy

PACKAGE = ROOT / "envoy"
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
_FACES = ("cli", "checker/reports", "checker/explanations.py", "registration/examples", "testing")
"""What is the face of a command: reports, scripts and the pages about its options."""


def sentences(path: Path) -> Iterator[tuple[int, str]]:
    """Give the texts of a module that are not docstrings, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


@pytest.mark.unmeasured
def test_no_error_of_the_library_names_an_option() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in PACKAGE.rglob("*.py")
        if not path.relative_to(PACKAGE).as_posix().startswith(_FACES)
        for line, text in sentences(path)
        # A whole command may have them, and so may the arguments of a process.
        if _OPTION.search(re.sub(r"envoy [a-z-]+\b.*", "", text)) and not _OPTION.fullmatch(text)
        if not text.startswith("--")  # a part of a command that is put together
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Give the one that the utility's CA signed: cert=.", "Give the one that the utility's CA signed: --cert."),
        ("turn the check off: check_hostname=False; it", "turn the check off: --no-check-hostname; it"),
        ("allow_other_hosts=True follows it", "--allow-other-hosts follows it"),
        ("delimiter='auto' reads it", "--delimiter auto reads it"),
        ("workers=1 validates", "--workers 1 validates"),
        ("A longer timeout= may help.", "A longer --timeout may help."),
        ("https://host/x?key=5&cert=abc", "https://host/x?key=5&cert=abc"),
        ("Write DERListLink(href='/x')", "Write DERListLink(href='/x')"),
    ],
)
def test_parameters_are_shown_as_options(text: str, shown: str) -> None:
    assert name_options(text) == shown


def test_only_the_remedy_of_an_error_is_ours() -> None:
    error = EnvoyError("the server says key=5", where="/x", remedy="Give key= as well.")
    assert describe_error(error) == "/x: the server says key=5\n  Give --key as well."


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_parameter_is_an_option_of_a_command(name: str) -> None:
    commands = ("register", "post-readings", "codegen", "validate", "follow")
    assert any(f"--{name.replace('_', '-')}" in envoy(command, "--help").stdout for command in commands)
