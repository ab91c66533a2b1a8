"""The published procedures with all of the package as the client: what it follows, reports and responds is its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from envoy.der.limits import Limits
from envoy.devices.simulated import SimulatedDER
from envoy.procedures.outcome import Verdict
from tests.procedures.running import LISTENERS, NOT_RUN, PRICES, run_procedure
from tests.procedures.sights import SIGHTS
from tests.procedures.test_published import NAMES
from tests.procedures.test_published import PRICES as PRICED

pytestmark = pytest.mark.unmeasured

RUN = [name for name in NAMES if name not in NOT_RUN]
LONG = {
    *(f"ALL-{name}" for name in ("12", "21", "23", "25-EXT", "26", "27", "28")),
    *(f"{group}-{number:02}" for group in ("GEN", "LOA") for number in (3, 4, 10, 11, 12)),
    *(f"{group}-0{number}" for group in ("GEN", "LOA") for number in (6, 7, 8)),
    *("DRD-01", "P-03", "STO-03", "STO-06"),
}
"""They take as long as five times all the others, which have the same steps. The session "procedures" runs all."""


def mark_long(name: str, *values: object) -> Any:
    return pytest.param(name, *values, marks=[pytest.mark.conformance] if name in LONG else [])


@pytest.mark.parametrize("name", [mark_long(name) for name in RUN])
def test_the_package_passes_as_the_client(name: str, published: Path) -> None:
    run = run_procedure(name, published)
    assert run.outcome.reason == ""
    assert run.outcome.passed
    assert {step.verdict for step in run.outcome.steps} <= {Verdict.PASSED, Verdict.IGNORED}
    assert run.wrong == ()


def test_all_others_have_a_reason_why_they_are_not_run() -> None:
    assert {*RUN, *PRICES} == {*NAMES, *PRICED}
    assert SIGHTS.keys() <= set(RUN)


# With subscriptions, to a utility that notifies as the standard has it, or as the reference server does


@pytest.mark.parametrize(
    ("name", "notifications"),
    [
        *((name, notifications) for name in ("P-01", "P-02") for notifications in ("whole", "changed")),
        *(mark_long(name, "changed") for name in sorted(LISTENERS)),
    ],
)
def test_the_package_passes_as_a_subscriber(name: str, notifications: str, published: Path) -> None:
    run = run_procedure(name, published, {"notifications": notifications}, subscribes=True)
    assert run.outcome.reason == ""
    assert run.outcome.passed
    assert run.wrong == ()


# DERs that do something wrongly


class Deaf(SimulatedDER):
    """It follows nothing, and says that it does."""

    def apply(self, limits: Limits) -> None:
        pass


class Sudden(SimulatedDER):
    """It knows no ramps but its own."""

    def apply(self, limits: Limits) -> None:
        export_w = limits.export_w and replace(limits.export_w, ramp_tms=None)
        super().apply(replace(limits, settings={}, export_w=export_w))


class Whole(SimulatedDER):
    """It takes a limit at the connection point for one of what it puts out."""

    def apply(self, limits: Limits) -> None:
        if limits.export_w is not None:
            limits = replace(limits, generation_w=min(limits.generation_w, limits.export_w))
        super().apply(limits)


WRONG = {
    Deaf: ("ALL-22", "ALL-23", "ALL-26", "ALL-30", "GEN-01", "GEN-02", "LOA-01", "LOA-04", "MUL-02", "STO-03"),
    Sudden: ("ALL-25", "ALL-28", "GEN-03"),
    Whole: ("GEN-13",),
}


@pytest.mark.parametrize(("name", "der"), [mark_long(name, der) for der, names in WRONG.items() for name in names])
def test_an_eye_sees_what_a_utility_cannot(name: str, der: type[SimulatedDER], published: Path) -> None:
    run = run_procedure(name, published, der=der)
    assert run.wrong or not run.outcome.passed
    assert run.verdict.startswith("failed: ")
