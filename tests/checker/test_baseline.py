"""Baselines: what is known is accepted, wherever the command runs, and what is gone is reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from envoy.checker.baseline import Baseline
from envoy.errors import BaselineError
from envoy.validation.findings import Finding
from tests.support.commands import envoy
from tests.support.making_inputs import GOOD, SWAPPED, zipped

DOUBTFUL = GOOD.replace("211391", "211392")
KNOWN = {"file": "dcap/swapped.xml", "code": "out-of-order", "path": "EndDevice/changedTime"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good document, one out of order, and one that only a rule objects to."""
    (tmp_path / "dcap").mkdir()
    (tmp_path / "dcap" / "good.xml").write_text(GOOD)
    (tmp_path / "dcap" / "swapped.xml").write_text(SWAPPED)
    (tmp_path / "doubtful.xml").write_text(DOUBTFUL)
    return tmp_path


def summary(*arguments: str | Path, cwd: Path) -> Any:
    return json.loads(envoy("validate", *arguments, "--format", "json", cwd=cwd).stdout)["summary"]


def counts(*arguments: str | Path, cwd: Path) -> tuple[int, int, int, int]:
    """Return how many documents are valid, known and not valid, and how many findings are accepted."""
    found = summary(*arguments, cwd=cwd)
    return found["valid"], found["known"], found["invalid"], found["accepted"]


def test_what_is_known_is_accepted_and_nothing_else(folder: Path) -> None:
    written = envoy("validate", ".", "--strict", "--write-baseline", "known.json", cwd=folder)
    assert (written.returncode, written.stderr) == (0, "known.json: 2 known findings written\n")
    used = envoy("validate", ".", "--strict", "--baseline", "known.json", cwd=folder)
    assert (used.returncode, used.stderr) == (0, "")
    assert used.stdout == "1 valid, 2 known, 0 not valid (csip-aus-1.2), 2 known findings\n" == written.stdout
    # Other lines and values are the same finding, another path or file is not.
    (folder / "doubtful.xml").write_text(DOUBTFUL.replace("<sFDI>1", "\n<sFDI>2"))
    (folder / "dcap" / "good.xml").write_text(SWAPPED)
    assert counts(".", "--strict", "--baseline", "known.json", cwd=folder) == (0, 2, 1, 2)


def test_a_known_warning_leaves_its_document_valid(folder: Path) -> None:
    envoy("validate", ".", "--write-baseline", "known.json", cwd=folder)
    assert counts(".", "--baseline", "known.json", cwd=folder) == (2, 1, 0, 2)


def test_a_baseline_names_files_from_its_own_folder(folder: Path) -> None:
    (folder / "ci").mkdir()
    envoy("validate", "dcap", "--write-baseline", "ci/known.json", cwd=folder)
    content = json.loads((folder / "ci" / "known.json").read_text())
    assert content == {"version": 2, "known": [KNOWN | {"file": "../dcap/swapped.xml"}]}
    for names, cwd in (
        (["dcap"], folder), ([folder / "dcap"], folder), (["."], folder / "dcap"), (["../dcap"], folder / "ci"),
    ):  # fmt: skip
        done = envoy("validate", *names, "--baseline", folder / "ci" / "known.json", cwd=cwd)
        assert (done.returncode, done.stderr) == (0, ""), (names, cwd)


def test_members_of_an_archive_keep_their_names(folder: Path) -> None:
    zipped(folder / "a.zip", {"x/../swapped.xml": SWAPPED})
    envoy("validate", "a.zip", "--write-baseline", "known.json", cwd=folder)
    assert json.loads((folder / "known.json").read_text())["known"][0]["file"] == "a.zip!x/../swapped.xml"
    assert counts(folder / "a.zip", "--baseline", folder / "known.json", cwd=folder / "dcap") == (0, 1, 0, 1)


def test_an_archive_from_standard_input_is_in_no_folder(folder: Path) -> None:
    piped = (folder / zipped(folder / "all.zip", {"a.xml": SWAPPED})).read_bytes()
    accepted = ("--baseline", "dcap/known.json", "--update-baseline")
    envoy("validate", "-", "--write-baseline", "dcap/known.json", cwd=folder, stdin=piped)
    assert envoy("validate", "dcap", *accepted, cwd=folder).returncode == 1
    done = envoy("validate", "-", "--baseline", "known.json", cwd=folder / "dcap", stdin=piped)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_baseline_of_the_first_form_is_read_and_written_again_in_the_second(folder: Path) -> None:
    (folder / "ci").mkdir()
    (folder / "ci" / "known.json").write_text(json.dumps({"known": [KNOWN, KNOWN | {"file": "dcap/gone.xml"}]}))
    done = envoy("validate", ".", "--baseline", "ci/known.json", cwd=folder)
    assert (done.returncode, done.stderr.count("of 2 known findings 1 is gone:")) == (0, 1)
    envoy("validate", ".", "--baseline", "ci/known.json", "--update-baseline", cwd=folder)
    content = json.loads((folder / "ci" / "known.json").read_text())
    assert content == {"version": 2, "known": [KNOWN | {"file": "../dcap/swapped.xml"}]}


def test_what_is_gone_is_reported_and_taken_out(folder: Path) -> None:
    (folder / "broken.xml").write_text("<a")
    known, everything = folder / "known.json", (".", "--strict", "--baseline", "known.json")
    envoy("validate", ".", "--strict", "--write-baseline", "known.json", cwd=folder)
    (folder / "doubtful.xml").write_text(GOOD)
    (folder / "broken.xml").unlink()
    done = envoy("validate", *everything, cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith("warning: known.json: of 3 known findings 2 are gone:")
    assert envoy("validate", *everything, "-q", cwd=folder).stderr == ""
    # What was not validated, or not looked for, is not gone.
    assert (
        envoy("validate", "dcap/swapped.xml", "--baseline", "known.json", cwd=folder).stderr.count(
            "of 3 known findings 1 is"
        )
        == 1
    )
    assert envoy("validate", *everything, "--ignore", "sfdi,truncated", cwd=folder).stderr == ""
    assert envoy("validate", ".", "--no-rules", "--baseline", "known.json", cwd=folder).stderr.count("1 is gone") == 1
    # What is new is not accepted by the way.
    (folder / "dcap" / "good.xml").write_text(SWAPPED)
    done = envoy("validate", *everything, "--update-baseline", cwd=folder)
    assert (done.returncode, json.loads(known.read_text())["known"]) == (1, [KNOWN])
    assert done.stderr == "known.json: of 3 known findings 2 are gone, and taken out\n"
    done = envoy("validate", *everything, "--update-baseline", cwd=folder)
    assert done.stderr == "known.json: of 1 known finding none is gone\n"


def test_update_needs_a_baseline(folder: Path) -> None:
    assert envoy("validate", ".", "--update-baseline", cwd=folder).returncode == 2


def test_what_cannot_be_read_is_not_accepted(folder: Path) -> None:
    done = envoy("validate", "nothing.xml", "--write-baseline", "known.json", cwd=folder)
    assert (done.returncode, json.loads((folder / "known.json").read_text())["known"]) == (2, [])


def test_all_errors_of_a_document_are_known_and_not_only_those_that_are_listed(folder: Path) -> None:
    device = "<EndDevice><sFDI>x</sFDI><changedTime>0</changedTime></EndDevice>"
    many = f'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="150" results="150">{device * 150}</EndDeviceList>'
    (folder / "many.xml").write_text(many)
    envoy("validate", "many.xml", "--write-baseline", "known.json", cwd=folder)
    assert counts("many.xml", "--baseline", "known.json", cwd=folder) == (0, 1, 0, 150)
    (folder / "many.xml").write_text(
        many.replace("<sFDI>x", "<sFDI>167261211391", 1).replace("<changedTime>0", "<changedTime>y")
    )
    found = json.loads(envoy("validate", "many.xml", "--baseline", "known.json", "--format", "json", cwd=folder).stdout)
    assert [finding["code"] for finding in found["findings"]] == ["not-seconds"] * 100 + ["more"]
    assert found["findings"][-1]["reason"].startswith("50 more errors") and found["summary"]["accepted"] == 149


@pytest.mark.parametrize("form", ["json", "junit", "sarif", "markdown"])
def test_no_report_calls_a_known_document_valid(folder: Path, form: str) -> None:
    envoy("validate", ".", "--write-baseline", "known.json", cwd=folder)
    report = envoy("validate", "dcap", "--baseline", "known.json", "--format", form, cwd=folder).stdout
    if form == "json":
        known = {item["file"]: (item["valid"], item["outcome"]) for item in json.loads(report)["documents"]}
        assert known == {"dcap/good.xml": (True, "valid"), "dcap/swapped.xml": (False, "known")}
    elif form == "junit":
        suite = ElementTree.fromstring(report)[0]  # noqa: S314 - our own
        assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("2", "0", "1")
        assert [(case.get("name"), [child.tag for child in case]) for case in suite] == [
            ("dcap/good.xml", []), ("dcap/swapped.xml", ["skipped"]),
        ]  # fmt: skip
    elif form == "sarif":
        artifacts = json.loads(report)["runs"][0]["artifacts"]
        assert ["known" in item["description"]["text"] for item in artifacts] == [False, True]
    else:
        assert "1 valid, 1 known, 0 not valid" in report and "all valid" not in report


def test_a_baseline_comes_back_as_it_was_written(tmp_path: Path) -> None:
    baseline = Baseline(tmp_path / "empty.json")
    baseline.save()
    finding = Finding('a "b".xml', 3, "Time", "why", code="schema")
    one = Baseline(tmp_path / "one.json")
    one.add([finding])
    one.save()
    assert finding in Baseline.load(tmp_path / "one.json")
    assert finding not in Baseline.load(tmp_path / "empty.json")


@pytest.mark.parametrize(
    "content",
    [
        None,
        "",
        pytest.param("[" * 100_000, id="deep"),
        "[]",
        "{}",
        '{"known": 1}',
        '{"known": [{}]}',
        '{"known": ["a"]}',
        '{"version": 3, "known": []}',
    ],
)
def test_what_is_no_baseline_is_told(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "known.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BaselineError) as raised:
        Baseline.load(file)
    assert raised.value.remedy and raised.value.where == str(file)
    done = envoy("validate", ".", "--baseline", file, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_device_is_no_baseline() -> None:
    with pytest.raises(BaselineError):
        Baseline.load(Path("/dev/zero"))
