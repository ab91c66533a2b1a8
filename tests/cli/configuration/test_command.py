"""Commands with options from a configuration file and from the environment: what counts, and what errors say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.configuration.support import DOCUMENT, DOUBTFUL, Project
from tests.conftest import ROOT
from tests.support.commands import envoy

SCHEMA = ROOT / "schema" / "sep" / "sep.xsd"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.mark.parametrize(
    ("file", "variable", "option", "expected"),
    [
        ("", "", "", "csip-aus-1.2"),
        ("ieee-2018", "", "", "ieee-2018"),
        ("ieee-2018", "csip-aus-1.3", "", "csip-aus-1.3"),
        ("", "csip-aus-1.3", "ieee-2018", "ieee-2018"),
        ("ieee-2018", "csip-aus-1.2", "csip-aus-1.3", "csip-aus-1.3"),
    ],
)
def test_precedence(project: Project, file: str, variable: str, option: str, expected: str) -> None:
    project.write("envoy.toml", f'profile = "{file}"' if file else "")
    done = project.validate(*(["--profile", option] if option else []), ENVOY_PROFILE=variable)
    assert done.returncode == 0 and f"({expected})" in done.stdout


def test_a_flag_can_be_switched_off(project: Project) -> None:
    project.write("envoy.toml", "strict = true")
    assert project.validate().returncode == 1
    for options, variables in ((["--no-strict"], {}), (["--isolated"], {}), ([], {"ENVOY_STRICT": "0"})):
        assert project.validate(*options, **variables).returncode == 0


def test_paths_are_relative_to_the_file(project: Project) -> None:
    project.write("conf/envoy.toml", 'baseline = "known.json"')
    known = project.folder / "conf" / "known.json"
    assert project.validate("--strict", "--write-baseline", known).returncode == 0
    assert project.validate("--strict").returncode == 1
    assert project.validate("--strict", "--config", "conf/envoy.toml").returncode == 0


def test_the_baseline_of_a_file_can_be_written_for_the_first_time(project: Project) -> None:
    project.write("envoy.toml", 'baseline = "known.json"\nstrict = true')
    assert project.validate().returncode == 2
    assert project.validate("--write-baseline", "known.json").returncode == 0
    assert project.validate().returncode == 0


@pytest.mark.parametrize("place", [".", "old", "old/deep", "new"])
def test_patterns_mean_paths_of_the_project_wherever_one_is(project: Project, place: str) -> None:
    for name in ("old/deep/a.xml", "new/a.xml"):
        project.write(name, DOUBTFUL)
    project.write("envoy.toml", 'strict = true\n[per-file-ignores]\n"old/deep/*.xml" = ["sfdi"]')
    here = project.folder / place
    for document, status in (("old/deep/a.xml", 0), ("new/a.xml", 1)):
        for name in (str(project.folder / document), os.path.relpath(project.folder / document, here)):
            assert envoy("validate", name, cwd=here).returncode == status, name
    project.write("envoy.toml", 'rules = false\nexclude = ["old/deep"]\nforce-exclude = true')
    for name in (str(project.folder), os.path.relpath(project.folder, here)):
        assert envoy("validate", name, cwd=here).stdout.startswith("2 valid")
    assert envoy("validate", os.path.relpath(project.folder / "old", here), cwd=here).returncode == 2


def test_a_stronger_option_leaves_out_what_it_excludes(project: Project) -> None:
    project.write("envoy.toml", 'profile = "ieee-2018"\nformat = "json"\nworkers = 1')
    for options in (["--schema", SCHEMA], ["--diff"], ["--statistics"]):
        done = project.validate(*options)
        assert (done.returncode, done.stderr.startswith("Error")) == (0, False), options
    assert project.validate("--schema", SCHEMA, "--profile", "csip-aus-1.3").returncode == 2
    project.write("envoy.toml", f'profile = "ieee-2018"\nschema = "{SCHEMA}"')
    assert project.validate().returncode == 2
    assert "(csip-aus-1.3)" in project.validate("--profile", "csip-aus-1.3").stdout


def test_lists_and_tables(project: Project) -> None:
    for content in ('ignore = ["sfdi"]', '[per-file-ignores]\n"d*.xml" = ["hex-odd", "sfdi"]', 'select = ["hex"]'):
        project.write("envoy.toml", content)
        assert project.validate("--strict").returncode == 0, content
    project.write("envoy.toml", "")
    assert project.validate("--strict", ENVOY_IGNORE="hex-odd\nsfdi\n").returncode == 0


@pytest.mark.parametrize(("line", "variables"), [('ignore = ["nothing"]', {}), ("", {"ENVOY_IGNORE": "nothing"})])
def test_an_error_names_what_is_not_from_the_command_line(
    project: Project, line: str, variables: dict[str, str]
) -> None:
    project.write("envoy.toml", line)
    done = project.validate(**variables)
    assert done.returncode == 2
    assert f"ignore ({'ENVOY_IGNORE' if variables else 'envoy.toml:1'})" in done.stderr
    assert "ENVOY_WORKERS" in project.validate(ENVOY_WORKERS="many").stderr


# The commands that talk to a server


def test_a_server_comes_from_what_the_user_names_alone(project: Project) -> None:
    project.write("envoy.toml", '[client]\nserver = "https://127.0.0.1:9"\nretries = 0\nmax-wait = 0')
    assert "ENVOY_SERVER" in project.run("devices").stderr
    for named in ({"ENVOY_CONFIG": "envoy.toml"}, {"ENVOY_SERVER": "https://127.0.0.1:9", "ENVOY_RETRIES": "0"}):
        assert "127.0.0.1:9" in project.run("devices", **named).stderr
    assert "127.0.0.1:9" in project.run("devices", "--config", "envoy.toml").stderr
    assert project.run("devices", "--isolated", ENVOY_CONFIG="envoy.toml").returncode == 2


def test_another_certificate_replaces_the_key_too(project: Project) -> None:
    project.write("envoy.toml", '[client]\nserver = "https://127.0.0.1:9"\ncert = "a.pem"\nkey = "a.key"')
    done = project.run("devices", "--config", "envoy.toml", "--cert", "b.pem")
    assert "b.pem" in done.stderr and "a.key" not in done.stderr
    done = project.run("devices", "--config", "envoy.toml")
    assert str(project.folder / "a.pem") in done.stderr
    # A key alone is for whatever certificate there is.
    project.write("b.pem", "")
    project.write("envoy.toml", '[client]\nserver = "https://127.0.0.1:9"\nkey = "a.key"')
    for variables in ({"ENVOY_CONFIG": "envoy.toml"}, {"ENVOY_KEY": "a.key", "ENVOY_SERVER": "https://127.0.0.1:9"}):
        assert "a.key" in project.run("devices", "--cert", "b.pem", **variables).stderr.split("\n")[0]
    done = project.run("devices", "--cert", "b.pem", ENVOY_CERT="a.pem", ENVOY_KEY="a.key", ENVOY_SERVER="https://x")
    assert "a.key" not in done.stderr


def test_help_needs_no_configuration(project: Project) -> None:
    project.write("envoy.toml", "broken =")
    assert project.run("validate", "--help").returncode == 0
    assert project.run("validate", DOCUMENT).returncode == 2
