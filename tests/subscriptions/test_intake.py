"""The intake of notifications: none is lost, and however many come, few reads follow."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.subscriptions.intake import IDENTIFIER, LEAST_GAP, MOST_GAP, Intake, Notified, read_status
from tests.conftest import ROOT

RECORDED = ROOT.parent / "shared" / "cases" / "reference-server"
OWN = Path(__file__).parent / "data"

EVENTS = st.lists(st.tuples(st.floats(0, 20), st.integers(0, 3), st.integers(0, 30)), max_size=200)
"""Notifications: seconds after the one before, what is in it, and its identifier."""


def take_all(events: list[tuple[float, int, int]]) -> tuple[list[float], list[tuple[float, float | None]]]:
    """Return when notifications are read because of them, and for each that is not a repetition when it came."""
    intake, known, now = Intake(), Notified(), 1000.0
    planned: float | None = None
    reads: list[float] = []
    came: list[tuple[float, float | None]] = []
    seen: set[int] = set()
    for pause, content, identifier in events:
        now += pause
        if planned is not None and planned <= now:
            reads.append(planned)
            planned = None
        headers = {IDENTIFIER: str(identifier)} if identifier else {}
        due = intake.take(known, headers, f"<x{content}/>".encode(), now).due
        if identifier and identifier in seen:
            assert due is None
            continue
        seen.add(identifier)
        if due is not None:
            assert due >= now
            planned = due if planned is None else min(planned, due)
        came.append((now, planned))
    return [*reads, *([planned] if planned is not None else [])], came


@given(EVENTS)
def test_after_each_notification_there_is_a_read_within_a_minute(events: list[tuple[float, int, int]]) -> None:
    reads, came = take_all(events)
    for time, planned in came:
        assert planned is not None
        assert time <= planned <= time + MOST_GAP
    assert all(any(time <= read <= time + MOST_GAP for read in reads) for time, _ in came)


@given(EVENTS)
def test_reads_are_never_close_to_each_other(events: list[tuple[float, int, int]]) -> None:
    reads, _ = take_all(events)
    assert all(later - earlier >= LEAST_GAP - 1e-6 for earlier, later in pairwise(reads))


@pytest.mark.parametrize(("seconds", "most"), [(10, 4), (60, 6), (600, 16)])
def test_a_storm_is_read_ever_more_seldom(seconds: int, most: int) -> None:
    reads, _ = take_all([(0.1, number % 2, number + 1) for number in range(seconds * 10)])
    assert 2 <= len(reads) <= most


def test_a_replay_is_read_once_a_minute_and_does_not_hide_what_is_new() -> None:
    intake, known = Intake(), Notified()
    dues = [intake.take(known, {}, b"<same/>", time).due for time in range(100, 221)]
    assert [due for due in dues if due is not None] == [100, 160, 220, 280]
    assert intake.take(known, {}, b"<same/>", 230).due is None
    # It was read last at 220, and this is news.
    assert intake.take(known, {}, b"<new/>", 231).due == 231


def test_what_is_sent_again_is_not_read_again() -> None:
    intake, known = Intake(), Notified()
    headers = {IDENTIFIER: "0bd6"}
    assert [intake.take(known, headers, b"<x/>", time).due for time in (0, 10, 110, 410, 2210)] == [0, *[None] * 4]
    assert (intake.received, intake.repeated) == (5, 4)


NAMESPACE = 'xmlns="urn:ieee:std:2030.5:ns"'


@pytest.mark.parametrize(
    ("content", "status", "odd"),
    [
        (f"<Notification {NAMESPACE}><status>4</status></Notification>", 4, False),
        (f"<Notification {NAMESPACE}><status>0</status></Notification>", 0, False),
        (f"<Notification {NAMESPACE}/>", 0, True),
        (f"<Notification {NAMESPACE}><status>much</status></Notification>", 0, True),
        ("<Notification><status>1</status></Notification>", 0, True),
        (f"<Subscription {NAMESPACE}><status>1</status></Subscription>", 0, True),
        ("", 0, True),
        ("{}", 0, True),
        ('<!DOCTYPE x [<!ENTITY e "1">]><x>&e;</x>', 0, True),
        ("<a>" * 100_000, 0, True),
    ],
    ids=range(10),
)
def test_what_cannot_be_read_counts_as_a_change(content: str, status: int, odd: bool) -> None:
    found, finding = read_status(content.encode())
    assert (int(found), bool(finding)) == (status, odd)


@pytest.mark.parametrize("path", sorted(OWN.glob("notify-*.xml")), ids=lambda path: path.stem)
def test_a_notification_as_the_reference_server_sends_it_is_read(path: Path) -> None:
    assert read_status(path.read_bytes()) == (4 if path.stem.endswith("status4") else 0, "")


@pytest.mark.skipif(not RECORDED.is_dir(), reason="there are no recorded messages")
def test_the_recorded_notifications_are_read() -> None:
    found = {path.stem: read_status(path.read_bytes()) for path in RECORDED.glob("*-notify-*.xml")}
    assert len(found) >= 10
    assert found == {name: (4 if name.endswith("status4") else 0, "") for name in found}
