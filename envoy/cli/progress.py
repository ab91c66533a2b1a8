"""A bar that says how many files are judged, how fast, and how long the rest will take; on terminals only."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from envoy.batches import Ahead
from envoy.cli.destination import Destination

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_PATIENCE = 0.5
"""Seconds after which there is a bar; what is done sooner needs none."""

_STEP = 0.1
"""Seconds between two looks of the bar."""


class Bar:
    """The bar, and the way of the report to its destination.

    A report on the same terminal goes through the bar, which takes itself away, lets the text pass, and comes back.
    """

    def __init__(self, ahead: Ahead, destination: Destination, find: Callable[[], Iterable[object]]) -> None:
        """Prepare a bar.

        Args:
            ahead: What is judged.
            destination: Where the report goes.
            find: Finds what is to be judged once more, to count it, if there are too many to be found ahead.
        """
        self._ahead = ahead
        self._destination = destination
        self._find = find
        self._total: int | None = None
        self._text: list[str] = []
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        shown = destination.is_terminal or (sys.stderr is not None and sys.stderr.isatty())
        self._next = time.monotonic() + _PATIENCE if shown and os.environ.get("TERM") != "dumb" else float("inf")

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()
            if kind is None or not issubclass(kind, OSError):
                self._pass_on()

    def write(self, text: str) -> None:
        """Write a part of the report."""
        if self._bar is not None and self._destination.is_terminal:
            self._text.append(text)
        else:
            self._destination.write(text)

    def step(self) -> None:
        """Show how far it is, if it is time to."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + _STEP
        if self._bar is None:
            self._start()
        elif self._text:
            text = "".join(self._text)
            self._text.clear()
            self._bar.console.out(text, end="", highlight=False)
        if self._bar is not None and self._task is not None:
            total = self._ahead.found if self._ahead.complete else self._total
            self._bar.update(self._task, completed=self._ahead.told, total=total)

    def _start(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
        from rich.progress import Task as RichTask
        from rich.text import Text

        class Rate(TextColumn):
            def render(self, task: RichTask) -> Text:
                return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")

        self._bar = Progress(
            MofNCompleteColumn(),
            TextColumn("files"),
            BarColumn(),
            Rate(""),
            TimeRemainingColumn(),
            console=Console(stderr=not self._destination.is_terminal),
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._bar.add_task("", total=None)
        if self._destination.is_terminal:
            self._destination.finish()
        self._bar.start()
        if not self._ahead.complete:
            threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        # What keeps them from being found is told by whoever judges them.
        try:
            self._total = sum(1 for _ in self._find())
        except Exception:
            self._total = None

    def _pass_on(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        self._destination.write(text)
