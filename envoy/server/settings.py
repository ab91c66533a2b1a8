"""Settings of the server around the utility: faults, latency, TLS and the log."""

from __future__ import annotations

from dataclasses import dataclass

from envoy.errors import EnvoyError
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
        log_requests: Write a line to stderr for each request, and for each connection that is refused, fails or is
            given up.
        max_connections: Most connections at a time; a further one ends the one that has been idle longest, or is
            refused if none is idle.
        handshake_timeout: Seconds that a client has for the TLS handshake.
        head_timeout: Seconds for the head of a request, from its first octet on; for the first, from the handshake on.
        body_timeout: Seconds for the body of a request, and longest pause of a client that reads a response.

    Raises:
        EnvoyError: The share, the latency, a time or a number is not one.
    """

    faults: tuple[Fault, ...] = ()
    disturb: float = 0.0
    seed: int = 0
    latency: float = 0.0
    tls12_only: bool = True
    log_requests: bool = True
    max_connections: int = 1000
    handshake_timeout: float = 10.0
    head_timeout: float = 20.0
    body_timeout: float = 60.0

    def __post_init__(self) -> None:
        self.new_faults()
        for name in ("max_connections", "handshake_timeout", "head_timeout", "body_timeout"):
            if not getattr(self, name) > 0:
                raise EnvoyError(f"{name} is {getattr(self, name)}", remedy="Give more than 0.")

    def new_faults(self) -> Faults:
        """Return the injected faults, with none of it used up."""
        return Faults(self.faults, Chance(self.disturb, self.seed), self.latency)
