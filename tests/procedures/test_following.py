"""The published procedures with the package as the client: all that it sends is its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from envoy.procedures import read_procedure
from envoy.procedures.outcome import Verdict
from tests.procedures.test_published import HANDS, NAMES, OPTIONS, SUBSCRIBERS
from tests.support.followed import FollowingClient
from tests.support.rehearsals import rehearse

CLIENTS: dict[str, dict[str, Any]] = {
    "ALL-03-REJ": {"pin": 111115},
    "ALL-04": {"pin": 111115},
    "GEN-01": {"site_w": -4000, "output_w": 4000},
    "LOA-01": {"site_w": 4000, "output_w": -4000},
}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SUBSCRIBERS])
def test_the_package_passes_as_the_client(name: str, published: Path) -> None:
    options = {key: value for key, value in OPTIONS.get(name, {}).items() if key != "client"}
    procedure = read_procedure(published / f"{name}.yaml")
    client = partial(FollowingClient, **CLIENTS.get(name, {}))
    outcome = rehearse(procedure, client=client, hands=HANDS, **options)
    assert outcome.reason == ""
    assert outcome.passed
    assert {step.verdict for step in outcome.steps} <= {Verdict.PASSED, Verdict.IGNORED}


def test_the_last_default_is_followed_after_a_power_cycle_without_contact(published: Path) -> None:
    seen: list[dict[str, Any]] = []

    def cycle(client: FollowingClient) -> None:
        client.sites[0].restart()

    def look(client: FollowingClient) -> None:
        seen.append(client.sites[0].held)

    hands = {**HANDS, "Power cycle": cycle, "Click this button": look}
    outcome = rehearse(read_procedure(published / "ALL-30.yaml"), client=FollowingClient, hands=hands)
    assert outcome.passed
    assert seen == [{"op_mod_exp_lim_w": 1500, "op_mod_imp_lim_w": 1500}]


def test_nothing_is_sent_after_the_wrong_pin(published: Path) -> None:
    clients: list[FollowingClient] = []

    def make(*args: Any, **options: Any) -> FollowingClient:
        clients.append(FollowingClient(*args, pin=111115, **options))
        return clients[0]

    outcome = rehearse(read_procedure(published / "ALL-03-REJ.yaml"), client=make, hands=HANDS)
    assert outcome.passed
    (client,) = clients
    asked = [href for _, _, href in client.requests]
    assert asked[-1].endswith("/rg")
    assert client.clock() - client.requests[-1][0] >= 120
