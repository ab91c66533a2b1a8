"""``envoy validate`` in CI: several reports of one run, what is said on stderr, and how it ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest

from tests.support.commands import Done, envoy
from tests.support.making_inputs import GOOD, SWAPPED, write_report

DOUBTFUL = GOOD.replace("211391", "211392")
FOUND = "2 valid, 1 not valid (csip-aus-1.2), 1 warning"

GITLAB: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": r"^(\./|/)"}},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""What GitLab documents of a code quality report, and what its own schema of an entry asks for."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good document, one out of order, and one that only a rule objects to."""
    for name, content in (("good", GOOD), ("swapped", SWAPPED), ("doubtful", DOUBTFUL)):
        (tmp_path / f"{name}.xml").write_text(content)
    return tmp_path


def run(*arguments: str | Path, cwd: Path, **environment: Any) -> Done:
    return envoy("validate", *arguments, cwd=cwd, **environment)


def test_one_run_writes_several_reports(folder: Path) -> None:
    forms = ("json", "junit", "sarif", "github", "gitlab", "markdown", "text")
    reports = [part for form in forms for part in ("--report", f"{form}={form}.xml")]
    for _ in range(2):  # the second time they are there, and are not documents
        done = run(".", *reports, cwd=folder)
        assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (1, "", FOUND)
    for form in forms:
        alone = run("doubtful.xml", "good.xml", "swapped.xml", "--format", form, cwd=folder).stdout
        written = (folder / f"{form}.xml").read_text()
        assert len({re.sub(r'time="[0-9.]+"', "", text) for text in (alone, written)}) == 1, form


def test_reports_in_files_alone_leave_a_line_on_stderr(folder: Path) -> None:
    done = run(".", "--format", "sarif", "--output", "s.json", "--report", "junit=q.xml", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{FOUND}\n")
    assert run(".", "--output", "t.txt", "-q", cwd=folder).stderr == ""


@pytest.mark.parametrize(
    "options",
    [
        ("--report", "junit"),
        ("--report", "junit="),
        ("--report", "xunit=a"),
        ("--report", "junit=-"),
        ("--report", "junit=a", "--report", "sarif=./a"),
        ("--output", "a", "--report", "sarif=a"),
        ("--report", "junit=good.xml"),
        ("--report", "junit=none/a"),
        ("--output", "swapped.xml", "--report", "junit=link.xml"),
        ("--report", "junit=a", "--write-baseline", "./a"),
        ("--write-baseline", "good.xml"),
        ("--config", ""),
        ("--diff", "--report", "junit=a"),
        ("--diff", "--statistics"),
        ("--statistics", "--format", "json"),
        ("--ignore", "nothing"),
    ],
    ids=" ".join,
)
def test_options_that_cannot_be_followed_are_refused_before_anything_is_done(
    options: tuple[str, ...], folder: Path
) -> None:
    (folder / "link.xml").symlink_to("swapped.xml")
    done = run("good.xml", *options, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("Error: ")
    assert (folder / "swapped.xml").read_text() == SWAPPED
    assert (folder / "good.xml").read_text() == GOOD


def test_quiet_prints_findings_and_nothing_else(folder: Path) -> None:
    (folder / "a.har").touch()
    lines = run(".", "-q", cwd=folder).stdout.splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == ["[sfdi]", "[out-of-order]"]
    assert run("good.xml", "--quiet", cwd=folder).stdout == ""


def test_statistics_count_the_findings_of_each_code(folder: Path) -> None:
    (folder / "again.xml").write_text(SWAPPED)
    *lines, summary = run(".", "--statistics", cwd=folder).stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["2", "out-of-order"], ["1", "sfdi"]]
    assert summary == "2 valid, 2 not valid (csip-aus-1.2), 1 warning"
    assert run("good.xml", "--statistics", cwd=folder).stdout == "1 valid, 0 not valid (csip-aus-1.2)\n"


def test_exit_zero_is_for_what_is_not_valid_alone(folder: Path) -> None:
    done = run(".", "--exit-zero", cwd=folder)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, FOUND)
    assert run("swapped.xml", "--diff", "--exit-zero", cwd=folder).returncode == 0
    assert run("nothing.xml", "--exit-zero", cwd=folder).returncode == 2
    assert run(".", "--exit-zero", "--format", "none", cwd=folder).returncode == 2


def test_auto_says_once_which_profiles_it_took(folder: Path) -> None:
    point = '<ConnectionPoint xmlns="https://csipaus.org/ns/v1.3"><connectionPointId>1</connectionPointId></ConnectionPoint>'
    (folder / "point.xml").write_text(point)
    done = run("good.xml", "point.xml", "good.xml", "--profile", "auto", cwd=folder)
    assert done.stdout == "3 valid, 0 not valid (auto: 1 csip-aus-1.3, 2 ieee-2018)\n"
    assert run("good.xml", "--profile", "auto", cwd=folder).stdout == "1 valid, 0 not valid (auto: 1 ieee-2018)\n"


# GitLab


def gitlab(*arguments: str | Path, cwd: Path, **environment: Any) -> list[dict[str, Any]]:
    found = json.loads(run(*arguments, "--format", "gitlab", cwd=cwd, **environment).stdout)
    jsonschema.Draft7Validator(GITLAB).validate(found)
    return list(found)


def test_gitlab_has_what_its_documentation_asks_for(folder: Path) -> None:
    doubtful, swapped = gitlab(".", cwd=folder)
    assert swapped["check_name"] == "out-of-order" and swapped["severity"] == "major"
    assert swapped["location"] == {"path": "swapped.xml", "lines": {"begin": 2}}
    assert swapped["description"].startswith("EndDevice/changedTime: changedTime stands before sFDI.")
    assert doubtful["severity"] == "minor"
    assert gitlab("good.xml", cwd=folder) == []
    assert gitlab("nothing.xml", cwd=folder)[0]["location"]["lines"] == {"begin": 1}


def test_fingerprints_outlast_other_lines_and_values_and_are_one_for_each_finding(folder: Path) -> None:
    device = "<EndDevice><sFDI>x</sFDI><changedTime>0</changedTime><x/><x/></EndDevice>"
    many = f'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="2" results="2">{device * 2}</EndDeviceList>'
    (folder / "many.xml").write_text(many)

    def fingerprints() -> Counter[str]:
        return Counter(issue["fingerprint"] for issue in gitlab(".", cwd=folder))

    before = fingerprints()
    assert set(before.values()) == {1} and len(before) > 4
    (folder / "many.xml").write_text(many.replace("<sFDI>x", "\n\n<sFDI>yy"))
    assert fingerprints() == before
    (folder / "many.xml").rename(folder / "other.xml")
    assert len(fingerprints() & before) == 2


def test_gitlab_is_given_paths_in_the_project(folder: Path) -> None:
    (folder / "below").mkdir()
    for name in (folder / "swapped.xml", "./swapped.xml"):
        (issue,) = gitlab(name, cwd=folder)
        assert issue["location"]["path"] == "swapped.xml"
    (issue,) = gitlab(folder / "swapped.xml", cwd=folder / "below", CI_PROJECT_DIR=str(folder))
    assert issue["location"]["path"] == "swapped.xml"


# Markdown


def test_markdown_lists_no_more_than_anybody_reads(folder: Path) -> None:
    report = run(".", *["swapped.xml"] * 150, "--format", "markdown", cwd=folder).stdout
    assert report.startswith("### ❌ envoy validate: 153 documents, 151 not valid\n")
    assert report.count("`out-of-order`") == 100 and "52 more are not listed here." in report
    assert "| `out-of-order` | 151 |" in report
    assert run("good.xml", "--format", "markdown", cwd=folder).stdout == (
        "### ✅ envoy validate: 1 document, all valid\n\n1 valid, 0 not valid (csip-aus-1.2)\n\n"
    )
    assert write_report("markdown", []).startswith("### ⚠️ envoy validate: no document, is that meant?\n")


def test_junit_of_several_reports_is_read_by_a_reader_of_junit(folder: Path) -> None:
    run(".", "-q", "--report", "junit=q.junit", cwd=folder)
    (suite,) = junitparser.JUnitXml.fromfile(str(folder / "q.junit"))
    assert (suite.tests, suite.failures, suite.skipped) == (3, 1, 0)
