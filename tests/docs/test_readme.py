"""The README shows what the commands print, and its programs run."""

from __future__ import annotations

import contextlib
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, StartServer
from tests.support.commands import envoy

README = (ROOT / "README.md").read_text(encoding="utf-8")

_VARYING = (
    (re.compile(r"\b[0-9A-F]{40}\b"), "<LFDI>"),
    (re.compile(r"\b[0-9A-F]{24}00032473\b"), "<mRID>"),
    (re.compile(r"SFDI  \d{12}"), "SFDI  <SFDI>"),
    (re.compile(r"https://(localhost|127\.0\.0\.1):\d+"), "https://<server>"),
    (re.compile(r" +\d+\.\d ms"), " <time>"),
    (re.compile(r"\d+ exchanges, \d+ messages"), "<count> exchanges, <count> messages"),
    (re.compile(r"\d\d:\d\d:\d\d for "), "<time> for "),
    (re.compile(r"server clock [+-]\d+ s *"), "server clock <offset>"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


def blocks(language: str) -> list[str]:
    """Return the code blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def sessions() -> Iterator[tuple[list[str], str]]:
    """Yield the words of each command in the console blocks, with the output that the README shows for it."""
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield shlex.split(command), output


def plain(text: str) -> str:
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text.strip()


@contextlib.contextmanager
def serve(arguments: list[str], folder: Path) -> Iterator[str]:
    """Run ``envoy serve`` in the background, on a free port; give the line that it prints."""
    command = [sys.executable, "-m", "envoy", *arguments, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline()
        finally:
            process.terminate()


def test_every_command_prints_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    url, shown = "", list(sessions())
    assert len(shown) >= 10
    with contextlib.ExitStack() as background:
        for words, expected in shown:
            assert words[0] == "envoy"
            if words[-1] == "&":
                output = background.enter_context(serve(words[1:-1], tmp_path))
                url = output.split()[2].removesuffix("/dcap").replace("127.0.0.1", "localhost")
            else:
                arguments = [url if word == "https://localhost:8443" else word for word in words[1:]]
                done = envoy(*arguments, cwd=tmp_path)
                output = done.stdout + done.stderr
            assert plain(output) == plain(expected), words


@pytest.mark.parametrize("block", blocks("python"))
def test_the_python_of_the_readme_runs(
    block: str, tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    talks = "Client(" in block
    if talks:
        start_server: StartServer = request.getfixturevalue("start_server")
        (tmp_path / "pki").symlink_to(request.getfixturevalue("pki").ca.certificate.parent)
        block = block.replace("https://localhost:8443", start_server())
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    with contextlib.chdir(tmp_path):
        exec(compile(block, "README.md", "exec"), {})  # noqa: S102
    assert not talks or capsys.readouterr().out.startswith("/edev/2\n")
