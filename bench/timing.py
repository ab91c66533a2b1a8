"""Times of contenders that take turns, so that a machine which slows down slows them all.

They are seconds of the processor, of which others that use it take nothing.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

REPEATS = 7
"""Turns of each contender; the median counts."""

TURN = 0.03
"""Seconds that a turn should take at least, so that the clock's own noise does not count."""


def medians(contenders: Mapping[Key, Callable[[], object]], repeats: int = REPEATS) -> dict[Key, float]:
    """Return the median time of one call of each contender, in seconds of the processor."""
    loops = {name: _loops(call) for name, call in contenders.items()}
    times: dict[Key, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, call in contenders.items():
            gc.collect()
            count = loops[name]
            started = time.process_time()
            for _ in range(count):
                call()
            times[name].append((time.process_time() - started) / count)
    return {name: statistics.median(each) for name, each in times.items()}


def _loops(call: Callable[[], object]) -> int:
    call()  # the first call compiles and caches
    started = time.process_time()
    call()
    return max(1, round(TURN / max(time.process_time() - started, 1e-7)))
