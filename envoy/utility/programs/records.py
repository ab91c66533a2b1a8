"""Programs and controls as the store has them, and the state of a control at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sep2 import EventCurrentStatus, EventStatus


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """A DERProgram.

    Attributes:
        number: Its number, which no other program has had or will have.
        fsa: Number of the function set assignment that it is in.
        name: Its name.
        mrid: Its mRID.
        primacy: Its primacy.
        for_all: Whether all sites see it.
        version: How often its default control was set.
    """

    number: int
    fsa: int
    name: str
    mrid: bytes
    primacy: int
    for_all: bool
    version: int


@dataclass(frozen=True, slots=True)
class StoredControl:
    """A DERControl. Times are in seconds since 1970.

    Attributes:
        number: Its number, which no other control has had or will have.
        program: Number of its program.
        mrid: Its mRID.
        creation: When it was created.
        start: When it starts.
        stop: When it ends, without randomization.
        earliest: When it starts at the earliest.
        latest: When it ends at the latest.
        for_all: Whether all sites of its program see it.
        cancelled: When it was cancelled, None if it was not.
        randomized: Whether it is cancelled with randomization.
        superseded: When it was superseded at the site that looks, None if it was not.
    """

    number: int
    program: int
    mrid: bytes
    creation: int
    start: int
    stop: int
    earliest: int
    latest: int
    for_all: bool
    cancelled: int | None
    randomized: bool
    superseded: int | None = None

    def status(self, now: int) -> EventStatus:
        """Return its EventStatus at a time."""
        superseded, cancelled = self.superseded, self.cancelled
        if superseded is not None and (cancelled is None or superseded <= cancelled):
            current, since = EventCurrentStatus.SUPERSEDED, superseded
        elif cancelled is not None:
            current, since = EventCurrentStatus.CANCELLED, cancelled
            if self.randomized:
                current = EventCurrentStatus.CANCELLED_WITH_RANDOMIZATION
        elif now >= self.earliest:
            current, since = EventCurrentStatus.ACTIVE, max(self.earliest, self.creation)
        else:
            current, since = EventCurrentStatus.SCHEDULED, self.creation
        return EventStatus(
            current_status=current,
            # The clock may have been put back since.
            date_time=min(since, now),
            potentially_superseded=superseded is not None,
            potentially_superseded_time=superseded,
        )

    def is_active(self, now: int) -> bool:
        """Whether its status is active."""
        return self.superseded is None and self.cancelled is None and self.earliest <= now < self.latest
