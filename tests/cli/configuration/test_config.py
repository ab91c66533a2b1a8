"""``envoy config``: what holds, and where it comes from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.configuration.support import Project

FILE = """\
profile = "ieee-2018"
exclude = ["old"]
[client]
server = "https://utility.example"
cert = "my.pem"
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def settings(project: Project, table: str, *arguments: str, **variables: Any) -> dict[str, tuple[Any, str]]:
    """Return the value and the place of each key that has no default value."""
    done = project.run("config", "--format", "json", *arguments, **variables)
    assert done.returncode == 0
    found = json.loads(done.stdout)[table]
    assert all(bool(each["place"]) == (each["origin"] != "default") for each in found)
    return {each["key"]: (each["value"], each["place"]) for each in found if each["place"]}


def test_what_holds_for_validate(project: Project) -> None:
    assert settings(project, "validate") == {}
    file = project.write("envoy.toml", FILE)
    expected = {"profile": ("ieee-2018", f"{file}:1"), "exclude": (["old"], f"{file}:2")}
    assert settings(project, "validate") == expected
    assert settings(project, "validate", str(project.folder / "sub" / "a.xml")) == expected
    assert settings(project, "validate", "--config", "envoy.toml") == expected
    assert settings(project, "validate", "--isolated") == {}
    assert settings(project, "validate", ENVOY_PROFILE="auto")["profile"] == ("auto", "ENVOY_PROFILE")


def test_what_holds_for_clients(project: Project) -> None:
    file = project.write("envoy.toml", FILE)
    assert settings(project, "client") == {}
    found = settings(project, "client", "--config", "envoy.toml", ENVOY_HEADER="X-Token: secret\nY: z")
    assert found == {
        "server": ("https://utility.example", f"{file}:4"),
        "cert": (str(project.folder / "my.pem"), f"{file}:5"),
        "header": (["X-Token: ...", "Y: ..."], "ENVOY_HEADER"),
    }


def test_what_is_excluded_does_not_hold(project: Project) -> None:
    project.write("envoy.toml", 'schema = "own.xsd"')
    assert settings(project, "validate", ENVOY_PROFILE="auto") == {"profile": ("auto", "ENVOY_PROFILE")}


def test_the_text(project: Project, snapshot: Any) -> None:
    project.write("envoy.toml", FILE)
    shown = project.run("config", ENVOY_STRICT="1").stdout
    assert shown.replace(str(project.folder), "FOLDER") == snapshot


@pytest.mark.parametrize(
    ("file", "options", "variables"),
    [
        ("nope = 1", [], {}),
        ("strict = 1", [], {}),
        ("[client]\nretries = 'x'", ["--config", "envoy.toml"], {}),
        ("", ["--format", "yaml"], {}),
        ("", ["--isolated", "--config", "envoy.toml"], {}),
        ("", [], {"ENVOY_WORKERS": "many"}),
    ],
)
def test_what_cannot_be_used(project: Project, file: str, options: list[str], variables: dict[str, str]) -> None:
    project.write("envoy.toml", file)
    done = project.run("config", *options, **variables)
    assert (done.returncode, done.stdout) == (2, "")


def test_without_a_file(project: Project) -> None:
    assert project.run("config", "--isolated").stdout.startswith("Configuration file: none\n")
