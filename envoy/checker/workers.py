"""Documents judged by several processes of this machine.

A process takes a while to start, so this one judges alone until it is known that there is enough left to be worth it;
it tries how long a document takes, and looks how many more there are. Then each worker is sent a batch at a time and
sends back what became of it. A worker that is sent nothing waits for it, so neither side ever waits for the other to
read. This process finds, hands out, and tells.
"""

from __future__ import annotations

import contextlib
import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

from envoy.checker.batching import Ahead, Batch, Run, judge_batch
from envoy.checker.checker import Judge
from envoy.checker.reports import Verdict
from envoy.errors import EnvoyError

_TRY = 0.1
"""Seconds after which it is known how long a document takes."""

_WORTH = 0.25
"""Seconds of judging that are worth a process."""

_FAR = 20_000
"""Places that are found to see whether they are worth it, at most."""

_BATCH = 0.05
"""Seconds that a batch ought to take: long beside handing it over, short beside waiting for the last one."""

_WINDOW = 8
"""Batches of each worker that may be given and not told."""


class WorkerError(EnvoyError):
    """The processes that judge cannot be started."""


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def judged(judge: Judge, ahead: Ahead, workers: int) -> Generator[Verdict, None, None]:
    """Judge documents; yield the verdicts in the order in which the documents were found.

    Args:
        judge: How to judge.
        ahead: Where the documents are.
        workers: How many processes may judge at a time. There are fewer, or none but this one, where that is enough.

    Raises:
        WorkerError: No process can be started.
    """
    start = time.perf_counter()
    while places := ahead.take(1):
        yield from judge.judged(places[0])
        ahead.told += 1
        took = time.perf_counter() - start
        if workers > 1 and took >= _TRY:
            each = took / ahead.told
            count = _worth(ahead, each, workers)
            if count > 1:
                yield from _shared(judge, ahead, count, each)
                return
            workers = 1


def _worth(ahead: Ahead, each: float, workers: int) -> int:
    """Return how many workers are worth it for what is left."""
    enough = math.ceil(workers * _WORTH / each)
    left = ahead.look(min(enough, _FAR))
    return min(workers, int(left * each / _WORTH)) if ahead.complete else workers


def _shared(judge: Judge, ahead: Ahead, count: int, each: float) -> Iterator[Verdict]:
    run = Run(judge, ahead, seconds=_BATCH, each=each)
    with _Pool(judge, count) as pool:
        while not pool.is_ready():
            if not (places := ahead.take(1)):
                return
            yield from judge.judged(places[0])
            ahead.told += 1
        while not run.finished:
            pool.hand_out(run)
            yield from run.tell()
            pool.take_back(run)


class _Worker:
    """A process that judges."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.ready = False
        self.batch: Batch | None = None


class _Pool:
    """The workers. One that dies is replaced, unless it died before it was ready."""

    def __init__(self, judge: Judge, count: int) -> None:
        self._judge = judge
        self._count = count
        self._workers: list[_Worker] = []

    def __enter__(self) -> _Pool:
        for _ in range(self._count):
            self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # A worker holds nothing that is not here too.
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()

    def is_ready(self) -> bool:
        """Return whether a worker has started."""
        return bool(wait([worker.connection for worker in self._workers], timeout=0))

    def hand_out(self, run: Run) -> None:
        """Give each idle worker a batch; judge here what only this process can read."""
        for worker in tuple(self._workers):
            if worker.ready and worker.batch is None and not worker.process.is_alive():
                self._bury(worker, run)  # before it is given what it would be said to have died of
                continue
            while worker.ready and worker.batch is None:
                batch = run.next(_WINDOW * self._count)
                if batch is None:
                    return
                if batch.here:
                    run.returned(batch, *judge_batch(self._judge, batch.places))
                    continue
                worker.batch = batch
                # If it has died, so take_back will find.
                with contextlib.suppress(OSError):
                    worker.connection.send(batch.places)

    def take_back(self, run: Run) -> None:
        """Wait for workers, and take what they judged."""
        waited = [worker for worker in self._workers if worker.batch is not None or not worker.ready]
        for connection in wait([worker.connection for worker in waited]) if waited else ():
            worker = next(worker for worker in waited if worker.connection is connection)
            try:
                answer = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker, run)
                continue
            if isinstance(answer, Exception):
                raise answer
            if worker.batch is not None:
                run.returned(worker.batch, *answer)
            worker.ready = True
            worker.batch = None

    def _bury(self, worker: _Worker, run: Run) -> None:
        self._workers.remove(worker)
        worker.process.kill()  # whoever closes its end is of no use any more
        worker.process.join()
        worker.connection.close()
        if worker.batch is not None:
            run.died(worker.batch)
        if worker.ready:
            self._start()
        elif not self._workers:
            raise _no_start(f"the last one ended with status {worker.process.exitcode}")

    def _start(self) -> None:
        context = _context()
        ours, theirs = context.Pipe()
        # A forked process has the ends of its siblings too, and would keep them from seeing that this one is gone.
        inherited = [ours, *(worker.connection for worker in self._workers)]
        forked = context.get_start_method() == "fork"
        process = context.Process(
            target=_work, args=(self._judge, theirs, inherited if forked else ()), name="envoy-validate", daemon=True
        )
        try:
            with _interrupts_held():
                process.start()
        except OSError as error:
            ours.close()
            if not self._workers:
                raise _no_start(error.strerror or str(error)) from None
            return
        finally:
            theirs.close()
        self._workers.append(_Worker(process, ours))


def _no_start(reason: str) -> WorkerError:
    return WorkerError(
        f"no process that judges can be started: {reason}", remedy="--workers 1 judges without further processes."
    )


def _context() -> Any:
    """Return how to start a process.

    A fork has all that is loaded and compiled here, and is there at once. It is safe only while there is one thread;
    and the libraries of macOS have threads of their own.
    """
    alone = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if alone else "spawn")


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Keep Ctrl-C for later. A process that is started meanwhile does not get it at all: this one ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(judge: Judge, connection: Connection, inherited: tuple[Connection, ...]) -> None:
    """Judge what comes, until nobody is there to send it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    with contextlib.suppress(EOFError, OSError):
        connection.send(None)
        while True:
            connection.send(_answer(judge, connection.recv()))


def _answer(judge: Judge, places: Any) -> Any:
    try:
        return judge_batch(judge, places)
    except MemoryError:
        os._exit(1)  # as if it had been killed for it
    except Exception as error:
        return error
