"""Workers of many devices, which a few threads call by turns."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from math import inf
from queue import SimpleQueue

from envoy.der.follow.device import Device
from envoy.der.follow.polling.polls import find_slot
from envoy.der.follow.worker import DEADLINE, DirectWorker
from envoy.der.limits import Limits

FLEET_PERIOD = 60.0
"""Seconds between two looks at a device of a fleet."""

THREADS = 8
"""Threads that call the devices of a fleet, as long as none of these hangs."""

MOST_THREADS = 64
"""Threads at most, with those that wait for devices which do not respond."""

LONGEST_QUEUE = 60.0
"""Seconds after which limits that no thread was free for count as failed; they are given to the device all the same."""

LONGEST_CLOSING = 30.0
"""Seconds that the end of the threads is waited for, at most."""


class DevicePool:
    """The threads that call the devices of a fleet. A thread whose device hangs is replaced by another.

    Args:
        threads: How many.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._running: list[threading.Thread] = []
        self._hanging = 0

    def submit(self, call: Callable[[], None]) -> None:
        """Have a thread make a call, which must not raise."""
        self._calls.put(call)
        if len(self._running) - self._hanging < self._threads and len(self._running) < MOST_THREADS:
            # A daemon, so that a device which never responds does not keep the process from ending.
            thread = threading.Thread(target=self._make_calls, name="devices", daemon=True)
            with self._lock:
                self._running.append(thread)
            thread.start()

    def note_hanging(self) -> None:
        """Note that a call does not return in time: another thread makes those of other devices."""
        with self._lock:
            self._hanging += 1
        if not self._calls.empty():
            self.submit(_do_nothing)

    def note_returned(self) -> None:
        """Note that a call that was noted has returned after all."""
        with self._lock:
            self._hanging -= 1

    def close(self, seconds: float = LONGEST_CLOSING) -> None:
        """Have the threads end, once they have made the calls that they were given; wait for that.

        Args:
            seconds: How long to wait at most: a device may never respond.
        """
        end = time.monotonic() + seconds
        for _ in self._running:
            self._calls.put(None)
        for thread in self._running:
            thread.join(max(0.0, end - time.monotonic()))

    def _make_calls(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


class PooledWorker(DirectWorker):
    """A worker whose device is called by the threads of a pool, by one at a time.

    An ``UnhurriedDevice`` is given limits without being waited for: thousands may take their time and keep no thread.

    Args:
        device: The device.
        pool: The threads.
        clock: Returns the time in seconds since 1970, as that of the flow.
        period: Seconds between two looks at the device.
        deadline: Seconds after which a call that has not returned counts as failed; it is waited for all the same.
        spread: Where in each period the device is looked at, as a part of it.
    """

    def __init__(
        self,
        device: Device,
        pool: DevicePool,
        *,
        clock: Callable[[], float] = time.time,
        period: float = FLEET_PERIOD,
        deadline: float = DEADLINE,
        spread: float = 0.0,
    ) -> None:
        super().__init__(device, clock=clock, period=period)
        self._pool = pool
        self._deadline = deadline
        self._spread = spread
        self._asked = self._began = inf
        self._queued = self._hangs = False
        self._begun: tuple[Limits, Callable[[], bool]] | None = None
        self._check_at = inf

    @property
    def due(self) -> float | None:
        """When ``work`` is to be called next: when there is something to do, or when a call takes too long."""
        if self._closed:
            return None
        if self._queued:
            began = inf if self._hangs else self._began + self._deadline
            asked = inf if self._apply_at == inf else self._asked + LONGEST_QUEUE
            due = min(began, asked, self._check_at)
            return None if due == inf else due
        return min(self._due, self._check_at)

    def give(self, limits: Limits) -> None:
        """Have the device keep to limits from now on."""
        self._note(limits)
        self._submit()

    def work(self) -> None:
        """Have a thread do what is due; note if one has taken too long for it."""
        now = self._clock()
        if self._check_at <= now and not self._closed:
            self._check_at = now + self._deadline
            if not self._check():
                self._note_delay(self._deadline)
        if not self._queued:
            if not self._closed and self._due <= now:
                self._submit()
        elif not self._hangs and now >= self._began + self._deadline:
            self._hangs = True
            self._pool.note_hanging()
            self._note_delay(self._deadline)
        elif self._apply_at <= now and self._asked + LONGEST_QUEUE <= now:
            self._asked = inf
            self._note_delay(LONGEST_QUEUE, "no thread was free for the device")

    def close(self) -> None:
        """Let go of the device, once a call of it that is under way has returned."""
        with self._lock:
            closed, self._closed = self._closed, True
            queued, self._queued = self._queued, True
        if not closed and not queued:
            self._pool.submit(self._run)

    def _plan_look(self) -> float:
        return find_slot(self._clock(), self._period, self._spread)

    def _submit(self) -> None:
        with self._lock:
            queued, self._queued = self._queued, True
        if not queued:
            self._asked = self._clock()
            self._pool.submit(self._run)

    def _run(self) -> None:
        while True:
            self._asked, self._began = inf, self._clock()
            self._work()
            self._began = inf
            if self._hangs:
                self._hangs = False
                self._pool.note_returned()
            with self._lock:
                # New limits may have come since, when it was not due any more.
                ending = self._closed
                again = not ending and self._due <= self._clock()
                self._queued = again or ending
            if not again:
                break
        if ending:
            if self._apply_at <= self._clock():
                # What it is left with.
                self._apply()
            self._let_go()

    def _apply(self) -> None:
        begin = getattr(self._device, "begin", None)
        if begin is None:
            super()._apply()
            return
        limits = self._limits
        assert limits is not None  # there is something to apply

        def start() -> None:
            self._begun = limits, begin(limits, self._check)

        outcome = self._try(limits, start)
        if outcome.error:
            self._conclude(outcome)
            return
        with self._lock:
            if limits is self._limits:
                self._apply_at, self._check_at = inf, self._clock() + self._deadline
        # It may have been taken before that was noted.
        self._check()

    def _check(self) -> bool:
        """See what has become of limits that were begun, and return whether anything has. Any thread may call it."""
        begun = self._begun
        if begun is None:
            return True
        limits, is_taken = begun
        taken: list[bool] = []
        outcome = self._try(limits, lambda: taken.append(is_taken()))
        if taken == [False]:
            return False
        with self._lock:
            if self._begun is not begun:
                return True
            self._begun, self._check_at = None, inf
        self._conclude(outcome)
        return True


def _do_nothing() -> None:
    """Have a thread look for something to do."""
