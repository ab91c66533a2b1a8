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
from collections.abc import Mapping, Sequence
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
        schema = str(schema_path(get_profile()))
        statements = {
            "python -c pass": "pass",
            "import lxml.etree, compile the schema": f"from lxml import etree; etree.XMLSchema(file={schema!r})",
            **{
                f"{verb} {name}": f"{verb} {name}"
                for verb, name in (
                    ("import", "typer"),
                    ("import", "httpx"),
                    ("from", "sep2 import EndDevice"),
                    ("import", "envoy"),
                    ("from", "envoy import loads"),
                    ("from", "envoy import Site"),
                    ("from", "envoy import Client"),
                    ("from", "envoy import AsyncClient"),
                )
            },
        }
        commands = {name: [sys.executable, "-c", statement] for name, statement in statements.items()}
        for words in ("--version", "--help", "explain rating"):
            commands[f"envoy {words}"] = [sys.executable, "-m", "envoy", *words.split()]
        commands["envoy validate, one file"] = [sys.executable, "-m", "envoy", "validate", "--isolated", str(file)]
        if shutil.which("xmllint"):
            commands["xmllint --noout --schema, one file"] = ["xmllint", "--noout", "--schema", schema, str(file)]
        return medians(commands, turns=7)


def medians(commands: Mapping[str, list[str]], turns: int, folder: str | None = None) -> dict[str, Took]:
    """Return the median seconds of commands that take turns, started in a folder.

    Raises:
        subprocess.CalledProcessError: One has failed.
    """
    return {name: median(each) for name, each in measure(commands, turns, folder).items()}


def measure(commands: Mapping[str, list[str]], turns: int, folder: str | None = None) -> dict[str, list[Took]]:
    """Return what commands took in each turn, so that those of one turn, made at one time, can be compared.

    Raises:
        subprocess.CalledProcessError: One has failed.
    """
    took: dict[str, list[Took]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as compiled:
        # Modules are compiled once, as they are when a package is installed, whatever the environment says.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment |= {"NO_COLOR": "1", "PYTHONPYCACHEPREFIX": compiled}
        for turn in range(turns + 1):
            for name, command in commands.items():
                each = _run(command, folder, environment)
                if turn:
                    took[name].append(each)
    return took


def median(took: Sequence[Took]) -> Took:
    """Return the medians of wall and processor."""
    return Took(statistics.median(x.wall for x in took), statistics.median(x.cpu for x in took))


def ratio(took: Sequence[Took], others: Sequence[Took]) -> Took:
    """Return the medians of how many times as long as others some took, each beside the other of its turn."""
    return median([Took(x.wall / y.wall, x.cpu / y.cpu) for x, y in zip(took, others, strict=True)])


def loaded_by(statement: str) -> tuple[list[str], int]:
    """Return which heavy packages a statement loads, and how many modules of sep2."""
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    return [name for name in HEAVY if name in names], sum(name.startswith("sep2.") for name in names)


def _run(command: list[str], folder: str | None, environment: Mapping[str, str]) -> Took:
    before, started = _cpu(), time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    return Took(time.perf_counter() - started, _cpu() - before)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
