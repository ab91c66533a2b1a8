"""The hooks of pre-commit and the action of GitHub, from a clone of this repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>\n"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>\n"
DOUBTFUL = GOOD.replace("391", "392")


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.xml").write_text(GOOD)
    (tmp_path / "swapped.xml").write_text(SWAPPED)
    (tmp_path / "doubtful.xml").write_text(DOUBTFUL)
    (tmp_path / "notes.txt").write_text(SWAPPED)
    return tmp_path


def act(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the last step of the action as a runner does: its script with bash, the inputs as variables."""
    action = load("action.yml")
    step = action["runs"]["steps"][-1]
    given = {name: str(inputs.get(name, about.get("default", ""))) for name, about in action["inputs"].items()}
    variables = {name: given[text.split()[1].removeprefix("inputs.")] for name, text in step["env"].items()}
    (folder.parent / "step.sh").write_text(step["run"])
    bash = shutil.which("bash")
    assert bash is not None
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [bash, "--noprofile", "--norc", "-eo", "pipefail", str(folder.parent / "step.sh")]
    env = {**os.environ, "PATH": path, **variables}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_action_keeps_the_published_schema_of_actions() -> None:
    checker = Path(sys.executable).parent / "check-jsonschema"
    command = [str(checker), "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_script_of_the_action_has_an_input_in_its_text() -> None:
    for step in load("action.yml")["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_action_uses_others_by_their_commit() -> None:
    used = [step["uses"] for step in load("action.yml")["runs"]["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)


def test_the_action_annotates_files_and_fails(folder: Path) -> None:
    done = act(folder, files="good.xml\nswapped.xml\n", sarif="out.sarif")
    assert done.returncode == 1, done.stderr
    assert "validated by ieee-2018: good.xml" in done.stdout
    assert "::error file=swapped.xml,line=2,col=3,title=out-of-order::" in done.stdout
    (result,) = json.loads((folder / "out.sarif").read_text())["runs"][0]["results"]
    assert result["ruleId"] == "out-of-order"


def test_the_action_takes_each_of_its_inputs(folder: Path) -> None:
    warned = act(folder, files="doubtful.xml", profile="csip-aus-1.2")
    assert warned.returncode == 0 and "1 valid, 0 not valid (csip-aus-1.2), 1 warning" in warned.stdout
    assert act(folder, files="doubtful.xml", strict="true").returncode == 1
    assert act(folder, files="doubtful.xml", strict="").returncode == 0
    neither = act(folder, files="doubtful.xml", strict="True")
    assert (neither.returncode, neither.stdout) == (2, "::error::strict has to be true or false\n")
    assert "title=out-of-order" in act(folder, files=".", include="*.txt\n").stdout
    command = [sys.executable, "-m", "envoy", "validate", ".", "--write-baseline", "known.json"]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    assert act(folder, files=".", baseline="known.json").returncode == 0
    assert act(folder, files="").returncode == 2


def test_an_input_of_the_action_is_never_a_command(folder: Path) -> None:
    evil = "$(touch hacked) `touch hacked` \"; touch hacked; ' && touch hacked #"
    names = ("files", "profile", "include", "baseline", "sarif", "strict")
    assert act(folder, **dict.fromkeys(names, evil)).returncode == 2
    assert act(folder, files=f"{evil}.xml", sarif=evil, include=evil).returncode == 2
    assert not (folder / "hacked").exists()


def test_the_hooks_are_in_the_form_of_pre_commit() -> None:
    hooks = load(".pre-commit-hooks.yaml")
    assert [hook["id"] for hook in hooks] == ["envoy-validate", "envoy-validate-captures"]
    assert all(hook["entry"].startswith("envoy validate") and hook["language"] == "python" for hook in hooks)


@pytest.mark.skipif("ENVOY_TRY_HOOKS" not in os.environ, reason="installs the repository; set ENVOY_TRY_HOOKS=1 to run")
def test_pre_commit_runs_the_hook_from_a_clone(folder: Path) -> None:
    git = shutil.which("git")
    assert git is not None
    for command in ([git, "init", "-q", "."], [git, "add", "-A"]):
        subprocess.run(command, cwd=folder, check=True)
    tool = str(Path(sys.executable).parent / "pre-commit")
    command = [tool, "try-repo", str(ROOT), "envoy-validate", "--files", "good.xml", "swapped.xml", "notes.txt"]
    env = {**os.environ, "PRE_COMMIT_HOME": str(folder.parent / "home")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "swapped.xml:2:3: EndDevice/changedTime" in done.stdout
    assert "1 valid, 1 not valid (csip-aus-1.2)" in done.stdout
