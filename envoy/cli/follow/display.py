"""Where news go: to the view, the metrics, and as lines to standard output or as a live view to the terminal."""

from __future__ import annotations

import errno
import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Literal, Self, TypeVar

from envoy.cli.follow.command_news import CommandNews, Warned
from envoy.cli.follow.line_writer import AHEAD, LineWriter
from envoy.cli.follow.lines import NAMES, to_json, to_line
from envoy.cli.follow.view import View
from envoy.der.follow import news

if TYPE_CHECKING:
    from envoy.cli.follow.live_view import LiveView
    from envoy.cli.follow.metrics import Metrics
    from envoy.der.schedule import Schedule

T = TypeVar("T")

Form = Literal["live", "text", "json"]
"""How news is shown."""


def choose_form(form: Literal["text", "json"] | None) -> Form:
    """Return the form that is asked for; without one, a live view on a terminal and lines elsewhere."""
    if form is not None:
        return form
    live = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return "live" if live else "text"


class Display(ABC, Generic[T]):
    """Shows news in one of the forms. Any thread may give it some.

    Args:
        form: How it is shown; the live view from the beginning of the context to its end.
        together: Seconds within which lines are made of what comes at once.
        ahead: How much waits for whoever reads the lines at most.

    Attributes:
        now: The clock.
        on_broken: Called once if whoever reads the lines has gone.
    """

    def __init__(self, form: Form, *, together: float = 0.0, ahead: int = AHEAD) -> None:
        self.form = form
        self.now: Callable[[], float] = lambda: 0.0
        self.on_broken: Callable[[], None] = lambda: None
        self._terminal = sys.stdout.fileno() if sys.stdout is not None and sys.stdout.isatty() else None
        self._lock = threading.Lock()
        self._live = ExitStack()
        self._lines: LineWriter[T] | None = None
        if form != "live":
            self._lines = LineWriter(
                self._make_lines, self._describe_lost, lambda: self.on_broken(), together=together, ahead=ahead
            )

    def __enter__(self) -> Self:
        if self.form == "live":
            self._live.enter_context(self._draw())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.leave()
        if self._lines is not None:
            self._lines.close()

    @property
    def hung_up(self) -> bool:
        """Whether the terminal that it was on has gone."""
        return self._terminal is not None and not _is_there(self._terminal)

    @property
    def broken(self) -> bool:
        """Whether whoever reads the lines has gone."""
        return self._lines is not None and self._lines.broken

    def leave(self) -> None:
        """Give the terminal back. It may be called twice."""
        self._live.close()

    @abstractmethod
    def _draw(self) -> AbstractContextManager[object]:
        """Return what draws the live view from the beginning of its context to its end."""

    @abstractmethod
    def _make_lines(self, items: Sequence[T]) -> Iterable[str]:
        """Return the lines of what was given."""

    @abstractmethod
    def _describe_lost(self, count: int) -> str:
        """Return the line that says how many were lost."""


class SiteDisplay(Display[CommandNews]):
    """Shows news of one site.

    Args:
        form: How it is shown.
        view: What is known; kept up by it.

    Attributes:
        schedule: What is looked at for what comes next; None as long as there is none.
        metrics: Counts it too; None for no metrics.
    """

    def __init__(self, form: Form, view: View) -> None:
        super().__init__(form)
        self.schedule: Schedule | None = None
        self.metrics: Metrics | None = None
        self._view = view
        self._stale = True

    def take(self, item: CommandNews) -> None:
        """Take a piece of news."""
        with self._lock:
            self._view.take(item)
            if self.metrics is not None:
                self.metrics.take(item)
            if type(item) in NAMES and self._lines is not None:
                self._lines.write(item)

    def follow_up(self, item: news.News) -> None:
        """Take a piece of news of the follower, in the thread that drives it."""
        self.take(item)
        if self.schedule is None:
            return
        self._view.owed = self.schedule.owed
        # What comes next takes long to find where there are many events, so that is not done for each of them.
        self._stale = self._stale or not isinstance(item, news.Sampled)
        if self._stale and self.form == "live" and isinstance(item, news.Applied | news.Sampled):
            self._stale = False
            self._view.look(self.schedule)

    def _draw(self) -> LiveView:
        from envoy.cli.follow.live_view import LiveView, render  # deferred: nothing else draws

        return LiveView(lambda: render(self._view, self.now()))

    def _make_lines(self, items: Sequence[CommandNews]) -> Iterable[str]:
        return map(self._format, items)

    def _format(self, item: CommandNews) -> str:
        return to_json(item) if self.form == "json" else to_line(item)

    def _describe_lost(self, count: int) -> str:
        return self._format(describe_lost(self.now(), count))


def describe_lost(time: float, count: int) -> Warned:
    """Return the warning that lines were lost."""
    return Warned(time=time, text=f"{count} lines were lost, since they could not be written")


def _is_there(terminal: int) -> bool:
    try:
        os.tcgetpgrp(terminal)
    except OSError as error:
        # It may be there and not be that of this process.
        return error.errno == errno.ENOTTY
    return True
