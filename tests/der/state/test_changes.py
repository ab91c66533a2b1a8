"""What is written of a schedule: exactly what has changed, so that it is there again whatever has happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings

from envoy._sqlite import MEMORY, Database
from envoy.der.schedule import Schedule
from envoy.der.state.changes import list_changes
from envoy.der.state.schedule_rows import ScheduleRows, encode, read_rows
from envoy.der.state.state_format import STATE_FORMAT
from tests.der.referee import Story
from tests.support.schedules import make_event, make_program
from tests.support.stories import make_stories
from tests.support.story_runs import make_schedule, to_program


class Book:
    """A database that a schedule is written to, and read from again."""

    def __init__(self) -> None:
        self.db = Database(MEMORY, STATE_FORMAT)
        self.rows = ScheduleRows()

    def write(self, schedule: Schedule) -> int:
        """Write what has changed, and return how many statements that took."""
        rows = ScheduleRows.from_schedule(schedule, self.rows)
        changes = list(list_changes(self.rows, rows))
        for statement, *values in changes:
            self.db.execute(statement, *values)
        self.rows = rows
        return len(changes)

    def read(self, schedule: Schedule) -> dict[str, Any]:
        """Return the plain data of what was written; the time and whether anything was read are written elsewhere."""
        rows = read_rows(self.db)
        rows.now, rows.read = schedule.now, self.rows.read
        return rows.to_plain()


def normalize(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return plain data whose events are in order: to a schedule their order is all the same."""
    return {**plain, "records": sorted(map(encode, plain["records"])), "responses": encode(plain["responses"])}


@pytest.mark.unmeasured
@settings(max_examples=40, deadline=None)
@given(make_stories())
def test_what_is_written_is_what_the_schedule_knows(story: Story) -> None:
    schedule, book = make_schedule(story), Book()
    for now in range(story.end + 1):
        if now in story.reads:
            schedule.update(now, [to_program(group) for group in story.reads[now]])
        else:
            schedule.advance(now)
        for due in schedule.owed[::2]:
            schedule.acknowledge(due)
        book.write(schedule)
        assert normalize(book.read(schedule)) == normalize(schedule.dump())
    book.db.verify()


def test_nothing_is_written_where_nothing_changes() -> None:
    schedule, book = Schedule(), Book()
    program = make_program("F1", 1, make_event("A1", 100, 400, EL=5000), default={"EL": 1500})
    schedule.update(0, [program])
    assert book.write(schedule)
    for now in range(10, 100, 10):
        schedule.update(now, [program])
        assert book.write(schedule) == 0
    schedule.update(100, [program])
    # The event, its step, the given statuses, what is owed now, and what held until now and holds from now on.
    assert book.write(schedule) == 6


def test_an_event_that_moves_stays_one_event() -> None:
    schedule, book = Schedule(), Book()
    schedule.update(0, [make_program("F1", 1, make_event("A1", 100, 400, EL=5000))])
    book.write(schedule)
    schedule.update(10, [make_program("F1", 1, make_event("A1", 100, 400, EL=5000, href="/elsewhere"))])
    book.write(schedule)
    assert book.db.rows("SELECT mrid, href, known FROM event") == [("A1", "/elsewhere", 1)]
    assert book.db.rows("SELECT state FROM step") == [("scheduled",)]


def test_what_a_server_may_say_fits() -> None:
    schedule, book = Schedule(), Book()
    far = make_event("A1", 2**63 - 1, 2**63 + 2**32, EL=5000, randomize_start=3600)
    schedule.update(0, [make_program("F1", 1, far, offset=2**63 - 10)])
    schedule.advance(100)
    book.write(schedule)
    assert normalize(book.read(schedule)) == normalize(schedule.dump())
