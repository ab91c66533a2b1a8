"""Faults: which requests suffer them, as texts say it and as chance has it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from envoy.errors import EnvoyError
from envoy.server.faults import (
    TRANSIENT,
    Action,
    Chance,
    Delay,
    Drop,
    ErrorResponse,
    Fault,
    Faults,
    Spoil,
    make_fault,
    parse_action,
    parse_fault,
)
from envoy.server.settings import ServerSettings

# As text


def test_a_fault_is_parsed() -> None:
    assert parse_fault("put */cp 500") == Fault("PUT", "*/cp", ErrorResponse(500), 1)
    assert parse_fault(" *  /edev/[12]  429  3 ") == Fault("*", "/edev/[12]", ErrorResponse(429), 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PUT /cp",
        "PUT /cp 500 1 1",
        "PUSH /cp 500",
        "PUT cp 500",
        "PUT /cp 200",
        "PUT /cp abc",
        "PUT /cp 500 0",
        "PUT /cp 500 many",
        "PUT /cp 503,retry-after=-1",
        "PUT /cp 307,location=/é",
        "PUT /cp delay=nan",
        "PUT /cp delay=-1",
    ],
)
def test_a_fault_that_cannot_be_parsed_is_explained(text: str, snapshot: SnapshotAssertion) -> None:
    with pytest.raises(EnvoyError) as caught:
        parse_fault(text)
    assert caught.value.remedy
    assert caught.value.what == snapshot


def test_a_chance_and_a_latency_are_numbers_that_can_be() -> None:
    for rate, actions in ((1.5, TRANSIENT), (-0.1, TRANSIENT), (0.5, ())):
        with pytest.raises(EnvoyError):
            Chance(rate, actions=actions)
    for seconds in (-1, float("nan"), float("inf")):
        with pytest.raises(EnvoyError):
            Faults(latency=seconds)


# Which requests


def test_faults_happen_in_their_order_each_to_one_request_that_matches() -> None:
    faults = Faults()
    for fault in ("GET /ed* 500", "* * 502", "* /tm 504 2"):
        faults.order(parse_fault(fault))
    paths = ("/tm", "/edev", "/tm", "/tm", "/tm", "/edev")
    assert [str(faults.next_for("GET", path, path)) for path in paths] == ["502", "500", "504", "504", "None", "None"]
    assert faults.happened == {"500": 1, "502": 1, "504": 2}


def test_a_fault_without_a_count_lasts_until_the_reset() -> None:
    faults = Faults()
    faults.order(make_fault("GET", "*", "500", None))
    assert {str(faults.next_for("GET", "/tm", "/tm")) for _ in range(5)} == {"500"}
    faults.reset()
    assert faults.next_for("GET", "/tm", "/tm") is None


def test_the_query_is_no_part_of_the_path_that_is_matched() -> None:
    faults = Faults([parse_fault("GET /edev 500")])
    assert faults.next_for("GET", "/edev", "/edev?s=0&l=1") == ErrorResponse(500)


# At random

ACTIONS = st.one_of(
    st.builds(ErrorResponse, st.integers(300, 599), st.none() | st.integers(0, 1 << 40)),
    st.builds(
        ErrorResponse, st.integers(300, 399), location=st.sampled_from(["", "/dcap", "https://other.example/a?b=c"])
    ),
    st.builds(Delay, st.floats(0, 1e9)),
    st.builds(Drop, st.booleans(), st.sampled_from(["reset", "eof"])),
    st.just(Spoil("truncate")),
    st.just(Spoil("garbage")),
)


@given(ACTIONS)
def test_an_action_is_read_as_it_is_written(action: Action) -> None:
    assert parse_action(str(action)) == action
    assert parse_fault(f"POST /edev* {action} 3") == Fault("POST", "/edev*", action, 3)
    assert parse_fault(f"POST /edev* {action} *") == Fault("POST", "/edev*", action, None)


HREFS = st.lists(st.sampled_from(["/dcap", "/tm", "/edev", "/edev/2"]), max_size=30)


@given(HREFS, st.randoms(use_true_random=False), st.integers())
def test_the_same_seed_picks_the_same_requests_in_whatever_order_they_come(
    hrefs: list[str], random: Any, seed: int
) -> None:
    def picked(order: list[str]) -> Counter[tuple[str, Action | None]]:
        faults = Faults(chance=Chance(0.5, seed))
        return Counter((href, faults.next_for("GET", href, href)) for href in order)

    shuffled = random.sample(hrefs, len(hrefs))
    assert picked(hrefs) == picked(shuffled)


@given(HREFS, st.integers())
def test_a_share_of_0_is_none_and_of_1_is_all(hrefs: list[str], seed: int) -> None:
    for rate in (0, 1):
        faults = Faults(chance=Chance(rate, seed))
        for href in hrefs:
            assert (faults.next_for("GET", href, href) is not None) == bool(rate)
        assert faults.happened.total() == rate * len(hrefs)


def test_a_share_is_a_share_and_each_kind_has_its_own() -> None:
    faults = Faults(chance=Chance(0.05, 1))
    for number in range(20_000):
        faults.next_for("GET", "/edev", f"/edev?s={number}")
    assert 900 < faults.happened.total() < 1100
    assert faults.happened.keys() == {str(action) for action in TRANSIENT}
    assert min(faults.happened.values()) > 150


def test_after_a_reset_everything_happens_again() -> None:
    faults = ServerSettings(faults=(parse_fault("GET /tm 500"),), disturb=0.5, latency=2).new_faults()
    first = [faults.next_for("GET", "/tm", "/tm") for _ in range(20)]
    faults.slow_down(0)
    faults.chance = Chance()
    faults.reset()
    assert faults.latency == 2
    assert [faults.next_for("GET", "/tm", "/tm") for _ in range(20)] == first
    assert first[0] == ErrorResponse(500)
