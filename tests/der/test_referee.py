"""Schedules against a referee: what holds in each second, and which responses are sent, in thousands of stories."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.der.referee import Referee, Story, Verdict
from tests.support.stories import make_stories
from tests.support.story_runs import follow

pytestmark = pytest.mark.unmeasured


def compare(story: Story, looks: Collection[int] = (), reloads: Collection[int] = ()) -> Verdict:
    """Compare a schedule with the referee, and return what that says."""
    verdict = Referee(story).run()
    holds, sent = follow(story, looks, reloads)
    assert sent == verdict.sent
    for now, expected in verdict.holds.items():
        assert holds[now] == expected, now
    return verdict


SECONDS = st.frozensets(st.integers(0, 200), max_size=30)


@settings(suppress_health_check=list(HealthCheck))
@given(make_stories(), SECONDS, SECONDS)
def test_a_schedule_does_what_the_referee_says(story: Story, looks: frozenset[int], reloads: frozenset[int]) -> None:
    compare(story, looks, reloads)
