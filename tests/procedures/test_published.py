"""The published procedures: a client that follows the rules passes each that a utility can decide."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from envoy.errors import ProcedureError
from envoy.procedures import read_procedure
from envoy.procedures.outcome import Verdict
from tests.support.der_client import DERClient
from tests.support.rehearsals import rehearse


def connect(connected: bool) -> Any:
    def act(client: DERClient) -> None:
        client.sites[0].connected = connected

    return act


def run(running: bool) -> Any:
    def act(client: DERClient) -> None:
        client.sites[0].running = running

    return act


HANDS = {
    "Disconnect all DER": connect(False),
    "Reconnect all DER": connect(True),
    "Stop DER from generating": run(False),
    "Re-enable ability of DER": run(True),
    "Power off off remaining DER": connect(False),
}


def make_client(*args: Any, site_watts: int = 1000, device_watts: int = 1000, **options: Any) -> DERClient:
    client = DERClient(*args, **options)
    client.site_watts, client.device_watts = site_watts, device_watts
    return client


OPTIONS: dict[str, dict[str, Any]] = {
    "GEN-01": {"client": partial(make_client, site_watts=-4000, device_watts=4000)},
    "LOA-01": {"client": partial(make_client, site_watts=4000, device_watts=-4000)},
    "P-01": {"sites": 2},
    **{name: {"sites": 1} for name in ("ALL-02", "ALL-03", "ALL-05", "ALL-09", "DRA-01", "SDVN-01")},
}

PRICES = [f"PRC-0{number}" for number in range(1, 6)]
SUBSCRIBERS = [
    *(f"ALL-{number}" for number in range(14, 18)),
    *(f"{group}-{number:02}" for group in ("GEN", "LOA") for number in range(5, 9)),
]
NAMES = [
    *(f"ALL-{number:02}" for number in range(1, 31)),
    *("ALL-03-REJ", "ALL-25-EXT", "ALT-ALL-29", "ALT-LOA-13", "DRA-01", "DRA-02", "DRD-01", "DRG-01", "DRL-01"),
    *(f"{group}-{number:02}" for group in ("GEN", "LOA") for number in range(1, 14)),
    *(f"{group}-{number:02}" for group, last in (("MUL", 3), ("P", 6), ("STO", 6)) for number in range(1, last + 1)),
    "SDVN-01",
]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SUBSCRIBERS])
def test_a_client_that_follows_the_rules_passes(name: str, published: Path) -> None:
    outcome = rehearse(read_procedure(published / f"{name}.yaml"), hands=HANDS, **OPTIONS.get(name, {}))
    assert outcome.reason == ""
    assert outcome.passed
    assert {step.verdict for step in outcome.steps} <= {Verdict.PASSED, Verdict.IGNORED}


@pytest.mark.parametrize("name", [*PRICES, *SUBSCRIBERS])
def test_what_needs_more_than_the_utility_has_is_refused_before_anything_runs(name: str, published: Path) -> None:
    with pytest.raises(ProcedureError, match="which this utility does not have"):
        rehearse(read_procedure(published / f"{name}.yaml"))


def test_these_are_all_that_were_published(published: Path) -> None:
    assert {path.stem for path in published.glob("*.yaml")} == {*NAMES, *PRICES}
