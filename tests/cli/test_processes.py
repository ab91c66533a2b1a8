"""Each command as a process of its own, where no other test runs it so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import LIMIT

NOWHERE = "https://127.0.0.1:9"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("identity 3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", 0),
        ("pki certs", 0),
        ("schema xsd", 0),
        ("spool status none.spool", 2),
        (f"devices --server {NOWHERE} --retries 0", 1),
        (f"tls-check {NOWHERE}", 2),
        ("codegen --schema none.xsd --package none --output .", 2),
    ],
)
def test_a_command_runs_as_a_process(tmp_path: Path, command: str, status: int) -> None:
    words = [sys.executable, "-m", "envoy", *command.split()]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == status
    assert bool(done.stdout) == (status == 0)
    assert done.stderr.startswith("Error: ") == (status != 0)
