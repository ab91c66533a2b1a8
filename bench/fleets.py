"""Fleets: exactly once in spite of faults and ``kill -9``, sites per second, CPU per request, memory as they grow."""

from __future__ import annotations

import asyncio
import csv
import os
import resource
import signal
import statistics
import subprocess
import sys
import time
import venv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.stand_in import StandIn
from envoy.client.async_client import AsyncClient
from envoy.client.attempt import Exchange
from envoy.fleet import Fleet, register_fleet
from envoy.identity import format_lfdi, site_lfdi
from envoy.profiles import get_profile
from envoy.testing import UtilityServer
from sep2 import ConnectionPoint, DERCapability, DeviceInformation

PEN = 32473
"""The Private Enterprise Number that is set aside for examples."""

CONCURRENCY = 64

DESCRIBED = {
    "device_category": "COMBINED_PV_AND_STORAGE",
    "device_information.functions_implemented": "DER_CONTROL",
    "device_information.mf_date": "0",
    "device_information.mf_hw_ver": "1",
    "device_information.mf_id": str(PEN),
    "device_information.mf_model": "Model",
    "device_information.mf_ser_num": "1",
    "device_information.primary_power": "NONE",
    "device_information.secondary_power": "NONE",
    "device_information.sw_act_time": "0",
    "device_information.sw_ver": "1",
    "der.capability.type": "COMBINED_PV_AND_STORAGE",
    "der.capability.modes_supported": "OP_MOD_MAX_LIM_W",
    "der.capability.rtg_max_w": "5000",
    "der.capability.doe_modes_supported": "OP_MOD_EXP_LIM_W",
}
"""What the five requests of envoy-client 0.1 describe of a site: its devices, who made it, what it can do."""


def write_fleet(path: Path, count: int, described: dict[str, str] = DESCRIBED) -> None:
    """Write a fleet of so many sites, each with an LFDI, an NMI and a serial number of its own."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["lfdi", "nmi", *described])
        writer.writeheader()
        for number in range(1, count + 1):
            own = {"lfdi": format_lfdi(site_lfdi(number, PEN)), "nmi": f"{number:010}"}
            if "device_information.mf_ser_num" in described:
                own["device_information.mf_ser_num"] = str(number)
            writer.writerow({**described, **own})


# Exactly once


@dataclass(slots=True)
class Outcome:
    """What became of a fleet that was registered under disturbance.

    Attributes:
        sites: Sites of the fleet.
        kills: Times that the client was killed.
        runs: Runs of the client after that, until one had nothing left to do.
        seconds: Time that all of it took.
        faults: How many requests were disturbed, by fault.
        missing: Sites that the server does not have.
        doubled: Sites that it has more than once.
        different: Sites whose resources are not as described.
        strangers: EndDevices that no row describes, without the client's own.
    """

    sites: int
    kills: int = 0
    runs: int = 0
    seconds: float = 0.0
    faults: dict[str, int] = field(default_factory=dict)
    missing: int = 0
    doubled: int = 0
    different: int = 0
    strangers: int = 0


def exactly_once(folder: Path, count: int, rate: float = 0.05, kills: int = 2) -> Outcome:
    """Register a fleet with ``envoy register`` against a server that disturbs requests, and kill it on the way.

    Args:
        folder: Where to keep the files.
        count: Sites.
        rate: Share of the requests that are dropped before or after they are processed, refused with a 503 and a
            Retry-After, truncated or slow.
        kills: How often the client is killed with SIGKILL.
    """
    fleet = folder / "once.csv"
    write_fleet(fleet, count)
    outcome = Outcome(count)
    options = ["--database", str(folder / "server.sqlite")]
    started = time.perf_counter()
    with UtilityServer(options=options) as server:
        files = server.client_files()
        command = [sys.executable, "-m", "envoy", "register", str(fleet), "--server", server.url]
        command += ["--cert", str(files.cert), "--key", str(files.key), "--ca", str(files.ca)]
        server.disturb(rate, seed=1)
        for kill in range(1, kills + 1):
            outcome.kills += _kill_after(
                command, fleet.with_name(f"{fleet.name}.results.jsonl"), count * kill // (kills + 1)
            )
        status = 1
        while status and outcome.runs < 5:
            status = subprocess.run(command, capture_output=True).returncode
            outcome.runs += 1
        outcome.seconds = time.perf_counter() - started
        outcome.faults = server.faults_happened
        server.disturb(0)
        _compare(server, outcome, files.lfdi)
    return outcome


def _kill_after(command: list[str], results: Path, lines: int) -> bool:
    """Start a run, kill it with SIGKILL once it has results of that many sites, and return whether it still ran."""
    results.unlink(missing_ok=True)
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while running.poll() is None:
        time.sleep(0.05)
        if results.exists() and results.read_bytes().count(b"\n") >= lines:
            running.send_signal(signal.SIGKILL)
    return running.wait() == -signal.SIGKILL


def _compare(server: UtilityServer, outcome: Outcome, own: bytes) -> None:
    """Count, in what the server has stored, what is not as the fleet describes it."""
    devices = [device for device in server.devices() if device.lfdi != own]
    number_of = {site_lfdi(number, PEN): number for number in range(1, outcome.sites + 1)}
    counts = Counter(device.lfdi for device in devices)
    outcome.missing = sum(lfdi not in counts for lfdi in number_of)
    outcome.doubled = sum(count > 1 for count in counts.values())
    outcome.strangers = sum(lfdi not in number_of for lfdi in counts)
    for device in devices:
        number = number_of.get(device.lfdi or b"", 0)
        point = server.stored(f"{device.href}/cp", ConnectionPoint)
        information = server.stored(f"{device.href}/di", DeviceInformation)
        capability = server.stored(f"{device.href}/der/1/dercap", DERCapability)
        outcome.different += not (
            point is not None
            and point.connection_point_id == f"{number:010}"
            and information is not None
            and information.mf_ser_num == str(number)
            and capability is not None
            and float(capability.rtg_max_w) == float(DESCRIBED["der.capability.rtg_max_w"])
            and server.stored(f"{device.href}/der/2") is None
        )


# Sites per second


def sites_per_second(folder: Path, count: int, latency: float, old_sites: int = 60) -> dict[str, float]:
    """Return the sites per second of ``envoy register`` and of envoy-client 0.1.1, which runs the five requests.

    Both talk to a stand-in, one after the other, and start from nothing: ours includes the start of the command, the
    check of the file and the survey of the server.
    """
    old = _old_client(folder)
    fleet = folder / "speed.csv"
    write_fleet(fleet, count)
    with StandIn(latency, "envoy-0.1") as server:
        done = subprocess.run(
            [old, str(Path(__file__).with_name("old_client.py")), server.url, str(old_sites)],
            check=True,
            capture_output=True,
            text=True,
        )
    before = old_sites / float(done.stdout.split()[-1])
    with StandIn(latency) as server:
        command = [sys.executable, "-m", "envoy", "register", str(fleet), "--server", server.url]
        started = time.perf_counter()
        subprocess.run([*command, "--concurrency", str(CONCURRENCY)], check=True, capture_output=True)
        ours = count / (time.perf_counter() - started)
    return {"envoy-client 0.1.1": before, "envoy register": ours}


def _old_client(folder: Path) -> str:
    """Install envoy-client 0.1.1 in an environment of its own, and return the Python of that."""
    home = folder / "old"
    venv.create(home, with_pip=True)
    python = str(home / ("Scripts" if os.name == "nt" else "bin") / "python")
    # It was written for pydantic 1 and does not work with 2.
    packages = ["envoy-client==0.1.1", "pydantic<2"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True, capture_output=True)
    return python


# CPU per request


def cpu_per_request(folder: Path, count: int, turns: int = 3) -> dict[str, float]:
    """Return the CPU seconds per request of a fleet's registration, and of httpx alone sending the same bytes."""
    fleet = folder / "cpu.csv"
    write_fleet(fleet, count)
    took: dict[str, list[float]] = {"envoy-client": [], "httpx": []}
    for _ in range(turns):
        with StandIn() as server:
            requests, seconds = asyncio.run(_registered(server.url, fleet))
        took["envoy-client"].append(seconds / len(requests))
        with StandIn() as server:
            seconds = asyncio.run(_sent(server.url, requests))
        took["httpx"].append(seconds / len(requests))
    return {name: statistics.median(each) for name, each in took.items()}


async def _registered(url: str, fleet: Path) -> tuple[list[tuple[str, str, bytes | None]], float]:
    sent: list[tuple[str, str, bytes | None]] = []

    def note(exchange: Exchange) -> None:
        sent.append((exchange.request.method, exchange.request.href, exchange.request.content))

    async with AsyncClient(url, max_connections=20, on_exchange=note) as client:
        started = time.process_time()
        async for _ in register_fleet(client, Fleet(fleet)):
            pass
        return sent, time.process_time() - started


async def _sent(url: str, requests: list[tuple[str, str, bytes | None]]) -> float:
    media_type = get_profile().content_type
    waiting = iter(requests)

    async def work(http: httpx.AsyncClient) -> None:
        for method, href, content in waiting:
            headers = {"Accept": media_type} | ({} if content is None else {"Content-Type": media_type})
            await http.request(method, url + href, content=content, headers=headers)

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=20), verify=False) as http:  # noqa: S501
        started = time.process_time()
        await asyncio.gather(*(work(http) for _ in range(20)))
        return time.process_time() - started


# Memory


def memory(folder: Path, counts: tuple[int, ...]) -> dict[int, float]:
    """Return the most memory, in MB, that a process takes to register fleets of so many rows.

    The rows have an LFDI and an NMI, so that a large fleet does not take an hour.
    """
    peaks = {}
    for count in counts:
        fleet = folder / f"fleet-{count}.csv"
        write_fleet(fleet, count, {"device_category": "COMBINED_PV_AND_STORAGE"})
        with StandIn() as server:
            command = [sys.executable, "-m", "bench.fleets", server.url, str(fleet)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        peaks[count] = float(done.stdout)
    return peaks


async def _register(url: str, fleet: str) -> None:
    async with AsyncClient(url) as client:
        async for result in register_fleet(client, Fleet(fleet)):
            if result.error is not None:
                raise result.error


if __name__ == "__main__":
    asyncio.run(_register(sys.argv[1], sys.argv[2]))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
