"""Whole processes: imports and commands, beside a bare Python and xmllint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.documents import small
from bench.timing import medians
from envoy import dumps
from envoy.profiles import get_profile
from envoy.schemas import schema_path

HEAVY = ("httpx", "typer", "cryptography", "xsdata", "pydantic", "rich")


def seconds() -> dict[str, float]:
    """Return the median seconds of each process, by what it does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "message.xml"
        file.write_bytes(dumps(small()["DERCapability"]))
        python = [sys.executable, "-c"]
        commands = {
            "python -c pass": [*python, "pass"],
            "from sep2 import EndDevice": [*python, "from sep2 import EndDevice"],
            "import envoy": [*python, "import envoy"],
            "from envoy import loads": [*python, "from envoy import loads"],
            "from envoy import Client": [*python, "from envoy import Client"],
            "envoy --version": [sys.executable, "-m", "envoy", "--version"],
            "envoy validate, one file": [sys.executable, "-m", "envoy", "validate", str(file)],
        }
        if shutil.which("xmllint"):
            schema = str(schema_path(get_profile()))
            commands["xmllint --noout --schema, one file"] = ["xmllint", "--noout", "--schema", schema, str(file)]
        calls = {name: lambda command=command: _run(command) for name, command in commands.items()}
        return medians(calls, repeats=7)


def loaded_by(statement: str) -> tuple[list[str], int]:
    """Return which heavy packages a statement loads, and how many modules of sep2."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return [name for name in HEAVY if name in names], sum(name.startswith("sep2.") for name in names)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "NO_COLOR": "1"})
