"""Fixtures of all tests: certificates of one test CA, and the real server as a process of its own."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import HealthCheck, settings

from envoy.testing import UtilityServer
from envoy.tls.pki import Pki, create_pki
from tests.support.processes import Command, unmeasured
from tests.support.scripted import Serve, serving

# What is compiled is kept, whatever the environment says: otherwise each worker compiles all tests again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The workers of Dask are forked, as other processes of tests are: tests.support.processes.
os.environ["DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD"] = "forkserver"

# No test fails for being slow: the machine may have other work. Each run tries other examples; nox -s long tries many.
settings.register_profile("envoy", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("envoy"), max_examples=500)
settings.load_profile("envoy")

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Import a share of the tests in each worker first: it finds the others compiled, by other workers."""
    worker = getattr(session.config, "workerinput", None)
    if worker:
        folders = [Path(each.partition("::")[0]).resolve() for each in session.config.args]
        tests = [path for path in sorted(ROOT.glob("tests/**/test_*.py")) if not {*path.parents}.isdisjoint(folders)]
        for path in tests[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
            with suppress(Exception, pytest.skip.Exception):  # reported when it is collected
                import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Let coverage rest in tests with the marker, and in laws, of which each run sees something else."""
    marked = item.get_closest_marker("unmeasured") or item.get_closest_marker("hypothesis")
    rests = "COVERAGE_PROCESS_START" in os.environ and marked
    coverage = Coverage.current() if rests else None
    if coverage:
        coverage.stop()
    try:
        return (yield)
    finally:
        if coverage:
            coverage.start()


@pytest.fixture(scope="session", autouse=True)
def _forked_servers() -> Iterator[None]:
    """Fork the servers instead of starting each from nothing, which takes most of the time of those tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("envoy.testing.process._start", partial(Command, errors="replace"))
        yield


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that responds as a function says, over TLS if a context is given."""
    with serving() as start:
        yield start


@pytest.fixture(scope="session")
def _shared_servers() -> Iterator[dict[tuple[tuple[str, ...], int], UtilityServer]]:
    """The servers that run, by their options and by which of a test it is that has these."""
    servers: dict[tuple[tuple[str, ...], int], UtilityServer] = {}
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture
def start_server(pki: Pki, _shared_servers: dict[tuple[tuple[str, ...], int], UtilityServer]) -> Iterator[StartServer]:
    """Start ``envoy serve`` with further options, with nothing in it yet; return its URL, without a path.

    A process costs most of a second, so tests share those that have the same options, and each finds it reset. They are
    unmeasured: what they do is measured where servers are what is tested.
    """
    own: list[UtilityServer] = []
    started: Counter[tuple[str, ...]] = Counter()

    def start(*options: str) -> str:
        started[options] += 1
        shared = _shared_servers.get((options, started[options]))
        if shared is not None and shared.running:
            shared.reset()
            return shared.url
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("envoy.testing.process._start", partial(Command, errors="replace", env=unmeasured()))
            server = UtilityServer(options=options, folder=pki.ca.certificate.parent).start()
        if {"--port", "--database"} & {*options}:
            own.append(server)
        else:
            _shared_servers[options, started[options]] = server
        return server.url

    yield start
    for server in own:
        server.stop()
