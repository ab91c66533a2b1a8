"""Workers of many devices on a few threads: none waits for another, and what a device is left with it is given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from envoy.der.fleet.pooled_worker import LONGEST_QUEUE, DevicePool, PooledWorker
from envoy.der.limits import Limits, Rating, combine_limits
from envoy.errors import DeviceError, DeviceRefusal
from tests.support.clock import VirtualClock
from tests.support.devices import PlainDevice
from tests.support.fleets import until


def make_limits(watts: int) -> Limits:
    return combine_limits({"opModExpLimW": Decimal(watts)}, Rating(max_w=Decimal(10_000)))


class Unhurried(PlainDevice):
    """A device that says later what becomes of its limits.

    Attributes:
        taken: Whether it has taken those that it was given last.
        error: What it says instead; None for nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self.taken = False
        self.error: DeviceError | None = None
        self.wake: Callable[[], object] = lambda: None

    def begin(self, limits: Limits, wake: Callable[[], object]) -> Callable[[], bool]:
        self.given.append(limits)
        self.taken, self.wake = False, wake

        def is_taken() -> bool:
            if self.error is not None:
                raise self.error
            return self.taken and self.given[-1] is limits

        return is_taken

    def say(self, error: DeviceError | None = None) -> None:
        self.taken, self.error = error is None, error
        self.wake()


@pytest.fixture
def pool() -> Iterator[DevicePool]:
    pool = DevicePool(1)
    yield pool
    pool.close()


def test_devices_that_have_not_acknowledged_keep_no_thread(pool: DevicePool) -> None:
    clock = VirtualClock()
    slow = [Unhurried() for _ in range(100)]
    workers = [PooledWorker(device, pool, clock=clock) for device in slow]
    limits = make_limits(1500)
    for worker in workers:
        worker.give(limits)
    plain = PlainDevice()
    other = PooledWorker(plain, pool, clock=clock)
    other.give(limits)
    until(lambda: other.outcome is not None and other.outcome.taken)
    until(lambda: all(device.given for device in slow))
    assert all(worker.outcome is None for worker in workers)
    for device in slow:
        device.say()
    assert all(worker.outcome is not None and worker.outcome.taken for worker in workers)


def test_one_that_takes_too_long_has_failed_until_it_says_that_it_keeps_to_them(pool: DevicePool) -> None:
    clock = VirtualClock()
    device = Unhurried()
    worker = PooledWorker(device, pool, clock=clock, deadline=5)
    worker.give(make_limits(1500))
    until(lambda: worker.due == clock.now + 5)
    clock.now += 5
    worker.work()
    assert worker.outcome is not None and worker.outcome.failed and "5 seconds" in worker.outcome.error
    assert worker.status is not None and worker.status.failed
    device.say()
    assert worker.outcome.taken
    until(lambda: bool(worker.work()) or (worker.status is not None and not worker.status.failed))


@pytest.mark.parametrize(
    ("error", "refused", "failed"),
    [
        (DeviceRefusal("no such mode", modes=["opModExpLimW", "opModFixedW"]), {"opModExpLimW"}, False),
        (DeviceError("gone"), set(), True),
    ],
)
def test_what_it_says_instead_is_the_outcome(
    pool: DevicePool, error: DeviceError, refused: set[str], failed: bool
) -> None:
    clock = VirtualClock()
    device = Unhurried()
    worker = PooledWorker(device, pool, clock=clock)
    worker.give(make_limits(1500))
    until(lambda: bool(device.given))
    device.say(error)
    until(lambda: worker.outcome is not None)
    assert worker.outcome is not None
    assert (worker.outcome.refused, worker.outcome.failed) == (refused, failed)
    if failed:  # they are given to it again
        device.error = None
        clock.now += 60
        worker.work()
        until(lambda: len(device.given) == 2)


def test_newer_limits_win_over_those_that_were_begun(pool: DevicePool) -> None:
    device = Unhurried()
    worker = PooledWorker(device, pool, clock=VirtualClock())
    first, second = make_limits(1), make_limits(2)
    worker.give(first)
    until(lambda: bool(device.given))
    worker.give(second)
    until(lambda: device.given[-1] is second)
    device.say()
    until(lambda: worker.outcome is not None)
    assert worker.outcome is not None and worker.outcome.limits is second


def test_limits_that_no_thread_is_free_for_have_failed_until_there_is_one() -> None:
    pool, clock = DevicePool(1), VirtualClock()
    held, let = threading.Event(), threading.Event()

    class Held(PlainDevice):
        def apply(self, limits: Limits) -> None:
            held.set()
            let.wait(60)

    busy, worker = (PooledWorker(device, pool, clock=clock) for device in (Held(), PlainDevice()))
    busy.give(make_limits(1))
    held.wait(60)
    worker.give(make_limits(2))
    assert worker.due == clock.now + LONGEST_QUEUE
    clock.now += LONGEST_QUEUE
    worker.work()
    assert worker.outcome is not None and worker.outcome.failed and "no thread" in worker.outcome.error
    assert worker.status is not None and worker.status.failed and worker.due is None
    let.set()
    until(lambda: worker.outcome is not None and worker.outcome.taken)
    pool.close()


def test_a_device_is_given_what_it_is_left_with_before_it_is_closed() -> None:
    pool = DevicePool(1)
    held, let = threading.Event(), threading.Event()

    class Held(PlainDevice):
        def apply(self, limits: Limits) -> None:
            held.set()
            let.wait(60)

    busy, device = PooledWorker(Held(), pool), PlainDevice()
    worker = PooledWorker(device, pool)
    busy.give(make_limits(1))
    held.wait(60)
    worker.give(make_limits(2))
    worker.close()  # before a thread had time for it
    busy.close()
    let.set()
    pool.close()
    assert device.given == [make_limits(2)] and device.closed
