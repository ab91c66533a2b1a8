"""Where news of a fleet goes: to the view, the metrics, and as lines or as a live table to standard output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from envoy.cli.follow.display import Display, Form, describe_lost
from envoy.cli.follow.fleet.fleet_lines import TOGETHER, is_shown, to_json, to_line, to_lines
from envoy.cli.follow.fleet.fleet_news import FleetNews, SiteFailed, SiteNews
from envoy.cli.follow.fleet.fleet_view import FleetView

if TYPE_CHECKING:
    from envoy.cli.follow.live_view import LiveView
    from envoy.cli.follow.metrics import Metrics

_AHEAD = 200_000
"""News that waits for a reader at most."""

_PER_SECOND = 0.5
"""How often per second the table is drawn."""


class FleetDisplay(Display[FleetNews]):
    """Shows news of a fleet.

    Args:
        form: How it is shown.
        view: What is known; kept up by it.

    Attributes:
        metrics: Counts it too; None for no metrics.
    """

    def __init__(self, form: Form, view: FleetView) -> None:
        super().__init__(form, together=0.0 if form == "json" else TOGETHER, ahead=_AHEAD)
        self.metrics: Metrics | None = None
        self._view = view

    def take(self, item: FleetNews) -> None:
        """Take a piece of news."""
        with self._lock:
            self._view.take(item)
            if self.metrics is not None and isinstance(item, SiteNews) and not isinstance(item.item, SiteFailed):
                self.metrics.take(item.item)
            if self._lines is not None and is_shown(item, as_json=self.form == "json"):
                self._lines.write(item)

    def _draw(self) -> LiveView:
        # deferred: nothing else draws
        from envoy.cli.follow.fleet.fleet_table import render_fleet
        from envoy.cli.follow.live_view import LiveView

        return LiveView(lambda: render_fleet(self._view, self.now()), per_second=_PER_SECOND)

    def _make_lines(self, items: Sequence[FleetNews]) -> Iterable[str]:
        return map(to_json, items) if self.form == "json" else to_lines(items)

    def _describe_lost(self, count: int) -> str:
        warning = describe_lost(self.now(), count)
        return to_json(warning) if self.form == "json" else to_line(warning)
