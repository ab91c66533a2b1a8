"""Results of a registration: the outcome of each step, and the findings in what the server sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import sep2
from envoy._text import printable, shorten
from envoy.errors import LONGEST_LINE, OperationError


class Outcome(StrEnum):
    """The outcome of a step of a registration."""

    READ = "read"
    CREATED = "created"
    WRITTEN = "written"
    FOUND = "already there"
    SKIPPED = "skipped"
    MISSING = "missing"
    DIFFERENT = "different"
    REFUSED = "refused"


_DEVIATIONS = frozenset({Outcome.MISSING, Outcome.DIFFERENT, Outcome.REFUSED})


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of one step.

    Attributes:
        step: Name of the step, such as ``end-device`` or ``der-capability``.
        outcome: Its outcome.
        href: The resource, empty if there is none.
        detail: The reason, or other details.
    """

    step: str
    outcome: Outcome
    href: str = ""
    detail: str = ""

    def __str__(self) -> str:
        parts = (f"{self.step:18} {self.outcome:13}", self.href, self.detail)
        return shorten(printable("  ".join(part for part in parts if part)), LONGEST_LINE)


@dataclass(slots=True)
class Registration:
    """The result of a registration, complete or not.

    Attributes:
        lfdi: LFDI of the site.
        href: Path of its EndDevice on the server; empty until it is known.
        steps: The result of each step, in order.
        findings: Descriptions of what the server sent that does not fit the protocol, or did not store as written.
        clock_offset: Server time minus local time in seconds; None if the server offers no time.
        programs: How many DERPrograms the server has assigned to the EndDevice; None if it does not say.
        ders: The DERs of the server that are those of the site, in the order of the site, with their links; empty if
            the server has none, or not all of them.
        components: The DERComponents of the server that are the parts of the site's DER, in the same way (2023).
    """

    lfdi: bytes
    href: str = ""
    steps: list[StepResult] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    clock_offset: int | None = None
    programs: int | None = None
    ders: list[sep2.DER] = field(default_factory=list)
    components: list[sep2.DERComponent] = field(default_factory=list)

    @property
    def changes(self) -> list[StepResult]:
        """The steps that created or wrote something on the server."""
        return [step for step in self.steps if step.outcome in (Outcome.CREATED, Outcome.WRITTEN)]

    @property
    def changed(self) -> bool:
        """Whether anything on the server was created or written."""
        return bool(self.changes)

    @property
    def deviations(self) -> list[StepResult]:
        """The steps that found something missing or different and left it as it was.

        ``writes=False`` does that; and a server may refuse what ``update=True`` writes.
        """
        return [step for step in self.steps if step.outcome in _DEVIATIONS]


class RegistrationError(OperationError):
    """A registration that stopped at a step.

    Attributes:
        step: The step that failed.
        registration: The results of the steps before. Running the registration again continues from there.
    """

    def __init__(self, what: str, *, step: str, registration: Registration, where: str = "", remedy: str = "") -> None:
        self.step = step
        self.registration = registration
        super().__init__(what, where=where, remedy=remedy)
