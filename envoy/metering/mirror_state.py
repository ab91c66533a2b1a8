"""State of the mirrors in a spool: their descriptions, where the server has them, and which channels it knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from envoy import documents
from envoy._sqlite import Database
from envoy.errors import ReadingsError
from envoy.metering.channel import Channel
from envoy.metering.mirror import Mirror
from sep2 import MirrorMeterReading, MirrorUsagePoint, ReadingType

_STORED_IN = "ieee-2018"

_WITH_READINGS = "EXISTS (SELECT 1 FROM reading WHERE mirror = ?1 AND channel = channel.mrid AND state = 0)"


@dataclass(frozen=True, slots=True)
class MirrorState:
    """What is known of one mirror.

    Attributes:
        mrid: Its mRID.
        name: Its name.
        server: The server that it was found on or made; empty if it was on none.
        href: Where it is there.
        post_rate: Seconds between posts that the server wants; None if it says nothing.
        last_post: When readings were posted last, in seconds since 1970; None if never.
        failures: How often the server has failed on its readings since it last accepted some.
        failing_since: When it first did, in seconds since 1970; None if it does not.
        declared: Whether the server knows it as it is described now, with all its channels.
    """

    mrid: bytes
    name: str
    server: str
    href: str
    post_rate: int | None
    last_post: int | None
    failures: int
    failing_since: int | None
    declared: bool


class MirrorStates:
    """The mirrors of a spool."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def describe(self, mirror: Mirror) -> None:
        """Take the description of a mirror, instead of an earlier one.

        Raises:
            ReadingsError: A channel has the mRID of one that meant something else, and that has readings waiting.
        """
        point = mirror.usage_point()
        channels, point.mirror_meter_reading = point.mirror_meter_reading, []
        document = documents.dumps(point, profile=_STORED_IN)
        with self._db.transaction():
            before = self._db.value("SELECT document FROM mirror WHERE mrid = ?", mirror.mrid)
            if before != document:
                statement = (
                    "INSERT INTO mirror (mrid, name, document) VALUES (?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET name = excluded.name, document = excluded.document"
                )
                self._db.execute(statement, mirror.mrid, mirror.name, document)
                self._db.execute("UPDATE channel SET declared = 0 WHERE mirror = ?", mirror.mrid)
            self._db.execute("UPDATE channel SET described = 0 WHERE mirror = ?", mirror.mrid)
            for channel, reading in zip(mirror.channels, channels, strict=True):
                self._describe_channel(mirror.mrid, channel.name, reading)

    def _describe_channel(self, mirror: bytes, name: str, reading: MirrorMeterReading) -> None:
        document = documents.dumps(reading, profile=_STORED_IN)
        select = f"SELECT document, {_WITH_READINGS} FROM channel WHERE mirror = ?1 AND mrid = ?2"  # noqa: S608
        before = self._db.rows(select, mirror, reading.mrid)
        if before and before[0][0] == document:
            self._db.execute("UPDATE channel SET described = 1 WHERE mirror = ? AND mrid = ?", mirror, reading.mrid)
            return
        if before and before[0][1] and self._meter_reading(before[0][0]).reading_type != reading.reading_type:
            raise ReadingsError(
                f"the channel {name} has the mRID of one with another ReadingType, of which readings are waiting",
                where=self._db.file,
                remedy="Give it another mRID, or leave the mRID out, which makes a new one for a new ReadingType.",
            )
        replace = "REPLACE INTO channel (mirror, mrid, name, document) VALUES (?, ?, ?, ?)"
        self._db.execute(replace, mirror, reading.mrid, name, document)

    def get(self, mrid: bytes) -> MirrorState:
        """Return what is known of a mirror that has been described."""
        undeclared = f"SELECT 1 FROM channel WHERE mirror = ?1 AND NOT declared AND (described OR {_WITH_READINGS})"  # noqa: S608
        state = "mrid, name, server, href, post_rate, last_post, failures, failing_since"
        row = self._db.rows(f"SELECT {state} FROM mirror WHERE mrid = ?", mrid)[0]  # noqa: S608
        return MirrorState(*(*row, not self._db.value(undeclared, mrid)))

    def mrids(self, *, with_readings: bool = False) -> list[bytes]:
        """Return the mRIDs of all mirrors, or of those that have readings waiting, the longest waiting first."""
        if with_readings:
            statement = "SELECT mirror FROM reading WHERE state = 0 GROUP BY mirror ORDER BY min(id)"
        else:
            statement = "SELECT mrid FROM mirror ORDER BY rowid"
        return [row[0] for row in self._db.rows(statement)]

    def usage_point(self, mrid: bytes) -> MirrorUsagePoint:
        """Return the message that makes a mirror: with the channels it has, and those that have readings waiting."""
        point = documents.loads(self._db.value("SELECT document FROM mirror WHERE mrid = ?", mrid), MirrorUsagePoint)
        select = f"SELECT document FROM channel WHERE mirror = ?1 AND (described OR {_WITH_READINGS}) ORDER BY rowid"  # noqa: S608
        point.mirror_meter_reading = [self._meter_reading(row[0]) for row in self._db.rows(select, mrid)]
        return point

    def channels(self, mrid: bytes) -> dict[bytes, MirrorMeterReading]:
        """Return all channels that a mirror has or had, by mRID, without readings."""
        rows = self._db.rows("SELECT mrid, document FROM channel WHERE mirror = ?", mrid)
        return {row[0]: self._meter_reading(row[1]) for row in rows}

    def all_channels(self) -> dict[tuple[bytes, bytes], Channel]:
        """Return the channels of all mirrors by the mRIDs of mirror and channel."""
        channels = {}
        for mirror, mrid, name, document in self._db.rows("SELECT mirror, mrid, name, document FROM channel"):
            reading_type = self._meter_reading(document).reading_type or ReadingType()
            channels[mirror, mrid] = Channel(name=name, reading_type=reading_type, mrid=mrid)
        return channels

    def set_place(self, mrid: bytes, server: str, href: str, post_rate: int | None, channels: Iterable[bytes]) -> None:
        """Note where the server has a mirror, and which channels it knows there.

        What it knew before counts only if it is the same place.
        """
        with self._db.transaction():
            known = self.get(mrid)
            if (known.server, known.href) != (server, href):
                self.clear_place(mrid)
            self._db.execute(
                "UPDATE mirror SET server = ?, href = ?, post_rate = ? WHERE mrid = ?", server, href, post_rate, mrid
            )
            for channel in channels:
                self._db.execute("UPDATE channel SET declared = 1 WHERE mirror = ? AND mrid = ?", mrid, channel)

    def clear_place(self, mrid: bytes) -> None:
        """Note that the server has a mirror no longer."""
        with self._db.transaction():
            self._db.execute("UPDATE mirror SET server = '', href = '', post_rate = NULL WHERE mrid = ?", mrid)
            self._db.execute("UPDATE channel SET declared = 0 WHERE mirror = ?", mrid)

    def note_post(self, mrid: bytes, now: int) -> None:
        """Note when readings were posted."""
        self._db.execute("UPDATE mirror SET last_post = ? WHERE mrid = ?", now, mrid)

    def note_success(self, mrid: bytes) -> None:
        """Note that the server accepts readings: what failed before counts no longer."""
        self._db.execute("UPDATE mirror SET failures = 0, failing_since = NULL WHERE mrid = ?", mrid)

    def note_failure(self, mrid: bytes, now: int, *, often: int, long: int) -> bool:
        """Note that the server failed on readings, and return whether it has failed often enough for long enough.

        If so, the count begins again.

        Args:
            mrid: mRID of the mirror.
            now: The time, in seconds since 1970.
            often: Failures without a success between them.
            long: Seconds since the first of them.
        """
        with self._db.transaction():
            known = self.get(mrid)
            # A clock that was set back would make the wait longer, by years if need be.
            since = now if known.failing_since is None else min(known.failing_since, now)
            enough = known.failures + 1 >= often and now - since >= long
            state = (0, None) if enough else (known.failures + 1, since)
            self._db.execute("UPDATE mirror SET failures = ?, failing_since = ? WHERE mrid = ?", *state, mrid)
        return enough

    @staticmethod
    def _meter_reading(document: bytes) -> MirrorMeterReading:
        return documents.loads(document, MirrorMeterReading)
