"""The fleet: has the flow of each site go on when it is due, and a few requests under way at a time.

It does no input or output. Whoever drives it calls ``turn`` when ``next_due`` has come or something was woken, sends
what ``take_requests`` gives after a turn, and has ``settle`` take the responses before the next::

    fleet.turn()
    for sending in fleet.take_requests():
        fleet.settle(sending, send(sending.request))

What waits is a number in a heap. Nothing here belongs to one site alone but its flow.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import Any, Protocol

from envoy.der.fleet.shared_reads import SharedReads
from envoy.der.follow.outbox import STEP
from envoy.protocol.flow import Flow, Request, Response

_LOG = logging.getLogger("envoy.der.fleet")

IN_FLIGHT = 20
"""Requests under way at a time."""

MOST_STEPS = 500
"""Flows that go on in one turn at most, so that others and the network have theirs."""

LONGEST_BATCH = 5.0
"""Seconds for which what is to be put on the disk, or sent, waits for other flows that are due, at most: as long as a
control that begins at all sites may take, since no device is given its limits meanwhile."""

PAUSE = 60.0
"""Seconds after which a flow that has failed begins again."""


class Runner(Protocol):
    """What has a flow, such as a follower."""

    wake: Callable[[], object]

    def run(self) -> Flow[None]:
        """Return the flow."""

    def tick(self) -> None:
        """Do what is due while a request of the flow is under way."""

    def find_pause(self) -> float:
        """Return the seconds after which ``tick`` has something to do."""


class FleetRecorder(Protocol):
    """What puts on the disk what has changed."""

    @property
    def urgent(self) -> bool:
        """Whether something is owed that is not there."""

    @property
    def since(self) -> float:
        """When the first of what is not there has changed; infinite if all is."""

    @property
    def due(self) -> float:
        """When to commit; infinite for not now."""

    def commit(self) -> bool:
        """Put on the disk what has changed; return whether it is there."""


class _NoRecorder:
    """A recorder for what is not to survive a restart."""

    urgent = False
    since = due = inf

    def commit(self) -> bool:
        return True


class Run:
    """The run of one flow.

    Attributes:
        key: Whose it is, for logs.
        runner: What has the flow.
        due: When it goes on; infinite for when it is woken.
        sending: What it waits for; None if that is time alone.
        woken: It is to go on at the next turn.
        rests: When it begins again after an error of the program, and not before.
        ended: It does not go on any more.
        first: Its requests are sent before those that wait: what it sends, one after the other, is for all.
    """

    __slots__ = ("due", "ended", "first", "flow", "key", "rests", "runner", "sending", "woken")

    def __init__(self, key: str, runner: Runner) -> None:
        self.key = key
        self.runner = runner
        self.flow: Flow[None] | None = None
        self.due = inf
        self.sending: Sending | None = None
        self.first = self.woken = self.ended = False
        self.rests = 0.0


class Sending:
    """A request to send.

    Attributes:
        request: The request.
        run: What waits for its response.
        sent: It is under way.
    """

    __slots__ = ("request", "run", "sent")

    def __init__(self, request: Request, run: Run) -> None:
        self.request = request
        self.run = run
        self.sent = False


class Fleet:
    """The flows of a fleet.

    Args:
        clock: Returns the time in seconds since 1970.
        recorder: Puts on the disk what has changed. No response is sent that is not there.
        in_flight: Requests under way at a time.
        most_steps: Flows that go on in one turn at most.

    Attributes:
        reads: What they share.
        wake: Called by any thread when a turn is to be made at once.
        failures: How often a flow has failed by an error of the program.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        recorder: FleetRecorder | None = None,
        in_flight: int = IN_FLIGHT,
        most_steps: int = MOST_STEPS,
    ) -> None:
        self._clock = clock
        self._recorder = recorder or _NoRecorder()
        self._in_flight = in_flight
        self._most_steps = most_steps
        self._heap: list[tuple[float, int, Run]] = []
        self._numbers = count()
        self._woken: deque[Run] = deque()
        self._waiting: deque[Sending] = deque()
        self._removed: list[Run] = []
        self._leaving: dict[str, Sending] = {}
        self._succeeding: dict[str, Run] = {}
        self._under_way = 0
        self._behind = inf
        self.reads: SharedReads[Run] = SharedReads(clock, self._refresh)
        self.wake: Callable[[], object] = lambda: None
        self.failures = 0

    def add(self, key: str, runner: Runner, due: float = 0.0, *, first: bool = False) -> Run:
        """Have a flow go on from a time on; return its run. Its requests may be sent before those that wait.

        If a message of an earlier run of that key is under way, it begins when it is known whether that has arrived.
        """
        run = Run(key, runner)
        run.first = first
        if key in self._leaving:
            run.rests = inf
            self._succeeding[key] = run
        runner.wake = partial(self.wake_run, run)
        self._plan(run, due)
        return run

    def remove(self, run: Run) -> None:
        """Have a flow not go on any more. A request of it that is under way is sent, for those that share it."""
        run.ended = True
        if run.flow is not None:
            # One that is removed by what it has brought about, such as news, still runs, and is closed when it waits.
            with suppress(ValueError):
                run.flow.close()
        if run.sending is not None and run.sending.sent and run.sending.request.method != "GET":
            self._leaving[run.key] = run.sending
        self._removed.append(run)

    def wake_run(self, run: Run) -> None:
        """Have a flow go on at the next turn. Any thread may call it."""
        if not run.woken:
            run.woken = True
            self._woken.append(run)
            self.wake()

    def refresh(self, path: str) -> int:
        """Have all that read a resource read it again as soon as possible; return how many that are."""
        self.reads.expire(path)
        readers = list(self.reads.find_readers(path))
        for run in readers:
            self._refresh(run, path)
        return len(readers)

    def next_due(self) -> float:
        """Return when there is a turn to make; infinite for when something is woken."""
        return min(self._next_run(), self._recorder.due)

    def _next_run(self) -> float:
        if self._woken:
            return 0.0
        while self._heap and self._is_stale(*self._heap[0][::2]):
            heappop(self._heap)
        return self._heap[0][0] if self._heap else inf

    @property
    def under_way(self) -> int:
        """How many requests are under way."""
        return self._under_way

    @property
    def waiting(self) -> int:
        """How many requests wait for others to end."""
        return len(self._waiting)

    def turn(self) -> None:
        """Have what is due go on, and put on the disk what has changed by that, once for all that is due."""
        if self._removed:
            self.reads.forget(self._removed)
            self._removed = []
        for _, run in zip(range(self._most_steps), self._take_due(), strict=False):
            if run.sending is None:
                self._go_on(run)
            else:
                self._tick(run)
        now = self._clock()
        self._behind = min(self._behind, now) if self._heap and self._heap[0][0] <= now else inf
        if self._recorder.due <= now and (self._next_run() > now or self._recorder.since + LONGEST_BATCH <= now):
            self._recorder.commit()

    def take_requests(self) -> Iterator[Sending]:
        """Yield what is to be sent now; each is to be settled."""
        if self._behind <= self._clock() < self._behind + LONGEST_BATCH:
            # What is due at more sites than one turn takes, such as a control, has all of the processor.
            return
        held: list[Sending] = []
        while self._waiting and self._under_way < self._in_flight:
            sending = self._waiting.popleft()
            if sending.request.step == STEP and self._recorder.urgent:
                held.append(sending)
            elif not sending.run.ended or sending.request.method == "GET":
                self._under_way += 1
                sending.sent = True
                yield sending
        self._waiting.extendleft(reversed(held))

    def settle(self, sending: Sending, outcome: Response | Exception) -> None:
        """Have what waits for a response go on.

        Args:
            sending: The request.
            outcome: Its response, or why there is none.
        """
        self._under_way -= 1
        if self._leaving.get(sending.run.key) is sending:
            del self._leaving[sending.run.key]
            if (successor := self._succeeding.pop(sending.run.key, None)) is not None:
                successor.rests = 0.0
                self._plan(successor, self._clock())
        response = outcome if isinstance(outcome, Response) else None
        for run in [sending.run, *self.reads.settle(sending.request, response)]:
            # It may have failed meanwhile, and begin again later.
            if run.ended or run.sending is None or run.sending.request != sending.request:
                continue
            run.sending = None
            if response is not None:
                self._go_on(run, response)
            else:
                assert isinstance(outcome, Exception)
                self._go_on(run, error=outcome)

    def close(self) -> None:
        """End all flows."""
        for _, _, run in self._heap:
            if not run.ended:
                run.ended = True
                if run.flow is not None:
                    run.flow.close()
        self._heap.clear()

    def _take_due(self) -> Iterator[Run]:
        now = self._clock()
        while True:
            # What is due at a time goes before what comes of that: a control begins at all sites first.
            if self._heap and (self._heap[0][0] <= now or self._heap[0][0] <= (now := self._clock())):
                due, _, run = heappop(self._heap)
                if self._is_stale(due, run):
                    continue
            elif self._woken:
                run = self._woken.popleft()
                run.woken = False
            else:
                return
            if not run.ended and run.rests <= now:
                yield run

    @staticmethod
    def _is_stale(due: float, run: Run) -> bool:
        return run.ended or run.due != due

    def _plan(self, run: Run, due: float) -> None:
        run.due = due
        heappush(self._heap, (due, next(self._numbers), run))

    def _refresh(self, run: Run, path: str) -> None:
        refresh = getattr(run.runner, "refresh", None)
        if refresh is not None and not run.ended:
            refresh(path)

    def _tick(self, run: Run) -> None:
        try:
            run.runner.tick()
        except Exception:
            self._fail(run)
        else:
            self._plan(run, self._clock() + run.runner.find_pause())

    def _go_on(self, run: Run, reply: Any = None, *, error: Exception | None = None) -> None:
        """Have a flow go on until it waits for time, or for a response that is still to come."""
        try:
            if run.flow is None:
                run.flow = run.runner.run()
            wanted = run.flow.send(reply) if error is None else run.flow.throw(error)
            while isinstance(wanted, Request):
                if run.ended:
                    break
                known = self.reads.ask(wanted, run)
                if not isinstance(known, Response):
                    self._send(wanted, run, joined=known)
                    return
                wanted = run.flow.send(known)
        except StopIteration:
            run.ended = True
        except Exception:  # no site is to end what is followed for the others
            self._fail(run)
        else:
            if run.ended or isinstance(wanted, Request):
                self.remove(run)
            else:
                self._plan(run, self._clock() + wanted.seconds)

    def _send(self, request: Request, run: Run, *, joined: bool) -> None:
        run.sending = sending = Sending(request, run)
        if not joined:
            if run.first:
                self._waiting.appendleft(sending)
            else:
                self._waiting.append(sending)
        self._plan(run, self._clock() + run.runner.find_pause())

    def _fail(self, run: Run) -> None:
        self.failures += 1
        _LOG.exception("what is followed for %s has failed; it begins again in %d seconds", run.key, PAUSE)
        if run.flow is not None:
            run.flow.close()
        run.flow = None
        run.sending = None
        run.rests = self._clock() + PAUSE
        self._plan(run, run.rests)
