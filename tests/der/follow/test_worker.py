"""The worker of a device: newest limits win, failures are retried, and nothing that a device does holds others up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from envoy.der.abilities import Abilities
from envoy.der.follow.device import DeviceStatus, Readings, check_readings
from envoy.der.follow.worker import DeviceWorker, DirectWorker
from envoy.der.limits import Limits, Rating, combine_limits
from envoy.errors import DeviceError, DeviceRefusal
from sep2 import AlarmStatus, InverterStatus
from tests.support.clock import VirtualClock
from tests.support.devices import PlainDevice

T = TypeVar("T")

WAIT = 60.0
"""Seconds to wait for what happens much sooner."""


def make_limits(watts: int) -> Limits:
    return combine_limits({"opModExpLimW": Decimal(watts)}, Rating(max_w=Decimal(10_000)))


class Moody(PlainDevice):
    """A device that fails or gives something when it is asked to, by the names of its methods."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__()
        self.clock = clock
        self.fails: dict[str, BaseException] = {}
        self.found: dict[str, Any] = {}
        self.calls: list[tuple[float, str]] = []

    def _do(self, name: str) -> None:
        self.calls.append((self.clock(), name))
        if name in self.fails:
            raise self.fails[name]

    def abilities(self) -> Abilities:
        self._do("abilities")
        return self._find("abilities", Abilities(frozenset({"opModExpLimW"})))

    def apply(self, limits: Limits) -> None:
        self._do("apply")
        super().apply(limits)

    def status(self) -> DeviceStatus:
        self._do("status")
        return self._find("status", DeviceStatus(operating=bool(self.given)))

    def readings(self) -> Readings:
        self._do("readings")
        return self._find("readings", Readings(der={"active_power": Decimal(len(self.calls))}))

    def _find(self, name: str, usual: T) -> T:
        found: T = self.found.get(name, usual)
        return found

    def times(self, name: str) -> list[float]:
        return [time for time, each in self.calls if each == name]


class Bench:
    """A device with a worker under a virtual clock."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.device = Moody(self.clock)
        self.worker = DirectWorker(self.device, clock=self.clock)

    def pass_time(self, seconds: float) -> None:
        end = self.clock.now + seconds
        while (due := self.worker.due) is not None and due <= end:
            self.clock.now = max(self.clock.now, due)
            self.worker.work()
        self.clock.now = end


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_limits_are_given_at_once_and_the_device_is_looked_at_every_period(bench: Bench) -> None:
    limits = make_limits(1500)
    bench.worker.give(limits)
    assert bench.device.given == [limits]
    assert bench.worker.outcome is not None and bench.worker.outcome.taken
    assert bench.worker.abilities == Abilities(frozenset({"opModExpLimW"}))
    bench.pass_time(20)
    assert bench.device.times("status") == [0, 5, 10, 15, 20]
    assert [sample.time for sample in bench.worker.take_samples()] == [0, 5, 10, 15, 20]
    assert bench.worker.take_samples() == []
    assert bench.worker.status == DeviceStatus()


def test_limits_that_fail_are_given_again_ever_more_seldom(bench: Bench) -> None:
    bench.device.fails["apply"] = DeviceError("no")
    bench.worker.give(make_limits(1500))
    assert bench.worker.outcome is not None and bench.worker.outcome.failed
    assert bench.worker.status is not None and bench.worker.status.failed
    bench.pass_time(250)
    assert bench.device.times("apply") == [0, 2, 6, 14, 30, 62, 122, 182, 242]
    assert bench.worker.error == "no"
    del bench.device.fails["apply"]
    bench.pass_time(60)
    assert bench.worker.outcome.taken
    assert not bench.worker.status.failed and not bench.worker.error


def test_newer_limits_do_not_wait_for_the_next_attempt(bench: Bench) -> None:
    bench.device.fails["apply"] = DeviceError("no")
    bench.worker.give(make_limits(1500))
    bench.pass_time(20)
    bench.device.fails.clear()
    newer = make_limits(500)
    bench.worker.give(newer)
    assert bench.device.given == [newer]


@pytest.mark.parametrize("method", ["abilities", "status", "readings"])
def test_a_device_that_was_gone_is_given_its_limits_again(bench: Bench, method: str) -> None:
    bench.worker.give(make_limits(1500))
    bench.worker.abilities = None
    bench.device.fails[method] = OSError("unplugged")
    bench.pass_time(12)
    assert bench.worker.status is not None and bench.worker.status.failed
    assert "unplugged" in bench.worker.error
    bench.device.fails.clear()
    bench.pass_time(20)
    assert len(bench.device.given) == 2
    assert not bench.worker.status.failed


def test_a_refusal_is_not_given_again(bench: Bench) -> None:
    bench.device.fails["apply"] = DeviceRefusal("it has none", modes=["opModExpLimW"])
    bench.worker.give(make_limits(1500))
    bench.pass_time(100)
    assert bench.device.times("apply") == [0]
    assert bench.worker.outcome is not None and bench.worker.outcome.refused == {"opModExpLimW"}
    assert not bench.worker.outcome.failed


def test_a_refusal_of_what_was_not_given_is_a_failure(bench: Bench) -> None:
    bench.device.fails["apply"] = DeviceRefusal("it has none", modes=["opModGenLimW"])
    bench.worker.give(make_limits(1500))
    assert bench.worker.outcome is not None and bench.worker.outcome.failed
    bench.device.fails.clear()
    bench.pass_time(5)
    assert bench.worker.outcome.taken


NUMBERS = {"active-power": 1.5, "voltage": 230, "current": "2"}


def test_numbers_and_codes_of_a_device_are_read_in_any_type(bench: Bench) -> None:
    bench.device.found["readings"] = Readings(site=NUMBERS, der=NUMBERS)  # type: ignore[arg-type]
    status = DeviceStatus(state_of_charge=50.5, alarms=3, inverter=4, manufacturer="\x1b[OK")  # type: ignore[arg-type]
    bench.device.found["status"] = status
    bench.pass_time(1)
    assert str(check_readings(Readings(site={"current": Decimal("sNaN")})).site["current"]) == "NaN"
    read = {"active-power": Decimal("1.5"), "voltage": Decimal(230), "current": Decimal(2)}
    assert bench.worker.sample is not None and bench.worker.sample.readings == Readings(site=read, der=read)
    codes = {"alarms": AlarmStatus(3), "inverter": InverterStatus(4)}
    wanted = DeviceStatus(state_of_charge=Decimal("50.5"), manufacturer="[OK", **codes)  # type: ignore[arg-type]
    assert bench.worker.status == wanted and type(bench.worker.status.inverter) is InverterStatus


@pytest.mark.parametrize(
    ("method", "found"),
    [
        ("abilities", None),
        ("abilities", {"opModExpLimW"}),
        ("status", None),
        ("status", DeviceStatus(alarms=None)),  # type: ignore[arg-type]
        ("status", DeviceStatus(inverter="running")),  # type: ignore[arg-type]
        ("status", DeviceStatus(state_of_charge=Decimal("1E+999999"))),
        ("readings", None),
        ("readings", Readings(site={"active-power": None})),  # type: ignore[dict-item]
        ("readings", Readings(der={"active-power": Decimal("9E+999999")})),
    ],
)
def test_a_device_that_gives_something_else_counts_as_failed_and_is_asked_again(
    bench: Bench, method: str, found: object
) -> None:
    bench.device.found[method] = found
    bench.pass_time(1)
    assert bench.worker.status is not None and bench.worker.status.failed and bench.worker.error
    bench.device.found.clear()
    bench.pass_time(5)
    assert not bench.worker.status.failed and not bench.worker.error


def test_a_device_that_wants_to_end_the_process_has_failed(bench: Bench) -> None:
    bench.device.fails["apply"] = SystemExit(3)
    bench.worker.give(make_limits(1500))
    assert bench.worker.outcome is not None and bench.worker.outcome.failed


def test_closing_lets_go_of_the_device_once_whatever_it_says(bench: Bench) -> None:
    bench.device.fails["status"] = DeviceError("no")
    bench.worker.close()
    bench.worker.close()
    assert bench.device.closed and bench.worker.due is None


class Slow(PlainDevice):
    """A device that takes limits only when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def apply(self, limits: Limits) -> None:
        self.begun.release()
        assert self.let.acquire(timeout=WAIT)
        super().apply(limits)


class Waking:
    """Waits for what a worker does in its threads."""

    def __init__(self, worker: DeviceWorker) -> None:
        self.worker = worker
        self._changed = threading.Condition()
        worker.wake = self.wake

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait(self, happened: Callable[[], Any]) -> None:
        with self._changed:
            assert self._changed.wait_for(happened, WAIT)


def test_a_slow_device_counts_as_failed_until_it_has_taken_its_limits_and_the_newest_win() -> None:
    device = Slow()
    worker = DeviceWorker(device, deadline=0.05, period=3600)
    waking = Waking(worker)
    first, second, third = (make_limits(watts) for watts in (3000, 2000, 1000))
    worker.give(first)
    assert device.begun.acquire(timeout=WAIT)
    worker.give(second)
    worker.give(third)
    waking.wait(lambda: worker.outcome is not None and worker.outcome.failed)
    assert worker.status is not None and worker.status.failed
    for _ in range(2):
        device.let.release()
    waking.wait(lambda: worker.outcome is not None and worker.outcome.limits is third and worker.outcome.taken)
    waking.wait(lambda: worker.status is not None and not worker.status.failed)
    assert device.given == [first, third]
    worker.close()
    assert device.closed


def test_a_device_that_hangs_holds_up_no_end() -> None:
    device = Slow()
    worker = DeviceWorker(device, deadline=0.05, period=3600)
    worker.give(make_limits(1500))
    assert device.begun.acquire(timeout=WAIT)
    worker.close()
    assert not device.given
    device.let.release()


def test_whatever_a_device_raises_its_worker_goes_on() -> None:
    device = Moody()
    device.fails["apply"] = ZeroDivisionError("oops")
    worker = DeviceWorker(device, period=3600)
    waking = Waking(worker)
    worker.give(make_limits(1500))
    waking.wait(lambda: worker.outcome is not None and "oops" in worker.outcome.error)
    del device.fails["apply"]
    newer = make_limits(500)
    worker.give(newer)
    waking.wait(lambda: worker.outcome is not None and worker.outcome.taken)
    assert device.given == [newer]
    worker.close()
