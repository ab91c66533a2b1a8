"""Results of a spool and of posting: batches of readings, counts, and what was posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from envoy.bindings.times import to_datetime
from envoy.errors import EnvoyError, OperationError
from envoy.metering.reading import Entry
from envoy.protocol.results import Outcome


@dataclass(frozen=True, slots=True)
class Batch:
    """Readings of one mirror that are posted together.

    Attributes:
        number: Its number, which rises with time.
        mirror: mRID of the mirror.
        ids: Numbers of the readings, rising.
        entries: The readings.
    """

    number: int
    mirror: bytes
    ids: tuple[int, ...]
    entries: tuple[Entry, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class SpoolReading:
    """A reading of a spool.

    Attributes:
        number: Its number, which rises with time.
        mirror: mRID of the mirror.
        entry: The reading.
        reason: Why the server refuses it; empty if it is waiting.
    """

    number: int
    mirror: bytes
    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of readings that were given to a spool.

    Attributes:
        new: Readings that it has taken.
        known: Readings that it had already, or has posted; they were not taken again.
        dropped: Oldest readings that it gave up for them.
    """

    new: int
    known: int = 0
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many readings are where.

    Attributes:
        waiting: To be posted, those in a batch included.
        set_aside: Refused by the server.
        posted: Acknowledged by the server since the spool was made.
        dropped: Given up because the spool was full.
        discarded: Set aside, and then thrown away.
    """

    waiting: int
    set_aside: int
    posted: int
    dropped: int
    discarded: int


@dataclass(slots=True)
class Posted:
    """What posting did for one mirror.

    Attributes:
        mirror: mRID of the mirror.
        name: Its name.
        href: Where the server has it; empty if that is not known.
        outcome: Whether it was already there, was created, or was written again; SKIPPED if nothing was sent.
        readings: Readings that the server has acknowledged.
        requests: POSTs of readings that it acknowledged.
        set_aside: Readings that it refused, which the spool keeps with the reason.
        waiting: Readings that are still to be posted.
        due: When they may be posted, in seconds since 1970, if the server wants no post before; None otherwise.
        findings: What the server sent that does not fit the protocol.
        error: Why readings are still waiting; None if that is as it should be.
    """

    mirror: bytes
    name: str
    href: str = ""
    outcome: Outcome = Outcome.SKIPPED
    readings: int = 0
    requests: int = 0
    set_aside: int = 0
    waiting: int = 0
    due: int | None = None
    findings: list[str] = field(default_factory=list)
    error: EnvoyError | None = None

    @property
    def due_time(self) -> datetime | None:
        """When the waiting readings may be posted, in UTC; None if nothing but the next call is needed."""
        return None if self.due is None else to_datetime(self.due)

    def __str__(self) -> str:
        parts = [f"{self.name:18} {self.outcome:13}", self.href]
        said = [f"{self.readings} posted"] if self.readings or not self.waiting else []
        said += [f"{self.set_aside} set aside"] if self.set_aside else []
        said += [f"{self.waiting} waiting"] if self.waiting else []
        if self.due_time is not None:
            said.append(f"next post from {self.due_time:%Y-%m-%dT%H:%M:%SZ}")
        return "  ".join(part for part in [*parts, ", ".join(said)] if part)


class PostingError(OperationError):
    """Readings that could not be posted. They are in the spool, and posting again continues with them.

    Attributes:
        posted: What was done for each mirror before and besides.
    """

    def __init__(self, what: str, *, posted: Sequence[Posted], where: str = "", remedy: str = "") -> None:
        self.posted = list(posted)
        super().__init__(what, where=where, remedy=remedy)
