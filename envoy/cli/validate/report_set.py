"""The reports of one run: the main one and those beside it, each in its form and at its place."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from envoy.checker.reports import Report, Summary, Verdict, open_report
from envoy.cli.terminal.output import Destination

if TYPE_CHECKING:
    from envoy.cli.validate.options import ReportTarget


class ReportSet(contextlib.ExitStack):
    """Reports that are written as the verdicts come, as a context manager.

    Attributes:
        main: Where the main report goes.
    """

    main: Destination

    def __init__(self, targets: Iterable[ReportTarget], *, quiet: bool) -> None:
        """Open all of them.

        Raises:
            DestinationError: One cannot be written.
        """
        super().__init__()
        self._opened: list[tuple[Destination, Report]] = []
        try:
            for target in targets:
                destination = self.enter_context(Destination(target.file))
                report = self.enter_context(open_report(target.form, destination.write))
                report.quiet = quiet
                self._opened.append((destination, report))
        except BaseException:
            self.close()
            raise
        self.main = self._opened[0][0]

    def add(self, verdict: Verdict) -> None:
        """Report on a document."""
        for _, report in self._opened:
            report.add(verdict)

    def finish(self, summary: Summary) -> None:
        """Report the counts; nothing follows.

        Raises:
            BrokenPipeError: The reader of the main report has closed the pipe.
            DestinationError: One cannot be written.
        """
        for destination, report in reversed(self._opened):
            report.finish(summary)
            destination.finish()
