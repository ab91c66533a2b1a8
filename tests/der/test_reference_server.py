"""Following what the reference CSIP-AUS server sends, the odd among it too."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from envoy import loads
from envoy.der.events import Program
from envoy.der.policies import Edition, Policy, Responses
from envoy.der.record import State
from envoy.der.schedule import Schedule
from sep2 import DefaultDERControl, DERControl, DERControlList, DERProgramList, PrimacyType
from sep2 import DERProgram as DERProgramModel
from tests.conftest import SHARED
from tests.support.schedules import Follower

BODIES = SHARED / "cases" / "reference-server"
FILES = sorted(path.name for path in BODIES.glob("*.xml"))
NOON = 1_795_874_788
"""When most of the bodies were recorded, in the server's time."""

pytestmark = pytest.mark.skipif(not FILES, reason="no bodies of the reference server beside the repository")


def read(name: str) -> Any:
    return loads((BODIES / name).read_bytes())


def make_program(*names: str, default: str = "", primacy: int = 1, **others: Any) -> Program:
    """Return a program with the controls of some bodies, lists or single ones."""
    bodies = [read(name) for name in names]
    controls = [
        control for body in bodies for control in (body.der_control if isinstance(body, DERControlList) else [body])
    ]
    model = DERProgramModel(mrid=bytes(16), primacy=PrimacyType(primacy))
    return Program.from_models(model, controls=controls, default=read(default) if default else None, **others)


def make_follower(*programs: Program, now: int = NOON, policy: Policy | None = None) -> Follower:
    """Return a device that has read programs, with the least random numbers."""
    follower = Follower(Schedule(policy=policy, draw=lambda mrid, chance, bound: 0, now=now))
    follower.update(now, programs)
    return follower


def sent(follower: Follower, last: str) -> list[tuple[int, int]]:
    """Return the responses to the event whose mRID has these digits before the number of the enterprise."""
    return [
        (status, time - NOON) for mrid, status, time in follower.sent if mrid.removesuffix("00007ED9").endswith(last)
    ]


def limits(follower: Follower, mode: str = "EL") -> list[tuple[int, Any]]:
    return [(time - NOON, value) for time, value in follower.applied.get(mode, [])]


@pytest.mark.parametrize("name", FILES)
def test_each_body_is_read(name: str) -> None:
    body = read(name)
    controls = {DERControl: [body], DERControlList: getattr(body, "der_control", [])}.get(type(body), [])
    program = make_program(name) if isinstance(body, DERControl | DERControlList) else None
    assert len(controls) == (0 if program is None else len(program.events))
    if isinstance(body, DefaultDERControl):
        assert make_program(default=name).default is not None


def test_a_schedule_of_one_active_and_three_scheduled_controls() -> None:
    follower = make_follower(make_program("15-derc-list-1-active-3-scheduled.xml", default="15-dderc.xml"))
    follower.follow(NOON + 5000)
    assert limits(follower) == [
        (0, Decimal(40_000)),
        (190, Decimal(1500)),
        (600, Decimal(1234)),
        (900, Decimal(1500)),
        (1200, Decimal(500)),
        (1500, Decimal(1500)),
        (2000, Decimal(700)),
        (2300, Decimal(1500)),
    ]
    assert sent(follower, "2") == [(1, 0), (2, 0), (3, 190)]
    assert sent(follower, "4") == [(1, 0), (2, 2000), (3, 2300)]
    assert follower.schedule.get_settings() == {"setGradW": 27}


def test_a_first_page_alone_takes_nothing_back() -> None:
    whole = make_program("15-derc-list-1-active-3-scheduled.xml")
    for edition in Edition:
        follower = make_follower(whole, policy=Policy(edition))
        follower.update(NOON + 60, [make_program("15-derc-list-default-page.xml", complete=False)])
        assert [record.state for record in follower.schedule.records] == [State.ACTIVE] + [State.SCHEDULED] * 3


def test_a_list_without_controls_ends_nothing_in_2018() -> None:
    follower = make_follower(make_program("15-derc-active.xml"))
    follower.update(NOON + 60, [make_program("15-derc-list-empty.xml")])
    follower.follow(NOON + 1000)
    assert sent(follower, "2") == [(1, 0), (2, 0), (3, 190)]


@pytest.mark.parametrize(
    ("name", "last"),
    [
        ("15-derc-cancelled.xml", 6),
        ("15-derc-cancelled-randomized.xml", 6),
        ("15-derc-list-cancelled-randomized.xml", 6),
        ("15-derc-superseded.xml", 7),
    ],
)
def test_what_is_over_when_first_seen_is_received_and_ended(name: str, last: int) -> None:
    follower = make_follower(make_program(name, default="15-dderc.xml"), now=NOON + 200)
    follower.follow(NOON + 5000)
    assert [status for _, status, _ in follower.sent] == [1, last]
    assert limits(follower) == [(200, Decimal(1500))] and "CO" not in follower.applied


def test_an_active_control_cancelled_with_randomization_stops_within_its_bound() -> None:
    cancelled = read("15-derc-list-cancelled-randomized.xml")
    active = read("15-derc-list-cancelled-randomized.xml")
    active.der_control[0].event_status.current_status = 1
    active.der_control[0].creation_time -= 10
    model = DERProgramModel(mrid=bytes(16), primacy=PrimacyType(1))
    schedule = Schedule(draw=lambda mrid, chance, bound: bound, now=NOON + 200)
    follower = Follower(schedule)
    follower.update(NOON + 210, [Program.from_models(model, controls=active.der_control)])
    follower.update(NOON + 300, [Program.from_models(model, controls=cancelled.der_control)])
    # It stays in the list until its specified end.
    follower.update(NOON + 400, [Program.from_models(model, controls=cancelled.der_control)])
    # Its start was drawn as 30 s after the specified one.
    assert limits(follower, "CO") == [(222, False), (330, None)]
    assert sent(follower, "E") == [(1, 210), (2, 222), (6, 300)]


def test_two_controls_of_one_mrid() -> None:
    follower = make_follower(make_program("15-derc-list-two-with-one-mrid.xml"))
    follower.follow(NOON + 6000)
    assert limits(follower) == [(4294, Decimal(12)), (4384, None)]
    assert sent(follower, "4D") == [(1, 0), (7, 0), (2, 4294), (3, 4384)]


def test_a_control_that_was_scheduled_is_superseded_at_once_and_only_once() -> None:
    follower = make_follower(make_program("15-derc-list-1-active-3-scheduled.xml"))
    names = (
        "15-derc-active.xml",
        "15-derc-superseded.xml",
        "15-derc-cancelled-randomized.xml",
        "15-derc-cancelled.xml",
    )
    for seconds in (3, 63, 600):
        follower.update(NOON + seconds, [make_program(*names)])
    follower.follow(NOON + 5000)
    # The creationTime has moved by then, which is not a change.
    assert sent(follower, "1") == [(1, 0), (7, 3)]
    assert sent(follower, "3") == [(1, 0), (6, 3)]
    assert limits(follower, "IL") == []


def test_a_changed_default_holds_at_once() -> None:
    follower = make_follower(make_program(default="15-dderc.xml"))
    follower.update(NOON + 60, [make_program(default="15-dderc-changed.xml")])
    assert limits(follower) == [(0, Decimal(1500)), (60, Decimal(2500))]
    assert follower.schedule.get_settings() == {"setGradW": 100}
    follower.update(NOON + 120, [make_program(default="15-dderc-without-default.xml")])
    assert limits(follower)[-1] == (120, None) and follower.schedule.get_settings() == {"setGradW": 100}


def test_the_order_of_programs_is_ours_not_the_servers() -> None:
    programs: DERProgramList = read("15-derp-list-of-device.xml")
    defaults = {"second": "15-dderc-changed.xml", "Default control group": "15-dderc.xml"}
    read_programs = [
        Program.from_models(model, default=read(defaults[model.description]))
        for model in reversed(programs.der_program)
        if model.description in defaults
    ]
    follower = make_follower(*read_programs)
    assert limits(follower) == [(0, Decimal(2500))]


def test_storage_targets_of_csip_aus_1_3() -> None:
    follower = make_follower(
        make_program("22-derc-list-storage.xml", default="22-dderc.xml"),
        now=NOON + 263,
        policy=Policy(responses=Responses.CSIP_AUS),
    )
    follower.follow(NOON + 5000)
    assert limits(follower) == [(263, Decimal(33_330)), (861, Decimal(0))]
    assert [value for _, value in follower.applied["ST"]] == [Decimal(-3000), None, Decimal(3000), None]
