"""The published procedures: a client that follows the rules passes each that a utility can decide."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from envoy.procedures import read_procedure
from envoy.procedures.outcome import Verdict
from envoy.utility.notifications import Delivery
from tests.support.der_client import DERClient, Event, GoneError, Site
from tests.support.rehearsals import rehearse

PRICES = [f"PRC-0{number}" for number in range(1, 6)]
SUBSCRIBERS = [
    *(f"ALL-{number}" for number in range(14, 18)),
    *(f"{group}-{number:02}" for group in ("GEN", "LOA") for number in range(5, 9)),
]


def connect(connected: bool) -> Any:
    def act(client: DERClient, line: str) -> None:
        client.sites[0].connected = connected

    return act


def run(running: bool) -> Any:
    def act(client: DERClient, line: str) -> None:
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


class Early(DERClient):
    """It polls a second earlier than it has to, so that its last poll is before the end of a run."""

    def _rate(self, name: str, found: Any) -> int:
        return super()._rate(name, found) - 1


class Subscriber(DERClient):
    """It subscribes to all that it reads, and reads it again when it is notified."""

    def _discover(self) -> int | None:
        wait = super()._discover()
        if wait is None:
            self.due["subscriptions"] = self.clock() + 1
        return wait


OPTIONS: dict[str, dict[str, Any]] = {
    "GEN-01": {"client": partial(make_client, site_watts=-4000, device_watts=4000)},
    "LOA-01": {"client": partial(make_client, site_watts=4000, device_watts=-4000)},
    "P-01": {"sites": 2},
    **{name: {"client": Subscriber, "sites": 1} for name in SUBSCRIBERS},
    "PRC-03": {"client": Early},
}

NAMES = [
    *(f"ALL-{number:02}" for number in range(1, 31)),
    *("ALL-03-REJ", "ALL-25-EXT", "ALT-ALL-29", "ALT-LOA-13", "DRA-01", "DRA-02", "DRD-01", "DRG-01", "DRL-01"),
    *(f"{group}-{number:02}" for group in ("GEN", "LOA") for number in range(1, 14)),
    *(f"{group}-{number:02}" for group, last in (("MUL", 3), ("P", 6), ("STO", 6)) for number in range(1, last + 1)),
    "SDVN-01",
]


LONG = {"ALL-25-EXT", "LOA-10", "LOA-11", "LOA-12"}
"""They take longer than most, and are those of generators for loads, or one of days for one of minutes."""
MARKED = [pytest.param(name, marks=[pytest.mark.conformance] if name in LONG else []) for name in (*NAMES, *PRICES)]


@pytest.mark.parametrize("name", MARKED)
def test_a_client_that_follows_the_rules_passes(name: str, published: Path) -> None:
    outcome = rehearse(read_procedure(published / f"{name}.yaml"), hands=HANDS, **OPTIONS.get(name, {}))
    assert outcome.reason == ""
    assert outcome.passed
    assert {step.verdict for step in outcome.steps} <= {Verdict.PASSED, Verdict.IGNORED}


def test_these_are_all_that_were_published(published: Path) -> None:
    assert {path.stem for path in published.glob("*.yaml")} == {*NAMES, *PRICES}


# Clients that do something wrongly


class Slow(DERClient):
    """It polls every five minutes, whatever the utility asks for."""

    def _rate(self, name: str, found: Any) -> int:
        return 300


class Silent(DERClient):
    """It leaves responses of one status out."""

    left_out = 6

    def respond(self, event: Event, status: int) -> None:
        if status != self.left_out:
            super().respond(event, status)


class NeverStarting(Silent):
    left_out = 2


class Whole(DERClient):
    """It takes a control for superseded as soon as any of its modes is, or another is better."""

    def lost(self, event: Event, better: list[set[str]]) -> set[str]:
        return event.modes if better else set()


class Forgetful(DERClient):
    """It does not report the settings that change."""

    def _follow_gradient(self, site: Site) -> None:
        pass


class Aloof(DERClient):
    """It reports its status at the start, and never again."""

    def _ders(self) -> int:
        return 60

    def put_status(self, site: Site) -> None:
        if not self.events:
            super().put_status(site)


class Caching(DERClient):
    """It keeps programs whose assignment is gone."""

    def _forget(self, site: Site, program: str) -> None:
        pass

    def _read_program(self, site: Site, program: Any) -> None:
        super()._read_program(site, program)
        self.__dict__.setdefault("seen", {})[program.href] = site, int(program.primacy)

    def _programs(self) -> int:
        rate = super()._programs()
        known = {href for site in self.sites for hrefs in site.assignments.values() for href in hrefs}
        for href, (site, primacy) in self.__dict__.get("seen", {}).items():
            if href not in known:
                self.read_controls(site, href, primacy)
        return rate


class Hammering(DERClient):
    """It tries again at once when it is to wait."""

    def get(self, href: str, cls: type[Any]) -> Any:
        for _ in range(9):
            self.backoff.clear()
            found = super().get(href, cls)
            if found is not None:
                break
        return found


class Impatient(DERClient):
    """It does not wait as long as it is to."""

    def get(self, href: str, cls: type[Any]) -> Any:
        self.backoff.clear()
        return super().get(href, cls)


class Headstrong(DERClient):
    """It goes where it always went, and not where it is shown to."""

    def _find_entry(self) -> str:
        return "/dcap"


class Undecided(DERClient):
    """It takes the first version that there is."""

    def _find_entry(self) -> str:
        response = self.request("GET", "/.well-known/csipaus")
        versions = json.loads(response.content)["supportedSchemaVersions"]
        return next(iter(versions.values()))["dcap"][0]


class Steady(DERClient):
    """It posts readings as often as at the start."""

    def _mirrors(self) -> int:
        rate = super()._mirrors()
        self.mirrors = dict.fromkeys(self.mirrors, 60)
        return rate


class Lazy(DERClient):
    """It posts readings every half hour."""

    def _readings(self) -> int:
        super()._readings()
        return 1800


class Forgetting(DERClient):
    """It reads the rates of a tariff again with every price."""

    def _learn_price(self, price: Any) -> None:
        super()._learn_price(price)
        for _ in range(5):
            self.read_rates(next(iter(self.tariffs.values())))


class Refusing(Subscriber):
    """It does not take notifications."""

    def notify(self, delivery: Delivery) -> int:
        return 404


class Alone(DERClient):
    """It subscribes to nothing."""


class Careless(DERClient):
    """It does not see that a price is cancelled."""

    def respond_to_price(self, price: Any, status: int) -> None:
        if status != 6:
            super().respond_to_price(price, status)


class Unregistered(DERClient):
    """It registers nothing."""

    def _register(self, site: Site) -> None:
        raise GoneError


@pytest.mark.parametrize(
    ("name", "client"),
    [
        ("ALL-02", Unregistered),
        ("ALL-06", Lazy),
        ("ALL-10", Lazy),
        ("ALL-11", Aloof),
        ("ALL-12", Aloof),
        ("ALL-13", Forgetful),
        ("ALL-18", Silent),
        ("ALL-18", NeverStarting),
        ("ALL-19", Slow),
        ("ALL-20", Slow),
        ("ALL-21", NeverStarting),
        ("GEN-10", Whole),
        ("LOA-10", Whole),
        ("GEN-11", NeverStarting),
        ("P-01", NeverStarting),
        ("P-02", Caching),
        ("P-03", Silent),
        ("P-04", Caching),
        ("P-05", Hammering),
        ("P-06", Impatient),
        ("ALL-14", Refusing),
        ("ALL-15", Alone),
        ("GEN-05", Refusing),
        ("PRC-01", Forgetting),
        ("PRC-04", Careless),
        ("SDVN-01", Headstrong),
        ("SDVN-01", Undecided),
    ],
)
def test_a_client_that_does_it_wrongly_fails(
    name: str, client: type[DERClient], published: Path, snapshot: SnapshotAssertion
) -> None:
    outcome = rehearse(
        read_procedure(published / f"{name}.yaml"), hands=HANDS, **{**OPTIONS.get(name, {}), "client": client}
    )
    assert outcome.verdict is Verdict.FAILED
    assert outcome.reason
    failed = [each for each in (*outcome.steps, *outcome.criteria) if each.verdict is Verdict.FAILED]
    assert [each.name for each in failed] == snapshot
