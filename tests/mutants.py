"""Change the code in random places and see whether the tests notice: ``python -m tests.mutants``.

It needs coverage data that say which test runs which line. That data, and then the proof::

    python -m pytest -n 2 --cov --cov-context=test --cov-report=
    python -m tests.mutants --count 60 --seed 1

Each mutant is one small change of one file: a comparison, a condition, a number or a call. The tests that run its line
are run until the first of them fails. The mutant is killed if one fails, or takes longer than all of them should.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

PLACES = ("envoy/validation", "envoy/codec", "envoy/registration", "envoy/client")
"""Where mutants are made unless other files or folders are named."""

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
}


_PLAIN = re.compile(r"[\w./:-]+(\[[\w.,-]+\])?")


@dataclass(frozen=True)
class Mutant:
    """One change of one file.

    Attributes:
        path: The file, relative to the repository.
        line: Line of the change, from 1.
        kind: What is changed.
        number: Which of the file's changes it is.
    """

    path: Path
    line: int
    kind: str
    number: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}"


def sites(tree: ast.Module) -> Iterator[tuple[str, int, ast.AST, str, int | None]]:
    """Yield every possible change: kind, line, the node, the name of the field in it, and the index in a list."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare():
                for index, operator in enumerate(node.ops):
                    if type(operator) in _SWAPPED:
                        name = f"{type(operator).__name__} to {_SWAPPED[type(operator)].__name__}"
                        yield name, node.lineno, node, "ops", index
            case ast.BoolOp() | ast.BinOp() if type(node.op) in _SWAPPED:
                name = f"{type(node.op).__name__} to {_SWAPPED[type(node.op)].__name__}"
                yield name, node.lineno, node, "op", None
            case ast.If() | ast.IfExp() | ast.While() if not _is_type_checking(node.test):
                yield "negated condition", node.test.lineno, node, "test", None
            case ast.Return(value=value) if value is not None and not _is_none(value):
                yield "return None", node.lineno, node, "value", None
            case ast.Constant(value=bool() | int()):
                yield f"constant {node.value}", node.lineno, node, "value", None
            case ast.Expr(value=ast.Call() | ast.YieldFrom() | ast.Await()) | ast.AugAssign():
                yield "statement left out", node.lineno, node, "", None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_type_checking(test: ast.expr) -> bool:
    return isinstance(test, ast.Name) and test.id == "TYPE_CHECKING"


def changed(source: str, number: int) -> str:
    """Return the source text with its change of a number made."""
    tree = ast.parse(source)
    kind, _, node, name, index = list(sites(tree))[number]
    if not name:
        for parent in ast.walk(tree):
            for value in vars(parent).values():
                if isinstance(value, list) and node in value:
                    value[value.index(node)] = ast.copy_location(ast.Pass(), node)
    elif name == "test":
        setattr(node, name, ast.UnaryOp(ast.Not(), copy.deepcopy(getattr(node, name))))
    elif kind == "return None":
        setattr(node, name, ast.Constant(None))
    elif isinstance(node, ast.Constant):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1  # type: ignore[operator]
    elif index is not None:
        operators = getattr(node, name)
        operators[index] = _SWAPPED[type(operators[index])]()
    else:
        setattr(node, name, _SWAPPED[type(getattr(node, name))]())
    return ast.unparse(ast.fix_missing_locations(tree))


def mutants(root: Path, places: list[str]) -> list[Mutant]:
    """Return every possible mutant of the files in some places."""
    files = sorted({file for place in places for file in _files(root / place)})
    return [
        Mutant(file.relative_to(root), line, kind, number)
        for file in files
        for number, (kind, line, *_) in enumerate(sites(ast.parse(file.read_text(encoding="utf-8"))))
    ]


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else list(place.rglob("*.py"))


def tests_of(mutant: Mutant, data: CoverageData, root: Path) -> list[str]:
    """Return the tests that run the line of a mutant; those of a line that is run on import are all of the file."""
    by_line = data.contexts_by_lineno(str((root / mutant.path).resolve()))
    found = _names(by_line.get(mutant.line, []))
    return found or (sorted({name for names in by_line.values() for name in _names(names)}) if by_line else [])


def _names(contexts: list[str]) -> list[str]:
    """Return the tests of contexts such as ``tests/test_text.py::test_it[a b]|run``."""
    names = {context.rpartition("|")[0] for context in contexts}
    # pytest takes no parameter with characters of its own from the command line: then all of the function are run.
    return sorted({name if _PLAIN.fullmatch(name) else name.partition("[")[0] for name in names} - {""})


def is_killed(mutant: Mutant, tests: list[str], root: Path, most: int, choice: random.Random) -> bool:
    """Whether a test fails once a mutant is made. The file is as before afterwards."""
    file = root / mutant.path
    before = file.read_text(encoding="utf-8")
    chosen = sorted(tests if len(tests) <= most else choice.sample(tests, most))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--no-cov"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        file.write_text(changed(before, mutant.number), encoding="utf-8")
        done = subprocess.run(
            [*command, *chosen], cwd=root, env=environment, capture_output=True, timeout=600, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(before, encoding="utf-8")
    if done.returncode not in (0, 1, 2, 3) and b"ERROR collecting" not in done.stdout:
        raise SystemExit(f"{mutant}: pytest ended with {done.returncode}: {done.stdout.decode()[-2000:]}")
    return done.returncode != 0


def main() -> int:
    """Make the mutants, print what became of each, and the share that was killed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("places", nargs="*", default=PLACES, help="files and folders to change")
    options.add_argument("--count", type=int, default=60, help="mutants to make")
    options.add_argument("--seed", type=int, default=1, help="another seed picks others")
    options.add_argument("--most", type=int, default=150, help="tests to run for one mutant; of more, a sample")
    options.add_argument("--data", default=".coverage", help="coverage data with a context for each test")
    given = options.parse_args()
    root = Path.cwd()
    data = CoverageData(given.data)
    data.read()
    choice = random.Random(given.seed)  # noqa: S311
    chosen = choice.sample(mutants(root, list(given.places)), given.count)
    killed = 0
    for mutant in chosen:
        tests = tests_of(mutant, data, root)
        dead = bool(tests) and is_killed(mutant, tests, root, given.most, choice)
        killed += dead
        fate = "killed" if dead else "survived" if tests else "not run"
        print(f"{fate:8}  {mutant}  ({len(tests)} tests)", flush=True)
    print(f"{killed} of {len(chosen)} killed, seed {given.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
