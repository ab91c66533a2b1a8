"""How far a run and its steps have come, and what can be set on a run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from envoy.procedures.procedure import Step


class Phase(StrEnum):
    """How far a run has come."""

    PREPARING = "preparing"
    RUNNING = "running"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Settings of a run.

    Attributes:
        patience: Seconds after which it fails when nothing happens that a step waits for; None for never.
        settle: Seconds that the criteria have to come true after the last step, and the last control.
        proceed_after: Seconds after which a step goes on that waits for people; None to wait for ``proceed``.
        pen: The IANA Private Enterprise Number of the client's maker, in its LFDIs and mRIDs; None if it is not known.
        aggregator: Whether the client is an aggregator, and the EndDevice of its own certificate none of its sites.
    """

    patience: float | None = 900
    settle: float = 60
    proceed_after: float | None = 30
    pen: int | None = None
    aggregator: bool = False


@dataclass(slots=True)
class Progress:
    """How far a step has come.

    Attributes:
        step: The step.
        enabled: When it was enabled last, None if it never was.
        done: When its event came last, None if it did not.
        removed: Whether it waits for nothing any more.
        detail: Why the event that came last did not count.
    """

    step: Step
    enabled: float | None = None
    done: float | None = None
    removed: bool = False
    detail: str = ""

    @property
    def waits(self) -> bool:
        """Whether it waits for its event."""
        return self.enabled is not None and not self.removed
