"""The plugin for pytest: fixtures of a utility server, there as soon as the package is installed.

``utility_server``: a ``UtilityServer`` that has seen nothing; its process is shared, so a test costs no start.
``utility_client`` and ``utility_async_client``: a client of it, with a certificate.

Which server, in this order: ``@pytest.mark.utility(profile=..., options=[...])`` at the test, class or module; the
command line ``--utility-profile``; ``utility_profile`` and ``utility_options`` in the configuration.

pytest imports this module in every run, so it imports nothing more until a fixture is used.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from envoy.client.async_client import AsyncClient
    from envoy.client.client import Client
    from envoy.testing.utility_server import UtilityServer

_SHOWN = 50
"""Requests that the report of a failed test shows, the last ones."""

_Servers = Callable[[str, tuple[str, ...]], "UtilityServer"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    profile = "profile that the fixture utility_server speaks: ieee-2018, csip-aus-1.2 (default) or csip-aus-1.3"
    parser.getgroup("envoy").addoption("--utility-profile", metavar="NAME", help=profile)
    parser.addini("utility_profile", profile, default="")
    parser.addini("utility_options", "further options of envoy serve for the fixture utility_server", type="args")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "utility(profile, options): which server the fixture utility_server is, see envoy.testing"
    )


@pytest.fixture(scope="session")
def _envoy_servers() -> Iterator[_Servers]:
    """The servers that run, one for each profile and options."""
    from envoy.testing.utility_server import UtilityServer

    started: dict[tuple[str, tuple[str, ...]], UtilityServer] = {}

    def get(profile: str, options: tuple[str, ...]) -> UtilityServer:
        server = started.get((profile, options))
        if server is None or not server.running:
            if server is not None:
                server.stop()
            server = started[profile, options] = UtilityServer(profile, options=options).start()
        return server

    yield get
    for server in started.values():
        server.stop()


@pytest.fixture
def utility_server(request: pytest.FixtureRequest, _envoy_servers: _Servers) -> UtilityServer:
    """A utility server in a process of its own that has seen nothing yet (``envoy.testing.UtilityServer``)."""
    from envoy.errors import EnvoyError

    try:
        server = _envoy_servers(*_wanted(request))
        server.reset()
    except EnvoyError as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None
    return server


@pytest.fixture
def utility_client(utility_server: UtilityServer) -> Iterator[Client]:
    """A client of ``utility_server`` (``envoy.Client``)."""
    with utility_server.client() as client:
        yield client


@pytest.fixture
def utility_async_client(utility_server: UtilityServer) -> AsyncClient:
    """A client of ``utility_server`` for asyncio (``envoy.AsyncClient``), to be used in ``async with``."""
    return utility_server.async_client()


def _wanted(request: pytest.FixtureRequest) -> tuple[str, tuple[str, ...]]:
    from envoy.profiles import DEFAULT_PROFILE

    marker = request.node.get_closest_marker("utility")
    asked: dict[str, Any] = dict(marker.kwargs) if marker else {}
    profile = asked.pop("profile", None) or request.config.getoption("--utility-profile")
    options = asked.pop("options", None)
    if asked or (marker and marker.args):
        pytest.fail("pytest.mark.utility takes profile= and options=, by name", pytrace=False)
    if options is None:
        options = request.config.getini("utility_options")
    return str(profile or request.config.getini("utility_profile") or DEFAULT_PROFILE), tuple(options)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show what the server has seen in the report of a test that failed."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    server: UtilityServer | None = getattr(item, "funcargs", {}).get("utility_server")
    if report.when == "call" and report.failed and server is not None:
        report.sections.append(("requests at utility_server", _requests(server)))


def _requests(server: UtilityServer) -> str:
    from envoy.errors import EnvoyError

    try:
        seen = server.requests
    except EnvoyError as error:
        return str(error)
    left_out = [f"... {len(seen) - _SHOWN} before"] if len(seen) > _SHOWN else []
    return "\n".join([*left_out, *map(str, seen[-_SHOWN:])]) or "none"
