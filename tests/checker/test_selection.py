"""Selected and ignored codes: what is not reported, and what that says of a document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.checker.exchange_rules import ALL_RULES
from envoy.checker.selection import ALWAYS_REPORTED, Selection
from envoy.errors import EnvoyError
from envoy.validation.findings import FINDING_CODES
from tests.support.commands import envoy
from tests.support.making_inputs import GOOD, SWAPPED, zipped

CODES = sorted({*FINDING_CODES, *(rule.code for rule in ALL_RULES)})
ODD = SWAPPED.replace("<changedTime>", "<lFDI>ABC</lFDI><changedTime>")
"""Out of order, and with an odd number of hex digits."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("good", GOOD), ("old/swapped", SWAPPED), ("new/odd", ODD)):
        path = tmp_path / f"{name}.xml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    return tmp_path


def run(*arguments: str, cwd: Path) -> Any:
    """Return the report, with what is found in each file."""
    report = json.loads(envoy("validate", ".", *arguments, "--format", "json", cwd=cwd).stdout)
    report["found"] = [(Path(finding["file"]).stem, finding["code"]) for finding in report["findings"]]
    return report


def reported(select: str = "", ignore: str = "") -> list[str]:
    selection = Selection.of([select] if select else [], [ignore] if ignore else [], [])
    return [code for code in CODES if selection.reports(code, "x.xml")]


HEX = ["hex-digits", "hex-odd", "hex-prefix", "hex-too-long"]


@pytest.mark.parametrize(
    ("select", "ignore", "expected"),
    [
        ("hex", "", HEX),
        ("hex, sfdi", "hex-odd", [code for code in (*HEX, "sfdi") if code != "hex-odd"]),
        ("hex-odd", "hex", ["hex-odd"]),
        ("HEX-ODD", "all", ["hex-odd"]),
        ("all", "all", []),
        ("", "hex", [code for code in CODES if code not in HEX]),
        ("", "", CODES),
        (" , ", ",", CODES),
    ],
)
def test_words_mean_codes_and_the_longer_word_counts(select: str, ignore: str, expected: list[str]) -> None:
    assert set(reported(select, ignore)) == {*expected, *ALWAYS_REPORTED}


@given(st.sets(st.sampled_from(CODES)), st.sets(st.sampled_from(CODES)))
def test_a_code_is_reported_if_it_is_selected_and_not_ignored(select: set[str], ignore: set[str]) -> None:
    found = set(reported(",".join(select), ",".join(ignore)))
    assert found == (select or set(CODES)) - ignore | ALWAYS_REPORTED


@pytest.mark.parametrize(
    ("options", "near"),
    [
        ((["hex-od"], [], []), "hex-odd"),
        (([], ["sfd"], []), "sfdi"),
        (([], [], ["*.xml:out-of-ordre"]), "out-of-order"),
        ((["he"], [], []), ""),
        (([], [], ["hex-odd"]), ""),
        (([], [], [":hex-odd"]), ""),
    ],
)
def test_what_is_no_code_or_no_pattern_is_an_error(options: tuple[list[str], ...], near: str) -> None:
    with pytest.raises(EnvoyError) as raised:
        Selection.of(*options)
    assert near in raised.value.remedy and raised.value.remedy


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("legacy", ["legacy/a.xml", "x/legacy/y/a.xml", "x.zip!legacy/a.xml", "LEGACY/a.xml"]),
        ("legacy/*.xml", ["legacy/a.xml", "x/legacy/y/a.xml", "x.zip!legacy/a.xml", "LEGACY/a.xml"]),
        ("./x.zip/", ["x.zip!legacy/a.xml"]),
        ("**/legacy/**", ["legacy/a.xml", "x/legacy/y/a.xml", "x.zip!legacy/a.xml", "LEGACY/a.xml"]),
        ("a.xml", ["legacy/a.xml", "x/legacy/y/a.xml", "x.zip!legacy/a.xml", "LEGACY/a.xml"]),
        ("x/legacy", ["x/legacy/y/a.xml"]),
        ("/x", []),
        ("", []),
        ("leg", []),
    ],
)
def test_a_pattern_means_parts_of_a_path(pattern: str, meant: list[str]) -> None:
    paths = ["legacy/a.xml", "x/legacy/y/a.xml", "x.zip!legacy/a.xml", "LEGACY/a.xml"]
    selection = Selection(by_file=((pattern, frozenset({"sfdi"})),))
    assert [path for path in paths if not selection.reports("sfdi", path)] == meant


def test_what_is_ignored_is_not_reported_and_its_document_is_known(folder: Path) -> None:
    report = run("--ignore", "out-of-order", cwd=folder)
    assert report["found"] == [("odd", "hex-odd")]
    assert [(report["summary"][x]) for x in ("valid", "known", "invalid", "ignored")] == [1, 1, 1, 2]
    assert report["summary"]["codes"] == {"hex-odd": 1}
    done = envoy("validate", ".", "--ignore", "out-of-order,hex", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 valid, 2 known, 0 not valid (csip-aus-1.2), 3 ignored errors\n")


def test_codes_are_ignored_in_some_files(folder: Path) -> None:
    arguments = ["--per-file-ignores", "old:out-of-order", "--per-file-ignores", "*.xml:hex"]
    assert run(*arguments, cwd=folder)["found"] == [("odd", "out-of-order")]


def test_what_cannot_be_read_is_always_reported(folder: Path) -> None:
    done = envoy("validate", "nothing.xml", "--ignore", "all", cwd=folder)
    assert done.returncode == 2 and "[unreadable]" in done.stdout


def test_what_is_ignored_is_not_fixed(folder: Path) -> None:
    assert envoy("validate", ".", "--fix", "--ignore", "out-of-order", cwd=folder).returncode == 1
    assert (folder / "old" / "swapped.xml").read_text() == SWAPPED
    done = envoy("validate", "old", "new", "--fix", "--select", "out-of-order", cwd=folder)
    assert (done.returncode, done.stdout) == (
        0,
        "1 valid, 1 known, 0 not valid (csip-aus-1.2), 1 ignored error, 2 fixed\n",
    )


def test_what_is_selected_is_found_behind_a_hundred_other_errors(folder: Path) -> None:
    device = "<EndDevice><sFDI>x</sFDI><changedTime>0</changedTime></EndDevice>"
    many = f'<EndDeviceList xmlns="urn:ieee:std:2030.5:ns" all="151" results="151">{device * 150}'
    (folder / "good.xml").write_text(
        f"{many}<EndDevice><sFDI>167261211391</sFDI><changedTime>1.5</changedTime></EndDevice></EndDeviceList>"
    )
    report = run("--select", "not-seconds", cwd=folder)
    assert (report["found"], report["summary"]["ignored"]) == ([("good", "not-seconds")], 153)


def test_patterns_leave_out_files_and_folders(folder: Path) -> None:
    zipped(folder / "new" / "a.zip", {"old/1.xml": SWAPPED, "2.xml": SWAPPED})
    options = ["--include", "*.zip", "--include", "*.XML", "--exclude", "old", "--exclude", "Odd.xml"]
    assert run(*options, cwd=folder)["found"] == [("a.zip!2", "out-of-order")]
    assert envoy("validate", "new/../old/swapped.xml", "--exclude", "old", cwd=folder).returncode == 1
    assert envoy("validate", "old", "--exclude", "old", cwd=folder).returncode == 2
    done = envoy("validate", "old/swapped.xml", "old", "good.xml", "--exclude", "old", "--force-exclude", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 valid, 0 not valid (csip-aus-1.2)\n")


def test_a_folder_above_is_no_part_of_a_path(folder: Path) -> None:
    """Where somebody keeps the clone is not what a pattern is about."""
    done = envoy("validate", folder / "new", "--exclude", folder.name, "--exclude", folder.parent.name, cwd=folder)
    assert done.returncode == 1
    named = envoy("validate", folder / "new" / "odd.xml", "--exclude", folder.name, "--force-exclude", cwd=folder)
    assert named.returncode == 1


@pytest.mark.parametrize(("name", "below"), [("new", "."), (".", "new"), ("..", "new/deep"), ("new", "..")])
def test_paths_start_in_the_folder_of_the_configuration(folder: Path, name: str, below: str) -> None:
    """Whatever folder the command runs in."""
    cwd = folder / below
    cwd.mkdir(exist_ok=True)
    name = str(folder / name) if below == ".." else name
    (folder / "new" / "old").mkdir()
    (folder / "new" / "old" / "swapped.xml").write_text(SWAPPED)
    (folder / "envoy.toml").write_text("""\
exclude = ["new/old"]
[per-file-ignores]
"new/*.xml" = ["hex-odd"]
""")
    found = json.loads(envoy("validate", name, "--format", "json", cwd=cwd).stdout)["findings"]
    assert [finding["code"] for finding in found] == ["out-of-order"]


def test_files_that_were_not_taken_are_counted(folder: Path) -> None:
    for name in ("a.har", "b.HAR", "c.tar.gz", "d.zip", "old/e.http", "notes.txt", "f.XML"):
        (folder / name).write_text(GOOD)
    report = run("--exclude", "d.zip", cwd=folder)
    assert report["summary"]["skipped"] == {".har": 2, ".http": 1, ".tar.gz": 1}
    assert "f.XML" in [document["file"] for document in report["documents"]]
    text = envoy("validate", ".", "--exclude", "d.zip", cwd=folder).stdout.splitlines()[-1]
    assert text == "4 files not taken: 2 .har, 1 .http, 1 .tar.gz. Name them, or use --include."
    assert run("--include", "**/*.XML", cwd=folder)["summary"]["valid"] == 2
    # Who says what to include knows what is left out.
    assert run("--include", "*.xml", "--include", "*.zip", cwd=folder)["summary"]["skipped"] == {}
