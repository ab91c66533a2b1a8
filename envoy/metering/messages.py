"""Message that carries a batch of readings.

The readings of each channel are one MirrorReadingSet, in the order of time. Its mRID is made of the channel's mRID and
of the times of its readings. So a batch that is sent again, since its response was lost, has the same mRIDs, and a
server that keeps one set for each mRID has the readings once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from envoy.metering.channel import digest
from envoy.metering.reading import Entry
from sep2 import DateTimeInterval, MirrorMeterReading, MirrorMeterReadingList, MirrorReadingSet

MAX_IN_SET = 0x10000
"""Most readings of one set: the number of each takes 16 bits."""


def build_message(
    entries: Sequence[Entry], channels: Mapping[bytes, MirrorMeterReading], *, now: int
) -> MirrorMeterReading | MirrorMeterReadingList:
    """Return the message for a batch: a MirrorMeterReading, or a list of them if there are several channels.

    Args:
        entries: The readings, of each channel and time no more than one.
        channels: The channels of the mirror by mRID, with their ReadingTypes, which the message leaves out.
        now: Time of sending, in seconds since 1970.
    """
    by_channel: dict[bytes, list[Entry]] = {}
    for entry in entries:
        by_channel.setdefault(entry.channel, []).append(entry)
    readings = []
    for mrid, own in by_channel.items():
        reading_type = channels[mrid].reading_type
        limit = min(
            MAX_IN_SET, (reading_type.max_number_of_intervals if reading_type is not None else None) or MAX_IN_SET
        )
        readings.append(
            MirrorMeterReading(
                mrid=mrid,
                description=channels[mrid].description,
                last_update_time=now,
                mirror_reading_set=list(_sets(mrid, sorted(own, key=lambda entry: entry.start), limit)),
            )
        )
    if len(readings) == 1:
        return readings[0]
    return MirrorMeterReadingList(all=len(readings), results=len(readings), mirror_meter_reading=readings)


def _sets(channel: bytes, entries: list[Entry], limit: int) -> Iterator[MirrorReadingSet]:
    for first in range(0, len(entries), limit):
        chosen = entries[first : first + limit]
        start = chosen[0].start
        end = max(entry.start + entry.duration for entry in chosen)
        times = ",".join(f"{entry.start}+{entry.duration}" for entry in chosen)
        yield MirrorReadingSet(
            mrid=digest(b"set", channel, times.encode()) + channel[-4:],
            time_period=DateTimeInterval(duration=min(end - start, 0xFFFF_FFFF), start=start),
            reading=[entry.reading(number) for number, entry in enumerate(chosen)],
        )
