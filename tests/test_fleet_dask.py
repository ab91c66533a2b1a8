"""Fleets over a Dask cluster: shared out, and each site exactly once although a worker is killed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest
from fleets import Disturb, disturbing, end_devices, envoy, lfdi_of, write_fleet

from envoy import AsyncClient
from envoy.errors import EnvoyError
from envoy.fleet import Fleet, FleetRun, SiteResult, State
from envoy.fleet import dask as on_dask
from envoy.pki import Pki


@pytest.fixture
def disturb(pki: Pki) -> Iterator[Disturb]:
    with disturbing(pki) as start:
        yield start


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """A cluster of two workers, each a process of its own."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield cluster


def register(cluster: Any, url: str, fleet: Path, *, kill: bool = False, **options: Any) -> list[SiteResult]:
    connection: dict[str, Any] = {"url": url, "max_wait": 0.05, **options}

    async def main() -> list[SiteResult]:
        results = []
        async with AsyncClient(**connection) as client:
            run = on_dask.ClusterRun(cluster.scheduler_address, connection, client, Fleet(fleet), concurrency=3)
            async with run:
                await run.check()
                killer = asyncio.create_task(kill_a_worker()) if kill else None
                async for result in run.results():
                    results.append(result)
                if killer:
                    await killer
        return results

    async def kill_a_worker() -> None:
        # A few sites of the first shards are registered by now, and none of the shards is done.
        async with AsyncClient(url, max_wait=0.05) as client:
            while len([device async for device in client.end_devices()]) < 20:
                await asyncio.sleep(0.02)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

    return asyncio.run(main())


def compared(url: str, fleet: Path) -> Counter[State]:
    async def main() -> Counter[State]:
        async with AsyncClient(url) as client:
            with FleetRun(client, Fleet(fleet), writes=False) as run:
                await run.check()
                return Counter([result.state async for result in run.results()])

    return asyncio.run(main())


def test_a_shard_whose_worker_is_killed_is_done_by_another_and_nothing_twice(
    tmp_path: Path, pki: Pki, disturb: Disturb, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "SHARD", 20)
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 61))
    url = disturb(tmp_path / "server.db")
    results = register(cluster, url, fleet, kill=True)
    assert len(results) == len({result.lfdi for result in results}) == 60
    states = Counter(result.state for result in results)
    assert State.FAILED not in states
    # What the killed worker had registered was found by the other one, which looked before it posted.
    assert states[State.REGISTERED] < 60
    found = [device.lfdi.hex().upper() for device in end_devices(tmp_path / "server.db", pki) if device.lfdi]
    assert sorted(found) == [lfdi_of(number) for number in range(1, 61)]
    assert compared(url, fleet) == {State.UNCHANGED: 60}


def test_a_cluster_is_used_from_the_command_line(tmp_path: Path, disturb: Disturb, cluster: Any) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 9))
    url = disturb(tmp_path / "server.db", 0.05)
    command = ("register", "fleet.csv", "--server", url, "--dask", cluster.scheduler_address, "--max-wait", "0.1")
    done = envoy(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "registered" in done.stdout
    assert "        8  done before\n" in envoy(*command, cwd=tmp_path).stdout


def test_a_certificate_that_a_worker_does_not_have_is_told_with_the_worker(
    tmp_path: Path, pki: Pki, disturb: Disturb, cluster: Any
) -> None:
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 3))
    files = pki.devices["aggregator"]
    url = disturb(tmp_path / "server.db")

    async def main() -> None:
        connection = {"url": url, "cert": tmp_path / "elsewhere.pem"}
        async with (
            AsyncClient(url, cert=files.certificate, key=files.key) as client,
            on_dask.ClusterRun(cluster.scheduler_address, connection, client, Fleet(fleet)) as run,
        ):
            await run.check()
            async for _ in run.results():
                pass

    with pytest.raises(EnvoyError, match=r"tcp://127\.0\.0\.1:\d+, .*elsewhere\.pem: no such certificate file"):
        asyncio.run(main())


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_dask, "_PATIENCE", 0.3)

    async def main(address: str) -> None:
        async with AsyncClient("http://127.0.0.1:9") as client:
            fleet = Fleet(write_fleet(tmp_path / "fleet.csv", range(1, 3)))
            async with on_dask.ClusterRun(address, {}, client, fleet):
                pass

    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(EnvoyError, match="the Dask cluster cannot be used"):
            asyncio.run(main(address))
