"""Metrics of a site that is followed, in the form of Prometheus, on this machine alone. Needs the extra ``metrics``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from envoy.cli.follow.view import View
from envoy.der.follow import news
from envoy.der.modes import MODES, Value
from envoy.errors import EnvoyError

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from envoy.cli.follow.command_news import CommandNews
    from envoy.tls.expiry import Expiry

HOST = "127.0.0.1"
"""Where they are served; whoever may log in on this machine may read them."""

BUCKETS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
"""Bounds of the histogram of delays, in seconds."""


class Metrics:
    """Metrics of what is followed, served from the beginning of the context to its end.

    Args:
        collector: Collects those that are looked at; those that are counted are added.
        port: Where to serve them, on 127.0.0.1; 0 for any port that is free.

    Attributes:
        port: Where they are served.

    Raises:
        EnvoyError: The port cannot be used.
    """

    def __init__(self, collector: Collector, port: int) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(collector)
        ProcessCollector(registry=self._registry)
        self._delays = Histogram(
            "envoy_apply_delay_seconds",
            "Seconds from when limits came to hold until the device had taken them.",
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._responses = Counter(
            "envoy_responses", "Responses that the server has, or does not take.", ["outcome"], registry=self._registry
        )
        for outcome in ("sent", "repeated", "dropped"):
            self._responses.labels(outcome)
        try:
            self._server, self._thread = start_http_server(port, HOST, self._registry)
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else "there is no such port"
            raise EnvoyError(
                f"metrics cannot be served at {HOST}:{port}: {reason}", remedy="Choose a port that is free: --metrics."
            ) from None
        self.port: int = self._server.server_port

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, item: CommandNews) -> None:
        """Take a piece of news: what is counted rather than looked at."""
        match item:
            case news.Applied():
                self._delays.observe(max(0.0, item.time - item.due))
            case news.ResponseSent():
                self._responses.labels("repeated" if item.repeated else "sent").inc()
            case news.ResponseDropped():
                self._responses.labels("dropped").inc()


class ViewCollector(Collector):
    """Collects what is known of a site.

    Args:
        view: What is known.
        now: The clock.
    """

    def __init__(self, view: View, now: Callable[[], float] = time.time) -> None:
        self._view = view
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        view, now = self._view, self._now()
        if (began := view.began) is not None:
            yield InfoMetricFamily(
                "envoy_follow",
                "What is followed.",
                {"lfdi": began.lfdi, "server": began.server, "profile": began.profile, "version": began.version},
            )
            last = began.time if view.contact is None else view.contact
            yield GaugeMetricFamily(
                "envoy_contact_age_seconds",
                "Seconds since the server last responded as it should; since the start if it never did.",
                max(0.0, now - last),
            )
        in_contact = view.contact is not None and view.outage is None and not view.silenced
        yield GaugeMetricFamily("envoy_in_contact", "1 if the server responds as it should.", in_contact)
        yield GaugeMetricFamily("envoy_registered", "1 if the EndDevice is there.", bool(view.href))
        yield GaugeMetricFamily(
            "envoy_silenced", "1 if nothing is sent any more, for a wrong PIN.", bool(view.silenced)
        )
        yield from _collect_limits(view)
        yield GaugeMetricFamily("envoy_responses_owed", "Responses that the server does not have yet.", len(view.owed))
        if view.subscriptions is not None:
            yield from collect_subscriptions(view.subscriptions, view.notifications)
        yield collect_expiries(view.expiries)
        yield from _collect_device(view)
        yield collect_requests(view.requests)


def collect_subscriptions(subscriptions: int, notifications: int) -> Iterator[Metric]:
    """Yield how many subscriptions and notifications there are."""
    yield GaugeMetricFamily("envoy_subscriptions", "Subscriptions that the server has accepted.", subscriptions)
    yield CounterMetricFamily("envoy_notifications", "Resources read again because of notifications.", notifications)


def collect_expiries(expiries: Iterable[Expiry]) -> Metric:
    """Return when certificates expire."""
    family = GaugeMetricFamily(
        "envoy_certificate_expiry_timestamp_seconds", "When a certificate expires.", labels=["certificate"]
    )
    for each in expiries:
        family.add_metric([each.what], each.ends.timestamp())
    return family


def collect_requests(requests: Mapping[tuple[str, int], int]) -> Metric:
    """Return how many requests there were, by method and by status."""
    family = CounterMetricFamily(
        "envoy_requests", "Requests by HTTP status, 0 for no response.", labels=["method", "status"]
    )
    for (method, status), count in sorted(dict(requests).items()):
        family.add_metric([method, str(status)], count)
    return family


def _collect_limits(view: View) -> Iterator[Metric]:
    modes = GaugeMetricFamily("envoy_mode", "What a mode is set to, in its unit.", labels=["mode", "unit", "origin"])
    for setting in view.settings:
        if (found := _measure(setting.mode, setting.value)) is not None:
            unit, value = found
            modes.add_metric([setting.mode, unit, str(setting.origin)], value)
    yield modes
    limits = GaugeMetricFamily(
        "envoy_limit_watts", "What the device keeps to, all modes together.", labels=["quantity", "by"]
    )
    for quantity in ("export", "import", "generation", "load") if view.limits is not None else ():
        if (limit := getattr(view.limits, f"{quantity}_w")) is not None:
            limits.add_metric([quantity, limit.by], float(limit.watts))
    yield limits


def _collect_device(view: View) -> Iterator[Metric]:
    up = view.status is not None and not view.device_lost and not view.status.failed
    yield GaugeMetricFamily("envoy_device_up", "1 if the device does what it is given.", up)
    readings = GaugeMetricFamily("envoy_reading", "What the device measures.", labels=["place", "quantity"])
    if view.readings is not None:
        for place, values in (("site", view.readings.site), ("der", view.readings.der)):
            for name, value in values.items():
                readings.add_metric([place, name], float(value))
    yield readings


def _measure(mode: str, value: Value) -> tuple[str, float] | None:
    """Return the unit of a value and its number; None for a curve or a structure, which is not a number."""
    found: Any = {bool: ("bool", value), int: ("percent", value), Decimal: (MODES[mode].unit, value)}.get(type(value))
    if found is None:
        return None
    unit, number = found
    return unit, float(number) / 100 if unit == "percent" else float(number)
