"""A fleet that is followed over TLS: what the follower and the server take, and how soon a control is applied.

The server is a process of its own, and so is the follower: ``python -m bench.follow`` reads what to do from standard
input as JSON, and writes what it has measured as lines of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envoy.cli.follow.fleet.garbage import freeze
from envoy.client.async_client import AsyncClient
from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings
from envoy.der.follow.news import News, ResponseSent
from envoy.der.limits import Limits
from envoy.identity import format_lfdi, site_lfdi
from envoy.registration.site import Site
from envoy.server.notification_listener import NotificationListener
from envoy.testing import UtilityServer
from envoy.tls.pki import create_pki
from envoy.utility import Utility

PEN = 32473
MODE = "opModExpLimW"

_LONGEST = 1800.0
"""Seconds that anything may take."""

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Followed:
    """What following a fleet takes.

    Attributes:
        sites: How many sites.
        ready: Seconds from the start until everything of all sites was read once.
        subscriptions: How many subscriptions there are.
        subscribed: Seconds from then on until the server had all of them.
        per_site: Octets of memory that each site takes, when all was read.
        cpu: Part of one core that the follower takes, while nothing changes.
        server_cpu: The same of the server.
        requests: Requests a second, while nothing changes.
        delays: Seconds from the start of a control until each device was given it, in order.
        late: Seconds from the start of the control until the server had "started" of each site, in order.
    """

    sites: int
    ready: float
    subscriptions: int
    subscribed: float
    per_site: float
    cpu: float
    server_cpu: float
    requests: float
    delays: list[float]
    late: list[float]

    @property
    def median(self) -> float:
        """The median delay."""
        return statistics.median(self.delays)


def measure(folder: Path, sites: int, *, seconds: float, poll_rate: int, listen: bool) -> Followed:
    """Measure a fleet whose sites all see one program.

    Args:
        folder: An empty folder.
        sites: How many sites.
        seconds: For how long nothing changes.
        poll_rate: Seconds between two reads of each resource.
        listen: Whether the follower subscribes.
    """
    pki = create_pki(folder, devices=["aggregator"])
    database = folder / "utility.db"
    _fill(database, pki.devices["aggregator"].lfdi, sites)
    options = ["--database", str(database), "--quiet", "--poll-rate", str(poll_rate)]
    with UtilityServer(folder=folder, options=options) as server:
        program = server.program("export", primacy=1)
        program.default(op_mod_exp_lim_w=5000)
        files = server.client_files("aggregator")
        order = {
            "url": server.url,
            **{name: str(getattr(files, name)) for name in ("cert", "key", "ca")},
            "sites": sites,
            "seconds": seconds,
            "state": str(folder / "state"),
            "listen": [str(pki.server.certificate), str(pki.server.key)] if listen else None,
        }
        with _follower(order) as lines:
            ready = next(lines)
            subscribed = next(lines)
            before = _cpu_of(server.pid)
            steady = next(lines)
            server_cpu = (_cpu_of(server.pid) - before) / steady["seconds"]
            # All sites are to know of it before it starts.
            start = int(time.time()) + (30 + sites // 100 if listen else int(poll_rate * 1.1) + 10)
            program.control(start=start, duration=3600, op_mod_exp_lim_w=1500)
            done = next(lines)
    return Followed(
        sites,
        ready["seconds"],
        subscribed["count"],
        subscribed["seconds"],
        (ready["memory"] - ready["before"]) / sites,
        steady["cpu"] / steady["seconds"],
        server_cpu,
        steady["requests"] / steady["seconds"],
        sorted(each - start for each in done["applied"]),
        sorted(each - start for each in done["started"]),
    )


def _fill(database: Path, owner: bytes, count: int) -> None:
    with Utility(database=database) as utility, utility.store.transaction():
        for number in range(1, count + 1):
            utility.ask("register", lfdi=format_lfdi(site_lfdi(number, PEN)), owner=format_lfdi(owner))


@contextmanager
def _follower(order: dict[str, Any]) -> Iterator[Iterator[dict[str, Any]]]:
    """Run the follower; give the lines that it writes."""
    command = [sys.executable, "-m", "bench.follow"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(order) + "\n")
        process.stdin.flush()
        try:
            yield map(json.loads, process.stdout)
        finally:
            process.kill()


def _cpu_of(pid: int) -> float:
    """Return the seconds of the processor that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# The follower


class _Device:
    """A device in memory, which notes when it was given the limit of the control, and that of the default."""

    __slots__ = ("_applied", "_default", "_key")

    def __init__(self, key: str, applied: list[float], default: set[str]) -> None:
        self._key = key
        self._applied = applied
        self._default = default

    def abilities(self) -> Abilities:
        return _ABILITIES

    def apply(self, limits: Limits) -> None:
        if limits.values.get(MODE) == 1500:
            self._applied.append(time.time())
        elif MODE in limits.values:
            self._default.add(self._key)

    def status(self) -> DeviceStatus:
        return _STATUS

    def readings(self) -> Readings:
        return _READINGS

    def close(self) -> None:
        pass


_ABILITIES, _STATUS, _READINGS = Abilities(), DeviceStatus(), Readings()


class _Devices:
    def __init__(self, applied: list[float], default: set[str]) -> None:
        self._applied = applied
        self._default = default

    def open(self, key: str, site: Site) -> _Device:
        return _Device(key, self._applied, self._default)

    def close(self) -> None:
        pass


async def follow(order: dict[str, Any]) -> None:
    """Follow as a line on standard input says, and write what that takes."""
    applied: list[float] = []
    started: list[float] = []
    default: set[str] = set()

    def note(key: str, news: News) -> None:
        if isinstance(news, ResponseSent) and news.response.status == 2:
            started.append(time.time())

    requests = 0

    def count(_: object) -> None:
        nonlocal requests
        requests += 1

    with ExitStack() as stack:
        options: dict[str, Any] = {}
        if order["listen"]:
            cert, key = order["listen"]
            listener = NotificationListener("127.0.0.1:0", cert=cert, key=key, ca=order["ca"], clients="off")
            options["notifications"] = stack.enter_context(listener)
        files = {name: order[name] for name in ("cert", "key", "ca")}
        client = AsyncClient(order["url"], **files, check_hostname=False, on_exchange=count)
        before, began = _memory(), time.perf_counter()
        fleet = [Site(lfdi=site_lfdi(number, PEN)) for number in range(1, order["sites"] + 1)]
        following = client.follow_fleet(
            fleet, _Devices(applied, default), state=order["state"], on_news=note, **options
        )
        running = asyncio.create_task(following.run())

        await _until(lambda: len(default) == order["sites"])
        _write("all was read", seconds=time.perf_counter() - began, before=before, memory=_memory())
        began = time.perf_counter()
        made = 0
        if (subscriptions := following.subscriptions) is not None:
            await _until(lambda: 0 < subscriptions.count()[1] == subscriptions.count()[0], pause=2)
            made = subscriptions.count()[0]
        _write("all is subscribed to", seconds=time.perf_counter() - began, count=made)
        # As the command does, if later.
        freeze(following.sites)
        counted, cpu, began = requests, time.process_time(), time.perf_counter()
        await asyncio.sleep(order["seconds"])
        took = time.perf_counter() - began
        _write("nothing has changed", seconds=took, cpu=time.process_time() - cpu, requests=requests - counted)
        await _until(lambda: len(started) == order["sites"])
        _write("all has started", applied=applied, started=started)
        following.stop()
        await running


async def _until(happened: Callable[[], bool], pause: float = 0.2) -> None:
    async with asyncio.timeout(_LONGEST):
        while not happened():
            await asyncio.sleep(pause)


def _memory() -> int:
    """Return the octets of memory that this process has now."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * _PAGE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _write(stage: str, **found: Any) -> None:
    print(json.dumps(found), flush=True)
    print(f"{time.strftime('%T')} {stage}", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(follow(json.loads(sys.stdin.readline())))
