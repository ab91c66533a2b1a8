"""Many files: batches in order, processes that die, interruptions, and the same report for any number of workers."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import wait
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envoy.checker import pool, workers
from envoy.checker.batching import Batch, BatchSchedule, SourceQueue, check_batch
from envoy.checker.checker import Checker, Source
from envoy.checker.reports import Verdict
from envoy.checker.sources import STDIN, Document, FileSource, find_sources
from envoy.checker.workers import check_sources
from envoy.cli.validate.options import FORMATS
from envoy.errors import SchemaError, WorkerError
from envoy.profiles import PROFILES, Profile
from tests.support.commands import default_interrupts
from tests.support.making_inputs import write_report

SEP = 'xmlns="urn:ieee:std:2030.5:ns"'
GOOD = f"<EndDevice {SEP}><sFDI>167261211391</sFDI><changedTime>0</changedTime></EndDevice>"
SWAPPED = f"<EndDevice {SEP}>\n  <changedTime>0</changedTime><sFDI>167261211391</sFDI></EndDevice>"
DOUBTFUL = f"<EndDevice {SEP}><sFDI>167261211392</sFDI><changedTime>0</changedTime></EndDevice>"
CONTENTS = [GOOD, SWAPPED, DOUBTFUL, "<a>\n<b></a>", "", "<ConnectionPoint/>", GOOD, "no XML"]

CHECKER = Checker(PROFILES["ieee-2018"], 10_000)

BEFORE = 300
"""Files that give a worker the time to start."""

LONG = 60
"""Seconds that nothing here ought to take, on however busy a machine."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with documents of each kind in turn."""
    for number in range(200):
        (tmp_path / f"{number:03}.xml").write_text(CONTENTS[number % len(CONTENTS)])
    return tmp_path


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start workers however little there is to do, wait until there is one, and keep batches small."""
    monkeypatch.setattr(workers, "_TRY", 0.0)
    monkeypatch.setattr(workers, "_WORTH", 1e-9)
    monkeypatch.setattr(workers, "_BATCH", 0.005)
    monkeypatch.setattr(pool.Pool, "is_ready", lambda self: bool(wait([x.connection for x in self._workers])))


@pytest.fixture(params=["fork", "spawn"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each way to start a process."""
    if request.param not in multiprocessing.get_all_start_methods():
        pytest.skip("this system cannot fork")
    monkeypatch.setattr(pool, "_context", lambda: multiprocessing.get_context(request.param))
    return str(request.param)


@dataclass(frozen=True)
class Deadly:
    """A source whose reading kills the process, unless it is that of the test; only as often as there are files."""

    name: str
    spared: int
    lives: Path | None = None

    def read(self, max_size: int | None) -> Iterator[Document]:
        if os.getpid() != self.spared:
            if self.lives is not None and (life := next(self.lives.iterdir(), None)):
                life.unlink()
                os.kill(os.getpid(), signal.SIGKILL)
            elif self.lives is None:
                os.kill(os.getpid(), signal.SIGKILL)
        yield Document(self.name, GOOD.encode())


@dataclass(frozen=True)
class Slow:
    """A source that takes long enough for workers to start."""

    name: str

    def read(self, max_size: int | None) -> Iterator[Document]:
        time.sleep(0.2)
        yield Document(self.name, GOOD.encode())


def told(verdicts: Iterator[Verdict]) -> list[tuple[str, list[str]]]:
    return [(verdict.source, [finding.code for finding in verdict.findings]) for verdict in verdicts]


# Batches


class Silent:
    """A source with a number of documents, all valid."""

    def __init__(self, number: int, count: int) -> None:
        self.name = f"{number}"
        self.count = count

    def read(self, max_size: int | None) -> Iterator[Document]:
        for number in range(self.count):
            yield Document(self.name if self.count == 1 else f"{self.name}/{number}", GOOD.encode())


@settings(deadline=None)
@given(st.data(), st.lists(st.integers(0, 3), max_size=30), st.sets(st.integers(0, 29)), st.integers(1, 5))
def test_each_place_is_told_once_and_in_order_whatever_dies_and_returns_late(
    data: st.DataObject, counts: list[int], deadly: set[int], window: int
) -> None:
    queue = SourceQueue(Silent(number, count) for number, count in enumerate(counts))
    schedule = BatchSchedule(CHECKER, queue, seconds=1, each=data.draw(st.floats(0.05, 1)))
    given: list[Batch] = []
    heard: list[Verdict] = []
    while not schedule.is_finished:
        while batch := schedule.next_batch(window):
            given.append(batch)
        batch = given.pop(data.draw(st.integers(0, len(given) - 1)))
        if any(int(source.name) in deadly for source in batch.sources):
            schedule.add_death(batch)
        else:
            schedule.add_results(batch, *check_batch(CHECKER, batch.sources))
        heard += schedule.take_verdicts()
    assert not given
    assert queue.reported == queue.found == len(counts)
    expected: list[tuple[str, list[str]]] = []
    for number, count in enumerate(counts):
        if number in deadly:
            expected.append((str(number), ["process-died"]))
        else:
            expected += [(document.source, []) for document in Silent(number, count).read(None)]
    assert told(iter(heard)) == expected


def test_what_is_found_and_not_told_is_bounded() -> None:
    queue = SourceQueue(FileSource(str(number)) for number in range(100_000))
    schedule = BatchSchedule(CHECKER, queue, seconds=1, each=0.01)
    given = []
    while batch := schedule.next_batch(8):
        given.append(batch)
    assert [len(batch.sources) for batch in given] == [100] * 8
    schedule.add_results(given[1], ["x"] * 100, 1.0)
    assert list(schedule.take_verdicts()) == [] and schedule.next_batch(8) is None
    schedule.add_results(given[0], ["x"] * 100, 1.0)
    assert len(list(schedule.take_verdicts())) == 200 and schedule.next_batch(8) is not None


def test_batches_grow_and_shrink_with_what_a_place_takes() -> None:
    schedule = BatchSchedule(
        CHECKER, SourceQueue(FileSource(str(number)) for number in range(100_000)), seconds=1, each=0.1
    )
    sizes = []
    for each in [0.01] * 30 + [1e-9] * 50 + [10.0] * 30:
        batch = schedule.next_batch(1)
        assert batch is not None
        schedule.add_results(batch, ["x"] * len(batch.sources), each * len(batch.sources))
        list(schedule.take_verdicts())
        sizes.append(len(batch.sources))
    assert (sizes[0], max(sizes[:30]), max(sizes), sizes[-1]) == (10, 99, 500, 1)


def test_standard_input_comes_alone_so_that_it_is_read_here() -> None:
    queue = SourceQueue(map(FileSource, ["a", "b", STDIN, "c"]))
    taken = [[source.name for source in sources] for sources in iter(lambda: queue.take(3), [])]
    assert taken == [["a", "b"], ["-"], ["c"]]


# Workers


@pytest.mark.usefixtures("at_once")
def test_each_report_is_the_same_for_any_number_of_workers(folder: Path) -> None:
    def reports(count: int) -> dict[str, str]:
        names = [str(folder), "nothing.xml", str(folder)]
        verdicts = list(check_sources(CHECKER, SourceQueue(find_sources(names)), count))
        return {form: write_report(form, verdicts) for form in FORMATS}

    alone = reports(1)
    for form, report in alone.items():
        assert report.count("out-of-order") >= (1 if form == "markdown" else 50), form
    assert reports(2) == reports(3) == alone


@pytest.mark.usefixtures("at_once")
def test_a_file_that_kills_two_workers_is_a_finding_and_the_others_are_judged(folder: Path, way: str) -> None:
    found: list[Source] = list(find_sources([str(folder)]))
    found[150:150] = [Deadly("deadly", os.getpid())]
    verdicts = told(check_sources(CHECKER, SourceQueue(iter(found)), 2))
    expected = told(check_sources(CHECKER, SourceQueue(find_sources([str(folder)])), 1))
    expected[150:150] = [("deadly", ["process-died"])]
    assert verdicts == expected


@pytest.mark.usefixtures("at_once")
def test_a_worker_that_is_killed_once_costs_no_file(folder: Path, tmp_path: Path, way: str) -> None:
    lives = tmp_path / "lives"
    lives.mkdir()
    (lives / "one").touch()
    found: list[Source] = list(find_sources([str(folder)]))
    found[150:150] = [Deadly("once", os.getpid(), lives)]
    verdicts = told(check_sources(CHECKER, SourceQueue(iter(found)), 2))
    assert list(lives.iterdir()) == []
    assert [source for source, _ in verdicts] == [source.name for source in found]
    assert ("once", []) in verdicts


@pytest.mark.usefixtures("at_once")
def test_no_process_is_left_when_the_caller_has_enough(folder: Path) -> None:
    before = multiprocessing.active_children()  # of other tests
    verdicts = check_sources(CHECKER, SourceQueue(find_sources([str(folder)])), 2)
    for _ in range(150):
        next(verdicts)
    verdicts.close()
    assert set(multiprocessing.active_children()) <= set(before)


def test_for_a_few_files_no_process_is_started(folder: Path) -> None:
    before = multiprocessing.active_children()  # of other tests
    for _ in check_sources(CHECKER, SourceQueue(find_sources([str(folder / "000.xml")] * 3)), 8):
        assert set(multiprocessing.active_children()) <= set(before)


@pytest.mark.parametrize(
    ("left", "seconds", "count"), [(3, 0.2, 2), (3, 0.01, 0), (1000, 0.2, 64), (100_000, 0.01, 64)]
)
def test_there_are_no_more_workers_than_are_worth_it(left: int, seconds: float, count: int) -> None:
    queue = SourceQueue(map(FileSource, map(str, range(left))))
    assert workers._count_workers(queue, seconds, 64) == count
    assert queue.found <= 1600


@pytest.mark.usefixtures("at_once")
def test_an_error_in_a_worker_is_an_error_here(tmp_path: Path, way: str) -> None:
    (tmp_path / "good.xml").write_text("<a/>")
    schema = tmp_path / "gone.xsd"
    checker = Checker(Profile(name="own", schema=schema), 1000)
    sources: list[Source] = [FileSource("unreadable"), *find_sources([str(tmp_path / "good.xml")] * 10)]
    with pytest.raises(SchemaError) as error:
        list(check_sources(checker, SourceQueue(iter(sources)), 2))
    assert "gone.xsd" in str(error.value)


@pytest.mark.usefixtures("at_once")
def test_workers_that_do_not_start_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    context = multiprocessing.get_context("spawn")
    executable = multiprocessing.spawn.get_executable()
    resource_tracker.ensure_running()  # with the true one
    context.set_executable("/bin/false")
    monkeypatch.setattr(pool, "_context", lambda: context)
    sources: list[Source] = [Slow("a"), *(Slow(str(number)) for number in range(20))]
    try:
        with pytest.raises(WorkerError):
            list(check_sources(CHECKER, SourceQueue(iter(sources)), 2))
    finally:
        context.set_executable(executable)


# The command


def start(*arguments: str | Path, cwd: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "envoy", "validate", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command,
        cwd=cwd,
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        start_new_session=True,
        preexec_fn=default_interrupts,
    )


def children(pid: int) -> list[int]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended, perhaps while this is read
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def until(what: str, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def is_dead(pid: int) -> bool:
    """Whether it has ended, and waits to be seen by its parent."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def feed(fifo: Path) -> None:
    """Give a waiting reader a document, so slowly that a file seems to take long, and workers are worth it."""
    with contextlib.ExitStack() as stack:

        def opened() -> bool:
            with contextlib.suppress(OSError):  # there is no reader yet
                end = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
                file = stack.enter_context(open(end, "w"))
                time.sleep(0.3)
                file.write(GOOD)
                return True
            return False

        until("a reader", opened)


def reads(pid: int, file: Path) -> bool:
    with contextlib.suppress(OSError):
        return any(os.path.samefile(end, file) for end in Path(f"/proc/{pid}/fd").iterdir() if end.exists())
    return False


@dataclass
class Waiting:
    """The command with two workers, one of which waits for a pipe; the other validates all else, and then waits too."""

    run: subprocess.Popen[bytes]
    fifo: Path
    end: int

    def children(self) -> list[int]:
        return children(self.run.pid)

    def release(self) -> None:
        os.write(self.end, GOOD.encode())
        os.close(self.end)
        self.end = -1


@pytest.fixture
def waiting(folder: Path) -> Iterator[Waiting]:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("children are looked up in /proc")
    command = next(filter(None, (with_a_waiting_worker(folder, str(attempt)) for attempt in range(20))), None)
    assert command is not None, "no worker ever took the pipe"
    until("two workers", lambda: len(command.children()) == 2)
    with command.run:
        yield command
        command.run.kill()
        if command.end >= 0:
            command.release()


def with_a_waiting_worker(folder: Path, attempt: str) -> Waiting | None:
    """Start the command; return None if it validated all that came before the pipe, with no worker ready.

    That is right of it, only not what is to be tested here; on a busy machine it happens.
    """
    first, second = folder / attempt / "first.fifo", folder / attempt / "second.fifo"
    first.parent.mkdir()
    os.mkfifo(first)
    os.mkfifo(second)
    end = os.open(second, os.O_RDWR)
    files = [first, *["000.xml"] * BEFORE, second, *["001.xml"] * 10, "-", "--workers", "2"]
    run = start(*files, cwd=folder)
    feed(first)
    command = Waiting(run, second, end)
    until("someone waits", lambda: reads(run.pid, second) or any(reads(pid, second) for pid in command.children()))
    if not reads(run.pid, second):
        return command
    with run:
        run.kill()
    command.release()
    return None


def test_ctrl_c_ends_all_of_it_at_once_and_quietly(waiting: Waiting) -> None:
    pids = waiting.children()
    os.killpg(waiting.run.pid, signal.SIGINT)
    _, said = waiting.run.communicate(timeout=LONG)
    assert (waiting.run.returncode, said) == (130, b"")
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_workers_end_when_the_command_is_killed(waiting: Waiting) -> None:
    pids = waiting.children()
    waiting.run.kill()
    waiting.release()
    assert waiting.run.communicate(timeout=LONG)[1] == b""  # which ends when the last of them has closed its end
    until("the workers are gone", lambda: not any(reads(pid, waiting.fifo) for pid in pids))


def test_killed_workers_are_replaced_and_standard_input_is_read_in_its_turn(waiting: Waiting) -> None:
    before = waiting.children()
    # Else what one of them leaves is given to the other, which dies of it too.
    with stopped(waiting.run.pid):
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        until("both are dead", lambda: all(is_dead(pid) for pid in before))
    until("another", lambda: any(reads(pid, waiting.fifo) for pid in set(waiting.children()) - set(before)))
    waiting.release()
    written, said = waiting.run.communicate(SWAPPED.encode(), timeout=LONG)
    assert (waiting.run.returncode, said) == (1, b"")
    lines = written.decode().splitlines()
    assert [line.partition(":")[0] for line in lines[:-1]] == ["001.xml"] * 10 + ["<stdin>"]
    assert lines[-1] == f"{BEFORE + 2} valid, 11 not valid (csip-aus-1.2)"


def test_a_file_whose_workers_are_killed_each_time_is_not_read_and_the_status_says_so(waiting: Waiting) -> None:
    run = waiting.run
    assert run.stdin is not None and run.stdout is not None and run.stderr is not None
    run.stdin.close()

    def ended() -> bool:
        for pid in waiting.children():
            if reads(pid, waiting.fifo):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return run.poll() is not None

    until("the end", ended)
    assert (run.returncode, run.stderr.read()) == (2, b"")
    assert re.search(rb"second\.fifo: .* \[process-died\]\n", run.stdout.read())


def test_a_baseline_goes_round_with_workers(folder: Path) -> None:
    fifo = folder / "first.fifo"
    os.mkfifo(fifo)

    def run(*arguments: str) -> tuple[int, bytes]:
        process = start("first.fifo", ".", "--workers", "2", *arguments, cwd=folder)
        feed(fifo)
        written, _ = process.communicate(timeout=LONG)
        return process.returncode, written

    assert run("--write-baseline", "known.json")[0] == 0
    known = (folder / "known.json").read_bytes()
    assert run("--baseline", "known.json")[1].count(b"\n") == 1
    # A baseline that is written again while it is used keeps what it knows.
    (folder / "000.xml").write_text(SWAPPED)
    assert run("--baseline", "known.json", "--write-baseline", "known.json")[1].count(b"\n") == 1
    assert (folder / "known.json").read_bytes() == known.replace(
        b'[\n', b'[\n    {"file": "000.xml", "code": "out-of-order", "path": "EndDevice/changedTime"},\n', 1
    )  # fmt: skip


def test_workers_and_a_cluster_are_two_ways(folder: Path) -> None:
    process = start("000.xml", "--workers", "2", "--dask", "tcp://127.0.0.1:9", cwd=folder)
    _, said = process.communicate(timeout=LONG)
    assert (process.returncode, said.startswith(b"Error: --workers and --dask ")) == (2, True)
