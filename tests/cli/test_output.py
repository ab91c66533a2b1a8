"""Reports that cannot be written: one clear line and status 2, whatever the form, and no document lost."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from envoy.cli.validate.options import FORMATS
from tests.support.commands import LIMIT, Done, envoy

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no device that is always full")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "good.xml").write_text(GOOD)
    (tmp_path / "documents" / "swapped.xml").write_text(SWAPPED)
    return tmp_path


def run(*arguments: str | Path, cwd: Path, stdout: io.FileIO | None = None) -> Done:
    return envoy("validate", *arguments, cwd=cwd, stdout=stdout)


def run_into(stdout: int | IO[bytes], *arguments: str | Path, cwd: Path) -> tuple[int, bytes]:
    """Run the command as a process; return its status, and what it wrote to stderr."""
    command = [sys.executable, "-m", "envoy", "validate", *map(str, arguments)]
    # Without buffers there is nothing left to be written at the end.
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, timeout=LIMIT, env=buffered
    )
    return done.returncode, done.stderr


@needs_full
@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_is_reported_once(folder: Path, form: str) -> None:
    done = run("documents", "--format", form, "--output", FULL, cwd=folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: /dev/full: ") and done.stderr.count("\n") == 1


@needs_full
@pytest.mark.parametrize("times", [1, 200])
@pytest.mark.parametrize("form", FORMATS)
def test_standard_output_that_is_full_is_reported_once(folder: Path, form: str, times: int) -> None:
    done = run(*["documents"] * times, "--format", form, cwd=folder, stdout=io.FileIO(FULL, "wb"))
    assert done.returncode == 2
    assert done.stderr.startswith("Error: standard output: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("form", FORMATS)
def test_a_reader_that_has_seen_enough_ends_it_quietly(folder: Path, form: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = run(*["documents"] * 50, "--format", form, cwd=folder, stdout=io.FileIO(writing, "wb"))
    assert (done.returncode, done.stderr) == (1, "")


def test_a_full_or_closed_standard_output_leaves_nothing_to_say_at_the_end_of_the_process(folder: Path) -> None:
    """As processes, whose streams Python flushes once more when all is over."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        assert run_into(pipe, *["documents"] * 50, cwd=folder) == (1, b"")
    if FULL.exists():
        with FULL.open("wb") as full:
            status, stderr = run_into(full, "documents", cwd=folder)
        assert (status, stderr.count(b"\n")) == (2, 1)


def test_standard_output_that_is_closed_is_reported(folder: Path) -> None:
    command = f'"{sys.executable}" -m envoy validate documents >&-'
    done = subprocess.run(["/bin/sh", "-c", command], cwd=folder, capture_output=True, timeout=LIMIT)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: standard output is closed\n")


@needs_full
def test_other_commands_report_a_full_standard_output_too(folder: Path) -> None:
    done = envoy("identity", "--pin", "12345", cwd=folder, stdout=io.FileIO(FULL, "wb"))
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1


def test_a_dash_is_standard_output(folder: Path) -> None:
    for form in FORMATS:
        dash, none = (run("documents", "--format", form, *more, cwd=folder) for more in (("--output", "-"), ()))
        texts = [re.sub(r'time="[0-9.]+"', "", done.stdout) for done in (dash, none)]
        assert (dash.returncode, texts[0], dash.stderr) == (none.returncode, texts[1], none.stderr)
        assert dash.stdout
    assert not (folder / "-").exists()


def test_a_report_does_not_overwrite_a_document(folder: Path) -> None:
    done = run("documents/good.xml", "--output", "documents/../documents/good.xml", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: documents/good.xml ")
    assert (folder / "documents" / "good.xml").read_text() == GOOD


def test_a_report_in_the_folder_is_not_validated(folder: Path) -> None:
    for _ in range(2):
        done = run("documents", "--format", "junit", "--output", "documents/report.xml", cwd=folder)
        assert (done.returncode, done.stderr) == (1, "1 valid, 1 not valid (csip-aus-1.2)\n")
        assert (folder / "documents" / "report.xml").read_text().count("<testcase") == 2


@needs_full
@pytest.mark.parametrize(("file", "reason"), [("none/known.json", "no such folder"), ("/dev/full", "No space left")])
def test_a_baseline_that_cannot_be_written_is_reported(folder: Path, file: str, reason: str) -> None:
    done = run("documents", "--write-baseline", file, cwd=folder)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"Error: {file}: ") and reason in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_name_that_is_not_utf_8_can_be_reported(folder: Path) -> None:
    with open(bytes(folder) + b"/documents/\xff.xml", "wb") as file:
        file.write(b"<a/>")
    for form in FORMATS:
        done = run("documents", "--format", form, "--output", "report", cwd=folder)
        assert (done.returncode, done.stderr) == (1, "1 valid, 2 not valid (csip-aus-1.2)\n")
    assert run("documents", "--write-baseline", "known.json", cwd=folder).returncode == 0
    done = run("documents", "--baseline", "known.json", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "1 valid, 2 known, 0 not valid (csip-aus-1.2), 2 known findings\n")
