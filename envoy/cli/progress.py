"""A bar that says how many files are judged, how fast, and how long the rest will take; on terminals only."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING

from envoy.checker.batching import Ahead
from envoy.cli.output import Destination

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE = 0.5
"""Seconds after which there is a bar; what is done sooner needs none."""

_STEP = 0.1
"""Seconds between two looks of the bar, and of what is written meanwhile."""


class Bar:
    """The bar, and the way of the report to its destination.

    A report on the same terminal goes through the bar, which takes itself away, lets the text pass, and comes back.
    It does so at each step for all text since the last one, as drawing takes longer than judging a document.
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
        self._line = ""
        self._drawing: threading.Thread | None = None
        self._ended = threading.Event()
        self._start_at = float("inf")
        shown = destination.is_terminal or (sys.stderr is not None and sys.stderr.isatty())
        if shown and os.environ.get("TERM") != "dumb":
            self._start_at = time.monotonic() + _PATIENCE

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._drawing is not None:
            self._drawing.join()
            self._drawing = None
        if kind is None:
            self._destination.write(self._line)
            self._line = ""

    def write(self, text: str) -> None:
        """Write a part of the report."""
        if self._ended.is_set() or not self._destination.is_terminal:
            self._destination.write(text)
            return
        # The bar has a line of its own, so what comes before it has to end with a line.
        lines, end, self._line = (self._line + text).rpartition("\n")
        if self._drawing is None:
            self._destination.write(lines + end)
        else:
            self._text.append(lines + end)

    def step(self) -> None:
        """Begin to show the bar, if it is time to and there is something left to do."""
        if time.monotonic() < self._start_at:
            return
        self._start_at = float("inf")
        if self._ahead.look(1):
            self._destination.finish()
            self._drawing = threading.Thread(target=self._draw, daemon=True)
            self._drawing.start()
            if not self._ahead.complete:
                threading.Thread(target=self._count, daemon=True).start()

    def _draw(self) -> None:
        with _bar(self._numbers, to_stderr=not self._destination.is_terminal) as bar:
            ended = False
            while not ended:
                ended = self._ended.wait(_STEP)
                if self._text:
                    text, self._text = self._text, []
                    bar.console.out("".join(text), end="", highlight=False)
                bar.refresh()

    def _numbers(self) -> tuple[int, int | None]:
        """Return how many files are told of, and how many there are."""
        return self._ahead.told, self._ahead.found if self._ahead.complete else self._total

    def _count(self) -> None:
        # What keeps them from being found is told by whoever judges them.
        try:
            self._total = sum(1 for _ in self._find())
        except Exception:
            self._total = None


def _bar(numbers: Callable[[], tuple[int, int | None]], *, to_stderr: bool) -> Progress:
    """Return a bar that looks at the numbers whenever it is drawn."""
    from rich.console import Console, RenderableType
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Live(Progress):
        def get_renderables(self) -> Iterable[RenderableType]:
            completed, total = numbers()
            for task in self.tasks:
                self.update(task.id, completed=completed, total=total)
            return super().get_renderables()

    class Rate(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")

    bar = Live(
        MofNCompleteColumn(),
        TextColumn("files"),
        BarColumn(),
        Rate(""),
        TimeRemainingColumn(),
        console=Console(stderr=to_stderr),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("", total=None)
    return bar
