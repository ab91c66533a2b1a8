"""Batches of documents that are judged elsewhere, in any order, and told of in the order in which they were found.

``Ahead`` finds, ``Run`` says which batch is next and takes back what became of it, and ``judge_batch`` is the work. How
a batch travels is the business of ``workers`` and ``dask``, and neither knows more of batches than this:

* a batch is some consecutive places, which are numbered from 0; so there is an order whatever is split or late;
* a batch whose process died is judged again, each of its places alone, so that the next death tells whose fault it was;
* a place that two processes died of is a finding. The first may have been killed for other reasons.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from envoy.checker.checker import Judge, Place
from envoy.checker.reports import Verdict
from envoy.checker.sources import STDIN, Input

Result = str | list[Verdict]
"""What became of a place: the verdicts, or the name of the profile if it is one document with nothing to tell of."""

_LARGEST = 500
"""Places of a batch, at most: its names have to travel."""

_HEAVIEST = 1 << 20
"""Octets of content, of places that carry it, after which a batch is full."""


class Ahead:
    """Places, some of them found ahead of their turn, so that it is known how much is left without holding all names.

    Attributes:
        found: How many are found so far.
        complete: Whether these are all.
        told: How many have been judged and told of.
    """

    def __init__(self, places: Iterable[Place]) -> None:
        self._places = iter(places)
        self._waiting: deque[Place] = deque()
        self.found = 0
        self.complete = False
        self.told = 0

    def look(self, count: int) -> int:
        """Find until ``count`` places wait, or there are no more; return how many wait."""
        while len(self._waiting) < count and not self.complete:
            place = next(self._places, None)
            if place is None:
                self.complete = True
            else:
                self._waiting.append(place)
                self.found += 1
        return len(self._waiting)

    def take(self, count: int) -> list[Place]:
        """Return the next places, up to ``count``, fewer if they are heavy. Standard input comes alone."""
        taken: list[Place] = []
        weight = 0
        while len(taken) < count and weight < _HEAVIEST and self.look(1):
            alone = self._waiting[0].name == STDIN
            if alone and taken:
                break
            taken.append(self._waiting.popleft())
            weight += getattr(taken[-1], "weight", 0)
            if alone:
                break
        return taken

    @property
    def next_is_stdin(self) -> bool:
        """Whether the next place is standard input."""
        return self.look(1) > 0 and self._waiting[0].name == STDIN


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive places.

    Attributes:
        start: Number of the first.
        places: The places.
        deaths: How many processes died while they judged it.
    """

    start: int
    places: Sequence[Place]
    deaths: int = 0

    @property
    def here(self) -> bool:
        """Whether this process alone can read it."""
        return self.places[0].name == STDIN


class Run:
    """Which batch is next, and what can be told.

    Batches grow until each takes about ``seconds``. Only so many are given before the first of them is told, which
    bounds what is held.
    """

    def __init__(self, judge: Judge, ahead: Ahead, *, seconds: float, each: float = 0.005) -> None:
        """Start with what is left of ``ahead``.

        Args:
            judge: How to judge.
            ahead: The places.
            seconds: How long a batch ought to take.
            each: How long a place takes, as far as it is known.
        """
        self._judge = judge
        self._ahead = ahead
        self._seconds = seconds
        self._each = each
        self._again: deque[Batch] = deque()
        self._back: dict[int, tuple[Batch, list[Result]]] = {}
        self._given = 0
        self._told = 0

    @property
    def finished(self) -> bool:
        """Whether all is found, judged and told."""
        return self._told == self._given and not self._ahead.look(1)

    @property
    def suspects(self) -> bool:
        """Whether the next batch is one that a process may have died of."""
        return bool(self._again)

    def next(self, window: int) -> Batch | None:
        """Return the next batch, None if there is none now.

        Args:
            window: How many batches may be given and not told.
        """
        if self._again:
            return self._again.popleft()
        size = max(1, min(int(self._seconds / self._each), _LARGEST))
        if self._given - self._told >= window * size:
            return None
        # Whoever reads standard input may wait long, and must not keep others from their next batch meanwhile.
        if self._given > self._told and self._ahead.next_is_stdin:
            return None
        places = self._ahead.take(size)
        if not places:
            return None
        batch = Batch(self._given, places)
        self._given += len(places)
        return batch

    def returned(self, batch: Batch, results: list[Result], seconds: float) -> None:
        """Take back what became of a batch, and how long it took."""
        self._back[batch.start] = (batch, results)
        self._each = max((3 * self._each + seconds / len(results)) / 4, 1e-6)

    def died(self, batch: Batch) -> None:
        """Take back a batch whose process died."""
        if len(batch.places) > 1:
            self._again.extend(Batch(batch.start + n, [place], 1) for n, place in enumerate(batch.places))
        elif batch.deaths:
            verdict = self._judge.unread(Input(batch.places[0].name, None), _DIED, code="process-died")
            self._back[batch.start] = (batch, [[verdict]])
        else:
            self._again.append(Batch(batch.start, batch.places, 1))

    def tell(self) -> Iterator[Verdict]:
        """Yield the verdicts whose turn it is."""
        while back := self._back.pop(self._told, None):
            batch, results = back
            self._told += len(results)
            for place, result in zip(batch.places, results, strict=True):
                if isinstance(result, str):
                    yield Verdict(place.name, result, ())
                else:
                    yield from result
                self._ahead.told += 1


_DIED = "the process that judged it died, and so did a second one."


def judge_batch(judge: Judge, places: Iterable[Place]) -> tuple[list[Result], float]:
    """Read and judge places; return what became of each, and the seconds that it took."""
    start = time.perf_counter()
    return [_short(place, list(judge.judged(place))) for place in places], time.perf_counter() - start


def _short(place: Place, verdicts: list[Verdict]) -> Result:
    if len(verdicts) == 1:
        (verdict,) = verdicts
        if verdict == Verdict(place.name, verdict.profile, ()):
            return verdict.profile
    return verdicts
