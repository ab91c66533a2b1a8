"""A Dask cluster that validates: the same report as here, whatever dies, and clear words when it cannot."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from envoy import _dask
from envoy.checker import dask
from envoy.checker.batching import SourceQueue
from envoy.checker.checker import Checker, Source
from envoy.checker.dask import Cluster, load_sources
from envoy.checker.reports import Verdict
from envoy.checker.sources import Document, find_sources
from envoy.checker.workers import check_sources
from envoy.errors import ClusterError
from envoy.profiles import PROFILES, Profile
from tests.support import commands
from tests.support.processes import prepare_fork, unmeasured

distributed = pytest.importorskip("distributed")

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
CONTENTS = [GOOD, SWAPPED, "<a>\n<b></a>", "", GOOD]

CHECKER = Checker(PROFILES["ieee-2018"], 10_000)

# Tornado and Dask leave sockets and tasks to the collector when a process has been killed.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait as long as a worker may need to start on a busy machine."""
    monkeypatch.setattr(_dask, "CONNECT_SECONDS", 60)
    monkeypatch.setattr(dask, "_PATIENCE", 120)


@pytest.fixture(scope="module")
def started() -> Iterator[Any]:
    """A cluster of two workers, each a process of its own with one thread. A worker that dies is started again."""
    prepare_fork()
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs="CRITICAL",
    ) as made:
        yield made


@pytest.fixture
def running(started: Any) -> Any:
    """The cluster, with both of its workers, though the test before may have killed one."""
    with distributed.Client(started, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with documents of each kind in turn."""
    (tmp_path / "documents").mkdir()
    for number in range(300):
        (tmp_path / "documents" / f"{number:03}.xml").write_text(CONTENTS[number % len(CONTENTS)])
    return tmp_path / "documents"


def envoy(*arguments: str | Path, cwd: Path) -> commands.Done:
    return commands.envoy("validate", *arguments, cwd=cwd, stdin=SWAPPED)


def here(*names: str | Path) -> list[Verdict]:
    return list(check_sources(CHECKER, SourceQueue(find_sources(map(str, names))), 1))


def there(address: str, *names: str | Path) -> Iterator[Verdict]:
    with Cluster(address, CHECKER) as connected:
        yield from connected.check_sources(SourceQueue(load_sources(find_sources(map(str, names)), CHECKER.max_size)))


def pids(address: str) -> dict[str, int]:
    with distributed.Client(address, set_as_default=False) as client:
        return dict(client.run(os.getpid))


def test_the_report_is_that_of_this_machine(running: Any, folder: Path) -> None:
    arguments = (".", "nothing.xml", "-", "--format", "json", "--profile", "auto")
    alone = envoy(*arguments, cwd=folder)
    done = envoy(*arguments, "--dask", running.scheduler_address, cwd=folder)
    assert alone.stdout.count("\n") > 180
    assert (done.returncode, done.stdout, done.stderr) == (2, alone.stdout, "")


def test_the_workers_need_not_see_the_files(running: Any, folder: Path) -> None:
    """What is read here stays as it was, though the file is gone before a worker could have opened it."""
    expected = here(folder)
    with Cluster(running.scheduler_address, CHECKER) as connected:
        sources = list(load_sources(find_sources([str(folder)]), CHECKER.max_size))
        shutil.rmtree(folder)
        assert list(connected.check_sources(SourceQueue(iter(sources)))) == expected


def test_urls_are_read_by_the_workers(running: Any, folder: Path) -> None:
    url = folder.as_uri()
    verdicts = list(there(running.scheduler_address, url, f"{url}/00?.xml", f"{url}/000.xml", f"{url}/none"))
    assert verdicts == here(url, f"{url}/00?.xml", f"{url}/000.xml", f"{url}/none")
    assert len(verdicts) == 300 + 10 + 1 + 1
    assert verdicts[-1].findings[0].reason == "cannot be read: No such file or directory"
    assert verdicts[1].source == f"{url}/001.xml"


def test_a_worker_that_is_killed_half_way_costs_no_file_and_none_is_told_twice(running: Any, folder: Path) -> None:
    names = [folder] * 8
    expected = here(*names)
    verdicts = there(running.scheduler_address, *names)
    got = [next(verdicts) for _ in range(len(expected) // 4)]
    before = pids(running.scheduler_address)
    os.kill(min(before.values()), signal.SIGKILL)
    got += verdicts
    assert got == expected
    assert min(before.values()) not in pids(running.scheduler_address).values()


@dataclass(frozen=True)
class Deadly:
    """A source whose reading kills the process."""

    name: str

    def read(self, max_size: int | None) -> Iterator[Document]:
        os.kill(os.getpid(), signal.SIGKILL)
        yield Document(self.name, b"")


def test_a_document_that_kills_its_workers_is_a_finding(running: Any, folder: Path) -> None:
    sources: list[Source] = list(load_sources(find_sources([str(folder)]), None))
    sources[50:50] = [Deadly("deadly")]
    running.scheduler.allowed_failures = 0  # deaths after which Dask gives a task up; 3 unless it is set
    try:
        with Cluster(running.scheduler_address, CHECKER) as connected:
            verdicts = list(connected.check_sources(SourceQueue(iter(sources))))
    finally:
        running.scheduler.allowed_failures = 3
    assert [finding.code for finding in verdicts[50].findings] == ["process-died"]
    assert verdicts[:50] + verdicts[51:] == here(folder)


def test_a_schema_that_the_workers_have_not_is_told_at_the_start(running: Any, tmp_path: Path) -> None:
    checker = Checker(Profile(name="own", schema=tmp_path / "gone.xsd"), 1000)
    with pytest.raises(ClusterError, match=r"(?s)more workers\): .*gone\.xsd.*schema at the same path"):
        Cluster(running.scheduler_address, checker)


def test_another_version_there_is_told_at_the_start(running: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = importlib.metadata.version("envoy-client")
    monkeypatch.setattr(_dask, "__version__", "9.9")
    with pytest.raises(ClusterError, match=rf"envoy-client there is {there}, and 9\.9 here"):
        Cluster(running.scheduler_address, CHECKER)


def test_an_address_where_nothing_is_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dask, "CONNECT_SECONDS", 0.5)
    for address in ("tcp://127.0.0.1:9", "nowhere", "http://127.0.0.1:80"):
        with pytest.raises(ClusterError) as error:
            Cluster(address, CHECKER)
        assert error.value.where == address and error.value.remedy


@pytest.fixture
def scheduler() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A scheduler alone, as a process of its own, and its address."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen([*command, "--no-dashboard"], stderr=subprocess.PIPE, env=unmeasured(), text=True) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "Scheduler at:" in line)
        # Who does not read what it logs later stops it, once the pipe is full.
        reader = threading.Thread(target=process.stderr.read, daemon=True)
        reader.start()
        yield process, line.split()[-1]
        process.kill()
        reader.join()


@contextlib.contextmanager
def worker(address: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address]
    command += ["--no-nanny", "--no-dashboard", "--nthreads", "1"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=unmeasured()) as process:
        try:
            with distributed.Client(address, set_as_default=False, timeout=60) as client:
                client.wait_for_workers(1, timeout=60)
            yield process
        finally:
            process.kill()


def test_a_cluster_without_workers_is_told(
    scheduler: tuple[subprocess.Popen[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dask, "CONNECT_SECONDS", 1)
    with pytest.raises(ClusterError, match=r"(?s)has no workers.*dask worker tcp://127"):
        Cluster(scheduler[1], CHECKER)


def test_a_cluster_whose_workers_are_gone_for_good_is_told(
    scheduler: tuple[subprocess.Popen[str], str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask, "_PATIENCE", 0.5)
    monkeypatch.setattr(dask, "_FETCH", 0.5)
    monkeypatch.setattr(dask, "_LOOK", 0.2)
    with worker(scheduler[1]) as only:
        verdicts = there(scheduler[1], *[folder] * 12)
        got = [next(verdicts) for _ in range(100)]
        only.kill()
        with pytest.raises(ClusterError, match=r"has no worker left"):
            got += verdicts
    assert got == here(*[folder] * 12)[: len(got)]


def test_what_was_validated_is_reported_when_the_cluster_vanishes(
    scheduler: tuple[subprocess.Popen[str], str], folder: Path
) -> None:
    process, address = scheduler
    alone = envoy(".", "--profile", "ieee-2018", cwd=folder).stdout.splitlines()[:-1] * 24
    command = ["validate", *["."] * 24, "--profile", "ieee-2018", "--dask", address]
    with worker(address), commands.started(*command, cwd=folder) as run:
        assert run.stdout is not None and run.stderr is not None
        first = run.stdout.readline()
        process.kill()
        *findings, summary = [first.rstrip("\n"), *run.stdout.read().splitlines()]
        said = run.stderr.read()
    assert run.returncode == 2
    assert said.startswith(f"Error: {address}: ")
    assert "Traceback" not in said
    assert findings == alone[: len(findings)]
    assert f"{len(findings)} not valid" in summary
