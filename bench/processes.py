"""Whole processes: imports and commands, beside a bare Python and xmllint."""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.documents import small
from envoy import dumps
from envoy.profiles import get_profile
from envoy.xsd.schemas import schema_path

HEAVY = ("httpx", "typer", "cryptography", "xsdata", "pydantic", "rich")


@dataclass(frozen=True)
class Took:
    """What a whole process took.

    Attributes:
        wall: Seconds from its start to its end, which others that use the machine prolong.
        cpu: Seconds of the processor, of the process and of those that it started.
    """

    wall: float
    cpu: float


def seconds() -> dict[str, Took]:
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
        return medians(commands, turns=7)


def medians(commands: Mapping[str, list[str]], turns: int, folder: str | None = None) -> dict[str, Took]:
    """Return the median seconds of commands that take turns, started in a folder.

    Raises:
        subprocess.CalledProcessError: One has failed.
    """
    took: dict[str, list[Took]] = {name: [] for name in commands}
    for _ in range(turns):
        for name, command in commands.items():
            took[name].append(_run(command, folder))
    return {
        name: Took(statistics.median(x.wall for x in each), statistics.median(x.cpu for x in each))
        for name, each in took.items()
    }


def loaded_by(statement: str) -> tuple[list[str], int]:
    """Return which heavy packages a statement loads, and how many modules of sep2."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return [name for name in HEAVY if name in names], sum(name.startswith("sep2.") for name in names)


def _run(command: list[str], folder: str | None) -> Took:
    environment = {**os.environ, "NO_COLOR": "1"}
    before, started = _cpu(), time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    return Took(time.perf_counter() - started, _cpu() - before)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
