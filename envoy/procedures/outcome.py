"""What comes of a run: what happened and when, and the verdict on each step and criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from envoy.procedures.evidence import Exchange


class Verdict(StrEnum):
    """The verdict on a run, a step or a criterion."""

    PASSED = "passed"
    FAILED = "failed"
    IGNORED = "ignored"
    """A step that need not be done."""

    UNREACHED = "not reached"
    """A step that the client could not yet do when the run ended."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """What came of a step.

    Attributes:
        name: Its name.
        verdict: Whether it was done.
        enabled: When it was enabled, in seconds since 1970; None if it never was.
        done: When its event came last, None if it did not.
        detail: Why its event did not count, if one came.
        instructions: What only people can do or see of it.
    """

    name: str
    verdict: Verdict
    enabled: float | None
    done: float | None
    detail: str
    instructions: Sequence[str]


@dataclass(frozen=True, slots=True)
class CriterionOutcome:
    """What came of a criterion.

    Attributes:
        name: Type of the check.
        verdict: Whether it passes.
        detail: What was found.
    """

    name: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened in a run, beside the requests.

    Attributes:
        time: When, in seconds since 1970.
        what: In words.
    """

    time: float
    what: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        procedure: Name of the procedure.
        description: What it is about.
        profile: Name of the profile that the utility spoke.
        client: LFDI of the client's certificate, empty if none came.
        verdict: Whether the client passes.
        reason: Why not, or why the run ended.
        began: When the procedure was loaded, in seconds since 1970.
        started: When the run started; None if the preconditions never held.
        ended: When it ended.
        preconditions: What came of the preconditions.
        steps: What came of each step.
        criteria: What came of each criterion.
        instructions: What only people can do or see before the run.
        timeline: What happened, in order: the requests of the client, and what the procedure did.
    """

    procedure: str
    description: str
    profile: str
    client: bytes
    verdict: Verdict
    reason: str
    began: float
    started: float | None
    ended: float
    preconditions: Sequence[CriterionOutcome]
    steps: Sequence[StepOutcome]
    criteria: Sequence[CriterionOutcome]
    instructions: Sequence[str]
    timeline: Sequence[Exchange | Happening]

    @property
    def exchanges(self) -> list[Exchange]:
        """The requests of the client, in order."""
        return [each for each in self.timeline if isinstance(each, Exchange)]

    @property
    def passed(self) -> bool:
        """Whether the client passes."""
        return self.verdict is Verdict.PASSED
