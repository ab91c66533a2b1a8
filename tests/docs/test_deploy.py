"""The files of docs/deploy: their options exist, and the tools that know such files accept them."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from envoy.cli import app
from envoy.devices.fleet import open_fleet_devices
from envoy.fleet import Shard
from tests.conftest import ROOT

DEPLOY = ROOT / "docs" / "deploy"
UNIT, DOCKERFILE = DEPLOY / "envoy-follow.service", DEPLOY / "Dockerfile"
TEMPLATE_UNIT, KUBERNETES = DEPLOY / "envoy-follow@.service", DEPLOY / "envoy-follow.yaml"
PAGE = (ROOT / "docs" / "reference" / "follow.md").read_text(encoding="utf-8")


def follow() -> Any:
    group: Any = get_command(app)
    return group.commands["follow"]


def _params(arguments: list[str]) -> dict[str, Any]:
    return dict(follow().make_context("follow", list(arguments)).params)


def objects() -> Iterator[dict[str, Any]]:
    """Return the objects of the file for Kubernetes."""
    yield from yaml.safe_load_all(KUBERNETES.read_text(encoding="utf-8"))


def stateful_set() -> dict[str, Any]:
    (found,) = (each for each in objects() if each["kind"] == "StatefulSet")
    return found["spec"]  # type: ignore[no-any-return]


def commands_of_pods() -> Iterator[list[str]]:
    """Return the arguments of each pod, as Kubernetes makes them."""
    spec = stateful_set()
    (container,) = spec["template"]["spec"]["containers"]
    for ordinal in range(spec["ordinals"]["start"], spec["ordinals"]["start"] + spec["replicas"]):
        arguments = "\n".join(container["args"])
        for each in container["env"]:
            if "valueFrom" in each:
                field = each["valueFrom"]["fieldRef"]["fieldPath"]
                assert field == "metadata.labels['apps.kubernetes.io/pod-index']"
            arguments = arguments.replace(f"$({each['name']})", each.get("value", str(ordinal)))
        yield arguments.split("\n")


def commands_of_files() -> list[list[str]]:
    """Return the arguments of each ``envoy follow`` in the files and on the pages."""
    found = [*commands_of_pods()]
    pages = (ROOT / "docs" / page for page in ("reference/follow.md", "how-to/more-than-one-machine.md"))
    for file in (UNIT, TEMPLATE_UNIT, DOCKERFILE, *pages, ROOT / "README.md"):
        text = re.sub(r"\\\n[# ]*", " ", file.read_text(encoding="utf-8"))
        text = text.replace("%i", "01").replace("${SHARDS}", "4")
        # The entry point of the image is the command, so what stands behind its name are arguments.
        for command in re.findall(
            r"(?:^|/bin/| |\$ )(?:envoy |envoy-)follow +(/?[\w/]+\.(?:toml|csv) .*)", text, re.MULTILINE
        ):
            found.append(shlex.split(command.rstrip("&").strip()))
    return found


def test_each_command_in_the_files_can_be_parsed() -> None:
    commands = commands_of_files()
    assert len(commands) >= 3 + 4 + 2
    for arguments in commands:
        context = follow().make_context("follow", list(arguments))
        assert context.params["server"].startswith("https://")


def test_no_secret_is_an_argument() -> None:
    for arguments in commands_of_files():
        params = _params(arguments)
        assert not params["header"]
        assert [pair for pair in params["option"] or () if pair.startswith("password=")] == []


def test_the_devices_of_fleets_take_their_options() -> None:
    names = set()
    for params in map(_params, commands_of_files()):
        if params["device"] == "mqtt":
            given = dict(pair.split("=", 1) for pair in params["option"])
            # It is read, and stands beside the certificate.
            assert given.pop("password_file") == str(Path(params["cert"]).with_name("broker.password"))
            open_fleet_devices("mqtt", given).close()
            names.add((given["client"].removeprefix("envoy-").lstrip("0"), params["shard"].split("/")[0].lstrip("0")))
    assert names == {(number, number) for number in "1234"}


def test_the_pods_are_the_shards_of_the_fleet() -> None:
    shards = [Shard.parse(params["shard"]) for params in map(_params, commands_of_pods())]
    assert shards == [Shard(number, len(shards)) for number in range(1, len(shards) + 1)]
    assert len({params["option"][1] for params in map(_params, commands_of_pods())}) == len(shards)


def test_each_pod_has_a_volume_for_its_state() -> None:
    spec = stateful_set()
    (claim,) = spec["volumeClaimTemplates"]
    (container,) = spec["template"]["spec"]["containers"]
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    assert mounts[str(_params(next(commands_of_pods()))["state"])] == claim["metadata"]["name"]
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]


def test_the_template_unit_is_as_closed_as_the_other() -> None:
    closed = [
        file.read_text(encoding="utf-8").partition("NoNewPrivileges")[2].partition("[Install]")[0]
        for file in (UNIT, TEMPLATE_UNIT)
    ]
    assert closed[0] == closed[1] != ""


def test_each_option_of_its_own_is_on_the_page() -> None:
    options = {name for param in follow().params for name in (*param.opts, *param.secondary_opts) if name[:2] == "--"}
    connection = {"--header", "--check-hostname", "--no-check-hostname", "--timeout", "--profile", "--option"}
    assert [name for name in sorted(options - connection) if name not in PAGE] == []
    assert {name for name in re.findall(r"`(--[a-z-]+)", PAGE) if name not in options} <= {"--no-venv", "--site"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize(("file", "name"), [(UNIT, UNIT.name), (TEMPLATE_UNIT, "envoy-follow@01.service")])
def test_systemd_accepts_the_units(file: Path, name: str, tmp_path: Path) -> None:
    text = file.read_text(encoding="utf-8").replace("/opt/envoy/bin/envoy", "/bin/true")
    (tmp_path / file.name).write_text(text, encoding="utf-8")
    done = subprocess.run(["systemd-analyze", "verify", tmp_path / name], capture_output=True, text=True)  # noqa: S607
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(importlib.util.find_spec("kubernetes_validate") is None, reason="nox -s deploy has the schemas")
@pytest.mark.parametrize("version", ["1.31.0", "1.37.0"])
def test_the_objects_for_kubernetes_are_valid_by_its_schemas(version: str) -> None:
    import kubernetes_validate

    for each in objects():
        kubernetes_validate.validate(each, version, strict=True)


@pytest.mark.skipif(shutil.which("hadolint") is None, reason="hadolint is not installed; nox -s deploy has it")
def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    done = subprocess.run(["hadolint", DOCKERFILE], capture_output=True, text=True)  # noqa: S607
    assert (done.returncode, done.stdout) == (0, "")
