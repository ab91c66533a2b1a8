"""What the README shows is what the commands print."""

from __future__ import annotations

import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

_VARYING = (
    (re.compile(r"\b[0-9A-F]{40}\b"), "<LFDI>"),
    (re.compile(r"SFDI  \d{12}"), "SFDI  <SFDI>"),
    (re.compile(r"https://(localhost|127\.0\.0\.1):\d+"), "https://<server>"),
    (re.compile(r" +\d+\.\d ms"), " <time>"),
    (re.compile(r"server clock [+-]\d+ s *"), "server clock <offset>"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
)


def sessions() -> Iterator[tuple[str, str]]:
    """Yield each command of the console blocks with the output that the README shows for it."""
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def plain(text: str) -> str:
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return text.strip()


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


def test_every_command_prints_what_the_readme_shows(tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    port = free_port()
    background: list[subprocess.Popen[str]] = []
    shown = list(sessions())
    assert len(shown) >= 10
    try:
        for command, expected in shown:
            words = shlex.split(command.removesuffix("&").replace("localhost:8443", f"localhost:{port}"))
            assert words[0] == "envoy"
            arguments = [sys.executable, "-m", "envoy", *words[1:]]
            if command.endswith("&"):
                process = subprocess.Popen(
                    [*arguments, "--port", port], cwd=tmp_path, stdout=subprocess.PIPE, text=True
                )
                background.append(process)
                assert process.stdout is not None
                output = process.stdout.readline()
            else:
                done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, check=False)
                output = done.stdout + done.stderr
            assert plain(output) == plain(expected), command
    finally:
        for process in background:
            process.terminate()
            process.communicate(timeout=10)


@pytest.mark.parametrize("block", re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL))
def test_the_python_of_the_readme_runs(block: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "Client(" in block:
        pki = request.getfixturevalue("pki")
        url = request.getfixturevalue("start_server")()
        (tmp_path / "pki").symlink_to(pki.ca.certificate.parent)
        block = block.replace("https://localhost:8443", url)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    if "Client(" in block:
        assert done.stdout.startswith("/edev/2\n")
