"""The models of this package beside those of py20305: their size, and what it takes to import one message."""

from __future__ import annotations

import ast
import dataclasses
import enum
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import sep2
from bench.processes import Took, median, ratio
from bench.processes import measure as measure_processes
from envoy.bindings.fields import fields_of

TURNS = 15
"""Turns of each import; each is compared with that of its turn."""

STATEMENTS = {"envoy-client": "from sep2 import EndDevice", "py20305": "from py20305.models.sep.sep import EndDevice"}
"""What a program writes that reads one message."""


@dataclass(frozen=True)
class Size:
    """How much there is of the models of a package.

    Attributes:
        files: Python files.
        lines: Their lines.
        statements: Those of the lines that are neither empty nor a comment nor in a docstring.
        classes: Classes with fields.
        wrappers: Those of them that are no more than one plain value, maybe with attributes.
        fields: Fields of all classes, the inherited ones too.
        enums: Lists of codes or bits, whose members have names.
        names: These names.
    """

    files: int
    lines: int
    statements: int
    classes: int
    wrappers: int
    fields: int
    enums: int
    names: int


@dataclass(frozen=True)
class Start:
    """What an import takes, without what a bare Python does.

    Attributes:
        seconds: Of the processor.
        octets: Of memory.
        modules: That are loaded.
    """

    seconds: float
    octets: int
    modules: int


def sizes() -> dict[str, Size]:
    """Return the sizes of the models by the package."""
    from py20305.models.csipaus import csipaus_ext
    from py20305.models.sep import sep
    from pydantic import BaseModel

    ours = {value for name in sep2.__all__ if isinstance(value := getattr(sep2, name), type)}
    theirs = {cls for module in (sep, csipaus_ext) for cls in _classes(module) if issubclass(cls, BaseModel)} - {
        BaseModel
    }
    lists = {cls for module in (sep, csipaus_ext) for cls in _classes(module) if issubclass(cls, enum.Enum)}
    return {
        "envoy-client": _size(
            Path(str(sep2.__file__)).parent,
            {cls for cls in ours if dataclasses.is_dataclass(cls)},
            {cls for cls in ours if issubclass(cls, enum.Enum)},
            fields=lambda cls: len(dataclasses.fields(cls)),
            wraps=lambda cls: any(field.text for field in fields_of(cls)),
        ),
        "py20305": _size(
            Path(str(sep.__file__)).parents[1],
            theirs,
            lists,
            fields=lambda cls: len(cls.model_fields),
            wraps=lambda cls: any("type" not in field.xsdata_metadata for field in cls.model_fields.values()),
        ),
    }


def _classes(module: ModuleType) -> Iterator[type]:
    return (value for value in vars(module).values() if isinstance(value, type))


def _size(
    folder: Path,
    classes: set[Any],
    enums: set[Any],
    *,
    fields: Callable[[Any], int],
    wraps: Callable[[Any], bool],
) -> Size:
    texts = [file.read_text() for file in sorted(folder.rglob("*.py"))]
    return Size(
        files=len(texts),
        lines=sum(text.count("\n") for text in texts),
        statements=sum(map(_statements, texts)),
        classes=len(classes),
        wrappers=sum(map(wraps, classes)),
        fields=sum(map(fields, classes)),
        enums=len(enums),
        names=sum(map(len, enums)),
    )


def _statements(text: str) -> int:
    """Return how many lines of a module are neither empty nor comments nor docstrings."""
    lines = {number for number, line in enumerate(text.splitlines(), 1) if line.strip() and line.strip()[0] != "#"}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def starts() -> tuple[dict[str, Start], Took]:
    """Return what the import of a message takes, by the package, and how many times as long as ours theirs takes."""
    commands = {name: [sys.executable, "-c", statement] for name, statement in {"": "pass", **STATEMENTS}.items()}
    took = measure_processes(commands, TURNS)
    above = {
        name: [Took(x.wall - bare.wall, x.cpu - bare.cpu) for x, bare in zip(took[name], took[""], strict=True)]
        for name in STATEMENTS
    }
    octets, modules = _loaded("pass")
    found = {}
    for name, statement in STATEMENTS.items():
        more = _loaded(statement)
        found[name] = Start(median(above[name]).cpu, more[0] - octets, more[1] - modules)
    return found, ratio(above["py20305"], above["envoy-client"])


def _loaded(statement: str) -> tuple[int, int]:
    """Return the octets of memory of a process that has run a statement, and how many modules it has loaded."""
    # The memory that the process has now: the most that it had is that of its parent, which it began as a copy of.
    code = f"{statement}\nimport sys\nprint(open('/proc/self/statm').read().split()[1], len(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pages, modules = done.stdout.split()
    return resource.getpagesize() * int(pages), int(modules)
