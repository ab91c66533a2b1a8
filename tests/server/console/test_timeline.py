"""The timeline of a site, from its programs as the operator sees them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from envoy.server.console.timeline import Segment, make_timeline
from envoy.utility import ManualClock, Settings, Utility
from tests.support.utilities import new_lfdi

EXPORT, CONNECT = "op_mod_exp_lim_w", "op_mod_connect"
NOW = 1_700_000_000


def control(number: int, start: int, duration: int, status: int = 0, created: int = 0, **modes: Any) -> dict[str, Any]:
    return {
        "control": number,
        "mrid": f"{number:032X}",
        "status": status,
        "start": start,
        "duration": duration,
        "creation_time": created,
        "modes": modes,
    }


def program(number: int, primacy: int, *controls: dict[str, Any], **default: Any) -> dict[str, Any]:
    return {"program": number, "primacy": primacy, "default": default, "controls": controls}


def test_a_control_interrupts_the_default() -> None:
    found = make_timeline([program(1, 1, control(7, 100, 60, op_mod_exp_lim_w=1500), op_mod_exp_lim_w=5000)])
    assert found == {
        EXPORT: [
            Segment(None, 100, 5000, 1),
            Segment(100, 160, 1500, 1, 7),
            Segment(160, None, 5000, 1),
        ]
    }


def test_a_mode_is_contested_by_primacy_and_then_by_age() -> None:
    found = make_timeline(
        [
            program(1, 1, control(1, 20, 10, op_mod_exp_lim_w=1), control(2, 25, 10, created=5, op_mod_exp_lim_w=2)),
            program(2, 2, control(3, 0, 60, op_mod_exp_lim_w=3, op_mod_connect=False), op_mod_connect=True),
        ]
    )
    assert [(each.start, each.stop, each.control) for each in found[EXPORT]] == [
        (0, 20, 3),
        (20, 25, 1),
        (25, 35, 2),
        (35, 60, 3),
    ]
    assert [(each.start, each.stop, each.value) for each in found[CONNECT]] == [
        (None, 0, True),
        (0, 60, False),
        (60, None, True),
    ]


def test_what_is_cancelled_or_superseded_holds_nothing() -> None:
    over = [control(status, 0, 60, status, op_mod_exp_lim_w=1) for status in (2, 3, 4)]
    assert make_timeline([program(1, 1, *over)]) == {}


def test_the_default_is_that_of_the_first_program_that_has_the_mode() -> None:
    found = make_timeline(
        [program(1, 1, set_grad_w=27), program(2, 2, op_mod_exp_lim_w=2), program(3, 3, **{EXPORT: 3})]
    )
    assert found == {EXPORT: [Segment(None, None, 2, 2)]}


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(0, 6), st.integers(0, 3)),
        max_size=8,
    ),
    st.booleans(),
)
def test_at_each_second_the_best_control_holds(made: list[tuple[int, int, int, int]], has_default: bool) -> None:
    programs = [
        program(
            primacy + 1,
            primacy,
            *(
                control(number, start, duration, created=created, op_mod_exp_lim_w=number)
                for number, (within, start, duration, created) in enumerate(made)
                if within == primacy
            ),
            **({EXPORT: -1} if has_default and primacy == 1 else {}),
        )
        for primacy in range(3)
    ]
    segments = make_timeline(programs).get(EXPORT, [])
    for second in range(-1, 20):
        running = [
            (-primacy, created, number)
            for number, (primacy, start, duration, created) in enumerate(made)
            if start <= second < start + duration
        ]
        expected = max(running)[2] if running else -1 if has_default else None
        found = [
            each.value
            for each in segments
            if (each.start is None or each.start <= second) and (each.stop is None or second < each.stop)
        ]
        assert found == ([] if expected is None else [expected])


def test_the_programs_of_a_utility_are_taken_as_they_are() -> None:
    with Utility(Settings(pre_registered=True), now=ManualClock(NOW)) as utility:
        site = new_lfdi()
        limits = utility.site_program(site)
        limits.default(op_mod_exp_lim_w=5000, set_grad_w=27)
        made = limits.control(duration=60, op_mod_exp_lim_w=1500, op_mod_energize=False)
        found = make_timeline(utility.list_programs(site))
        assert [(each.start, each.value) for each in found[EXPORT]] == [(None, 5000), (NOW, 1500), (NOW + 60, 5000)]
        assert found["op_mod_energize"] == [Segment(NOW, NOW + 60, False, limits.number, made.number)]
