"""The view of a site that is followed, and how it is drawn."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from envoy.cli.follow.live_view import LiveView, describe_limits, describe_status, render
from envoy.cli.follow.view import SHOWN_CHANGES, SHOWN_EVENTS, View
from envoy.client.attempt import Exchange
from envoy.der.follow import news
from envoy.der.follow.device import DeviceStatus
from envoy.der.limits import Rating, combine_limits
from envoy.der.modes import Values
from envoy.der.schedule import Schedule
from envoy.protocol.flow import Request, Response
from envoy.tls.expiry import Expiry
from sep2 import AlarmStatus
from tests.support.news import BEGAN, LIMITS, MRID, NEWS, SAMPLED, SETTINGS, T
from tests.support.schedules import make_event, make_program


def exchange(status: int) -> Exchange:
    return Exchange(Request("follow", "GET", "/tm"), Response(status), "https://x/tm", 0.1, "")


def draw(view: View, now: float = T, *, width: int = 120, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=width, height=height)
    console.print(render(view, now))
    return console.file.getvalue()  # type: ignore[attr-defined]


@pytest.fixture
def view() -> View:
    """Return a view in which everything is as it should be."""
    view = View(expiries=[Expiry("our certificate", datetime.fromtimestamp(T, UTC) + timedelta(days=100))])
    for item in (
        BEGAN,
        news.Registered(time=T, href="/edev/2"),
        news.Applied(time=T, due=T, settings=SETTINGS, limits=LIMITS),
        SAMPLED,
    ):
        view.take(item)
    view.note_exchange(exchange(200), T - 12)
    schedule = Schedule(now=T)
    start = int(T) + 300
    schedule.update(T, [make_program("F1", 1, make_event(MRID, start, start + 600, EL=1500))])
    view.look(schedule)
    view.owed = schedule.owed
    return view


def without_times(text: str) -> list[str]:
    # What is shown is in the time zone of the machine.
    return [line.rstrip() for line in text.splitlines() if not line.startswith("20")]


def test_the_whole_view(view: View, snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envoy.cli.follow.live_view.show_moment", lambda time, now: f"{time - now:+d} s")
    assert without_times(draw(view)) == snapshot


def test_a_view_of_nothing_is_drawn_too(snapshot: SnapshotAssertion) -> None:
    assert without_times(draw(View())) == snapshot


def test_the_last_lines_are_kept_without_those_of_samples(view: View) -> None:
    for _ in range(3):
        for item in NEWS:
            view.take(item)
    assert len(view.lines) == SHOWN_EVENTS
    assert not any("looked at" in line for line in view.lines)
    assert "ended by SIGTERM" in draw(view)


@pytest.mark.parametrize("size", [(120, 40), (120, 20), (80, 24), (80, 20), (80, 18), (40, 20)])
def test_a_small_terminal_has_the_newest_lines_rather_than_reasons(view: View, size: tuple[int, int]) -> None:
    width, height = size
    least = len(draw(view, width=width, height=0).splitlines())
    view.lines = tuple(f"line {number}" for number in range(SHOWN_EVENTS))
    drawn = draw(view, width=width, height=height).splitlines()
    shown = [line for line in drawn if line.startswith("line ")]
    assert len(drawn) <= max(height, least)
    assert shown == [f"line {number}" for number in range(SHOWN_EVENTS - len(shown), SHOWN_EVENTS)]
    assert len(shown) >= min(3, height - least - 1)
    if any("No event sets it." in line for line in drawn):
        assert len(shown) >= 3
    assert height < 40 or any("No event sets it." in line for line in drawn)


def test_contact_is_lost_and_regained(view: View) -> None:
    assert "12s ago" in draw(view)
    view.take(news.ContactLost(time=T, since=T - 12, reason="GET /dcap: refused"))
    view.note_exchange(exchange(503), T)
    assert "12s ago; no contact: GET /dcap: refused" in draw(view)
    view.take(news.ContactRegained(time=T + 60, since=T - 12))
    assert "contact      0s ago" in draw(view, T + 60)
    assert view.requests == {("GET", 200): 1, ("GET", 503): 1}


def test_a_device_that_is_gone_and_a_silence_are_seen(view: View) -> None:
    view.take(news.DeviceLost(time=T, reason="no route"))
    view.take(news.Silenced(time=T, reason="wrong PIN"))
    view.take(news.Unregistered(time=T, href="/edev/2"))
    drawn = draw(view)
    assert "no device: no route" in drawn and "SILENT: wrong PIN" in drawn and "registered yet" in drawn
    view.take(news.DeviceRegained(time=T))
    assert "no device: " not in "".join(without_times(draw(view)))


def test_only_some_of_what_is_owed_and_comes_is_shown(view: View) -> None:
    schedule = Schedule(now=T)
    starts = range(int(T) + 100, int(T) + 2100, 100)
    schedule.update(T, [make_program("F1", 1, *(make_event(f"{start}", start, start + 50, EL=9) for start in starts))])
    view.look(schedule)
    assert len(view.outlook) == SHOWN_CHANGES
    view.owed = schedule.owed
    assert "and 17 more" in draw(view)


def test_what_comes_from_elsewhere_cannot_command_the_terminal(view: View) -> None:
    view.take(news.DeviceLost(time=T, reason="\x1b[31m"))
    view.take(news.Registered(time=T, href="/\x1b[2J"))
    assert "\x1b" not in draw(view)


@pytest.mark.parametrize(
    "status",
    [
        DeviceStatus(connected=False, operating=False),
        DeviceStatus(failed=True, testing=True, local_control=True, alarms=AlarmStatus(3)),
    ],
)
def test_the_status_of_a_device_in_words(status: DeviceStatus, snapshot: SnapshotAssertion) -> None:
    assert describe_status(status) == snapshot


def test_limits_in_words(snapshot: SnapshotAssertion) -> None:
    rating = Rating(max_w=LIMITS.generation_w.watts)
    values: list[Values] = [{"opModConnect": False}, {"opModEnergize": False}, {"opModFixedW": 5000}, {}]
    assert [describe_limits(combine_limits(each, rating)) for each in values] == snapshot


def test_the_live_view_draws_the_view_and_leaves_it_there(view: View) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with LiveView(lambda: render(view, T), console=console):
        view.take(news.Noticed(time=T, text="the last word"))
    assert "the last word" in console.file.getvalue()  # type: ignore[attr-defined]
