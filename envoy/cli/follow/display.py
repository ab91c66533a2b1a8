"""Where news go: to the view, the metrics, and as lines to standard output or as a live view to the terminal."""

from __future__ import annotations

import errno
import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from envoy.cli.follow.command_news import CommandNews, Warned
from envoy.cli.follow.line_writer import LineWriter
from envoy.cli.follow.lines import NAMES, to_json, to_line
from envoy.cli.follow.view import View
from envoy.der.follow import news

if TYPE_CHECKING:
    from envoy.cli.follow.metrics import Metrics
    from envoy.der.schedule import Schedule

Form = Literal["live", "text", "json"]
"""How news is shown."""


def choose_form(form: Literal["text", "json"] | None) -> Form:
    """Return the form that is asked for; without one, a live view on a terminal and lines elsewhere."""
    if form is not None:
        return form
    live = sys.stdout is not None and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return "live" if live else "text"


class Display:
    """Shows news. Any thread may give it some.

    Args:
        form: How it is shown; the live view from the beginning of the context to its end.
        view: What is known; kept up by it.

    Attributes:
        schedule: What is looked at for what comes next; None as long as there is none.
        metrics: Counts it too; None for no metrics.
        now: The clock of the live view.
        on_broken: Called once if whoever reads the lines has gone.
    """

    def __init__(self, form: Form, view: View) -> None:
        self.schedule: Schedule | None = None
        self.metrics: Metrics | None = None
        self.now: Callable[[], float] = lambda: 0.0
        self.on_broken: Callable[[], None] = lambda: None
        self._form = form
        self._view = view
        self._stale = True
        self._terminal = sys.stdout.fileno() if sys.stdout is not None and sys.stdout.isatty() else None
        self._lock = threading.Lock()
        self._live = ExitStack()
        self._lines = LineWriter(self._describe_lost, lambda: self.on_broken()) if form != "live" else None

    def __enter__(self) -> Self:
        if self._form == "live":
            from envoy.cli.follow.live_view import LiveView  # deferred: nothing else draws

            self._live.enter_context(LiveView(self._view, now=self.now))
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

    def take(self, item: CommandNews) -> None:
        """Take a piece of news."""
        with self._lock:
            self._view.take(item)
            if self.metrics is not None:
                self.metrics.take(item)
            if type(item) in NAMES and self._lines is not None:
                self._lines.write(self._format(item))

    def follow_up(self, item: news.News) -> None:
        """Take a piece of news of the follower, in the thread that drives it."""
        self.take(item)
        if self.schedule is None:
            return
        self._view.owed = self.schedule.owed
        # What comes next takes long to find where there are many events, so that is not done for each of them.
        self._stale = self._stale or not isinstance(item, news.Sampled)
        if self._stale and self._form == "live" and isinstance(item, news.Applied | news.Sampled):
            self._stale = False
            self._view.look(self.schedule)

    def _format(self, item: CommandNews) -> str:
        return to_json(item) if self._form == "json" else to_line(item)

    def _describe_lost(self, count: int) -> str:
        return self._format(Warned(time=self.now(), text=f"{count} lines were lost, since they could not be written"))


def _is_there(terminal: int) -> bool:
    try:
        os.tcgetpgrp(terminal)
    except OSError as error:
        # It may be there and not be that of this process.
        return error.errno == errno.ENOTTY
    return True
