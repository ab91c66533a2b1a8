"""Standard input and names: what comes without a file, or under a name that is none."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from envoy.checker.sources import FileSource
from tests.support.commands import envoy
from tests.support.making_inputs import (
    GOOD,
    SWAPPED,
    captured,
    entry,
    read,
    tarred,
    zipped,
)


def piped(content: bytes, tmp_path: Path, *options: str) -> str:
    return envoy("validate", "-", "--profile", "ieee-2018", *options, cwd=tmp_path, stdin=content).stdout


def test_standard_input_may_be_an_archive_or_a_capture(tmp_path: Path) -> None:
    assert piped(zipped(tmp_path / "p", {"1.xml": SWAPPED}).read_bytes(), tmp_path).startswith("<stdin>!1.xml:2:3: ")
    tgz = tarred(tmp_path / "p", {"1.xml": SWAPPED}, "w:gz").read_bytes()
    assert piped(tgz, tmp_path).startswith("<stdin>!1.xml:2:3: ")
    har = captured(tmp_path / "p", entry("POST", "/edev", request=SWAPPED), indent=None).read_bytes()
    assert piped(har, tmp_path).startswith("<stdin>:1: entries[0]/request POST /edev: ")
    assert "[not-xml]" in piped(b'{"a": 1}', tmp_path)


def test_an_archive_may_come_from_a_named_pipe(tmp_path: Path) -> None:
    content = zipped(tmp_path / "p.zip", {"1.xml": SWAPPED}).read_bytes()
    os.mkfifo(tmp_path / "pipe")
    threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(content,), daemon=True).start()
    (item,) = read(tmp_path / "pipe")
    assert (item.source, item.data) == (f"{tmp_path / 'pipe'}!1.xml", SWAPPED.encode())


def test_a_dash_in_a_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "-").write_text(GOOD)
    done = envoy("validate", ".", "--include", "*", cwd=tmp_path, stdin="not this")
    assert (done.returncode, done.stdout) == (0, "1 valid, 0 not valid (csip-aus-1.2)\n")


def test_a_standard_input_that_is_closed_is_told(tmp_path: Path) -> None:
    command = f"{sys.executable} -m envoy validate - <&-"
    done = subprocess.run(command, shell=True, cwd=tmp_path, capture_output=True, text=True)  # noqa: S602
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("<stdin>: cannot be read: it is closed")


def test_a_source_with_a_nul_in_its_name_is_told() -> None:
    (item,) = FileSource("a\0.xml").read(None)
    assert item.data is None and item.source == "a\0.xml"
