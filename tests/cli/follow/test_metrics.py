"""Metrics as Prometheus scrapes them: over HTTP, parsed by its own parser."""

from __future__ import annotations

import re
import socket
import urllib.request
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from envoy.cli.follow.metrics import HOST, Metrics, ViewCollector
from envoy.cli.follow.view import View
from envoy.client.attempt import Exchange
from envoy.der.follow import news
from envoy.errors import EnvoyError
from envoy.protocol.flow import Request, Response
from envoy.tls.expiry import Expiry
from tests.conftest import ROOT
from tests.support.news import BEGAN, NEWS, T

Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


def scrape(metrics: Metrics) -> Samples:
    """Return the samples by the names of their series and their labels."""
    with urllib.request.urlopen(f"http://{HOST}:{metrics.port}/metrics", timeout=60) as response:
        text = response.read().decode()
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def take(view: View, metrics: Metrics, *items: object) -> None:
    for item in items:
        view.take(item)  # type: ignore[arg-type]
        metrics.take(item)  # type: ignore[arg-type]


@pytest.fixture
def view() -> View:
    return View(expiries=[Expiry("our certificate", datetime.fromtimestamp(T, UTC) + timedelta(days=100))])


def test_a_scrape_has_what_is_known(view: View) -> None:
    with Metrics(ViewCollector(view, lambda: T + 30), 0) as metrics:
        kept = [item for item in NEWS if not isinstance(item, news.Unregistered | news.Silenced)]
        order = [*kept, NEWS[1], next(item for item in NEWS if isinstance(item, news.Applied))]
        take(view, metrics, *order)
        for status in (200, 200, 503):
            exchange = Exchange(Request("follow", "GET", "/tm"), Response(status), "https://x/tm", 0.1, "")
            view.note_exchange(exchange, T)
        samples = scrape(metrics)
    assert samples["envoy_contact_age_seconds"] == {(): 30}
    for name in ("envoy_in_contact", "envoy_registered", "envoy_device_up"):
        assert samples[name] == {(): 1}
    assert samples["envoy_silenced"] == {(): 0}
    assert samples["envoy_follow_info"] == {
        (("lfdi", BEGAN.lfdi), ("profile", BEGAN.profile), ("server", BEGAN.server), ("version", BEGAN.version)): 1
    }
    assert samples["envoy_mode"] == {
        (("mode", "opModConnect"), ("origin", "default"), ("unit", "bool")): 1,
        (("mode", "opModExpLimW"), ("origin", "event"), ("unit", "W")): 1500,
        (("mode", "opModMaxLimW"), ("origin", "failsafe"), ("unit", "percent")): 30.5,
    }
    assert samples["envoy_limit_watts"] == {
        (("by", "opModExpLimW"), ("quantity", "export")): 1500,
        (("by", "opModMaxLimW"), ("quantity", "generation")): 3050,
        (("by", "device"), ("quantity", "load")): 5000,
    }
    delays = samples["envoy_apply_delay_seconds_bucket"]
    assert (delays[("le", "1.0"),], delays[("le", "2.5"),]) == (1, 3)
    outcomes = {"sent": 1, "repeated": 0, "dropped": 1}
    assert samples["envoy_responses_total"] == {(("outcome", name),): count for name, count in outcomes.items()}
    assert samples["envoy_certificate_expiry_timestamp_seconds"] == {
        (("certificate", "our certificate"),): T + 8_640_000
    }
    assert samples["envoy_reading"][("place", "site"), ("quantity", "active-power")] == -1500
    assert samples["envoy_requests_total"] == {
        (("method", "GET"), ("status", "200")): 2,
        (("method", "GET"), ("status", "503")): 1,
    }


def test_a_scrape_before_anything_is_known_has_what_there_is(view: View) -> None:
    with Metrics(ViewCollector(view, lambda: T), 0) as metrics:
        before = scrape(metrics)
        take(view, metrics, BEGAN)
        after = scrape(metrics)
    assert "envoy_contact_age_seconds" not in before
    assert after["envoy_contact_age_seconds"] == {(): 0}
    assert before["envoy_device_up"] == before["envoy_in_contact"] == before["envoy_responses_owed"] == {(): 0}


def test_contact_and_device_that_are_lost_are_seen(view: View) -> None:
    with Metrics(ViewCollector(view, lambda: T), 0) as metrics:
        take(view, metrics, *(item for item in NEWS if isinstance(item, news.Sampled | news.ContactRegained)))
        assert scrape(metrics)["envoy_in_contact"] == {(): 1}
        take(view, metrics, *(item for item in NEWS if isinstance(item, news.ContactLost | news.DeviceLost)))
        samples = scrape(metrics)
    assert samples["envoy_in_contact"] == samples["envoy_device_up"] == {(): 0}


def test_each_metric_is_documented(view: View) -> None:
    page = (ROOT / "docs" / "reference" / "follow.md").read_text(encoding="utf-8")
    section = page.split("\n## Metrics\n")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `(envoy_\w+)` \|", section, re.MULTILINE))
    with Metrics(ViewCollector(view, lambda: T), 0) as metrics:
        take(view, metrics, BEGAN, *(item for item in NEWS if isinstance(item, news.Applied | news.Subscribed)))
        names = {re.sub("_(bucket|sum|count)$", "", name) for name in scrape(metrics)}
    # Those of prometheus_client itself are about the process, and when each counter began.
    own = {name for name in names if name.startswith("envoy_") and not name.endswith("_created")}
    # These have samples only for what is there.
    assert documented - own == {"envoy_mode", "envoy_limit_watts", "envoy_reading", "envoy_requests_total"}
    assert own <= documented


def test_a_port_that_is_taken_is_an_error(view: View) -> None:
    with socket.create_server((HOST, 0)) as taken, pytest.raises(EnvoyError) as caught:
        Metrics(ViewCollector(view), taken.getsockname()[1])
    assert caught.value.remedy


def test_a_port_that_does_not_exist_is_an_error(view: View) -> None:
    with pytest.raises(EnvoyError):
        Metrics(ViewCollector(view), 65536)
