"""Worked timelines: what holds when, and which responses are sent, from events, edits, outages and restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from envoy.der.abilities import Abilities
from envoy.der.events import Default, Event, Program
from envoy.der.modes import MODES
from envoy.der.policies import Edition, Policy, Superseded
from envoy.der.schedule import Schedule
from envoy.der.timing import Chance
from tests.support.schedules import Follower, make_event, make_program

Events = dict[str, list[Event]]
A_EXPORT = make_event("A1", 100, 400, EL=5000)
B_EXPORT = make_event("B1", 100, 500, EL=2000)
A_TIGHT = make_event("A1", 200, 300, EL=500)
SECOND = make_event("B1", 200, 500, EL=2000, GL=3000)
RESUMES = Policy(superseded=Superseded.RESUMES)
EXPORT = frozenset({"opModExpLimW"})
IN_2023 = Policy(edition=Edition.E2023)


def read(*events: Event, **changes: int) -> tuple[Program, ...]:
    """Return programs A and B with the events whose mRIDs begin with their names."""
    a, b = ([event for event in events if event.mrid.startswith(name)] for name in "AB")
    return (
        make_program("A", 1, *a, default={"EL": 1500}, **changes),
        make_program("B", 2, *b, default={"EL": 3000, "GL": 4000}, **changes),
    )


def read_off() -> tuple[Program, ...]:
    """Return the programs, the default of A switching off what that of B sets."""
    a, b = read()
    return replace(a, default=Default(off=EXPORT)), b


@dataclass(frozen=True)
class Timeline:
    """A timeline.

    Attributes:
        reads: What is read, by the time.
        holds: The limits that hold, as ``VALUE@TIME``, by mode.
        sent: The responses, as ``STATUS@TIME``, by event, in the order in which they are sent.
        policy: The choices.
        draws: What is drawn.
        restarts: When the process comes back, by the time when it was killed.
        until: When the timeline ends.
    """

    reads: dict[int, tuple[Program, ...]]
    holds: dict[str, str]
    sent: dict[str, str]
    policy: Policy = field(default_factory=Policy)
    draws: dict[tuple[str, Chance], int] = field(default_factory=dict)
    restarts: dict[int, int] = field(default_factory=dict)
    until: int = 1000


GL = "4000@0"
TIMELINES = {
    "T1 defaults": Timeline({0: read()}, {"EL": "1500@0", "GL": GL}, {}),
    "T2 one event": Timeline(
        {0: read(A_EXPORT)}, {"EL": "1500@0 5000@100 1500@400", "GL": GL}, {"A1": "1@0 2@100 3@400"}
    ),
    "T3 overlap of lower priority": Timeline(
        {0: read(A_EXPORT, make_event("B1", 200, 500, EL=2000))},
        {"EL": "1500@0 5000@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400", "B1": "1@0 7@200"},
    ),
    "T3 resumes": Timeline(
        {0: read(A_EXPORT, make_event("B1", 200, 500, EL=2000))},
        {"EL": "1500@0 5000@100 2000@400 1500@500", "GL": GL},
        {"A1": "1@0 2@100 3@400", "B1": "1@0 7@200 2@400 3@500"},
        RESUMES,
    ),
    "T4 one mode lost": Timeline(
        {0: read(A_EXPORT, SECOND)},
        {"EL": "1500@0 5000@100 1500@400", "GL": "4000@0 3000@200 4000@500"},
        {"A1": "1@0 2@100 3@400", "B1": "1@0 2@200 3@500"},
    ),
    "T4 resumes": Timeline(
        {0: read(A_EXPORT, SECOND)},
        {"EL": "1500@0 5000@100 2000@400 1500@500", "GL": "4000@0 3000@200 4000@500"},
        {"A1": "1@0 2@100 3@400", "B1": "1@0 2@200 3@500"},
        RESUMES,
    ),
    "T5 superseded while active": Timeline(
        {0: read(A_TIGHT, B_EXPORT)},
        {"EL": "1500@0 2000@100 500@200 1500@300", "GL": GL},
        {"A1": "1@0 2@200 3@300", "B1": "1@0 2@100 7@200"},
    ),
    "T5 resumes": Timeline(
        {0: read(A_TIGHT, B_EXPORT)},
        {"EL": "1500@0 2000@100 500@200 2000@300 1500@500", "GL": GL},
        {"A1": "1@0 2@200 3@300", "B1": "1@0 2@100 7@200 3@500"},
        RESUMES,
    ),
    "T5 resumes in 2023": Timeline(
        {0: read(A_TIGHT, B_EXPORT)},
        {"EL": "1500@0 2000@100 500@200 2000@300 1500@500", "GL": GL},
        {"A1": "1@0 2@200 3@300", "B1": "1@0 2@100 7@200 15@300 3@500"},
        replace(RESUMES, edition=Edition.E2023),
    ),
    "T6 winner cancelled before it starts": Timeline(
        {0: read(A_TIGHT, B_EXPORT), 150: read(replace(A_TIGHT, status=2), B_EXPORT)},
        {"EL": "1500@0 2000@100 1500@500", "GL": GL},
        {"A1": "1@0 6@150", "B1": "1@0 2@100 3@500"},
    ),
    "T7 winner cancelled while active": Timeline(
        {0: read(A_TIGHT, B_EXPORT), 250: read(replace(A_TIGHT, status=2), B_EXPORT)},
        {"EL": "1500@0 2000@100 500@200 1500@250", "GL": GL},
        {"A1": "1@0 2@200 6@250", "B1": "1@0 2@100 7@200"},
    ),
    "T8 newer of one program": Timeline(
        {0: read(make_event("A1", 100, 200, 10, EL=800), make_event("AC", 150, 250, 20, EL=600))},
        {"EL": "1500@0 800@100 600@150 1500@250", "GL": GL},
        {"A1": "1@0 2@100 7@150", "AC": "1@0 2@150 3@250"},
    ),
    "T9 older of one program": Timeline(
        {0: read(make_event("A1", 100, 200, 20, EL=800), make_event("AC", 150, 250, 10, EL=600))},
        {"EL": "1500@0 800@100 1500@200", "GL": GL},
        {"A1": "1@0 2@100 3@200", "AC": "1@0 7@150"},
    ),
    "T10 chain": Timeline(
        {
            0: read(
                make_event("A1", 100, 160, EL=800, randomize_start=60),
                make_event("AC", 160, 220, EL=600, randomize_start=60),
            )
        },
        {"EL": "1500@0 800@137 600@197 1500@257", "GL": GL},
        {"A1": "1@0 2@137 3@197", "AC": "1@0 2@197 3@257"},
        draws={("A1", Chance.START): 37, ("AC", Chance.START): 5},
    ),
    "T11 earlier and shorter": Timeline(
        {0: read(make_event("A1", 100, 200, EL=800, randomize_start=-30, randomize_duration=-20))},
        {"EL": "1500@0 800@88 1500@181", "GL": GL},
        {"A1": "1@0 2@88 3@181"},
        draws={("A1", Chance.START): 12, ("A1", Chance.DURATION): 7},
    ),
    "T12 first seen late": Timeline(
        {0: read(), 130: read(make_event("A1", 100, 200, EL=5000))},
        {"EL": "1500@0 5000@130 1500@200", "GL": GL},
        {"A1": "1@130 2@130 3@200"},
    ),
    "T13 first seen at its end": Timeline(
        {0: read(), 200: read(make_event("A1", 100, 200, EL=5000))}, {"EL": "1500@0", "GL": GL}, {"A1": "254@200"}
    ),
    "T14 cancelled with randomization": Timeline(
        {
            0: read(make_event("A1", 100, 400, EL=5000, randomize_start=60)),
            200: read(make_event("A1", 100, 400, EL=5000, randomize_start=60, status=3)),
        },
        {"EL": "1500@0 5000@100 1500@225", "GL": GL},
        {"A1": "1@0 2@100 6@200"},
        draws={("A1", Chance.START): 0, ("A1", Chance.STOP): 25},
    ),
    "T15 no longer listed, 2018": Timeline(
        {0: read(A_EXPORT), 200: read()},
        {"EL": "1500@0 5000@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
    ),
    "T15 no longer listed, 2023": Timeline(
        {0: read(A_EXPORT), 200: read()},
        {"EL": "1500@0 5000@100 1500@200", "GL": GL},
        {"A1": "1@0 2@100 6@200"},
        IN_2023,
    ),
    "T15 no longer listed before it starts, 2023": Timeline(
        {0: read(A_EXPORT), 50: read()}, {"EL": "1500@0", "GL": GL}, {"A1": "1@0 6@50"}, IN_2023
    ),
    "T15 listed again, 2023": Timeline(
        {0: read(A_EXPORT), 200: read(), 250: read(A_EXPORT)},
        {"EL": "1500@0 5000@100 1500@200 5000@250 1500@400", "GL": GL},
        {"A1": "1@0 2@100 6@200 3@400"},
        IN_2023,
    ),
    "T15 no longer listed after its end, 2023": Timeline(
        {0: read(A_EXPORT), 400: read()},
        {"EL": "1500@0 5000@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
        IN_2023,
    ),
    "T15 winner no longer listed, 2023": Timeline(
        {0: read(A_TIGHT, B_EXPORT), 150: read(B_EXPORT)},
        {"EL": "1500@0 2000@100 1500@500", "GL": GL},
        {"A1": "1@0 6@150", "B1": "1@0 2@100 3@500"},
        IN_2023,
    ),
    "T15 list not whole, 2023": Timeline(
        {0: read(A_EXPORT), 200: read(complete=False)},
        {"EL": "1500@0 5000@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
        IN_2023,
    ),
    "T17 killed and started in time": Timeline(
        {0: read(A_EXPORT)},
        {"EL": "1500@0 5000@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
        restarts={150: 300},
    ),
    "T18 killed and started too late": Timeline(
        {0: read(A_EXPORT), 510: read(A_EXPORT)},
        {"EL": "1500@0 5000@100 1500@500", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
        restarts={150: 500},
    ),
    "T19 above capability": Timeline(
        {0: read(make_event("A1", 100, 400, EL=999_999))},
        {"EL": "1500@0 999999@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
    ),
    "T20 only a mode that is not supported": Timeline(
        {
            0: read(
                make_event("A1", 100, 400, DR=(("dbof", 36), ("dbuf", 36))),
                make_event("B1", 100, 400, EL=2000),
            )
        },
        {"EL": "1500@0 2000@100 1500@400", "GL": GL},
        {"A1": "1@0 252@0", "B1": "1@0 2@100 3@400"},
    ),
    "T21 disconnect and limit": Timeline(
        {0: read(make_event("A1", 100, 200, CO=False), make_event("B1", 100, 200, EL=2000))},
        {"EL": "1500@0 2000@100 1500@200", "GL": GL, "CO": "False@100 None@200"},
        {"A1": "1@0 2@100 3@200", "B1": "1@0 2@100 3@200"},
    ),
    "T22 server corrects its clock": Timeline(
        {0: read(A_EXPORT), 120: read(A_EXPORT, offset=50)},
        {"EL": "1500@0 5000@100 1500@350", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
    ),
    "T20 not supported, 2023": Timeline(
        {0: read(make_event("A1", 100, 400, DR=(("dbof", 36),)), make_event("B1", 100, 400, EL=2000))},
        {"EL": "1500@0 2000@100 1500@400", "GL": GL},
        {"A1": "1@0 251@0", "B1": "1@0 2@100 3@400"},
        IN_2023,
    ),
    "T20 without its curve, 2023": Timeline(
        {0: read(make_event("A1", 100, 400, VV="/dc/1"), make_event("AB", 100, 400))},
        {"EL": "1500@0", "GL": GL},
        {"A1": "1@0 252@0", "AB": "1@0 252@0"},
        IN_2023,
    ),
    "T25 said to be completed while active": Timeline(
        {0: read(A_EXPORT), 300: read(replace(A_EXPORT, status=5))},
        {"EL": "1500@0 5000@100 1500@300", "GL": GL},
        {"A1": "1@0 2@100 3@300"},
        IN_2023,
    ),
    "T25 said to be completed before it starts": Timeline(
        {0: read(A_EXPORT), 50: read(replace(A_EXPORT, status=5))},
        {"EL": "1500@0", "GL": GL},
        {"A1": "1@0 10@50"},
        IN_2023,
    ),
    "T25 completed when first seen": Timeline(
        {0: read(replace(A_EXPORT, status=5))}, {"EL": "1500@0", "GL": GL}, {"A1": "254@0"}, IN_2023
    ),
    "T25 completed when it was cancelled at random": Timeline(
        {
            0: read(make_event("A1", 100, 400, EL=5000, randomize_start=60)),
            200: read(make_event("A1", 100, 400, EL=5000, randomize_start=60, status=3)),
            210: read(make_event("A1", 100, 400, EL=5000, randomize_start=60, status=5)),
        },
        {"EL": "1500@0 5000@100 1500@210", "GL": GL},
        {"A1": "1@0 2@100 6@200"},
        IN_2023,
        draws={("A1", Chance.START): 0, ("A1", Chance.STOP): 25},
    ),
    "T26 a mode switched off": Timeline(
        {0: read(make_event("A1", 100, 400, off=EXPORT))},
        {"EL": "1500@0 None@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
        IN_2023,
    ),
    "T26 a mode switched off for an event of lower priority": Timeline(
        {0: read(make_event("A1", 100, 400, off=EXPORT), make_event("B1", 200, 500, EL=2000, GL=3000))},
        {"EL": "1500@0 None@100 1500@400", "GL": "4000@0 3000@200 4000@500"},
        {"A1": "1@0 2@100 3@400", "B1": "1@0 2@200 3@500"},
        IN_2023,
    ),
    "T26 a mode switched off by an event of lower priority": Timeline(
        {0: read(A_EXPORT, make_event("B1", 200, 500, off=EXPORT))},
        {"EL": "1500@0 5000@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400", "B1": "1@0 7@200"},
        IN_2023,
    ),
    "T26 changed to be switched off": Timeline(
        {0: read(A_EXPORT), 200: read(make_event("A1", 100, 400, off=EXPORT))},
        {"EL": "1500@0 5000@100 None@200 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
        IN_2023,
        restarts={250: 260},
    ),
    "T26 not supported is not switched off": Timeline(
        {0: read(make_event("A1", 100, 400, off=frozenset({"opModFreqDroop"})))},
        {"EL": "1500@0", "GL": GL},
        {"A1": "1@0 251@0"},
        IN_2023,
    ),
    "T26 a default that switches off": Timeline(
        {0: read(), 100: read_off(), 200: (replace(read_off()[0], default=None), read_off()[1]), 300: read_off()},
        {"EL": "1500@0 None@100 3000@200 None@300", "GL": GL},
        {},
        IN_2023,
    ),
    "T24 changed by the server": Timeline(
        {0: read(A_EXPORT), 50: read(make_event("A1", 100, 400, EL=700))},
        {"EL": "1500@0 700@100 1500@400", "GL": GL},
        {"A1": "1@0 2@100 3@400"},
    ),
}


def make_follower(timeline: Timeline) -> Follower:
    abilities = Abilities(frozenset(MODES) - {"opModFreqDroop"})
    drawn: Callable[[str, Chance, int], int] = lambda mrid, chance, _: timeline.draws[mrid, chance]  # noqa: E731
    return Follower(Schedule(abilities, timeline.policy, draw=drawn))


def follow(timeline: Timeline) -> Follower:
    follower = make_follower(timeline)
    happens = sorted([*timeline.reads, *timeline.restarts])
    for time in happens:
        if programs := timeline.reads.get(time):
            follower.update(time, programs)
        if restart := timeline.restarts.get(time):
            follower.follow(time)
            follower.restart(restart)
    follower.follow(timeline.until)
    return follower


@pytest.mark.parametrize("name", TIMELINES)
def test_each_mode_has_its_value_and_each_event_its_responses(name: str) -> None:
    timeline = TIMELINES[name]
    follower = follow(timeline)
    applied = {
        mode: " ".join(f"{value}@{time}" for time, value in history) for mode, history in follower.applied.items()
    }
    assert applied == timeline.holds
    sent: dict[str, list[str]] = {}
    for mrid, status, created in follower.sent:
        sent.setdefault(mrid, []).append(f"{status}@{created}")
    assert {mrid: " ".join(responses) for mrid, responses in sent.items()} == timeline.sent


MODES_SAID = {
    "supported in part": (
        make_event("A1", 100, 400, EL=5000, ML=5000, DR=(("dbof", 36),)),
        [(1, {"opModMaxLimW", "opModExpLimW"}), (2, {"opModMaxLimW", "opModExpLimW"})],
    ),
    "not supported": (
        make_event("A1", 100, 400, DR=(("dbof", 36),)),
        [(1, {"opModFreqDroop"}), (251, {"opModFreqDroop"})],
    ),
    "switched off": (
        make_event("A1", 100, 400, CO=True, off=frozenset({"opModFixedW", "opModFreqDroop"})),
        [(1, {"opModConnect", "opModFixedW"}), (2, {"opModConnect", "opModFixedW"})],
    ),
}


@pytest.mark.parametrize("name", MODES_SAID)
def test_in_2023_a_response_says_which_modes_it_is_about(name: str) -> None:
    event, expected = MODES_SAID[name]
    for policy in (IN_2023, Policy()):
        schedule = Schedule(Abilities(frozenset(MODES) - {"opModFreqDroop"}), policy)
        schedule.update(100, read(event))
        # As it is after a restart.
        owed = Schedule.load(schedule.dump(), schedule.abilities, policy).owed
        assert owed == schedule.owed
        if policy is IN_2023:
            assert [(due.status, set(due.modes)) for due in owed] == expected
        else:
            assert [due.modes for due in owed] == [(), ()]


def test_t16_what_happens_without_contact_is_sent_later_with_its_true_time() -> None:
    schedule = Schedule()
    follower = Follower(schedule)
    follower.update(0, read(A_EXPORT))
    follower.follow(150)
    while (time := schedule.next_change()) is not None:
        schedule.advance(time)
    assert [(setting.mode, setting.origin) for setting in schedule.in_force()] == [
        ("opModExpLimW", "default"),
        ("opModGenLimW", "default"),
    ]
    follower.follow(600)
    assert follower.sent == [("A1", 1, 0), ("A1", 2, 100), ("A1", 3, 400)]


def test_t23_each_end_device_follows_and_responds_for_itself() -> None:
    followers = [follow(TIMELINES["T2 one event"]) for _ in range(2)]
    assert followers[0].sent == followers[1].sent == [("A1", 1, 0), ("A1", 2, 100), ("A1", 3, 400)]
    messages = [due.to_model(lfdi) for lfdi in (b"1" * 20, b"2" * 20) for due in _owed_of_two_events()]
    assert len({(message.end_device_lfdi, message.subject, message.status) for message in messages}) == 4


def _owed_of_two_events() -> list:  # type: ignore[type-arg]
    schedule = Schedule()
    schedule.update(0, read(A_EXPORT, B_EXPORT))
    return list(schedule.owed)


def test_t24_a_change_by_the_server_is_noticed() -> None:
    schedule = Schedule()
    schedule.update(0, read(A_EXPORT))
    notices = schedule.update(50, read(make_event("A1", 100, 400, EL=700)))
    assert [(notice.code, notice.mrid) for notice in notices] == [("event-changed", "A1")]
    assert schedule.update(60, read(make_event("A1", 100, 400, EL=700))) == []


def test_a_take_over_is_told_in_order() -> None:
    sent = follow(TIMELINES["T5 superseded while active"]).sent
    assert sent.index(("B1", 7, 200)) < sent.index(("A1", 2, 200))
