"""News of a schedule: each state of an event and each response owed once, and what was known before not at all."""

from __future__ import annotations

import logging

import pytest

from envoy.der.follow.device import DeviceStatus
from envoy.der.follow.news import ContactLost, EventChanged, News, Registered, ResponseOwed, Sampled, ScheduleWatch
from envoy.der.follow.news_text import log_news
from envoy.der.record import State
from envoy.der.schedule import Schedule
from sep2 import ResponseStatus
from tests.support.schedules import make_event, make_program

PROGRAM = make_program("F1", 1, make_event("A1", 100, 200, EL=1500))


def summarize(news: list[News]) -> list[object]:
    return [
        (each.mrid, str(each.state)) if isinstance(each, EventChanged) else each.response.status
        for each in news
        if isinstance(each, EventChanged | ResponseOwed)
    ]


def test_each_state_and_each_response_is_news_once() -> None:
    schedule = Schedule()
    watch = ScheduleWatch(schedule)
    assert list(watch.look(0)) == []
    schedule.update(0, [PROGRAM])
    assert summarize(list(watch.look(0))) == [("A1", State.SCHEDULED), ResponseStatus.EVENT_RECEIVED]
    assert list(watch.look(1)) == []
    schedule.advance(100)
    news = list(watch.look(100.4))
    assert summarize(news) == [("A1", State.ACTIVE), ResponseStatus.EVENT_STARTED]
    assert {each.time for each in news} == {100.4}
    schedule.acknowledge(schedule.owed[0])
    schedule.advance(200)
    assert summarize(list(watch.look(200))) == [("A1", State.COMPLETED), ResponseStatus.EVENT_COMPLETED]


def test_what_a_schedule_knew_before_is_not_news() -> None:
    schedule = Schedule()
    schedule.update(0, [PROGRAM])
    assert list(ScheduleWatch(schedule).look(0)) == []


def test_two_events_with_one_mrid_are_two() -> None:
    schedule = Schedule()
    watch = ScheduleWatch(schedule)
    twins = [make_event("A1", 100, 200, EL=1, href=href) for href in ("/derc/1", "/derc/2")]
    schedule.update(0, [make_program("F1", 1, *twins)])
    states = [each.state for each in watch.look(0) if isinstance(each, EventChanged)]
    assert states == [State.SCHEDULED, State.SCHEDULED]


def test_news_is_in_the_log_by_its_weight(caplog: pytest.LogCaptureFixture) -> None:
    items = (
        Registered(time=0, href="/edev/2"),
        ContactLost(time=0, since=None, reason="\x1b[31mrefused"),
        Sampled(time=0, status=DeviceStatus()),
    )
    for level, count in ((logging.WARNING, 1), (logging.INFO, 2), (logging.DEBUG, 3)):
        caplog.clear()
        with caplog.at_level(level, "envoy.der.follow"):
            for item in items:
                log_news(item)
        assert len(caplog.records) == count
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "DEBUG"]
    assert "\x1b" not in caplog.text and "refused" in caplog.text


def test_the_package_has_no_handlers_of_its_own() -> None:
    for name in ("envoy", "envoy.der.follow", "envoy.client", "envoy.devices"):
        assert logging.getLogger(name).handlers == []
