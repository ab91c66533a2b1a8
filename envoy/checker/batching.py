"""Batches of sources that are checked elsewhere, in any order, and reported in the order in which they were found.

``SourceQueue`` finds the sources, ``BatchSchedule`` says which batch is next and takes back its results, and
``check_batch`` is the work. How a batch travels is the business of ``workers`` and ``dask``, which know no more of it:

* a batch is some consecutive sources, which are numbered from 0; so there is an order whatever is split or late;
* a batch whose process died is checked again, each of its sources alone, so that the next death shows which one it is;
* a source that two processes died of is a finding. The first may have been killed for other reasons.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from envoy.checker.checker import Checker, Source
from envoy.checker.reports import Verdict
from envoy.checker.sources import STDIN, Document

Result = str | list[Verdict]
"""Result of a source: the verdicts, or the name of the profile if it is one document without findings."""

_LARGEST = 500
"""Most sources of a batch: its names have to travel."""

_HEAVIEST = 1 << 20
"""Octets of content, of sources that carry it, after which a batch is full."""


class SourceQueue:
    """Sources, some of them found ahead of their turn, so that it is known how much is left without holding all names.

    Attributes:
        found: How many are found so far.
        complete: Whether these are all.
        reported: How many have been checked and reported.
    """

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = iter(sources)
        self._waiting: deque[Source] = deque()
        self.found = 0
        self.complete = False
        self.reported = 0

    def look_ahead(self, count: int) -> int:
        """Find until ``count`` sources wait, or there are no more; return how many wait."""
        while len(self._waiting) < count and not self.complete:
            source = next(self._sources, None)
            if source is None:
                self.complete = True
            else:
                self._waiting.append(source)
                self.found += 1
        return len(self._waiting)

    def take_next(self) -> Source | None:
        """Return the next source, None if there are no more."""
        return self._waiting.popleft() if self._waiting or self.look_ahead(1) else None

    def take(self, count: int) -> list[Source]:
        """Return the next sources, up to ``count``, fewer if they are heavy. Standard input comes alone."""
        if self.next_is_stdin:
            return [self._waiting.popleft()]
        taken: list[Source] = []
        weight = 0
        while len(taken) < count and weight < _HEAVIEST and self.look_ahead(1) and not self.next_is_stdin:
            taken.append(self._waiting.popleft())
            weight += getattr(taken[-1], "weight", 0)
        return taken

    @property
    def next_is_stdin(self) -> bool:
        """Whether the next source is standard input."""
        return self.look_ahead(1) > 0 and self._waiting[0].name == STDIN


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive sources.

    Attributes:
        start: Number of the first.
        sources: The sources.
        deaths: How many processes died while they checked it.
    """

    start: int
    sources: Sequence[Source]
    deaths: int = 0

    @property
    def is_local(self) -> bool:
        """Whether this process alone can read it."""
        return self.sources[0].name == STDIN


class BatchSchedule:
    """Schedule of batches: which is next, and which verdicts can be reported.

    Batches grow until each takes about ``seconds``. A limited number is given before the first of them is reported,
    which bounds what is held.
    """

    def __init__(self, checker: Checker, queue: SourceQueue, *, seconds: float, each: float = 0.005) -> None:
        """Start with what is left of the queue.

        Args:
            checker: How to check.
            queue: The sources.
            seconds: How long a batch ought to take.
            each: How long a source takes, as far as it is known.
        """
        self._checker = checker
        self._queue = queue
        self._seconds = seconds
        self._each = each
        self._suspects: deque[Batch] = deque()
        self._results: dict[int, tuple[Batch, list[Result]]] = {}
        self._given = 0
        self._reported = 0

    @property
    def is_finished(self) -> bool:
        """Whether all is found, checked and reported."""
        return self._reported == self._given and not self._queue.look_ahead(1)

    @property
    def has_suspects(self) -> bool:
        """Whether the next batch is one that a process may have died of."""
        return bool(self._suspects)

    def next_batch(self, window: int) -> Batch | None:
        """Return the next batch, None if there is none now.

        Args:
            window: How many batches may be given and not reported.
        """
        if self._suspects:
            return self._suspects.popleft()
        size = max(1, min(int(self._seconds / self._each), _LARGEST))
        if self._given - self._reported >= window * size:
            return None
        # Reading standard input may take long, and must not keep others from their next batch meanwhile.
        if self._given > self._reported and self._queue.next_is_stdin:
            return None
        sources = self._queue.take(size)
        if not sources:
            return None
        batch = Batch(self._given, sources)
        self._given += len(sources)
        return batch

    def add_results(self, batch: Batch, results: list[Result], seconds: float) -> None:
        """Take the results of a batch, and the seconds that it took."""
        self._results[batch.start] = (batch, results)
        self._each = max((3 * self._each + seconds / len(results)) / 4, 1e-6)

    def add_death(self, batch: Batch) -> None:
        """Take back a batch whose process died."""
        if batch.deaths:
            verdict = self._checker.refuse(Document(batch.sources[0].name, None), _DIED, code="process-died")
            self._results[batch.start] = (batch, [[verdict]])
        else:
            self._suspects.extend(Batch(batch.start + n, [source], 1) for n, source in enumerate(batch.sources))

    def take_verdicts(self) -> Iterator[Verdict]:
        """Yield the verdicts whose turn it is."""
        while item := self._results.pop(self._reported, None):
            batch, results = item
            self._reported += len(results)
            for source, result in zip(batch.sources, results, strict=True):
                if isinstance(result, str):
                    yield Verdict(source.name, result, ())
                else:
                    yield from result
                self._queue.reported += 1


_DIED = "the process that validated it died, and so did a second one."


def check_batch(checker: Checker, sources: Iterable[Source]) -> tuple[list[Result], float]:
    """Read and check sources; return the result of each, and the seconds that it took."""
    start = time.perf_counter()
    return [_shorten(source, list(checker.check_source(source))) for source in sources], time.perf_counter() - start


def _shorten(source: Source, verdicts: list[Verdict]) -> Result:
    if len(verdicts) != 1:
        return verdicts
    verdict = verdicts[0]
    plain = verdict.clean and verdict.source == source.name and not (verdict.part or verdict.diff or verdict.seconds)
    return verdict.profile if plain else verdicts
