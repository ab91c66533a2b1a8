"""The process that is killed: it follows a server over TLS by a clock in a file, and logs what it is about to do.

A line of the log is one ``write``, which SIGKILL does not undo. So the log has what was done up to the last moment, and
one thing more at most.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from envoy.client.client import Client
from envoy.der.follow.follower import Follower
from envoy.der.follow.worker import DirectWorker
from envoy.der.limits import Limits, Rating
from envoy.der.modes import dump_values
from envoy.der.responses import DueResponse
from envoy.der.schedule import Schedule
from envoy.der.state.state_file import StateFile
from envoy.protocol.flow import drive
from envoy.protocol.session import Session
from envoy.testing.utility_server import ClientFiles
from tests.support.devices import PlainDevice

_TIME = struct.Struct("d")
_BLINK = 0.002


class SharedClock:
    """A clock in a file, which one process puts forward and another reads."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> float:
        (now,) = _TIME.unpack(self._file.read_bytes())
        return float(now)

    def set(self, now: float) -> None:
        """Put it forward."""
        following = self._file.with_suffix(".next")
        following.write_bytes(_TIME.pack(now))
        following.replace(self._file)

    def wait(self, seconds: float) -> None:
        """Wait until it has gone on so far."""
        until = self() + seconds
        while self() < until:
            time.sleep(_BLINK)


@dataclass(frozen=True)
class Order:
    """What a process is started with.

    Attributes:
        url: The server.
        files: The certificate of the client.
        lfdi: LFDI of the EndDevice.
        folder: Where the state is.
        clock: The file of the clock.
        log: The file of the log.
        seed: Of what is drawn; another for each process, so that what it forgets comes out differently.
        fuse: The line of the log, those of time that passes not counted, with which it kills itself, and the seconds
            until then; None if others kill it.
    """

    url: str
    files: ClientFiles
    lfdi: bytes
    folder: Path
    clock: Path
    log: Path
    seed: int
    fuse: tuple[int, float] | None = None


class Log:
    """The log of a process."""

    def __init__(self, file: Path, fuse: tuple[int, float] | None) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._lines, self._delay = fuse or (0, 0.0)
        self._depth = 0

    def write(self, step: str, *values: Any) -> None:
        """Write a line."""
        os.write(self._file, json.dumps([step, *values]).encode() + b"\n")
        self._lines -= step != "advance"
        if self._lines == 0 and step != "advance":
            threading.Timer(self._delay, os.kill, (os.getpid(), signal.SIGKILL)).start()

    def watch(self, schedule: Schedule, name: str, dump: Callable[..., list[Any]]) -> None:
        """Write each call of a method of a schedule, before it is done; but not those that it makes itself."""
        method = getattr(schedule, name)

        def call(*args: Any, **others: Any) -> Any:
            if not self._depth:
                self.write(name, *dump(*args, **others))
            self._depth += 1
            try:
                return method(*args, **others)
            finally:
                self._depth -= 1

        setattr(schedule, name, call)


def _dump_response(response: DueResponse) -> list[Any]:
    return [response.mrid, int(response.status)]


def _dump_programs(now: float, programs: Any, *, complete: bool = True) -> list[Any]:
    return [now, [{**each.dump(), "events": [event.dump() for event in each.events]} for each in programs], complete]


class Device(PlainDevice):
    """A device that logs what it is given."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def apply(self, limits: Limits) -> None:
        self._log.write("applied", dump_values(limits.values), dict(limits.settings))


def follow(order: Order) -> None:
    """Follow until killed."""
    clock, log, random = SharedClock(order.clock), Log(order.log, order.fuse), Random(order.seed)  # noqa: S311
    client = Client(order.url, cert=order.files.cert, key=order.files.key, ca=order.files.ca, retries=0)
    with client, StateFile(order.folder, lfdi=order.lfdi, server=client.base, clock=clock) as state:
        schedule = state.load(draw=lambda mrid, chance, bound: random.randint(0, bound))
        log.write("loaded", schedule.now)
        for name in ("advance", "resume"):
            log.watch(schedule, name, lambda now: [now])
        log.watch(schedule, "acknowledge", _dump_response)
        log.watch(schedule, "confirm", lambda mrids, now: [sorted(mrids), now])
        log.watch(schedule, "update", _dump_programs)
        follower = Follower(
            Session(client.profile),
            schedule,
            DirectWorker(Device(log), clock=clock, period=3600),
            Rating(max_w=Decimal(10_000)),
            lfdi=order.lfdi,
            clock=clock,
            memory=state,
        )
        drive(follower.run(), client.send, clock.wait)
