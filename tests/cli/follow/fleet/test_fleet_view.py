"""What is known of a fleet that is followed, how it is drawn, counted and written as lines."""

from __future__ import annotations

import io
import json
import re
import urllib.request
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from envoy.cli.follow.command_news import Ended, Reloaded, Warned
from envoy.cli.follow.fleet.fleet_lines import is_shown, to_json, to_lines
from envoy.cli.follow.fleet.fleet_metrics import FleetCollector
from envoy.cli.follow.fleet.fleet_news import FleetBegan, FleetChanged, FleetNews, SiteFailed, SiteNews
from envoy.cli.follow.fleet.fleet_table import render_fleet
from envoy.cli.follow.fleet.fleet_view import Concern, FleetView
from envoy.cli.follow.metrics import Metrics
from envoy.client.attempt import Exchange
from envoy.der.follow import news
from envoy.protocol.flow import Request, Response
from envoy.tls.expiry import Expiry
from tests.conftest import ROOT
from tests.support.news import APPLIED, NEWS, SAMPLED, SENT, SETTINGS, STARTED, T

BEGAN = FleetBegan(
    time=T,
    fleet="fleet.csv",
    sites=10_000,
    server="https://server.example",
    profile="csip-aus-1.2",
    devices="mqtt",
    version="0.2.0",
)
CHANGED = FleetChanged(time=T, added=("A", "B"), removed=("C",), changed=(), sites=10_001)
FAILED = SiteFailed(time=T, reason="the site has no DER with a rating")

TROUBLE: tuple[news.News | SiteFailed, ...] = (
    news.Silenced(time=T, reason="the PIN of the server is not that of the site"),
    FAILED,
    news.DeviceLost(time=T, reason="no response in 5 s"),
    news.Refused(time=T, modes=("opModFixedW",), reason="it has no storage"),
    news.ContactLost(time=T, since=T - 60, reason="GET /dcap: \x1b[31mno response"),
    news.Unregistered(time=T, href="/edev/2"),
    news.ResponseOwed(time=T, response=STARTED),
)
CONCERNS = (
    Concern.SILENCED,
    Concern.FAILED,
    Concern.NO_DEVICE,
    Concern.REFUSED,
    Concern.NO_CONTACT,
    Concern.UNREGISTERED,
    Concern.OWING,
)
"""What a site is counted as after each of these."""


def key(number: int) -> str:
    return f"{number:032X}00032473"


def news_of(number: int, *items: news.News | SiteFailed) -> list[SiteNews]:
    return [SiteNews(key(number), item) for item in items]


@pytest.fixture
def view() -> FleetView:
    """Return a view of 10,000 sites, of which seven are in trouble, each in another one."""
    view = FleetView(expiries=[Expiry("our certificate", datetime.fromtimestamp(T, UTC) + timedelta(days=100))])
    view.take(BEGAN)
    for number in range(10_000):
        view.add(key(number))
        applied = replace(APPLIED, due=T - number / 10_000, settings=SETTINGS[1:3])
        for item in news_of(number, news.Registered(time=T, href=f"/edev/{number}"), applied, SAMPLED):
            view.take(item)
    for place, item in enumerate(TROUBLE, start=5000):
        view.take(SiteNews(key(place), item))
    for status in (200, 200, 503):
        view.note_exchange(Exchange(Request("follow", "GET", "/tm"), Response(status), "https://x/tm", 0.1, ""))
    return view


def draw(view: FleetView, *, width: int = 120, height: int = 30) -> list[str]:
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(render_fleet(view, T + 60))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return [re.sub(r"^20\d\d.{15}", "(time)", line.rstrip()) for line in text.splitlines()]


def test_the_whole_table(view: FleetView, snapshot: SnapshotAssertion) -> None:
    view.file_error, view.left_out = "fleet.csv:1: there is no column lfdi", 2
    view.take(CHANGED)
    view.take(Warned(time=T, text="our certificate expires in 7 days"))
    assert draw(view) == snapshot


def test_a_table_of_nothing_is_drawn_too(snapshot: SnapshotAssertion) -> None:
    assert draw(FleetView()) == snapshot


@pytest.mark.parametrize("size", [(120, 50), (120, 24), (80, 24), (80, 12), (40, 10)])
def test_the_table_fits_the_screen_with_the_worst_sites_first(view: FleetView, size: tuple[int, int]) -> None:
    for _ in range(10):
        view.take(CHANGED)
    width, height = size
    lines = draw(view, width=width, height=height)
    assert len(lines) <= height and all(len(line) <= width for line in lines)
    if height >= 24:
        assert any(Concern.SILENCED.value in line for line in lines[9:])


def test_sites_are_counted_by_the_worst_that_is_to_be_said_of_them(view: FleetView) -> None:
    summary = view.summarise()
    assert summary.concerns == dict.fromkeys(CONCERNS, 1) | {Concern.FINE: 10_000 - len(CONCERNS)}
    assert [site.concern for site in view.find_worst(len(CONCERNS))] == [*CONCERNS]
    slowest = view.find_worst(len(CONCERNS) + 1)[-1]
    assert slowest.key == key(9999)
    assert (summary.sites, summary.owed) == (10_000, 1)
    assert summary.in_contact == 10_000 - 3
    assert summary.modes[("opModExpLimW", "event")] == 10_000
    assert len(summary.in_force) == 1
    assert summary.worst_delay == pytest.approx(0.9999)


@pytest.mark.parametrize(
    ("item", "mended"),
    [
        (TROUBLE[2], news.DeviceRegained(time=T)),
        (TROUBLE[3], APPLIED),
        (TROUBLE[4], news.ContactRegained(time=T, since=None)),
        (TROUBLE[5], news.Registered(time=T, href="/edev/1")),
        (TROUBLE[6], SENT),
        (TROUBLE[6], news.ResponseDropped(time=T, response=STARTED, reason="HTTP 400")),
    ],
)
def test_what_is_mended_is_fine_again(item: news.News, mended: news.News) -> None:
    view = FleetView()
    view.add("A", owed=0)
    for each in (news.Registered(time=T, href="/edev/1"), item):
        view.take(SiteNews("A", each))
    assert view.sites["A"].concern is not Concern.FINE
    view.take(SiteNews("A", mended))
    assert view.sites["A"].concern is Concern.FINE
    view.remove("A")
    view.take(SiteNews("A", item))  # its last news may come after it has left
    assert view.summarise().sites == 0


def test_what_is_wrong_with_the_server_is_so_for_all_sites(view: FleetView) -> None:
    view.take(SiteNews("", news.ContactLost(time=T, since=None, reason="GET /dcap: no response")))
    assert view.summarise().in_contact == 0
    assert any("no contact: GET /dcap" in line for line in draw(view))
    assert "site" not in json.loads(to_json(SiteNews("", TROUBLE[4])))
    assert "the server  no contact" in next(iter(to_lines([SiteNews("", TROUBLE[4])])))
    view.take(SiteNews("", news.ContactRegained(time=T, since=None)))
    assert view.summarise().in_contact == 10_000 - 3


def test_metrics_count_sites_and_have_none_of_a_site(view: FleetView) -> None:
    with Metrics(FleetCollector(view), 0) as metrics:
        for item in (APPLIED, SENT):
            metrics.take(item)
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics") as response:
            text = response.read().decode()
    assert key(1) not in text and "/edev" not in text
    for line in (
        'envoy_sites{concern="fine"} 9993.0',
        'envoy_sites{concern="no-device"} 1.0',
        "envoy_sites_in_contact 9997.0",
        'envoy_sites_controlled{mode="opModExpLimW",origin="event"} 10000.0',
        "envoy_responses_owed 1.0",
        'envoy_responses_total{outcome="sent"} 1.0',
        'envoy_apply_delay_seconds_bucket{le="2.5"} 1.0',
        'envoy_requests_total{method="GET",status="503"} 1.0',
        "envoy_fleet_stale 0.0",
    ):
        assert line in text.splitlines(), line
    assert len(text.splitlines()) < 200


def test_each_metric_of_a_fleet_is_documented(view: FleetView) -> None:
    page = (ROOT / "docs" / "reference" / "follow.md").read_text(encoding="utf-8")
    section = page.split("\n### Metrics of a fleet\n")[1].split("\n## ")[0]
    documented = set(re.findall(r"^\| `(envoy_\w+)` \|", section, re.MULTILINE))
    view.subscriptions = 1
    with Metrics(FleetCollector(view), 0) as metrics:
        metrics.take(APPLIED)
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics.port}/metrics") as response:
            text = response.read().decode()
    names = {
        re.sub("_(bucket|sum|count|created)$", "", name) for name in re.findall(r"^(envoy_\w+)", text, re.MULTILINE)
    }
    assert {name.removesuffix("_total") for name in names} == {name.removesuffix("_total") for name in documented}


# Lines


def shown(items: Iterable[FleetNews], *, as_json: bool = False) -> list[FleetNews]:
    return [item for item in items if is_shown(item, as_json=as_json)]


def test_each_line_of_json_says_which_site_it_is_about() -> None:
    items = [SiteNews("A", item) for item in NEWS if isinstance(item, news.News)]  # type: ignore[arg-type]
    lines = [json.loads(to_json(item)) for item in shown([*items, SiteNews("A", FAILED)], as_json=True)]
    assert {line["site"] for line in lines} == {"A"}
    assert [list(line)[:3] for line in lines] == [["time", "event", "site"]] * len(lines)
    assert {"applied", "reported", "response-sent", "site-failed"} <= {line["event"] for line in lines}
    assert "Sampled" not in str(lines)


def test_what_is_about_the_fleet_has_no_site(snapshot: SnapshotAssertion) -> None:
    fleet: list[FleetNews] = [
        BEGAN,
        CHANGED,
        Warned(time=T, text="our certificate expires in 7 days"),
        Reloaded(time=T, expires=None),
        Ended(time=T, reason="SIGTERM", device="last", owed=12),
    ]
    lines = [json.loads(to_json(item)) for item in fleet]
    assert all("site" not in line for line in lines)
    assert lines == snapshot
    assert [line.split("  ", 1)[1] for line in to_lines(fleet)] == snapshot(name="text")


def test_sites_that_have_the_same_news_have_one_line(snapshot: SnapshotAssertion) -> None:
    applied = replace(APPLIED, settings=SETTINGS[1:2])
    items: list[FleetNews] = [BEGAN]
    for number in range(1000):
        late = replace(applied, due=T - number / 100)
        items += news_of(number, news.Registered(time=T, href=f"/edev/{number}"), late, SENT, SAMPLED)
    items += [SiteNews(key(number), news.DeviceLost(time=T, reason="gone")) for number in range(2)]
    lines = list(to_lines(shown(items)))
    assert [line.split("  ", 1)[1] for line in lines] == snapshot
    assert len(lines) == 6


def test_a_value_with_decimals_is_one_value() -> None:
    settings = [replace(SETTINGS[1], value=Decimal(text)) for text in ("1500", "1500.0", "1.5E+3")]
    items = [SiteNews(str(n), replace(APPLIED, settings=(each,))) for n, each in enumerate(settings * 2)]
    assert len(list(to_lines(items))) == 1
