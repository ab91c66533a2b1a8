"""Utilities in this process, each with nothing in it yet, and clients of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from envoy.utility import Settings, Utility
from tests.support.utilities import PROFILES, Client

NOW = 1_700_000_000.9


@pytest.fixture(params=PROFILES)
def any_utility(request: pytest.FixtureRequest) -> Iterator[Utility]:
    with Utility(Settings(request.param, pre_registered=True), now=lambda: NOW) as utility:
        yield utility


@pytest.fixture
def utility() -> Iterator[Utility]:
    with Utility(Settings(pre_registered=True), now=lambda: NOW) as utility:
        yield utility


@pytest.fixture
def strict_utility() -> Iterator[Utility]:
    """A utility whose limits are low."""
    with Utility(Settings(pre_registered=True, page_limit=2, max_body=5000, max_readings=3)) as utility:
        yield utility


@pytest.fixture
def client(utility: Utility) -> Client:
    return Client(utility)


@pytest.fixture
def other_client(utility: Utility) -> Client:
    return Client(utility)
