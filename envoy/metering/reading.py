"""Reading: one measured value as programs have it, with a unit and a time zone, and as it is kept and posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from envoy.bindings.times import to_datetime, to_time
from envoy.errors import EnvoyError, ReadingsError
from envoy.metering.channel import Channel
from envoy.metering.mirror import Mirror
from sep2 import DateTimeInterval, Reading, ReadingQualityFlags

_LARGEST_DURATION = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured value.

    Attributes:
        channel: Name of the channel.
        start: When the interval begins, or the moment of the value; a datetime with a zone. Fractions of a second are
            dropped.
        value: The value in the unit of the channel; it is posted as near as the channel's multiplier allows.
        duration: Seconds that it covers; None for the interval of the channel.
        quality: How far to trust it; None to say nothing.
    """

    channel: str
    start: datetime
    value: float | Decimal
    duration: int | None = None
    quality: ReadingQualityFlags | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A reading as it is kept in a spool and posted: numbers as on the wire.

    Attributes:
        channel: mRID of the channel.
        start: Seconds since 1970.
        duration: Seconds.
        value: The value, to be scaled by the multiplier of the channel.
        quality: ReadingQualityFlags as a number; None if nothing is said.
    """

    channel: bytes
    start: int
    duration: int
    value: int
    quality: int | None = None

    def reading(self, number: int) -> Reading:
        """Return the Reading with a number within its set."""
        return Reading(
            local_id=number.to_bytes(2),
            quality_flags=None if self.quality is None else ReadingQualityFlags(self.quality),
            time_period=DateTimeInterval(duration=self.duration, start=self.start),
            value=self.value,
        )


def encode_sample(sample: Sample, mirror: Mirror) -> Entry:
    """Return a sample as it is kept and posted.

    Raises:
        ReadingsError: The mirror has no such channel, or the duration is not a UInt32.
        QuantityError: The value is not a number, or too large for the channel.
        EnvoyError: The start has no time zone, or is in UTC outside of the years 1 to 9999.
    """
    channel = mirror.channel(sample.channel)
    duration = channel.interval if sample.duration is None else sample.duration
    if not 0 <= duration <= _LARGEST_DURATION:
        raise ReadingsError(f"a duration of {duration} s", remedy=f"It is 0 to {_LARGEST_DURATION} seconds.")
    quality = None if sample.quality is None else int(sample.quality)
    if quality is not None and not 0 <= quality <= 0xFFFF:
        raise ReadingsError(f"quality {quality} does not fit in 16 bits", remedy="Combine ReadingQualityFlags.")
    start = to_time(sample.start)
    # What nobody could show again is not taken.
    to_datetime(start)
    return Entry(channel.mrid, start, duration, channel.encode(sample.value), quality)


def decode_entry(entry: Entry, channel: Channel) -> Sample:
    """Return what is kept or was posted as a sample again, its start in UTC.

    Raises:
        EnvoyError: The start is outside of the years 1 to 9999.
    """
    quality = None if entry.quality is None else ReadingQualityFlags(entry.quality)
    return Sample(channel.name, to_datetime(entry.start), channel.decode(entry.value), entry.duration, quality)


def encode_samples(samples: list[Sample], mirror: Mirror) -> list[Entry]:
    """Return samples as they are kept and posted.

    Raises:
        ReadingsError: Some cannot be; all of them are reported.
    """
    entries, errors = [], []
    for number, sample in enumerate(samples):
        try:
            entries.append(encode_sample(sample, mirror))
        except EnvoyError as error:
            errors.append(f"sample[{number}]: {error.what}. {error.remedy}".rstrip())
    if errors:
        raise ReadingsError("\n  ".join([f"{len(errors)} of {len(samples)} readings", *errors]), errors=errors)
    return entries
