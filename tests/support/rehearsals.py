"""Rehearsals of procedures in this process, under a virtual clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from envoy.identity import site_lfdi
from envoy.procedures.outcome import Outcome
from envoy.procedures.procedure import Procedure
from envoy.procedures.progress import Phase, RunSettings
from envoy.procedures.rehearsal import Rehearsal
from envoy.procedures.vocabulary import VERSIONS
from envoy.utility import Settings
from envoy.utility.clock import ManualClock
from envoy.utility.notifications import Delivery
from tests.support.der_client import PEN, DERClient

NOW = 1_700_000_040.0
"""The start, on a full minute."""

CERTIFICATE = bytes.fromhex("AB" * 16 + f"{PEN:08d}")
"""The LFDI of the client's certificate."""

Hands = Mapping[str, Callable[[Any, str], None]]
"""What people do with the client when a line with these words is shown."""


class UnderTest(Protocol):
    """A client under test."""

    @property
    def next_due(self) -> float:
        """When it does something next."""

    def act(self) -> None:
        """Do what is due."""

    def notify(self, delivery: Delivery) -> int:
        """Take a notification, and return the status of the response."""


def rehearse(
    procedure: Procedure,
    *,
    client: Callable[..., UnderTest] = DERClient,
    sites: int = 0,
    hands: Hands | None = None,
    settings: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
) -> Outcome:
    """Run a procedure against a client to its end, and return what came of it.

    Args:
        procedure: The procedure.
        client: Makes the client.
        sites: How many sites an aggregator has; 0 for a device.
        hands: What people do.
        settings: Settings of the utility.
        run: Settings of the run.
    """
    clock = ManualClock(NOW)
    lines: list[str] = []
    versions = procedure.versions or ["v1.2"]
    profile = "csip-aus-1.2" if "v1.2" in versions else VERSIONS[versions[0]]
    with Rehearsal(
        procedure,
        Settings(profile, **(settings or {})),
        run_settings=RunSettings(**{"pen": PEN, "aggregator": bool(sites), **(run or {})}),
        notify=lines.append,
        now=clock,
    ) as rehearsal:
        lfdis = [site_lfdi(number, pen=PEN) for number in range(1, sites + 1)]
        under_test = client(rehearsal, clock, lfdi=CERTIFICATE, sites=lfdis or None)
        while rehearsal.run.phase is not Phase.FINISHED:
            dues = [under_test.next_due, rehearsal.run.next_due or under_test.next_due]
            clock.now = max(clock.now, min(dues))
            rehearsal.run.advance()
            for line in lines:
                for words, act in (hands or {}).items():
                    if words in line:
                        act(under_test, line)
            lines.clear()
            if under_test.next_due <= clock.now:
                under_test.act()
            for delivery in rehearsal.due_notifications():
                rehearsal.settle_notification(delivery.number, under_test.notify(delivery))
        return rehearsal.run.outcome


def write_procedure(folder: Path, text: str) -> Path:
    """Write a procedure to a file and return its path."""
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path
