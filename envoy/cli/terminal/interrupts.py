"""Interrupts of a fleet: the first Ctrl-C lets what is under way finish, the second ends it."""

from __future__ import annotations

import asyncio
import signal
from types import FrameType
from typing import TYPE_CHECKING, Self

import typer

if TYPE_CHECKING:
    from envoy.fleet import FleetRun

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Handler of signals that stops a run on SIGINT or SIGTERM, as a context manager around it, inside its task.

    The first signal lets the sites under way finish, and those that were deferred be reported. If there are none, or on
    the second, the task is cancelled.

    Args:
        run: The run to stop.

    Attributes:
        status: Exit status that the signal stands for; 0 if none came.
    """

    def __init__(self, run: FleetRun) -> None:
        self._run = run
        self._task = asyncio.current_task()
        self._loop = asyncio.get_running_loop()
        self.status = 0

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        return self

    def __exit__(self, *_: object) -> None:
        # One that is still to be dealt with comes too late to end anything.
        self._task = None
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # A signal may come in the middle of anything; the loop decides when it is its turn.
        self._loop.call_soon_threadsafe(self._stop, number)

    def _stop(self, number: int) -> None:
        self.status = 128 + number
        under_way = self._run.progress.under_way
        if (under_way or self._run.deferred) and not self._run.stopping:
            sites = "1 site" if under_way == 1 else f"{under_way} sites"
            finished = f": {sites} under way will be finished" if under_way else ""
            typer.echo(f"Stopping{finished}. Ctrl-C again ends at once.", err=True)
            self._run.stop()
        elif self._task is not None:
            self._run.stop()
            self._task.cancel()
