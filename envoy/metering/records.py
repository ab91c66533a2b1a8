"""What a spool gives out: readings, batches of them, and how many are where."""

from __future__ import annotations

from dataclasses import dataclass

from envoy.metering.reading import Entry


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
class Kept:
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
class Taken:
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
