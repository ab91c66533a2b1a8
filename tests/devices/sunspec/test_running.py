"""Tests of a device that looks after itself in a thread, and of what is left when its process dies."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from envoy.der.follow.worker import DeviceWorker
from envoy.der.limits import combine_limits
from envoy.devices.sunspec import SunSpecDevice, SunSpecOptions
from tests.devices.sunspec.conftest import RATING
from tests.support.sunspec import METER, NEW, OLD, ModbusServer, Plant, Registers
from tests.support.threads import ended_threads

_PROGRAM = """
import sys
from decimal import Decimal
from envoy.der.limits import Rating, combine_limits
from envoy.devices.sunspec import SunSpecDevice, SunSpecOptions

rating = Rating(max_w=Decimal(10_000))
options = SunSpecOptions(address=sys.argv[1], meter_unit=2, reversion=3, period=0.2, timeout=4)
device = SunSpecDevice(options, rating)
device.apply(combine_limits({"opModExpLimW": Decimal(1000)}, rating))
print("applied", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def serve() -> Iterator[Callable[[Plant], ModbusServer]]:
    """Serve plants until the end of the test."""
    servers: list[ModbusServer] = []

    def start(plant: Plant) -> ModbusServer:
        servers.append(ModbusServer(plant).start())
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def await_renewal(registers: Registers) -> None:
    """Wait until a limit is written."""
    written = threading.Event()
    before = registers.on_write

    def note(names: set[str]) -> None:
        before(names)
        if names & {"WMaxLimPct", "WMaxLimPct_RvrtTms"}:
            written.set()

    registers.on_write = note
    assert written.wait(60)
    registers.on_write = before


@pytest.mark.parametrize("models", [NEW, OLD], ids=["models 70x", "models 12x"])
def test_an_inverter_falls_back_on_its_own_settings_when_the_process_is_killed(
    serve: Callable[[Plant], ModbusServer], models
) -> None:
    """As long as the process lives its timer never runs out, however long that is."""
    plant = Plant(models, load=2000)
    if models is NEW:  # what its installer has set it to
        plant.inverter.set(704, "WMaxLimPctEnaRvrt", 1)
        plant.inverter.set(704, "WMaxLimPctRvrt", 150)
    server = serve(plant)
    command = [sys.executable, "-c", _PROGRAM, server.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "applied\n"
            for _ in range(3):
                plant.tick(2)
                assert plant.cap is not None and plant.output <= 3000
                await_renewal(plant.inverter)
        finally:
            process.kill()
    plant.tick(2)
    assert plant.output == 3000, "the timer runs"
    plant.tick(2)
    assert plant.output == (1500 if models is NEW else 9000)


def test_the_thread_holds_a_limit_and_ends_with_the_device(serve: Callable[[Plant], ModbusServer]) -> None:
    plant = Plant(load=2000)
    server = serve(plant)
    options = SunSpecOptions(address=server.url, meter_unit=METER, period=0.2, timeout=4)
    with ended_threads("sunspec"):
        device = SunSpecDevice(options, RATING)
        device.apply(combine_limits({"opModExpLimW": Decimal(1000)}, RATING))
        plant.tick(2)
        assert plant.output == 3000
        plant.load = 500
        plant.tick()
        await_renewal(plant.inverter)
        plant.tick(2)
        assert plant.output == 1500
        device.close()
    assert plant.inverter.get(704, "WMaxLimPctRvrtTms") == 0


def test_a_worker_gives_limits_and_takes_samples(serve: Callable[[Plant], ModbusServer]) -> None:
    plant = Plant(load=2000)
    server = serve(plant)
    device = SunSpecDevice(SunSpecOptions(address=server.url, meter_unit=METER, timeout=4), RATING)
    worker = DeviceWorker(device, period=0.05, deadline=60)
    news = threading.Event()
    worker.wake = news.set
    limits = combine_limits({"opModGenLimW": Decimal(5000)}, RATING)
    worker.give(limits)
    while worker.outcome is None or worker.status is None:
        assert news.wait(60)
        news.clear()
    assert worker.outcome.taken and plant.cap == 5000
    assert worker.status.operating and not worker.status.failed
    worker.close()
