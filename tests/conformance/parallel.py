"""The proof of all roots, on all processors. What the processes run is here, where each of them can import it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from .editions import Edition, edition
from .proof import Tally, prove_round_trip, prove_verdicts
from .round_trip import XsdataReader

COUNT = 200
"""Documents of each sort for a root that is a Resource. Other roots, which are small, get a quarter."""


def prove_some(profile: str, official: Path, tags: list[str], count: int) -> Tally:
    """Prove some roots of a profile, in a process of its own."""
    tally, both, xsdata = Tally(), edition(profile, official), XsdataReader()
    for tag in tags:
        number = count if tag in both.resources else (count + 3) // 4
        tally += prove_verdicts(both, tag, number)
        if tag in both.messages:
            tally += prove_round_trip(both, tag, number, xsdata)
    return tally


def prove_all(editions: list[Edition], count: int) -> list[Tally]:
    """Prove all roots of all profiles, on all processors; return what came of each profile."""
    tallies = []
    with ProcessPoolExecutor() as pool:
        for both in editions:
            # Small shares, so that no processor waits long for another.
            shares = [both.roots[start::32] for start in range(32)]
            jobs = [pool.submit(prove_some, both.profile, both.official.path, tags, count) for tags in shares]
            tally = Tally()
            for job in jobs:
                tally += job.result()
            tallies.append(tally)
    return tallies
