"""The worker of a device: gives it the newest limits and asks how it is, and never keeps the flow waiting.

``DeviceWorker`` does so in threads of its own. ``DirectWorker`` has none, and calls the device where ``work`` is
called, under a virtual clock or for a device that never takes long.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from math import inf
from queue import SimpleQueue
from typing import NamedTuple, Protocol, TypeVar

from envoy.der.abilities import Abilities
from envoy.der.follow.device import (
    Device,
    DeviceStatus,
    Readings,
    check_abilities,
    check_readings,
    check_status,
)
from envoy.der.limits import Limits
from envoy.errors import DeviceError, DeviceRefusal
from envoy.protocol.retry import grow_pause

T = TypeVar("T")

_LOG = logging.getLogger("envoy.devices")

PERIOD = 5.0
"""Seconds between two looks at a device: CSIP-AUS wants samples at least that often."""

DEADLINE = 5.0
"""Seconds after which a device that has not responded counts as failed."""

FIRST_RETRY = 2.0
"""Seconds after which limits that a device did not take are given to it again; each time twice as long."""

LONGEST_RETRY = 60.0
"""Seconds between two attempts at most."""

MOST_SAMPLES = 10_000
"""Samples that are kept until somebody takes them; the oldest go first."""


class Sample(NamedTuple):
    """What a device measured at a time.

    Attributes:
        time: When, by the clock of the worker.
        readings: What it measured.
    """

    time: float
    readings: Readings


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of limits that were given to a device.

    Attributes:
        limits: The limits, the very object that was given.
        refused: Names of the modes that it does not take, and never will; empty if it does not refuse any.
        error: Why it did not take them; empty if it has.
    """

    limits: Limits
    refused: frozenset[str] = frozenset()
    error: str = ""

    @property
    def taken(self) -> bool:
        """Whether the device keeps to them."""
        return not self.error

    @property
    def failed(self) -> bool:
        """Whether the device has failed to take them, so that they are given to it again."""
        return bool(self.error) and not self.refused


class Worker(Protocol):
    """What a flow asks of the worker of its device. Nothing of it takes long, and nothing raises."""

    wake: Callable[[], object]
    """Called when there is news: an outcome, another status, or a sample. By any thread."""

    @property
    def abilities(self) -> Abilities | None:
        """What the device is able to follow; None as long as it has not said so."""

    @property
    def outcome(self) -> Outcome | None:
        """What became of the limits that the device was given last; None before the first."""

    @property
    def status(self) -> DeviceStatus | None:
        """How the device was when it was looked at last, with ``failed`` if it is gone; None before the first look."""

    @property
    def error(self) -> str:
        """Why the device was not reached, or did not do what it was asked to; empty if it was and did."""

    @property
    def sample(self) -> Sample | None:
        """What the device measured when it was looked at last; None before the first look."""

    @property
    def due(self) -> float | None:
        """When ``work`` is to be called next, by the clock of the worker; None if it need not be."""

    def give(self, limits: Limits) -> None:
        """Have the device keep to limits from now on. Those that it was not given yet are forgotten."""

    def take_samples(self) -> Sequence[Sample]:
        """Return what was measured since the last call, the oldest first."""

    def work(self) -> None:
        """Do what is due, where nobody else does it."""

    def close(self) -> None:
        """Let go of the device, which goes on with the limits that it has."""


class DirectWorker:
    """A worker that calls the device itself, whenever ``give`` or ``work`` is called.

    Args:
        device: The device.
        clock: Returns the time in seconds since 1970, as that of the flow.
        period: Seconds between two looks at the device.
    """

    def __init__(self, device: Device, *, clock: Callable[[], float] = time.time, period: float = PERIOD) -> None:
        self.wake: Callable[[], object] = _do_nothing
        self.abilities: Abilities | None = None
        self.outcome: Outcome | None = None
        self.status: DeviceStatus | None = None
        self.sample: Sample | None = None
        self.error = ""
        self._device = device
        self._clock = clock
        self._period = period
        self._samples: list[Sample] = []
        self._lock = threading.Lock()
        self._limits: Limits | None = None
        self._failures = 0
        self._apply_at = inf
        self._look_at = 0.0
        self._gone = False
        self._closed = False

    @property
    def due(self) -> float | None:
        """When it has to work next, by its clock."""
        return None if self._closed else self._due

    def give(self, limits: Limits) -> None:
        """Have the device keep to limits from now on."""
        self._note(limits)
        self._work()

    def take_samples(self) -> Sequence[Sample]:
        """Return what was measured since the last call, the oldest first."""
        return [self._samples.pop(0) for _ in range(len(self._samples))]

    def work(self) -> None:
        """Give the device the limits that it has not taken, and look at it, as far as that is due."""
        self._work()

    def close(self) -> None:
        """Let go of the device, which goes on with the limits that it has."""
        if not self._closed:
            self._closed = True
            self._let_go()

    @property
    def _due(self) -> float:
        return min(self._apply_at, self._look_at)

    def _note(self, limits: Limits) -> None:
        with self._lock:
            self._limits, self._failures, self._apply_at = limits, 0, 0.0

    def _work(self) -> None:
        while not self._closed and self._due <= self._clock():
            if self._apply_at <= self._clock():
                self._apply()
            else:
                self._look()

    def _call(self, call: Callable[[], T]) -> T:
        """Call the device.

        Raises:
            DeviceError: It has failed, in whatever way.
        """
        try:
            return call()
        except DeviceError:
            raise
        except (Exception, SystemExit) as error:
            # Whatever is wrong with a device, the flow goes on.
            raise DeviceError(f"the device has failed: {type(error).__name__}: {error}") from error

    def _apply(self) -> None:
        limits = self._limits
        assert limits is not None  # there is something to apply
        _LOG.debug("%s is given %s", type(self._device).__name__, limits)
        self._conclude(self._try(limits, lambda: self._device.apply(limits)))

    def _try(self, limits: Limits, call: Callable[[], object]) -> Outcome:
        """Call the device with limits, and return what becomes of them."""
        try:
            self._ask_abilities()
            self._call(call)
        except DeviceRefusal as error:
            # What it was not given it cannot refuse: the others are to be given to it again.
            return Outcome(limits, refused=error.modes & limits.values.keys(), error=error.problem)
        except DeviceError as error:
            return Outcome(limits, error=error.problem)
        return Outcome(limits)

    def _conclude(self, outcome: Outcome) -> None:
        with self._lock:
            self.outcome = outcome
            # Otherwise newer ones were given meanwhile, and are next.
            if outcome.limits is self._limits:
                self._settle(failed=outcome.failed)
        if outcome.failed:
            self._note_failure(outcome.error)
        self.wake()

    def _settle(self, *, failed: bool) -> None:
        """Plan the next attempt after one that failed, and a look at what it does after one that did not."""
        now = self._clock()
        if failed:
            self._apply_at = now + grow_pause(self._failures, FIRST_RETRY, LONGEST_RETRY)
            self._failures += 1
        else:
            self._apply_at, self._failures, self._gone = inf, 0, False
            self._look_at = min(self._look_at, now)

    def _look(self) -> None:
        """Ask the device how it is and what it measures."""
        self._look_at = self._plan_look()
        try:
            self._ask_abilities()
            status = self._call(lambda: check_status(self._device.status()))
            readings = self._call(lambda: check_readings(self._device.readings()))
            self.sample = Sample(self._clock(), readings)
        except DeviceError as error:
            self._gone = True
            self._note_failure(error.problem)
            return
        self._samples.append(self.sample)
        if len(self._samples) > MOST_SAMPLES:
            self._samples.pop(0)
        with self._lock:
            if self._gone and self._limits is not None:
                # It may have lost its limits while it was gone.
                self._apply_at = min(self._apply_at, self._clock())
            self._gone = False
        untaken = self.outcome is not None and self.outcome.failed
        self.error = self.outcome.error if self.outcome is not None and untaken else ""
        self._set_status(replace(status, failed=status.failed or untaken))
        self.wake()

    def _plan_look(self) -> float:
        """Return when to look at the device again."""
        return self._clock() + self._period

    def _ask_abilities(self) -> None:
        if self.abilities is None:
            self.abilities = self._call(lambda: check_abilities(self._device.abilities()))
            self.wake()

    def _note_failure(self, error: str) -> None:
        self.error = error
        self._set_status(replace(self.status or DeviceStatus(), failed=True))

    def _set_status(self, status: DeviceStatus) -> None:
        changed = status != self.status
        self.status = status
        if changed:
            self.wake()

    def _note_delay(self, deadline: float, what: str = "the device has not responded") -> None:
        """Note that a call has not returned in time, or what else has not happened."""
        error = f"{what} in {deadline:g} seconds"
        with self._lock:
            limits = self._limits
            if limits is not None and (self.outcome is None or self.outcome.limits is not limits):
                self.outcome = Outcome(limits, error=error)
        self._note_failure(error)
        self.wake()

    def _let_go(self) -> None:
        # It goes on with what it has in any case.
        with suppress(DeviceError):
            self._call(self._device.close)


class DeviceWorker(DirectWorker):
    """A worker that calls the device in a thread of its own, and sees from another how long that takes.

    Args:
        device: The device.
        clock: Returns the time in seconds since 1970, as that of the flow.
        period: Seconds between two looks at the device.
        deadline: Seconds after which a call that has not returned counts as failed; it is waited for all the same,
            since a device is called by one thread at a time.
    """

    def __init__(
        self,
        device: Device,
        *,
        clock: Callable[[], float] = time.time,
        period: float = PERIOD,
        deadline: float = DEADLINE,
    ) -> None:
        super().__init__(device, clock=clock, period=period)
        self._deadline = deadline
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._news = threading.Event()
        # Daemons, so that a device which never responds does not keep the process from ending.
        threading.Thread(target=self._make_calls, name="device", daemon=True).start()
        self._watcher = threading.Thread(target=self._watch, name="device watcher", daemon=True)
        self._watcher.start()

    @property
    def due(self) -> float | None:
        """None, since it works by itself."""
        return None

    def give(self, limits: Limits) -> None:
        """Have the device keep to limits from now on."""
        self._note(limits)
        self._news.set()

    def work(self) -> None:
        """Do nothing, since it works by itself."""

    def close(self) -> None:
        """Let go of the device, and wait for that as long as for any call of it."""
        self._closed = True
        self._news.set()
        if threading.current_thread() is not self._watcher:
            self._watcher.join(self._deadline)

    def _watch(self) -> None:
        while not self._closed:
            self._news.clear()
            self._work()
            # Its clock may be set, or stand still in a test.
            self._news.wait(min(max(self._due - self._clock(), 0.01), LONGEST_RETRY))
        self._let_go()
        self._calls.put(None)

    def _make_calls(self) -> None:
        while (call := self._calls.get()) is not None:
            call()

    def _call(self, call: Callable[[], T]) -> T:
        result: Future[T] = Future()

        def run() -> None:
            try:
                result.set_result(super(DeviceWorker, self)._call(call))
            except DeviceError as error:
                result.set_exception(error)

        self._calls.put(run)
        if not wait([result], self._deadline).done:
            self._note_delay(self._deadline)
        return result.result()


def _do_nothing() -> None:
    """Have nobody to wake."""
