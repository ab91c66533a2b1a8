"""Expressions: what they are worth, and what is not one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envoy.procedures.expressions import VARIABLES, ExpressionError, Kind, is_expression, parse_expression

VALUES = {"now": Decimal(1000), "setMaxW": Decimal(5000), "rtgMaxW": Decimal(6000), "randuri_1": "/abc"}


def value_of(text: str, parameter: str = "start") -> object:
    return parse_expression(text, parameter).evaluate(VALUES.__getitem__)


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("$now", 1000, Kind.TIME),
        ("$(now)", 1000, Kind.TIME),
        ("$(now + '5 minutes')", 1300, Kind.TIME),
        ("$(now - '1.5 hours')", 1000 - 5400, Kind.TIME),
        ("$('2 days')", 172800, Kind.DURATION),
        ("$('10 secs' * 3)", 30, Kind.DURATION),
        ("$(now - now)", 0, Kind.DURATION),
        ("$(setMaxW * 0.3)", 1500, Kind.NUMBER),
        ("$(-1.05 * setMaxW)", -5250, Kind.NUMBER),
        ("$(0 - setMaxW)", -5000, Kind.NUMBER),
        ("$(setMaxW / 4)", 1250, Kind.NUMBER),
        ("$(rtgMaxW - setMaxW)", 1000, Kind.NUMBER),
        ("$(setMaxW >= rtgMaxW)", False, Kind.TRUTH),
        ("$(setMaxW != rtgMaxW)", True, Kind.TRUTH),
        ("$(now < now)", False, Kind.TRUTH),
        ("$randuri_1", "/abc", Kind.TEXT),
        ("$(randuri_1 == randuri_1)", True, Kind.TRUTH),
    ],
)
def test_an_expression_has_a_value_and_a_kind(text: str, value: object, kind: Kind) -> None:
    assert is_expression(text)
    assert value_of(text) == value
    assert parse_expression(text, "start").kind is kind


@pytest.mark.parametrize(("text", "value"), [("$(this <= rtgMaxW)", True), ("$(this > 5000)", False)])
def test_this_is_the_variable_that_is_called_as_the_parameter(text: str, value: bool) -> None:
    assert value_of(text, "setMaxW") is value


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$()",
        "now",
        "at $now",
        "$(now",
        "$now + 1",
        "$(tomorrow)",
        "$(this > 0)",
        "$(now + 5)",
        "$(now * 2)",
        "$(5 / '1 minute')",
        "$(now == 5)",
        "$(1 < 2 < 3)",
        "$(-now)",
        "$(+1)",
        "$(True)",
        "$(1j)",
        "$(now + '5 fortnights')",
        "$(now + 'soon')",
        "$(setMaxW ** 2)",
        "$(setMaxW % 2)",
        "$(setMaxW in setMaxW)",
        "$(max(1))",
        "$(setMaxW > 0 and setMaxW > 1)",
        "$(__import__)",
        "$(" + "(" * 150 + "1" + ")" * 150 + ")",
        "$(" + "-" * 100_000 + "1)",
    ],
)
def test_what_is_not_an_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse_expression(text, "start")


def test_a_division_by_zero_is_an_error() -> None:
    with pytest.raises(ExpressionError):
        value_of("$(setMaxW / 0)")


def test_a_dollar_sign_may_be_escaped() -> None:
    assert not is_expression(r"it costs \$5")


@pytest.mark.parametrize(
    ("text", "needed"), [("$(now + '1 minute')", False), ("$(setMaxW * 2)", True), ("$randuri_1", False)]
)
def test_what_only_a_client_can_say_is_known_beforehand(text: str, needed: bool) -> None:
    assert parse_expression(text, "start").needs_a_client is needed


@given(st.text(st.sampled_from("nowsetMaxW+-*/<>='5 ()."), max_size=30))
def test_whatever_is_read_has_a_value_of_its_kind(body: str) -> None:
    try:
        expression = parse_expression(f"$({body})", "setMaxW")
        value = expression.evaluate(lambda name: VALUES.get(name, Decimal(1)))
    except ExpressionError:
        return
    expected = {Kind.TRUTH: bool, Kind.TEXT: str}.get(expression.kind, Decimal)
    assert type(value) is expected


def test_the_variables_are_the_quantities_of_the_standard_and_a_few_more() -> None:
    assert {"setMaxWh", "rtgMaxChargeRateW", "setMinPFOverExcited", "setMinWh", "maxImportW"} <= VARIABLES.keys()
    assert "setGradW" not in VARIABLES
