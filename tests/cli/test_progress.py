"""The bar on a real terminal: what it shows, that it leaves the report alone, and that there is none in a pipe."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import default_interrupts

pytest.importorskip("pty")

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
WIDTH = 2000

LIMIT = 60
"""Seconds that nothing here ought to take, on however busy a machine."""

LONG = 0.7
"""Seconds that are longer than the bar waits before it shows itself."""

PIECE = re.compile(r"\x1b\[\??[0-9;]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+")


def screen(written: str) -> list[str]:
    """Return the lines that a terminal shows of what was written to it, if none is longer than it is wide."""
    lines = [""]
    row = column = 0
    assert "".join(PIECE.findall(written)) == written
    for piece in PIECE.findall(written):
        if piece == "\r":
            column = 0
        elif piece == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif piece == "\x1b[2K":
            lines[row] = ""
        elif piece.endswith("A"):
            row -= int(piece[2:-1])
        elif piece.startswith("\x1b"):
            assert piece.endswith("m") or piece in ("\x1b[?25l", "\x1b[?25h"), repr(piece)
        else:
            lines[row] = lines[row].ljust(column)[:column] + piece + lines[row][column + len(piece) :]
            column += len(piece)
            assert column < WIDTH
    return "\n".join(line.rstrip() for line in lines).rstrip().split("\n")


class Terminal:
    """A terminal, and what a program has written to it."""

    def __init__(self) -> None:
        self.end, self.programs = os.openpty()
        fcntl.ioctl(self.programs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
        self.written = b""

    def text(self) -> str:
        return self.written.decode()

    def wait_for(self, pattern: str) -> None:
        deadline = time.monotonic() + LIMIT
        while not re.search(pattern, re.sub(r"\x1b\[[0-9;]*m", "", self.text())):
            assert time.monotonic() < deadline, self.text()
            self.read(0.1)

    def finish(self, run: subprocess.Popen[bytes]) -> int:
        """Read on till the program has ended; return its status."""
        deadline = time.monotonic() + LIMIT
        while run.poll() is None:
            assert time.monotonic() < deadline, self.text()
            self.read(0.1)
        while self.read(0):
            pass
        return run.returncode

    def read(self, seconds: float) -> bool:
        if not select.select([self.end], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self.end, 65536)
        except OSError:  # the last program has closed it
            return False
        self.written += piece
        return bool(piece)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal()
    yield made
    os.close(made.programs)
    os.close(made.end)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(4):
        os.mkfifo(tmp_path / f"{number}.pipe")
    (tmp_path / "swapped.xml").write_text(SWAPPED)
    return tmp_path


NAMES = ["0.pipe", "swapped.xml", "swapped.xml", "1.pipe", "swapped.xml", "2.pipe", "3.pipe", "--workers", "1"]


@contextlib.contextmanager
def start(
    folder: Path, *arguments: str, stdout: Any, stderr: Any, **environment: str
) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "envoy", "validate", *arguments]
    env = {**os.environ, "TERM": "xterm-256color", **environment}
    run = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        preexec_fn=default_interrupts,
    )
    with run:
        try:
            yield run
        finally:
            run.kill()


def feed(folder: Path, number: int, seconds: float = 0) -> None:
    """Let the command have the next document, which it waits for, after it has waited for some seconds."""
    deadline = time.monotonic() + LIMIT
    while True:
        try:
            end = os.open(folder / f"{number}.pipe", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # it does not wait yet
            assert time.monotonic() < deadline
            time.sleep(0.02)
            continue
        time.sleep(seconds)
        os.write(end, GOOD.encode())
        os.close(end)
        return


def go_on(folder: Path, terminal: Terminal) -> None:
    """Feed documents slowly, and see that the bar counts what is reported, and says how fast and how long it takes."""
    for number, counted in enumerate(("3 of 7", "5 of 7", "6 of 7")):
        feed(folder, number, 0 if number else LONG)
        terminal.wait_for(f"{counted} files")
        time.sleep(0.2)
    terminal.wait_for(r"6 of 7 files, [0-9.]+/s, [0-9]:[0-9]{2}:[0-9]{2} left")


def expected(*arguments: str) -> list[str]:
    line = "swapped.xml:2:3: EndDevice/changedTime: changedTime stands before sFDI. Move sFDI before changedTime."
    return [f"{line} [out-of-order]"] * 3 + ["4 valid, 3 not valid (csip-aus-1.2)"]


def shown() -> list[str]:
    """Return what a terminal shows: the line of source too."""
    line = SWAPPED.splitlines()[1].strip()
    finding, summary = expected()[0], expected()[-1]
    return [finding, f"  2 | {line}", f"    | {'^' * len('<changedTime>')}"] * 3 + [
        summary,
        "3 can be fixed with --fix",
    ]


def test_bar_and_report_share_a_terminal(folder: Path, terminal: Terminal) -> None:
    with start(folder, *NAMES, stdout=terminal.programs, stderr=terminal.programs) as run:
        go_on(folder, terminal)
        *report, bar = screen(terminal.text())
        assert report == shown()[:9]
        assert "6 of 7 files" in bar
        feed(folder, 3)
        assert terminal.finish(run) == 1
    assert screen(terminal.text()) == shown()
    assert terminal.text().count("\x1b[31m") == 6
    assert terminal.text().count("\x1b[?25l") == terminal.text().count("\x1b[?25h") == 1


def test_a_report_for_programs_stays_whole_on_a_terminal(folder: Path, terminal: Terminal) -> None:
    arguments = [*NAMES, "--format", "json"]
    with start(folder, *arguments, stdout=terminal.programs, stderr=terminal.programs) as run:
        go_on(folder, terminal)
        feed(folder, 3)
        status = terminal.finish(run)
    report = json.loads("\n".join(screen(terminal.text())))
    assert (status, len(report["findings"]), report["summary"]["valid"]) == (1, 3, 4)


@pytest.mark.parametrize("to_file", [False, True])
def test_the_bar_is_on_the_terminal_while_the_report_goes_elsewhere(
    folder: Path, terminal: Terminal, to_file: bool
) -> None:
    arguments = [*NAMES, *(["--output", "report.txt"] if to_file else [])]
    out = (folder / "stdout.txt").open("wb")
    with out, start(folder, *arguments, stdout=out, stderr=terminal.programs) as run:
        go_on(folder, terminal)
        feed(folder, 3)
        assert terminal.finish(run) == 1
    assert (folder / ("report.txt" if to_file else "stdout.txt")).read_text().splitlines() == expected()
    assert screen(terminal.text()) == (expected()[3:] if to_file else [""])


def test_there_is_none_in_a_pipe(folder: Path) -> None:
    with start(folder, *NAMES, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        for number in range(4):
            feed(folder, number, 0 if number else LONG)
        written, said = run.communicate(timeout=LIMIT)
    assert (written.decode().splitlines(), said) == (expected(), b"")


def test_there_is_none_on_a_terminal_that_cannot_go_back(folder: Path, terminal: Terminal) -> None:
    with start(folder, *NAMES, stdout=terminal.programs, stderr=terminal.programs, TERM="dumb") as run:
        for number in range(4):
            feed(folder, number, 0 if number else LONG)
        terminal.finish(run)
    assert terminal.text().split("\r\n") == [*shown(), ""]


@pytest.mark.parametrize("quiet", [False, True], ids=["--no-color", "NO_COLOR"])
def test_there_is_none_for_what_is_done_at_once(quiet: bool, folder: Path, terminal: Terminal) -> None:
    options = {"NO_COLOR": "1"} if quiet else {}
    arguments = ["swapped.xml", *([] if quiet else ["--no-color"])]
    with start(folder, *arguments, stdout=terminal.programs, stderr=terminal.programs, **options) as run:
        terminal.finish(run)
    assert terminal.text().split("\r\n") == [
        *shown()[:3], "0 valid, 1 not valid (csip-aus-1.2)", "1 can be fixed with --fix", "",
    ]  # fmt: skip


def test_ctrl_c_gives_the_terminal_back(folder: Path, terminal: Terminal) -> None:
    with start(folder, *NAMES, stdout=terminal.programs, stderr=terminal.programs) as run:
        go_on(folder, terminal)
        os.killpg(run.pid, signal.SIGINT)
        assert terminal.finish(run) == 130
    assert screen(terminal.text()) == shown()[:9]
    assert terminal.text().rindex("\x1b[?25h") > terminal.text().rindex("\x1b[?25l")
