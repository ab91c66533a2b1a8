"""Sessions of nox: ``nox`` runs what every change passes, ``nox -s NAME`` one of them, ``nox -l`` lists them.

Each session makes a virtual environment of its own. With ``--no-venv --no-install`` it runs in the one that is active,
which ``.ci/run`` does, to install once.
"""

from __future__ import annotations

from pathlib import Path

import nox

ROOT = Path(__file__).parent

nox.options.default_venv_backend = "venv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["lint", "types", "docs", "tests"]


def _install(session: nox.Session, extra: str) -> None:
    session.install("--editable", f".[{extra}]")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and layers, and that the bindings are what the schema makes."""
    _install(session, "dev")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")
    session.run("python", "codegen.py", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Check types with mypy, in strict mode."""
    _install(session, "dev")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Check that the reference is what the schema makes, and the words of pages and docstrings."""
    _install(session, "dev")
    session.run("python", "docs/reference.py", "--check")
    session.run("python", "docs/words.py")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests and measure coverage; with arguments, run pytest with those and measure nothing."""
    _install(session, "dev")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    # The variables reach every process that a test starts, wherever it runs.
    measure = {"COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml"), "COVERAGE_FILE": str(ROOT / ".coverage")}
    session.run("coverage", "erase")
    session.run("python", "-m", "pytest", "-n", "2", env=measure)
    session.notify("coverage")


@nox.session
def coverage(session: nox.Session) -> None:
    """Report the coverage of the last measured run; fail below the gate in pyproject.toml."""
    _install(session, "dev")
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", "--skip-covered")


@nox.session(venv_backend="uv")
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions that pyproject.toml allows of what it names: minutes. Needs uv."""
    session.install("--resolution", "lowest-direct", "--editable", ".[dev,bench]")
    session.run("python", "-m", "pytest", *(session.posargs or ["-n", "2"]))


@nox.session
def conformance(session: nox.Session) -> None:
    """Prove the schemas, reader and writer against the official schemas: minutes."""
    _install(session, "test")
    session.run("python", "-m", "tests.conformance", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print the benchmarks; ``-- fleets`` prints those of fleets."""
    _install(session, "bench")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the code in small ways and count how many changes the tests notice: many minutes."""
    _install(session, "dev")
    # Which test runs which line says which tests a mutant has to survive.
    session.run("python", "-m", "pytest", "-n", "2", "--cov", "--cov-context=test", "--cov-report=")
    session.run("python", "-m", "tests.mutants", *(session.posargs or ["--count", "60", "--seed", "1"]))
