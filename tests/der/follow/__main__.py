"""Measures following over TLS against ``envoy serve``: how late controls are applied, and what it costs.

``python -m tests.der.follow --delays 200`` has as many controls start, one each second, and prints the median and the
worst delay between the effective start and the call of the device. ``--cycles 30`` measures the processor time of a
followed site: of a poll cycle, at 10 seconds each, and of a minute between two, and prints what that makes in an hour
at a pollRate of 60. ``--concurrent`` takes the client for asyncio.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

from envoy import Site
from envoy.der.follow.news import News, ResponseSent
from envoy.der.limits import Limits
from envoy.testing import UtilityServer
from tests.conftest import ROOT
from tests.support.devices import PlainDevice

LEAD = 15
"""Seconds from the time at which controls are known to the first start."""


class TimedDevice(PlainDevice):
    """A device that notes when it was given each export limit."""

    def __init__(self) -> None:
        super().__init__()
        self.times: dict[Decimal, float] = {}

    def apply(self, limits: Limits) -> None:
        now = time.time()
        value = limits.values.get("opModExpLimW")
        if isinstance(value, Decimal):
            self.times.setdefault(value, now)


class Counter:
    """Counts responses that have arrived."""

    def __init__(self) -> None:
        self.statuses: list[int] = []

    def note(self, news: News) -> None:
        if isinstance(news, ResponseSent):
            self.statuses.append(int(news.response.status))


@contextmanager
def follow(server: UtilityServer, device: PlainDevice, counter: Counter, *, concurrent: bool) -> Iterator[Any]:
    """Follow in a thread of its own, until the end of the block."""
    site = replace(Site.load(ROOT / "examples" / "site.toml"), lfdi=server.client_files().lfdi, pin=None)
    started: list[Any] = []
    ready = threading.Event()

    async def run() -> None:
        async with server.async_client() as client:
            started.append(client.follow(site, device, on_news=counter.note))
            ready.set()
            await started[0].run()

    def start() -> None:
        if concurrent:
            asyncio.run(run())
            return
        with server.client() as client:
            started.append(client.follow(site, device, on_news=counter.note))
            ready.set()
            started[0].run()

    thread = threading.Thread(target=start)
    thread.start()
    ready.wait()
    try:
        yield started[0]
    finally:
        started[0].stop()
        thread.join()


def measure_delays(count: int, *, concurrent: bool) -> None:
    """Print how late controls are applied that start one after the other, each second."""
    device, counter = TimedDevice(), Counter()
    with UtilityServer(options=["--quiet"]) as server:
        program = server.program("export", primacy=1)
        with follow(server, device, counter, concurrent=concurrent) as following:
            begin = int(time.time()) + LEAD + count // 10
            for number in range(count):
                program.control(start=begin + number, duration=1, op_mod_exp_lim_w=1000 + number)
            following.hurry()
            time.sleep(begin + count + 20 - time.time())
        delays = [
            device.times[Decimal(1000 + number)] - (begin + number)
            for number in range(count)
            if Decimal(1000 + number) in device.times
        ]
        responses = [response.status for response in server.responses()]
    late = sum(delay > 1 for delay in delays)
    print(
        f"{len(delays)} of {count} controls applied: median {statistics.median(delays) * 1000:.1f} ms, worst "
        f"{max(delays) * 1000:.1f} ms, {late} later than 1 s; earliest {min(delays) * 1000:.1f} ms"
    )
    print(
        "responses: " + ", ".join(f"{responses.count(status)} of status {status}" for status in sorted(set(responses)))
    )


def measure_cost(cycles: int, *, concurrent: bool) -> None:
    """Print the processor time of a followed site."""
    lists = ("device_capability", "end_device_list", "function_set_assignments_list", "der_program_list", "der_list")
    with UtilityServer(options=["--quiet"]) as server:
        server.program("export", primacy=1).default(op_mod_exp_lim_w=5000)
        server.poll_rates(**dict.fromkeys((*lists, "time"), 900))
        with follow(server, PlainDevice(), Counter(), concurrent=concurrent) as following:
            # Registration and what is loaded for it are to be over.
            time.sleep(45)
            idle = _spend(60) / 60
            server.poll_rates(**dict.fromkeys((*lists, "time"), 10))
            before = len(server.requests)
            following.hurry()
            time.sleep(5)
            spent = _spend(10 * cycles)
            requests = (len(server.requests) - before) / cycles
    cycle = spent / cycles - 10 * idle
    print(
        f"a second between polls costs {idle * 1000:.2f} ms, "
        f"a poll cycle of {requests:.1f} requests {cycle * 1000:.1f} ms"
    )
    print(f"an hour at a pollRate of 60 costs {60 * cycle + 3600 * idle:.1f} s of processor time")


def _spend(seconds: float) -> float:
    before = time.process_time()
    time.sleep(seconds)
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.der.follow", description=__doc__)
    parser.add_argument("--delays", type=int, default=0, help="measure the delays of so many controls")
    parser.add_argument("--cycles", type=int, default=0, help="measure the processor time of so many poll cycles")
    parser.add_argument("--concurrent", action="store_true", help="take the client for asyncio")
    given = parser.parse_args()
    if given.delays:
        measure_delays(given.delays, concurrent=given.concurrent)
    if given.cycles:
        measure_cost(given.cycles, concurrent=given.concurrent)


if __name__ == "__main__":
    main()
