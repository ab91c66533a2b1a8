"""Spool: readings on disk, in order, until the server has acknowledged them.

A reading is in one of four states. It *waits*; it is *in a batch*, which was sent or is about to be; it *has been
posted*; or it is *set aside*, because the server refuses it. Each change is one transaction that is on the disk before
anything depends on it, so a program may end at any moment: a batch that was under way is sent again just as it was,
with the same mRIDs, so the server can see that it is the same.

Readings that have been posted are remembered for a while, so that giving them again (a CSV file that is posted again,
or has grown) does not post them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from envoy._sqlite import Closing, Database
from envoy.errors import SpoolError, SpoolFullError
from envoy.metering.mirror import Mirror
from envoy.metering.mirror_state import MirrorStates
from envoy.metering.reading import Entry, Sample, encode_samples
from envoy.metering.results import Batch, Counts, Intake, SpoolReading
from envoy.metering.spool_format import SPOOL_FORMAT

MAX_READINGS = 1_000_000
"""Readings that a spool holds unless told otherwise; each takes about 200 octets on disk."""

MIN_REMEMBERED = 100_000
"""Posted readings that are remembered, unless told otherwise, however few it holds."""

_WAITING, _POSTED, _SET_ASIDE = 0, 1, 2

_ENTRY = "channel, start, duration, value, quality"


class Spool(Closing):
    """A queue of readings in an SQLite file. Several programs and threads may use one at a time.

    Use it as a context manager, or call ``close``.

    Args:
        file: Its path, made if there is none; ``:memory:`` for a queue that ends with the program.
        max_readings: Most readings that it holds, waiting and set aside.
        when_full: ``refuse`` further readings, or ``drop-oldest`` of those that wait, which are counted.
        remembered: Posted readings that it remembers. If None, as many as it holds, so that any file that it had room
            for can be given again, and at least 100 000, so that a file may grow.

    Attributes:
        mirrors: How the mirrors are described, and where the server has them.

    Raises:
        SpoolError: The file cannot be used.
    """

    def __init__(
        self,
        file: str | Path,
        *,
        max_readings: int = MAX_READINGS,
        when_full: Literal["refuse", "drop-oldest"] = "refuse",
        remembered: int | None = None,
    ) -> None:
        remembered = max(max_readings, MIN_REMEMBERED) if remembered is None else remembered
        if max_readings < 1 or remembered < 0 or when_full not in ("refuse", "drop-oldest"):
            raise SpoolError(
                f"max_readings={max_readings}, remembered={remembered}, when_full={when_full!r} cannot be",
                remedy="max_readings is 1 or more, remembered 0 or more, when_full is refuse or drop-oldest.",
            )
        self.file = str(file)
        self._max = max_readings
        self._drop = when_full == "drop-oldest"
        self._remembered = remembered
        self._db = Database(file, SPOOL_FORMAT)
        self._intact = self._db.intact("reading")
        self.mirrors = MirrorStates(self._db)

    def put(self, mirror: Mirror, samples: Iterable[Sample]) -> Intake:
        """Take readings of one mirror: all, which are on the disk then, or none.

        One that says what the spool has already or has posted is not taken again; one that says something else of the
        same channel and time is, as a correction.

        Raises:
            ReadingsError: Some cannot be expressed in their channels; all of them are reported.
            SpoolFullError: There is no room.
            SpoolError: The file cannot be used.
        """
        return self.put_all([(mirror, samples)])

    def put_all(self, parts: Iterable[tuple[Mirror, Iterable[Sample]]]) -> Intake:
        """Take readings of several mirrors: all or none; see ``put``."""
        return self.put_entries(
            (mirror, entry) for mirror, samples in parts for entry in encode_samples(list(samples), mirror)
        )

    def put_entries(self, entries: Iterable[tuple[Mirror, Entry]]) -> Intake:
        """Take readings in the numbers of the wire, as ``put_all`` does. They may be many, and are read one by one.

        None is taken if ``entries`` raises an error in the middle.

        Raises:
            SpoolFullError: There is no room.
            SpoolError: The file cannot be used.
        """
        described: set[bytes] = set()
        new, known = 0, 0
        with self._db.transaction():
            for mirror, entry in entries:
                if mirror.mrid not in described:
                    self.mirrors.describe(mirror)
                    described.add(mirror.mrid)
                if self._put(mirror.mrid, entry):
                    new += 1
                else:
                    known += 1
            dropped = self._make_room(new) if new else 0
        return Intake(new, known, dropped)

    def _put(self, mirror: bytes, entry: Entry) -> bool:
        key = (mirror, entry.channel, entry.start, entry.duration)
        last = self._db.rows(
            "SELECT value, quality FROM reading WHERE mirror = ? AND channel = ? AND start = ? AND duration = ? "
            "ORDER BY id DESC LIMIT 1",
            *key,
        )
        if last == [(entry.value, entry.quality)]:
            return False
        insert = f"INSERT INTO reading (mirror, {_ENTRY}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608
        self._db.execute(insert, *key, entry.value, entry.quality)
        return True

    def _make_room(self, new: int) -> int:
        # Their numbers bound how many there are; counting takes longer the more there are.
        span = (
            "SELECT (SELECT max(id) FROM reading WHERE state = ?1) - (SELECT min(id) FROM reading WHERE state = ?1) + 1"
        )
        if sum(self._db.value(span, state) or 0 for state in (_WAITING, _SET_ASIDE)) <= self._max:
            return 0
        counts = self.counts()
        excess = counts.waiting + counts.set_aside - self._max
        if excess <= 0:
            return 0
        if self._drop:
            # Those in a batch may have reached the server, and have to be sent again as they were.
            dropped = self._db.execute(
                "DELETE FROM reading WHERE id IN "
                "(SELECT id FROM reading WHERE state = 0 AND batch IS NULL ORDER BY id LIMIT ?)",
                excess,
            )
            if dropped == excess:
                self._count("dropped", dropped)
                return dropped
        aside = f" {counts.set_aside} of them are set aside: see envoy spool." if counts.set_aside else ""
        raise SpoolFullError(
            f"the spool is full: it holds {counts.waiting + counts.set_aside - new} readings of at most {self._max}, "
            f"and {new} more were given",
            where=self.file,
            remedy=f"None of those given were taken. Post what is there first, or allow for more readings.{aside}",
        )

    def next_batch(self, mirror: bytes, limit: int, *, after: int = 0) -> Batch | None:
        """Return the readings of a mirror that are to be posted next; None if there are none.

        A batch that was made earlier and is neither acknowledged nor set aside comes first, and is what it was.

        Args:
            mirror: mRID of the mirror.
            limit: Most readings of a new batch.
            after: Number of a batch; it and those before it are passed over.
        """
        with self._db.transaction():
            number = self._db.value("SELECT min(batch) FROM reading WHERE mirror = ? AND batch > ?", mirror, after)
            if number is None and (number := self._make_batch(mirror, limit)) is None:
                return None
            held = f"{self._intact}, state, mirror, batch"
            select = f"SELECT id, {_ENTRY}, {held} FROM reading WHERE mirror = ? AND batch = ? ORDER BY id"  # noqa: S608
            rows = self._db.rows(select, mirror, number)
        ids = tuple(row[0] for row in rows)
        # An index that is damaged may lead to other rows, or to one of them twice.
        wrong = [row[0] for row in rows if row[6:] != (1, _WAITING, mirror, number)]
        if wrong or len({*ids}) < len(ids):
            raise self._db.damage(f"reading {', '.join(map(str, wrong or ids))}")
        return Batch(number, mirror, ids, tuple(Entry(*row[1:6]) for row in rows))

    def _make_batch(self, mirror: bytes, limit: int) -> int | None:
        rows = self._db.rows(
            "SELECT id, channel, start, duration FROM reading "
            "WHERE state = 0 AND mirror = ? AND batch IS NULL ORDER BY id LIMIT ?",
            mirror,
            limit,
        )
        ids: list[int] = []
        times = set()
        for number, *time in rows:
            # A correction goes into a batch of its own, after that of what it corrects.
            if tuple(time) in times:
                break
            times.add(tuple(time))
            ids.append(number)
        self._assign(ids)
        return ids[0] if ids else None

    def _assign(self, ids: Sequence[int]) -> None:
        # The number of a batch is that of its first reading, so batches are in order however they are split.
        self._db.execute_many("UPDATE reading SET batch = ? WHERE id = ?", [(ids[0], each) for each in ids])

    def acknowledge(self, batch: Batch) -> None:
        """Note that the server has a batch. Its readings leave the queue."""
        with self._db.transaction():
            done = self._end(batch, _POSTED)
            self._count("posted", done)
            self._db.execute(
                "DELETE FROM reading WHERE state = 1 AND id <= "
                "(SELECT id FROM reading WHERE state = 1 ORDER BY id DESC LIMIT 1 OFFSET ?)",
                self._remembered,
            )

    def split(self, batch: Batch) -> None:
        """Make two batches of one, which follow each other."""
        with self._db.transaction():
            self._assign(batch.ids[len(batch) // 2 :])

    def set_aside(self, batch: Batch, reason: str) -> None:
        """Take a batch out of the queue that the server refuses, and keep it with the reason."""
        with self._db.transaction():
            self._end(batch, _SET_ASIDE, reason)

    def _end(self, batch: Batch, state: int, reason: str = "") -> int:
        return self._db.execute(
            "UPDATE reading SET state = ?, reason = ?, batch = NULL WHERE mirror = ? AND batch = ?",
            *(state, reason, batch.mirror, batch.number),
        )

    def retry(self) -> int:
        """Put what was set aside back into the queue, where it was, and return how many readings that were.

        Those whose mirror or channel is not described any more, since the spool was damaged, stay where they are.
        """
        return self._db.execute(
            "UPDATE reading SET state = 0, reason = '' WHERE state = 2 AND mirror IN (SELECT mrid FROM mirror) "
            "AND (mirror, channel) IN (SELECT mirror, mrid FROM channel)"
        )

    def discard(self) -> int:
        """Throw away what was set aside, and return how many readings that were."""
        with self._db.transaction():
            discarded = self._db.execute("DELETE FROM reading WHERE state = 2")
            self._count("discarded", discarded)
        return discarded

    def waiting(self) -> Iterator[SpoolReading]:
        """Give the readings that are to be posted, in order."""
        return self._read_state(_WAITING)

    def aside(self) -> Iterator[SpoolReading]:
        """Give the readings that are set aside, in order."""
        return self._read_state(_SET_ASIDE)

    def _read_state(self, state: int) -> Iterator[SpoolReading]:
        last = 0
        select = f"SELECT id, mirror, reason, {_ENTRY} FROM reading WHERE state = ? AND id > ? ORDER BY id LIMIT 1000"  # noqa: S608
        while rows := self._db.rows(select, state, last):
            for number, mirror, reason, *entry in rows:
                yield SpoolReading(number, mirror, Entry(*entry), reason)
                last = number

    def counts(self, mirror: bytes | None = None) -> Counts:
        """Return how many readings are where; of one mirror, ``posted`` and the others that are gone are 0."""
        condition, parameters = ("", []) if mirror is None else (" AND mirror = ?", [mirror])
        held = [
            self._db.value(f"SELECT count(*) FROM reading WHERE state = ?{condition}", state, *parameters)  # noqa: S608
            for state in (_WAITING, _SET_ASIDE)
        ]
        totals = dict(self._db.rows("SELECT name, number FROM total")) if mirror is None else {}
        return Counts(*held, *(totals.get(name, 0) for name in ("posted", "dropped", "discarded")))

    def _count(self, name: str, number: int) -> None:
        statement = "INSERT INTO total VALUES (?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number"
        self._db.execute(statement, name, number)

    @contextmanager
    def posting(self) -> Iterator[None]:
        """Hold the right to post from this spool, which is verified first.

        Raises:
            SpoolError: Another program has it, or the file is damaged.
        """
        with self._db.hold("-posting", "another program is posting from this spool"):
            self._db.verify()
            yield

    def close(self) -> None:
        """Close the file."""
        self._db.close()
