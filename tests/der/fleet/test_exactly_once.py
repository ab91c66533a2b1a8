"""Each response is on the server once and in order, and each limit is applied, whatever fails in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.der.fleet.exactly_once import Story, put_through


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("sites", "controls", "seed"),
    [(6, 4, 1), pytest.param(1000, 24, 2, marks=pytest.mark.conformance)],
)
def test_each_response_arrives_once_and_each_limit_is_applied(
    sites: int, controls: int, seed: int, tmp_path: Path
) -> None:
    story = Story(sites, controls, seed=seed)
    put_through(story, tmp_path / "state")
    assert story.wrong == []
    assert len(story.downs) == story.kills
    assert story.disturbed > sites
