"""Worker processes of this machine that check sources.

A process takes a while to start, so this one works alone until it is known that there is enough left to be worth it;
it measures how long a document takes, and looks how many more there are. Then each worker is sent a batch at a time and
sends back the results. A worker that is sent nothing waits for it, so neither side ever waits for the other to read.
This process finds the sources, hands them out, and reports.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Generator, Iterator

from envoy.checker.batching import BatchSchedule, SourceQueue
from envoy.checker.checker import Checker
from envoy.checker.reports import Verdict

_TRY = 0.05
"""Seconds after which it is known how long a document takes."""

_WORTH = 0.25
"""Seconds of work that are worth a process."""

_FAR = 20_000
"""Most sources to find to see whether they are worth it."""

_BATCH = 0.05
"""Seconds that a batch ought to take: long beside handing it over, short beside waiting for the last one."""


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_sources(checker: Checker, queue: SourceQueue, workers: int) -> Generator[Verdict, None, None]:
    """Check sources; yield the verdicts in the order in which the sources were found.

    Args:
        checker: How to check.
        queue: The sources.
        workers: Most processes. There are fewer, or none but this one, where that is enough.

    Raises:
        WorkerError: No process can be started.
    """
    start = time.perf_counter()
    while (source := queue.take_next()) is not None:
        yield from checker.check_source(source)
        queue.reported += 1
        if workers > 1 and (took := time.perf_counter() - start) >= _TRY:
            each = took / queue.reported
            count = _count_workers(queue, each, workers)
            if count > 1:
                yield from _share(checker, queue, count, each)
                return
            workers = 1


def _count_workers(queue: SourceQueue, each: float, workers: int) -> int:
    """Return how many workers are worth it for what is left."""
    enough = math.ceil(workers * _WORTH / each)
    left = queue.look_ahead(min(enough, _FAR))
    return min(workers, int(left * each / _WORTH)) if queue.complete else workers


def _share(checker: Checker, queue: SourceQueue, count: int, each: float) -> Iterator[Verdict]:
    from envoy.checker.pool import Pool  # deferred: few documents need no other processes

    schedule = BatchSchedule(checker, queue, seconds=_BATCH, each=each)
    with Pool(checker, count) as pool:
        while not pool.is_ready():
            if (source := queue.take_next()) is None:
                return
            yield from checker.check_source(source)
            queue.reported += 1
        while not schedule.is_finished:
            pool.hand_out(schedule)
            yield from schedule.take_verdicts()
            pool.take_back(schedule)
