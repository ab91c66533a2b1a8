"""Outages in the middle of a fleet, in virtual time: the run waits, goes on, and registers each site once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from envoy import AsyncClient, utility
from envoy.errors import EnvoyError
from envoy.fleet import Fleet, FleetRun, Outage, SiteResult, State
from envoy.protocol.flow import Request
from tests.support.clock import VirtualLoop
from tests.support.commands import envoy
from tests.support.fleets import lfdi_of, write_fleet
from tests.support.scripted import Handler, Serve, respond_with

CLIENT = bytes(range(20))


class Server:
    """A utility in this process that fails for a while.

    Args:
        begins: Decides by a request and the number of requests so far whether the outage begins.
        seconds: How long it lasts.
        status: What a proxy responds in it; 0 for no response at all.
        reaches: Whether requests are processed in it, and only the responses lost.
        only: Fails these methods alone.
    """

    def __init__(
        self,
        begins: Callable[[str, int], bool],
        seconds: float,
        *,
        status: int = 502,
        reaches: bool = False,
        only: tuple[str, ...] = (),
    ) -> None:
        self.begins = begins
        self.seconds = seconds
        self.status = status
        self.reaches = reaches
        self.only = only
        self.loop = VirtualLoop()
        self.core = utility.Utility()
        self.send = self.core.connect(CLIENT)
        self.until: float | None = None
        self.requests: list[str] = []
        self.failed: list[str] = []

    @property
    def lfdis(self) -> list[str]:
        return sorted(device.lfdi.hex().upper() for _, device in self.core.store.page(CLIENT, "/edev", 1, 1000))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        line = f"{request.method} {request.url.path}"
        self.requests.append(line)
        if self.until is None and self.begins(line, len(self.requests)):
            self.until = self.loop.now + self.seconds
        out = self.until is not None and self.loop.now < self.until
        if self.only and request.method not in self.only:
            out = False
        if out:
            self.failed.append(line)
            if not self.reaches:
                return self.fail(request)
        href = request.url.raw_path.decode()
        response = self.send(Request("", request.method, href, request.content or None))
        if out:
            return self.fail(request)
        return httpx.Response(response.status, headers=dict(response.headers), content=response.content)

    def fail(self, request: httpx.Request) -> httpx.Response:
        if not self.status:
            raise httpx.ReadError("the connection was closed", request=request)
        return httpx.Response(self.status)

    def run(
        self,
        fleet: Path,
        results: list[SiteResult],
        note: Callable[[Outage], None] | None = None,
        begun: Callable[[FleetRun], None] = lambda _: None,
        **arguments: Any,
    ) -> None:
        async def main() -> None:
            async with AsyncClient("http://utility.example", transport=httpx.MockTransport(self)) as client:
                with FleetRun(client, Fleet(fleet), on_outage=note, **arguments) as run:
                    await run.check()
                    begun(run)
                    async for result in run.results():
                        results.append(result)

        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            runner.run(main())


def at(number: int) -> Callable[[str, int], bool]:
    return lambda _, count: count == number


def at_second_list() -> Callable[[str, int], bool]:
    lists: list[str] = []

    def begins(line: str, _: int) -> bool:
        if line == "GET /edev":
            lists.append(line)
        return len(lists) == 2

    return begins


@pytest.mark.unmeasured
@pytest.mark.parametrize("reaches", [False, True], ids=["lost requests", "lost responses"])
@pytest.mark.parametrize("status", [0, 502])
@pytest.mark.parametrize("concurrency", [3, 50])
def test_sites_wait_for_the_end_of_an_outage_and_are_registered_once(
    concurrency: int, status: int, reaches: bool, tmp_path: Path
) -> None:
    server = Server(at(60), 200, status=status, reaches=reaches)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 31))
    results: list[SiteResult] = []
    outages: list[Outage] = []
    server.run(path, results, outages.append, concurrency=concurrency)
    assert {result.state for result in results} <= {State.REGISTERED, State.UPDATED, State.UNCHANGED}
    assert Counter(result.lfdi.hex().upper() for result in results) == Counter(map(lfdi_of, range(1, 31)))
    assert server.lfdis == sorted(map(lfdi_of, range(1, 31)))
    assert [outage.over for outage in outages] == [False, True]
    assert outages[0].until - outages[0].since >= 300
    # Not one site after the other was tried in vain, nor the server asked all the time.
    assert 10 < server.failed.count("GET /dcap") < 100
    assert len(server.failed) < 200


def test_a_list_that_cannot_be_read_again_is_waited_for(tmp_path: Path) -> None:
    server = Server(at_second_list(), 200)
    # The first response to a POST leads astray, so the list is read again.
    send = server.send
    server.send = lambda request: lead_astray(server, send(request), request)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 4))
    results: list[SiteResult] = []
    outages: list[Outage] = []
    server.run(path, results, outages.append)
    assert server.failed.count("GET /edev") > 0
    assert len(results) == 3 and not any(result.error for result in results)
    assert server.lfdis == sorted(map(lfdi_of, range(1, 4)))
    assert [outage.over for outage in outages] == [False, True]


def lead_astray(server: Server, response: Any, request: Request) -> Any:
    if request.method == "POST" and request.href == "/edev":
        return type(response)(201, {"location": "/nowhere"})
    return response


@pytest.mark.unmeasured
@pytest.mark.parametrize("outage", [0, 120])
@pytest.mark.parametrize("concurrency", [3, 50])
def test_an_outage_that_lasts_too_long_ends_the_run_and_the_next_goes_on(
    concurrency: int, outage: float, tmp_path: Path
) -> None:
    server = Server(at(60), 1000, reaches=True)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 31))
    results: list[SiteResult] = []
    with pytest.raises(EnvoyError):
        server.run(path, results, concurrency=concurrency, outage=outage)
    assert outage <= server.loop.now < 60 + outage
    # Each site that was begun has a result.
    begun = len(set(server.lfdis))
    assert len({result.lfdi for result in results}) == len(results) >= begun
    again = Server(at(0), 0)
    again.core, again.send = server.core, server.send
    results.clear()
    again.run(path, results, concurrency=concurrency)
    assert len(results) == 30 and not any(result.error for result in results)
    assert server.lfdis == sorted(map(lfdi_of, range(1, 31)))


def test_where_only_sites_fail_one_is_tried_at_a_time_until_the_time_is_over(tmp_path: Path) -> None:
    server = Server(at(1), 10_000, only=("POST",))
    path = write_fleet(tmp_path / "fleet.csv", range(1, 201))
    results: list[SiteResult] = []
    outages: list[Outage] = []
    with pytest.raises(EnvoyError):
        server.run(path, results, outages.append, concurrency=3)
    assert [outage.over for outage in outages] == [False]
    assert len(results) == len(server.failed) < 40
    assert 300 <= server.loop.now < 400


def test_a_run_that_is_stopped_in_an_outage_ends_with_the_results_it_has(tmp_path: Path) -> None:
    server = Server(at(60), 10_000)
    path = write_fleet(tmp_path / "fleet.csv", range(1, 31))
    results: list[SiteResult] = []
    runs: list[FleetRun] = []
    server.run(path, results, lambda _: server.loop.call_later(20, runs[0].stop) and None, runs.append, concurrency=3)
    assert server.loop.now < 60
    assert {result.state for result in results} == {State.REGISTERED, State.FAILED}
    assert len({result.lfdi for result in results}) == len(results) >= len(server.lfdis)


def test_a_negative_outage_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EnvoyError):
        Server(at(0), 0).run(write_fleet(tmp_path / "fleet.csv", range(1, 2)), [], outage=-1)


def test_the_command_says_that_it_waits_and_when_it_goes_on(tmp_path: Path, serve: Serve) -> None:
    core = utility.Utility()
    answer = respond_with(core.connect(CLIENT))
    failed: list[str] = []

    def fail(handler: Handler) -> None:
        if handler.command == "POST" and len(failed) < 2:
            failed.append(handler.path)
            handler.reply(502)
        else:
            answer(handler)

    write_fleet(tmp_path / "fleet.csv", range(1, 6))
    command = ("register", "fleet.csv", "--server", serve(fail).url, "--concurrency", "1", "--max-wait", "0.01")
    done = envoy(*command, "--outage", "10m", cwd=tmp_path)
    core.close()
    assert done.returncode == 0
    first, second = done.stderr.splitlines()
    assert "waiting" in first and "502" in first
    assert "going on" in second
    wrong = envoy(*command, "--outage", "soon", cwd=tmp_path)
    assert wrong.returncode == 2 and "'soon'" in wrong.stderr
