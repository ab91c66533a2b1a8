"""Compare schedules with the referee in many stories: ``python -m tests.der --count 10000 --seed 1``."""

from __future__ import annotations

import argparse
from collections import Counter

from hypothesis import HealthCheck, given, seed, settings

from tests.der.referee import Story
from tests.der.test_referee import SECONDS, compare
from tests.support.stories import make_stories


def main() -> None:
    """Compare, and print how many stories there were and what was sent in them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    stories, sent = 0, Counter[int]()

    @seed(options.seed)
    @settings(max_examples=options.count, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(make_stories(), SECONDS, SECONDS)
    def check(story: Story, looks: frozenset[int], reloads: frozenset[int]) -> None:
        nonlocal stories
        verdict = compare(story, looks, reloads)
        stories += 1
        sent.update(status for _, status, _ in verdict.sent)

    check()
    statuses = ", ".join(f"{status}: {number}" for status, number in sorted(sent.items()))
    print(
        f"{stories} stories with seed {options.seed}: what holds in each second and every response are as the referee"
    )
    print(f"says. Responses by status: {statuses}.")


if __name__ == "__main__":
    main()
