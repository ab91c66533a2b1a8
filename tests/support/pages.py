"""The blocks of code on a page, and what is done with them (CONTRIBUTING.md, "Pages").

``python -m tests.support.pages`` lists, for each page, how many are run, read and not run, and why.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml
from lxml import etree

from tests.conftest import ROOT
from tests.support.commands import LIMIT, envoy

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])

ELSEWHERE = {"docs/reference/codes.md": "tests/checker/test_explanations.py"}
"""Pages that are made from data, and the test of those data."""

SERVER = re.compile(r"https://(?:localhost|127\.0\.0\.1):8443")
"""What pages write for the address of a server."""

_BLOCK = re.compile(
    r"(?P<marks>(?:^ *<!-- .*?(?:-->)?\n)*)"
    r"^(?P<indent> *)```(?P<language>[\w-]*)(?: .*)?\n(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"<!-- (file|not run|run last|tests)(?:: (.*?))?(?: -->)?$", re.MULTILINE)
_SHELL = re.compile(r"[|<>;*`]|&&|\$\(")
_ANY_LINES, _ANY = "...\n", "..."
_VARYING = (
    (re.compile(r"\b[0-9A-F]{40}\b"), "<LFDI>"),
    (re.compile(r"\b[0-9A-F]{24}00032473\b"), "<mRID>"),
    (re.compile(r"SFDI  \d{12}"), "SFDI  <SFDI>"),
    (re.compile(r"https://(localhost|127\.0\.0\.1):\d+"), "https://<server>"),
    (re.compile(r" +\d+\.\d ms"), " <time>"),
    (re.compile(r"\d+ exchanges, \d+ messages"), "<count> exchanges, <count> messages"),
    (re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "<time>"),
    (re.compile(r"\d\d:\d\d:\d\d for "), "<time> for "),
    (re.compile(r"server clock [+-]\d+ s *"), "server clock <offset>"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


@dataclass(frozen=True)
class Block:
    """A block of code on a page."""

    page: str
    line: int
    """Line of its first line of code."""
    language: str
    text: str
    marks: dict[str, str]
    shown: str | None
    """What the page shows at once after it as its output."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def fate(self) -> str:
        """What is done with it: ``run``, ``read``, ``shown``, or ``not run``."""
        if self.marks.keys() & {"not run", "tests"} or self.page in ELSEWHERE:
            return "not run"
        if self.language in ("python", "console", "sh") and "file" not in self.marks:
            return "run"
        return "read" if self.language in _READERS or "file" in self.marks else "shown"


def find_blocks(page: Path) -> list[Block]:
    """Return the blocks of a page, those in comments too.

    Raises:
        ValueError: A comment above a block is not one of the marks.
    """
    text, name = page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix()
    found = []
    matches = list(_BLOCK.finditer(text))
    for match, after in zip_longest(matches, matches[1:]):
        marks = {key: value or "" for key, value in _MARK.findall(match["marks"])}
        if len(marks) != match["marks"].count("<!--") or ("not run" in marks and not marks["not run"]):
            raise ValueError(f"{name}: {match['marks'].strip()!r} is not a mark of a block (CONTRIBUTING.md)")
        line = text.count("\n", 0, match.start("text")) + 1
        at_once = (
            after
            and not after["marks"]
            and after["language"] == "text"
            and not text[match.end() : after.start()].strip()
        )
        shown = textwrap.dedent(after["text"]) if at_once else None
        found.append(Block(name, line, match["language"], textwrap.dedent(match["text"]), marks, shown))
    return found


@dataclass
class Run:
    """A run of the blocks of a page, in a folder."""

    folder: Path
    own_server: bool
    """Whether the page starts one itself."""
    start_server: Callable[[], str]
    names: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    background: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    jobs: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    """What runs in the background, by its command, such as ``follow``."""
    _url: str = ""

    def run(self, block: Block) -> None:
        """Do with a block what is done with its kind."""
        text = SERVER.sub(lambda _: self.url(), block.text) if SERVER.search(block.text) else block.text
        if "file" in block.marks:
            file = self.folder / block.marks["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        elif block.language == "python":
            self._run_python(block, text)
        elif block.language in ("console", "sh"):
            for command, output in commands_of(block):
                self._run_command(block, command, output if block.language == "console" else None)
        if block.language in _READERS:
            _READERS[block.language](text)

    def url(self) -> str:
        """Return the address of the server, which is started if the page does not."""
        if not self._url and not self.own_server:
            self._url = self.start_server()
        return self._url or "https://localhost:8443"

    def _run_python(self, block: Block, text: str) -> None:
        # Empty lines before it, so that a traceback has the lines of the page.
        code = compile("\n" * (block.line - 1) + text, str(ROOT / block.page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed, contextlib.chdir(self.folder):
            exec(code, self.names)  # noqa: S102  # a page of our own
        if block.shown is not None:
            assert_printed(printed.getvalue(), block.shown, str(block))

    def _run_command(self, block: Block, command: str, shown: str | None) -> None:
        where = f"{block}: {command}"
        command = SERVER.sub(lambda _: self.url(), command)
        words = shlex.split(command, comments=True)
        if words[0] == "export":
            self.environment |= dict(word.split("=", 1) for word in words[1:])
            return
        if words[-1] == "&":
            self._start(words[:-1], shown or "", where)
            return
        if words[0] == "kill":
            job = self.jobs.pop(words[-1].removeprefix("%?"))
            job.send_signal(signal.SIGKILL if "-9" in words else signal.SIGTERM)
            job.communicate()
            return
        if words[0] == "envoy" and not _SHELL.search(re.sub(r"'[^']*'", "", command)):
            done: Any = envoy(*words[1:], cwd=self.folder, **self.environment)
        else:
            bash = shutil.which("bash") or "bash"
            options: dict[str, Any] = {"capture_output": True, "text": True, "timeout": LIMIT, "check": False}
            done = subprocess.run([bash, "-c", command], cwd=self.folder, env=self._all_variables(), **options)
        if shown is None:
            assert done.returncode == 0, f"{where}\n{done.stdout}{done.stderr}"
        else:
            assert_printed(done.stdout + done.stderr, shown, where)

    def _all_variables(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", **self.environment}

    def _start(self, words: list[str], shown: str, where: str) -> None:
        """Start a command in the background, and wait until it has printed what is shown."""
        assert words[0] == "envoy", f"{where}: only envoy is run in the background"
        serves = words[1] == "serve"
        if serves and "--port" not in words:
            words = [*words, "--port", "0"]
        command = [sys.executable, "-m", *words]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        process = self.background.enter_context(
            subprocess.Popen(command, cwd=self.folder, env=self._all_variables(), **pipes)
        )
        self.jobs[words[1]] = process
        self.background.callback(process.terminate)
        watchdog = threading.Timer(LIMIT, process.kill)
        watchdog.start()
        self.background.callback(watchdog.cancel)
        assert process.stdout is not None
        printed = ""
        pattern = pattern_of(shown or ("Listening on ...\n" if serves else ""))
        while not re.match(pattern, plain(printed) + "\n"):
            line = process.stdout.readline()
            assert line, f"{where}\nended after it had printed\n{printed}"
            printed += line
        if serves:
            url = re.search(r"https://127\.0\.0\.1:\d+", printed)
            assert url is not None
            self._url = url[0].replace("127.0.0.1", "localhost")


def run_page(page: Path, folder: Path, pki: Path, start_server: Callable[[], str]) -> None:
    """Run the blocks of a page from its top to its end, those marked so last.

    Args:
        page: The page.
        folder: An empty folder to run them in.
        pki: Folder with certificates, for pages that make none.
        start_server: Starts a server with such certificates; returns its URL.
    """
    blocks = find_blocks(page)
    code = "\n".join(block.text for block in blocks if block.fate == "run")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    if "envoy pki pki" not in code:
        shutil.copytree(pki, folder / "pki")
    run = Run(folder, re.search(r"envoy serve .*&$", code, re.MULTILINE) is not None, start_server)
    with run.background:
        for block in sorted(blocks, key=lambda block: "run last" in block.marks):
            if block.fate in ("run", "read"):
                run.run(block)


def commands_of(block: Block) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with what it prints: of ``console`` as it is shown, of ``sh`` nothing."""
    text = re.sub(r" *\\\n\s*", " ", block.text)
    if block.language == "sh":
        yield from ((line, "") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    else:
        before, *parts = re.split(r"^\$ ", text, flags=re.MULTILINE)
        assert not before.strip(), f"{block}: a console starts with a command, '$ envoy ...'"
        for part in parts:
            command, _, output = part.partition("\n")
            yield command, output


def plain(text: str) -> str:
    """Return an output without what is different each time."""
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text.strip()


def pattern_of(shown: str) -> str:
    """Return the regular expression of an output; ``...`` is any lines, or any part of a line."""
    lines = [
        r"(?:.*\n)*?" if line == _ANY_LINES else re.escape(line).replace(re.escape(_ANY), ".*?")
        for line in (plain(shown) + "\n").splitlines(keepends=True)
    ]
    return "".join(lines)


def assert_printed(printed: str, shown: str, where: str) -> None:
    """Fail, with the difference, if an output is not what a page shows."""
    if _ANY in shown and re.fullmatch(pattern_of(shown), plain(printed) + "\n"):
        return
    lines = [plain(text).splitlines() for text in (shown, printed)]
    assert lines[0] == lines[1], "\n".join([where, *difflib.unified_diff(*lines, "shown", "printed", lineterm="")])


def _read_xml(text: str) -> None:
    etree.fromstring(text.encode())


_READERS: dict[str, Callable[[str], object]] = {
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "json": json.loads,
    "xml": _read_xml,
    "csv": lambda text: list(csv.reader(text.splitlines(), strict=True)),
}


def main() -> None:
    """Print what is done with the blocks of each page."""
    total: Counter[str] = Counter()
    for page in PAGES:
        blocks = find_blocks(page)
        count = Counter(block.fate for block in blocks)
        total += count
        if blocks:
            name = page.relative_to(ROOT).as_posix()
            print(f"{name:48}", *(f"{count[fate]:3} {fate}" for fate in ("run", "read", "shown", "not run")), sep="  ")
            if name in ELSEWHERE:
                print(f"    {ELSEWHERE[name]}")
                continue
            for block in blocks:
                if block.fate == "not run":
                    print(f"    line {block.line}: {block.marks.get('not run', 'it is the test command')}")
    print(f"{'all':48}", *(f"{total[fate]:3} {fate}" for fate in ("run", "read", "shown", "not run")), sep="  ")


if __name__ == "__main__":
    main()
