"""Fleets over a Dask cluster: shared out, and each site exactly once although a worker is killed."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import distributed
import pytest
from dask import config as dask_config

from envoy import AsyncClient, _dask, utility
from envoy.errors import ClusterError, EnvoyError, TransportError
from envoy.fleet import Fleet, Outage, SiteResult, State
from envoy.fleet import dask as on_dask
from envoy.testing import UtilityServer
from sep2 import DeviceCapability
from tests.support.commands import envoy
from tests.support.fleets import FAULTS, compared, connection, end_devices, lfdi_of, options, until, write_fleet
from tests.support.processes import prepare_fork, unmeasured
from tests.support.scripted import Handler, Serve, respond_with


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    """A cluster of two workers, each a process of its own."""
    prepare_fork()
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield cluster


def register(cluster: Any, server: UtilityServer, fleet: Path, *, kill: bool = False) -> list[SiteResult]:
    arguments = {**connection(server), "max_wait": 0.05}

    async def main() -> list[SiteResult]:
        results = []
        async with AsyncClient(**arguments) as client:
            run = on_dask.ClusterRun(cluster.scheduler_address, arguments, client, Fleet(fleet), concurrency=3)
            async with run:
                await run.check()
                killer = asyncio.create_task(kill_a_worker()) if kill else None
                async for result in run.results():
                    results.append(result)
                if killer:
                    await killer
        return results

    async def kill_a_worker() -> None:
        # A few sites of the first batches are registered by now, and none of the batches is done.
        async with AsyncClient(**arguments) as client:
            while len([device async for device in client.end_devices()]) < 20:
                await asyncio.sleep(0.02)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

    return asyncio.run(main())


@pytest.mark.conformance
def test_a_batch_whose_worker_is_killed_is_done_by_another_and_nothing_twice(
    tmp_path: Path, utility_server: UtilityServer, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "BATCH", 20)
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 61))
    results = register(cluster, utility_server, fleet, kill=True)
    assert len(results) == len({result.lfdi for result in results}) == 60
    states = Counter(result.state for result in results)
    assert State.FAILED not in states
    # What the killed worker had registered was found by the other one, which looked before it posted.
    assert states[State.REGISTERED] < 60
    assert end_devices(utility_server) == [lfdi_of(number) for number in range(1, 61)]
    assert compared(utility_server, fleet) == {State.UNCHANGED: 60}


def test_a_cluster_is_used_from_the_command_line(tmp_path: Path, utility_server: UtilityServer, cluster: Any) -> None:
    write_fleet(tmp_path / "fleet.csv", range(1, 9))
    utility_server.disturb(0.05, seed=1, actions=FAULTS)
    command = ("register", "fleet.csv", *options(utility_server), "--dask", cluster.scheduler_address)
    done = envoy(*command, "--max-wait", "0.1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "registered" in done.stdout
    assert "        8  done before\n" in envoy(*command, cwd=tmp_path).stdout


def test_a_certificate_that_a_worker_does_not_have_is_reported_with_the_worker(
    tmp_path: Path, utility_server: UtilityServer, cluster: Any
) -> None:
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 3))

    async def main() -> None:
        ours = connection(utility_server)
        theirs = {**ours, "cert": tmp_path / "elsewhere.pem"}
        async with (
            AsyncClient(**ours) as client,
            on_dask.ClusterRun(cluster.scheduler_address, theirs, client, Fleet(fleet)) as run,
        ):
            await run.check()
            async for _ in run.results():
                pass

    with pytest.raises(EnvoyError) as caught:
        asyncio.run(main())
    assert re.fullmatch(r"tcp://127\.0\.0\.1:\d+, .*elsewhere\.pem", caught.value.where)


def test_batches_wait_for_the_end_of_an_outage(
    tmp_path: Path, cluster: Any, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "BATCH", 5)
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 21))
    core = utility.Utility()
    answer = respond_with(core.connect(bytes(20)))
    posts: list[str] = []

    def fail(handler: Handler) -> None:
        new = handler.command == "POST" and handler.path == "/edev"
        if new:
            posts.append(handler.path)
        if new and 3 <= len(posts) <= 10:
            handler.reply(502)
        else:
            answer(handler)

    arguments = {"url": serve(fail).url, "retries": 0}
    outages: list[Outage] = []

    async def main() -> list[SiteResult]:
        async with AsyncClient(**arguments) as client:
            run = on_dask.ClusterRun(
                cluster.scheduler_address, arguments, client, Fleet(fleet), concurrency=1, on_outage=outages.append
            )
            async with run:
                await run.check()
                return [result async for result in run.results()]

    results = asyncio.run(main())
    devices = [device.lfdi.hex().upper() for _, device in core.store.page(bytes(20), "/edev", 1, 100)]
    core.close()
    assert sorted(devices) == [lfdi_of(number) for number in range(1, 21)]
    assert len(results) == 20 and not any(result.error for result in results)
    assert [outage.over for outage in outages[:2]] == [False, True]


def test_a_batch_that_is_done_again_in_an_outage_has_another_turn(tmp_path: Path, cluster: Any) -> None:
    fleet = Fleet(write_fleet(tmp_path / "fleet.csv", range(1, 4)))
    connection = {"url": "http://127.0.0.1:9", "retries": 0}
    batch = on_dask.Batch("again", connection, list(fleet.rows()), DeviceCapability(), {}, "", 1, False)
    with distributed.Client(cluster) as client:
        # As if another worker had begun it.
        distributed.Event(batch.name, client=client).set()
        attempts = client.submit(on_dask.register_batch, batch, pure=False).result()
    assert len(attempts) == 3
    assert all(attempt.transient and attempt.unsure and attempt.no_response for attempt in attempts)
    assert all(isinstance(attempt.result.error, TransportError) for attempt in attempts)


def dask_process(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "dask", *arguments], stderr=subprocess.DEVNULL, env=unmeasured())


@pytest.mark.conformance
def test_a_scheduler_that_goes_away_is_reported_and_the_next_run_goes_on(
    tmp_path: Path, utility_server: UtilityServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_dask, "BATCH", 5)
    # The worker has a Python to start first.
    monkeypatch.setattr(_dask, "CONNECT_SECONDS", 60)
    fleet = write_fleet(tmp_path / "fleet.csv", range(1, 21))
    arguments = {**connection(utility_server), "max_wait": 0.05}
    file = tmp_path / "scheduler.json"
    common = ["--no-dashboard", "--scheduler-file", str(file)]
    scheduler = dask_process("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
    # The file is there before it is written.
    until(lambda: file.exists() and file.read_text().endswith("}"))
    address = json.loads(file.read_text())["address"]
    worker = dask_process("worker", "--nthreads", "1", "--no-nanny", *common)

    async def main() -> None:
        async with (
            AsyncClient(**arguments) as client,
            on_dask.ClusterRun(address, arguments, client, Fleet(fleet), concurrency=1) as run,
        ):
            await run.check()
            async for _ in run.results():
                scheduler.kill()
                scheduler.wait()

    try:
        with (
            dask_config.set({"distributed.comm.timeouts.connect": "1s"}),
            pytest.raises(EnvoyError) as caught,
        ):
            asyncio.run(main())
        assert caught.value.where.startswith("tcp://")
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    assert 5 <= len(end_devices(utility_server)) < 20


def test_a_scheduler_that_is_not_there_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dask, "CONNECT_SECONDS", 0.3)

    async def main(address: str) -> None:
        async with AsyncClient("http://127.0.0.1:9") as client:
            fleet = Fleet(write_fleet(tmp_path / "fleet.csv", range(1, 3)))
            async with on_dask.ClusterRun(address, {}, client, fleet):
                pass

    for address in ("tcp://127.0.0.1:9", "nonsense://x"):
        with pytest.raises(EnvoyError) as caught:
            asyncio.run(main(address))
        assert caught.value.where == address


def test_a_worker_with_another_version_is_reported_before_anything_is_sent(
    tmp_path: Path, utility_server: UtilityServer, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_dask, "__version__", "9.9")
    with pytest.raises(ClusterError) as caught:
        register(cluster, utility_server, write_fleet(tmp_path / "fleet.csv", range(1, 3)))
    assert caught.value.where == cluster.scheduler_address
    assert utility_server.requests == []
