"""Orders that cannot be followed, whatever they hold."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.bindings.fields import fields_of
from envoy.errors import EnvoyError
from envoy.utility import ManualClock, Utility
from envoy.utility.orders.order import ORDERS
from sep2 import DefaultDERControl, DERControl, DERControlBase, DERCurve
from tests.support.utilities import new_lfdi


@pytest.mark.parametrize(
    ("order", "parts", "reason"),
    [
        ("dance", {}, "not an order"),
        ("program", {}, "has no name"),
        ("program", {"name": "a", "colour": 1}, "has no 'colour'"),
        ("program", {"name": 1}, "name"),
        ("program", {"name": " "}, "name of the program"),
        ("program", {"name": "a\x00"}, "name of the program"),
        ("program", {"name": "\ud800"}, "name of the program"),
        ("program", {"name": "a", "primacy": 256}, "primacy"),
        ("program", {"name": "a", "fsa": 0}, "fsa"),
        ("program", {"name": "a", "sites": ["nowhere"]}, "nowhere"),
        ("program", {"name": "a", "sites": ["/\ud800"]}, "no site"),
        ("poll-rates", {"rates": {"time": 1.5}}, "time is 1.5"),
        ("post-rates", {"rates": {"end_device": 1.5}}, "end_device is 1.5"),
        ("cancel", {"control": 1}, "no control 1"),
        ("cancel", {"control": 1 << 80}, "control"),
        ("default", {"program": 1, "values": {}}, "no program 1"),
        ("control", {"program": 1, "duration": 1, "values": {}}, "no program 1"),
        ("curve", {"program": 1, "values": {}}, "no program 1"),
    ],
)
def test_an_order_that_cannot_be_followed_says_why(order: str, parts: dict[str, Any], reason: str) -> None:
    with Utility() as utility, pytest.raises(EnvoyError, match=reason):
        utility.ask(order, **parts)


@pytest.mark.parametrize("values", [{"randomize_start": 3601}, {"randomize_duration": -3601}, {"reply_to": "/x"}])
def test_a_control_has_what_the_standard_allows_and_the_operator_decides(values: dict[str, Any]) -> None:
    with Utility() as utility, pytest.raises(EnvoyError, match=next(iter(values))):
        utility.program("export").control(duration=600, **values)


names = sorted(
    {field.name for cls in (DERControl, DERControlBase, DefaultDERControl, DERCurve) for field in fields_of(cls)}
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["all", "1", "00", "/edev/1"]),
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*names, "value", "multiplier", "href"]), inner, max_size=4)
    ),
    max_leaves=6,
)


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """Return an order that anybody may send: a known name, and mostly the values that it has, which may be anything."""
    order = ORDERS[draw(st.sampled_from(sorted(ORDERS)))]
    parts: dict[str, Any] = {}
    for name, kinds in order.kinds.items():
        if name not in order.defaults or draw(st.booleans()):
            usual = st.just(1) if int in kinds else json_values
            parts[name] = draw(st.one_of(usual, json_values))
    return order.name, parts


@given(st.lists(orders(), max_size=4))
def test_whatever_an_order_holds_it_is_followed_or_an_error(several: list[tuple[str, dict[str, Any]]]) -> None:
    with Utility(now=ManualClock(1_700_000_000)) as utility:
        utility.ask("register", lfdi="00" * 16 + "00032473")
        utility.program("export").control(duration=60, op_mod_connect=False)
        for name, parts in several:
            with contextlib.suppress(EnvoyError):
                json.dumps(utility.follow(name, parts))
        json.dumps(utility.list_programs())


def test_controls_that_are_over_are_listed_if_asked_for() -> None:
    with Utility(now=ManualClock(1_700_000_000)) as utility:
        site = new_lfdi()
        program = utility.site_program(site, 3)
        assert utility.site_program(site, 3).number == program.number
        assert utility.site_program("all", 3).number != program.number
        control = program.control(duration=60, op_mod_connect=False)
        utility.advance(100)
        for whose in (site, None):
            for since, expected in ((None, []), (utility.now() + 5, []), (utility.now() - 41, [control.number])):
                found = utility.list_programs(whose, since=since)
                assert [each["control"] for program in found for each in program["controls"]] == expected
