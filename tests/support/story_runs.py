"""Runs of stories: what a schedule has to say of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from envoy.der.abilities import Abilities
from envoy.der.events import Default, Event, Program
from envoy.der.policies import Edition, Policy, Responses, Superseded
from envoy.der.schedule import Schedule
from tests.der.referee import Control, Group, Story


def to_values(values: Any) -> dict[str, Any]:
    given = {mode: value for mode, value in values.items() if value is not None}
    return {mode: value if isinstance(value, bool) else Decimal(value) for mode, value in given.items()}


def to_off(values: Any) -> frozenset[str]:
    """Return the modes that are switched off: those without a value."""
    return frozenset(mode for mode, value in values.items() if value is None)


def to_event(control: Control) -> Event:
    return Event(
        mrid=control.mrid,
        href=control.href,
        creation_time=control.made,
        start=control.start,
        duration=control.length,
        randomize_start=control.shake_start,
        randomize_duration=control.shake_length,
        status=control.status,
        values=to_values(control.values),
        response_required=control.wants,
        reply_to="/rsp",
        device_category=control.category,
        off=to_off(control.values),
    )


def to_program(group: Group) -> Program:
    return Program(
        mrid=group.name,
        primacy=group.primacy,
        offset=group.ahead,
        default=None if group.default is None else Default(values=to_values(group.default), off=to_off(group.default)),
        events=tuple(to_event(control) for control in group.controls),
        complete=group.whole,
    )


def make_schedule(story: Story) -> Schedule:
    policy = Policy(
        Edition(str(story.edition)),
        Responses.CSIP_AUS if story.csip_aus else Responses.FULL,
        Superseded.RESUMES if story.resumes else Superseded.FINAL,
    )
    return Schedule(Abilities(story.able, story.category), policy, draw=story.draw)


def reload(schedule: Schedule) -> Schedule:
    """Return a schedule that was written and read."""
    plain = json.loads(json.dumps(schedule.dump()))
    return Schedule.load(plain, schedule.abilities, schedule.policy, draw=schedule._draw)


Holds = dict[int, dict[str, tuple[Any, str]]]


def look(schedule: Schedule) -> dict[str, tuple[Any, str]]:
    """Return what holds: the value of each mode and where it comes from."""
    return {setting.mode: (setting.value, setting.mrid or setting.program) for setting in schedule.in_force()}


def follow(story: Story, looks: Collection[int] = (), reloads: Collection[int] = ()) -> tuple[Holds, list[Any]]:
    """Return what a schedule has to say of a story.

    Args:
        story: The story.
        looks: The seconds in which one looks at it for no reason.
        reloads: The seconds in which it is written and read.
    """
    schedule = make_schedule(story)
    holds: Holds = {}
    sent = []
    pauses = dict(story.pauses)
    back = 0
    upcoming: int | None = 0
    for now in range(story.end + 1):
        if now < back:
            continue
        reads = story.reads.get(now)
        # In any other second nothing is asked of the schedule, and what held goes on.
        looked_at = now in looks or now in reloads or now in pauses
        if reads is not None or looked_at or now in (back, upcoming):
            if now == back and now:
                schedule.resume(now)
            if reads is not None:
                schedule.update(now, [to_program(group) for group in reads])
            else:
                schedule.advance(now)
            if now in reloads or now in pauses:
                schedule = reload(schedule)
            seen, upcoming = look(schedule), schedule.next_change()
            for due in schedule.owed:
                sent.append((due.mrid, int(due.status), due.created))
                schedule.acknowledge(due)
        holds[now] = seen
        back = max(back, pauses.get(now, 0))
    return holds, sent
