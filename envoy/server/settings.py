"""Settings of the server around the utility: faults, latency, TLS and the log."""

from __future__ import annotations

from dataclasses import dataclass

from envoy.server.faults import Chance, Fault, Faults


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Settings of the server around the utility.

    Attributes:
        faults: Requests that get injected faults.
        disturb: Share of the other requests that go wrong too, picked at random, 0 to 1.
        seed: Another seed picks others.
        latency: Seconds that every request waits before it is processed.
        tls12_only: Speak TLS 1.2 and nothing newer: the standard asks for it, and its cipher suite exists only there.
        log_requests: Write a line to stderr for each request.

    Raises:
        EnvoyError: The share or the latency is not one.
    """

    faults: tuple[Fault, ...] = ()
    disturb: float = 0.0
    seed: int = 0
    latency: float = 0.0
    tls12_only: bool = True
    log_requests: bool = False

    def __post_init__(self) -> None:
        self.new_faults()

    def new_faults(self) -> Faults:
        """Return the injected faults, with none of it used up."""
        return Faults(self.faults, Chance(self.disturb, self.seed), self.latency)
