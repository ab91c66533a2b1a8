"""Metrics of a fleet that is followed: how many sites are how, and never one of a site. Needs the extra ``metrics``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from envoy.cli.follow.fleet.fleet_view import Concern, FleetView
from envoy.cli.follow.metrics import collect_expiries, collect_requests, collect_subscriptions

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


class FleetCollector(Collector):
    """Collects what is known of a fleet.

    Args:
        view: What is known.
    """

    def __init__(self, view: FleetView) -> None:
        self._view = view

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        view, summary = self._view, self._view.summarise()
        if (began := view.began) is not None:
            values = {"server": began.server, "profile": began.profile, "version": began.version}
            yield InfoMetricFamily("envoy_follow", "What is followed.", values)
        sites = GaugeMetricFamily("envoy_sites", "Sites by the worst that is to be said of them.", labels=["concern"])
        for concern in Concern:
            sites.add_metric([concern.value.replace(" ", "-")], summary.concerns[concern])
        yield sites
        yield GaugeMetricFamily(
            "envoy_sites_in_contact", "Sites that are registered, with a server that responds.", summary.in_contact
        )
        modes = GaugeMetricFamily("envoy_sites_controlled", "Sites that keep to a mode.", labels=["mode", "origin"])
        for (mode, origin), count in sorted(summary.modes.items()):
            modes.add_metric([mode, origin], count)
        yield modes
        if view.subscriptions is not None:
            yield from collect_subscriptions(view.subscriptions, view.notifications)
        yield GaugeMetricFamily("envoy_responses_owed", "Responses that the server does not have yet.", summary.owed)
        yield GaugeMetricFamily("envoy_fleet_rows_wrong", "Rows of the fleet that are not followed.", view.left_out)
        yield GaugeMetricFamily(
            "envoy_fleet_stale",
            "1 if the file of the fleet cannot be taken over.",
            bool(view.file_error),
        )
        yield collect_expiries(view.expiries)
        yield collect_requests(view.requests)
