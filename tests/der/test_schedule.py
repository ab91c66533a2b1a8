"""Laws of schedules, whatever a server does, and what single events need."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from envoy.der.abilities import Abilities
from envoy.der.events import Default, Event
from envoy.der.in_force import Origin
from envoy.der.ledger import KEPT_SECONDS
from envoy.der.policies import Edition, Policy, Responses, Superseded
from envoy.der.record import State
from envoy.der.schedule import Schedule
from envoy.errors import EnvoyError
from sep2 import EventCurrentStatus, ResponseStatus
from tests.der.referee import Story
from tests.support.schedules import Follower, make_event, make_program, make_values
from tests.support.stories import make_stories
from tests.support.story_runs import follow, look, make_schedule, reload, to_program

law = settings(suppress_health_check=list(HealthCheck))
FINAL = {3, 6, 7, 10, 251, 252, 253, 254}


def states(schedule: Schedule) -> dict[str, State]:
    return {record.event.mrid: record.state for record in schedule.records}


def owed(schedule: Schedule) -> list[tuple[str, int, int]]:
    return [(due.mrid, int(due.status), due.created) for due in schedule.owed]


# Laws


@law
@given(make_stories(), st.randoms(use_true_random=False))
def test_the_order_in_which_things_are_read_changes_nothing(story: Story, chance: random.Random) -> None:
    shuffled = {
        time: tuple(
            replace(group, controls=tuple(chance.sample(group.controls, len(group.controls))))
            for group in chance.sample(groups, len(groups))
        )
        for time, groups in story.reads.items()
    }
    assert follow(replace(story, reads=shuffled)) == follow(story)


@law
@given(make_stories(), st.sets(st.integers(0, 150), max_size=40))
def test_reading_more_often_changes_nothing(story: Story, more: set[int]) -> None:
    reads = dict(story.reads)
    for time in more:
        before = [earlier for earlier in story.reads if earlier <= time]
        if before and not any(stop < time < back for stop, back in story.pauses.items()):
            reads[time] = story.reads[max(before)]
    assert follow(replace(story, reads=reads)) == follow(story)


@law
@given(make_stories(), st.frozensets(st.integers(0, 150), max_size=40))
def test_being_written_and_read_changes_nothing(story: Story, times: frozenset[int]) -> None:
    assert follow(story, reloads=times) == follow(story)


@settings(law, max_examples=8)
@given(make_stories(), st.integers(0, 1 << 32).map(random.Random))
def test_what_is_known_of_what_holds_is_what_a_schedule_finds_that_knows_nothing(
    story: Story, chance: random.Random
) -> None:
    schedule = make_schedule(story)
    schedule.awaits_device = chance.random() < 0.5
    upcoming: int | None = None
    for now in range(story.end + 1):
        mrids = [record.event.mrid for record in schedule.records] or ["00"]
        mrid, modes = chance.choice(mrids), chance.choice([None, ["opModExpLimW"], ["opModConnect", "opModGenLimW"]])
        acts: list[Callable[[], object]] = [
            partial(schedule.refuse, mrid, modes=modes),
            partial(schedule.opt_out, mrid),
            partial(schedule.confirm, mrids, now),
            partial(schedule.resume, now),
            partial(
                setattr, schedule, "abilities", replace(schedule.abilities, device_category=chance.choice([None, 1]))
            ),
            *(partial(schedule.acknowledge, due) for due in schedule.owed[:1]),
        ]
        if now in story.reads:
            schedule.update(now, [to_program(group) for group in story.reads[now]], complete=chance.random() < 0.8)
        else:
            schedule.advance(now)
        if chance.random() < 0.1:
            chance.choice(acts)()
        elif now not in story.reads and now != upcoming and chance.random() < 0.8:
            continue
        before = schedule.version, schedule.owed, schedule.held, schedule.records
        fresh = reload(schedule)
        assert (schedule.in_force(), schedule.explain()) == (fresh.in_force(), fresh.explain())
        assert [each.until for each in schedule.in_force()] == [each.until for each in fresh.in_force()]
        assert [each.reasons for each in schedule.in_force()] == [each.reasons for each in fresh.in_force()]
        assert (schedule.next_change(), schedule.intervals) == (fresh.next_change(), fresh.intervals)
        assert before == (schedule.version, schedule.owed, schedule.held, schedule.records)
        upcoming = schedule.next_change()


@law
@given(make_stories())
def test_no_response_is_sent_twice_and_received_is_the_first(story: Story) -> None:
    _, sent = follow(story)
    assert len({(mrid, status) for mrid, status, _ in sent}) == len(sent)
    for mrid in {mrid for mrid, _, _ in sent}:
        assert 1 not in [status for subject, status, _ in sent if subject == mrid][1:]


@law
@given(make_stories(calm=True))
def test_every_event_gets_one_final_response(story: Story) -> None:
    assume(not story.csip_aus and not story.resumes)
    _, sent = follow(story)
    wanted = {
        control.mrid
        for groups in story.reads.values()
        for group in groups
        for control in group.controls
        if control.wants == 3 and not (control.category and story.category and not control.category & story.category)
    }
    final = [mrid for mrid, status, _ in sent if status in FINAL and mrid in wanted]
    assert sorted(final) == sorted(wanted)


@law
@given(make_stories(), st.integers(0, 120))
def test_what_holds_is_explained_by_where_it_comes_from(story: Story, time: int) -> None:
    schedule = make_schedule(story)
    for now in sorted(story.reads):
        schedule.update(now, [to_program(group) for group in story.reads[now]])
    schedule.advance(max(schedule.now, time))
    explained = schedule.explain()
    holding = schedule.in_force()
    assert list(explained) == [setting.mode for setting in holding]
    for setting in holding:
        assert setting.mrid in explained[setting.mode] and setting.program in explained[setting.mode]
        assert setting.reasons


@law
@given(make_stories())
def test_the_outlook_is_what_happens(story: Story) -> None:
    first = min(story.reads)
    schedule = make_schedule(story)
    schedule.update(first, [to_program(group) for group in story.reads[first]])
    ahead = {change.time: change.in_force for change in schedule.outlook(150)}
    before = schedule.in_force()
    for now in range(first + 1, 151):
        assert schedule.explain(now).keys() == {setting.mode for setting in ahead.get(now, before)}
        schedule.advance(now)
        assert schedule.in_force() == ahead.get(now, before)
        before = schedule.in_force()


# Single events


def test_nothing_holds_but_the_failsafe_until_something_is_read() -> None:
    schedule = Schedule(failsafe=make_values({"EL": 0}))
    (setting,) = schedule.in_force()
    assert (setting.mode, setting.value, setting.origin) == ("opModExpLimW", Decimal(0), Origin.FAILSAFE)
    assert schedule.explain().keys() == {"opModExpLimW"}
    schedule.update(0, [])
    assert schedule.in_force() == ()


def test_the_default_holds_after_a_restart_without_contact() -> None:
    schedule = Schedule(failsafe=make_values({"EL": 0}))
    schedule.update(0, [make_program("A", 1, default={"EL": 1500})])
    again = Schedule.load(schedule.dump(), failsafe=make_values({"EL": 0}))
    again.resume(1000)
    assert look(again) == {"opModExpLimW": (1500, "A")}


def test_an_event_that_ran_only_in_a_pause_was_missed() -> None:
    follower = Follower(Schedule())
    follower.update(0, [make_program("A", 1, make_event("A1", 100, 200, EL=500))])
    follower.restart(300)
    assert follower.sent == [("A1", 1, 0), ("A1", 10, 300)]


def test_a_missed_event_is_silent_in_csip_aus() -> None:
    follower = Follower(Schedule(policy=Policy(responses=Responses.CSIP_AUS)))
    follower.update(0, [make_program("A", 1, make_event("A1", 100, 200, EL=500))])
    follower.restart(300)
    assert follower.sent == [("A1", 1, 0)]


def test_an_event_that_began_in_a_pause_starts_when_the_device_is_back() -> None:
    follower = Follower(Schedule())
    follower.update(0, [make_program("A", 1, make_event("A1", 100, 400, EL=500))])
    follower.restart(300)
    follower.follow(500)
    assert follower.sent == [("A1", 1, 0), ("A1", 2, 300), ("A1", 3, 400)]


def test_a_control_of_higher_priority_does_not_wait_for_one_of_lower_priority() -> None:
    schedule = Schedule(draw=lambda *_: 40)
    low = make_event("B1", 100, 160, EL=5000, randomize_start=60)
    schedule.update(0, [make_program("A", 1, make_event("A1", 160, 200, EL=0)), make_program("B", 2, low)])
    schedule.advance(160)
    assert look(schedule)["opModExpLimW"] == (0, "A1")
    assert states(schedule) == {"A1": State.ACTIVE, "B1": State.SUPERSEDED}


def test_a_control_of_lower_priority_waits_for_one_of_higher_priority() -> None:
    schedule = Schedule(draw=lambda *_: 40)
    high = make_event("A1", 100, 160, EL=0, randomize_start=60)
    schedule.update(0, [make_program("A", 1, high), make_program("B", 2, make_event("B1", 180, 300, EL=5000))])
    schedule.advance(199)
    assert look(schedule)["opModExpLimW"] == (0, "A1")
    schedule.advance(200)
    assert look(schedule)["opModExpLimW"] == (5000, "B1")


def test_an_event_that_is_cancelled_gives_way_while_it_winds_down() -> None:
    schedule = Schedule(draw=lambda *_: 40)
    stopping = make_event("A1", 0, 400, EL=500, randomize_duration=60)
    other = make_event("B1", 120, 300, EL=900)
    schedule.update(0, [make_program("A", 1, stopping), make_program("B", 2, other)])
    schedule.update(100, [make_program("A", 1, replace(stopping, status=3)), make_program("B", 2, other)])
    assert look(schedule)["opModExpLimW"] == (500, "A1")
    assert "cancelled" in schedule.explain()["opModExpLimW"]
    schedule.advance(120)
    assert look(schedule)["opModExpLimW"] == (900, "B1")
    assert states(schedule) == {"A1": State.CANCELLED, "B1": State.ACTIVE}


def test_an_event_whose_program_is_gone_stops_and_comes_back_with_it() -> None:
    follower = Follower(Schedule())
    program = make_program("A", 1, make_event("A1", 100, 400, EL=500))
    follower.update(0, [program])
    follower.update(150, [])
    follower.update(200, [program])
    follower.follow(500)
    assert follower.applied["EL"] == [(100, Decimal(500)), (150, None), (200, Decimal(500)), (400, None)]
    assert follower.sent == [("A1", 1, 0), ("A1", 2, 100), ("A1", 6, 150), ("A1", 3, 400)]


def test_a_program_that_two_assignments_lead_to_is_followed_once() -> None:
    schedule = Schedule()
    program = make_program("A", 1, make_event("A1", 0, 100, EL=500))
    assert schedule.update(0, [program, replace(program, href="/elsewhere")]) == []
    assert owed(schedule) == [("A1", 1, 0), ("A1", 2, 0)]


def test_an_event_at_another_href_is_the_one_that_it_was() -> None:
    schedule = Schedule()
    event = make_event("A1", 0, 100, EL=500)
    schedule.update(0, [make_program("A", 1, event)])
    assert schedule.update(50, [make_program("A", 1, replace(event, href="/elsewhere"))]) == []
    assert states(schedule) == {"A1": State.ACTIVE}


def test_two_events_of_one_mrid_are_followed_by_their_hrefs() -> None:
    schedule = Schedule()
    events = [
        make_event("A1", 50, 100, EL=11, href="/derc/20", status=4),
        make_event("A1", 50, 100, EL=12, href="/derc/21"),
    ]
    notices = schedule.update(0, [make_program("A", 1, *events)])
    schedule.advance(100)
    assert [notice.code for notice in notices] == ["one-mrid-twice"]
    assert owed(schedule) == [("A1", 1, 0), ("A1", 7, 0), ("A1", 2, 50), ("A1", 3, 100)]


def test_an_event_without_an_address_is_followed_without_responses() -> None:
    schedule = Schedule()
    notices = schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500, reply_to=""))])
    assert [notice.code for notice in notices] == ["no-reply-to"]
    assert look(schedule)["opModExpLimW"] == (500, "A1") and not schedule.owed


def test_a_change_into_nonsense_is_not_followed() -> None:
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500))])
    notices = schedule.update(50, [make_program("A", 1, make_event("A1", 0, 100, EL=-5))])
    assert [notice.code for notice in notices] == ["change-not-followed"]
    assert look(schedule)["opModExpLimW"] == (500, "A1")
    schedule.update(60, [make_program("A", 1, make_event("A1", 0, 100, EL=-5, status=2))])
    assert states(schedule) == {"A1": State.CANCELLED}


def test_a_changed_creation_time_decides_nothing() -> None:
    first, second = make_event("A1", 0, 100, 10, EL=500), make_event("A2", 0, 100, 20, EL=700)
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, first, second)])
    schedule.update(50, [make_program("A", 1, replace(first, creation_time=30), second)])
    assert look(schedule)["opModExpLimW"] == (700, "A2")


def test_a_mode_with_a_curve_needs_the_curve_of_its_type() -> None:
    def read(href: str, kind: int) -> list[tuple[str, int, int]]:
        event = replace(make_event("A1", 0, 100), values={"opModVoltVar": "/dc/1"})
        schedule = Schedule()
        schedule.update(0, [make_program("A", 1, event, curves={href: kind})])
        return owed(schedule)

    assert read("/dc/1", 11) == [("A1", 1, 0), ("A1", 2, 0)]
    assert read("/dc/1", 12) == read("/dc/2", 11) == [("A1", 1, 0), ("A1", 252, 0)]


def test_an_event_for_other_kinds_of_device_is_not_even_received() -> None:
    schedule = Schedule(Abilities(device_category=2))
    schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500, device_category=4))])
    assert not schedule.records and not schedule.owed


def test_the_settings_of_defaults_are_merged_like_modes() -> None:
    schedule = Schedule()
    programs = [
        replace(make_program("B", 2), default=Default(settings={"setGradW": 100, "setESDelay": 5})),
        replace(make_program("A", 1), default=Default(settings={"setGradW": 27})),
        make_program("C", 0),
    ]
    schedule.update(0, programs)
    assert schedule.get_settings() == {"setGradW": 27, "setESDelay": 5}


def test_what_defaults_have_set_stays_when_they_no_longer_say_it() -> None:
    schedule = Schedule()
    schedule.update(0, [replace(make_program("A", 1), default=Default(settings={"setGradW": 27, "setESDelay": 5}))])
    schedule.update(60, [replace(make_program("A", 1), default=Default(settings={"setGradW": 100}))])
    assert schedule.get_settings() == {"setGradW": 100, "setESDelay": 5}
    schedule.update(120, [make_program("A", 1)])
    assert Schedule.load(schedule.dump()).get_settings() == {"setGradW": 100, "setESDelay": 5}


def test_an_event_that_the_device_refuses_was_not_started() -> None:
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500), make_event("A2", 0, 100, GL=500))])
    schedule.refuse("A1")
    for due in schedule.owed:
        schedule.acknowledge(due)
    schedule.refuse("A2")
    assert states(schedule) == {"A1": State.REFUSED, "A2": State.REFUSED}
    assert look(schedule) == {} and not schedule.owed


def test_a_refusal_is_sent_instead_of_the_start() -> None:
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500))])
    schedule.refuse("A1", status=ResponseStatus.INVALID)
    assert owed(schedule) == [("A1", 1, 0), ("A1", 253, 0)]


def test_an_event_that_is_stopping_is_refused_as_well() -> None:
    schedule = Schedule(draw=lambda mrid, chance, bound: bound)
    event = make_event("A1", 0, 100, EL=500, GL=700, randomize_duration=50)
    schedule.update(0, [make_program("A", 1, event)])
    cancelled = replace(event, status=EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION)
    schedule.update(10, [make_program("A", 1, cancelled)])
    schedule.refuse("A1", modes=["opModGenLimW"])
    assert [setting.mode for setting in schedule.in_force()] == ["opModExpLimW"]
    assert states(schedule) == {"A1": State.STOPPING}
    schedule.refuse("A1", modes=["opModExpLimW"])
    assert look(schedule) == {} and states(schedule) == {"A1": State.CANCELLED}
    assert owed(schedule) == [("A1", 1, 0), ("A1", 2, 0), ("A1", 6, 10)]


@pytest.mark.parametrize(("wants", "status"), [(3, 252), (7, 4)])
def test_a_user_opts_out_of_what_has_not_started(wants: int, status: int) -> None:
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, make_event("A1", 50, 100, EL=500, response_required=wants))])
    schedule.opt_out("A1")
    schedule.advance(100)
    assert owed(schedule) == [("A1", 1, 0), ("A1", status, 0)]


def test_a_user_opts_out_of_what_has_started() -> None:
    schedule = Schedule()
    schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500, response_required=7))])
    schedule.advance(50)
    schedule.opt_out("A1")
    assert owed(schedule) == [("A1", 1, 0), ("A1", 2, 0), ("A1", 8, 50)]
    assert look(schedule) == {}


def test_an_event_is_remembered_while_it_could_be_taken_for_a_new_one() -> None:
    program = make_program("A", 1, make_event("A1", 0, 100, EL=500))
    schedule = Schedule()
    schedule.update(0, [program])
    schedule.update(KEPT_SECONDS, [replace(program, events=())])
    assert states(schedule) == {"A1": State.COMPLETED}
    schedule.update(KEPT_SECONDS + 50, [program])
    schedule.update(KEPT_SECONDS + 200, [program])
    assert owed(schedule) == [("A1", 1, 0), ("A1", 2, 0), ("A1", 3, 100)]
    schedule.update(KEPT_SECONDS + 201, [replace(program, events=())])
    assert not schedule.records
    assert reload(schedule).dump() == schedule.dump()


def test_what_is_past_is_not_explained() -> None:
    with pytest.raises(EnvoyError):
        Schedule(now=100).explain(99)


def test_an_explanation_names_the_winner_and_the_losers(snapshot: object) -> None:
    schedule = Schedule()
    schedule.update(
        0,
        [
            make_program("A", 1, make_event("A1", 100, 300, 5, EL=500), default={"EL": 1500}),
            make_program(
                "B",
                2,
                make_event("B1", 50, 500, EL=2000, GL=900),
                make_event("B2", 60, 400, 9, GL=800),
                default={"EL": 9},
            ),
            make_program("C", 1, make_event("C1", 100, 300, 4, CO=False, EL=700)),
        ],
    )
    assert {time: schedule.explain(time) for time in (0, 70, 100, 300)} == snapshot


def test_an_explanation_says_what_decided(snapshot: object) -> None:
    def explain(*events: Event, **others: Any) -> str:
        schedule = Schedule(draw=lambda *_: 40)
        schedule.update(0, [make_program("A", 1, *events, **others)])
        return schedule.explain()["opModExpLimW"]

    alike = [make_event(mrid, 0, 100, 7, EL=watts) for mrid, watts in (("A1", 500), ("A2", 700))]
    assert {
        "equal": explain(*alike),
        "far": explain(make_event("A1", 0, 10**15, EL=0)),
    } == snapshot


def test_an_event_that_is_stopping_ends_with_its_program() -> None:
    schedule = Schedule(draw=lambda *_: 40)
    event = make_event("A1", 0, 400, EL=500, randomize_duration=60)
    schedule.update(0, [make_program("A", 1, event)])
    schedule.update(100, [make_program("A", 1, replace(event, status=3))])
    assert look(schedule) and schedule.next_change() == 140
    schedule.update(110, [])
    assert not look(schedule) and schedule.next_change() is None
    assert owed(schedule) == [("A1", 1, 0), ("A1", 2, 0), ("A1", 6, 100)]


def test_a_cancellation_without_randomness_to_draw_is_at_once() -> None:
    schedule = Schedule()
    event = make_event("A1", 0, 400, EL=500)
    schedule.update(0, [make_program("A", 1, event)])
    schedule.update(100, [make_program("A", 1, replace(event, status=3))])
    assert not look(schedule) and owed(schedule)[-1] == ("A1", 6, 100)


def test_a_second_cancellation_ends_what_is_stopping() -> None:
    schedule = Schedule(draw=lambda *_: 40)
    event = make_event("A1", 0, 400, EL=500, randomize_duration=60)
    for time, status in ((0, 0), (100, 3), (110, 3)):
        schedule.update(time, [make_program("A", 1, replace(event, status=status))])
    assert look(schedule)
    schedule.update(120, [make_program("A", 1, replace(event, status=2))])
    assert not look(schedule)
    assert owed(schedule) == [("A1", 1, 0), ("A1", 2, 0), ("A1", 6, 100)]


def test_of_an_incomplete_reading_nothing_that_is_missing_is_gone() -> None:
    schedule = Schedule(policy=Policy(edition=Edition.E2023), failsafe=make_values({"EL": 9}))
    schedule.update(0, [], complete=False)
    assert look(schedule) == {"opModExpLimW": (9, "")}
    schedule.update(0, [make_program("A", 1, make_event("A1", 0, 100, EL=500), default={"GL": 700})])
    schedule.update(50, [make_program("B", 2, default={"EL": 1})], complete=False)
    assert look(schedule) == {"opModExpLimW": (500, "A1"), "opModGenLimW": (700, "A")}
    schedule.update(60, [make_program("B", 2, default={"EL": 1})])
    assert look(schedule) == {"opModExpLimW": (1, "B")}


# What a program gives


def test_a_choice_may_be_given_by_its_name_and_another_is_an_error() -> None:
    policy = Policy(edition="2023", responses="csip-aus", superseded="resumes")  # type: ignore[arg-type]
    assert policy == Policy(Edition.E2023, Responses.CSIP_AUS, Superseded.RESUMES)
    assert policy.superseded is Superseded.RESUMES
    with pytest.raises(EnvoyError, match="superseded") as caught:
        Policy(superseded="resume")  # type: ignore[arg-type]
    assert "resumes" in caught.value.remedy
