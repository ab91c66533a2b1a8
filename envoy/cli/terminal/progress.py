"""Progress of a long run: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Task

    from envoy.cli.terminal.output import Destination

_STEP = 0.1
"""Seconds between two looks at the state of the run, and of the report that is written meanwhile."""

_LINE_EVERY = 10.0
"""Seconds between two lines of a log."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is.

    Attributes:
        done: How many are done.
        total: How many there are; None if that is not known.
        unit: What is counted, in the plural.
        phase: What the run does before it counts; shown instead of the count.
        notes: What else to show.
    """

    done: int
    total: int | None
    unit: str
    phase: str = ""
    notes: tuple[str, ...] = ()

    def describe(self, task: Task) -> str:
        """Return it in words, with the rate and the time left that ``rich`` has measured."""
        if self.phase:
            return self.phase
        parts = [f"{self.done:,}{'' if self.total is None else f' of {self.total:,}'} {self.unit}"]
        if task.speed:
            parts.append(f"{task.speed:,.1f}/s")
            if (left := task.time_remaining) is not None:
                parts.append(f"{int(left) // 3600}:{int(left) // 60 % 60:02}:{int(left) % 60:02} left")
        return ", ".join([*parts, *self.notes])


class ProgressDisplay:
    """Shows how far a run is, in a thread of its own, from ``start`` to the end of the context."""

    def __init__(
        self, progress: Callable[[], Progress], *, destination: Destination | None = None, log: bool = False
    ) -> None:
        """Prepare the display.

        Args:
            progress: Returns how far the run is; called from the other thread.
            destination: Where the run writes its report. If that is a terminal, the bar is on it, below the report.
            log: Write lines to stderr where that is not a terminal.
        """
        self._progress = progress
        self._destination = destination if destination is not None and destination.is_terminal else None
        is_terminal = self._destination is not None or (sys.stderr is not None and sys.stderr.isatty())
        self._has_bar = is_terminal and os.environ.get("TERM") != "dumb"
        self._log = log
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    @property
    def is_pending(self) -> bool:
        """Whether there is something to show and it is not shown yet."""
        return (self._has_bar or self._log) and self._thread is None

    def __enter__(self) -> ProgressDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._destination is not None:
            self._destination.waiting = None

    def start(self) -> None:
        """Begin to show it."""
        if not self.is_pending:
            return
        if self._destination is not None and self._has_bar:
            self._destination.waiting = deque()
        self._thread = threading.Thread(target=self._show, daemon=True)
        self._thread.start()

    def _show(self) -> None:
        # deferred: rich takes longer to load than most commands run
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        bar = Bar(
            BarColumn(),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=self._destination is None),
            transient=True,
            auto_refresh=False,
            redirect_stdout=False,
        )
        bar.add_task("", total=None)
        (task,) = bar.tasks
        next_line = time.monotonic() + _LINE_EVERY
        with bar if self._has_bar else nullcontext():
            ended = False
            while not ended:
                ended = self._ended.wait(_STEP)
                progress = self._progress()
                bar.update(task.id, completed=progress.done, total=progress.total)
                bar.update(task.id, description=progress.describe(task))
                if self._has_bar:
                    if text := self._take_waiting():
                        bar.console.out(text, end="", highlight=False)
                    bar.refresh()
                elif time.monotonic() >= next_line and not ended:
                    next_line += _LINE_EVERY
                    typer.echo(task.description, err=True)

    def _take_waiting(self) -> str:
        waiting = self._destination.waiting if self._destination is not None else None
        return "".join(waiting.popleft() for _ in range(len(waiting))) if waiting else ""
