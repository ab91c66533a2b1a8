"""The unit and the Dockerfile of docs/deploy: their options exist, and the tools that know such files accept them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from envoy.cli import app
from tests.conftest import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNIT, DOCKERFILE = DEPLOY / "envoy-follow.service", DEPLOY / "Dockerfile"
PAGE = (ROOT / "docs" / "reference" / "follow.md").read_text(encoding="utf-8")


def follow() -> Any:
    group: Any = get_command(app)
    return group.commands["follow"]


def commands_of_files() -> list[list[str]]:
    """Return the arguments of each ``envoy follow`` in the files and on the page."""
    found = []
    for file in (UNIT, DOCKERFILE, ROOT / "docs" / "reference" / "follow.md", ROOT / "README.md"):
        text = re.sub(r"\\\n[# ]*", " ", file.read_text(encoding="utf-8"))
        # The entry point of the image is the command, so what stands behind its name are arguments.
        for command in re.findall(r"(?:^|/bin/| |\$ )(?:envoy |envoy-)follow +(/?[\w/]+\.toml .*)", text, re.MULTILINE):
            found.append(shlex.split(command.rstrip("&").strip()))
    return found


def test_each_command_in_the_files_can_be_parsed() -> None:
    commands = commands_of_files()
    assert len(commands) >= 3
    for arguments in commands:
        context = follow().make_context("follow", list(arguments))
        assert context.params["server"].startswith("https://")


def test_no_secret_is_an_argument() -> None:
    for arguments in commands_of_files():
        assert not {"--header", "-o", "--option"} & set(arguments)


def test_each_option_of_its_own_is_on_the_page() -> None:
    options = {name for param in follow().params for name in (*param.opts, *param.secondary_opts) if name[:2] == "--"}
    connection = {"--header", "--check-hostname", "--no-check-hostname", "--timeout", "--profile", "--option"}
    assert [name for name in sorted(options - connection) if name not in PAGE] == []
    assert {name for name in re.findall(r"`(--[a-z-]+)", PAGE) if name not in options} <= {"--no-venv"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/envoy/bin/envoy", "/bin/true"), encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)  # noqa: S607
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed; nox -s deploy has it")
def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    done = subprocess.run(["hadolint", DOCKERFILE], capture_output=True, text=True)  # noqa: S607
    assert (done.returncode, done.stdout) == (0, "")
