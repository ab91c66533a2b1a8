"""Runs of the published procedures with all of the package as the client, and its verdict on each."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from envoy.procedures import read_procedure
from envoy.procedures.outcome import Outcome
from tests.procedures.sights import SIGHTS, is_load, look
from tests.support.der_client import MAX_W
from tests.support.powered import CONSUMING, GENERATING, PoweredClient
from tests.support.rehearsals import Hands, rehearse

LISTENERS = {
    *(f"ALL-{number}" for number in range(14, 18)),
    *(f"{group}-{number:02}" for group in ("GEN", "LOA") for number in range(5, 9)),
}
PRICES = {f"PRC-0{number}" for number in range(1, 6)}

NOT_RUN = {
    **dict.fromkeys(PRICES, "needs tariffs, which the client does not follow"),
}
"""Why a procedure is not run."""

SEEN = {
    "ALL-03-REJ": "it is silent for two minutes",
    "ALL-04": "it goes on for two minutes",
    "ALL-22": "the first control starts within its random time, and the others follow it without a gap",
}
"""What else an eye has to see, and is decided in another way."""

NOT_SEEN = {"MUL-03": "that a rating is changed on the spot, since it is read of the site file at the start"}
"""What an eye has to see that is not decided here."""

_STORING = replace(GENERATING, sun=0.0, charge=50.0)

CLIENTS: Mapping[str, Mapping[str, Any]] = {
    "ALL-03-REJ": {"pin": 111_115},
    "ALL-04": {"pin": 111_115},
    "ALL-25": {"period": 1.0},
    "ALL-25-EXT": {"period": 300.0},
    "ALL-28": {"period": 1.0, "gradient": 200},
    "ALL-26": {"period": 1.0},
    "ALL-27": {"period": 1.0},
    **{f"{group}-0{number}": {"period": 1.0} for group in ("GEN", "LOA") for number in range(1, 5)},
    **{f"MUL-0{number}": {"count": 2} for number in range(1, 4)},
    **{f"STO-0{number}": {"options": _STORING} for number in range(1, 7)},
    **{name: {"subscribes": True} for name in LISTENERS},
}
"""What is odd about the client of some."""

RUNS: Mapping[str, Mapping[str, Any]] = {
    "ALL-26": {"proceed_after": 450},
    "ALL-27": {"proceed_after": 450},
    "P-03": {"proceed_after": 240},
}
"""Seconds that people take to look."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a procedure.

    Attributes:
        name: Name of the procedure.
        outcome: What came of it, by the utility.
        wrong: What is wrong with what an eye sees.
    """

    name: str
    outcome: Outcome
    wrong: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The verdict, with what it rests on or what is wrong."""
        if not self.outcome.passed:
            return f"failed: {self.outcome.reason}"
        if self.wrong:
            return f"failed: {'; '.join(self.wrong)}"
        seen = len(SIGHTS.get(self.name, ()))
        also = [f"what flows is right at {seen} {'place' if seen == 1 else 'places'}"] if seen else []
        also += [SEEN[self.name]] if self.name in SEEN else []
        also += [f"not decided: {NOT_SEEN[self.name]}"] if self.name in NOT_SEEN else []
        return "; ".join(["passed", *also])


def run_procedure(name: str, folder: Path, settings: Mapping[str, Any] | None = None, **odd: Any) -> Run:
    """Run a procedure with the package as the client, perhaps with something odd about that.

    Args:
        name: Name of the procedure.
        folder: Where the procedures are.
        settings: Settings of the utility.
        odd: What is odd about the client.
    """
    clients: list[PoweredClient] = []

    def make(*args: Any, **options: Any) -> PoweredClient:
        usual = {"options": CONSUMING if is_load(name) else GENERATING}
        clients.append(PoweredClient(*args, **{**usual, **CLIENTS.get(name, {}), **odd, **options}))
        return clients[0]

    procedure = read_procedure(folder / f"{name}.yaml")
    sites = 2 if name == "P-01" else int(name in LISTENERS)
    outcome = rehearse(procedure, client=make, hands=HANDS, sites=sites, settings=settings, run=RUNS.get(name))
    return Run(name, outcome, tuple(look(name, outcome, clients[0])))


# Hands


def switch(which: slice = slice(None), **switches: Any) -> Callable[[PoweredClient, str], None]:
    """Return what people do to some DERs on the spot."""

    def act(client: PoweredClient, line: str) -> None:
        for der in client.site.ders[which]:
            der.switch(**switches)

    return act


def set_load(client: PoweredClient, line: str) -> None:
    """Set the test load as a line says: a share of the rating, now or at a time."""
    for when, share in re.findall(r"(?:At t=(\d+)s, s|S)et the load to consume (\d+)", line):
        for number, der in enumerate(client.site.ders):
            watts = float(share) / 100 * MAX_W if number == 0 else 0.0
            client.plan(float(when or 0), lambda der=der, watts=watts: der.switch(load_w=watts))  # type: ignore[misc]


def cycle_power(client: PoweredClient, line: str) -> None:
    """Cut the power of the client, and give it back some seconds later."""
    for site in client.sites:
        site.stop()
        client.plan(20, site.start)


HANDS: Hands = {
    "Disconnect all DER": switch(connected=False),
    "Reconnect all DER": switch(connected=True),
    "Stop DER from generating": switch(enabled=False),
    "Re-enable ability of DER": switch(enabled=True),
    "Power off one DER": switch(slice(1), connected=False),
    "Power off off remaining DER": switch(connected=False),
    "et the load to consume": set_load,
    "Power cycle": cycle_power,
}
