"""``envoy validate --fix``: files are written as a whole or not at all, and what cannot be written is reported."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from envoy.checker.file_fixes import replace_file
from tests.support.commands import envoy

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
WRONG = f"<EndDevice {SEP}>\r\n\t<changedTime>1</changedTime>\r\n\t<sFDI>167261211391</sFDI> <!-- é -->\n</EndDevice>\n"
RIGHT = f"<EndDevice {SEP}>\r\n\t<sFDI>167261211391</sFDI> <!-- é -->\r\n\t<changedTime>1</changedTime>\n</EndDevice>\n"
LIKELY = (
    f"<Time {SEP}><currentTime>1</currentTime><dstEndTime>1970-01-01T00:00:01</dstEndTime><dstOffset>0</dstOffset>"
    "<dstStartTime>0</dstStartTime><quality>7</quality><tzOffset>0</tzOffset></Time>"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "device.xml"
    path.write_bytes(WRONG.encode())
    return path


def findings(*arguments: str | Path) -> list[tuple[str, str]]:
    report = json.loads(envoy("validate", "--format", "json", *arguments).stdout)
    return [(finding["code"], finding["severity"]) for finding in report["findings"]]


def test_a_file_is_fixed_where_it_is(file: Path) -> None:
    file.chmod(0o640)
    link = file.parent / "link.xml"
    link.symlink_to(file.name)
    done = envoy("validate", "--fix", link)
    assert (done.returncode, file.read_bytes().decode()) == (0, RIGHT)
    assert done.stdout.endswith(", 1 fixed\n")
    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in file.parent.iterdir()) == ["device.xml", "link.xml"]
    before = file.stat()
    assert envoy("validate", "--fix", file).returncode == 0
    assert file.stat() == before


def test_what_is_likely_is_written_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "time.xml"
    path.write_text(LIKELY)
    assert envoy("validate", "--fix", path).returncode == 1
    assert path.read_text() == LIKELY
    assert envoy("validate", "--unsafe-fixes", path).returncode == 0
    assert path.read_text() == LIKELY.replace("1970-01-01T00:00:01", "1")


def test_a_difference_writes_nothing_and_is_one_that_patch_applies(file: Path) -> None:
    done = envoy("validate", "--diff", file.name, cwd=file.parent)
    assert (done.returncode, file.read_bytes().decode()) == (1, WRONG)
    (file.parent / "fix.diff").write_bytes(done.octets)
    subprocess.run(["git", "apply", "fix.diff"], cwd=file.parent, check=True)  # noqa: S607
    assert file.read_bytes().decode() == RIGHT
    done = envoy("validate", "--diff", file)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_difference_knows_the_last_line(end: str, tmp_path: Path) -> None:
    path = tmp_path / "time.xml"
    path.write_text(LIKELY + end)
    shown = envoy("validate", "--diff", "--unsafe-fixes", path).stdout
    assert shown.count("\\ No newline at end of file\n") == (0 if end else 2)


def test_what_is_a_part_of_a_file_is_reported(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(file, "device.xml")
    (tmp_path / "calls.http").write_text(f"PUT https://h/edev/1\nContent-Type: application/sep+xml\n\n{WRONG}")
    for name in ("all.zip", "calls.http"):
        before = (tmp_path / name).read_bytes()
        assert ("not-fixed", "warning") in findings("--fix", tmp_path / name)
        assert (tmp_path / name).read_bytes() == before
    assert "[not-fixed]" in envoy("validate", "--fix", "-", stdin=WRONG).stdout


def test_a_difference_leaves_nothing_unsaid(file: Path) -> None:
    done = envoy("validate", "--diff", "-q", "-", file.parent / "gone.xml", stdin=WRONG)
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.rpartition(" ")[2] for line in done.stderr.splitlines()] == ["[not-fixed]", "[unreadable]"]


def test_what_may_not_be_written_is_reported(file: Path) -> None:
    file.chmod(0o444)
    assert ("not-fixed", "error") in findings("--fix", file)
    file.chmod(0o644)
    os.link(file, file.parent / "other")
    assert ("not-fixed", "error") in findings("--fix", file)
    assert file.read_bytes().decode() == WRONG


def test_what_has_changed_meanwhile_stays(file: Path) -> None:
    assert replace_file(str(file), b"before", b"after")
    assert replace_file(str(file.parent / "gone.xml"), b"", b"after")
    assert replace_file(str(file.parent), b"", b"after")
    assert file.read_bytes().decode() == WRONG
    assert [path.name for path in file.parent.iterdir()] == ["device.xml"]


def test_a_file_with_two_names_is_fixed_once(file: Path) -> None:
    link = file.parent / "link.xml"
    link.symlink_to(file.name)
    done = envoy("validate", "--fix", "--workers", "1", link, file)
    assert (done.returncode, file.read_bytes().decode()) == (0, RIGHT)
    assert replace_file(str(file), WRONG.encode(), RIGHT.encode()) == ""
    assert [path.name for path in sorted(file.parent.iterdir())] == ["device.xml", "link.xml"]


def test_what_is_accepted_stays(file: Path) -> None:
    accepted = file.parent / "baseline.json"
    envoy("validate", "--write-baseline", accepted, file)
    assert envoy("validate", "--baseline", accepted, "--fix", file).returncode == 0
    assert file.read_bytes().decode() == WRONG


def test_many_files_are_fixed_by_several_processes(tmp_path: Path) -> None:
    files = [tmp_path / f"{number:03}.xml" for number in range(300)]
    for path in files:
        path.write_bytes(WRONG.encode())
    done = envoy("validate", "--fix", "--workers", "2", tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "300 valid, 0 not valid (csip-aus-1.2), 300 fixed")
    assert {path.read_bytes().decode() for path in files} == {RIGHT}


@pytest.mark.parametrize(
    "options",
    [
        ("--fix", "--dask", "tcp://127.0.0.1:1"),
        ("--diff", "--format", "json"),
        ("--diff", "--write-baseline", "known.json"),
        ("--diff", "--baseline", __file__, "--update-baseline"),
    ],
    ids=["dask", "format", "write", "update"],
)
def test_options_that_exclude_each_other_are_refused(options: tuple[str, ...], file: Path) -> None:
    assert envoy("validate", *options, file).returncode == 2


def test_json_and_sarif_have_the_fix(file: Path) -> None:
    report = json.loads(envoy("validate", "--format", "json", file).stdout)
    fix = report["findings"][0]["fix"]
    assert fix["applicability"] == "safe"
    text = WRONG.encode()
    for edit in fix["edits"]:
        lines = text[: edit["start"]].decode().split("\n")
        assert (edit["line"], edit["column"]) == (len(lines), len(lines[-1]) + 1)
    log = json.loads(envoy("validate", "--format", "sarif", file).stdout)
    (change,) = log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"]
    lines = WRONG.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:number]) for number in range(len(lines))]
    after = WRONG
    for part in reversed(change["replacements"]):
        region = part["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        after = after[:start] + part["insertedContent"]["text"] + after[end:]
    assert after == RIGHT
