"""A few kills of a following process; ``nox -s kills`` has five hundred."""

from __future__ import annotations

from pathlib import Path

from tests.der.kills.story import put_through


def test_a_process_that_is_killed_loses_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    kills = put_through(tmp_path, 5, seed=20)
    assert kills.wrong == []
    # The last control is followed by a process that is not killed.
    assert kills.kills == 5 and kills.responses >= 3 and kills.applied >= 2
