"""Servers for each profile, one with low limits, and clients of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.serving import PROFILES, Client, Pki, Server, running


@pytest.fixture(scope="package")
def own_pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki.create(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="package")
def server_for(own_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Server]]:
    """Start a server for a profile on first use."""
    with ExitStack() as stack:
        yield functools.cache(
            lambda profile: stack.enter_context(running(own_pki, tmp_path_factory.mktemp("server"), profile=profile))
        )


@pytest.fixture(params=PROFILES)
def any_server(request: pytest.FixtureRequest, server_for: Callable[[str], Server]) -> Server:
    return server_for(request.param)


@pytest.fixture
def server(server_for: Callable[[str], Server]) -> Server:
    return server_for("csip-aus-1.2")


@pytest.fixture(scope="package")
def strict_server(own_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose limits are low, and that speaks TLS 1.3."""
    options = {"page_limit": 2, "max_body": 5000, "max_readings": 3, "pin": 123455, "tls12_only": False}
    with running(own_pki, tmp_path_factory.mktemp("server"), **options) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with Client(server) as client:
        yield client


@pytest.fixture
def other_client(server: Server) -> Iterator[Client]:
    with Client(server) as client:
        yield client
