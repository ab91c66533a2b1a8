"""Configuration files: keys and values that are wrong, and where."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st
from typer.main import get_command

from envoy.cli import app
from envoy.cli.configuration.file import ConfigurationFile, load_file, load_named
from envoy.cli.configuration.keys import TABLES
from envoy.errors import ConfigurationError

COMMANDS: Any = get_command(app)
VALIDATE, CLIENT = TABLES


def read(folder: Path, content: str, name: str = "envoy.toml") -> dict[str, Any]:
    """Return the options of ``envoy validate`` and of a client that a file has."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    file = load_named(path)
    options = {}
    for table in TABLES:
        command = COMMANDS.commands[table.commands[0]]
        options |= file.options(table, command.options, command.context_class(command))
    return options


def errors(folder: Path, content: str, name: str = "envoy.toml") -> list[str]:
    """Return what is wrong with a file, without its folder."""
    with pytest.raises(ConfigurationError) as caught:
        read(folder, content, name)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).split("\n")][:-1]


GOOD = """\
profile = "auto"
exclude = ["old", "drafts/*.xml"]
strict = true
max-size = 1000
baseline = "sub/known.json"
format = "json"
[per-file-ignores]
"old/*.xml" = ["hex", "sfdi"]
"x" = []
[client]
server = "https://utility.example"
cert = "/etc/envoy/cert.pem"
timeout = 5
retries = 0
header = ["A: b"]
"""


@pytest.mark.parametrize("name", ["envoy.toml", "other.toml", "pyproject.toml"])
def test_what_a_file_says(tmp_path: Path, name: str) -> None:
    content = GOOD
    if name == "pyproject.toml":
        content = "[tool.envoy]\n" + GOOD.replace("[per", "[tool.envoy.per").replace("[client", "[tool.envoy.client")
    assert read(tmp_path, content, name) == {
        "profile": "auto",
        "exclude": ["old", "drafts/*.xml"],
        "strict": True,
        "max_size": 1000,
        "baseline": str(tmp_path / "sub" / "known.json"),
        "form": "json",
        "per_file_ignores": ["old/*.xml:hex,sfdi"],
        "server": "https://utility.example",
        "cert": "/etc/envoy/cert.pem",
        "timeout": 5,
        "retries": 0,
        "header": ["A: b"],
    }


def test_what_is_wrong(tmp_path: Path, snapshot: Any) -> None:
    files = {
        "unknown": 'profil = "x"\n\nserver = "x"\nother = 1\n[client]\nnope = 1\nSERVER = ""\n[other-table]\n',
        "types": 'strict = "yes"\nmax-size = true\nworkers = "2"\nbaseline = 5\ninclude = "*.xml"\nselect = [1]\n'
        "per-file-ignores = ['x']\nexclude = 2026-01-31",
        "mapping": '[per-file-ignores]\n"x" = "sfdi"',
        "colon": '[per-file-ignores]\n"x" = ["y:sfdi"]',
        "ranges": "workers = 0\nmax-size = -1",
        "client": "[client]\nretries = -1\ntimeout = 0\ncheck-hostname = 1",
        "table": "client = 5",
        "tool": "[tool.envoy]\nprofile = 'auto'",
    }
    assert {name: errors(tmp_path, content) for name, content in files.items()} == snapshot


def test_what_is_wrong_in_a_project(tmp_path: Path) -> None:
    found = errors(tmp_path, "[tool.ruff]\nstrict = 1\n[tool.envoy]\n'strict' = 2\n", "pyproject.toml")
    assert [line.split(" ")[:2] for line in found] == [["pyproject.toml:4:", "strict:"]]
    (tmp_path / "pyproject.toml").write_text("[tool]\nenvoy = 3")
    with pytest.raises(ConfigurationError):
        load_file(tmp_path / "pyproject.toml")


def test_of_very_many_errors_some_are_shown(tmp_path: Path) -> None:
    # Each key is a part of all others, so that any line might be that of any key.
    content = "".join(f"{'a' * number} = 1\n" for number in range(1, 400))
    assert len(errors(tmp_path, content)) == 20


@pytest.mark.parametrize("content", ["[project]", "[tool.ruff]", "tool = 5"])
def test_a_project_has_to_have_a_table_if_it_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    assert load_file(tmp_path / "pyproject.toml") is None
    with pytest.raises(ConfigurationError):
        load_named(tmp_path / "pyproject.toml")


@pytest.mark.parametrize("content", [None, b"\xff", b"x =", b"[a]\n[a]"])
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "envoy.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_named(file)
    assert caught.value.where == str(file)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lines")


_LINES = ['x = "strict = 1"', "# strict", "[a.strict]", '"a" = 1', "", 'y = """\nstrict=2\n"""', "[b]\nstrict = 1"]


@given(
    before=st.lists(st.sampled_from(_LINES), unique=True),
    key=st.sampled_from(["strict = 1", "'strict'=1", '"strict" = 1', "  strict= 1  # strict"]),
    after=st.lists(st.sampled_from(["# strict", "", "[c]\nstrict = 1"]), unique=True),
)
def test_the_line_of_a_key_is_found_wherever_it_stands(
    folder: Path, before: list[str], key: str, after: list[str]
) -> None:
    lines = "\n".join(before).split("\n") if before else []
    text = "\n".join([*lines, "[client]", key, *after])
    try:
        tomllib.loads(text)
    except ValueError:
        reject()
    file = folder / "envoy.toml"
    file.write_text(text)
    assert ConfigurationFile(file, {}).locate("client", "strict") == f"{file}:{len(lines) + 2}"
