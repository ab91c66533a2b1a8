"""What tests share: certificates of a test CA, and the real server as a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from envoy.tls.pki import Pki, create_pki

ROOT = Path(__file__).resolve().parent.parent
"""Top of the repository."""

SHARED = ROOT.parent / "shared"
"""Material beside the repository; tests that need it skip where it is not."""

DEVICES = ("aggregator", "rival", "device")

StartServer = Callable[..., str]


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """A CA with a server and the clients of DEVICES."""
    return create_pki(tmp_path_factory.mktemp("pki"), devices=DEVICES)


@pytest.fixture
def start_server(pki: Pki) -> Iterator[StartServer]:
    """Start ``envoy serve`` with further options; return its URL, without a path. All are stopped after the test."""
    processes: list[subprocess.Popen[str]] = []

    def start(*options: str) -> str:
        command = [sys.executable, "-m", "envoy", "serve", "--port", "0"]
        command += ["--cert", str(pki.server.certificate), "--key", str(pki.server.key)]
        command += ["--ca", str(pki.ca.certificate), *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        match = re.match(r"Listening on (https://127\.0\.0\.1:\d+)/dcap", line)
        if match is None:
            process.kill()
            pytest.fail(f"the server did not start: {line}{process.communicate()[1]}")
        return match[1]

    yield start
    for process in processes:
        process.terminate()
    for process in processes:
        process.communicate(timeout=60)
