"""The hooks of pre-commit and the action of GitHub, from a clone of this repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.support.commands import envoy

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


@dataclass(frozen=True)
class Acted:
    """What a run of the action left behind."""

    returncode: int
    stdout: str
    outputs: dict[str, str]
    summary: str


def act(folder: Path, **inputs: str) -> Acted:
    """Run the script of the action as a runner does: with bash, the inputs as variables, files for what it says.

    The step before, which installs the package, is done already.
    """
    action = load("action.yml")
    step = next(step for step in action["runs"]["steps"] if step.get("id") == "validate")
    given = {name: str(inputs.get(name, about.get("default", ""))) for name, about in action["inputs"].items()}
    assert given.keys() >= inputs.keys()
    variables = {name: given[text.split()[1].removeprefix("inputs.")] for name, text in step["env"].items()}
    runner = folder.parent / "runner"
    runner.mkdir(exist_ok=True)
    files = {name: runner / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    (runner / "step.sh").write_text(step["run"])
    bash = shutil.which("bash")
    assert bash is not None
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = [bash, "--noprofile", "--norc", "-eo", "pipefail", str(runner / "step.sh")]
    env = {**os.environ, "PATH": path, "RUNNER_TEMP": str(runner), **{x: str(y) for x, y in files.items()}, **variables}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert not done.stderr.startswith("Traceback"), done.stderr
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return Acted(done.returncode, done.stdout, outputs, files["GITHUB_STEP_SUMMARY"].read_text())


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


def test_outputs_of_the_action_are_those_of_its_step() -> None:
    named = {f"${{{{ steps.validate.outputs.{name} }}}}" for name in load("action.yml")["outputs"]}
    assert named == {about["value"] for about in load("action.yml")["outputs"].values()}


def test_the_action_annotates_files_reports_and_fails(folder: Path) -> None:
    (folder / "envoy.toml").write_text('profile = "ieee-2018"\n')
    done = act(folder, files="good.xml\nswapped.xml\ndoubtful.xml\n", reports="junit=out.junit\ngitlab=out.json")
    assert done.returncode == 1
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::")]
    assert [line.partition("::EndDevice")[0] for line in annotations] == [
        "::error file=swapped.xml,line=2,col=3,title=out-of-order",
        "::warning file=doubtful.xml,line=1,col=43,title=sfdi",
    ]
    sarif = done.outputs.pop("sarif")
    assert done.outputs == {
        "status": "1", "valid": "2", "known": "0", "invalid": "1", "unread": "0", "errors": "1", "warnings": "1",
    }  # fmt: skip
    assert load("action.yml")["outputs"].keys() == {*done.outputs, "sarif"}
    results = json.loads(Path(sarif).read_text())["runs"][0]["results"]
    # The project has said which profile it is of.
    assert [(result["ruleId"], result["properties"]["profile"]) for result in results] == [
        ("out-of-order", "ieee-2018"), ("sfdi", "ieee-2018"),
    ]  # fmt: skip
    assert done.summary.startswith("### ❌ envoy validate: 3 documents, 1 not valid\n")
    assert (folder / "out.junit").exists() and len(json.loads((folder / "out.json").read_text())) == 2


def test_the_action_takes_each_of_its_inputs(folder: Path) -> None:
    command = ["validate", "swapped.xml", "--write-baseline", "known.json"]
    assert envoy(*command, cwd=folder).returncode == 0
    inputs = {"include": "*.txt\n*.xml", "exclude": "notes.*", "profile": "ieee-2018", "baseline": "known.json"}
    done = act(folder, files=".", sarif="out.sarif", select="out-of-order,sfdi", ignore="sfdi", strict="true", **inputs)
    assert (done.returncode, done.stdout) == (
        0, "1 valid, 2 known, 0 not valid (ieee-2018), 1 known finding, 1 ignored error\n",
    )  # fmt: skip
    assert (done.outputs["sarif"], done.outputs["known"]) == ("out.sarif", "2") and (folder / "out.sarif").exists()
    passed = act(folder, files="swapped.xml", **{"exit-zero": "true"})
    assert (passed.returncode, passed.outputs["status"], passed.outputs["invalid"]) == (0, "0", "1")


def test_inputs_of_the_action_that_are_wrong_are_reported(folder: Path) -> None:
    neither = act(folder, files="doubtful.xml", strict="True")
    assert (neither.returncode, neither.stdout) == (2, "::error::strict has to be true or false\n")
    nothing = act(folder, files="")
    assert (nothing.returncode, nothing.outputs, nothing.summary) == (2, {"status": "2"}, "")


def test_an_input_of_the_action_is_never_a_command(folder: Path) -> None:
    evil = "$(touch hacked) `touch hacked` \"; touch hacked; ' && touch hacked #"
    assert act(folder, **dict.fromkeys(load("action.yml")["inputs"], evil)).returncode == 2
    named = act(folder, files=f"{evil}.xml", sarif=f"{evil}\nstatus=0", include=evil, exclude=evil)
    assert (named.returncode, named.outputs["status"], named.outputs["sarif"]) == (2, "2", evil)
    assert not (folder / "hacked").exists()


def test_the_hooks_are_in_the_form_of_pre_commit() -> None:
    hooks = load(".pre-commit-hooks.yaml")
    assert [hook["id"] for hook in hooks] == ["envoy-validate", "envoy-validate-captures"]
    assert all(hook["entry"].startswith("envoy validate") and hook["language"] == "python" for hook in hooks)
    assert all(hook["require_serial"] for hook in hooks)
    assert re.search(hooks[0]["files"], "a/B.XML") and re.search(hooks[1]["files"], "a/B.Har")


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
