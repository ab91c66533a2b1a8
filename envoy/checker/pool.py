"""Pool of worker processes that check batches of sources."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from envoy.checker.batching import Batch, BatchSchedule, check_batch
from envoy.checker.checker import Checker
from envoy.errors import WorkerError

WINDOW = 8
"""Batches of each worker that may be given and not reported."""


class _Worker:
    """A process that checks."""

    def __init__(self, process: Any, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.ready = False
        self.batch: Batch | None = None


class Pool:
    """The workers. One that dies is replaced, unless it died before it was ready."""

    def __init__(self, checker: Checker, count: int) -> None:
        self._checker = checker
        self._count = count
        self._workers: list[_Worker] = []

    def __enter__(self) -> Pool:
        for _ in range(self._count):
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        # A worker holds nothing that is not here too.
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.connection.close()

    def is_ready(self) -> bool:
        """Return whether a worker has started."""
        return bool(wait([worker.connection for worker in self._workers], timeout=0))

    def hand_out(self, schedule: BatchSchedule) -> None:
        """Give each idle worker a batch; check here what only this process can read."""
        for worker in tuple(self._workers):
            if worker.ready and worker.batch is None and not worker.process.is_alive():
                self._bury(worker, schedule)  # before it is given a batch that would be blamed for it
                continue
            while worker.ready and worker.batch is None:
                batch = schedule.next_batch(WINDOW * self._count)
                if batch is None:
                    return
                if batch.is_local:
                    schedule.add_results(batch, *check_batch(self._checker, batch.sources))
                    continue
                worker.batch = batch
                # If it has died, so take_back will find.
                with contextlib.suppress(OSError):
                    worker.connection.send(batch.sources)

    def take_back(self, schedule: BatchSchedule) -> None:
        """Wait for workers, and take their results."""
        waited = [worker for worker in self._workers if worker.batch is not None or not worker.ready]
        for connection in wait([worker.connection for worker in waited]) if waited else ():
            worker = next(worker for worker in waited if worker.connection is connection)
            try:
                results = worker.connection.recv()
            except (EOFError, OSError):
                self._bury(worker, schedule)
                continue
            if isinstance(results, Exception):
                raise results
            if worker.batch is not None:
                schedule.add_results(worker.batch, *results)
            worker.ready = True
            worker.batch = None

    def _bury(self, worker: _Worker, schedule: BatchSchedule) -> None:
        self._workers.remove(worker)
        worker.process.kill()  # one that has closed its end is of no use any more
        worker.process.join()
        worker.connection.close()
        if worker.batch is not None:
            schedule.add_death(worker.batch)
        if worker.ready:
            self._start()
        elif not self._workers:
            raise _start_error(f"the last one ended with status {worker.process.exitcode}")

    def _start(self) -> None:
        context = _context()
        ours, theirs = context.Pipe()
        # A forked process has the ends of its siblings too, and would keep them from seeing that this one is gone.
        inherited = [ours, *(worker.connection for worker in self._workers)]
        forked = context.get_start_method() == "fork"
        process = context.Process(
            target=_work, args=(self._checker, theirs, inherited if forked else ()), name="envoy-validate", daemon=True
        )
        try:
            with _hold_interrupts():
                process.start()
        except OSError as error:
            ours.close()
            if not self._workers:
                raise _start_error(error.strerror or str(error)) from None
            return
        finally:
            theirs.close()
        self._workers.append(_Worker(process, ours))


def _start_error(reason: str) -> WorkerError:
    return WorkerError(
        f"no worker process can be started: {reason}", remedy="workers=1 validates without further processes."
    )


def _context() -> Any:
    """Return how to start a process.

    A fork has all that is loaded and compiled here, and is there at once. It is safe only while there is one thread;
    and the libraries of macOS have threads of their own.
    """
    alone = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if alone else "spawn")


@contextlib.contextmanager
def _hold_interrupts() -> Iterator[None]:
    """Keep Ctrl-C for later. A process that is started meanwhile does not get it at all: this one ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(checker: Checker, connection: Connection, inherited: tuple[Connection, ...]) -> None:
    """Check what comes, until nobody is there to send it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for other in inherited:
        other.close()
    with contextlib.suppress(EOFError, OSError):
        connection.send(None)
        while True:
            connection.send(_respond(checker, connection.recv()))


def _respond(checker: Checker, sources: Any) -> Any:
    try:
        return check_batch(checker, sources)
    except MemoryError:
        os._exit(1)  # as if it had been killed for it
    except Exception as error:
        return error
