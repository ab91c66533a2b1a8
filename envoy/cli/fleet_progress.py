"""How far a fleet is: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from envoy.fleet import FleetRun, Summary

_WINDOW = 30.0
"""Seconds that the rate is an average of."""

_LINE_EVERY = 10.0
_BAR_EVERY = 0.2


class Display:
    """Shows on stderr how far a run is.

    Args:
        summary: What has come of it so far.

    Attributes:
        repeated: Requests that were repeated.
    """

    def __init__(self, summary: Summary) -> None:
        self._summary = summary
        self._history: deque[tuple[float, int]] = deque()
        self.repeated = 0

    @contextlib.asynccontextmanager
    async def following(self, run: FleetRun) -> AsyncIterator[None]:
        """Show it while what is inside goes on."""
        following = asyncio.create_task(self._bar(run) if sys.stderr.isatty() else self._lines(run))
        try:
            yield
        finally:
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following

    async def _bar(self, run: FleetRun) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (BarColumn(), TextColumn("{task.description}", markup=False))
        with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
            task = bar.add_task("", total=None)
            while True:
                total = run.progress.rows if run.progress.turn else None
                bar.update(task, total=total, completed=self._summary.total, description=self._text(run))
                await asyncio.sleep(_BAR_EVERY)

    async def _lines(self, run: FleetRun) -> None:
        while True:
            await asyncio.sleep(_LINE_EVERY)
            typer.echo(self._text(run), err=True)

    def _text(self, run: FleetRun) -> str:
        progress = run.progress
        if not progress.turn:
            return f"{progress.checked:,} rows checked"
        done = self._summary.total
        rate = self._rate(done)
        if not done and not progress.under_way:
            return "reading the list of EndDevices"
        parts = [f"{done:,} of {progress.rows:,} sites"]
        if rate:
            parts.append(f"{rate:.1f}/s, {_time((progress.rows - done) / rate)} left")
        if run.deferred:
            parts.append(f"{run.deferred:,} deferred")
        from envoy.fleet import State

        if self._summary.states[State.FAILED]:
            parts.append(f"{self._summary.states[State.FAILED]:,} failed")
        if self.repeated:
            parts.append(f"{self.repeated:,} requests repeated")
        return ", ".join(parts)

    def _rate(self, done: int) -> float:
        now = time.monotonic()
        self._history.append((now, done))
        while len(self._history) > 2 and now - self._history[0][0] > _WINDOW:
            self._history.popleft()
        then, before = self._history[0]
        seconds = now - then
        return (done - before) / seconds if seconds > 1 else 0.0


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
